#include "passes.h"

#include <llvm-c/Error.h>
#include <llvm-c/Transforms/PassBuilder.h>

// No pass here infers function attributes: to LLVM a function that only loads is free of effects,
// and a call of it whose result is unused could go, with the trap it may raise. None recognises
// loop idioms either; see "no-builtins" in lower.c. And none takes a store away because a later one
// overwrites it, or moves one out of a branch or a loop (see set_llvm_options in target.c): an
// access between them may trap.
#define COMBINE WA_INSTCOMBINE ","

// Unrolls what wa_unroll_again asks for, and nothing else.
#define UNROLL_AGAIN                                                                               \
  "loop-unroll<full-unroll-max=0;no-partial;no-peeling;no-runtime;no-upperbound>,"

// indvars comes after the vectoriser: it widens counters that end at 2^32, which instcombine then
// compares in a way whose trip count nobody finds.
//
// What runs before loops are made ready for the vectoriser (streams.c), and after it.
struct pipeline {
  const char *first, *second;
};

static const struct pipeline pipelines[] = {
    // -O0: locals in registers, nothing else
    {NULL, NULL},
    // -O1: quick to run
    {"function(early-cse<memssa>,simplifycfg," COMBINE "simplifycfg)", NULL},
    // -O2: what -O3 does but unrolling, unswitching and the second round of the scalar passes
    {"function(early-cse<memssa>,simplifycfg," COMBINE "jump-threading,correlated-propagation,"
     "simplifycfg,reassociate,loop-mssa(loop-instsimplify,loop-simplifycfg,licm,loop-rotate,licm),"
     "simplifycfg," COMBINE "loop(loop-deletion,loop-unroll-full),gvn,sccp,bdce," COMBINE
     "adce,simplifycfg)",
     "function(loop(indvars)," COMBINE "simplifycfg,vector-combine," COMBINE UNROLL_AGAIN
     "loop-mssa(licm),div-rem-pairs,simplifycfg<no-keep-loops>)"},
    // -O3
    {"function(early-cse<memssa>," COMBINE "jump-threading,correlated-propagation,simplifycfg,"
     "reassociate,loop-mssa(loop-instsimplify,loop-simplifycfg,licm,loop-rotate,licm,"
     "simple-loop-unswitch<nontrivial>),simplifycfg," COMBINE "loop(loop-deletion,"
     "loop-unroll-full),gvn,bdce," COMBINE "jump-threading,correlated-propagation,"
     "adce,loop-mssa(licm),simplifycfg,loop(loop-rotate))",
     "function(loop(indvars),simplifycfg<switch-to-lookup;switch-range-to-icmp;"
     "hoist-common-insts;sink-common-insts>,vector-combine," COMBINE "loop-unroll,loop-mssa(licm),"
     "loop-sink,instsimplify,div-rem-pairs,simplifycfg<no-keep-loops>)"},
};

static bool run(struct wa_lower *lower, LLVMTargetMachineRef machine, const char *passes,
                bool verify, struct wa_error *err) {
  LLVMPassBuilderOptionsRef options = LLVMCreatePassBuilderOptions();
  LLVMPassBuilderOptionsSetVerifyEach(options, verify);
  LLVMPassBuilderOptionsSetLoopVectorization(options, true);
  LLVMErrorRef failure = LLVMRunPasses(lower->ir, passes, machine, options);
  LLVMDisposePassBuilderOptions(options);
  if (!failure)
    return true;
  char *message = LLVMGetErrorMessage(failure);
  wa_fail(err, WA_ERROR_SYSTEM, WA_NO_OFFSET, "LLVM's optimiser: %s", message);
  LLVMDisposeErrorMessage(message);
  return false;
}

// Loads are still volatile in here. At -O0 they stay so: instruction selection, too, finds out what
// does not matter.
static bool optimize_around_loads(struct wa_lower *lower, LLVMTargetMachineRef machine, bool verify,
                                  struct wa_error *err) {
  if (!run(lower, machine, "function(early-cse,sccp,simplifycfg," WA_INSTSIMPLIFY ")", verify, err))
    return false;
  for (LLVMValueRef function = LLVMGetFirstFunction(lower->ir); function;
       function = LLVMGetNextFunction(function)) {
    wa_keep_waits(lower, function);
    wa_test_exchanges(lower, function);
    wa_finish_loads(function);
    wa_anchor_addresses(lower, function);
  }
  return true;
}

static bool distribute_dispatch(struct wa_lower *lower, LLVMTargetMachineRef machine, bool verify,
                                struct wa_error *err) {
  bool changed = false;
  for (LLVMValueRef function = LLVMGetFirstFunction(lower->ir); function;
       function = LLVMGetNextFunction(function))
    if (wa_distribute_dispatch(lower, function)) {
      wa_debug_forget(lower, function);
      changed = true;
    }
  return !changed || run(lower, machine, "function(mem2reg,early-cse,simplifycfg)", verify, err);
}

bool wa_optimize(struct wa_lower *lower, LLVMTargetMachineRef machine, int opt_level, bool verify,
                 struct wa_error *err) {
  if (!run(lower, machine, verify ? "verify,function(mem2reg)" : "function(mem2reg)", verify, err))
    return false;
  for (LLVMValueRef function = LLVMGetFirstFunction(lower->ir); function;
       function = LLVMGetNextFunction(function))
    wa_finish_floats(lower, function);
  if (opt_level == 0)
    return true;
  const struct pipeline *pipeline = &pipelines[opt_level];
  if (!optimize_around_loads(lower, machine, verify, err) ||
      !run(lower, machine, pipeline->first, verify, err))
    return false;
  if (pipeline->second) {
    for (LLVMValueRef function = LLVMGetFirstFunction(lower->ir); function;
         function = LLVMGetNextFunction(function)) {
      wa_forward_halves(lower, function);
      if (wa_widen_loops(lower, function))
        wa_debug_forget(lower, function);
      wa_keep_widths(lower, function, true);
      wa_reroll_loops(lower, function);
      wa_separate_streams(lower, function);
    }
    if (!run(lower, machine, "function(loop-vectorize)", verify, err))
      return false;
    for (LLVMValueRef function = LLVMGetFirstFunction(lower->ir); function;
         function = LLVMGetNextFunction(function)) {
      wa_unroll_again(lower, function);
      wa_guard_vector_loops(lower, function);
      wa_join_walks(lower, function);
    }
    if (!run(lower, machine, pipeline->second, verify, err))
      return false;
  }
  if (!distribute_dispatch(lower, machine, verify, err))
    return false;
  for (LLVMValueRef function = LLVMGetFirstFunction(lower->ir); function;
       function = LLVMGetNextFunction(function)) {
    wa_keep_widths(lower, function, false);
    wa_split_steps(lower, function);
    wa_order_blocks(lower, function);
  }
  return true;
}

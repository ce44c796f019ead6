#include "compiler/passes.h"

#include "compiler/lower/debug.h"
#include "compiler/opt/opt.h"
#include "compiler/repair/repair.h"

#include <stdio.h>
#include <string.h>

#include <llvm-c/Error.h>
#include <llvm-c/Transforms/PassBuilder.h>

// No pass here infers function attributes: to LLVM a function that only loads is free of effects,
// and a call of it whose result is unused could go, with the trap it may raise. None recognises
// loop idioms either; see "no-builtins" in ir/ir.c. And none takes a store away because a later one
// overwrites it, or moves one out of a branch or a loop (see set_llvm_options in target.c): an
// access between them may trap.
#define COMBINE WA_INSTCOMBINE ","

// -O1: quick to run. With adce in the end, because phis that nothing but each other needs would go
// in the code generator, with the loads in between, which "check-loads" would not see.
#define SCALAR_1 "function(early-cse<memssa>,simplifycfg," COMBINE "early-cse,simplifycfg,adce)"

// -O2: what -O3 does but unrolling, unswitching and the second round of the scalar passes. Each
// part ends with what moves loads, and the next one begins with what deletes stores: instcombine,
// when a store is overwritten and nothing between needs it. What was moved is looked at in between
// ("check-loads"), while the stores are there that it was moved over.
#define EARLY_2                                                                                    \
  "function(early-cse<memssa>,simplifycfg," COMBINE "jump-threading,correlated-propagation,"       \
  "simplifycfg,reassociate,loop-mssa(loop-instsimplify,loop-simplifycfg,licm,loop-rotate,licm))"

#define SCALAR_23 "function(simplifycfg," COMBINE "loop(loop-deletion,loop-unroll-full),gvn)"

#define CLEAN_2 "function(sccp,bdce," COMBINE "adce,simplifycfg)"

#define EARLY_3                                                                                    \
  "function(early-cse<memssa>," COMBINE "jump-threading,correlated-propagation,simplifycfg,"       \
  "reassociate,loop-mssa(loop-instsimplify,loop-simplifycfg,licm,loop-rotate,licm,"                \
  "simple-loop-unswitch<nontrivial>))"

#define CLEAN_3                                                                                    \
  "function(bdce," COMBINE "jump-threading,correlated-propagation,adce,loop-mssa(licm),"           \
  "simplifycfg,loop(loop-rotate))"

// indvars comes after the vectoriser: it widens counters that end at 2^32, which instcombine then
// compares in a way whose trip count nobody finds.
// What unrolling has merged is simplified once more, as the code generator would: where a load's
// value cancels out, "check-loads" sees it.
#define LATE_2                                                                                     \
  "function(loop(indvars)," COMBINE "simplifycfg,vector-combine," COMBINE                          \
  "early-cse,loop-mssa(licm),div-rem-pairs,simplifycfg<no-keep-loops>)"

#define LATE_3                                                                                     \
  "function(loop(indvars),simplifycfg<switch-to-lookup;switch-range-to-icmp;"                      \
  "hoist-common-insts;sink-common-insts>,vector-combine," COMBINE                                  \
  "loop-unroll,early-cse,loop-mssa(licm),loop-sink,instsimplify,div-rem-pairs,"                    \
  "simplifycfg<no-keep-loops>)"

#define SSA "function(mem2reg)"
#define SIMPLIFY_0 "function(early-cse,simplifycfg)"
#define SIMPLIFY "function(early-cse,sccp,simplifycfg," WA_INSTSIMPLIFY ")"
#define LOOP_FORM "function(loop-simplify,lcssa)"
#define VECTORIZE "function(loop-vectorize)"

enum { O1 = 1 << 1, O2 = 1 << 2, O3 = 1 << 3 };
enum { O0 = 1 << 0, FROM_O2 = O2 | O3, FROM_O1 = O1 | FROM_O2, ANY = O0 | FROM_O1 };

// A row of the pipeline: LLVM's passes, one of ours over the module or each function, or none of
// them for what lowering does.
struct pass {
  const char *name;
  unsigned levels;
  bool optional; // only makes code faster: --passes=-NAME leaves it out
  const char *llvm;
  void (*all)(struct wa_ir *ir);
  void (*each)(struct wa_ir *ir, LLVMValueRef function);
  // The same, for one that says whether it changed the function's control flow.
  bool (*restructure)(struct wa_ir *ir, LLVMValueRef function);
};

static void keep_vector_widths(struct wa_ir *ir, LLVMValueRef function) {
  wa_keep_widths(ir, function, true);
}

static void keep_widths(struct wa_ir *ir, LLVMValueRef function) {
  wa_keep_widths(ir, function, false);
}

// Every pass in the order in which they run, and why it stands where it does. Loads are volatile
// until "loads"; at -O0 they stay so: instruction selection, too, finds out what does not matter.
static const struct pass pipeline[] = {
    // Done by lower/inline.c.
    {"inline", FROM_O1, .optional = true},
    // Values instead of locals in memory: every row below needs them.
    {"ssa", ANY, .llvm = SSA},
    // In front of all that folds.
    {"floats", ANY, .each = wa_repair_floats},
    // Generating code for what is left takes nearly as much less as this takes; volatile loads
    // stay.
    {"simplify", O0, .llvm = SIMPLIFY_0},
    // So that "loads" finds out what does not matter; volatile loads stay.
    {"simplify", FROM_O1, .llvm = SIMPLIFY},
    // In front of all that moves loads.
    {"waits", FROM_O1, .each = wa_keep_waits},
    // From here on loads are merged, moved and deleted.
    {"loads", FROM_O1, .all = wa_release_loads},
    {"mark-loads", FROM_O1, .all = wa_mark_loads},
    // While addresses are the sums that the guest computes.
    {"anchor", FROM_O1, .optional = true, .each = wa_anchor_addresses},
    // What LLVM does for scalars and loops, by level.
    {"scalar-early", O2, .llvm = EARLY_2},
    {"scalar-early", O3, .llvm = EARLY_3},
    {"check-loads", FROM_O2, .all = wa_check_loads},
    {"mark-loads", FROM_O2, .all = wa_mark_loads},
    {"scalar", O1, .llvm = SCALAR_1},
    {"scalar", FROM_O2, .llvm = SCALAR_23},
    {"check-loads", FROM_O2, .all = wa_check_loads},
    {"mark-loads", FROM_O2, .all = wa_mark_loads},
    {"scalar-clean", O2, .llvm = CLEAN_2},
    {"scalar-clean", O3, .llvm = CLEAN_3},
    // In front of the vectoriser, which takes no marks.
    {"check-loads", FROM_O2, .all = wa_check_loads},
    // When expressions have the form that instcombine gives them.
    {"idioms", FROM_O2, .optional = true, .each = wa_rewrite_idioms},
    // The guest's own vectors, before the vectoriser adds loops of its own.
    {"widen", FROM_O2, .optional = true, .restructure = wa_widen_loops},
    // The guest's vectors, before there are those of the vectoriser.
    {"vector-widths", FROM_O2, .each = keep_vector_widths},
    // What "versions" takes for granted of loops.
    {"loop-form", FROM_O2, .llvm = LOOP_FORM},
    // While loops have the preheaders that it needs.
    {"search", FROM_O2, .optional = true, .restructure = wa_search_vectors},
    // Which loops the vectoriser may have, and what they do where it must not.
    {"versions", FROM_O2, .each = wa_version_loops},
    // Versions that are made vectors of only so; what is not is taken back by "settle-versions".
    {"roll", FROM_O2, .optional = true, .each = wa_roll_loops},
    // When loops are simple; "late" would hide trip counts.
    {"vectorize", FROM_O2, .optional = true, .llvm = VECTORIZE},
    // While it can be told which loops are the vectoriser's.
    {"settle-versions", FROM_O2, .all = wa_settle_versions},
    // What the vectoriser leaves to clean up.
    {"mark-loads", FROM_O2, .all = wa_mark_loads},
    {"late", O2, .llvm = LATE_2},
    {"late", O3, .llvm = LATE_3},
    // Behind all that deletes loads.
    {"check-loads", FROM_O1, .all = wa_check_loads},
    // The records have served.
    {"forget-loads", FROM_O1, .all = wa_forget_loads},
    // For instruction selection, which comes next: it loads and stores no less than is said.
    {"widths", FROM_O1, .each = keep_widths},
    {"stores", FROM_O1, .each = wa_order_accesses},
    {"load-order", FROM_O1, .each = wa_order_loads},
    // Behind all that asks what an access is.
    {"pack", FROM_O2, .optional = true, .each = wa_pack_sums},
    {"prefetch", FROM_O2, .optional = true, .each = wa_prefetch_gathered},
    // LLVM's passes would put back what it takes away.
    {"dispatch", FROM_O2, .optional = true, .each = wa_spread_dispatch},
    // In front of instruction selection, and behind what knows induction variables.
    {"promote", FROM_O2, .optional = true, .each = wa_promote_addresses},
};

enum { PASS_COUNT = sizeof pipeline / sizeof pipeline[0] };
_Static_assert(PASS_COUNT <= 64, "struct wa_pass_switches has a bit for each");

static bool run(struct wa_ir *ir, LLVMTargetMachineRef machine, const char *passes, bool verify,
                struct wa_error *err) {
  LLVMPassBuilderOptionsRef options = LLVMCreatePassBuilderOptions();
  LLVMPassBuilderOptionsSetVerifyEach(options, verify);
  LLVMPassBuilderOptionsSetLoopVectorization(options, true);
  LLVMErrorRef failure = LLVMRunPasses(ir->llvm, passes, machine, options);
  LLVMDisposePassBuilderOptions(options);
  if (!failure) {
    return true;
  }
  char *message = LLVMGetErrorMessage(failure);
  wa_fail(err, WA_ERROR_SYSTEM, WA_NO_OFFSET, "LLVM's optimiser: %s", message);
  LLVMDisposeErrorMessage(message);
  return false;
}

static void run_ours(struct wa_ir *ir, const struct pass *pass) {
  if (pass->all) {
    pass->all(ir);
    return;
  }
  for (LLVMValueRef function = LLVMGetFirstFunction(ir->llvm); function;
       function = LLVMGetNextFunction(function)) {
    if (pass->each) {
      pass->each(ir, function);
    } else if (pass->restructure(ir, function)) {
      wa_debug_forget(ir, function);
    }
  }
}

bool wa_optimize(struct wa_ir *ir, LLVMTargetMachineRef machine, int opt_level,
                 const struct wa_pass_switches *switches, const struct wa_compile_budget *budget,
                 bool verify, struct wa_error *err) {
  if (verify && !run(ir, machine, "verify", verify, err)) {
    return false;
  }
  for (unsigned i = 0; i < PASS_COUNT; i++) {
    const struct pass *pass = &pipeline[i];
    if (!(pass->levels & 1u << opt_level)) {
      continue;
    }
    bool skipped = switches->off >> i & 1;
    if (!skipped && pass->llvm && !run(ir, machine, pass->llvm, verify, err)) {
      return false;
    }
    if (!skipped && (pass->all || pass->each || pass->restructure)) {
      run_ours(ir, pass);
    }
    if (!wa_compile_budget_check(budget, err)) {
      return false;
    }
    if (switches->last >> i & 1) {
      return true;
    }
  }
  return true;
}

// ---- Switches ----

static bool is_named(const struct pass *pass, const char *name, size_t size) {
  return strlen(pass->name) == size && memcmp(pass->name, name, size) == 0;
}

static bool is_repeated(unsigned row) {
  unsigned i = 0;
  while (strcmp(pipeline[i].name, pipeline[row].name) != 0) {
    i++;
  }
  return i < row;
}

// The names of the passes, or of those that can be left out, with commas between.
static void list_names(bool optional, char *text, size_t size) {
  size_t used = 0;
  text[0] = 0;
  for (unsigned i = 0; i < PASS_COUNT; i++) {
    if (used < size && !is_repeated(i) && (!optional || pipeline[i].optional)) {
      used +=
          (size_t)snprintf(text + used, size - used, "%s%s", used ? ", " : "", pipeline[i].name);
    }
  }
}

static bool unknown(const char *option, const char *name, size_t size, bool optional,
                    struct wa_error *err) {
  char names[400];
  list_names(optional, names, sizeof names);
  return wa_fail(err, WA_ERROR_USAGE, WA_NO_OFFSET, "%s: no pass '%.*s'%s; there are %s", option,
                 (int)size, name, optional ? " that can be left out" : "", names);
}

static uint64_t optional_passes(void) {
  uint64_t bits = 0;
  for (unsigned i = 0; i < PASS_COUNT; i++) {
    bits |= (uint64_t)pipeline[i].optional << i;
  }
  return bits;
}

// Leaves out one "-NAME", or with "-all" whatever is optional.
static bool leave_out(const char *item, size_t size, uint64_t *off, struct wa_error *err) {
  if (size < 2 || item[0] != '-') {
    return wa_fail(err, WA_ERROR_USAGE, WA_NO_OFFSET,
                   "--passes: '%.*s' is not '-' and the name of a pass to leave out", (int)size,
                   item);
  }
  if (size == 4 && memcmp(item, "-all", 4) == 0) {
    *off |= optional_passes();
    return true;
  }
  uint64_t found = 0;
  for (unsigned i = 0; i < PASS_COUNT; i++) {
    if (pipeline[i].optional && is_named(&pipeline[i], item + 1, size - 1)) {
      found |= 1ull << i;
    }
  }
  *off |= found;
  return found || unknown("--passes", item + 1, size - 1, true, err);
}

// Leaves out each "-NAME" of a list with commas between.
static bool leave_out_list(const char *list, uint64_t *off, struct wa_error *err) {
  while (*list) {
    size_t size = strcspn(list, ",");
    if (!leave_out(list, size, off, err)) {
      return false;
    }
    list += size + (list[size] == ',');
  }
  return true;
}

bool wa_pass_switches_init(struct wa_pass_switches *switches, const char *left_out,
                           const char *last, struct wa_error *err) {
  *switches = (struct wa_pass_switches){0};
  // What this build never does (CMakeLists.txt), so that every test can be run without it.
  if (!leave_out_list(WASMAOT_PASSES, &switches->off, err) ||
      (left_out && !leave_out_list(left_out, &switches->off, err))) {
    return false;
  }
  for (unsigned i = 0; last && i < PASS_COUNT; i++) {
    if (is_named(&pipeline[i], last, strlen(last))) {
      switches->last |= 1ull << i;
    }
  }
  return !last || switches->last || unknown("--print-after", last, strlen(last), false, err);
}

bool wa_pass_switches_has(const struct wa_pass_switches *switches, const char *name) {
  unsigned i = 0;
  while (!is_named(&pipeline[i], name, strlen(name))) {
    i++;
  }
  return !(switches->off >> i & 1);
}

void wa_pass_switches_leave_out(struct wa_pass_switches *switches, const char *name) {
  for (unsigned i = 0; i < PASS_COUNT; i++) {
    if (is_named(&pipeline[i], name, strlen(name))) {
      switches->off |= 1ull << i;
    }
  }
}

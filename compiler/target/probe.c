// Whether this LLVM does what it is told by the options that the semantics rest on (target.c).
//
// They are options of its command line, without a promise: a later LLVM may take one and do nothing
// by it. So a few functions are compiled that show their effects: the optimiser's in IR, those of
// the code generator in x86-64's assembly. An LLVM without that target is asked for the first
// alone.
#include "compiler/target/probe.h"

#include <string.h>

#include <llvm-c/Core.h>
#include <llvm-c/Error.h>
#include <llvm-c/IRReader.h>
#include <llvm-c/TargetMachine.h>
#include <llvm-c/Transforms/PassBuilder.h>

// An option, the name of what shows its effect, and the text that is there by it.
struct effect {
  const char *option, *text;
};

// A store in a loop that another access can end.
static const char loop_ir[] = "define void @f(ptr noalias %p, ptr noalias %q, i64 %n) {\n"
                              "entry:\n"
                              "  br label %loop\n"
                              "loop:\n"
                              "  %i = phi i64 [ 0, %entry ], [ %next, %loop ]\n"
                              "  %x = load i32, ptr %p\n"
                              "  %a = getelementptr i32, ptr %q, i64 %i\n"
                              "  %y = load i32, ptr %a\n"
                              "  %s = add i32 %x, %y\n"
                              "  store i32 %s, ptr %p\n"
                              "  %next = add i64 %i, 1\n"
                              "  %more = icmp ne i64 %next, %n\n"
                              "  br i1 %more, label %loop, label %exit\n"
                              "exit:\n"
                              "  ret void\n"
                              "}\n";

static const struct effect loop_effects[] = {
    {"-disable-licm-promotion", "store i32 %s, ptr %p"},
};

#ifdef WASMAOT_LLVM_X86
// Two bytes side by side; one byte of four that changes, and one that is put in; a load that only
// one side needs.
static const char access_ir[] = "define void @two(ptr %p) {\n"
                                "  %q = getelementptr i8, ptr %p, i64 1\n"
                                "  store i8 1, ptr %p, align 1\n"
                                "  store i8 2, ptr %q, align 1\n"
                                "  ret void\n"
                                "}\n"
                                "define void @change(ptr %p) {\n"
                                "  %x = load i32, ptr %p, align 1\n"
                                "  %y = xor i32 %x, 65280\n"
                                "  store i32 %y, ptr %p, align 1\n"
                                "  ret void\n"
                                "}\n"
                                "define void @put(ptr %p, i8 %b) {\n"
                                "  %x = load i32, ptr %p, align 1\n"
                                "  %y = and i32 %x, -256\n"
                                "  %z = zext i8 %b to i32\n"
                                "  %w = or i32 %y, %z\n"
                                "  store i32 %w, ptr %p, align 1\n"
                                "  ret void\n"
                                "}\n"
                                "define i32 @side(ptr %p, i32 %a, i32 %b) {\n"
                                "  %x = load i32, ptr %p, align 1\n"
                                "  %c = icmp ult i32 %a, %b\n"
                                "  %y = select i1 %c, i32 %x, i32 %b\n"
                                "  ret i32 %y\n"
                                "}\n";

static const struct effect access_effects[] = {
    {"-combiner-store-merging=false", "\tmovb\t$2"},
    {"-combiner-reduce-load-op-store-width=false", "\txorl\t"},
    {"-combiner-shrink-load-replace-store-with-store=false", "\torl\t"},
    {"-x86-cmov-converter=false", "\tcmov"},
};
#endif

// The IR is ours: LLVM can read it.
static LLVMModuleRef read_ir(LLVMContextRef context, const char *ir) {
  LLVMMemoryBufferRef buffer = LLVMCreateMemoryBufferWithMemoryRangeCopy(ir, strlen(ir), "probe");
  LLVMModuleRef module = NULL;
  char *message = NULL;
  if (LLVMParseIRInContext(context, buffer, &module, &message)) {
    LLVMDisposeMessage(message);
    return NULL;
  }
  return module;
}

static bool check(const struct effect *effects, size_t count, const char *text, size_t size,
                  struct wa_error *err) {
  for (size_t i = 0; i < count; i++) {
    if (!memmem(text, size, effects[i].text, strlen(effects[i].text))) {
      return wa_fail(err, WA_ERROR_UNSUPPORTED, WA_NO_OFFSET,
                     "this LLVM does nothing by its option %s, without which accesses to memory "
                     "would be lost; build with another version of LLVM",
                     effects[i].option);
    }
  }
  return true;
}

static bool probe_optimiser(LLVMModuleRef module, struct wa_error *err) {
  LLVMPassBuilderOptionsRef options = LLVMCreatePassBuilderOptions();
  LLVMErrorRef failure = LLVMRunPasses(module, "function(loop-mssa(licm))", NULL, options);
  LLVMDisposePassBuilderOptions(options);
  LLVMConsumeError(failure);
  char *text = LLVMPrintModuleToString(module);
  bool done =
      check(loop_effects, sizeof loop_effects / sizeof loop_effects[0], text, strlen(text), err);
  LLVMDisposeMessage(text);
  return done;
}

#ifdef WASMAOT_LLVM_X86
static bool probe_generator(LLVMModuleRef module, struct wa_error *err) {
  static const char triple[] = "x86_64-unknown-linux-gnu";
  LLVMTargetRef target;
  LLVMMemoryBufferRef buffer = NULL;
  char *message = NULL;
  if (LLVMGetTargetFromTriple(triple, &target, &message)) {
    LLVMDisposeMessage(message);
    return wa_fail(err, WA_ERROR_UNSUPPORTED, WA_NO_OFFSET, "LLVM has no %s", triple);
  }
  LLVMTargetMachineRef machine = LLVMCreateTargetMachine(
      target, triple, "x86-64", "", LLVMCodeGenLevelDefault, LLVMRelocPIC, LLVMCodeModelSmall);
  if (LLVMTargetMachineEmitToMemoryBuffer(machine, module, LLVMAssemblyFile, &message, &buffer)) {
    wa_fail(err, WA_ERROR_SYSTEM, WA_NO_OFFSET, "LLVM cannot compile: %s", message);
    LLVMDisposeMessage(message);
    LLVMDisposeTargetMachine(machine);
    return false;
  }
  bool done = check(access_effects, sizeof access_effects / sizeof access_effects[0],
                    LLVMGetBufferStart(buffer), LLVMGetBufferSize(buffer), err);
  LLVMDisposeMemoryBuffer(buffer);
  LLVMDisposeTargetMachine(machine);
  return done;
}
#endif

static bool probe(LLVMContextRef context, const char *ir,
                  bool (*shows)(LLVMModuleRef module, struct wa_error *err), struct wa_error *err) {
  LLVMModuleRef module = read_ir(context, ir);
  if (!module) {
    return wa_fail(err, WA_ERROR_UNSUPPORTED, WA_NO_OFFSET,
                   "this LLVM does not read IR; build with another version of LLVM");
  }
  bool done = shows(module, err);
  LLVMDisposeModule(module);
  return done;
}

bool wa_probe_llvm(struct wa_error *err) {
  LLVMContextRef context = LLVMContextCreate();
  bool done = probe(context, loop_ir, probe_optimiser, err);
#ifdef WASMAOT_LLVM_X86
  done = done && probe(context, access_ir, probe_generator, err);
#endif
  LLVMContextDispose(context);
  return done;
}

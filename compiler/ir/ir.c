#include "compiler/ir/ir.h"

#include <elf.h>
#include <llvm-c/DebugInfo.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const intrinsic_names[WA_INTRINSIC_COUNT] = {
#define INTRINSIC(id, name) [WA_INTRINSIC_##id] = (name),
#include "compiler/ir/intrinsics.def"
#undef INTRINSIC
};

// ---- Setting up a module of LLVM's ----

static void init_types(struct wa_ir *ir) {
  LLVMContextRef c = ir->context;
  ir->i1 = LLVMInt1TypeInContext(c);
  ir->i8 = LLVMInt8TypeInContext(c);
  ir->i16 = LLVMInt16TypeInContext(c);
  ir->i32 = LLVMInt32TypeInContext(c);
  ir->i64 = LLVMInt64TypeInContext(c);
  ir->f32 = LLVMFloatTypeInContext(c);
  ir->f64 = LLVMDoubleTypeInContext(c);
  ir->v128 = LLVMVectorType(ir->i8, 16);
  ir->ptr = LLVMPointerTypeInContext(c, 0);
  ir->void_type = LLVMVoidTypeInContext(c);
}

static LLVMTypeRef function_type(LLVMTypeRef result, unsigned count, ...) {
  LLVMTypeRef params[8];
  va_list args;
  va_start(args, count);
  for (unsigned i = 0; i < count; i++) {
    params[i] = va_arg(args, LLVMTypeRef);
  }
  va_end(args);
  return LLVMFunctionType(result, params, count, false);
}

// The signatures of struct wa_builtins, in its order.
static void init_builtins(struct wa_ir *ir) {
  LLVMTypeRef p = ir->ptr, w = ir->i32, d = ir->i64, v = ir->void_type;
  LLVMTypeRef *t = ir->builtin_types;
  t[WA_BUILTIN_MEMORY_GROW] = function_type(d, 3, p, w, d);
  t[WA_BUILTIN_MEMORY_COPY] = function_type(w, 6, p, w, w, d, d, d);
  t[WA_BUILTIN_MEMORY_FILL] = function_type(w, 5, p, w, d, w, d);
  t[WA_BUILTIN_MEMORY_INIT] = function_type(w, 6, p, w, w, d, w, w);
  t[WA_BUILTIN_DATA_DROP] = function_type(v, 2, p, w);
  t[WA_BUILTIN_TABLE_GROW] = function_type(d, 4, p, w, p, d);
  t[WA_BUILTIN_TABLE_FILL] = function_type(w, 5, p, w, d, p, d);
  t[WA_BUILTIN_TABLE_COPY] = function_type(w, 6, p, w, w, d, d, d);
  t[WA_BUILTIN_TABLE_INIT] = function_type(w, 6, p, w, w, d, w, w);
  t[WA_BUILTIN_ELEM_DROP] = function_type(v, 2, p, w);
  t[WA_BUILTIN_ATOMIC_WAIT32] = function_type(w, 5, p, w, d, w, d);
  t[WA_BUILTIN_ATOMIC_WAIT64] = function_type(w, 5, p, w, d, d, d);
  t[WA_BUILTIN_ATOMIC_NOTIFY] = function_type(w, 4, p, w, d, w);
  t[WA_BUILTIN_EXCEPTION_NEW] = function_type(p, 3, p, p, d);
  t[WA_BUILTIN_EXCEPTION_THROW] = function_type(v, 2, p, p);
  t[WA_BUILTIN_EXCEPTION_SETTLE] = function_type(v, 3, p, p, w);
  t[WA_BUILTIN_TYPE_MATCHES] = function_type(w, 3, p, d, d);
}

static LLVMMetadataRef node(struct wa_ir *ir, LLVMMetadataRef *operands, size_t count) {
  return LLVMMDNodeInContext2(ir->context, operands, count);
}

// How many times likelier a hinted branch goes one way: as __builtin_expect has it.
enum { LIKELY = 2000 };

static LLVMValueRef branch_weights(struct wa_ir *ir, uint32_t taken, uint32_t not_taken) {
  LLVMMetadataRef operands[] = {
      LLVMMDStringInContext2(ir->context, "branch_weights", 14),
      LLVMValueAsMetadata(wa_ir_const_i32(ir, taken)),
      LLVMValueAsMetadata(wa_ir_const_i32(ir, not_taken)),
  };
  return LLVMMetadataAsValue(ir->context, LLVMMDNodeInContext2(ir->context, operands, 3));
}

// What loop metadata is: a node whose first operand is itself.
static LLVMValueRef vectoriser_off(struct wa_ir *ir) {
  LLVMMetadataRef off[] = {LLVMMDStringInContext2(ir->context, "llvm.loop.vectorize.enable", 26),
                           LLVMValueAsMetadata(LLVMConstNull(ir->i1))};
  LLVMMetadataRef self = LLVMTemporaryMDNode(ir->context, NULL, 0);
  LLVMMetadataRef loop = node(ir, (LLVMMetadataRef[]){self, node(ir, off, 2)}, 2);
  LLVMMetadataReplaceAllUsesWith(self, loop);
  return LLVMMetadataAsValue(ir->context, loop);
}

// A flat type tree: one leaf per alias class, none overlapping another.
static void init_tbaa(struct wa_ir *ir) {
  static const char *const names[WA_ALIAS_COUNT] = {
      [WA_ALIAS_CONTEXT] = "context",
      [WA_ALIAS_MEMORY] = "memory",
      [WA_ALIAS_GLOBAL] = "global",
      [WA_ALIAS_TABLE] = "table",
  };
  LLVMMetadataRef root_name = LLVMMDStringInContext2(ir->context, "wasmaot", 7);
  LLVMMetadataRef root = node(ir, &root_name, 1);
  LLVMMetadataRef zero = LLVMValueAsMetadata(LLVMConstInt(ir->i64, 0, false));
  for (int i = 0; i < WA_ALIAS_COUNT; i++) {
    LLVMMetadataRef name = LLVMMDStringInContext2(ir->context, names[i], strlen(names[i]));
    LLVMMetadataRef leaf = node(ir, (LLVMMetadataRef[]){name, root, zero}, 3);
    LLVMMetadataRef tag = node(ir, (LLVMMetadataRef[]){leaf, leaf, zero}, 3);
    ir->tbaa[i] = LLVMMetadataAsValue(ir->context, tag);
  }
  ir->empty_node = LLVMMetadataAsValue(ir->context, node(ir, NULL, 0));
  ir->weights_kind = LLVMGetMDKindIDInContext(ir->context, "prof", 4);
  ir->weights[0] = branch_weights(ir, 1, LIKELY);
  ir->weights[1] = branch_weights(ir, LIKELY, 1);
  ir->loop_kind = LLVMGetMDKindIDInContext(ir->context, "llvm.loop", 9);
  ir->no_vectors = vectoriser_off(ir);
  ir->tbaa_kind = LLVMGetMDKindIDInContext(ir->context, "tbaa", 4);
  ir->relaxed_kind = LLVMGetMDKindIDInContext(ir->context, "wasmaot.acqrel", 14);
  ir->invariant_kind = LLVMGetMDKindIDInContext(ir->context, "invariant.load", 14);
}

LLVMAttributeRef wa_ir_attribute(LLVMContextRef context, const char *name, uint64_t value) {
  return LLVMCreateEnumAttribute(context, LLVMGetEnumAttributeKindForName(name, strlen(name)),
                                 value);
}

void wa_ir_add_flag(struct wa_ir *ir, const char *name, uint32_t value) {
  LLVMAddModuleFlag(ir->llvm, LLVMModuleFlagBehaviorWarning, name, strlen(name),
                    LLVMValueAsMetadata(wa_ir_const_i32(ir, value)));
}

static LLVMAttributeRef string_attribute(struct wa_ir *ir, const char *key, const char *value) {
  return LLVMCreateStringAttribute(ir->context, key, (unsigned)strlen(key), value,
                                   (unsigned)strlen(value));
}

// "no-builtins": a loop that LLVM turned into memset would fault in the C library, out of reach of
// the trap handler, and would not have written what precedes the fault.
static void init_attributes(struct wa_ir *ir, const char *cpu) {
  ir->attributes[0] = wa_ir_attribute(ir->context, "nounwind", 0);
  ir->attributes[1] = wa_ir_attribute(ir->context, "uwtable", 2);
  ir->attributes[2] = string_attribute(ir, "probe-stack", "inline-asm");
  ir->attributes[3] = string_attribute(ir, "no-builtins", "");
  ir->attributes[4] = string_attribute(ir, "tune-cpu", cpu);
  ir->frame_pointer = string_attribute(ir, "frame-pointer", "non-leaf");
  ir->swiftself = wa_ir_attribute(ir->context, "swiftself", 0);
  ir->signext = wa_ir_attribute(ir->context, "signext", 0);
}

void wa_ir_no_memory(void) {
  (void)fputs("wasmaot: out of memory while compiling\n", stderr);
  abort();
}

void *wa_ir_alloc(struct wa_arena *arena, size_t count, size_t size) {
  void *memory = wa_arena_alloc(arena, count, size);
  if (!memory) {
    wa_ir_no_memory();
  }
  return memory;
}

void wa_ir_init(struct wa_ir *ir, const struct wa_module *module, const struct wa_layout *layout,
                LLVMContextRef context, LLVMTargetMachineRef machine,
                const struct wa_target *target) {
  *ir = (struct wa_ir){.module = module, .layout = layout, .target = target, .context = context};
  wa_arena_init(&ir->arena, 0);
  ir->llvm = LLVMModuleCreateWithNameInContext("wasm", context);
  LLVMSetTarget(ir->llvm, target->triple);
  LLVMTargetDataRef data_layout = LLVMCreateTargetDataLayout(machine);
  LLVMSetModuleDataLayout(ir->llvm, data_layout);
  LLVMDisposeTargetData(data_layout);
  ir->builder = LLVMCreateBuilderInContext(context);
  ir->has_tail_calls = module->features & WA_FEATURE_TAIL_CALL;
  ir->convention =
      ir->has_tail_calls ? target->arch->tail_call_convention : target->arch->call_convention;
  init_types(ir);
  init_builtins(ir);
  init_tbaa(ir);
  init_attributes(ir, target->cpu);
  for (int i = 0; i < WA_INTRINSIC_COUNT; i++) {
    ir->intrinsics[i] = LLVMLookupIntrinsicID(intrinsic_names[i], strlen(intrinsic_names[i]));
  }
  ir->functions =
      wa_ir_alloc(&ir->arena, module->function_count / WA_IR_FUNCTIONS + 1, sizeof *ir->functions);
  ir->types = wa_ir_alloc(&ir->arena, module->type_count, sizeof *ir->types);
  ir->landing_thunks = wa_ir_alloc(&ir->arena, module->type_count, sizeof *ir->landing_thunks);
}

void wa_ir_deinit(struct wa_ir *ir) {
  LLVMDisposeBuilder(ir->builder);
  LLVMDisposeModule(ir->llvm);
  wa_arena_deinit(&ir->arena);
  *ir = (struct wa_ir){0};
}

// ---- Types and declarations ----

LLVMTypeRef wa_ir_valtype(const struct wa_ir *ir, uint32_t type) {
  switch (type) {
  case WA_I32:
    return ir->i32;
  case WA_I64:
    return ir->i64;
  case WA_F32:
    return ir->f32;
  case WA_F64:
    return ir->f64;
  case WA_V128:
    return ir->v128;
  default:
    return ir->ptr;
  }
}

bool wa_ir_results_in_registers(const struct wa_ir *ir, const struct wa_functype *type) {
  const struct wa_target_arch *arch = ir->target->arch;
  for (uint32_t i = 0; i < type->result_count && !arch->has_vector_results; i++) {
    if (type->results[i] == WA_V128) {
      return false;
    }
  }
  return type->result_count <= arch->max_register_results;
}

static LLVMTypeRef result_type(struct wa_ir *ir, const struct wa_functype *type) {
  if (type->result_count == 0 || !wa_ir_results_in_registers(ir, type)) {
    return ir->void_type;
  }
  if (type->result_count == 1) {
    return wa_ir_valtype(ir, type->results[0]);
  }
  LLVMTypeRef members[WA_MAX_REGISTER_RESULTS];
  for (uint32_t i = 0; i < type->result_count; i++) {
    members[i] = wa_ir_valtype(ir, type->results[i]);
  }
  return LLVMStructTypeInContext(ir->context, members, type->result_count, false);
}

// Whether a call in swifttailcc may pass a vector on the stack. LLVM's callee then takes off what
// the arguments are long, its caller counts on a multiple of the vector's size, and the stack
// pointer is wrong behind the call, or the return address is where an argument was. With one more
// vector at the end, which lies on the stack if any does, both are the same.
static bool needs_last_vector(const struct wa_ir *ir, const struct wa_functype *type) {
  unsigned registers = ir->target->arch->vector_registers, used = 0;
  bool any = false;
  for (uint32_t i = 0; i < type->param_count; i++) {
    uint32_t kind = type->params[i];
    used += kind == WA_F32 || kind == WA_F64 || kind == WA_V128;
    any |= kind == WA_V128;
  }
  return ir->convention == WA_SWIFT_TAIL_CALL_CONV && registers != 0 && any && used > registers;
}

LLVMTypeRef wa_ir_functype(struct wa_ir *ir, uint32_t index) {
  if (ir->types[index]) {
    return ir->types[index];
  }
  const struct wa_functype *type = &ir->module->types[index];
  LLVMTypeRef params[WA_LIMIT_PARAMETERS + 3];
  unsigned count = 0;
  params[count++] = ir->ptr;
  for (uint32_t i = 0; i < type->param_count; i++) {
    params[count++] = wa_ir_valtype(ir, type->params[i]);
  }
  if (!wa_ir_results_in_registers(ir, type)) {
    params[count++] = ir->ptr;
  }
  if (needs_last_vector(ir, type)) {
    params[count++] = wa_ir_valtype(ir, WA_V128);
  }
  ir->types[index] = LLVMFunctionType(result_type(ir, type), params, count, false);
  return ir->types[index];
}

LLVMValueRef wa_ir_add_function(struct wa_ir *ir, const char *name, LLVMTypeRef type,
                                unsigned convention) {
  LLVMValueRef function = LLVMAddFunction(ir->llvm, name, type);
  LLVMSetVisibility(function, LLVMHiddenVisibility);
  // The first says that nothing is thrown through the function.
  int first = ir->module->features & WA_FEATURES_THROWING ? 1 : 0;
  for (int i = first; i < WA_FUNCTION_ATTRIBUTES; i++) {
    LLVMAddAttributeAtIndex(function, (LLVMAttributeIndex)LLVMAttributeFunctionIndex,
                            ir->attributes[i]);
  }
  // See tail.c: what unwind rows count from while a callee's stack arguments are gone.
  if (ir->convention == WA_SWIFT_TAIL_CALL_CONV) {
    LLVMAddAttributeAtIndex(function, (LLVMAttributeIndex)LLVMAttributeFunctionIndex,
                            ir->frame_pointer);
  }
  if (convention) {
    LLVMSetFunctionCallConv(function, convention);
    LLVMAddAttributeAtIndex(function, 1, ir->swiftself);
  }
  return function;
}

void wa_ir_spell(struct wa_ir *ir, char name[WA_SYMBOL_NAME_SIZE], enum wa_symbol_kind kind,
                 uint32_t index) {
  if (ir->symbols) {
    index = wa_symbols_number(ir->symbols, kind, index);
    if (index == UINT32_MAX) {
      wa_ir_no_memory();
    }
  }
  wa_symbol_spell(name, kind, index);
}

LLVMValueRef wa_ir_declared(const struct wa_ir *ir, uint32_t function) {
  LLVMValueRef *page = ir->functions[function / WA_IR_FUNCTIONS];
  return page ? page[function % WA_IR_FUNCTIONS] : NULL;
}

void wa_ir_set_declared(struct wa_ir *ir, uint32_t function, LLVMValueRef declared) {
  LLVMValueRef **page = &ir->functions[function / WA_IR_FUNCTIONS];
  if (!*page) {
    *page = wa_ir_alloc(&ir->arena, WA_IR_FUNCTIONS, sizeof **page);
  }
  (*page)[function % WA_IR_FUNCTIONS] = declared;
}

LLVMValueRef wa_ir_declare(struct wa_ir *ir, uint32_t function) {
  LLVMValueRef declared = wa_ir_declared(ir, function);
  if (!declared) {
    char name[WA_SYMBOL_NAME_SIZE];
    wa_ir_spell(ir, name, WA_SYMBOL_FUNCTION, function);
    LLVMTypeRef type = wa_ir_functype(ir, ir->module->functions[function].type);
    declared = wa_ir_add_function(ir, name, type, ir->convention);
    wa_ir_set_declared(ir, function, declared);
  }
  return declared;
}

// ---- Small pieces of code ----

LLVMValueRef wa_ir_const_i32(const struct wa_ir *ir, uint32_t value) {
  return LLVMConstInt(ir->i32, value, false);
}

LLVMValueRef wa_ir_const_i64(const struct wa_ir *ir, uint64_t value) {
  return LLVMConstInt(ir->i64, value, false);
}

LLVMValueRef wa_ir_offset(struct wa_ir *ir, LLVMValueRef pointer, int64_t offset) {
  if (offset == 0) {
    return pointer;
  }
  LLVMValueRef index = wa_ir_const_i64(ir, (uint64_t)offset);
  return LLVMBuildGEP2(ir->builder, ir->i8, pointer, &index, 1, "");
}

LLVMValueRef wa_ir_offset_nowrap(struct wa_ir *ir, LLVMValueRef pointer, LLVMValueRef offset) {
  if (LLVMIsAConstantInt(offset) && LLVMConstIntGetZExtValue(offset) == 0) {
    return pointer;
  }
  return WA_BUILD_GEP_NOWRAP(ir->builder, ir->i8, pointer, &offset, 1, "");
}

LLVMValueRef wa_ir_load(struct wa_ir *ir, LLVMTypeRef type, LLVMValueRef pointer,
                        enum wa_alias alias) {
  LLVMValueRef load = LLVMBuildLoad2(ir->builder, type, pointer, "");
  LLVMSetMetadata(load, ir->tbaa_kind, ir->tbaa[alias]);
  return load;
}

bool wa_ir_is_guest_load(const struct wa_ir *ir, LLVMValueRef load) {
  return LLVMGetMetadata(load, ir->tbaa_kind) == ir->tbaa[WA_ALIAS_MEMORY];
}

bool wa_ir_may_be_guests(const struct wa_ir *ir, LLVMValueRef access) {
  LLVMValueRef tag = LLVMGetMetadata(access, ir->tbaa_kind);
  return tag != ir->tbaa[WA_ALIAS_CONTEXT] && tag != ir->tbaa[WA_ALIAS_GLOBAL] &&
         tag != ir->tbaa[WA_ALIAS_TABLE];
}

LLVMValueRef wa_ir_store(struct wa_ir *ir, LLVMValueRef value, LLVMValueRef pointer,
                         enum wa_alias alias) {
  LLVMValueRef store = LLVMBuildStore(ir->builder, value, pointer);
  LLVMSetMetadata(store, ir->tbaa_kind, ir->tbaa[alias]);
  return store;
}

// Whoever goes on to what the reference points to depends on the loaded address, which orders the
// two for every processor there is.
LLVMValueRef wa_ir_load_whole(struct wa_ir *ir, LLVMTypeRef type, LLVMValueRef pointer,
                              enum wa_alias alias) {
  LLVMValueRef load = wa_ir_load(ir, type, pointer, alias);
  LLVMSetOrdering(load, LLVMAtomicOrderingUnordered);
  LLVMSetAlignment(load, 8);
  return load;
}

void wa_ir_store_whole(struct wa_ir *ir, LLVMValueRef value, LLVMValueRef pointer,
                       enum wa_alias alias) {
  LLVMValueRef store = wa_ir_store(ir, value, pointer, alias);
  LLVMSetOrdering(store, LLVMAtomicOrderingRelease);
  LLVMSetAlignment(store, 8);
}

LLVMValueRef wa_ir_load_invariant(struct wa_ir *ir, LLVMTypeRef type, LLVMValueRef pointer) {
  LLVMValueRef load = wa_ir_load(ir, type, pointer, WA_ALIAS_CONTEXT);
  LLVMSetMetadata(load, ir->invariant_kind, ir->empty_node);
  return load;
}

bool wa_ir_is_one_of(const struct wa_ir *ir, unsigned id, const enum wa_intrinsic *wanted,
                     size_t count) {
  for (size_t i = 0; i < count; i++) {
    if (id == ir->intrinsics[wanted[i]]) {
      return true;
    }
  }
  return false;
}

void wa_ir_each_instruction(const struct wa_ir *ir,
                            void (*visit)(const struct wa_ir *ir, LLVMValueRef instr)) {
  for (LLVMValueRef function = LLVMGetFirstFunction(ir->llvm); function;
       function = LLVMGetNextFunction(function)) {
    for (LLVMBasicBlockRef block = LLVMGetFirstBasicBlock(function); block;
         block = LLVMGetNextBasicBlock(block)) {
      for (LLVMValueRef instr = LLVMGetFirstInstruction(block); instr;
           instr = LLVMGetNextInstruction(instr)) {
        visit(ir, instr);
      }
    }
  }
}

LLVMValueRef wa_ir_intrinsic(struct wa_ir *ir, enum wa_intrinsic intrinsic, LLVMTypeRef *types,
                             unsigned type_count, LLVMValueRef *args, unsigned arg_count) {
  unsigned id = ir->intrinsics[intrinsic];
  if (!LLVMIntrinsicIsOverloaded(id)) { // llvm.stacksave was not, up to LLVM 17
    type_count = 0;
  }
  LLVMValueRef callee = LLVMGetIntrinsicDeclaration(ir->llvm, id, types, type_count);
  LLVMTypeRef type = LLVMIntrinsicGetType(ir->context, id, types, type_count);
  return LLVMBuildCall2(ir->builder, type, callee, args, arg_count, "");
}
void wa_ir_keep_apart(struct wa_ir *ir, LLVMValueRef call) {
  if (ir->no_merge) {
    LLVMAddCallSiteAttribute(call, (LLVMAttributeIndex)LLVMAttributeFunctionIndex, ir->no_merge);
  }
}

// Assembly that reads memory as far as LLVM knows: stores before a trap are seen by whoever looks
// at the memory afterwards, and must not be dropped because llvm.ubsantrap reads nothing.
static void emit_assembly(struct wa_ir *ir, const char *text, const char *constraints,
                          LLVMValueRef *args, unsigned count) {
  LLVMTypeRef params[2];
  for (unsigned i = 0; i < count; i++) {
    params[i] = LLVMTypeOf(args[i]);
  }
  LLVMTypeRef type = LLVMFunctionType(ir->void_type, params, count, false);
  // LLVM 16 only reads the texts, too, but does not say so.
  LLVMValueRef assembly =
      LLVMGetInlineAsm(type, (char *)text, strlen(text), (char *)constraints, strlen(constraints),
                       true, false, LLVMInlineAsmDialectATT, false);
  wa_ir_keep_apart(ir, LLVMBuildCall2(ir->builder, type, assembly, args, count, ""));
}

void wa_ir_emit_barrier(struct wa_ir *ir) {
  emit_assembly(ir, "", "~{memory}", NULL, 0);
}

// On RISC-V llvm.ubsantrap loses its code. A write to a counter that is read-only in user mode is
// an illegal instruction for good, and its immediate has room for the code.
_Static_assert(WA_TRAP_CODE_COUNT <= 32, "csrwi has five bits");

void wa_ir_emit_trap(struct wa_ir *ir, enum wa_trap_code code) {
  char text[32];
  if (ir->target->arch->machine == EM_RISCV) {
    snprintf(text, sizeof text, "csrwi cycle, %d", (int)code);
    emit_assembly(ir, text, "~{memory}", NULL, 0);
  } else {
    wa_ir_emit_barrier(ir);
    LLVMValueRef argument = LLVMConstInt(ir->i8, (unsigned)code, false);
    wa_ir_keep_apart(ir, wa_ir_intrinsic(ir, WA_INTRINSIC_UBSANTRAP, NULL, 0, &argument, 1));
  }
  LLVMBuildUnreachable(ir->builder);
}

void wa_ir_emit_type_trap(struct wa_ir *ir, LLVMValueRef found, LLVMValueRef expected, bool own) {
  LLVMValueRef args[] = {found, expected};
  switch (ir->target->arch->machine) {
  case EM_RISCV:
    emit_assembly(ir, own ? "csrrw $1, time, $0" : "csrrw $1, cycle, $0", "r,r,~{memory}", args, 2);
    break;
  case EM_AARCH64:
    emit_assembly(ir, own ? "brk #0x5700\n\tcmp ${0:w}, ${1:w}" : "brk #0x5701\n\tcmp $0, $1",
                  "r,r,~{memory}", args, 2);
    break;
  default:
    emit_assembly(ir, own ? "ud1l ${1:c}(%rax), $0" : "ud1q $1, $0",
                  own ? "r,i,~{memory}" : "r,r,~{memory}", args, 2);
    break;
  }
  LLVMBuildUnreachable(ir->builder);
}

const char *wa_ir_opaque_name(const struct wa_ir *ir, LLVMValueRef constant,
                              char name[WA_SYMBOL_NAME_SIZE]) {
  LLVMBool loses;
  double value = LLVMConstRealGetDouble(constant, &loses);
  snprintf(name, WA_SYMBOL_NAME_SIZE, "%c%s_%s%d", WA_SYMBOL_CONSTANT,
           LLVMTypeOf(constant) == ir->f32 ? "32" : "64", __builtin_signbit(value) ? "minus_" : "",
           value == 0 ? 0 : 1);
  return name;
}

LLVMValueRef wa_ir_opaque_constant(struct wa_ir *ir, LLVMValueRef constant) {
  LLVMTypeRef type = LLVMTypeOf(constant);
  char name[WA_SYMBOL_NAME_SIZE];
  wa_ir_opaque_name(ir, constant, name);
  LLVMValueRef global = LLVMGetNamedGlobal(ir->llvm, name);
  if (!global) {
    global = LLVMAddGlobal(ir->llvm, type, name);
    LLVMSetVisibility(global, LLVMHiddenVisibility);
    LLVMSetGlobalConstant(global, true);
  }
  LLVMValueRef load = LLVMBuildLoad2(ir->builder, type, global, "");
  LLVMSetMetadata(load, ir->invariant_kind, ir->empty_node);
  return load;
}

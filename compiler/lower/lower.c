#include "compiler/lower/lower.h"

#include <elf.h>
#include <llvm-c/DebugInfo.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const intrinsic_names[WA_INTRINSIC_COUNT] = {
    [WA_INTRINSIC_UBSANTRAP] = "llvm.ubsantrap",
    [WA_INTRINSIC_CTLZ] = "llvm.ctlz",
    [WA_INTRINSIC_CTTZ] = "llvm.cttz",
    [WA_INTRINSIC_CTPOP] = "llvm.ctpop",
    [WA_INTRINSIC_FSHL] = "llvm.fshl",
    [WA_INTRINSIC_FSHR] = "llvm.fshr",
    [WA_INTRINSIC_FABS] = "llvm.fabs",
    [WA_INTRINSIC_CEIL] = "llvm.ceil",
    [WA_INTRINSIC_FLOOR] = "llvm.floor",
    [WA_INTRINSIC_TRUNC] = "llvm.trunc",
    [WA_INTRINSIC_NEARBYINT] = "llvm.nearbyint",
    [WA_INTRINSIC_SQRT] = "llvm.sqrt",
    [WA_INTRINSIC_MINIMUM] = "llvm.minimum",
    [WA_INTRINSIC_MAXIMUM] = "llvm.maximum",
    [WA_INTRINSIC_COPYSIGN] = "llvm.copysign",
    [WA_INTRINSIC_FPTOSI_SAT] = "llvm.fptosi.sat",
    [WA_INTRINSIC_FPTOUI_SAT] = "llvm.fptoui.sat",
    [WA_INTRINSIC_STACKSAVE] = "llvm.stacksave",
    [WA_INTRINSIC_SADD_SAT] = "llvm.sadd.sat",
    [WA_INTRINSIC_UADD_SAT] = "llvm.uadd.sat",
    [WA_INTRINSIC_SSUB_SAT] = "llvm.ssub.sat",
    [WA_INTRINSIC_USUB_SAT] = "llvm.usub.sat",
    [WA_INTRINSIC_SMIN] = "llvm.smin",
    [WA_INTRINSIC_SMAX] = "llvm.smax",
    [WA_INTRINSIC_UMIN] = "llvm.umin",
    [WA_INTRINSIC_UMAX] = "llvm.umax",
    [WA_INTRINSIC_ABS] = "llvm.abs",
    [WA_INTRINSIC_FENCE] = "llvm.arithmetic.fence",
    [WA_INTRINSIC_X86_PSHUFB] = "llvm.x86.ssse3.pshuf.b.128",
    [WA_INTRINSIC_X86_PMADDWD] = "llvm.x86.sse2.pmadd.wd",
    [WA_INTRINSIC_X86_PMULHRSW] = "llvm.x86.ssse3.pmul.hr.sw.128",
    [WA_INTRINSIC_X86_PMADDUBSW] = "llvm.x86.ssse3.pmadd.ub.sw.128",
    [WA_INTRINSIC_X86_CVTTPS2DQ] = "llvm.x86.sse2.cvttps2dq",
    [WA_INTRINSIC_X86_CVTTPD2DQ] = "llvm.x86.sse2.cvttpd2dq",
    [WA_INTRINSIC_X86_CVTTPS2UDQ] = "llvm.x86.avx512.mask.cvttps2udq.128",
    [WA_INTRINSIC_X86_CVTTPD2UDQ] = "llvm.x86.avx512.mask.cvttpd2udq.128",
    [WA_INTRINSIC_X86_PACKSSWB] = "llvm.x86.sse2.packsswb.128",
    [WA_INTRINSIC_X86_PACKUSWB] = "llvm.x86.sse2.packuswb.128",
    [WA_INTRINSIC_X86_PACKSSDW] = "llvm.x86.sse2.packssdw.128",
    [WA_INTRINSIC_X86_PACKUSDW] = "llvm.x86.sse41.packusdw",
    [WA_INTRINSIC_REDUCE_UMIN] = "llvm.vector.reduce.umin",
    [WA_INTRINSIC_FMA] = "llvm.fma",
    [WA_INTRINSIC_ARM64_TBL1] = "llvm.aarch64.neon.tbl1",
    [WA_INTRINSIC_ARM64_SQRDMULH] = "llvm.aarch64.neon.sqrdmulh",
    [WA_INTRINSIC_ARM64_SADDLP] = "llvm.aarch64.neon.saddlp",
    [WA_INTRINSIC_ARM64_UADDLP] = "llvm.aarch64.neon.uaddlp",
    [WA_INTRINSIC_ARM64_ADDP] = "llvm.aarch64.neon.addp",
    [WA_INTRINSIC_ARM64_SQXTN] = "llvm.aarch64.neon.sqxtn",
    [WA_INTRINSIC_ARM64_UQXTN] = "llvm.aarch64.neon.uqxtn",
    [WA_INTRINSIC_ARM64_UMAXP] = "llvm.aarch64.neon.umaxp",
};

// ---- Setting up a partition ----

static void init_types(struct wa_lower *lower) {
  LLVMContextRef c = lower->context;
  lower->i1 = LLVMInt1TypeInContext(c);
  lower->i8 = LLVMInt8TypeInContext(c);
  lower->i16 = LLVMInt16TypeInContext(c);
  lower->i32 = LLVMInt32TypeInContext(c);
  lower->i64 = LLVMInt64TypeInContext(c);
  lower->f32 = LLVMFloatTypeInContext(c);
  lower->f64 = LLVMDoubleTypeInContext(c);
  lower->v128 = LLVMVectorType(lower->i8, 16);
  lower->ptr = LLVMPointerTypeInContext(c, 0);
  lower->void_type = LLVMVoidTypeInContext(c);
}

static LLVMTypeRef function_type(LLVMTypeRef result, unsigned count, ...) {
  LLVMTypeRef params[8];
  va_list args;
  va_start(args, count);
  for (unsigned i = 0; i < count; i++)
    params[i] = va_arg(args, LLVMTypeRef);
  va_end(args);
  return LLVMFunctionType(result, params, count, false);
}

// The signatures of struct wa_builtins, in its order.
static void init_builtins(struct wa_lower *lower) {
  LLVMTypeRef p = lower->ptr, w = lower->i32, d = lower->i64, v = lower->void_type;
  LLVMTypeRef *t = lower->builtin_types;
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

static LLVMMetadataRef node(struct wa_lower *lower, LLVMMetadataRef *operands, size_t count) {
  return LLVMMDNodeInContext2(lower->context, operands, count);
}

// A flat type tree: one leaf per alias class, none overlapping another.
// How many times likelier a hinted branch goes one way: as __builtin_expect has it.
enum { LIKELY = 2000 };

static LLVMValueRef branch_weights(struct wa_lower *lower, uint32_t taken, uint32_t not_taken) {
  LLVMMetadataRef operands[] = {
      LLVMMDStringInContext2(lower->context, "branch_weights", 14),
      LLVMValueAsMetadata(wa_lower_const_i32(lower, taken)),
      LLVMValueAsMetadata(wa_lower_const_i32(lower, not_taken)),
  };
  return LLVMMetadataAsValue(lower->context, LLVMMDNodeInContext2(lower->context, operands, 3));
}

// What loop metadata is: a node whose first operand is itself.
static LLVMValueRef vectoriser_off(struct wa_lower *lower) {
  LLVMMetadataRef off[] = {LLVMMDStringInContext2(lower->context, "llvm.loop.vectorize.enable", 26),
                           LLVMValueAsMetadata(LLVMConstNull(lower->i1))};
  LLVMMetadataRef self = LLVMTemporaryMDNode(lower->context, NULL, 0);
  LLVMMetadataRef loop = node(lower, (LLVMMetadataRef[]){self, node(lower, off, 2)}, 2);
  LLVMMetadataReplaceAllUsesWith(self, loop);
  return LLVMMetadataAsValue(lower->context, loop);
}

static void init_tbaa(struct wa_lower *lower) {
  static const char *const names[WA_ALIAS_COUNT] = {
      [WA_ALIAS_CONTEXT] = "context",
      [WA_ALIAS_MEMORY] = "memory",
      [WA_ALIAS_GLOBAL] = "global",
      [WA_ALIAS_TABLE] = "table",
  };
  LLVMMetadataRef root_name = LLVMMDStringInContext2(lower->context, "wasmaot", 7);
  LLVMMetadataRef root = node(lower, &root_name, 1);
  LLVMMetadataRef zero = LLVMValueAsMetadata(LLVMConstInt(lower->i64, 0, false));
  for (int i = 0; i < WA_ALIAS_COUNT; i++) {
    LLVMMetadataRef name = LLVMMDStringInContext2(lower->context, names[i], strlen(names[i]));
    LLVMMetadataRef leaf = node(lower, (LLVMMetadataRef[]){name, root, zero}, 3);
    LLVMMetadataRef tag = node(lower, (LLVMMetadataRef[]){leaf, leaf, zero}, 3);
    lower->tbaa[i] = LLVMMetadataAsValue(lower->context, tag);
  }
  lower->empty_node = LLVMMetadataAsValue(lower->context, node(lower, NULL, 0));
  lower->weights_kind = LLVMGetMDKindIDInContext(lower->context, "prof", 4);
  lower->weights[0] = branch_weights(lower, 1, LIKELY);
  lower->weights[1] = branch_weights(lower, LIKELY, 1);
  lower->loop_kind = LLVMGetMDKindIDInContext(lower->context, "llvm.loop", 9);
  lower->no_vectors = vectoriser_off(lower);
  lower->tbaa_kind = LLVMGetMDKindIDInContext(lower->context, "tbaa", 4);
  lower->invariant_kind = LLVMGetMDKindIDInContext(lower->context, "invariant.load", 14);
}

static LLVMAttributeRef enum_attribute(struct wa_lower *lower, const char *name, uint64_t value) {
  return LLVMCreateEnumAttribute(lower->context,
                                 LLVMGetEnumAttributeKindForName(name, strlen(name)), value);
}

static LLVMAttributeRef string_attribute(struct wa_lower *lower, const char *key,
                                         const char *value) {
  return LLVMCreateStringAttribute(lower->context, key, (unsigned)strlen(key), value,
                                   (unsigned)strlen(value));
}

// "no-builtins": a loop that LLVM turned into memset would fault in the C library, out of reach of
// the trap handler, and would not have written what precedes the fault.
static void init_attributes(struct wa_lower *lower, const char *cpu) {
  lower->attributes[0] = enum_attribute(lower, "nounwind", 0);
  lower->attributes[1] = enum_attribute(lower, "uwtable", 2);
  lower->attributes[2] = string_attribute(lower, "probe-stack", "inline-asm");
  lower->attributes[3] = string_attribute(lower, "no-builtins", "");
  lower->attributes[4] = string_attribute(lower, "tune-cpu", cpu);
  lower->frame_pointer = string_attribute(lower, "frame-pointer", "non-leaf");
  lower->swiftself = enum_attribute(lower, "swiftself", 0);
  lower->signext = enum_attribute(lower, "signext", 0);
}

void wa_lower_no_memory(void) {
  (void)fputs("wasmaot: out of memory while compiling\n", stderr);
  abort();
}

void *wa_lower_alloc(struct wa_arena *arena, size_t count, size_t size) {
  void *memory = wa_arena_alloc(arena, count, size);
  if (!memory)
    wa_lower_no_memory();
  return memory;
}

void wa_lower_init(struct wa_lower *lower, const struct wa_module *module,
                   const struct wa_layout *layout, LLVMContextRef context,
                   LLVMTargetMachineRef machine, const struct wa_target *target) {
  *lower =
      (struct wa_lower){.module = module, .layout = layout, .target = target, .context = context};
  wa_arena_init(&lower->arena, 0);
  lower->ir = LLVMModuleCreateWithNameInContext("wasm", context);
  LLVMSetTarget(lower->ir, target->triple);
  LLVMTargetDataRef data_layout = LLVMCreateTargetDataLayout(machine);
  LLVMSetModuleDataLayout(lower->ir, data_layout);
  LLVMDisposeTargetData(data_layout);
  lower->builder = LLVMCreateBuilderInContext(context);
  lower->has_tail_calls = module->features & WA_FEATURE_TAIL_CALL;
  lower->convention =
      lower->has_tail_calls ? target->arch->tail_call_convention : target->arch->call_convention;
  init_types(lower);
  init_builtins(lower);
  init_tbaa(lower);
  init_attributes(lower, target->cpu);
  for (int i = 0; i < WA_INTRINSIC_COUNT; i++)
    lower->intrinsics[i] = LLVMLookupIntrinsicID(intrinsic_names[i], strlen(intrinsic_names[i]));
  lower->functions =
      wa_lower_alloc(&lower->arena, module->function_count, sizeof *lower->functions);
  lower->types = wa_lower_alloc(&lower->arena, module->type_count, sizeof *lower->types);
  lower->landing_thunks =
      wa_lower_alloc(&lower->arena, module->type_count, sizeof *lower->landing_thunks);
}

void wa_lower_deinit(struct wa_lower *lower) {
  LLVMDisposeBuilder(lower->builder);
  LLVMDisposeModule(lower->ir);
  wa_arena_deinit(&lower->arena);
  *lower = (struct wa_lower){0};
}

// ---- Types and declarations ----

LLVMTypeRef wa_lower_valtype(const struct wa_lower *lower, uint32_t type) {
  switch (type) {
  case WA_I32:
    return lower->i32;
  case WA_I64:
    return lower->i64;
  case WA_F32:
    return lower->f32;
  case WA_F64:
    return lower->f64;
  case WA_V128:
    return lower->v128;
  default:
    return lower->ptr;
  }
}

bool wa_lower_results_in_registers(const struct wa_lower *lower, const struct wa_functype *type) {
  const struct wa_target_arch *arch = lower->target->arch;
  for (uint32_t i = 0; i < type->result_count && !arch->has_vector_results; i++)
    if (type->results[i] == WA_V128)
      return false;
  return type->result_count <= arch->max_register_results;
}

static LLVMTypeRef result_type(struct wa_lower *lower, const struct wa_functype *type) {
  if (type->result_count == 0 || !wa_lower_results_in_registers(lower, type))
    return lower->void_type;
  if (type->result_count == 1)
    return wa_lower_valtype(lower, type->results[0]);
  LLVMTypeRef members[WA_MAX_REGISTER_RESULTS];
  for (uint32_t i = 0; i < type->result_count; i++)
    members[i] = wa_lower_valtype(lower, type->results[i]);
  return LLVMStructTypeInContext(lower->context, members, type->result_count, false);
}

LLVMTypeRef wa_lower_functype(struct wa_lower *lower, uint32_t index) {
  if (lower->types[index])
    return lower->types[index];
  const struct wa_functype *type = &lower->module->types[index];
  LLVMTypeRef params[WA_LIMIT_PARAMETERS + 2];
  unsigned count = 0;
  params[count++] = lower->ptr;
  for (uint32_t i = 0; i < type->param_count; i++)
    params[count++] = wa_lower_valtype(lower, type->params[i]);
  if (!wa_lower_results_in_registers(lower, type))
    params[count++] = lower->ptr;
  lower->types[index] = LLVMFunctionType(result_type(lower, type), params, count, false);
  return lower->types[index];
}

LLVMValueRef wa_lower_add_function(struct wa_lower *lower, const char *name, LLVMTypeRef type,
                                   unsigned convention) {
  LLVMValueRef function = LLVMAddFunction(lower->ir, name, type);
  LLVMSetVisibility(function, LLVMHiddenVisibility);
  // The first says that nothing is thrown through the function.
  int first = lower->module->features & WA_FEATURES_THROWING ? 1 : 0;
  for (int i = first; i < WA_FUNCTION_ATTRIBUTES; i++)
    LLVMAddAttributeAtIndex(function, (LLVMAttributeIndex)LLVMAttributeFunctionIndex,
                            lower->attributes[i]);
  // See tail.c: what unwind rows count from while a callee's stack arguments are gone.
  if (lower->convention == WA_SWIFT_TAIL_CALL_CONV)
    LLVMAddAttributeAtIndex(function, (LLVMAttributeIndex)LLVMAttributeFunctionIndex,
                            lower->frame_pointer);
  if (convention) {
    LLVMSetFunctionCallConv(function, convention);
    LLVMAddAttributeAtIndex(function, 1, lower->swiftself);
  }
  return function;
}

LLVMValueRef wa_lower_declare(struct wa_lower *lower, uint32_t function) {
  if (!lower->functions[function]) {
    char name[16];
    snprintf(name, sizeof name, "f%u", function);
    LLVMTypeRef type = wa_lower_functype(lower, lower->module->functions[function].type);
    lower->functions[function] = wa_lower_add_function(lower, name, type, lower->convention);
  }
  return lower->functions[function];
}

// ---- Small pieces of code ----

LLVMValueRef wa_lower_const_i32(const struct wa_lower *lower, uint32_t value) {
  return LLVMConstInt(lower->i32, value, false);
}

LLVMValueRef wa_lower_const_i64(const struct wa_lower *lower, uint64_t value) {
  return LLVMConstInt(lower->i64, value, false);
}

LLVMValueRef wa_lower_offset(struct wa_lower *lower, LLVMValueRef pointer, int64_t offset) {
  if (offset == 0)
    return pointer;
  LLVMValueRef index = wa_lower_const_i64(lower, (uint64_t)offset);
  return LLVMBuildGEP2(lower->builder, lower->i8, pointer, &index, 1, "");
}

LLVMValueRef wa_lower_offset_nowrap(struct wa_lower *lower, LLVMValueRef pointer,
                                    LLVMValueRef offset) {
  if (LLVMIsAConstantInt(offset) && LLVMConstIntGetZExtValue(offset) == 0)
    return pointer;
  return WA_BUILD_GEP_NOWRAP(lower->builder, lower->i8, pointer, &offset, 1, "");
}

LLVMValueRef wa_lower_load(struct wa_lower *lower, LLVMTypeRef type, LLVMValueRef pointer,
                           enum wa_alias alias) {
  LLVMValueRef load = LLVMBuildLoad2(lower->builder, type, pointer, "");
  LLVMSetMetadata(load, lower->tbaa_kind, lower->tbaa[alias]);
  return load;
}

bool wa_lower_is_guest_load(const struct wa_lower *lower, LLVMValueRef load) {
  return LLVMGetMetadata(load, lower->tbaa_kind) == lower->tbaa[WA_ALIAS_MEMORY];
}

LLVMValueRef wa_lower_store(struct wa_lower *lower, LLVMValueRef value, LLVMValueRef pointer,
                            enum wa_alias alias) {
  LLVMValueRef store = LLVMBuildStore(lower->builder, value, pointer);
  LLVMSetMetadata(store, lower->tbaa_kind, lower->tbaa[alias]);
  return store;
}

// Whoever goes on to what the reference points to depends on the loaded address, which orders the
// two for every processor there is.
LLVMValueRef wa_lower_load_whole(struct wa_lower *lower, LLVMTypeRef type, LLVMValueRef pointer,
                                 enum wa_alias alias) {
  LLVMValueRef load = wa_lower_load(lower, type, pointer, alias);
  LLVMSetOrdering(load, LLVMAtomicOrderingUnordered);
  LLVMSetAlignment(load, 8);
  return load;
}

void wa_lower_store_whole(struct wa_lower *lower, LLVMValueRef value, LLVMValueRef pointer,
                          enum wa_alias alias) {
  LLVMValueRef store = wa_lower_store(lower, value, pointer, alias);
  LLVMSetOrdering(store, LLVMAtomicOrderingRelease);
  LLVMSetAlignment(store, 8);
}

LLVMValueRef wa_lower_load_invariant(struct wa_lower *lower, LLVMTypeRef type,
                                     LLVMValueRef pointer) {
  LLVMValueRef load = wa_lower_load(lower, type, pointer, WA_ALIAS_CONTEXT);
  LLVMSetMetadata(load, lower->invariant_kind, lower->empty_node);
  return load;
}

LLVMValueRef wa_lower_intrinsic(struct wa_lower *lower, enum wa_intrinsic intrinsic,
                                LLVMTypeRef *types, unsigned type_count, LLVMValueRef *args,
                                unsigned arg_count) {
  unsigned id = lower->intrinsics[intrinsic];
  if (!LLVMIntrinsicIsOverloaded(id)) // llvm.stacksave was not, up to LLVM 17
    type_count = 0;
  LLVMValueRef callee = LLVMGetIntrinsicDeclaration(lower->ir, id, types, type_count);
  LLVMTypeRef type = LLVMIntrinsicGetType(lower->context, id, types, type_count);
  return LLVMBuildCall2(lower->builder, type, callee, args, arg_count, "");
}

// The bits of both, combined: what differs between equal floats is the sign of a zero.
static LLVMValueRef combine_bits(struct wa_lower *lower, LLVMOpcode opcode, LLVMValueRef a,
                                 LLVMValueRef b) {
  LLVMTypeRef type = LLVMTypeOf(a);
  bool is_vector = LLVMGetTypeKind(type) == LLVMVectorTypeKind;
  LLVMTypeRef lane = is_vector ? LLVMGetElementType(type) : type;
  LLVMTypeRef integer = lane == lower->f32 ? lower->i32 : lower->i64;
  if (is_vector)
    integer = LLVMVectorType(integer, LLVMGetVectorSize(type));
  LLVMValueRef a_bits = LLVMBuildBitCast(lower->builder, a, integer, "");
  LLVMValueRef b_bits = LLVMBuildBitCast(lower->builder, b, integer, "");
  LLVMValueRef bits = LLVMBuildBinOp(lower->builder, opcode, a_bits, b_bits, "");
  return LLVMBuildBitCast(lower->builder, bits, type, "");
}

LLVMValueRef wa_lower_float_op(struct wa_lower *lower, LLVMOpcode opcode, LLVMValueRef a,
                               LLVMValueRef b) {
  LLVMTypeRef type = LLVMTypeOf(a);
  if (LLVMIsConstant(a) && LLVMIsConstant(b))
    a = wa_lower_intrinsic(lower, WA_INTRINSIC_FENCE, &type, 1, &a, 1);
  return LLVMBuildBinOp(lower->builder, opcode, a, b, "");
}

LLVMValueRef wa_lower_minmax(struct wa_lower *lower, enum wa_intrinsic intrinsic, LLVMValueRef a,
                             LLVMValueRef b) {
  LLVMBuilderRef builder = lower->builder;
  LLVMTypeRef type = LLVMTypeOf(a);
  if (WA_EXPANDS_MINIMUM)
    return wa_lower_intrinsic(lower, intrinsic, &type, 1, (LLVMValueRef[]){a, b}, 2);
  bool minimum = intrinsic == WA_INTRINSIC_MINIMUM;
  LLVMValueRef equal = combine_bits(lower, minimum ? LLVMOr : LLVMAnd, a, b);
  LLVMValueRef nan = LLVMBuildFAdd(builder, a, b, "");
  LLVMValueRef is_nan = LLVMBuildFCmp(builder, LLVMRealUNO, a, b, "");
  LLVMValueRef take_a = LLVMBuildFCmp(builder, minimum ? LLVMRealOLT : LLVMRealOGT, a, b, "");
  LLVMValueRef take_b = LLVMBuildFCmp(builder, minimum ? LLVMRealOGT : LLVMRealOLT, a, b, "");
  LLVMValueRef other = LLVMBuildSelect(builder, is_nan, nan, equal, "");
  other = LLVMBuildSelect(builder, take_b, b, other, "");
  return LLVMBuildSelect(builder, take_a, a, other, "");
}

void wa_lower_probe_stack(struct wa_lower *lower, uint32_t bytes) {
  LLVMValueRef stack_pointer =
      wa_lower_intrinsic(lower, WA_INTRINSIC_STACKSAVE, &lower->ptr, 1, NULL, 0);
  LLVMValueRef probe = LLVMBuildLoad2(lower->builder, lower->i8,
                                      wa_lower_offset(lower, stack_pointer, -(int64_t)bytes), "");
  LLVMSetVolatile(probe, true);
}

LLVMValueRef wa_lower_call(struct wa_lower *lower, LLVMTypeRef type, LLVMValueRef callee,
                           unsigned convention, LLVMValueRef *args, unsigned arg_count) {
  LLVMValueRef call = LLVMBuildCall2(lower->builder, type, callee, args, arg_count, "");
  LLVMSetInstructionCallConv(call, convention);
  if (convention)
    LLVMAddCallSiteAttribute(call, 1, lower->swiftself);
  return call;
}

void wa_lower_return_call(struct wa_lower *lower, LLVMValueRef call) {
  if (LLVMGetTypeKind(LLVMTypeOf(call)) == LLVMVoidTypeKind)
    LLVMBuildRetVoid(lower->builder);
  else
    LLVMBuildRet(lower->builder, call);
}

// Assembly that reads memory as far as LLVM knows: stores before a trap are seen by whoever looks
// at the memory afterwards, and must not be dropped because llvm.ubsantrap reads nothing.
static void emit_assembly(struct wa_lower *lower, char *text) {
  LLVMTypeRef type = LLVMFunctionType(lower->void_type, NULL, 0, false);
  LLVMValueRef assembly = LLVMGetInlineAsm(type, text, strlen(text), "~{memory}", 9, true, false,
                                           LLVMInlineAsmDialectATT, false);
  wa_debug_keep_apart(lower, LLVMBuildCall2(lower->builder, type, assembly, NULL, 0, ""));
}

void wa_lower_emit_barrier(struct wa_lower *lower) {
  char text[] = "";
  emit_assembly(lower, text);
}

// On RISC-V llvm.ubsantrap loses its code. A write to a counter that is read-only in user mode is
// an illegal instruction for good, and its immediate has room for the code.
_Static_assert(WA_TRAP_CODE_COUNT <= 32, "csrwi has five bits");

void wa_lower_emit_trap(struct wa_lower *lower, enum wa_trap_code code) {
  char text[32] = "";
  if (lower->target->arch->machine == EM_RISCV) {
    snprintf(text, sizeof text, "csrwi cycle, %d", (int)code);
    emit_assembly(lower, text);
  } else {
    emit_assembly(lower, text);
    LLVMValueRef argument = LLVMConstInt(lower->i8, (unsigned)code, false);
    wa_debug_keep_apart(lower,
                        wa_lower_intrinsic(lower, WA_INTRINSIC_UBSANTRAP, NULL, 0, &argument, 1));
  }
  LLVMBuildUnreachable(lower->builder);
}

const char *wa_lower_opaque_name(const struct wa_lower *lower, LLVMValueRef constant,
                                 char name[WA_OPAQUE_NAME_SIZE]) {
  LLVMBool loses;
  double value = LLVMConstRealGetDouble(constant, &loses);
  snprintf(name, WA_OPAQUE_NAME_SIZE, "c%s_%s%d", LLVMTypeOf(constant) == lower->f32 ? "32" : "64",
           __builtin_signbit(value) ? "minus_" : "", value == 0 ? 0 : 1);
  return name;
}

LLVMValueRef wa_lower_opaque_constant(struct wa_lower *lower, LLVMValueRef constant) {
  LLVMTypeRef type = LLVMTypeOf(constant);
  char name[WA_OPAQUE_NAME_SIZE];
  wa_lower_opaque_name(lower, constant, name);
  LLVMValueRef global = LLVMGetNamedGlobal(lower->ir, name);
  if (!global) {
    global = LLVMAddGlobal(lower->ir, type, name);
    LLVMSetVisibility(global, LLVMHiddenVisibility);
    LLVMSetGlobalConstant(global, true);
  }
  LLVMValueRef load = LLVMBuildLoad2(lower->builder, type, global, "");
  LLVMSetMetadata(load, lower->invariant_kind, lower->empty_node);
  return load;
}

uint32_t wa_lower_cells_size(const uint32_t *types, uint32_t count) {
  uint32_t size = 0;
  for (uint32_t i = 0; i < count; i++)
    size += types[i] == WA_V128 ? 16 : 8;
  return size;
}

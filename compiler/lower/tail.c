// Tail calls (core spec 4.4.10): what convention they need is said in abi.h.
#include "compiler/lower/lower.h"

#include <stdio.h>

static void must_tail(struct wa_ir *ir, LLVMTypeRef type, LLVMValueRef code, LLVMValueRef *args,
                      unsigned arg_count) {
  unsigned convention = ir->target->arch->tail_call_convention;
  LLVMValueRef call = wa_lower_call(ir, type, code, convention, args, arg_count);
  LLVMValueRef caller = LLVMGetBasicBlockParent(LLVMGetInsertBlock(ir->builder));
  // The C convention promises no tail call: it is made where it can be. "musttail" is then only for
  // calls of the caller's own type.
  if (convention == WA_C_CALL_CONV && LLVMGlobalGetValueType(caller) != type) {
    LLVMSetTailCall(call, true);
  } else {
    WA_SET_MUST_TAIL(call);
  }
  wa_lower_return_call(ir, call);
}

void wa_lower_tail_call(struct wa_ir *ir, LLVMTypeRef type, const struct wa_callee *callee,
                        LLVMValueRef *args, unsigned arg_count) {
  if (!callee->tail) {
    must_tail(ir, type, callee->code, args, arg_count);
    return;
  }
  LLVMBuilderRef builder = ir->builder;
  LLVMValueRef function = LLVMGetBasicBlockParent(LLVMGetInsertBlock(builder));
  LLVMBasicBlockRef in_place = LLVMAppendBasicBlockInContext(ir->context, function, "");
  LLVMBasicBlockRef ordinary = LLVMAppendBasicBlockInContext(ir->context, function, "");
  LLVMBuildCondBr(builder, LLVMBuildIsNull(builder, callee->tail, ""), ordinary, in_place);
  LLVMPositionBuilderAtEnd(builder, ordinary);
  wa_lower_return_call(ir,
                       wa_lower_call(ir, type, callee->code, callee->convention, args, arg_count));
  LLVMPositionBuilderAtEnd(builder, in_place);
  must_tail(ir, type, callee->tail, args, arg_count);
}

// "musttail" keeps the optimiser from parting a call and its return. The code generator of LLVM 22
// then leaves out the arguments that go on the stack; for a mere "tail" in this convention it does
// the same work, and does it right.
static void settle(const struct wa_ir *ir, LLVMValueRef instr) {
  (void)ir;
  if (LLVMIsACallInst(instr) && WA_IS_MUST_TAIL(instr)) {
    LLVMSetTailCall(instr, true);
  }
}

void wa_lower_settle_tail_calls(struct wa_ir *ir) {
  if (!ir->has_tail_calls) {
    return;
  }
  wa_ir_each_instruction(ir, settle);
}

// ---- The stack pointer of callers ----
//
// A callee in swifttailcc takes its stack arguments off, and one that took its place by a tail call
// takes off its own, which may be more or fewer. So a walk up the stack cannot tell the caller's
// stack pointer from the callee's frame. Two rules make it need none:
//
// 1. Whatever calls in a module with tail calls has a frame pointer, from which its unwind rows
//    count (wa_ir_add_function).
// 2. A landing pad is only reached from a call of a function in the ordinary convention, which
//    leaves the stack pointer as it found it: an invoke of a swifttailcc function goes through the
//    thunk below, whose frame is between.
//
// RISC-V has the C convention everywhere, in which callers take their arguments off.

static LLVMValueRef emit_thunk(struct wa_ir *ir, uint32_t type) {
  LLVMTypeRef callee = wa_ir_functype(ir, type);
  LLVMTypeRef params[WA_LIMIT_PARAMETERS + 4];
  unsigned count = LLVMCountParamTypes(callee);
  LLVMGetParamTypes(callee, params);
  params[count] = ir->ptr;
  LLVMTypeRef thunk_type = LLVMFunctionType(LLVMGetReturnType(callee), params, count + 1, false);
  char name[WA_SYMBOL_NAME_SIZE];
  wa_ir_spell(ir, name, WA_SYMBOL_LANDING_THUNK, type);
  LLVMValueRef thunk = wa_ir_add_function(ir, name, thunk_type, ir->target->arch->call_convention);
  LLVMSetVisibility(thunk, LLVMDefaultVisibility);
  LLVMSetLinkage(thunk, LLVMInternalLinkage);
  LLVMPositionBuilderAtEnd(ir->builder, LLVMAppendBasicBlockInContext(ir->context, thunk, ""));
  LLVMValueRef args[WA_LIMIT_PARAMETERS + 4];
  LLVMGetParams(thunk, args);
  wa_lower_return_call(ir, wa_lower_call(ir, callee, args[count], ir->convention, args, count));
  return thunk;
}

LLVMValueRef wa_lower_landing_thunk(struct wa_ir *ir, uint32_t type) {
  LLVMValueRef *thunk = &ir->landing_thunks[ir->module->types[type].canonical];
  if (!*thunk) {
    LLVMBasicBlockRef current = LLVMGetInsertBlock(ir->builder);
    LLVMMetadataRef location = LLVMGetCurrentDebugLocation2(ir->builder);
    LLVMSetCurrentDebugLocation2(ir->builder, NULL);
    *thunk = emit_thunk(ir, ir->module->types[type].canonical);
    LLVMPositionBuilderAtEnd(ir->builder, current);
    LLVMSetCurrentDebugLocation2(ir->builder, location);
  }
  return *thunk;
}

static void emit_wrapper(struct wa_ir *ir, uint32_t function) {
  char name[WA_SYMBOL_NAME_SIZE];
  wa_ir_spell(ir, name, WA_SYMBOL_WRAPPER, function);
  LLVMTypeRef type = wa_ir_functype(ir, ir->module->functions[function].type);
  LLVMValueRef wrapper = wa_ir_add_function(ir, name, type, ir->target->arch->call_convention);
  LLVMPositionBuilderAtEnd(ir->builder, LLVMAppendBasicBlockInContext(ir->context, wrapper, ""));
  LLVMValueRef args[WA_LIMIT_PARAMETERS + 3];
  LLVMGetParams(wrapper, args);
  // Callers that know nothing of tail calls give no last vector.
  const struct wa_functype *own = &ir->module->types[ir->module->functions[function].type];
  unsigned count = 1 + own->param_count + (wa_ir_results_in_registers(ir, own) ? 0 : 1);
  count = wa_lower_last_vector(ir, type, args, count);
  wa_lower_return_call(
      ir, wa_lower_call(ir, type, wa_ir_declare(ir, function), ir->convention, args, count));
}

void wa_lower_wrappers(struct wa_ir *ir) {
  const struct wa_module *module = ir->module;
  for (uint32_t i = module->imported_functions; i < module->function_count; i++) {
    if (ir->layout->func_refs[i] != WA_NONE || i == module->start) {
      emit_wrapper(ir, i);
    }
  }
}

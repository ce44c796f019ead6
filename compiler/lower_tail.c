// Tail calls (core spec 4.4.10): what convention they need is said in abi.h.
#include "lower.h"

#include <stdio.h>

static void must_tail(struct wa_lower *lower, LLVMTypeRef type, LLVMValueRef code,
                      LLVMValueRef *args, unsigned arg_count) {
  unsigned convention = lower->target->arch->tail_call_convention;
  LLVMValueRef call = wa_lower_call(lower, type, code, convention, args, arg_count);
  LLVMValueRef caller = LLVMGetBasicBlockParent(LLVMGetInsertBlock(lower->builder));
  // The C convention promises no tail call: it is made where it can be. "musttail" is then only for
  // calls of the caller's own type.
  if (convention == WA_C_CALL_CONV && LLVMGlobalGetValueType(caller) != type)
    LLVMSetTailCall(call, true);
  else
    WA_SET_MUST_TAIL(call);
  wa_lower_return_call(lower, call);
}

void wa_lower_tail_call(struct wa_lower *lower, LLVMTypeRef type, const struct wa_callee *callee,
                        LLVMValueRef *args, unsigned arg_count) {
  if (!callee->tail) {
    must_tail(lower, type, callee->code, args, arg_count);
    return;
  }
  LLVMBuilderRef builder = lower->builder;
  LLVMValueRef function = LLVMGetBasicBlockParent(LLVMGetInsertBlock(builder));
  LLVMBasicBlockRef in_place = LLVMAppendBasicBlockInContext(lower->context, function, "");
  LLVMBasicBlockRef ordinary = LLVMAppendBasicBlockInContext(lower->context, function, "");
  LLVMBuildCondBr(builder, LLVMBuildIsNull(builder, callee->tail, ""), ordinary, in_place);
  LLVMPositionBuilderAtEnd(builder, ordinary);
  wa_lower_return_call(
      lower, wa_lower_call(lower, type, callee->code, callee->convention, args, arg_count));
  LLVMPositionBuilderAtEnd(builder, in_place);
  must_tail(lower, type, callee->tail, args, arg_count);
}

// "musttail" keeps the optimiser from parting a call and its return. The code generator of LLVM 22
// then leaves out the arguments that go on the stack; for a mere "tail" in this convention it does
// the same work, and does it right.
static void settle(LLVMValueRef instr) {
  if (LLVMIsACallInst(instr) && WA_IS_MUST_TAIL(instr))
    LLVMSetTailCall(instr, true);
}

void wa_lower_settle_tail_calls(struct wa_lower *lower) {
  if (!lower->has_tail_calls)
    return;
  for (LLVMValueRef function = LLVMGetFirstFunction(lower->ir); function;
       function = LLVMGetNextFunction(function))
    for (LLVMBasicBlockRef block = LLVMGetFirstBasicBlock(function); block;
         block = LLVMGetNextBasicBlock(block))
      for (LLVMValueRef instr = LLVMGetFirstInstruction(block); instr;
           instr = LLVMGetNextInstruction(instr))
        settle(instr);
}

static void emit_wrapper(struct wa_lower *lower, uint32_t function) {
  char name[16];
  snprintf(name, sizeof name, "w%u", function);
  LLVMTypeRef type = wa_lower_functype(lower, lower->module->functions[function].type);
  LLVMValueRef wrapper =
      wa_lower_add_function(lower, name, type, lower->target->arch->call_convention);
  LLVMPositionBuilderAtEnd(lower->builder,
                           LLVMAppendBasicBlockInContext(lower->context, wrapper, ""));
  LLVMValueRef args[WA_LIMIT_PARAMETERS + 2];
  unsigned count = LLVMCountParams(wrapper);
  LLVMGetParams(wrapper, args);
  wa_lower_return_call(lower, wa_lower_call(lower, type, wa_lower_declare(lower, function),
                                            lower->convention, args, count));
}

void wa_lower_wrappers(struct wa_lower *lower) {
  const struct wa_module *module = lower->module;
  for (uint32_t i = module->imported_functions; i < module->function_count; i++)
    if (lower->layout->func_refs[i] != WA_NONE || i == module->start)
      emit_wrapper(lower, i);
}

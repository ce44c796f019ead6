#include "glue.h"

#include "llvm_compat.h"
#include "target.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <llvm-c/Core.h>

struct emitter {
  LLVMContextRef context;
  LLVMModuleRef module;
  LLVMBuilderRef builder;
  LLVMTypeRef ptr, i32, i64, void_type;
  LLVMAttributeRef signext; // how RISC-V passes i32; nothing elsewhere
};

static LLVMTypeRef c_type(const struct emitter *e, uint32_t type) {
  switch (type) {
  case WA_I32:
    return e->i32;
  case WA_I64:
    return e->i64;
  case WA_F32:
    return LLVMFloatTypeInContext(e->context);
  default:
    return LLVMDoubleTypeInContext(e->context);
  }
}

static LLVMValueRef cell_at(const struct emitter *e, LLVMValueRef cells, uint32_t index) {
  LLVMValueRef at = LLVMConstInt(e->i64, index, false);
  return LLVMBuildGEP2(e->builder, e->i64, cells, &at, 1, "");
}

static LLVMValueRef declare(const struct emitter *e, const char *name, LLVMTypeRef type) {
  LLVMValueRef function = LLVMGetNamedFunction(e->module, name);
  if (!function) {
    function = LLVMAddFunction(e->module, name, type);
    LLVMSetVisibility(function, LLVMHiddenVisibility);
  }
  return function;
}

static LLVMValueRef define(const struct emitter *e, const char *name, LLVMTypeRef type) {
  LLVMValueRef function = LLVMAddFunction(e->module, name, type);
  LLVMPositionBuilderAtEnd(e->builder, LLVMAppendBasicBlockInContext(e->context, function, ""));
  return function;
}

static uint32_t cell_count(const struct wa_functype *type) {
  uint32_t count = type->param_count > type->result_count ? type->param_count : type->result_count;
  return count == 0 ? 1 : count;
}

// What C sees: `first` pointers, the arguments, a pointer for each result but the first.
static LLVMTypeRef c_functype(const struct emitter *e, const struct wa_functype *type) {
  uint32_t extra = type->result_count > 1 ? type->result_count - 1 : 0;
  LLVMTypeRef *params = calloc((size_t)type->param_count + extra + 1, sizeof *params);
  if (!params)
    return NULL;
  uint32_t count = 0;
  params[count++] = e->ptr;
  for (uint32_t i = 0; i < type->param_count; i++)
    params[count++] = c_type(e, type->params[i]);
  for (uint32_t i = 0; i < extra; i++)
    params[count++] = e->ptr;
  LLVMTypeRef result = type->result_count ? c_type(e, type->results[0]) : e->void_type;
  LLVMTypeRef made = LLVMFunctionType(result, params, count, false);
  free(params);
  return made;
}

// RET symbol(self, arguments..., results...): cells, wasmaot_library_call, cells back.
static bool emit_export(const struct emitter *e, const struct wa_glue_function *function,
                        uint32_t index) {
  const struct wa_functype *type = function->type;
  LLVMTypeRef c = c_functype(e, type);
  if (!c)
    return false;
  LLVMValueRef made = define(e, function->symbol, c);
  if (type->result_count && type->results[0] == WA_I32)
    LLVMAddAttributeAtIndex(made, LLVMAttributeReturnIndex, e->signext);
  LLVMValueRef count = LLVMConstInt(e->i32, cell_count(type), false);
  LLVMValueRef cells = LLVMBuildArrayAlloca(e->builder, e->i64, count, "");
  LLVMSetAlignment(cells, 16);
  for (uint32_t i = 0; i < type->param_count; i++)
    LLVMBuildStore(e->builder, LLVMGetParam(made, i + 1), cell_at(e, cells, i));
  LLVMTypeRef params[] = {e->ptr, e->i32, e->ptr, e->i32};
  LLVMTypeRef callee = LLVMFunctionType(e->void_type, params, 4, false);
  LLVMValueRef args[] = {LLVMGetParam(made, 0), LLVMConstInt(e->i32, index, false), cells,
                         LLVMConstInt(e->i32, type->result_count, false)};
  LLVMBuildCall2(e->builder, callee, declare(e, "wasmaot_library_call", callee), args, 4, "");
  for (uint32_t i = 1; i < type->result_count; i++)
    LLVMBuildStore(
        e->builder,
        LLVMBuildLoad2(e->builder, c_type(e, type->results[i]), cell_at(e, cells, i), ""),
        LLVMGetParam(made, type->param_count + i));
  if (type->result_count)
    LLVMBuildRet(e->builder, LLVMBuildLoad2(e->builder, c_type(e, type->results[0]), cells, ""));
  else
    LLVMBuildRetVoid(e->builder);
  return true;
}

// ptr symbol(self, ptr): an export that is no function.
static void emit_other(const struct emitter *e, const struct wa_glue_function *function,
                       uint32_t index) {
  LLVMTypeRef outside[] = {e->ptr, e->ptr};
  LLVMTypeRef inside[] = {e->ptr, e->i32, e->ptr};
  LLVMValueRef made = define(e, function->symbol, LLVMFunctionType(e->ptr, outside, 2, false));
  LLVMTypeRef callee = LLVMFunctionType(e->ptr, inside, 3, false);
  LLVMValueRef args[] = {LLVMGetParam(made, 0), LLVMConstInt(e->i32, index, false),
                         LLVMGetParam(made, 1)};
  LLVMBuildRet(e->builder, LLVMBuildCall2(e->builder, callee, declare(e, function->callee, callee),
                                          args, 3, ""));
}

// void stub(function, self, cells): the arguments from cells, the results to them.
static LLVMValueRef emit_import(const struct emitter *e, const struct wa_glue_function *function,
                                uint32_t index) {
  const struct wa_functype *type = function->type;
  char name[32];
  LLVMTypeRef params[] = {e->ptr, e->ptr, e->ptr};
  LLVMTypeRef c = c_functype(e, type);
  uint32_t extra = type->result_count > 1 ? type->result_count - 1 : 0;
  LLVMValueRef *args = calloc((size_t)type->param_count + extra + 1, sizeof(LLVMValueRef));
  if (!c || !args) {
    free(args);
    return NULL;
  }
  snprintf(name, sizeof name, "wasmaot_import_%u", index);
  LLVMValueRef made = define(e, name, LLVMFunctionType(e->void_type, params, 3, false));
  LLVMSetVisibility(made, LLVMHiddenVisibility);
  LLVMValueRef cells = LLVMGetParam(made, 2);
  uint32_t count = 0;
  args[count++] = LLVMGetParam(made, 1);
  for (uint32_t i = 0; i < type->param_count; i++)
    args[count++] =
        LLVMBuildLoad2(e->builder, c_type(e, type->params[i]), cell_at(e, cells, i), "");
  // Results after the first are written where they belong.
  for (uint32_t i = 0; i < extra; i++)
    args[count++] = cell_at(e, cells, i + 1);
  LLVMValueRef call = LLVMBuildCall2(e->builder, c, LLVMGetParam(made, 0), args, count, "");
  for (uint32_t i = 0; i < type->param_count; i++)
    if (type->params[i] == WA_I32)
      LLVMAddCallSiteAttribute(call, i + 2, e->signext);
  if (type->result_count)
    LLVMBuildStore(e->builder, call, cells);
  LLVMBuildRetVoid(e->builder);
  free(args);
  return made;
}

// Three arguments are passed on whatever they are: all are pointers and sizes.
static void emit_forward(const struct emitter *e, const char *symbol, const char *callee) {
  LLVMTypeRef params[] = {e->ptr, e->ptr, e->ptr};
  LLVMTypeRef type = LLVMFunctionType(e->ptr, params, 3, false);
  LLVMValueRef made = define(e, symbol, type);
  LLVMValueRef args[] = {LLVMGetParam(made, 0), LLVMGetParam(made, 1), LLVMGetParam(made, 2)};
  LLVMBuildRet(e->builder, LLVMBuildCall2(e->builder, type, declare(e, callee, type), args, 3, ""));
}

// ---- Tables ----

static LLVMValueRef text(const struct emitter *e, const char *string) {
  LLVMValueRef bytes =
      LLVMConstStringInContext(e->context, string, (unsigned)strlen(string), false);
  LLVMValueRef global = LLVMAddGlobal(e->module, LLVMTypeOf(bytes), "");
  LLVMSetInitializer(global, bytes);
  LLVMSetGlobalConstant(global, true);
  LLVMSetLinkage(global, LLVMPrivateLinkage);
  return global;
}

static void table(const struct emitter *e, const char *name, LLVMValueRef *values, uint32_t count) {
  LLVMValueRef array = LLVMConstArray2(e->ptr, values, count);
  LLVMValueRef global = LLVMAddGlobal(e->module, LLVMTypeOf(array), name);
  LLVMSetInitializer(global, array);
  LLVMSetGlobalConstant(global, true);
  LLVMSetVisibility(global, LLVMHiddenVisibility);
}

// wasmaot_library_exports: names, then NULL. wasmaot_library_imports: module, name, stub of each,
// then NULL.
static bool emit_all(const struct emitter *e, const struct wa_glue *glue) {
  size_t room = (size_t)3 * glue->import_count + glue->export_count + 1;
  LLVMValueRef *values = calloc(room, sizeof(LLVMValueRef));
  uint32_t count = 0;
  bool done = values != NULL;
  for (uint32_t i = 0; done && i < glue->export_count; i++) {
    const struct wa_glue_function *function = &glue->exports[i];
    if (function->type)
      done = emit_export(e, function, i);
    else
      emit_other(e, function, i);
    values[count++] = text(e, function->name);
  }
  if (done) {
    values[count++] = LLVMConstNull(e->ptr);
    table(e, "wasmaot_library_exports", values, count);
  }
  count = 0;
  for (uint32_t i = 0; done && i < glue->import_count; i++) {
    values[count++] = text(e, glue->imports[i].module);
    values[count++] = text(e, glue->imports[i].name);
    values[count] = emit_import(e, &glue->imports[i], i);
    done = values[count++] != NULL;
  }
  if (done) {
    values[count++] = LLVMConstNull(e->ptr);
    table(e, "wasmaot_library_imports", values, count);
  }
  for (uint32_t i = 0; i < glue->forward_count; i++)
    emit_forward(e, glue->forwards[(size_t)2 * i], glue->forwards[(size_t)2 * i + 1]);
  free(values);
  return done;
}

static void set_abi(const struct emitter *e, const struct wa_target *target) {
  if (strncmp(target->triple, "riscv64", 7) != 0)
    return;
  LLVMAddModuleFlag(e->module, LLVMModuleFlagBehaviorError, "target-abi", 10,
                    LLVMMDStringInContext2(e->context, "lp64d", 5));
}

static bool generate(const struct emitter *e, const struct wa_target *target,
                     struct wa_buffer *object, struct wa_error *err) {
  LLVMTargetMachineRef machine = wa_target_machine(target, 2);
  LLVMMemoryBufferRef code;
  char *message = NULL;
  if (!machine)
    return wa_fail(err, WA_ERROR_SYSTEM, WA_NO_OFFSET, "LLVM cannot compile for %s",
                   target->triple);
  bool failed =
      LLVMTargetMachineEmitToMemoryBuffer(machine, e->module, LLVMObjectFile, &message, &code);
  LLVMDisposeTargetMachine(machine);
  if (failed) {
    wa_fail(err, WA_ERROR_SYSTEM, WA_NO_OFFSET, "LLVM's code generator: %s", message);
    LLVMDisposeMessage(message);
    return false;
  }
  object->size = LLVMGetBufferSize(code);
  object->data = malloc(object->size);
  if (object->data)
    memcpy(object->data, LLVMGetBufferStart(code), object->size);
  LLVMDisposeMemoryBuffer(code);
  return object->data || wa_fail(err, WA_ERROR_SYSTEM, WA_NO_OFFSET, "out of memory");
}

bool wa_glue_compile(const struct wa_glue *glue, const struct wa_compile_options *options,
                     struct wa_buffer *object, struct wa_error *err) {
  struct wa_target target;
  *object = (struct wa_buffer){.data = NULL};
  if (!wa_target_init(&target, options, err))
    return false;
  struct emitter e = {.context = LLVMContextCreate()};
  e.module = LLVMModuleCreateWithNameInContext("glue", e.context);
  e.builder = LLVMCreateBuilderInContext(e.context);
  e.ptr = LLVMPointerTypeInContext(e.context, 0);
  e.i32 = LLVMInt32TypeInContext(e.context);
  e.i64 = LLVMInt64TypeInContext(e.context);
  e.void_type = LLVMVoidTypeInContext(e.context);
  e.signext = LLVMCreateEnumAttribute(e.context, LLVMGetEnumAttributeKindForName("signext", 7), 0);
  LLVMSetTarget(e.module, target.triple);
  set_abi(&e, &target);
  bool done = emit_all(&e, glue) ? generate(&e, &target, object, err)
                                 : wa_fail(err, WA_ERROR_SYSTEM, WA_NO_OFFSET, "out of memory");
  LLVMDisposeBuilder(e.builder);
  LLVMDisposeModule(e.module);
  LLVMContextDispose(e.context);
  return done;
}

#include "compiler/glue.h"

#include "compiler/compile.h"

#include "compiler/ir/ir.h"
#include "compiler/target/llvm_compat.h"
#include "compiler/target/target.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <llvm-c/Core.h>

struct emitter {
  LLVMContextRef context;
  LLVMModuleRef module;
  LLVMBuilderRef builder;
  LLVMTypeRef ptr, i32, i64, void_type;
  LLVMTypeRef words;        // 16 bytes as C passes them in registers
  LLVMAttributeRef signext; // how RISC-V passes i32; nothing elsewhere
  LLVMAttributeRef byval, align;
  uint32_t registers; // 16 bytes are passed in memory when fewer than two of these are left
};

static LLVMTypeRef c_type(const struct emitter *e, uint32_t type) {
  switch (type) {
  case WA_I32:
    return e->i32;
  case WA_I64:
    return e->i64;
  case WA_F32:
    return LLVMFloatTypeInContext(e->context);
  case WA_F64:
    return LLVMDoubleTypeInContext(e->context);
  case WA_V128:
    return e->words;
  default:
    return e->ptr;
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

// ---- Values ----

static uint32_t cells_of(uint32_t type) {
  return type == WA_V128 ? 2 : 1;
}

static uint32_t count_cells(const uint32_t *types, uint32_t count) {
  uint32_t cells = 0;
  for (uint32_t i = 0; i < count; i++) {
    cells += cells_of(types[i]);
  }
  return cells;
}

// A function of C's and where its parameters are. Free with c_function_deinit.
struct c_function {
  LLVMTypeRef type;
  bool *in_memory; // per parameter of the wasm type: behind a pointer, a copy
  uint32_t extra;  // pointers for results after the first
};

// System V on x86-64 takes 16 bytes to memory as a whole when no two registers are left; what comes
// behind may still get the last one. LLVM does by itself what the other conventions say.
static bool goes_to_memory(const struct emitter *e, uint32_t type, uint32_t *used) {
  if (type == WA_F32 || type == WA_F64) {
    return false;
  }
  if (type == WA_V128 && *used + 2 > e->registers) {
    return true;
  }
  *used += cells_of(type);
  return false;
}

static void c_function_deinit(struct c_function *c) {
  free(c->in_memory);
}

// What C sees: a pointer, the arguments, a pointer for each result but the first.
static bool c_function_init(struct c_function *c, const struct emitter *e,
                            const struct wa_functype *type) {
  uint32_t extra = type->result_count > 1 ? type->result_count - 1 : 0;
  LLVMTypeRef *params = calloc((size_t)type->param_count + extra + 1, sizeof *params);
  *c = (struct c_function){.in_memory = calloc((size_t)type->param_count + 1, sizeof(bool)),
                           .extra = extra};
  if (!params || !c->in_memory) {
    free(params);
    c_function_deinit(c);
    return false;
  }
  uint32_t count = 0;
  uint32_t used = 1;
  params[count++] = e->ptr;
  for (uint32_t i = 0; i < type->param_count; i++) {
    c->in_memory[i] = goes_to_memory(e, type->params[i], &used);
    params[count++] = c->in_memory[i] ? e->ptr : c_type(e, type->params[i]);
  }
  for (uint32_t i = 0; i < extra; i++) {
    params[count++] = e->ptr;
  }
  LLVMTypeRef result = type->result_count ? c_type(e, type->results[0]) : e->void_type;
  c->type = LLVMFunctionType(result, params, count, false);
  free(params);
  return true;
}

// Cells may be at any multiple of 8.
static LLVMValueRef load_cell(const struct emitter *e, uint32_t type, LLVMValueRef cells,
                              uint32_t cell) {
  LLVMValueRef loaded = LLVMBuildLoad2(e->builder, c_type(e, type), cell_at(e, cells, cell), "");
  LLVMSetAlignment(loaded, 8);
  return loaded;
}

static void store_cell(const struct emitter *e, LLVMValueRef value, LLVMValueRef cells,
                       uint32_t cell) {
  LLVMSetAlignment(LLVMBuildStore(e->builder, value, cell_at(e, cells, cell)), 8);
}

// What C gave for an argument, in its cells.
static void store_argument(const struct emitter *e, LLVMValueRef given, bool in_memory,
                           LLVMValueRef cells, uint32_t cell) {
  if (in_memory) {
    given = LLVMBuildLoad2(e->builder, e->words, given, "");
    LLVMSetAlignment(given, 8);
  }
  store_cell(e, given, cells, cell);
}

// RET symbol(self, arguments..., results...): cells, the callee, cells back.
static bool emit_export(const struct emitter *e, const struct wa_glue_function *function) {
  const struct wa_functype *type = function->type;
  struct c_function c;
  if (!c_function_init(&c, e, type)) {
    return false;
  }
  LLVMValueRef made = define(e, function->symbol, c.type);
  if (type->result_count && type->results[0] == WA_I32) {
    LLVMAddAttributeAtIndex(made, LLVMAttributeReturnIndex, e->signext);
  }
  uint32_t in = count_cells(type->params, type->param_count);
  uint32_t out = count_cells(type->results, type->result_count);
  LLVMValueRef count = LLVMConstInt(e->i32, (in > out ? in : out) + 1, false);
  LLVMValueRef cells = LLVMBuildArrayAlloca(e->builder, e->i64, count, "");
  LLVMSetAlignment(cells, 16);
  for (uint32_t i = 0, cell = 0; i < type->param_count; i++) {
    if (c.in_memory[i]) {
      LLVMAddAttributeAtIndex(made, i + 2, e->byval);
      LLVMAddAttributeAtIndex(made, i + 2, e->align);
    }
    store_argument(e, LLVMGetParam(made, i + 1), c.in_memory[i], cells, cell);
    cell += cells_of(type->params[i]);
  }
  LLVMTypeRef params[] = {e->ptr, e->i32, e->ptr, e->i32};
  LLVMTypeRef callee = LLVMFunctionType(e->void_type, params, 4, false);
  LLVMValueRef args[] = {LLVMGetParam(made, 0), LLVMConstInt(e->i32, function->row, false), cells,
                         LLVMConstInt(e->i32, out, false)};
  LLVMBuildCall2(e->builder, callee, declare(e, function->callee, callee), args, 4, "");
  for (uint32_t i = 0, cell = 0; i < type->result_count; i++) {
    if (i > 0) {
      LLVMValueRef value = load_cell(e, type->results[i], cells, cell);
      LLVMValueRef stored =
          LLVMBuildStore(e->builder, value, LLVMGetParam(made, type->param_count + i));
      if (type->results[i] == WA_V128) { // bytes, to C
        LLVMSetAlignment(stored, 1);
      }
    }
    cell += cells_of(type->results[i]);
  }
  if (type->result_count) {
    LLVMBuildRet(e->builder, load_cell(e, type->results[0], cells, 0));
  } else {
    LLVMBuildRetVoid(e->builder);
  }
  c_function_deinit(&c);
  return true;
}

// ptr symbol(self, ptr): an export that is no function.
static void emit_other(const struct emitter *e, const struct wa_glue_function *function) {
  LLVMTypeRef outside[] = {e->ptr, e->ptr};
  LLVMTypeRef inside[] = {e->ptr, e->i32, e->ptr};
  LLVMValueRef made = define(e, function->symbol, LLVMFunctionType(e->ptr, outside, 2, false));
  LLVMTypeRef callee = LLVMFunctionType(e->ptr, inside, 3, false);
  LLVMValueRef args[] = {LLVMGetParam(made, 0), LLVMConstInt(e->i32, function->row, false),
                         LLVMGetParam(made, 1)};
  LLVMBuildRet(e->builder, LLVMBuildCall2(e->builder, callee, declare(e, function->callee, callee),
                                          args, 3, ""));
}

// An argument for C, from its cells.
static LLVMValueRef load_argument(const struct emitter *e, uint32_t type, bool in_memory,
                                  LLVMValueRef cells, uint32_t cell) {
  LLVMValueRef loaded = load_cell(e, type, cells, cell);
  if (!in_memory) {
    return loaded;
  }
  LLVMValueRef copy = LLVMBuildAlloca(e->builder, e->words, "");
  LLVMSetAlignment(LLVMBuildStore(e->builder, loaded, copy), 8);
  return copy;
}

static LLVMValueRef call_import(const struct emitter *e, const struct wa_functype *type,
                                const struct c_function *c, LLVMValueRef made, LLVMValueRef *args) {
  LLVMValueRef cells = LLVMGetParam(made, 2);
  uint32_t count = 0;
  args[count++] = LLVMGetParam(made, 1);
  for (uint32_t i = 0, cell = 0; i < type->param_count; i++) {
    args[count++] = load_argument(e, type->params[i], c->in_memory[i], cells, cell);
    cell += cells_of(type->params[i]);
  }
  // Results after the first are written where they belong. One that C forgets is zero: an argument
  // must not become a reference.
  for (uint32_t i = 0, cell = 0; i < type->result_count; i++) {
    if (i > 0) {
      args[count++] = cell_at(e, cells, cell);
      store_cell(e, LLVMConstNull(c_type(e, type->results[i])), cells, cell);
    }
    cell += cells_of(type->results[i]);
  }
  LLVMValueRef call = LLVMBuildCall2(e->builder, c->type, LLVMGetParam(made, 0), args, count, "");
  for (uint32_t i = 0; i < type->param_count; i++) {
    if (type->params[i] == WA_I32) {
      LLVMAddCallSiteAttribute(call, i + 2, e->signext);
    }
    if (c->in_memory[i]) {
      LLVMAddCallSiteAttribute(call, i + 2, e->byval);
      LLVMAddCallSiteAttribute(call, i + 2, e->align);
    }
  }
  return call;
}

// void stub(function, self, cells): the arguments from cells, the results to them.
static LLVMValueRef emit_import(const struct emitter *e, const struct wa_glue_function *function,
                                uint32_t index) {
  const struct wa_functype *type = function->type;
  char name[32];
  LLVMTypeRef params[] = {e->ptr, e->ptr, e->ptr};
  struct c_function c;
  if (!c_function_init(&c, e, type)) {
    return NULL;
  }
  LLVMValueRef *args = calloc((size_t)type->param_count + c.extra + 1, sizeof(LLVMValueRef));
  LLVMValueRef made = NULL;
  if (args) {
    snprintf(name, sizeof name, "wasmaot_import_%u", index);
    made = define(e, name, LLVMFunctionType(e->void_type, params, 3, false));
    LLVMSetVisibility(made, LLVMHiddenVisibility);
    LLVMValueRef call = call_import(e, type, &c, made, args);
    if (type->result_count) {
      store_cell(e, call, LLVMGetParam(made, 2), 0);
    }
    LLVMBuildRetVoid(e->builder);
  }
  free(args);
  c_function_deinit(&c);
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

// Functions for all exports. wasmaot_library_imports: module, name, stub of each, then NULL.
static bool emit_all(const struct emitter *e, const struct wa_glue *glue) {
  size_t room = (size_t)3 * glue->import_count + 1;
  LLVMValueRef *values = calloc(room, sizeof(LLVMValueRef));
  uint32_t count = 0;
  bool done = values != NULL;
  for (uint32_t i = 0; done && i < glue->export_count; i++) {
    if (glue->exports[i].type) {
      done = emit_export(e, &glue->exports[i]);
    } else {
      emit_other(e, &glue->exports[i]);
    }
  }
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
  for (uint32_t i = 0; i < glue->forward_count; i++) {
    emit_forward(e, glue->forwards[(size_t)2 * i], glue->forwards[(size_t)2 * i + 1]);
  }
  free(values);
  return done;
}

static void set_abi(const struct emitter *e, const struct wa_target *target) {
  if (strncmp(target->triple, "riscv64", 7) != 0) {
    return;
  }
  LLVMAddModuleFlag(e->module, LLVMModuleFlagBehaviorError, "target-abi", 10,
                    LLVMMDStringInContext2(e->context, "lp64d", 5));
}

static bool generate(const struct emitter *e, const struct wa_target *target,
                     struct wa_buffer *object, struct wa_error *err) {
  LLVMTargetMachineRef machine = wa_target_machine(target, 2);
  LLVMMemoryBufferRef code;
  char *message = NULL;
  if (!machine) {
    return wa_fail(err, WA_ERROR_SYSTEM, WA_NO_OFFSET, "LLVM cannot compile for %s",
                   target->triple);
  }
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
  if (object->data) {
    memcpy(object->data, LLVMGetBufferStart(code), object->size);
  }
  LLVMDisposeMemoryBuffer(code);
  return object->data || wa_fail(err, WA_ERROR_SYSTEM, WA_NO_OFFSET, "out of memory");
}

bool wa_glue_compile(const struct wa_glue *glue, const struct wa_compile_options *options,
                     struct wa_buffer *object, struct wa_error *err) {
  struct wa_target target;
  *object = (struct wa_buffer){.data = NULL};
  if (!wa_target_init(&target, options, err)) {
    return false;
  }
  struct emitter e = {.context = LLVMContextCreate()};
  e.module = LLVMModuleCreateWithNameInContext("glue", e.context);
  e.builder = LLVMCreateBuilderInContext(e.context);
  e.ptr = LLVMPointerTypeInContext(e.context, 0);
  e.i32 = LLVMInt32TypeInContext(e.context);
  e.i64 = LLVMInt64TypeInContext(e.context);
  e.void_type = LLVMVoidTypeInContext(e.context);
  e.words = LLVMArrayType2(e.i64, 2);
  e.byval =
      LLVMCreateTypeAttribute(e.context, LLVMGetEnumAttributeKindForName("byval", 5), e.words);
  e.align = wa_ir_attribute(e.context, "align", 8);
  e.registers = strncmp(target.triple, "x86_64", 6) == 0 ? 6 : UINT32_MAX;
  e.signext = wa_ir_attribute(e.context, "signext", 0);
  LLVMSetTarget(e.module, target.triple);
  set_abi(&e, &target);
  bool done = emit_all(&e, glue) ? generate(&e, &target, object, err)
                                 : wa_fail(err, WA_ERROR_SYSTEM, WA_NO_OFFSET, "out of memory");
  LLVMDisposeBuilder(e.builder);
  LLVMDisposeModule(e.module);
  LLVMContextDispose(e.context);
  return done;
}

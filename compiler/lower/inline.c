// Calls of small functions become their code, as if the body stood in a block: its locals are new
// ones that are set where the call is, `return` is a branch to the block's end. What is left is
// what the call would have done, in the same order; only a frame of the stack is missing, which
// nobody sees but who asks for backtraces (with -g nothing is inlined). So that little is missing
// there, a body calls at most one function, as the last thing it does, where native code would jump
// to it; and what traps because of its operands has a frame of its own, but for addresses.
//
// A guest decides what there is to inline. So bodies have no more bytes than CODE_SIZE, a function
// takes in about as much as it has itself, and nothing that costs more than its length: many
// locals, wide types.
#include "compiler/lower/lower.h"

#include <string.h>

enum {
  CODE_SIZE = 64,  // of a body that is inlined, in bytes
  LOCALS = 16,     // of it
  VALUES = 16,     // parameters and results of it, and of what it calls
  DEPTH = 4,       // of bodies in one another
  MOST = 4096,     // bytes of other functions in a function, and
  BEYOND_OWN = 32, // no more than so many above its own
};

static bool is_wide(const struct wa_ir *ir, uint32_t type) {
  const struct wa_functype *functype = &ir->module->types[type];
  return functype->param_count + functype->result_count > VALUES;
}

static bool has_few_locals(struct wa_lower_function *f, const struct wa_function *function) {
  uint32_t run_count = 0, locals = 0;
  struct wa_local_run *runs = wa_function_locals(f->ir->module, function, &f->arena, &run_count);
  if (!runs) {
    wa_ir_no_memory();
  }
  for (uint32_t i = 0; i < run_count && locals <= LOCALS; i++) {
    locals = runs[i].count > LOCALS ? LOCALS + 1 : locals + runs[i].count;
  }
  return locals <= LOCALS;
}

// Whether an exception that a call lets through has work to do in the function.
static bool has_handler(const struct wa_lower_function *f) {
  return wa_is_caught(f) || wa_leaves_clause(f, 0);
}

// Whether an instruction may be inlined. A loop is worth its call, and so is a division; LLVM's
// time for a count of bits is planned for (effort.h). Without these and without throws and tail
// calls, some way leads to the body's end, so that there is code behind.
static bool may_inline(const struct wa_lower_function *f, const struct wa_instr *instr) {
  switch (instr->op) {
  case WA_OP_loop:
  case WA_OP_unreachable:
  case WA_OP_try:
  case WA_OP_try_table:
  case WA_OP_throw:
  case WA_OP_throw_ref:
  case WA_OP_return_call:
  case WA_OP_return_call_indirect:
  case WA_OP_return_call_ref:
  case WA_OP_i8x16_popcnt:
    return false;
  case WA_OP_call:
    return !has_handler(f) && !is_wide(f->ir, f->ir->module->functions[instr->index].type);
  case WA_OP_call_indirect:
  case WA_OP_call_ref:
    return !has_handler(f) && !is_wide(f->ir, instr->index);
  default:
    return !wa_op_divides(instr->op);
  }
}

static bool is_inlined(struct wa_lower_function *f, const struct wa_function *function) {
  size_t size = function->end_offset - function->code_offset;
  size_t own = f->root->end_offset - f->root->code_offset;
  if (!f->ir->inlines_calls || size > CODE_SIZE || f->depth == DEPTH || f->inlined + size > MOST ||
      f->inlined + size > own + BEYOND_OWN || is_wide(f->ir, function->type) ||
      !has_few_locals(f, function)) {
    return false;
  }
  struct wa_reader reader = {.start = f->ir->module->bytes.data,
                             .position = function->code_offset,
                             .end = function->end_offset};
  struct wa_instr instr;
  struct wa_error ignored;
  bool has_called = false;
  while (reader.position < reader.end && wa_instr_read(&reader, &instr, &ignored)) {
    bool ends = instr.op == WA_OP_end || instr.op == WA_OP_return;
    if ((has_called && !ends) || !may_inline(f, &instr)) {
      return false;
    }
    has_called |= wa_op_infos[instr.op].family == WA_FAMILY_CALL;
  }
  return true;
}

// What lowers the body: the caller's function, with a stack and labels of its own.
static struct wa_lower_function enter(const struct wa_lower_function *f,
                                      const struct wa_function *function) {
  struct wa_lower_function body = *f;
  body.function = function;
  body.type = &f->ir->module->types[function->type];
  body.result_buffer = NULL;
  body.stack = NULL;
  body.height = body.stack_capacity = 0;
  body.labels = NULL;
  body.label_count = body.label_capacity = 0;
  body.hint = wa_find_hint(f->ir->module, function->code_offset);
  body.depth++;
  body.inlined += (uint32_t)(function->end_offset - function->code_offset);
  return body;
}

// What the body and the caller share, and the results.
static void leave(struct wa_lower_function *f, const struct wa_lower_function *body) {
  f->arena = body->arena;
  f->accesses = body->accesses;
  f->inlined = body->inlined;
  memcpy(f->traps, body->traps, sizeof f->traps);
  memcpy(f->memories, body->memories, sizeof f->memories);
  for (uint32_t i = 0; i < body->type->result_count; i++) {
    wa_lower_push(f, body->stack[i]);
  }
}

bool wa_lower_inlined(struct wa_lower_function *f, uint32_t index) {
  const struct wa_function *function = &f->ir->module->functions[index];
  if (!is_inlined(f, function)) {
    return false;
  }
  struct wa_lower_function body = enter(f, function);
  f->height -= body.type->param_count;
  wa_lower_locals(&body, &f->stack[f->height]);
  wa_lower_enter(&body);
  wa_lower_instrs(&body);
  leave(f, &body);
  return true;
}

#include "compiler/effort.h"

#include "compiler/wasm/instr.h"
#include "compiler/wasm/reader.h"

#include <string.h>

// A structured control instruction that is open.
struct label {
  uint32_t arity;   // values that a branch carries to it
  uint32_t results; // values that its end leaves
  uint64_t sets;    // of locals, before it
  uint64_t height;  // in the tree of dominators, of what its end has above it
  uint32_t tries;   // open around it
  bool loops;
  bool joins;          // control comes together at it
  uint32_t conditions; // on which branches lead to it
};

struct measure {
  const struct wa_module *module;
  const struct wa_function *function;
  struct wa_reader reader;
  struct wa_arena arena;
  struct label *labels;
  uint32_t depth, capacity;
  uint32_t locals;
  uint64_t sets;
  uint64_t height; // in the tree of dominators, about
  uint32_t tries;  // open
  bool has_shared_memory;
  struct wa_effort *effort;
};

// What a try costs for each one around it, against a step in the tree of dominators.
enum { TRY_STEPS = 8 };

static bool catches(enum wa_op op) {
  return op == WA_OP_try || op == WA_OP_try_table;
}

static bool push(struct measure *m, uint32_t arity, uint32_t results, enum wa_op op) {
  if (m->depth == m->capacity) {
    uint32_t capacity = m->capacity ? m->capacity * 2 : 32;
    struct label *labels = wa_arena_alloc(&m->arena, capacity, sizeof *labels);
    if (!labels) {
      return false;
    }
    if (m->depth) {
      memcpy(labels, m->labels, m->depth * sizeof *labels);
    }
    m->labels = labels;
    m->capacity = capacity;
  }
  m->labels[m->depth++] = (struct label){.arity = arity,
                                         .results = results,
                                         .sets = m->sets,
                                         .height = m->height,
                                         .tries = m->tries,
                                         .loops = op == WA_OP_loop,
                                         .joins = op == WA_OP_if};
  return true;
}

static bool open(struct measure *m, const struct wa_instr *instr) {
  uint32_t params = 0, results = instr->block.result != 0;
  if (instr->block.type != WA_NONE) {
    params = m->module->types[instr->block.type].param_count;
    results = m->module->types[instr->block.type].result_count;
  }
  m->effort->carried += params;
  m->height += instr->op != WA_OP_block;
  if (instr->op == WA_OP_if) {
    m->effort->walks += m->height;
  }
  bool enough = push(m, instr->op == WA_OP_loop ? params : results, results, instr->op);
  if (catches(instr->op)) {
    m->tries++;
    m->effort->walks += (uint64_t)TRY_STEPS * m->tries;
  }
  return enough;
}

static void close_label(struct measure *m) {
  const struct label *label = &m->labels[--m->depth];
  uint64_t sets = m->sets - label->sets;
  m->tries = label->tries;
  m->effort->carried += label->results;
  if (label->joins) {
    m->effort->phis += sets < m->locals ? sets : m->locals;
  }
  if (label->joins && !label->loops) {
    m->height = label->height + 1;
  }
}

static void branch(struct measure *m, uint32_t depth) {
  struct label *label = &m->labels[m->depth - 1 - depth];
  if (!label->joins) { // the first branch is the last that every way to the end has in common
    label->joins = true;
    label->height = label->loops ? label->height : m->height;
  }
  m->effort->carried += label->arity;
  m->height++;
}

// A branch to a label on one more condition.
static void add_condition(struct measure *m, uint32_t depth) {
  m->effort->walks += m->height;
  m->effort->conditions += m->labels[m->depth - 1 - depth].conditions++;
}

// Of what follows: a check, past which the code goes on in another block, or an access.
static void freeze(struct measure *m, uint32_t checks) {
  m->height += checks;
  m->effort->walks += m->height;
}

static void branch_table(struct measure *m, const struct wa_instr *instr) {
  struct wa_reader labels = m->reader;
  struct wa_error ignored;
  labels.position = instr->labels.start;
  for (uint32_t i = 0; i <= instr->labels.count; i++) {
    uint32_t depth = 0;
    (void)wa_reader_u32(&labels, &depth, &ignored);
    branch(m, depth);
  }
}

// The labels of clauses count from outside the try_table.
static void clauses(struct measure *m, const struct wa_instr *instr) {
  struct wa_reader reader = m->reader;
  struct wa_error ignored;
  reader.position = instr->labels.start;
  for (uint32_t i = 0; i < instr->labels.count; i++) {
    struct wa_catch clause;
    (void)wa_reader_catch(&reader, &clause, &ignored);
    branch(m, clause.label + 1);
  }
}

static void call(struct measure *m, uint32_t type) {
  const struct wa_functype *callee = &m->module->types[type];
  m->effort->carried += (uint64_t)callee->param_count + callee->result_count;
}

static bool measure_instr(struct measure *m, const struct wa_instr *instr) {
  switch (instr->op) {
  case WA_OP_block:
  case WA_OP_loop:
  case WA_OP_if:
  case WA_OP_try:
    return open(m, instr);
  case WA_OP_try_table:
    if (!open(m, instr)) {
      return false;
    }
    clauses(m, instr);
    break;
  case WA_OP_end:
  case WA_OP_delegate:
    close_label(m);
    break;
  case WA_OP_br_if:
    add_condition(m, instr->index);
    branch(m, instr->index);
    break;
  case WA_OP_br:
  case WA_OP_br_on_null:
  case WA_OP_br_on_non_null:
    branch(m, instr->index);
    break;
  case WA_OP_br_table:
    m->effort->ways += instr->labels.count;
    branch_table(m, instr);
    break;
  case WA_OP_return:
    branch(m, m->depth - 1);
    break;
  case WA_OP_catch:
    m->labels[m->depth - 1].joins = true;
    call(m, m->module->tags[instr->index].type);
    break;
  case WA_OP_catch_all:
    m->labels[m->depth - 1].joins = true;
    break;
  case WA_OP_throw:
    call(m, m->module->tags[instr->index].type);
    break;
  case WA_OP_call:
  case WA_OP_return_call:
    call(m, m->module->functions[instr->index].type);
    break;
  case WA_OP_call_indirect:
  case WA_OP_return_call_indirect:
    freeze(m, 3);
    call(m, instr->index);
    break;
  case WA_OP_call_ref:
  case WA_OP_return_call_ref:
    m->height++;
    call(m, instr->index);
    break;
  case WA_OP_local_set:
  case WA_OP_local_tee:
    m->sets++;
    break;
  case WA_OP_i8x16_popcnt:
    m->effort->bit_counts++;
    break;
  case WA_OP_i32_trunc_f32_s:
  case WA_OP_i32_trunc_f32_u:
  case WA_OP_i32_trunc_f64_s:
  case WA_OP_i32_trunc_f64_u:
  case WA_OP_i64_trunc_f32_s:
  case WA_OP_i64_trunc_f32_u:
  case WA_OP_i64_trunc_f64_s:
  case WA_OP_i64_trunc_f64_u:
  case WA_OP_memory_grow:
  case WA_OP_table_get:
  case WA_OP_table_set:
    freeze(m, 1);
    break;
  default:
    if (wa_op_divides(instr->op)) {
      freeze(m, 1);
    } else if (m->has_shared_memory && wa_op_infos[instr->op].imm == WA_IMM_MEMARG) {
      freeze(m, 0);
    }
    break;
  }
  return true;
}

// Constants, offsets and locals count; what is numbered through the module does not.
static void add_content(struct wa_effort *effort, const struct wa_instr *instr) {
  uint64_t word = 0;
  switch (wa_op_infos[instr->op].imm) {
  case WA_IMM_LOCAL:
    word = instr->index;
    break;
  case WA_IMM_MEMARG:
  case WA_IMM_MEMARG_LANE:
    word = instr->memarg.offset;
    break;
  case WA_IMM_I32:
  case WA_IMM_I64:
  case WA_IMM_F32:
  case WA_IMM_F64:
  case WA_IMM_V128:
  case WA_IMM_LANES:
    word = instr->bits[0] ^ instr->bits[1];
    break;
  default:
    break;
  }
  effort->instrs++;
  effort->content = (effort->content ^ (uint64_t)instr->op) * UINT64_C(0x9e3779b97f4a7c15);
  effort->content ^= effort->content >> 29;
  effort->content = (effort->content ^ word) * UINT64_C(0xbf58476d1ce4e5b9);
  effort->content ^= effort->content >> 32;
}

static bool count_locals(struct measure *m) {
  uint32_t count = 0;
  struct wa_local_run *runs = wa_function_locals(m->module, m->function, &m->arena, &count);
  m->locals = m->module->types[m->function->type].param_count;
  for (uint32_t i = 0; runs && i < count; i++) {
    m->locals += runs[i].count;
  }
  m->effort->locals = m->locals;
  return runs != NULL;
}

static bool measure_body(struct measure *m) {
  uint32_t results = m->module->types[m->function->type].result_count;
  struct wa_instr instr;
  struct wa_error ignored;
  bool enough = count_locals(m) && push(m, results, results, WA_OP_block);
  while (enough && m->depth && wa_instr_read(&m->reader, &instr, &ignored)) {
    add_content(m->effort, &instr);
    enough = measure_instr(m, &instr);
  }
  return enough;
}

bool wa_effort_measure(const struct wa_module *module, const struct wa_function *function,
                       struct wa_effort *effort) {
  struct measure m = {
      .module = module,
      .function = function,
      .reader = {.start = module->bytes.data,
                 .position = function->code_offset,
                 .end = function->end_offset},
      .effort = effort,
  };
  *effort = (struct wa_effort){0};
  for (uint32_t i = 0; i < module->memory_count; i++) {
    m.has_shared_memory |= module->memories[i].limits.shared;
  }
  wa_arena_init(&m.arena, 0);
  bool measured = measure_body(&m);
  wa_arena_deinit(&m.arena);
  return measured;
}

bool wa_effort_types(const struct wa_module *module, const struct wa_layout *layout) {
  uint32_t types = 0;
  for (uint32_t i = 0; i < module->type_count; i++) {
    const struct wa_functype *type = &module->types[i];
    bool used = layout->entries[i] || layout->exits[i];
    if (used && type->param_count + type->result_count > WA_EFFORT_WIDE_TYPE) {
      return true;
    }
    types += used;
  }
  return types > WA_EFFORT_TYPES;
}

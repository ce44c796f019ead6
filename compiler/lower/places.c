#include "compiler/lower/places.h"

#include "compiler/dwarf/dwarf.h"
#include "compiler/dwarf/expression.h"
#include "compiler/lower/lower.h"
#include "compiler/source/source.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// A variable comes to have an expression, or has it no more.
struct event {
  uint32_t address;
  uint32_t variable, expression;
  uint32_t order;
  bool starts;
};

struct state {
  const struct wa_variable *variable;
  LLVMMetadataRef number;
  uint32_t expression; // that it has at this instruction, or WA_NONE
  bool dirty;          // LLVM is to be told
  bool told;           // LLVM has been told of some expression
  bool fresh;          // it was not yet told of the operands that the expression has on the stack
  bool on_stack;       // it has such operands
};

struct wa_debug_places {
  const struct wa_variables *variables;
  struct state *states;
  uint32_t count;
  struct event *events;
  uint32_t event_count, next_event;
  uint32_t *dirty; // variables
  uint32_t dirty_count;
  uint32_t *log; // variables in the order of their changes
  uint32_t log_count, log_capacity;
  bool *is_operand; // per local: some expression names it
  uint32_t *starts; // per open block: log_count where it began
  uint32_t depth;
};

// ---- Before lowering ----

static bool is_join(enum wa_op op) {
  return op == WA_OP_loop || op == WA_OP_else || op == WA_OP_end || op == WA_OP_catch ||
         op == WA_OP_catch_all || op == WA_OP_delegate;
}

struct wa_body_shape wa_body_shape(const struct wa_lower_function *f, uint32_t frame_local) {
  struct wa_reader reader = {.start = f->ir->module->bytes.data,
                             .position = f->function->code_offset,
                             .end = f->function->end_offset};
  struct wa_body_shape shape = {0};
  struct wa_error ignored;
  struct wa_instr instr;
  while (reader.position < reader.end && wa_instr_read(&reader, &instr, &ignored)) {
    bool sets = instr.op == WA_OP_local_set || instr.op == WA_OP_local_tee;
    shape.joins += is_join(instr.op);
    shape.sets += sets;
    shape.frame_sets += sets && instr.index == frame_local;
  }
  return shape;
}

static void *allocate(struct wa_lower_function *f, size_t count, size_t size) {
  return wa_ir_alloc(&f->arena, count ? count : 1, size);
}

// ---- Locals ----

// 0 of a type that is not followed.
static char type_letter(const struct wa_ir *ir, LLVMTypeRef type) {
  static const char letters[] = "ijfd";
  LLVMTypeRef types[] = {ir->i32, ir->i64, ir->f32, ir->f64};
  for (unsigned i = 0; i < sizeof types / sizeof *types; i++) {
    if (types[i] == type) {
      return letters[i];
    }
  }
  return 0;
}

// NULL for a type that is not followed.
static LLVMMetadataRef local_variable(struct wa_lower_function *f, uint32_t local) {
  char name[16];
  char letter = type_letter(f->ir, f->local_types[local]);
  if (!letter) {
    return NULL;
  }
  snprintf(name, sizeof name, "l%u%c", local, letter);
  return wa_debug_variable(f, name, f->local_types[local]);
}

static void declare_local(struct wa_lower_function *f, uint32_t local) {
  LLVMMetadataRef variable = local_variable(f, local);
  if (variable) {
    wa_debug_declare(f, f->locals[local], variable);
  }
}

static void declare_all_locals(struct wa_lower_function *f) {
  for (uint32_t i = 0; i < f->local_count; i++) {
    declare_local(f, i);
  }
}

// LLVM forgets to say that a local has a new value when nothing comes of that; the old one must not
// go on then.
void wa_places_local_unknown(struct wa_lower_function *f, uint32_t local) {
  LLVMMetadataRef variable = local_variable(f, local);
  if (variable) {
    wa_debug_value(f, LLVMGetPoison(f->local_types[local]), variable);
  }
}

// Those that are named. `all`: they are all declared already.
static void declare_locals(struct wa_lower_function *f, struct wa_debug_places *places, bool all) {
  bool *declared = places->is_operand = allocate(f, f->local_count, sizeof *declared);
  struct wa_operation operation;
  for (uint32_t i = 0; i < places->count; i++) {
    const struct wa_variable *variable = places->states[i].variable;
    for (uint32_t j = 0; j < variable->expression_count; j++) {
      struct wa_cursor cursor =
          wa_cursor_at(wa_variable_expression(places->variables, variable, j), 0);
      while (wa_cursor_left(&cursor) > 0 &&
             wa_operation_read(&cursor, variable->address_size, &operation)) {
        if (operation.code != DW_OP_WASM_location || operation.kind != WA_WASM_LOCAL ||
            operation.operand >= f->local_count || declared[operation.operand]) {
          continue;
        }
        declared[operation.operand] = true;
        if (!all) {
          declare_local(f, (uint32_t)operation.operand);
        }
      }
    }
  }
}

// ---- Events ----

static int by_address(const void *a, const void *b) {
  const struct event *x = a, *y = b;
  if (x->address != y->address) {
    return x->address < y->address ? -1 : 1;
  }
  if (x->starts != y->starts) {
    return x->starts - y->starts;
  }
  return (x->order > y->order) - (x->order < y->order);
}

static void collect_events(struct wa_lower_function *f, struct wa_debug_places *places) {
  uint32_t count = 0;
  for (uint32_t i = 0; i < places->count; i++) {
    count += 2 * places->states[i].variable->range_count;
  }
  places->events = allocate(f, count, sizeof *places->events);
  for (uint32_t i = 0; i < places->count; i++) {
    const struct wa_variable *variable = places->states[i].variable;
    const struct wa_variable_range *ranges = wa_variable_ranges(places->variables, variable);
    for (uint32_t j = 0; j < variable->range_count; j++) {
      struct event event = {.variable = i, .expression = ranges[j].expression};
      for (int starts = 0; starts < 2; starts++) {
        event.starts = starts;
        event.address = starts ? ranges[j].start : ranges[j].end;
        event.order = places->event_count;
        places->events[places->event_count++] = event;
      }
    }
  }
  qsort(places->events, places->event_count, sizeof *places->events, by_address);
}

// Of a function with this many, following them would take longer than its code is worth.
static bool are_too_many(const struct wa_lower_function *f, uint32_t variables,
                         const struct wa_body_shape *shape) {
  uint64_t size = f->function->end_offset - f->function->body_offset;
  return (uint64_t)variables * (shape->joins + shape->sets) > 200 * size + 100000;
}

void wa_places_begin(struct wa_lower_function *f, uint32_t function,
                     const struct wa_body_shape *shape) {
  const struct wa_variables *variables = &wa_debug_source(f)->variables;
  uint32_t first = variables->first[function], count = 0;
  for (uint32_t i = first; i != WA_NONE; i = wa_variable_at(variables, i)->next) {
    count++;
  }
  bool all = wa_debug_all_locals(f) && !are_too_many(f, f->local_count, shape);
  if (all) {
    declare_all_locals(f); // for core dumps
  }
  if (count == 0 || are_too_many(f, count, shape)) {
    return;
  }
  struct wa_debug_places *places = wa_ir_alloc(&f->arena, 1, sizeof *places);
  places->variables = variables;
  places->states = wa_ir_alloc(&f->arena, count, sizeof *places->states);
  places->dirty = wa_ir_alloc(&f->arena, count, sizeof *places->dirty);
  places->starts = allocate(f, shape->joins, sizeof *places->starts);
  for (uint32_t i = first; i != WA_NONE; i = wa_variable_at(variables, i)->next) {
    char name[16];
    snprintf(name, sizeof name, "v%u", places->count);
    places->states[places->count++] =
        (struct state){.variable = wa_variable_at(variables, i),
                       .number = wa_debug_variable(f, name, f->ir->i32),
                       .expression = WA_NONE};
  }
  declare_locals(f, places, all);
  collect_events(f, places);
  f->debug.places = places;
}

// ---- Along the code ----

static void mark(struct wa_debug_places *places, uint32_t variable) {
  if (places->states[variable].dirty) {
    return;
  }
  places->states[variable].dirty = true;
  places->dirty[places->dirty_count++] = variable;
}

static void note_change(struct wa_lower_function *f, uint32_t variable) {
  struct wa_debug_places *places = f->debug.places;
  if (places->log_count == places->log_capacity) {
    uint32_t capacity = places->log_capacity ? 2 * places->log_capacity : 64;
    uint32_t *log = wa_ir_alloc(&f->arena, capacity, sizeof *log);
    if (places->log_count) {
      memcpy(log, places->log, places->log_count * sizeof *log);
    }
    places->log = log;
    places->log_capacity = capacity;
  }
  places->log[places->log_count++] = variable;
  mark(places, variable);
}

static void take_events(struct wa_lower_function *f, uint32_t address) {
  struct wa_debug_places *places = f->debug.places;
  for (; places->next_event < places->event_count; places->next_event++) {
    const struct event *event = &places->events[places->next_event];
    struct state *state = &places->states[event->variable];
    if (event->address > address) {
      break;
    }
    if (!event->starts && state->expression != event->expression) {
      continue;
    }
    state->expression = event->starts ? event->expression : WA_NONE;
    state->fresh = event->starts;
    state->on_stack = false;
    note_change(f, event->variable);
  }
}

// The next operand of a kind that the expression has.
static bool next_operand(struct wa_cursor *cursor, const struct wa_variable *variable,
                         enum wa_wasm_place kind, uint64_t *index) {
  struct wa_operation operation;
  while (wa_cursor_left(cursor) > 0 &&
         wa_operation_read(cursor, variable->address_size, &operation)) {
    if (operation.code == DW_OP_WASM_location && operation.kind == kind) {
      *index = operation.operand;
      return true;
    }
  }
  return false;
}

static struct wa_cursor expression_of(const struct wa_debug_places *places,
                                      const struct state *state) {
  return wa_cursor_at(wa_variable_expression(places->variables, state->variable, state->expression),
                      0);
}

// False when an operand is not there.
static bool tell_operands(struct wa_lower_function *f, struct state *state) {
  struct wa_cursor cursor = expression_of(f->debug.places, state);
  uint64_t index;
  state->fresh = state->on_stack = false;
  while (next_operand(&cursor, state->variable, WA_WASM_STACK, &index)) {
    state->on_stack = true;
    if (index >= f->height) {
      return false;
    }
    LLVMTypeRef type = LLVMTypeOf(f->stack[index]);
    char name[40], letter = type_letter(f->ir, type);
    if (!letter) {
      return false;
    }
    snprintf(name, sizeof name, "s%u.%u%c", state->variable->number, (uint32_t)index, letter);
    wa_debug_value(f, f->stack[index], wa_debug_variable(f, name, type));
  }
  return !cursor.failed;
}

// Where nothing is lowered there are no operands to tell of.
static void skip(const struct wa_debug_places *places, struct state *state) {
  uint64_t index;
  if (state->expression == WA_NONE || !state->fresh) {
    return;
  }
  struct wa_cursor cursor = expression_of(places, state);
  state->fresh = false;
  state->on_stack = next_operand(&cursor, state->variable, WA_WASM_STACK, &index);
  if (state->on_stack) {
    state->expression = WA_NONE;
  }
}

static void tell(struct wa_lower_function *f, struct state *state) {
  LLVMTypeRef type = f->ir->i32;
  state->dirty = false;
  if (state->expression != WA_NONE && state->fresh && !tell_operands(f, state)) {
    state->expression = WA_NONE;
  }
  if (state->expression == WA_NONE && !state->told) {
    return;
  }
  state->told = true;
  wa_debug_value(f,
                 state->expression == WA_NONE ? LLVMGetPoison(type)
                                              : wa_ir_const_i32(f->ir, state->expression),
                 state->number);
}

// A compiler that gives the local of a variable to something else does not always end the
// variable's range. So a range that goes on past a change of its local is believed only when it
// begins anew there, as it does for a variable that has changed itself.
void wa_places_local_set(struct wa_lower_function *f, uint32_t local) {
  struct wa_debug_places *places = f->debug.places;
  for (uint32_t i = 0; i < places->count && places->is_operand[local]; i++) {
    struct state *state = &places->states[i];
    uint64_t index = 0;
    if (state->expression == WA_NONE) {
      continue;
    }
    struct wa_cursor cursor = expression_of(places, state);
    bool names = false;
    while (!names && next_operand(&cursor, state->variable, WA_WASM_LOCAL, &index)) {
      names = index == local;
    }
    if (!names) {
      continue;
    }
    state->expression = WA_NONE;
    note_change(f, i);
  }
}

// Control comes here from several places of the block that began when the log had `start` entries:
// LLVM is told again of what has changed since. What lay on the operand stack then lies there no
// more. Where a loop begins, LLVM itself finds out what is the same on the way back.
static void join(struct wa_debug_places *places, uint32_t start) {
  uint32_t changes = places->log_count - start;
  for (uint32_t i = 0; i < (changes < places->count ? changes : places->count); i++) {
    uint32_t variable = changes < places->count ? places->log[start + i] : i;
    struct state *state = &places->states[variable];
    if (state->on_stack) {
      state->expression = WA_NONE;
    }
    mark(places, variable);
  }
}

static void follow_control(struct wa_debug_places *places, enum wa_op op) {
  switch (op) {
  case WA_OP_block:
  case WA_OP_loop:
  case WA_OP_if:
  case WA_OP_try:
  case WA_OP_try_table:
    places->starts[places->depth++] = places->log_count;
    break;
  case WA_OP_else:
  case WA_OP_catch:
  case WA_OP_catch_all:
    join(places, places->starts[places->depth - 1]);
    break;
  case WA_OP_end:
  case WA_OP_delegate:
    if (places->depth > 0) { // else it is the function's
      join(places, places->starts[--places->depth]);
    }
    break;
  default:
    break;
  }
}

void wa_places_instr(struct wa_lower_function *f, enum wa_op op, uint32_t address) {
  struct wa_debug_places *places = f->debug.places;
  if (!places) {
    return;
  }
  take_events(f, address);
  for (uint32_t i = 0; i < places->dirty_count; i++) {
    if (f->unreachable) {
      skip(places, &places->states[places->dirty[i]]);
    } else {
      tell(f, &places->states[places->dirty[i]]);
    }
  }
  if (!f->unreachable) {
    places->dirty_count = 0;
  }
  follow_control(places, op);
}

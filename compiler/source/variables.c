#include "compiler/source/variables.h"

#include "compiler/dwarf/dwarf.h"
#include "compiler/dwarf/expression.h"
#include "compiler/dwarf/lists.h"
#include "compiler/source/source.h"
#include "compiler/wasm/module.h"

#include <stdlib.h>
#include <string.h>

// An entry that is open.
struct scope {
  uint32_t function;               // or WA_NONE
  uint32_t first_piece, end_piece; // its code
};

enum { MAX_EXPRESSIONS = 1024 }; // of one variable

// ---- Scopes ----

static void add_piece(struct wa_variable_scan *scan, uint64_t low, uint64_t high) {
  struct wa_variable_range piece = {.start = (uint32_t)low, .end = (uint32_t)high};
  if (low < high && high <= UINT32_MAX) {
    wa_bytes_append(&scan->pieces, &piece, sizeof piece);
  }
}

static bool spend(struct wa_variable_scan *scan, uint64_t amount) {
  if (scan->budget < amount) {
    scan->budget = 0;
    return false;
  }
  scan->budget -= amount;
  return true;
}

static uint64_t high_pc(uint64_t low, const struct wa_attr *high) {
  return high->kind == WA_ATTR_ADDRESS ? high->value : low + high->value;
}

// False when the entry says nothing of its code.
static bool add_code(struct wa_variable_scan *scan, const struct wa_die_reader *dies,
                     const struct wa_die *die) {
  const struct wa_attr *ranges = wa_die_attr(die, DW_AT_ranges);
  const struct wa_attr *low = wa_die_attr(die, DW_AT_low_pc);
  const struct wa_attr *high = wa_die_attr(die, DW_AT_high_pc);
  struct wa_list list;
  struct wa_list_entry entry;
  if (ranges && wa_list_open_ranges(&list, dies, ranges)) {
    while (spend(scan, 1) && wa_list_next(&list, &entry)) {
      add_piece(scan, entry.low, entry.high);
    }
    return true;
  }
  if (low && high && low->kind == WA_ATTR_ADDRESS) {
    add_piece(scan, low->value, high_pc(low->value, high));
  }
  return low && high;
}

static const struct scope *innermost(const struct wa_variable_scan *scan) {
  size_t count = scan->scopes.size / sizeof(struct scope);
  return count == 0 ? NULL : &((const struct scope *)scan->scopes.data)[count - 1];
}

static uint32_t piece_count(const struct wa_variable_scan *scan) {
  return (uint32_t)(scan->pieces.size / sizeof(struct wa_variable_range));
}

static void open_scope(struct wa_variable_scan *scan, const struct wa_die_reader *dies,
                       const struct wa_die *die) {
  const struct scope *outer = innermost(scan);
  struct scope scope = {.function = outer ? outer->function : WA_NONE};
  bool has_code = false;
  if (die->tag == DW_TAG_subprogram) {
    const struct wa_attr *low = wa_die_attr(die, DW_AT_low_pc);
    scope.function = low && low->kind == WA_ATTR_ADDRESS
                         ? wa_source_function(scan->source, low->value)
                         : WA_NONE;
  }
  scope.first_piece = piece_count(scan);
  if (scope.function != WA_NONE) {
    has_code = add_code(scan, dies, die);
  }
  scope.end_piece = piece_count(scan);
  if (!has_code && outer && die->tag != DW_TAG_subprogram) {
    scope.first_piece = outer->first_piece;
    scope.end_piece = outer->end_piece;
  }
  wa_bytes_append(&scan->scopes, &scope, sizeof scope);
}

static void close_scope(struct wa_variable_scan *scan) {
  if (scan->scopes.size == 0) {
    return;
  }
  scan->scopes.size -= sizeof(struct scope);
  const struct scope *outer = innermost(scan);
  scan->pieces.size = (outer ? outer->end_piece : 0) * sizeof(struct wa_variable_range);
}

// ---- Variables ----

// The expression's number among the variable's, or WA_NONE.
static uint32_t add_expression(struct wa_variable_scan *scan, struct wa_variable *variable,
                               struct wa_bytes expression) {
  struct wa_bytes_buffer *all = &scan->variables->expressions;
  const struct wa_bytes *rows = (const struct wa_bytes *)all->data + variable->first_expression;
  for (uint32_t i = 0; i < variable->expression_count; i++) {
    if (rows[i].size == expression.size &&
        memcmp(rows[i].data, expression.data, expression.size) == 0) {
      return i;
    }
  }
  if (variable->expression_count == MAX_EXPRESSIONS) {
    return WA_NONE;
  }
  wa_bytes_append(all, &expression, sizeof expression);
  return all->failed ? WA_NONE : variable->expression_count++;
}

static void add_range(struct wa_variable_scan *scan, struct wa_variable *variable, uint64_t low,
                      uint64_t high, struct wa_bytes expression) {
  if (low >= high || expression.size == 0 ||
      wa_source_function(scan->source, low) != variable->function ||
      !spend(scan, expression.size * (1 + (uint64_t)variable->expression_count))) {
    return;
  }
  struct wa_variable_range range = {.start = (uint32_t)low,
                                    .end = (uint32_t)(high < UINT32_MAX ? high : UINT32_MAX)};
  range.expression = add_expression(scan, variable, expression);
  if (range.expression == WA_NONE) {
    return;
  }
  wa_bytes_append(&scan->variables->ranges, &range, sizeof range);
  variable->range_count++;
}

static void add_list(struct wa_variable_scan *scan, struct wa_variable *variable,
                     struct wa_list *list) {
  struct wa_list_entry entry;
  while (spend(scan, 1) && wa_list_next(list, &entry)) {
    add_range(scan, variable, entry.low, entry.high, entry.expression);
  }
}

// One place for the whole of the scope.
static void add_everywhere(struct wa_variable_scan *scan, struct wa_variable *variable,
                           const struct scope *scope, struct wa_bytes expression) {
  const struct wa_variable_range *pieces = (const struct wa_variable_range *)scan->pieces.data;
  for (uint32_t i = scope->first_piece; i < scope->end_piece && spend(scan, 1); i++) {
    add_range(scan, variable, pieces[i].start, pieces[i].end, expression);
  }
}

static bool names_wasm_place(const struct wa_die_reader *dies, struct wa_bytes expression) {
  struct wa_cursor cursor = wa_cursor_at(expression, 0);
  struct wa_operation operation;
  while (wa_cursor_left(&cursor) > 0 &&
         wa_operation_read(&cursor, dies->address_size, &operation)) {
    if (operation.code == DW_OP_WASM_location) {
      return true;
    }
  }
  return false;
}

static void keep(struct wa_variable_scan *scan, struct wa_variable *variable) {
  struct wa_variables *variables = scan->variables;
  uint32_t index = (uint32_t)(variables->variables.size / sizeof *variable);
  uint32_t last = scan->last[variable->function];
  struct wa_variable *rows = (struct wa_variable *)variables->variables.data;
  if (last == WA_NONE) {
    variables->first[variable->function] = index;
  } else {
    rows[last].next = index;
    variable->number = rows[last].number + 1;
  }
  scan->last[variable->function] = index;
  wa_bytes_append(&variables->variables, variable, sizeof *variable);
}

static void add_variable(struct wa_variable_scan *scan, const struct wa_die_reader *dies,
                         const struct wa_die *die) {
  const struct wa_attr *location = wa_die_attr(die, DW_AT_location);
  const struct scope *scope = innermost(scan);
  struct wa_list list;
  if (!location || !scope || scope->function == WA_NONE) {
    return;
  }
  struct wa_variable variable = {
      .die = die->offset,
      .function = scope->function,
      .next = WA_NONE,
      .address_size = dies->address_size,
      .first_range = (uint32_t)(scan->variables->ranges.size / sizeof(struct wa_variable_range)),
      .first_expression = (uint32_t)(scan->variables->expressions.size / sizeof(struct wa_bytes)),
  };
  if (wa_list_open_locations(&list, dies, location)) {
    add_list(scan, &variable, &list);
  } else if (location->kind == WA_ATTR_BLOCK && names_wasm_place(dies, location->bytes)) {
    add_everywhere(scan, &variable, scope, location->bytes);
  }
  if (variable.range_count > 0) {
    keep(scan, &variable);
  }
}

// ---- The walk ----

bool wa_variable_scan_init(struct wa_variable_scan *scan, struct wa_source *source) {
  *scan = (struct wa_variable_scan){.source = source, .variables = &source->variables};
  uint32_t count = source->module->function_count;
  scan->variables->first = wa_arena_alloc(&source->arena, count, sizeof *scan->last);
  scan->last = wa_arena_alloc(&source->arena, count, sizeof *scan->last);
  if (!scan->variables->first || !scan->last) {
    return false;
  }
  for (uint32_t i = 0; i < count; i++) {
    scan->variables->first[i] = scan->last[i] = WA_NONE;
  }
  scan->budget = 1000000;
  for (int i = 0; i < WA_DWARF_SECTION_COUNT; i++) {
    scan->budget += 16 * (uint64_t)source->dwarf.sections[i].size;
  }
  return true;
}

void wa_variable_scan_deinit(struct wa_variable_scan *scan) {
  wa_bytes_deinit(&scan->scopes);
  wa_bytes_deinit(&scan->pieces);
}

void wa_variable_scan_unit(struct wa_variable_scan *scan) {
  scan->scopes.size = scan->pieces.size = 0;
}

void wa_variable_scan_entry(struct wa_variable_scan *scan, const struct wa_die_reader *dies,
                            const struct wa_die *die) {
  if (scan->scopes.failed || scan->pieces.failed || scan->variables->ranges.failed ||
      scan->variables->expressions.failed || scan->variables->variables.failed) {
    return;
  }
  if (die->tag == 0) {
    close_scope(scan);
    return;
  }
  if (die->tag == DW_TAG_variable || die->tag == DW_TAG_formal_parameter) {
    add_variable(scan, dies, die);
  }
  if (die->has_children) {
    open_scope(scan, dies, die);
  }
}

void wa_variables_deinit(struct wa_variables *variables) {
  wa_bytes_deinit(&variables->variables);
  wa_bytes_deinit(&variables->ranges);
  wa_bytes_deinit(&variables->expressions);
}

static int by_die(const void *a, const void *b) {
  const struct wa_variable *x = a, *y = b;
  return (x->die > y->die) - (x->die < y->die);
}

const struct wa_variable *wa_variable_find(const struct wa_variables *variables, uint64_t die) {
  struct wa_variable key = {.die = die};
  return variables->variables.size == 0
             ? NULL
             : bsearch(&key, variables->variables.data, variables->variables.size / sizeof key,
                       sizeof key, by_die);
}

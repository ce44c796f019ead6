#include "loader/check_meta.h"

#include "runtime/object/types.h"
#include "runtime/runtime.h"

#include <string.h>

// Far beyond what a million globals take.
#define MAX_CONTEXT_SIZE (1u << 26)
#define MAX_TABLE_ENTRIES UINT32_MAX
#define MIN_PAGE 4096u

struct checker {
  const struct wa_artifact *artifact;
  const struct wa_meta *meta;
  uint32_t imported[WA_EXTERN_KIND_COUNT]; // imports of each kind
  struct wa_error *err;
};

// Every failure names the table and the row, and the mend is always the same.
__attribute__((format(printf, 4, 5))) static bool
bad(const struct checker *checker, const char *table, uint64_t row, const char *format, ...) {
  char what[160];
  va_list args;
  va_start(args, format);
  (void)vsnprintf(what, sizeof what, format, args);
  va_end(args);
  return wa_fail(checker->err, WA_ERROR_MALFORMED, WA_NO_OFFSET,
                 "not an intact artifact: %s[%llu]: %s; compile it anew", table,
                 (unsigned long long)row, what);
}

#define ROW(checker, span, type, index) WA_META_ROW((checker)->meta, span, type, index)

// ---- Spans ----

struct span_rule {
  const char *name;
  size_t member; // offset in struct wa_meta
  size_t row;    // bytes
};

#define SPAN(span, row_type)                                                                       \
  { #span, offsetof(struct wa_meta, span), sizeof(row_type) }

static const struct span_rule span_rules[] = {
    SPAN(types, struct wa_meta_type),
    SPAN(valtypes, uint32_t),
    SPAN(imports, struct wa_meta_import),
    SPAN(funcs, struct wa_meta_func),
    SPAN(tables, struct wa_meta_table),
    SPAN(memories, struct wa_meta_memory),
    SPAN(globals, struct wa_meta_global),
    SPAN(exports, struct wa_meta_export),
    SPAN(tags, struct wa_meta_tag),
    SPAN(elems, struct wa_meta_elem),
    SPAN(elem_exprs, struct wa_meta_expr),
    SPAN(expr_ops, struct wa_meta_expr),
    SPAN(datas, struct wa_meta_data),
    SPAN(code_map, struct wa_meta_code),
    SPAN(strings, uint8_t),
};

static bool check_spans(const struct checker *checker, size_t size) {
  for (size_t i = 0; i < sizeof span_rules / sizeof span_rules[0]; i++) {
    struct wa_span span;
    memcpy(&span, (const uint8_t *)checker->meta + span_rules[i].member, sizeof span);
    uint64_t bytes = (uint64_t)span.count * span_rules[i].row;
    if (span.offset % 8 != 0 || span.offset > size || bytes > size - span.offset ||
        (span.count != 0 && span.offset < sizeof(struct wa_meta))) {
      return bad(checker, span_rules[i].name, 0, "rows %#x + %#llx of %#zx bytes", span.offset,
                 (unsigned long long)bytes, size);
    }
  }
  return true;
}

// ---- What rows refer to ----

static bool has_string(const struct checker *checker, struct wa_meta_string string) {
  return string.offset <= checker->meta->strings.count &&
         string.length <= checker->meta->strings.count - string.offset;
}

static bool in_text(const struct checker *checker, uint32_t offset) {
  return offset < checker->artifact->code.text_size;
}

// Whether `size` bytes at ctx + offset are in the part of the context that is the module's own.
static bool in_context(const struct checker *checker, int32_t offset, int32_t size,
                       int32_t alignment) {
  return offset >= -(int64_t)checker->meta->context_size &&
         (int64_t)offset + size <= -(int64_t)WA_CONTEXT_FIXED_SIZE && offset % alignment == 0;
}

// What the runtime follows a reference as. Which of a kind it is, compiled code has relied on long
// before: an artifact's code is trusted.
static uint32_t kind_of(uint32_t type) {
  if (!wa_type_is_ref(type)) {
    return type;
  }
  if (wa_type_is_func(type)) {
    return WA_FUNCREF;
  }
  return wa_type_is_extern(type) ? WA_EXTERNREF : WA_EXNREF;
}

static bool is_valid(const struct checker *checker, uint32_t type) {
  return wa_valtype_is_valid(type) &&
         (!wa_type_has_index(type) || wa_type_index(type) < checker->meta->types.count);
}

static const char *global_fault(const struct checker *checker, uint32_t index, uint32_t type,
                                uint32_t globals) {
  if (index >= globals) {
    return "global.get of no earlier global";
  }
  return kind_of(ROW(checker, globals, struct wa_meta_global, index)->type) != kind_of(type)
             ? "global.get of another type"
             : NULL;
}

// Rows in postfix order, all of one integer type, that leave one value and never need more than
// WA_EXPR_DEPTH.
static const char *sequence_fault(const struct checker *checker, const struct wa_meta_expr *expr,
                                  uint32_t type, uint32_t globals) {
  uint64_t rows = checker->meta->expr_ops.count;
  if ((type != WA_I32 && type != WA_I64) || expr->index > rows ||
      expr->bits[0] > rows - expr->index) {
    return "a sequence of no rows or no integers";
  }
  uint32_t first_operator = type == WA_I32 ? WA_EXPR_I32_ADD : WA_EXPR_I64_ADD;
  uint32_t height = 0;
  for (uint32_t i = expr->index; i < expr->index + expr->bits[0]; i++) {
    const struct wa_meta_expr *row = ROW(checker, expr_ops, struct wa_meta_expr, i);
    if (row->kind >= first_operator && row->kind <= first_operator + 2) {
      if (height < 2) {
        return "an operator without operands";
      }
      height--;
    } else if (row->kind != WA_EXPR_CONST && row->kind != WA_EXPR_GLOBAL_GET) {
      return "no row of a sequence";
    } else if (row->kind == WA_EXPR_GLOBAL_GET &&
               global_fault(checker, row->index, type, globals) != NULL) {
      return global_fault(checker, row->index, type, globals);
    } else if (height++ == WA_EXPR_DEPTH) {
      return "too many operands at once";
    }
  }
  return height == 1 ? NULL : "a sequence that leaves not one value";
}

// A constant of `type`; global.get may name the first `globals` globals. Numbers may not pose as
// references: the runtime would follow them.
static const char *expr_fault(const struct checker *checker, const struct wa_meta_expr *expr,
                              uint32_t type, uint32_t globals) {
  switch (expr->kind) {
  case WA_EXPR_CONST:
    return wa_type_is_ref(type) ? "a number where a reference is expected" : NULL;
  case WA_EXPR_GLOBAL_GET:
    return global_fault(checker, expr->index, type, globals);
  case WA_EXPR_SEQUENCE:
    return sequence_fault(checker, expr, type, globals);
  case WA_EXPR_REF_NULL:
    return wa_type_is_ref(type) ? NULL : "a reference where a number is expected";
  case WA_EXPR_REF_FUNC:
    if (kind_of(type) != WA_FUNCREF || expr->index >= checker->meta->funcs.count ||
        ROW(checker, funcs, struct wa_meta_func, expr->index)->func_ref == WA_NONE) {
      return "ref.func of no function";
    }
    return NULL;
  default:
    return "unknown kind of expression";
  }
}

static uint32_t index_type(uint32_t limits_flags) {
  return (limits_flags & WA_LIMITS_INDEX64) != 0 ? WA_I64 : WA_I32;
}

// ---- Tables of the metadata ----

static bool check_fixed(const struct checker *checker) {
  const struct wa_meta *meta = checker->meta;
  if (meta->context_size % 16 != 0 || meta->context_size < WA_CONTEXT_FIXED_SIZE ||
      meta->context_size > MAX_CONTEXT_SIZE) {
    return bad(checker, "context", 0, "%u bytes", meta->context_size);
  }
  if ((meta->flags & ~(WA_META_MEMORY0_AT_CTX | WA_META_LEFT_LINES)) != 0) {
    return bad(checker, "module", 0, "unknown flags %#x", meta->flags);
  }
  if (meta->func_ref_count > meta->funcs.count) {
    return bad(checker, "func_refs", 0, "%u of %u functions", meta->func_ref_count,
               meta->funcs.count);
  }
  return has_string(checker, meta->module_name) || bad(checker, "module", 0, "bad name");
}

// Groups follow each other; a type refers to its own group and to what comes before, as canonical
// ids are given in that order. The entry of a value type of another group would not exist yet.
static bool check_group(const struct checker *checker, uint32_t first, uint32_t end) {
  const uint32_t *valtypes = WA_META_ROWS(checker->meta, valtypes, uint32_t);
  for (uint32_t i = first; i < end; i++) {
    const struct wa_meta_type *type = ROW(checker, types, struct wa_meta_type, i);
    if ((type->supertype != WA_NONE && type->supertype >= i) || (i != first && type->group != 0)) {
      return bad(checker, "types", i, "supertype %u, group of %u", type->supertype, type->group);
    }
    for (uint32_t k = 0; k < type->param_count + type->result_count; k++) {
      uint32_t valtype = valtypes[type->valtypes + k];
      if (wa_type_has_index(valtype) && wa_type_index(valtype) >= end) {
        return bad(checker, "types", i, "type %u in a group up to %u", wa_type_index(valtype), end);
      }
    }
  }
  return true;
}

static bool check_groups(const struct checker *checker) {
  uint32_t count = checker->meta->types.count;
  for (uint32_t first = 0; first < count;) {
    uint32_t group = ROW(checker, types, struct wa_meta_type, first)->group;
    if (group == 0 || group > count - first) {
      return bad(checker, "types", first, "group of %u", group);
    }
    if (!check_group(checker, first, first + group)) {
      return false;
    }
    first += group;
  }
  return true;
}

static bool check_types(const struct checker *checker) {
  const uint32_t *valtypes = WA_META_ROWS(checker->meta, valtypes, uint32_t);
  for (uint32_t i = 0; i < checker->meta->valtypes.count; i++) {
    if (!is_valid(checker, valtypes[i])) {
      return bad(checker, "valtypes", i, "no value type %#x", valtypes[i]);
    }
  }
  for (uint32_t i = 0; i < checker->meta->types.count; i++) {
    const struct wa_meta_type *type = ROW(checker, types, struct wa_meta_type, i);
    uint64_t end = (uint64_t)type->valtypes + type->param_count + type->result_count;
    if (end > checker->meta->valtypes.count) {
      return bad(checker, "types", i, "value types up to %llu of %u", (unsigned long long)end,
                 checker->meta->valtypes.count);
    }
    if ((type->entry != WA_NONE && !in_text(checker, type->entry)) ||
        (type->exit != WA_NONE && !in_text(checker, type->exit))) {
      return bad(checker, "types", i, "a trampoline outside the text");
    }
    if (type->id_offset != 0 && !in_context(checker, type->id_offset, 4, 4)) {
      return bad(checker, "types", i, "id at context offset %d", type->id_offset);
    }
  }
  return check_groups(checker);
}

static uint32_t space_size(const struct wa_meta *meta, uint32_t kind) {
  switch (kind) {
  case WA_EXTERN_FUNC:
    return meta->funcs.count;
  case WA_EXTERN_TABLE:
    return meta->tables.count;
  case WA_EXTERN_MEMORY:
    return meta->memories.count;
  case WA_EXTERN_TAG:
    return meta->tags.count;
  default:
    return meta->globals.count;
  }
}

// Imports come first in each index space, in order: the runtime sizes its arrays by their number.
static bool check_imports(struct checker *checker) {
  for (uint32_t i = 0; i < checker->meta->imports.count; i++) {
    const struct wa_meta_import *import = ROW(checker, imports, struct wa_meta_import, i);
    if (import->kind >= WA_EXTERN_KIND_COUNT) {
      return bad(checker, "imports", i, "unknown kind %u", import->kind);
    }
    if (!has_string(checker, import->module) || !has_string(checker, import->name)) {
      return bad(checker, "imports", i, "bad name");
    }
    if (import->index != checker->imported[import->kind]++ ||
        import->index >= space_size(checker->meta, import->kind)) {
      return bad(checker, "imports", i, "index %u", import->index);
    }
    if (import->kind == WA_EXTERN_FUNC &&
        !in_context(checker, import->slot, WA_IMPORT_SLOT_SIZE, 8)) {
      return bad(checker, "imports", i, "slot at context offset %d", import->slot);
    }
  }
  return true;
}

static bool check_funcs(const struct checker *checker) {
  for (uint32_t i = 0; i < checker->meta->funcs.count; i++) {
    const struct wa_meta_func *func = ROW(checker, funcs, struct wa_meta_func, i);
    bool imported = i < checker->imported[WA_EXTERN_FUNC];
    if (func->type >= checker->meta->types.count) {
      return bad(checker, "funcs", i, "type %u of %u", func->type, checker->meta->types.count);
    }
    if ((imported ? func->text != WA_NONE : !in_text(checker, func->text)) ||
        (func->tail != WA_NONE && (imported || !in_text(checker, func->tail)))) {
      return bad(checker, "funcs", i, "code at text offset %#x", func->text);
    }
    if (func->func_ref != WA_NONE && func->func_ref >= checker->meta->func_ref_count) {
      return bad(checker, "funcs", i, "reference %u of %u", func->func_ref,
                 checker->meta->func_ref_count);
    }
    if (!has_string(checker, func->name)) {
      return bad(checker, "funcs", i, "bad name");
    }
  }
  return true;
}

static bool check_start(const struct checker *checker) {
  uint32_t start = checker->meta->start;
  if (start == WA_NONE) {
    return true;
  }
  if (start >= checker->meta->funcs.count) {
    return bad(checker, "start", 0, "function %u of %u", start, checker->meta->funcs.count);
  }
  const struct wa_meta_func *func = ROW(checker, funcs, struct wa_meta_func, start);
  const struct wa_meta_type *type = ROW(checker, types, struct wa_meta_type, func->type);
  return (type->param_count == 0 && type->result_count == 0) ||
         bad(checker, "start", 0, "a function with parameters or results");
}

static bool check_tables(const struct checker *checker) {
  for (uint32_t i = 0; i < checker->meta->tables.count; i++) {
    const struct wa_meta_table *table = ROW(checker, tables, struct wa_meta_table, i);
    if (!is_valid(checker, table->elem_type) || !wa_type_is_ref(table->elem_type)) {
      return bad(checker, "tables", i, "element type %#x", table->elem_type);
    }
    if ((table->flags &
         ~(WA_LIMITS_HAS_MAX | WA_LIMITS_INDEX64 | WA_TABLE_READ_ONLY | WA_TABLE_HAS_INIT)) != 0) {
      return bad(checker, "tables", i, "unknown flags %#x", table->flags);
    }
    if (table->min > MAX_TABLE_ENTRIES ||
        ((table->flags & WA_LIMITS_HAS_MAX) != 0 && table->max < table->min)) {
      return bad(checker, "tables", i, "limits out of order");
    }
    if ((table->flags & WA_TABLE_READ_ONLY) != 0 && i < checker->imported[WA_EXTERN_TABLE]) {
      return bad(checker, "tables", i, "read-only, but imported");
    }
    if ((table->flags & WA_TABLE_HAS_INIT) != 0) {
      const char *fault = "an initial value of a read-only or imported table";
      if ((table->flags & WA_TABLE_READ_ONLY) == 0 && i >= checker->imported[WA_EXTERN_TABLE]) {
        fault = expr_fault(checker, &table->init, table->elem_type, checker->meta->globals.count);
      }
      if (fault != NULL) {
        return bad(checker, "tables", i, "%s", fault);
      }
    }
  }
  return true;
}

static bool check_memories(const struct checker *checker) {
  for (uint32_t i = 0; i < checker->meta->memories.count; i++) {
    const struct wa_meta_memory *memory = ROW(checker, memories, struct wa_meta_memory, i);
    if ((memory->flags & ~(WA_LIMITS_HAS_MAX | WA_LIMITS_SHARED | WA_LIMITS_INDEX64)) != 0 ||
        (memory->page_size_log2 != WA_PAGE_LOG2 && memory->page_size_log2 != WA_BYTE_PAGE_LOG2)) {
      return bad(checker, "memories", i, "flags %#x, page size 2^%u", memory->flags,
                 memory->page_size_log2);
    }
    bool has_max = (memory->flags & WA_LIMITS_HAS_MAX) != 0;
    uint64_t pages =
        wa_memory_page_range((memory->flags & WA_LIMITS_INDEX64) != 0, memory->page_size_log2);
    if (memory->min > pages || (has_max && (memory->max > pages || memory->max < memory->min)) ||
        (!has_max && (memory->flags & WA_LIMITS_SHARED) != 0)) {
      return bad(checker, "memories", i, "limits out of order");
    }
  }
  if ((checker->meta->flags & WA_META_MEMORY0_AT_CTX) != 0 &&
      (checker->meta->memories.count == 0 || checker->imported[WA_EXTERN_MEMORY] != 0 ||
       ROW(checker, memories, struct wa_meta_memory, 0)->page_size_log2 != WA_PAGE_LOG2 ||
       (ROW(checker, memories, struct wa_meta_memory, 0)->flags &
        (WA_LIMITS_SHARED | WA_LIMITS_INDEX64)) != 0)) {
    return bad(checker, "memories", 0, "not one that can lie at the context");
  }
  return true;
}

static bool check_globals(const struct checker *checker) {
  for (uint32_t i = 0; i < checker->meta->globals.count; i++) {
    const struct wa_meta_global *global = ROW(checker, globals, struct wa_meta_global, i);
    bool imported = i < checker->imported[WA_EXTERN_GLOBAL];
    bool by_pointer = (global->flags & WA_GLOBAL_BY_POINTER) != 0;
    if (!is_valid(checker, global->type) || global->mut > 1 ||
        (global->flags & ~WA_GLOBAL_BY_POINTER) != 0) {
      return bad(checker, "globals", i, "type %#x, mut %u, flags %#x", global->type, global->mut,
                 global->flags);
    }
    if (by_pointer != (imported && global->mut == 1)) {
      return bad(checker, "globals", i, "wrong kind of place");
    }
    int32_t size = global->type == WA_V128 && !by_pointer ? 16 : 8;
    if (!in_context(checker, global->offset, size, size)) {
      return bad(checker, "globals", i, "at context offset %d", global->offset);
    }
    const char *fault = imported ? NULL : expr_fault(checker, &global->init, global->type, i);
    if (fault != NULL) {
      return bad(checker, "globals", i, "%s", fault);
    }
  }
  return true;
}

static bool check_tags(const struct checker *checker) {
  for (uint32_t i = 0; i < checker->meta->tags.count; i++) {
    const struct wa_meta_tag *tag = ROW(checker, tags, struct wa_meta_tag, i);
    if (tag->type >= checker->meta->types.count ||
        ROW(checker, types, struct wa_meta_type, tag->type)->result_count != 0 ||
        !in_context(checker, tag->slot, 8, 8)) {
      return bad(checker, "tags", i, "type %u, at context offset %d", tag->type, tag->slot);
    }
  }
  return true;
}

static bool check_exports(const struct checker *checker) {
  for (uint32_t i = 0; i < checker->meta->exports.count; i++) {
    const struct wa_meta_export *row = ROW(checker, exports, struct wa_meta_export, i);
    if (row->kind >= WA_EXTERN_KIND_COUNT || row->index >= space_size(checker->meta, row->kind) ||
        !has_string(checker, row->name)) {
      return bad(checker, "exports", i, "kind %u, index %u", row->kind, row->index);
    }
    if (row->kind == WA_EXTERN_FUNC &&
        ROW(checker, funcs, struct wa_meta_func, row->index)->func_ref == WA_NONE) {
      return bad(checker, "exports", i, "a function without a reference");
    }
    if (row->kind == WA_EXTERN_TABLE &&
        (ROW(checker, tables, struct wa_meta_table, row->index)->flags & WA_TABLE_READ_ONLY) != 0) {
      return bad(checker, "exports", i, "a read-only table");
    }
  }
  return true;
}

// Where an active segment goes; *applied when the compiler has already applied it.
static const char *elem_place_fault(const struct checker *checker, const struct wa_meta_elem *elem,
                                    bool *applied) {
  if (elem->table >= checker->meta->tables.count) {
    return "no such table";
  }
  const struct wa_meta_table *table = ROW(checker, tables, struct wa_meta_table, elem->table);
  *applied = (table->flags & WA_TABLE_READ_ONLY) != 0;
  return kind_of(table->elem_type) != kind_of(elem->type)
             ? "a table of another type"
             : expr_fault(checker, &elem->offset, index_type(table->flags),
                          checker->meta->globals.count);
}

static bool check_elem(const struct checker *checker, uint32_t i) {
  const struct wa_meta_elem *elem = ROW(checker, elems, struct wa_meta_elem, i);
  if (elem->mode > WA_SEGMENT_DECLARATIVE || !is_valid(checker, elem->type) ||
      !wa_type_is_ref(elem->type) ||
      (uint64_t)elem->first + elem->count > checker->meta->elem_exprs.count) {
    return bad(checker, "elems", i, "mode %u, type %#x, entries %u + %u", elem->mode, elem->type,
               elem->first, elem->count);
  }
  bool applied = false;
  const char *fault =
      elem->mode == WA_SEGMENT_ACTIVE ? elem_place_fault(checker, elem, &applied) : NULL;
  if (fault != NULL) {
    return bad(checker, "elems", i, "%s", fault);
  }
  // Nobody evaluates the entries of a segment that is already applied, or only declares: their
  // functions need no references.
  uint32_t count = applied || elem->mode == WA_SEGMENT_DECLARATIVE ? 0 : elem->count;
  for (uint32_t k = elem->first; k < elem->first + count; k++) {
    fault = expr_fault(checker, ROW(checker, elem_exprs, struct wa_meta_expr, k), elem->type,
                       checker->meta->globals.count);
    if (fault != NULL) {
      return bad(checker, "elem_exprs", k, "%s", fault);
    }
  }
  return true;
}

static bool check_elems(const struct checker *checker) {
  for (uint32_t i = 0; i < checker->meta->elems.count; i++) {
    if (!check_elem(checker, i)) {
      return false;
    }
  }
  return true;
}

static bool check_datas(const struct checker *checker) {
  for (uint32_t i = 0; i < checker->meta->datas.count; i++) {
    const struct wa_meta_data *data = ROW(checker, datas, struct wa_meta_data, i);
    size_t size = checker->artifact->data_size;
    if (data->mode > WA_SEGMENT_PASSIVE || data->first > size ||
        data->length > size - data->first) {
      return bad(checker, "datas", i, "mode %u, bytes %llu + %llu of %zu", data->mode,
                 (unsigned long long)data->first, (unsigned long long)data->length, size);
    }
    if (data->mode == WA_SEGMENT_PASSIVE) {
      continue;
    }
    const char *fault = "no such memory";
    if (data->memory < checker->meta->memories.count) {
      uint32_t flags = ROW(checker, memories, struct wa_meta_memory, data->memory)->flags;
      fault = expr_fault(checker, &data->offset, index_type(flags), checker->meta->globals.count);
    }
    if (fault != NULL) {
      return bad(checker, "datas", i, "%s", fault);
    }
  }
  return true;
}

static bool check_code_map(const struct checker *checker) {
  const struct wa_meta_code *rows = WA_META_ROWS(checker->meta, code_map, struct wa_meta_code);
  uint64_t end = 0;
  for (uint32_t i = 0; i < checker->meta->code_map.count; i++) {
    const struct wa_meta_code *row = &rows[i];
    if (row->text_offset < end) {
      return bad(checker, "code_map", i, "not sorted, or overlapping");
    }
    end = (uint64_t)row->text_offset + row->size;
    bool function = row->kind == WA_CODE_FUNC || row->kind == WA_CODE_SHIM;
    uint32_t limit = function ? checker->meta->funcs.count : checker->meta->types.count;
    if (end > checker->artifact->code.text_size || row->kind > WA_CODE_SHIM ||
        row->index >= limit) {
      return bad(checker, "code_map", i, "kind %u, index %u, text %#x + %#x", row->kind, row->index,
                 row->text_offset, row->size);
    }
  }
  return true;
}

// Behind all code, on pages that nothing else is on.
static bool check_got(const struct checker *checker) {
  uint64_t got = checker->meta->got;
  uint64_t functions = checker->meta->got_functions;
  uint64_t size = checker->artifact->code.text_size - got;
  uint32_t codes = checker->meta->code_map.count;
  if (got == WA_NONE && functions == 0) {
    return true;
  }
  const struct wa_meta_code *last =
      codes == 0 ? NULL : ROW(checker, code_map, struct wa_meta_code, codes - 1);
  if (got % MIN_PAGE != 0 || got >= checker->artifact->code.text_size || size % 8 != 0 ||
      size / 8 < functions || (functions != 0 && functions != checker->meta->funcs.count) ||
      (last != NULL && (uint64_t)last->text_offset + last->size > got)) {
    return bad(checker, "got", 0, "text %#llx + %#llx of %#zx", (unsigned long long)got,
               (unsigned long long)size, checker->artifact->code.text_size);
  }
  return true;
}

static bool check_unwind(const struct checker *checker) {
  const struct wa_artifact *artifact = checker->artifact;
  for (size_t i = 0; i < artifact->code.unwind_count; i++) {
    const struct wa_unwind_entry *entry = &artifact->code.unwind[i];
    if (i != 0 && entry->text_offset <= artifact->code.unwind[i - 1].text_offset) {
      return bad(checker, "unwind", i, "not sorted");
    }
    if (!in_text(checker, entry->text_offset) ||
        entry->fde_offset >= artifact->code.eh_frame_size ||
        (entry->lsda != WA_NONE && !in_text(checker, entry->lsda))) {
      return bad(checker, "unwind", i, "text %#x, frame %#x", entry->text_offset,
                 entry->fde_offset);
    }
  }
  return true;
}

bool wa_check_meta(const struct wa_artifact *artifact, size_t size, struct wa_error *err) {
  struct checker checker = {.artifact = artifact, .meta = artifact->meta, .err = err};
  if (size < sizeof(struct wa_meta) || artifact->meta->magic != WA_META_MAGIC ||
      artifact->meta->size != size) {
    return bad(&checker, "module", 0, "no metadata, or of another size than it says");
  }
  return check_spans(&checker, size) && check_fixed(&checker) && check_types(&checker) &&
         check_imports(&checker) && check_funcs(&checker) && check_start(&checker) &&
         check_tables(&checker) && check_memories(&checker) && check_globals(&checker) &&
         check_tags(&checker) && check_exports(&checker) && check_elems(&checker) &&
         check_datas(&checker) && check_code_map(&checker) && check_got(&checker) &&
         check_unwind(&checker);
}

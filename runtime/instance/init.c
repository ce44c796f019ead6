// Initial contents of an instance: globals, function references, segments (core spec 4.5.4).
#include "runtime/instance/instance.h"

#include "runtime/arch/arch.h"
#include "runtime/object/bulk.h"
#include "runtime/object/types.h"
#include "runtime/thread/interrupt.h"

#include <string.h>

static struct wa_func_ref *func_reference(const struct wa_instance *instance, uint32_t function) {
  const struct wa_meta_func *func =
      WA_META_ROW(wa_instance_meta(instance), funcs, struct wa_meta_func, function);
  return &instance->func_refs[func->func_ref];
}

static uint64_t combine(enum wa_expr_kind kind, uint64_t a, uint64_t b) {
  switch (kind) {
  case WA_EXPR_I32_ADD:
    return (uint32_t)(a + b);
  case WA_EXPR_I32_SUB:
    return (uint32_t)(a - b);
  case WA_EXPR_I32_MUL:
    return (uint32_t)(a * b);
  case WA_EXPR_I64_ADD:
    return a + b;
  case WA_EXPR_I64_SUB:
    return a - b;
  default:
    return a * b;
  }
}

// The metadata's check has seen that the stack suffices. Only the low half of an i32's cell
// counts.
static uint64_t evaluate_sequence(const struct wa_instance *instance,
                                  const struct wa_meta_expr *expr) {
  uint64_t stack[WA_EXPR_DEPTH + 1];
  uint32_t height = 0;
  const struct wa_meta_expr *rows =
      WA_META_ROWS(wa_instance_meta(instance), expr_ops, struct wa_meta_expr) + expr->index;
  for (uint64_t i = 0; i < expr->bits[0]; i++) {
    enum wa_expr_kind kind = (enum wa_expr_kind)rows[i].kind;
    if (kind == WA_EXPR_CONST) {
      stack[height++] = rows[i].bits[0];
    } else if (kind == WA_EXPR_GLOBAL_GET) {
      stack[height++] = instance->globals[rows[i].index].cell->u64;
    } else {
      height--;
      stack[height - 1] = combine(kind, stack[height - 1], stack[height]);
    }
  }
  return stack[0];
}

void wa_instance_evaluate(const struct wa_instance *instance, const struct wa_meta_expr *expr,
                          union wa_cell value[2]) {
  memset(value, 0, 2 * sizeof *value);
  switch ((enum wa_expr_kind)expr->kind) {
  case WA_EXPR_CONST:
    value[0].u64 = expr->bits[0];
    value[1].u64 = expr->bits[1];
    break;
  case WA_EXPR_GLOBAL_GET: {
    const struct wa_global_object *global = &instance->globals[expr->index];
    memcpy(value, global->cell, sizeof *value * wa_valtype_cells(global->type));
    break;
  }
  case WA_EXPR_REF_NULL:
    break;
  case WA_EXPR_REF_FUNC:
    value[0].ref = func_reference(instance, expr->index);
    break;
  default:
    value[0].u64 = evaluate_sequence(instance, expr);
    break;
  }
}

static void write_type_ids(struct wa_instance *instance) {
  const struct wa_meta *meta = wa_instance_meta(instance);
  for (uint32_t i = 0; i < meta->types.count; i++) {
    int32_t offset = WA_META_ROW(meta, types, struct wa_meta_type, i)->id_offset;
    if (offset != 0) {
      memcpy(instance->ctx + offset, &instance->prepared->type_ids[i], sizeof(uint32_t));
    }
  }
}

void wa_instance_make_ref(struct wa_instance *instance, uint32_t function,
                          struct wa_func_ref *ref) {
  const struct wa_prepared *prepared = instance->prepared;
  const struct wa_meta_func *func =
      WA_META_ROW(prepared->artifact->meta, funcs, struct wa_meta_func, function);
  *ref = (struct wa_func_ref){.type = prepared->type_ids[func->type], .self = ref};
  if (func->text != WA_NONE) {
    if (func->tail != WA_NONE) {
      ref->tail = prepared->artifact->code.text + func->tail;
    }
    ref->code = prepared->artifact->code.text + func->text;
    ref->context = instance->ctx;
  } else if (instance->imported[function] == NULL ||
             wa_func_is_host(instance->imported[function])) {
    ref->code = (const void *)(uintptr_t)wa_arch_host_stub;
    ref->context = &instance->bindings[function];
  } else {
    *ref = *instance->imported[function];
  }
}

static void fill_func_refs(struct wa_instance *instance) {
  const struct wa_prepared *prepared = instance->prepared;
  for (uint32_t i = 0; i < prepared->artifact->meta->func_ref_count; i++) {
    if (prepared->ref_funcs[i] != WA_NONE) {
      wa_instance_make_ref(instance, prepared->ref_funcs[i], &instance->func_refs[i]);
    }
  }
}

static void init_globals(struct wa_instance *instance) {
  const struct wa_meta *meta = wa_instance_meta(instance);
  for (uint32_t i = 0; i < meta->globals.count; i++) {
    const struct wa_meta_global *row = WA_META_ROW(meta, globals, struct wa_meta_global, i);
    struct wa_global_object *global = &instance->globals[i];
    if (global->cell != NULL) {
      continue; // imported: linked already
    }
    union wa_cell value[2];
    wa_instance_evaluate(instance, &row->init, value);
    *global = (struct wa_global_object){
        .type = wa_prepared_type(instance->prepared, row->type),
        .mut = row->mut != 0,
        .cell = (union wa_cell *)(instance->ctx + row->offset),
    };
    memcpy(global->cell, value, sizeof *value * wa_valtype_cells(row->type));
  }
}

// Every instance has tags of its own: the address is what an exception is known by.
static void init_tags(struct wa_instance *instance) {
  const struct wa_meta *meta = wa_instance_meta(instance);
  for (uint32_t i = 0; i < meta->tags.count; i++) {
    const struct wa_meta_tag *row = WA_META_ROW(meta, tags, struct wa_meta_tag, i);
    if (i >= instance->imported_tags) {
      instance->own_tags[i].type = instance->prepared->type_ids[row->type];
      instance->tags[i] = &instance->own_tags[i];
    }
    memcpy(instance->ctx + row->slot, &instance->tags[i], sizeof instance->tags[i]);
  }
}

static void init_tables(struct wa_instance *instance) {
  const struct wa_meta *meta = wa_instance_meta(instance);
  for (uint32_t i = instance->imported_tables; i < meta->tables.count; i++) {
    const struct wa_meta_table *row = WA_META_ROW(meta, tables, struct wa_meta_table, i);
    if ((row->flags & WA_TABLE_HAS_INIT) != 0) {
      union wa_cell value[2];
      wa_instance_evaluate(instance, &row->init, value);
      (void)wa_table_write(instance->tables[i], 0, row->min, value[0].ref);
    }
  }
}

void wa_instance_fill(struct wa_instance *instance) {
  write_type_ids(instance);
  fill_func_refs(instance);
  init_globals(instance);
  init_tables(instance);
  init_tags(instance);
}

enum wa_trap_code wa_memory_init(struct wa_instance *instance, uint32_t memory, uint32_t segment,
                                 uint64_t dst, uint64_t src, uint64_t length) {
  const struct wa_memory_view *view = &instance->memories[memory]->view;
  const struct wa_meta_data *row =
      WA_META_ROW(wa_instance_meta(instance), datas, struct wa_meta_data, segment);
  uint64_t available = atomic_load(&instance->data_dropped[segment]) ? 0 : row->length;
  if (!wa_range_fits(src, length, available) || !wa_range_fits(dst, length, wa_view_size(view))) {
    return WA_TRAP_MEMORY_OUT_OF_BOUNDS;
  }
  return length == 0 || wa_bulk_move(view->base + dst,
                                     instance->prepared->artifact->data + row->first + src, length)
             ? WA_TRAP_NONE
             : WA_TRAP_INTERRUPTED;
}

enum wa_trap_code wa_table_init(struct wa_instance *instance, uint32_t table, uint32_t segment,
                                uint64_t dst, uint64_t src, uint64_t length) {
  const struct wa_meta *meta = wa_instance_meta(instance);
  struct wa_table_object *object = instance->tables[table];
  const struct wa_meta_elem *row = WA_META_ROW(meta, elems, struct wa_meta_elem, segment);
  uint64_t available = atomic_load(&instance->elem_dropped[segment]) ? 0 : row->count;
  if (!wa_range_fits(src, length, available) ||
      !wa_range_fits(dst, length, wa_table_size(object))) {
    return WA_TRAP_TABLE_OUT_OF_BOUNDS;
  }
  const struct wa_meta_expr *exprs =
      WA_META_ROWS(meta, elem_exprs, struct wa_meta_expr) + row->first + src;
  for (uint64_t i = 0; i < length; i++) {
    union wa_cell value[2];
    wa_instance_evaluate(instance, &exprs[i], value);
    wa_table_set(object, dst + i, value[0].ref);
  }
  return wa_interrupted() ? WA_TRAP_INTERRUPTED : WA_TRAP_NONE;
}

// Of the index type that the limits' flags say; an i32 is zero-extended.
static uint64_t segment_offset(const struct wa_instance *instance, const struct wa_meta_expr *expr,
                               uint32_t limits_flags) {
  union wa_cell value[2];
  wa_instance_evaluate(instance, expr, value);
  return (limits_flags & WA_LIMITS_INDEX64) != 0 ? value[0].u64 : value[0].u32;
}

static enum wa_trap_code apply_elems(struct wa_instance *instance) {
  const struct wa_meta *meta = wa_instance_meta(instance);
  for (uint32_t i = 0; i < meta->elems.count; i++) {
    const struct wa_meta_elem *row = WA_META_ROW(meta, elems, struct wa_meta_elem, i);
    if (row->mode == WA_SEGMENT_PASSIVE) {
      continue;
    }
    // Without a table object the table is read-only, and the compiler applied the segment.
    if (row->mode == WA_SEGMENT_ACTIVE && instance->tables[row->table] != NULL) {
      uint32_t flags = WA_META_ROW(meta, tables, struct wa_meta_table, row->table)->flags;
      uint64_t offset = segment_offset(instance, &row->offset, flags);
      enum wa_trap_code code = wa_table_init(instance, row->table, i, offset, 0, row->count);
      if (code != WA_TRAP_NONE) {
        return code;
      }
    }
    atomic_store(&instance->elem_dropped[i], true);
  }
  return WA_TRAP_NONE;
}

// Active segments of a memory that nobody else has yet, whose pages may be the artifact's own.
// Those that follow each other as far apart in the artifact as in memory are put there at once.
struct data_run {
  struct wa_instance *instance;
  uint32_t memory;
  uint64_t offset;  // in memory
  uint64_t first;   // in the artifact's data
  uint64_t length;  // 0: none yet
  uint64_t highest; // end of what lies furthest up in any memory
};

static void load_run(struct data_run *run) {
  const struct wa_artifact *artifact = run->instance->prepared->artifact;
  if (run->length != 0) {
    wa_memory_load(run->instance->memories[run->memory], run->offset, artifact, run->first,
                   run->length);
  }
  run->length = 0;
}

// What lies between must be zeros in memory as in the artifact.
static bool continues(const struct data_run *run, const struct wa_meta_data *row, uint64_t offset) {
  const uint64_t page = 4096;
  uint64_t gap = offset - (run->offset + run->length);
  return run->length != 0 && row->memory == run->memory && gap < page &&
         row->first - run->first == offset - run->offset &&
         row->first >= run->first + run->length &&
         (gap == 0 || run->offset + run->length >= run->highest);
}

static void add_to_run(struct data_run *run, const struct wa_meta_data *row, uint64_t offset) {
  if (continues(run, row, offset)) {
    run->length = row->first + row->length - run->first;
  } else {
    load_run(run);
    run->memory = row->memory;
    run->offset = offset;
    run->first = row->first;
    run->length = row->length;
  }
  uint64_t end = offset + row->length;
  run->highest = end > run->highest ? end : run->highest;
}

// An active segment.
static enum wa_trap_code apply_data(struct data_run *run, uint32_t segment,
                                    const struct wa_meta_data *row) {
  struct wa_instance *instance = run->instance;
  struct wa_memory_object *memory = instance->memories[row->memory];
  const struct wa_meta *meta = wa_instance_meta(instance);
  uint32_t flags = WA_META_ROW(meta, memories, struct wa_meta_memory, row->memory)->flags;
  uint64_t offset = segment_offset(instance, &row->offset, flags);
  if (row->memory < instance->imported_memories) {
    return wa_memory_init(instance, row->memory, segment, offset, 0, row->length);
  }
  if (!wa_range_fits(offset, row->length, wa_view_size(&memory->view))) {
    return WA_TRAP_MEMORY_OUT_OF_BOUNDS;
  }
  if (row->length != 0) {
    add_to_run(run, row, offset);
  }
  return WA_TRAP_NONE;
}

static enum wa_trap_code apply_datas(struct wa_instance *instance) {
  const struct wa_meta *meta = wa_instance_meta(instance);
  struct data_run run = {.instance = instance};
  enum wa_trap_code code = WA_TRAP_NONE;
  for (uint32_t i = 0; i < meta->datas.count && code == WA_TRAP_NONE; i++) {
    const struct wa_meta_data *row = WA_META_ROW(meta, datas, struct wa_meta_data, i);
    if (row->mode == WA_SEGMENT_ACTIVE) {
      code = apply_data(&run, i, row);
      atomic_store(&instance->data_dropped[i], code == WA_TRAP_NONE);
    }
  }
  load_run(&run);
  return code;
}

enum wa_trap_code wa_instance_apply_segments(struct wa_instance *instance) {
  enum wa_trap_code code = apply_elems(instance);
  return code != WA_TRAP_NONE ? code : apply_datas(instance);
}

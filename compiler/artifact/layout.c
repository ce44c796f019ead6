#include "compiler/artifact/layout.h"

// A read-only table is part of the text: past this it is cheaper to keep it per instance.
enum { READ_ONLY_TABLE_LIMIT = 1 << 20, CONTEXT_LIMIT = 1 << 30 };

static uint32_t cell_size(uint32_t type) {
  return type == WA_V128 ? 16 : 8;
}

// Takes `size` bytes, aligned to their size, below what is already placed.
static int32_t place(uint64_t *below, uint32_t size) {
  *below = (*below + size + size - 1) & ~(uint64_t)(size - 1);
  return *below < CONTEXT_LIMIT ? -(int32_t)*below : 0;
}

// An active segment that compiled code can apply while it is being compiled.
static bool segment_is_constant(const struct wa_module *module, const struct wa_elem *elem) {
  const struct wa_table *table = &module->tables[elem->table];
  uint64_t size = table->type.limits.min;
  if (elem->offset.kind != WA_EXPR_CONST || elem->count > size ||
      elem->offset.bits[0] > size - elem->count) {
    return false;
  }
  for (uint32_t i = 0; i < elem->count; i++) {
    if (elem->items[i].kind != WA_EXPR_REF_FUNC && elem->items[i].kind != WA_EXPR_REF_NULL) {
      return false;
    }
  }
  return true;
}

// Whether a call through a read-only table could have to compare with more types than this: all of
// the module's that have a supertype, at worst. The runtime compares for other tables.
enum { SUBTYPE_LIMIT = 16 };

static bool has_many_subtypes(const struct wa_module *module) {
  uint32_t count = 0;
  for (uint32_t i = 0; i < module->type_count; i++) {
    count += module->types[i].canonical == i && module->types[i].supertype != WA_NONE;
  }
  return count > SUBTYPE_LIMIT;
}

static void find_read_only_tables(struct wa_layout *layout, const struct wa_module *module) {
  bool possible = !has_many_subtypes(module);
  for (uint32_t i = 0; i < module->table_count; i++) {
    const struct wa_table *table = &module->tables[i];
    layout->read_only_tables[i] =
        possible && !table->imported && !table->exported && !table->mutated && !table->has_init &&
        wa_type_is_func(table->type.elem) && table->type.limits.min <= READ_ONLY_TABLE_LIMIT;
  }
  for (uint32_t i = 0; i < module->elem_count; i++) {
    const struct wa_elem *elem = &module->elems[i];
    if (elem->mode == WA_SEGMENT_ACTIVE && !segment_is_constant(module, elem)) {
      layout->read_only_tables[elem->table] = false;
    }
  }
}

static void need_func_ref(struct wa_layout *layout, uint32_t function) {
  if (layout->func_refs[function] == WA_NONE) {
    layout->func_refs[function] = layout->func_ref_count++;
  }
}

static void need_func_ref_of(struct wa_layout *layout, const struct wa_constexpr *expr) {
  if (expr->kind == WA_EXPR_REF_FUNC) {
    need_func_ref(layout, expr->index);
  }
}

// Only functions that can become a value need a reference: those in read-only tables do not.
static void number_func_refs(struct wa_layout *layout, const struct wa_module *module) {
  for (uint32_t i = 0; i < module->function_count; i++) {
    layout->func_refs[i] = WA_NONE;
  }
  for (uint32_t i = 0; i < module->export_count; i++) {
    if (module->exports[i].kind == WA_EXTERN_FUNC) {
      need_func_ref(layout, module->exports[i].index);
    }
  }
  for (uint32_t i = 0; i < module->function_count; i++) {
    if (module->functions[i].ref_func) {
      need_func_ref(layout, i);
    }
  }
  for (uint32_t i = 0; i < module->global_count; i++) {
    if (!module->globals[i].imported) {
      need_func_ref_of(layout, &module->globals[i].init);
    }
  }
  for (uint32_t i = 0; i < module->table_count; i++) {
    if (module->tables[i].has_init) {
      need_func_ref_of(layout, &module->tables[i].init);
    }
  }
  for (uint32_t i = 0; i < module->elem_count; i++) {
    const struct wa_elem *elem = &module->elems[i];
    if (elem->mode == WA_SEGMENT_DECLARATIVE ||
        (elem->mode == WA_SEGMENT_ACTIVE && layout->read_only_tables[elem->table])) {
      continue;
    }
    for (uint32_t j = 0; j < elem->count; j++) {
      need_func_ref_of(layout, &elem->items[j]);
    }
  }
}

// The host enters functions that it has a reference of, and the start function. To the host leads a
// call of an import, and one of a value, which may be a host function of the type that is called;
// or of a subtype, whose trampoline is there for whoever calls by the supertype, in other modules
// too. Types that nothing uses so have none: a module may declare a million.
static void find_trampolines(struct wa_layout *layout, const struct wa_module *module) {
  for (uint32_t i = 0; i < module->function_count; i++) {
    uint32_t type = module->types[module->functions[i].type].canonical;
    layout->entries[type] |= layout->func_refs[i] != WA_NONE || module->start == i;
    layout->exits[type] |= module->functions[i].imported;
  }
  for (uint32_t i = 0; i < module->type_count; i++) {
    const struct wa_functype *type = &module->types[i];
    if (type->canonical == i) {
      layout->exits[i] |= type->called || type->supertype != WA_NONE;
    }
  }
}

static bool compares_type_ids(const struct wa_layout *layout, const struct wa_module *module) {
  for (uint32_t i = 0; i < module->table_count; i++) {
    if (!layout->read_only_tables[i] && wa_type_is_func(module->tables[i].type.elem)) {
      return true;
    }
  }
  return false;
}

// Globals lie nearest to ctx, where offsets are short: the stack pointer is usually the first.
static uint64_t place_all(struct wa_layout *layout, const struct wa_module *module) {
  uint64_t below = WA_CONTEXT_FIXED_SIZE;
  for (uint32_t i = 0; i < module->global_count; i++) {
    const struct wa_global *global = &module->globals[i];
    uint32_t size = wa_global_by_pointer(global) ? 8 : cell_size(global->type.type);
    layout->global_offsets[i] = place(&below, size);
  }
  for (uint32_t i = 0; i < module->imported_functions; i++) {
    layout->import_slots[i] = place(&below, WA_IMPORT_SLOT_SIZE);
  }
  for (uint32_t i = 0; i < module->tag_count; i++) {
    layout->tag_slots[i] = place(&below, 8);
  }
  if (compares_type_ids(layout, module)) {
    for (uint32_t i = 0; i < module->type_count; i++) {
      layout->type_ids[i] = module->types[i].canonical == i
                                ? place(&below, sizeof(uint32_t))
                                : layout->type_ids[module->types[i].canonical];
    }
  }
  return (below + 15) & ~(uint64_t)15;
}

bool wa_layout_init(struct wa_layout *layout, const struct wa_module *module, bool explicit_checks,
                    struct wa_error *err) {
  *layout = (struct wa_layout){.explicit_checks = explicit_checks};
  wa_arena_init(&layout->arena, 0);
  layout->global_offsets = wa_arena_alloc(&layout->arena, module->global_count, sizeof(int32_t));
  layout->import_slots =
      wa_arena_alloc(&layout->arena, module->imported_functions, sizeof(int32_t));
  layout->tag_slots = wa_arena_alloc(&layout->arena, module->tag_count, sizeof(int32_t));
  layout->type_ids = wa_arena_alloc(&layout->arena, module->type_count, sizeof(int32_t));
  layout->func_refs = wa_arena_alloc(&layout->arena, module->function_count, sizeof(uint32_t));
  layout->read_only_tables = wa_arena_alloc(&layout->arena, module->table_count, sizeof(bool));
  layout->entries = wa_arena_alloc(&layout->arena, module->type_count, sizeof(bool));
  layout->exits = wa_arena_alloc(&layout->arena, module->type_count, sizeof(bool));
  if (!layout->entries || !layout->exits || !layout->tag_slots || !layout->global_offsets ||
      !layout->import_slots || !layout->type_ids || !layout->func_refs ||
      !layout->read_only_tables) {
    wa_layout_deinit(layout);
    return wa_fail(err, WA_ERROR_SYSTEM, WA_NO_OFFSET, "out of memory");
  }
  const struct wa_memory *memory0 = module->memory_count ? &module->memories[0] : NULL;
  layout->memory0_at_ctx = memory0 && !memory0->imported && !memory0->limits.shared &&
                           !memory0->limits.index64 &&
                           !wa_layout_checks_ends(layout, &memory0->limits);
  for (uint32_t i = 0; i < module->memory_count; i++) {
    layout->has_shared_memory |= module->memories[i].limits.shared;
  }
  find_read_only_tables(layout, module);
  number_func_refs(layout, module);
  find_trampolines(layout, module);
  uint64_t size = place_all(layout, module);
  if (size >= CONTEXT_LIMIT) {
    wa_layout_deinit(layout);
    return wa_fail(err, WA_ERROR_UNSUPPORTED, WA_NO_OFFSET,
                   "globals, imports and types need %llu bytes for each instance; at most %d",
                   (unsigned long long)size, CONTEXT_LIMIT);
  }
  layout->context_size = (uint32_t)size;
  return true;
}

void wa_layout_deinit(struct wa_layout *layout) {
  wa_arena_deinit(&layout->arena);
  *layout = (struct wa_layout){0};
}

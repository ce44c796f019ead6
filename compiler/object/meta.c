#include "compiler/object/meta.h"

#include "compiler/base/sha256.h"
#include "compiler/demangle/demangle.h"

#include <llvm/Config/llvm-config.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// The buffer moves while rows are appended, so the header is kept apart and written last.
struct builder {
  struct wa_bytes_buffer *out;
  struct wa_bytes_buffer strings;
  struct wa_meta meta;
  const struct wa_module *module;
  const struct wa_layout *layout;
  const struct wa_merged *merged;
  bool mangled;
};

static struct wa_meta_string add_string(struct builder *b, struct wa_bytes bytes) {
  struct wa_meta_string string = {.length = (uint32_t)bytes.size};
  string.offset = (uint32_t)wa_bytes_append(&b->strings, bytes.data, bytes.size);
  return string;
}

// Functions are called in the artifact what people call them, so that nothing at run time has to
// read mangled names. Symbols keep them, for tools.
static struct wa_meta_string add_function_name(struct builder *b, struct wa_bytes name) {
  char readable[WA_DEMANGLED_SIZE];
  if (b->mangled || !wa_demangle(name, readable)) {
    return add_string(b, name);
  }
  return add_string(b, (struct wa_bytes){(const uint8_t *)readable, strlen(readable)});
}

static void begin(struct builder *b, struct wa_span *span, uint32_t count) {
  span->offset = (uint32_t)wa_bytes_align(b->out, 8);
  span->count = count;
}

static void add_row(struct builder *b, const void *row, size_t size) {
  wa_bytes_append(b->out, row, size);
}

static struct wa_meta_expr expr(const struct wa_constexpr *from) {
  return (struct wa_meta_expr){
      .kind = from->kind, .index = from->index, .bits = {from->bits[0], from->bits[1]}};
}

static uint32_t limits_flags(const struct wa_limits *limits) {
  return (limits->has_max ? WA_LIMITS_HAS_MAX : 0) | (limits->shared ? WA_LIMITS_SHARED : 0) |
         (limits->index64 ? WA_LIMITS_INDEX64 : 0);
}

static uint32_t trampoline(const struct wa_text_symbol *symbol) {
  return symbol->size == 0 ? WA_NONE : symbol->offset;
}

static void add_types(struct builder *b) {
  const struct wa_module *module = b->module;
  begin(b, &b->meta.types, module->type_count);
  uint32_t first = 0;
  for (uint32_t i = 0; i < module->type_count; i++) {
    const struct wa_functype *type = &module->types[i];
    struct wa_meta_type row = {
        .valtypes = first,
        .param_count = type->param_count,
        .result_count = type->result_count,
        .entry = trampoline(&b->merged->entries[type->canonical]),
        .exit = trampoline(&b->merged->exits[type->canonical]),
        .id_offset = b->layout->type_ids[i],
        .group = type->group_first == i ? type->group_count : 0,
        .supertype = type->supertype,
        .is_final = type->is_final,
    };
    first += type->param_count + type->result_count;
    add_row(b, &row, sizeof row);
  }
  begin(b, &b->meta.valtypes, first);
  for (uint32_t i = 0; i < module->type_count; i++) {
    const struct wa_functype *type = &module->types[i];
    add_row(b, type->params, type->param_count * sizeof *type->params);
    add_row(b, type->results, type->result_count * sizeof *type->results);
  }
}

static void add_imports(struct builder *b) {
  const struct wa_module *module = b->module;
  begin(b, &b->meta.imports, module->import_count);
  for (uint32_t i = 0; i < module->import_count; i++) {
    const struct wa_import *import = &module->imports[i];
    struct wa_meta_import row = {
        .module = add_string(b, import->module),
        .name = add_string(b, import->name),
        .kind = import->kind,
        .index = import->index,
    };
    if (import->kind == WA_EXTERN_FUNC) {
      row.slot = b->layout->import_slots[import->index];
    } else if (import->kind == WA_EXTERN_GLOBAL) {
      row.slot = b->layout->global_offsets[import->index];
    } else if (import->kind == WA_EXTERN_TAG) {
      row.slot = b->layout->tag_slots[import->index];
    }
    add_row(b, &row, sizeof row);
  }
}

static void add_functions(struct builder *b) {
  const struct wa_module *module = b->module;
  begin(b, &b->meta.funcs, module->function_count);
  for (uint32_t i = 0; i < module->function_count; i++) {
    const struct wa_function *function = &module->functions[i];
    uint32_t body = wa_merged_entry(b->merged, i);
    const struct wa_text_symbol *wrapper = &b->merged->wrappers[i];
    struct wa_meta_func row = {
        .type = function->type,
        .text = function->imported ? WA_NONE
                : wrapper->size    ? wrapper->offset
                                   : body,
        .tail = wrapper->size ? body : WA_NONE,
        .func_ref = b->layout->func_refs[i],
        .name = add_function_name(b, function->name),
    };
    add_row(b, &row, sizeof row);
  }
}

static void add_tables_and_memories(struct builder *b) {
  const struct wa_module *module = b->module;
  begin(b, &b->meta.tables, module->table_count);
  for (uint32_t i = 0; i < module->table_count; i++) {
    const struct wa_tabletype *type = &module->tables[i].type;
    struct wa_meta_table row = {
        .flags = limits_flags(&type->limits),
        .elem_type = type->elem,
        .min = type->limits.min,
        .max = type->limits.max,
    };
    if (b->layout->read_only_tables[i]) {
      row.flags |= WA_TABLE_READ_ONLY;
    }
    if (module->tables[i].has_init) {
      row.flags |= WA_TABLE_HAS_INIT;
      row.init = expr(&module->tables[i].init);
    }
    add_row(b, &row, sizeof row);
  }
  begin(b, &b->meta.memories, module->memory_count);
  for (uint32_t i = 0; i < module->memory_count; i++) {
    const struct wa_limits *limits = &module->memories[i].limits;
    struct wa_meta_memory row = {
        .flags = limits_flags(limits),
        .page_size_log2 = limits->page_log2,
        .min = limits->min,
        .max = limits->max,
    };
    add_row(b, &row, sizeof row);
  }
}

static void add_globals_and_exports(struct builder *b) {
  const struct wa_module *module = b->module;
  begin(b, &b->meta.globals, module->global_count);
  for (uint32_t i = 0; i < module->global_count; i++) {
    const struct wa_global *global = &module->globals[i];
    struct wa_meta_global row = {
        .type = global->type.type,
        .mut = global->type.mut,
        .flags = wa_global_by_pointer(global) ? WA_GLOBAL_BY_POINTER : 0,
        .offset = b->layout->global_offsets[i],
        .init = expr(&global->init),
    };
    add_row(b, &row, sizeof row);
  }
  begin(b, &b->meta.tags, module->tag_count);
  for (uint32_t i = 0; i < module->tag_count; i++) {
    struct wa_meta_tag row = {.type = module->tags[i].type, .slot = b->layout->tag_slots[i]};
    add_row(b, &row, sizeof row);
  }
  begin(b, &b->meta.exports, module->export_count);
  for (uint32_t i = 0; i < module->export_count; i++) {
    const struct wa_export *export = &module->exports[i];
    struct wa_meta_export row = {
        .name = add_string(b, export->name), .kind = export->kind, .index = export->index};
    add_row(b, &row, sizeof row);
  }
}

static void add_elems(struct builder *b) {
  const struct wa_module *module = b->module;
  begin(b, &b->meta.elems, module->elem_count);
  uint32_t first = 0;
  for (uint32_t i = 0; i < module->elem_count; i++) {
    const struct wa_elem *elem = &module->elems[i];
    struct wa_meta_elem row = {
        .mode = elem->mode,
        .table = elem->table,
        .first = first,
        .count = elem->count,
        .type = elem->type,
        .offset = expr(&elem->offset),
    };
    first += elem->count;
    add_row(b, &row, sizeof row);
  }
  begin(b, &b->meta.elem_exprs, first);
  for (uint32_t i = 0; i < module->elem_count; i++) {
    for (uint32_t j = 0; j < module->elems[i].count; j++) {
      struct wa_meta_expr row = expr(&module->elems[i].items[j]);
      add_row(b, &row, sizeof row);
    }
  }
}

static void add_expr_ops(struct builder *b) {
  const struct wa_module *module = b->module;
  begin(b, &b->meta.expr_ops, module->expr_op_count);
  for (uint32_t i = 0; i < module->expr_op_count; i++) {
    struct wa_meta_expr row = expr(&module->expr_ops[i]);
    add_row(b, &row, sizeof row);
  }
}

static void add_datas(struct builder *b) {
  const struct wa_module *module = b->module;
  struct wa_data_places places = wa_data_places_start(module);
  begin(b, &b->meta.datas, module->data_count);
  for (uint32_t i = 0; i < module->data_count; i++) {
    const struct wa_data *data = &module->datas[i];
    struct wa_meta_data row = {
        .mode = data->mode,
        .memory = data->memory,
        .first = wa_data_places_next(&places),
        .length = data->bytes.size,
        .offset = expr(&data->offset),
    };
    add_row(b, &row, sizeof row);
  }
}

// ---- Code map ----

static int by_text_offset(const void *a, const void *b) {
  const struct wa_meta_code *x = a, *y = b;
  return (x->text_offset > y->text_offset) - (x->text_offset < y->text_offset);
}

void wa_meta_sort_codes(void *rows, size_t count) {
  qsort(rows, count, sizeof(struct wa_meta_code), by_text_offset);
}

static uint32_t add_codes(struct builder *b, enum wa_code_kind kind,
                          const struct wa_text_symbol *symbols, uint32_t count) {
  uint32_t added = 0;
  for (uint32_t i = 0; i < count; i++) {
    if (symbols[i].size == 0) {
      continue;
    }
    struct wa_meta_code row = {
        .text_offset = symbols[i].offset, .size = symbols[i].size, .kind = kind, .index = i};
    add_row(b, &row, sizeof row);
    added++;
  }
  return added;
}

static void add_code_map(struct builder *b) {
  const struct wa_merged *merged = b->merged;
  begin(b, &b->meta.code_map, 0);
  uint32_t functions = b->module->function_count, types = b->module->type_count;
  uint32_t count = add_codes(b, WA_CODE_FUNC, merged->functions, functions);
  count += add_codes(b, WA_CODE_ENTRY, merged->entries, types);
  count += add_codes(b, WA_CODE_EXIT, merged->exits, types);
  count += add_codes(b, WA_CODE_SHIM, merged->shims, functions);
  count += add_codes(b, WA_CODE_SHIM, merged->wrappers, functions);
  b->meta.code_map.count = count;
  if (!b->out->failed) {
    wa_meta_sort_codes(b->out->data + b->meta.code_map.offset, count);
  }
}

void wa_meta_build(struct wa_bytes_buffer *out, const struct wa_module *module,
                   const struct wa_layout *layout, const struct wa_merged *merged,
                   const struct wa_compile_options *options) {
  struct builder b = {.out = out,
                      .module = module,
                      .layout = layout,
                      .merged = merged,
                      .mangled = options->mangled};
  b.meta.magic = WA_META_MAGIC;
  b.meta.context_size = layout->context_size;
  b.meta.flags = (layout->memory0_at_ctx ? WA_META_MEMORY0_AT_CTX : 0) |
                 (module->has_lines && !options->debug ? WA_META_LEFT_LINES : 0);
  b.meta.start = module->start;
  b.meta.func_ref_count = layout->func_ref_count;
  b.meta.got = merged->got;
  b.meta.got_functions = merged->got_functions;
  wa_bytes_append(out, NULL, sizeof b.meta);
  b.meta.module_name = add_string(&b, module->name);
  add_types(&b);
  add_imports(&b);
  add_functions(&b);
  add_tables_and_memories(&b);
  add_globals_and_exports(&b);
  add_elems(&b);
  add_expr_ops(&b);
  add_datas(&b);
  add_code_map(&b);
  begin(&b, &b.meta.strings, (uint32_t)b.strings.size);
  wa_bytes_append(out, b.strings.data, b.strings.size);
  b.meta.size = (uint32_t)wa_bytes_align(out, 8);
  out->failed |= b.strings.failed || out->size > UINT32_MAX;
  if (!out->failed) {
    memcpy(out->data, &b.meta, sizeof b.meta);
  }
  wa_bytes_deinit(&b.strings);
}

void wa_meta_build_data(struct wa_bytes_buffer *out, const struct wa_module *module) {
  size_t start = out->size;
  struct wa_data_places places = wa_data_places_start(module);
  for (uint32_t i = 0; i < module->data_count; i++) {
    const struct wa_data *data = &module->datas[i];
    uint64_t first = wa_data_places_next(&places);
    wa_bytes_append(out, NULL, start + first - out->size);
    wa_bytes_append(out, data->bytes.data, data->bytes.size);
  }
}

// ---- Unwinding ----

static int by_function(const void *a, const void *b) {
  const struct wa_unwind_entry *x = a, *y = b;
  return (x->text_offset > y->text_offset) - (x->text_offset < y->text_offset);
}

// The only relocated field of an FDE is its start, after length and CIE pointer.
void wa_meta_build_unwind(struct wa_bytes_buffer *out, const struct wa_merged *merged) {
  const struct wa_frame_reloc *relocs = (const struct wa_frame_reloc *)merged->frame_relocs.data;
  size_t count = merged->frame_relocs.size / sizeof *relocs;
  const struct wa_frame_reloc *lsdas = (const struct wa_frame_reloc *)merged->lsda_relocs.data;
  size_t lsda_count = merged->lsda_relocs.size / sizeof *lsdas, lsda = 0;
  for (size_t i = 0; i < count; i++) {
    struct wa_unwind_entry row = {
        .text_offset = relocs[i].text_offset, .fde_offset = relocs[i].offset - 8, .lsda = WA_NONE};
    // Both kinds lie in the order of the file; an FDE has one of the second kind at most.
    while (lsda < lsda_count && lsdas[lsda].offset < relocs[i].offset) {
      lsda++;
    }
    if (lsda < lsda_count && (i + 1 == count || lsdas[lsda].offset < relocs[i + 1].offset)) {
      row.lsda = lsdas[lsda].text_offset;
    }
    wa_bytes_append(out, &row, sizeof row);
  }
  if (!out->failed && count) {
    qsort(out->data, count, sizeof(struct wa_unwind_entry), by_function);
  }
}

// ---- Note ----

void wa_meta_build_note(struct wa_note *note, const struct wa_module *module,
                        const struct wa_layout *layout, const struct wa_target *target,
                        int opt_level) {
  *note = (struct wa_note){
      .abi_version = WA_ABI_VERSION,
      .reliance = WA_RELIES_ON_TRAP_SIGNALS | WA_RELIES_ON_STACK_PROBES,
      .cpu_features = target->cpu_features,
      .wasm_features = module->features,
      .stack_guard = WA_STACK_GUARD_SIZE,
      .optimization = (uint32_t)opt_level,
  };
  for (uint32_t i = 0; i < module->memory_count; i++) {
    if (wa_layout_checks_ends(layout, &module->memories[i].limits)) {
      continue;
    }
    note->reliance |= WA_RELIES_ON_GUARD_PAGES;
    note->memory_guard = WA_MEMORY32_GUARD;
    if (!module->memories[i].limits.index64) {
      note->memory_reservation = WA_MEMORY32_RESERVATION;
    }
  }
  if (layout->has_shared_memory) {
    note->reliance |= WA_RELIES_ON_SHARED_MEMORY;
  }
  snprintf(note->wasmaot_version, sizeof note->wasmaot_version, "%s", WASMAOT_VERSION);
  snprintf(note->llvm_version, sizeof note->llvm_version, "%s", LLVM_VERSION_STRING);
  snprintf(note->target_triple, sizeof note->target_triple, "%s", target->triple);
  snprintf(note->target_cpu, sizeof note->target_cpu, "%s", target->cpu);
  wa_sha256(module->bytes.data, module->bytes.size, note->source_sha256);
}

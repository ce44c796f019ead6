// Import matching (core spec 4.5.4 and 3.4): every import must be defined and of the declared type.
#include "runtime/instance/instance.h"

#include "runtime/instance/linker.h"
#include "runtime/object/types.h"

#include <string.h>

struct link {
  struct wa_instance *instance;
  const struct wa_meta *meta;
  const struct wa_imports *imports;
  struct wa_error *err;
  const struct wa_meta_import *import; // the one at hand
};

static const char *kind_name(uint32_t kind) {
  static const char *const names[] = {"function", "table", "memory", "global", "tag"};
  return kind < WA_EXTERN_KIND_COUNT ? names[kind] : "?";
}

// "unknown import" and "incompatible import type" are the specification's words.
__attribute__((format(printf, 3, 4))) static bool
refuse_as(const struct link *link, enum wa_error_kind kind, const char *format, ...) {
  char reason[400];
  va_list args;
  va_start(args, format);
  (void)vsnprintf(reason, sizeof reason, format, args);
  va_end(args);
  const struct wa_meta_import *import = link->import;
  return wa_fail(link->err, kind, WA_NO_OFFSET, "import `%.*s`.`%.*s`: %s",
                 import->module.length > 60 ? 60 : (int)import->module.length,
                 wa_meta_chars(link->meta, import->module),
                 import->name.length > 60 ? 60 : (int)import->name.length,
                 wa_meta_chars(link->meta, import->name), reason);
}

#define refuse(link, ...) refuse_as(link, WA_ERROR_UNLINKABLE, __VA_ARGS__)

// ---- Functions ----

// What an import that nobody defines does when --unknown-imports=trap lets it pass.
static bool call_unknown(const struct wa_host_call *call, union wa_cell *cells) {
  (void)cells;
  const struct wa_meta *meta = wa_instance_meta(call->instance);
  const struct wa_meta_import *import = call->env;
  return wa_raise(WA_TRAP_HOST, "unknown import `%.*s`.`%.*s` was called",
                  import->module.length > 90 ? 90 : (int)import->module.length,
                  wa_meta_chars(meta, import->module),
                  import->name.length > 90 ? 90 : (int)import->name.length,
                  wa_meta_chars(meta, import->name));
}

static struct wa_import_slot *func_slot(const struct link *link) {
  return (struct wa_import_slot *)(link->instance->ctx + link->import->slot);
}

// A binding of this instance's own, so that the host function knows who calls.
static bool bind_host(const struct link *link, uint32_t type_id, wa_host_fn *fn, void *env) {
  struct wa_instance *instance = link->instance;
  const void *exit = wa_prepared_exit(instance->prepared, type_id);
  if (exit == NULL) {
    return refuse(link, "the artifact has no exit trampoline for its type; compile it anew");
  }
  struct wa_binding *binding = &instance->bindings[link->import->index];
  wa_binding_init(binding, fn, env, instance, exit);
  *func_slot(link) = (struct wa_import_slot){.code = exit, .context = binding};
  return true;
}

static uint32_t import_type_id(const struct link *link) {
  const struct wa_meta_func *func =
      WA_META_ROW(link->meta, funcs, struct wa_meta_func, link->import->index);
  return link->instance->prepared->type_ids[func->type];
}

static bool link_func(const struct link *link, const struct wa_extern *value) {
  uint32_t expected = import_type_id(link);
  struct wa_func_ref *func = value->func;
  if (!wa_type_id_matches((uint32_t)func->type, expected)) {
    char want[128];
    char have[128];
    return refuse(link, "incompatible import type: expected function %s, found %s",
                  wa_type_format(expected, want, sizeof want),
                  wa_type_format((uint32_t)func->type, have, sizeof have));
  }
  link->instance->imported[link->import->index] = func;
  if (wa_func_is_host(func)) {
    const struct wa_binding *host = func->context;
    return bind_host(link, expected, host->fn, host->call.env);
  }
  *func_slot(link) =
      (struct wa_import_slot){.code = func->code, .context = func->context, .tail = func->tail};
  return true;
}

// ---- Tables, memories, globals ----

static bool limits_match(uint64_t size, uint64_t max, uint64_t want_min, bool want_has_max,
                         uint64_t want_max) {
  return size >= want_min && (!want_has_max || (max != UINT64_MAX && max <= want_max));
}

static const char *format_limits(char *buffer, size_t size, uint64_t min, uint64_t max) {
  if (max == UINT64_MAX) {
    (void)snprintf(buffer, size, "%llu..", (unsigned long long)min);
  } else {
    (void)snprintf(buffer, size, "%llu..%llu", (unsigned long long)min, (unsigned long long)max);
  }
  return buffer;
}

static bool link_table(const struct link *link, const struct wa_extern *value) {
  const struct wa_meta_table *want =
      WA_META_ROW(link->meta, tables, struct wa_meta_table, link->import->index);
  struct wa_table_object *table = value->table;
  bool has_max = (want->flags & WA_LIMITS_HAS_MAX) != 0;
  bool index64 = (want->flags & WA_LIMITS_INDEX64) != 0;
  if (table->index64 != index64) {
    return refuse(link, "incompatible import type: expected a table of %s index, found %s",
                  index64 ? "64-bit" : "32-bit", index64 ? "32-bit" : "64-bit");
  }
  uint64_t size = wa_table_size(table);
  uint32_t elem_type = wa_prepared_type(link->instance->prepared, want->elem_type);
  if (table->elem_type != elem_type ||
      !limits_match(size, table->max, want->min, has_max, want->max)) {
    char expected[64];
    char found[64];
    return refuse(
        link, "incompatible import type: expected table %s of %s, found %s of %s",
        format_limits(expected, sizeof expected, want->min, has_max ? want->max : UINT64_MAX),
        wa_valtype_name(elem_type), format_limits(found, sizeof found, size, table->max),
        wa_valtype_name(table->elem_type));
  }
  link->instance->tables[link->import->index] = table;
  return true;
}

static bool link_memory(const struct link *link, const struct wa_extern *value) {
  const struct wa_meta_memory *want =
      WA_META_ROW(link->meta, memories, struct wa_meta_memory, link->import->index);
  struct wa_memory_object *memory = value->memory;
  bool has_max = (want->flags & WA_LIMITS_HAS_MAX) != 0;
  bool want_shared = (want->flags & WA_LIMITS_SHARED) != 0;
  bool index64 = (want->flags & WA_LIMITS_INDEX64) != 0;
  uint64_t pages = wa_memory_pages(memory);
  if (memory->index64 != index64) {
    return refuse(link, "incompatible import type: expected a memory of %s index, found %s",
                  index64 ? "64-bit" : "32-bit", index64 ? "32-bit" : "64-bit");
  }
  if (memory->page_log2 != want->page_size_log2) {
    return refuse(link,
                  "incompatible import type: expected a memory with pages of %u bytes, found "
                  "%u",
                  1u << want->page_size_log2, 1u << memory->page_log2);
  }
  if (memory->shared != want_shared ||
      !limits_match(pages, memory->max_pages, want->min, has_max, want->max)) {
    char expected[64];
    char found[64];
    return refuse(
        link, "incompatible import type: expected %s memory of %s pages, found %s of %s pages",
        want_shared ? "shared" : "unshared",
        format_limits(expected, sizeof expected, want->min, has_max ? want->max : UINT64_MAX),
        memory->shared ? "shared" : "unshared",
        format_limits(found, sizeof found, pages, memory->max_pages));
  }
  // See WA_MEMORY32_MAX_GROWN_PAGES: the code was compiled for less.
  if (!index64 && memory->page_log2 == WA_PAGE_LOG2 &&
      memory->limit > WA_MEMORY32_MAX_GROWN_PAGES && want->min <= WA_MEMORY32_MAX_GROWN_PAGES) {
    return refuse(link, "the memory has all 65536 pages from its start, which a module that "
                        "imports it must declare as its minimum");
  }
  // Of a memory whose pages are bytes all code checks the ends.
  if (memory->unguarded && memory->page_log2 == WA_PAGE_LOG2 &&
      wa_artifact_needs_guards(link->instance->prepared->artifact)) {
    return refuse(link, "the memory has no guard regions, which code compiled with "
                        "--memory-checks=guard needs; compile both modules with the same");
  }
  link->instance->memories[link->import->index] = memory;
  return true;
}

static bool link_global(const struct link *link, const struct wa_extern *value) {
  const struct wa_meta_global *want =
      WA_META_ROW(link->meta, globals, struct wa_meta_global, link->import->index);
  const struct wa_global_object *global = value->global;
  uint32_t type = wa_prepared_type(link->instance->prepared, want->type);
  bool matches = want->mut != 0 ? global->type == type : wa_valtype_matches(global->type, type);
  if (!matches || global->mut != (want->mut != 0)) {
    return refuse(link, "incompatible import type: expected global %s%s, found %s%s",
                  want->mut != 0 ? "mut " : "", wa_valtype_name(want->type),
                  global->mut ? "mut " : "", wa_valtype_name(global->type));
  }
  uint8_t *place = link->instance->ctx + want->offset;
  struct wa_global_object *own = &link->instance->globals[link->import->index];
  if ((want->flags & WA_GLOBAL_BY_POINTER) != 0) {
    memcpy(place, &global->cell, sizeof global->cell);
    *own = *global;
  } else {
    memcpy(place, global->cell, 8 * (size_t)wa_valtype_cells(want->type));
    *own = (struct wa_global_object){.type = type, .mut = false, .cell = (union wa_cell *)place};
  }
  return true;
}

static bool link_tag(const struct link *link, const struct wa_extern *value) {
  const struct wa_meta_tag *want =
      WA_META_ROW(link->meta, tags, struct wa_meta_tag, link->import->index);
  uint32_t expected = link->instance->prepared->type_ids[want->type];
  if (value->tag->type != expected) {
    char type[128];
    char found[128];
    return refuse(link, "incompatible import type: expected tag %s, found %s",
                  wa_type_format(expected, type, sizeof type),
                  wa_type_format(value->tag->type, found, sizeof found));
  }
  link->instance->tags[link->import->index] = value->tag;
  return true;
}

static bool find_value(const struct link *link, struct wa_extern *value) {
  const struct wa_meta_import *import = link->import;
  if (link->imports->values != NULL) {
    *value =
        link->imports->values[import - WA_META_ROWS(link->meta, imports, struct wa_meta_import)];
    return true;
  }
  return link->imports->linker != NULL &&
         wa_linker_get(link->imports->linker, wa_meta_chars(link->meta, import->module),
                       import->module.length, wa_meta_chars(link->meta, import->name),
                       import->name.length, value);
}

// Whether nobody provides the import at hand, nor will a function that traps.
static bool is_missing(const struct link *link) {
  struct wa_extern value;
  const struct wa_linker *linker = link->imports->linker;
  return !find_value(link, &value) && !(link->import->kind == WA_EXTERN_FUNC && linker != NULL &&
                                        wa_linker_traps_unknown(linker));
}

// The error of the import at hand, which is missing, names those behind it that are missing, too:
// as many as fit, and how many more there are.
static bool refuse_missing(const struct link *link) {
  enum { SHOWN = 4 };
  const struct wa_meta_import *imports = WA_META_ROWS(link->meta, imports, struct wa_meta_import);
  char others[320] = "";
  size_t used = 0;
  uint32_t missing = 0;
  struct link at = *link;
  for (at.import = link->import + 1; at.import < imports + link->meta->imports.count; at.import++) {
    if (!is_missing(&at) || missing++ >= SHOWN) {
      continue;
    }
    const struct wa_meta_import *import = at.import;
    used += (size_t)snprintf(others + used, sizeof others - used, "%s`%.*s`.`%.*s`",
                             missing == 1 ? "; nor is " : ", ",
                             import->module.length > 30 ? 30 : (int)import->module.length,
                             wa_meta_chars(link->meta, import->module),
                             import->name.length > 30 ? 30 : (int)import->name.length,
                             wa_meta_chars(link->meta, import->name));
  }
  if (missing > SHOWN) {
    (void)snprintf(others + used, sizeof others - used, " and %u more", missing - SHOWN);
  }
  return refuse_as(link, WA_ERROR_MISSING, "unknown import: no %s of that name is provided%s",
                   kind_name(link->import->kind), others);
}

static bool link_import(const struct link *link) {
  const struct wa_meta_import *import = link->import;
  struct wa_extern value;
  if (!find_value(link, &value)) {
    if (is_missing(link)) {
      return refuse_missing(link);
    }
    return bind_host(link, import_type_id(link), call_unknown, (void *)(uintptr_t)import);
  }
  if (value.kind != import->kind) {
    return refuse(link, "incompatible import type: expected %s, found %s", kind_name(import->kind),
                  kind_name(value.kind));
  }
  switch (value.kind) {
  case WA_EXTERN_FUNC:
    return link_func(link, &value);
  case WA_EXTERN_TABLE:
    return link_table(link, &value);
  case WA_EXTERN_MEMORY:
    return link_memory(link, &value);
  case WA_EXTERN_GLOBAL:
    return link_global(link, &value);
  case WA_EXTERN_TAG:
    return link_tag(link, &value);
  case WA_EXTERN_KIND_COUNT:
    break;
  }
  return false;
}

bool wa_instance_link(struct wa_instance *instance, const struct wa_imports *imports,
                      struct wa_error *err) {
  struct link link = {
      .instance = instance, .meta = wa_instance_meta(instance), .imports = imports, .err = err};
  for (uint32_t i = 0; i < link.meta->imports.count; i++) {
    link.import = WA_META_ROW(link.meta, imports, struct wa_meta_import, i);
    if (!link_import(&link)) {
      return false;
    }
  }
  return true;
}

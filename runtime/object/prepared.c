#include "runtime/object/prepared.h"

#include "runtime/object/types.h"
#include "runtime/runtime.h"

#include <stdlib.h>

uint32_t wa_prepared_type(const struct wa_prepared *prepared, uint32_t type) {
  return wa_type_has_index(type) ? wa_type_with_index(type, prepared->type_ids[wa_type_index(type)])
                                 : type;
}

// A type of a group that begins at `first`, for the registry. The lists go to `types`.
static struct wa_type_def define(const struct wa_prepared *prepared, uint32_t first,
                                 const struct wa_meta_type *row, uint32_t *types) {
  const struct wa_meta *meta = prepared->artifact->meta;
  const uint32_t *from = WA_META_ROWS(meta, valtypes, uint32_t) + row->valtypes;
  uint32_t count = row->param_count + row->result_count;
  for (uint32_t i = 0; i < count; i++) {
    bool inside = wa_type_has_index(from[i]) && wa_type_index(from[i]) >= first;
    types[i] = inside ? wa_type_with_index((from[i] & WA_REF_NON_NULL) | WA_REF_IN_GROUP,
                                           wa_type_index(from[i]) - first)
                      : wa_prepared_type(prepared, from[i]);
  }
  struct wa_type_def def = {
      .params = types,
      .results = types + row->param_count,
      .param_count = row->param_count,
      .result_count = row->result_count,
      .is_final = row->is_final != 0,
  };
  if (row->supertype != WA_NONE) {
    def.super_in_group = row->supertype >= first;
    def.supertype =
        def.super_in_group ? row->supertype - first : prepared->type_ids[row->supertype];
  }
  return def;
}

static bool intern_group(struct wa_prepared *prepared, uint32_t first, uint32_t count) {
  const struct wa_meta *meta = prepared->artifact->meta;
  size_t total = 0;
  for (uint32_t i = 0; i < count; i++) {
    const struct wa_meta_type *row = WA_META_ROW(meta, types, struct wa_meta_type, first + i);
    total += (size_t)row->param_count + row->result_count;
  }
  uint32_t *types = calloc(total + 1, sizeof *types);
  struct wa_type_def *defs = calloc(count, sizeof *defs);
  uint32_t id = 0;
  if (types != NULL && defs != NULL) {
    uint32_t *next = types;
    for (uint32_t i = 0; i < count; i++) {
      const struct wa_meta_type *row = WA_META_ROW(meta, types, struct wa_meta_type, first + i);
      defs[i] = define(prepared, first, row, next);
      next += row->param_count + row->result_count;
    }
    id = wa_type_intern_group(defs, count);
  }
  free(types);
  free(defs);
  for (uint32_t i = 0; i < count && id != 0; i++) {
    const struct wa_meta_type *row = WA_META_ROW(meta, types, struct wa_meta_type, first + i);
    prepared->type_ids[first + i] = id + i;
    prepared->types[first + i] =
        (struct wa_prepared_type){.id = id + i, .entry = row->entry, .exit = row->exit};
  }
  return id != 0;
}

static bool intern_types(struct wa_prepared *prepared) {
  const struct wa_meta *meta = prepared->artifact->meta;
  uint32_t first = 0;
  while (first < meta->types.count) {
    uint32_t count = WA_META_ROW(meta, types, struct wa_meta_type, first)->group;
    if (!intern_group(prepared, first, count)) {
      return false;
    }
    first += count;
  }
  return true;
}

static int compare_types(const void *left, const void *right) {
  uint32_t a = ((const struct wa_prepared_type *)left)->id;
  uint32_t b = ((const struct wa_prepared_type *)right)->id;
  return (a > b) - (a < b);
}

// A type section may list the same type twice; what any of the rows offers serves all.
static void merge_types(struct wa_prepared *prepared) {
  uint32_t count = prepared->artifact->meta->types.count;
  struct wa_prepared_type *types = prepared->types;
  qsort(types, count, sizeof *types, compare_types);
  uint32_t last = 0;
  for (uint32_t i = 1; i < count; i++) {
    if (types[i].id != types[last].id) {
      types[++last] = types[i];
      continue;
    }
    if (types[last].entry == WA_NONE) {
      types[last].entry = types[i].entry;
    }
    if (types[last].exit == WA_NONE) {
      types[last].exit = types[i].exit;
    }
  }
  prepared->distinct_types = count == 0 ? 0 : last + 1;
}

static void index_func_refs(struct wa_prepared *prepared) {
  const struct wa_meta *meta = prepared->artifact->meta;
  for (uint32_t i = 0; i < meta->func_ref_count; i++) {
    prepared->ref_funcs[i] = WA_NONE;
  }
  for (uint32_t i = 0; i < meta->funcs.count; i++) {
    uint32_t ref = WA_META_ROW(meta, funcs, struct wa_meta_func, i)->func_ref;
    if (ref != WA_NONE) {
      prepared->ref_funcs[ref] = i;
    }
  }
}

struct wa_prepared *wa_prepared_new(struct wa_artifact *artifact) {
  const struct wa_meta *meta = artifact->meta;
  struct wa_prepared *prepared = calloc(1, sizeof *prepared);
  if (prepared == NULL) {
    return NULL;
  }
  wa_artifact_retain(artifact);
  prepared->artifact = artifact;
  // One more than needed, so that none is an allocation of zero bytes.
  prepared->type_ids = calloc((size_t)meta->types.count + 1, sizeof *prepared->type_ids);
  prepared->types = calloc((size_t)meta->types.count + 1, sizeof *prepared->types);
  prepared->ref_funcs = calloc((size_t)meta->func_ref_count + 1, sizeof *prepared->ref_funcs);
  if (prepared->type_ids == NULL || prepared->types == NULL || prepared->ref_funcs == NULL ||
      !intern_types(prepared)) {
    wa_prepared_free(prepared);
    return NULL;
  }
  merge_types(prepared);
  index_func_refs(prepared);
  return prepared;
}

void wa_prepared_free(struct wa_prepared *prepared) {
  if (prepared == NULL) {
    return;
  }
  wa_artifact_release(prepared->artifact);
  free(prepared->type_ids);
  free(prepared->types);
  free(prepared->ref_funcs);
  free(prepared);
}

static const struct wa_prepared_type *find_type(const struct wa_prepared *prepared,
                                                uint64_t type_id) {
  uint32_t low = 0;
  uint32_t high = prepared->distinct_types;
  while (low < high) {
    uint32_t middle = low + (high - low) / 2;
    if (prepared->types[middle].id < type_id) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low < prepared->distinct_types && prepared->types[low].id == type_id
             ? &prepared->types[low]
             : NULL;
}

static const void *trampoline(const struct wa_prepared *prepared, uint32_t text_offset) {
  return text_offset == WA_NONE ? NULL : prepared->artifact->code.text + text_offset;
}

const void *wa_prepared_entry(const struct wa_prepared *prepared, uint64_t type_id) {
  const struct wa_prepared_type *type = find_type(prepared, type_id);
  return type == NULL ? NULL : trampoline(prepared, type->entry);
}

const void *wa_prepared_exit(const struct wa_prepared *prepared, uint64_t type_id) {
  const struct wa_prepared_type *type = find_type(prepared, type_id);
  return type == NULL ? NULL : trampoline(prepared, type->exit);
}

#include "prepared.h"

#include "runtime.h"

#include <stdlib.h>

static bool intern_types(struct wa_prepared *prepared) {
  const struct wa_meta *meta = prepared->artifact->meta;
  const uint8_t *valtypes = WA_META_ROWS(meta, valtypes, uint8_t);
  for (uint32_t i = 0; i < meta->types.count; i++) {
    const struct wa_meta_type *type = WA_META_ROW(meta, types, struct wa_meta_type, i);
    const uint8_t *params = valtypes + type->valtypes;
    uint32_t id =
        wa_type_intern(params, type->param_count, params + type->param_count, type->result_count);
    if (id == 0) {
      return false;
    }
    prepared->type_ids[i] = id;
    prepared->types[i] =
        (struct wa_prepared_type){.id = id, .entry = type->entry, .exit = type->exit};
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
  return text_offset == WA_NONE ? NULL : prepared->artifact->text + text_offset;
}

const void *wa_prepared_entry(const struct wa_prepared *prepared, uint64_t type_id) {
  const struct wa_prepared_type *type = find_type(prepared, type_id);
  return type == NULL ? NULL : trampoline(prepared, type->entry);
}

const void *wa_prepared_exit(const struct wa_prepared *prepared, uint64_t type_id) {
  const struct wa_prepared_type *type = find_type(prepared, type_id);
  return type == NULL ? NULL : trampoline(prepared, type->exit);
}

#include "module.h"

#include "runtime.h"

#include <stdlib.h>

static bool intern_types(struct wa_module *module) {
  const struct wa_meta *meta = module->artifact->meta;
  const uint8_t *valtypes = WA_META_ROWS(meta, valtypes, uint8_t);
  for (uint32_t i = 0; i < meta->types.count; i++) {
    const struct wa_meta_type *type = WA_META_ROW(meta, types, struct wa_meta_type, i);
    const uint8_t *params = valtypes + type->valtypes;
    uint32_t id =
        wa_type_intern(params, type->param_count, params + type->param_count, type->result_count);
    if (id == 0) {
      return false;
    }
    module->type_ids[i] = id;
    module->types[i] = (struct wa_module_type){.id = id, .entry = type->entry, .exit = type->exit};
  }
  return true;
}

static int compare_types(const void *left, const void *right) {
  uint32_t a = ((const struct wa_module_type *)left)->id;
  uint32_t b = ((const struct wa_module_type *)right)->id;
  return (a > b) - (a < b);
}

// A type section may list the same type twice; what any of the rows offers serves all.
static void merge_types(struct wa_module *module) {
  uint32_t count = module->artifact->meta->types.count;
  struct wa_module_type *types = module->types;
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
  module->distinct_types = count == 0 ? 0 : last + 1;
}

static void index_func_refs(struct wa_module *module) {
  const struct wa_meta *meta = module->artifact->meta;
  for (uint32_t i = 0; i < meta->func_ref_count; i++) {
    module->ref_funcs[i] = WA_NONE;
  }
  for (uint32_t i = 0; i < meta->funcs.count; i++) {
    uint32_t ref = WA_META_ROW(meta, funcs, struct wa_meta_func, i)->func_ref;
    if (ref != WA_NONE) {
      module->ref_funcs[ref] = i;
    }
  }
}

struct wa_module *wa_module_new(struct wa_artifact *artifact) {
  const struct wa_meta *meta = artifact->meta;
  struct wa_module *module = calloc(1, sizeof *module);
  if (module == NULL) {
    return NULL;
  }
  wa_artifact_retain(artifact);
  module->artifact = artifact;
  // One more than needed, so that none is an allocation of zero bytes.
  module->type_ids = calloc((size_t)meta->types.count + 1, sizeof *module->type_ids);
  module->types = calloc((size_t)meta->types.count + 1, sizeof *module->types);
  module->ref_funcs = calloc((size_t)meta->func_ref_count + 1, sizeof *module->ref_funcs);
  if (module->type_ids == NULL || module->types == NULL || module->ref_funcs == NULL ||
      !intern_types(module)) {
    wa_module_free(module);
    return NULL;
  }
  merge_types(module);
  index_func_refs(module);
  return module;
}

void wa_module_free(struct wa_module *module) {
  if (module == NULL) {
    return;
  }
  wa_artifact_release(module->artifact);
  free(module->type_ids);
  free(module->types);
  free(module->ref_funcs);
  free(module);
}

static const struct wa_module_type *find_type(const struct wa_module *module, uint64_t type_id) {
  uint32_t low = 0;
  uint32_t high = module->distinct_types;
  while (low < high) {
    uint32_t middle = low + (high - low) / 2;
    if (module->types[middle].id < type_id) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low < module->distinct_types && module->types[low].id == type_id ? &module->types[low]
                                                                          : NULL;
}

static const void *trampoline(const struct wa_module *module, uint32_t text_offset) {
  return text_offset == WA_NONE ? NULL : module->artifact->text + text_offset;
}

const void *wa_module_entry(const struct wa_module *module, uint64_t type_id) {
  const struct wa_module_type *type = find_type(module, type_id);
  return type == NULL ? NULL : trampoline(module, type->entry);
}

const void *wa_module_exit(const struct wa_module *module, uint64_t type_id) {
  const struct wa_module_type *type = find_type(module, type_id);
  return type == NULL ? NULL : trampoline(module, type->exit);
}

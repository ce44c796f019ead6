#include "runtime/code/artifact.h"

#include "runtime/code/code.h"
#include "runtime/code/ranges.h"

static struct wa_ranges text_ranges = WA_RANGES_INIT;
static _Atomic uint64_t generation = 1;

void wa_artifact_retain(struct wa_artifact *artifact) {
  atomic_fetch_add_explicit(&artifact->references, 1, memory_order_relaxed);
}

void wa_artifact_release(struct wa_artifact *artifact) {
  if (artifact != NULL &&
      atomic_fetch_sub_explicit(&artifact->references, 1, memory_order_acq_rel) == 1) {
    artifact->release(artifact);
  }
}

struct wa_range *wa_code_publish(const struct wa_code *code) {
  atomic_fetch_add(&generation, 1);
  return wa_ranges_add(&text_ranges, code->text, code->text_size, (void *)(uintptr_t)code);
}

void wa_code_withdraw(struct wa_range *published) {
  atomic_fetch_add(&generation, 1);
  wa_ranges_remove(&text_ranges, published);
}

const struct wa_code *wa_code_find(uintptr_t pc) {
  return wa_ranges_find(&text_ranges, pc);
}

uint64_t wa_code_generation(void) {
  return atomic_load(&generation);
}

const struct wa_meta_code *wa_code_row(const struct wa_code *code, uint32_t text_offset) {
  const struct wa_meta_code *rows = code->map;
  size_t low = 0;
  size_t high = code->map_count;
  while (low < high) {
    size_t middle = low + (high - low) / 2;
    if (rows[middle].text_offset <= text_offset) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  if (low == 0 || text_offset - rows[low - 1].text_offset >= rows[low - 1].size) {
    return NULL;
  }
  return &rows[low - 1];
}

static bool passes_functions(const struct wa_meta *meta, uint32_t type_index) {
  const struct wa_meta_type *type = WA_META_ROW(meta, types, struct wa_meta_type, type_index);
  const uint32_t *params = WA_META_ROWS(meta, valtypes, uint32_t) + type->valtypes;
  for (uint32_t i = 0; i < type->param_count; i++) {
    if (wa_type_is_func(params[i]) || wa_type_is_exn(params[i])) {
      return true;
    }
  }
  return false;
}

static bool leaks(const struct wa_meta *meta, const struct wa_meta_import *import) {
  switch ((enum wa_extern_kind)import->kind) {
  case WA_EXTERN_FUNC:
    return passes_functions(meta,
                            WA_META_ROW(meta, funcs, struct wa_meta_func, import->index)->type);
  case WA_EXTERN_TAG:
    return passes_functions(meta, WA_META_ROW(meta, tags, struct wa_meta_tag, import->index)->type);
  case WA_EXTERN_GLOBAL: {
    const struct wa_meta_global *global =
        WA_META_ROW(meta, globals, struct wa_meta_global, import->index);
    return global->mut != 0 && wa_type_is_ref(global->type);
  }
  case WA_EXTERN_MEMORY:
    return false;
  default:
    return true;
  }
}

const struct wa_meta_import *wa_artifact_leak(const struct wa_artifact *artifact) {
  const struct wa_meta_import *imports =
      WA_META_ROWS(artifact->meta, imports, struct wa_meta_import);
  for (uint32_t i = 0; i < artifact->meta->imports.count; i++) {
    if (leaks(artifact->meta, &imports[i])) {
      return &imports[i];
    }
  }
  return NULL;
}

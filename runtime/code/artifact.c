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

static const struct wa_code *find_part(const struct wa_code_parts *parts, uintptr_t pc) {
  size_t low = 0;
  size_t high = atomic_load_explicit(&parts->count, memory_order_acquire);
  while (low < high) {
    size_t middle = low + (high - low) / 2;
    if ((uintptr_t)parts->items[middle].text <= pc) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  const struct wa_code *part = low == 0 ? NULL : &parts->items[low - 1];
  return part != NULL &&
                 pc - (uintptr_t)part->text < __atomic_load_n(&part->text_size, __ATOMIC_ACQUIRE)
             ? part
             : NULL;
}

const struct wa_code *wa_code_find(uintptr_t pc) {
  const struct wa_code *code = wa_ranges_find(&text_ranges, pc);
  return code == NULL || code->parts == NULL ? code : find_part(code->parts, pc);
}

struct wa_code *wa_code_take_part(struct wa_code_parts *parts, const uint8_t *text) {
  size_t count = atomic_load_explicit(&parts->count, memory_order_relaxed);
  parts->items[count].text = text;
  atomic_store_explicit(&parts->count, count + 1, memory_order_release);
  return &parts->items[count];
}

void wa_code_fill_part(struct wa_code *part, const struct wa_code *code) {
  part->artifact = code->artifact;
  part->unwind = code->unwind;
  part->unwind_count = code->unwind_count;
  part->eh_frame = code->eh_frame;
  part->eh_frame_size = code->eh_frame_size;
  part->map = code->map;
  part->map_count = code->map_count;
  __atomic_store_n(&part->text_size, code->text_size, __ATOMIC_RELEASE);
  atomic_fetch_add(&generation, 1);
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

#include "artifact.h"

#include "code.h"
#include "ranges.h"

static struct wa_ranges text_ranges = WA_RANGES_INIT;

void wa_artifact_retain(struct wa_artifact *artifact) {
  atomic_fetch_add_explicit(&artifact->references, 1, memory_order_relaxed);
}

void wa_artifact_release(struct wa_artifact *artifact) {
  if (artifact != NULL &&
      atomic_fetch_sub_explicit(&artifact->references, 1, memory_order_acq_rel) == 1) {
    artifact->release(artifact);
  }
}

struct wa_range *wa_code_publish(struct wa_artifact *artifact) {
  return wa_ranges_add(&text_ranges, artifact->text, artifact->text_size, artifact);
}

void wa_code_withdraw(struct wa_range *published) {
  wa_ranges_remove(&text_ranges, published);
}

struct wa_artifact *wa_code_find(uintptr_t pc) {
  return wa_ranges_find(&text_ranges, pc);
}

const struct wa_meta_code *wa_code_row(const struct wa_artifact *artifact, uint32_t text_offset) {
  const struct wa_meta_code *rows = WA_META_ROWS(artifact->meta, code_map, struct wa_meta_code);
  uint32_t low = 0;
  uint32_t high = artifact->meta->code_map.count;
  while (low < high) {
    uint32_t middle = low + (high - low) / 2;
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

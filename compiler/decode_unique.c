// What must be compared with everything of its kind: equal types, equal export names. Both by
// sorting, whose worst case no hostile module can make quadratic.
#include "decode.h"

#include <stdlib.h>
#include <string.h>

static int compare_u32(uint32_t a, uint32_t b) {
  return (a > b) - (a < b);
}

static int compare_bytes(const uint8_t *a, const uint8_t *b, size_t size) {
  return size ? memcmp(a, b, size) : 0;
}

static int compare_types(const struct wa_functype *a, const struct wa_functype *b) {
  int order = compare_u32(a->param_count, b->param_count);
  if (!order)
    order = compare_u32(a->result_count, b->result_count);
  if (!order)
    order = compare_bytes(a->params, b->params, a->param_count);
  if (!order)
    order = compare_bytes(a->results, b->results, a->result_count);
  return order;
}

// Equal types in the order of their indexes, so that the first of a run is the canonical one.
static int order_types(const void *left, const void *right) {
  const struct wa_functype *a = *(const struct wa_functype *const *)left;
  const struct wa_functype *b = *(const struct wa_functype *const *)right;
  int order = compare_types(a, b);
  return order ? order : (a > b) - (a < b);
}

bool wa_canonicalize_types(struct wa_decoder *decoder) {
  struct wa_module *module = decoder->module;
  if (!module->type_count)
    return true;
  struct wa_functype **sorted = malloc(module->type_count * sizeof *sorted);
  if (!sorted)
    return wa_fail_memory(decoder->err);
  for (uint32_t i = 0; i < module->type_count; i++)
    sorted[i] = &module->types[i];
  qsort(sorted, module->type_count, sizeof *sorted, order_types);
  const struct wa_functype *first = sorted[0];
  for (uint32_t i = 0; i < module->type_count; i++) {
    if (compare_types(first, sorted[i]) != 0)
      first = sorted[i];
    sorted[i]->canonical = (uint32_t)(first - module->types);
  }
  free(sorted);
  return true;
}

static int compare_names(struct wa_bytes a, struct wa_bytes b) {
  int order = compare_bytes(a.data, b.data, a.size < b.size ? a.size : b.size);
  return order ? order : (a.size > b.size) - (a.size < b.size);
}

static int order_exports(const void *left, const void *right) {
  const struct wa_export *a = *(const struct wa_export *const *)left;
  const struct wa_export *b = *(const struct wa_export *const *)right;
  int order = compare_names(a->name, b->name);
  return order ? order : (a > b) - (a < b);
}

bool wa_find_duplicate_export(struct wa_decoder *decoder, uint32_t *duplicate) {
  const struct wa_module *module = decoder->module;
  *duplicate = WA_NONE;
  if (!module->export_count)
    return true;
  const struct wa_export **sorted = malloc(module->export_count * sizeof *sorted);
  if (!sorted)
    return wa_fail_memory(decoder->err);
  for (uint32_t i = 0; i < module->export_count; i++)
    sorted[i] = &module->exports[i];
  qsort(sorted, module->export_count, sizeof *sorted, order_exports);
  for (uint32_t i = 1; i < module->export_count; i++) {
    uint32_t index = (uint32_t)(sorted[i] - module->exports);
    if (compare_names(sorted[i - 1]->name, sorted[i]->name) == 0 && index < *duplicate)
      *duplicate = index;
  }
  free(sorted);
  return true;
}

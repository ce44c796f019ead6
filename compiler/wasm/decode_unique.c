// What must be compared with everything of its kind: equal types, equal export names. By a balanced
// tree and by sorting, whose worst case no hostile module can make quadratic.
#include "compiler/wasm/decode.h"

#include <search.h>
#include <stdlib.h>
#include <string.h>

static int compare_u32(uint32_t a, uint32_t b) {
  return (a > b) - (a < b);
}

static int compare_bytes(const uint8_t *a, const uint8_t *b, size_t size) {
  return size ? memcmp(a, b, size) : 0;
}

// A recursion group, as the search tree keeps it.
struct group {
  const struct wa_module *module;
  uint32_t first, count;
};

static int compare_indexes(const struct group *a, const struct group *b, uint32_t x, uint32_t y) {
  bool own_x = x != WA_NONE && x >= a->first, own_y = y != WA_NONE && y >= b->first;
  if (own_x || own_y) {
    return own_x && own_y ? compare_u32(x - a->first, y - b->first) : own_x - own_y;
  }
  if (x == WA_NONE || y == WA_NONE) {
    return compare_u32(x, y);
  }
  return compare_u32(a->module->types[x].canonical, b->module->types[y].canonical);
}

// References to the group's own types are compared by their place in it, all others by what they
// are equal to.
static int compare_lists(const struct group *a, const struct group *b, const uint32_t *x,
                         const uint32_t *y, uint32_t count) {
  int order = 0;
  for (uint32_t i = 0; i < count && !order; i++) {
    order = compare_u32(x[i] & ((1u << WA_REF_SHIFT) - 1), y[i] & ((1u << WA_REF_SHIFT) - 1));
    if (!order && wa_type_has_index(x[i])) {
      order = compare_indexes(a, b, wa_type_index(x[i]), wa_type_index(y[i]));
    }
  }
  return order;
}

static int compare_types(const struct group *a, const struct group *b, uint32_t i) {
  const struct wa_functype *x = &a->module->types[a->first + i];
  const struct wa_functype *y = &b->module->types[b->first + i];
  int order = compare_u32(x->param_count, y->param_count);
  if (!order) {
    order = compare_u32(x->result_count, y->result_count);
  }
  if (!order) {
    order = (int)x->is_final - (int)y->is_final;
  }
  if (!order) {
    order = compare_indexes(a, b, x->supertype, y->supertype);
  }
  if (!order) {
    order = compare_lists(a, b, x->params, y->params, x->param_count);
  }
  if (!order) {
    order = compare_lists(a, b, x->results, y->results, x->result_count);
  }
  return order;
}

static int compare_groups(const void *left, const void *right) {
  const struct group *a = left, *b = right;
  int order = compare_u32(a->count, b->count);
  for (uint32_t i = 0; i < a->count && !order; i++) {
    order = compare_types(a, b, i);
  }
  return order;
}

bool wa_canonize_group(struct wa_canonizer *canonizer, uint32_t first, uint32_t count) {
  struct wa_module *module = canonizer->decoder->module;
  struct group *group = malloc(sizeof *group);
  if (!group) {
    return wa_fail_memory(canonizer->decoder->err);
  }
  *group = (struct group){module, first, count};
  struct group **found = tsearch(group, &canonizer->groups, compare_groups);
  if (!found) {
    free(group);
    return wa_fail_memory(canonizer->decoder->err);
  }
  for (uint32_t i = 0; i < count; i++) {
    module->types[first + i].canonical = (*found)->first + i;
  }
  if (*found != group) {
    free(group);
  }
  return true;
}

void wa_canonizer_deinit(struct wa_canonizer *canonizer) {
  while (canonizer->groups) {
    struct group *group = *(struct group **)canonizer->groups;
    (void)tdelete(group, &canonizer->groups, compare_groups);
    free(group);
  }
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
  if (!module->export_count) {
    return true;
  }
  const struct wa_export **sorted = malloc(module->export_count * sizeof *sorted);
  if (!sorted) {
    return wa_fail_memory(decoder->err);
  }
  for (uint32_t i = 0; i < module->export_count; i++) {
    sorted[i] = &module->exports[i];
  }
  qsort(sorted, module->export_count, sizeof *sorted, order_exports);
  for (uint32_t i = 1; i < module->export_count; i++) {
    uint32_t index = (uint32_t)(sorted[i] - module->exports);
    if (compare_names(sorted[i - 1]->name, sorted[i]->name) == 0 && index < *duplicate) {
      *duplicate = index;
    }
  }
  free(sorted);
  return true;
}

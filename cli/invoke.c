#include "cli/invoke.h"

#include "cli/describe.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool wa_find_function(const struct wa_artifact *artifact, const char *name,
                      const struct wa_meta_type **type) {
  const struct wa_meta *meta = artifact->meta;
  size_t length = strlen(name);
  for (uint32_t i = 0; i < meta->exports.count; i++) {
    const struct wa_meta_export *row = WA_META_ROW(meta, exports, struct wa_meta_export, i);
    if (row->kind != WA_EXTERN_FUNC || row->name.length != length ||
        memcmp(wa_meta_chars(meta, row->name), name, length) != 0) {
      continue;
    }
    const struct wa_meta_func *func = WA_META_ROW(meta, funcs, struct wa_meta_func, row->index);
    if (type != NULL) {
      *type = WA_META_ROW(meta, types, struct wa_meta_type, func->type);
    }
    return true;
  }
  return false;
}

// ---- Arguments ----

// Decimal or 0x, signed or unsigned, whatever fits in `bits`.
static bool parse_integer(const char *text, unsigned bits, uint64_t *value) {
  bool negative = text[0] == '-';
  const char *digits = text + (negative || text[0] == '+' ? 1 : 0);
  bool hex = digits[0] == '0' && (digits[1] == 'x' || digits[1] == 'X');
  char *end;
  if (!(hex ? isxdigit((unsigned char)digits[2]) : isdigit((unsigned char)digits[0]))) {
    return false;
  }
  errno = 0;
  uint64_t magnitude = strtoull(digits, &end, hex ? 16 : 10);
  uint64_t max = bits == 64 ? UINT64_MAX : (1ull << bits) - 1;
  uint64_t limit = negative ? max / 2 + 1 : max;
  if (errno != 0 || *end != '\0' || magnitude > limit) {
    return false;
  }
  *value = (negative ? 0 - magnitude : magnitude) & max;
  return true;
}

static bool parse_value(const char *text, uint32_t type, union wa_cell *cell) {
  char *end = NULL;
  cell->u64 = 0;
  switch (type) {
  case WA_I32:
    return parse_integer(text, 32, &cell->u64);
  case WA_I64:
    return parse_integer(text, 64, &cell->u64);
  case WA_F32:
    cell->f32 = strtof(text, &end);
    break;
  case WA_F64:
    cell->f64 = strtod(text, &end);
    break;
  default:
    return false;
  }
  return end != text && *end == '\0' && !isspace((unsigned char)text[0]);
}

// "(i32, f64)"
static void list_types(const uint32_t *types, uint32_t count, char *to, size_t size) {
  size_t used = (size_t)snprintf(to, size, "(");
  for (uint32_t i = 0; i < count && used < size - 16; i++) {
    used += (size_t)snprintf(to + used, size - used, "%s%s", i == 0 ? "" : ", ",
                             wa_describe_valtype(types[i]));
  }
  (void)snprintf(to + used, size - used, ")");
}

static uint32_t cell_count(const uint32_t *types, uint32_t count) {
  uint32_t cells = 0;
  for (uint32_t i = 0; i < count; i++) {
    cells += types[i] == WA_V128 ? 2 : 1;
  }
  return cells;
}

static bool parse_arguments(struct wa_invocation *invocation, char **args, int count,
                            struct wa_error *err) {
  char types[160];
  if ((uint32_t)count != invocation->param_count) {
    list_types(invocation->params, invocation->param_count, types, sizeof types);
    return wa_fail(err, WA_ERROR_USAGE, WA_NO_OFFSET, "'%s' takes %u arguments %s; %d given",
                   invocation->name, invocation->param_count, types, count);
  }
  for (int i = 0; i < count; i++) {
    uint32_t type = invocation->params[i];
    if (type != WA_I32 && type != WA_I64 && type != WA_F32 && type != WA_F64) {
      return wa_fail(err, WA_ERROR_USAGE, WA_NO_OFFSET,
                     "argument %d of '%s' is a %s, which the command line cannot give", i + 1,
                     invocation->name, wa_describe_valtype(type));
    }
    if (!parse_value(args[i], type, &invocation->cells[i])) {
      return wa_fail(err, WA_ERROR_USAGE, WA_NO_OFFSET, "argument %d of '%s' is no %s: '%s'", i + 1,
                     invocation->name, wa_describe_valtype(type), args[i]);
    }
  }
  return true;
}

bool wa_invocation_init(struct wa_invocation *invocation, const struct wa_artifact *artifact,
                        const char *name, char **args, int count, struct wa_error *err) {
  const struct wa_meta_type *type;
  *invocation = (struct wa_invocation){.name = name};
  if (!wa_find_function(artifact, name, &type)) {
    return wa_fail(err, WA_ERROR_UNLINKABLE, WA_NO_OFFSET,
                   "exports no function '%s'; 'wasmaot inspect' lists the exports", name);
  }
  invocation->params = WA_META_ROW(artifact->meta, valtypes, uint32_t, type->valtypes);
  invocation->results = invocation->params + type->param_count;
  invocation->param_count = type->param_count;
  invocation->result_count = type->result_count;
  uint32_t params = cell_count(invocation->params, invocation->param_count);
  uint32_t results = cell_count(invocation->results, invocation->result_count);
  uint32_t cells = params > results ? params : results;
  invocation->cells = calloc(cells + 1, sizeof *invocation->cells);
  if (invocation->cells == NULL) {
    return wa_fail(err, WA_ERROR_SYSTEM, WA_NO_OFFSET, "out of memory for arguments");
  }
  if (parse_arguments(invocation, args, count, err)) {
    return true;
  }
  wa_invocation_deinit(invocation);
  return false;
}

void wa_invocation_deinit(struct wa_invocation *invocation) {
  free(invocation->cells);
  invocation->cells = NULL;
}

bool wa_invocation_call(struct wa_invocation *invocation, struct wa_instance *instance,
                        struct wa_trap *trap) {
  struct wa_extern value;
  // It was in the metadata, so it is there.
  (void)wa_instance_export(instance, invocation->name, strlen(invocation->name), &value);
  return wa_func_call(value.func, invocation->cells, trap);
}

// ---- Results ----

// The fewest digits that read back as the same value.
static void print_float(double value, bool single) {
  char text[64];
  if (isnan(value)) {
    (void)puts(signbit(value) ? "-nan" : "nan");
    return;
  }
  for (int digits = 1; digits <= 17; digits++) {
    (void)snprintf(text, sizeof text, "%.*g", digits, value);
    bool same = single ? strtof(text, NULL) == (float)value : strtod(text, NULL) == value;
    if (same) {
      break;
    }
  }
  (void)puts(text);
}

void wa_invocation_print(const struct wa_invocation *invocation) {
  const union wa_cell *cell = invocation->cells;
  for (uint32_t i = 0; i < invocation->result_count; i++) {
    switch (invocation->results[i]) {
    case WA_I32:
      (void)printf("%d\n", cell->i32);
      break;
    case WA_I64:
      (void)printf("%lld\n", (long long)cell->i64);
      break;
    case WA_F32:
      print_float((double)cell->f32, true);
      break;
    case WA_F64:
      print_float(cell->f64, false);
      break;
    case WA_V128:
      (void)printf("0x%016llx%016llx\n", (unsigned long long)cell[1].u64,
                   (unsigned long long)cell[0].u64);
      cell++;
      break;
    default:
      (void)printf("%s\n",
                   cell->ref == NULL ? "null" : wa_describe_valtype(invocation->results[i]));
    }
    cell++;
  }
}

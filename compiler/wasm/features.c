#include "compiler/wasm/features.h"

#include <string.h>

static const char *const names[] = {WA_FEATURE_NAMES};
_Static_assert(sizeof names / sizeof *names == WA_FEATURE_COUNT, "a name for every bit");

struct set {
  const char *name;
  uint64_t features;
};

static const struct set sets[] = {
    {"mvp", WA_FEATURES_MVP},
    {"wasm2", WA_FEATURES_WASM2},
    {"wasm3", WA_FEATURES_WASM3},
    {"all", WA_FEATURES_ALL},
};

// As in the target_features section and in compilers' options.
static const struct set aliases[] = {
    {"sign-ext", WA_FEATURE_SIGN_EXTENSION},
    {"nontrapping-fptoint", WA_FEATURE_SATURATING_FLOAT_TO_INT},
    {"multivalue", WA_FEATURE_MULTI_VALUE},
    {"simd128", WA_FEATURE_SIMD},
    {"atomics", WA_FEATURE_THREADS},
    {"multimemory", WA_FEATURE_MULTI_MEMORY},
    {"exception-handling", WA_FEATURE_EXCEPTION_HANDLING},
};

const char *wa_feature_name(uint64_t bit) {
  for (unsigned i = 0; i < WA_FEATURE_COUNT; i++) {
    if (bit == UINT64_C(1) << i) {
      return names[i];
    }
  }
  return NULL;
}

static bool is(const char *name, const char *text, size_t size) {
  return strlen(name) == size && memcmp(name, text, size) == 0;
}

static const struct set *find_set(const struct set *rows, size_t count, const char *text,
                                  size_t size) {
  for (size_t i = 0; i < count; i++) {
    if (is(rows[i].name, text, size)) {
      return &rows[i];
    }
  }
  return NULL;
}

static uint64_t find_feature(const char *text, size_t size) {
  for (unsigned i = 0; i < WA_FEATURE_COUNT; i++) {
    if (is(names[i], text, size)) {
      return UINT64_C(1) << i;
    }
  }
  const struct set *alias = find_set(aliases, sizeof aliases / sizeof *aliases, text, size);
  return alias ? alias->features : 0;
}

static bool fail(struct wa_error *err, const char *text, size_t size) {
  char all[512];
  size_t used = 0;
  for (unsigned i = 0; i < WA_FEATURE_COUNT; i++) {
    used += (size_t)snprintf(all + used, sizeof all - used, "%s%s", i ? ", " : "", names[i]);
  }
  return wa_fail(
      err, WA_ERROR_USAGE, WA_NO_OFFSET,
      "\"%.*s\" is no WebAssembly proposal; there are %s, and the sets mvp, wasm2, wasm3 "
      "and all (features of the CPU go with --cpu=NAME,+FEATURE)",
      (int)(size < 64 ? size : 64), text, all);
}

static bool apply(uint64_t *features, const char *item, size_t size, struct wa_error *err) {
  bool has_sign = size && (item[0] == '+' || item[0] == '-');
  const char *name = item + has_sign;
  size_t name_size = size - has_sign;
  const struct set *set = find_set(sets, sizeof sets / sizeof *sets, name, name_size);
  uint64_t named = set ? set->features : find_feature(name, name_size);
  if (!set && !named) {
    return fail(err, item, size);
  }
  if (set && !has_sign) {
    *features = 0;
  }
  *features = item[0] == '-' ? *features & ~named : *features | named;
  return true;
}

bool wa_features_apply(uint64_t *features, const char *list, struct wa_error *err) {
  uint64_t result = *features;
  while (*list) {
    size_t size = strcspn(list, ",");
    if (!apply(&result, list, size, err)) {
      return false;
    }
    list += size + (list[size] == ',');
  }
  *features = result;
  return true;
}

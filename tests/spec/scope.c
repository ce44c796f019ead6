#include "tests/spec/scope.h"

#include <stdlib.h>
#include <string.h>

bool scope_init(struct scope *scope, const struct spec_options *options, struct report *report) {
  *scope = (struct scope){.options = options, .report = report};
  struct wa_error err;
  wa_arena_init(&scope->arena, 0);
  scope->store = wa_store_new(NULL);
  scope->linker = scope->store ? wa_linker_new(scope->store) : NULL;
  if (scope->linker && spectest_define(scope->store, scope->linker, &err)) {
    return true;
  }
  scope_deinit(scope);
  return false;
}

void scope_deinit(struct scope *scope) {
  if (scope->linker) {
    wa_linker_free(scope->linker);
  }
  if (scope->store) {
    wa_store_free(scope->store);
  }
  for (struct definition *definition = scope->definitions; definition;
       definition = definition->next) {
    wa_artifact_release(definition->artifact);
    engine_lazy_free(definition->lazy);
  }
  wa_arena_deinit(&scope->arena);
}

// ---- What is lacking ----

void lacking_feature(const struct wa_error *err, char *why, size_t size) {
  const char *needs = strstr(err->message, "needs the ");
  const char *end = needs ? strstr(needs, " proposal") : NULL;
  if (end) {
    needs += strlen("needs the ");
    (void)snprintf(why, size, "%.*s", (int)(end - needs), needs);
  } else if (strstr(err->message, "the limit is")) {
    (void)snprintf(why, size, "implementation limits");
  } else if (strstr(err->message, "SIMD")) {
    (void)snprintf(why, size, "SIMD");
  } else {
    (void)snprintf(why, size, "%s", err->message);
  }
}

// ---- Definitions ----

struct definition *scope_define(struct scope *scope, struct wa_bytes name, struct wa_bytes bytes) {
  struct definition *definition = wa_arena_alloc(&scope->arena, 1, sizeof *definition);
  struct wa_error err;
  if (!definition) {
    return NULL;
  }
  definition->name = name;
  definition->next = scope->definitions;
  scope->definitions = definition;
  wa_error_clear(&err);
  if (engine_load(bytes, scope->options, definition, &err)) {
    definition->state = READY;
  } else if (err.kind == WA_ERROR_UNSUPPORTED) {
    definition->state = LACKING;
    lacking_feature(&err, definition->why, sizeof definition->why);
  } else {
    definition->state = BROKEN;
    (void)snprintf(definition->why, sizeof definition->why, "%s", err.message);
  }
  return definition;
}

// ---- Instances ----

static bool same_bytes(struct wa_bytes a, struct wa_bytes b) {
  return a.size == b.size && (!a.size || memcmp(a.data, b.data, a.size) == 0);
}

// The instance that was to provide what the module imports, but was never made.
static const struct instance *missing_provider(const struct scope *scope,
                                               const struct wa_artifact *artifact) {
  const struct wa_meta *meta = artifact->meta;
  const struct wa_meta_import *imports = WA_META_ROWS(meta, imports, struct wa_meta_import);
  for (uint32_t i = 0; i < meta->imports.count; i++) {
    const char *chars = wa_meta_chars(meta, imports[i].module);
    struct wa_bytes module = {(const uint8_t *)chars, imports[i].module.length};
    for (const struct gap *gap = scope->gaps; gap; gap = gap->next) {
      if (same_bytes(gap->name, module)) {
        return gap->instance;
      }
    }
  }
  return NULL;
}

void scope_instantiate(struct scope *scope, const struct definition *definition,
                       struct instantiation *result) {
  result->instance = NULL;
  result->state = definition->state;
  result->result = WA_INSTANTIATE_FAILED;
  (void)snprintf(result->why, sizeof result->why, "%s", definition->why);
  if (definition->state != READY) {
    return;
  }
  const struct instance *missing = missing_provider(scope, definition->artifact);
  if (missing) {
    result->state = missing->state;
    (void)snprintf(result->why, sizeof result->why, "%s", missing->why);
    return;
  }
  wa_error_clear(&result->error);
  result->result = wa_instance_new(scope->store, definition->artifact, scope->linker,
                                   &result->instance, &result->trap, &result->error);
  if (result->result == WA_INSTANTIATE_FAILED) {
    (void)snprintf(result->why, sizeof result->why, "%s", result->error.message);
  }
  if (result->result == WA_INSTANTIATE_TRAPPED) {
    (void)snprintf(result->why, sizeof result->why, "trap: %s", result->trap.message);
  }
}

struct instance *scope_add_instance(struct scope *scope, struct wa_bytes name, enum state state,
                                    const char *why, struct wa_instance *made) {
  struct instance *instance = wa_arena_alloc(&scope->arena, 1, sizeof *instance);
  if (!instance) {
    return NULL;
  }
  *instance = (struct instance){scope->instances, name, state, {0}, made};
  (void)snprintf(instance->why, sizeof instance->why, "%s", why);
  scope->instances = instance;
  return instance;
}

struct definition *scope_definition(const struct scope *scope, struct wa_bytes name) {
  struct definition *definition = scope->definitions;
  while (definition && name.size && !same_bytes(definition->name, name)) {
    definition = definition->next;
  }
  return definition;
}

struct instance *scope_instance(const struct scope *scope, struct wa_bytes name) {
  struct instance *instance = scope->instances;
  while (instance && name.size && !same_bytes(instance->name, name)) {
    instance = instance->next;
  }
  return instance;
}

// ---- Registered names ----

static void drop_gap(struct scope *scope, struct wa_bytes name) {
  struct gap **at = &scope->gaps;
  while (*at && !same_bytes((*at)->name, name)) {
    at = &(*at)->next;
  }
  if (*at) {
    *at = (*at)->next;
  }
}

bool scope_register(struct scope *scope, struct wa_bytes as, const struct instance *instance,
                    struct wa_error *err) {
  drop_gap(scope, as);
  if (instance->state == READY) {
    return wa_linker_define_instance(scope->linker, (const char *)as.data, as.size,
                                     instance->instance, err);
  }
  struct gap *gap = wa_arena_alloc(&scope->arena, 1, sizeof *gap);
  if (!gap) {
    return wa_fail(err, WA_ERROR_SYSTEM, WA_NO_OFFSET, "out of memory");
  }
  *gap = (struct gap){scope->gaps, as, instance};
  scope->gaps = gap;
  return true;
}

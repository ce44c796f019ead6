#include "cli/preload.h"

#include "cli/invoke.h"
#include "wasi/wasi.h"

#include <stdlib.h>
#include <string.h>

// ---- Options ----

static bool is_given(const struct wa_preloads *preloads, const char *name) {
  for (size_t i = 0; i < preloads->count; i++) {
    if (strcmp(preloads->items[i].name, name) == 0) {
      return true;
    }
  }
  return false;
}

static bool add(struct wa_preloads *preloads, const char *option, struct wa_error *err) {
  const char *equals = strchr(option, '=');
  if (equals == NULL || equals == option || equals[1] == '\0') {
    return wa_fail(err, WA_ERROR_USAGE, WA_NO_OFFSET, "--preload: '%s' is not NAME=FILE", option);
  }
  if (strcmp(equals + 1, "-") == 0) {
    return wa_fail(err, WA_ERROR_USAGE, WA_NO_OFFSET,
                   "--preload: only the program can come from standard input");
  }
  char *name = strndup(option, (size_t)(equals - option));
  if (name == NULL) {
    return wa_fail(err, WA_ERROR_SYSTEM, WA_NO_OFFSET, "out of memory");
  }
  if (is_given(preloads, name)) {
    (void)wa_fail(err, WA_ERROR_USAGE, WA_NO_OFFSET, "--preload: the name '%s' is given twice",
                  name);
    free(name);
    return false;
  }
  preloads->items[preloads->count++] = (struct wa_preload){.name = name, .path = equals + 1};
  return true;
}

bool wa_preloads_init(struct wa_preloads *preloads, const struct wa_string_list *options,
                      struct wa_error *err) {
  *preloads = (struct wa_preloads){.items = calloc(options->count + 1, sizeof *preloads->items)};
  if (preloads->items == NULL) {
    return wa_fail(err, WA_ERROR_SYSTEM, WA_NO_OFFSET, "out of memory");
  }
  for (size_t i = 0; i < options->count; i++) {
    if (!add(preloads, options->items[i], err)) {
      return false;
    }
  }
  return true;
}

void wa_preloads_deinit(struct wa_preloads *preloads) {
  for (size_t i = 0; i < preloads->count; i++) {
    wa_artifact_release(preloads->items[i].artifact);
    free(preloads->items[i].name);
  }
  free(preloads->items);
  *preloads = (struct wa_preloads){.items = NULL};
}

// ---- Artifacts ----

// The linker must not change once a thread may be started, nor can a thread's instance outlive
// the program's own.
static bool check(const struct wa_artifact *artifact, struct wa_error *err) {
  if (wa_find_function(artifact, "_start", NULL)) {
    return wa_fail(err, WA_ERROR_UNLINKABLE, WA_NO_OFFSET,
                   "is a program (it exports _start), and --preload takes libraries; link it as "
                   "one: -mexec-model=reactor");
  }
  if (wa_wasi_starts_threads(artifact)) {
    return wa_fail(err, WA_ERROR_UNLINKABLE, WA_NO_OFFSET,
                   "imports `wasi`.`thread-spawn`, which only the program may; threads of the "
                   "program can call what is preloaded");
  }
  return true;
}

bool wa_preloads_load(struct wa_preloads *preloads, wa_program_load *load, void *arg,
                      struct wa_error *err) {
  for (size_t i = 0; i < preloads->count; i++) {
    struct wa_preload *preload = &preloads->items[i];
    preloads->failed = preload->path;
    preload->artifact = load(arg, preload->path, err);
    if (preload->artifact == NULL || !check(preload->artifact, err)) {
      return false;
    }
  }
  preloads->failed = NULL;
  return true;
}

// ---- Instances ----

static enum wa_instantiate_result instantiate(const struct wa_preload *preload,
                                              struct wa_store *store, struct wa_linker *linker,
                                              struct wa_trap *trap, struct wa_error *err) {
  struct wa_instance *instance;
  union wa_cell none;
  if (!wa_wasi_define_memories(store, preload->artifact, linker, err)) {
    return WA_INSTANTIATE_FAILED;
  }
  enum wa_instantiate_result result =
      wa_instance_new(store, preload->artifact, linker, &instance, trap, err);
  if (result != WA_INSTANTIATED) {
    return result;
  }
  struct wa_func_ref *initialize = wa_wasi_entry(instance, "_initialize");
  if (initialize != NULL && !wa_func_call(initialize, &none, trap)) {
    return WA_INSTANTIATE_TRAPPED;
  }
  return wa_linker_define_instance(linker, preload->name, strlen(preload->name), instance, err)
             ? WA_INSTANTIATED
             : WA_INSTANTIATE_FAILED;
}

enum wa_instantiate_result wa_preloads_instantiate(struct wa_preloads *preloads,
                                                   struct wa_store *store, struct wa_linker *linker,
                                                   struct wa_trap *trap, struct wa_error *err) {
  for (size_t i = 0; i < preloads->count; i++) {
    preloads->failed = preloads->items[i].path;
    enum wa_instantiate_result result = instantiate(&preloads->items[i], store, linker, trap, err);
    if (result != WA_INSTANTIATED) {
      return result;
    }
  }
  preloads->failed = NULL;
  return WA_INSTANTIATED;
}

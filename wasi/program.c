// Running a module as a program: the memories it expects of its host, its instance, its main
// thread.
#include "wasi/internal.h"

#include <string.h>

static bool is_named(const struct wa_meta *meta, struct wa_meta_string string, const char *name) {
  return string.length == strlen(name) &&
         memcmp(wa_meta_chars(meta, string), name, string.length) == 0;
}

bool wa_wasi_starts_threads(const struct wa_artifact *artifact) {
  const struct wa_meta *meta = artifact->meta;
  const struct wa_meta_import *imports = WA_META_ROWS(meta, imports, struct wa_meta_import);
  for (uint32_t i = 0; i < meta->imports.count; i++) {
    if (imports[i].kind == WA_EXTERN_FUNC && is_named(meta, imports[i].module, "wasi") &&
        is_named(meta, imports[i].name, "thread-spawn")) {
      return true;
    }
  }
  return false;
}

// Whether memory 0 comes from outside; imports are the first of their index space.
static bool is_imported_memory(const struct wa_meta *meta) {
  const struct wa_meta_import *imports = WA_META_ROWS(meta, imports, struct wa_meta_import);
  for (uint32_t i = 0; i < meta->imports.count; i++) {
    if (imports[i].kind == WA_EXTERN_MEMORY) {
      return true;
    }
  }
  return false;
}

static bool check_leaks(const struct wa_artifact *artifact, struct wa_error *err) {
  const struct wa_meta *meta = artifact->meta;
  const struct wa_meta_import *leak = wa_artifact_leak(artifact);
  if (leak == NULL || !wa_wasi_starts_threads(artifact)) {
    return true;
  }
  return wa_fail(
      err, WA_ERROR_UNLINKABLE, WA_NO_OFFSET,
      "import `%.*s`.`%.*s`: references to functions of a thread could go there and "
      "outlive it; a module that imports `wasi`.`thread-spawn` cannot import that",
      leak->module.length > 60 ? 60 : (int)leak->module.length, wa_meta_chars(meta, leak->module),
      leak->name.length > 60 ? 60 : (int)leak->name.length, wa_meta_chars(meta, leak->name));
}

// Linkers make a memory of the module's own unless they are told that threads are to share it.
static bool check_memory(const struct wa_artifact *artifact, struct wa_error *err) {
  const struct wa_meta *meta = artifact->meta;
  if (meta->memories.count == 0 || !wa_wasi_starts_threads(artifact)) {
    return true;
  }
  const struct wa_meta_memory *memory = WA_META_ROW(meta, memories, struct wa_meta_memory, 0);
  if ((memory->flags & WA_LIMITS_SHARED) == 0 || is_imported_memory(meta)) {
    return true;
  }
  return wa_fail(err, WA_ERROR_UNLINKABLE, WA_NO_OFFSET,
                 "imports `wasi`.`thread-spawn`, but its shared memory is its own, so that every "
                 "thread would have another one; link it with -Wl,--import-memory,--shared-memory,"
                 "--max-memory=67108864 (of rustc: -C link-arg=--import-memory and so on)");
}

bool wa_wasi_define_memories(struct wa_store *store, const struct wa_artifact *artifact,
                             struct wa_linker *linker, struct wa_error *err) {
  const struct wa_meta *meta = artifact->meta;
  const struct wa_meta_import *imports = WA_META_ROWS(meta, imports, struct wa_meta_import);
  if (!check_leaks(artifact, err) || !check_memory(artifact, err)) {
    return false;
  }
  for (uint32_t i = 0; i < meta->imports.count; i++) {
    const struct wa_meta_import *import = &imports[i];
    struct wa_extern value;
    if (import->kind != WA_EXTERN_MEMORY) {
      continue;
    }
    const char *module = wa_meta_chars(meta, import->module);
    const char *name = wa_meta_chars(meta, import->name);
    if (wa_linker_get(linker, module, import->module.length, name, import->name.length, &value)) {
      continue;
    }
    const struct wa_memory_type type = wa_memory_type_of(artifact, import->index);
    value = (struct wa_extern){.kind = WA_EXTERN_MEMORY};
    value.memory = wa_memory_new_typed(store, &type, err);
    if (value.memory == NULL || !wa_linker_define(linker, module, import->module.length, name,
                                                  import->name.length, value, err)) {
      return false;
    }
  }
  return true;
}

struct wa_func_ref *wa_wasi_entry(struct wa_instance *instance, const char *name) {
  struct wa_extern value;
  if (!wa_instance_export(instance, name, strlen(name), &value) || value.kind != WA_EXTERN_FUNC) {
    return NULL;
  }
  const struct wa_signature *signature = wa_func_signature(value.func);
  return signature->param_count == 0 && signature->result_count == 0 ? value.func : NULL;
}

struct program {
  struct wa_store *store;
  struct wa_artifact *artifact;
  const struct wa_linker *linker;
  wa_wasi_link *link;
  wa_wasi_body *body;
  void *arg;
  struct wa_error *err;
  bool failed;
};

static bool run_program(void *arg, int32_t tid, struct wa_trap *trap) {
  struct program *program = arg;
  struct wa_instance *instance;
  (void)tid;
  enum wa_instantiate_result result = WA_INSTANTIATED;
  if (program->link != NULL) {
    result = program->link(program->arg, trap, program->err);
  }
  if (result == WA_INSTANTIATED) {
    result = wa_instance_new(program->store, program->artifact, program->linker, &instance, trap,
                             program->err);
  }
  switch (result) {
  case WA_INSTANTIATED:
    return program->body(instance, program->arg, trap);
  case WA_INSTANTIATE_TRAPPED:
    return false;
  default:
    program->failed = true;
    return true;
  }
}

enum wa_wasi_outcome wa_wasi_run(struct wa_group *group, struct wa_store *store,
                                 struct wa_artifact *artifact, const struct wa_linker *linker,
                                 wa_wasi_link *link, wa_wasi_body *body, void *arg,
                                 struct wa_trap *trap, struct wa_error *err) {
  struct program program = {store, artifact, linker, link, body, arg, err, false};
  bool returned = wa_group_run(group, run_program, &program, trap);
  if (program.failed) {
    return WA_WASI_FAILED;
  }
  return returned ? WA_WASI_RETURNED : WA_WASI_TRAPPED;
}

// What a shared library of `wasmaot compile --emit=shared` consists of besides its module and the
// glue that the compiler makes (compiler/glue.c): instances, over the public API.
#include "capi/api.h"
#include "cli/grant.h"
#include "cli/standalone.h"
#include "include/wasmaot.h"
#include "loader/loader.h"
#include "runtime/call/thrown.h"
#include "runtime/object/types.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// Defined by the object with the module, and by the glue.
extern const char wasmaot_embedded_artifact[];
extern const char wasmaot_embedded_artifact_end[];
extern const char wasmaot_embedded_name[];
typedef void import_stub(const void *function, void *self, wasmaot_cell_t *cells);
struct import_row {
  const char *module;
  const char *name;
  import_stub *stub;
};
extern const struct import_row wasmaot_library_imports[];

// As the generated header has it.
struct config {
  const void *const *imports;
  void *user;
  const char *const *args;
  const char *const *env;
  const char *const *dirs;
};

struct import {
  struct library *library;
  const struct import_row *row;
  const void *function;
  const struct wa_signature *checked; // its type when it gives references, else NULL
};

struct library {
  wasm_store_t *store;
  wasmaot_linker_t *linker;
  wasm_instance_t *instance;
  wasmaot_group_t *group; // of modules that start threads: every call is made in it
  struct import *imports;
  wasm_extern_vec_t exports; // all of the module's, in its order
  void *user;
  bool trapped;
  int exit_status; // -1: it did not exit
  char message[256];
};

// What the glue calls for an export: arguments in `cells`, results, which take `results` of them,
// out.
typedef void export_fn(struct library *self, uint32_t index, wasmaot_cell_t *cells,
                       uint32_t results);
export_fn wasmaot_library_call;
export_fn wasmaot_library_call_checked, wasmaot_library_global_get;
export_fn wasmaot_library_global_set, wasmaot_library_table_size, wasmaot_library_table_get;
export_fn wasmaot_library_table_set, wasmaot_library_table_grow, wasmaot_library_memory_size;
export_fn wasmaot_library_memory_grow;
void *wasmaot_library_memory(struct library *self, uint32_t index, size_t *size);
void *wasmaot_library_func(struct library *self, const char *name);
struct library *wasmaot_library_create(const struct config *config, char *error, size_t size);
void wasmaot_library_destroy(struct library *self);
const char *wasmaot_library_trap(const struct library *self);
intptr_t wasmaot_library_exit_status(const struct library *self);
void *wasmaot_library_user(const struct library *self);
void wasmaot_library_raise(const struct library *self, const char *message);

// ---- The module, once per process ----

static wasm_engine_t *engine;
static wasm_module_t *module;
static char load_error[256];

static void load(void) {
  struct wa_error err;
  const struct wa_load_options options = {.gdb = true};
  wa_error_clear(&err);
  engine = wasm_engine_new();
  if (engine != NULL) {
    module = wa_api_module(
        wa_artifact_load_mapped(wasmaot_embedded_artifact,
                                (size_t)(wasmaot_embedded_artifact_end - wasmaot_embedded_artifact),
                                wasmaot_embedded_name, &options, &err));
  }
  if (module == NULL) {
    (void)snprintf(load_error, sizeof load_error, "%s",
                   err.message[0] != '\0' ? err.message : "out of memory");
  }
}

// ---- References ----

// Null, or a function of the instance: nothing else can be told from a pointer.
static bool fits(const void *ref, uint32_t type) {
  const struct wa_func_ref *func = ref;
  if (ref == NULL) {
    return (type & WA_REF_NON_NULL) == 0;
  }
  if (!wa_type_is_func(type)) {
    return wa_heap_type(type) == WA_EXTERNREF;
  }
  return wa_valtype_matches(
      wa_type_with_index(WA_REF_INDEX | WA_REF_NON_NULL, (uint32_t)func->type), type);
}

static bool all_fit(const wasmaot_cell_t *cells, const uint32_t *types, uint32_t count) {
  for (uint32_t i = 0; i < count; cells += wa_valtype_cells(types[i++])) {
    if (wa_type_is_ref(types[i]) && !fits(cells->ref, types[i])) {
      return false;
    }
  }
  return true;
}

static bool has_references(const uint32_t *types, uint32_t count) {
  for (uint32_t i = 0; i < count; i++) {
    if (wa_type_is_ref(types[i])) {
      return true;
    }
  }
  return false;
}

// ---- Calls ----

// What an import said with PREFIX_raise, for the function that called it.
static _Thread_local char raised[256];

void wasmaot_library_raise(const struct library *self, const char *message) {
  (void)self;
  (void)snprintf(raised, sizeof raised, "%s", message[0] != '\0' ? message : "raised");
}

static wasm_trap_t *call_import(void *env, const wasmaot_caller_t *caller, wasmaot_cell_t *cells) {
  const struct import *import = env;
  (void)caller;
  raised[0] = '\0';
  if (import->function == NULL) {
    (void)snprintf(raised, sizeof raised, "the import %s.%s was not given", import->row->module,
                   import->row->name);
  } else {
    import->row->stub(import->function, import->library, cells);
  }
  if (raised[0] == '\0' && import->checked != NULL &&
      !all_fit(cells, import->checked->results, import->checked->result_count)) {
    (void)snprintf(raised, sizeof raised, "the import %s.%s gave a reference of another type",
                   import->row->module, import->row->name);
  }
  if (raised[0] == '\0') {
    return NULL;
  }
  wasm_message_t message;
  wasm_byte_vec_new(&message, strlen(raised) + 1, raised);
  raised[0] = '\0';
  wasm_trap_t *trap = wasm_trap_new(import->library->store, &message);
  wasm_byte_vec_delete(&message);
  return trap;
}

static void keep_trap(struct library *self, wasm_trap_t *trap) {
  wasm_message_t message;
  int status;
  self->trapped = trap != NULL;
  self->exit_status = -1;
  if (trap == NULL) {
    return;
  }
  if (wasmaot_trap_exit_status(trap, &status)) {
    self->exit_status = status & 0xff;
  }
  wasm_trap_message(trap, &message);
  (void)snprintf(self->message, sizeof self->message, "%s",
                 message.data != NULL ? message.data : "trap");
  wasm_byte_vec_delete(&message);
  wasm_trap_delete(trap);
}

struct call {
  const wasm_func_t *func;
  wasmaot_cell_t *cells;
};

static wasm_trap_t *call_in_group(void *arg) {
  const struct call *call = arg;
  return wa_api_func_call_cells(call->func, call->cells);
}

// What an import threw waits for wa_thrown_go_on.
static bool call_func(struct library *self, const wasm_func_t *func, wasmaot_cell_t *cells) {
  struct call call = {func, cells};
  keep_trap(self, self->group != NULL ? wasmaot_group_run(self->group, call_in_group, &call)
                                      : wa_api_func_call_cells(func, cells));
  return !self->trapped;
}

void wasmaot_library_call(struct library *self, uint32_t index, wasmaot_cell_t *cells,
                          uint32_t results) {
  if (!call_func(self, wasm_extern_as_func(self->exports.data[index]), cells)) {
    memset(cells, 0, results * sizeof *cells);
    wa_thrown_go_on();
  }
}

// The same as a trap: what C gave cannot be done.
static void refuse(struct library *self, const char *why, wasmaot_cell_t *cells, uint32_t results) {
  self->trapped = true;
  self->exit_status = -1;
  (void)snprintf(self->message, sizeof self->message, "%s", why);
  memset(cells, 0, results * sizeof *cells);
}

static const char another_type[] = "a reference of another type";

void wasmaot_library_call_checked(struct library *self, uint32_t index, wasmaot_cell_t *cells,
                                  uint32_t results) {
  const struct wa_signature *signature = wa_func_signature(self->exports.data[index]->value.func);
  if (all_fit(cells, signature->params, signature->param_count)) {
    wasmaot_library_call(self, index, cells, results);
  } else {
    refuse(self, another_type, cells, results);
  }
}

const char *wasmaot_library_trap(const struct library *self) {
  return self->trapped ? self->message : NULL;
}

intptr_t wasmaot_library_exit_status(const struct library *self) {
  return self->exit_status;
}

void *wasmaot_library_user(const struct library *self) {
  return self->user;
}

void *wasmaot_library_func(struct library *self, const char *name) {
  struct wa_extern found;
  bool func = wa_instance_export(self->instance->instance, name, strlen(name), &found) &&
              found.kind == WA_EXTERN_FUNC;
  return func ? found.func->self : NULL;
}

// ---- Globals ----

static size_t size_of(uint32_t type) {
  return type == WA_I32 || type == WA_F32 ? 4 : wa_valtype_cells(type) * sizeof(wasmaot_cell_t);
}

void wasmaot_library_global_get(struct library *self, uint32_t index, wasmaot_cell_t *cells,
                                uint32_t results) {
  const struct wa_global_object *global = self->exports.data[index]->value.global;
  (void)results;
  memcpy(cells, global->cell, size_of(global->type));
}

void wasmaot_library_global_set(struct library *self, uint32_t index, wasmaot_cell_t *cells,
                                uint32_t results) {
  struct wa_global_object *global = self->exports.data[index]->value.global;
  self->trapped = false;
  if (all_fit(cells, &global->type, 1)) {
    memcpy(global->cell, cells, size_of(global->type));
  } else {
    refuse(self, another_type, cells, results);
  }
}

// ---- Tables ----

void wasmaot_library_table_size(struct library *self, uint32_t index, wasmaot_cell_t *cells,
                                uint32_t results) {
  (void)results;
  cells[0].i64 = (int64_t)wa_table_size(self->exports.data[index]->value.table);
}

static bool has_entry(const struct wa_table_object *table, const wasmaot_cell_t *cell) {
  return (uint64_t)cell->i64 < wa_table_size(table);
}

void wasmaot_library_table_get(struct library *self, uint32_t index, wasmaot_cell_t *cells,
                               uint32_t results) {
  const struct wa_table_object *table = self->exports.data[index]->value.table;
  self->trapped = false;
  if (has_entry(table, cells)) {
    cells[0].ref = wa_table_get(table, (uint64_t)cells[0].i64);
  } else {
    refuse(self, wa_trap_name(WA_TRAP_TABLE_OUT_OF_BOUNDS), cells, results);
  }
}

void wasmaot_library_table_set(struct library *self, uint32_t index, wasmaot_cell_t *cells,
                               uint32_t results) {
  struct wa_table_object *table = self->exports.data[index]->value.table;
  self->trapped = false;
  if (!fits(cells[1].ref, wa_table_elem_type(table))) {
    refuse(self, another_type, cells, results);
  } else if (has_entry(table, cells)) {
    wa_table_set(table, (uint64_t)cells[0].i64, cells[1].ref);
  } else {
    refuse(self, wa_trap_name(WA_TRAP_TABLE_OUT_OF_BOUNDS), cells, results);
  }
}

void wasmaot_library_table_grow(struct library *self, uint32_t index, wasmaot_cell_t *cells,
                                uint32_t results) {
  struct wa_table_object *table = self->exports.data[index]->value.table;
  self->trapped = false;
  if (fits(cells[1].ref, wa_table_elem_type(table))) {
    cells[0].i64 = wa_table_grow(table, cells[1].ref, (uint64_t)cells[0].i64);
  } else {
    refuse(self, another_type, cells, results);
    cells[0].i64 = -1;
  }
}

// ---- Memories ----

void *wasmaot_library_memory(struct library *self, uint32_t index, size_t *size) {
  const struct wa_memory_object *memory = self->exports.data[index]->value.memory;
  if (size != NULL) {
    *size = (size_t)wa_memory_size(memory);
  }
  return wa_memory_base(memory);
}

void wasmaot_library_memory_size(struct library *self, uint32_t index, wasmaot_cell_t *cells,
                                 uint32_t results) {
  (void)results;
  cells[0].i64 = (int64_t)wa_memory_pages(self->exports.data[index]->value.memory);
}

void wasmaot_library_memory_grow(struct library *self, uint32_t index, wasmaot_cell_t *cells,
                                 uint32_t results) {
  (void)results;
  self->trapped = false;
  cells[0].i64 = wa_memory_grow(self->exports.data[index]->value.memory, (uint64_t)cells[0].i64);
}

// ---- Instances ----

void wasmaot_library_destroy(struct library *self) {
  if (self == NULL) {
    return;
  }
  wasmaot_group_delete(self->group);
  wasm_extern_vec_delete(&self->exports);
  if (self->instance != NULL) {
    wasm_instance_delete(self->instance);
  }
  if (self->linker != NULL) {
    wasmaot_linker_delete(self->linker);
  }
  if (self->store != NULL) {
    wasm_store_delete(self->store);
  }
  free(self->imports);
  free(self);
}

static wasmaot_error_t *define_wasi(struct library *self, const struct config *config) {
  wasmaot_wasi_config_t *wasi = wasmaot_wasi_config_new();
  if (wasi == NULL) {
    return NULL;
  }
  wasmaot_wasi_config_inherit_stdio(wasi);
  if (config->args == NULL) {
    (void)wasmaot_wasi_config_arg(wasi, wasmaot_embedded_name);
  }
  for (size_t i = 0; config->args != NULL && config->args[i] != NULL; i++) {
    (void)wasmaot_wasi_config_arg(wasi, config->args[i]);
  }
  for (size_t i = 0; config->env != NULL && config->env[i] != NULL; i++) {
    char *name = strdup(config->env[i]);
    char *equals = name == NULL ? NULL : strchr(name, '=');
    if (equals != NULL) {
      *equals = '\0';
      (void)wasmaot_wasi_config_env(wasi, name, equals + 1);
    }
    free(name);
  }
  for (size_t i = 0; config->dirs != NULL && config->dirs[i] != NULL; i++) {
    struct wa_grant grant;
    if (wa_grant_init(&grant, config->dirs[i])) {
      (void)(grant.read_only ? wasmaot_wasi_config_preopen_read_only(wasi, grant.host, grant.guest)
                             : wasmaot_wasi_config_preopen(wasi, grant.host, grant.guest));
    }
    wa_grant_deinit(&grant);
  }
  wasmaot_error_t *error = wasmaot_linker_define_wasi(self->linker, wasi);
  wasmaot_wasi_config_delete(wasi);
  return error;
}

static bool name_is(const wasm_name_t *name, const char *text) {
  return strlen(text) == name->size && memcmp(name->data, text, name->size) == 0;
}

// The type is the module's own; the glue was made for it.
static wasmaot_error_t *define_import(struct library *self, struct import *import,
                                      const wasm_importtype_vec_t *types) {
  for (size_t i = 0; i < types->size; i++) {
    const wasm_functype_t *type =
        wasm_externtype_as_functype_const(wasm_importtype_type(types->data[i]));
    if (type == NULL || !name_is(wasm_importtype_module(types->data[i]), import->row->module) ||
        !name_is(wasm_importtype_name(types->data[i]), import->row->name)) {
      continue;
    }
    wasm_func_t *func = wasmaot_func_new_cells(self->store, type, call_import, import, NULL);
    if (func == NULL) {
      return NULL;
    }
    if (has_references(func->signature->results, func->signature->result_count)) {
      import->checked = func->signature;
    }
    wasmaot_error_t *error = wasmaot_linker_define(self->linker, import->row->module,
                                                   import->row->name, wasm_func_as_extern(func));
    wasm_func_delete(func);
    return error;
  }
  return NULL;
}

static wasmaot_error_t *define_imports(struct library *self, const struct config *config) {
  wasm_importtype_vec_t types;
  wasmaot_error_t *error = NULL;
  wasm_module_imports(module, &types);
  for (size_t i = 0; error == NULL && wasmaot_library_imports[i].module != NULL; i++) {
    self->imports[i] = (struct import){.library = self, .row = &wasmaot_library_imports[i]};
    if (config->imports != NULL) {
      self->imports[i].function = config->imports[i];
    }
    error = define_import(self, &self->imports[i], &types);
  }
  // Threads need a group, whose main thread then makes every call.
  for (size_t i = 0; error == NULL && i < types.size; i++) {
    if (name_is(wasm_importtype_module(types.data[i]), "wasi") && self->group == NULL) {
      error = wasmaot_group_new(NULL, &self->group);
    }
  }
  wasm_importtype_vec_delete(&types);
  return error;
}

struct start {
  struct library *library;
  wasmaot_error_t *error;
};

static wasm_trap_t *instantiate(void *arg) {
  struct start *start = arg;
  struct library *self = start->library;
  wasm_trap_t *trap = NULL;
  start->error = wa_api_linker_instantiate(self->linker, module, &self->instance, &trap);
  return trap;
}

static bool initialize(struct library *self) {
  wasm_extern_t *found = wasmaot_instance_export(self->instance, "_initialize");
  const wasm_func_t *func = found == NULL ? NULL : wasm_extern_as_func(found);
  wasmaot_cell_t none[1];
  bool done = func == NULL || wasm_func_param_arity(func) + wasm_func_result_arity(func) != 0 ||
              call_func(self, func, none);
  if (found != NULL) {
    wasm_extern_delete(found);
  }
  return done;
}

// NULL when all went well, or what is wrong, in *self and *error.
static bool make(struct library *self, const struct config *config, wasmaot_error_t **error) {
  size_t imports = 0;
  while (wasmaot_library_imports[imports].module != NULL) {
    imports++;
  }
  self->imports = calloc(imports + 1, sizeof *self->imports);
  self->store = wasm_store_new(engine);
  self->linker = self->store == NULL ? NULL : wasmaot_linker_new(self->store);
  if (self->imports == NULL || self->linker == NULL) {
    return false;
  }
  if ((*error = define_wasi(self, config)) != NULL ||
      (*error = define_imports(self, config)) != NULL) {
    return false;
  }
  struct start start = {self, NULL};
  keep_trap(self, self->group != NULL ? wasmaot_group_run(self->group, instantiate, &start)
                                      : instantiate(&start));
  *error = start.error;
  if (self->instance == NULL) {
    return false;
  }
  wasm_instance_exports(self->instance, &self->exports);
  return initialize(self);
}

struct library *wasmaot_library_create(const struct config *config, char *error, size_t size) {
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  static const struct config nothing;
  wasmaot_error_t *why = NULL;
  (void)pthread_once(&once, load);
  struct library *self = module == NULL ? NULL : calloc(1, sizeof *self);
  if (self != NULL) {
    self->exit_status = -1;
    self->user = config != NULL ? config->user : NULL;
    if (make(self, config != NULL ? config : &nothing, &why)) {
      return self;
    }
  }
  const char *text = "out of memory";
  if (module == NULL) {
    text = load_error;
  } else if (why != NULL) {
    text = wasmaot_error_message(why);
  } else if (self != NULL && self->trapped) {
    text = self->message;
  }
  if (size > 0) {
    (void)snprintf(error, size, "%s", text);
  }
  if (why != NULL) {
    wasmaot_error_delete(why);
  }
  wasmaot_library_destroy(self);
  wa_thrown_go_on();
  return NULL;
}

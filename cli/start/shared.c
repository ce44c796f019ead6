// What a shared library of `wasmaot compile --emit=shared` consists of besides its module and the
// glue that the compiler makes (compiler/glue.c): instances, over the public API.
#include "api.h"
#include "loader.h"
#include "standalone.h"
#include "wasmaot.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// Defined by the object with the module, and by the glue.
extern const char wasmaot_embedded_artifact[];
extern const char wasmaot_embedded_artifact_end[];
extern const char wasmaot_embedded_name[];
extern const char *const wasmaot_library_exports[];
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
};

struct library {
  wasm_store_t *store;
  wasmaot_linker_t *linker;
  wasm_instance_t *instance;
  wasmaot_group_t *group; // of modules that start threads: every call is made in it
  struct import *imports;
  wasm_extern_t **exports;
  void *user;
  bool trapped;
  int exit_status; // -1: it did not exit
  char message[256];
};

void wasmaot_library_call(struct library *self, uint32_t index, wasmaot_cell_t *cells,
                          uint32_t results);
void *wasmaot_library_memory(struct library *self, uint32_t index, size_t *size);
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
  if (engine != NULL)
    module = wa_api_module(
        wa_artifact_load_mapped(wasmaot_embedded_artifact,
                                (size_t)(wasmaot_embedded_artifact_end - wasmaot_embedded_artifact),
                                wasmaot_embedded_name, &options, &err));
  if (module == NULL)
    (void)snprintf(load_error, sizeof load_error, "%s",
                   err.message[0] != '\0' ? err.message : "out of memory");
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
  if (import->function == NULL)
    (void)snprintf(raised, sizeof raised, "the import %s.%s was not given", import->row->module,
                   import->row->name);
  else
    import->row->stub(import->function, import->library, cells);
  if (raised[0] == '\0')
    return NULL;
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
  if (trap == NULL)
    return;
  if (wasmaot_trap_exit_status(trap, &status))
    self->exit_status = status & 0xff;
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
  return wasmaot_func_call_cells(call->func, call->cells);
}

static bool call_func(struct library *self, const wasm_func_t *func, wasmaot_cell_t *cells) {
  struct call call = {func, cells};
  keep_trap(self, self->group != NULL ? wasmaot_group_run(self->group, call_in_group, &call)
                                      : wasmaot_func_call_cells(func, cells));
  return !self->trapped;
}

void wasmaot_library_call(struct library *self, uint32_t index, wasmaot_cell_t *cells,
                          uint32_t results) {
  if (!call_func(self, wasm_extern_as_func(self->exports[index]), cells))
    memset(cells, 0, results * sizeof *cells);
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

void *wasmaot_library_memory(struct library *self, uint32_t index, size_t *size) {
  wasm_memory_t *memory = wasm_extern_as_memory(self->exports[index]);
  if (size != NULL)
    *size = wasm_memory_data_size(memory);
  return wasm_memory_data(memory);
}

// ---- Instances ----

void wasmaot_library_destroy(struct library *self) {
  if (self == NULL)
    return;
  wasmaot_group_delete(self->group);
  for (size_t i = 0; self->exports != NULL && wasmaot_library_exports[i] != NULL; i++)
    if (self->exports[i] != NULL)
      wasm_extern_delete(self->exports[i]);
  if (self->instance != NULL)
    wasm_instance_delete(self->instance);
  if (self->linker != NULL)
    wasmaot_linker_delete(self->linker);
  if (self->store != NULL)
    wasm_store_delete(self->store);
  free(self->imports);
  free(self->exports);
  free(self);
}

static wasmaot_error_t *define_wasi(struct library *self, const struct config *config) {
  wasmaot_wasi_config_t *wasi = wasmaot_wasi_config_new();
  if (wasi == NULL)
    return NULL;
  wasmaot_wasi_config_inherit_stdio(wasi);
  if (config->args == NULL)
    (void)wasmaot_wasi_config_arg(wasi, wasmaot_embedded_name);
  for (size_t i = 0; config->args != NULL && config->args[i] != NULL; i++)
    (void)wasmaot_wasi_config_arg(wasi, config->args[i]);
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
    char *host = strdup(config->dirs[i]);
    char *colons = host == NULL ? NULL : strstr(host, "::");
    if (colons != NULL)
      *colons = '\0';
    if (host != NULL)
      (void)wasmaot_wasi_config_preopen(wasi, host, colons != NULL ? colons + 2 : host);
    free(host);
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
        !name_is(wasm_importtype_name(types->data[i]), import->row->name))
      continue;
    wasm_func_t *func = wasmaot_func_new_cells(self->store, type, call_import, import, NULL);
    if (func == NULL)
      return NULL;
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
    if (config->imports != NULL)
      self->imports[i].function = config->imports[i];
    error = define_import(self, &self->imports[i], &types);
  }
  // Threads need a group, whose main thread then makes every call.
  for (size_t i = 0; error == NULL && i < types.size; i++) {
    if (name_is(wasm_importtype_module(types.data[i]), "wasi") && self->group == NULL)
      error = wasmaot_group_new(NULL, &self->group);
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
  start->error = wasmaot_linker_instantiate(self->linker, module, &self->instance, &trap);
  return trap;
}

static bool take_exports(struct library *self) {
  for (size_t i = 0; wasmaot_library_exports[i] != NULL; i++) {
    self->exports[i] = wasmaot_instance_export(self->instance, wasmaot_library_exports[i]);
    if (self->exports[i] == NULL)
      return false;
  }
  return true;
}

static bool initialize(struct library *self) {
  wasm_extern_t *found = wasmaot_instance_export(self->instance, "_initialize");
  const wasm_func_t *func = found == NULL ? NULL : wasm_extern_as_func(found);
  wasmaot_cell_t none[1];
  bool done = func == NULL || wasm_func_param_arity(func) + wasm_func_result_arity(func) != 0 ||
              call_func(self, func, none);
  if (found != NULL)
    wasm_extern_delete(found);
  return done;
}

// NULL when all went well, or what is wrong, in *self and *error.
static bool make(struct library *self, const struct config *config, wasmaot_error_t **error) {
  size_t imports = 0;
  size_t exports = 0;
  while (wasmaot_library_imports[imports].module != NULL)
    imports++;
  while (wasmaot_library_exports[exports] != NULL)
    exports++;
  self->imports = calloc(imports + 1, sizeof *self->imports);
  self->exports = calloc(exports + 1, sizeof(wasm_extern_t *));
  self->store = wasm_store_new(engine);
  self->linker = self->store == NULL ? NULL : wasmaot_linker_new(self->store);
  if (self->imports == NULL || self->exports == NULL || self->linker == NULL)
    return false;
  if ((*error = define_wasi(self, config)) != NULL ||
      (*error = define_imports(self, config)) != NULL)
    return false;
  struct start start = {self, NULL};
  keep_trap(self, self->group != NULL ? wasmaot_group_run(self->group, instantiate, &start)
                                      : instantiate(&start));
  *error = start.error;
  return self->instance != NULL && take_exports(self) && initialize(self);
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
    if (make(self, config != NULL ? config : &nothing, &why))
      return self;
  }
  const char *text = "out of memory";
  if (module == NULL)
    text = load_error;
  else if (why != NULL)
    text = wasmaot_error_message(why);
  else if (self != NULL && self->trapped)
    text = self->message;
  if (size > 0)
    (void)snprintf(error, size, "%s", text);
  if (why != NULL)
    wasmaot_error_delete(why);
  wasmaot_library_destroy(self);
  return NULL;
}

#include "library.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// What every library has besides its exports; see start/shared.c.
static const char *const common[][2] = {
    {"create", "wasmaot_library_create"}, {"destroy", "wasmaot_library_destroy"},
    {"trap", "wasmaot_library_trap"},     {"exit_status", "wasmaot_library_exit_status"},
    {"user", "wasmaot_library_user"},     {"raise", "wasmaot_library_raise"},
};
enum { COMMON_COUNT = sizeof common / sizeof common[0] };

// ---- Names ----

static char as_c(char c) {
  bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
  if (!letter)
    return '_';
  return c;
}

static bool is_taken(const struct wa_library *library, const struct wa_glue_function *functions,
                     uint32_t count, const char *symbol) {
  for (uint32_t i = 0; i < count; i++)
    if (strcmp(functions[i].symbol, symbol) == 0)
      return true;
  for (uint32_t i = 0; functions == library->glue.exports && i < COMMON_COUNT; i++)
    if (strcmp(library->glue.forwards[(size_t)2 * i], symbol) == 0)
      return true;
  return false;
}

// "PREFIX_name", with every byte that C has no letter for an underscore, and a number behind it
// when that is another's.
static const char *choose_symbol(struct wa_library *library,
                                 const struct wa_glue_function *functions, uint32_t count,
                                 const char *first, const char *second) {
  size_t length = strlen(first) + 1 + strlen(second);
  char *symbol = wa_arena_alloc(&library->arena, length + 12, 1);
  if (symbol == NULL)
    return NULL;
  (void)snprintf(symbol, length + 1, "%s_%s", first, second);
  for (char *at = symbol; *at != '\0'; at++)
    *at = as_c(*at);
  for (uint32_t number = 2; is_taken(library, functions, count, symbol); number++)
    (void)snprintf(symbol + length, 12, "_%u", number);
  return symbol;
}

// "add" for dir/libadd.so.
static const char *choose_prefix(struct wa_library *library, const char *output) {
  const char *slash = strrchr(output, '/');
  const char *base = slash != NULL ? slash + 1 : output;
  if (strncmp(base, "lib", 3) == 0 && base[3] != '.' && base[3] != '\0')
    base += 3;
  size_t length = strcspn(base, ".");
  char *prefix = wa_arena_alloc(&library->arena, length + 2, 1);
  if (prefix == NULL)
    return NULL;
  bool digit = length == 0 || (base[0] >= '0' && base[0] <= '9');
  (void)snprintf(prefix, length + 2, "%s%.*s", digit ? "_" : "", (int)length, base);
  for (char *at = prefix; *at != '\0'; at++)
    *at = as_c(*at);
  return prefix;
}

// NULL, too, for a name that C's strings cannot hold.
static const char *as_string(struct wa_library *library, struct wa_bytes name) {
  if (memchr(name.data, 0, name.size) != NULL)
    return NULL;
  char *text = wa_arena_alloc(&library->arena, name.size + 1, 1);
  if (text != NULL && name.size > 0)
    memcpy(text, name.data, name.size);
  if (text != NULL)
    text[name.size] = '\0';
  return text;
}

// ---- What is offered ----

static bool are_numbers(const uint32_t *types, uint32_t count) {
  for (uint32_t i = 0; i < count; i++)
    if (types[i] != WA_I32 && types[i] != WA_I64 && types[i] != WA_F32 && types[i] != WA_F64)
      return false;
  return true;
}

static bool is_for_c(const struct wa_functype *type) {
  return are_numbers(type->params, type->param_count) &&
         are_numbers(type->results, type->result_count);
}

static bool is_wasi(struct wa_bytes module) {
  static const char *const names[] = {"wasi_snapshot_preview1", "wasi_unstable", "wasi"};
  for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
    if (strlen(names[i]) == module.size && memcmp(names[i], module.data, module.size) == 0)
      return true;
  return false;
}

static bool same(struct wa_bytes bytes, const char *text) {
  return strlen(text) == bytes.size && memcmp(text, bytes.data, bytes.size) == 0;
}

static bool add_import(struct wa_library *library, struct wa_glue_function *functions,
                       const struct wa_module *module, const struct wa_import *import,
                       struct wa_error *err) {
  uint32_t count = library->glue.import_count;
  struct wa_glue_function *function = &functions[count];
  if (import->kind == WA_EXTERN_MEMORY || is_wasi(import->module))
    return true; // made by its own limits, or WASI
  if (import->kind != WA_EXTERN_FUNC)
    return wa_fail(err, WA_ERROR_UNSUPPORTED, import->offset,
                   "imports something that is neither a function nor a memory, which a shared "
                   "library cannot be given");
  function->type = &module->types[module->functions[import->index].type];
  if (!is_for_c(function->type))
    return wa_fail(err, WA_ERROR_UNSUPPORTED, import->offset,
                   "imports a function with values other than numbers, which C has no types for");
  for (uint32_t i = 0; i < count; i++)
    if (same(import->module, functions[i].module) && same(import->name, functions[i].name))
      return true;
  function->module = as_string(library, import->module);
  function->name = as_string(library, import->name);
  if (function->module != NULL && function->name != NULL)
    function->symbol = choose_symbol(library, functions, count, function->module, function->name);
  library->glue.import_count++;
  return function->symbol != NULL ||
         wa_fail(err, WA_ERROR_UNSUPPORTED, import->offset, "imports a name that C cannot hold");
}

static bool add_export(struct wa_library *library, struct wa_glue_function *functions,
                       const struct wa_module *module, const struct wa_export *export) {
  struct wa_glue_function *function = &functions[library->glue.export_count];
  if (export->kind == WA_EXTERN_FUNC)
    function->type = &module->types[module->functions[export->index].type];
  else if (export->kind == WA_EXTERN_MEMORY)
    function->callee = "wasmaot_library_memory";
  else
    return true;
  function->name = as_string(library, export->name);
  if (function->name == NULL || (function->type != NULL && !is_for_c(function->type))) {
    *function = (struct wa_glue_function){.symbol = NULL};
    return true;
  }
  function->symbol = choose_symbol(library, functions, library->glue.export_count, library->prefix,
                                   function->name);
  library->glue.export_count++;
  return function->symbol != NULL;
}

static bool add_common(struct wa_library *library) {
  const char **forwards =
      wa_arena_alloc(&library->arena, (size_t)2 * COMMON_COUNT, sizeof(const char *));
  if (forwards == NULL)
    return false;
  for (size_t i = 0; i < COMMON_COUNT; i++) {
    size_t length = strlen(library->prefix) + 1 + strlen(common[i][0]) + 1;
    char *symbol = wa_arena_alloc(&library->arena, length, 1);
    if (symbol == NULL)
      return false;
    (void)snprintf(symbol, length, "%s_%s", library->prefix, common[i][0]);
    forwards[2 * i] = symbol;
    forwards[2 * i + 1] = common[i][1];
  }
  library->glue.forwards = forwards;
  library->glue.forward_count = COMMON_COUNT;
  return true;
}

static bool fill(struct wa_library *library, const struct wa_module *module, const char *output,
                 struct wa_error *err) {
  struct wa_glue_function *imports =
      wa_arena_alloc(&library->arena, (size_t)module->import_count + 1, sizeof *imports);
  struct wa_glue_function *exports =
      wa_arena_alloc(&library->arena, (size_t)module->export_count + 1, sizeof *exports);
  library->prefix = choose_prefix(library, output);
  bool done = imports != NULL && exports != NULL && library->prefix != NULL && add_common(library);
  if (done) {
    library->glue.imports = imports;
    library->glue.exports = exports;
  }
  for (uint32_t i = 0; done && i < module->import_count; i++)
    if (!add_import(library, imports, module, &module->imports[i], err))
      return false;
  for (uint32_t i = 0; done && i < module->export_count; i++)
    done = add_export(library, exports, module, &module->exports[i]);
  return done || wa_fail(err, WA_ERROR_SYSTEM, WA_NO_OFFSET, "out of memory");
}

bool wa_library_init(struct wa_library *library, const struct wa_module *module, const char *output,
                     struct wa_error *err) {
  *library = (struct wa_library){.prefix = NULL};
  wa_arena_init(&library->arena, 0);
  if (fill(library, module, output, err))
    return true;
  wa_library_deinit(library);
  return false;
}

void wa_library_deinit(struct wa_library *library) {
  wa_arena_deinit(&library->arena);
}

// ---- The header ----

static const char *c_type(uint32_t type) {
  switch (type) {
  case WA_I32:
    return "int32_t";
  case WA_I64:
    return "int64_t";
  case WA_F32:
    return "float";
  default:
    return "double";
  }
}

// A name inside a comment, harmless there.
static void put_name(const char *name, FILE *to) {
  for (; *name != '\0'; name++)
    (void)fputc((unsigned char)*name < 0x20 || *name == '*' || *name == '\\' ? '_' : *name, to);
}

static void put_params(const struct wa_functype *type, const char *prefix, FILE *to) {
  (void)fprintf(to, "%s *self", prefix);
  for (uint32_t i = 0; i < type->param_count; i++)
    (void)fprintf(to, ", %s", c_type(type->params[i]));
  for (uint32_t i = 1; i < type->result_count; i++)
    (void)fprintf(to, ", %s *result%u", c_type(type->results[i]), i);
}

static const char *result(const struct wa_functype *type) {
  return type->result_count > 0 ? c_type(type->results[0]) : "void";
}

static void put_imports(const struct wa_library *library, FILE *to) {
  (void)fprintf(to,
                "// What the module imports besides WASI, for %s_create. They are called on the "
                "thread that\n// calls the module, or on threads that it starts.\n"
                "struct %s_imports {\n",
                library->prefix, library->prefix);
  for (uint32_t i = 0; i < library->glue.import_count; i++) {
    const struct wa_glue_function *function = &library->glue.imports[i];
    (void)fprintf(to, "  %s (*%s)(", result(function->type), function->symbol);
    put_params(function->type, library->prefix, to);
    (void)fputs("); // ", to);
    put_name(function->module, to);
    (void)fputc('.', to);
    put_name(function->name, to);
    (void)fputc('\n', to);
  }
  (void)fputs("};\n\n", to);
}

static void put_common(const struct wa_library *library, FILE *to) {
  const char *p = library->prefix;
  bool some = library->glue.import_count > 0;
  (void)fprintf(to,
                "// What an instance may see. All may be NULL; lists end with NULL. Read during\n"
                "// %s_create only, but the functions of imports are called later.\n"
                "struct %s_config {\n  const %s%s%s *imports;\n"
                "  void *user;              // what %s_user gives\n"
                "  const char *const *args; // of the program, its name first\n"
                "  const char *const *env;  // NAME=VALUE\n"
                "  const char *const *dirs; // granted: HOST, or HOST::GUEST\n};\n\n",
                p, p, some ? "struct " : "void", some ? p : "", some ? "_imports" : "", p);
  (void)fprintf(
      to,
      "// An instance with state of its own; one thread at a time may use it. A reactor is\n"
      "// initialised. NULL with a message in `error` when it cannot be made.\n"
      "%s *%s_create(const struct %s_config *config, char *error, size_t error_size);\n"
      "void %s_destroy(%s *self); // NULL is fine\n\n"
      "// Why the last call did not return, or NULL when it did. Such a call gave 0. The\n"
      "// instance may be called again, unless it starts threads: then a trap is its end.\n"
      "const char *%s_trap(const %s *self);\n"
      "// When that was the program's own exit, its status; else -1.\n"
      "intptr_t %s_exit_status(const %s *self);\n"
      "void *%s_user(const %s *self);\n"
      "// For imports: the call that they are in ends with a trap when they return.\n"
      "void %s_raise(const %s *self, const char *message);\n\n",
      p, p, p, p, p, p, p, p, p, p, p, p, p);
}

static void put_exports(const struct wa_library *library, FILE *to) {
  for (uint32_t i = 0; i < library->glue.export_count; i++) {
    const struct wa_glue_function *function = &library->glue.exports[i];
    if (function->type != NULL) {
      (void)fprintf(to, "%s %s(", result(function->type), function->symbol);
      put_params(function->type, library->prefix, to);
      (void)fputs(");", to);
    } else {
      (void)fprintf(to, "uint8_t *%s(%s *self, size_t *size);", function->symbol, library->prefix);
    }
    (void)fputs(" // ", to);
    put_name(function->name, to);
    if (function->type == NULL)
      (void)fputs(": the bytes now, until the module grows it", to);
    (void)fputc('\n', to);
  }
}

char *wa_library_header(const struct wa_library *library, const struct wa_module *module,
                        const char *source, size_t *size) {
  const char *p = library->prefix;
  char *text = NULL;
  FILE *to = open_memstream(&text, size);
  if (to == NULL)
    return NULL;
  (void)fputs("// Generated by 'wasmaot compile --emit=shared' from ", to);
  put_name(source, to);
  (void)fprintf(to,
                ".\n#ifndef WASMAOT_%s_H\n#define WASMAOT_%s_H\n\n#include <stddef.h>\n"
                "#include <stdint.h>\n\n#ifdef __cplusplus\nextern \"C\" {\n#endif\n\n"
                "typedef struct %s %s; // an instance of the module\n\n",
                p, p, p, p);
  if (library->glue.import_count > 0)
    put_imports(library, to);
  put_common(library, to);
  (void)fputs("// ---- Exports ----\n\n", to);
  put_exports(library, to);
  if (library->glue.export_count < module->export_count)
    (void)fprintf(to,
                  "// %u exports are left out: neither memories nor functions of numbers only.\n",
                  module->export_count - library->glue.export_count);
  (void)fputs("\n#ifdef __cplusplus\n}\n#endif\n\n#endif\n", to);
  if (fclose(to) == 0)
    return text;
  free(text);
  return NULL;
}

// The header of a shared library.
#include "cli/library.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *c_type(uint32_t type) {
  switch (type) {
  case WA_I32:
    return "int32_t";
  case WA_I64:
    return "int64_t";
  case WA_F32:
    return "float";
  case WA_F64:
    return "double";
  case WA_V128:
    return "wasmaot_v128";
  default:
    return wa_type_is_func(type) ? "wasmaot_funcref *" : "void *";
  }
}

// A name inside a comment, harmless there: trigraphs and backslashes could join lines.
static void put_name(struct wa_bytes name, FILE *to) {
  for (size_t i = 0; i < name.size; i++) {
    uint8_t c = name.data[i];
    if (c < 0x20 || c >= 0x7f || c == '*' || c == '\\' || c == '?') {
      (void)fprintf(to, "\\%02x", c);
    } else {
      (void)fputc(c, to);
    }
  }
}

static void put_string(const char *text, FILE *to) {
  put_name((struct wa_bytes){(const uint8_t *)text, strlen(text)}, to);
}

// Between a type and a name.
static const char *gap(const char *type) {
  return type[strlen(type) - 1] == '*' ? "" : " ";
}

static void put_params(const struct wa_functype *type, const char *prefix, FILE *to) {
  (void)fprintf(to, "%s *self", prefix);
  for (uint32_t i = 0; i < type->param_count; i++) {
    (void)fprintf(to, ", %s", c_type(type->params[i]));
  }
  for (uint32_t i = 1; i < type->result_count; i++) {
    const char *result = c_type(type->results[i]);
    (void)fprintf(to, ", %s%s*result%u", result, gap(result), i);
  }
}

static void put_result(const struct wa_functype *type, FILE *to) {
  const char *result = type->result_count > 0 ? c_type(type->results[0]) : "void";
  (void)fprintf(to, "%s%s", result, gap(result));
}

static void put_imports(const struct wa_library *library, FILE *to) {
  (void)fprintf(to,
                "// What the module imports besides WASI, for %s_create. They are called on the "
                "thread that\n// calls the module, or on threads that it starts.\n"
                "struct %s_imports {\n",
                library->prefix, library->prefix);
  for (uint32_t i = 0; i < library->glue.import_count; i++) {
    const struct wa_glue_function *function = &library->glue.imports[i];
    (void)fputs("  ", to);
    put_result(function->type, to);
    (void)fprintf(to, "(*%s)(", function->symbol);
    put_params(function->type, library->prefix, to);
    (void)fputs("); // ", to);
    put_string(function->module, to);
    (void)fputc('.', to);
    put_string(function->name, to);
    (void)fputc('\n', to);
  }
  (void)fputs("};\n\n", to);
}

static void put_common(const struct wa_library *library, FILE *to) {
  const char *p = library->prefix;
  bool some = library->glue.import_count > 0;
  (void)fprintf(
      to,
      "// What an instance may see. All may be NULL; lists end with NULL. Read during\n"
      "// %s_create only, but the functions of imports are called later.\n"
      "struct %s_config {\n  const %s%s%s *imports;\n"
      "  void *user;              // what %s_user gives\n"
      "  const char *const *args; // of the program, its name first\n"
      "  const char *const *env;  // NAME=VALUE\n"
      "  const char *const *dirs; // granted: HOST or HOST::GUEST; :ro behind: to read\n};\n\n",
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
      "void %s_raise(const %s *self, const char *message);\n"
      "// A reference to an exported function, by the module's own name for it, or NULL. It is "
      "the\n"
      "// instance's, as are those that it gives: valid until it is destroyed, and in no other.\n"
      "wasmaot_funcref *%s_func(%s *self, const char *name);\n\n",
      p, p, p, p, p, p, p, p, p, p, p, p, p, p, p);
}

static void put_exports(const struct wa_library *library, const struct wa_module *module,
                        FILE *to) {
  for (uint32_t i = 0; i < library->glue.export_count; i++) {
    const struct wa_glue_function *function = &library->glue.exports[i];
    if (function->type != NULL) {
      put_result(function->type, to);
      (void)fprintf(to, "%s(", function->symbol);
      put_params(function->type, library->prefix, to);
      (void)fputs("); // ", to);
    } else {
      (void)fprintf(to, "uint8_t *%s(%s *self, size_t *size); // ", function->symbol,
                    library->prefix);
    }
    put_name(module->exports[function->row].name, to);
    (void)fprintf(to, "%s\n", function->comment);
  }
}

// The same in every library, so that a program can take a value from one to another.
static const char types[] =
    "#ifndef WASMAOT_LIBRARY_TYPES\n#define WASMAOT_LIBRARY_TYPES\n"
    "// v128: lane 0 first, each lane little-endian.\n"
    "typedef struct wasmaot_v128 {\n  uint8_t bytes[16];\n} wasmaot_v128;\n"
    "// A reference to a function; NULL is the null reference. References of the host's own, "
    "which\n"
    "// are void *, go through the module as they are and are never followed: what they point to\n"
    "// and how long is the program's.\n"
    "typedef struct wasmaot_funcref wasmaot_funcref;\n"
    "#endif\n\n";

char *wa_library_header(const struct wa_library *library, const struct wa_module *module,
                        const char *source, size_t *size) {
  const char *p = library->prefix;
  char *text = NULL;
  FILE *to = open_memstream(&text, size);
  if (to == NULL) {
    return NULL;
  }
  (void)fputs("// Generated by 'wasmaot compile --emit=shared' from ", to);
  put_string(source, to);
  (void)fprintf(to,
                ".\n#ifndef WASMAOT_%s_H\n#define WASMAOT_%s_H\n\n#include <stddef.h>\n"
                "#include <stdint.h>\n\n#ifdef __cplusplus\nextern \"C\" {\n#endif\n\n%s"
                "typedef struct %s %s; // an instance of the module\n\n",
                p, p, types, p, p);
  if (library->glue.import_count > 0) {
    put_imports(library, to);
  }
  put_common(library, to);
  (void)fprintf(to,
                "// ---- Exports ----\n\n"
                "// An index or a reference that does not fit is a trap. What reads a global or a "
                "size leaves\n// %s_trap as it was.\n",
                p);
  put_exports(library, module, to);
  if (library->left_out > 0) {
    (void)fprintf(to, "// %u exports are left out: tags, or with references to exceptions.\n",
                  library->left_out);
  }
  (void)fputs("\n#ifdef __cplusplus\n}\n#endif\n\n#endif\n", to);
  if (fclose(to) == 0) {
    return text;
  }
  free(text);
  return NULL;
}

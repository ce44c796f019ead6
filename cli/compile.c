// wasmaot compile: a module to a native object or program, LLVM IR, bitcode or assembly.
#include "cli/commands.h"
#include "cli/file.h"
#include "cli/library.h"
#include "cli/link.h"
#include "cli/mistakes.h"
#include "cli/report.h"
#include "cli/standalone.h"
#include "cli/translate.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

// What enum wa_emit has, and what is linked from an object.
enum { EMIT_EXE = WA_EMIT_ASM + 1, EMIT_SHARED };
static const char *const emit_choices[] = {"obj", "ir", "bc", "asm", "exe", "shared", NULL};
static const char *const extensions[] = {".o", ".ll", ".bc", ".s", "", ".so"};

struct values {
  struct wa_translate_options translate;
  int emit;
  const char *output;
  const char *run_options;
  const char *header;
};

// What a shared library needs besides the object.
struct parts {
  const char *input, *output;
  struct wa_compile_options options;
  struct wa_buffer glue; // malloc, as the next ones
  char *header_text;
  size_t header_size;
  char *exports;
};

static const struct wa_option options[] = {
    {.short_name = 'o',
     .long_name = "output",
     .metavar = "FILE",
     .help = "write to FILE (default: app.o for app.wasm; - for standard output)",
     .kind = WA_OPTION_STRING,
     .offset = offsetof(struct values, output),
     .complete = WA_COMPLETE_FILES},
    {.long_name = "emit",
     .metavar = "WHAT",
     .help = "what to write: obj (default), ir, bc, asm; exe: a program of its own, which\n"
             "needs nothing installed and gives its arguments to the guest; shared: a library\n"
             "with the exports as functions of C",
     .kind = WA_OPTION_CHOICE,
     .offset = offsetof(struct values, emit),
     .choices = emit_choices},
    {.long_name = "emit-header",
     .metavar = "FILE",
     .help = "with --emit=shared: write the C header of the library to FILE",
     .kind = WA_OPTION_STRING,
     .offset = offsetof(struct values, header),
     .complete = WA_COMPLETE_FILES},
    {.long_name = "run-options",
     .metavar = "OPTIONS",
     .help = "options of 'wasmaot run' that a program of --emit=exe has, such as\n"
             "'--dir . --env LANG'; it takes more from WASMAOT_OPTIONS",
     .kind = WA_OPTION_STRING,
     .offset = offsetof(struct values, run_options)},
    {.long_name = "target",
     .metavar = "TRIPLE",
     .help =
         "compile for this host kind: x86_64, aarch64 or riscv64, with -linux-gnu or -linux-musl "
         "(default: this host's)",
     .kind = WA_OPTION_STRING,
     .offset = offsetof(struct values, translate.target),
     .complete = "x86_64-linux-gnu x86_64-linux-musl aarch64-linux-gnu aarch64-linux-musl "
                 "riscv64-linux-gnu riscv64-linux-musl"},
    {.long_name = "mask-indexes",
     .help = "keep indexes of tables and br_table inside where the processor runs ahead of\n"
             "their checks (Spectre)",
     .kind = WA_OPTION_FLAG,
     .offset = offsetof(struct values, translate.mask_indexes)},
    {.long_name = "passes",
     .metavar = "-NAME,...",
     .help = "for maintainers: leave out optimisation passes; -all: every one that can be",
     .kind = WA_OPTION_STRING,
     .offset = offsetof(struct values, translate.passes)},
    {.long_name = "print-after",
     .metavar = "NAME",
     .help = "for maintainers, with --emit=ir: write the IR as it is after this pass",
     .kind = WA_OPTION_STRING,
     .offset = offsetof(struct values, translate.print_after)},
    {.long_name = "replaceable",
     .help = "for maintainers: let calls go by a table of addresses, so that the code of another\n"
             "object of the module can take the place of this one's, as 'run -O auto' does",
     .kind = WA_OPTION_FLAG,
     .offset = offsetof(struct values, translate.replaceable)},
    WA_LEVEL_OPTION(struct values),
    WA_TRANSLATE_OPTIONS(struct values, "baseline"),
    WA_MESSAGES_OPTION,
    {.help = NULL},
};

static const struct wa_help_row examples[] = {
    {"wasmaot compile app.wasm",
     "write app.o, which runs on every CPU of this host's architecture"},
    {"wasmaot compile --target=aarch64-linux-gnu app.wasm -o app.arm.o", "the same for AArch64"},
    {"wasmaot compile --cpu=native app.wasm", "use what this CPU has; others may refuse app.o"},
    {.text = NULL},
};

// app.o for dir/app.wasm, in the same directory; malloc.
static char *default_output(const char *input, int emit) {
  size_t length = strlen(input);
  bool named = length > 5 && strcmp(input + length - 5, ".wasm") == 0 && input[length - 6] != '/';
  const char *extension = extensions[emit];
  if (named) {
    length -= 5;
  } else if (extension[0] == '\0') {
    extension = ".exe"; // not the input
  }
  char *output = malloc(length + 8);
  if (output == NULL) {
    return NULL;
  }
  memcpy(output, input, length);
  memcpy(output + length, extension, strlen(extension) + 1);
  return output;
}

static bool check_output(const char *input, const char *output, int emit, struct wa_error *err) {
  bool text = emit == WA_EMIT_IR || emit == WA_EMIT_ASM;
  if (strcmp(output, "-") == 0 && emit >= EMIT_EXE) {
    return wa_fail(err, WA_ERROR_USAGE, WA_NO_OFFSET,
                   "--emit=%s cannot go to standard output; name a file with -o",
                   emit_choices[emit]);
  }
  if (strcmp(output, "-") == 0 && !text && isatty(STDOUT_FILENO) == 1) {
    return wa_fail(err, WA_ERROR_USAGE, WA_NO_OFFSET,
                   "standard output is a terminal; name a file with -o");
  }
  if (wa_file_same(input, output)) {
    return wa_fail(err, WA_ERROR_USAGE, WA_NO_OFFSET,
                   "the output would replace the input; name another file with -o");
  }
  return wa_file_writable(output, err);
}

static bool check_input(const char *input, struct wa_error *err) {
  enum wa_file_kind kind;
  if (!wa_file_kind(input, &kind, err)) {
    return false;
  }
  if (kind == WA_FILE_ARTIFACT) {
    (void)wa_fail(err, WA_ERROR_MALFORMED, 0, "is an object already; 'wasmaot run' runs it");
    return wa_check_ours(input, err) && false;
  }
  return kind == WA_FILE_MODULE || wa_refuse_file(input, err);
}

// ---- Shared libraries ----

// A linker's version script: the symbols that are seen from outside.
static char *list_exports(const struct wa_glue *glue) {
  char *text = NULL;
  size_t size;
  FILE *to = open_memstream(&text, &size);
  if (to == NULL) {
    return NULL;
  }
  (void)fputs("{ global:\n", to);
  for (uint32_t i = 0; i < glue->export_count; i++) {
    (void)fprintf(to, "%s;\n", glue->exports[i].symbol);
  }
  for (uint32_t i = 0; i < glue->forward_count; i++) {
    (void)fprintf(to, "%s;\n", glue->forwards[(size_t)2 * i]);
  }
  (void)fputs("local: *; };\n", to);
  if (fclose(to) == 0) {
    return text;
  }
  free(text);
  return NULL;
}

static bool make_parts(void *arg, const struct wa_module *module, const struct wa_compiler_api *api,
                       struct wa_error *err) {
  struct parts *parts = arg;
  struct wa_library library;
  if (!wa_library_init(&library, module, parts->output, err)) {
    return false;
  }
  parts->exports = list_exports(&library.glue);
  parts->header_text = wa_library_header(&library, module, parts->input, &parts->header_size);
  bool done = parts->exports != NULL && parts->header_text != NULL
                  ? api->glue(&library.glue, &parts->options, &parts->glue, err)
                  : wa_fail(err, WA_ERROR_SYSTEM, WA_NO_OFFSET, "out of memory");
  wa_library_deinit(&library);
  return done;
}

static void parts_deinit(struct parts *parts) {
  free(parts->glue.data);
  free(parts->header_text);
  free(parts->exports);
}

static bool write_output(const char *output, const struct values *values, const struct parts *parts,
                         const struct wa_buffer *object, struct wa_error *err) {
  const struct wa_link link = {
      .artifact = object,
      .target = values->translate.target,
      .options = values->run_options != NULL ? values->run_options : "",
      .name = parts->input,
      .glue = values->emit == EMIT_SHARED ? &parts->glue : NULL,
      .exports = parts->exports,
      .debug = values->translate.debug,
  };
  if (values->emit >= EMIT_EXE) {
    return wa_link(&link, output, err) &&
           (values->header == NULL ||
            wa_file_write(values->header, parts->header_text, parts->header_size, err));
  }
  return wa_file_write(output, object->data, object->size, err);
}

static int compile(const char *input, const struct values *values) {
  const struct wa_compiler_api *api = NULL;
  struct wa_buffer object = {.data = NULL};
  struct wa_error err;
  int status = WA_EXIT_OK;
  const char *slash = strrchr(input, '/');
  struct wa_translate_options translate = values->translate;
  struct parts parts = {.input = slash != NULL ? slash + 1 : input};
  wa_error_clear(&err);
  if (!check_input(input, &err)) {
    return wa_report_error(input, &err);
  }
  char *name = values->output == NULL ? default_output(input, values->emit) : NULL;
  const char *output = values->output != NULL ? values->output : name;
  if (output == NULL) {
    wa_report_as(WA_REPORT_SYSTEM, NULL, "out of memory");
    return WA_EXIT_FAILURE;
  }
  parts.output = output;
  parts.options.target = translate.target;
  if (values->emit == EMIT_SHARED) {
    translate.after = make_parts;
    translate.after_arg = &parts;
  }
  if (!check_output(input, output, values->emit, &err) ||
      (values->emit >= EMIT_EXE &&
       !wa_link_check(translate.target, values->emit == EMIT_SHARED, &err))) {
    status = wa_report_error(output, &err);
  } else if (!wa_translate(input, &translate, &api, &object, &err)) {
    status = wa_report_error(input, &err);
  } else {
    if (!write_output(output, values, &parts, &object, &err)) {
      status = wa_report_error(output, &err);
    }
    api->buffer_free(&object);
  }
  parts_deinit(&parts);
  free(name);
  return status;
}

// Wrong options are said now, not when the program starts.
static bool check_options(const struct values *values) {
  struct wa_program_options ignored = {.invoke = NULL};
  struct wa_words words = {.items = NULL};
  if (values->header != NULL && values->emit != EMIT_SHARED) {
    wa_report("compile: --emit-header is for --emit=shared");
    return false;
  }
  if (values->translate.print_after != NULL && values->emit != WA_EMIT_IR) {
    wa_report("compile: --print-after is for --emit=ir");
    return false;
  }
  if (values->run_options == NULL) {
    return true;
  }
  if (values->emit != EMIT_EXE) {
    wa_report("compile: --run-options is for --emit=exe");
    return false;
  }
  bool json = wa_report_is_json();
  bool fine = wa_standalone_options(&ignored, "--run-options", values->run_options, &words);
  wa_report_as_json(json); // what it says of messages is for the program
  wa_program_options_deinit(&ignored);
  wa_words_deinit(&words);
  return fine;
}

static int run(int argc, char **argv) {
  struct values values = {.translate = {.opt_level = 3}};
  struct wa_operands operands;
  int status;
  if (!wa_options_parse(&wa_command_compile, argc, argv, &values, &operands, &status)) {
    return status;
  }
  if (operands.count != 1) {
    wa_report("compile: %s; 'wasmaot compile --help' shows how",
              operands.count == 0 ? "no module given" : "one module at a time");
    return WA_EXIT_USAGE;
  }
  if (!wa_parse_features(values.translate.features, &values.translate.features_off) ||
      !check_options(&values)) {
    return WA_EXIT_USAGE;
  }
  values.translate.emit = values.emit < EMIT_EXE ? values.emit : WA_EMIT_OBJ;
  return compile(operands.items[0], &values);
}

const struct wa_command wa_command_compile = {
    .name = "compile",
    .operands = "MODULE.wasm",
    .summary = "Compile a module to a native object, for 'wasmaot run'.",
    .options = options,
    .complete = WA_COMPLETE_FILES,
    .examples = examples,
    .run = run,
};

// wasmaot compile: a module to a native object or program, LLVM IR, bitcode or assembly.
#include "commands.h"
#include "file.h"
#include "link.h"
#include "report.h"
#include "standalone.h"
#include "translate.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

// What enum wa_emit has, and what is linked from an object.
enum { EMIT_EXE = WA_EMIT_ASM + 1 };
static const char *const emit_choices[] = {"obj", "ir", "bc", "asm", "exe", NULL};
static const char *const extensions[] = {".o", ".ll", ".bc", ".s", ""};

struct values {
  struct wa_translate_options translate;
  int emit;
  const char *output;
  const char *run_options;
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
     .help = "what to write: obj (default), ir, bc, asm; or exe: a program of its own, which\n"
             "needs nothing installed and gives its arguments to the guest",
     .kind = WA_OPTION_CHOICE,
     .offset = offsetof(struct values, emit),
     .choices = emit_choices},
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
    WA_TRANSLATE_OPTIONS(struct values, "baseline"),
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
  if (named)
    length -= 5;
  else if (extension[0] == '\0')
    extension = ".exe"; // not the input
  char *output = malloc(length + 8);
  if (output == NULL)
    return NULL;
  memcpy(output, input, length);
  memcpy(output + length, extension, strlen(extension) + 1);
  return output;
}

static bool check_output(const char *input, const char *output, int emit, struct wa_error *err) {
  bool text = emit == WA_EMIT_IR || emit == WA_EMIT_ASM;
  if (strcmp(output, "-") == 0 && emit >= EMIT_EXE)
    return wa_fail(err, WA_ERROR_USAGE, WA_NO_OFFSET,
                   "--emit=%s cannot go to standard output; name a file with -o",
                   emit_choices[emit]);
  if (strcmp(output, "-") == 0 && !text && isatty(STDOUT_FILENO) == 1)
    return wa_fail(err, WA_ERROR_USAGE, WA_NO_OFFSET,
                   "standard output is a terminal; name a file with -o");
  if (wa_file_same(input, output))
    return wa_fail(err, WA_ERROR_USAGE, WA_NO_OFFSET,
                   "the output would replace the input; name another file with -o");
  return wa_file_writable(output, err);
}

static bool check_input(const char *input, struct wa_error *err) {
  enum wa_file_kind kind;
  if (!wa_file_kind(input, &kind, err))
    return false;
  if (kind == WA_FILE_ARTIFACT)
    return wa_fail(err, WA_ERROR_MALFORMED, 0, "is an object already; 'wasmaot run' runs it");
  return kind == WA_FILE_MODULE || wa_file_refuse(input, err);
}

static bool write_output(const char *input, const char *output, const struct values *values,
                         const struct wa_buffer *object, struct wa_error *err) {
  const char *slash = strrchr(input, '/');
  const struct wa_link link = {
      .artifact = object,
      .target = values->translate.target,
      .options = values->run_options != NULL ? values->run_options : "",
      .name = slash != NULL ? slash + 1 : input,
  };
  if (values->emit >= EMIT_EXE)
    return wa_link(&link, output, err);
  return wa_file_write(output, object->data, object->size, err);
}

static int compile(const char *input, const struct values *values) {
  const struct wa_compiler_api *api = NULL;
  struct wa_buffer object = {.data = NULL};
  struct wa_error err;
  int status = WA_EXIT_OK;
  wa_error_clear(&err);
  if (!check_input(input, &err))
    return wa_report_error(input, &err);
  char *name = values->output == NULL ? default_output(input, values->emit) : NULL;
  const char *output = values->output != NULL ? values->output : name;
  if (output == NULL) {
    wa_report("out of memory");
    return WA_EXIT_FAILURE;
  }
  if (!check_output(input, output, values->emit, &err) ||
      (values->emit >= EMIT_EXE && !wa_link_check(values->translate.target, false, &err))) {
    status = wa_report_error(output, &err);
  } else if (!wa_translate(input, &values->translate, &api, &object, &err)) {
    status = wa_report_error(input, &err);
  } else {
    if (!write_output(input, output, values, &object, &err))
      status = wa_report_error(output, &err);
    api->buffer_free(&object);
  }
  free(name);
  return status;
}

// Wrong options are said now, not when the program starts.
static bool check_run_options(const struct values *values) {
  struct wa_program_options ignored = {.invoke = NULL};
  struct wa_words words = {.items = NULL};
  if (values->run_options == NULL)
    return true;
  if (values->emit != EMIT_EXE) {
    wa_report("compile: --run-options is for --emit=exe");
    return false;
  }
  bool fine = wa_standalone_options(&ignored, "--run-options", values->run_options, &words);
  wa_program_options_deinit(&ignored);
  wa_words_deinit(&words);
  return fine;
}

static int run(int argc, char **argv) {
  struct values values = {.translate = {.opt_level = 3}};
  struct wa_operands operands;
  switch (wa_options_parse(&wa_command_compile, argc, argv, &values, &operands)) {
  case WA_PARSE_HELP:
    return WA_EXIT_OK;
  case WA_PARSE_ERROR:
    return WA_EXIT_USAGE;
  default:
    break;
  }
  if (operands.count != 1) {
    wa_report("compile: %s; 'wasmaot compile --help' shows how",
              operands.count == 0 ? "no module given" : "one module at a time");
    return WA_EXIT_USAGE;
  }
  if (!wa_parse_features(values.translate.features, &values.translate.features_off) ||
      !check_run_options(&values))
    return WA_EXIT_USAGE;
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

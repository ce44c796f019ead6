// wasmaot compile: a module to a native object, LLVM IR, bitcode or assembly.
#include "commands.h"
#include "file.h"
#include "report.h"
#include "translate.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *const emit_choices[] = {"obj", "ir", "bc", "asm", NULL}; // enum wa_emit
static const char *const extensions[] = {".o", ".ll", ".bc", ".s"};

struct values {
  struct wa_translate_options translate;
  const char *output;
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
     .help = "what to write: obj (default), ir, bc or asm",
     .kind = WA_OPTION_CHOICE,
     .offset = offsetof(struct values, translate.emit),
     .choices = emit_choices},
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
static char *default_output(const char *input, enum wa_emit emit) {
  size_t length = strlen(input);
  if (length > 5 && strcmp(input + length - 5, ".wasm") == 0 && input[length - 6] != '/')
    length -= 5;
  char *output = malloc(length + 4);
  if (output == NULL)
    return NULL;
  memcpy(output, input, length);
  memcpy(output + length, extensions[emit], strlen(extensions[emit]) + 1);
  return output;
}

static bool check_output(const char *input, const char *output, enum wa_emit emit,
                         struct wa_error *err) {
  bool text = emit == WA_EMIT_IR || emit == WA_EMIT_ASM;
  if (strcmp(output, "-") == 0 && !text && isatty(STDOUT_FILENO) == 1)
    return wa_fail(err, WA_ERROR_USAGE, WA_NO_OFFSET,
                   "standard output is a terminal; name a file with -o");
  if (wa_file_same(input, output))
    return wa_fail(err, WA_ERROR_USAGE, WA_NO_OFFSET,
                   "the output would replace the input; name another file with -o");
  return wa_file_writable(output, err);
}

static int compile(const char *input, const struct values *values) {
  const struct wa_compiler_api *api = NULL;
  struct wa_buffer object = {.data = NULL};
  struct wa_error err;
  enum wa_file_kind kind;
  int status = WA_EXIT_OK;
  char *name = NULL;
  const char *output = values->output;
  wa_error_clear(&err);
  if (!wa_file_kind(input, &kind, &err))
    return wa_report_error(input, &err);
  if (kind == WA_FILE_ARTIFACT) {
    (void)wa_fail(&err, WA_ERROR_MALFORMED, 0, "is an object already; 'wasmaot run' runs it");
    return wa_report_error(input, &err);
  }
  if (kind == WA_FILE_OTHER) {
    (void)wa_file_refuse(input, &err);
    return wa_report_error(input, &err);
  }
  if (output == NULL)
    output = name = default_output(input, (enum wa_emit)values->translate.emit);
  if (output == NULL) {
    wa_report("out of memory");
    return WA_EXIT_FAILURE;
  }
  if (!check_output(input, output, (enum wa_emit)values->translate.emit, &err)) {
    status = wa_report_error(output, &err);
  } else if (!wa_translate(input, &values->translate, &api, &object, &err)) {
    status = wa_report_error(input, &err);
  } else {
    if (!wa_file_write(output, object.data, object.size, &err))
      status = wa_report_error(output, &err);
    api->buffer_free(&object);
  }
  free(name);
  return status;
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
  if (!wa_parse_features(values.translate.features, &values.translate.features_off))
    return WA_EXIT_USAGE;
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

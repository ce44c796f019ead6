// wasmaot validate: whether files are valid modules.
#include "cli/commands.h"
#include "cli/file.h"
#include "cli/mistakes.h"
#include "cli/report.h"
#include "cli/translate.h"
#include "compiler/wasm/module.h"

struct values {
  const char *features;
  uint64_t features_off;
};

static bool validate(const char *path, uint64_t features_off, struct wa_error *err) {
  struct wa_file file;
  struct wa_module module;
  if (!wa_file_read(path, &file, err)) {
    return false;
  }
  bool valid;
  enum wa_file_kind kind = wa_file_kind_of(file.data, file.size);
  if (kind == WA_FILE_OTHER) {
    valid = wa_refuse_start(path, file.data, file.size, err);
  } else if (kind == WA_FILE_ARTIFACT) {
    valid = wa_fail(err, WA_ERROR_MALFORMED, 0,
                    "is an ELF object, not a module; 'wasmaot inspect' checks those");
  } else {
    valid =
        wa_check_layer(file.data, file.size, err) &&
        wa_module_init_without(&module, (struct wa_bytes){file.data, file.size}, features_off, err);
  }
  if (valid) {
    wa_module_deinit(&module);
  }
  wa_file_deinit(&file);
  return valid;
}

static const struct wa_option options[] = {
    WA_FEATURES_OPTION(struct values, features), WA_MESSAGES_OPTION, {.help = NULL}};

static const struct wa_help_row examples[] = {
    {"wasmaot validate app.wasm", "say what is wrong with a module, and where"},
    {"wasmaot validate --features=wasm2,threads *.wasm", "refuse modules that use more"},
    {.text = NULL},
};

static int run(int argc, char **argv) {
  struct values values = {.features = NULL};
  struct wa_operands operands;
  int status;
  if (!wa_options_parse(&wa_command_validate, argc, argv, &values, &operands, &status)) {
    return status;
  }
  if (operands.count == 0) {
    wa_report("validate: no file given; 'wasmaot validate --help' shows how");
    return WA_EXIT_USAGE;
  }
  if (!wa_parse_features(values.features, &values.features_off)) {
    return WA_EXIT_USAGE;
  }
  status = WA_EXIT_OK;
  for (int i = 0; i < operands.count; i++) {
    struct wa_error err;
    wa_error_clear(&err);
    if (!validate(operands.items[i], values.features_off, &err)) {
      int failure = wa_report_error(operands.items[i], &err);
      status = failure > status ? failure : status;
    }
  }
  return status;
}

const struct wa_command wa_command_validate = {
    .name = "validate",
    .operands = "FILE...",
    .summary =
        "Check that files are valid WebAssembly modules.\n\n"
        "Prints nothing for a valid module; exits 1 when one is not, and says where and why.",
    .options = options,
    .complete = WA_COMPLETE_FILES,
    .examples = examples,
    .run = run,
};

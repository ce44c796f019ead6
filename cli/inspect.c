// wasmaot inspect: what a module or an artifact needs and offers.
#include "cli/inspect.h"

#include "cli/commands.h"
#include "cli/file.h"
#include "cli/mistakes.h"
#include "cli/report.h"
#include "loader/loader.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

struct values {
  bool json;
};

static const struct wa_option options[] = {
    WA_JSON_OPTION(struct values, json), WA_MESSAGES_OPTION, {.help = NULL}};

static const struct wa_help_row examples[] = {
    {"wasmaot inspect app.o", "target, CPU features, imports, exports, memories and tables"},
    {"wasmaot inspect --json app.wasm", "the same of a module, for programs"},
    {.text = NULL},
};

static void print(const char *path, const struct values *values,
                  struct wa_description *description) {
  if (values->json) {
    wa_inspect_json(path, description);
  } else {
    wa_inspect_text(path, description);
  }
  wa_description_deinit(description);
}

static bool no_memory(struct wa_error *err) {
  return wa_fail(err, WA_ERROR_SYSTEM, WA_NO_OFFSET, "out of memory");
}

static bool inspect_module(const char *path, const struct values *values, struct wa_error *err) {
  struct wa_file file;
  struct wa_module module;
  struct wa_description description;
  bool done = false;
  if (!wa_file_read(path, &file, err)) {
    return false;
  }
  if (wa_check_layer(file.data, file.size, err) &&
      wa_module_init(&module, (struct wa_bytes){file.data, file.size}, err)) {
    done = wa_describe_module(&description, &module) || no_memory(err);
    if (done) {
      print(path, values, &description);
    }
    wa_module_deinit(&module);
  }
  wa_file_deinit(&file);
  return done;
}

static bool inspect_artifact(const char *path, const struct values *values, struct wa_error *err) {
  struct stat status;
  struct wa_description description;
  struct wa_artifact *artifact = wa_artifact_inspect_file(path, err);
  if (artifact == NULL) {
    (void)wa_check_ours(path, err);
    return false;
  }
  bool done = stat(path, &status) == 0;
  if (!done) {
    (void)wa_fail(err, WA_ERROR_SYSTEM, WA_NO_OFFSET, "cannot open: %s", strerror(errno));
  } else {
    done = wa_describe_artifact(&description, artifact, (uint64_t)status.st_size) || no_memory(err);
  }
  if (done) {
    print(path, values, &description);
  }
  wa_artifact_release(artifact);
  return done;
}

static bool inspect(const char *path, const struct values *values, struct wa_error *err) {
  enum wa_file_kind kind;
  if (!wa_file_kind(path, &kind, err)) {
    return false;
  }
  switch (kind) {
  case WA_FILE_MODULE:
    return inspect_module(path, values, err);
  case WA_FILE_ARTIFACT:
    return inspect_artifact(path, values, err);
  default:
    return wa_refuse_file(path, err);
  }
}

static int run(int argc, char **argv) {
  struct values values = {.json = false};
  struct wa_operands operands;
  int status;
  struct wa_error err;
  if (!wa_options_parse(&wa_command_inspect, argc, argv, &values, &operands, &status)) {
    return status;
  }
  if (operands.count != 1) {
    wa_report("inspect: %s; 'wasmaot inspect --help' shows how",
              operands.count == 0 ? "no file given" : "one file at a time");
    return WA_EXIT_USAGE;
  }
  wa_error_clear(&err);
  if (inspect(operands.items[0], &values, &err)) {
    return WA_EXIT_OK;
  }
  return wa_report_error(operands.items[0], &err);
}

const struct wa_command wa_command_inspect = {
    .name = "inspect",
    .operands = "FILE",
    .summary = "Say what a module or an object needs and offers.",
    .options = options,
    .complete = WA_COMPLETE_FILES,
    .examples = examples,
    .run = run,
};

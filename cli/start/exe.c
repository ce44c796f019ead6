// The main function of standalone programs: the artifact, and options for it, lie in pages of the
// program's own file.
#include "cli/process.h"
#include "cli/report.h"
#include "cli/standalone.h"

#include <stdlib.h>

// Defined by the object that `wasmaot compile` makes; see standalone.h.
extern const char wasmaot_embedded_artifact[];
extern const char wasmaot_embedded_artifact_end[];
extern const char wasmaot_embedded_options[];
extern const char wasmaot_embedded_name[];

static struct wa_artifact *load(void *arg, const char *path, struct wa_error *err) {
  struct wa_load_options options;
  (void)path;
  wa_program_load_options(arg, &options);
  return wa_artifact_load_mapped(
      wasmaot_embedded_artifact,
      (size_t)(wasmaot_embedded_artifact_end - wasmaot_embedded_artifact), wasmaot_embedded_name,
      &options, err);
}

static int run(int argc, char **argv) {
  struct wa_program_options options = {.invoke = NULL};
  struct wa_words built_in = {.items = NULL};
  struct wa_words given = {.items = NULL};
  const struct wa_operands operands = {argv, argc};
  const struct wa_program_setting setting = {.timeout_status = WA_EXIT_TIMEOUT};
  const char *text = secure_getenv("WASMAOT_OPTIONS");
  int status = WA_EXIT_USAGE;
  if (argc == 0) {
    wa_report("started without a name");
  } else if (wa_standalone_options(&options, "built-in options", wasmaot_embedded_options,
                                   &built_in) &&
             (text == NULL || wa_standalone_options(&options, "WASMAOT_OPTIONS", text, &given))) {
    status = wa_program_run(argv[0], &options, &setting, &operands, load, &options);
  }
  wa_program_options_deinit(&options);
  wa_words_deinit(&built_in);
  wa_words_deinit(&given);
  return status;
}

int main(int argc, char **argv) {
  if (!wa_process_init()) {
    return WA_EXIT_FAILURE;
  }
  return wa_process_finish(run(argc, argv));
}

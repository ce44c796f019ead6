#include "cli/standalone.h"

#include "cli/report.h"

struct values {
  struct wa_program_options program;
};

static const struct wa_option table[] = {
    WA_PROGRAM_OPTIONS(struct values, program),
    WA_MESSAGES_OPTION,
    {.help = NULL},
};

static const struct wa_command command = {
    .name = "run",
    .operands = "",
    .summary = "Options of a standalone program, built in or in WASMAOT_OPTIONS.",
    .options = table,
};

bool wa_standalone_options(struct wa_program_options *options, const char *where, const char *text,
                           struct wa_words *words) {
  struct values values = {.program = *options};
  struct wa_operands operands = {.count = 0};
  struct wa_error err;
  wa_error_clear(&err);
  if (!wa_words_split(words, text, 0, &err)) {
    (void)wa_report_error(where, &err);
    return false;
  }
  int status;
  bool parsed = wa_options_parse(&command, words->count, words->items, &values, &operands, &status);
  *options = values.program;
  if (parsed && operands.count != 0) {
    wa_report("%s: '%s' is not an option", where, operands.items[0]);
  }
  return parsed && operands.count == 0;
}

// Completion for zsh: a list of _arguments for each command.
#include "cli/commands.h"
#include "cli/generate/generate.h"

#include <string.h>

// In single quotes, inside brackets of _arguments.
static void put_escaped(const char *text, FILE *to) {
  for (; *text != '\0'; text++) {
    if (*text == '\'') {
      (void)fputs("'\\''", to);
    } else if (strchr("[]:\\", *text) != NULL) {
      (void)fprintf(to, "\\%c", *text);
    } else {
      (void)fputc(*text, to);
    }
  }
}

// How an offer is spelled, as an action.
static const struct wa_offer_spelling offers = {
    .nothing = " ",
    .before_words = "(",
    .behind_words = ")",
    .files = "_files",
    .directories = "_files -/",
};

static void put_spec(const struct wa_option *option, const char *spelling, char joint, FILE *to) {
  char help[256];
  char words[512];
  wa_short_help(option->help, help, sizeof help);
  (void)fprintf(to, "      '%s%s", option->kind == WA_OPTION_LIST ? "*" : "", spelling);
  if (wa_option_takes_next(option)) {
    (void)fputc(joint, to);
  }
  (void)fputc('[', to);
  put_escaped(help, to);
  (void)fputc(']', to);
  if (wa_option_takes_next(option)) {
    enum wa_offer offer = wa_offer_of(option, words, sizeof words);
    (void)fputc(':', to);
    put_escaped(option->metavar, to);
    (void)fputc(':', to);
    wa_offer_put(&offers, offer, words, to);
  }
  (void)fputs("' \\\n", to);
}

static void put_command(const struct wa_command *command, FILE *to) {
  (void)fprintf(to, "  %s)\n    _arguments -s -S %s\\\n", command->name,
                command->guest_operands ? "-A '-*' " : "");
  for (const struct wa_option *option = command->options; option->help != NULL; option++) {
    char spelling[64];
    if (option->short_name != 0) {
      (void)snprintf(spelling, sizeof spelling, "-%c", option->short_name);
      put_spec(option, spelling, '+', to);
    }
    if (option->long_name != NULL) {
      (void)snprintf(spelling, sizeof spelling, "--%s", option->long_name);
      put_spec(option, spelling, '=', to);
    }
  }
  (void)fputs("      '(- *)'{-h,--help}'[print help and exit]' \\\n      '*:", to);
  put_escaped(command->operands, to);
  (void)fputc(':', to);
  wa_offer_put(&offers, wa_offer_kind(command->complete), command->complete, to);
  (void)fputs("'\n    ;;\n", to);
}

void wa_generate_zsh(FILE *to) {
  (void)fputs("#compdef wasmaot\n# Completion of wasmaot for zsh.\n\n_wasmaot() {\n"
              "  local -a commands\n  commands=(\n",
              to);
  for (const struct wa_command *const *command = wa_commands; *command != NULL; command++) {
    char help[256];
    (void)snprintf(help, sizeof help, "%.*s", (int)strcspn((*command)->summary, ".:\n"),
                   (*command)->summary);
    (void)fprintf(to, "    '%s:", (*command)->name);
    put_escaped(help, to);
    (void)fputs("'\n", to);
  }
  (void)fputs("  )\n"
              "  if ((CURRENT == 2)); then\n"
              "    _describe -t commands command commands\n"
              "    _arguments '(- *)'{-h,--help}'[list the commands and exit]' \\\n"
              "      '(- *)'{-V,--version}'[print the version and exit]'\n"
              "    return\n"
              "  fi\n"
              "  local command=$words[2]\n"
              "  shift words\n"
              "  ((CURRENT--))\n"
              "  case $command in\n",
              to);
  for (const struct wa_command *const *command = wa_commands; *command != NULL; command++) {
    put_command(*command, to);
  }
  (void)fputs("  esac\n}\n\n_wasmaot \"$@\"\n", to);
}

// Completion for fish: a line for each command and option.
#include "cli/commands.h"
#include "cli/generate/generate.h"

#include <string.h>

// In single quotes.
static void put_escaped(const char *text, FILE *to) {
  for (; *text != '\0'; text++) {
    if (*text == '\'' || *text == '\\') {
      (void)fputc('\\', to);
    }
    (void)fputc(*text, to);
  }
}

static void put_help(const char *help, FILE *to) {
  char text[256];
  wa_short_help(help, text, sizeof text);
  (void)fputs(" -d '", to);
  put_escaped(text, to);
  (void)fputs("'\n", to);
}

static void put_condition(const struct wa_command *command, FILE *to) {
  (void)fprintf(to, "complete -c wasmaot -n '__fish_seen_subcommand_from %s'", command->name);
}

// How an offer is spelled.
static const struct wa_offer_spelling offers = {
    .nothing = " -x",
    .before_words = " -x -a '",
    .behind_words = "'",
    .files = " -r -F",
    .directories = " -x -a '(__fish_complete_directories)'",
};

static void put_option(const struct wa_command *command, const struct wa_option *option, FILE *to) {
  char words[512];
  put_condition(command, to);
  if (option->short_name != 0) {
    (void)fprintf(to, " -s %c", option->short_name);
  }
  if (option->long_name != NULL) {
    (void)fprintf(to, " -l %s", option->long_name);
  }
  if (wa_option_takes_next(option)) {
    enum wa_offer offer = wa_offer_of(option, words, sizeof words);
    wa_offer_put(&offers, offer, words, to);
  }
  put_help(option->help, to);
}

static void put_operands(const struct wa_command *command, FILE *to) {
  enum wa_offer offer = wa_offer_kind(command->complete);
  if (offer == WA_OFFER_NOTHING) {
    return;
  }
  put_condition(command, to);
  if (offer == WA_OFFER_WORDS) {
    (void)fprintf(to, " -a '%s'\n", command->complete);
  } else {
    (void)fputs(" -F\n", to);
  }
}

void wa_generate_fish(FILE *to) {
  (void)fputs("# Completion of wasmaot for fish.\ncomplete -c wasmaot -f\n"
              "complete -c wasmaot -n __fish_use_subcommand -s h -l help -d 'list the commands'\n"
              "complete -c wasmaot -n __fish_use_subcommand -s V -l version -d 'print the "
              "version'\n",
              to);
  for (const struct wa_command *const *command = wa_commands; *command != NULL; command++) {
    char summary[256];
    (void)snprintf(summary, sizeof summary, "%.*s", (int)strcspn((*command)->summary, ".:\n"),
                   (*command)->summary);
    (void)fprintf(to, "complete -c wasmaot -n __fish_use_subcommand -a %s", (*command)->name);
    put_help(summary, to);
    put_operands(*command, to);
    for (const struct wa_option *option = (*command)->options; option->help != NULL; option++) {
      put_option(*command, option, to);
    }
    put_condition(*command, to);
    (void)fputs(" -s h -l help -d 'print help and exit'\n", to);
  }
}

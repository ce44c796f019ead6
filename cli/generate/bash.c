// Completion for bash. '=' divides words there, so that `--emit=ob` arrives as three of them.
#include "cli/commands.h"
#include "cli/generate/generate.h"

static void put_spellings(const struct wa_option *option, const char *separator, FILE *to) {
  if (option->short_name != 0) {
    (void)fprintf(to, "-%c", option->short_name);
  }
  if (option->short_name != 0 && option->long_name != NULL) {
    (void)fputs(separator, to);
  }
  if (option->long_name != NULL) {
    (void)fprintf(to, "--%s", option->long_name);
  }
}

static void put_option_words(const struct wa_command *command, FILE *to) {
  for (const struct wa_option *option = command->options; option->help != NULL; option++) {
    put_spellings(option, " ", to);
    (void)fputc(' ', to);
  }
  (void)fputs("-h --help", to);
}

// How an offer is spelled.
static const struct wa_offer_spelling offers = {
    .nothing = "return",
    .before_words = "_wasmaot_offer -W '",
    .behind_words = "'",
    .files = "_wasmaot_offer -o filenames -f",
    .directories = "_wasmaot_offer -o filenames -d",
};

// What each option's value can be, and which options have one.
static void put_values(const struct wa_command *command, FILE *to) {
  for (const struct wa_option *option = command->options; option->help != NULL; option++) {
    char words[512];
    if (!wa_option_takes_next(option)) {
      continue;
    }
    (void)fprintf(to, "    ");
    put_spellings(option, " | ", to);
    (void)fputs(") ", to);
    wa_offer_put(&offers, wa_offer_of(option, words, sizeof words), words, to);
    (void)fputs("; return ;;\n", to);
  }
}

static void put_command(const struct wa_command *command, FILE *to) {
  (void)fprintf(to, "_wasmaot_%s() {\n  case $option in\n", command->name);
  put_values(command, to);
  (void)fputs("  esac\n  if [[ $current == -* && ! $ended ]]; then\n    _wasmaot_offer -W '", to);
  put_option_words(command, to);
  (void)fputs("'\n  else\n    ", to);
  wa_offer_put(&offers, wa_offer_kind(command->complete), command->complete, to);
  (void)fputs("\n  fi\n}\n\n", to);
}

static void put_options_with_values(FILE *to) {
  (void)fputs("    case $command:${COMP_WORDS[i]} in\n    *:=) ((++i)) ;;\n    *:--) ended=1 ;;\n",
              to);
  for (const struct wa_command *const *command = wa_commands; *command != NULL; command++) {
    for (const struct wa_option *option = (*command)->options; option->help != NULL; option++) {
      if (!wa_option_takes_next(option)) {
        continue;
      }
      if (option->short_name != 0) {
        (void)fprintf(to, "    %s:-%c) ((++i)) ;;\n", (*command)->name, option->short_name);
      }
      if (option->long_name != NULL) {
        (void)fprintf(to, "    %s:--%s) [[ ${COMP_WORDS[i+1]} == = ]] || ((++i)) ;;\n",
                      (*command)->name, option->long_name);
      }
    }
  }
  (void)fputs("    *:-*) ;;\n", to);
  for (const struct wa_command *const *command = wa_commands; *command != NULL; command++) {
    if ((*command)->guest_operands) {
      (void)fprintf(to, "    %s:*) ended=1 ;;\n", (*command)->name);
    }
  }
  (void)fputs("    esac\n", to);
}

void wa_generate_bash(FILE *to) {
  (void)fputs("# Completion of wasmaot for bash.\n\n"
              "# Offers what compgen makes of the arguments.\n"
              "_wasmaot_offer() {\n"
              "  if [[ $1 == -o ]]; then\n"
              "    compopt -o \"$2\" 2>/dev/null\n"
              "    shift 2\n"
              "  fi\n"
              "  mapfile -t COMPREPLY < <(compgen \"$@\" -- \"$current\")\n"
              "}\n\n",
              to);
  for (const struct wa_command *const *command = wa_commands; *command != NULL; command++) {
    put_command(*command, to);
  }
  (void)fputs("_wasmaot() {\n"
              "  local current=${COMP_WORDS[COMP_CWORD]} option='' ended='' i\n"
              "  local command=${COMP_WORDS[1]}\n"
              "  COMPREPLY=()\n"
              "  if ((COMP_CWORD == 1)); then\n"
              "    _wasmaot_offer -W '",
              to);
  for (const struct wa_command *const *command = wa_commands; *command != NULL; command++) {
    (void)fprintf(to, "%s ", (*command)->name);
  }
  (void)fputs("-h --help -V --version'\n    return\n  fi\n"
              "  for ((i = 2; i < COMP_CWORD && !ended; i++)); do\n",
              to);
  put_options_with_values(to);
  (void)fputs("  done\n"
              "  if [[ ! $ended ]]; then\n"
              "    option=${COMP_WORDS[COMP_CWORD-1]}\n"
              "    if [[ $current == = ]]; then\n"
              "      current=''\n"
              "    elif [[ $option == = ]]; then\n"
              "      option=${COMP_WORDS[COMP_CWORD-2]}\n"
              "    fi\n"
              "  fi\n"
              "  case $command in\n",
              to);
  for (const struct wa_command *const *command = wa_commands; *command != NULL; command++) {
    (void)fprintf(to, "  %s) _wasmaot_%s ;;\n", (*command)->name, (*command)->name);
  }
  (void)fputs("  esac\n}\n\ncomplete -F _wasmaot wasmaot\n", to);
}

// Manual pages in the man macros, as man-db, groff and mandoc read them.
#include "cli/commands.h"
#include "cli/generate/generate.h"

#include <ctype.h>
#include <string.h>

// Text as roff is to show it, letter for letter. A newline begins a new input line, an empty line a
// paragraph.
static void put_text(const char *text, size_t length, FILE *to) {
  bool at_start = true;
  for (size_t i = 0; i < length; i++) {
    char c = text[i];
    if (c == '\n') {
      (void)fputs(i + 1 < length && text[i + 1] == '\n' ? "\n.PP\n" : at_start ? "" : "\n", to);
      while (i + 1 < length && text[i + 1] == '\n') {
        i++;
      }
      at_start = true;
      continue;
    }
    if (at_start && (c == '.' || c == '\'')) {
      (void)fputs("\\&", to);
    }
    at_start = false;
    if (c == '-') {
      (void)fputs("\\-", to);
    } else if (c == '\\') {
      (void)fputs("\\e", to);
    } else {
      (void)fputc(c, to);
    }
  }
}

static void put_all(const char *text, FILE *to) {
  put_text(text, strlen(text), to);
}

static void put_bold(const char *text, FILE *to) {
  (void)fputs("\\fB", to);
  put_all(text, to);
  (void)fputs("\\fR", to);
}

// Words in capitals are what the user fills in.
static void put_synopsis(const char *operands, FILE *to) {
  const char *at = operands;
  while (*at != '\0') {
    size_t length = 0;
    while (isupper((unsigned char)at[length])) {
      length++;
    }
    if (length > 1) {
      (void)fprintf(to, "\\fI%.*s\\fR", (int)length, at);
      at += length;
    } else {
      put_text(at, 1, to);
      at++;
    }
  }
  (void)fputc('\n', to);
}

static void put_heading(const char *name, FILE *to) {
  (void)fprintf(to, ".TH \"");
  for (; *name != '\0'; name++) {
    (void)fputc(toupper((unsigned char)*name), to);
  }
  (void)fprintf(to, "\" 1 %s \"wasmaot %s\" \"User Commands\"\n", WASMAOT_DATE, WASMAOT_VERSION);
}

// The first line of a summary as NAME wants it: small letter first, no full stop.
static void put_name(const char *name, const char *summary, FILE *to) {
  size_t length = strcspn(summary, "\n");
  if (length > 0 && summary[length - 1] == '.') {
    length--;
  }
  (void)fputs(".SH NAME\n", to);
  put_all(name, to);
  (void)fprintf(to, " \\- %c", tolower((unsigned char)summary[0]));
  put_text(summary + 1, length - 1, to);
  (void)fputc('\n', to);
}

static void put_rows(const char *title, const struct wa_help_row *rows, FILE *to) {
  (void)fprintf(to, ".SH %s\n", title);
  for (; rows->text != NULL; rows++) {
    (void)fputs(".TP\n", to);
    put_bold(rows->left, to);
    (void)fputc('\n', to);
    put_all(rows->text, to);
    (void)fputc('\n', to);
  }
}

// The keys of an option that takes KEY=VALUE, but those that do nothing.
static void put_keys(const struct wa_option *key, FILE *to) {
  (void)fputs(".br\nKeys:\n", to);
  for (bool first = true; key->help != NULL; key++) {
    if (!wa_option_has_effect(key)) {
      continue;
    }
    (void)fputs(first ? "" : ",\n", to);
    put_bold(key->long_name, to);
    first = false;
  }
  (void)fputs(".\n", to);
}

static void put_option(const struct wa_option *option, FILE *to) {
  char name[64];
  (void)fputs(".TP\n", to);
  if (option->short_name != 0) {
    (void)snprintf(name, sizeof name, "-%c", option->short_name);
    put_bold(name, to);
  }
  if (option->long_name != NULL) {
    (void)snprintf(name, sizeof name, "--%s", option->long_name);
    (void)fputs(option->short_name != 0 ? ", " : "", to);
    put_bold(name, to);
  }
  if (option->metavar != NULL) {
    bool may = option->kind == WA_OPTION_OPTIONAL;
    (void)fputs(option->long_name == NULL ? "\\fI" : may ? "[=\\fI" : "=\\fI", to);
    put_all(option->metavar, to);
    (void)fputs(may ? "\\fR]" : "\\fR", to);
  }
  (void)fputc('\n', to);
  put_all(option->help, to);
  (void)fputc('\n', to);
  if (option->keys != NULL) {
    put_keys(option->keys, to);
  }
}

static void put_see_also(const struct wa_command *but, FILE *to) {
  (void)fputs(".SH SEE ALSO\n", to);
  if (but != NULL) {
    (void)fputs(".BR wasmaot (1)", to);
  }
  const char *before = but != NULL ? ",\n" : "";
  for (const struct wa_command *const *command = wa_commands; *command != NULL; command++) {
    if (*command == but) {
      continue;
    }
    (void)fprintf(to, "%s.BR wasmaot\\-%s (1)", before, (*command)->name);
    before = ",\n";
  }
  (void)fputc('\n', to);
}

void wa_generate_program_page(FILE *to) {
  put_heading("wasmaot", to);
  put_name("wasmaot", wa_program_summary, to);
  (void)fputs(".SH SYNOPSIS\n.B wasmaot\n", to);
  put_synopsis("COMMAND [OPTION]... [ARGUMENT]...", to);
  (void)fputs(".SH DESCRIPTION\n", to);
  put_all(wa_program_summary, to);
  (void)fputs("\nEach command has a page of its own and\n.BR \\-\\-help .\n.SH COMMANDS\n", to);
  for (const struct wa_command *const *command = wa_commands; *command != NULL; command++) {
    const char *summary = (*command)->summary;
    (void)fprintf(to, ".TP\n.BR wasmaot\\-%s (1)\n", (*command)->name);
    put_text(summary, strcspn(summary, "\n"), to);
    (void)fputc('\n', to);
  }
  (void)fputs(".SH OPTIONS\n.TP\n\\fB\\-h\\fR, \\fB\\-\\-help\\fR\nlist the commands and exit\n"
              ".TP\n\\fB\\-V\\fR, \\fB\\-\\-version\\fR\nprint the version and exit\n",
              to);
  put_rows("ENVIRONMENT", wa_program_environment, to);
  put_rows("EXIT STATUS", wa_program_statuses, to);
  put_see_also(NULL, to);
}

void wa_generate_command_page(const struct wa_command *command, FILE *to) {
  char name[64];
  (void)snprintf(name, sizeof name, "wasmaot-%s", command->name);
  put_heading(name, to);
  put_name(name, command->summary, to);
  (void)fprintf(to, ".SH SYNOPSIS\n.B wasmaot %s\n", command->name);
  (void)fputs("[\\fIOPTION\\fR]... ", to);
  put_synopsis(command->operands, to);
  (void)fputs(".SH DESCRIPTION\n", to);
  put_all(command->summary, to);
  (void)fputs("\n.SH OPTIONS\n", to);
  for (const struct wa_option *option = command->options; option->help != NULL; option++) {
    put_option(option, to);
  }
  (void)fputs(".TP\n\\fB\\-h\\fR, \\fB\\-\\-help\\fR\nprint a summary of this and exit\n", to);
  if (command->examples != NULL) {
    put_rows("EXAMPLES", command->examples, to);
  }
  put_rows("ENVIRONMENT", wa_program_environment, to);
  put_rows("EXIT STATUS", wa_program_statuses, to);
  put_see_also(command, to);
}

#include "cli/options.h"

#include "cli/report.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static bool list_add(struct wa_string_list *list, const char *item) {
  const char **items = realloc(list->items, (list->count + 1) * sizeof(const char *));
  if (items == NULL)
    return false;
  items[list->count] = item;
  list->items = items;
  list->count++;
  return true;
}

void wa_string_list_deinit(struct wa_string_list *list) {
  free(list->items);
  *list = (struct wa_string_list){.items = NULL};
}

// ---- Values ----

static const char *spelling(const struct wa_option *option, char buffer[64]) {
  if (option->long_name != NULL)
    (void)snprintf(buffer, 64, "--%s", option->long_name);
  else
    (void)snprintf(buffer, 64, "-%c", option->short_name);
  return buffer;
}

static bool parse_digits(const char *text, uint64_t *number, char **end) {
  if (text[0] < '0' || text[0] > '9')
    return false;
  errno = 0;
  *number = strtoull(text, end, 10);
  return errno == 0;
}

bool wa_parse_size(const char *text, uint64_t *size) {
  char *end;
  if (!parse_digits(text, size, &end))
    return false;
  if (*end != '\0') {
    const char *units = "KMG";
    const char *unit = strchr(units, *end >= 'a' && *end <= 'z' ? *end - 'a' + 'A' : *end);
    if (unit == NULL || __builtin_mul_overflow(*size, 1ull << (10 * (unit - units + 1)), size))
      return false;
    end++;
  }
  return *end == '\0';
}

static bool parse_number(const struct wa_option *option, const char *text, uint64_t *number) {
  char *end;
  bool parsed = option->kind == WA_OPTION_SIZE ? wa_parse_size(text, number)
                                               : parse_digits(text, number, &end) && *end == '\0';
  return parsed && *number >= option->min && *number <= option->max;
}

// Whole seconds, then up to nine digits behind a point.
static bool parse_seconds(const struct wa_option *option, const char *text, uint64_t *nanoseconds) {
  const uint64_t second = 1000000000;
  char *end;
  if (text[0] < '0' || text[0] > '9')
    return false;
  errno = 0;
  unsigned long long whole = strtoull(text, &end, 10);
  if (errno != 0 || __builtin_mul_overflow(whole, second, nanoseconds))
    return false;
  if (*end == '.') {
    uint64_t unit = second / 10;
    for (end++; *end >= '0' && *end <= '9' && unit != 0; unit /= 10)
      *nanoseconds += (uint64_t)(*end++ - '0') * unit;
  }
  return *end == '\0' && *nanoseconds >= option->min && *nanoseconds <= option->max;
}

static bool seconds_error(const struct wa_option *option, const char *text) {
  char name[64];
  wa_report("%s: '%s' is not a number of seconds from %g to %g", spelling(option, name), text,
            (double)option->min / 1e9, (double)option->max / 1e9);
  return false;
}

static bool number_error(const struct wa_option *option, const char *text) {
  char name[64];
  const char *what =
      option->kind == WA_OPTION_SIZE ? "a size in bytes (K, M or G may follow)" : "a number";
  wa_report("%s: '%s' is not %s from %llu to %llu", spelling(option, name), text, what,
            (unsigned long long)option->min, (unsigned long long)option->max);
  return false;
}

static bool set_choice(const struct wa_option *option, const char *text, int *choice) {
  char name[64];
  char all[128] = "";
  for (int i = 0; option->choices[i] != NULL; i++) {
    if (strcmp(option->choices[i], text) == 0) {
      *choice = i;
      return true;
    }
    size_t used = strlen(all);
    (void)snprintf(all + used, sizeof all - used, "%s%s", i == 0 ? "" : ", ", option->choices[i]);
  }
  wa_report("%s: '%s' is none of %s", spelling(option, name), text, all);
  return false;
}

static bool set_value(const struct wa_option *option, const char *text, void *values) {
  char *value = (char *)values + option->offset;
  uint64_t number;
  switch (option->kind) {
  case WA_OPTION_FLAG:
    *(bool *)(void *)value = true;
    return true;
  case WA_OPTION_STRING:
    *(const char **)(void *)value = text;
    return true;
  case WA_OPTION_NUMBER:
  case WA_OPTION_SIZE:
    if (!parse_number(option, text, &number))
      return number_error(option, text);
    *(uint64_t *)(void *)value = number;
    return true;
  case WA_OPTION_SECONDS:
    if (!parse_seconds(option, text, &number))
      return seconds_error(option, text);
    *(uint64_t *)(void *)value = number;
    return true;
  case WA_OPTION_CHOICE:
    return set_choice(option, text, (int *)(void *)value);
  case WA_OPTION_LIST:
    if (list_add((struct wa_string_list *)(void *)value, text))
      return true;
    wa_report("out of memory for options");
    return false;
  }
  return false;
}

// ---- Parsing ----

static bool is_end(const struct wa_option *option) {
  return option->help == NULL;
}

// The option that `arg` names; *value is what is attached to it ("--cpu=x", "-O2"), or NULL.
static const struct wa_option *find(const struct wa_option *options, const char *arg,
                                    const char **value) {
  *value = NULL;
  for (const struct wa_option *option = options; !is_end(option); option++) {
    if (arg[1] != '-') {
      if (option->short_name != arg[1])
        continue;
      *value = arg[2] != '\0' ? arg + 2 : NULL;
      return option;
    }
    size_t length = option->long_name == NULL ? 0 : strlen(option->long_name);
    if (length == 0 || strncmp(arg + 2, option->long_name, length) != 0)
      continue;
    if (arg[2 + length] == '=')
      *value = arg + 2 + length + 1;
    if (arg[2 + length] == '=' || arg[2 + length] == '\0')
      return option;
  }
  return NULL;
}

// Handles the option at argv[*at] and moves *at to its last argument.
static bool parse_one(const struct wa_command *command, int argc, char **argv, int *at,
                      void *values) {
  const char *arg = argv[*at];
  const char *value;
  const struct wa_option *option = find(command->options, arg, &value);
  if (option == NULL) {
    wa_report("%s: unknown option '%s'; 'wasmaot %s --help' lists them", command->name, arg,
              command->name);
    return false;
  }
  if (option->kind == WA_OPTION_FLAG && value != NULL) {
    wa_report("%s: '%s' takes no value", command->name, arg);
    return false;
  }
  if (option->kind != WA_OPTION_FLAG && value == NULL) {
    if (*at + 1 >= argc) {
      wa_report("%s: '%s' needs a value: %s", command->name, arg, option->metavar);
      return false;
    }
    value = argv[++*at];
  }
  return set_value(option, value, values);
}

bool wa_options_parse(const struct wa_command *command, int argc, char **argv, void *values,
                      struct wa_operands *operands, int *status) {
  bool options_ended = false;
  // Operands move to the front, in order, as they are found.
  operands->items = argv;
  operands->count = 0;
  for (int i = 0; i < argc; i++) {
    char *arg = argv[i];
    if (options_ended || arg[0] != '-' || arg[1] == '\0') {
      operands->items[operands->count++] = arg;
      options_ended = options_ended || command->guest_operands;
    } else if (strcmp(arg, "--") == 0) {
      options_ended = true;
    } else if (strcmp(arg, "--help") == 0 || strcmp(arg, "-h") == 0) {
      wa_options_help(command, stdout);
      *status = WA_EXIT_OK;
      return false;
    } else if (!parse_one(command, argc, argv, &i, values)) {
      *status = WA_EXIT_USAGE;
      return false;
    }
  }
  return true;
}

// ---- Help ----

void wa_help_row_print(const char *left, const char *text, FILE *to) {
  enum { COLUMN = 30 };
  (void)fprintf(to, "  %-*s", COLUMN, left);
  if (strlen(left) >= COLUMN)
    (void)fprintf(to, "\n  %-*s", COLUMN, "");
  for (; *text != '\0'; text++) {
    (void)fputc(*text, to);
    if (*text == '\n')
      (void)fprintf(to, "  %-*s", COLUMN, "");
  }
  (void)fputc('\n', to);
}

static void print_option(const struct wa_option *option, FILE *to) {
  char left[96];
  size_t used = 0;
  if (option->short_name != 0)
    used += (size_t)snprintf(left, sizeof left, "-%c", option->short_name);
  if (option->long_name != NULL)
    used += (size_t)snprintf(left + used, sizeof left - used, "%s--%s", used > 0 ? ", " : "",
                             option->long_name);
  if (option->metavar != NULL) {
    bool attached = option->long_name == NULL;
    (void)snprintf(left + used, sizeof left - used, "%s%s", attached ? "" : "=", option->metavar);
  }
  wa_help_row_print(left, option->help, to);
}

void wa_options_help(const struct wa_command *command, FILE *to) {
  (void)fprintf(to, "Usage: wasmaot %s [OPTION]... %s\n\n%s\n\nOptions:\n", command->name,
                command->operands, command->summary);
  for (const struct wa_option *option = command->options; !is_end(option); option++)
    print_option(option, to);
  wa_help_row_print("-h, --help", "print this and exit", to);
  if (command->examples == NULL)
    return;
  (void)fputs("\nExamples:\n", to);
  for (const struct wa_help_row *row = command->examples; row->text != NULL; row++)
    (void)fprintf(to, "  %s\n      %s\n", row->left, row->text);
}

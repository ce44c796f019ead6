#include "cli/options.h"

#include "cli/report.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static bool list_add(struct wa_string_list *list, const char *item) {
  const char **items = realloc(list->items, (list->count + 1) * sizeof(const char *));
  if (items == NULL) {
    return false;
  }
  items[list->count] = item;
  list->items = items;
  list->count++;
  return true;
}

void wa_string_list_deinit(struct wa_string_list *list) {
  free(list->items);
  *list = (struct wa_string_list){.items = NULL};
}

const char *const wa_message_format_choices[] = {"text", "json", NULL};

void wa_message_format_apply(int choice) {
  wa_report_as_json(choice == 1);
}

// ---- Values ----

static bool is_end(const struct wa_option *option) {
  return option->help == NULL;
}

static bool is_key(const struct wa_option *option) {
  return option->kind >= WA_OPTION_BOOL;
}

// An option, and the letter of the one that it is a key of; 0: of none.
struct named {
  const struct wa_option *option;
  char group;
};

static const char *spelling(struct named named, char buffer[64]) {
  const struct wa_option *option = named.option;
  if (named.group != 0) {
    (void)snprintf(buffer, 64, "-%c %s", named.group, option->long_name);
  } else if (option->long_name != NULL) {
    (void)snprintf(buffer, 64, "--%s", option->long_name);
  } else {
    (void)snprintf(buffer, 64, "-%c", option->short_name);
  }
  return buffer;
}

static bool parse_digits(const char *text, uint64_t *number, char **end) {
  if (text[0] < '0' || text[0] > '9') {
    return false;
  }
  errno = 0;
  *number = strtoull(text, end, text[0] == '0' && (text[1] | 0x20) == 'x' ? 16 : 10);
  return errno == 0;
}

bool wa_parse_size(const char *text, uint64_t *size) {
  char *end;
  if (!parse_digits(text, size, &end)) {
    return false;
  }
  if (*end != '\0') {
    const char *units = "KMG";
    const char *unit = strchr(units, *end >= 'a' && *end <= 'z' ? *end - 'a' + 'A' : *end);
    if (unit == NULL || __builtin_mul_overflow(*size, 1ull << (10 * (unit - units + 1)), size)) {
      return false;
    }
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

// The nanoseconds of a unit that is spelled out behind a number; 0 when it is none.
static uint64_t unit_of_time(const char *text) {
  static const struct {
    const char *name;
    uint64_t nanoseconds;
  } units[] = {{"", 1000000000},
               {"s", 1000000000},
               {"ms", 1000000},
               {"m", 60 * 1000000000ull},
               {"h", 3600 * 1000000000ull}};
  for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
    if (strcmp(units[i].name, text) == 0) {
      return units[i].nanoseconds;
    }
  }
  return 0;
}

// A whole number, then up to nine digits behind a point, then a unit.
static bool parse_seconds(const struct wa_option *option, const char *text, uint64_t *nanoseconds) {
  const uint64_t billion = 1000000000;
  char *end;
  uint64_t fraction = 0; // billionths
  if (text[0] < '0' || text[0] > '9') {
    return false;
  }
  errno = 0;
  unsigned long long whole = strtoull(text, &end, 10);
  if (errno != 0) {
    return false;
  }
  if (*end == '.') {
    uint64_t place = billion / 10;
    for (end++; *end >= '0' && *end <= '9' && place != 0; place /= 10) {
      fraction += (uint64_t)(*end++ - '0') * place;
    }
  }
  uint64_t unit = unit_of_time(end);
  // Divided in two steps, or hours would overflow.
  if (unit == 0 || __builtin_mul_overflow(whole, unit, nanoseconds) ||
      __builtin_add_overflow(*nanoseconds, fraction * (unit / 1000) / 1000000, nanoseconds)) {
    return false;
  }
  return *nanoseconds >= option->min && *nanoseconds <= option->max;
}

static bool seconds_error(struct named named, const char *text) {
  const struct wa_option *option = named.option;
  char name[64];
  wa_report("%s: '%s' is not a number of seconds from %g to %g", spelling(named, name), text,
            (double)option->min / 1e9, (double)option->max / 1e9);
  return false;
}

static bool number_error(struct named named, const char *text) {
  const struct wa_option *option = named.option;
  char name[64];
  const char *what =
      option->kind == WA_OPTION_SIZE ? "a size in bytes (K, M or G may follow)" : "a number";
  wa_report("%s: '%s' is not %s from %llu to %llu", spelling(named, name), text, what,
            (unsigned long long)option->min, (unsigned long long)option->max);
  return false;
}

static bool set_choice(struct named named, const char *text, int *choice) {
  const struct wa_option *option = named.option;
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
  wa_report("%s: '%s' is none of %s", spelling(named, name), text, all);
  return false;
}

// What y or n, or nothing at all, says.
static bool set_truth(struct named named, const char *text, bool *truth) {
  static const char *const words[] = {"n", "no", "false", "y", "yes", "true"};
  char name[64];
  for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
    if (strcmp(words[i], text) == 0) {
      *truth = i >= 3;
      return true;
    }
  }
  wa_report("%s: '%s' is neither y nor n", spelling(named, name), text);
  return false;
}

static void set_bit(struct wa_option_bits *bits, uint64_t bit, bool on) {
  bits->on = on ? bits->on | bit : bits->on & ~bit;
  bits->off = on ? bits->off & ~bit : bits->off | bit;
}

// What works here in one way only, and is asked to work in the other.
static bool fixed_error(struct named named, const char *text) {
  char name[64];
  wa_report("%s%s%s: %s", spelling(named, name), text[0] == '\0' ? "" : "=", text,
            named.option->help);
  return false;
}

// A key whose value is y, n or of no account.
static bool set_switch(struct named named, const char *text, char *value) {
  const struct wa_option *option = named.option;
  bool truth = true;
  const char *given = text == NULL ? "y" : text;
  switch (option->kind) {
  case WA_OPTION_IS_SO:
    return true;
  case WA_OPTION_ABSENT: // any other value than n asks for it
    if (strcmp(given, "n") == 0 || strcmp(given, "no") == 0 || strcmp(given, "false") == 0) {
      return true;
    }
    return fixed_error(named, text == NULL ? "" : text);
  default:
    break;
  }
  if (!set_truth(named, given, &truth)) {
    return false;
  }
  if (option->kind == WA_OPTION_ALWAYS) {
    return truth || fixed_error(named, given);
  }
  if (option->kind == WA_OPTION_BIT) {
    set_bit((struct wa_option_bits *)(void *)value, option->min, truth);
  } else {
    *(bool *)(void *)value = truth != option->inverted;
  }
  return true;
}

static bool set_keys(const struct wa_option *option, const char *text, void *values);

static bool set_value(struct named named, const char *text, void *values) {
  const struct wa_option *option = named.option;
  char *value = (char *)values + option->offset;
  uint64_t number;
  switch (option->kind) {
  case WA_OPTION_FLAG:
    *(bool *)(void *)value = true;
    return true;
  case WA_OPTION_STRING:
  case WA_OPTION_OPTIONAL:
    *(const char **)(void *)value = text != NULL ? text : "";
    return true;
  case WA_OPTION_NUMBER:
  case WA_OPTION_SIZE:
    if (!parse_number(option, text, &number)) {
      return number_error(named, text);
    }
    *(uint64_t *)(void *)value = number;
    return true;
  case WA_OPTION_SECONDS:
    if (!parse_seconds(option, text, &number)) {
      return seconds_error(named, text);
    }
    *(uint64_t *)(void *)value = number;
    return true;
  case WA_OPTION_CHOICE:
    if (option->apply != NULL) {
      int choice;
      bool known = set_choice(named, text, &choice);
      if (known) {
        option->apply(choice);
      }
      return known;
    }
    return set_choice(named, text, (int *)(void *)value);
  case WA_OPTION_LIST:
    if (list_add((struct wa_string_list *)(void *)value, text)) {
      return true;
    }
    wa_report_as(WA_REPORT_SYSTEM, NULL, "out of memory for options");
    return false;
  case WA_OPTION_KEYS:
    return set_keys(option, text, values);
  case WA_OPTION_BOOL:
  case WA_OPTION_BIT:
  case WA_OPTION_IS_SO:
  case WA_OPTION_ALWAYS:
  case WA_OPTION_ABSENT:
    return set_switch(named, text, value);
  }
  return false;
}

// ---- Misspellings ----

enum { MAX_NAME = 48 };

static size_t smaller(size_t a, size_t b) {
  return a < b ? a : b;
}

// How many letters to change, add, take away or swap with their neighbour; both have at most
// MAX_NAME.
static size_t distance(const char *a, size_t a_length, const char *b, size_t b_length) {
  size_t rows[3][MAX_NAME + 1];
  for (size_t j = 0; j <= b_length; j++) {
    rows[0][j] = j;
  }
  for (size_t i = 1; i <= a_length; i++) {
    size_t *row = rows[i % 3];
    const size_t *above = rows[(i + 2) % 3];
    row[0] = i;
    for (size_t j = 1; j <= b_length; j++) {
      row[j] = smaller(smaller(above[j], row[j - 1]) + 1, above[j - 1] + (a[i - 1] != b[j - 1]));
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        row[j] = smaller(row[j], rows[(i + 1) % 3][j - 2] + 1);
      }
    }
  }
  return rows[a_length % 3][b_length];
}

const char *wa_nearest_name(const char *name, size_t length, const char *const *names,
                            size_t count) {
  const char *nearest = NULL;
  size_t least = length / 3 + 1; // as many changes would make another word
  for (size_t i = 0; length <= MAX_NAME && i < count; i++) {
    size_t other = names[i] == NULL ? MAX_NAME + 1 : strlen(names[i]);
    size_t apart = other > MAX_NAME ? least : distance(name, length, names[i], other);
    if (apart < least) {
      least = apart;
      nearest = names[i];
    }
  }
  return nearest;
}

static const char *nearest_option(const char *name, size_t length,
                                  const struct wa_option *options) {
  const char *names[128];
  size_t count = 0;
  for (; !is_end(options) && count < sizeof names / sizeof *names; options++) {
    names[count++] = options->long_name;
  }
  return wa_nearest_name(name, length, names, count);
}

// ---- Keys ----

// "pooling-*" is the key of all that begin with "pooling-".
static bool is_named(const struct wa_option *key, const char *name, size_t length) {
  size_t size = strlen(key->long_name);
  if (key->long_name[size - 1] == '*') {
    return length >= size && memcmp(key->long_name, name, size - 1) == 0;
  }
  return size == length && memcmp(key->long_name, name, length) == 0;
}

static bool unknown_key(const struct wa_option *option, const char *name, size_t length) {
  const char *nearest = nearest_option(name, length, option->keys);
  int shown = length > 80 ? 80 : (int)length;
  if (nearest != NULL) {
    wa_report("-%c: unknown key '%.*s'; did you mean '%s'?", option->short_name, shown, name,
              nearest);
  } else {
    wa_report("-%c: unknown key '%.*s'; '-%c help' lists them", option->short_name, shown, name,
              option->short_name);
  }
  return false;
}

// -O2 is -O opt-level=2; and what resembles no key is a wrong choice, as -Ofast is.
static bool is_choice_of(const struct wa_option *key, const char *text) {
  for (int i = 0; key->kind == WA_OPTION_CHOICE && key->choices[i] != NULL; i++) {
    if (strcmp(key->choices[i], text) == 0) {
      return true;
    }
  }
  return false;
}

// One KEY or KEY=VALUE, which ends at `length` and then is a string of its own.
static bool set_key(const struct wa_option *option, char *text, size_t length, void *values) {
  const struct wa_option *key = option->keys;
  size_t size = strcspn(text, "=");
  char *value = size < length ? text + size + 1 : NULL;
  if ((text[0] >= '0' && text[0] <= '9') || is_choice_of(key, text)) {
    return set_value((struct named){key, option->short_name}, text, values);
  }
  while (!is_end(key) && !is_named(key, text, size)) {
    key++;
  }
  if (is_end(key)) {
    bool is_choice = value == NULL && size > 0 && option->keys->kind == WA_OPTION_CHOICE &&
                     nearest_option(text, size, option->keys) == NULL;
    return is_choice ? set_value((struct named){option->keys, option->short_name}, text, values)
                     : unknown_key(option, text, size);
  }
  if (value == NULL && !is_key(key)) {
    wa_report("-%c: '%.*s' needs a value: %.*s=%s", option->short_name, (int)length, text,
              (int)length, text, key->metavar);
    return false;
  }
  return set_value((struct named){key, option->short_name}, value, values);
}

// The commas become ends of strings: values that are strings point into the argument.
static bool set_keys(const struct wa_option *option, const char *text, void *values) {
  // An argument, which is the process's to write.
  char *at = (char *)(uintptr_t)text + (text[0] == '=' ? 1 : 0);
  for (;;) {
    size_t length = strcspn(at, ",");
    bool last = at[length] == '\0';
    at[length] = '\0';
    if (!set_key(option, at, length, values)) {
      return false;
    }
    if (last) {
      return true;
    }
    at += length + 1;
  }
}

bool wa_option_has_effect(const struct wa_option *key) {
  return key->kind != WA_OPTION_IS_SO && key->kind != WA_OPTION_ALWAYS &&
         key->kind != WA_OPTION_ABSENT;
}

static void print_keys(const struct wa_option *option, FILE *to) {
  (void)fprintf(to, "Keys of -%c, several with commas between:\n", option->short_name);
  for (const struct wa_option *key = option->keys; !is_end(key); key++) {
    char left[96];
    bool truth = key->kind == WA_OPTION_BOOL || key->kind == WA_OPTION_BIT;
    (void)snprintf(left, sizeof left, "%s%s%s", key->long_name, key->metavar != NULL ? "=" : "",
                   key->metavar != NULL ? key->metavar
                   : truth              ? "[=y|n]"
                                        : "");
    wa_help_row_print(left, key->help, to);
  }
}

// ---- Parsing ----

// The option that `arg` names; *value is what is attached to it ("--cpu=x", "-O2"), or NULL.
static const struct wa_option *find(const struct wa_option *options, const char *arg,
                                    const char **value) {
  *value = NULL;
  for (const struct wa_option *option = options; !is_end(option); option++) {
    if (arg[1] != '-') {
      if (option->short_name != arg[1]) {
        continue;
      }
      *value = arg[2] != '\0' ? arg + 2 : NULL;
      return option;
    }
    size_t length = option->long_name == NULL ? 0 : strlen(option->long_name);
    if (length == 0 || strncmp(arg + 2, option->long_name, length) != 0) {
      continue;
    }
    if (arg[2 + length] == '=') {
      *value = arg + 2 + length + 1;
    }
    if (arg[2 + length] == '=' || arg[2 + length] == '\0') {
      return option;
    }
  }
  return NULL;
}

// Why an option is unknown, as helpfully as we can.
static void unknown_option(const struct wa_command *command, const char *arg) {
  const char *name = arg + (arg[1] == '-' ? 2 : 1);
  size_t length = strcspn(name, "=");
  for (const struct wa_help_row *row = command->elsewhere; row != NULL && row->text != NULL;
       row++) {
    if (arg[1] == '-' && strlen(row->left) == length && memcmp(row->left, name, length) == 0) {
      wa_report("%s: '--%s' is not an option here: %s", command->name, row->left, row->text);
      return;
    }
  }
  const char *nearest = arg[1] == '-' ? nearest_option(name, length, command->options) : NULL;
  if (nearest != NULL) {
    wa_report("%s: unknown option '%s'; did you mean '--%s'?", command->name, arg, nearest);
  } else {
    wa_report("%s: unknown option '%s'; 'wasmaot %s --help' lists them", command->name, arg,
              command->name);
  }
}

// What became of an option.
enum parsed { PARSED, PARSED_HELP, PARSED_WRONG };

// Handles the option at argv[*at] and moves *at to its last argument.
static enum parsed parse_one(const struct wa_command *command, int argc, char **argv, int *at,
                             void *values) {
  const char *arg = argv[*at];
  const char *value;
  const struct wa_option *option = find(command->options, arg, &value);
  if (option == NULL) {
    unknown_option(command, arg);
    return PARSED_WRONG;
  }
  if (option->kind == WA_OPTION_FLAG && value != NULL) {
    wa_report("%s: '%s' takes no value", command->name, arg);
    return PARSED_WRONG;
  }
  if (wa_option_takes_next(option) && value == NULL) {
    if (*at + 1 >= argc) {
      wa_report("%s: '%s' needs a value: %s", command->name, arg, option->metavar);
      return PARSED_WRONG;
    }
    value = argv[++*at];
  }
  if (option->kind == WA_OPTION_KEYS &&
      (strcmp(value, "help") == 0 || strcmp(value, "help-long") == 0)) {
    print_keys(option, stdout);
    return PARSED_HELP;
  }
  return set_value((struct named){option, 0}, value, values) ? PARSED : PARSED_WRONG;
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
    } else {
      enum parsed parsed = parse_one(command, argc, argv, &i, values);
      if (parsed != PARSED) {
        *status = parsed == PARSED_HELP ? WA_EXIT_OK : WA_EXIT_USAGE;
        return false;
      }
    }
  }
  return true;
}

// ---- Help ----

void wa_help_row_print(const char *left, const char *text, FILE *to) {
  enum { COLUMN = 30 };
  (void)fprintf(to, "  %-*s", COLUMN, left);
  if (strlen(left) >= COLUMN) {
    (void)fprintf(to, "\n  %-*s", COLUMN, "");
  }
  for (; *text != '\0'; text++) {
    (void)fputc(*text, to);
    if (*text == '\n') {
      (void)fprintf(to, "  %-*s", COLUMN, "");
    }
  }
  (void)fputc('\n', to);
}

static void print_option(const struct wa_option *option, FILE *to) {
  char left[96];
  size_t used = 0;
  if (option->short_name != 0) {
    used += (size_t)snprintf(left, sizeof left, "-%c", option->short_name);
  }
  if (option->long_name != NULL) {
    used += (size_t)snprintf(left + used, sizeof left - used, "%s--%s", used > 0 ? ", " : "",
                             option->long_name);
  }
  if (option->metavar != NULL) {
    bool attached = option->long_name == NULL;
    bool may = option->kind == WA_OPTION_OPTIONAL;
    (void)snprintf(left + used, sizeof left - used, "%s%s%s",
                   may        ? "[="
                   : attached ? ""
                              : "=",
                   option->metavar, may ? "]" : "");
  }
  wa_help_row_print(left, option->help, to);
}

void wa_options_help(const struct wa_command *command, FILE *to) {
  (void)fprintf(to, "Usage: wasmaot %s [OPTION]... %s\n\n%s\n\nOptions:\n", command->name,
                command->operands, command->summary);
  for (const struct wa_option *option = command->options; !is_end(option); option++) {
    print_option(option, to);
  }
  wa_help_row_print("-h, --help", "print this and exit", to);
  if (command->examples == NULL) {
    return;
  }
  (void)fputs("\nExamples:\n", to);
  for (const struct wa_help_row *row = command->examples; row->text != NULL; row++) {
    (void)fprintf(to, "  %s\n      %s\n", row->left, row->text);
  }
}

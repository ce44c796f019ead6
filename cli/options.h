// Command-line options: one table per command says what it takes. It parses the arguments, and
// help, manual pages and the shells' completions are made from it, so they cannot differ.
#ifndef WA_CLI_OPTIONS_H
#define WA_CLI_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum wa_option_kind {
  WA_OPTION_FLAG,     // bool
  WA_OPTION_STRING,   // const char *
  WA_OPTION_NUMBER,   // uint64_t, min to max
  WA_OPTION_SIZE,     // uint64_t bytes, with an optional K, M or G; min to max
  WA_OPTION_SECONDS,  // uint64_t nanoseconds, given as "2" or "0.25"; min to max nanoseconds
  WA_OPTION_CHOICE,   // int: index in choices
  WA_OPTION_OPTIONAL, // const char *, given as NAME=VALUE or as NAME alone, which is ""
  WA_OPTION_LIST,     // struct wa_string_list: may be given again and again
  WA_OPTION_KEYS,     // KEY[=VALUE][,...]: rows of `keys` into the same struct; "help" lists them
  // Of keys only. A value may be missing, which is "y"; y, yes, true, n, no and false are values.
  WA_OPTION_BOOL,   // bool; `inverted` ones hold what n means
  WA_OPTION_BIT,    // struct wa_option_bits: `min` is the bit
  WA_OPTION_IS_SO,  // accepted, whatever its value: `help` says why there is nothing to do
  WA_OPTION_ALWAYS, // accepted when it is switched on: it cannot be off; `help` says what to do
  WA_OPTION_ABSENT, // accepted when it is switched off: it cannot be on; `help` says what to do
};

// Bits that were switched on and off; of one that was both, the last counts.
struct wa_option_bits {
  uint64_t on, off;
};

struct wa_string_list {
  const char **items;
  size_t count;
};

// What shells offer for a value or an operand besides words: names of files or of directories.
#define WA_COMPLETE_FILES "<files>"
#define WA_COMPLETE_DIRECTORIES "<directories>"

struct wa_option {
  char short_name;       // 0 for none
  const char *long_name; // NULL for none; of a key its name, "name-*" for all that begin so
  const char *metavar;   // what the help calls the value; NULL for flags
  const char *help;
  enum wa_option_kind kind;
  size_t offset; // of the value in the command's own struct
  uint64_t min, max;
  const char *const *choices; // NULL-terminated
  const char *complete;       // WA_COMPLETE_*, or words with spaces between; NULL for nothing
  // Of WA_OPTION_KEYS, up to one whose help is NULL. A value that begins with a digit, or is one of
  // the first key's choices, is the first key's.
  const struct wa_option *keys;
  bool inverted; // of WA_OPTION_BOOL
  // Of WA_OPTION_CHOICE: takes the index instead of a value; at once, so that what is wrong with
  // the options behind it is already said so.
  void (*apply)(int choice);
};

// --json, into a bool.
#define WA_JSON_OPTION(type, member)                                                               \
  {                                                                                                \
    .long_name = "json", .help = "print one JSON object", .kind = WA_OPTION_FLAG,                  \
    .offset = offsetof(type, member)                                                               \
  }

// How errors are said (cli/report.h).
extern const char *const wa_message_format_choices[];
void wa_message_format_apply(int choice);

#define WA_MESSAGES_OPTION                                                                         \
  {                                                                                                \
    .long_name = "message-format", .metavar = "FORMAT",                                            \
    .help = "say what is wrong as text (default), or as json: an object a line",                   \
    .kind = WA_OPTION_CHOICE, .choices = wa_message_format_choices,                                \
    .apply = wa_message_format_apply                                                               \
  }

// A line of a list in help and manual; lists end with one whose text is NULL.
struct wa_help_row {
  const char *left;
  const char *text;
};

struct wa_command {
  const char *name;
  const char *operands; // as the usage line shows them
  const char *summary;
  const struct wa_option *options;    // up to one whose help is NULL
  const char *complete;               // operands, as in wa_option
  const struct wa_help_row *examples; // a command line and what it does; NULL for none
  bool guest_operands;                // options end at the first operand: the rest is the guest's
  // Options that other engines have, without their dashes, and what to do instead; NULL for none.
  const struct wa_help_row *elsewhere;
  int (*run)(int argc, char **argv);
};

// What was left after the options.
struct wa_operands {
  char **items;
  int count;
};

// Fills `values`, which holds the defaults. Lists are to be freed with wa_string_list_deinit. False
// when the command is done, with its exit status: --help was given and printed, or an error
// reported.
bool wa_options_parse(const struct wa_command *command, int argc, char **argv, void *values,
                      struct wa_operands *operands, int *status);
void wa_options_help(const struct wa_command *command, FILE *to);
// One row of a help text, `text` in a column of its own.
void wa_help_row_print(const char *left, const char *text, FILE *to);

// Whether a value follows its name when none is attached to it.
static inline bool wa_option_takes_next(const struct wa_option *option) {
  return option->kind != WA_OPTION_FLAG && option->kind != WA_OPTION_OPTIONAL;
}

// Whether a key does anything here.
bool wa_option_has_effect(const struct wa_option *key);
// The `count` names' one that `name` is likely to be a misspelling of, or NULL. Names that are NULL
// are passed over.
const char *wa_nearest_name(const char *name, size_t length, const char *const *names,
                            size_t count);

// Bytes, from digits (0x... is fine) and an optional K, M or G.
bool wa_parse_size(const char *text, uint64_t *size);

void wa_string_list_deinit(struct wa_string_list *list);

#endif

// Options in one string, as WASMAOT_OPTIONS and --run-options hold them, cut into words.
#ifndef WA_CLI_WORDS_H
#define WA_CLI_WORDS_H

#include "include/wa_error.h"

struct wa_words {
  char **items; // malloc, as is what `text` is
  int count;
  char *text;
};

// At blanks, except inside '...' and "..." and behind a backslash, as a shell has it; nothing is
// expanded. `extra` places are left free at the end of items. False with err.
bool wa_words_split(struct wa_words *words, const char *text, int extra, struct wa_error *err);
void wa_words_deinit(struct wa_words *words);

#endif

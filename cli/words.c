#include "cli/words.h"

#include <stdlib.h>
#include <string.h>

static bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\n';
}

// One word from *from to *to, which moves no faster. False when a quote is left open.
static bool cut_word(const char **from, char **to) {
  char quote = '\0';
  const char *at = *from;
  for (; *at != '\0' && (quote != '\0' || !is_blank(*at)); at++) {
    if (*at == quote) {
      quote = '\0';
    } else if (quote == '\0' && (*at == '\'' || *at == '"')) {
      quote = *at;
    } else if (*at == '\\' && quote != '\'' && at[1] != '\0') {
      *(*to)++ = *++at;
    } else {
      *(*to)++ = *at;
    }
  }
  *(*to)++ = '\0';
  *from = at;
  return quote == '\0';
}

bool wa_words_split(struct wa_words *words, const char *text, int extra, struct wa_error *err) {
  size_t length = strlen(text);
  // A word and what ends it take two bytes of the text.
  *words = (struct wa_words){.items = calloc(length / 2 + 2 + (size_t)extra, sizeof(char *)),
                             .text = malloc(length + 2)};
  if (words->items == NULL || words->text == NULL) {
    wa_words_deinit(words);
    return wa_fail(err, WA_ERROR_SYSTEM, WA_NO_OFFSET, "out of memory");
  }
  char *to = words->text;
  for (const char *at = text;;) {
    while (is_blank(*at)) {
      at++;
    }
    if (*at == '\0') {
      return true;
    }
    words->items[words->count++] = to;
    if (!cut_word(&at, &to)) {
      wa_words_deinit(words);
      return wa_fail(err, WA_ERROR_USAGE, WA_NO_OFFSET, "a quote is not closed in: %s", text);
    }
  }
}

void wa_words_deinit(struct wa_words *words) {
  free(words->items);
  free(words->text);
  *words = (struct wa_words){.items = NULL};
}

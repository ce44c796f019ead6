#include "cli/generate/generate.h"

#include <string.h>

enum wa_offer wa_offer_kind(const char *complete) {
  if (complete == NULL) {
    return WA_OFFER_NOTHING;
  }
  if (strcmp(complete, WA_COMPLETE_FILES) == 0) {
    return WA_OFFER_FILES;
  }
  return strcmp(complete, WA_COMPLETE_DIRECTORIES) == 0 ? WA_OFFER_DIRECTORIES : WA_OFFER_WORDS;
}

// Those that do something; the others are there for command lines that exist.
static void offer_keys(const struct wa_option *key, char *words, size_t size) {
  size_t used = (size_t)snprintf(words, size, "help");
  for (; key->help != NULL; key++) {
    if (wa_option_has_effect(key) && used + strlen(key->long_name) + 2 < size) {
      used += (size_t)snprintf(words + used, size - used, " %s", key->long_name);
    }
  }
}

enum wa_offer wa_offer_of(const struct wa_option *option, char *words, size_t size) {
  words[0] = '\0';
  if (option->choices != NULL) {
    for (size_t i = 0; option->choices[i] != NULL; i++) {
      size_t used = strlen(words);
      (void)snprintf(words + used, size - used, "%s%s", i == 0 ? "" : " ", option->choices[i]);
    }
    return WA_OFFER_WORDS;
  }
  if (option->keys != NULL && option->complete == NULL) {
    offer_keys(option->keys, words, size);
    return WA_OFFER_WORDS;
  }
  enum wa_offer offer = wa_offer_kind(option->complete);
  if (offer == WA_OFFER_WORDS) {
    (void)snprintf(words, size, "%s", option->complete);
  }
  return offer;
}

void wa_offer_put(const struct wa_offer_spelling *spelling, enum wa_offer offer, const char *words,
                  FILE *to) {
  switch (offer) {
  case WA_OFFER_NOTHING:
    (void)fputs(spelling->nothing, to);
    break;
  case WA_OFFER_WORDS:
    (void)fprintf(to, "%s%s%s", spelling->before_words, words, spelling->behind_words);
    break;
  case WA_OFFER_FILES:
    (void)fputs(spelling->files, to);
    break;
  case WA_OFFER_DIRECTORIES:
    (void)fputs(spelling->directories, to);
    break;
  }
}

void wa_short_help(const char *help, char *text, size_t size) {
  size_t used = 0;
  for (; *help != '\0' && used + 1 < size; help++) {
    char c = *help;
    if (c == '\n') {
      c = ' ';
    }
    if (c == ';' || (c == ' ' && help[1] == '(')) {
      break;
    }
    text[used++] = c;
  }
  text[used] = '\0';
}

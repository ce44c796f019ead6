// Manual pages and completions of shells, made at build time from the commands' option tables.
#ifndef WA_CLI_GENERATE_H
#define WA_CLI_GENERATE_H

#include "cli/options.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

void wa_generate_program_page(FILE *to);                                   // wasmaot.1
void wa_generate_command_page(const struct wa_command *command, FILE *to); // wasmaot-run.1

void wa_generate_bash(FILE *to);
void wa_generate_zsh(FILE *to);
void wa_generate_fish(FILE *to);

// What can be offered for a value or an operand.
enum wa_offer { WA_OFFER_NOTHING, WA_OFFER_WORDS, WA_OFFER_FILES, WA_OFFER_DIRECTORIES };
enum wa_offer wa_offer_kind(const char *complete);
// An option's: its choices, or what `complete` says. `words` gets the words, "" if none.
enum wa_offer wa_offer_of(const struct wa_option *option, char *words, size_t size);

// A shell's word for each offer; `words` are put between two of its own.
struct wa_offer_spelling {
  const char *nothing, *before_words, *behind_words, *files, *directories;
};
void wa_offer_put(const struct wa_offer_spelling *spelling, enum wa_offer offer, const char *words,
                  FILE *to);

// Help without the line breaks that are for terminals, up to where it gets long: at " (" or ";".
void wa_short_help(const char *help, char *text, size_t size);

#endif

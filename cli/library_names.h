// Names of C for what a shared library exports and imports: never a word of the language or of the
// headers that every C program includes, and each once.
#ifndef WA_CLI_LIBRARY_NAMES_H
#define WA_CLI_LIBRARY_NAMES_H

#include "compiler/base/arena.h"
#include "compiler/wasm/module.h"

// A set of names; the arena's.
struct wa_library_names {
  struct wa_arena *arena;
  const char **slots; // a hash table
  size_t room;        // a power of two, more than the names that will be in it
};

// False when out of memory.
bool wa_library_names_init(struct wa_library_names *names, struct wa_arena *arena, size_t most);

// Of all names of a library, after its file: "add" for dir/libadd.so. NULL when out of memory.
const char *wa_library_prefix(struct wa_arena *arena, const char *output);

// "FIRST_SECONDsuffix", with an underscore for every byte that C has no letter for, and a number
// behind it when it is taken. Taken from then on. NULL when out of memory.
const char *wa_library_name(struct wa_library_names *names, struct wa_bytes first,
                            struct wa_bytes second, const char *suffix);

// The same of an import, as a member of a structure: no digit or underscore begins it.
const char *wa_library_member(struct wa_library_names *names, struct wa_bytes module,
                              struct wa_bytes name);

#endif

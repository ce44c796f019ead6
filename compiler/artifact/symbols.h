// How what partitions refer to in each other is called in LLVM's objects: a letter and an index.
// The merger resolves all of it; no such name is in the artifact. In objects that may serve another
// module too the index is the partition's own, and a struct wa_symbols says what it stands for: a
// function that is put into the module moves all indexes behind it, and no name.
#ifndef WA_COMPILER_ARTIFACT_SYMBOLS_H
#define WA_COMPILER_ARTIFACT_SYMBOLS_H

#include <stdbool.h>
#include <stdint.h>

enum wa_symbol_kind {
  WA_SYMBOL_FUNCTION = 'f',      // by function index: its code
  WA_SYMBOL_SHIM = 's',          // by function index: an imported function in a read-only table
  WA_SYMBOL_WRAPPER = 'w',       // by function index: for callers in the plain convention
  WA_SYMBOL_ENTRY = 'e',         // by type index: trampoline from the host
  WA_SYMBOL_EXIT = 'x',          // by type index: trampoline to the host
  WA_SYMBOL_LANDING_THUNK = 'i', // by type index; each partition has its own
  WA_SYMBOL_LANES = 'l',         // by enum wa_outlined; each partition has its own
  WA_SYMBOL_TABLE = 't',         // by table index: a read-only table
  WA_SYMBOL_FAILED = 'z',        // 0: what runs in the place of a function that cannot be compiled
  WA_SYMBOL_CONSTANT = 'c',      // not by index: what the optimiser must not know
};

struct wa_symbol {
  enum wa_symbol_kind kind;
  uint32_t index;
};

enum { WA_SYMBOL_NAME_SIZE = 16 }; // with the zero at the end

void wa_symbol_spell(char name[WA_SYMBOL_NAME_SIZE], enum wa_symbol_kind kind, uint32_t index);
// False for what is not of this form; constants are not.
bool wa_symbol_read(const char *name, struct wa_symbol *symbol);

// A partition's own numbers for symbols of the module, in the order in which it came upon them.
struct wa_symbols {
  struct wa_symbol *symbols; // by number
  uint32_t count, capacity;
  uint32_t *slots; // a hash table of numbers + 1, twice as large as `capacity`
};

// The number of a symbol, a new one when it has none. UINT32_MAX when memory is out.
uint32_t wa_symbols_number(struct wa_symbols *symbols, enum wa_symbol_kind kind, uint32_t index);
// What a name with such a number stands for; false when it has none.
bool wa_symbols_read(const struct wa_symbols *symbols, const char *name, struct wa_symbol *symbol);
void wa_symbols_deinit(struct wa_symbols *symbols);

#endif

// Where native code keeps what lower/places.c told LLVM to follow: read from LLVM's DWARF.
#ifndef WA_COMPILER_DEBUG_PLACES_H
#define WA_COMPILER_DEBUG_PLACES_H

#include "compiler/base/arena.h"
#include "compiler/base/bytes.h"
#include "compiler/dwarf/entries.h"

// In a part of the text: an expression of LLVM's.
struct wa_place {
  uint32_t start, end;
  struct wa_bytes expression;
};

enum wa_kept_kind {
  WA_KEPT_NUMBER = 'v',
  WA_KEPT_LOCAL = 'l',
  WA_KEPT_OPERAND = 's',
  WA_KEPT_NOTHING = 'x', // of a function with this, none of the others is to be believed
};

struct wa_kept {
  uint32_t function;
  uint32_t kind;         // enum wa_kept_kind
  uint32_t index, depth; // of the local; of the variable, and of its operand
  char type;             // i, j, f or d
  uint32_t first, count; // of the places
};

struct wa_places {
  struct wa_bytes_buffer kept;    // struct wa_kept[]
  struct wa_bytes_buffer places;  // struct wa_place[], those of one in order
  struct wa_bytes_buffer returns; // uint32_t[]: where in the text calls return to, in order
};

// An entry of LLVM's for a variable of a function, whose text is given. False when it has another
// kind of name.
bool wa_places_add(struct wa_places *places, struct wa_arena *arena,
                   const struct wa_die_reader *dies, const struct wa_die *die, uint32_t function,
                   uint32_t start, uint32_t end);
// Where a call returns to.
void wa_places_add_return(struct wa_places *places, uint32_t text);
// When all have been added. False when memory ran out.
bool wa_places_settle(struct wa_places *places);
void wa_places_deinit(struct wa_places *places);

// NULL when LLVM knows nothing of it.
const struct wa_kept *wa_places_find(const struct wa_places *places, uint32_t function,
                                     enum wa_kept_kind kind, uint32_t index, uint32_t depth);
// The first place that ends behind `text`, or NULL.
const struct wa_place *wa_place_from(const struct wa_places *places, const struct wa_kept *kept,
                                     uint32_t text);
// The first return behind `text`, or WA_NONE.
uint32_t wa_return_behind(const struct wa_places *places, uint32_t text);

#endif

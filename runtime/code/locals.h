// Where functions keep their wasm locals, where -g kept that.
#ifndef WA_RUNTIME_CODE_LOCALS_H
#define WA_RUNTIME_CODE_LOCALS_H

#include "runtime/arch/registers.h"
#include "runtime/code/artifact.h"

#include <stdbool.h>

// The values of locals, as core dumps have them.
struct wa_local_value {
  uint8_t type; // enum wa_local_type; WA_LOCAL_UNKNOWN: of no known value
  uint64_t bits;
};

// A frame whose locals are wanted.
struct wa_locals_frame {
  const uintptr_t *registers; // by DWARF number
  uintptr_t cfa;              // the canonical frame address, or 0
  bool innermost;             // else only registers that calls preserve are known
  uintptr_t stack_low, stack_high;
};

// Whether a section of so many bytes holds what its header says.
bool wa_locals_check(const struct wa_locals *locals, size_t size);
// The locals of a function, where it is at a place in the text: how many there are, of which at
// most `room` are filled in. Async-signal-safe; reads only that stack, whatever the section says.
uint32_t wa_locals_read(const struct wa_artifact *artifact, uint32_t function, uint32_t text_offset,
                        const struct wa_locals_frame *frame, struct wa_local_value *values,
                        uint32_t room);

#endif

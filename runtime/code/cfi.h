// Call frame information: a small interpreter of what an artifact's .eh_frame says of frames (DWARF
// 5, 6.4; LSB core, 10.6). Async-signal-safe, bounded in time by the section's size, and never
// reads outside of the artifact's sections, whatever those contain.
#ifndef WA_RUNTIME_CODE_CFI_H
#define WA_RUNTIME_CODE_CFI_H

#include "runtime/arch/registers.h"
#include "runtime/code/artifact.h"

// How to get from a frame to its caller's: the caller's stack pointer, the CFA, is that register
// plus that offset, and a register that is saved has its value at the CFA plus its own offset, in
// bytes. One that is not keeps its value.
struct wa_cfi_row {
  uint64_t cfa_register; // below WA_DWARF_REGISTERS
  uint64_t cfa_offset;
  uint64_t saved[(WA_DWARF_REGISTERS + 63) / 64]; // a bit each
  int32_t offsets[WA_DWARF_REGISTERS];
};

static inline bool wa_cfi_is_saved(const struct wa_cfi_row *row, unsigned reg) {
  return (row->saved[reg / 64] >> (reg % 64) & 1) != 0;
}

// The function of an offset in the text, which may lie behind its end; NULL before the first.
const struct wa_unwind_entry *wa_cfi_entry(const struct wa_code *code, uint32_t text_offset);

// The row that holds at an offset in the text, and how many bytes of arguments its function has
// pushed for a call. False when there is none, or one beyond this interpreter. Takes up to 5 KiB of
// stack.
bool wa_cfi_find(const struct wa_code *code, uint32_t text_offset, struct wa_cfi_row *row,
                 uint64_t *args_size);

#endif

// What merging and writing objects must know of a machine: one merge_NAME.c each. Symbols as in the
// psABIs: S the symbol's address, A the addend, P the address of the place; here all of them count
// from the start of the text, which is at a multiple of 4096 wherever it is loaded.
#ifndef WA_COMPILER_OBJECT_MERGE_MACHINE_H
#define WA_COMPILER_OBJECT_MERGE_MACHINE_H

#include <stdbool.h>
#include <stdint.h>

enum wa_relocated {
  WA_RELOCATED,
  WA_RELOCATION_UNKNOWN,      // of a type, or with an operand, that LLVM was not expected to emit
  WA_RELOCATION_OUT_OF_REACH, // the place cannot hold the distance
};

// What is to be changed in an entry of the procedure linkage table: the relocation of the bytes at
// `at`, whose place P is that at `origin`.
struct wa_plt_reloc {
  uint32_t at, origin, type;
  int64_t addend;
};

enum { WA_PLT_RELOCS = 2, WA_PLT_ENTRY_SIZE = 16 };

struct wa_merge_machine {
  uint16_t machine;       // e_machine
  uint32_t elf_flags;     // e_flags
  uint32_t eh_frame_type; // sh_type of .eh_frame
  // Relocation types of the artifact: the global offset table, .eh_frame, and DWARF.
  uint32_t abs64, abs32, pcrel32;
  // Of the text in the file: the largest page that Linux has on the machine.
  uint32_t text_alignment;
  const char *reach; // of a call
  // Code that jumps to where 8 bytes of the global offset table point, which its relocations refer
  // to; those of type 0 are none. It leaves their address in r11, x16 or t3
  // (runtime/thread/lazy.h).
  uint8_t plt_entry[WA_PLT_ENTRY_SIZE];
  struct wa_plt_reloc plt_relocs[WA_PLT_RELOCS];
  // Changes the bytes at `place`, which is not aligned.
  enum wa_relocated (*relocate)(uint8_t *place, uint32_t type, uint64_t S, uint64_t A, uint64_t P);
  // Whether the symbol of a relocation is not what it refers to, but the place of another
  // relocation of the section, whose S, A and P it shares. NULL: no type is like that.
  bool (*is_second_half)(uint32_t type);
};

// NULL when there is no table for an e_machine.
const struct wa_merge_machine *wa_merge_machine(uint16_t machine);

extern const struct wa_merge_machine wa_merge_x86_64;
extern const struct wa_merge_machine wa_merge_aarch64;
extern const struct wa_merge_machine wa_merge_riscv;

#endif

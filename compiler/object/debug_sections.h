// The debug sections of an artifact as its writer takes them: debug/ fills them.
#ifndef WA_COMPILER_OBJECT_DEBUG_SECTIONS_H
#define WA_COMPILER_OBJECT_DEBUG_SECTIONS_H

#include "compiler/base/bytes.h"

enum wa_debug_section {
  WA_DEBUG_INFO,
  WA_DEBUG_ABBREV,
  WA_DEBUG_LINE,
  WA_DEBUG_RNGLISTS,
  WA_DEBUG_LOCLISTS,
  WA_DEBUG_BASE,   // where a debugger finds memory 0: 8 bytes that the loader's copy fills
  WA_DEBUG_LINES,  // struct wa_lines
  WA_DEBUG_LOCALS, // struct wa_locals
  WA_DEBUG_SECTION_COUNT
};

// What a place is relocated with: the text, or one of the above.
enum { WA_DEBUG_TEXT = WA_DEBUG_SECTION_COUNT };

struct wa_debug_reloc {
  uint32_t offset;
  uint16_t target; // enum wa_debug_section, or WA_DEBUG_TEXT
  uint16_t width;  // 4 or 8 bytes
  uint64_t addend;
};

struct wa_debug_output {
  struct wa_bytes_buffer bytes;
  struct wa_bytes_buffer relocs; // struct wa_debug_reloc[], by offset
};

#endif

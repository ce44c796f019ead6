// The file of an artifact: mapped, and the sections we know found in it.
#ifndef WA_IMAGE_H
#define WA_IMAGE_H

#include "include/wa_error.h"
#include "runtime/abi.h"

#include <stddef.h>

// Sections of an artifact that the loader looks at.
enum wa_section_id {
  WA_SEC_TEXT,
  WA_SEC_MODULE,
  WA_SEC_DATA,
  WA_SEC_UNWIND,
  WA_SEC_NOTE,
  WA_SEC_EH_FRAME,
  WA_SEC_RELA_TEXT,
  WA_SEC_RELA_EH_FRAME,
  WA_SEC_SYMTAB,
  WA_SEC_STRTAB,
  WA_SEC_LINES,
  WA_SEC_LOCALS,
  WA_SEC_BASE,
  WA_SEC_COUNT
};

struct wa_section {
  const uint8_t *bytes; // NULL when the file has no such section
  size_t offset;        // in the file
  size_t size;          // bytes
  uint32_t index;       // in the section header table
};

struct wa_image {
  uint8_t *bytes; // read-only private mapping of the whole file
  size_t size;
  int file;      // descriptor, or -1
  size_t origin; // of the artifact in that file
  bool borrowed; // the bytes were mapped by somebody else
  size_t room;   // bytes of address space from the first page behind them on, not accessible
  uint16_t machine;
  uint16_t reserved;
  struct wa_section sections[WA_SEC_COUNT];
  struct wa_note note; // a copy: the section need not be aligned for it
};

// Opens and maps, nothing more. wa_image_close undoes it, and is fine after a failure.
bool wa_image_open_file(struct wa_image *image, const char *path, struct wa_error *err);
// Copies the bytes into a sealed file in memory. `room`: whole pages to reserve behind them.
bool wa_image_open_memory(struct wa_image *image, const void *bytes, size_t size, size_t room,
                          struct wa_error *err);
// A part of an open file, which begins at a multiple of the page size; keeps a descriptor of its
// own.
bool wa_image_open_range(struct wa_image *image, int file, size_t origin, size_t size,
                         struct wa_error *err);
// Bytes in a private mapping of a file, which begin at a page and stay as long as the image.
bool wa_image_open_mapped(struct wa_image *image, const void *bytes, size_t size,
                          struct wa_error *err);
void wa_image_close(struct wa_image *image);
// Where the room behind the bytes begins.
uint8_t *wa_image_room(const struct wa_image *image);

// Finds and checks header, sections and note: after it, every section lies inside the file, is
// aligned as its use needs, and overlaps no other of them.
bool wa_image_read(struct wa_image *image, struct wa_error *err);

const char *wa_machine_name(uint16_t machine); // "x86-64", "AArch64"...

#endif

#include "runtime/object/pages.h"

#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

#ifndef MREMAP_DONTUNMAP
#define MREMAP_DONTUNMAP 4
#endif

// The pages move, and their old place is filled from the file again when somebody looks.
void *wa_pages_repeat(const void *from, size_t size) {
  void *made = mremap((void *)(uintptr_t)from, size, size, MREMAP_MAYMOVE | MREMAP_DONTUNMAP, NULL);
  return made == MAP_FAILED ? NULL : made;
}

bool wa_pages_can_repeat(void *page) {
  size_t size = (size_t)sysconf(_SC_PAGESIZE);
  void *made = wa_pages_repeat(page, size);
  if (made == NULL) {
    return false;
  }
  // Memory of no file is zero where it was moved from: move it back.
  const volatile uint64_t *words = page;
  uint64_t any = 0;
  for (size_t i = 0; i < size / sizeof *words && any == 0; i++) {
    any = words[i];
  }
  if (any == 0) {
    (void)mremap(made, size, size, MREMAP_MAYMOVE | MREMAP_FIXED, page);
    return false;
  }
  return munmap(made, size) == 0;
}

// Two things about mappings. Core dumps; and pages of a file that are mapped, mapped once more
// without the file: for artifacts that are a part of a program or library, which may have no name
// by now, or none here (an empty root).
#ifndef WA_RUNTIME_OBJECT_PAGES_H
#define WA_RUNTIME_OBJECT_PAGES_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/mman.h>

// Whether a range of whole pages is in core dumps of the process: of gigabytes of address space
// that is reserved nothing is, of what was made accessible all.
static inline void wa_pages_in_dumps(void *start, size_t size, bool in) {
  (void)madvise(start, size, in ? MADV_DODUMP : MADV_DONTDUMP);
}

// Whether wa_pages_repeat works on the mapping of `page`, one page that is not all zeros and that
// nobody else reads now. False on kernels before Linux 5.13, and when the pages are no file's, as
// in packed programs.
bool wa_pages_can_repeat(void *page);
// A mapping of the same pages of the file as [from, from + size), whole pages of one private and
// unmodified mapping, with its protection; NULL when the kernel will not. munmap undoes it.
// Thread-safe; `from` can be read all the while.
void *wa_pages_repeat(const void *from, size_t size);

#endif

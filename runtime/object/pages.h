// Pages of a file that are mapped, mapped once more without the file: for artifacts that are a part
// of a program or library, which may have no name by now, or none here (an empty root).
#ifndef WA_RUNTIME_OBJECT_PAGES_H
#define WA_RUNTIME_OBJECT_PAGES_H

#include <stdbool.h>
#include <stddef.h>

// Whether wa_pages_repeat works on the mapping of `page`, one page that is not all zeros and that
// nobody else reads now. False on kernels before Linux 5.13, and when the pages are no file's, as
// in packed programs.
bool wa_pages_can_repeat(void *page);
// A mapping of the same pages of the file as [from, from + size), whole pages of one private and
// unmodified mapping, with its protection; NULL when the kernel will not. munmap undoes it.
// Thread-safe; `from` can be read all the while.
void *wa_pages_repeat(const void *from, size_t size);

#endif

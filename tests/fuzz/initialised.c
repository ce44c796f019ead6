// MemorySanitizer does not see what a system call writes that is made by number. fuzz_wasi is
// linked with --wrap=syscall, and this says it: of directory entries the fields and the name, not
// the padding behind it.
#include "tests/fuzz/initialised.h"

#ifdef WA_MEMORY_SANITIZER
#include <dirent.h>
#include <string.h>
#include <sys/syscall.h>

long __real_syscall(long number, long a, long b, long c, long d);
long __wrap_syscall(long number, long a, long b, long c, long d);

long __wrap_syscall(long number, long a, long b, long c, long d) {
  long result = __real_syscall(number, a, b, c, d);
  if (number == SYS_getdents64 && result > 0) {
    const char *at = (const char *)b, *end = at + result; // NOLINT(performance-no-int-to-ptr)
    __msan_unpoison(at, (size_t)result);
    while (at < end) {
      const struct dirent64 *entry = (const struct dirent64 *)(const void *)at;
      size_t known = offsetof(struct dirent64, d_name) + strlen(entry->d_name) + 1;
      size_t size = entry->d_reclen;
      __msan_poison(at + known, size - known);
      at += size;
    }
  }
  return result;
}
#endif

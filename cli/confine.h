// --sandbox: a second wall around a program, by the kernel. What the compiler, the runtime and WASI
// promise does not depend on it; where one of them is wrong, this is what is left.
#ifndef WA_CLI_CONFINE_H
#define WA_CLI_CONFINE_H

#include "include/wa_error.h"

#include <stdbool.h>
#include <stddef.h>

struct wa_confine_directory {
  const char *path;
  bool read_only;
};

// Leaves the calling thread, and the threads that it starts from now on, what a WASI program with
// these directories needs:
// - by Landlock: files below the directories, no TCP connections or ports, no signals to others;
// - by a seccomp filter: the system calls of the runtime, and of those that take many forms only
//   the forms it needs. Others fail with EPERM: no execve, no new processes or sockets, nothing
//   that becomes executable.
// Descriptors that are open already stay usable. It cannot be taken back. To be called before other
// threads are started. False with err where the kernel has not both (Linux 5.13), or a directory
// cannot be opened.
bool wa_confine(const struct wa_confine_directory *directories, size_t count, struct wa_error *err);

#endif

// Paths of a guest, resolved so that they cannot leave the directory they start from: with
// openat2(RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS) where the kernel has it, else by a walk that
// opens one component at a time and never lets the kernel follow a link. Neither looks at a path to
// judge it first and uses it afterwards.
//
// Absolute paths, absolute links and ".." above the directory fail with EPERM. All functions are
// thread-safe. Host flags and errno values throughout.
#ifndef WA_WASI_SANDBOX_H
#define WA_WASI_SANDBOX_H

#include <limits.h>
#include <stdbool.h>
#include <sys/types.h>

struct wa_sandbox {
  int directory;  // where paths start
  bool walk_only; // as if the kernel had no openat2; for tests
};

// openat() inside the sandbox. `flags` may hold O_NOFOLLOW and O_PATH; O_CLOEXEC and O_NOCTTY are
// added. A descriptor, or -1 with errno set; EINTR is passed on.
int wa_sandbox_open(const struct wa_sandbox *sandbox, const char *path, int flags, mode_t mode);

// The directory that holds the last component of a path, and that component: what mkdirat, unlinkat
// and the like need. `name` is one component, never a link followed by a slash: trailing slashes
// are told by *slash. A path that ends in "." or ".." (or is empty of names) gives "." in the
// directory itself, which those system calls refuse. A descriptor (O_PATH) to close, or -1.
int wa_sandbox_parent(const struct wa_sandbox *sandbox, const char *path, char name[NAME_MAX + 1],
                      bool *slash);

#endif

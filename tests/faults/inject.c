// Makes one call of a run fail. Linked with --wrap for every call below, into a copy of the command
// and of the compiler's library, so that only calls of our own code count, and none of LLVM's or
// the C library's. The environment says which:
//   WASMAOT_FAULT_STATE   a file of a struct state, which counts and names the failed call
//   WASMAOT_FAULT_AT      the number of the call that fails, from 1; 0: none, only count
//   WASMAOT_FAULT_EVERY   the number N: from that call on, every N-th fails
//   WASMAOT_FAULT_EINTR   count and fail only calls that a signal can interrupt, with EINTR
#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

struct state {
  atomic_ullong calls;
  char failed[56]; // name of the call that failed
};

static struct state unused;
static struct state *state = &unused;
static unsigned long long fail_at, fail_every;
static bool only_eintr;

// Before anything of ours allocates.
__attribute__((constructor)) static void prepare(void) {
  const char *path = getenv("WASMAOT_FAULT_STATE");
  const char *at = getenv("WASMAOT_FAULT_AT");
  const char *every = getenv("WASMAOT_FAULT_EVERY");
  only_eintr = getenv("WASMAOT_FAULT_EINTR") != NULL;
  int fd = path == NULL ? -1 : (int)syscall(SYS_openat, AT_FDCWD, path, O_RDWR | O_CLOEXEC);
  if (fd < 0) {
    return;
  }
  state = (struct state *)syscall(SYS_mmap, NULL, sizeof *state, PROT_READ | PROT_WRITE, MAP_SHARED,
                                  fd, 0L);
  (void)syscall(SYS_close, fd);
  // The last, because the calls here are wrapped too.
  fail_at = at == NULL ? 0 : strtoull(at, NULL, 10);
  fail_every = every == NULL ? 0 : strtoull(every, NULL, 10);
  atomic_store(&state->calls, 0);
}

static bool interruptible(const char *name) {
  static const char *const names[] = {"read",      "readv",   "preadv",    "write",
                                      "writev",    "pwritev", "open",      "openat",
                                      "fsync",     "ppoll",   "fdatasync", "posix_fallocate",
                                      "ftruncate", "syscall", "getrandom"};
  for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
    if (strcmp(names[i], name) == 0) {
      return true;
    }
  }
  return false;
}

// A new thread cannot do without these, and a program not without a thread that has begun.
static bool can_go_on(const char *name) {
  return strcmp(name, "sigaltstack") != 0 && strcmp(name, "pthread_setspecific") != 0;
}

// Counts a call, and sets errno when it is the one to fail.
static bool fails(const char *name, int error) {
  if (only_eintr && !interruptible(name)) {
    return false;
  }
  unsigned long long number = atomic_fetch_add(&state->calls, 1) + 1;
  bool hit = number == fail_at;
  if (fail_every != 0) {
    hit = number >= fail_at && number % fail_every == 0 && can_go_on(name);
  }
  if (!hit) {
    return false;
  }
  memcpy(state->failed, name, strlen(name) + 1);
  errno = only_eintr ? EINTR : error;
  return true;
}

#define PUBLIC __attribute__((visibility("default")))

#define CALL(name, error, result, type, parameters, arguments)                                     \
  type __real_##name parameters;                                                                   \
  PUBLIC type __wrap_##name parameters;                                                            \
  PUBLIC type __wrap_##name parameters {                                                           \
    return fails(#name, error) ? (result) : __real_##name arguments;                               \
  }
#define RETURNS(name, error, parameters, arguments)                                                \
  int __real_##name parameters;                                                                    \
  PUBLIC int __wrap_##name parameters;                                                             \
  PUBLIC int __wrap_##name parameters {                                                            \
    return fails(#name, error) ? errno : __real_##name arguments;                                  \
  }
#include "tests/faults/calls.def"
#undef CALL
#undef RETURNS

// ---- Variadic ones ----

int __real_open(const char *path, int flags, ...);
PUBLIC int __wrap_open(const char *path, int flags, ...);
PUBLIC int __wrap_open(const char *path, int flags, ...) {
  va_list rest;
  va_start(rest, flags);
  mode_t mode = (flags & O_CREAT) != 0 ? va_arg(rest, mode_t) : 0;
  va_end(rest);
  return fails("open", EMFILE) ? -1 : __real_open(path, flags, mode);
}

int __real_openat(int fd, const char *path, int flags, ...);
PUBLIC int __wrap_openat(int fd, const char *path, int flags, ...);
PUBLIC int __wrap_openat(int fd, const char *path, int flags, ...) {
  va_list rest;
  va_start(rest, flags);
  mode_t mode = (flags & O_CREAT) != 0 ? va_arg(rest, mode_t) : 0;
  va_end(rest);
  return fails("openat", EMFILE) ? -1 : __real_openat(fd, path, flags, mode);
}

int __real_fcntl(int fd, int command, ...);
PUBLIC int __wrap_fcntl(int fd, int command, ...);
PUBLIC int __wrap_fcntl(int fd, int command, ...) {
  va_list rest;
  va_start(rest, command);
  long value = va_arg(rest, long);
  va_end(rest);
  return fails("fcntl", EIO) ? -1 : __real_fcntl(fd, command, value);
}

// Waiting on a futex has no error but that the wait ended.
static int error_of(long number, long operation) {
  if (number == SYS_openat2) {
    return EMFILE;
  }
  if (number == SYS_futex) {
    return (operation & FUTEX_CMD_MASK) == FUTEX_WAIT_BITSET ? EAGAIN : EFAULT;
  }
  return EIO;
}

long __real_syscall(long number, ...);
PUBLIC long __wrap_syscall(long number, ...);
PUBLIC long __wrap_syscall(long number, ...) {
  long a[6];
  va_list rest;
  va_start(rest, number);
  for (int i = 0; i < 6; i++) {
    a[i] = va_arg(rest, long);
  }
  va_end(rest);
  bool wakes = number == SYS_futex && (a[1] & FUTEX_CMD_MASK) == FUTEX_WAKE; // cannot fail
  if (!wakes && number != SYS_gettid && fails("syscall", error_of(number, a[1]))) {
    return -1;
  }
  return __real_syscall(number, a[0], a[1], a[2], a[3], a[4], a[5]);
}

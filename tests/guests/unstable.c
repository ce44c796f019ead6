// The functions whose records or numbers differ in wasi_unstable, WASI's snapshot 0.
#include "guest.h"

#define UNSTABLE(symbol, ...)                                                                      \
  __attribute__((import_module("wasi_unstable"), import_name(#symbol)))                            \
  uint32_t unstable_##symbol(__VA_ARGS__)

struct unstable_filestat {
  uint64_t dev, ino;
  uint8_t filetype;
  uint32_t nlink;
  uint64_t size, atim, mtim, ctim;
};

struct unstable_subscription {
  uint64_t userdata;
  uint8_t tag;
  uint64_t identifier;
  uint32_t clock;
  uint64_t timeout, precision;
  uint16_t flags;
};

_Static_assert(sizeof(struct unstable_filestat) == 56, "snapshot 0's layout");
_Static_assert(sizeof(struct unstable_subscription) == 56, "snapshot 0's layout");

enum { CUR = 0, END = 1, SET = 2 };

UNSTABLE(fd_write, uint32_t fd, const struct iovec *iovecs, size_t count, size_t *size);
UNSTABLE(fd_seek, uint32_t fd, int64_t offset, uint32_t whence, uint64_t *position);
UNSTABLE(fd_filestat_get, uint32_t fd, struct unstable_filestat *stat);
UNSTABLE(path_open, uint32_t fd, uint32_t lookup, const char *path, size_t size, uint32_t oflags,
         uint64_t rights, uint64_t inheriting, uint32_t fdflags, uint32_t *opened);
UNSTABLE(path_filestat_get, uint32_t fd, uint32_t lookup, const char *path, size_t size,
         struct unstable_filestat *stat);
UNSTABLE(path_unlink_file, uint32_t fd, const char *path, size_t size);
UNSTABLE(poll_oneoff, const struct unstable_subscription *in, struct event *out, size_t count,
         size_t *events);

static void check(bool right, const char *what) {
  if (!right)
    fail(what);
}

static void sought(uint32_t fd, int64_t offset, uint32_t whence, uint64_t expected) {
  uint64_t position = 0;
  check(unstable_fd_seek(fd, offset, whence, &position) == E_SUCCESS, "fd_seek");
  check(position == expected, "position");
}

int main(int argc, char **argv) {
  struct unstable_filestat stat = {.nlink = 0};
  struct iovec iovec = {"0123456789", 10};
  uint32_t fd;
  size_t size;
  (void)argc;
  (void)argv;
  check(unstable_path_open(3, 0, "u", 1, O_CREAT, RIGHTS_ALL, 0, 0, &fd) == E_SUCCESS, "open");
  check(unstable_fd_write(fd, &iovec, 1, &size) == E_SUCCESS && size == 10, "fd_write");
  sought(fd, 3, SET, 3);
  sought(fd, 2, CUR, 5);
  sought(fd, -1, END, 9);
  check(unstable_fd_filestat_get(fd, &stat) == E_SUCCESS, "fd_filestat_get");
  check(stat.filetype == TYPE_REGULAR && stat.nlink == 1 && stat.size == 10, "filestat");
  check(stat.mtim != 0 && stat.ctim != 0 && stat.ino != 0, "filestat's times");
  stat.size = 0;
  check(unstable_path_filestat_get(3, 0, "u", 1, &stat) == E_SUCCESS, "path_filestat_get");
  check(stat.size == 10, "path's filestat");
  check(unstable_path_unlink_file(3, "u", 1) == E_SUCCESS, "path_unlink_file");

  struct unstable_subscription in = {
      .userdata = 5, .tag = EVENT_CLOCK, .clock = CLOCK_MONOTONIC, .timeout = 10000000};
  struct event out;
  int64_t start = milliseconds();
  check(unstable_poll_oneoff(&in, &out, 1, &size) == E_SUCCESS, "poll_oneoff");
  check(size == 1 && out.userdata == 5 && milliseconds() - start >= 9, "slept 10 ms");
  print("unstable: all checks passed\n", NULL);
  return 0;
}

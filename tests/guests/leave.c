// leave: writes "mine" to the file "left", keeps many files open, and traps.
#include "guest.h"

int main(int argc, char **argv) {
  uint32_t fd;
  size_t size;
  struct iovec iovec = {"mine\n", 5};
  (void)argc;
  (void)argv;
  for (int i = 0; i < 5; i++) {
    if (wasi_path_open(3, 0, "left", 4, O_CREAT, RIGHTS_ALL, 0, FD_APPEND, &fd) != E_SUCCESS)
      fail("path_open");
  }
  if (wasi_fd_write(fd, &iovec, 1, &size) != E_SUCCESS)
    fail("fd_write");
  __builtin_trap();
}

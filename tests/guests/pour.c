// pour KIB: writes that many KiB to standard output; exits with the errno of the first write that
// fails.
#include "guest.h"

int main(int argc, char **argv) {
  static char block[1024];
  size_t size;
  memset(block, '.', sizeof block);
  for (int64_t left = argc > 1 ? parse(argv[1]) : 1; left > 0; left--) {
    struct iovec iovec = {block, sizeof block};
    uint32_t error = wasi_fd_write(1, &iovec, 1, &size);
    if (error != E_SUCCESS)
      return (int)error;
  }
  return 0;
}

// cat [FILE...]: files below the first granted directory, or standard input.
#include "guest.h"

static char buffer[65536];

static void copy(uint32_t fd) {
  for (;;) {
    struct iovec iovec = {buffer, sizeof buffer};
    size_t size;
    uint32_t error = wasi_fd_read(fd, &iovec, 1, &size);
    if (error != E_SUCCESS) {
      print("cat: read: errno ", number(0, error), "\n", NULL);
      wasi_proc_exit(1);
    }
    if (size == 0)
      return;
    iovec.size = size;
    while (iovec.size > 0) {
      error = wasi_fd_write(1, &iovec, 1, &size);
      if (error != E_SUCCESS)
        wasi_proc_exit(error == E_PIPE ? 3 : 1);
      iovec.data = (char *)iovec.data + size;
      iovec.size -= size;
    }
  }
}

int main(int argc, char **argv) {
  if (argc < 2)
    copy(0);
  for (int i = 1; i < argc; i++) {
    uint32_t fd;
    uint32_t error = wasi_path_open(3, FOLLOW, argv[i], strlen(argv[i]), 0, RIGHT_READ, 0, 0, &fd);
    if (error != E_SUCCESS) {
      print("cat: ", argv[i], ": errno ", number(0, error), "\n", NULL);
      return 1;
    }
    copy(fd);
    (void)wasi_fd_close(fd);
  }
  return 0;
}

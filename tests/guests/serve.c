// serve [N]: accepts a connection on descriptor 3 (or N) and sends back, once, what comes.
#include "guest.h"

int main(int argc, char **argv) {
  char text[64];
  uint32_t fd = 0;
  size_t size = 0;
  uint16_t flags;
  struct iovec iovec = {text, sizeof text};
  uint32_t listener = argc > 1 ? (uint32_t)parse(argv[1]) : 3;
  if (wasi_sock_accept(listener, 0, &fd) != E_SUCCESS)
    fail("sock_accept");
  if (wasi_sock_recv(fd, &iovec, 1, 0, &size, &flags) != E_SUCCESS)
    fail("sock_recv");
  iovec.size = size;
  if (wasi_sock_send(fd, &iovec, 1, 0, &size) != E_SUCCESS)
    fail("sock_send");
  return 0;
}

// sock [accept]: answers "ping" with "pong" on standard input, which is a socket, or on a
// connection accepted from it.
#include "guest.h"

int main(int argc, char **argv) {
  char text[5] = "";
  struct iovec in[2] = {{text, 2}, {text + 2, 2}};
  struct iovec out = {"pong", 4};
  uint32_t fd = 0;
  uint16_t flags = 99;
  size_t size = 0;
  (void)argv;
  if (argc > 1 && wasi_sock_accept(0, 0, &fd) != E_SUCCESS)
    fail("sock_accept");
  if (wasi_sock_recv(fd, in, 1, 4, &size, &flags) != E_INVAL)
    fail("an unknown flag");
  if (wasi_sock_recv(fd, in, 1, RECV_PEEK, &size, &flags) != E_SUCCESS || size != 2 ||
      text[0] != 'p')
    fail("sock_recv of a peek");
  if (wasi_sock_recv(fd, in, 2, RECV_WAITALL, &size, &flags) != E_SUCCESS || size != 4 ||
      flags != 0)
    fail("sock_recv");
  if (strcmp(text, "ping") != 0)
    fail("not a ping");
  if (wasi_sock_send(fd, &out, 1, 0, &size) != E_SUCCESS || size != 4)
    fail("sock_send");
  if (wasi_sock_shutdown(fd, 0) != E_INVAL || wasi_sock_shutdown(fd, 2) != E_SUCCESS)
    fail("sock_shutdown");
  if (wasi_sock_send(fd, &out, 1, 0, &size) != E_PIPE)
    fail("sock_send after the shutdown");
  return 0;
}

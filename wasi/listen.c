// Sockets that the host listens at for a program.
#include "wasi/wasi.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct address {
  union {
    struct sockaddr any;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
  };
  socklen_t size;
};

static bool parse_port(const char *text, in_port_t *port) {
  char *end;
  errno = 0;
  unsigned long value = strtoul(text, &end, 10);
  if (text[0] < '0' || text[0] > '9' || *end != '\0' || errno != 0 || value > 65535) {
    return false;
  }
  *port = htons((in_port_t)value);
  return true;
}

// 127.0.0.1:80 or [::1]:80. Names are not looked up: what one stands for is another's to change.
static bool parse_address(const char *text, struct address *address) {
  char host[INET6_ADDRSTRLEN + 1];
  in_port_t port;
  const char *colon = strrchr(text, ':');
  bool bracket = text[0] == '[';
  const char *start = text + (bracket ? 1 : 0);
  const char *end = bracket ? strchr(text, ']') : colon;
  *address = (struct address){.size = 0};
  if (colon == NULL || end == NULL || (bracket && end + 1 != colon) ||
      (size_t)(end - start) >= sizeof host || !parse_port(colon + 1, &port)) {
    return false;
  }
  memcpy(host, start, (size_t)(end - start));
  host[end - start] = '\0';
  if (bracket) {
    address->v6 = (struct sockaddr_in6){.sin6_family = AF_INET6, .sin6_port = port};
    address->size = sizeof address->v6;
    return inet_pton(AF_INET6, host, &address->v6.sin6_addr) == 1;
  }
  address->v4 = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = port};
  address->size = sizeof address->v4;
  return inet_pton(AF_INET, host, &address->v4.sin_addr) == 1;
}

int wa_wasi_listen(const char *text, struct wa_error *err) {
  struct address address;
  const int on = 1;
  if (!parse_address(text, &address)) {
    (void)wa_fail(err, WA_ERROR_USAGE, WA_NO_OFFSET,
                  "'%s' is not an address and port, as 127.0.0.1:8080 or [::1]:8080", text);
    return -1;
  }
  int fd = socket(address.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  // A server that is started again must get its port although old connections linger.
  if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0 ||
      bind(fd, &address.any, address.size) != 0 || listen(fd, SOMAXCONN) != 0) {
    (void)wa_fail(err, WA_ERROR_SYSTEM, WA_NO_OFFSET, "cannot listen at '%s': %s", text,
                  strerror(errno));
    if (fd >= 0) {
      (void)close(fd);
    }
    return -1;
  }
  return fd;
}

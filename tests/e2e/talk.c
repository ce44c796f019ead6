// talk ADDRESS PORT TEXT: connects, trying for ten seconds, sends the text, prints what comes back.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static int try_once(const char *address, unsigned port) {
  struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_port = htons((in_port_t)port)};
  struct sockaddr_in6 v6 = {.sin6_family = AF_INET6, .sin6_port = htons((in_port_t)port)};
  int six = inet_pton(AF_INET6, address, &v6.sin6_addr) == 1;
  if (!six && inet_pton(AF_INET, address, &v4.sin_addr) != 1) {
    return -1;
  }
  int fd = socket(six ? AF_INET6 : AF_INET, SOCK_STREAM, 0);
  int result = six ? connect(fd, (struct sockaddr *)&v6, sizeof v6)
                   : connect(fd, (struct sockaddr *)&v4, sizeof v4);
  if (result == 0) {
    return fd;
  }
  (void)close(fd);
  return -1;
}

int main(int argc, char **argv) {
  const struct timespec pause = {.tv_nsec = 20000000};
  char answer[256];
  int fd = -1;
  if (argc != 4) {
    return 125;
  }
  for (int i = 0; i < 500 && fd < 0; i++) {
    fd = try_once(argv[1], (unsigned)strtoul(argv[2], NULL, 10));
    if (fd < 0) {
      (void)nanosleep(&pause, NULL);
    }
  }
  if (fd < 0 || write(fd, argv[3], strlen(argv[3])) < 0) {
    return 1;
  }
  for (ssize_t size; (size = read(fd, answer, sizeof answer)) > 0;) {
    (void)fwrite(answer, 1, (size_t)size, stdout);
  }
  return 0;
}

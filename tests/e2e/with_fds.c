// with_fds COMMAND...: becomes the command, with descriptors that a service manager could hand it:
//   30, 31  a pair of stream sockets        32, 33  a pair of datagram sockets
//   34      a listening TCP socket          35, 36  connections to it that nobody accepted yet
//   37, 38  a pipe, its reading end first
// An argument @PORT becomes a TCP port that was free a moment ago.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { FIRST = 30 };

static struct sockaddr_in address = {.sin_family = AF_INET};

static int listening(void) {
  socklen_t size = sizeof address;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  int fd = socket(AF_INET, SOCK_STREAM, 0);
  if (fd < 0 || bind(fd, (struct sockaddr *)&address, size) != 0 || listen(fd, 8) != 0 ||
      getsockname(fd, (struct sockaddr *)&address, &size) != 0) {
    return -1;
  }
  return fd;
}

static int connection(void) {
  int fd = socket(AF_INET, SOCK_STREAM, 0);
  return connect(fd, (struct sockaddr *)&address, sizeof address) == 0 ? fd : -1;
}

static bool place(const int *fds, int count) {
  for (int i = 0; i < count; i++) {
    if (fds[i] < 0 || dup2(fds[i], FIRST + i) < 0 || close(fds[i]) != 0) {
      return false;
    }
  }
  return true;
}

int main(int argc, char **argv) {
  int fds[9];
  char port[8];
  int once = listening(); // its port is free as soon as it is closed
  if (argc < 2 || once < 0) {
    return 125;
  }
  (void)snprintf(port, sizeof port, "%u", (unsigned)ntohs(address.sin_port));
  (void)close(once);
  address.sin_port = 0;
  if (socketpair(AF_UNIX, SOCK_STREAM, 0, fds) != 0 ||
      socketpair(AF_UNIX, SOCK_DGRAM, 0, fds + 2) != 0 || pipe(fds + 7) != 0) {
    return 125;
  }
  fds[4] = listening();
  fds[5] = connection();
  fds[6] = connection();
  if (!place(fds, 9)) {
    return 125;
  }
  for (int i = 1; i < argc; i++) {
    if (strcmp(argv[i], "@PORT") == 0) {
      argv[i] = port;
    }
  }
  (void)execvp(argv[1], argv + 1);
  return 127;
}

// with_socket connected|listening COMMAND...: runs the command with a socket as its standard input,
// sends it "ping", and prints what it answers until it closes. The command's exit status.
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

// A connected stream socket to a new listening one, which is left in *listening.
static int connect_to_new(int *listening) {
  // An address of one zero family asks for a free name that is in no directory.
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  socklen_t size = sizeof address;
  int client = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  *listening = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (client < 0 || *listening < 0 ||
      bind(*listening, (struct sockaddr *)&address, sizeof(sa_family_t)) != 0 ||
      listen(*listening, 1) != 0 ||
      getsockname(*listening, (struct sockaddr *)&address, &size) != 0 ||
      connect(client, (struct sockaddr *)&address, size) != 0) {
    return -1;
  }
  return client;
}

static int make_sockets(const char *kind, int *theirs) {
  int pair[2];
  if (strcmp(kind, "listening") == 0) {
    return connect_to_new(theirs);
  }
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0) {
    return -1;
  }
  *theirs = pair[1];
  return pair[0];
}

int main(int argc, char **argv) {
  int theirs;
  char answer[256];
  int status;
  int ours = argc < 3 ? -1 : make_sockets(argv[1], &theirs);
  if (ours < 0) {
    return 125;
  }
  pid_t child = fork();
  if (child == 0) {
    if (dup2(theirs, STDIN_FILENO) == STDIN_FILENO) {
      (void)execvp(argv[2], argv + 2);
    }
    _exit(127);
  }
  (void)close(theirs);
  (void)signal(SIGPIPE, SIG_IGN);
  if (child < 0 || write(ours, "ping", 4) != 4) {
    return 125;
  }
  for (ssize_t size; (size = read(ours, answer, sizeof answer)) > 0;) {
    (void)fwrite(answer, 1, (size_t)size, stdout);
  }
  return waitpid(child, &status, 0) == child && WIFEXITED(status) ? WEXITSTATUS(status) : 126;
}

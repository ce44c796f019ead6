// memory OBJECT WASMAOT: runs the guest `spawn_limit` with few and with many threads at once, and
// compares what the process has in memory at most: three pages a thread, the guest's own counted.
// One more is a page that every thread touches for nothing.
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

enum { FEW = 20, MANY = 300 };
// The kernel's count of pages is out by so many at most: 32 per processor and kind.
enum { ERROR_PAGES = 160 };

extern char **environ;

// Peak KiB.
static long peak(char *wasmaot, char *object, int threads) {
  char count[16];
  char limit[32];
  (void)snprintf(count, sizeof count, "%d", threads);
  (void)snprintf(limit, sizeof limit, "--max-threads=%d", threads);
  char *command[] = {wasmaot, "run", "--native", limit, object, count, NULL};
  pid_t pid;
  int status;
  struct rusage usage;
  if (posix_spawn(&pid, wasmaot, NULL, NULL, command, environ) != 0 ||
      wait4(pid, &status, 0, &usage) != pid || status != 0) {
    (void)fprintf(stderr, "memory: the guest failed with %d threads\n", threads);
    exit(EXIT_FAILURE);
  }
  return usage.ru_maxrss;
}

int main(int argc, char **argv) {
  if (argc != 3) {
    return EXIT_FAILURE;
  }
  long page = sysconf(_SC_PAGESIZE) / 1024;
  long grown = peak(argv[2], argv[1], MANY) - peak(argv[2], argv[1], FEW);
  long allowed = page * (3 * (MANY - FEW) + ERROR_PAGES);
  printf("%ld KiB for %d threads, %ld allowed\n", grown, MANY - FEW, allowed);
  return grown <= allowed ? EXIT_SUCCESS : EXIT_FAILURE;
}

// spawn RESULT COMMAND...: runs a command and writes into the file RESULT what it took: nanoseconds
// on the wall clock, microseconds of user and system time, minor and major page faults, peak KiB.
// Linux counts what the parent had in memory into the peak of a child, so the parent has to be
// small: this.
#include <inttypes.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>

extern char **environ;

static int64_t nanoseconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
}

static int64_t microseconds(struct timeval time) {
  return time.tv_sec * INT64_C(1000000) + time.tv_usec;
}

int main(int argc, char **argv) {
  if (argc < 3)
    return 2;
  pid_t pid;
  int status;
  struct rusage usage;
  int64_t start = nanoseconds();
  if (posix_spawnp(&pid, argv[2], NULL, NULL, argv + 2, environ) != 0 ||
      wait4(pid, &status, 0, &usage) != pid)
    return 126;
  int64_t wall = nanoseconds() - start;
  FILE *file = fopen(argv[1], "w");
  if (file == NULL)
    return 126;
  fprintf(file, "%" PRId64 " %" PRId64 " %" PRId64 " %ld %ld %ld\n", wall,
          microseconds(usage.ru_utime), microseconds(usage.ru_stime), usage.ru_minflt,
          usage.ru_majflt, usage.ru_maxrss);
  fclose(file);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

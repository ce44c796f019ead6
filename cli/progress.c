#include "cli/progress.h"

#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

const char *const wa_progress_choices[] = {"auto", "always", "never", NULL};

void wa_progress_init(struct wa_progress *progress, enum wa_progress_mode mode) {
  bool terminal = isatty(STDERR_FILENO) == 1;
  *progress = (struct wa_progress){.on = mode == WA_PROGRESS_ALWAYS ||
                                         (mode == WA_PROGRESS_AUTO && terminal)};
}

static uint64_t milliseconds(void) {
  struct timespec now;
  (void)clock_gettime(CLOCK_MONOTONIC, &now);
  return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

void wa_progress_update(void *arg, uint64_t done, uint64_t total) {
  enum { WIDTH = 40, INTERVAL = 100 };
  struct wa_progress *progress = arg;
  uint64_t now = milliseconds();
  if (!progress->on || total == 0 ||
      (progress->shown && done < total && now - progress->last < INTERVAL)) {
    return;
  }
  double share = (double)done / (double)total;
  char bar[WIDTH + 1];
  size_t filled = (size_t)(share * (double)WIDTH);
  memset(bar, '.', WIDTH);
  memset(bar, '#', filled < WIDTH ? filled : WIDTH);
  bar[WIDTH] = '\0';
  (void)fprintf(stderr, "\r[%s] %3.0f%% of %.1f MB of code", bar, share * 100, (double)total / 1e6);
  (void)fflush(stderr);
  progress->shown = true;
  progress->last = now;
}

void wa_progress_end(struct wa_progress *progress) {
  if (progress->shown) {
    (void)fputs("\r\033[K", stderr);
  }
  progress->shown = false;
}

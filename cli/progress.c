#include "cli/progress.h"

#include "include/wa_clock.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

const char *const wa_progress_choices[] = {"auto", "always", "never", NULL};

static uint64_t milliseconds(void) {
  return wa_clock_now() / 1000000;
}

// Whether stderr is a terminal on which a line can be cleared.
static bool can_draw(void) {
  const char *type = getenv("TERM");
  return isatty(STDERR_FILENO) == 1 && type != NULL && strcmp(type, "dumb") != 0;
}

void wa_progress_init(struct wa_progress *progress, enum wa_progress_mode mode) {
  *progress = (struct wa_progress){.on = mode == WA_PROGRESS_ALWAYS ||
                                         (mode == WA_PROGRESS_AUTO && can_draw()),
                                   .always = mode == WA_PROGRESS_ALWAYS,
                                   .start = milliseconds()};
}

// What fits on one line of the window as it is now: a longer one could not be cleared.
static size_t columns(void) {
  struct winsize size;
  return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col - 1u : 79;
}

static void draw_bar(char *bar, size_t width, double share) {
  size_t filled = (size_t)(share * (double)width);
  memset(bar, '.', width);
  memset(bar, '#', filled < width ? filled : width);
  bar[width] = '\0';
}

static void draw(const struct wa_progress *progress, uint64_t now, uint64_t done, uint64_t total) {
  enum { WIDTH = 40 };
  double share = (double)done / (double)total;
  double left = done == 0 ? 0 : (double)(now - progress->start) / 1000 * (1 / share - 1);
  char bar[WIDTH + 1], line[128];
  size_t most = columns();
  int length = snprintf(line, sizeof line, " %3.0f%% of %.1f MB", share * 100, (double)total / 1e6);
  // The first piece says little about the others.
  if (share >= 0.05 && done < total) {
    length += snprintf(line + length, sizeof line - (size_t)length, ", %.0f s left", left + 0.5);
  }
  size_t room = most > (size_t)length + 2 ? most - (size_t)length - 2 : 0;
  draw_bar(bar, room < WIDTH ? room : WIDTH, share);
  (void)fprintf(stderr, "\r\033[K%s%s%s%.*s", room > 0 ? "[" : "", bar, room > 0 ? "]" : "",
                (int)most, line);
  (void)fflush(stderr);
}

void wa_progress_update(void *arg, uint64_t done, uint64_t total) {
  enum { INTERVAL = 100, SILENCE = 500 };
  struct wa_progress *progress = arg;
  uint64_t now = milliseconds();
  bool too_early = !progress->always && now - progress->start < SILENCE;
  bool too_soon = progress->shown && done < total && now - progress->last < INTERVAL;
  if (!progress->on || total == 0 || too_early || too_soon) {
    return;
  }
  draw(progress, now, done, total);
  progress->shown = true;
  progress->last = now;
}

void wa_progress_end(struct wa_progress *progress) {
  if (progress->shown) {
    (void)fputs("\r\033[K", stderr);
  }
  progress->shown = false;
}

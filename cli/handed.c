#include "cli/handed.h"

#include "wasi/wasi.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int listen_at(const char *text, struct wa_error *err) {
  struct wa_error why;
  wa_error_clear(&why);
  int fd = wa_wasi_listen(text, &why);
  if (fd < 0) {
    (void)wa_fail(err, why.kind, WA_NO_OFFSET, "--tcplisten: %s", why.message);
  }
  return fd;
}

// ---- Inherited ----

static int inherited_fd(const struct wa_handed *handed, const char *text, struct wa_error *err) {
  char *end;
  errno = 0;
  long fd = strtol(text, &end, 10);
  if (text[0] < '0' || text[0] > '9' || *end != '\0' || errno != 0 || fd < 3 || fd > INT_MAX) {
    (void)wa_fail(err, WA_ERROR_USAGE, WA_NO_OFFSET,
                  "--fd: '%s' is not the number of an inherited descriptor, 3 or more", text);
    return -1;
  }
  for (size_t i = 0; i < handed->count; i++) {
    if (handed->fds[i] == fd) {
      (void)wa_fail(err, WA_ERROR_USAGE, WA_NO_OFFSET, "--fd: %s is given twice", text);
      return -1;
    }
  }
  if (fcntl((int)fd, F_GETFD) < 0) {
    (void)wa_fail(err, WA_ERROR_USAGE, WA_NO_OFFSET, "--fd: descriptor %s was not inherited", text);
    return -1;
  }
  return (int)fd;
}

bool wa_handed_init(struct wa_handed *handed, const struct wa_string_list *listen,
                    const struct wa_string_list *inherited, struct wa_error *err) {
  *handed = (struct wa_handed){.fds = calloc(listen->count + inherited->count + 1, sizeof(int))};
  if (handed->fds == NULL) {
    return wa_fail(err, WA_ERROR_SYSTEM, WA_NO_OFFSET, "out of memory");
  }
  // Inherited ones are looked at before anything is opened that could get their numbers.
  for (size_t i = 0; i < inherited->count; i++) {
    int fd = inherited_fd(handed, inherited->items[i], err);
    if (fd < 0) {
      return false;
    }
    handed->fds[handed->count++] = fd;
  }
  memmove(handed->fds + listen->count, handed->fds, inherited->count * sizeof *handed->fds);
  for (size_t i = 0; i < listen->count; i++) {
    handed->fds[i] = listen_at(listen->items[i], err);
    if (handed->fds[i] >= 0) {
      continue;
    }
    while (i > 0) {
      (void)close(handed->fds[--i]);
    }
    return false;
  }
  handed->count += listen->count;
  return true;
}

void wa_handed_deinit(struct wa_handed *handed) {
  free(handed->fds);
  *handed = (struct wa_handed){.fds = NULL};
}

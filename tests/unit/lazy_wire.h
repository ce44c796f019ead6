// What lazy_server.c and lazy_elsewhere.c say to each other through pipes. Both run on one machine,
// one of them emulated; all of its architectures lay these out alike.
#ifndef LAZY_WIRE_H
#define LAZY_WIRE_H

#include "include/wa_error.h"

#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>

// The first message, before the module.
struct lazy_hello {
  uint64_t size;
  int32_t level;
};

// The answer to it, before the artifact.
struct lazy_base {
  struct wa_error err;
  uint64_t size; // 0: it failed
  uint32_t trap; // see wa_lazy_trap
};

// A function to compile, and neighbours that may come with it.
struct lazy_request {
  uint32_t function, first, end;
};

// The answers to that: LAZY_ROOM first, which struct lazy_room answers, then LAZY_DONE with text
// and tables behind it; or LAZY_FAILED.
enum lazy_what { LAZY_ROOM, LAZY_DONE, LAZY_FAILED };
struct lazy_answer {
  uint32_t what; // enum lazy_what
  struct wa_error err;
  uint64_t text_size;
  uint64_t unwind_count, map_count, eh_frame_size;
  uint64_t unwind, map, eh_frame, tables_size; // offsets in the tables, and their size
};

struct lazy_room {
  int64_t distance;
  struct wa_error err;
  uint32_t found;
};

// All of it, or false.
static inline bool lazy_send(int file, const void *bytes, size_t size) {
  const uint8_t *at = bytes;
  while (size > 0) {
    ssize_t done = write(file, at, size);
    if (done <= 0 && errno != EINTR) {
      return false;
    }
    at += done > 0 ? done : 0;
    size -= done > 0 ? (size_t)done : 0;
  }
  return true;
}

static inline bool lazy_receive(int file, void *bytes, size_t size) {
  uint8_t *at = bytes;
  while (size > 0) {
    ssize_t done = read(file, at, size);
    if (done == 0 || (done < 0 && errno != EINTR)) {
      return false;
    }
    at += done > 0 ? done : 0;
    size -= done > 0 ? (size_t)done : 0;
  }
  return true;
}

#endif

// Copying and filling for the bulk instructions, in pieces, so that a thread that is to end does
// not go on for seconds.
#ifndef WA_RUNTIME_OBJECT_BULK_H
#define WA_RUNTIME_OBJECT_BULK_H

#include "runtime/abi.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#define WA_BULK_PIECE ((uint64_t)1 << 20)
// Up to WA_BULK_SMALL bytes nobody looks whether the thread is to end: the signal that says so,
// which is repeated, soon comes to compiled code, where it takes effect at once. Not with
// AddressSanitizer, whose memset takes nearly all of such a loop's time.
#ifdef __SANITIZE_ADDRESS__
#define WA_BULK_UNWATCHED ((uint64_t)0)
#else
#define WA_BULK_UNWATCHED ((uint64_t)WA_BULK_SMALL)
#endif

bool wa_bulk_move_pieces(uint8_t *to, const uint8_t *from, uint64_t size);
bool wa_bulk_fill_pieces(uint8_t *to, uint8_t value, uint64_t size);

// The bytes are the guest's, and so are races on them: its threads synchronise in compiled code,
// which ThreadSanitizer does not see.
#ifdef __SANITIZE_THREAD__
void AnnotateIgnoreReadsBegin(const char *file, int line);
void AnnotateIgnoreReadsEnd(const char *file, int line);
void AnnotateIgnoreWritesBegin(const char *file, int line);
void AnnotateIgnoreWritesEnd(const char *file, int line);
#define WA_GUEST_BYTES_BEGIN                                                                       \
  (AnnotateIgnoreReadsBegin(__FILE__, __LINE__), AnnotateIgnoreWritesBegin(__FILE__, __LINE__))
#define WA_GUEST_BYTES_END                                                                         \
  (AnnotateIgnoreWritesEnd(__FILE__, __LINE__), AnnotateIgnoreReadsEnd(__FILE__, __LINE__))
#else
#define WA_GUEST_BYTES_BEGIN ((void)0)
#define WA_GUEST_BYTES_END ((void)0)
#endif

// As memmove and memset. False when the thread is to end: then any part may be missing.
static inline bool wa_bulk_move(uint8_t *to, const uint8_t *from, uint64_t size) {
  bool done = true;
  WA_GUEST_BYTES_BEGIN;
  if (size > WA_BULK_UNWATCHED) {
    done = wa_bulk_move_pieces(to, from, size);
  } else {
    memmove(to, from, size);
  }
  WA_GUEST_BYTES_END;
  return done;
}

static inline bool wa_bulk_fill(uint8_t *to, uint8_t value, uint64_t size) {
  bool done = true;
  WA_GUEST_BYTES_BEGIN;
  if (size > WA_BULK_UNWATCHED) {
    done = wa_bulk_fill_pieces(to, value, size);
  } else {
    memset(to, value, size);
  }
  WA_GUEST_BYTES_END;
  return done;
}

#endif

// A loaded artifact: mapped, checked, relocated code and its metadata. The loader makes it, the
// runtime instantiates it as often as it likes. Reference-counted; the text stays mapped until the
// last reference goes. Everything in it is read-only after loading, so threads share it freely.
#ifndef WA_RUNTIME_CODE_ARTIFACT_H
#define WA_RUNTIME_CODE_ARTIFACT_H

#include "runtime/abi.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

struct wa_artifact;
struct wa_code_parts;

// Code that was compiled together, and what is known of it by offsets in its text, all of them
// checked: all that an artifact was loaded with, or a part that came later.
struct wa_code {
  struct wa_artifact *artifact;
  const uint8_t *text; // executable, never writable
  size_t text_size;
  const struct wa_unwind_entry *unwind; // by text offset
  size_t unwind_count;
  const uint8_t *eh_frame;
  size_t eh_frame_size;
  const struct wa_meta_code *map; // by text offset
  size_t map_count;
  // NULL, or what it consists of: then all the rest is that of its parts.
  const struct wa_code_parts *parts;
};

// Code that comes bit by bit, each behind the one before. A place that is taken has its text, and
// no size until the code is there.
struct wa_code_parts {
  struct wa_code *items;
  _Atomic(size_t) count;
};

struct wa_artifact {
  atomic_uint references;
  const char *name; // file name for reports; owned by the artifact
  struct wa_code code;
  const struct wa_meta *meta; // checked: every span, index, string and offset in it is in range
  const uint8_t *data;        // .wasmaot.data
  size_t data_size;
  int file;                       // what data is mapped from, for mapping it again; -1 for none
  bool repeatable;                // there is none, but wa_pages_repeat can do without
  uint64_t data_offset;           // of data in the file
  const struct wa_lines *lines;   // .wasmaot.lines, its size checked; NULL without -g
  const struct wa_locals *locals; // .wasmaot.locals, likewise
  // Where a debugger looks for the address of memory 0; NULL when none does.
  _Atomic(uint8_t *) *debug_memory;
  struct wa_note note;
  // Unmaps everything and frees the artifact. Set by the loader, called with the last reference.
  void (*release)(struct wa_artifact *artifact);
};

void wa_artifact_retain(struct wa_artifact *artifact);
void wa_artifact_release(struct wa_artifact *artifact); // NULL is fine

// Row `index` of a metadata span, typed: WA_META_ROW(artifact->meta, funcs, struct wa_meta_func,
// 7).
#define WA_META_ROWS(meta, span, type)                                                             \
  ((const type *)((const uint8_t *)(meta) + (meta)->span.offset))
#define WA_META_ROW(meta, span, type, index) (&WA_META_ROWS(meta, span, type)[index])

// Whether its code finds accesses beyond a memory by the guard regions around it.
static inline bool wa_artifact_needs_guards(const struct wa_artifact *artifact) {
  return (artifact->note.reliance & WA_RELIES_ON_GUARD_PAGES) != 0;
}

// The first import through which an instance can give references to its own functions to what it
// imports from, where they would outlive it: a table, a mutable global of references, a tag or
// function with a parameter for functions or exceptions. NULL when there is none.
const struct wa_meta_import *wa_artifact_leak(const struct wa_artifact *artifact);

static inline const char *wa_meta_chars(const struct wa_meta *meta, struct wa_meta_string string) {
  return (const char *)meta + meta->strings.offset + string.offset;
}

#endif

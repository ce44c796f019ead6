#include "loader/parts.h"

#include "loader/slots.h"
#include "runtime/code/code.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { ALIGNMENT = 64 };

struct wa_parts {
  struct wa_artifact *artifact;
  struct wa_code code; // the whole room
  struct wa_code_parts parts;
  void **tables; // of each part, NULL while it is not there
  struct wa_range *published, *lazy;
  int file; // the room's; it is written to by the file, so that no page of it is ever writable
  pthread_mutex_t lock;
  size_t used;     // bytes of the room
  size_t capacity; // of the lists: a function takes a place with its neighbours, and one alone
};

// ---- The room ----

static bool make_room(struct wa_parts *parts, struct wa_error *err) {
  void *room = (void *)(uintptr_t)wa_artifact_room(parts->artifact);
  parts->file = memfd_create("wasmaot-parts", MFD_CLOEXEC);
  if (room == NULL || parts->file < 0 || ftruncate(parts->file, (off_t)WA_PARTS_ROOM) != 0 ||
      mmap(room, WA_PARTS_ROOM, PROT_READ | PROT_EXEC, MAP_SHARED | MAP_FIXED, parts->file, 0) ==
          MAP_FAILED) {
    return wa_fail(err, WA_ERROR_SYSTEM, WA_NO_OFFSET, "no room for code behind the artifact: %s",
                   room == NULL ? "loaded without" : strerror(errno));
  }
  parts->code.text = room;
  parts->code.text_size = WA_PARTS_ROOM;
  return true;
}

struct wa_code *wa_parts_find_room(struct wa_parts *parts, size_t size, int64_t *distance,
                                   struct wa_error *err) {
  struct wa_code *part = NULL;
  pthread_mutex_lock(&parts->lock);
  size_t at = (parts->used + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
  if (size <= WA_PARTS_ROOM - at && atomic_load(&parts->parts.count) < parts->capacity) {
    part = wa_code_take_part(&parts->parts, parts->code.text + at);
    *distance = (int64_t)((intptr_t)part->text - (intptr_t)parts->artifact->code.text);
    parts->used = at + size;
  }
  pthread_mutex_unlock(&parts->lock);
  if (part == NULL) {
    (void)wa_fail(err, WA_ERROR_UNSUPPORTED, WA_NO_OFFSET,
                  "the code of the functions that were called takes more than %u MiB",
                  (unsigned)(WA_PARTS_ROOM >> 20));
  }
  return part;
}

// ---- Parts ----

static bool write_text(const struct wa_parts *parts, const struct wa_code *room,
                       const struct wa_code *code, struct wa_error *err) {
  size_t done = 0, at = (size_t)(room->text - parts->code.text);
  while (done < code->text_size) {
    ssize_t written =
        pwrite(parts->file, code->text + done, code->text_size - done, (off_t)(at + done));
    if (written <= 0 && errno != EINTR) {
      return wa_fail(err, WA_ERROR_SYSTEM, WA_NO_OFFSET, "no memory for code: %s", strerror(errno));
    }
    done += written > 0 ? (size_t)written : 0;
  }
  char *text = (char *)(uintptr_t)room->text;
  __builtin___clear_cache(text, text + code->text_size);
  return true;
}

bool wa_parts_add(struct wa_parts *parts, struct wa_code *room, const struct wa_code *code,
                  void *tables, struct wa_error *err) {
  struct wa_code known = *code;
  known.artifact = parts->artifact;
  parts->tables[room - parts->parts.items] = tables;
  if (!write_text(parts, room, code, err)) {
    return false;
  }
  wa_code_fill_part(room, &known);
  return wa_tell_perf(room, err) && wa_slots_fill(parts->artifact, room, err);
}

// ---- All of it ----

static bool init(struct wa_parts *parts, struct wa_lazy *lazy, struct wa_error *err) {
  const struct wa_meta *meta = parts->artifact->meta;
  parts->capacity = 2 * (size_t)meta->funcs.count + 1;
  parts->parts.items = calloc(parts->capacity, sizeof *parts->parts.items);
  parts->tables = calloc(parts->capacity, sizeof *parts->tables);
  if (parts->parts.items == NULL || parts->tables == NULL) {
    return wa_fail(err, WA_ERROR_SYSTEM, WA_NO_OFFSET, "out of memory");
  }
  if (meta->got == WA_NONE || meta->got_functions != meta->funcs.count) {
    return wa_fail(err, WA_ERROR_USAGE, WA_NO_OFFSET, "its functions are not lazy");
  }
  lazy->slots = (const void *const *)(const void *)(parts->artifact->code.text + meta->got);
  lazy->count = meta->got_functions;
  parts->code.parts = &parts->parts;
  if (!make_room(parts, err)) {
    return false;
  }
  parts->published = wa_code_publish(&parts->code);
  parts->lazy = wa_lazy_add(lazy);
  return (parts->published != NULL && parts->lazy != NULL) ||
         wa_fail(err, WA_ERROR_SYSTEM, WA_NO_OFFSET, "out of memory");
}

struct wa_parts *wa_parts_new(struct wa_artifact *artifact, struct wa_lazy *lazy,
                              struct wa_error *err) {
  struct wa_parts *parts = calloc(1, sizeof *parts);
  if (parts == NULL) {
    (void)wa_fail(err, WA_ERROR_SYSTEM, WA_NO_OFFSET, "out of memory");
    return NULL;
  }
  parts->artifact = artifact;
  parts->file = -1;
  (void)pthread_mutex_init(&parts->lock, NULL);
  if (!init(parts, lazy, err) || !wa_slots_fill_empty(artifact, wa_arch_lazy, err)) {
    wa_parts_free(parts);
    return NULL;
  }
  return parts;
}

// The room itself is the artifact's.
void wa_parts_free(struct wa_parts *parts) {
  wa_lazy_remove(parts->lazy);
  wa_code_withdraw(parts->published);
  if (parts->file >= 0) {
    (void)close(parts->file);
  }
  size_t count = atomic_load(&parts->parts.count);
  for (size_t i = 0; i < count; i++) {
    free(parts->tables[i]);
  }
  free(parts->tables);
  free(parts->parts.items);
  (void)pthread_mutex_destroy(&parts->lock);
  free(parts);
}

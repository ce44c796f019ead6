// Code of an artifact that comes after it was loaded, next to its text: functions that are compiled
// when they are called (runtime/thread/lazy.h).
#ifndef WA_LOADER_PARTS_H
#define WA_LOADER_PARTS_H

#include "runtime/code/artifact.h"
#include "runtime/thread/lazy.h"

#include "include/wa_error.h"

struct wa_parts;

// Bytes of address space for the texts of an artifact's parts, behind it: parts call each other,
// the artifact and its tables by distances that instructions can hold.
#if defined(__aarch64__)
#define WA_PARTS_ROOM ((size_t)64 << 20)
#else
#define WA_PARTS_ROOM ((size_t)1 << 30)
#endif

// From now on calls of the functions that the artifact has no code for go to `lazy->compile`:
// before the first one. Its functions are replaceable (loader.h), and it must stay until the parts
// are gone. `slots` and `count` of *lazy are filled. NULL with err, when there is no room or the
// system lets nothing become code.
struct wa_parts *wa_parts_new(struct wa_artifact *artifact, struct wa_lazy *lazy,
                              struct wa_error *err);

// Finds room for so many bytes of text: at *distance from the artifact's text, a multiple of 64.
// Room that is not used in the end is lost. There is a place for two parts for each function. NULL
// with err. Thread-safe.
struct wa_code *wa_parts_find_room(struct wa_parts *parts, size_t size, int64_t *distance,
                                   struct wa_error *err);

// Copies the text to the room that was found and lets the artifact's functions that it holds be
// called there, unless they were replaced meanwhile. `code` says where the text is now; its
// artifact is not looked at. Its tables, which are right, belong to the parts from now on, as the
// block `tables` that holds them. Thread-safe.
bool wa_parts_add(struct wa_parts *parts, struct wa_code *room, const struct wa_code *code,
                  void *tables, struct wa_error *err);

// When nobody runs the artifact's code any more, nor ever will.
void wa_parts_free(struct wa_parts *parts);

#endif

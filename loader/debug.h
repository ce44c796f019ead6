// Telling debuggers and profilers about loaded code.
#ifndef WA_DEBUG_H
#define WA_DEBUG_H

#include "loader/image.h"
#include "runtime/code/artifact.h"

struct wa_gdb_entry;

// Shows the object to a debugger through GDB's JIT interface: a private copy of the image, in which
// the sections have their run-time addresses. NULL when out of memory. Thread-safe.
struct wa_gdb_entry *wa_gdb_register(const struct wa_image *image);
// What struct wa_artifact.debug_memory is.
_Atomic(uint8_t *) *wa_gdb_memory(const struct wa_gdb_entry *entry);
void wa_gdb_unregister(struct wa_gdb_entry *entry); // NULL is fine

// What perf calls a piece of code: one line, cut to fit.
void wa_perf_name(const struct wa_artifact *artifact, const struct wa_meta_code *row, char *name,
                  size_t size);

// Appends the code of an artifact, or of a part of it, with its lines, to /tmp/jit-PID.dump.
// Thread-safe.
bool wa_jitdump_write(const struct wa_code *code, uint16_t machine, struct wa_error *err);

// Appends the functions to /tmp/perf-PID.map, where perf looks. Thread-safe.
bool wa_perf_map_write(const struct wa_code *code, struct wa_error *err);

#endif

// From an ELF object to an artifact that runs: checked, mapped, relocated.
//
// The file is hostile until checked, and nothing of it is trusted before; the code in it is native
// code all the same, so whoever loads an artifact trusts whoever compiled it. The file stays
// mapped: replace a loaded artifact by rename, do not write into it.
#ifndef WA_LOADER_H
#define WA_LOADER_H

#include "include/wa_error.h"
#include "runtime/code/artifact.h"

struct wa_load_options {
  bool perf_map;         // append the functions to /tmp/perf-PID.map
  bool jitdump;          // append code and lines to /tmp/jit-PID.dump, for perf inject
  bool gdb;              // show the object to debuggers even if it has no lines (compile -g)
  bool eh_frame;         // register the call frame information with the C++ unwinder
  bool parts;            // wa_artifact_load_memory: with room for code that comes later (parts.h)
  uint64_t features_off; // WA_FEATURE_*: an artifact that uses one of these proposals is refused
};

// A new artifact with one reference, to be given to wa_artifact_release; NULL with err. `options`
// may be NULL. Thread-safe.
//   WA_ERROR_MALFORMED: not an artifact, truncated or corrupt.
//   WA_ERROR_REFUSED: an artifact, but for another host, ABI version or CPU, or one that uses a
//   proposal that is switched off or unknown.
//   WA_ERROR_SYSTEM: cannot be opened or mapped.
struct wa_artifact *wa_artifact_load_file(const char *path, const struct wa_load_options *options,
                                          struct wa_error *err);
// The same from bytes, which are copied. `name` is what reports call it.
struct wa_artifact *wa_artifact_load_memory(const void *bytes, size_t size, const char *name,
                                            const struct wa_load_options *options,
                                            struct wa_error *err);

// The same from a part of an open file, mapped; `origin` is a multiple of the page size. The
// descriptor stays the caller's.
struct wa_artifact *wa_artifact_load_range(int file, size_t origin, size_t size, const char *name,
                                           const struct wa_load_options *options,
                                           struct wa_error *err);
// The same from bytes that are mapped already, executable and private, from the file of a program
// or library: whole pages of them that are not text lose that. Once per mapping; they must outlive
// the artifact. One with debug information is copied all the same.
struct wa_artifact *wa_artifact_load_mapped(const void *bytes, size_t size, const char *name,
                                            const struct wa_load_options *options,
                                            struct wa_error *err);

// From now on calls of the artifact's functions go to those of another artifact of the same module,
// compiled otherwise, wherever threads are in them meanwhile: a call that is made before stays
// where it is. Once for an artifact, and only for one whose functions are replaceable (see
// wa_compile_options); it keeps the other one. Not to be called by two threads at once.
bool wa_artifact_replace(struct wa_artifact *artifact, struct wa_artifact *by,
                         struct wa_error *err);

// Checks everything but whether this host can run it, and makes nothing executable: what
// `wasmaot inspect` reads. Must not be instantiated.
struct wa_artifact *wa_artifact_inspect_file(const char *path, struct wa_error *err);
// e_machine of an inspected or loaded artifact.
uint16_t wa_artifact_machine(const struct wa_artifact *artifact);

// The file of a loaded artifact: its size, and its bytes copied to a buffer of that size.
// Thread-safe.
size_t wa_artifact_size(const struct wa_artifact *artifact);
bool wa_artifact_copy(const struct wa_artifact *artifact, void *buffer, struct wa_error *err);

// Whether a file or directory is on a file system mounted noexec: no artifact can be mapped from
// it.
bool wa_is_noexec(int file);

// Whether the bytes start like an ELF file rather than a module.
bool wa_is_elf(const void *bytes, size_t size);

// "avx2": the name of one bit of wa_note.cpu_features of a machine (EM_X86_64...), or NULL.
const char *wa_cpu_feature_name(uint16_t machine, uint64_t bit);

#endif

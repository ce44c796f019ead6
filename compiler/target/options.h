// What the caller of the compiler may ask for, and what it is told afterwards.
#ifndef WA_COMPILER_TARGET_OPTIONS_H
#define WA_COMPILER_TARGET_OPTIONS_H

#include "compiler/base/bytes.h"
#include "compiler/base/sha256.h"

#include <stdbool.h>
#include <stdint.h>

enum wa_emit {
  WA_EMIT_OBJ, // the artifact
  WA_EMIT_IR,  // LLVM IR as text, after optimisation, partitions one after the other
  WA_EMIT_BC,  // LLVM bitcode: one module after the other, as llvm-cat -b writes them
  WA_EMIT_ASM, // assembly, partitions one after the other
};

enum wa_phase {
  WA_PHASE_LOWER,    // wasm to LLVM IR
  WA_PHASE_OPTIMIZE, // LLVM's IR passes
  WA_PHASE_CODEGEN,  // instruction selection to object code
  WA_PHASE_MERGE,    // partitions, metadata and sections to one object
  WA_PHASE_COUNT
};

// Seconds; the first three are CPU time added up over the worker threads, `wall` is elapsed time.
struct wa_timings {
  double phase[WA_PHASE_COUNT];
  double wall;
  uint32_t partitions;
  uint32_t jobs;
  uint32_t cheaper; // functions compiled with less effort than opt_level says: see effort.h
  uint32_t found;   // partitions that a store had
};

// Where compiled partitions are kept between compilations (compiler/piece.h). Called from several
// threads at once.
struct wa_piece_store {
  uint8_t identity[WA_SHA256_SIZE]; // of this compiler: another one has another
  // What was kept under the key, malloc'd; false when there is nothing, or it is not what was kept:
  // nobody checks it again.
  bool (*find)(void *arg, const uint8_t key[WA_SHA256_SIZE], struct wa_buffer *piece);
  void (*keep)(void *arg, const uint8_t key[WA_SHA256_SIZE], struct wa_bytes piece);
  void *arg;
};

struct wa_compile_options {
  int opt_level;      // 0 to 3
  unsigned jobs;      // worker threads; 0: one per processor
  const char *target; // triple, or NULL for this host's
  // LLVM CPU name, "native" or "baseline", and features to add or take away: "znver4,+avx2,-fma".
  // Without a name: the default, which is baseline when it is NULL.
  const char *cpu;
  const char *default_cpu;
  const char *source_name; // for IR and messages; NULL: "module"
  bool debug;              // keep the module's DWARF, for native code
  bool mangled;            // keep functions' names as the module has them
  bool mask_indexes;       // of tables and br_table, against speculation: lower/mask.c
  bool explicit_checks;    // compare every access with the memory's size: no guard regions
  bool replaceable;        // functions go by a global offset table: struct wa_meta, `got`
  bool lazy;               // they come later: set by wa_lazy_new
  bool verify;             // run LLVM's verifier on all IR (slow; tests do)
  enum wa_emit emit;
  // Partitions come from here, and go there. NULL: they are compiled. Not with `debug`, nor unless
  // an object is emitted. The object has the same bytes.
  const struct wa_piece_store *pieces;
  uint32_t partition_size; // for tests: typical, bytes of wasm code; 0: as partition.c has it
  // What compiling may take; 0: any amount. Bytes of resident memory more than the process had at
  // the start, whoever in it took them, and nanoseconds. Looked at between LLVM's passes, so that
  // more may be taken for a moment; past it compiling fails with WA_ERROR_SYSTEM.
  uint64_t max_memory;
  uint64_t max_time;
  // For maintainers: optimisation passes to leave out, "-NAME,-NAME" or "-all"; and the pass after
  // which no other runs, for WA_EMIT_IR. NULL: all run.
  const char *passes;
  const char *print_after;
  // Called from worker threads, one at a time; `done` of `total` bytes of wasm code are compiled.
  void (*progress)(void *arg, uint64_t done, uint64_t total);
  void *progress_arg;
  // Called on the caller's thread with a line about what is done without, such as malformed DWARF.
  void (*warn)(void *arg, const char *message);
  void *warn_arg;
  struct wa_timings *timings; // filled when not NULL
};

void wa_compile_options_init(struct wa_compile_options *options); // -O3, baseline, all processors

#endif

// From a validated module to an ELF relocatable object: the compiler library's whole interface. The
// command opens the library with dlopen, so everything is reached through one table of functions.
#ifndef WA_COMPILER_COMPILE_H
#define WA_COMPILER_COMPILE_H

#include "compiler/base/bytes.h"
#include "compiler/target/options.h"
#include "compiler/target/target_arch.h"
#include "compiler/wasm/module.h"
#include "include/wa_error.h"
#include "runtime/abi.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Compiles `module`. Deterministic: the same bytes and options give the same object whatever
// `jobs`. Thread-safe. On failure *object is empty.
bool wa_compile(const struct wa_module *module, const struct wa_compile_options *options,
                struct wa_buffer *object, struct wa_error *err);

// Bytes of stack of each thread that compiles. LLVM recurses over what it compiles, and a hostile
// module can make that deep.
#define WA_COMPILE_WORKER_STACK ((size_t)256 << 20)

// ---- Function by function ----

// A module whose functions are compiled when they are needed.
struct wa_lazy_module;
// A thread that does that.
struct wa_lazy_worker;

// Code of functions, for the place that was found for it. The tables are one malloc'd block, which
// `tables` points to; offsets in them count from the start of the text.
struct wa_lazy_code {
  uint8_t *text; // malloc'd
  size_t text_size;
  void *tables;
  const struct wa_unwind_entry *unwind; // by text offset
  size_t unwind_count;
  const struct wa_meta_code *map; // by text offset
  size_t map_count;
  const uint8_t *eh_frame;
  size_t eh_frame_size;
};

// Finds room for code, at a multiple of 64 from the start of the artifact's text. The distance may
// be negative.
struct wa_lazy_room {
  bool (*find)(void *arg, size_t size, int64_t *distance, struct wa_error *err);
  void *arg;
};

// An artifact without the module's functions: each has its entry in the procedure linkage table
// (object/merge.h), which leads nowhere yet. All strings that the options name, and the module,
// must stay; what is called back is called for the artifact alone. NULL with err.
struct wa_lazy_module *wa_lazy_new(const struct wa_module *module,
                                   const struct wa_compile_options *options,
                                   struct wa_buffer *object, struct wa_error *err);
// Text offset of code that raises WA_TRAP_HOST, whoever calls it.
uint32_t wa_lazy_trap(const struct wa_lazy_module *lazy);
// NULL when out of memory. Only the thread that has it uses it; the thread has a stack of
// WA_COMPILE_WORKER_STACK.
struct wa_lazy_worker *wa_lazy_worker_new(struct wa_lazy_module *lazy);
// Compiles a function that the module defines, and those of [first, end) next to it that add
// little: all in one go, which costs hardly more than one small function does. Which there are,
// code->map says. On failure *code is empty.
bool wa_lazy_compile(struct wa_lazy_worker *worker, uint32_t function, uint32_t first, uint32_t end,
                     const struct wa_lazy_room *room, struct wa_lazy_code *code,
                     struct wa_error *err);
void wa_lazy_worker_free(struct wa_lazy_worker *worker);
void wa_lazy_free(struct wa_lazy_module *lazy); // when there are no workers

// ---- Glue ----

// See wa_compiler_api.
struct wa_glue;
bool wa_glue_compile(const struct wa_glue *glue, const struct wa_compile_options *options,
                     struct wa_buffer *object, struct wa_error *err);

// ---- As a shared library ----

// What crosses are structs of ours, so both sides must have been compiled from the same ones.
#define WA_COMPILER_API_VERSION                                                                    \
  (11u << 24 ^ (uint32_t)sizeof(struct wa_module) << 12 ^                                          \
   (uint32_t)sizeof(struct wa_compile_options))
#define WA_COMPILER_API_SYMBOL "wasmaot_compiler_api"

struct wa_compiler_api {
  uint32_t version;
  const char *llvm_version;
  void (*options_init)(struct wa_compile_options *options);
  bool (*compile)(const struct wa_module *module, const struct wa_compile_options *options,
                  struct wa_buffer *object, struct wa_error *err);
  void (*buffer_free)(struct wa_buffer *buffer);
  // Every architecture, whether or not this LLVM has it (target_arch.h).
  const struct wa_target_arch *const *(*targets)(unsigned *count);
  void (*host)(struct wa_target_host *host);
  // The glue of a shared library (glue.h), for the options' target.
  bool (*glue)(const struct wa_glue *glue, const struct wa_compile_options *options,
               struct wa_buffer *object, struct wa_error *err);
  // See wa_lazy_new and what follows it.
  struct wa_lazy_module *(*lazy_new)(const struct wa_module *module,
                                     const struct wa_compile_options *options,
                                     struct wa_buffer *object, struct wa_error *err);
  uint32_t (*lazy_trap)(const struct wa_lazy_module *lazy);
  struct wa_lazy_worker *(*lazy_worker_new)(struct wa_lazy_module *lazy);
  bool (*lazy_compile)(struct wa_lazy_worker *worker, uint32_t function, uint32_t first,
                       uint32_t end, const struct wa_lazy_room *room, struct wa_lazy_code *code,
                       struct wa_error *err);
  void (*lazy_worker_free)(struct wa_lazy_worker *worker);
  void (*lazy_free)(struct wa_lazy_module *lazy);
};

// The library's one exported symbol. NULL when it does not speak `version`.
const struct wa_compiler_api *wasmaot_compiler_api(uint32_t version);

#endif

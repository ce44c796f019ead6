// From a validated module to an ELF relocatable object: the compiler library's whole interface. The
// command opens the library with dlopen, so everything is reached through one table of functions.
#ifndef WA_COMPILER_COMPILE_H
#define WA_COMPILER_COMPILE_H

#include "compiler/base/bytes.h"
#include "compiler/target/options.h"
#include "compiler/target/target_arch.h"
#include "compiler/wasm/module.h"
#include "include/wa_error.h"

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

// See wa_compiler_api.
struct wa_glue;
bool wa_glue_compile(const struct wa_glue *glue, const struct wa_compile_options *options,
                     struct wa_buffer *object, struct wa_error *err);

// ---- As a shared library ----

// What crosses are structs of ours, so both sides must have been compiled from the same ones.
#define WA_COMPILER_API_VERSION                                                                    \
  (10u << 24 ^ (uint32_t)sizeof(struct wa_module) << 12 ^                                          \
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
};

// The library's one exported symbol. NULL when it does not speak `version`.
const struct wa_compiler_api *wasmaot_compiler_api(uint32_t version);

#endif

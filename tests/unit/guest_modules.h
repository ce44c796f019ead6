#ifndef GUEST_MODULES_H
#define GUEST_MODULES_H

#include "include/wa_error.h"
#include "runtime/code/artifact.h"

#include <stddef.h>
#include <stdint.h>

// Everything an artifact can have, in a small module.
extern const uint8_t rich_wasm[];
extern const size_t rich_wasm_size;
// A shared imported memory, and functions that spin, wait, block and trap.
extern const uint8_t shared_wasm[];
extern const size_t shared_wasm_size;
// Functions that never end by themselves, over the same memory.
extern const uint8_t busy_wasm[];
extern const size_t busy_wasm_size;

struct object {
  uint8_t *bytes;
  size_t size;
};

struct wa_compile_options;

// Compiles or ends the program. The bytes are malloc'd.
struct object compile_guest_with(const uint8_t *wasm, size_t size,
                                 const struct wa_compile_options *options);
struct object compile_guest(const uint8_t *wasm, size_t size, int opt_level);
// The same, with functions that can be replaced.
struct object compile_replaceable_guest(const uint8_t *wasm, size_t size, int opt_level);
// Loads or ends the program.
struct wa_artifact *load_guest(const struct object *object);

// A module without imports, compiled, loaded and instantiated in a store of its own.
struct guest {
  struct object object;
  struct wa_artifact *artifact;
  struct wa_store *store;
  struct wa_instance *instance;
};
struct guest start_guest(const uint8_t *wasm, size_t size, int opt_level);
// The same with what is compiled already, which becomes the guest's.
struct guest start_object(struct object object);
void stop_guest(struct guest *guest);

#endif

// Modules over one shared memory of 1 to 16 pages, called by threads of this process.
#ifndef LITMUS_MACHINE_H
#define LITMUS_MACHINE_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct wa_func_ref;

struct loaded {
  struct wa_artifact *artifact;
  struct wa_store *store;
  struct wa_linker *linker;
  struct wa_memory_object *memory; // what the module imports as "m" "m"
};

// Ends the process.
__attribute__((noreturn)) void machine_fail(const char *what, const char *message);
void machine_open(struct loaded *loaded, const uint8_t *bytes, size_t size, int opt_level);
// An export of an instance of its own: one for each thread.
struct wa_func_ref *machine_function(struct loaded *loaded, const char *name);
void machine_close(struct loaded *loaded);
// False when they are not done after two minutes.
bool machine_join(pthread_t *threads, unsigned count);

#endif

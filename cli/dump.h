// Core dumps of WebAssembly: a module that holds the stacks, memories and globals of a program that
// trapped. https://github.com/WebAssembly/tool-conventions/blob/main/Coredump.md
#ifndef WA_CLI_DUMP_H
#define WA_CLI_DUMP_H

#include "runtime/group/threads.h"
#include "runtime/runtime.h"

#include <stdio.h>

enum { WA_DUMP_OTHERS = 16 };

struct wa_dump {
  const struct wa_artifact *artifact; // the program's
  // Of modules that it is linked to and whose functions are in stacks. What does not fit is left
  // out of them.
  struct wa_dump_other {
    const struct wa_artifact *artifact;
    char name[64];
  } others[WA_DUMP_OTHERS];
  uint32_t other_count;
  FILE *stacks; // a corestack section per thread, in memory
  char *stack_bytes;
  size_t stack_size;
};

bool wa_dump_init(struct wa_dump *dump, const struct wa_artifact *artifact, struct wa_error *err);
void wa_dump_deinit(struct wa_dump *dump);

// A thread that has come to its end. One at a time; the first is the one that trapped.
void wa_dump_add_thread(struct wa_dump *dump, const struct wa_thread_end *end);

// Writes the file, when no thread runs any more. `instance` is the main thread's: its memories, of
// which pages of zeros are left out, and its globals. `program` and the artifact's name are said in
// it.
bool wa_dump_write(struct wa_dump *dump, const char *path, const char *program,
                   struct wa_instance *instance, struct wa_error *err);

#endif

// What a program's threads were doing when it ended: for SIGQUIT, and for a core dump.
#ifndef WA_CLI_ENDING_H
#define WA_CLI_ENDING_H

#include "cli/dump.h"
#include "runtime/group/threads.h"

#include <pthread.h>

struct wa_ending {
  pthread_mutex_t lock;
  const struct wa_memory_object *memory; // that waits are in; NULL until it is known
  bool reported;                         // a thread, because of SIGQUIT
  struct wa_dump *dump;                  // NULL: none is wanted
};

void wa_ending_init(struct wa_ending *ending, struct wa_dump *dump);
void wa_ending_deinit(struct wa_ending *ending);

// Of wa_group_options, with the ending as its argument.
void wa_ending_thread(void *ending, const struct wa_thread_end *end);

// From now on SIGQUIT ends the group, and has each thread reported; a second one is the system's.
// One group of the process. Nothing where the signal is ignored.
void wa_ending_watch(struct wa_group *group);
void wa_ending_forget(void); // the group is to go
// Whether SIGQUIT came.
bool wa_ending_asked(void);

#endif

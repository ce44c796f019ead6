// What a program's threads do, when SIGQUIT asks for it, and did when it ended, for a core dump.
#ifndef WA_CLI_ENDING_H
#define WA_CLI_ENDING_H

#include "cli/dump.h"
#include "runtime/group/threads.h"

#include <pthread.h>

struct wa_ending {
  pthread_mutex_t lock;
  const struct wa_memory_object *memory; // that waits are in; NULL until it is known
  struct wa_dump *dump;                  // NULL: none is wanted
};

void wa_ending_init(struct wa_ending *ending, struct wa_dump *dump);
void wa_ending_deinit(struct wa_ending *ending);

// Of wa_group_options, with the ending as their argument.
void wa_ending_thread(void *ending, const struct wa_thread_end *end);
void wa_ending_place(void *ending, const struct wa_thread_place *place);

// From now on SIGQUIT has each thread of the group reported, which goes on. One group of the
// process. Nothing where the signal is ignored.
void wa_ending_watch(struct wa_group *group);
void wa_ending_forget(void); // the group is to go

#endif

#include "cli/ending.h"

#include "cli/report.h"
#include "runtime/thread/snapshot.h"

#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>

// ---- SIGQUIT ----

static struct wa_group *_Atomic watched;

static void on_quit(int signal) {
  (void)signal;
  int saved_errno = errno;
  struct wa_group *group = atomic_load(&watched);
  if (group != NULL) {
    wa_group_report(group);
  }
  errno = saved_errno;
}

void wa_ending_watch(struct wa_group *group) {
  struct sigaction old;
  // It may hit a guest's thread, which is to notice nothing.
  struct sigaction action = {.sa_handler = on_quit, .sa_flags = SA_ONSTACK | SA_RESTART};
  (void)sigemptyset(&action.sa_mask);
  wa_snapshot_prepare();
  atomic_store(&watched, group);
  // A shell that runs a program in the background without job control ignores it on its behalf.
  if (sigaction(SIGQUIT, NULL, &old) == 0 && old.sa_handler != SIG_IGN) {
    (void)sigaction(SIGQUIT, &action, NULL);
  }
}

void wa_ending_forget(void) {
  atomic_store(&watched, NULL);
}

// ---- Threads ----

void wa_ending_init(struct wa_ending *ending, struct wa_dump *dump) {
  *ending = (struct wa_ending){.dump = dump};
  (void)pthread_mutex_init(&ending->lock, NULL);
}

void wa_ending_deinit(struct wa_ending *ending) {
  (void)pthread_mutex_destroy(&ending->lock);
}

// Waits are known by their addresses in the guest's memory.
static void say_where(const struct wa_ending *ending, const struct wa_thread_place *place,
                      char *text, size_t size) {
  uintptr_t base = ending->memory == NULL ? 0 : (uintptr_t)wa_memory_base(ending->memory);
  uintptr_t address = (uintptr_t)place->waits_at - base;
  (void)snprintf(text, size, place->called ? "is in a call of WASI," : "runs,");
  if (place->waits_at != NULL && base != 0 && address < wa_memory_size(ending->memory)) {
    (void)snprintf(text, size, "has waited at 0x%llx for %.2f s,", (unsigned long long)address,
                   (double)place->waited / 1e9);
  } else if (place->waits_at != NULL) {
    (void)snprintf(text, size, "has waited for %.2f s,", (double)place->waited / 1e9);
  }
}

void wa_ending_place(void *arg, const struct wa_thread_place *place) {
  const struct wa_ending *ending = arg;
  char where[96], text[192];
  if (place->number == 0) {
    wa_report_as(WA_REPORT_QUIT, NULL, "SIGQUIT: the program goes on; its threads: %u",
                 (unsigned)place->count);
  }
  say_where(ending, place, where, sizeof where);
  if (place->answered) {
    (void)snprintf(text, sizeof text, "%s used %.3f s of processor time", where,
                   (double)place->cpu / 1e9);
  } else {
    (void)snprintf(text, sizeof text, "does not say where it is: the kernel keeps it");
  }
  wa_report_thread(place->tid, text, place->stack);
}

// ---- The end ----

void wa_ending_thread(void *arg, const struct wa_thread_end *end) {
  struct wa_ending *ending = arg;
  if (end->trap->exited || ending->dump == NULL) {
    return;
  }
  (void)pthread_mutex_lock(&ending->lock);
  wa_dump_add_thread(ending->dump, end);
  (void)pthread_mutex_unlock(&ending->lock);
}

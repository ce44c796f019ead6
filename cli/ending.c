#include "cli/ending.h"

#include "cli/report.h"

#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <time.h>

// ---- SIGQUIT ----

static struct wa_group *_Atomic watched;
static atomic_bool asked;

static void on_quit(int signal) {
  (void)signal;
  struct wa_group *group = atomic_load(&watched);
  atomic_store(&asked, true);
  if (group != NULL) {
    wa_group_quit(group);
  }
}

void wa_ending_watch(struct wa_group *group) {
  struct sigaction old;
  struct sigaction action = {.sa_handler = on_quit, .sa_flags = (int)SA_RESETHAND};
  (void)sigemptyset(&action.sa_mask);
  atomic_store(&watched, group);
  // A shell that runs a program in the background without job control ignores it on its behalf.
  if (sigaction(SIGQUIT, NULL, &old) == 0 && old.sa_handler != SIG_IGN) {
    (void)sigaction(SIGQUIT, &action, NULL);
  }
}

void wa_ending_forget(void) {
  atomic_store(&watched, NULL);
}

bool wa_ending_asked(void) {
  return atomic_load(&asked);
}

// ---- Threads ----

void wa_ending_init(struct wa_ending *ending, struct wa_dump *dump) {
  *ending = (struct wa_ending){.dump = dump};
  (void)pthread_mutex_init(&ending->lock, NULL);
}

void wa_ending_deinit(struct wa_ending *ending) {
  (void)pthread_mutex_destroy(&ending->lock);
}

static double cpu_seconds(void) {
  struct timespec time = {.tv_sec = 0};
  (void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

// Waits are known by their addresses in the guest's memory.
static void say_where(const struct wa_ending *ending, const struct wa_thread_end *end, char *text,
                      size_t size) {
  uintptr_t base = ending->memory == NULL ? 0 : (uintptr_t)wa_memory_base(ending->memory);
  uintptr_t address = (uintptr_t)end->waited_at - base;
  (void)snprintf(text, size, end->called ? "was in a call of WASI," : "was running,");
  if (end->waited_at != NULL && base != 0 && address < wa_memory_size(ending->memory)) {
    (void)snprintf(text, size, "had waited at 0x%llx for %.2f s,", (unsigned long long)address,
                   (double)end->waited / 1e9);
  } else if (end->waited_at != NULL) {
    (void)snprintf(text, size, "had waited for %.2f s,", (double)end->waited / 1e9);
  }
}

static void report_thread(struct wa_ending *ending, const struct wa_thread_end *end) {
  char where[96], text[192];
  if (!ending->reported) {
    wa_report_as(WA_REPORT_QUIT, NULL, "ended by SIGQUIT; its threads:");
  }
  ending->reported = true;
  say_where(ending, end, where, sizeof where);
  (void)snprintf(text, sizeof text, "%s used %.3f s of processor time", where, cpu_seconds());
  wa_report_thread(end->tid, text, end->trap);
}

void wa_ending_thread(void *arg, const struct wa_thread_end *end) {
  struct wa_ending *ending = arg;
  if (end->trap->exited) {
    return;
  }
  (void)pthread_mutex_lock(&ending->lock);
  if (wa_ending_asked()) {
    report_thread(ending, end);
  }
  if (ending->dump != NULL) {
    wa_dump_add_thread(ending->dump, end);
  }
  (void)pthread_mutex_unlock(&ending->lock);
}

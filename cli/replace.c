#include "cli/replace.h"

#include "include/wa_clock.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
  FIRST_PAUSE = 20,   // milliseconds between two looks
  LAST_PAUSE = 1000,  // they become rarer
  PATIENCE = 5 * 1000 // without anybody who compiles for it
};

bool wa_replacements_init(struct wa_replacements *replacements, struct wa_error *err) {
  pthread_condattr_t attributes;
  *replacements = (struct wa_replacements){.items = NULL};
  if (pthread_condattr_init(&attributes) != 0) {
    return wa_fail(err, WA_ERROR_SYSTEM, WA_NO_OFFSET, "out of memory");
  }
  (void)pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
  (void)pthread_mutex_init(&replacements->lock, NULL);
  (void)pthread_cond_init(&replacements->wake, &attributes);
  (void)pthread_condattr_destroy(&attributes);
  return true;
}

void wa_replacements_add(struct wa_replacements *replacements, struct wa_artifact *artifact,
                         const struct wa_cache *cache, const struct wa_cache_key *key,
                         const char *name, const struct wa_load_options *load) {
  struct wa_replacement *items =
      realloc(replacements->items, (replacements->count + 1) * sizeof *items);
  if (items == NULL) {
    return;
  }
  replacements->items = items;
  struct wa_replacement *item = &items[replacements->count];
  *item = (struct wa_replacement){
      .artifact = artifact, .cache = *cache, .key = *key, .load = *load, .name = strdup(name)};
  item->cache.directory = fcntl(cache->directory, F_DUPFD_CLOEXEC, 0);
  if (item->name == NULL || item->cache.directory < 0) {
    free(item->name);
    wa_cache_close(&item->cache);
    return;
  }
  wa_artifact_retain(artifact);
  replacements->count++;
}

// ---- The thread ----

static void forget(struct wa_replacement *item) {
  wa_artifact_release(item->artifact);
  item->artifact = NULL;
}

static void replace(const struct wa_replacements *replacements, struct wa_replacement *item) {
  struct wa_error err;
  wa_error_clear(&err);
  struct wa_artifact *by = wa_cache_find(&item->cache, &item->key, item->name, &item->load, NULL);
  if (by != NULL && wa_artifact_replace(item->artifact, by, &err) && replacements->timings) {
    (void)fprintf(stderr, "%s goes on with -O%u code\n", item->name, by->note.optimization);
  }
  wa_artifact_release(by);
  forget(item);
}

// False when it is stopped.
static bool pause_for(struct wa_replacements *replacements, unsigned milliseconds) {
  struct timespec until = wa_clock_after((uint64_t)milliseconds * 1000000);
  (void)pthread_mutex_lock(&replacements->lock);
  while (!replacements->stopped &&
         pthread_cond_timedwait(&replacements->wake, &replacements->lock, &until) == 0) {
  }
  bool goes_on = !replacements->stopped;
  (void)pthread_mutex_unlock(&replacements->lock);
  return goes_on;
}

// What is there takes its place; whether there is anything left to wait for.
static bool look(struct wa_replacements *replacements, bool *anybody) {
  bool left = false;
  *anybody = false;
  for (size_t i = 0; i < replacements->count; i++) {
    struct wa_replacement *item = &replacements->items[i];
    if (item->artifact != NULL && wa_cache_has(&item->cache, &item->key)) {
      replace(replacements, item);
    }
    left |= item->artifact != NULL;
    *anybody |= item->artifact != NULL && wa_cache_is_coming(&item->cache, &item->key);
  }
  return left;
}

static void *wait_and_replace(void *arg) {
  struct wa_replacements *replacements = arg;
  unsigned pause = FIRST_PAUSE, alone = 0;
  bool anybody;
  while (look(replacements, &anybody) && alone < PATIENCE && pause_for(replacements, pause)) {
    alone = anybody ? 0 : alone + pause;
    pause = pause * 5 / 4 < LAST_PAUSE ? pause * 5 / 4 : LAST_PAUSE;
  }
  return NULL;
}

void wa_replacements_start(struct wa_replacements *replacements) {
  sigset_t all, before;
  if (replacements->count == 0) {
    return;
  }
  // Signals are the program's.
  (void)sigfillset(&all);
  (void)pthread_sigmask(SIG_SETMASK, &all, &before);
  replacements->started =
      pthread_create(&replacements->thread, NULL, wait_and_replace, replacements) == 0;
  (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
}

void wa_replacements_deinit(struct wa_replacements *replacements) {
  (void)pthread_mutex_lock(&replacements->lock);
  replacements->stopped = true;
  (void)pthread_cond_signal(&replacements->wake);
  (void)pthread_mutex_unlock(&replacements->lock);
  if (replacements->started) {
    (void)pthread_join(replacements->thread, NULL);
  }
  for (size_t i = 0; i < replacements->count; i++) {
    forget(&replacements->items[i]);
    wa_cache_close(&replacements->items[i].cache);
    free(replacements->items[i].name);
  }
  free(replacements->items);
  (void)pthread_cond_destroy(&replacements->wake);
  (void)pthread_mutex_destroy(&replacements->lock);
}

#include "runtime/thread/snapshot.h"

#include "runtime/thread/signals.h"

#include <sched.h>

void wa_snapshot_ask(struct wa_thread *thread, struct wa_snapshot *snapshot) {
  atomic_store(&thread->snapshot, snapshot);
  wa_signals_interrupt(thread);
}

void wa_snapshot_remind(const struct wa_thread *thread) {
  wa_signals_interrupt(thread);
}

bool wa_snapshot_withdraw(struct wa_thread *thread, struct wa_snapshot *snapshot) {
  if (atomic_exchange(&thread->snapshot, NULL) == snapshot) {
    return true;
  }
  while (atomic_load(&snapshot->state) == WA_SNAPSHOT_ASKED) {
    (void)sched_yield();
  }
  return false;
}

void wa_snapshot_leave(struct wa_thread *thread) {
  struct wa_snapshot *snapshot = atomic_exchange(&thread->snapshot, NULL);
  if (snapshot != NULL) {
    atomic_store(&snapshot->state, WA_SNAPSHOT_GONE);
  }
}

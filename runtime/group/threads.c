#include "runtime/group/threads.h"

#include "include/wa_clock.h"
#include "runtime/call/trap.h"
#include "runtime/group/report.h"
#include "runtime/thread/interrupt.h"
#include "runtime/thread/signals.h"
#include "runtime/thread/thread.h"

#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { MAX_TID = (1 << 29) - 1, DEFAULT_MAX_THREADS = 4096 };
// Host threads that may wait for the next guest thread: to make one costs more than a short thread
// does in all.
enum { MAX_IDLE = 16 };
// Nanoseconds that a report may take to begin with a timeout.
#define REPORT_LATENCY UINT64_C(50000000)

// A host thread, and the guest thread that is on it.
struct wa_group_member {
  struct wa_group_member *previous; // in the list of running members
  struct wa_group_member *next;     // in that, or in the list of idle or of ended ones
  struct wa_group *group;
  int32_t tid;
  pthread_t pthread;
  struct wa_thread *record; // the host thread's to adopt, with its stack
  wa_thread_fn *fn;         // NULL: the host thread is to end
  void *arg;
  sem_t wake; // of an idle one
};

struct wa_group {
  pid_t process;        // where its threads are
  pthread_mutex_t lock; // of everything but `stopping`
  pthread_cond_t changed;
  struct wa_group_member *running;
  struct wa_group_member *idle;  // newest first
  struct wa_group_member *ended; // not joined yet
  uint32_t running_count;
  uint32_t idle_count;
  uint32_t joiners; // host threads in join_ended
  uint32_t runners; // host threads in wa_group_run
  uint32_t max_threads;
  size_t stack_size;
  uint64_t timeout;
  void (*ended_call)(void *arg, const struct wa_thread_end *end);
  void (*reported_call)(void *arg, const struct wa_thread_place *place);
  void *hook_arg;
  wa_snapshot_fn *take;
  bool keep_locals;
  sem_t attention; // posted by wa_group_report, and whenever the wait for the main thread is over
  atomic_int reporting; // whether; to exchange a bool takes a library on RISC-V
  int32_t last_tid;
  bool tids_wrapped;
  bool main_running;
  bool main_returned;
  atomic_bool stopping;
  struct wa_trap reason; // of the first end; valid when stopping
};

static void begin_process(struct wa_group *group) {
  group->process = getpid();
  sem_init(&group->attention, 0, 0);
  pthread_mutex_init(&group->lock, NULL);
  pthread_condattr_t attributes;
  pthread_condattr_init(&attributes);
  pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
  pthread_cond_init(&group->changed, &attributes);
  pthread_condattr_destroy(&attributes);
}

// A child of fork has none of the group's threads, and nobody whom they could wait for; what they
// had is lost. Not when one of them forked, which the child goes on as.
static void notice_fork(struct wa_group *group) {
  if (group->process == getpid() || wa_group_current() == group) {
    return;
  }
  group->running = NULL;
  group->idle = NULL;
  group->ended = NULL;
  group->running_count = 0;
  group->idle_count = 0;
  group->joiners = 0;
  group->runners = 0;
  group->main_running = false;
  begin_process(group);
}

struct wa_group *wa_group_new(const struct wa_group_options *options, struct wa_error *err) {
  struct wa_group *group = calloc(1, sizeof *group);
  if (group == NULL) {
    wa_fail(err, WA_ERROR_SYSTEM, WA_NO_OFFSET, "out of memory");
    return NULL;
  }
  if (!wa_signals_install()) {
    wa_fail(err, WA_ERROR_SYSTEM, WA_NO_OFFSET, "cannot install signal handlers: %s",
            strerror(errno));
    free(group);
    return NULL;
  }
  begin_process(group);
  uint32_t max_threads = options == NULL ? 0 : options->max_threads;
  group->max_threads = max_threads == 0 ? DEFAULT_MAX_THREADS : max_threads;
  group->stack_size = wa_stack_size_for(options == NULL ? 0 : options->stack_size);
  group->timeout = options == NULL ? 0 : options->timeout;
  group->ended_call = options == NULL ? NULL : options->ended;
  group->reported_call = options == NULL ? NULL : options->reported;
  group->hook_arg = options == NULL ? NULL : options->hook_arg;
  group->take = options == NULL ? NULL : options->take;
  group->keep_locals = options != NULL && options->keep_locals;
  return group;
}

// ---- A member's life ----

static void free_member(struct wa_group_member *member) {
  if (member->record != NULL) {
    wa_thread_release(member->record);
  }
  sem_destroy(&member->wake);
  free(member);
}

static void link_running(struct wa_group *group, struct wa_group_member *member) {
  member->previous = NULL;
  member->next = group->running;
  if (member->next != NULL) {
    member->next->previous = member;
  }
  group->running = member;
  group->running_count++;
}

static void unlink_running(struct wa_group *group, struct wa_group_member *member) {
  if (member->previous != NULL) {
    member->previous->next = member->next;
  } else {
    group->running = member->next;
  }
  if (member->next != NULL) {
    member->next->previous = member->previous;
  }
  group->running_count--;
}

static void tell_end(const struct wa_group_member *member, const struct wa_trap *trap) {
  const struct wa_group *group = member->group;
  const struct wa_kept_locals *kept = member->record->kept_locals;
  struct wa_thread_end end = {
      .tid = member->tid, .trap = trap, .locals = kept == NULL ? NULL : kept->values};
  if (group->ended_call != NULL) {
    group->ended_call(group->hook_arg, &end);
  }
}

// One guest thread, from its start to its end. Nothing large may be on this stack: what is below it
// would be on other pages.
static void run_guest(struct wa_group_member *member, bool adopted) {
  struct wa_group *group = member->group;
  struct wa_thread *thread = member->record;
  struct wa_trap *trap = &thread->outcome;
  bool ok = false;
  if (!adopted) {
    if (member->tid != 0) {
      (void)member->fn(member->arg, -EAGAIN, trap);
    }
    wa_trap_init(trap, WA_TRAP_SYSTEM);
    (void)snprintf(trap->message, sizeof trap->message, "cannot make a thread ready");
  } else {
    thread->member = member;
    thread->group_stopping = &group->stopping;
    // Without memory for them they are not known.
    thread->kept_locals = group->keep_locals ? calloc(1, sizeof *thread->kept_locals) : NULL;
    ok = member->fn(member->arg, member->tid, trap);
    if (thread->thrown != NULL) {
      thread->drop_thrown(); // no caller is left
    }
    thread->member = NULL;
    thread->group_stopping = NULL;
  }
  if (!ok) {
    tell_end(member, trap);
    wa_group_end(group, trap);
  }
  free(thread->kept_locals);
  thread->kept_locals = NULL;
}

// Leaves the running: nobody signals this thread any more, which may then cease to exist. Whether
// it is one of the idle now, to be woken for the next guest thread or the end.
static bool leave_running(struct wa_group_member *member) {
  struct wa_group *group = member->group;
  pthread_mutex_lock(&group->lock);
  wa_snapshot_leave(member->record);
  unlink_running(group, member);
  bool main = member->tid == 0;
  bool idle = !main && !atomic_load(&group->stopping) && group->idle_count < MAX_IDLE;
  if (idle) {
    member->next = group->idle;
    group->idle = member;
    group->idle_count++;
  } else {
    member->next = group->ended;
    group->ended = member;
  }
  if (main) {
    group->main_running = false;
    group->main_returned = true;
    sem_post(&group->attention);
  }
  if (main || group->running_count == 0) {
    pthread_cond_broadcast(&group->changed);
  }
  pthread_mutex_unlock(&group->lock);
  return idle;
}

static void wait_for_work(struct wa_group_member *member) {
  while (sem_wait(&member->wake) != 0) {
    // EINTR, the only error that a valid semaphore has
  }
}

static void *run_member(void *argument) {
  struct wa_group_member *member = argument;
  bool adopted = wa_thread_adopt(member->record);
  if (adopted) {
    wa_signals_unblock();
  }
  do {
    run_guest(member, adopted);
    wa_thread_trim(member->record, (uintptr_t)__builtin_frame_address(0));
    if (!leave_running(member)) {
      return NULL;
    }
    wait_for_work(member);
  } while (member->fn != NULL);
  return NULL;
}

static int create_thread(struct wa_group_member *member) {
  const struct wa_thread *record = member->record;
  pthread_attr_t attributes;
  int error = pthread_attr_init(&attributes);
  if (error != 0) {
    return error;
  }
  error = pthread_attr_setstack(&attributes, (void *)record->stack_low,
                                record->stack_high - record->stack_low);
  if (error == 0) {
    error = pthread_create(&member->pthread, &attributes, run_member, member);
  }
  pthread_attr_destroy(&attributes);
  return error;
}

// Under the lock. An idle member for the thread, which is to be woken when the lock is free; NULL
// when there is none.
static struct wa_group_member *take_idle(struct wa_group *group, int32_t tid, wa_thread_fn *fn,
                                         void *arg) {
  struct wa_group_member *member = group->idle;
  if (member != NULL) {
    group->idle = member->next;
    group->idle_count--;
    member->tid = tid;
    member->fn = fn;
    member->arg = arg;
    link_running(group, member);
  }
  return member;
}

// Under the lock, which the new thread takes before it ends: `pthread` is set by then. 0, or a
// number of errno.
static int start_member(struct wa_group *group, int32_t tid, wa_thread_fn *fn, void *arg) {
  struct wa_group_member *member = calloc(1, sizeof *member);
  if (member == NULL) {
    return ENOMEM;
  }
  sem_init(&member->wake, 0, 0);
  member->group = group;
  member->tid = tid;
  member->fn = fn;
  member->arg = arg;
  member->record = wa_thread_reserve(group->stack_size);
  int error = member->record == NULL ? ENOMEM : create_thread(member);
  if (error != 0) {
    free_member(member);
    return error;
  }
  link_running(group, member);
  group->main_running |= tid == 0;
  return 0;
}

// Under the lock, which it lets go meanwhile: joins and frees the members that have left, which
// takes moments.
static void join_ended(struct wa_group *group) {
  struct wa_group_member *member = group->ended;
  if (member == NULL) {
    return;
  }
  group->ended = NULL;
  group->joiners++;
  pthread_mutex_unlock(&group->lock);
  while (member != NULL) {
    struct wa_group_member *next = member->next;
    pthread_join(member->pthread, NULL);
    free_member(member);
    member = next;
  }
  pthread_mutex_lock(&group->lock);
  group->joiners--;
  if (group->joiners == 0) {
    pthread_cond_broadcast(&group->changed);
  }
}

// Under the lock: sends the idle home. They are ended, whenever they get to it.
static void end_idle(struct wa_group *group) {
  while (group->idle != NULL) {
    struct wa_group_member *member = group->idle;
    group->idle = member->next;
    member->fn = NULL;
    member->next = group->ended;
    group->ended = member;
    sem_post(&member->wake);
  }
  group->idle_count = 0;
}

// ---- Thread ids ----

static bool tid_in_use(const struct wa_group *group, int32_t tid) {
  for (const struct wa_group_member *member = group->running; member != NULL;
       member = member->next) {
    if (member->tid == tid) {
      return true;
    }
  }
  return false;
}

// There are far more ids than threads, so a free one is near.
static int32_t next_tid(struct wa_group *group) {
  do {
    if (group->last_tid == MAX_TID) {
      group->last_tid = 0;
      group->tids_wrapped = true;
    }
    group->last_tid++;
  } while (group->tids_wrapped && tid_in_use(group, group->last_tid));
  return group->last_tid;
}

int32_t wa_group_spawn(struct wa_group *group, wa_thread_fn *fn, void *arg) {
  int32_t tid = -EAGAIN;
  struct wa_group_member *idle = NULL;
  pthread_mutex_lock(&group->lock);
  join_ended(group);
  uint32_t spawned = group->running_count - group->main_running;
  if (!atomic_load(&group->stopping) && spawned < group->max_threads) {
    int32_t wanted = next_tid(group);
    idle = take_idle(group, wanted, fn, arg);
    if (idle != NULL || start_member(group, wanted, fn, arg) == 0) {
      tid = wanted;
    }
  }
  pthread_mutex_unlock(&group->lock);
  // Without the lock, which it will want. It does not end before it has been woken.
  if (idle != NULL) {
    sem_post(&idle->wake);
  }
  return tid;
}

// ---- The end ----

// Under the lock.
static void interrupt_members(const struct wa_group *group) {
  for (const struct wa_group_member *member = group->running; member != NULL;
       member = member->next) {
    if (!pthread_equal(member->pthread, pthread_self())) {
      wa_signals_interrupt(member->record);
    }
  }
}

// With the trap for a reason, or with a code when it is NULL.
static void end_locked(struct wa_group *group, const struct wa_trap *trap, enum wa_trap_code code) {
  if (!atomic_load(&group->stopping)) {
    if (trap != NULL) {
      group->reason = *trap;
    } else {
      wa_trap_init(&group->reason, code);
    }
    atomic_store(&group->stopping, true);
    interrupt_members(group);
    pthread_cond_broadcast(&group->changed);
    sem_post(&group->attention);
  }
}

void wa_group_end(struct wa_group *group, const struct wa_trap *trap) {
  notice_fork(group);
  pthread_mutex_lock(&group->lock);
  end_locked(group, trap, trap->code);
  pthread_mutex_unlock(&group->lock);
}

// Under the lock, with `stopping` set.
static void wait_until_gone(struct wa_group *group) {
  for (unsigned times = 0; group->running_count != 0; times++) {
    struct timespec until = wa_clock_after((uint64_t)wa_interrupt_pause(times));
    int error = 0;
    while (group->running_count != 0 && error == 0) {
      error = pthread_cond_timedwait(&group->changed, &group->lock, &until);
    }
    interrupt_members(group);
  }
  end_idle(group);
  join_ended(group);
  while (group->joiners != 0) {
    pthread_cond_wait(&group->changed, &group->lock);
  }
}

// Under the lock, which it lets go meanwhile. A thread that takes no signals for two seconds is
// reported without more.
static void report(struct wa_group *group) {
  enum { PATIENCE = 2000000000 }; // ns
  uint64_t start = wa_clock_now();
  struct wa_report *report = wa_report_new(group->running_count, group->take);
  if (report == NULL) {
    return;
  }
  for (const struct wa_group_member *member = group->running; member != NULL;
       member = member->next) {
    wa_report_ask(report, member->tid, member->record);
  }
  for (unsigned times = 0; !wa_report_is_complete(report) && wa_clock_now() - start < PATIENCE;
       times++) {
    struct timespec pause = {.tv_nsec = wa_interrupt_pause(times)};
    pthread_mutex_unlock(&group->lock);
    nanosleep(&pause, NULL);
    pthread_mutex_lock(&group->lock);
  }
  wa_report_close(report);
  pthread_mutex_unlock(&group->lock);
  wa_report_tell(report, group->reported_call, group->hook_arg);
  pthread_mutex_lock(&group->lock);
}

static void report_if_asked(struct wa_group *group) {
  if (atomic_exchange(&group->reporting, false)) {
    report(group);
  }
}

// With a hook for reports a signal handler may ask for one: what waits must then wake for its sake,
// which a condition variable does not.
static void wait_for_attention(struct wa_group *group) {
  while (!group->main_returned && !atomic_load(&group->stopping)) {
    pthread_mutex_unlock(&group->lock);
    (void)sem_wait(&group->attention);
    pthread_mutex_lock(&group->lock);
    report_if_asked(group);
  }
}

static bool is_before(const struct timespec *a, const struct timespec *b) {
  return a->tv_sec != b->tv_sec ? a->tv_sec < b->tv_sec : a->tv_nsec < b->tv_nsec;
}

// The same until a time, which a semaphore has only by a clock that may be set: looks now and then.
static void wait_for_time(struct wa_group *group) {
  struct timespec end = wa_clock_after(group->timeout);
  while (!group->main_returned && !atomic_load(&group->stopping)) {
    struct timespec next = wa_clock_after(REPORT_LATENCY);
    bool last = group->reported_call == NULL || !is_before(&next, &end);
    int error = pthread_cond_timedwait(&group->changed, &group->lock, last ? &end : &next);
    if (error == ETIMEDOUT && last) {
      end_locked(group, NULL, WA_TRAP_TIMEOUT);
    } else {
      report_if_asked(group);
    }
  }
}

// Under the lock: until the main thread has returned or something ends the group.
static void wait_for_main(struct wa_group *group) {
  if (group->timeout != 0) {
    wait_for_time(group);
  } else if (group->reported_call != NULL) {
    wait_for_attention(group);
  }
  while (!group->main_returned && !atomic_load(&group->stopping)) {
    pthread_cond_wait(&group->changed, &group->lock);
  }
}

bool wa_group_run(struct wa_group *group, wa_thread_fn *fn, void *arg, struct wa_trap *trap) {
  notice_fork(group);
  pthread_mutex_lock(&group->lock);
  group->main_returned = false;
  int error = atomic_load(&group->stopping) ? 0 : start_member(group, 0, fn, arg);
  if (error != 0) {
    pthread_mutex_unlock(&group->lock);
    wa_trap_init(trap, WA_TRAP_SYSTEM);
    (void)snprintf(trap->message, sizeof trap->message,
                   "cannot start the program's main thread: %s%s", strerror(error),
                   error == EPERM ? "; a seccomp filter that refuses clone3 has to answer ENOSYS"
                                  : "");
    return false;
  }
  group->runners++;
  wait_for_main(group);
  bool stopped = atomic_load(&group->stopping);
  if (stopped) {
    wait_until_gone(group);
    *trap = group->reason;
  } else {
    if (group->running_count == 0) {
      end_idle(group);
    }
    join_ended(group);
  }
  group->runners--;
  pthread_cond_broadcast(&group->changed);
  pthread_mutex_unlock(&group->lock);
  return !stopped;
}

void wa_group_report(struct wa_group *group) {
  atomic_store(&group->reporting, true);
  sem_post(&group->attention);
}

void wa_group_stop(struct wa_group *group, const struct wa_trap *reason) {
  notice_fork(group);
  pthread_mutex_lock(&group->lock);
  end_locked(group, reason, WA_TRAP_INTERRUPTED);
  // A member cannot wait for itself.
  if (wa_group_current() != group) {
    wait_until_gone(group);
    while (group->runners != 0) {
      pthread_cond_wait(&group->changed, &group->lock);
    }
  }
  pthread_mutex_unlock(&group->lock);
}

void wa_group_free(struct wa_group *group) {
  if (group == NULL) {
    return;
  }
  wa_group_stop(group, NULL);
  pthread_cond_destroy(&group->changed);
  pthread_mutex_destroy(&group->lock);
  sem_destroy(&group->attention);
  free(group);
}

struct wa_group *wa_group_current(void) {
  const struct wa_thread *thread = wa_thread_peek();
  return thread == NULL || thread->member == NULL ? NULL : thread->member->group;
}

int32_t wa_group_tid(void) {
  const struct wa_thread *thread = wa_thread_peek();
  return thread != NULL && thread->member != NULL ? thread->member->tid : 0;
}

bool wa_group_spawned(void) {
  return wa_group_tid() != 0;
}

bool wa_group_stopping(void) {
  return wa_interrupted();
}

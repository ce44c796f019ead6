#include "runtime/thread/waitlist.h"

#include "runtime/thread/interrupt.h"
#include "runtime/thread/thread.h"

#include <errno.h>
#include <linux/futex.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum { BUCKET_BITS = 10, BUCKET_COUNT = 1 << BUCKET_BITS };
// A waiter's state. Only one that is asleep has to be woken by the kernel.
enum { QUEUED = 0, WOKEN = 1, ASLEEP = 2 };

// A parked thread; lives on its stack.
struct waiter {
  struct waiter *previous;
  struct waiter *next;
  const void *address;
  atomic_uint state; // futex word
  bool queued;       // under the bucket's lock
};

struct bucket {
  pthread_mutex_t lock;
  struct waiter *first;
  struct waiter *last;
  atomic_uint waiters; // in the queue, or about to look at their value
} __attribute__((aligned(64)));

static struct bucket buckets[BUCKET_COUNT] = {
    [0 ... BUCKET_COUNT - 1] = {.lock = PTHREAD_MUTEX_INITIALIZER},
};

static struct bucket *bucket_of(const void *address) {
  uint64_t hash = ((uint64_t)(uintptr_t)address >> 2) * UINT64_C(0x9e3779b97f4a7c15);
  return &buckets[hash >> (64 - BUCKET_BITS)];
}

static void enqueue(struct bucket *bucket, struct waiter *waiter) {
  waiter->previous = bucket->last;
  waiter->next = NULL;
  if (bucket->last != NULL) {
    bucket->last->next = waiter;
  } else {
    bucket->first = waiter;
  }
  bucket->last = waiter;
  waiter->queued = true;
}

static void dequeue(struct bucket *bucket, struct waiter *waiter) {
  if (waiter->previous != NULL) {
    waiter->previous->next = waiter->next;
  } else {
    bucket->first = waiter->next;
  }
  if (waiter->next != NULL) {
    waiter->next->previous = waiter->previous;
  } else {
    bucket->last = waiter->previous;
  }
  waiter->queued = false;
  atomic_fetch_sub(&bucket->waiters, 1);
}

// Sleeps while the word is ASLEEP; 0 or an errno. `deadline` is CLOCK_MONOTONIC, NULL for none.
static int futex_wait(atomic_uint *word, const struct timespec *deadline) {
  long result = syscall(SYS_futex, word, FUTEX_WAIT_BITSET | FUTEX_PRIVATE_FLAG, ASLEEP, deadline,
                        NULL, FUTEX_BITSET_MATCH_ANY);
  return result == 0 ? 0 : errno;
}

static void futex_wake(atomic_uint *word) {
  syscall(SYS_futex, word, FUTEX_WAKE | FUTEX_PRIVATE_FLAG, 1, NULL, NULL, 0);
}

// False when there is no deadline, or one centuries away.
static bool make_deadline(int64_t timeout, struct timespec *deadline) {
  if (timeout < 0) {
    return false;
  }
  clock_gettime(CLOCK_MONOTONIC, deadline);
  int64_t now;
  if (__builtin_mul_overflow((int64_t)deadline->tv_sec, INT64_C(1000000000), &now) ||
      __builtin_add_overflow(now, deadline->tv_nsec, &now) ||
      __builtin_add_overflow(now, timeout, &now)) {
    return false;
  }
  deadline->tv_sec = now / 1000000000;
  deadline->tv_nsec = now % 1000000000;
  return true;
}

// Sleeps until notified (0), timed out (2) or told to end (-1).
static int32_t sleep_parked(struct bucket *bucket, struct waiter *waiter,
                            const struct timespec *deadline) {
  int32_t result = 0;
  unsigned queued = QUEUED;
  if (!atomic_compare_exchange_strong(&waiter->state, &queued, ASLEEP)) {
    return 0;
  }
  while (atomic_load(&waiter->state) == ASLEEP) {
    int error = futex_wait(&waiter->state, deadline);
    if (wa_interrupted()) {
      result = -1;
    } else if (error == ETIMEDOUT) {
      result = 2;
    } else {
      continue;
    }
    pthread_mutex_lock(&bucket->lock);
    bool still_queued = waiter->queued;
    if (still_queued) {
      dequeue(bucket, waiter);
    }
    pthread_mutex_unlock(&bucket->lock);
    if (still_queued) {
      return result;
    }
    // A notifier has counted this thread and holds the waiter until it sets the state.
    deadline = NULL;
    result = 0;
    while (atomic_load(&waiter->state) == ASLEEP) {
      futex_wait(&waiter->state, NULL);
    }
  }
  return result;
}

// The same, and meanwhile it is known where the thread is.
static int32_t sleep_known(struct bucket *bucket, struct waiter *waiter,
                           const struct timespec *deadline) {
  struct wa_thread *thread = wa_thread_peek();
  struct timespec now;
  if (thread == NULL) {
    return sleep_parked(bucket, waiter, deadline);
  }
  clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
  thread->parked.since = (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
  atomic_signal_fence(memory_order_release); // a handler that sees the address reads the time
  thread->parked.address = waiter->address;
  int32_t result = sleep_parked(bucket, waiter, deadline);
  thread->parked.address = NULL;
  return result;
}

static bool holds(const void *address, uint64_t expected, unsigned size) {
  // Not a C11 atomic object: the guest's memory, which its threads access as they like.
  return size == 4 ? __atomic_load_n((const uint32_t *)address, __ATOMIC_SEQ_CST) == expected
                   : __atomic_load_n((const uint64_t *)address, __ATOMIC_SEQ_CST) == expected;
}

static int32_t wait_for(const void *address, uint64_t expected, unsigned size, int64_t timeout) {
  if (wa_interrupted()) {
    return -1;
  }
  struct timespec deadline;
  bool has_deadline = make_deadline(timeout, &deadline);
  struct bucket *bucket = bucket_of(address);
  struct waiter waiter = {.address = address, .state = QUEUED};

  pthread_mutex_lock(&bucket->lock);
  // Counted before the value is read: a notifier that then reads a count of 0 has stored its value
  // before this read (both sides have a seq_cst fence between), so the compare fails.
  atomic_fetch_add(&bucket->waiters, 1);
  atomic_thread_fence(memory_order_seq_cst);
  if (!holds(address, expected, size)) {
    atomic_fetch_sub(&bucket->waiters, 1);
    pthread_mutex_unlock(&bucket->lock);
    return 1;
  }
  enqueue(bucket, &waiter);
  pthread_mutex_unlock(&bucket->lock);
  return sleep_known(bucket, &waiter, has_deadline ? &deadline : NULL);
}

int32_t wa_waitlist_wait32(const void *address, uint32_t expected, int64_t timeout) {
  return wait_for(address, expected, 4, timeout);
}

int32_t wa_waitlist_wait64(const void *address, uint64_t expected, int64_t timeout) {
  return wait_for(address, expected, 8, timeout);
}

// Takes up to `count` waiters of the address out of the queue, as a list linked by `next`.
static struct waiter *take(struct bucket *bucket, const void *address, uint32_t count,
                           uint32_t *taken) {
  struct waiter *list = NULL;
  struct waiter **end = &list;
  pthread_mutex_lock(&bucket->lock);
  struct waiter *next;
  for (struct waiter *waiter = bucket->first; waiter != NULL && *taken < count; waiter = next) {
    next = waiter->next;
    if (waiter->address == address) {
      dequeue(bucket, waiter);
      waiter->next = NULL;
      *end = waiter;
      end = &waiter->next;
      (*taken)++;
    }
  }
  pthread_mutex_unlock(&bucket->lock);
  return list;
}

uint32_t wa_waitlist_notify(const void *address, uint32_t count) {
  struct bucket *bucket = bucket_of(address);
  atomic_thread_fence(memory_order_seq_cst);
  if (count == 0 || atomic_load(&bucket->waiters) == 0) {
    return 0;
  }
  uint32_t taken = 0;
  struct waiter *waiter = take(bucket, address, count, &taken);
  while (waiter != NULL) {
    // Once the state is set the waiter may be gone. Waking a word that is gone wakes nobody, or
    // somebody who looks again.
    struct waiter *next = waiter->next;
    if (atomic_exchange(&waiter->state, WOKEN) == ASLEEP) {
      futex_wake(&waiter->state);
    }
    waiter = next;
  }
  return taken;
}

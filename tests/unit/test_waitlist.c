#include "runtime/thread/waitlist.h"
#include "tests/unit/suite.h"

#include <check.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <time.h>

enum { WAITERS = 16 };

static int64_t now_ns(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static void nap(long nanoseconds) {
  struct timespec pause = {.tv_nsec = nanoseconds};
  nanosleep(&pause, NULL);
}

// Notifies until `wanted` threads have been woken in total: they may not be parked yet.
static void notify_all(const void *address, uint32_t wanted) {
  while (wanted != 0) {
    uint32_t woken = wa_waitlist_notify(address, wanted);
    ck_assert_uint_le(woken, wanted);
    wanted -= woken;
    if (woken == 0) {
      nap(100000);
    }
  }
}

START_TEST(another_value) {
  uint32_t small = 5;
  uint64_t big = UINT64_C(0x500000005);
  ck_assert_int_eq(wa_waitlist_wait32(&small, 6, -1), 1);
  ck_assert_int_eq(wa_waitlist_wait64(&big, 5, -1), 1); // all 64 bits count
}
END_TEST

START_TEST(times_out) {
  uint32_t word = 5;
  int64_t before = now_ns();
  ck_assert_int_eq(wa_waitlist_wait32(&word, 5, 20000000), 2);
  int64_t elapsed = now_ns() - before;
  ck_assert_int_ge(elapsed, 20000000);
  ck_assert_int_lt(elapsed, 2000000000);
  ck_assert_int_eq(wa_waitlist_wait32(&word, 5, 0), 2);
  ck_assert_uint_eq(wa_waitlist_notify(&word, 1), 0); // it has left the queue
}
END_TEST

START_TEST(nobody_waits) {
  uint64_t word = 0;
  ck_assert_uint_eq(wa_waitlist_notify(&word, 0), 0);
  ck_assert_uint_eq(wa_waitlist_notify(&word, UINT32_MAX), 0);
}
END_TEST

static uint32_t words[2];
static int32_t results[WAITERS];

static void *wait_on(void *arg) {
  size_t index = (size_t)(uintptr_t)arg;
  results[index] = wa_waitlist_wait32(&words[index % 2], 0, -1);
  return NULL;
}

static void start(pthread_t threads[WAITERS], void *(*fn)(void *)) {
  for (uintptr_t i = 0; i < WAITERS; i++) {
    ck_assert_int_eq(pthread_create(&threads[i], NULL, fn, (void *)i), 0);
  }
}

static void join(pthread_t threads[WAITERS]) {
  for (int i = 0; i < WAITERS; i++) {
    pthread_join(threads[i], NULL);
  }
}

START_TEST(counts_are_exact) {
  pthread_t threads[WAITERS];
  start(threads, wait_on);
  // One address at a time, in portions: nobody on the other is woken or counted.
  notify_all(&words[0], 3);
  notify_all(&words[0], WAITERS / 2 - 3);
  ck_assert_uint_eq(wa_waitlist_notify(&words[0], UINT32_MAX), 0);
  notify_all(&words[1], WAITERS / 2);
  join(threads);
  for (int i = 0; i < WAITERS; i++) {
    ck_assert_int_eq(results[i], 0);
  }
}
END_TEST

static uint64_t shared_word;

static void *wait_either_way(void *arg) {
  size_t index = (size_t)(uintptr_t)arg;
  results[index] = index % 2 == 0 ? wa_waitlist_wait32(&shared_word, 0, -1)
                                  : wa_waitlist_wait64(&shared_word, 0, -1);
  return NULL;
}

START_TEST(widths_share_an_address) {
  pthread_t threads[WAITERS];
  start(threads, wait_either_way);
  notify_all(&shared_word, WAITERS);
  join(threads);
}
END_TEST

static uint32_t order_word;
static atomic_int order_next;
static int order[WAITERS];

static void *wait_in_line(void *arg) {
  int index = (int)(uintptr_t)arg;
  (void)wa_waitlist_wait32(&order_word, 0, -1);
  order[atomic_fetch_add(&order_next, 1)] = index;
  return NULL;
}

START_TEST(first_come_first_served) {
  pthread_t threads[4];
  for (uintptr_t i = 0; i < 4; i++) {
    ck_assert_int_eq(pthread_create(&threads[i], NULL, wait_in_line, (void *)i), 0);
    nap(50000000); // to be parked before the next one
  }
  for (int i = 0; i < 4; i++) {
    notify_all(&order_word, 1);
    while (atomic_load(&order_next) != i + 1) {
      nap(100000);
    }
  }
  for (int i = 0; i < 4; i++) {
    pthread_join(threads[i], NULL);
    ck_assert_int_eq(order[i], i);
  }
}
END_TEST

// A mutex and a counter, as guests build them on wait and notify.
static uint32_t lock_word; // 0 free, 1 taken, 2 taken and waited for
static uint32_t counter;
enum { ROUNDS = 5000 };

static void *count_up(void *arg) {
  (void)arg;
  for (int i = 0; i < ROUNDS; i++) {
    uint32_t seen = 0;
    if (!__atomic_compare_exchange_n(&lock_word, &seen, 1, false, __ATOMIC_SEQ_CST,
                                     __ATOMIC_SEQ_CST)) {
      while (__atomic_exchange_n(&lock_word, 2, __ATOMIC_SEQ_CST) != 0) {
        (void)wa_waitlist_wait32(&lock_word, 2, -1);
      }
    }
    counter++;
    if (__atomic_exchange_n(&lock_word, 0, __ATOMIC_SEQ_CST) == 2) {
      (void)wa_waitlist_notify(&lock_word, 1);
    }
  }
  return NULL;
}

START_TEST(no_wakeup_is_lost) {
  pthread_t threads[WAITERS];
  start(threads, count_up);
  join(threads);
  ck_assert_uint_eq(counter, WAITERS * ROUNDS);
}
END_TEST

// Timeouts race with notifications: whoever was counted must report 0, and nobody else.
static uint32_t race_word;
static atomic_uint race_woken;
static atomic_uint race_running;

static void *wait_shortly(void *arg) {
  (void)arg;
  for (int i = 0; i < 500; i++) {
    if (wa_waitlist_wait32(&race_word, 0, (i % 50) * 1000) == 0) {
      atomic_fetch_add(&race_woken, 1);
    }
  }
  atomic_fetch_sub(&race_running, 1);
  return NULL;
}

START_TEST(timeouts_race_with_notify) {
  pthread_t threads[WAITERS];
  atomic_store(&race_running, WAITERS);
  start(threads, wait_shortly);
  uint32_t notified = 0;
  while (atomic_load(&race_running) != 0) {
    notified += wa_waitlist_notify(&race_word, 3);
  }
  join(threads);
  ck_assert_uint_eq(atomic_load(&race_woken), notified);
}
END_TEST

int main(void) {
  Suite *suite = suite_create("waitlist");
  TCase *tests = tcase_create("waitlist");
  tcase_set_timeout(tests, 60);
  tcase_add_test(tests, another_value);
  tcase_add_test(tests, times_out);
  tcase_add_test(tests, nobody_waits);
  tcase_add_test(tests, counts_are_exact);
  tcase_add_test(tests, widths_share_an_address);
  tcase_add_test(tests, first_come_first_served);
  tcase_add_test(tests, no_wakeup_is_lost);
  tcase_add_test(tests, timeouts_race_with_notify);
  suite_add_tcase(suite, tests);
  return run_suite(suite);
}

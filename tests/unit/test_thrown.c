// What a host function throws, raised by the unwinder's own functions: on every architecture,
// without a compiler of C++ for it.
#include "runtime/call/thrown.h"
#include "runtime/thread/fiber.h"
#include "runtime/thread/thread.h"
#include "tests/unit/suite.h"

#include <stdint.h>
#include <string.h>
#include <unwind.h>

static int ended;

static void end_exception(_Unwind_Reason_Code reason, struct _Unwind_Exception *exception) {
  ck_assert_int_eq(reason, _URC_FOREIGN_EXCEPTION_CAUGHT);
  ended += exception != NULL;
}

static struct _Unwind_Exception exception;

// In a frame of its own, with registers that the catcher's frame needs back.
static __attribute__((noinline)) void raise_it(void *arg) {
  memset(&exception, 0, sizeof exception);
  memcpy(&exception.exception_class, "wasmaot", 8);
  exception.exception_cleanup = end_exception;
  (void)arg;
  _Unwind_RaiseException(&exception);
  ck_abort_msg("nobody caught it");
}

static void setup(void) {
  ck_assert_ptr_nonnull(wa_thread_current());
  ended = 0;
}

START_TEST(caught_and_dropped) {
  ck_assert(!wa_thrown_pending());
  ck_assert(!wa_thrown_catch(raise_it, NULL, NULL));
  ck_assert(wa_thrown_pending() && ended == 0);
  ck_assert_ptr_eq(wa_thread_current()->thrown, &exception);
  wa_thrown_drop();
  ck_assert(!wa_thrown_pending() && ended == 1);
  wa_thrown_drop();
  ck_assert_int_eq(ended, 1);
}
END_TEST

START_TEST(nobody_catches) {
  ck_assert(!wa_thrown_catch(raise_it, NULL, NULL));
  wa_thrown_go_on();
  ck_assert(!wa_thrown_pending() && ended == 1);
}
END_TEST

static void catch_and_go_on(void *arg) {
  int *depth = arg;
  bool last = (*depth)-- == 0;
  ck_assert(!wa_thrown_catch(last ? raise_it : catch_and_go_on, arg, NULL));
  wa_thrown_go_on();
  ck_abort_msg("nobody caught it");
}

START_TEST(through_many_catchers) {
  for (int levels = 0; levels < 20; levels++) {
    int depth = levels;
    ck_assert(!wa_thrown_catch(catch_and_go_on, &depth, NULL));
    ck_assert(wa_thrown_pending() && ended == levels);
    wa_thrown_drop();
  }
}
END_TEST

// ---- On another stack ----

enum { STACK_SIZE = 256 << 10 };
static char stack[STACK_SIZE] __attribute__((aligned(16)));

static struct wa_arch_turn turn_to(void) {
  return (struct wa_arch_turn){.stack = stack + STACK_SIZE};
}

static bool on_it(uintptr_t address) {
  return address >= (uintptr_t)stack && address < (uintptr_t)stack + STACK_SIZE;
}

static void look_around(void *arg) {
  struct wa_arch_turn *turn = arg;
  volatile char here = 0;
  ck_assert(on_it((uintptr_t)&here));
  ck_assert(!on_it((uintptr_t)turn->left) && (uintptr_t)turn->left % 16 == 0);
}

static void raise_there(void *arg) {
  look_around(arg);
  raise_it(NULL);
}

// With all that a call preserves in use.
static __attribute__((noinline)) bool call_with_full_registers(void (*fn)(void *), uint64_t seed) {
  struct wa_arch_turn turn = turn_to();
  uint64_t a = seed, b = a * 3, c = b * 5, d = c * 7, e = d * 11, f = e * 13, g = f * 17;
  __asm__ volatile("" : "+r"(a), "+r"(b), "+r"(c), "+r"(d), "+r"(e), "+r"(f), "+r"(g));
  bool returned = wa_thrown_catch(fn, &turn, &turn);
  __asm__ volatile("" : "+r"(a), "+r"(b), "+r"(c), "+r"(d), "+r"(e), "+r"(f), "+r"(g));
  ck_assert(a == seed && b == a * 3 && c == b * 5 && d == c * 7 && e == d * 11 && f == e * 13 &&
            g == f * 17);
  volatile char here = 0;
  ck_assert(!on_it((uintptr_t)&here));
  return returned;
}

START_TEST(on_another_stack) {
  for (uint64_t seed = 1; seed < 20; seed++) {
    ck_assert(call_with_full_registers(look_around, seed));
    ck_assert(!call_with_full_registers(raise_there, seed));
    wa_thrown_drop();
    ck_assert_int_eq(ended, (int)seed);
  }
}
END_TEST

int main(void) {
  Suite *suite = suite_create("thrown");
  TCase *tcase = tcase_create("thrown");
  tcase_add_checked_fixture(tcase, setup, NULL);
  tcase_add_test(tcase, caught_and_dropped);
  tcase_add_test(tcase, nobody_catches);
  tcase_add_test(tcase, through_many_catchers);
#ifndef WA_ASAN // which would have to be told of it
  tcase_add_test(tcase, on_another_stack);
#else
  (void)on_another_stack;
#endif
  suite_add_tcase(suite, tcase);
  return run_suite(suite);
}

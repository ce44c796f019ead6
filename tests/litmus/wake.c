// What outcomes alone do not show: that nobody sleeps for ever, that notify counts those whom it
// woke, and that growing gives every page to one thread.
#include "runtime/runtime.h"
#include "tests/litmus/machine.h"
#include "tests/litmus/program.h"
#include "tests/unit/module_builder.h"

#include <stdatomic.h>
#include <stdio.h>

enum { WAITERS = 2, CALLERS = 3, MAX_PAGES = 16, AREAS = 500, DISTANCE = 64 };
enum { WOKEN, NOT_EQUAL, TIMED_OUT };

// ---- The module ----

#define BASE 0x20, 0
#define I32(value) 0x41, value
#define ATOMIC(...) 0xfe, __VA_ARGS__
#define RESULT 0xad, 0x0b // i64.extend_i32_u, end

// Waits while the flag is 0; for at most 20 microseconds; on 64 bits.
static const uint8_t wait32[] = {0, BASE, I32(0), 0x42, 0x7f, ATOMIC(0x01, 2, 0), RESULT};
static const uint8_t wait_briefly[] = {
    0, BASE, I32(0), 0x42, 0xa0, 0x9c, 0x01, ATOMIC(0x01, 2, 0), RESULT};
static const uint8_t wait64[] = {0, BASE, 0x42, 0, 0x42, 0x7f, ATOMIC(0x02, 3, 0), RESULT};
// Sets the flag, wakes all.
static const uint8_t wake[] = {
    0, BASE, I32(1), ATOMIC(0x17, 2, 0), BASE, I32(0x7f), ATOMIC(0x00, 2, 0), RESULT};
// Takes turns with another thread: 200 times waits until the turn is `me` (local 1), gives it away
// and wakes one. Local 2 counts.
static const uint8_t take_turns[] = {1,
                                     1,
                                     0x7f, // one local
                                     0x03,
                                     0x40, // loop
                                     0x02,
                                     0x40,
                                     0x03,
                                     0x40, // block loop
                                     BASE,
                                     ATOMIC(0x10, 2, 0),
                                     0x20,
                                     1,
                                     0x46,
                                     0x0d,
                                     1, // leave when it is our turn
                                     BASE,
                                     I32(1),
                                     0x20,
                                     1,
                                     0x6b,
                                     0x42,
                                     0x7f,
                                     ATOMIC(0x01, 2, 0),
                                     0x1a,
                                     0x0c,
                                     0,
                                     0x0b,
                                     0x0b,
                                     BASE,
                                     I32(1),
                                     0x20,
                                     1,
                                     0x6b,
                                     ATOMIC(0x17, 2, 0), // the other's
                                     BASE,
                                     I32(1),
                                     ATOMIC(0x00, 2, 0),
                                     0x1a,
                                     0x20,
                                     2,
                                     I32(1),
                                     0x6a,
                                     0x22,
                                     2,
                                     0x41,
                                     0xc8,
                                     0x01,
                                     0x49,
                                     0x0d,
                                     0,
                                     0x0b,
                                     0x42,
                                     0,
                                     0x0b};
// Grows by a page and writes to it and reads back; -1 or the page.
static const uint8_t grow[] = {1,    1,    0x7f, I32(1), 0x40, 0,    0x22,  2,    0x41, 0x7f,
                               0x47, 0x04, 0x40, 0x20,   2,    0x41, 16,    0x74, 0x20, 2,
                               0x36, 2,    0x08, 0x20,   2,    0x41, 16,    0x74, 0x28, 2,
                               0x08, 0x21, 2,    0x0b,   0x20, 2,    RESULT};

static const struct {
  char name;
  const uint8_t *body;
  size_t size;
} functions[] = {{'w', wait32, sizeof wait32},         {'b', wait_briefly, sizeof wait_briefly},
                 {'W', wait64, sizeof wait64},         {'n', wake, sizeof wake},
                 {'t', take_turns, sizeof take_turns}, {'g', grow, sizeof grow}};
enum { FUNCTION_COUNT = sizeof functions / sizeof *functions };

static uint8_t *build(size_t *size) {
  struct builder *b = calloc(1, sizeof *b);
  begin_module(b);
  put_section(b, 1, 1, 0x60, 2, 0x7f, 0x7f, 1, 0x7e);
  put_section(b, 2, 1, 1, 'm', 1, 'm', 2, 3, 1, MAX_PAGES);
  put_section(b, 3, FUNCTION_COUNT, 0, 0, 0, 0, 0, 0);
  begin_section(b, 7);
  put_bytes(b, FUNCTION_COUNT);
  for (unsigned i = 0; i < FUNCTION_COUNT; i++) {
    put_bytes(b, 1, (uint8_t)functions[i].name, 0, (uint8_t)i);
  }
  end_sized(b);
  begin_section(b, 10);
  put_bytes(b, FUNCTION_COUNT);
  for (unsigned i = 0; i < FUNCTION_COUNT; i++) {
    put_u32(b, (uint32_t)functions[i].size);
    put(b, functions[i].body, functions[i].size);
  }
  end_sized(b);
  uint8_t *bytes = malloc(b->size);
  memcpy(bytes, b->bytes, b->size);
  *size = b->size;
  free(b);
  return bytes;
}

// ---- Calling ----

struct caller {
  struct wa_func_ref *func;
  unsigned areas, index;
  bool same_area; // calls all have area 0
  uint64_t results[AREAS];
};

static void *call(void *arg) {
  struct caller *caller = arg;
  struct wa_trap trap;
  for (unsigned area = 0; area < caller->areas; area++) {
    union wa_cell cells[2] = {{.u64 = caller->same_area ? 0 : area * DISTANCE},
                              {.u64 = caller->index}};
    if (!wa_func_call(caller->func, cells, &trap)) {
      machine_fail("waiting", trap.message);
    }
    caller->results[area] = cells[0].u64;
  }
  return NULL;
}

static struct caller callers[CALLERS];

// Calls one function on each thread; false when they hang.
static bool call_all(struct loaded *loaded, const char *names, unsigned areas, bool same_area) {
  pthread_t threads[CALLERS];
  unsigned count = (unsigned)strlen(names);
  for (unsigned t = 0; t < count; t++) {
    const char name[] = {names[t], 0};
    callers[t] = (struct caller){.areas = areas, .index = t, .same_area = same_area};
    callers[t].func = machine_function(loaded, name);
  }
  for (unsigned t = 0; t < count; t++) {
    if (pthread_create(&threads[t], NULL, call, &callers[t]) != 0) {
      machine_fail("thread", "cannot start one");
    }
  }
  bool done = machine_join(threads, count);
  if (!done) {
    printf("threads %s hang: a lost wake-up\n", names);
  }
  return done;
}

// ---- Rules ----

static bool count_woken(const char *names) {
  for (unsigned area = 0; area < AREAS; area++) {
    uint64_t woken = 0;
    for (unsigned t = 0; t < WAITERS; t++) {
      uint64_t result = callers[t].results[area];
      woken += result == WOKEN;
      if (result > (names[t] == 'b' ? TIMED_OUT : NOT_EQUAL)) {
        printf("%s: wait returned %llu\n", names, (unsigned long long)result);
        return false;
      }
    }
    if (woken != callers[WAITERS].results[area]) {
      printf("%s: notify counted %llu, but %llu were woken\n", names,
             (unsigned long long)callers[WAITERS].results[area], (unsigned long long)woken);
      return false;
    }
  }
  return true;
}

// Every page beyond the first was given to one thread.
static bool count_pages(unsigned each) {
  bool given[MAX_PAGES] = {true};
  for (unsigned t = 0; t < CALLERS; t++) {
    for (unsigned i = 0; i < each; i++) {
      uint32_t page = (uint32_t)callers[t].results[i];
      if (page == UINT32_MAX) {
        continue;
      }
      if (page >= MAX_PAGES || given[page]) {
        printf("grow gave page %u twice or out of range\n", page);
        return false;
      }
      given[page] = true;
    }
  }
  for (unsigned page = 0; page < MAX_PAGES; page++) {
    if (!given[page]) {
      printf("grow gave page %u to nobody\n", page);
      return false;
    }
  }
  return true;
}

static bool run_round(struct loaded *loaded) {
  static const char *const waits[] = {"wwn", "wbn", "bbn", "WWn", "Wwn"};
  bool ok = true;
  for (size_t i = 0; ok && i < sizeof waits / sizeof *waits; i++) {
    memset(wa_memory_base(loaded->memory), 0, WA_PAGE_SIZE);
    ok = call_all(loaded, waits[i], AREAS, false) && count_woken(waits[i]);
  }
  memset(wa_memory_base(loaded->memory), 0, WA_PAGE_SIZE);
  ok = ok && call_all(loaded, "tt", 1, true);
  return ok && call_all(loaded, "ggg", MAX_PAGES / 2, false) && count_pages(MAX_PAGES / 2);
}

bool wake_tests(int opt_level, unsigned times) {
  size_t size;
  uint8_t *bytes = build(&size);
  bool ok = true;
  unsigned rounds = (times + AREAS - 1) / AREAS;
  for (unsigned round = 0; ok && round < rounds; round++) {
    struct loaded loaded;
    machine_open(&loaded, bytes, size, opt_level);
    ok = run_round(&loaded);
    if (ok) { // else threads may still use it
      machine_close(&loaded);
    }
  }
  free(bytes);
  printf("-O%d: wait, notify and grow: %u rounds of 5 ways to wait in %u places, 200 turns and %u "
         "pages: %s\n",
         opt_level, rounds, (unsigned)AREAS, (unsigned)MAX_PAGES, ok ? "right" : "WRONG");
  return ok;
}

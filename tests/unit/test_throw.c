// Throws by themselves: through few and many frames, near the end of the stack, while other threads
// interrupt, while code comes and goes, and with frame information that is wrong.
#include "runtime/group/threads.h"
#include "runtime/runtime.h"
#include "runtime/thread/landing.h"
#include "runtime/thread/thread.h"
#include "tests/unit/guest_modules.h"
#include "tests/unit/suite.h"

#include <check.h>
#include <elf.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

// What wat2wasm --enable-exceptions makes of:
//
// (module
//   (tag $e (param i32))
//   (func $down (param $frames i32) (param $what i32) (result i32)
//     (if (i32.eqz (local.get $frames)) (then (throw $e (local.get $what))))
//     (i32.add (call $down (i32.sub (local.get $frames) (i32.const 1)) (local.get $what))
//       (i32.const 1)))
//   (func $caught (export "caught") (param $frames i32) (param $what i32) (result i32)
//     (local $kept f64)
//     (local.set $kept (f64.convert_i32_s (local.get $what)))
//     (i32.add
//       (try (result i32)
//         (do (call $down (local.get $frames) (local.get $what)))
//         (catch $e))
//       (i32.trunc_f64_s (f64.mul (local.get $kept) (f64.const 3)))))
//   (func $relay (param $frames i32) (param $what i32) (result i32)
//     (if (i32.eqz (local.get $frames)) (then (throw $e (local.get $what))))
//     (try (result i32)
//       (do (call $relay (i32.sub (local.get $frames) (i32.const 1)) (local.get $what)))
//       (catch $e drop (rethrow 0))))
//   (func (export "relayed") (param $frames i32) (param $what i32) (result i32)
//     (try (result i32)
//       (do (call $relay (local.get $frames) (local.get $what)))
//       (catch $e)))
//   (func (export "spin") (param $frames i32) (param $what i32) (result i32)
//     (loop
//       (drop (call $caught (local.get $frames) (local.get $what)))
//       (br 0))
//     (i32.const 0)))
// clang-format off
static const uint8_t wasm[] = {
    0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00, 0x01, 0x0b, 0x02, 0x60, 0x01, 0x7f, 0x00, 0x60,
    0x02, 0x7f, 0x7f, 0x01, 0x7f, 0x03, 0x06, 0x05, 0x01, 0x01, 0x01, 0x01, 0x01, 0x0d, 0x03, 0x01,
    0x00, 0x00, 0x07, 0x1b, 0x03, 0x06, 0x63, 0x61, 0x75, 0x67, 0x68, 0x74, 0x00, 0x01, 0x07, 0x72,
    0x65, 0x6c, 0x61, 0x79, 0x65, 0x64, 0x00, 0x03, 0x04, 0x73, 0x70, 0x69, 0x6e, 0x00, 0x04, 0x0a,
    0x7a, 0x05, 0x18, 0x00, 0x20, 0x00, 0x45, 0x04, 0x40, 0x20, 0x01, 0x08, 0x00, 0x0b, 0x20, 0x00,
    0x41, 0x01, 0x6b, 0x20, 0x01, 0x10, 0x00, 0x41, 0x01, 0x6a, 0x0b, 0x22, 0x01, 0x01, 0x7c, 0x20,
    0x01, 0xb7, 0x21, 0x02, 0x06, 0x7f, 0x20, 0x00, 0x20, 0x01, 0x10, 0x00, 0x07, 0x00, 0x0b, 0x20,
    0x02, 0x44, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x08, 0x40, 0xa2, 0xaa, 0x6a, 0x0b, 0x1d, 0x00,
    0x20, 0x00, 0x45, 0x04, 0x40, 0x20, 0x01, 0x08, 0x00, 0x0b, 0x06, 0x7f, 0x20, 0x00, 0x41, 0x01,
    0x6b, 0x20, 0x01, 0x10, 0x02, 0x07, 0x00, 0x1a, 0x09, 0x00, 0x0b, 0x0b, 0x0d, 0x00, 0x06, 0x7f,
    0x20, 0x00, 0x20, 0x01, 0x10, 0x02, 0x07, 0x00, 0x0b, 0x0b, 0x10, 0x00, 0x03, 0x40, 0x20, 0x00,
    0x20, 0x01, 0x10, 0x01, 0x1a, 0x0c, 0x00, 0x0b, 0x41, 0x00, 0x0b,
};
// clang-format on

static struct object object;

// ---- Calls ----

struct world {
  struct wa_artifact *artifact;
  struct wa_store *store;
  struct wa_instance *instance;
};

// Not ck_assert, which only the test's own thread may use.
static void need(bool ok) {
  if (!ok) {
    abort();
  }
}

static struct world start(const struct object *from, size_t stack_size) {
  const struct wa_store_options options = {.stack_size = stack_size};
  struct wa_trap trap;
  struct wa_error err;
  struct world world = {.artifact = load_guest(from), .store = wa_store_new(&options)};
  need(wa_instance_new(world.store, world.artifact, NULL, &world.instance, &trap, &err) ==
       WA_INSTANTIATED);
  return world;
}

static void stop(struct world *world) {
  wa_store_free(world->store);
  wa_artifact_release(world->artifact);
}

// WA_TRAP_NONE when the call returned.
static enum wa_trap_code call(const struct world *world, const char *name, int32_t frames,
                              int32_t what, int32_t *result) {
  struct wa_extern function;
  struct wa_trap trap;
  union wa_cell cells[2] = {{.i32 = frames}, {.i32 = what}};
  need(wa_instance_export(world->instance, name, strlen(name), &function));
  bool returned = wa_func_call(function.func, cells, &trap);
  *result = cells[0].i32;
  return returned ? WA_TRAP_NONE : trap.code;
}

static bool returns(const struct world *world, const char *name, int32_t frames, int32_t what,
                    int32_t expected) {
  int32_t result;
  return call(world, name, frames, what, &result) == WA_TRAP_NONE && result == expected;
}

static bool catches(const struct world *world, int32_t frames, int32_t what) {
  return returns(world, "caught", frames, what, 4 * what);
}

// ---- Frames ----

START_TEST(few_and_many_frames) {
  static const int32_t frames[] = {0, 1, 19, 10000, 2, 9999, 0, 20, 100};
  struct world world = start(&object, 0);
  for (int32_t what = 1; what <= 3; what++) {
    for (size_t i = 0; i < sizeof frames / sizeof frames[0]; i++) {
      ck_assert_msg(catches(&world, frames[i], what), "%d frames", frames[i]);
      ck_assert_msg(returns(&world, "relayed", frames[i], what, what), "%d relays", frames[i]);
    }
  }
  stop(&world);
}
END_TEST

// A throw needs some stack itself: without it the call that throws is one too many.
START_TEST(near_the_end_of_the_stack) {
  struct world world = start(&object, WA_MIN_STACK_SIZE);
  int32_t fits = 0, result;
  int32_t too_many = (int32_t)WA_MIN_STACK_SIZE;
  while (too_many - fits > 1) {
    int32_t middle = fits + (too_many - fits) / 2;
    enum wa_trap_code code = call(&world, "caught", middle, 5, &result);
    ck_assert(code == WA_TRAP_STACK_EXHAUSTED || (code == WA_TRAP_NONE && result == 20));
    *(code == WA_TRAP_NONE ? &fits : &too_many) = middle;
  }
  ck_assert_int_gt(fits, 500);
  for (int32_t frames = fits - 40; frames < fits + 40; frames++) {
    enum wa_trap_code code = call(&world, "caught", frames, 5, &result);
    ck_assert_int_eq(code, frames <= fits ? WA_TRAP_NONE : WA_TRAP_STACK_EXHAUSTED);
  }
  stop(&world);
}
END_TEST

// ---- Interrupts ----

struct spinner {
  struct world world;
  int32_t frames;
  atomic_bool end;
  atomic_int interrupted, wrong;
};

static void *spin(void *arg) {
  struct spinner *spinner = arg;
  int32_t result;
  // The last interrupt stays: of a thread that only begins behind it, it ends the one call.
  do {
    bool ended = call(&spinner->world, "spin", spinner->frames, 1, &result) == WA_TRAP_INTERRUPTED;
    atomic_fetch_add(ended ? &spinner->interrupted : &spinner->wrong, 1);
  } while (!atomic_load(&spinner->end));
  return NULL;
}

// Of a thread that does nothing else, which is hardly ever in compiled code.
static void interrupt_throws(int32_t frames) {
  enum { TIMES = 60 };
  struct spinner spinner = {.world = start(&object, 0), .frames = frames};
  pthread_t thread;
  ck_assert_int_eq(pthread_create(&thread, NULL, spin, &spinner), 0);
  for (long i = 0; i < TIMES; i++) {
    struct timespec pause = {.tv_nsec = i * 1000};
    nanosleep(&pause, NULL);
    atomic_store(&spinner.end, i == TIMES - 1);
    ck_assert(wa_store_interrupt(spinner.world.store, -1));
    if (i < TIMES - 1) {
      wa_store_resume(spinner.world.store);
    }
  }
  ck_assert_int_eq(pthread_join(thread, NULL), 0);
  ck_assert_int_gt(atomic_load(&spinner.interrupted), 0);
  ck_assert_int_eq(atomic_load(&spinner.wrong), 0);
  wa_store_resume(spinner.world.store);
  ck_assert(catches(&spinner.world, 20, 7));
  stop(&spinner.world);
}

START_TEST(interrupted) {
  interrupt_throws(0);
  interrupt_throws(5000);
}
END_TEST

// A thread of a group, that throws through so many frames until the group ends.
struct member {
  struct wa_group *group;
  const struct world *world;
  int32_t frames;
};

static bool spin_in_group(void *arg, int32_t tid, struct wa_trap *trap) {
  (void)tid;
  const struct member *member = arg;
  struct wa_instance *instance;
  struct wa_extern function;
  struct wa_error err;
  union wa_cell cells[2] = {{.i32 = member->frames}, {.i32 = 1}};
  need(wa_instance_new(member->world->store, member->world->artifact, NULL, &instance, trap,
                       &err) == WA_INSTANTIATED);
  need(wa_instance_export(instance, "spin", 4, &function));
  bool returned = wa_func_call(function.func, cells, trap);
  wa_instance_free(instance);
  return returned;
}

static bool spin_together(void *arg, int32_t tid, struct wa_trap *trap) {
  struct member *members = arg;
  // On a busy machine the time may be up before they start.
  (void)wa_group_spawn(members[0].group, spin_in_group, &members[1]);
  (void)wa_group_spawn(members[0].group, spin_in_group, &members[2]);
  return spin_in_group(&members[0], tid, trap);
}

START_TEST(a_group_ends) {
  const struct wa_group_options options = {.timeout = 20000000};
  struct world world = start(&object, 0);
  for (int i = 0; i < 5; i++) {
    struct wa_trap trap;
    struct wa_error err;
    struct wa_group *group = wa_group_new(&options, &err);
    struct member members[] = {{group, &world, 0}, {group, &world, 20}, {group, &world, 5000}};
    ck_assert(!wa_group_run(group, spin_together, members, &trap));
    ck_assert_int_eq(trap.code, WA_TRAP_TIMEOUT);
    wa_group_free(group);
  }
  ck_assert(catches(&world, 20, 7));
  stop(&world);
}
END_TEST

// ---- Code that comes and goes ----

static Elf64_Shdr *find_section(const struct object *from, const char *name) {
  Elf64_Ehdr *header = (Elf64_Ehdr *)from->bytes;
  Elf64_Shdr *sections = (Elf64_Shdr *)(from->bytes + header->e_shoff);
  const char *names = (const char *)from->bytes + sections[header->e_shstrndx].sh_offset;
  for (int i = 1; i < header->e_shnum; i++) {
    if (strcmp(names + sections[i].sh_name, name) == 0) {
      return &sections[i];
    }
  }
  ck_abort_msg("no section %s", name);
  return NULL;
}

static struct object copy_of_object(void) {
  struct object copy = {.bytes = malloc(object.size), .size = object.size};
  memcpy(copy.bytes, object.bytes, object.size);
  return copy;
}

// Of frame information nothing is left: what is thrown there is caught by nobody, unless something
// is remembered of the code that was at the same addresses before.
START_TEST(other_code_at_the_same_address) {
  struct object blind = copy_of_object();
  const Elf64_Shdr *frames = find_section(&blind, ".eh_frame");
  memset(blind.bytes + frames->sh_offset, 0, frames->sh_size);
  int same = 0;
  for (int32_t i = 0; i < 20; i++) {
    int32_t result;
    struct world seeing = start(&object, 0);
    const uint8_t *text = seeing.artifact->code.text;
    ck_assert(catches(&seeing, 20, i));
    stop(&seeing);
    struct world unseeing = start(&blind, 0);
    same += unseeing.artifact->code.text == text;
    ck_assert_int_eq(call(&unseeing, "caught", 20, i, &result), WA_TRAP_UNCAUGHT_EXCEPTION);
    stop(&unseeing);
  }
#ifdef WA_TEST_TARGET
  (void)same; // qemu hands out no address again so soon
#else
  ck_assert_int_gt(same, 0);
#endif
  free(blind.bytes);
}
END_TEST

struct thrower {
  pthread_t thread;
  const atomic_bool *end;
  bool stays; // with one instance, whose code others keep loading next to
  int calls, wrong;
};

static void *throw_often(void *arg) {
  struct thrower *thrower = arg;
  struct world world = start(&object, 0);
  do { // once at least, also where a machine has hardly any time for it
    for (int32_t frames = 0; frames < 40; frames++) {
      thrower->calls++;
      thrower->wrong += !catches(&world, frames, thrower->calls % 1000) ||
                        !returns(&world, "relayed", frames / 4, 3, 3);
    }
    if (!thrower->stays) {
      stop(&world);
      world = start(&object, 0);
    }
  } while (!atomic_load(thrower->end));
  stop(&world);
  return NULL;
}

START_TEST(many_threads_while_code_comes_and_goes) {
  enum { THREADS = 6 };
  static struct thrower throwers[THREADS];
  static atomic_bool end;
  for (int i = 0; i < THREADS; i++) {
    throwers[i] = (struct thrower){.end = &end, .stays = i % 2 == 0};
    ck_assert_int_eq(pthread_create(&throwers[i].thread, NULL, throw_often, &throwers[i]), 0);
  }
  struct timespec pause = {.tv_sec = 1};
  nanosleep(&pause, NULL);
  atomic_store(&end, true);
  for (int i = 0; i < THREADS; i++) {
    ck_assert_int_eq(pthread_join(throwers[i].thread, NULL), 0);
    ck_assert_int_gt(throwers[i].calls, 0);
    ck_assert_int_eq(throwers[i].wrong, 0);
  }
}
END_TEST

static void *throw_together(void *arg) {
  const struct world *world = arg;
  for (int32_t i = 0; i < 3000; i++) {
    need(catches(world, i % 20, i) && returns(world, "relayed", i % 5, i, i));
  }
  return NULL;
}

// Whose exceptions are all of one store, which keeps the one that was dropped last for whoever
// throws next.
START_TEST(many_threads_in_one_instance) {
  enum { THREADS = 4 };
  struct world world = start(&object, 0);
  pthread_t threads[THREADS];
  for (int i = 0; i < THREADS; i++) {
    ck_assert_int_eq(pthread_create(&threads[i], NULL, throw_together, &world), 0);
  }
  for (int i = 0; i < THREADS; i++) {
    ck_assert_int_eq(pthread_join(threads[i], NULL), 0);
  }
  stop(&world);
}
END_TEST

// ---- Wrong frame information ----

static uint64_t random_state = 1;

static uint64_t next_random(void) {
  random_state = random_state * UINT64_C(6364136223846793005) + 1442695040888963407u;
  return random_state >> 16;
}

static struct object mutate(void) {
  struct object mutant = copy_of_object();
  const Elf64_Shdr *frames = find_section(&mutant, ".eh_frame");
  for (uint64_t change = next_random() % 12; change > 0; change--) {
    mutant.bytes[frames->sh_offset + next_random() % frames->sh_size] = (uint8_t)next_random();
  }
  const Elf64_Shdr *unwind = find_section(&mutant, WA_SECTION_UNWIND);
  struct wa_unwind_entry *rows = (struct wa_unwind_entry *)(mutant.bytes + unwind->sh_offset);
  if (next_random() % 3 == 0) {
    rows[next_random() % (unwind->sh_size / sizeof *rows)].fde_offset =
        (uint32_t)(next_random() % frames->sh_size);
  }
  return mutant;
}

// Addresses in the text, in and around the guest stack, and anything.
static uintptr_t random_word(const struct wa_thread *thread, const struct wa_artifact *artifact) {
  switch (next_random() % 4) {
  case 0:
    return thread->stack_high - 4096 + next_random() % 8192;
  case 1:
    return (uintptr_t)next_random();
  default:
    return (uintptr_t)artifact->code.text + next_random() % (artifact->code.text_size + 1);
  }
}

// The result of a walk from random registers over a random stack.
static bool walk(struct wa_thread *thread, const struct wa_artifact *artifact) {
  enum { WORDS = 512 };
  uintptr_t registers[WA_SAVED_REGISTERS];
  uintptr_t *stack = (uintptr_t *)thread->stack_high - WORDS;
  for (int i = 0; i < WORDS; i++) {
    stack[i] = random_word(thread, artifact);
  }
  for (int i = 0; i < WA_SAVED_REGISTERS; i++) {
    registers[i] = random_word(thread, artifact);
  }
  uintptr_t sp = (uintptr_t)(stack + next_random() % WORDS);
  registers[WA_SAVED_SP] = sp;
  registers[WA_SAVED_RA] =
      (uintptr_t)artifact->code.text + next_random() % artifact->code.text_size;
  if (!wa_landing_find(thread, registers)) {
    return false;
  }
  ck_assert_uint_gt(registers[WA_SAVED_SP], sp);
  ck_assert_uint_le(registers[WA_SAVED_SP], thread->stack_high);
  ck_assert_uint_lt(registers[WA_SAVED_RA] - (uintptr_t)artifact->code.text,
                    artifact->code.text_size);
  return true;
}

// Nothing runs with what comes of it: only where a walk reads and ends is looked at.
START_TEST(wrong_frame_information_is_harmless) {
  int landed = 0;
  for (int mutant = 0; mutant < 60; mutant++) {
    struct object from = mutate();
    struct world world = start(&from, 0);
    ck_assert(wa_thread_need_stack(wa_thread_current(), WA_DEFAULT_STACK_SIZE));
    for (int i = 0; i < 200; i++) {
      landed += walk(wa_thread_current(), world.artifact);
    }
    stop(&world);
    free(from.bytes);
  }
  ck_assert_int_gt(landed, 0);
}
END_TEST

static int run(int level) {
  object = compile_guest(wasm, sizeof wasm, level);
  Suite *suite = suite_create("throw");
  TCase *tests = tcase_create(level == 0 ? "O0" : "O3");
  tcase_set_timeout(tests, 100);
  tcase_add_test(tests, few_and_many_frames);
  tcase_add_test(tests, near_the_end_of_the_stack);
  tcase_add_test(tests, interrupted);
  tcase_add_test(tests, a_group_ends);
  tcase_add_test(tests, other_code_at_the_same_address);
  tcase_add_test(tests, many_threads_while_code_comes_and_goes);
  tcase_add_test(tests, many_threads_in_one_instance);
  tcase_add_test(tests, wrong_frame_information_is_harmless);
  suite_add_tcase(suite, tests);
  int status = run_suite(suite);
  free(object.bytes);
  return status;
}

int main(void) {
  return run(0) + run(3) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

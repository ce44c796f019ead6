// Loops over 128-bit vectors that are made twice as wide: what they do against what -O0 makes of
// the same code, memory and traps included, with their arrays at every interesting distance.
#include "compiler/target/target.h"
#include "tests/unit/suite.h"

#include "loader/loader.h"
#include "runtime/runtime.h"
#include "tests/unit/guest_modules.h"

#include <check.h>
#include <elf.h>
#include <llvm/Config/llvm-config.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const uint8_t widen_wasm[] = {
#include "widen.inc"
};

// Each takes two places and a number of turns or so. LLVM 17 to 19 keeps what "behind" has
// loaded for the next turn, in a vector that goes around; LLVM 16 does not.
static const struct loop {
  const char *name;
  bool is_widened; // to registers of 256 bits
  bool has_floats;
} loops[] = {
    {"scaled", true, true},
    {"unrolled", true, true},
    {"bytes", true, false},
    {"sums", true, false},
    {"minus", true, false},
    {"floats", true, true},
    {"swapped", true, false},
    {"forward16", false, false},
    {"forward24", false, false},
    {"forward32", true, false},
    {"back16", true, false},
    {"back15", true, false},
    {"mixed", true, false},
    {"halves", true, false},
    {"differences", false, true},
    {"colours", true, false},
    {"columns", false, false},
    {"behind", LLVM_VERSION_MAJOR > 19 || LLVM_VERSION_MAJOR < 17, false},
    {"rows", false, false},
};
enum { LOOPS = sizeof loops / sizeof loops[0], SIZE = 65536, UNROLLED = 512 };

// ---- What runs ----

struct running {
  struct guest guest;
  uint8_t *memory;
};

// For this machine, or another one's assembly.
static struct object compile(const char *cpu, int level, const char *target) {
  struct wa_compile_options options;
  wa_compile_options_init(&options);
  options.opt_level = level;
  options.jobs = 1;
  options.cpu = cpu;
  options.target = target;
  options.emit = target ? WA_EMIT_ASM : WA_EMIT_OBJ;
  options.verify = true;
  return compile_guest_with(widen_wasm, sizeof widen_wasm, &options);
}

static struct running start(const char *cpu, int level) {
  struct object object = compile(cpu, level, NULL);
  struct running running = {.guest = start_object(object)};
  running.memory = wa_memory_base(wa_instance_memory(running.guest.instance, 0));
  return running;
}

// ---- The comparison ----

// No float is a NaN: which one of two an operation passes on is left open.
static uint8_t initial(uint32_t place, bool has_floats) {
  uint32_t value = (place * 7 + (place >> 8) * 29) ^ (place >> 3);
  return (uint8_t)(value & (has_floats ? 0x3f : 0xff));
}

static void fill(uint8_t *memory, bool has_floats) {
  static uint8_t images[2][SIZE];
  static bool is_made[2];
  for (uint32_t i = 0; i < SIZE && !is_made[has_floats]; i++) {
    images[has_floats][i] = initial(i, has_floats);
  }
  is_made[has_floats] = true;
  memcpy(memory, images[has_floats], SIZE);
}

// Whether it returns; its result or the trap's code in `result`.
static bool call(const struct running *running, const char *name, const uint32_t args[3],
                 uint32_t *result) {
  union wa_cell cells[3] = {{.u32 = args[0]}, {.u32 = args[1]}, {.u32 = args[2]}};
  struct wa_extern found;
  struct wa_trap trap;
  ck_assert(wa_instance_export(running->guest.instance, name, strlen(name), &found));
  bool returned = wa_func_call(found.func, cells, &trap);
  *result = returned ? cells[0].u32 : (uint32_t)trap.code;
  return returned;
}

// When an access traps, LLVM's scheduler may have moved it in front of stores that belong to the
// same turns of the narrow loop (docs/semantics.md).
static void compare(const struct running *model, const struct running *tested,
                    const struct loop *loop, uint32_t p, uint32_t q, uint32_t n) {
  uint32_t args[] = {p, q, n}, expected, result;
  const char *name = loop->name;
  if (loop->has_floats && (p - q) % sizeof(double) != 0) {
    return; // parts of floats may be a NaN
  }
  fill(model->memory, loop->has_floats);
  fill(tested->memory, loop->has_floats);
  bool returns = call(model, name, args, &expected);
  ck_assert_msg(call(tested, name, args, &result) == returns, "%s(%x, %x, %u) %s", name, p, q, n,
                returns ? "traps" : "returns");
  ck_assert_msg(result == expected, "%s(%x, %x, %u) = %u, not %u", name, p, q, n, result, expected);
  if (memcmp(model->memory, tested->memory, SIZE) == 0) {
    return;
  }
  for (uint32_t i = 0, missing = 0; i < SIZE; i++) {
    if (model->memory[i] == tested->memory[i]) {
      continue;
    }
    bool is_missing = tested->memory[i] == initial(i, loop->has_floats);
    ck_assert_msg(!returns && is_missing && ++missing <= UNROLLED,
                  "memory after %s(%x, %x, %u), at %x", name, p, q, n, i);
  }
}

static void check_loop(const struct running *model, const struct running *tested,
                       const struct loop *loop) {
  static const int32_t apart[] = {-1024, -64, -48, -33, -32, -31, -17, -16, -15, -1,  0,
                                  1,     15,  16,  17,  31,  32,  33,  48,  64,  1024};
  for (size_t i = 0; i < sizeof apart / sizeof apart[0]; i++) {
    for (uint32_t n = 0; n <= 12; n++) {
      compare(model, tested, loop, 4096, (uint32_t)(4096 + apart[i]), n);
    }
  }
  static const uint32_t places[] = {
      0,          1,          9000,      SIZE - 400, SIZE - 8192 - 256, SIZE - 160,
      SIZE - 129, SIZE - 128, SIZE - 17, 0x80000000, 0xffffff40,        0xfffffff0};
  static const uint32_t turns[] = {1, 2, 3, 7, 8, 9, 10, 16, 20, 21, 0x08000000, 0x10000001};
  for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
    for (size_t j = 0; j < sizeof places / sizeof places[0]; j++) {
      for (size_t k = 0; k < sizeof turns / sizeof turns[0]; k++) {
        compare(model, tested, loop, places[i], places[j], turns[k]);
      }
    }
  }
}

static bool host_has_avx2(void) {
  struct wa_target_host host;
  wa_target_of_host(&host);
  return host.arch->machine == EM_X86_64 && (host.features & WA_X86_AVX2) != 0;
}

START_TEST(wide_loops_behave_as_narrow_ones) {
  struct running model = start("baseline", 0), tested = start("native", _i);
  for (int i = 0; i < LOOPS; i++) {
    check_loop(&model, &tested, &loops[i]);
  }
  stop_guest(&model.guest);
  stop_guest(&tested.guest);
}
END_TEST

// ---- What is compiled ----

// Whether a function uses registers of 256 bits.
static bool is_wide(const char *text, int function) {
  char start[16];
  (void)snprintf(start, sizeof start, "\nf%d:", function);
  const char *from = strstr(text, start);
  ck_assert_ptr_nonnull(from);
  const char *wide = strstr(from, "%ymm"), *end = strstr(from, "\n.Lfunc_end");
  return wide && wide < end;
}

START_TEST(wide_registers_are_used) {
  static const char *const cpus[] = {"x86-64-v2", "x86-64-v3"};
  for (int cpu = 0; cpu < 2; cpu++) {
    struct object object = compile(cpus[cpu], _i, "x86_64-linux-gnu");
    char *text = strndup((const char *)object.bytes, object.size);
    ck_assert_ptr_nonnull(text);
    for (int i = 0; i < LOOPS; i++) {
      ck_assert_msg(is_wide(text, i) == (cpu == 1 && loops[i].is_widened), "%s for %s",
                    loops[i].name, cpus[cpu]);
    }
    free(text);
    free(object.bytes);
  }
}
END_TEST

int main(void) {
  Suite *suite = suite_create("widen");
  TCase *tests = tcase_create("widen");
  tcase_set_timeout(tests, 30);
  if (host_has_avx2()) {
    tcase_add_loop_test(tests, wide_loops_behave_as_narrow_ones, 2, 4);
  } else {
    printf("skipped: wide_loops_behave_as_narrow_ones, as this CPU has no AVX2\n");
  }
  tcase_add_loop_test(tests, wide_registers_are_used, 2, 4);
  suite_add_tcase(suite, tests);
  return run_suite(suite);
}

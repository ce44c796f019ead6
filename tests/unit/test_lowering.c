// What lowering promises beyond results, seen in the IR and the object: loads that stay, calls that
// go, the same bytes whatever -j.
#include "compiler/compile.h"
#include "compiler/lower/simd.h"
#include "tests/unit/module_builder.h"
#include "tests/unit/suite.h"

#include <check.h>
#include <elf.h>
#include <stdlib.h>

// ---- Modules of one function ----

enum { I32 = 0x7f, I64 = 0x7e, F32 = 0x7d, F64 = 0x7c };

// One function (i32, i32) -> (), or with the type given, over a memory, a mutable i32 global and a
// table of three functions of type 0 that nothing can change.
struct code {
  const uint8_t *bytes;
  size_t size;
};

#define CODE(...)                                                                                  \
  (struct code) {                                                                                  \
    (const uint8_t[]){__VA_ARGS__}, sizeof((const uint8_t[]){__VA_ARGS__})                         \
  }

static void build(struct builder *b, struct code code, uint8_t param, uint8_t result) {
  begin_module(b);
  put_section(b, 1, 1, 0x60, 2, param, param, 1, result);
  put_section(b, 3, 2, 0, 0);
  put_section(b, 4, 1, 0x70, 1, 3, 3);
  put_section(b, 5, 1, 0, 1);
  put_section(b, 6, 1, I32, 1, 0x41, 7, 0x0b);
  put_section(b, 7, 1, 1, 'f', 0, 0);
  put_section(b, 9, 1, 0, 0x41, 0, 0x0b, 2, 1, 0);
  begin_section(b, 10);
  put_bytes(b, 2);
  put_u32(b, (uint32_t)code.size + 2);
  put_bytes(b, 0);
  put(b, code.bytes, code.size);
  put_bytes(b, 0x0b);
  put_bytes(b, 4, 0, 0x20, 0, 0x0b);
  end_sized(b);
}

static char *compile(const struct builder *b, struct wa_compile_options *options, size_t *size) {
  struct wa_module module;
  struct wa_error err;
  wa_error_clear(&err);
  ck_assert_msg(load(b, &module, &err), "%s", err.message);
  struct wa_buffer buffer;
  options->verify = true;
  ck_assert_msg(wa_compile(&module, options, &buffer, &err), "%s", err.message);
  char *copy = calloc(1, buffer.size + 1);
  ck_assert_ptr_nonnull(copy);
  memcpy(copy, buffer.data, buffer.size);
  *size = buffer.size;
  wa_buffer_free(&buffer);
  wa_module_deinit(&module);
  return copy;
}

// The IR of function 0 alone. The caller frees it.
static char *ir_of(struct code code, uint8_t type, int opt_level) {
  static struct builder b;
  build(&b, code, type, type);
  struct wa_compile_options options;
  wa_compile_options_init(&options);
  options.opt_level = opt_level;
  options.jobs = 1;
  options.emit = WA_EMIT_IR;
  size_t size;
  char *all = compile(&b, &options, &size);
  char *start = strstr(all, "@f0(");
  ck_assert_ptr_nonnull(start);
  while (start > all && start[-1] != '\n') {
    start--;
  }
  char *end = strstr(start, "\n}");
  ck_assert_ptr_nonnull(end);
  char *body = strndup(start, (size_t)(end - start));
  free(all);
  return body;
}

static void expect(struct code code, uint8_t type, int opt_level, const char *text, bool there) {
  char *ir = ir_of(code, type, opt_level);
  ck_assert_msg((strstr(ir, text) != NULL) == there, "-O%d: '%s' is%s in\n%s", opt_level, text,
                there ? " not" : "", ir);
  free(ir);
}

#define LOCAL0 0x20, 0
#define LOCAL1 0x20, 1

// ---- Loops over a shared memory ----

#define BARRIER "asm sideeffect \"\", \"~{memory}\""

// Whether function 0, (i32, i32) -> i32, of a module whose memory is shared or not has a barrier.
static bool has_barrier(struct code code, bool shared, int opt_level) {
  static struct builder b;
  begin_module(&b);
  put_section(&b, 1, 1, 0x60, 2, I32, I32, 1, I32);
  put_section(&b, 3, 1, 0);
  put_section(&b, 5, 1, shared ? 3 : 1, 1, 2);
  put_section(&b, 7, 1, 1, 'f', 0, 0);
  begin_section(&b, 10);
  put_bytes(&b, 1);
  put_u32(&b, (uint32_t)code.size + 2);
  put_bytes(&b, 0);
  put(&b, code.bytes, code.size);
  put_bytes(&b, 0x0b);
  end_sized(&b);
  struct wa_compile_options options;
  wa_compile_options_init(&options);
  options.opt_level = opt_level;
  options.emit = WA_EMIT_IR;
  size_t size;
  char *ir = compile(&b, &options, &size);
  char *start = strstr(ir, "@f0(");
  ck_assert_ptr_nonnull(start);
  *strstr(start, "\n}") = '\0';
  bool found = strstr(start, BARRIER) != NULL;
  free(ir);
  return found;
}

// ---- Tests ----

START_TEST(dead_load_stays) {
  struct code dropped = CODE(LOCAL0, 0x28, 2, 0, 0x1a, LOCAL0);
  struct code through_a_local = CODE(LOCAL0, 0x28, 2, 0, 0x41, 1, 0x6a, 0x21, 1, LOCAL0);
  for (int level = 0; level <= 3; level++) {
    expect(dropped, I32, level, "load volatile i32", true);
    expect(through_a_local, I32, level, "load volatile i32", true);
  }
}
END_TEST

// if (b) return load(a) * 3; return 7, and select(load(a), 7, b): the load is no part of the
// choice.
START_TEST(load_for_one_branch_stays) {
  struct code branch = CODE(LOCAL0, 0x28, 2, 0, 0x21, 0, LOCAL1, 0x04, 0x40, LOCAL0, 0x41, 3, 0x6c,
                            0x0f, 0x0b, 0x41, 7);
  struct code choice = CODE(LOCAL0, 0x28, 2, 0, 0x41, 7, LOCAL1, 0x1b);
  for (int level = 0; level <= 3; level++) {
    expect(branch, I32, level, "load volatile i32", true);
    expect(choice, I32, level, "load volatile i32", true);
  }
}
END_TEST

START_TEST(live_load_is_plain) {
  struct code live = CODE(LOCAL0, 0x28, 2, 0, LOCAL1, 0x6a);
  for (int level = 1; level <= 3; level++) {
    expect(live, I32, level, "load volatile", false);
  }
}
END_TEST

// A signalling NaN minus zero is quiet, also when both are constants: 0x7fa00000 stays in no
// result.
START_TEST(constants_are_quietened) {
  struct code difference =
      CODE(0x43, 0x00, 0x00, 0xa0, 0x7f, 0x43, 0x00, 0x00, 0x00, 0x00, 0x93, 0xbc);
  for (int level = 0; level <= 3; level++) {
    expect(difference, I32, level, "2141192192", false);
  }
}
END_TEST

// Its value does not matter, which only shows when it is simplified: x ^ x, and a number rotated
// that is not zero.
START_TEST(load_of_no_consequence_stays) {
  struct code same = CODE(LOCAL0, 0x28, 2, 0, 0x22, 1, LOCAL1, 0x73);
  struct code not_zero = CODE(0x41, 1, LOCAL0, 0x28, 2, 0, 0x77, 0x45);
  for (int level = 0; level <= 3; level++) {
    expect(same, I32, level, "load volatile i32", true);
    expect(not_zero, I32, level, "load volatile i32", true);
  }
}
END_TEST

// Above an access there is nothing to compute; across one that may not happen there is.
START_TEST(known_distances_are_not_computed) {
  struct code neighbours = CODE(LOCAL0, 0x28, 2, 0, LOCAL0, 0x41, 8, 0x6a, 0x28, 2, 0, 0x73);
  struct code below_later = CODE(LOCAL0, 0x41, 8, 0x6a, 0x28, 2, 0, LOCAL0, 0x28, 2, 0, 0x73);
  struct code conditional =
      CODE(LOCAL1, 0x04, 0x40, LOCAL0, 0x28, 2, 0, 0x1a, 0x0b, LOCAL0, 0x41, 8, 0x6a, 0x28, 2, 0);
  for (int level = 1; level <= 3; level++) {
    expect(neighbours, I32, level, "add i32", false);
    expect(below_later, I32, level, "add i32", false);
    expect(conditional, I32, level, "add i32", true);
  }
}
END_TEST

// A store before a trap is seen by whoever looks at the memory afterwards.
START_TEST(store_before_trap_stays) {
  expect(CODE(LOCAL0, LOCAL1, 0x36, 2, 0, 0x00), I32, 3, "store volatile i32", true);
}
END_TEST

START_TEST(constant_index_calls_directly) {
  struct code code = CODE(LOCAL0, LOCAL1, 0x41, 0, 0x11, 0, 0);
  expect(code, I32, 0, "@f1(", true);
  expect(code, I32, 0, "@t0", false);
  expect(CODE(LOCAL0, LOCAL1, LOCAL0, 0x11, 0, 0), I32, 0, "@t0", true);
}
END_TEST

START_TEST(short_copies_are_inline) {
  expect(CODE(LOCAL0, LOCAL1, 0x41, 16, 0xfc, 10, 0, 0, LOCAL0), I32, 3, "llvm.stacksave", false);
  expect(CODE(LOCAL0, LOCAL1, 0x41, 0x81, 1, 0xfc, 10, 0, 0, LOCAL0), I32, 3, "llvm.stacksave",
         true);
  expect(CODE(LOCAL0, LOCAL1, 0x41, 0, 0xfc, 10, 0, 0, LOCAL0), I32, 3, "llvm.stacksave", true);
}
END_TEST

// x * 1 must quieten a signalling NaN, so it must not become x.
START_TEST(neutral_operands_are_hidden) {
  expect(CODE(LOCAL0, 0x43, 0, 0, 0x80, 0x3f, 0x94), F32, 3, "@c32_1", true);
  expect(CODE(LOCAL0, 0x43, 0, 0, 0, 0x40, 0x94), F32, 3, "@c32", false);
  expect(CODE(LOCAL0, 0x44, 0, 0, 0, 0, 0, 0, 0, 0, 0xa1), F64, 3, "@c64_0", true);
  expect(CODE(LOCAL0, 0xb6, 0xbb), F64, 3, "fptrunc", true);
}
END_TEST

START_TEST(globals_and_memory_do_not_alias) {
  // global.get, store, global.get: the second read is the first.
  struct code code = CODE(0x23, 0, LOCAL0, LOCAL1, 0x36, 2, 0, 0x23, 0, 0x6a);
  char *ir = ir_of(code, I32, 3);
  char *first = strstr(ir, "load i32");
  ck_assert_ptr_nonnull(first);
  ck_assert_ptr_null(strstr(first + 1, "load i32"));
  free(ir);
}
END_TEST

START_TEST(every_vector_instruction_is_lowered) {
  for (int op = WA_OP_v128_load; op < WA_OP_memory_atomic_notify; op++) {
    ck_assert_msg(wa_simd_find((enum wa_op)op) != NULL, "%s", wa_op_infos[op].spelling);
  }
}
END_TEST

// Enough code for several partitions.
static void build_large(struct builder *b) {
  enum { FUNCTIONS = 100, TESTS = 2000 };
  begin_module(b);
  put_section(b, 1, 1, 0x60, 1, I32, 1, I32);
  begin_section(b, 3);
  put_u32(b, FUNCTIONS);
  for (int i = 0; i < FUNCTIONS; i++) {
    put_bytes(b, 0);
  }
  end_sized(b);
  begin_section(b, 10);
  put_u32(b, FUNCTIONS);
  for (int i = 0; i < FUNCTIONS; i++) {
    put_u32(b, TESTS + 6);
    put_bytes(b, 0, LOCAL0);
    for (int j = 0; j < TESTS; j++) {
      put_bytes(b, 0x45);
    }
    put_bytes(b, 0x10, (uint8_t)(i / 2), 0x0b);
  }
  end_sized(b);
}

START_TEST(same_bytes_whatever_the_jobs) {
  static struct builder b;
  build_large(&b);
  struct wa_compile_options options;
  wa_compile_options_init(&options);
  options.opt_level = 0;
  struct wa_timings timings;
  options.timings = &timings;
  char *objects[3];
  size_t sizes[3];
  for (unsigned i = 0; i < 3; i++) {
    options.jobs = i * 2 + 1;
    objects[i] = compile(&b, &options, &sizes[i]);
    ck_assert_uint_gt(timings.partitions, 3);
    ck_assert_uint_eq(sizes[i], sizes[0]);
    ck_assert_int_eq(memcmp(objects[i], objects[0], sizes[0]), 0);
  }
  for (int i = 0; i < 3; i++) {
    free(objects[i]);
  }
}
END_TEST

static const Elf64_Shdr *section(const char *object, const char *name) {
  const Elf64_Ehdr *header = (const Elf64_Ehdr *)object;
  const Elf64_Shdr *sections = (const Elf64_Shdr *)(object + header->e_shoff);
  const char *names = object + sections[header->e_shstrndx].sh_offset;
  for (int i = 0; i < header->e_shnum; i++) {
    if (strcmp(names + sections[i].sh_name, name) == 0) {
      return &sections[i];
    }
  }
  ck_abort_msg("no section %s", name);
}

// f32.floor is a call of the C library without SSE4.1, and an instruction with it.
START_TEST(text_needs_relocation_only_for_the_c_library) {
  static struct builder b;
  build(&b, CODE(LOCAL0, 0x8e), F32, F32);
  struct wa_compile_options options;
  wa_compile_options_init(&options);
  for (int native = 0; native < 2; native++) {
    options.cpu = native ? "x86-64-v2" : "baseline";
    size_t size;
    char *object = compile(&b, &options, &size);
    uint64_t relocations = section(object, ".rela.text")->sh_size / sizeof(Elf64_Rela);
    ck_assert_uint_eq(relocations, native ? 0 : 1);
    ck_assert_uint_eq(section(object, ".text")->sh_offset % 4096, 0);
    free(object);
  }
}
END_TEST

START_TEST(unknown_targets_are_refused) {
  static struct builder b;
  build(&b, CODE(LOCAL0), I32, I32);
  const struct {
    const char *target, *cpu, *message;
  } wrong[] = {
      {"sparc64-linux-gnu", NULL, "sparc64-linux-gnu"},
      {NULL, "pentium9", "pentium9"},
      {NULL, "pentium9,+avx2", "CPU \"pentium9\""},
      {NULL, "+avx2,fast", "fast"},
      {NULL, "baseline,+simd", "\"+simd\""},
  };
  struct wa_module module;
  struct wa_error err;
  ck_assert(load(&b, &module, &err));
  for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
    struct wa_compile_options options;
    wa_compile_options_init(&options);
    options.target = wrong[i].target;
    options.cpu = wrong[i].cpu;
    struct wa_buffer object;
    wa_error_clear(&err);
    ck_assert(!wa_compile(&module, &options, &object, &err));
    ck_assert_ptr_null(object.data);
    ck_assert_ptr_nonnull(strstr(err.message, wrong[i].message));
  }
  wa_module_deinit(&module);
}
END_TEST

// Loops whose end another thread may decide keep their loads; those that end by themselves are left
// alone, and all in modules without a shared memory.
START_TEST(loops_that_may_wait_keep_their_loads) {
#define LOAD0 LOCAL0, 0x28, 2, 0 // i32.load (local 0)
#define LOOP(...) 0x03, 0x40, __VA_ARGS__, 0x0b
  const struct code waiting[] = {
      // loop (br_if 0 (i32.eqz (load)))
      CODE(LOOP(LOAD0, 0x45, 0x0d, 0), LOCAL0),
      // the same, counting rounds
      CODE(LOOP(LOCAL1, 0x41, 1, 0x6a, 0x21, 1, LOAD0, 0x45, 0x0d, 0), LOCAL1),
      // until the product of two words is above 7, with a store
      CODE(LOOP(LOAD0, LOCAL1, 0x28, 2, 0, 0x6c, 0x41, 7, 0x4c, LOCAL1, 0x41, 5, 0x36, 2, 0, 0x0d,
                0),
           LOCAL0),
      // a byte at a constant address
      CODE(LOOP(0x41, 40, 0x2d, 0, 0, 0x0d, 0), LOCAL0),
      // br_table
      CODE(0x02, 0x40, LOOP(LOAD0, 0x0e, 1, 0, 1), 0x0b, LOCAL0),
      // of two loops, the inner one
      CODE(LOOP(LOOP(LOAD0, 0x45, 0x0d, 0), LOCAL1, 0x41, 1, 0x6b, 0x22, 1, 0x0d, 0), LOCAL0),
      // of two loops, the outer one
      CODE(LOOP(0x41, 9, 0x21, 1, LOOP(LOCAL1, 0x41, 1, 0x6b, 0x22, 1, 0x0d, 0), LOAD0, 0x45, 0x0d,
                0),
           LOCAL0),
      // through memory: store (load 0) at 80, load 80
      CODE(LOOP(0x41, 0xd0, 0, LOAD0, 0x36, 2, 0, 0x41, 0xd0, 0, 0x28, 2, 0, 0x45, 0x0d, 0),
           LOCAL0),
  };
#define NEXT1 LOCAL1, 0x41, 1, 0x6b, 0x22, 1 // local 1 = local 1 - 1
  const struct code ending[] = {
      // adds up: local 0 += load (local 1), counting down local 1
      CODE(LOOP(LOCAL0, LOCAL1, 0x28, 2, 0, 0x6a, 0x21, 0, NEXT1, 0x0d, 0), LOCAL0),
      // searches: until load (local 1) is 0
      CODE(LOOP(NEXT1, 0x28, 2, 0, 0x0d, 0), LOCAL1),
      // scales by a word in memory: store (local 1) (load 0)
      CODE(LOOP(LOCAL1, 0x41, 16, 0x28, 2, 0, 0x36, 2, 0, NEXT1, 0x0d, 0), LOCAL0),
      // selects by a word in memory
      CODE(LOOP(LOCAL1, LOCAL1, LOCAL0, 0x41, 16, 0x28, 2, 0, 0x1b, 0x36, 2, 0, NEXT1, 0x0d, 0),
           LOCAL0),
      // no loop
      CODE(LOAD0),
  };
  for (int level = 1; level <= 3; level += 2) {
    for (size_t i = 0; i < sizeof waiting / sizeof waiting[0]; i++) {
      ck_assert_msg(has_barrier(waiting[i], true, level), "-O%d: waiting loop %zu", level, i);
      ck_assert_msg(!has_barrier(waiting[i], false, level), "-O%d: unshared %zu", level, i);
    }
    for (size_t i = 0; i < sizeof ending / sizeof ending[0]; i++) {
      ck_assert_msg(!has_barrier(ending[i], true, level), "-O%d: ending loop %zu", level, i);
    }
  }
}
END_TEST

int main(void) {
  Suite *suite = suite_create("lowering");
  TCase *tests = tcase_create("lowering");
  tcase_set_timeout(tests, 120);
  tcase_add_test(tests, dead_load_stays);
  tcase_add_test(tests, load_for_one_branch_stays);
  tcase_add_test(tests, live_load_is_plain);
  tcase_add_test(tests, constants_are_quietened);
  tcase_add_test(tests, load_of_no_consequence_stays);
  tcase_add_test(tests, known_distances_are_not_computed);
  tcase_add_test(tests, store_before_trap_stays);
  tcase_add_test(tests, constant_index_calls_directly);
  tcase_add_test(tests, short_copies_are_inline);
  tcase_add_test(tests, neutral_operands_are_hidden);
  tcase_add_test(tests, globals_and_memory_do_not_alias);
  tcase_add_test(tests, every_vector_instruction_is_lowered);
  tcase_add_test(tests, same_bytes_whatever_the_jobs);
  tcase_add_test(tests, text_needs_relocation_only_for_the_c_library);
  tcase_add_test(tests, unknown_targets_are_refused);
  tcase_add_test(tests, loops_that_may_wait_keep_their_loads);
  suite_add_tcase(suite, tests);
  return run_suite(suite);
}

// Backtraces: right where the call frame information is, and harmless where it is not.
#include "runtime/code/cfi_cursor.h"
#include "runtime/runtime.h"
#include "tests/unit/guest_modules.h"
#include "tests/unit/suite.h"

#include <check.h>
#include <elf.h>
#include <stdlib.h>
#include <string.h>

static struct object object; // not optimised: every function has a frame
static struct wa_store *store;
static struct wa_artifact *artifact;
static struct wa_instance *instance;
static struct wa_error err;
static struct wa_trap trap;

static bool host_f(const struct wa_host_call *call, union wa_cell *cells) {
  (void)call;
  (void)cells;
  return wa_raise(WA_TRAP_HOST, "no");
}

static void start(const struct object *from) {
  artifact = load_guest(from);
  store = wa_store_new(NULL);
  struct wa_linker *linker = wa_linker_new(store);
  struct wa_extern global = {.kind = WA_EXTERN_GLOBAL};
  union wa_cell zero = {.i32 = 0};
  global.global = wa_global_new(store, WA_I32, false, &zero, &err);
  ck_assert(wa_linker_define(linker, "host", 4, "g", 1, global, &err));
  ck_assert(wa_linker_define_func(linker, "host", "f", "i:i", host_f, NULL, &err));
  ck_assert_int_eq(wa_instance_new(store, artifact, linker, &instance, &trap, &err),
                   WA_INSTANTIATED);
  wa_linker_free(linker);
}

static void stop(void) {
  wa_store_free(store);
  wa_artifact_release(artifact);
}

static void call_and_trap(const char *name, int32_t argument) {
  struct wa_extern fn;
  union wa_cell cells[1] = {{.i32 = argument}};
  ck_assert(wa_instance_export(instance, name, strlen(name), &fn));
  ck_assert(!wa_func_call(fn.func, cells, &trap));
}

START_TEST(every_frame_is_there) {
  start(&object);
  call_and_trap("deep", 0);
  ck_assert_int_eq(trap.code, WA_TRAP_INTEGER_DIVIDE_BY_ZERO);
  ck_assert_uint_eq(trap.frame_count, 3);
  ck_assert_str_eq(trap.frames[0].name, "bottom");
  ck_assert_str_eq(trap.frames[1].name, "middle");
  ck_assert_str_eq(trap.frames[2].name, ""); // exported, but the source gives it no name
  ck_assert_uint_gt(trap.frames[1].offset, 0);
  call_and_trap("call_host", 1);
  ck_assert_str_eq(trap.message, "no");
  ck_assert_uint_eq(trap.frame_count, 1);
  call_and_trap("recurse", 1);
  ck_assert_int_eq(trap.code, WA_TRAP_STACK_EXHAUSTED);
  ck_assert_uint_eq(trap.frame_count, WA_MAX_FRAMES);
  for (uint32_t i = 0; i < WA_MAX_FRAMES; i++) {
    ck_assert_str_eq(trap.frames[i].name, "recurse");
  }
  stop();
}
END_TEST

static Elf64_Shdr *find_section(struct object *mutant, const char *name) {
  Elf64_Ehdr *header = (Elf64_Ehdr *)mutant->bytes;
  Elf64_Shdr *sections = (Elf64_Shdr *)(mutant->bytes + header->e_shoff);
  const char *names = (const char *)mutant->bytes + sections[header->e_shstrndx].sh_offset;
  for (int i = 1; i < header->e_shnum; i++) {
    if (strcmp(names + sections[i].sh_name, name) == 0) {
      return &sections[i];
    }
  }
  ck_abort_msg("no section %s", name);
  return NULL;
}

static uint32_t random_state = 1;

static uint32_t next_random(void) {
  random_state = random_state * 1664525u + 1013904223u;
  return random_state >> 8;
}

enum { MUTANTS = 150 };

// The code is intact, so the traps are; only what the handler reads about frames is not.
START_TEST(wrong_frame_information_is_harmless) {
  for (int i = 0; i < MUTANTS; i++) {
    struct object mutant = {.bytes = malloc(object.size), .size = object.size};
    memcpy(mutant.bytes, object.bytes, object.size);
    Elf64_Shdr *frames = find_section(&mutant, ".eh_frame");
    for (uint32_t change = next_random() % 20; change > 0; change--) {
      mutant.bytes[frames->sh_offset + next_random() % frames->sh_size] = (uint8_t)next_random();
    }
    if (i % 3 == 0) { // and offsets of frames that are none
      Elf64_Shdr *unwind = find_section(&mutant, WA_SECTION_UNWIND);
      struct wa_unwind_entry *rows = (struct wa_unwind_entry *)(mutant.bytes + unwind->sh_offset);
      rows[next_random() % (unwind->sh_size / sizeof *rows)].fde_offset =
          next_random() % (uint32_t)frames->sh_size;
    }
    start(&mutant);
    call_and_trap("deep", 0);
    ck_assert_int_eq(trap.code, WA_TRAP_INTEGER_DIVIDE_BY_ZERO);
    ck_assert_uint_ge(trap.frame_count, 1);
    ck_assert_str_eq(trap.frames[0].name, "bottom");
    call_and_trap("recurse", 0);
    ck_assert_int_eq(trap.code, WA_TRAP_STACK_EXHAUSTED);
    stop();
    free(mutant.bytes);
  }
}
END_TEST

// DWARF 5, 7.6, up to what 64 bits hold: -64 as LLVM writes it for AArch64 behind the end of a
// function that has taken 64 bytes of arguments off.
START_TEST(numbers_have_64_bits) {
  static const uint8_t bytes[] = {
      0xe5, 0x8e, 0x26,                                           // DWARF's own example: 624485
      0xc0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01, // -64
      0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x02, // 65 bits
  };
  struct wa_cfi_cursor cursor = {.at = bytes, .end = bytes + sizeof bytes};
  ck_assert_uint_eq(wa_cfi_uleb(&cursor), 624485);
  ck_assert_uint_eq(wa_cfi_uleb(&cursor), (uint64_t)-64);
  ck_assert(!cursor.bad);
  ck_assert_uint_eq((uintptr_t)cursor.at, (uintptr_t)bytes + 13);
  (void)wa_cfi_uleb(&cursor);
  ck_assert(cursor.bad);
}
END_TEST

START_TEST(numbers_end_within_the_section) {
  static const uint8_t bytes[] = {0x80, 0x80};
  struct wa_cfi_cursor cursor = {.at = bytes, .end = bytes + sizeof bytes};
  (void)wa_cfi_uleb(&cursor);
  ck_assert(cursor.bad);
}
END_TEST

int main(void) {
  object = compile_guest(rich_wasm, rich_wasm_size, 0);
  Suite *suite = suite_create("unwind");
  TCase *tests = tcase_create("unwind");
  tcase_set_timeout(tests, 60);
  tcase_add_test(tests, every_frame_is_there);
  tcase_add_test(tests, wrong_frame_information_is_harmless);
  tcase_add_test(tests, numbers_have_64_bits);
  tcase_add_test(tests, numbers_end_within_the_section);
  suite_add_tcase(suite, tests);
  int status = run_suite(suite);
  free(object.bytes);
  return status;
}

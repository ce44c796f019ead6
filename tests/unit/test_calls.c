// Instances and calls: linking, traps with their backtraces, host functions, nested calls, stacks.
#include "runtime/runtime.h"
#include "tests/unit/guest_modules.h"
#include "tests/unit/suite.h"

#include <check.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

static struct object object;
static struct wa_artifact *artifact;
static struct wa_store *store;
static struct wa_linker *linker;
static struct wa_instance *instance;
static struct wa_error err;
static struct wa_trap trap;

// host.f: calls fac again for positive arguments, raises for -1, exits for -2, passes on a nested
// trap for -3, and otherwise negates.
static bool host_f(const struct wa_host_call *call, union wa_cell *cells) {
  int32_t value = cells[0].i32;
  if (value == -1) {
    return wa_raise(WA_TRAP_HOST, "no %s today", "luck");
  }
  if (value == -2) {
    return wa_raise_exit(42);
  }
  if (value != -3 && value <= 0) {
    cells[0].i32 = -value;
    return true;
  }
  struct wa_extern fn;
  const char *name = value == -3 ? "deep" : "fac";
  union wa_cell nested[1] = {{.i32 = value == -3 ? 0 : value}};
  struct wa_trap inner;
  if (!wa_instance_export(call->instance, name, strlen(name), &fn)) {
    return wa_raise(WA_TRAP_HOST, "no export");
  }
  if (!wa_func_call(fn.func, nested, &inner)) {
    return wa_raise_trap(&inner);
  }
  cells[0] = nested[0];
  return true;
}

static struct wa_extern export(const char *name) {
  struct wa_extern value;
  ck_assert_msg(wa_instance_export(instance, name, strlen(name), &value), "no export %s", name);
  return value;
}

static bool call(const char *name, union wa_cell *cells) {
  return wa_func_call(export(name).func, cells, &trap);
}

static int32_t call1(const char *name, int32_t argument) {
  union wa_cell cells[1] = {{.i32 = argument}};
  ck_assert_msg(call(name, cells), "%s(%d): %s", name, argument, trap.message);
  return cells[0].i32;
}

static void expect_trap(const char *name, int32_t argument, enum wa_trap_code code) {
  union wa_cell cells[3] = {{.i32 = argument}};
  ck_assert_msg(!call(name, cells), "%s(%d) returned", name, argument);
  ck_assert_msg(trap.code == code, "%s", trap.message);
}

static void define_imports(void) {
  union wa_cell seven = {.i32 = 7};
  struct wa_extern global = {.kind = WA_EXTERN_GLOBAL};
  global.global = wa_global_new(store, WA_I32, false, &seven, &err);
  ck_assert(wa_linker_define_func(linker, "host", "f", "i:i", host_f, NULL, &err));
  ck_assert(wa_linker_define(linker, "host", 4, "g", 1, global, &err));
}

static void setup(void) {
  artifact = load_guest(&object);
  store = wa_store_new(NULL);
  linker = wa_linker_new(store);
  define_imports();
  ck_assert_msg(wa_instance_new(store, artifact, linker, &instance, &trap, &err) == WA_INSTANTIATED,
                "%s", err.message);
}

static void teardown(void) {
  wa_linker_free(linker);
  wa_store_free(store);
  wa_artifact_release(artifact);
}

START_TEST(calls_return_values) {
  ck_assert_int_eq(call1("fac", 5), 120);
  union wa_cell cells[4] = {{.i32 = 1}, {.i64 = -2}, {.f32 = 3.5f}, {.f64 = -4.25}};
  ck_assert(call("pair", cells));
  ck_assert_double_eq(cells[0].f64, -4.25);
  ck_assert_float_eq(cells[1].f32, 3.5f);
  ck_assert_int_eq(cells[2].i64, -2);
  ck_assert_int_eq(cells[3].i32, 1);
  union wa_cell half[1] = {{.f64 = 2.5}};
  ck_assert(call("round", half)); // through a function that LLVM may call: a relocation of the text
  ck_assert_double_eq(half[0].f64, 2.0);
  const struct wa_signature *signature = wa_func_signature(export("pair").func);
  ck_assert_uint_eq(signature->param_count, 4);
  ck_assert_uint_eq(signature->results[0], WA_F64);
}
END_TEST

START_TEST(initial_state) {
  struct wa_global_object *count = export("count").global;
  ck_assert_int_eq(count->cell->i64, 6); // 5, and the start function has run once
  ck_assert(count->mut);
  struct wa_memory_object *memory = export("memory").memory;
  ck_assert_int_eq(memcmp(wa_memory_base(memory) + 16, "hello", 5), 0);
  struct wa_table_object *table = export("table").table;
  ck_assert_ptr_null(wa_table_get(table, 0));
  ck_assert_ptr_nonnull(wa_table_get(table, 1));
  ck_assert_ptr_eq(wa_instance_memory(instance, 0), memory);
  ck_assert_ptr_null(wa_instance_memory(instance, 1));
}
END_TEST

START_TEST(memory_is_live) {
  union wa_cell cells[2] = {{.i32 = 100}, {.i32 = 0x01020304}};
  ck_assert(call("store", cells));
  struct wa_memory_object *memory = export("memory").memory;
  ck_assert_uint_eq(wa_memory_base(memory)[100], 4);
  ck_assert_int_eq(call1("load", 100), 0x01020304);
  ck_assert_int_eq(call1("load", 65532), 0);
  expect_trap("load", 65533, WA_TRAP_MEMORY_OUT_OF_BOUNDS);
  expect_trap("load", -1, WA_TRAP_MEMORY_OUT_OF_BOUNDS);
  ck_assert_int_eq(call1("grow", 1), 1);
  ck_assert_int_eq(call1("load", 65533), 0);
  ck_assert_int_eq(call1("grow", 2), -1);
  ck_assert_int_eq(call1("load", 100), 0x01020304);
}
END_TEST

START_TEST(segments) {
  union wa_cell cells[3] = {{.i32 = 200}, {.i32 = 0}, {.i32 = 7}};
  ck_assert(call("mem_init", cells));
  ck_assert_int_eq(memcmp(wa_memory_base(export("memory").memory) + 200, "passive", 7), 0);
  cells[0].i32 = 200, cells[1].i32 = 1, cells[2].i32 = 7;
  ck_assert(!call("mem_init", cells));
  ck_assert_int_eq(trap.code, WA_TRAP_MEMORY_OUT_OF_BOUNDS);
  cells[0].i32 = 3, cells[1].i32 = 1, cells[2].i32 = 1;
  ck_assert(call("table_init", cells));
  union wa_cell indirect[2] = {{.i32 = 3}, {.i32 = 4}};
  ck_assert(call("indirect", indirect));
  ck_assert_int_eq(indirect[0].i32, 24);
  ck_assert(call("drop", cells));
  cells[0].i32 = 3, cells[1].i32 = 1, cells[2].i32 = 1;
  ck_assert(!call("table_init", cells));
  ck_assert_int_eq(trap.code, WA_TRAP_TABLE_OUT_OF_BOUNDS);
  cells[0].i32 = 3, cells[1].i32 = 0, cells[2].i32 = 0;
  ck_assert(call("table_init", cells));
}
END_TEST

static bool triple(const struct wa_host_call *made, union wa_cell *cells) {
  ck_assert_ptr_null(made->instance);
  cells[0].i32 *= 3;
  return true;
}

START_TEST(indirect_calls) {
  union wa_cell cells[2] = {{.i32 = 1}, {.i32 = 21}};
  ck_assert(call("indirect", cells));
  ck_assert_int_eq(cells[0].i32, 42);
  // Entry 2 is the imported host function: through the table it is called all the same, and it
  // knows the instance that called, or it could not find fac.
  cells[0].i32 = 2, cells[1].i32 = 4;
  ck_assert_msg(call("indirect", cells), "%s", trap.message);
  ck_assert_int_eq(cells[0].i32, 24);
  expect_trap("indirect", 0, WA_TRAP_UNINITIALIZED_ELEMENT);
  expect_trap("indirect", 4, WA_TRAP_UNDEFINED_ELEMENT);
  wa_table_set(export("table").table, 3, export("drop").func);
  expect_trap("indirect", 3, WA_TRAP_INDIRECT_CALL_TYPE);
  ck_assert_str_eq(trap.message, "indirect call type mismatch: expected (func (param i32) (result "
                                 "i32)), found (func)");
  uint32_t many[100];
  for (size_t i = 0; i < 100; i++) {
    many[i] = WA_F64;
  }
  uint32_t type = wa_type_intern(many, 2, many, 98);
  wa_table_set(export("table").table, 3, wa_host_func_new(store, type, triple, NULL, &err));
  expect_trap("indirect", 3, WA_TRAP_INDIRECT_CALL_TYPE);
  ck_assert_str_eq(trap.message,
                   "indirect call type mismatch: expected (func (param i32) (result i32)), found "
                   "(func (param f64 f64) (result f64 f64 f64 f64 f64 f64 f64 f64 "
                   "f64 f64 f64 f64 f64 f64 f64 ...)");
}
END_TEST

START_TEST(host_functions_in_tables) {
  const struct wa_signature *signature = wa_func_signature(export("fac").func);
  uint32_t type = wa_type_intern(signature->params, 1, signature->results, 1);
  struct wa_func_ref *func = wa_host_func_new(store, type, triple, NULL, &err);
  wa_table_set(export("table").table, 0, func);
  union wa_cell cells[2] = {{.i32 = 0}, {.i32 = 14}};
  ck_assert(call("indirect", cells));
  ck_assert_int_eq(cells[0].i32, 42);
  cells[0].i32 = 5;
  ck_assert(wa_func_call(func, cells, &trap)); // and by the host itself
  ck_assert_int_eq(cells[0].i32, 15);
}
END_TEST

START_TEST(host_functions) {
  ck_assert_int_eq(call1("call_host", -9), 9);
  ck_assert_int_eq(call1("call_host", 5), 120); // nested
  expect_trap("call_host", -1, WA_TRAP_HOST);
  ck_assert_str_eq(trap.message, "no luck today");
  ck_assert(!trap.exited);
  expect_trap("call_host", -2, WA_TRAP_HOST);
  ck_assert(trap.exited);
  ck_assert_int_eq(trap.exit_status, 42);
  ck_assert_int_eq(call1("call_host", -9), 9);
}
END_TEST

static bool has_frame(uint32_t index, const char *name) {
  return index < trap.frame_count && strcmp(trap.frames[index].name, name) == 0;
}

START_TEST(backtraces) {
  expect_trap("deep", 0, WA_TRAP_INTEGER_DIVIDE_BY_ZERO);
  ck_assert_str_eq(trap.message, "integer divide by zero");
  ck_assert_uint_ge(trap.frame_count, 1);
  ck_assert_str_eq(trap.frames[0].artifact, "guest.o");
  ck_assert_uint_eq(trap.frames_dropped, 0);
  for (uint32_t i = 0; i < trap.frame_count; i++) {
    ck_assert_uint_lt(trap.frames[i].offset, artifact->code.text_size);
  }
}
END_TEST

START_TEST(backtraces_cross_the_host) {
  expect_trap("call_host", -3, WA_TRAP_INTEGER_DIVIDE_BY_ZERO);
  // The frames of the nested call come first, then those of the call of the host function.
  ck_assert_uint_ge(trap.frame_count, 2);
  const struct wa_frame *last = &trap.frames[trap.frame_count - 1];
  struct wa_trap nested = trap;
  expect_trap("call_host", -1, WA_TRAP_HOST);
  ck_assert_uint_eq(trap.frames[trap.frame_count - 1].function, last->function);
  ck_assert_uint_eq(trap.frames[0].function, nested.frames[nested.frame_count - 1].function);
  ck_assert(!has_frame(0, nested.frames[0].name) || nested.frames[0].name[0] == '\0');
}
END_TEST

START_TEST(stack_exhaustion) {
  for (int i = 0; i < 3; i++) {
    expect_trap("recurse", 0, WA_TRAP_STACK_EXHAUSTED);
    ck_assert_uint_eq(trap.frame_count, WA_MAX_FRAMES);
    ck_assert_uint_gt(trap.frames_dropped, 1000);
    ck_assert(has_frame(0, "recurse") && has_frame(WA_MAX_FRAMES - 1, "recurse"));
  }
  ck_assert_int_eq(call1("fac", 5), 120);
}
END_TEST

static void *exhaust_on_thread(void *arg) {
  (void)arg;
  struct wa_trap own;
  union wa_cell cells[1] = {{.i32 = 0}};
  bool returned = wa_func_call(export("recurse").func, cells, &own);
  return !returned && own.code == WA_TRAP_STACK_EXHAUSTED ? NULL : (void *)1;
}

START_TEST(small_host_stacks_do_not_matter) {
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, 131072);
  for (int i = 0; i < 4; i++) {
    pthread_t thread;
    void *failed;
    ck_assert_int_eq(pthread_create(&thread, &attributes, exhaust_on_thread, NULL), 0);
    pthread_join(thread, &failed);
    ck_assert_ptr_null(failed);
  }
  pthread_attr_destroy(&attributes);
}
END_TEST

// ---- Linking ----

static void expect_failure(const struct wa_linker *with, enum wa_error_kind kind,
                           const char *words) {
  struct wa_instance *other;
  ck_assert_int_eq(wa_instance_new(store, artifact, with, &other, &trap, &err),
                   WA_INSTANTIATE_FAILED);
  ck_assert_int_eq(err.kind, kind);
  ck_assert_msg(strstr(err.message, words) != NULL, "%s", err.message);
  ck_assert_ptr_null(other);
}

static void expect_unlinkable(const struct wa_linker *with, const char *words) {
  expect_failure(with, WA_ERROR_UNLINKABLE, words);
}

START_TEST(imports_must_match) {
  struct wa_linker *empty = wa_linker_new(store);
  expect_failure(NULL, WA_ERROR_MISSING, "import `host`.`f`: unknown import");
  expect_failure(empty, WA_ERROR_MISSING, "import `host`.`f`: unknown import");
  ck_assert(wa_linker_define_func(empty, "host", "f", "I:i", host_f, NULL, &err));
  expect_unlinkable(empty, "expected function [i32] -> [i32], found [i64] -> [i32]");
  ck_assert(wa_linker_define(empty, "host", 4, "f", 1, export("memory"), &err));
  expect_unlinkable(empty, "expected function, found memory");
  ck_assert(wa_linker_define(empty, "host", 4, "f", 1, export("fac"), &err));
  ck_assert(wa_linker_define(empty, "host", 4, "g", 1, export("count"), &err));
  expect_unlinkable(empty, "expected global i32, found mut i64");
  ck_assert(!wa_linker_define_func(empty, "host", "f", "q:", host_f, NULL, &err));
  ck_assert_int_eq(err.kind, WA_ERROR_USAGE);
  wa_linker_free(empty);
}
END_TEST

START_TEST(unknown_imports_may_trap) {
  struct wa_linker *lenient = wa_linker_new(store);
  struct wa_extern global;
  ck_assert(wa_linker_get(linker, "host", 4, "g", 1, &global));
  ck_assert(wa_linker_define(lenient, "host", 4, "g", 1, global, &err));
  wa_linker_trap_unknown(lenient, true);
  ck_assert_int_eq(wa_instance_new(store, artifact, lenient, &instance, &trap, &err),
                   WA_INSTANTIATED);
  ck_assert_int_eq(call1("fac", 5), 120);
  expect_trap("call_host", 1, WA_TRAP_HOST);
  ck_assert_str_eq(trap.message, "unknown import `host`.`f` was called");
  expect_trap("indirect", 2, WA_TRAP_HOST);
  wa_linker_free(lenient);
}
END_TEST

START_TEST(instances_link_to_each_other) {
  struct wa_instance *first = instance;
  struct wa_linker *chained = wa_linker_new(store);
  struct wa_extern global;
  ck_assert(wa_linker_get(linker, "host", 4, "g", 1, &global));
  ck_assert(wa_linker_define_instance(chained, "one", 3, instance, &err));
  struct wa_extern fac;
  ck_assert(wa_linker_get(chained, "one", 3, "fac", 3, &fac));
  ck_assert(wa_linker_define(chained, "host", 4, "f", 1, fac, &err));
  ck_assert(wa_linker_define(chained, "host", 4, "g", 1, global, &err));
  ck_assert_int_eq(wa_instance_new(store, artifact, chained, &instance, &trap, &err),
                   WA_INSTANTIATED);
  ck_assert_int_eq(call1("call_host", 5), 120);
  union wa_cell cells[2] = {{.i32 = 2}, {.i32 = 5}};
  ck_assert(call("indirect", cells));
  ck_assert_int_eq(cells[0].i32, 120);
  // Each has its own memory and globals.
  ck_assert_ptr_ne(wa_instance_memory(instance, 0), wa_instance_memory(first, 0));
  wa_instance_free(instance);
  instance = first;
  ck_assert_int_eq(call1("fac", 3), 6);
  wa_linker_free(chained);
}
END_TEST

START_TEST(many_instances) {
  for (int i = 0; i < 300; i++) {
    struct wa_instance *other;
    ck_assert_int_eq(wa_instance_new(store, artifact, linker, &other, &trap, &err),
                     WA_INSTANTIATED);
    if (i % 2 == 0) {
      wa_instance_free(other);
    }
  }
}
END_TEST

// ---- Faults of others ----

static volatile sig_atomic_t foreign_faults;
static long page_size;

static void on_foreign(int signal, siginfo_t *info, void *context) {
  (void)signal;
  (void)context;
  foreign_faults++;
  mprotect((void *)((uintptr_t)info->si_addr & ~(uintptr_t)(page_size - 1)), (size_t)page_size,
           PROT_READ | PROT_WRITE);
}

// Runs in a child of its own, because the handler has to be there before the runtime's.
static int fault_in_host(bool with_handler) {
  page_size = sysconf(_SC_PAGESIZE);
  if (with_handler) {
    struct sigaction action = {.sa_sigaction = on_foreign, .sa_flags = SA_SIGINFO};
    sigaction(SIGSEGV, &action, NULL);
  } else {
    signal(SIGSEGV, SIG_DFL);
  }
  setup();
  expect_trap("load", -1, WA_TRAP_MEMORY_OUT_OF_BOUNDS);
  volatile uint8_t *page =
      mmap(NULL, (size_t)page_size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  page[10] = 1;
  expect_trap("load", -1, WA_TRAP_MEMORY_OUT_OF_BOUNDS);
  teardown();
  return foreign_faults == 1 && page[10] == 1 ? 0 : 1;
}

static int in_child(bool with_handler) {
  pid_t child = fork();
  if (child == 0) {
    _exit(fault_in_host(with_handler));
  }
  int status;
  ck_assert_int_eq(waitpid(child, &status, 0), child);
  return status;
}

START_TEST(foreign_faults_go_on) {
  int status = in_child(true);
  ck_assert(WIFEXITED(status));
  ck_assert_int_eq(WEXITSTATUS(status), 0);
  status = in_child(false);
  ck_assert(WIFSIGNALED(status));
  ck_assert_int_eq(WTERMSIG(status), SIGSEGV);
}
END_TEST

int main(void) {
  object = compile_guest(rich_wasm, rich_wasm_size, 1);
  Suite *suite = suite_create("calls");
  TCase *tests = tcase_create("calls");
  tcase_set_timeout(tests, 60);
  tcase_add_checked_fixture(tests, setup, teardown);
  tcase_add_test(tests, calls_return_values);
  tcase_add_test(tests, initial_state);
  tcase_add_test(tests, memory_is_live);
  tcase_add_test(tests, segments);
  tcase_add_test(tests, indirect_calls);
  tcase_add_test(tests, host_functions_in_tables);
  tcase_add_test(tests, host_functions);
  tcase_add_test(tests, backtraces);
  tcase_add_test(tests, backtraces_cross_the_host);
  tcase_add_test(tests, stack_exhaustion);
  tcase_add_test(tests, small_host_stacks_do_not_matter);
  tcase_add_test(tests, imports_must_match);
  tcase_add_test(tests, unknown_imports_may_trap);
  tcase_add_test(tests, instances_link_to_each_other);
  tcase_add_test(tests, many_instances);
  suite_add_tcase(suite, tests);
  TCase *faults = tcase_create("faults");
  tcase_add_test(faults, foreign_faults_go_on);
  suite_add_tcase(suite, faults);
  int status = run_suite(suite);
  free(object.bytes);
  return status;
}

// Calls that are interrupted at any moment of a bulk operation, of growing or of throwing leave a
// store behind in which everything is of its type and size, and which goes on.
#include "support.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static const char *const operations[] = {
    "memory.fill", "memory.copy", "memory.init", "memory.grow", "table.fill",
    "table.copy",  "table.init",  "table.grow",  "throw",
};
enum { OPERATIONS = sizeof operations / sizeof *operations, ROUNDS = 60, LONGEST = 400000 };

static wasm_instance_t *instance;

static void *interrupt(void *arg) {
  struct timespec pause = {.tv_nsec = *(const long *)arg};
  nanosleep(&pause, NULL);
  return wasmaot_store_interrupt(store, (int64_t)10000000000) ? store : NULL;
}

// The sizes as the host sees them.
static int32_t sizes(void) {
  wasm_table_t *table = wasm_extern_as_table(wasmaot_instance_export(instance, "table"));
  wasm_memory_t *memory = wasm_extern_as_memory(wasmaot_instance_export(instance, "memory"));
  int32_t sum = (int32_t)(wasm_table_size(table) + wasm_memory_size(memory));
  ck_assert_uint_eq(wasm_memory_data_size(memory), (size_t)wasm_memory_size(memory) * 65536);
  wasm_table_delete(table);
  wasm_memory_delete(memory);
  return sum;
}

static void interrupt_after(const char *operation, long nanoseconds) {
  pthread_t interrupter;
  void *done;
  wasm_func_t *func = function(instance, operation);
  wasm_val_vec_t none = WASM_EMPTY_VEC;
  ck_assert(pthread_create(&interrupter, NULL, interrupt, &nanoseconds) == 0);
  wasm_trap_t *trap = wasm_func_call(func, &none, &none);
  pthread_join(interrupter, &done);
  ck_assert_ptr_nonnull(done);
  ck_assert_ptr_nonnull(trap);
  ck_assert_msg(wasmaot_trap_code(trap) == WASMAOT_TRAP_INTERRUPTED, "%s: code %d", operation,
                (int)wasmaot_trap_code(trap));
  wasm_trap_delete(trap);
  wasm_func_delete(func);
  wasmaot_store_resume(store);
}

START_TEST(everything_is_whole_after_an_interruption) {
  instance = instance_of("builtins.wasm");
  wasm_func_t *check = function(instance, "check");
  for (int i = 0; i < ROUNDS; i++) {
    interrupt_after(operations[_i], rand() % LONGEST);
    interrupt_after(operations[rand() % OPERATIONS], rand() % LONGEST);
    ck_assert_int_eq(call_i32(check, 0, NULL), sizes());
  }
  wasm_func_delete(check);
  wasm_instance_delete(instance);
}
END_TEST

static void add(TCase *tcase) {
  tcase_add_loop_test(tcase, everything_is_whole_after_an_interruption, 0, OPERATIONS);
}

int main(void) {
  return run_tests("api interrupted", add);
}

// Uses the library that is made of shared.wat, through its generated header; C and C++.
#include "libshared.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CHECK(condition)                                                                           \
  do {                                                                                             \
    if (!(condition)) {                                                                            \
      printf("line %d: %s\n", __LINE__, #condition);                                               \
      failures++;                                                                                  \
    }                                                                                              \
  } while (0)

static int failures;
static int logged;

static void log_it(shared *self, int32_t number, double value) {
  CHECK(shared_user(self) == &logged);
  CHECK(value == 2.5);
  if (number < 0)
    shared_raise(self, "negative numbers are not logged");
  logged = number;
}

static int64_t mix(shared *self, int32_t a, int64_t b, float c, double d) {
  CHECK(c == 1.5f && d == -0.25);
  /* Back into the module, from within a call of it. */
  return shared_add(self, a, 1) + b;
}

static int32_t two(shared *self, int32_t a, double *result1) {
  (void)self;
  *result1 = a / 2.0;
  return a * 2;
}

static wasmaot_v128 lanes(int32_t a, int32_t b, int32_t c, int32_t d) {
  int32_t all[4];
  wasmaot_v128 made;
  all[0] = a;
  all[1] = b;
  all[2] = c;
  all[3] = d;
  memcpy(made.bytes, all, sizeof all);
  return made;
}

static int is_lanes(wasmaot_v128 value, int32_t a, int32_t b, int32_t c, int32_t d) {
  wasmaot_v128 wanted = lanes(a, b, c, d);
  return memcmp(&value, &wanted, sizeof value) == 0;
}

static int32_t vector(shared *self, int32_t a, int32_t b, int32_t c, int32_t d, wasmaot_v128 e,
                      int32_t f, wasmaot_v128 g, wasmaot_v128 *result1) {
  *result1 = shared_add_i32x4(self, e, g);
  return ((((a * 10 + b) * 10) + c) * 10 + d) * 10 + f;
}

/* Forgets its last result when asked to: the argument in that place is no reference. */
static int64_t object(shared *self, int64_t a, void *b, void **result1, wasmaot_funcref **result2) {
  *result1 = b == NULL ? &logged : b;
  if (a != 0)
    *result2 = shared_func(self, "eight");
  return a + 1;
}

static void vectors(shared *self) {
  wasmaot_v128 a = lanes(1, -2, 3, -4), b = lanes(10, 20, 30, 40), second, fourth;
  int32_t third, number;
  CHECK(is_lanes(shared_add_i32x4(self, a, b), 11, 18, 33, 36));
  CHECK(is_lanes(shared_one_left(self, 1, 2, 3, 4, a, 5, b), 0, -13, -18, -35));
  CHECK(shared_none_left(self, 1, 2, 3, 4, 5, 600, a, 7, 0.5, b, 9, &second, &third, &fourth) ==
        0.5);
  CHECK(is_lanes(second, 1, -2, 3, -4) && third == 598 && is_lanes(fourth, 10, 20, 30, 40));
  CHECK(is_lanes(shared_call_vector(self, a, b, &number), 11, 18, 33, 36) && number == 12345);
}

static void globals(shared *self, shared *other) {
  CHECK(shared_a_global_get(self) == 7);
  CHECK(shared_i32_get_2(self) == -3 && shared_i32_get(self) == 107);
  shared_i32_set(self, INT32_MIN);
  CHECK(shared_i32_get_2(self) == INT32_MIN && shared_i32_get_2(other) == -3);
  CHECK(shared_i64_get(self) == 0x123456789abcdef);
  shared_i64_set(self, -1);
  CHECK(shared_i64_get(self) == -1);
  CHECK(shared_f32_get(self) == 1.5f && shared_f64_get(self) == -2.25);
  shared_f32_set(self, -0.5f);
  shared_f64_set(self, 1e300);
  CHECK(shared_f32_get(self) == -0.5f && shared_f64_get(self) == 1e300);
  CHECK(is_lanes(shared_v128_get(self), 1, 2, 3, 4));
  shared_v128_set(self, lanes(5, 6, 7, 8));
  CHECK(is_lanes(shared_v128_get(self), 5, 6, 7, 8) && shared_sum(self) == 5);
  CHECK(shared_func_ref_get(self) == shared_func(self, "seven"));
  shared_func_ref_set(self, NULL);
  CHECK(shared_func_ref_get(self) == NULL);
  CHECK(shared_object_get(self) == NULL);
  shared_object_set(self, &failures);
  CHECK(shared_object_get(self) == &failures && shared_object_get(other) == NULL);
}

static void references(shared *self) {
  wasmaot_funcref *eight = shared_func(self, "eight"), *given = NULL;
  void *object = NULL;
  CHECK(eight != NULL && eight != shared_func(self, "seven"));
  CHECK(shared_func(self, "memory") == NULL && shared_func(self, "nothing") == NULL);
  CHECK(shared_call(self, eight) == 8 && shared_trap(self) == NULL);
  CHECK(shared_call(self, NULL) == 0 && shared_trap(self) != NULL);
  CHECK(shared_call(self, shared_func(self, "grow")) == 0 && shared_trap(self) != NULL);
  CHECK(strcmp(shared_trap(self),
               "indirect call type mismatch: expected (func (result i32)), found "
               "(func (param i32) (result i32))") == 0);
  CHECK(shared_a_reference(self, &object) == &object && shared_a_reference(self, NULL) == NULL);
  CHECK(shared_call_object(self, 41, &object, &object, &given) == 42);
  CHECK(object == &object && given == eight);
  CHECK(shared_call_object(self, 0, NULL, &object, &given) == 1);
  CHECK(object == &logged && given == NULL);
}

static void tables(shared *self) {
  wasmaot_funcref *eight = shared_func(self, "eight");
  CHECK(shared_table_size(self) == 3 && shared_objects_size(self) == 2);
  CHECK(shared_table_get(self, 0) == shared_func(self, "seven"));
  CHECK(shared_table_get(self, 1) == NULL && shared_trap(self) == NULL);
  shared_table_set(self, 1, eight);
  CHECK(shared_trap(self) == NULL && shared_table_get(self, 1) == eight);
  CHECK(shared_call_entry(self, 1) == 8);
  CHECK(shared_table_get(self, 3) == NULL && shared_trap(self) != NULL);
  CHECK(strcmp(shared_trap(self), "out of bounds table access") == 0);
  shared_table_set(self, -1, eight);
  CHECK(shared_trap(self) != NULL);
  CHECK(shared_table_grow(self, 2, eight) == 3 && shared_trap(self) == NULL);
  CHECK(shared_table_size(self) == 5 && shared_call_entry(self, 4) == 8);
  CHECK(shared_table_grow(self, 1, NULL) == -1 && shared_table_size(self) == 5);
  shared_objects_set(self, 1, &failures);
  CHECK(shared_objects_get(self, 1) == &failures && shared_objects_get(self, 0) == NULL);
  CHECK(shared_objects_grow(self, 3, &logged) == 2 && shared_objects_get(self, 4) == &logged);
}

static void names(shared *self) {
  CHECK(shared_(self) == 100 && shared__(self) == 101 && shared_a_b(self) == 102);
  CHECK(shared____(self) == 103 && shared_______(self) == 104 && shared_back_(self) == 105);
  CHECK(shared_two_lines(self) == 106 && shared_memory_grow(self) == 108);
  CHECK(shared_t(self) == 109 && (shared_config)(self) == 110);
}

static void calls(shared *self) {
  int32_t second;
  int64_t third;
  CHECK(shared_add(self, 2, 40) == 42 && shared_trap(self) == NULL);
  CHECK(shared_add(self, INT32_MAX, 1) == INT32_MIN);
  CHECK(shared_mix(self, -1, -10, 0.5f, 100.25) == 89.75);
  CHECK(shared_many(self, 100, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11.0f, 12.0) == 90);
  CHECK(shared_swap(self, -7, 0.125, &second, &third) == 0.125);
  CHECK(second == -7 && third == -5);
  CHECK(shared_negate_it_(self, 2.0f) == -2.0f && shared_negate_it__2(self, 3.0) == -3.0);
  shared_create_2(self);
  CHECK(shared_trap(self) == NULL);
}

static void imports(shared *self) {
  shared_call_log(self, 5);
  CHECK(logged == 5 && shared_trap(self) == NULL);
  shared_call_log(self, -5);
  CHECK(shared_trap(self) != NULL && strstr(shared_trap(self), "are not logged") != NULL);
  CHECK(shared_exit_status(self) == -1);
  CHECK(shared_call_mix(self, -3, (int64_t)1 << 40) == ((int64_t)1 << 40) - 2);
  CHECK(shared_trap(self) == NULL);
  CHECK(shared_call_two(self, 5) == 12.5);
}

static void traps(shared *self) {
  CHECK(shared_divide(self, 7, 2) == 3);
  CHECK(shared_divide(self, 7, 0) == 0);
  CHECK(shared_trap(self) != NULL && strcmp(shared_trap(self), "integer divide by zero") == 0);
  CHECK(shared_divide(self, INT32_MIN, -1) == 0);
  CHECK(shared_trap(self) != NULL && strcmp(shared_trap(self), "integer overflow") == 0);
  CHECK(shared_divide(self, 9, 3) == 3 && shared_trap(self) == NULL);
}

static void memory(shared *self) {
  size_t size;
  uint8_t *bytes = shared_memory(self, &size);
  int32_t value = 123456789;
  CHECK(size == 65536);
  memcpy(bytes + 100, &value, sizeof value);
  CHECK(shared_load(self, 100) == value);
  CHECK(shared_load(self, 65536) == 0 && shared_trap(self) != NULL);
  CHECK(shared_grow(self, 2) == 1 && shared_memory(self, &size) == bytes && size == 3 * 65536);
  CHECK(shared_load(self, 65536) == 0 && shared_trap(self) == NULL);
  CHECK(shared_memory_size(self) == 3 && shared_memory_grow_2(self, 1) == 3);
  CHECK(shared_memory_size(self) == 4 && shared_memory_grow_2(self, 1) == -1);
}

int main(void) {
  char error[200] = "";
  struct shared_imports table;
  struct shared_config config;
  memset(&config, 0, sizeof config);
  memset(&table, 0, sizeof table);
  table.env_log = log_it;
  table.env_mix = mix;
  table.env_two = two;
  table.env_vector = vector;
  table.env_object = object;
  config.imports = &table;
  config.user = &logged;
  shared *self = shared_create(&config, error, sizeof error);
  shared *other = shared_create(&config, NULL, 0);
  CHECK(self != NULL && other != NULL);
  if (self == NULL || other == NULL) {
    printf("%s\n", error);
    return 1;
  }
  calls(self);
  imports(self);
  traps(self);
  memory(self);
  vectors(self);
  globals(self, other);
  references(self);
  tables(self);
  names(self);
  CHECK(shared_count(self) == 1 && shared_count(self) == 2 && shared_count(other) == 1);
  shared_destroy(self);
  CHECK(shared_count(other) == 2);
  shared_destroy(other);
  shared_destroy(NULL);

  /* Without imports, those that are called trap. */
  self = shared_create(NULL, error, sizeof error);
  shared_call_log(self, 1);
  CHECK(shared_trap(self) != NULL && strstr(shared_trap(self), "env.log") != NULL);
  shared_destroy(self);
  const char *const dirs[] = {"/nonexistent", NULL};
  config.dirs = dirs;
  CHECK(shared_create(&config, error, sizeof error) == NULL);
  CHECK(strstr(error, "/nonexistent") != NULL);
  const char *const fixed[] = {"/nowhere::/x:ro", NULL};
  config.dirs = fixed;
  CHECK(shared_create(&config, error, sizeof error) == NULL);
  CHECK(strstr(error, "'/nowhere'") != NULL);
  const char *const unmarked[] = {"/nowhere:ro", NULL};
  config.dirs = unmarked;
  CHECK(shared_create(&config, error, sizeof error) == NULL);
  CHECK(strstr(error, "'/nowhere'") != NULL);
  for (int i = 0; i < 200; i++) {
    self = shared_create(NULL, error, sizeof error);
    CHECK(shared_add(self, i, i) == 2 * i);
    shared_destroy(self);
  }
  printf("%d failures\n", failures);
  return failures != 0;
}

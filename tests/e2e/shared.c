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
}

int main(void) {
  char error[200] = "";
  struct shared_imports table;
  struct shared_config config;
  memset(&config, 0, sizeof config);
  table.env_log = log_it;
  table.env_mix = mix;
  table.env_two = two;
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
  for (int i = 0; i < 200; i++) {
    self = shared_create(NULL, error, sizeof error);
    CHECK(shared_add(self, i, i) == 2 * i);
    shared_destroy(self);
  }
  printf("%d failures\n", failures);
  return failures != 0;
}

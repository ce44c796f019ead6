// Arguments, environment, random bytes, yielding, signals. Run with `--env FIRST=1 --env SECOND=`.
#include "test.h"

static char *pointers[16];
static char bytes[1024];

static void args_counted(void) {
  size_t count = 0;
  size_t size = 0;
  OK(wasi_args_sizes_get(&count, &size));
  OK(wasi_args_get(pointers, bytes));
  size_t sum = 0;
  for (size_t i = 0; i < count; i++)
    sum += strlen(pointers[i]) + 1;
  TRUE(count >= 1 && sum == size);
}

static void args_in_order(void) {
  size_t count = 0;
  size_t size = 0;
  OK(wasi_args_sizes_get(&count, &size));
  OK(wasi_args_get(pointers, bytes));
  TRUE(pointers[0] == bytes && strlen(pointers[0]) > 0);
  for (size_t i = 1; i < count; i++)
    TRUE(pointers[i] == pointers[i - 1] + strlen(pointers[i - 1]) + 1);
}

static void args_nothing_more(void) {
  size_t count = 0;
  size_t size = 0;
  OK(wasi_args_sizes_get(&count, &size));
  memset(bytes, 'x', sizeof bytes);
  pointers[count] = bytes;
  OK(wasi_args_get(pointers, bytes));
  TRUE(bytes[size] == 'x' && pointers[count] == bytes);
}

static void args_bad_pointer(void) {
  IS(wasi_args_get((char **)(memory_end() - 2), bytes), E_FAULT);
  IS(wasi_args_get(pointers, memory_end() - 1), E_FAULT);
}

static void args_sizes_bad_pointer(void) {
  size_t size;
  IS(wasi_args_sizes_get((size_t *)(memory_end() - 3), &size), E_FAULT);
  IS(wasi_args_sizes_get(&size, (size_t *)(memory_end() - 3)), E_FAULT);
  OK(wasi_args_sizes_get(&size, (size_t *)(memory_end() - 4)));
}

static void environ_values(void) {
  size_t count = 0;
  size_t size = 0;
  OK(wasi_environ_sizes_get(&count, &size));
  TRUE(count == 2 && size == sizeof "FIRST=1" + sizeof "SECOND=");
  OK(wasi_environ_get(pointers, bytes));
  TRUE(strcmp(pointers[0], "FIRST=1") == 0 && strcmp(pointers[1], "SECOND=") == 0);
}

static void environ_bad_pointer(void) {
  IS(wasi_environ_get((char **)(memory_end() - 6), bytes), E_FAULT);
  IS(wasi_environ_get(pointers, memory_end() - 3), E_FAULT);
}

static void environ_sizes(void) {
  size_t count = 0;
  size_t size = 0;
  OK(wasi_environ_sizes_get(&count, &size));
  TRUE(count == 2 && size == 16);
}

static void environ_sizes_bad_pointer(void) {
  size_t size;
  IS(wasi_environ_sizes_get((size_t *)memory_end(), &size), E_FAULT);
  IS(wasi_environ_sizes_get(&size, (size_t *)-1), E_FAULT);
}

static void random_differs(void) {
  static uint8_t a[64];
  static uint8_t b[64];
  OK(wasi_random_get(a, sizeof a));
  OK(wasi_random_get(b, sizeof b));
  TRUE(memcmp(a, b, sizeof a) != 0);
}

static void random_fills_only(void) {
  uint8_t a[48] = {0};
  bool changed = false;
  for (int round = 0; round < 20 && !changed; round++) {
    OK(wasi_random_get(a + 8, 32));
    changed = a[8] != 0 && a[39] != 0;
  }
  TRUE(changed);
  for (int i = 0; i < 8; i++)
    TRUE(a[i] == 0 && a[40 + i] == 0);
}

static void random_long(void) {
  enum { SIZE = 100000 };
  uint8_t *data = allocate(SIZE);
  int zeros = 0;
  OK(wasi_random_get(data, SIZE));
  for (int i = 0; i < SIZE; i++)
    zeros += data[i] == 0;
  TRUE(zeros > 200 && zeros < 600);
}

static void random_nothing(void) {
  OK(wasi_random_get(memory_end(), 0));
}

static void random_bad_pointer(void) {
  IS(wasi_random_get(memory_end() - 1, 2), E_FAULT);
  IS(wasi_random_get((void *)16, 0xffffffff), E_FAULT);
}

static void yields(void) {
  for (int i = 0; i < 100; i++)
    OK(wasi_sched_yield());
}

static void raise_ignored(void) {
  static const uint8_t ignored[] = {0, 13, 16, 17, 22, 27}; // none pipe chld cont urg winch
  for (size_t i = 0; i < sizeof ignored; i++)
    OK(wasi_proc_raise(ignored[i]));
}

static void raise_stopping(void) {
  for (uint32_t signal = 18; signal <= 21; signal++)
    IS(wasi_proc_raise(signal), E_NOTSUP);
}

static void raise_unknown(void) {
  IS(wasi_proc_raise(31), E_INVAL);
  IS(wasi_proc_raise(256 + 9), E_INVAL);
  IS(wasi_proc_raise(0xffffffff), E_INVAL);
}

const struct test tests_env[] = {
    {"args_get", "as many and as long as args_sizes_get says", args_counted},
    {"args_get", "one after the other, the program's name first", args_in_order},
    {"args_get", "writes nothing behind the last", args_nothing_more},
    {"args_get", "EFAULT past the memory's end", args_bad_pointer},
    {"args_sizes_get", "EFAULT past the memory's end", args_sizes_bad_pointer},
    {"environ_get", "NAME=VALUE in the order given, nothing of the host's", environ_values},
    {"environ_get", "EFAULT past the memory's end", environ_bad_pointer},
    {"environ_sizes_get", "counts variables and bytes with their NULs", environ_sizes},
    {"environ_sizes_get", "EFAULT past the memory's end", environ_sizes_bad_pointer},
    {"random_get", "two draws differ", random_differs},
    {"random_get", "fills the buffer and nothing around it", random_fills_only},
    {"random_get", "fills long buffers evenly", random_long},
    {"random_get", "no bytes at the memory's end", random_nothing},
    {"random_get", "EFAULT past the memory's end", random_bad_pointer},
    {"sched_yield", "returns", yields},
    {"proc_raise", "signals that are ignored by default", raise_ignored},
    {"proc_raise", "ENOTSUP for those that stop", raise_stopping},
    {"proc_raise", "EINVAL for no signal", raise_unknown},
    {NULL, NULL, NULL},
};

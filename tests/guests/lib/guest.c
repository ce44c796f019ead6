#include "guest.h"

#include <stdarg.h>

size_t strlen(const char *text) {
  size_t length = 0;
  while (text[length] != '\0')
    length++;
  return length;
}

int strcmp(const char *a, const char *b) {
  while (*a != '\0' && *a == *b) {
    a++;
    b++;
  }
  return (unsigned char)*a - (unsigned char)*b;
}

void *memcpy(void *restrict to, const void *restrict from, size_t size) {
  return memmove(to, from, size);
}

void *memmove(void *to, const void *from, size_t size) {
  unsigned char *t = to;
  const unsigned char *f = from;
  if (t <= f) {
    for (size_t i = 0; i < size; i++)
      t[i] = f[i];
  } else {
    while (size-- > 0)
      t[size] = f[size];
  }
  return to;
}

void *memset(void *to, int value, size_t size) {
  unsigned char *t = to;
  for (size_t i = 0; i < size; i++)
    t[i] = (unsigned char)value;
  return to;
}

int memcmp(const void *a, const void *b, size_t size) {
  const unsigned char *x = a;
  const unsigned char *y = b;
  for (size_t i = 0; i < size; i++) {
    if (x[i] != y[i])
      return x[i] - y[i];
  }
  return 0;
}

extern char __heap_base;

void *allocate(size_t size) {
  static uintptr_t end;
  uintptr_t none = 0;
  uintptr_t first = ((uintptr_t)&__heap_base + 15) & ~(uintptr_t)15;
  (void)__atomic_compare_exchange_n(&end, &none, first, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
  size = (size + 15) & ~(size_t)15;
  uintptr_t start = __atomic_fetch_add(&end, size, __ATOMIC_SEQ_CST);
  // Another thread may grow at the same time: then there is more than asked for.
  while (start + size > __builtin_wasm_memory_size(0) * 65536) {
    size_t missing = start + size - __builtin_wasm_memory_size(0) * 65536;
    if (__builtin_wasm_memory_grow(0, (missing + 65535) / 65536) == (size_t)-1)
      __builtin_trap();
  }
  return (void *)start;
}

static void write_all(uint32_t fd, const char *bytes, size_t size) {
  while (size > 0) {
    struct iovec iovec = {(void *)bytes, size};
    size_t written;
    if (wasi_fd_write(fd, &iovec, 1, &written) != E_SUCCESS || written == 0)
      return;
    bytes += written;
    size -= written;
  }
}

void print(const char *piece, ...) {
  char line[1024];
  size_t used = 0;
  va_list pieces;
  va_start(pieces, piece);
  for (; piece != NULL; piece = va_arg(pieces, const char *)) {
    for (; *piece != '\0' && used < sizeof line; piece++)
      line[used++] = *piece;
  }
  va_end(pieces);
  write_all(1, line, used);
}

const char *number(unsigned slot, int64_t value) {
  static char buffers[8][24];
  char *digit = buffers[slot % 8] + 23;
  uint64_t rest = value < 0 ? -(uint64_t)value : (uint64_t)value;
  *digit = '\0';
  do {
    *--digit = (char)('0' + rest % 10);
    rest /= 10;
  } while (rest > 0);
  if (value < 0)
    *--digit = '-';
  return digit;
}

int64_t parse(const char *digits) {
  int64_t value = 0;
  bool negative = *digits == '-';
  for (digits += negative; *digits >= '0' && *digits <= '9'; digits++)
    value = value * 10 + (*digits - '0');
  return negative ? -value : value;
}

_Noreturn void fail(const char *why) {
  print("failed: ", why, "\n", NULL);
  wasi_proc_exit(1);
}

int64_t milliseconds(void) {
  uint64_t time = 0;
  (void)wasi_clock_time_get(CLOCK_MONOTONIC, 1, &time);
  return (int64_t)(time / 1000000);
}

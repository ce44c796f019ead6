// The little that the guests need of a C library, with no C library.
#ifndef GUEST_H
#define GUEST_H

#include "wasi.h"

#include <stdbool.h>

#define EXPORT(name) __attribute__((export_name(name)))

// Commands define this; lib/start.c calls it from _start and exits with its result.
int main(int argc, char **argv);

size_t strlen(const char *text);
int strcmp(const char *a, const char *b);
void *memcpy(void *restrict to, const void *restrict from, size_t size);
void *memmove(void *to, const void *from, size_t size);
void *memset(void *to, int value, size_t size);
int memcmp(const void *a, const void *b, size_t size);

// Memory that is never freed, aligned to 16; traps when there is none. Thread-safe.
void *allocate(size_t size);

// Pieces of a line, written at once: the last argument is NULL.
void print(const char *piece, ...);
// Decimal digits in static storage of `slot` 0..7 (for print).
const char *number(unsigned slot, int64_t value);
int64_t parse(const char *digits);
_Noreturn void fail(const char *why);

// Milliseconds of the monotonic clock.
int64_t milliseconds(void);

#endif

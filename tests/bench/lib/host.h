// What lib/main.c needs of its surroundings: host_libc.c has it where there is a C library,
// host_guest.c on top of the guests' own library.
#ifndef BENCH_HOST_H
#define BENCH_HOST_H

#include <stdint.h>

int64_t host_parse(const char *digits);
// A line: the name, a space, the number.
void host_print(const char *name, int64_t value);

#endif

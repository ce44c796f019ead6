// The few WASI functions that a benchmark program calls, for the C code that wasm2c makes of it.
#include "program_wasm2c.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

// wasm2c names things in another way since 1.0.33, whose runtime has a macro of this name.
#ifdef WASM_RT_ALLOW_SEGUE
typedef w2c_program program;
typedef struct w2c_wasi__snapshot__preview1 wasi_host;
#define WASI(name) w2c_wasi__snapshot__preview1_##name
#define MEMORY w2c_program_memory
#define START w2c_program_0x5Fstart
#define INSTANTIATE wasm2c_program_instantiate
#else
typedef Z_program_instance_t program;
typedef struct Z_wasi_snapshot_preview1_instance_t wasi_host;
#define WASI(name) Z_wasi_snapshot_preview1Z_##name
#define MEMORY Z_programZ_memory
#define START Z_programZ__start
#define INSTANTIATE Z_program_instantiate
#endif

static program instance;
static char **arguments;
static u32 argument_count;

static u8 *at(u32 address) {
  return MEMORY(&instance)->data + address;
}

static void put32(u32 address, u32 value) {
  memcpy(at(address), &value, sizeof value);
}

static u32 get32(u32 address) {
  u32 value;
  memcpy(&value, at(address), sizeof value);
  return value;
}

u32 WASI(args_sizes_get)(wasi_host *wasi, u32 count, u32 size) {
  (void)wasi;
  u32 bytes = 0;
  for (u32 i = 0; i < argument_count; i++)
    bytes += (u32)strlen(arguments[i]) + 1;
  put32(count, argument_count);
  put32(size, bytes);
  return 0;
}

u32 WASI(args_get)(wasi_host *wasi, u32 pointers, u32 bytes) {
  (void)wasi;
  for (u32 i = 0; i < argument_count; i++) {
    u32 size = (u32)strlen(arguments[i]) + 1;
    memcpy(at(bytes), arguments[i], size);
    put32(pointers + 4 * i, bytes);
    bytes += size;
  }
  return 0;
}

u32 WASI(clock_time_get)(wasi_host *wasi, u32 clock, u64 precision, u32 time) {
  (void)wasi;
  (void)clock;
  (void)precision;
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  u64 nanoseconds = (u64)now.tv_sec * 1000000000 + (u64)now.tv_nsec;
  memcpy(at(time), &nanoseconds, sizeof nanoseconds);
  return 0;
}

u32 WASI(fd_write)(wasi_host *wasi, u32 fd, u32 vectors, u32 count, u32 written) {
  (void)wasi;
  u32 total = 0;
  for (u32 i = 0; i < count; i++) {
    u32 size = get32(vectors + 8 * i + 4);
    total += (u32)fwrite(at(get32(vectors + 8 * i)), 1, size, fd == 2 ? stderr : stdout);
  }
  put32(written, total);
  return 0;
}

// What the start of a C library or of Rust's asks for: there are no variables and no files but the
// standard streams, which cannot seek.
u32 WASI(environ_sizes_get)(wasi_host *wasi, u32 count, u32 size) {
  (void)wasi;
  put32(count, 0);
  put32(size, 0);
  return 0;
}

u32 WASI(environ_get)(wasi_host *wasi, u32 pointers, u32 bytes) {
  (void)wasi;
  (void)pointers;
  (void)bytes;
  return 0;
}

u32 WASI(fd_fdstat_get)(wasi_host *wasi, u32 fd, u32 stat) {
  (void)wasi;
  if (fd > 2) {
    return 8; // badf
  }
  memset(at(stat), 0, 24);
  *at(stat) = 2; // a character device
  memset(at(stat + 8), 0xff, 8);
  return 0;
}

u32 WASI(random_get)(wasi_host *wasi, u32 bytes, u32 size) {
  (void)wasi;
  memset(at(bytes), 42, size);
  return 0;
}

void WASI(proc_exit)(wasi_host *wasi, u32 status) {
  (void)wasi;
  exit((int)status);
}

int main(int argc, char **argv) {
  argument_count = (u32)argc;
  arguments = argv;
  wasm_rt_init();
#ifndef WASM_RT_ALLOW_SEGUE
  Z_program_init_module();
#endif
  INSTANTIATE(&instance, NULL);
  START(&instance);
  return 0;
}

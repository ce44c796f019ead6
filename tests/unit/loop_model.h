// A guest's function of four numbers against a model of it in C: what it returns or that it traps,
// and what is in memory then.
#ifndef LOOP_MODEL_H
#define LOOP_MODEL_H

#include "runtime/runtime.h"
#include "tests/unit/guest_modules.h"

#include <check.h>
#include <string.h>

enum { SIZE = 65536 };

static struct wa_instance *instance;
static uint8_t *memory, model[SIZE];
static bool trapped;
static void (*prepare)(uint8_t *bytes); // both memories before a call

static inline void start_model(struct guest *guest, void (*prepare_bytes)(uint8_t *bytes)) {
  instance = guest->instance;
  memory = wa_memory_base(wa_instance_memory(instance, 0));
  prepare = prepare_bytes;
}

// ---- The model: 32-bit addresses that wrap, accesses that trap as a whole ----

static inline uint8_t *at(uint32_t address, uint32_t offset, uint32_t size) {
  static uint8_t nowhere[8];
  uint64_t place = (uint64_t)address + offset;
  trapped |= place + size > SIZE;
  return trapped ? nowhere : model + place;
}

static inline uint32_t load8(uint32_t address, uint32_t offset) {
  return *at(address, offset, 1);
}

static inline void store8(uint32_t address, uint32_t offset, uint32_t value) {
  *at(address, offset, 1) = (uint8_t)value;
}

static inline uint32_t load(uint32_t address, uint32_t offset) {
  uint32_t value;
  memcpy(&value, at(address, offset, 4), sizeof value);
  return value;
}

static inline void store(uint32_t address, uint32_t offset, uint32_t value) {
  memcpy(at(address, offset, 4), &value, sizeof value);
}

// ---- The comparison ----

static inline void compare(const char *name, uint32_t (*function)(const uint32_t *), uint32_t a,
                           uint32_t b, uint32_t c, uint32_t d) {
  uint32_t args[] = {a, b, c, d};
  union wa_cell cells[4] = {{.u32 = a}, {.u32 = b}, {.u32 = c}, {.u32 = d}};
  struct wa_extern found;
  struct wa_trap trap;
  for (uint32_t i = 0; i < SIZE; i++) {
    memory[i] = model[i] = (uint8_t)(i * 7 + (i >> 8));
  }
  if (prepare) {
    prepare(memory);
    prepare(model);
  }
  trapped = false;
  uint32_t expected = function(args);
  ck_assert(wa_instance_export(instance, name, strlen(name), &found));
  bool returned = wa_func_call(found.func, cells, &trap);
  ck_assert_msg(returned == !trapped, "%s(%x, %x, %x, %x) %s", name, a, b, c, d,
                returned ? "returns" : "traps");
  if (returned) {
    ck_assert_msg(cells[0].u32 == expected, "%s(%x, %x, %x, %x) = %u", name, a, b, c, d,
                  cells[0].u32);
  } else {
    ck_assert_int_eq(trap.code, WA_TRAP_MEMORY_OUT_OF_BOUNDS);
  }
#ifndef __x86_64__
  if (!returned) // LLVM may schedule the access that traps before a store (docs/semantics.md)
    return;
#endif
  ck_assert_msg(memcmp(memory, model, SIZE) == 0, "memory after %s(%x, %x, %x, %x)", name, a, b, c,
                d);
}

static const uint32_t places[] = {0,          1,          64,         4096,
                                  65472,      65500,      65535,      0x80000000,
                                  0xffff0000, 0xffffffc0, 0xfffffff0, 0xffffffff};
enum { PLACES = sizeof places / sizeof places[0] };

#endif

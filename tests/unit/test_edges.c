// Accesses of which a part lies behind the memory's end: they trap, also where only that part is
// used that lies inside, and then they write nothing.
#include "compiler/compile.h"
#include "runtime/runtime.h"
#include "tests/unit/guest_modules.h"
#include "tests/unit/module_builder.h"
#include "tests/unit/suite.h"

#include <check.h>
#include <stdlib.h>

enum { I32 = 0x7f, END = 65536, LONGEST = 48, WIDEST = 257 };

// A body (i32 address) -> i32 whose access is `width` bytes wide.
struct access {
  const char *name;
  uint32_t width;
  uint8_t code[LONGEST];
  size_t size;
};

#define ACCESS(name, width, ...)                                                                   \
  { name, width, {__VA_ARGS__}, sizeof((const uint8_t[]){__VA_ARGS__}) }
#define ADDRESS 0x20, 0
#define CONST(value) 0x41, value
#define I64_LOAD ADDRESS, 0x29, 0, 0
#define I32_LOAD ADDRESS, 0x28, 0, 0
#define V128_LOAD ADDRESS, 0xfd, 0, 0, 0
// A length of two bytes, then what returns 0.
#define FILL(...) ADDRESS, CONST(7), 0x41, __VA_ARGS__, 0xfc, 11, 0, CONST(0)
#define COPY_TO(...) ADDRESS, CONST(0), 0x41, __VA_ARGS__, 0xfc, 10, 0, 0, CONST(0)
#define COPY_FROM(...) CONST(0), ADDRESS, 0x41, __VA_ARGS__, 0xfc, 10, 0, 0, CONST(0)

static const struct access accesses[] = {
    ACCESS("i64.load, i32.wrap", 8, I64_LOAD, 0xa7),
    ACCESS("i64.load, add, i32.wrap", 8, I64_LOAD, 0x42, 7, 0x7c, 0xa7),
    ACCESS("i64.load, and 255", 8, I64_LOAD, 0x42, 0xff, 1, 0x83, 0xa7),
    ACCESS("i64.load, shr_u 32", 8, I64_LOAD, 0x42, 32, 0x88, 0xa7),
    ACCESS("i64.load, extend8_s", 8, I64_LOAD, 0xc2, 0xa7),
    ACCESS("i32.load, and 255", 4, I32_LOAD, CONST(0xff), 1, 0x71),
    ACCESS("i32.load, add, and 255", 4, I32_LOAD, CONST(3), 0x6a, CONST(0xff), 1, 0x71),
    ACCESS("i32.load, and 1, eqz", 4, I32_LOAD, CONST(1), 0x71, 0x45),
    ACCESS("i32.load, extend16_s", 4, I32_LOAD, 0xc1),
    ACCESS("i32.load, shr_u 24", 4, I32_LOAD, CONST(24), 0x76),
    ACCESS("i32.load, shl 24, shr_s 24", 4, I32_LOAD, CONST(24), 0x74, CONST(24), 0x75),
    ACCESS("i32.load16_u, and 1", 2, ADDRESS, 0x2f, 0, 0, CONST(1), 0x71),
    ACCESS("f64.load, reinterpret, wrap", 8, ADDRESS, 0x2b, 0, 0, 0xbd, 0xa7),
    ACCESS("v128.load, i32x4.extract_lane 0", 16, V128_LOAD, 0xfd, 0x1b, 0),
    ACCESS("v128.load, i8x16.extract_lane_u 1", 16, V128_LOAD, 0xfd, 0x16, 1),
    ACCESS("v128.load, i16x8.extend_low, lane 0", 16, V128_LOAD, 0xfd, 0x87, 1, 0xfd, 0x18, 0),
    ACCESS("v128.load, f64x2.promote_low, lane 0", 16, V128_LOAD, 0xfd, 0x5f, 0xfd, 0x21, 0, 0xbd,
           0xa7),
    ACCESS("v128.load, i32x4.splat of lane 0", 16, V128_LOAD, 0xfd, 0x1b, 0, 0xfd, 0x11, 0xfd,
           0x53),
    ACCESS("v128.load64_zero, lane 0", 8, ADDRESS, 0xfd, 0x5d, 0, 0, 0xfd, 0x1b, 0),
    ACCESS("v128.load8x8_s, lane 0", 8, ADDRESS, 0xfd, 1, 0, 0, 0xfd, 0x18, 0),
    ACCESS("i32.load, select where the address is 0", 4, I32_LOAD, CONST(5), ADDRESS, 0x45, 0x1b),
    ACCESS("i32.load, br_if where the address is 0", 4, 0x02, I32, I32_LOAD, ADDRESS, 0x45, 0x0d, 0,
           0x1a, CONST(5), 0x0b),
    ACCESS("i32.store", 4, ADDRESS, CONST(1), 0x36, 0, 0, CONST(0)),
    ACCESS("i64.store", 8, ADDRESS, 0x42, 1, 0x37, 0, 0, CONST(0)),
    ACCESS("i32.load, or 1, i32.store", 4, ADDRESS, I32_LOAD, CONST(1), 0x72, 0x36, 0, 0, CONST(0)),
    ACCESS("i32.load, or 256, i32.store", 4, ADDRESS, I32_LOAD, CONST(0x80), 2, 0x72, 0x36, 0, 0,
           CONST(0)),
    ACCESS("i64.load8_u, i64.store", 8, ADDRESS, ADDRESS, 0x31, 0, 0, 0x37, 0, 0, CONST(0)),
    ACCESS("v128.store of zero", 16, ADDRESS, 0x42, 0, 0xfd, 0x12, 0xfd, 11, 0, 0, CONST(0)),
    ACCESS("memory.fill of 80", 80, FILL(0xd0, 0)),
    ACCESS("memory.fill of 128", 128, FILL(0x80, 1)),
    ACCESS("memory.fill of 200", 200, FILL(0xc8, 1)),
    ACCESS("memory.fill of 257", 257, FILL(0x81, 2)),
    ACCESS("memory.copy of 80 to", 80, COPY_TO(0xd0, 0)),
    ACCESS("memory.copy of 128 to", 128, COPY_TO(0x80, 1)),
    ACCESS("memory.copy of 129 to", 129, COPY_TO(0x81, 1)),
    ACCESS("memory.copy of 256 to", 256, COPY_TO(0x80, 2)),
    ACCESS("memory.copy of 257 to", 257, COPY_TO(0x81, 2)),
    ACCESS("memory.copy of 100 from", 100, COPY_FROM(0xe4, 0)),
    ACCESS("memory.copy of 200 from", 200, COPY_FROM(0xc8, 1)),
};
enum { ACCESSES = sizeof accesses / sizeof accesses[0] };

static void build(struct builder *b, const struct access *access) {
  begin_module(b);
  put_section(b, 1, 1, 0x60, 1, I32, 1, I32);
  put_section(b, 3, 1, 0);
  put_section(b, 5, 1, 1, 1, 1);
  put_section(b, 7, 2, 1, 'f', 0, 0, 6, 'm', 'e', 'm', 'o', 'r', 'y', 2, 0);
  begin_section(b, 10);
  put_bytes(b, 1);
  put_u32(b, (uint32_t)access->size + 2);
  put_bytes(b, 0);
  put(b, access->code, access->size);
  put_bytes(b, 0x0b);
  end_sized(b);
}

// A store of 16 bytes is one there; elsewhere see docs/semantics.md.
#ifdef __x86_64__
enum { WHOLE_STORE = 16 };
#else
enum { WHOLE_STORE = 8 };
#endif

static bool writes_all_or_nothing(const struct access *access) {
  return access->width <= WHOLE_STORE || access->width > 16;
}

static void check_edges(struct wa_instance *instance, const struct access *access, int level) {
  uint8_t *memory = wa_memory_base(wa_instance_memory(instance, 0));
  struct wa_extern function;
  ck_assert(wa_instance_export(instance, "f", 1, &function));
  for (uint32_t inside = 0; inside <= access->width; inside++) {
    union wa_cell cell = {.u32 = END - inside};
    struct wa_trap trap;
    memset(memory + END - WIDEST, 0x55, WIDEST);
    bool returned = wa_func_call(function.func, &cell, &trap);
    ck_assert_msg(returned == (inside == access->width), "%s at -O%d, %u bytes inside: %s",
                  access->name, level, inside, returned ? "no trap" : "a trap");
    for (uint32_t i = 1; i <= WIDEST && !returned && writes_all_or_nothing(access); i++) {
      ck_assert_msg(memory[END - i] == 0x55, "%s at -O%d writes", access->name, level);
    }
  }
}

START_TEST(part_outside_traps) {
  static struct builder b;
  const struct access *access = &accesses[_i];
  for (int level = 0; level <= 3; level++) {
    build(&b, access);
    struct guest guest = start_guest(b.bytes, b.size, level);
    check_edges(guest.instance, access, level);
    stop_guest(&guest);
  }
}
END_TEST

int main(void) {
  Suite *suite = suite_create("edges");
  TCase *tests = tcase_create("edges");
  tcase_set_timeout(tests, 60);
  tcase_add_loop_test(tests, part_outside_traps, 0, ACCESSES);
  suite_add_tcase(suite, tests);
  return run_suite(suite);
}

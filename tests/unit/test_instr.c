#include "compiler/base/utf8.h"
#include "compiler/wasm/reader.h"
#include "tests/unit/suite.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

// ---- The table ----

// Writes the opcode of a row and immediates that suit its kind; the size.
static size_t encode(enum wa_op op, uint8_t *bytes) {
  // Small immediates of every kind, all of one byte where numbers are meant.
  static const struct {
    uint8_t size, bytes[17];
  } immediates[] = {
      [WA_IMM_NONE] = {0, {0}},
      [WA_IMM_BLOCK] = {1, {0x40}},
      [WA_IMM_LABEL] = {1, {3}},
      [WA_IMM_LABEL_TABLE] = {4, {2, 0, 1, 0}},
      [WA_IMM_TRY_TABLE] = {7, {0x40, 2, 0, 4, 1, 2, 3}},
      [WA_IMM_TAG] = {1, {5}},
      [WA_IMM_FUNC] = {1, {5}},
      [WA_IMM_TYPE] = {1, {6}},
      [WA_IMM_TYPE_TABLE] = {2, {6, 7}},
      [WA_IMM_LOCAL] = {1, {8}},
      [WA_IMM_GLOBAL] = {1, {9}},
      [WA_IMM_TABLE] = {1, {10}},
      [WA_IMM_MEMORY] = {1, {0}},
      [WA_IMM_MEMARG] = {2, {2, 16}},
      [WA_IMM_MEMARG_LANE] = {3, {0, 16, 1}},
      [WA_IMM_LANE] = {1, {1}},
      [WA_IMM_LANES] = {16, {0}},
      [WA_IMM_I32] = {1, {0x7f}},
      [WA_IMM_I64] = {1, {0x7f}},
      [WA_IMM_F32] = {4, {0}},
      [WA_IMM_F64] = {8, {0}},
      [WA_IMM_V128] = {16, {0}},
      [WA_IMM_REF_TYPE] = {1, {WA_FUNCREF}},
      [WA_IMM_TYPES] = {2, {1, WA_I32}},
      [WA_IMM_DATA] = {1, {1}},
      [WA_IMM_DATA_MEMORY] = {2, {1, 0}},
      [WA_IMM_MEMORY_MEMORY] = {2, {0, 0}},
      [WA_IMM_ELEM] = {1, {1}},
      [WA_IMM_ELEM_TABLE] = {2, {1, 2}},
      [WA_IMM_TABLE_TABLE] = {2, {3, 4}},
      [WA_IMM_FENCE] = {1, {0}},
  };
  const struct wa_op_info *info = &wa_op_infos[op];
  size_t size = 0;
  uint32_t number = info->opcode & 0xffff;
  if (info->opcode >> 16) {
    bytes[size++] = (uint8_t)(info->opcode >> 16);
  }
  if (info->opcode >> 16 && number >= 0x80) {
    bytes[size++] = (uint8_t)(number | 0x80);
    number >>= 7;
  }
  bytes[size++] = (uint8_t)number;
  memcpy(bytes + size, immediates[info->imm].bytes, immediates[info->imm].size);
  return size + immediates[info->imm].size;
}

START_TEST(every_row_is_decodable) {
  uint8_t bytes[32];
  struct wa_error err;
  struct wa_instr instr;
  enum wa_op op = (enum wa_op)_i;
  size_t size = encode(op, bytes);
  struct wa_reader reader = {bytes, 0, size};
  ck_assert_msg(wa_instr_read(&reader, &instr, &err), "%s: %s", wa_op_infos[op].spelling,
                err.message);
  ck_assert_msg(instr.op == op, "%s was read as %s", wa_op_infos[op].spelling,
                wa_op_infos[instr.op].spelling);
  ck_assert_uint_eq(reader.position, size);
  // One byte less is never enough.
  reader = (struct wa_reader){bytes, 0, size - 1};
  ck_assert(!wa_instr_read(&reader, &instr, &err));
  ck_assert_int_eq(err.kind, WA_ERROR_MALFORMED);
}
END_TEST

START_TEST(rows_make_sense) {
  const struct wa_op_info *info = &wa_op_infos[_i];
  ck_assert_msg(info->spelling[0] && info->signature[0], "row %d is empty", _i);
  bool own_code = strcmp(info->signature, "*") == 0;
  const char *colon = strchr(info->signature, ':');
  ck_assert_msg(own_code ||
                    (colon &&
                     strspn(info->signature, "iIfFvxyz") == (size_t)(colon - info->signature) &&
                     strspn(colon + 1, "iIfFvx") == strlen(colon + 1)),
                "%s: signature %s", info->spelling, info->signature);
  bool accesses = info->imm == WA_IMM_MEMARG || info->imm == WA_IMM_MEMARG_LANE;
  ck_assert_msg(accesses || info->align == 0, "%s has an alignment", info->spelling);
  ck_assert_msg(!accesses || info->signature[0] == 'x', "%s has no address", info->spelling);
  for (int other = 0; other < _i; other++) {
    ck_assert_msg(wa_op_infos[other].opcode != info->opcode, "%s has the opcode of %s",
                  info->spelling, wa_op_infos[other].spelling);
  }
}
END_TEST

// 2.0 has 236 vector instructions, 3.0 20 relaxed ones, the threads proposal 67 atomic ones.
START_TEST(counts) {
  unsigned vectors = 0, atomics = 0;
  for (int op = 0; op < WA_OP_COUNT; op++) {
    vectors += wa_op_infos[op].opcode >> 16 == 0xfd;
    atomics += wa_op_infos[op].opcode >> 16 == 0xfe;
  }
  ck_assert_uint_eq(vectors, 256);
  ck_assert_uint_eq(atomics, 67);
}
END_TEST

// ---- Immediates ----

static struct wa_instr read_bytes(const uint8_t *bytes, size_t size) {
  struct wa_reader reader = {bytes, 0, size};
  struct wa_instr instr;
  struct wa_error err;
  ck_assert_msg(wa_instr_read(&reader, &instr, &err), "%s", err.message);
  ck_assert_uint_eq(reader.position, size);
  return instr;
}

#define READ(...) read_bytes((const uint8_t[]){__VA_ARGS__}, sizeof((const uint8_t[]){__VA_ARGS__}))

START_TEST(constants) {
  ck_assert_uint_eq(READ(0x41, 0x7f).bits[0], 0xffffffff);
  ck_assert_uint_eq(READ(0x42, 0x7f).bits[0], UINT64_MAX);
  ck_assert_uint_eq(READ(0x43, 0x00, 0x00, 0x80, 0x3f).bits[0], 0x3f800000);
  ck_assert_uint_eq(READ(0x44, 1, 2, 3, 4, 5, 6, 7, 0x88).bits[0], 0x8807060504030201);
  struct wa_instr vector = READ(0xfd, 0x0c, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16);
  ck_assert_uint_eq(vector.bits[0], 0x0807060504030201);
  ck_assert_uint_eq(vector.bits[1], 0x100f0e0d0c0b0a09);
}
END_TEST

START_TEST(block_types) {
  struct wa_instr none = READ(0x02, 0x40), result = READ(0x02, 0x7e), index = READ(0x02, 0x05);
  ck_assert_uint_eq(none.block.type, WA_NONE);
  ck_assert_uint_eq(none.block.result, 0);
  ck_assert_uint_eq(result.block.type, WA_NONE);
  ck_assert_uint_eq(result.block.result, WA_I64);
  ck_assert_uint_eq(index.block.type, 5);
  ck_assert_uint_eq(READ(0x02, 0xc0, 0x00).block.type, 64);
  ck_assert_uint_eq(READ(0x02, 0x64, 0x70).block.result, WA_FUNCREF | WA_REF_NON_NULL);
  ck_assert_uint_eq(READ(0x02, 0x63, 0x05).block.result, wa_type_with_index(WA_REF_INDEX, 5));
}
END_TEST

START_TEST(memory_accesses) {
  struct wa_instr load = READ(0x28, 0x02, 0x80, 0x01);
  ck_assert_uint_eq(load.memarg.align, 2);
  ck_assert_uint_eq(load.memarg.offset, 128);
  ck_assert_uint_eq(load.memarg.memory, 0);
  struct wa_instr other = READ(0x28, 0x42, 0x81, 0x01, 0x04);
  ck_assert_uint_eq(other.memarg.align, 2);
  ck_assert_uint_eq(other.memarg.offset, 4);
  ck_assert_uint_eq(other.memarg.memory, 129);
  struct wa_instr lane = READ(0xfd, 0x54, 0x00, 0x04, 0x0f);
  ck_assert_uint_eq(lane.lane, 15);
  ck_assert_uint_eq(lane.memarg.offset, 4);
}
END_TEST

START_TEST(label_tables) {
  static const uint8_t bytes[] = {0x0e, 0x02, 0x07, 0x80, 0x01, 0x09};
  struct wa_instr instr = read_bytes(bytes, sizeof bytes);
  struct wa_reader labels = {bytes, instr.labels.start, sizeof bytes};
  struct wa_error err;
  static const uint32_t expected[] = {7, 128, 9};
  ck_assert_uint_eq(instr.labels.count, 2);
  for (unsigned i = 0; i < 3; i++) {
    uint32_t label;
    ck_assert(wa_reader_u32(&labels, &label, &err));
    ck_assert_uint_eq(label, expected[i]);
  }
}
END_TEST

// ---- What is refused ----

static const struct {
  uint8_t bytes[8];
  size_t size;
  enum wa_error_kind kind;
  const char *message;
} refused[] = {
    {{0xd3}, 1, WA_ERROR_UNSUPPORTED, "garbage collection"},
    {{0xff}, 1, WA_ERROR_MALFORMED, "unknown opcode 0xff"},
    {{0xfc, 0x12}, 2, WA_ERROR_UNSUPPORTED, "opcode 0xfc 0x12 needs the memory control proposal"},
    {{0xe2, 0}, 2, WA_ERROR_UNSUPPORTED, "opcode 0xe2 needs the stack switching proposal"},
    {{0xfb, 0x20}, 2, WA_ERROR_UNSUPPORTED, "opcode 0xfb 0x20 needs the custom descriptors"},
    {{0xfe, 0x71}, 2, WA_ERROR_UNSUPPORTED, "needs the shared-everything threads proposal"},
    {{0xfe, 0x72}, 2, WA_ERROR_MALFORMED, "unknown opcode 0xfe 0x72"},
    {{0xe7}, 1, WA_ERROR_MALFORMED, "unknown opcode 0xe7"},
    {{0xfd, 0x9a, 0x01}, 3, WA_ERROR_MALFORMED, "unknown opcode 0xfd 0x9a"},
    {{0xfe, 0x04}, 2, WA_ERROR_UNSUPPORTED, "needs the shared-everything threads proposal"},
    {{0xfd, 0xff, 0xff, 0xff, 0xff, 0x0f}, 6, WA_ERROR_MALFORMED, "unknown opcode"},
    {{0x1f, 0x40, 0x01, 0x04, 0x00}, 5, WA_ERROR_MALFORMED, "malformed catch clause 0x04"},
    {{0xfb, 0x00, 0x00}, 3, WA_ERROR_UNSUPPORTED, "garbage collection"},
    {{0xfd, 0x94, 0x02}, 3, WA_ERROR_MALFORMED, "unknown opcode 0xfd 0x114"},
    {{0xfd, 0x80, 0x04}, 3, WA_ERROR_MALFORMED, "unknown opcode 0xfd 0x200"},
    {{0xfe, 0x80, 0x02}, 3, WA_ERROR_MALFORMED, "unknown opcode 0xfe 0x100"},
    {{0xd0, 0x6e}, 2, WA_ERROR_UNSUPPORTED, "garbage collection"},
    {{0xd0, 0x41}, 2, WA_ERROR_MALFORMED, "expected a heap type"},
    {{0x02, 0x64}, 2, WA_ERROR_MALFORMED, "a heap type"},
    {{0x02, 0x41}, 2, WA_ERROR_MALFORMED, "0x41"},
    {{0x28, 0x42}, 2, WA_ERROR_MALFORMED, "a memory index"},
    {{0x28, 0x80, 0x01, 0x00}, 4, WA_ERROR_MALFORMED, "malformed memory access flags"},
    {{0xfe, 0x03, 0x02}, 3, WA_ERROR_MALFORMED, "zero byte expected"},
    {{0xfe, 0x10, 0x22, 0x02, 0}, 5, WA_ERROR_MALFORMED, "malformed memory ordering 0x02"},
    {{0xfe, 0x10, 0x22, 0x11, 0}, 5, WA_ERROR_MALFORMED, "malformed memory ordering 0x11"},
    {{0xfe, 0x1e, 0x22, 0x01, 0}, 5, WA_ERROR_MALFORMED, "malformed memory ordering 0x01"},
    {{0xfe, 0x1e, 0x22, 0x10, 0}, 5, WA_ERROR_MALFORMED, "malformed memory ordering 0x10"},
    {{0xfe, 0x10, 0x22}, 3, WA_ERROR_MALFORMED, "a memory ordering"},
    {{0xfe, 0x10, 0x62, 0x00}, 4, WA_ERROR_MALFORMED, "a memory ordering"},
    {{0x1c, 0x01, 0x40}, 3, WA_ERROR_MALFORMED, "value type"},
    // A br_table of 2^32 - 1 labels in a few bytes.
    {{0x0e, 0xff, 0xff, 0xff, 0xff, 0x0f, 0x00}, 7, WA_ERROR_MALFORMED, "length out of bounds"},
};

START_TEST(refusals) {
  struct wa_reader reader = {refused[_i].bytes, 0, refused[_i].size};
  struct wa_instr instr;
  struct wa_error err;
  ck_assert_msg(!wa_instr_read(&reader, &instr, &err), "row %d was read", _i);
  ck_assert_msg(err.kind == refused[_i].kind, "row %d: %s", _i, err.message);
  ck_assert_msg(strstr(err.message, refused[_i].message), "row %d: %s", _i, err.message);
}
END_TEST

START_TEST(utf8) {
  static const struct {
    const char *text;
    bool valid;
  } rows[] = {{"", true},
              {"plain", true},
              {"\xc2\x80", true},
              {"\xe2\x82\xac", true},
              {"\xf4\x8f\xbf\xbf", true},
              {"\x80", false},
              {"\xc0\x80", false},
              {"\xc1\xbf", false},
              {"\xe0\x9f\xbf", false},
              {"\xed\xa0\x80", false},
              {"\xf0\x8f\xbf\xbf", false},
              {"\xf4\x90\x80\x80", false},
              {"\xf5\x80\x80\x80", false},
              {"\xe2\x82", false},
              {"\xc2", false},
              {"a\xffz", false}};
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    struct wa_bytes bytes = {(const uint8_t *)rows[i].text, strlen(rows[i].text)};
    ck_assert_msg(wa_utf8_valid(bytes) == rows[i].valid, "row %zu", i);
  }
}
END_TEST

int main(void) {
  Suite *suite = suite_create("instr");
  TCase *tests = tcase_create("instructions");
  tcase_add_loop_test(tests, every_row_is_decodable, 0, WA_OP_COUNT);
  tcase_add_loop_test(tests, rows_make_sense, 0, WA_OP_COUNT);
  tcase_add_test(tests, counts);
  tcase_add_test(tests, constants);
  tcase_add_test(tests, block_types);
  tcase_add_test(tests, memory_accesses);
  tcase_add_test(tests, label_tables);
  tcase_add_loop_test(tests, refusals, 0, (int)(sizeof refused / sizeof *refused));
  tcase_add_test(tests, utf8);
  suite_add_tcase(suite, tests);
  return run_suite(suite);
}

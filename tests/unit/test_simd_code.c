// The machine code of each vector instruction: the native one where there is one, else the shortest
// sequence known. The table is simd_code.def; a function per row is compiled for each machine, and
// its instructions are counted.
#include "compiler/compile.h"
#include "compiler/wasm/instr.h"
#include "tests/unit/module_builder.h"
#include "tests/unit/suite.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>

enum { MACHINES = 5 };
enum { I32 = 0x7f, I64 = 0x7e, F32 = 0x7d, F64 = 0x7c, V128 = 0x7b };

struct row {
  const char *spelling, *variant;
  const char *codes[MACHINES];
};

#define CODE(spelling, variant, ...) {spelling, variant, {__VA_ARGS__}},
static const struct row rows[] = {
#include "tests/unit/simd_code.def"
};
enum { ROWS = sizeof rows / sizeof rows[0] };

static const struct machine {
  const char *target, *cpu;
} machines[MACHINES] = {
    {"x86_64-linux-gnu", "baseline"},  {"x86_64-linux-gnu", "x86-64-v2"},
    {"x86_64-linux-gnu", "x86-64-v3"}, {"x86_64-linux-gnu", "x86-64-v4"},
    {"aarch64-linux-gnu", "baseline"},
};

// ---- A module with a function per row ----

static const struct wa_op_info *find_op(const char *spelling) {
  for (int op = 0; op < WA_OP_COUNT; op++) {
    if (strcmp(wa_op_infos[op].spelling, spelling) == 0) {
      return &wa_op_infos[op];
    }
  }
  ck_abort_msg("no instruction %s", spelling);
}

static uint8_t valtype(char letter) {
  switch (letter) {
  case 'I':
    return I64;
  case 'f':
    return F32;
  case 'F':
    return F64;
  case 'v':
    return V128;
  default:
    return I32;
  }
}

// A variant is instead of the last operand, but for a shuffle, whose lanes are immediate.
static uint8_t param_count(const struct row *row, const struct wa_op_info *info) {
  size_t count = strcspn(info->signature, ":");
  return (uint8_t)(row->variant[0] && info->imm != WA_IMM_LANES ? count - 1 : count);
}

static void put_type(struct builder *b, const struct row *row) {
  const struct wa_op_info *info = find_op(row->spelling);
  const char *result = strchr(info->signature, ':') + 1;
  uint8_t params = param_count(row, info);
  put_bytes(b, 0x60, params);
  for (uint8_t i = 0; i < params; i++) {
    put_bytes(b, valtype(info->signature[i]));
  }
  put_bytes(b, result[0] ? 1 : 0);
  if (result[0]) {
    put_bytes(b, valtype(result[0]));
  }
}

static void put_lanes(struct builder *b, const char *hex) {
  for (unsigned i = 0; i < 16; i++) {
    unsigned lane;
    ck_assert_int_eq(sscanf(hex + (size_t)2 * i, "%2x", &lane), 1);
    put_bytes(b, (uint8_t)lane);
  }
}

static void put_code(struct builder *b, const struct row *row) {
  const struct wa_op_info *info = find_op(row->spelling);
  for (uint8_t i = 0; i < param_count(row, info); i++) {
    put_bytes(b, 0x20, i);
  }
  if (strcmp(row->variant, "c") == 0) {
    put_bytes(b, 0x41, 3);
  } else if (row->variant[0] && info->imm == WA_IMM_NONE) {
    put_bytes(b, 0xfd, 0x0c);
    put_lanes(b, row->variant);
  }
  put_bytes(b, 0xfd);
  put_u32(b, info->opcode & 0xffff);
  if (info->imm == WA_IMM_MEMARG || info->imm == WA_IMM_MEMARG_LANE) {
    put_bytes(b, 0, 0);
  }
  if (info->imm == WA_IMM_LANE || info->imm == WA_IMM_MEMARG_LANE) {
    put_bytes(b, 1);
  }
  if (info->imm == WA_IMM_LANES) {
    put_lanes(b, row->variant);
  }
}

static void put_body(struct builder *b, const struct row *row) {
  static struct builder body;
  body.size = 0;
  put_bytes(&body, 0);
  put_code(&body, row);
  put_bytes(&body, 0x0b);
  put_u32(b, (uint32_t)body.size);
  put(b, body.bytes, body.size);
}

static void build(struct builder *b) {
  begin_module(b);
  begin_section(b, 1);
  put_u32(b, ROWS);
  for (size_t i = 0; i < ROWS; i++) {
    put_type(b, &rows[i]);
  }
  end_sized(b);
  begin_section(b, 3);
  put_u32(b, ROWS);
  for (uint32_t i = 0; i < ROWS; i++) {
    put_u32(b, i);
  }
  end_sized(b);
  put_section(b, 5, 1, 0, 1);
  begin_section(b, 10);
  put_u32(b, ROWS);
  for (size_t i = 0; i < ROWS; i++) {
    put_body(b, &rows[i]);
  }
  end_sized(b);
}

static char *assembly(const struct builder *b, const struct machine *machine) {
  struct wa_module module;
  struct wa_error err;
  struct wa_buffer buffer;
  struct wa_compile_options options;
  wa_error_clear(&err);
  ck_assert_msg(load(b, &module, &err), "%s", err.message);
  wa_compile_options_init(&options);
  options.jobs = 1;
  options.target = machine->target;
  options.cpu = machine->cpu;
  options.emit = WA_EMIT_ASM;
  ck_assert_msg(wa_compile(&module, &options, &buffer, &err), "%s", err.message);
  char *text = strndup((const char *)buffer.data, buffer.size);
  ck_assert_ptr_nonnull(text);
  wa_buffer_free(&buffer);
  wa_module_deinit(&module);
  return text;
}

// ---- Its instructions ----

// Whether a line is an instruction that counts; `name` is what it is called.
static bool is_instruction(const char *line, char name[32]) {
  line += strspn(line, " \t");
  if (*line == '\0' || *line == '\n' || strchr(".#/", *line) ||
      line[strcspn(line, " \t\n:")] == ':') {
    return false;
  }
  return sscanf(line, "%31s", name) == 1 && strncmp(name, "ret", 3) != 0;
}

struct found {
  unsigned count;
  bool has_wanted;
  char text[2048];
};

static void look_at(const char *text, size_t index, const char *wanted, struct found *found) {
  char start[32];
  (void)snprintf(start, sizeof start, "\nf%zu:", index);
  const char *line = strstr(text, start);
  ck_assert_msg(line != NULL, "no function %zu", index);
  const char *end = strstr(line, "\n.Lfunc_end");
  memset(found, 0, sizeof *found);
  (void)snprintf(found->text, sizeof found->text, "%.*s", (int)(end - line), line);
  for (line = strchr(line + 1, '\n'); line < end; line = strchr(line + 1, '\n')) {
    char name[32];
    if (!is_instruction(line + 1, name)) {
      continue;
    }
    found->count++;
    found->has_wanted |= strcmp(name, wanted) == 0;
  }
}

// Returns whether the row is as the table says; prints it when not.
static bool check_row(const char *text, size_t index, int machine) {
  unsigned limit;
  char wanted[32] = "";
  struct found found;
  ck_assert_int_ge(sscanf(rows[index].codes[machine], "%u %31s", &limit, wanted), 1);
  look_at(text, index, wanted, &found);
  if (found.count <= limit && (found.has_wanted || !wanted[0])) {
    return true;
  }
  printf("%s %s, %s: %u instructions, expected \"%s\":%s\n", rows[index].spelling,
         rows[index].variant, machines[machine].cpu, found.count, rows[index].codes[machine],
         found.text);
  return false;
}

START_TEST(instructions_are_the_native_ones) {
  static struct builder b;
  build(&b);
  char *text = assembly(&b, &machines[_i]);
  size_t wrong = 0;
  for (size_t i = 0; i < ROWS; i++) {
    wrong += !check_row(text, i, _i);
  }
  free(text);
  printf("%s %s: %d cases, %zu wrong\n", machines[_i].target, machines[_i].cpu, ROWS, wrong);
  ck_assert_uint_eq(wrong, 0);
}
END_TEST

// Every vector instruction of the table of instructions but the constant has a row.
START_TEST(no_instruction_is_left_out) {
  for (int op = WA_OP_v128_load; op < WA_OP_memory_atomic_notify; op++) {
    size_t i = 0;
    while (i < ROWS && strcmp(rows[i].spelling, wa_op_infos[op].spelling) != 0) {
      i++;
    }
    ck_assert_msg(i < ROWS || op == WA_OP_v128_const, "no row for %s", wa_op_infos[op].spelling);
  }
}
END_TEST

int main(void) {
  Suite *suite = suite_create("simd_code");
  TCase *tests = tcase_create("simd_code");
  tcase_set_timeout(tests, 120);
  tcase_add_loop_test(tests, instructions_are_the_native_ones, 0, MACHINES);
  tcase_add_test(tests, no_instruction_is_left_out);
  suite_add_tcase(suite, tests);
  return run_suite(suite);
}

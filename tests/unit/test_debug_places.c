// Lists of locations: variables that a module's DWARF, written by hand here, has in wasm locals and
// on the operand stack, and whatever may be wrong with that.
#include "compiler/compile.h"
#include "compiler/dwarf/dwarf.h"
#include "compiler/dwarf/lists.h"
#include "compiler/source/source.h"
#include "compiler/source/types.h"
#include "loader/loader.h"
#include "tests/unit/module_builder.h"
#include "tests/unit/suite.h"

#include <check.h>
#include <elf.h>

// (func (param i32) (result i32) (local i32) ...), whose body begins 6 bytes into the code section:
// 9: i32.const 3; 11: local.set 1; 13: local.get 0; 15: local.get 1; 17: i32.div_s; 18: end
enum { BODY = 6, AFTER_SET = 13, DIVIDE = 17, END = 19 };

enum { CODE_UNIT = 1, CODE_FUNCTION, CODE_LISTED, CODE_PLACED, CODE_INT, CODE_POINTER };

struct section_bytes {
  uint8_t bytes[512];
  size_t size;
};

static struct section_bytes abbrevs, info, lists;
static struct builder module;
static struct wa_error err;
static unsigned warnings;

static void add_bytes(struct section_bytes *to, const uint8_t *bytes, size_t size) {
  ck_assert_uint_le(to->size + size, sizeof to->bytes);
  memcpy(to->bytes + to->size, bytes, size);
  to->size += size;
}

#define ADD(to, ...)                                                                               \
  add_bytes((to), (const uint8_t[]){__VA_ARGS__}, sizeof(const uint8_t[]){__VA_ARGS__})

static void add_word(struct section_bytes *to, uint32_t value) {
  ADD(to, (uint8_t)value, (uint8_t)(value >> 8), (uint8_t)(value >> 16), (uint8_t)(value >> 24));
}

static void make_abbrevs(void) {
  abbrevs.size = 0;
  ADD(&abbrevs, CODE_UNIT, DW_TAG_compile_unit, 1, DW_AT_name, DW_FORM_string, DW_AT_low_pc,
      DW_FORM_addr, 0, 0);
  ADD(&abbrevs, CODE_FUNCTION, DW_TAG_subprogram, 1, DW_AT_name, DW_FORM_string, DW_AT_low_pc,
      DW_FORM_addr, DW_AT_high_pc, DW_FORM_data4, 0, 0);
  ADD(&abbrevs, CODE_LISTED, DW_TAG_variable, 0, DW_AT_name, DW_FORM_string, DW_AT_location,
      DW_FORM_sec_offset, DW_AT_type, DW_FORM_ref4, 0, 0);
  ADD(&abbrevs, CODE_PLACED, DW_TAG_formal_parameter, 0, DW_AT_name, DW_FORM_string, DW_AT_location,
      DW_FORM_exprloc, DW_AT_type, DW_FORM_ref4, 0, 0);
  ADD(&abbrevs, CODE_INT, DW_TAG_base_type, 0, DW_AT_name, DW_FORM_string, DW_AT_encoding,
      DW_FORM_data1, DW_AT_byte_size, DW_FORM_data1, 0, 0);
  ADD(&abbrevs, CODE_POINTER, DW_TAG_pointer_type, 0, DW_AT_type, DW_FORM_ref4, 0, 0, 0);
}

static void begin_unit(unsigned version) {
  info.size = 0;
  add_word(&info, 0);
  if (version == 5) {
    ADD(&info, 5, 0, DW_UT_compile, 4, 0, 0, 0, 0);
  } else {
    ADD(&info, 4, 0, 0, 0, 0, 0, 4);
  }
  ADD(&info, CODE_UNIT, 'a', 0, 0, 0, 0, 0);
}

// Entries of the variables v and w, whose lists begin at these offsets, and of a parameter p.
static uint32_t listed, placed;

static void make_info(unsigned version, uint32_t first, uint32_t second) {
  begin_unit(version);
  uint8_t number = (uint8_t)info.size;
  ADD(&info, CODE_INT, 'i', 0, DW_ATE_signed, 4);
  uint8_t pointer = (uint8_t)info.size;
  ADD(&info, CODE_POINTER, number, 0, 0, 0);
  ADD(&info, CODE_FUNCTION, 'f', 0, BODY, 0, 0, 0, END - BODY, 0, 0, 0);
  placed = (uint32_t)info.size;
  ADD(&info, CODE_PLACED, 'p', 0, 4, DW_OP_WASM_location, 0, 0, DW_OP_stack_value, pointer, 0, 0,
      0);
  listed = (uint32_t)info.size;
  ADD(&info, CODE_LISTED, 'v', 0);
  add_word(&info, first);
  ADD(&info, number, 0, 0, 0, CODE_LISTED, 'w', 0);
  add_word(&info, second);
  ADD(&info, number, 0, 0, 0, 0, 0);
  info.bytes[0] = (uint8_t)(info.size - 4);
}

static void put_custom(const char *name, const struct section_bytes *section) {
  begin_section(&module, 0);
  put_name(&module, name);
  put(&module, section->bytes, section->size);
  end_sized(&module);
}

static size_t dwarf_start;

static void build(unsigned version) {
  begin_module(&module);
  put_section(&module, 1, 1, 0x60, 1, 0x7f, 1, 0x7f);
  put_section(&module, 3, 1, 0);
  put_section(&module, 5, 1, 0, 1);
  put_section(&module, 7, 1, 1, 'f', 0, 0);
  put_section(&module, 10, 1, 0x8d, 0x80, 0x80, 0x80, 0, 1, 1, 0x7f, 0x41, 3, 0x21, 1, 0x20, 0,
              0x20, 1, 0x6d, 0x0b);
  dwarf_start = module.size;
  put_custom(".debug_abbrev", &abbrevs);
  put_custom(".debug_info", &info);
  put_custom(version == 5 ? ".debug_loclists" : ".debug_loc", &lists);
}

// v is in local 1 once that is set; w is what is divided by, on the stack, and 9 at the end.
static void build_version_5(void) {
  lists.size = 0;
  ADD(&lists, 0, 0, 0, 0, 5, 0, 4, 0, 0, 0, 0, 0);
  uint32_t first = (uint32_t)lists.size;
  ADD(&lists, DW_LLE_offset_pair, AFTER_SET, END, 4, DW_OP_WASM_location, 0, 1, DW_OP_stack_value,
      DW_LLE_end_of_list);
  uint32_t second = (uint32_t)lists.size;
  ADD(&lists, 8, DIVIDE, 0, 0, 0, 1, 4, DW_OP_WASM_location, 2, 1, DW_OP_stack_value, 7, DIVIDE + 1,
      0, 0, 0, END, 0, 0, 0, 3, DW_OP_constu, 9, DW_OP_stack_value, DW_LLE_end_of_list);
  make_abbrevs();
  make_info(5, first, second);
  build(5);
}

static void build_version_4(void) {
  lists.size = 0;
  ADD(&lists, 0xff, 0xff, 0xff, 0xff, 2, 0, 0, 0); // counts from 2
  ADD(&lists, AFTER_SET - 2, 0, 0, 0, END - 2, 0, 0, 0, 4, 0, DW_OP_WASM_location, 0, 1,
      DW_OP_stack_value, 0, 0, 0, 0, 0, 0, 0, 0);
  uint32_t second = (uint32_t)lists.size;
  ADD(&lists, DIVIDE, 0, 0, 0, DIVIDE + 1, 0, 0, 0, 4, 0, DW_OP_WASM_location, 2, 1,
      DW_OP_stack_value);
  ADD(&lists, DIVIDE + 1, 0, 0, 0, END, 0, 0, 0, 3, 0, DW_OP_constu, 9, DW_OP_stack_value, 0, 0, 0,
      0, 0, 0, 0, 0);
  make_abbrevs();
  make_info(4, 0, second);
  build(4);
}

static void build_either(int which) {
  if (which == 0) {
    build_version_5();
  } else {
    build_version_4();
  }
}

static void warn(void *arg, const char *message) {
  (void)arg;
  (void)message;
  warnings++;
}

static struct wa_buffer compile(int level) {
  struct wa_module decoded;
  struct wa_buffer object;
  struct wa_compile_options options;
  wa_compile_options_init(&options);
  options.opt_level = level;
  options.jobs = 1;
  options.debug = options.verify = true;
  options.warn = warn;
  warnings = 0;
  ck_assert_msg(load(&module, &decoded, &err), "%s", err.message);
  ck_assert_msg(wa_compile(&decoded, &options, &object, &err), "%s", err.message);
  wa_module_deinit(&decoded);
  return object;
}

static const Elf64_Shdr *section(const struct wa_buffer *object, const char *name) {
  const Elf64_Ehdr *header = (const Elf64_Ehdr *)object->data;
  const Elf64_Shdr *sections = (const Elf64_Shdr *)(object->data + header->e_shoff);
  const char *names = (const char *)object->data + sections[header->e_shstrndx].sh_offset;
  for (int i = 1; i < header->e_shnum; i++) {
    if (strcmp(names + sections[i].sh_name, name) == 0) {
      return &sections[i];
    }
  }
  return NULL;
}

// ---- What a module says ----

static void check_range(const struct wa_source *source, const struct wa_variable *variable,
                        uint32_t index, uint32_t start, uint32_t end, size_t size) {
  const struct wa_variable_range *range = wa_variable_ranges(&source->variables, variable) + index;
  ck_assert_uint_eq(range->start, start);
  ck_assert_uint_eq(range->end, end);
  ck_assert_uint_eq(wa_variable_expression(&source->variables, variable, range->expression).size,
                    size);
}

START_TEST(lists_are_read) {
  struct wa_module decoded;
  struct wa_source source;
  uint32_t size, encoding;
  build_either(_i);
  ck_assert(load(&module, &decoded, &err));
  ck_assert_msg(wa_source_init(&source, &decoded, &err), "%s", err.message);
  const struct wa_variable *variable = wa_variable_find(&source.variables, placed);
  ck_assert_ptr_nonnull(variable);
  ck_assert_uint_eq(variable->range_count, 1);
  check_range(&source, variable, 0, BODY, END, 4);
  variable = wa_variable_find(&source.variables, listed);
  ck_assert_ptr_nonnull(variable);
  ck_assert_uint_eq(variable->number, 1);
  ck_assert_uint_eq(variable->range_count, 1);
  check_range(&source, variable, 0, AFTER_SET, END, 4);
  variable = wa_variable_at(&source.variables, 2);
  ck_assert_uint_eq(variable->range_count, 2);
  check_range(&source, variable, 0, DIVIDE, DIVIDE + 1, 4);
  check_range(&source, variable, 1, DIVIDE + 1, END, 3);
  ck_assert_uint_eq(wa_types_size(&source.types, listed), 4);
  ck_assert_uint_eq(wa_types_pointer(&source.types, listed), WA_NO_ADDRESS);
  uint64_t pointer = wa_types_pointer(&source.types, placed);
  ck_assert_uint_ne(pointer, WA_NO_ADDRESS);
  ck_assert(!wa_types_base(&source.types, pointer, &size, &encoding));
  wa_source_deinit(&source);
  wa_module_deinit(&decoded);
}
END_TEST

// ---- What the object says ----

static bool contains(const struct wa_buffer *object, const uint8_t *bytes, size_t size) {
  const Elf64_Shdr *in = section(object, ".debug_loclists");
  for (size_t i = 0; i + size <= in->sh_size; i++) {
    if (memcmp(object->data + in->sh_offset + i, bytes, size) == 0) {
      return true;
    }
  }
  return false;
}

// The value that the code gives local 1.
static bool has_three(const struct wa_buffer *object) {
  static const uint8_t literal[] = {2, DW_OP_lit0 + 3, DW_OP_stack_value};
  static const uint8_t constant[] = {3, DW_OP_constu, 3, DW_OP_stack_value};
  return contains(object, literal, sizeof literal) || contains(object, constant, sizeof constant);
}

START_TEST(locations_come_through) {
  static const uint8_t nine[] = {3, DW_OP_constu, 9, DW_OP_stack_value};
  static const uint8_t null_stays[] = {DW_OP_dup, DW_OP_bra, 3, 0, DW_OP_skip};
  build_either(_i % 2);
  struct wa_buffer object = compile(_i / 2);
  ck_assert_uint_eq(warnings, 0);
  ck_assert_ptr_nonnull(section(&object, ".debug_loclists"));
  ck_assert_ptr_nonnull(section(&object, ".rela.debug_loclists"));
  ck_assert(contains(&object, nine, sizeof nine));
  ck_assert(has_three(&object));
  ck_assert(contains(&object, null_stays, sizeof null_stays));
  wa_buffer_free(&object);
}
END_TEST

// A local that is set within a variable's range, but does not begin it anew, is somebody else's.
START_TEST(overwritten_locals_are_not_believed) {
  lists.size = 0;
  ADD(&lists, 0, 0, 0, 0, 5, 0, 4, 0, 0, 0, 0, 0);
  ADD(&lists, DW_LLE_offset_pair, BODY, END, 4, DW_OP_WASM_location, 0, 1, DW_OP_stack_value,
      DW_LLE_end_of_list);
  make_abbrevs();
  make_info(5, 12, 12);
  build(5);
  struct wa_buffer object = compile(_i);
  ck_assert(!has_three(&object));
  wa_buffer_free(&object);
}
END_TEST

// ---- What may be wrong ----

static void check_any(int level) {
  struct wa_module decoded;
  if (!load(&module, &decoded, &err)) { // a size of a section
    return;
  }
  wa_module_deinit(&decoded);
  struct wa_buffer object = compile(level);
  ck_assert_uint_le(warnings, 1);
  struct wa_artifact *artifact =
      wa_artifact_load_memory(object.data, object.size, "debug.o", NULL, &err);
  ck_assert_msg(artifact != NULL, "%s", err.message);
  wa_artifact_release(artifact);
  wa_buffer_free(&object);
}

START_TEST(any_byte_may_be_wrong) {
  build_either(_i % 2);
  for (size_t at = dwarf_start; at < module.size; at++) {
    uint8_t right = module.bytes[at];
    module.bytes[at] = (uint8_t)(_i < 2 ? ~right : right + 1);
    check_any(1);
    module.bytes[at] = right;
  }
}
END_TEST

// Every operation there is, and is not, alone and with something below it on the stack.
START_TEST(any_expression) {
  for (unsigned code = 0; code < 256; code++) {
    lists.size = 0;
    ADD(&lists, 0, 0, 0, 0, 5, 0, 4, 0, 0, 0, 0, 0);
    ADD(&lists, DW_LLE_offset_pair, BODY, END, 8, DW_OP_WASM_location, 0, 0, DW_OP_lit0 + 1,
        DW_OP_lit0 + 2, (uint8_t)code, 1, DW_OP_stack_value, DW_LLE_end_of_list);
    uint32_t second = (uint32_t)lists.size;
    ADD(&lists, DW_LLE_offset_pair, BODY, END, 2, (uint8_t)code, 0, DW_LLE_end_of_list);
    make_abbrevs();
    make_info(5, 12, second);
    build(5);
    check_any(_i);
  }
}
END_TEST

// Lists that go on to the section's end, lie outside, and have places without end.
START_TEST(broken_lists) {
  static const uint32_t offsets[] = {0, 1, 11, 13, 24, 25, 0x7fffffff, 0xffffffff};
  for (size_t i = 0; i < sizeof offsets / sizeof *offsets; i++) {
    build_either(_i);
    make_info(_i == 0 ? 5 : 4, offsets[i], offsets[i]);
    build(_i == 0 ? 5 : 4);
    check_any(1);
  }
  for (size_t cut = 0; cut < lists.size; cut++) {
    build_either(_i);
    lists.size = cut;
    build(_i == 0 ? 5 : 4);
    check_any(1);
  }
}
END_TEST

int main(void) {
  Suite *suite = suite_create("debug places");
  TCase *tests = tcase_create("debug places");
  tcase_set_timeout(tests, 100);
  tcase_add_loop_test(tests, lists_are_read, 0, 2);
  tcase_add_loop_test(tests, locations_come_through, 0, 8);
  tcase_add_loop_test(tests, overwritten_locals_are_not_believed, 0, 4);
  tcase_add_loop_test(tests, any_byte_may_be_wrong, 0, 4);
  tcase_add_loop_test(tests, any_expression, 0, 2);
  tcase_add_loop_test(tests, broken_lists, 0, 2);
  suite_add_tcase(suite, tests);
  return run_suite(suite);
}

// Debug information: from a module's DWARF, written by hand here, to the object's, and whatever may
// be wrong with either.
#include "compiler/compile.h"
#include "compiler/dwarf/dwarf.h"
#include "compiler/source/source.h"
#include "loader/loader.h"
#include "runtime/code/lines.h"
#include "tests/unit/module_builder.h"
#include "tests/unit/suite.h"

#include <check.h>
#include <elf.h>

// One function: 100 / its parameter. The body begins 6 bytes into the code section.
enum { BODY = 6, DIVIDE = 18, END = 20 };

static const uint8_t abbrevs[] = {1,
                                  DW_TAG_compile_unit,
                                  1,
                                  DW_AT_name,
                                  DW_FORM_string,
                                  DW_AT_comp_dir,
                                  DW_FORM_string,
                                  DW_AT_stmt_list,
                                  DW_FORM_sec_offset,
                                  DW_AT_low_pc,
                                  DW_FORM_addr,
                                  0,
                                  0,
                                  2,
                                  DW_TAG_subprogram,
                                  1,
                                  DW_AT_name,
                                  DW_FORM_string,
                                  DW_AT_low_pc,
                                  DW_FORM_addr,
                                  DW_AT_high_pc,
                                  DW_FORM_data4,
                                  DW_AT_frame_base,
                                  DW_FORM_exprloc,
                                  DW_AT_type,
                                  DW_FORM_ref4,
                                  0,
                                  0,
                                  3,
                                  DW_TAG_variable,
                                  0,
                                  DW_AT_name,
                                  DW_FORM_string,
                                  DW_AT_location,
                                  DW_FORM_exprloc,
                                  DW_AT_type,
                                  DW_FORM_ref4,
                                  0,
                                  0,
                                  4,
                                  DW_TAG_base_type,
                                  0,
                                  DW_AT_name,
                                  DW_FORM_string,
                                  DW_AT_encoding,
                                  DW_FORM_data1,
                                  DW_AT_byte_size,
                                  DW_FORM_data1,
                                  0,
                                  0,
                                  5,
                                  DW_TAG_pointer_type,
                                  0,
                                  DW_AT_type,
                                  DW_FORM_ref4,
                                  0,
                                  0,
                                  6,
                                  DW_TAG_lexical_block,
                                  0,
                                  DW_AT_low_pc,
                                  DW_FORM_addr,
                                  DW_AT_high_pc,
                                  DW_FORM_data4,
                                  0,
                                  0,
                                  0};

static const uint8_t info[] = {89,
                               0,
                               0,
                               0,
                               4,
                               0,
                               0,
                               0,
                               0,
                               0,
                               4, // the unit's header
                               1,
                               'a',
                               '.',
                               'c',
                               0,
                               '/',
                               'd',
                               0,
                               0,
                               0,
                               0,
                               0,
                               0,
                               0,
                               0,
                               0,
                               4,
                               'i',
                               'n',
                               't',
                               0,
                               5,
                               4, // at 27
                               5,
                               27,
                               0,
                               0,
                               0, // at 34
                               2,
                               'f',
                               0,
                               BODY,
                               0,
                               0,
                               0,
                               END - BODY,
                               0,
                               0,
                               0,
                               4,
                               DW_OP_WASM_location,
                               0,
                               1,
                               DW_OP_stack_value,
                               27,
                               0,
                               0,
                               0,
                               3,
                               'v',
                               0,
                               2,
                               DW_OP_fbreg,
                               12,
                               27,
                               0,
                               0,
                               0,
                               6,
                               DIVIDE,
                               0,
                               0,
                               0,
                               1,
                               0,
                               0,
                               0,
                               0,
                               3,
                               'g',
                               0,
                               5,
                               DW_OP_addr,
                               0,
                               4,
                               0,
                               0,
                               34,
                               0,
                               0,
                               0,
                               0};

// Line 3 up to the division, which is line 7.
static const uint8_t lines[] = {58,
                                0,
                                0,
                                0,
                                4,
                                0,
                                31,
                                0,
                                0,
                                0,
                                1,
                                1,
                                1,
                                0xfb,
                                14,
                                13,
                                0,
                                1,
                                1,
                                1,
                                1,
                                0,
                                0,
                                0,
                                1,
                                0,
                                0,
                                1,
                                's',
                                'u',
                                'b',
                                0,
                                0,
                                'a',
                                '.',
                                'c',
                                0,
                                1,
                                0,
                                0,
                                0, // one directory, one file in it
                                0,
                                5,
                                DW_LNE_set_address,
                                BODY,
                                0,
                                0,
                                0,
                                DW_LNS_advance_line,
                                2,
                                DW_LNS_copy,
                                DW_LNS_advance_pc,
                                DIVIDE - BODY,
                                DW_LNS_advance_line,
                                4,
                                DW_LNS_set_prologue_end,
                                DW_LNS_copy,
                                DW_LNS_advance_pc,
                                END - DIVIDE,
                                0,
                                1,
                                DW_LNE_end_sequence};

static struct builder module;
static struct wa_error err;
static unsigned warnings;
static char warning[512];

static void put_custom(const char *name, const uint8_t *bytes, size_t size) {
  begin_section(&module, 0);
  put_name(&module, name);
  put(&module, bytes, size);
  end_sized(&module);
}

static size_t dwarf_start;

static void build(void) {
  begin_module(&module);
  put_section(&module, 1, 1, 0x60, 1, 0x7f, 1, 0x7f);
  put_section(&module, 3, 1, 0);
  put_section(&module, 5, 1, 0, 1);
  put_section(&module, 7, 1, 1, 'f', 0, 0);
  put_section(&module, 10, 1, 0x8e, 0x80, 0x80, 0x80, 0, 1, 1, 0x7f, 0x41, 0x10, 0x21, 1, 0x41,
              0xe4, 0, 0x20, 0, 0x6d, 0x0b);
  dwarf_start = module.size;
}

static void build_with_dwarf(void) {
  build();
  put_custom(".debug_abbrev", abbrevs, sizeof abbrevs);
  put_custom(".debug_info", info, sizeof info);
  put_custom(".debug_line", lines, sizeof lines);
}

static void warn(void *arg, const char *message) {
  (void)arg;
  warnings++;
  (void)snprintf(warning, sizeof warning, "%s", message);
}

// The object, which must be had whatever the DWARF is like.
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

static Elf64_Shdr *section(const struct wa_buffer *object, const char *name) {
  const Elf64_Ehdr *header = (const Elf64_Ehdr *)object->data;
  Elf64_Shdr *sections = (Elf64_Shdr *)(object->data + header->e_shoff);
  const char *names = (const char *)object->data + sections[header->e_shstrndx].sh_offset;
  for (int i = 1; i < header->e_shnum; i++) {
    if (strcmp(names + sections[i].sh_name, name) == 0) {
      return &sections[i];
    }
  }
  return NULL;
}

static struct wa_artifact *load_object(const struct wa_buffer *object) {
  return wa_artifact_load_memory(object->data, object->size, "debug.o", NULL, &err);
}

START_TEST(lines_come_through) {
  build_with_dwarf();
  struct wa_buffer object = compile(_i);
  ck_assert_msg(warnings == 0, "%s", warning);
  struct wa_artifact *artifact = load_object(&object);
  ck_assert_msg(artifact != NULL, "%s", err.message);
  uint32_t start = WA_META_ROW(artifact->meta, funcs, struct wa_meta_func, 0)->text;
  struct wa_source_line line;
  ck_assert(wa_lines_find(artifact, start, &line));
  ck_assert_int_eq(line.path_size, 7);
  ck_assert_mem_eq(line.path, "sub/a.c", 7);
  ck_assert_int_eq(line.line, 3);
  unsigned divisions = 0;
  for (uint32_t i = 0, at; i < wa_lines_count(artifact); i++) {
    divisions += wa_lines_row(artifact, i, &at, &line) && line.line == 7;
  }
  ck_assert_int_gt(divisions, 0);
  ck_assert_ptr_nonnull(section(&object, ".debug_info"));
  wa_artifact_release(artifact);
  wa_buffer_free(&object);
}
END_TEST

START_TEST(source_is_read) {
  build_with_dwarf();
  struct wa_module decoded;
  struct wa_source source;
  ck_assert(load(&module, &decoded, &err));
  ck_assert_msg(wa_source_init(&source, &decoded, &err), "%s", err.message);
  ck_assert_int_eq(source.frame_locals[0], 1);
  ck_assert_int_eq(wa_source_function(&source, BODY), 0);
  ck_assert_int_eq(wa_source_function(&source, BODY - 1), WA_NONE);
  ck_assert_int_eq(wa_source_function(&source, END), WA_NONE);
  ck_assert_int_eq(wa_source_row(&source, DIVIDE - 1)->line, 3);
  ck_assert_int_eq(wa_source_row(&source, DIVIDE)->line, 7);
  ck_assert_ptr_null(wa_source_row(&source, END));
  ck_assert_ptr_null(wa_source_row(&source, BODY - 1));
  wa_source_deinit(&source);
  wa_module_deinit(&decoded);
}
END_TEST

START_TEST(nothing_to_keep) {
  build();
  struct wa_buffer object = compile(0);
  ck_assert_int_eq(warnings, 1);
  ck_assert_ptr_nonnull(strstr(warning, "no debug information"));
  ck_assert_ptr_null(section(&object, ".debug_info"));
  wa_buffer_free(&object);
}
END_TEST

// Any byte may be any other: the object is made all the same, with one warning at most.
START_TEST(any_byte_may_be_wrong) {
  build_with_dwarf();
  for (size_t at = dwarf_start; at < module.size; at++) {
    uint8_t right = module.bytes[at];
    module.bytes[at] = (uint8_t)(_i == 0 ? ~right : right + 1);
    struct wa_module decoded;
    if (load(&module, &decoded, &err)) { // not a size of a section
      wa_module_deinit(&decoded);
      struct wa_buffer object = compile(0);
      ck_assert_int_le(warnings, 1);
      struct wa_artifact *artifact = load_object(&object);
      ck_assert_msg(artifact != NULL, "%s", err.message);
      wa_artifact_release(artifact);
      wa_buffer_free(&object);
    }
    module.bytes[at] = right;
  }
}
END_TEST

START_TEST(broken_tables_of_lines) {
  build_with_dwarf();
  struct wa_buffer object = compile(0);
  struct wa_lines *table =
      (struct wa_lines *)(object.data + section(&object, WA_SECTION_LINES)->sh_offset);
  struct wa_lines right = *table;
  uint32_t *const counts[] = {&table->row_count, &table->file_count, &table->string_size,
                              &table->inline_count};
  for (int i = 0; i < 4; i++) {
    *counts[i] = UINT32_MAX;
    ck_assert_ptr_null(load_object(&object));
    ck_assert_ptr_nonnull(strstr(err.message, "cut short"));
    ck_assert_int_eq(err.kind, WA_ERROR_MALFORMED);
    *table = right;
  }
  struct wa_lines_row *rows = (struct wa_lines_row *)(table + 1);
  struct wa_lines_file *files = (struct wa_lines_file *)(rows + right.row_count);
  struct wa_source_line line;
  files[0].path = UINT32_MAX;
  struct wa_artifact *artifact = load_object(&object);
  ck_assert_ptr_nonnull(artifact);
  ck_assert(!wa_lines_find(artifact, rows[0].text_offset, &line));
  wa_artifact_release(artifact);
  files[0].path = 0;
  rows[0].file = right.file_count;
  artifact = load_object(&object);
  ck_assert_ptr_nonnull(artifact);
  ck_assert(!wa_lines_find(artifact, rows[0].text_offset, &line));
  wa_artifact_release(artifact);
  wa_buffer_free(&object);
}
END_TEST

int main(void) {
  Suite *suite = suite_create("debug");
  TCase *tests = tcase_create("debug");
  tcase_set_timeout(tests, 100);
  tcase_add_loop_test(tests, lines_come_through, 0, 4);
  tcase_add_test(tests, source_is_read);
  tcase_add_test(tests, nothing_to_keep);
  tcase_add_loop_test(tests, any_byte_may_be_wrong, 0, 2);
  tcase_add_test(tests, broken_tables_of_lines);
  suite_add_tcase(suite, tests);
  return run_suite(suite);
}

// The loader's checks: every corruption is refused in words, never a crash.
#include "loader/cpu.h"
#include "loader/loader.h"
#include "runtime/runtime.h"
#include "tests/unit/guest_modules.h"
#include "tests/unit/suite.h"

#include <check.h>
#include <elf.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct object valid;  // compiled once, before the tests fork
static struct object mutant; // a copy that a test spoils
static struct wa_error err;

static void setup(void) {
  mutant = (struct object){.bytes = malloc(valid.size), .size = valid.size};
  memcpy(mutant.bytes, valid.bytes, valid.size);
  wa_error_clear(&err);
}

static void teardown(void) {
  free(mutant.bytes);
}

static Elf64_Ehdr *header(void) {
  return (Elf64_Ehdr *)mutant.bytes;
}

static Elf64_Shdr *section(const char *name) {
  Elf64_Shdr *sections = (Elf64_Shdr *)(mutant.bytes + header()->e_shoff);
  const char *names = (const char *)mutant.bytes + sections[header()->e_shstrndx].sh_offset;
  for (int i = 1; i < header()->e_shnum; i++) {
    if (strcmp(names + sections[i].sh_name, name) == 0) {
      return &sections[i];
    }
  }
  ck_abort_msg("no section %s", name);
  return NULL;
}

static struct wa_meta *meta(void) {
  return (struct wa_meta *)(mutant.bytes + section(WA_SECTION_MODULE)->sh_offset);
}

#define ROW(span, type, index) ((type *)((uint8_t *)meta() + meta()->span.offset) + (index))

// Notes are aligned to 4 only.
typedef struct wa_note unaligned_note __attribute__((aligned(1)));

static unaligned_note *note(void) {
  return (unaligned_note *)(mutant.bytes + section(WA_SECTION_NOTE)->sh_offset +
                            sizeof(Elf64_Nhdr) + sizeof WA_NOTE_NAME);
}

static void expect(enum wa_error_kind kind, const char *words) {
  struct wa_artifact *artifact =
      wa_artifact_load_memory(mutant.bytes, mutant.size, "mutant.o", NULL, &err);
  ck_assert_msg(artifact == NULL, "loaded, but \"%s\" was expected", words);
  ck_assert_msg(strstr(err.message, words) != NULL, "\"%s\" does not say \"%s\"", err.message,
                words);
  ck_assert_int_eq(err.kind, kind);
  ck_assert_ptr_null(strchr(err.message, '\n'));
}

START_TEST(valid_loads) {
  struct wa_artifact *artifact = load_guest(&valid);
  ck_assert_uint_eq(wa_artifact_machine(artifact), wa_host_machine());
  ck_assert_uint_eq(artifact->note.abi_version, WA_ABI_VERSION);
  wa_artifact_release(artifact);
}
END_TEST

START_TEST(file_loads_and_is_inspected) {
  char path[] = "/tmp/wasmaot-test-XXXXXX";
  int file = mkstemp(path);
  ck_assert_int_eq(write(file, valid.bytes, valid.size), (ssize_t)valid.size);
  struct wa_artifact *artifact = wa_artifact_load_file(path, NULL, &err);
  ck_assert_msg(artifact != NULL, "%s", err.message);
  ck_assert_str_eq(artifact->name, path + sizeof "/tmp/" - 1);
  wa_artifact_release(artifact);
  artifact = wa_artifact_inspect_file(path, &err);
  ck_assert_msg(artifact != NULL, "%s", err.message);
  wa_artifact_release(artifact);
  ck_assert_int_eq(ftruncate(file, 0), 0);
  ck_assert_ptr_null(wa_artifact_load_file(path, NULL, &err));
  ck_assert_int_eq(err.kind, WA_ERROR_MALFORMED);
  close(file);
  unlink(path);
  ck_assert_ptr_null(wa_artifact_load_file(path, NULL, &err));
  ck_assert_int_eq(err.kind, WA_ERROR_SYSTEM);
  ck_assert_ptr_null(wa_artifact_load_file("/tmp", NULL, &err));
  ck_assert_int_eq(err.kind, WA_ERROR_SYSTEM);
}
END_TEST

START_TEST(every_truncation_is_refused) {
  for (size_t size = 0; size < valid.size; size++) {
    struct wa_artifact *artifact =
        wa_artifact_load_memory(valid.bytes, size, "short.o", NULL, &err);
    ck_assert_msg(artifact == NULL, "loaded with %zu of %zu bytes", size, valid.size);
    ck_assert_int_eq(err.kind, WA_ERROR_MALFORMED);
  }
}
END_TEST

// ---- One row per corruption ----

struct corruption {
  void (*spoil)(void);
  enum wa_error_kind kind;
  const char *words;
};

#define SPOIL(name, statement)                                                                     \
  static void name(void) {                                                                         \
    statement;                                                                                     \
  }

SPOIL(no_magic, mutant.bytes[0] = 0)
SPOIL(class32, header()->e_ident[EI_CLASS] = ELFCLASS32)
SPOIL(big_endian, header()->e_ident[EI_DATA] = ELFDATA2MSB)
SPOIL(executable, header()->e_type = ET_EXEC)
#ifdef __x86_64__
#define OTHER_MACHINE EM_AARCH64
#define OTHER_CPU_FEATURE "other"
#define OTHER_MACHINE_REFUSED "compiled for AArch64, this host is x86-64; compile it with --target"
#else
#define OTHER_MACHINE EM_X86_64
#define OTHER_CPU_FEATURE "an unknown one"
#define OTHER_MACHINE_REFUSED "compiled for x86-64, this host is "
#endif
SPOIL(other_machine, header()->e_machine = OTHER_MACHINE)
SPOIL(table_outside, header()->e_shoff = mutant.size & ~UINT64_C(7))
SPOIL(table_unaligned, header()->e_shoff += 1)
SPOIL(many_sections, header()->e_shnum = 60000)
SPOIL(no_names, header()->e_shstrndx = 9999)
SPOIL(no_module, section(WA_SECTION_MODULE)->sh_name = section(".strtab")->sh_name + 1)
SPOIL(two_texts, section(WA_SECTION_DATA)->sh_name = section(WA_SECTION_TEXT)->sh_name)
SPOIL(text_beyond, section(WA_SECTION_TEXT)->sh_size = mutant.size)
SPOIL(text_wraps, section(WA_SECTION_TEXT)->sh_size = UINT64_MAX)
SPOIL(text_empty, section(WA_SECTION_TEXT)->sh_size = 0)
SPOIL(text_writable, section(WA_SECTION_TEXT)->sh_flags |= SHF_WRITE)
SPOIL(text_unaligned, section(WA_SECTION_TEXT)->sh_offset += 16)
SPOIL(module_unaligned, section(WA_SECTION_MODULE)->sh_offset += 4)
SPOIL(module_nobits, section(WA_SECTION_MODULE)->sh_type = SHT_NOBITS)
SPOIL(module_compressed, section(WA_SECTION_MODULE)->sh_flags |= SHF_COMPRESSED)
SPOIL(overlap, section(WA_SECTION_DATA)->sh_offset = section(WA_SECTION_TEXT)->sh_offset)
SPOIL(offset_huge, section(WA_SECTION_DATA)->sh_offset = UINT64_MAX - 1)
SPOIL(note_short, section(WA_SECTION_NOTE)->sh_size = 8)
SPOIL(note_foreign, mutant.bytes[section(WA_SECTION_NOTE)->sh_offset + sizeof(Elf64_Nhdr)] = 'x')
SPOIL(abi_older, note()->abi_version = WA_ABI_VERSION - 1)
SPOIL(note_endless, memset(note()->target_cpu, 'x', sizeof note()->target_cpu))
SPOIL(feature_unknown, note()->wasm_features |= 1ull << 40)
SPOIL(cpu_missing, note()->cpu_features |= WA_X86_OTHER)
SPOIL(reliance_unknown, note()->reliance |= 1u << 20)
SPOIL(reservation_big, note()->memory_reservation = WA_MEMORY32_RESERVATION * 2)
SPOIL(guard_big, note()->memory_guard = WA_MEMORY32_GUARD + 1)
SPOIL(stack_guard_big, note()->stack_guard = WA_STACK_GUARD_SIZE + 1)
SPOIL(meta_magic, meta()->magic++)
SPOIL(meta_size, meta()->size += 8)
SPOIL(context_small, meta()->context_size = WA_CONTEXT_FIXED_SIZE)
SPOIL(context_odd, meta()->context_size += 8)
SPOIL(context_huge, meta()->context_size = UINT32_MAX & ~15u)
SPOIL(meta_flags, meta()->flags |= 1u << 9)
SPOIL(refs_many, meta()->func_ref_count = UINT32_MAX)
SPOIL(start_outside, meta()->start = meta()->funcs.count)
SPOIL(start_type, ROW(funcs, struct wa_meta_func, meta()->start)->type = 1)
SPOIL(span_count, meta()->funcs.count = UINT32_MAX)
SPOIL(span_offset, meta()->exports.offset = UINT32_MAX & ~7u)
SPOIL(span_odd, meta()->imports.offset += 4)
SPOIL(span_header, meta()->imports.offset = 8)
SPOIL(valtype, *ROW(valtypes, uint32_t, 0) = 0x40)
SPOIL(valtype_index, *ROW(valtypes, uint32_t, 0) = wa_type_with_index(WA_REF_INDEX, 9999))
SPOIL(type_group, ROW(types, struct wa_meta_type, 0)->group = 0)
SPOIL(type_group_long, ROW(types, struct wa_meta_type, 0)->group = UINT32_MAX)
SPOIL(type_super, ROW(types, struct wa_meta_type, 1)->supertype = 1)
SPOIL(type_params, ROW(types, struct wa_meta_type, 1)->param_count = UINT32_MAX)
SPOIL(type_entry, ROW(types, struct wa_meta_type, 1)->entry = 0x7fffffff)
SPOIL(type_id, ROW(types, struct wa_meta_type, 1)->id_offset = -8)
SPOIL(type_id_positive, ROW(types, struct wa_meta_type, 1)->id_offset = 16)
SPOIL(import_kind, ROW(imports, struct wa_meta_import, 0)->kind = 9)
SPOIL(import_name, ROW(imports, struct wa_meta_import, 0)->name.offset = UINT32_MAX)
SPOIL(import_index, ROW(imports, struct wa_meta_import, 0)->index = 1)
SPOIL(import_slot_low, ROW(imports, struct wa_meta_import, 0)->slot = INT32_MIN)
SPOIL(import_slot_fixed, ROW(imports, struct wa_meta_import, 0)->slot = -64)
SPOIL(import_slot_odd, ROW(imports, struct wa_meta_import, 0)->slot -= 4)
SPOIL(func_type, ROW(funcs, struct wa_meta_func, 2)->type = 99)
SPOIL(func_text, ROW(funcs, struct wa_meta_func, 2)->text = 0x7fffffff)
SPOIL(func_tail, ROW(funcs, struct wa_meta_func, 2)->tail = 0x7fffffff)
SPOIL(func_import_tail, ROW(funcs, struct wa_meta_func, 0)->tail = 0)
SPOIL(func_import_text, ROW(funcs, struct wa_meta_func, 0)->text = 0)
SPOIL(func_ref, ROW(funcs, struct wa_meta_func, 2)->func_ref = 5000)
SPOIL(func_name, ROW(funcs, struct wa_meta_func, 2)->name.length = UINT32_MAX)
SPOIL(table_type, ROW(tables, struct wa_meta_table, 0)->elem_type = WA_I32)
SPOIL(table_flags, ROW(tables, struct wa_meta_table, 0)->flags |= WA_LIMITS_SHARED)
SPOIL(table_limits, ROW(tables, struct wa_meta_table, 0)->max = 1)
SPOIL(table_read_only, ROW(tables, struct wa_meta_table, 0)->flags |= WA_TABLE_READ_ONLY)
SPOIL(memory_limits, ROW(memories, struct wa_meta_memory, 0)->min = 4)
SPOIL(memory_max, ROW(memories, struct wa_meta_memory, 0)->max = 65537)
SPOIL(memory_64, ROW(memories, struct wa_meta_memory, 0)->flags |= WA_LIMITS_INDEX64)
SPOIL(memory_page, ROW(memories, struct wa_meta_memory, 0)->page_size_log2 = 12)
SPOIL(memory_byte_page, ROW(memories, struct wa_meta_memory, 0)->page_size_log2 = 0)
SPOIL(memory_shared, ROW(memories, struct wa_meta_memory, 0)->flags |= WA_LIMITS_SHARED)
SPOIL(global_type, ROW(globals, struct wa_meta_global, 1)->type = 0)
SPOIL(global_mut, ROW(globals, struct wa_meta_global, 1)->mut = 2)
SPOIL(global_pointer, ROW(globals, struct wa_meta_global, 1)->flags = WA_GLOBAL_BY_POINTER)
SPOIL(global_offset, ROW(globals, struct wa_meta_global, 1)->offset = -32)
SPOIL(global_ref, ROW(globals, struct wa_meta_global, 1)->type = WA_FUNCREF)
SPOIL(global_itself, ROW(globals, struct wa_meta_global, 2)->init.index = 2)
SPOIL(global_other, ROW(globals, struct wa_meta_global, 2)->init.index = 1)
SPOIL(global_sequence, ROW(globals, struct wa_meta_global, 1)->init.kind = WA_EXPR_SEQUENCE)
SPOIL(global_expr, ROW(globals, struct wa_meta_global, 1)->init.kind = 7)
SPOIL(export_kind, ROW(exports, struct wa_meta_export, 0)->kind = 5)
SPOIL(export_index, ROW(exports, struct wa_meta_export, 0)->index = 1)
SPOIL(export_name, ROW(exports, struct wa_meta_export, 0)->name.length = UINT32_MAX)
SPOIL(elem_mode, ROW(elems, struct wa_meta_elem, 0)->mode = 3)
SPOIL(elem_table, ROW(elems, struct wa_meta_elem, 0)->table = 1)
SPOIL(elem_type, ROW(elems, struct wa_meta_elem, 0)->type = WA_I64)
SPOIL(elem_other_type, ROW(elems, struct wa_meta_elem, 0)->type = WA_EXTERNREF)
SPOIL(elem_count, ROW(elems, struct wa_meta_elem, 0)->count = UINT32_MAX)
SPOIL(elem_offset, ROW(elems, struct wa_meta_elem, 0)->offset.kind = WA_EXPR_REF_NULL)
SPOIL(elem_func, ROW(elem_exprs, struct wa_meta_expr, 0)->index = 999)
SPOIL(elem_number, ROW(elem_exprs, struct wa_meta_expr, 0)->kind = WA_EXPR_CONST)
SPOIL(data_mode, ROW(datas, struct wa_meta_data, 0)->mode = WA_SEGMENT_DECLARATIVE)
SPOIL(data_memory, ROW(datas, struct wa_meta_data, 0)->memory = 1)
SPOIL(data_first, ROW(datas, struct wa_meta_data, 0)->first = UINT64_MAX)
SPOIL(data_length, ROW(datas, struct wa_meta_data, 1)->length = UINT64_MAX)
SPOIL(code_order, ROW(code_map, struct wa_meta_code, 1)->text_offset = 0)
SPOIL(code_size, ROW(code_map, struct wa_meta_code, 0)->size = UINT32_MAX)
SPOIL(code_kind, ROW(code_map, struct wa_meta_code, 0)->kind = 4)
SPOIL(code_index, ROW(code_map, struct wa_meta_code, 0)->index = 9999)

static struct wa_unwind_entry *unwind(size_t index) {
  return (struct wa_unwind_entry *)(mutant.bytes + section(WA_SECTION_UNWIND)->sh_offset) + index;
}
SPOIL(unwind_order, unwind(1)->text_offset = 0)
SPOIL(unwind_text, unwind(0)->text_offset = UINT32_MAX)
SPOIL(unwind_frame, unwind(0)->fde_offset = UINT32_MAX)

static Elf64_Rela *rela(void) {
  return (Elf64_Rela *)(mutant.bytes + section(".rela.text")->sh_offset);
}
SPOIL(rela_cut, section(".rela.text")->sh_size -= 1)
SPOIL(rela_type, rela()->r_info = ELF64_R_INFO(ELF64_R_SYM(rela()->r_info), R_X86_64_GOTPCREL))
SPOIL(rela_unknown, rela()->r_info = ELF64_R_INFO(ELF64_R_SYM(rela()->r_info), 250))
SPOIL(rela_symbol, rela()->r_info = ELF64_R_INFO(0x7fffffff, R_X86_64_64))
SPOIL(rela_place, rela()->r_offset = section(WA_SECTION_TEXT)->sh_size - 4)
SPOIL(rela_place_far, rela()->r_offset = UINT64_MAX - 3)

// Wherever the symbol is: in a program that is linked to low addresses, too.
static void rela_range(void) {
  rela()->r_info = ELF64_R_INFO(ELF64_R_SYM(rela()->r_info), R_X86_64_32);
  rela()->r_addend = INT64_C(1) << 40;
}

static void symbol_unknown(void) {
  Elf64_Sym *symbols = (Elf64_Sym *)(mutant.bytes + section(".symtab")->sh_offset);
  char *names = (char *)mutant.bytes + section(".strtab")->sh_offset;
  names[symbols[ELF64_R_SYM(rela()->r_info)].st_name] = '!';
}

#define MALFORMED(name, words)                                                                     \
  { name, WA_ERROR_MALFORMED, words }
#define REFUSED(name, words)                                                                       \
  { name, WA_ERROR_REFUSED, words }

static const struct corruption corruptions[] = {
    MALFORMED(no_magic, "not an ELF object"),
    MALFORMED(class32, "not a 64-bit little-endian"),
    MALFORMED(big_endian, "not a 64-bit little-endian"),
    MALFORMED(executable, "a relocatable object was expected"),
    REFUSED(other_machine, OTHER_MACHINE_REFUSED),
    MALFORMED(table_outside, "truncated"),
    MALFORMED(table_unaligned, "bad section header table"),
    MALFORMED(many_sections, "truncated inside its section headers"),
    MALFORMED(no_names, "name"),
    MALFORMED(no_module, "no section .wasmaot.module"),
    MALFORMED(two_texts, "section"),
    MALFORMED(text_beyond, "truncated: section .text"),
    MALFORMED(text_wraps, ".text"),
    MALFORMED(text_empty, ".text"),
    MALFORMED(text_writable, ".text"),
    MALFORMED(text_unaligned, ".text is not aligned"),
    MALFORMED(module_unaligned, ".wasmaot.module is not aligned"),
    MALFORMED(module_nobits, ".wasmaot.module has type"),
    MALFORMED(module_compressed, ".wasmaot.module has type"),
    MALFORMED(overlap, "overlap"),
    MALFORMED(offset_huge, "truncated: section .wasmaot.data"),
    MALFORMED(note_short, "note"),
    MALFORMED(note_foreign, "note is not wasmaot's"),
    REFUSED(abi_older, "; compile it anew with this version of wasmaot"),
    MALFORMED(note_endless, "endless string"),
    REFUSED(feature_unknown, "proposals that this runtime does not know (0x10000000000)"),
    REFUSED(cpu_missing, "CPU features that this host lacks: " OTHER_CPU_FEATURE
                         "; recompile with --cpu baseline"),
    REFUSED(reliance_unknown, "relies on something"),
    REFUSED(reservation_big, "unchecked accesses need"),
    REFUSED(guard_big, "unchecked accesses need"),
    REFUSED(stack_guard_big, "stack probes need"),
    MALFORMED(meta_magic, "metadata"),
    MALFORMED(meta_size, "metadata"),
    MALFORMED(context_small, "context offset"),
    MALFORMED(context_odd, "context[0]"),
    MALFORMED(context_huge, "context[0]"),
    MALFORMED(meta_flags, "unknown flags"),
    MALFORMED(refs_many, "func_refs[0]"),
    MALFORMED(start_outside, "start[0]"),
    MALFORMED(start_type, "parameters or results"),
    MALFORMED(span_count, "funcs[0]"),
    MALFORMED(span_offset, "exports[0]"),
    MALFORMED(span_odd, "imports[0]"),
    MALFORMED(span_header, "imports[0]"),
    MALFORMED(valtype, "valtypes[0]"),
    MALFORMED(valtype_index, "valtypes[0]"),
    MALFORMED(type_group, "types[0]: group of 0"),
    MALFORMED(type_group_long, "types[0]: group of"),
    MALFORMED(type_super, "types[1]: supertype 1"),
    MALFORMED(type_params, "types[1]"),
    MALFORMED(type_entry, "types[1]: a trampoline outside"),
    MALFORMED(type_id, "types[1]: id at context offset -8"),
    MALFORMED(type_id_positive, "types[1]: id at context offset 16"),
    MALFORMED(import_kind, "imports[0]: unknown kind"),
    MALFORMED(import_name, "imports[0]: bad name"),
    MALFORMED(import_index, "imports[0]: index 1"),
    MALFORMED(import_slot_low, "imports[0]: slot"),
    MALFORMED(import_slot_fixed, "imports[0]: slot"),
    MALFORMED(import_slot_odd, "imports[0]: slot"),
    MALFORMED(func_type, "funcs[2]: type 99"),
    MALFORMED(func_text, "funcs[2]: code"),
    MALFORMED(func_tail, "funcs[2]: code"),
    MALFORMED(func_import_tail, "funcs[0]: code"),
    MALFORMED(func_import_text, "funcs[0]: code"),
    MALFORMED(func_ref, "funcs[2]: reference 5000"),
    MALFORMED(func_name, "funcs[2]: bad name"),
    MALFORMED(table_type, "tables[0]: element type"),
    MALFORMED(table_flags, "tables[0]: unknown flags"),
    MALFORMED(table_limits, "tables[0]: limits"),
    MALFORMED(table_read_only, "a read-only table"),
    MALFORMED(memory_limits, "memories[0]: limits"),
    MALFORMED(memory_max, "memories[0]: limits"),
    MALFORMED(memory_64, "memories[0]: not one that can lie"),
    MALFORMED(memory_page, "memories[0]: flags"),
    MALFORMED(memory_byte_page, "memories[0]: not one that can lie"),
    MALFORMED(memory_shared, "memories[0]: not one that can lie at the context"),
    MALFORMED(global_type, "globals[1]: type"),
    MALFORMED(global_mut, "globals[1]: type"),
    MALFORMED(global_pointer, "globals[1]: wrong kind of place"),
    MALFORMED(global_offset, "globals[1]: at context offset -32"),
    MALFORMED(global_ref, "globals[1]: a number where a reference"),
    MALFORMED(global_itself, "globals[2]: global.get of no earlier global"),
    MALFORMED(global_other, "globals[2]: global.get of another type"),
    MALFORMED(global_sequence, "globals[1]: a sequence"),
    MALFORMED(global_expr, "globals[1]: unknown kind of expression"),
    MALFORMED(export_kind, "exports[0]"),
    MALFORMED(export_index, "exports[0]"),
    MALFORMED(export_name, "exports[0]"),
    MALFORMED(elem_mode, "elems[0]: mode 3"),
    MALFORMED(elem_table, "elems[0]: no such table"),
    MALFORMED(elem_type, "elems[0]: mode"),
    MALFORMED(elem_other_type, "elems[0]: a table of another type"),
    MALFORMED(elem_count, "elems[0]: mode"),
    MALFORMED(elem_offset, "elems[0]: a reference where a number"),
    MALFORMED(elem_func, "elem_exprs[0]: ref.func of no function"),
    MALFORMED(elem_number, "elem_exprs[0]: a number where a reference"),
    MALFORMED(data_mode, "datas[0]: mode"),
    MALFORMED(data_memory, "datas[0]: no such memory"),
    MALFORMED(data_first, "datas[0]: mode"),
    MALFORMED(data_length, "datas[1]: mode"),
    MALFORMED(code_order, "code_map[1]: not sorted"),
    MALFORMED(code_size, "code_map[0]"),
    MALFORMED(code_kind, "code_map[0]"),
    MALFORMED(code_index, "code_map[0]"),
    MALFORMED(unwind_order, "unwind[1]: not sorted"),
    MALFORMED(unwind_text, "unwind[0]"),
    MALFORMED(unwind_frame, "unwind[0]"),
};

static const struct corruption rela_corruptions[] = {
    MALFORMED(rela_cut, "relocation"),
    REFUSED(rela_type, "(R_X86_64_GOTPCREL) is not one an artifact may have"),
    REFUSED(rela_unknown, "relocation type 250 (unknown)"),
    MALFORMED(rela_symbol, "names no symbol"),
    MALFORMED(rela_place, "outside its section"),
    MALFORMED(rela_place_far, "outside its section"),
    MALFORMED(rela_range, "does not fit"),
    REFUSED(symbol_unknown, "needs the symbol `!"),
};

enum { CORRUPTION_COUNT = sizeof corruptions / sizeof corruptions[0] };
enum { RELA_CORRUPTION_COUNT = sizeof rela_corruptions / sizeof rela_corruptions[0] };

START_TEST(corruption) {
  corruptions[_i].spoil();
  expect(corruptions[_i].kind, corruptions[_i].words);
}
END_TEST

START_TEST(bad_relocation) {
  rela_corruptions[_i].spoil();
  expect(rela_corruptions[_i].kind, rela_corruptions[_i].words);
}
END_TEST

// Whatever one byte of metadata or headers says, the loader answers; the code is not run.
START_TEST(any_byte_may_be_wrong) {
  size_t text_end = section(WA_SECTION_TEXT)->sh_offset + section(WA_SECTION_TEXT)->sh_size;
  static const uint8_t values[] = {0x00, 0x01, 0x7f, 0x80, 0xff};
  for (size_t at = _i == 0 ? 0 : text_end; at < (_i == 0 ? sizeof(Elf64_Ehdr) : mutant.size);
       at++) {
    uint8_t right = mutant.bytes[at];
    for (size_t i = 0; i < sizeof values; i++) {
      mutant.bytes[at] = values[i];
      struct wa_artifact *artifact =
          wa_artifact_load_memory(mutant.bytes, mutant.size, "mutant.o", NULL, &err);
      ck_assert(artifact != NULL || err.message[0] != '\0');
      wa_artifact_release(artifact);
    }
    mutant.bytes[at] = right;
  }
}
END_TEST

START_TEST(feature_names) {
  ck_assert_str_eq(wa_cpu_feature_name(EM_X86_64, WA_X86_AVX2), "avx2");
  ck_assert_str_eq(wa_cpu_feature_name(EM_X86_64, WA_X86_AVXIFMA), "avxifma");
  ck_assert_ptr_null(wa_cpu_feature_name(EM_X86_64, 1ull << 50));
  for (unsigned bit = 0; bit <= 35; bit++) {
    ck_assert_ptr_nonnull(wa_cpu_feature_name(EM_X86_64, 1ull << bit));
  }
}
END_TEST

int main(void) {
  valid = compile_guest(rich_wasm, rich_wasm_size, 1);
  Suite *suite = suite_create("artifact");
  TCase *tests = tcase_create("artifact");
  tcase_set_timeout(tests, 60);
  tcase_add_checked_fixture(tests, setup, teardown);
  tcase_add_test(tests, valid_loads);
  tcase_add_test(tests, file_loads_and_is_inspected);
  tcase_add_test(tests, every_truncation_is_refused);
  tcase_add_loop_test(tests, corruption, 0, CORRUPTION_COUNT);
  if (wa_host_machine() == EM_X86_64) { // whose relocations they are
    tcase_add_loop_test(tests, bad_relocation, 0, RELA_CORRUPTION_COUNT);
  }
  tcase_add_loop_test(tests, any_byte_may_be_wrong, 0, 2);
  tcase_add_test(tests, feature_names);
  suite_add_tcase(suite, tests);
  int status = run_suite(suite);
  free(valid.bytes);
  return status;
}

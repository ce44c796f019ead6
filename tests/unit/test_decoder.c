#include "compiler/wasm/instr.h"
#include "tests/unit/module_builder.h"
#include "tests/unit/suite.h"

#include <check.h>

static struct builder builder;

// ---- A module with everything ----

static void put_names(void) {
  begin_section(&builder, 0);
  put_name(&builder, "name");
  put_bytes(&builder, 0, 3, 2, 'm', 'o');             // module name
  put_bytes(&builder, 1, 7, 2, 0, 1, 'i', 1, 1, 'd'); // function names
  put_bytes(&builder, 9, 1, 0xff);                    // a subsection nobody knows
  end_sized(&builder);
}

static void put_tool_sections(void) {
  begin_section(&builder, 0);
  put_name(&builder, "producers");
  put_u32(&builder, 1);
  put_name(&builder, "language");
  put_u32(&builder, 2);
  put_name(&builder, "C");
  put_name(&builder, "17");
  put_name(&builder, "Rust");
  put_name(&builder, "1.95.0");
  end_sized(&builder);
  begin_section(&builder, 0);
  put_name(&builder, "target_features");
  put_u32(&builder, 2);
  put_bytes(&builder, '+');
  put_name(&builder, "atomics");
  put_bytes(&builder, '-');
  put_name(&builder, "simd128");
  end_sized(&builder);
}

static void build_all_sections(void) {
  begin_module(&builder);
  put_section(&builder, 1, 3, 0x60, 0, 0, 0x60, 1, WA_I32, 1, WA_F64, 0x60, 0, 0);
  begin_section(&builder, 2);
  put_u32(&builder, 4);
  put_name(&builder, "m");
  put_name(&builder, "f");
  put_bytes(&builder, 0, 1);
  put_name(&builder, "m");
  put_name(&builder, "t");
  put_bytes(&builder, 1, WA_FUNCREF, 1, 10, 20);
  put_name(&builder, "m");
  put_name(&builder, "mem");
  put_bytes(&builder, 2, 3, 1, 2); // shared
  put_name(&builder, "m");
  put_name(&builder, "g");
  put_bytes(&builder, 3, WA_I32, 0);
  end_sized(&builder);
  put_section(&builder, 3, 1, 2);
  put_section(&builder, 4, 1, WA_EXTERNREF, 0, 3);
  put_section(&builder, 6, 2, WA_I32, 1, 0x23, 0, 0x0b, WA_FUNCREF, 0, 0xd2, 0, 0x0b);
  begin_section(&builder, 7);
  put_u32(&builder, 3);
  put_name(&builder, "run");
  put_bytes(&builder, 0, 1);
  put_name(&builder, "memory");
  put_bytes(&builder, 2, 0);
  put_name(&builder, "");
  put_bytes(&builder, 3, 1);
  end_sized(&builder);
  put_section(&builder, 8, 1);
  put_section(&builder, 9, 2, 0, 0x41, 5, 0x0b, 2, 0, 1, 5, WA_EXTERNREF, 1, 0xd0, WA_EXTERNREF,
              0x0b);
  put_section(&builder, 12, 2);
  put_section(&builder, 10, 1, 4, 1, 3, WA_I64, 0x0b);
  put_section(&builder, 11, 2, 0, 0x23, 0, 0x0b, 2, 'h', 'i', 1, 3, 'a', 'b', 'c');
  put_names();
  put_tool_sections();
}

static struct wa_module loaded(void) {
  struct wa_module module;
  struct wa_error err;
  ck_assert_msg(load(&builder, &module, &err), "%s at 0x%llx", err.message,
                (unsigned long long)err.offset);
  return module;
}

static bool is(struct wa_bytes bytes, const char *text) {
  return bytes.size == strlen(text) && memcmp(bytes.data, text, bytes.size) == 0;
}

START_TEST(types_and_imports) {
  build_all_sections();
  struct wa_module module = loaded();
  ck_assert_uint_eq(module.type_count, 3);
  ck_assert_uint_eq(module.types[1].params[0], WA_I32);
  ck_assert_uint_eq(module.types[1].results[0], WA_F64);
  ck_assert_uint_eq(module.types[0].canonical, 0);
  ck_assert_uint_eq(module.types[1].canonical, 1);
  ck_assert_uint_eq(module.types[2].canonical, 0);
  ck_assert_uint_eq(module.import_count, 4);
  ck_assert(is(module.imports[2].module, "m") && is(module.imports[2].name, "mem"));
  ck_assert_int_eq(module.imports[2].kind, WA_EXTERN_MEMORY);
  ck_assert(module.functions[0].imported && !module.functions[1].imported);
  ck_assert_uint_eq(module.tables[0].type.limits.max, 20);
  ck_assert(module.memories[0].limits.shared && module.memories[0].limits.has_max);
  ck_assert_uint_eq(module.imported_globals, 1);
  wa_module_deinit(&module);
}
END_TEST

START_TEST(definitions) {
  build_all_sections();
  struct wa_module module = loaded();
  ck_assert_uint_eq(module.function_count, 2);
  ck_assert_uint_eq(module.functions[1].type, 2);
  ck_assert_uint_eq(module.tables[1].type.elem, WA_EXTERNREF);
  ck_assert_int_eq(module.globals[1].init.kind, WA_EXPR_GLOBAL_GET);
  ck_assert_int_eq(module.globals[2].init.kind, WA_EXPR_REF_FUNC);
  ck_assert_uint_eq(module.start, 1);
  ck_assert_uint_eq(module.export_count, 3);
  ck_assert(is(module.exports[0].name, "run") && is(module.exports[2].name, ""));
  ck_assert(module.memories[0].exported && module.globals[1].exported);
  ck_assert(!module.tables[0].exported && !module.globals[0].exported);
  // Function 0 is in an initializer and a segment, function 1 exported.
  ck_assert(module.functions[0].address_taken && module.functions[1].address_taken);
  ck_assert(module.features & WA_FEATURE_THREADS);
  ck_assert(module.features & WA_FEATURE_REFERENCE_TYPES);
  ck_assert(module.features & WA_FEATURE_MUTABLE_GLOBALS);
  wa_module_deinit(&module);
}
END_TEST

START_TEST(segments) {
  build_all_sections();
  struct wa_module module = loaded();
  ck_assert_int_eq(module.elems[0].mode, WA_SEGMENT_ACTIVE);
  ck_assert_uint_eq(module.elems[0].offset.bits[0], 5);
  ck_assert_uint_eq(module.elems[0].count, 2);
  ck_assert_uint_eq(module.elems[0].items[1].index, 1);
  ck_assert_int_eq(module.elems[1].mode, WA_SEGMENT_PASSIVE);
  ck_assert_uint_eq(module.elems[1].type, WA_EXTERNREF);
  ck_assert_int_eq(module.elems[1].items[0].kind, WA_EXPR_REF_NULL);
  ck_assert(module.has_data_count);
  ck_assert_int_eq(module.datas[0].offset.kind, WA_EXPR_GLOBAL_GET);
  ck_assert(is(module.datas[0].bytes, "hi") && is(module.datas[1].bytes, "abc"));
  ck_assert_int_eq(module.datas[1].mode, WA_SEGMENT_PASSIVE);
  wa_module_deinit(&module);
}
END_TEST

START_TEST(custom_sections) {
  build_all_sections();
  struct wa_module module = loaded();
  ck_assert(is(module.name, "mo"));
  ck_assert(is(module.functions[0].name, "i") && is(module.functions[1].name, "d"));
  ck_assert_uint_eq(module.producer_count, 2);
  ck_assert(is(module.producers[1].field, "language") && is(module.producers[1].name, "Rust") &&
            is(module.producers[1].version, "1.95.0"));
  ck_assert_uint_eq(module.target_feature_count, 2);
  ck_assert_int_eq(module.target_features[1].prefix, '-');
  ck_assert(is(module.target_features[0].name, "atomics"));
  wa_module_deinit(&module);
}
END_TEST

START_TEST(local_runs) {
  build_all_sections();
  struct wa_module module = loaded();
  struct wa_arena arena;
  uint32_t count;
  wa_arena_init(&arena, 0);
  struct wa_local_run *runs = wa_function_locals(&module, &module.functions[1], &arena, &count);
  ck_assert_uint_eq(count, 1);
  ck_assert_uint_eq(runs[0].count, 3);
  ck_assert_uint_eq(runs[0].type, WA_I64);
  wa_arena_deinit(&arena);
  wa_module_deinit(&module);
}
END_TEST

// Whatever the bytes, the decoder ends with an error or a module, and reads nothing outside: what
// the sanitizers check. Every single byte of the module takes a few other values.
START_TEST(no_byte_matters_too_much) {
  static const uint8_t changes[] = {0x00, 0x01, 0x7f, 0x80, 0xff};
  build_all_sections();
  size_t size = builder.size, refused = 0;
  uint8_t *copy = malloc(size);
  for (size_t at = 0; at < size; at++) {
    for (size_t i = 0; i < sizeof changes; i++) {
      struct wa_module module;
      struct wa_error err;
      memcpy(copy, builder.bytes, size);
      copy[at] = changes[i];
      if (wa_module_init(&module, (struct wa_bytes){copy, size}, &err)) {
        wa_module_deinit(&module);
        continue;
      }
      refused++;
      ck_assert_int_ne(err.kind, WA_ERROR_NONE);
      ck_assert(err.offset <= size);
    }
  }
  ck_assert_uint_gt(refused, size);
  free(copy);
}
END_TEST

START_TEST(no_prefix_is_read_beyond) {
  build_all_sections();
  for (size_t size = 0; size < builder.size; size++) {
    struct wa_module module;
    struct wa_error err;
    uint8_t *copy = malloc(size + 1);
    memcpy(copy, builder.bytes, size);
    bool ok = wa_module_init(&module, (struct wa_bytes){copy, size}, &err);
    // Only between sections behind the data section is the rest optional; size 8 is a module too.
    if (ok) {
      wa_module_deinit(&module);
    } else {
      ck_assert(err.kind == WA_ERROR_MALFORMED || err.kind == WA_ERROR_INVALID);
    }
    free(copy);
  }
}
END_TEST

// ---- What is refused, section by section ----

struct row {
  const char *name;
  enum wa_error_kind kind;
  const char *message;
  size_t size;
  uint8_t bytes[40]; // what follows the header
};

#define BYTES(...)                                                                                 \
  sizeof((const uint8_t[]){__VA_ARGS__}), {                                                        \
    __VA_ARGS__                                                                                    \
  }
#define MALFORMED WA_ERROR_MALFORMED
#define INVALID WA_ERROR_INVALID
#define UNSUPPORTED WA_ERROR_UNSUPPORTED

static const struct row refused[] = {
    {"section id", MALFORMED, "unknown section id 14", BYTES(14, 0)},
    {"section size", MALFORMED, "type section of 5 bytes, found 1", BYTES(1, 5, 0)},
    {"section contents", MALFORMED, "section size mismatch", BYTES(1, 2, 0, 0)},
    {"section twice", MALFORMED, "a second type section", BYTES(1, 1, 0, 1, 1, 0)},
    {"section order", MALFORMED, "import section after the function section",
     BYTES(3, 1, 0, 2, 1, 0)},
    {"data count order", MALFORMED, "data count section after the code section",
     BYTES(10, 1, 0, 12, 1, 0)},
    {"tag attribute", MALFORMED, "malformed tag attribute 0x01", BYTES(13, 3, 1, 1, 0)},
    {"tag type", INVALID, "unknown type 0", BYTES(13, 3, 1, 0, 0)},
    {"tag with results", INVALID, "non-empty tag result type",
     BYTES(1, 5, 1, 0x60, 0, 1, 0x7f, 13, 3, 1, 0, 0)},
    {"custom without a name", MALFORMED, "unexpected end", BYTES(0, 0)},
    {"custom name", MALFORMED, "not valid UTF-8", BYTES(0, 2, 1, 0xff)},
    {"custom name size", MALFORMED, "length out of bounds", BYTES(0, 2, 9, 'x')},
    {"type form", MALFORMED, "expected a function type 0x60, found 0x40",
     BYTES(1, 4, 1, 0x40, 0, 0)},
    {"type of a proposal", UNSUPPORTED, "garbage collection", BYTES(1, 4, 1, 0x5f, 0, 0)},
    {"continuation", UNSUPPORTED, "type 0x5d needs the stack switching proposal",
     BYTES(1, 7, 2, 0x60, 0, 0, 0x5d, 0, 0)},
    {"reference to a continuation", UNSUPPORTED, "type 0x68 needs the stack switching proposal",
     BYTES(1, 6, 1, 0x60, 1, 0x63, 0x68, 0)},
    {"shared function type", UNSUPPORTED, "needs the shared-everything threads proposal",
     BYTES(1, 5, 1, 0x65, 0x60, 0, 0)},
    {"shared heap type", UNSUPPORTED, "type 0x65 needs the shared-everything threads proposal",
     BYTES(1, 7, 1, 0x60, 1, 0x63, 0x65, 0x70, 0)},
    {"shared table", MALFORMED, "a shared table needs the shared-everything threads proposal",
     BYTES(4, 5, 1, 0x70, 3, 0, 1)},
    {"shared global", MALFORMED, "a shared global needs the shared-everything threads proposal",
     BYTES(6, 6, 1, 0x7f, 3, 0x41, 0, 0x0b)},
    {"shared elements", MALFORMED, "a shared segment needs the shared-everything threads proposal",
     BYTES(9, 3, 1, 9, 0)},
    {"shared data", MALFORMED, "a shared segment needs the shared-everything threads proposal",
     BYTES(11, 3, 1, 9, 0)},
    {"descriptor", UNSUPPORTED, "type 0x4d needs the custom descriptors proposal",
     BYTES(1, 5, 1, 0x4d, 0, 0x5f, 0)},
    {"exact reference", UNSUPPORTED, "type 0x62 needs the custom descriptors proposal",
     BYTES(1, 7, 1, 0x60, 1, 0x63, 0x62, 0, 0)},
    {"exact import", UNSUPPORTED, "an exact function import needs the custom descriptors proposal",
     BYTES(1, 4, 1, 0x60, 0, 0, 2, 5, 1, 0, 0, 0x20, 0)},
    {"compact imports behind a name", MALFORMED, "malformed import kind 0x7f",
     BYTES(2, 6, 1, 0, 1, 'b', 0x7f, 0)},
    {"compact imports as a long number", MALFORMED, "malformed import kind 0xff",
     BYTES(2, 8, 1, 0, 0, 0xff, 0x80, 0x80, 0, 0)},
    {"compact import kind", MALFORMED, "malformed import kind 0x05",
     BYTES(2, 8, 1, 0, 0, 0x7f, 1, 0, 5, 0)},
    {"compact import type", INVALID, "unknown type 0", BYTES(2, 7, 1, 0, 0, 0x7e, 0, 0, 0)},
    {"compact imports cut off", MALFORMED, "imports from a module",
     BYTES(2, 7, 1, 0, 0, 0x7f, 9, 0, 0)},
    {"names of compact imports cut off", MALFORMED, "names of imports",
     BYTES(1, 4, 1, 0x60, 0, 0, 2, 8, 1, 0, 0, 0x7e, 0, 0, 9, 0)},
    {"value type", MALFORMED, "expected a value type, found byte 0x40",
     BYTES(1, 5, 1, 0x60, 1, 0x40, 0)},
    {"import kind", MALFORMED, "malformed import kind 0x05", BYTES(2, 5, 1, 0, 0, 5, 0)},
    {"import type", INVALID, "unknown type 0", BYTES(2, 5, 1, 0, 0, 0, 0)},
    {"import name", MALFORMED, "an import's name is not valid UTF-8",
     BYTES(2, 6, 1, 0, 1, 0x80, 0, 0)},
    {"function type", INVALID, "unknown type 7", BYTES(3, 2, 1, 7)},
    {"functions without code", MALFORMED, "inconsistent lengths: 1 and 0",
     BYTES(1, 4, 1, 0x60, 0, 0, 3, 2, 1, 0)},
    {"code without functions", MALFORMED, "inconsistent lengths: 0 and 1",
     BYTES(10, 4, 1, 2, 0, 0x0b)},
    {"table type", MALFORMED, "expected a reference type, found byte 0x7f",
     BYTES(4, 4, 1, 0x7f, 0, 0)},
    {"table flags", MALFORMED, "malformed limits flags 0x02", BYTES(4, 4, 1, 0x70, 2, 0)},
    {"table limits", INVALID, "minimum must not be greater", BYTES(4, 5, 1, 0x70, 1, 2, 1)},
    {"table with a zero byte", MALFORMED, "zero byte expected", BYTES(4, 5, 1, 0x40, 1, 0x70, 0)},
    {"table without a value", INVALID, "needs a value", BYTES(4, 5, 1, 0x64, 0x70, 0, 1)},
    {"type beyond its group", INVALID, "unknown type 1: the module has 1",
     BYTES(1, 6, 1, 0x60, 1, 0x64, 1, 0)},
    {"supertype after", INVALID, "a supertype comes first", BYTES(1, 7, 1, 0x50, 1, 0, 0x60, 0, 0)},
    {"supertype final", INVALID, "sub type 1 does not match super type 0",
     BYTES(1, 10, 2, 0x60, 0, 0, 0x50, 1, 0, 0x60, 0, 0)},
    {"table entries", UNSUPPORTED, "table entries: the limit is 10000000",
     BYTES(4, 8, 1, 0x70, 0, 0xff, 0xff, 0xff, 0xff, 0x0f)},
    {"memory flags", MALFORMED, "malformed limits flags 0x10", BYTES(5, 3, 1, 16, 0)},
    {"table page size", MALFORMED, "malformed limits flags 0x08", BYTES(4, 5, 1, 0x70, 8, 0, 0)},
    {"no page size", MALFORMED, "a page size", BYTES(5, 3, 1, 8, 0)},
    {"page size 2^64", MALFORMED, "malformed page size 2^64", BYTES(5, 4, 1, 8, 0, 64)},
    {"page size 2", INVALID, "invalid custom page size 2^1", BYTES(5, 4, 1, 8, 0, 1)},
    {"page size 2^17", INVALID, "invalid custom page size 2^17", BYTES(5, 4, 1, 8, 0, 17)},
    {"65537 pages", INVALID, "memory size must be at most 65536",
     BYTES(5, 6, 1, 8, 0x81, 0x80, 4, 16)},
    {"2^32 bytes", INVALID, "memory size must be at most 4294967295",
     BYTES(5, 8, 1, 8, 0x80, 0x80, 0x80, 0x80, 0x10, 0)},
    {"memory64 pages", INVALID, "at most 281474976710656, found 281474976710657",
     BYTES(5, 10, 1, 4, 0x81, 0x80, 0x80, 0x80, 0x80, 0x80, 0xc0, 0)},
    {"memory pages", INVALID, "at most 65536, found 65537", BYTES(5, 5, 1, 0, 0x81, 0x80, 4)},
    {"memory limits", INVALID, "minimum must not be greater", BYTES(5, 4, 1, 1, 2, 1)},
    {"shared memory", INVALID, "must have a maximum", BYTES(5, 3, 1, 2, 1)},
    {"mutability", MALFORMED, "malformed mutability 0x02", BYTES(6, 6, 1, 0x7f, 2, 0x41, 0, 0x0b)},
    {"initial value", INVALID, "constant expression of i32 expected, found i64",
     BYTES(6, 6, 1, 0x7f, 0, 0x42, 0, 0x0b)},
    {"no initial value", INVALID, "has no value", BYTES(6, 4, 1, 0x7f, 0, 0x0b)},
    {"two initial values", INVALID, "one value, found 2",
     BYTES(6, 8, 1, 0x7f, 0, 0x41, 0, 0x41, 0, 0x0b)},
    {"no constant", INVALID, "constant expression required, found nop",
     BYTES(6, 7, 1, 0x7f, 0, 0x01, 0x41, 0, 0x0b)},
    {"extended constant type", INVALID, "i32.add expects i32, found i64",
     BYTES(6, 9, 1, 0x7f, 0, 0x41, 0, 0x42, 0, 0x6a, 0x0b)},
    {"extended constant operands", INVALID, "i64.mul expects i64, but the stack is empty",
     BYTES(6, 7, 1, 0x7e, 0, 0x42, 0, 0x7e, 0x0b)},
    {"unknown global", INVALID, "unknown global 0", BYTES(6, 6, 1, 0x7f, 0, 0x23, 0, 0x0b)},
    {"unknown function", INVALID, "unknown function 0", BYTES(6, 6, 1, 0x70, 0, 0xd2, 0, 0x0b)},
    {"export kind", MALFORMED, "malformed export kind 0x09", BYTES(7, 4, 1, 0, 9, 0)},
    {"export index", INVALID, "unknown memory 0", BYTES(7, 4, 1, 0, 2, 0)},
    {"export twice", INVALID, "duplicate export name \"a\"",
     BYTES(5, 3, 1, 0, 0, 7, 13, 3, 1, 'a', 2, 0, 1, 'b', 2, 0, 1, 'a', 2, 0)},
    {"start function", INVALID, "unknown function 3", BYTES(8, 1, 3)},
    {"start type", INVALID, "no parameters and results, found 1 and 0",
     BYTES(1, 5, 1, 0x60, 1, 0x7f, 0, 2, 5, 1, 0, 0, 0, 0, 8, 1, 0)},
    {"elem kind", MALFORMED, "elements segment kind 8", BYTES(9, 3, 1, 8, 0)},
    {"elem table", INVALID, "unknown table 0", BYTES(9, 6, 1, 0, 0x41, 0, 0x0b, 0)},
    {"elem function", INVALID, "unknown function 4", BYTES(9, 5, 1, 1, 0, 1, 4)},
    {"elem kind byte", MALFORMED, "malformed element kind 0x01", BYTES(9, 4, 1, 1, 1, 0)},
    {"elem type", INVALID, "elem segment of externref in table 0 of funcref",
     BYTES(4, 4, 1, 0x70, 0, 0, 9, 8, 1, 6, 0, 0x41, 0, 0x0b, 0x6f, 0)},
    {"data memory", INVALID, "unknown memory 0", BYTES(11, 6, 1, 0, 0x41, 0, 0x0b, 0)},
    {"data kind", MALFORMED, "data segment kind 3", BYTES(11, 3, 1, 3, 0)},
    {"data size", MALFORMED, "length out of bounds", BYTES(11, 3, 1, 1, 9)},
    {"data count", MALFORMED, "inconsistent lengths: 2 and 0", BYTES(12, 1, 2)},
    {"body size", MALFORMED, "length out of bounds",
     BYTES(1, 4, 1, 0x60, 0, 0, 3, 2, 1, 0, 10, 4, 1, 9, 0, 0x0b)},
};

// (global i32 (i32.sub (i32.const 2) (i32.mul (i32.const 3) (i32.const 4))))
// (global i32 (i32.add (global.get 0) (i32.add (i32.const 1) (i32.const 2))))
START_TEST(constants_are_folded) {
  struct wa_module module;
  struct wa_error err;
  begin_module(&builder);
  put_section(&builder, 2, 1, 1, 'm', 1, 'g', 3, WA_I32, 0);
  put_section(&builder, 6, 2, WA_I32, 0, 0x41, 2, 0x41, 3, 0x41, 4, 0x6c, 0x6b, 0x0b, //
              WA_I32, 0, 0x23, 0, 0x41, 1, 0x41, 2, 0x6a, 0x6a, 0x0b);
  ck_assert_msg(load(&builder, &module, &err), "%s", err.message);
  ck_assert(module.features & WA_FEATURE_EXTENDED_CONST);
  const struct wa_constexpr *folded = &module.globals[1].init, *rest = &module.globals[2].init;
  ck_assert_int_eq(folded->kind, WA_EXPR_CONST);
  ck_assert_uint_eq(folded->bits[0], (uint32_t)-10);
  ck_assert_int_eq(rest->kind, WA_EXPR_SEQUENCE);
  ck_assert_uint_eq(rest->bits[0], 3);
  ck_assert_uint_eq(module.expr_op_count, 3);
  const struct wa_constexpr *rows = &module.expr_ops[rest->index];
  ck_assert_int_eq(rows[0].kind, WA_EXPR_GLOBAL_GET);
  ck_assert_uint_eq(rows[1].bits[0], 3);
  ck_assert_int_eq(rows[2].kind, WA_EXPR_I32_ADD);
  wa_module_deinit(&module);
}
END_TEST

START_TEST(refusals) {
  const struct row *row = &refused[_i];
  struct wa_module module;
  struct wa_error err;
  begin_module(&builder);
  put(&builder, row->bytes, row->size);
  ck_assert_msg(!load(&builder, &module, &err), "%s was accepted", row->name);
  ck_assert_msg(err.kind == row->kind, "%s: another kind: %s", row->name, err.message);
  ck_assert_msg(strstr(err.message, row->message), "%s: %s", row->name, err.message);
  ck_assert_msg(err.offset <= builder.size, "%s: no offset", row->name);
}
END_TEST

START_TEST(headers) {
  static const uint8_t component[] = {0, 'a', 's', 'm', 0x0d, 0, 1, 0};
  static const uint8_t version2[] = {0, 'a', 's', 'm', 2, 0, 0, 0};
  struct wa_module module;
  struct wa_error err;
  ck_assert(!wa_module_init(&module, (struct wa_bytes){NULL, 0}, &err));
  ck_assert_int_eq(err.kind, MALFORMED);
  ck_assert(!wa_module_init(&module, (struct wa_bytes){component, 6}, &err));
  ck_assert_int_eq(err.kind, MALFORMED);
  ck_assert(!wa_module_init(&module, (struct wa_bytes){version2, 8}, &err));
  ck_assert_int_eq(err.kind, MALFORMED);
  ck_assert(!wa_module_init(&module, (struct wa_bytes){component, 8}, &err));
  ck_assert_int_eq(err.kind, UNSUPPORTED);
}
END_TEST

// A name section that makes no sense changes nothing but names.
START_TEST(bad_name_sections_are_ignored) {
  static const uint8_t contents[][8] = {
      {1, 0x7f, 0},                // longer than the section
      {1, 4, 0xff, 0xff, 0x7f, 0}, // more names than bytes
      {1, 5, 1, 0, 2, 0xff, 0xff}, // no UTF-8
      {0, 2, 9, 'x'},
      {1, 4, 1, 99, 1, 'x'}, // no such function
      {0x80},
  };
  for (size_t i = 0; i < sizeof contents / sizeof *contents; i++) {
    begin_module(&builder);
    begin_section(&builder, 0);
    put_name(&builder, "name");
    put(&builder, contents[i], sizeof contents[i]);
    end_sized(&builder);
    struct wa_module module = loaded();
    ck_assert_uint_eq(module.name.size, 0);
    wa_module_deinit(&module);
  }
}
END_TEST

// ---- Compact imports ----

// Both forms, of every kind, in the order of the index spaces.
START_TEST(compact_imports) {
  begin_module(&builder);
  begin_section(&builder, 1);
  put_bytes(&builder, 2, 0x60, 0, 0, 0x60, 1, 0x7f, 0);
  end_sized(&builder);
  begin_section(&builder, 2);
  put_bytes(&builder, 4);
  put_bytes(&builder, 1, 'a', 0, 0x7f, 3, 1, 'f', 0, 1, 1, 'm', 2, 0, 1, 1, 't', 1, 0x70, 0, 2);
  put_bytes(&builder, 1, 'b', 1, 'g', 3, 0x7e, 0);
  put_bytes(&builder, 1, 'c', 0, 0x7e, 3, 0x7f, 1, 2, 1, 'x', 0);
  put_bytes(&builder, 1, 'd', 0, 0x7e, 0, 0, 2, 1, 'y', 1, 'z');
  end_sized(&builder);
  static const struct {
    const char *module, *name;
    enum wa_extern_kind kind;
    uint32_t index;
  } rows[] = {
      {"a", "f", WA_EXTERN_FUNC, 0},   {"a", "m", WA_EXTERN_MEMORY, 0},
      {"a", "t", WA_EXTERN_TABLE, 0},  {"b", "g", WA_EXTERN_GLOBAL, 0},
      {"c", "x", WA_EXTERN_GLOBAL, 1}, {"c", "", WA_EXTERN_GLOBAL, 2},
      {"d", "y", WA_EXTERN_FUNC, 1},   {"d", "z", WA_EXTERN_FUNC, 2},
  };
  struct wa_module module = loaded();
  ck_assert_uint_eq(module.import_count, sizeof rows / sizeof *rows);
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    const struct wa_import *import = &module.imports[i];
    ck_assert(import->module.size == 1 && memcmp(import->module.data, rows[i].module, 1) == 0);
    ck_assert_uint_eq(import->name.size, strlen(rows[i].name));
    ck_assert_mem_eq(import->name.data, rows[i].name, import->name.size);
    ck_assert_int_eq(import->kind, rows[i].kind);
    ck_assert_uint_eq(import->index, rows[i].index);
  }
  ck_assert(module.imported_functions == 3 && module.function_count == 3);
  ck_assert(module.imported_globals == 3 && module.globals[2].type.mut);
  ck_assert(module.functions[0].type == 1 && module.functions[2].type == 0);
  wa_module_deinit(&module);
}
END_TEST

// As many as can be in as few bytes as can be.
START_TEST(smallest_imports) {
  enum { COUNT = 30000 };
  begin_module(&builder);
  begin_section(&builder, 1);
  put_bytes(&builder, 1, 0x60, 0, 0);
  end_sized(&builder);
  begin_section(&builder, 2);
  put_bytes(&builder, 1, 0, 0, 0x7e, 0, 0);
  put_u32(&builder, COUNT);
  for (int i = 0; i < COUNT; i++) {
    put_bytes(&builder, 0);
  }
  end_sized(&builder);
  struct wa_module module = loaded();
  ck_assert_uint_eq(module.import_count, COUNT);
  ck_assert_uint_le(module.arena.used, wa_module_memory_limit(builder.size));
  wa_module_deinit(&module);
}
END_TEST

// ---- Hostile counts ----

// Each section claims 2^32 - 1 or a million of something in a few bytes.
START_TEST(counts_are_checked_before_allocating) {
  static const uint8_t ids[] = {1, 2, 3, 4, 5, 6, 7, 9, 10, 11};
  static const uint8_t counts[][5] = {{0xff, 0xff, 0xff, 0xff, 0x0f}, {0xc0, 0x84, 0xbd, 0x80, 0}};
  for (size_t i = 0; i < sizeof ids; i++) {
    for (size_t n = 0; n < 2; n++) {
      struct wa_module module;
      struct wa_error err;
      begin_module(&builder);
      begin_section(&builder, ids[i]);
      put(&builder, counts[n], 5);
      put_bytes(&builder, 0, 0, 0, 0, 0, 0, 0, 0);
      end_sized(&builder);
      ck_assert_msg(!load(&builder, &module, &err), "section %u", ids[i]);
      ck_assert_int_eq(err.kind, MALFORMED);
      ck_assert_msg(strstr(err.message, "length out of bounds"), "section %u: %s", ids[i],
                    err.message);
    }
  }
}
END_TEST

// The densest rows of each kind stay far below the arena's limit, and the limit is a small
// multiple of the file.
START_TEST(memory_is_bounded_by_the_file) {
  struct wa_module module;
  begin_module(&builder);
  put_section(&builder, 1, 1, 0x60, 0, 0);
  begin_section(&builder, 2);
  put_u32(&builder, 10000);
  for (unsigned i = 0; i < 10000; i++) {
    put_bytes(&builder, 0, 0, 0, 0);
  }
  end_sized(&builder);
  begin_section(&builder, 9);
  put_u32(&builder, 1);
  put_bytes(&builder, 1, 0);
  put_u32(&builder, 20000);
  for (unsigned i = 0; i < 20000; i++) {
    put_bytes(&builder, 0);
  }
  end_sized(&builder);
  module = loaded();
  ck_assert_uint_le(module.arena.used, wa_module_memory_limit(builder.size));
  ck_assert_uint_le(wa_module_memory_limit(1024), 1024 * 1024);
  wa_module_deinit(&module);
}
END_TEST

// The row that takes most for its bytes, just after its array has doubled: must still be accepted.
START_TEST(the_densest_module_fits) {
  begin_module(&builder);
  put_section(&builder, 1, 1, 0x60, 0, 0);
  begin_section(&builder, 2);
  put_u32(&builder, 8193);
  for (unsigned i = 0; i < 8193; i++) {
    put_bytes(&builder, 0, 0, 0, 0);
  }
  end_sized(&builder);
  put_section(&builder, 3, 1, 0);
  put_section(&builder, 10, 1, 2, 0, 0x0b);
  struct wa_module module = loaded();
  ck_assert_uint_eq(module.function_count, 8194);
  wa_module_deinit(&module);
}
END_TEST

START_TEST(limits_are_named) {
  struct wa_module module;
  struct wa_error err;
  begin_module(&builder);
  begin_section(&builder, 1);
  put_bytes(&builder, 1, 0x60);
  put_u32(&builder, WA_LIMIT_PARAMETERS + 1);
  for (unsigned i = 0; i <= WA_LIMIT_PARAMETERS; i++) {
    put_bytes(&builder, WA_I32);
  }
  put_bytes(&builder, 0);
  end_sized(&builder);
  ck_assert(!load(&builder, &module, &err));
  ck_assert_int_eq(err.kind, UNSUPPORTED);
  ck_assert(strstr(err.message, "1001 parameters: the limit is 1000"));
}
END_TEST

// Types that are each the supertype of the next, in one recursion group or in groups of their own.
static void put_chain(unsigned count, bool grouped) {
  begin_module(&builder);
  begin_section(&builder, 1);
  put_u32(&builder, grouped ? 1 : count);
  if (grouped) {
    put_bytes(&builder, 0x4e);
    put_u32(&builder, count);
  }
  for (unsigned i = 0; i < count; i++) {
    put_bytes(&builder, 0x50, i > 0);
    if (i > 0) {
      put_u32(&builder, i - 1);
    }
    put_bytes(&builder, 0x60, 0, 0);
  }
  end_sized(&builder);
}

START_TEST(chains_of_subtypes_end) {
  struct wa_error err;
  for (int grouped = 0; grouped < 2; grouped++) {
    put_chain(WA_LIMIT_SUBTYPING + 1, grouped);
    struct wa_module module = loaded();
    ck_assert_uint_eq(module.types[WA_LIMIT_SUBTYPING].depth, WA_LIMIT_SUBTYPING);
    wa_module_deinit(&module);
    put_chain(20000, grouped);
    ck_assert(!load(&builder, &module, &err));
    ck_assert_int_eq(err.kind, UNSUPPORTED);
    ck_assert_msg(strstr(err.message, "64 supertypes above a type: the limit is 63"), "%s",
                  err.message);
  }
}
END_TEST

// A run of equal types among others, and the first one is the canonical one.
START_TEST(equal_types) {
  begin_module(&builder);
  begin_section(&builder, 1);
  put_u32(&builder, 3000);
  for (unsigned i = 0; i < 1000; i++) {
    put_bytes(&builder, 0x60, 1, WA_I32, 0);
    put_bytes(&builder, 0x60, 0, 1, WA_I32);
    put_bytes(&builder, 0x60, 1, WA_I64, 0);
  }
  end_sized(&builder);
  struct wa_module module = loaded();
  for (uint32_t i = 0; i < 3000; i++) {
    ck_assert_uint_eq(module.types[i].canonical, i % 3);
  }
  wa_module_deinit(&module);
}
END_TEST

int main(void) {
  Suite *suite = suite_create("decoder");
  TCase *tests = tcase_create("sections");
  tcase_add_test(tests, types_and_imports);
  tcase_add_test(tests, definitions);
  tcase_add_test(tests, segments);
  tcase_add_test(tests, custom_sections);
  tcase_add_test(tests, local_runs);
  tcase_add_test(tests, no_byte_matters_too_much);
  tcase_add_test(tests, no_prefix_is_read_beyond);
  tcase_add_test(tests, constants_are_folded);
  tcase_add_loop_test(tests, refusals, 0, (int)(sizeof refused / sizeof *refused));
  tcase_add_test(tests, headers);
  tcase_add_test(tests, bad_name_sections_are_ignored);
  tcase_add_test(tests, compact_imports);
  tcase_add_test(tests, smallest_imports);
  tcase_add_test(tests, counts_are_checked_before_allocating);
  tcase_add_test(tests, memory_is_bounded_by_the_file);
  tcase_add_test(tests, the_densest_module_fits);
  tcase_add_test(tests, limits_are_named);
  tcase_add_test(tests, chains_of_subtypes_end);
  tcase_add_test(tests, equal_types);
  suite_add_tcase(suite, tests);
  return run_suite(suite);
}

// A decoded module: what the decoder fills, the validator checks, and lowering, inspect and the
// artifact writer read. Nothing here owns memory but the module's arena; pointers into `bytes` stay
// valid as long as the caller keeps the bytes. Read-only after validation, so any number of threads
// may read it at once.
#ifndef WA_COMPILER_WASM_MODULE_H
#define WA_COMPILER_WASM_MODULE_H

#include "compiler/base/arena.h"
#include "compiler/base/bytes.h"
#include "include/wa_error.h"
#include "runtime/abi.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Limits of the JavaScript API's implementation-limits section, which every engine shares. A module
// beyond one is refused with WA_ERROR_UNSUPPORTED and the limit's name.
enum {
  WA_LIMIT_MODULE_SIZE = 1024 * 1024 * 1024,
  WA_LIMIT_TYPES = 1000000,
  WA_LIMIT_FUNCTIONS = 1000000,
  WA_LIMIT_IMPORTS = 1000000,
  WA_LIMIT_EXPORTS = 1000000,
  WA_LIMIT_GLOBALS = 1000000,
  WA_LIMIT_TABLES = 100000,
  WA_LIMIT_TAGS = 1000000,
  WA_LIMIT_MEMORIES = 100,
  WA_LIMIT_DATA_SEGMENTS = 100000,
  WA_LIMIT_ELEM_SEGMENTS = 10000000,
  WA_LIMIT_TABLE_ENTRIES = 10000000,
  WA_LIMIT_PARAMETERS = 1000,
  WA_LIMIT_RESULTS = 1000,
  WA_LIMIT_FUNCTION_SIZE = 7654321,
  WA_LIMIT_LOCALS = 50000,
  WA_LIMIT_NESTING = 50000,
  WA_LIMIT_STRING = 100000,
  WA_LIMIT_SUBTYPING = 63, // supertypes above a type
};

struct wa_functype {
  const uint32_t *params; // value types
  const uint32_t *results;
  uint32_t param_count;
  uint32_t result_count;
  uint32_t canonical;   // index of the first type of the module that equals this one
  uint32_t group_first; // the recursion group: types [group_first, group_first + group_count)
  uint32_t group_count;
  uint32_t supertype; // type index, or WA_NONE
  uint32_t depth;     // supertypes above it
  bool is_final;
  bool called; // some function body calls it by reference or through a table; of the canonical type
               // (set by the validator)
};

struct wa_limits {
  uint64_t min;
  uint64_t max; // when has_max
  bool has_max;
  bool shared;
  bool index64;       // addresses and sizes are i64, not i32
  uint32_t page_log2; // of memories: log2 of the page size
};

// Whether code must check all of an access, not just its first byte, or nothing.
static inline bool wa_has_byte_pages(const struct wa_limits *memory) {
  return memory->page_log2 == WA_BYTE_PAGE_LOG2;
}

static inline uint32_t wa_index_type(const struct wa_limits *limits) {
  return limits->index64 ? WA_I64 : WA_I32;
}

struct wa_tabletype {
  uint32_t elem; // a reference type
  struct wa_limits limits;
};

struct wa_globaltype {
  uint32_t type;
  bool mut;
};

struct wa_import {
  struct wa_bytes module;
  struct wa_bytes name;
  enum wa_extern_kind kind;
  uint32_t index; // in the index space of its kind
  size_t offset;  // of the import in the file
};

// A constant expression, folded as far as it does not depend on imports. As WA_EXPR_SEQUENCE it is
// rows of the module's expr_ops, as in the metadata.
struct wa_constexpr {
  enum wa_expr_kind kind;
  uint32_t type;  // its value type
  uint32_t index; // global, function or first row
  uint64_t bits[2];
};

// One row of the function index space, imports first.
struct wa_function {
  uint32_t type;
  bool imported;
  bool address_taken;   // exported, in an elem segment, in a global's initialiser or under ref.func
                        // in C.refs
  bool ref_func;        // some function body takes its address with ref.func (set by the validator)
  struct wa_bytes name; // from the name section; size 0 when there is none
  size_t body_offset;   // of the first byte of the locals, from the start of the file
  size_t code_offset;   // of the first instruction
  size_t end_offset;    // one past the final `end`
};

// Locals as the code section declares them: runs of one type.
struct wa_local_run {
  uint32_t count;
  uint32_t type;
};

struct wa_table {
  struct wa_tabletype type;
  bool imported, exported;
  bool has_init; // all entries begin as `init`, not as null
  struct wa_constexpr init;
  bool mutated; // some instruction reads or writes its entries other than call_indirect (set by the
                // validator)
};

struct wa_memory {
  struct wa_limits limits; // pages
  bool imported, exported;
};

struct wa_global {
  struct wa_globaltype type;
  bool imported, exported;
  struct wa_constexpr init; // when not imported
};

struct wa_tag {
  uint32_t type; // index of a function type without results
};

struct wa_export {
  struct wa_bytes name;
  enum wa_extern_kind kind;
  uint32_t index;
};

struct wa_elem {
  enum wa_segment_mode mode;
  uint32_t type;
  uint32_t table;
  struct wa_constexpr offset;
  uint32_t count;
  struct wa_constexpr *items;
};

struct wa_data {
  enum wa_segment_mode mode;
  uint32_t memory;
  struct wa_constexpr offset;
  struct wa_bytes bytes;
};

// A field of the producers section ("language", "Rust", "1.95.0").
struct wa_producer {
  struct wa_bytes field, name, version;
};

// Which way a br_if or if probably goes (branch hinting).
struct wa_branch_hint {
  uint32_t offset; // of the instruction in the file; rising
  bool taken;      // its condition is true
};

struct wa_target_feature {
  char prefix; // '+', '-' or '='
  struct wa_bytes name;
};

struct wa_module {
  struct wa_bytes bytes; // the whole file
  struct wa_arena arena;
  struct wa_bytes name; // from the name section
  bool has_lines;       // there is DWARF that says from which source lines its code comes
  uint64_t features;    // WA_FEATURE_*: what the module uses

  struct wa_functype *types;
  struct wa_import *imports;
  struct wa_function *functions;
  struct wa_table *tables;
  struct wa_memory *memories;
  struct wa_global *globals;
  struct wa_tag *tags;
  struct wa_export *exports;
  struct wa_elem *elems;
  struct wa_data *datas;
  struct wa_constexpr *expr_ops; // of sequences
  struct wa_producer *producers;
  struct wa_target_feature *target_features;
  struct wa_branch_hint *branch_hints;

  uint32_t type_count, import_count, function_count, table_count, memory_count, global_count;
  uint32_t export_count, elem_count, data_count, expr_op_count, producer_count,
      target_feature_count, branch_hint_count;
  uint32_t tag_count, imported_tags;
  uint32_t imported_functions, imported_tables, imported_memories, imported_globals;
  uint32_t start; // function index or WA_NONE
  bool has_data_count;
};

// The type of a reference to a function.
static inline uint32_t wa_function_reference(const struct wa_module *module, uint32_t function) {
  return wa_type_with_index(WA_REF_INDEX | WA_REF_NON_NULL, module->functions[function].type);
}

// Whether a value of one type can stand where another is expected (core spec 3.3).
bool wa_type_matches(const struct wa_module *module, uint32_t type, uint32_t expected);
bool wa_types_match(const struct wa_module *module, const uint32_t *types, const uint32_t *expected,
                    uint32_t count);
// The same of function types, by their indexes: equal, or declared so.
bool wa_functype_matches(const struct wa_module *module, uint32_t type, uint32_t expected);

// Bytes of the function bodies.
static inline uint64_t wa_module_code_size(const struct wa_module *module) {
  uint64_t size = 0;
  for (uint32_t i = module->imported_functions; i < module->function_count; i++) {
    size += module->functions[i].end_offset - module->functions[i].body_offset;
  }
  return size;
}

// Decodes every section and validates the whole module, function bodies included (core spec 3 and
// 5, with the threads proposal). `bytes` must outlive the module. On failure *module is left
// deinitialised.
bool wa_module_init(struct wa_module *module, struct wa_bytes bytes, struct wa_error *err);
// The same with proposals switched off: a module that uses one of `off` (WA_FEATURE_*) is invalid,
// and the error says where and which. Branch hints are ignored when they are off.
bool wa_module_init_without(struct wa_module *module, struct wa_bytes bytes, uint64_t off,
                            struct wa_error *err);
void wa_module_deinit(struct wa_module *module);

// Total arena bytes a module may take, as a multiple of its size plus a constant: what keeps a
// small hostile module from making the compiler allocate gigabytes.
size_t wa_module_memory_limit(size_t module_size);

#endif

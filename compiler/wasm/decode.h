// Inside the decoder: what its files share. Sections are decoded and validated in one pass, in the
// order of the file; function bodies when their section comes (core spec 5.5).
#ifndef WA_COMPILER_WASM_DECODE_H
#define WA_COMPILER_WASM_DECODE_H

#include "compiler/wasm/reader.h"

#include <pthread.h>

struct wa_decoder {
  uint64_t off;          // proposals that the module must not use
  uint64_t refused;      // of those, what it did use first
  size_t refused_offset; // and where
  uint64_t features;     // that the module used so far
  struct wa_module *module;
  pthread_mutex_t *lock; // of its arena, while several threads validate; else NULL
  struct wa_error *err;
  struct wa_reader reader; // ends where the section being read ends
  uint32_t body_count;     // bodies that the code section brought
  uint32_t declared_data;  // what the data count section says, when the module has one
  struct wa_bytes name_section, producers_section, target_features_section; // contents; none: NULL
  struct wa_bytes branch_hint_section;
  // Capacity of the module's arrays while imports append to them.
  uint32_t function_capacity, table_capacity, memory_capacity, global_capacity;
  uint32_t expr_op_capacity, type_capacity, tag_capacity, import_capacity;
  uint32_t type_limit; // type indexes from here on are unknown
};

// Notes that the module uses a proposal, at an offset. Where that is switched off, the section or
// the instruction fails when it has been read: with wa_check_refused.
static inline void wa_use(struct wa_decoder *decoder, size_t offset, uint64_t features) {
  decoder->features |= features;
  if ((features & decoder->off) && !decoder->refused) {
    decoder->refused = features & decoder->off;
    decoder->refused_offset = offset;
  }
}
bool wa_check_refused(struct wa_decoder *decoder);

// Notes a fact about something that several function bodies use, which may be validated at the same
// time.
static inline void wa_note_fact(bool *fact) {
  __atomic_store_n(fact, true, __ATOMIC_RELAXED);
}

// One function per section; each reads the whole of decoder->reader.
bool wa_decode_types(struct wa_decoder *decoder);
bool wa_decode_imports(struct wa_decoder *decoder);
bool wa_decode_functions(struct wa_decoder *decoder);
bool wa_decode_tables(struct wa_decoder *decoder);
bool wa_decode_memories(struct wa_decoder *decoder);
bool wa_decode_tags(struct wa_decoder *decoder);
bool wa_decode_globals(struct wa_decoder *decoder);
bool wa_decode_exports(struct wa_decoder *decoder);
bool wa_decode_start(struct wa_decoder *decoder);
bool wa_decode_elems(struct wa_decoder *decoder);
bool wa_decode_data_count(struct wa_decoder *decoder);
bool wa_decode_code(struct wa_decoder *decoder);
bool wa_decode_datas(struct wa_decoder *decoder);
bool wa_decode_custom(struct wa_decoder *decoder);

// The vector length that begins a section, checked against the file and the limit called `what`.
bool wa_decode_count(struct wa_decoder *decoder, const char *what, size_t element_size,
                     uint32_t limit, uint32_t *count);
// Makes room for one row more of an array that grows while it is filled.
bool wa_decode_reserve(struct wa_decoder *decoder, void *rows, uint32_t used, uint32_t *capacity,
                       size_t size);
// Zeroed memory of the module's arena; fails with the limit's or the system's error.
bool wa_decode_alloc(struct wa_decoder *decoder, size_t count, size_t size, void *result);
// A constant expression of the type given, up to its end; of the globals it may read, the first
// `global_count`.
bool wa_decode_constexpr(struct wa_decoder *decoder, uint32_t type, uint32_t global_count,
                         struct wa_constexpr *expr);
// Reads a value type whose index, if it has one, must be known.
bool wa_decode_valtype(struct wa_decoder *decoder, struct wa_reader *reader, uint32_t *type);
// Whether a type's index is known; notes what the type needs in the module's features.
bool wa_check_type(struct wa_decoder *decoder, size_t offset, uint32_t type);
bool wa_decode_tabletype(struct wa_decoder *decoder, struct wa_tabletype *type);
bool wa_decode_memtype(struct wa_decoder *decoder, struct wa_limits *limits);
bool wa_decode_globaltype(struct wa_decoder *decoder, struct wa_globaltype *type);

// Gives every type of a module the index of the first type that equals it, recursion group by
// group.
struct wa_canonizer {
  struct wa_decoder *decoder;
  void *groups; // a search tree
};
bool wa_canonize_group(struct wa_canonizer *canonizer, uint32_t first, uint32_t count);
void wa_canonizer_deinit(struct wa_canonizer *canonizer);
// The index of an export whose name an earlier one has, in *duplicate; WA_NONE when there is none.
bool wa_find_duplicate_export(struct wa_decoder *decoder, uint32_t *duplicate);

// Custom sections that matter (appendix 7.4 and the tool conventions). Malformed ones are ignored:
// they never fail, and what was read before the fault stays.
void wa_read_name_section(struct wa_module *module, struct wa_bytes section);
void wa_read_producers(struct wa_module *module, struct wa_bytes section);
void wa_read_target_features(struct wa_module *module, struct wa_bytes section);
void wa_read_branch_hints(struct wa_module *module, struct wa_bytes section);
// Looks up one function's name in a file whose rest is not decoded: for error messages. `position`
// is where a section begins. False when there is none.
bool wa_find_function_name(struct wa_bytes file, size_t position, uint32_t function,
                           struct wa_bytes *name);

__attribute__((format(printf, 3, 4))) bool wa_invalid(struct wa_decoder *decoder, size_t offset,
                                                      const char *format, ...);
__attribute__((format(printf, 3, 4))) bool wa_malformed(struct wa_decoder *decoder, size_t offset,
                                                        const char *format, ...);

// In messages about flags that are wrong today, and that a proposal gives a meaning.
#define WA_SHARED_EVERYTHING(what)                                                                 \
  " (a shared " what                                                                               \
  " needs the shared-everything threads proposal, which this version does not compile)"

#endif

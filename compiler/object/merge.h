// Partitions to one text: concatenates what LLVM emitted for each partition and resolves every
// reference between the pieces, so that the loader has nothing to relocate in the text.
#ifndef WA_COMPILER_OBJECT_MERGE_H
#define WA_COMPILER_OBJECT_MERGE_H

#include "compiler/artifact/layout.h"
#include "compiler/artifact/symbols.h"
#include "compiler/base/bytes.h"
#include "compiler/object/elf_object.h"
#include "compiler/object/merge_machine.h"
#include "compiler/target/options.h"
#include "compiler/wasm/module.h"

// Where a symbol of the module came to lie in the text; size 0 when it does not exist.
struct wa_text_symbol {
  uint32_t offset;
  uint32_t size;
};

// A place in .eh_frame that holds the distance to a function's start.
struct wa_frame_reloc {
  uint32_t offset;      // in .eh_frame
  uint32_t text_offset; // that it refers to
};

// A function of the C library that code calls.
struct wa_libcall_entry {
  uint32_t plt; // text offset of its entry in the procedure linkage table
  uint32_t got; // text offset of the 8 bytes that the loader fills with its address
  const char *name;
};

enum {
#define WA_LIBCALL(name, function) WA_LIBCALL_##name,
#include "runtime/libcalls.def"
#undef WA_LIBCALL
  WA_LIBCALL_COUNT
};

// An object of LLVM's and where in the text each of its sections came to lie, or WA_NONE.
struct wa_merged_part {
  struct wa_elf_object object;
  uint32_t *text_offsets;
};

// A constant that has a name of its own (wa_ir_opaque_name).
struct wa_text_constant {
  char name[WA_SYMBOL_NAME_SIZE];
  uint32_t offset;
};

enum { WA_TEXT_CONSTANTS = 8 };

struct wa_merged {
  struct wa_bytes_buffer text;     // code; constants, jump tables and read-only tables; PLT; GOT
  struct wa_bytes_buffer eh_frame; // with a terminator
  struct wa_bytes_buffer frame_relocs; // struct wa_frame_reloc[], by offset
  struct wa_bytes_buffer lsda_relocs;  // the same of an FDE's language-specific data
  struct wa_bytes_buffer map;          // struct wa_meta_code[], of wa_merge_later
  struct wa_libcall_entry libcalls[WA_LIBCALL_COUNT];
  uint32_t libcall_count;
  uint32_t libcall_plt[WA_LIBCALL_COUNT]; // text offset of its entry, or WA_NONE
  struct wa_text_symbol *functions;       // per function index
  uint32_t plt; // text offset of functions' entries, one per index, or WA_NONE when there are none
  uint32_t got; // text offset of the global offset table, or WA_NONE: struct wa_meta
  uint32_t got_functions;
  struct wa_text_symbol *entries;  // per type index
  struct wa_text_symbol *exits;    // per type index
  struct wa_text_symbol *shims;    // per function index
  struct wa_text_symbol *wrappers; // per function index
  struct wa_text_symbol *tables;   // per table index
  struct wa_text_symbol failed;    // WA_SYMBOL_FAILED
  struct wa_text_constant constants[WA_TEXT_CONSTANTS];
  uint32_t constant_count;
  struct wa_merged_part *parts;
  uint32_t part_count;
  struct wa_arena arena;
};

// A partition's object, and what numbers in its names stand for; NULL: for the module's indexes.
struct wa_merge_input {
  struct wa_bytes object;
  const struct wa_symbols *symbols;
};

// The objects are ELF relocatable ones of the machine as LLVM emits them. An undefined symbol that
// is neither of the module nor on the list of functions LLVM may call is an error.
// They must stay as long as `merged` is asked about them. When functions are replaceable, all
// that refers to one refers to its entry in a procedure linkage table, which jumps to where a
// global offset table says.
bool wa_merge(struct wa_merged *merged, const struct wa_module *module,
              const struct wa_layout *layout, const struct wa_merge_machine *machine,
              const struct wa_merge_input *inputs, uint32_t input_count,
              const struct wa_compile_options *options, struct wa_error *err);

// Where a text that is merged later comes to lie, from the start of the first one; asked once its
// size is known.
struct wa_merge_place {
  bool (*find)(void *arg, size_t size, int64_t *distance, struct wa_error *err);
  void *arg;
};

// Functions of a module whose first text, with lazy functions, is `base`: they refer to that. Of
// `merged` there are the text, the frames and `map`.
bool wa_merge_later(struct wa_merged *merged, const struct wa_merged *base,
                    const struct wa_module *module, const struct wa_merge_machine *machine,
                    const struct wa_merge_input *inputs, uint32_t input_count,
                    const struct wa_merge_place *place, struct wa_error *err);
// Where whoever calls a function has to go: its entry in the table, or itself.
uint32_t wa_merged_entry(const struct wa_merged *merged, uint32_t function);
void wa_merged_deinit(struct wa_merged *merged);

#endif

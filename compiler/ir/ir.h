// What every stage that makes or changes LLVM IR shares: the LLVM module that is being built, and
// what LLVM's C API lacks: types, constants, loads with alias tags, intrinsics. One wa_ir per
// partition and worker; nothing here is shared between threads but the wasm module and its layout.
//
// LLVM's builder calls do not fail, and what could be wrong with the code the validator has
// refused: so nothing that builds IR checks what they return. Exhausted memory ends the process
// here, as it does in LLVM.
#ifndef WA_COMPILER_IR_IR_H
#define WA_COMPILER_IR_IR_H

#include "compiler/artifact/layout.h"
#include "compiler/artifact/symbols.h"
#include "compiler/target/llvm_compat.h"
#include "compiler/target/target.h"

struct wa_lower_debug;

enum wa_intrinsic {
#define INTRINSIC(id, name) WA_INTRINSIC_##id,
#include "compiler/ir/intrinsics.def"
#undef INTRINSIC
  WA_INTRINSIC_COUNT
};

enum { WA_FUNCTION_ATTRIBUTES = 5 };

// What is done lane by lane in a function of its own where the CPU lacks it: LLVM takes 2 ms for a
// swizzle in place.
enum wa_outlined {
  WA_OUTLINED_SWIZZLE,
  WA_OUTLINED_RELAXED_SWIZZLE,
  WA_OUTLINED_POPCNT,
  WA_OUTLINED_COUNT
};

// What an address may be derived from; no two of these overlap, which LLVM cannot see by itself.
enum wa_alias {
  WA_ALIAS_CONTEXT,
  WA_ALIAS_MEMORY,
  WA_ALIAS_GLOBAL,
  WA_ALIAS_TABLE,
  WA_ALIAS_COUNT
};

// A function whose code is lowered, and what earlier attempts have found out about it.
struct wa_body {
  uint32_t index;      // in the function index space
  uint32_t load_count; // loads that may be plain, in the order of the simplified code; see
                       // repair/accesses.c
  bool *keeps;         // which of them have to stay volatile; NULL while none has
  bool keeps_all;
  bool keeps_scalars; // no loop of it goes to the vectoriser; see repair/versions.c
  bool is_wrong;      // the code does less than wasm says: lower it again with what the body keeps
};

enum { WA_IR_FUNCTIONS = 256 };

struct wa_ir {
  const struct wa_module *module;
  const struct wa_layout *layout;
  const struct wa_target *target;
  LLVMContextRef context;
  LLVMModuleRef llvm;
  LLVMBuilderRef builder;
  LLVMTypeRef i1, i8, i16, i32, i64, f32, f64, v128, ptr, void_type;
  struct wa_symbols *symbols; // numbers names; NULL: they have the module's indexes
  // Declared so far in `llvm`, by index / WA_IR_FUNCTIONS, or NULL: a partition knows few of a
  // large module's functions. See wa_ir_declared.
  LLVMValueRef **functions;
  LLVMTypeRef *types;                       // per type index: LLVM function type, or NULL
  LLVMValueRef outlined[WA_OUTLINED_COUNT]; // or NULL
  bool outlines_bit_counts;                 // there are many: see effort.h
  bool inlines_calls;                       // of small functions: see lower/inline.c
  LLVMValueRef *landing_thunks;             // per canonical type index: see lower/tail.c; or NULL
  struct wa_arena arena;
  LLVMTypeRef builtin_types[WA_BUILTIN_COUNT];
  unsigned intrinsics[WA_INTRINSIC_COUNT];
  LLVMValueRef tbaa[WA_ALIAS_COUNT]; // access tags
  LLVMValueRef empty_node;           // of !invariant.load
  LLVMValueRef weights[2];           // of branches that are probably not taken, and that are
  LLVMValueRef no_vectors;           // of loops that the vectoriser is to leave alone
  unsigned tbaa_kind, invariant_kind, weights_kind, loop_kind;
  unsigned relaxed_kind; // of what wa_lower_settle_orderings relaxes
  LLVMAttributeRef attributes[WA_FUNCTION_ATTRIBUTES];
  LLVMAttributeRef frame_pointer, swiftself, signext;
  LLVMAttributeRef no_merge;    // NULL without -g
  struct wa_lower_debug *debug; // lower/debug.c; NULL without -g
  struct wa_body *bodies;       // whose code is in `llvm`
  uint32_t body_count;
  struct wa_arena *kept; // of what bodies keep
  bool has_kept_vectors; // the guest's, before the vectoriser's came: see repair/widths.c
  bool has_tail_calls;
  unsigned convention; // of the module's functions among themselves: swiftcc, swifttailcc or C
};

// Makes an empty LLVM module in `context`.
void wa_ir_init(struct wa_ir *ir, const struct wa_module *module, const struct wa_layout *layout,
                LLVMContextRef context, LLVMTargetMachineRef machine,
                const struct wa_target *target);
// Disposes of everything but the context.
void wa_ir_deinit(struct wa_ir *ir);

// Says that there is no memory and aborts, as LLVM does for its own: nothing of ours can be freed
// from below it.
_Noreturn void wa_ir_no_memory(void);

// Zeroed memory that lives as long as the arena; wa_ir_no_memory when there is none.
void *wa_ir_alloc(struct wa_arena *arena, size_t count, size_t size);
LLVMTypeRef wa_ir_valtype(const struct wa_ir *ir, uint32_t type);
LLVMTypeRef wa_ir_functype(struct wa_ir *ir, uint32_t type);
// The name of a symbol of the module in this partition.
void wa_ir_spell(struct wa_ir *ir, char name[WA_SYMBOL_NAME_SIZE], enum wa_symbol_kind kind,
                 uint32_t index);
LLVMValueRef wa_ir_declare(struct wa_ir *ir, uint32_t function);
// The same when it is declared already, else NULL.
LLVMValueRef wa_ir_declared(const struct wa_ir *ir, uint32_t function);
// NULL: the next wa_ir_declare declares it anew.
void wa_ir_set_declared(struct wa_ir *ir, uint32_t function, LLVMValueRef declared);
// Adds a function with every attribute that they all have. One of LLVM's C convention (0) takes no
// context.
LLVMValueRef wa_ir_add_function(struct wa_ir *ir, const char *name, LLVMTypeRef type,
                                unsigned convention);
// An attribute without a value (0) or with one.
LLVMAttributeRef wa_ir_attribute(LLVMContextRef context, const char *name, uint64_t value);
// A module flag that may be said twice.
void wa_ir_add_flag(struct wa_ir *ir, const char *name, uint32_t value);
LLVMValueRef wa_ir_const_i32(const struct wa_ir *ir, uint32_t value);
LLVMValueRef wa_ir_const_i64(const struct wa_ir *ir, uint64_t value);
// pointer + offset bytes
LLVMValueRef wa_ir_offset(struct wa_ir *ir, LLVMValueRef pointer, int64_t offset);
// The same where the sum is known not to leave the address space.
LLVMValueRef wa_ir_offset_nowrap(struct wa_ir *ir, LLVMValueRef pointer, LLVMValueRef offset);
LLVMValueRef wa_ir_load(struct wa_ir *ir, LLVMTypeRef type, LLVMValueRef pointer,
                        enum wa_alias alias);
LLVMValueRef wa_ir_store(struct wa_ir *ir, LLVMValueRef value, LLVMValueRef pointer,
                         enum wa_alias alias);
// The same of a reference, or a table's size, that another thread may write at the same time, also
// in a module without shared memory: its instance may be linked to a program of threads. Whole, and
// what a reference points to is seen as it was when the reference was written.
LLVMValueRef wa_ir_load_whole(struct wa_ir *ir, LLVMTypeRef type, LLVMValueRef pointer,
                              enum wa_alias alias);
void wa_ir_store_whole(struct wa_ir *ir, LLVMValueRef value, LLVMValueRef pointer,
                       enum wa_alias alias);
// A load of what never changes while compiled code runs.
LLVMValueRef wa_ir_load_invariant(struct wa_ir *ir, LLVMTypeRef type, LLVMValueRef pointer);
LLVMValueRef wa_ir_intrinsic(struct wa_ir *ir, enum wa_intrinsic intrinsic, LLVMTypeRef *types,
                             unsigned type_count, LLVMValueRef *args, unsigned arg_count);
// Whether LLVM's number of an intrinsic is that of one of these.
bool wa_ir_is_one_of(const struct wa_ir *ir, unsigned id, const enum wa_intrinsic *wanted,
                     size_t count);
// Visits every instruction of the module; `visit` adds and removes none.
void wa_ir_each_instruction(const struct wa_ir *ir,
                            void (*visit)(const struct wa_ir *ir, LLVMValueRef instr));
// Whether results of these types come back in registers, and not in a buffer of the caller's.
bool wa_ir_results_in_registers(const struct wa_ir *ir, const struct wa_functype *type);
// Loads a float constant of 0, -0, 1 or -1 from a place that only the support partition defines:
// the optimiser cannot fold with it, yet it costs no more than one from the constant pool.
LLVMValueRef wa_ir_opaque_constant(struct wa_ir *ir, LLVMValueRef constant);
const char *wa_ir_opaque_name(const struct wa_ir *ir, LLVMValueRef constant,
                              char name[WA_SYMBOL_NAME_SIZE]);
static inline bool wa_ir_is_vector(LLVMValueRef value) {
  return LLVMGetTypeKind(LLVMTypeOf(value)) == LLVMVectorTypeKind;
}
// Whether a load is one of a guest's memory, by its alias tag.
bool wa_ir_is_guest_load(const struct wa_ir *ir, LLVMValueRef load);
// Whether an access may be one to a guest's memory: also one whose tag was lost.
bool wa_ir_may_be_guests(const struct wa_ir *ir, LLVMValueRef access);
// Nothing, but LLVM takes it for a write of all memory.
void wa_ir_emit_barrier(struct wa_ir *ir);
// A call that must not be merged with another of its kind, because its place matters: with -g, a
// trap.
void wa_ir_keep_apart(struct wa_ir *ir, LLVMValueRef call);
// Ends the current block in a trap; code after it needs a new block.
void wa_ir_emit_trap(struct wa_ir *ir, enum wa_trap_code code);
// The same for WA_TRAP_INDIRECT_CALL_TYPE, with what tells the types: in registers of which the
// trap instruction names the numbers (abi.h). `found` is a function record and `expected` an id of
// 64 bits; or, of the module's own types, both are type indexes + 1 of 32 bits, `expected`
// constant.
void wa_ir_emit_type_trap(struct wa_ir *ir, LLVMValueRef found, LLVMValueRef expected, bool own);

#endif

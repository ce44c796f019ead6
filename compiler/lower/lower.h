// Lowering of validated wasm to LLVM IR: what the files of the instruction families share. One
// wa_lower per partition and worker; nothing here is shared between threads but the module and its
// layout.
//
// LLVM's builder calls do not fail, and what could be wrong with the code the validator has
// refused: so nothing in lowering checks what they return. Exhausted memory ends the process here,
// as it does in LLVM.
#ifndef WA_COMPILER_LOWER_LOWER_H
#define WA_COMPILER_LOWER_LOWER_H

#include "compiler/artifact/layout.h"
#include "compiler/lower/debug.h"
#include "compiler/target/llvm_compat.h"
#include "compiler/target/target.h"
#include "compiler/wasm/instr.h"

enum wa_intrinsic {
  WA_INTRINSIC_UBSANTRAP,
  WA_INTRINSIC_CTLZ,
  WA_INTRINSIC_CTTZ,
  WA_INTRINSIC_CTPOP,
  WA_INTRINSIC_FSHL,
  WA_INTRINSIC_FSHR,
  WA_INTRINSIC_FABS,
  WA_INTRINSIC_CEIL,
  WA_INTRINSIC_FLOOR,
  WA_INTRINSIC_TRUNC,
  WA_INTRINSIC_NEARBYINT,
  WA_INTRINSIC_SQRT,
  WA_INTRINSIC_MINIMUM,
  WA_INTRINSIC_MAXIMUM,
  WA_INTRINSIC_COPYSIGN,
  WA_INTRINSIC_FPTOSI_SAT,
  WA_INTRINSIC_FPTOUI_SAT,
  WA_INTRINSIC_STACKSAVE,
  WA_INTRINSIC_SADD_SAT,
  WA_INTRINSIC_UADD_SAT,
  WA_INTRINSIC_SSUB_SAT,
  WA_INTRINSIC_USUB_SAT,
  WA_INTRINSIC_SMIN,
  WA_INTRINSIC_SMAX,
  WA_INTRINSIC_UMIN,
  WA_INTRINSIC_UMAX,
  WA_INTRINSIC_ABS,
  WA_INTRINSIC_FENCE, // hides where a float comes from
  WA_INTRINSIC_X86_PSHUFB,
  WA_INTRINSIC_X86_PMADDWD,
  WA_INTRINSIC_X86_PMULHRSW,
  WA_INTRINSIC_X86_PMADDUBSW,
  WA_INTRINSIC_X86_CVTTPS2DQ,
  WA_INTRINSIC_X86_CVTTPD2DQ,
  WA_INTRINSIC_X86_CVTTPS2UDQ,
  WA_INTRINSIC_X86_CVTTPD2UDQ,
  WA_INTRINSIC_X86_PACKSSWB,
  WA_INTRINSIC_X86_PACKUSWB,
  WA_INTRINSIC_X86_PACKSSDW,
  WA_INTRINSIC_X86_PACKUSDW,
  WA_INTRINSIC_FMA,
  WA_INTRINSIC_REDUCE_UMIN,
  WA_INTRINSIC_ARM64_TBL1,
  WA_INTRINSIC_ARM64_SQRDMULH,
  WA_INTRINSIC_ARM64_SADDLP,
  WA_INTRINSIC_ARM64_UADDLP,
  WA_INTRINSIC_ARM64_ADDP,
  WA_INTRINSIC_ARM64_SQXTN,
  WA_INTRINSIC_ARM64_UQXTN,
  WA_INTRINSIC_ARM64_UMAXP,
  WA_INTRINSIC_COUNT
};

// What an address may be derived from; no two of these overlap, which LLVM cannot see by itself.
enum { WA_FUNCTION_ATTRIBUTES = 5 };

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
  uint32_t load_count; // loads that may be plain, in the order of the simplified code; see loads.c
  bool *keeps;         // which of them have to stay volatile; NULL while none has
  bool keeps_all;
  bool is_wrong; // the code does less than wasm says: lower it again with what the body keeps
};

struct wa_lower {
  const struct wa_module *module;
  const struct wa_layout *layout;
  const struct wa_target *target;
  LLVMContextRef context;
  LLVMModuleRef ir;
  LLVMBuilderRef builder;
  LLVMTypeRef i1, i8, i16, i32, i64, f32, f64, v128, ptr, void_type;
  LLVMValueRef *functions;      // per function index: declared so far in `ir`, or NULL
  LLVMTypeRef *types;           // per type index: LLVM function type, or NULL
  LLVMValueRef *landing_thunks; // per canonical type index: see wa_lower_landing_thunk; or NULL
  struct wa_arena arena;
  LLVMTypeRef builtin_types[WA_BUILTIN_COUNT];
  unsigned intrinsics[WA_INTRINSIC_COUNT];
  LLVMValueRef tbaa[WA_ALIAS_COUNT]; // access tags
  LLVMValueRef empty_node;           // of !invariant.load
  LLVMValueRef weights[2];           // of branches that are probably not taken, and that are
  LLVMValueRef no_vectors;           // of loops that the vectoriser is to leave alone
  unsigned tbaa_kind, invariant_kind, weights_kind, loop_kind;
  LLVMAttributeRef attributes[WA_FUNCTION_ATTRIBUTES];
  LLVMAttributeRef frame_pointer, swiftself, signext;
  struct wa_lower_debug *debug; // debug.c; NULL without -g
  struct wa_body *bodies;       // whose code is in `ir`
  uint32_t body_count;
  struct wa_arena *kept;  // of what bodies keep
  bool has_checked_loads; // once: see accesses.c
  bool has_tail_calls;
  unsigned convention; // of the module's functions among themselves: swiftcc, swifttailcc or C
};

enum { WA_NO_LABEL = -1 };

// A structured control instruction that is open.
struct wa_label {
  enum wa_op op; // WA_OP_block, _loop, _if, _else or _try; the function itself is a block
  LLVMBasicBlockRef target; // where a branch to the label goes
  LLVMBasicBlockRef other;  // of an if: its else block
  LLVMValueRef *phis;       // one per value a branch carries, in `target`
  const uint32_t *results;  // types of the values that `end` leaves, unless it is one
  uint32_t single;          // that one's type, or 0
  const uint32_t *params;   // types of the values that entering takes
  uint32_t result_count, param_count;
  uint32_t branch_count; // values that a branch carries: params of a loop, else results
  uint32_t height;       // of the operand stack below the parameters
  uint32_t accesses;     // of a loop: memory accesses of the function before it
  bool is_try;           // a try_table, or the body of a try: it catches what is thrown inside
  struct wa_label_table catches; // of a try_table
  LLVMBasicBlockRef landing;     // where calls inside go on that throw; NULL until there is one
  LLVMBasicBlockRef dispatch;    // finds the clause of an exception; NULL until something throws
  LLVMValueRef exception;        // the phi of `dispatch`
  LLVMBasicBlockRef next_clause; // of a try: where what no clause has taken yet goes on, or NULL
  LLVMValueRef tag;              // and its tag
  LLVMValueRef holds; // in a clause: whether it has a hold on the exception, which is known only at
                      // its end: a placeholder until then
  bool rethrows;      // some instruction of the clause rethrows the exception
  int64_t outer_try, outer_clause; // the innermost label with is_try or `holds` below this, or
                                   // WA_NO_LABEL
  LLVMValueRef *else_params;       // of an if with parameters: their values at the start of else
};

struct wa_lower_function {
  struct wa_lower *lower;
  const struct wa_function *function;
  const struct wa_functype *type;
  LLVMValueRef llvm;
  LLVMValueRef ctx;
  LLVMValueRef result_buffer; // where results go that do not fit in registers, or NULL
  LLVMBasicBlockRef entry;    // allocas and invariant loads
  LLVMValueRef entry_end;     // first instruction of `entry` after those
  LLVMBasicBlockRef traps[WA_TRAP_CODE_COUNT];
  LLVMValueRef memories[WA_LIMIT_MEMORIES]; // bases, each loaded once, or NULL
  LLVMValueRef *locals;                     // allocas
  LLVMTypeRef *local_types;
  uint32_t local_count;
  LLVMValueRef *stack;
  uint32_t height, stack_capacity;
  struct wa_label *labels;
  uint32_t label_count, label_capacity;
  uint32_t hint;     // the module's first branch hint that is not behind
  uint32_t accesses; // of memories, so far
  bool unreachable;  // instructions are skipped up to the end of the block
  uint32_t skipped;  // blocks opened since then
  struct wa_debug_function debug;
  struct wa_arena arena;
};

// ---- lower.c: partitions and functions ----

// Makes an empty LLVM module in `context`.
void wa_lower_init(struct wa_lower *lower, const struct wa_module *module,
                   const struct wa_layout *layout, LLVMContextRef context,
                   LLVMTargetMachineRef machine, const struct wa_target *target);
// Disposes of everything but the context.
void wa_lower_deinit(struct wa_lower *lower);
// Lowers the body of a defined function.
void wa_lower_body(struct wa_lower *lower, uint32_t function);

// Says that there is no memory and aborts, as LLVM does for its own: nothing of ours can be freed
// from below it.
_Noreturn void wa_lower_no_memory(void);

// Zeroed memory that lives as long as the arena; wa_lower_no_memory when there is none.
void *wa_lower_alloc(struct wa_arena *arena, size_t count, size_t size);
LLVMTypeRef wa_lower_valtype(const struct wa_lower *lower, uint32_t type);
LLVMTypeRef wa_lower_functype(struct wa_lower *lower, uint32_t type);
LLVMValueRef wa_lower_declare(struct wa_lower *lower, uint32_t function);
// Adds a function with every attribute that they all have. One of LLVM's C convention (0) takes no
// context.
LLVMValueRef wa_lower_add_function(struct wa_lower *lower, const char *name, LLVMTypeRef type,
                                   unsigned convention);
LLVMValueRef wa_lower_const_i32(const struct wa_lower *lower, uint32_t value);
LLVMValueRef wa_lower_const_i64(const struct wa_lower *lower, uint64_t value);
// pointer + offset bytes
LLVMValueRef wa_lower_offset(struct wa_lower *lower, LLVMValueRef pointer, int64_t offset);
// The same where the sum is known not to leave the address space.
LLVMValueRef wa_lower_offset_nowrap(struct wa_lower *lower, LLVMValueRef pointer,
                                    LLVMValueRef offset);
LLVMValueRef wa_lower_load(struct wa_lower *lower, LLVMTypeRef type, LLVMValueRef pointer,
                           enum wa_alias alias);
LLVMValueRef wa_lower_store(struct wa_lower *lower, LLVMValueRef value, LLVMValueRef pointer,
                            enum wa_alias alias);
// The same of a reference, or a table's size, that another thread may write at the same time, also
// in a module without shared memory: its instance may be linked to a program of threads. Whole, and
// what a reference points to is seen as it was when the reference was written.
LLVMValueRef wa_lower_load_whole(struct wa_lower *lower, LLVMTypeRef type, LLVMValueRef pointer,
                                 enum wa_alias alias);
void wa_lower_store_whole(struct wa_lower *lower, LLVMValueRef value, LLVMValueRef pointer,
                          enum wa_alias alias);
// A load of what never changes while compiled code runs.
LLVMValueRef wa_lower_load_invariant(struct wa_lower *lower, LLVMTypeRef type,
                                     LLVMValueRef pointer);
LLVMValueRef wa_lower_intrinsic(struct wa_lower *lower, enum wa_intrinsic intrinsic,
                                LLVMTypeRef *types, unsigned type_count, LLVMValueRef *args,
                                unsigned arg_count);
// Arithmetic of floats or of vectors of them. Two constants are not folded here, where LLVM gives a
// signalling NaN minus zero as it is.
LLVMValueRef wa_lower_float_op(struct wa_lower *lower, LLVMOpcode opcode, LLVMValueRef a,
                               LLVMValueRef b);
// Minimum or maximum of floats or of vectors of them, as wasm has it but for signalling NaNs, which
// finish.c sees to.
LLVMValueRef wa_lower_minmax(struct wa_lower *lower, enum wa_intrinsic intrinsic, LLVMValueRef a,
                             LLVMValueRef b);
// Makes sure that a callee of the host has `bytes` of stack: touches the stack that far below.
void wa_lower_probe_stack(struct wa_lower *lower, uint32_t bytes);
LLVMValueRef wa_lower_call(struct wa_lower *lower, LLVMTypeRef type, LLVMValueRef callee,
                           unsigned convention, LLVMValueRef *args, unsigned arg_count);
// Returns what a call gave, which may be void.
void wa_lower_return_call(struct wa_lower *lower, LLVMValueRef call);
bool wa_lower_results_in_registers(const struct wa_lower *lower, const struct wa_functype *type);
// Loads a float constant of 0, -0, 1 or -1 from a place that only the support partition defines:
// the optimiser cannot fold with it, yet it costs no more than one from the constant pool.
LLVMValueRef wa_lower_opaque_constant(struct wa_lower *lower, LLVMValueRef constant);
enum { WA_OPAQUE_NAME_SIZE = 16 };
const char *wa_lower_opaque_name(const struct wa_lower *lower, LLVMValueRef constant,
                                 char name[WA_OPAQUE_NAME_SIZE]);
// Whether a load is one of a guest's memory.
bool wa_lower_is_guest_load(const struct wa_lower *lower, LLVMValueRef load);
// Nothing, but LLVM takes it for a write of all memory.
void wa_lower_emit_barrier(struct wa_lower *lower);
// Ends the current block in a trap; code after it needs a new block.
void wa_lower_emit_trap(struct wa_lower *lower, enum wa_trap_code code);
// The cells that values of these types take, in bytes.
uint32_t wa_lower_cells_size(const uint32_t *types, uint32_t count);

// ---- Of a function: function.c ----

void wa_lower_push(struct wa_lower_function *f, LLVMValueRef value);
LLVMValueRef wa_lower_pop(struct wa_lower_function *f);
LLVMBasicBlockRef wa_new_block(struct wa_lower_function *f);
// The block that raises a trap; one per function and code.
LLVMBasicBlockRef wa_trap_block(struct wa_lower_function *f, enum wa_trap_code code);
void wa_trap_if(struct wa_lower_function *f, LLVMValueRef condition, enum wa_trap_code code);
// The result of memory.grow or table.grow; traps when it says that the thread is to end.
void wa_trap_if_grow_ended(struct wa_lower_function *f, LLVMValueRef result);
void wa_trap_if_null(struct wa_lower_function *f, LLVMValueRef reference, enum wa_trap_code code);
// The rest of the current block is dead; its code is skipped.
void wa_lower_set_unreachable(struct wa_lower_function *f);
// A value that racing threads may have made undefined, as one definite value: the index of a table
// or a branch table, a divisor. In every module, because a program of threads may be linked to an
// instance of it.
LLVMValueRef wa_freeze(struct wa_lower_function *f, LLVMValueRef value);
// The same of an address, in a module with shared memory.
LLVMValueRef wa_freeze_index(struct wa_lower_function *f, LLVMValueRef value);
// Of an index of 64 bits that was checked: itself, or what is 0 where it is not below the size
// after all.
LLVMValueRef wa_mask_index(struct wa_lower_function *f, LLVMValueRef index, LLVMValueRef size);
// An unsigned index of 32 bits, or `most` when it is larger, without a branch.
LLVMValueRef wa_clamp_index(struct wa_lower_function *f, LLVMValueRef index, uint32_t most);
// Calls a builtin; the context is passed by itself.
LLVMValueRef wa_call_builtin(struct wa_lower_function *f, enum wa_builtin builtin,
                             LLVMValueRef *args, unsigned arg_count);
// Raises the trap that a builtin's nonzero result stands for, when there is one: always `code`.
void wa_trap_if_failed(struct wa_lower_function *f, LLVMValueRef status, enum wa_trap_code code);

// Where a call goes.
struct wa_callee {
  LLVMValueRef code;
  LLVMValueRef context;
  struct wa_body *bodies; // whose code is in `ir`
  uint32_t body_count;
  struct wa_arena *kept;  // of what bodies keep
  bool has_checked_loads; // once: see accesses.c
  bool has_tail_calls;
  unsigned convention; // of `code`
  LLVMValueRef tail; // of a swiftcc callee: its entry point in swifttailcc, null at run time where
                     // it has none; NULL when the call is no tail call
};

// Calls a wasm function with arguments from the stack and pushes its results.
void wa_call_wasm(struct wa_lower_function *f, uint32_t type, const struct wa_callee *callee);
// The same as the last thing that the function does, in its place on the stack.
void wa_tail_call_wasm(struct wa_lower_function *f, uint32_t type, const struct wa_callee *callee);
LLVMValueRef wa_memory_start(struct wa_lower_function *f, uint32_t memory);
// Pointer to memory at an index plus offset. With a 32-bit index nothing is checked: the
// reservation and its guard are relied on. With a 64-bit index the first byte's address is checked,
// and the guard takes the rest of an access of up to 32 KiB. In a memory whose pages are bytes all
// `width` bytes of the access are checked.
LLVMValueRef wa_memory_address(struct wa_lower_function *f, const struct wa_memarg *memarg,
                               LLVMValueRef index, uint32_t width);
// Zero-extends an index or a length of either type to i64; and back to the type of an index.
LLVMValueRef wa_index_widen(struct wa_lower_function *f, LLVMValueRef value);
LLVMValueRef wa_index_narrow(struct wa_lower_function *f, LLVMValueRef value,
                             const struct wa_limits *limits);
LLVMValueRef wa_memory_view(struct wa_lower_function *f, uint32_t memory);
// The reference that a table entry holds, after the bounds check; never of a read-only table.
LLVMValueRef wa_table_load(struct wa_lower_function *f, uint32_t table, LLVMValueRef index,
                           enum wa_trap_code code);
void wa_return(struct wa_lower_function *f);

// ---- Families: one handler a file, called with reachable code only ----

// Opens the block that a function body is.
void wa_lower_enter(struct wa_lower_function *f);
void wa_lower_control(struct wa_lower_function *f, const struct wa_instr *instr,
                      struct wa_reader *reader);
void wa_lower_skipped(struct wa_lower_function *f, const struct wa_instr *instr);
void wa_lower_calls(struct wa_lower_function *f, const struct wa_instr *instr);
void wa_lower_variable(struct wa_lower_function *f, const struct wa_instr *instr);
void wa_lower_memory(struct wa_lower_function *f, const struct wa_instr *instr);
void wa_lower_bulk(struct wa_lower_function *f, const struct wa_instr *instr);
void wa_lower_table(struct wa_lower_function *f, const struct wa_instr *instr);
void wa_lower_numeric(struct wa_lower_function *f, const struct wa_instr *instr);
void wa_lower_convert(struct wa_lower_function *f, const struct wa_instr *instr);
void wa_lower_wide(struct wa_lower_function *f, const struct wa_instr *instr);
void wa_lower_simd(struct wa_lower_function *f, const struct wa_instr *instr);
void wa_lower_atomic(struct wa_lower_function *f, const struct wa_instr *instr);

// ---- exception.c ----

void wa_lower_exception(struct wa_lower_function *f, const struct wa_instr *instr);
// The landing pad of the innermost try_table that is open, or NULL.
LLVMBasicBlockRef wa_landing_pad(struct wa_lower_function *f);
// The clauses of the innermost label, a try_table that ends.
void wa_lower_catches(struct wa_lower_function *f);
// To the innermost of the first `count` labels that catches, or out of the function. Ends the
// block.
void wa_throw_to(struct wa_lower_function *f, uint32_t count, LLVMValueRef exception);
LLVMValueRef wa_tag_identity(struct wa_lower_function *f, uint32_t tag);
// Pushes what an exception of the tag carries.
void wa_push_arguments(struct wa_lower_function *f, uint32_t tag, LLVMValueRef exception);
void wa_settle_exception(struct wa_lower_function *f, LLVMValueRef exception,
                         enum wa_exception_fate fate);

// ---- legacy.c: try, catch, catch_all, delegate, rethrow ----

void wa_lower_clause(struct wa_lower_function *f, const struct wa_instr *instr);
void wa_lower_rethrow(struct wa_lower_function *f, uint32_t label);
// The try that the innermost label is ends, its last part left already: with `count` labels outside
// that may catch what it does not.
void wa_lower_end_try(struct wa_lower_function *f, uint32_t count);
// Whether a branch that leaves the labels from `first` on leaves a clause.
bool wa_leaves_clause(const struct wa_lower_function *f, uint32_t first);
// Drops the holds of the clauses among the labels from `first` on.
void wa_leave_clauses(struct wa_lower_function *f, uint32_t first);
// Gives the target's phis the top of the stack for an edge from the current block
// (control.c).
void wa_lower_carry(struct wa_lower_function *f, const struct wa_label *label);
// Ends what comes before a clause or the end of a construct: falls through to what follows it.
void wa_lower_leave(struct wa_lower_function *f, const struct wa_label *label);

// ---- support.c: what a module needs once ----

// Trampolines of every type, shims of imported functions in read-only tables, the tables
// themselves, and the constants that must stay unknown to the optimiser.
void wa_lower_support(struct wa_lower *lower);
// Symbol of a read-only table, declared in this partition.
LLVMValueRef wa_lower_read_only_table(struct wa_lower *lower, uint32_t table);

// ---- tail.c ----

// Ends the current block with a call in tail position; args[0] is the callee's context.
void wa_lower_tail_call(struct wa_lower *lower, LLVMTypeRef type, const struct wa_callee *callee,
                        LLVMValueRef *args, unsigned arg_count);
// After the optimiser, before code generation.
void wa_lower_settle_tail_calls(struct wa_lower *lower);
// A function that calls the last of its arguments, which is in swifttailcc and of a type, with the
// others: what an invoke must call in such a function's place. Made when it is first asked for.
LLVMValueRef wa_lower_landing_thunk(struct wa_lower *lower, uint32_t type);
// Wrappers in swiftcc of the functions that others may call, in a module that uses tail calls.
void wa_lower_wrappers(struct wa_lower *lower);

// ---- finish.c: repairs between SSA construction and optimisation ----

// Hides the constants that LLVM would fold in a way that leaves a signalling NaN as it is. Needs
// SSA form.
void wa_finish_floats(struct wa_lower *lower, LLVMValueRef function);

// Keeps LLVM from reading no more of a load than what is used: an access that lies partly outside
// must trap. To be called for the guest's vectors before those of the vectoriser come, and for all
// loads last, because of instruction selection.
void wa_keep_widths(struct wa_lower *lower, LLVMValueRef function, bool only_vectors);

// ---- address.c ----

// Whether a block's name starts so: LLVM's vectoriser tells by names what its blocks are for.
bool wa_block_has_name(LLVMBasicBlockRef block, const char *start);

// Whether a value is a pointer plus one number of bytes.
bool wa_is_offset(LLVMValueRef value);
// Whether it is the base of memory 0: the context's end, or what is loaded from its place there.
bool wa_is_memory0_base(const struct wa_lower *lower, LLVMValueRef ctx, LLVMValueRef value);
// The operand that an access has its address in, or -1.
int wa_pointer_operand(LLVMValueRef instr);
// Bytes below 4 GiB that memory 0 never has, or 0 when it may have them all.
uint64_t wa_memory0_slack(const struct wa_module *module);
// Loads the number of bytes that memory 0 has: what is accessible now stays so. Only for modules
// that have one.
LLVMValueRef wa_memory0_size(struct wa_lower *lower, LLVMValueRef ctx);
// The constant that a phi grows by when its next value is `next`, or NULL.
LLVMValueRef wa_step_of(LLVMValueRef phi, LLVMValueRef next);

// Values that a search has come to, in the order in which they were found.
enum { WA_VALUE_SET_LIMIT = 256 };
struct wa_value_set {
  LLVMValueRef values[WA_VALUE_SET_LIMIT];
  uint32_t count;
};
// False when there is no room for a new one.
bool wa_add_value(struct wa_value_set *set, LLVMValueRef value);

// ---- anchor.c ----

// Rewrites addresses that are a known distance above one accessed before, so that the distance
// becomes part of the instruction. Needs SSA form.
void wa_anchor_addresses(struct wa_lower *lower, LLVMValueRef function);

// ---- waits.c ----

// Keeps loads in loops that may wait until another thread changes what they load, in modules with a
// shared memory. To be called before anything moves loads.
void wa_keep_waits(struct wa_lower *lower, LLVMValueRef function);

// ---- dispatch.c ----

// Copies the switch of an interpreter's loop to the end of each case. Whether it did: then the
// function has cells for mem2reg. Runs when nothing restructures blocks any more.
bool wa_distribute_dispatch(struct wa_lower *lower, LLVMValueRef function);

// ---- widen.c ----

// Gives loops over 128-bit vectors a copy that does two of them at once, where the CPU has vectors
// of 256 bits and run-time checks allow it. Whether it did.
bool wa_widen_loops(struct wa_lower *lower, LLVMValueRef function);

// ---- vector_guard.c ----

// Enters vector loops only when their accesses stay inside of the memory. Runs right behind the
// vectoriser.
void wa_guard_vector_loops(struct wa_lower *lower, LLVMValueRef function);

#endif

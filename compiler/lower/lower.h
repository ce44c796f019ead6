// Lowering of validated wasm to LLVM IR: what the files of the instruction families share.
#ifndef WA_COMPILER_LOWER_LOWER_H
#define WA_COMPILER_LOWER_LOWER_H

#include "compiler/ir/ir.h"
#include "compiler/lower/debug.h"
#include "compiler/wasm/instr.h"

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
  uint32_t pad_number;           // when others share `landing`: by what it knows this label, else 0
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
  struct wa_ir *ir;
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
  // The landing pad that many tries share, its switch over their numbers, the exception there, and
  // the alloca that calls leave the number in.
  LLVMBasicBlockRef shared_pad;
  LLVMValueRef pad_switch, pad_exception, pad_number;
  uint32_t pad_count;
  uint32_t hint; // the module's first branch hint that is not behind
  // See inline.c: whose LLVM function this is, how many bodies that are inlined in each other this
  // one is in, and how many bytes of code there are of such, so far.
  const struct wa_function *root;
  uint32_t depth, inlined;
  uint32_t accesses; // of memories, so far
  bool unreachable;  // instructions are skipped up to the end of the block
  uint32_t skipped;  // blocks opened since then
  struct wa_debug_function debug;
  struct wa_arena arena;
};

// ---- lower.c: small pieces of code ----

// Lowers the body of a defined function.
void wa_lower_body(struct wa_ir *ir, uint32_t function);
// Arithmetic of floats or of vectors of them. Two constants are not folded here, where LLVM gives a
// signalling NaN minus zero as it is.
LLVMValueRef wa_lower_float_op(struct wa_ir *ir, LLVMOpcode opcode, LLVMValueRef a, LLVMValueRef b);
// Minimum or maximum of floats or of vectors of them, as wasm has it but for signalling NaNs, which
// repair/floats.c sees to.
LLVMValueRef wa_lower_minmax(struct wa_ir *ir, enum wa_intrinsic intrinsic, LLVMValueRef a,
                             LLVMValueRef b);
// Makes sure that a callee of the host has `bytes` of stack: touches the stack that far below.
void wa_lower_probe_stack(struct wa_ir *ir, uint32_t bytes);
LLVMValueRef wa_lower_call(struct wa_ir *ir, LLVMTypeRef type, LLVMValueRef callee,
                           unsigned convention, LLVMValueRef *args, unsigned arg_count);
// Adds the last vector that a type may have (wa_ir_functype), of any value, to the arguments of a
// call; how many they are then.
unsigned wa_lower_last_vector(struct wa_ir *ir, LLVMTypeRef type, LLVMValueRef *args,
                              unsigned arg_count);
// Returns what a call gave, which may be void.
void wa_lower_return_call(struct wa_ir *ir, LLVMValueRef call);
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
// A mask for wa_mask_code that is made before a branch on the same condition, or NULL without
// masks: all ones where the values are equal, or the i1 is true.
LLVMValueRef wa_mask_equal(struct wa_lower_function *f, LLVMValueRef a, LLVMValueRef b);
LLVMValueRef wa_mask_true(struct wa_lower_function *f, LLVMValueRef condition);
// The address of code, or zero where the mask is; the address when there is no mask.
LLVMValueRef wa_mask_code(struct wa_lower_function *f, LLVMValueRef code, LLVMValueRef mask);
// Calls a builtin; the context is passed by itself.
LLVMValueRef wa_call_builtin(struct wa_lower_function *f, enum wa_builtin builtin,
                             LLVMValueRef *args, unsigned arg_count);
// Raises the trap that a builtin's nonzero result stands for, when there is one: always `code`.
void wa_trap_if_failed(struct wa_lower_function *f, LLVMValueRef status, enum wa_trap_code code);

// Where a call goes.
struct wa_callee {
  LLVMValueRef code;
  LLVMValueRef context;
  unsigned convention; // of `code`
  LLVMValueRef tail; // of a swiftcc callee: its entry point in swifttailcc, null at run time where
                     // it has none; NULL when the call is no tail call
};

// Makes and sets the locals: parameters to `args`, or to those of the LLVM function when NULL.
void wa_lower_locals(struct wa_lower_function *f, const LLVMValueRef *args);
// The instructions of the body, to its end.
void wa_lower_instrs(struct wa_lower_function *f);
// The module's first branch hint at an offset or behind it.
uint32_t wa_find_hint(const struct wa_module *module, size_t offset);
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
// Makes a load from a guest's memory one that no pass drops, where it may be what traps.
void wa_load_keep(struct wa_lower_function *f, uint32_t memory, LLVMValueRef load);
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

// ---- inline.c ----

// Lowers a call of a small function as the function's code; false when it is to be a call.
bool wa_lower_inlined(struct wa_lower_function *f, uint32_t function);

// ---- exception.c ----

void wa_lower_exception(struct wa_lower_function *f, const struct wa_instr *instr);
// Whether a label that is open catches what is thrown here.
bool wa_is_caught(const struct wa_lower_function *f);
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

// The trampolines of types [first, end), as far as the layout has them.
void wa_lower_trampolines(struct wa_ir *ir, uint32_t first, uint32_t end);
// Shims of imported functions in read-only tables, the tables themselves, and the constants that
// must stay unknown to the optimiser.
void wa_lower_support(struct wa_ir *ir);
// What runs in the place of functions that cannot be compiled.
void wa_lower_failed(struct wa_ir *ir);
// Symbol of a read-only table, declared in this partition.
LLVMValueRef wa_lower_read_only_table(struct wa_ir *ir, uint32_t table);

// ---- tail.c ----

// Ends the current block with a call in tail position; args[0] is the callee's context.
void wa_lower_tail_call(struct wa_ir *ir, LLVMTypeRef type, const struct wa_callee *callee,
                        LLVMValueRef *args, unsigned arg_count);
// After the optimiser, before code generation.
void wa_lower_settle_tail_calls(struct wa_ir *ir);
// Gives atomic accesses that ask for it their weaker ordering. After the optimiser.
void wa_lower_settle_orderings(struct wa_ir *ir);
// A function that calls the last of its arguments, which is in swifttailcc and of a type, with the
// others: what an invoke must call in such a function's place. Made when it is first asked for.
LLVMValueRef wa_lower_landing_thunk(struct wa_ir *ir, uint32_t type);
// Wrappers in swiftcc of the functions that others may call, in a module that uses tail calls.
void wa_lower_wrappers(struct wa_ir *ir);

#endif

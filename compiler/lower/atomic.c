// Atomic instructions (threads proposal). All trap on an effective address that is not aligned to
// the access. They are sequentially consistent, or acquire and release (relaxed atomics).
//
// The optimiser takes all for sequentially consistent: what it may not move about them keeps traps
// and stores in their order, too. Those that need less are marked, and get their own ordering when
// it is done. A mark that is lost costs time and nothing else.
#include "compiler/lower/lower.h"

// The checked address of an atomic access, as an integer and as a pointer.
struct atomic_address {
  LLVMValueRef number; // index + offset
  LLVMValueRef pointer;
};

static struct atomic_address pop_address(struct wa_lower_function *f,
                                         const struct wa_instr *instr) {
  struct wa_ir *ir = f->ir;
  LLVMBuilderRef builder = ir->builder;
  struct atomic_address address;
  LLVMValueRef index = wa_freeze_index(f, wa_lower_pop(f));
  // A sum of 64 bits that wraps traps below.
  address.number = LLVMBuildAdd(builder, wa_index_widen(f, index),
                                wa_ir_const_i64(ir, instr->memarg.offset), "");
  uint64_t mask = (1ull << wa_op_infos[instr->op].align) - 1;
  LLVMValueRef rest = LLVMBuildAnd(builder, address.number, wa_ir_const_i64(ir, mask), "");
  wa_trap_if(f, LLVMBuildICmp(builder, LLVMIntNE, rest, wa_ir_const_i64(ir, 0), ""),
             WA_TRAP_UNALIGNED_ATOMIC);
  address.pointer = wa_memory_address(f, &instr->memarg, index, 1u << wa_op_infos[instr->op].align);
  return address;
}

// Values of narrow accesses are zero-extended to the instruction's type.
static LLVMTypeRef access_type(struct wa_lower_function *f, enum wa_op op) {
  return LLVMIntTypeInContext(f->ir->context, 8u << wa_op_infos[op].align);
}

static LLVMTypeRef value_type(struct wa_lower_function *f, enum wa_op op) {
  return wa_op_infos[op].spelling[1] == '3' ? f->ir->i32 : f->ir->i64;
}

static LLVMValueRef narrow(struct wa_lower_function *f, LLVMValueRef value, LLVMTypeRef access) {
  return LLVMBuildTruncOrBitCast(f->ir->builder, value, access, "");
}

static void push_widened(struct wa_lower_function *f, enum wa_op op, LLVMValueRef value) {
  wa_lower_push(f, LLVMBuildZExtOrBitCast(f->ir->builder, value, value_type(f, op), ""));
}

static void mark(struct wa_lower_function *f, const struct wa_instr *instr, LLVMValueRef access) {
  if (instr->memarg.acquire_release) {
    LLVMMetadataRef none = LLVMMDNodeInContext2(f->ir->context, NULL, 0);
    LLVMSetMetadata(access, f->ir->relaxed_kind, LLVMMetadataAsValue(f->ir->context, none));
  }
}

static void relax(const struct wa_ir *ir, LLVMValueRef access) {
  if (!LLVMGetMetadata(access, ir->relaxed_kind)) {
    return;
  }
  switch (LLVMGetInstructionOpcode(access)) {
  case LLVMLoad:
    LLVMSetOrdering(access, LLVMAtomicOrderingAcquire);
    break;
  case LLVMStore:
    LLVMSetOrdering(access, LLVMAtomicOrderingRelease);
    break;
  case LLVMAtomicCmpXchg:
    LLVMSetCmpXchgSuccessOrdering(access, LLVMAtomicOrderingAcquireRelease);
    LLVMSetCmpXchgFailureOrdering(access, LLVMAtomicOrderingAcquire);
    break;
  case LLVMAtomicRMW:
  case LLVMFence:
    LLVMSetOrdering(access, LLVMAtomicOrderingAcquireRelease);
    break;
  default:
    break;
  }
}

void wa_lower_settle_orderings(struct wa_ir *ir) {
  if (!(ir->module->features & WA_FEATURE_RELAXED_ATOMICS)) {
    return;
  }
  wa_ir_each_instruction(ir, relax);
}

static void set_ordering(struct wa_lower_function *f, enum wa_op op, LLVMValueRef access) {
  LLVMSetMetadata(access, f->ir->tbaa_kind, f->ir->tbaa[WA_ALIAS_MEMORY]);
  LLVMSetOrdering(access, LLVMAtomicOrderingSequentiallyConsistent);
  LLVMSetAlignment(access, 1u << wa_op_infos[op].align);
}

static void load(struct wa_lower_function *f, const struct wa_instr *instr) {
  struct atomic_address address = pop_address(f, instr);
  LLVMValueRef value =
      LLVMBuildLoad2(f->ir->builder, access_type(f, instr->op), address.pointer, "");
  set_ordering(f, instr->op, value);
  mark(f, instr, value);
  push_widened(f, instr->op, value);
}

static void store(struct wa_lower_function *f, const struct wa_instr *instr) {
  LLVMValueRef value = narrow(f, wa_lower_pop(f), access_type(f, instr->op));
  struct atomic_address address = pop_address(f, instr);
  LLVMValueRef access = LLVMBuildStore(f->ir->builder, value, address.pointer);
  set_ordering(f, instr->op, access);
  mark(f, instr, access);
}

static void read_modify_write(struct wa_lower_function *f, const struct wa_instr *instr) {
  static const LLVMAtomicRMWBinOp operations[] = {
      LLVMAtomicRMWBinOpAdd, LLVMAtomicRMWBinOpSub, LLVMAtomicRMWBinOpAnd,
      LLVMAtomicRMWBinOpOr,  LLVMAtomicRMWBinOpXor, LLVMAtomicRMWBinOpXchg,
  };
  enum { WIDTHS = WA_OP_i32_atomic_rmw_sub - WA_OP_i32_atomic_rmw_add };
  LLVMAtomicRMWBinOp operation = operations[(instr->op - WA_OP_i32_atomic_rmw_add) / WIDTHS];
  LLVMValueRef value = narrow(f, wa_lower_pop(f), access_type(f, instr->op));
  struct atomic_address address = pop_address(f, instr);
  LLVMValueRef old = LLVMBuildAtomicRMW(f->ir->builder, operation, address.pointer, value,
                                        LLVMAtomicOrderingSequentiallyConsistent, false);
  mark(f, instr, old);
  push_widened(f, instr->op, old);
}

static void exchange(struct wa_lower_function *f, const struct wa_instr *instr) {
  LLVMBuilderRef builder = f->ir->builder;
  LLVMTypeRef access = access_type(f, instr->op);
  LLVMValueRef replacement = narrow(f, wa_lower_pop(f), access);
  LLVMValueRef expected = narrow(f, wa_lower_pop(f), access);
  struct atomic_address address = pop_address(f, instr);
  LLVMAtomicOrdering order = LLVMAtomicOrderingSequentiallyConsistent;
  LLVMValueRef pair =
      LLVMBuildAtomicCmpXchg(builder, address.pointer, expected, replacement, order, order, false);
  mark(f, instr, pair);
  push_widened(f, instr->op, LLVMBuildExtractValue(builder, pair, 0, ""));
}

// The address is touched so that one outside the memory traps as any access there does.
static void touch(struct wa_lower_function *f, const struct wa_instr *instr,
                  struct atomic_address address) {
  LLVMValueRef value =
      LLVMBuildLoad2(f->ir->builder, access_type(f, instr->op), address.pointer, "");
  set_ordering(f, instr->op, value);
  LLVMSetVolatile(value, true);
}

// What a builtin returns for a thread that is to end is negative.
static void push_unless_ended(struct wa_lower_function *f, LLVMValueRef result) {
  LLVMValueRef ended =
      LLVMBuildICmp(f->ir->builder, LLVMIntSLT, result, wa_ir_const_i32(f->ir, 0), "");
  wa_trap_if(f, ended, WA_TRAP_INTERRUPTED);
  wa_lower_push(f, result);
}

static void wait(struct wa_lower_function *f, const struct wa_instr *instr) {
  struct wa_ir *ir = f->ir;
  LLVMValueRef timeout = wa_lower_pop(f), expected = wa_lower_pop(f);
  struct atomic_address address = pop_address(f, instr);
  uint32_t memory = instr->memarg.memory;
  touch(f, instr, address);
  if (!ir->module->memories[memory].limits.shared) {
    LLVMBuildBr(ir->builder, wa_trap_block(f, WA_TRAP_EXPECTED_SHARED_MEMORY));
    wa_lower_set_unreachable(f);
    return;
  }
  LLVMValueRef args[] = {wa_ir_const_i32(ir, memory), address.number, expected, timeout};
  enum wa_builtin builtin =
      instr->op == WA_OP_memory_atomic_wait32 ? WA_BUILTIN_ATOMIC_WAIT32 : WA_BUILTIN_ATOMIC_WAIT64;
  push_unless_ended(f, wa_call_builtin(f, builtin, args, 4));
}

static void notify(struct wa_lower_function *f, const struct wa_instr *instr) {
  LLVMValueRef count = wa_lower_pop(f);
  struct atomic_address address = pop_address(f, instr);
  touch(f, instr, address);
  LLVMValueRef args[] = {wa_ir_const_i32(f->ir, instr->memarg.memory), address.number, count};
  push_unless_ended(f, wa_call_builtin(f, WA_BUILTIN_ATOMIC_NOTIFY, args, 3));
}

void wa_lower_atomic(struct wa_lower_function *f, const struct wa_instr *instr) {
  enum wa_op op = instr->op;
  if (op == WA_OP_memory_atomic_notify) {
    notify(f, instr);
  } else if (op == WA_OP_memory_atomic_wait32 || op == WA_OP_memory_atomic_wait64) {
    wait(f, instr);
  } else if (op == WA_OP_atomic_fence) {
    LLVMAtomicOrdering order = LLVMAtomicOrderingSequentiallyConsistent;
    mark(f, instr, LLVMBuildFence(f->ir->builder, order, false, ""));
  } else if (op <= WA_OP_i64_atomic_load32_u) {
    load(f, instr);
  } else if (op <= WA_OP_i64_atomic_store32) {
    store(f, instr);
  } else if (op < WA_OP_i32_atomic_rmw_cmpxchg) {
    read_modify_write(f, instr);
  } else {
    exchange(f, instr);
  }
}

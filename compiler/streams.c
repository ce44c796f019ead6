// Loops that the producer of the module has unrolled, made ready for the vectoriser.
//
// In `p[0] = f(q[0]); p[1] = f(q[1]); p += 2; q += 2` LLVM's vectoriser has to check at run time
// that p and q are far apart. But it takes all of wasm's memory for one object, and between
// pointers into one object it checks every pair or none: p[0] against p[1] too, whose ranges always
// overlap, so that the vector loop never runs. Pointers into different objects it checks object
// by object. So each pointer that such a loop walks along gets a base of its own, a `freeze` of the
// memory's, which LLVM does not see through and which costs no instruction.
//
// Nor is such a loop unrolled again where that needs another loop for what is left.
#include "lower.h"

enum { MAX_ACCESSES = 128, MAX_STREAMS = 8, MAX_CHAIN = 8 };

// What a loop accesses at constant distances from one value that it changes.
struct stream {
  LLVMValueRef base, root;
  int64_t first_distance;
  bool has_many; // accesses at different distances
  bool has_store;
  LLVMValueRef own_base;
};

// An access: the address computation whose base is the memory's, and what the distance is from.
struct access {
  LLVMValueRef gep;
  uint32_t stream;
};

struct loop {
  LLVMBasicBlockRef block;
  struct stream streams[MAX_STREAMS];
  uint32_t stream_count;
  struct access accesses[MAX_ACCESSES];
  uint32_t access_count;
};

static bool is_in(LLVMValueRef value, LLVMBasicBlockRef block) {
  return LLVMIsAInstruction(value) && LLVMGetInstructionParent(value) == block;
}

// Takes constants off an index, which may be narrower than the address.
static LLVMValueRef root_of(LLVMValueRef index, int64_t *distance) {
  for (int i = 0; i < MAX_CHAIN && LLVMIsAInstruction(index); i++) {
    LLVMOpcode opcode = LLVMGetInstructionOpcode(index);
    if (opcode == LLVMZExt) {
      index = LLVMGetOperand(index, 0);
    } else if (opcode == LLVMAdd && LLVMIsAConstantInt(LLVMGetOperand(index, 1))) {
      *distance += LLVMConstIntGetSExtValue(LLVMGetOperand(index, 1));
      index = LLVMGetOperand(index, 0);
    } else {
      break;
    }
  }
  return index;
}

static uint32_t find_stream(struct loop *loop, LLVMValueRef base, LLVMValueRef root,
                            int64_t distance) {
  uint32_t i = 0;
  while (i < loop->stream_count && (loop->streams[i].base != base || loop->streams[i].root != root))
    i++;
  if (i == loop->stream_count && i < MAX_STREAMS)
    loop->streams[loop->stream_count++] =
        (struct stream){.base = base, .root = root, .first_distance = distance};
  return i;
}

// Adds a load or store whose address changes in the loop; false when there are too many.
static bool add_access(struct loop *loop, LLVMValueRef instr, bool is_store) {
  LLVMValueRef address = LLVMGetOperand(instr, is_store ? 1 : 0), gep = NULL;
  int64_t distance = 0;
  for (int i = 0; i < MAX_CHAIN && wa_is_offset(address) && is_in(address, loop->block); i++) {
    gep = address;
    address = LLVMGetOperand(gep, 0);
    if (!LLVMIsAConstantInt(LLVMGetOperand(gep, 1)))
      break;
    distance += LLVMConstIntGetSExtValue(LLVMGetOperand(gep, 1));
  }
  if (!gep || LLVMIsAConstantInt(LLVMGetOperand(gep, 1)) || is_in(address, loop->block))
    return true;
  LLVMValueRef root = root_of(LLVMGetOperand(gep, 1), &distance);
  if (!is_in(root, loop->block))
    return true;
  uint32_t number = find_stream(loop, address, root, distance);
  if (number == MAX_STREAMS || loop->access_count == MAX_ACCESSES)
    return false;
  struct stream *stream = &loop->streams[number];
  stream->has_store |= is_store;
  stream->has_many |= distance != stream->first_distance;
  loop->accesses[loop->access_count++] = (struct access){gep, number};
  return true;
}

// Finds the accesses of a loop that the vectoriser could take; false when it is none.
static bool find_accesses(struct loop *loop) {
  LLVMValueRef instr = LLVMGetFirstInstruction(loop->block);
  for (; instr; instr = LLVMGetNextInstruction(instr)) {
    LLVMOpcode opcode = LLVMGetInstructionOpcode(instr);
    bool is_store = opcode == LLVMStore;
    if (opcode == LLVMFence || opcode == LLVMAtomicRMW || opcode == LLVMAtomicCmpXchg ||
        (opcode == LLVMCall && LLVMGetIntrinsicID(LLVMGetCalledValue(instr)) == 0))
      return false;
    if (opcode != LLVMLoad && !is_store)
      continue;
    if (LLVMGetVolatile(instr) || LLVMGetOrdering(instr) != LLVMAtomicOrderingNotAtomic ||
        !add_access(loop, instr, is_store))
      return false;
  }
  return true;
}

static bool is_unrolled(const struct loop *loop) {
  for (uint32_t i = 0; i < loop->stream_count; i++)
    if (loop->streams[i].has_many)
      return true;
  return false;
}

// Whether the vectoriser would check a stored stream against itself.
static bool needs_bases(const struct loop *loop) {
  bool has_many_stores = false;
  for (uint32_t i = 0; i < loop->stream_count; i++)
    has_many_stores |= loop->streams[i].has_many && loop->streams[i].has_store;
  return has_many_stores && loop->stream_count > 1;
}

// The freezes are made where the base is: were they made in the loop around this one, LLVM could
// not move the checks out of that.
static void position_behind(struct wa_lower *lower, LLVMValueRef function, LLVMValueRef base) {
  LLVMBasicBlockRef block =
      LLVMIsAInstruction(base) ? LLVMGetInstructionParent(base) : LLVMGetEntryBasicBlock(function);
  LLVMPositionBuilderBefore(lower->builder, LLVMGetBasicBlockTerminator(block));
}

static void give_bases(struct wa_lower *lower, struct loop *loop, LLVMValueRef function) {
  for (uint32_t i = 0; i < loop->stream_count; i++) {
    position_behind(lower, function, loop->streams[i].base);
    loop->streams[i].own_base = LLVMBuildFreeze(lower->builder, loop->streams[i].base, "");
  }
  for (uint32_t i = 0; i < loop->access_count; i++)
    LLVMSetOperand(loop->accesses[i].gep, 0, loop->streams[loop->accesses[i].stream].own_base);
}

void wa_separate_streams(struct wa_lower *lower, LLVMValueRef function) {
  for (LLVMBasicBlockRef block = LLVMGetFirstBasicBlock(function); block;
       block = LLVMGetNextBasicBlock(block)) {
    LLVMBasicBlockRef preheader = wa_preheader_of(block);
    struct loop loop = {.block = block};
    if (!preheader || !find_accesses(&loop))
      continue;
    if (needs_bases(&loop))
      give_bases(lower, &loop, function);
    // Unrolled once more by a number that does not divide its turns, it would have a loop in front
    // for what is left, and most turns of short loops would be in that.
    if (is_unrolled(&loop))
      wa_advise_loop(lower, block, "llvm.loop.unroll.runtime.disable", 0);
  }
}

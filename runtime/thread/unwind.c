#include "runtime/thread/unwind.h"

#include "runtime/code/cfi.h"
#include "runtime/code/code.h"

#include <string.h>

// Frames visited at most, kept or not: a runaway recursion has hundreds of thousands.
enum { MAX_VISITED = 20000 };

struct walk {
  const struct wa_thread *thread;
  struct wa_kept_locals *locals; // where they go, or NULL
  bool innermost;                // no frame has been left yet
  uintptr_t registers[WA_DWARF_REGISTERS];
};

static bool read_stack(const struct walk *walk, uintptr_t address, uintptr_t *value) {
  const struct wa_thread *thread = walk->thread;
  if (address % sizeof *value != 0 || address < thread->stack_low ||
      address > thread->stack_high - sizeof *value) {
    return false;
  }
  memcpy(value, (const void *)address, sizeof *value);
  return true;
}

// Whether a frame's return address may be in its register still: then the frame may be empty, too.
static bool is_leaf(const struct walk *walk, const struct wa_cfi_row *row) {
  return WA_CALL_IN_REGISTER != 0 && walk->innermost && !wa_cfi_is_saved(row, WA_DWARF_RA);
}

// Where a function of AArch64 that takes its stack arguments off ends, LLVM puts the CFA below the
// stack pointer; when the function has no frame, for all code behind that end, too, which is wrong.
// The callers of such functions count from their frame pointers: whether the stack pointer is right
// by the size of the arguments is nothing to them.
static uintptr_t cfa_of(const struct walk *walk, const struct wa_cfi_row *row, bool leaf) {
  bool below = row->cfa_register == WA_DWARF_SP && (int64_t)row->cfa_offset < 0;
  return walk->registers[row->cfa_register] + (leaf && below ? 0 : row->cfa_offset);
}

// From a frame to its caller.
static bool step(struct walk *walk, const struct wa_code *code, uint32_t text_offset) {
  struct wa_cfi_row row;
  uint64_t args_size;
  if (!wa_cfi_find(code, text_offset, &row, &args_size)) {
    return false;
  }
  bool leaf = is_leaf(walk, &row);
  uintptr_t cfa = cfa_of(walk, &row, leaf);
  // The stack must shrink, or a hostile table could walk in circles.
  if (cfa < walk->registers[WA_DWARF_SP] || (cfa == walk->registers[WA_DWARF_SP] && !leaf) ||
      (!wa_cfi_is_saved(&row, WA_DWARF_RA) && !leaf)) {
    return false;
  }
  for (unsigned i = 0; i < WA_DWARF_REGISTERS; i++) {
    if (wa_cfi_is_saved(&row, i) &&
        !read_stack(walk, cfa + (uint64_t)(int64_t)row.offsets[i], &walk->registers[i])) {
      return false;
    }
  }
  walk->registers[WA_DWARF_SP] = cfa;
  walk->innermost = false;
  return true;
}

// After the step to a function's caller: what that passed as the context. A module with tail calls
// has a convention in which callees need not preserve it.
static uintptr_t context_of(const struct walk *walk, const struct wa_artifact *artifact) {
  bool kept = WA_DWARF_CONTEXT >= 0 && (artifact->note.wasm_features & WA_FEATURE_TAIL_CALL) == 0;
  return kept ? walk->registers[WA_DWARF_CONTEXT < 0 ? 0 : WA_DWARF_CONTEXT] : 0;
}

// `before` has the registers of the frame, which the walk has left if `stepped`.
static void keep_locals(const struct walk *walk, const struct walk *before, bool stepped,
                        struct wa_raw_frame *frame) {
  struct wa_kept_locals *locals = walk->locals;
  const struct wa_meta_code *row = wa_code_row(frame->code, frame->text_offset);
  if (row == NULL || row->kind != WA_CODE_FUNC) {
    return;
  }
  struct wa_locals_frame where = {.registers = before->registers,
                                  .cfa = stepped ? walk->registers[WA_DWARF_SP] : 0,
                                  .innermost = before->innermost,
                                  .stack_low = walk->thread->stack_low,
                                  .stack_high = walk->thread->stack_high};
  frame->first_local = locals->count;
  frame->local_count =
      wa_locals_read(frame->code->artifact, row->index, frame->text_offset, &where,
                     locals->values + locals->count, WA_MAX_KEPT_LOCALS - locals->count);
  locals->count += frame->local_count;
}

// The trapping pc is an instruction's own; every further one is a return address, which may belong
// to the next function when the call was the last instruction of its own.
static void record(struct walk *walk, uintptr_t pc, struct wa_fault *fault) {
  fault->frame_count = 0;
  fault->frames_dropped = 0;
  for (uint32_t visited = 0; visited < MAX_VISITED; visited++) {
    const struct wa_code *code = wa_code_find(pc);
    if (code == NULL) {
      return;
    }
    uint32_t text_offset = (uint32_t)(pc - (uintptr_t)code->text);
    struct wa_raw_frame *frame = NULL;
    if (fault->frame_count < WA_MAX_FRAMES) {
      frame = &fault->frames[fault->frame_count++];
      *frame = (struct wa_raw_frame){.code = code, .text_offset = text_offset};
    } else {
      fault->frames_dropped++;
    }
    struct walk before = *walk;
    bool stepped = step(walk, code, text_offset);
    if (frame != NULL && walk->locals != NULL) {
      keep_locals(walk, &before, stepped, frame);
    }
    if (!stepped) {
      return;
    }
    if (frame != NULL) {
      frame->context = context_of(walk, code->artifact);
    }
    pc = walk->registers[WA_DWARF_RA] - 1;
  }
}

void wa_unwind_record(const struct wa_thread *thread, const void *context, struct wa_fault *fault,
                      struct wa_kept_locals *locals) {
  struct walk walk = {.thread = thread, .locals = locals, .innermost = true};
  if (locals != NULL) {
    locals->count = 0;
  }
  wa_arch_registers(context, walk.registers);
  record(&walk, wa_arch_pc(context), fault);
}

void wa_unwind_callers(const struct wa_thread *thread,
                       const uintptr_t registers[WA_DWARF_REGISTERS], struct wa_fault *fault) {
  struct walk walk = {.thread = thread};
  memcpy(walk.registers, registers, sizeof walk.registers);
  record(&walk, registers[WA_DWARF_RA] - 1, fault);
}

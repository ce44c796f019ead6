// Apart from the rest, as it needs the library that unwinds C. Without that a thread that is in C
// has no frames.
#include "runtime/code/code.h"
#include "runtime/thread/snapshot.h"
#include "runtime/thread/unwind.h"

#ifdef WASMAOT_HAS_UNWINDER
#include <unwind.h>

// Frames of C looked at for the compiled code that called them.
enum { MAX_HOST_FRAMES = 64, GENERAL_REGISTERS = 32 };

struct search {
  uint32_t visited;
  bool found;
  uintptr_t registers[WA_DWARF_REGISTERS];
};

// Compiled functions walk by registers that callees preserve, which every frame of C knows where to
// find, and so does the compiler's library that unwinds for exceptions. Its frames end where ours
// begin: it has no table of compiled code.
static _Unwind_Reason_Code look(struct _Unwind_Context *frame, void *arg) {
  struct search *search = arg;
  uintptr_t pc = (uintptr_t)_Unwind_GetIP(frame);
  if (wa_code_find(pc - 1) == NULL) {
    return ++search->visited < MAX_HOST_FRAMES ? _URC_NO_REASON : _URC_END_OF_STACK;
  }
  for (unsigned i = 0; i < WA_SAVED_REGISTERS; i++) {
    unsigned number = wa_arch_saved[i];
    if (i != WA_SAVED_SP && i != WA_SAVED_RA && number < GENERAL_REGISTERS) {
      search->registers[number] = (uintptr_t)_Unwind_GetGR(frame, (int)number);
    }
  }
  search->registers[WA_DWARF_SP] = (uintptr_t)_Unwind_GetCFA(frame);
  search->registers[WA_DWARF_RA] = pc;
  search->found = true;
  return _URC_END_OF_STACK;
}

static void record_callers(const struct wa_thread *thread, struct wa_fault *stack) {
  struct search search = {.visited = 0};
  (void)_Unwind_Backtrace(look, &search);
  if (search.found) {
    wa_unwind_callers(thread, search.registers, stack);
  }
}

static _Unwind_Reason_Code nothing(struct _Unwind_Context *frame, void *arg) {
  (void)frame;
  (void)arg;
  return _URC_END_OF_STACK;
}

void wa_snapshot_prepare(void) {
  (void)_Unwind_Backtrace(nothing, NULL);
}
#else
static void record_callers(const struct wa_thread *thread, struct wa_fault *stack) {
  (void)thread;
  (void)stack;
}

void wa_snapshot_prepare(void) {
}
#endif

void wa_snapshot_take(struct wa_snapshot *snapshot, const struct wa_thread *thread,
                      const void *context) {
  snapshot->parked = thread->parked;
  (void)clock_gettime(CLOCK_MONOTONIC_COARSE, &snapshot->now);
  (void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &snapshot->cpu);
  snapshot->stack.frame_count = 0;
  snapshot->stack.frames_dropped = 0;
  if (thread->activation == NULL) {
    // No guest is in progress.
  } else if (wa_code_find(wa_arch_pc(context)) != NULL) {
    wa_unwind_record(thread, context, &snapshot->stack, NULL);
  } else {
    record_callers(thread, &snapshot->stack);
  }
  atomic_store(&snapshot->state, WA_SNAPSHOT_TAKEN); // from here on it may be freed
}

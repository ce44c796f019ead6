#include "runtime/call/trap.h"

#include "runtime/code/code.h"
#include "runtime/code/lines.h"
#include "runtime/object/types.h"

#include <string.h>

const char *wa_trap_name(enum wa_trap_code code) {
  switch (code) {
  case WA_TRAP_UNREACHABLE:
    return "unreachable";
  case WA_TRAP_MEMORY_OUT_OF_BOUNDS:
    return "out of bounds memory access";
  case WA_TRAP_TABLE_OUT_OF_BOUNDS:
    return "out of bounds table access";
  case WA_TRAP_UNDEFINED_ELEMENT:
    return "undefined element";
  case WA_TRAP_UNINITIALIZED_ELEMENT:
    return "uninitialized element";
  case WA_TRAP_INDIRECT_CALL_TYPE:
    return "indirect call type mismatch";
  case WA_TRAP_INTEGER_DIVIDE_BY_ZERO:
    return "integer divide by zero";
  case WA_TRAP_INTEGER_OVERFLOW:
    return "integer overflow";
  case WA_TRAP_INVALID_CONVERSION:
    return "invalid conversion to integer";
  case WA_TRAP_UNALIGNED_ATOMIC:
    return "unaligned atomic";
  case WA_TRAP_EXPECTED_SHARED_MEMORY:
    return "expected shared memory";
  case WA_TRAP_NULL_REFERENCE:
    return "null reference";
  case WA_TRAP_NULL_FUNCTION:
    return "null function reference";
  case WA_TRAP_UNCAUGHT_EXCEPTION:
    return "uncaught exception";
  case WA_TRAP_NULL_EXCEPTION:
    return "null exception reference";
  case WA_TRAP_STACK_EXHAUSTED:
    return "call stack exhausted";
  case WA_TRAP_HOST:
    return "host function failed";
  case WA_TRAP_INTERRUPTED:
    return "interrupted";
  case WA_TRAP_TIMEOUT:
    return "time limit exceeded";
  case WA_TRAP_SYSTEM:
    return "refused by the system";
  case WA_TRAP_NONE:
  case WA_TRAP_CODE_COUNT:
    break;
  }
  return "unknown trap";
}

static void copy_cut(char *to, size_t to_size, const char *from, size_t from_size) {
  size_t size = from_size < to_size - 1 ? from_size : to_size - 1;
  memcpy(to, from, size);
  to[size] = '\0';
}

// ---- Types of indirect calls ----

// Of an artifact's own, or of the process: what a report can say of both.
static bool own_signature(const struct wa_meta *meta, uintptr_t number,
                          struct wa_signature *signature) {
  if (number == 0 || number > meta->types.count) {
    return false;
  }
  const struct wa_meta_type *row =
      WA_META_ROW(meta, types, struct wa_meta_type, (uint32_t)number - 1);
  signature->params = WA_META_ROW(meta, valtypes, uint32_t, row->valtypes);
  signature->results = signature->params + row->param_count;
  signature->param_count = row->param_count;
  signature->result_count = row->result_count;
  return true;
}

static bool signatures_of(const struct wa_fault *fault, struct wa_signature *expected,
                          struct wa_signature *found) {
  const struct wa_arch_types *types = &fault->types;
  if (types->expected == 0 || fault->frame_count == 0) {
    return false;
  }
  if (types->own) {
    const struct wa_meta *meta = fault->frames[0].code->artifact->meta;
    return own_signature(meta, types->expected, expected) &&
           own_signature(meta, types->found, found);
  }
  *expected = *wa_type_signature((uint32_t)types->expected);
  *found = *wa_func_signature((const struct wa_func_ref *)types->found);
  return true;
}

static void name_types(struct wa_trap *trap, const struct wa_fault *fault) {
  struct wa_signature expected, found;
  char want[96], have[96];
  if (signatures_of(fault, &expected, &found)) {
    (void)snprintf(trap->message, sizeof trap->message, "%s: expected %s, found %s",
                   wa_trap_name(trap->code), wa_signature_text(&expected, want, sizeof want),
                   wa_signature_text(&found, have, sizeof have));
  }
}

static void set_message(struct wa_trap *trap, const char *message) {
  copy_cut(trap->message, sizeof trap->message, message, strlen(message));
}

void wa_trap_init(struct wa_trap *trap, enum wa_trap_code code) {
  trap->code = code;
  trap->exited = false;
  trap->exit_status = 0;
  trap->frame_count = 0;
  trap->frames_dropped = 0;
  set_message(trap, wa_trap_name(code));
}

// Copies what is in use: most of the struct is room for frames.
static void copy_trap(struct wa_trap *to, const struct wa_trap *from) {
  memcpy(to, from, offsetof(struct wa_trap, frames) + from->frame_count * sizeof from->frames[0]);
}

// Of a path that is too long its end says more.
static void set_line(struct wa_frame *frame, const struct wa_source_line *line) {
  size_t room = sizeof frame->file - 1;
  size_t cut = line->path_size > room ? line->path_size - room : 0;
  copy_cut(frame->file, sizeof frame->file, line->path + cut, line->path_size - cut);
  frame->line = line->line;
}

// The next frame, or NULL when there is no room for it.
static struct wa_frame *next_frame(struct wa_trap *trap) {
  if (trap->frame_count == WA_MAX_FRAMES) {
    trap->frames_dropped++;
    return NULL;
  }
  return &trap->frames[trap->frame_count++];
}

static void fill_frame(struct wa_frame *frame, const struct wa_raw_frame *raw,
                       const struct wa_meta_code *row, const struct wa_source_line *line) {
  const struct wa_artifact *artifact = raw->code->artifact;
  const struct wa_meta *meta = artifact->meta;
  const struct wa_meta_func *func = WA_META_ROW(meta, funcs, struct wa_meta_func, row->index);
  frame->function = row->index;
  frame->offset = raw->text_offset - row->text_offset;
  frame->text = raw->text_offset;
  frame->inlined = false;
  frame->context = raw->context;
  frame->origin = artifact;
  frame->first_local = raw->first_local;
  frame->local_count = raw->local_count;
  copy_cut(frame->artifact, sizeof frame->artifact, artifact->name, strlen(artifact->name));
  copy_cut(frame->name, sizeof frame->name, wa_meta_chars(meta, func->name), func->name.length);
  set_line(frame, line);
}

// Functions only: trampolines and shims say nothing to a reader of a backtrace.
static void add_frame(struct wa_trap *trap, const struct wa_raw_frame *raw) {
  const struct wa_artifact *artifact = raw->code->artifact;
  const struct wa_meta_code *row = wa_code_row(raw->code, raw->text_offset);
  if (row == NULL || row->kind != WA_CODE_FUNC) {
    return;
  }
  struct wa_source_line line = {.path = ""};
  struct wa_inlined inlined = {.name_size = 0};
  (void)wa_lines_find(artifact, raw->text_offset, &line);
  // From the innermost inlined call outwards, and the function itself last.
  uint32_t at = WA_NONE;
  bool inside;
  do {
    inside = wa_lines_inlined(artifact, raw->text_offset, &at, &inlined);
    struct wa_frame *frame = next_frame(trap);
    if (frame != NULL) {
      fill_frame(frame, raw, row, &line);
      frame->inlined = inside;
      if (inside) {
        copy_cut(frame->name, sizeof frame->name, inlined.name, inlined.name_size);
      }
    }
    line = inlined.call;
  } while (inside);
}

void wa_trap_add_frames(struct wa_trap *trap, const struct wa_fault *fault) {
  for (uint32_t i = 0; i < fault->frame_count; i++) {
    add_frame(trap, &fault->frames[i]);
  }
  trap->frames_dropped += fault->frames_dropped;
}

void wa_trap_from_reason(struct wa_trap *trap, struct wa_thread *thread) {
  if (thread->raised) {
    copy_trap(trap, &thread->reason);
    thread->raised = false;
    for (uint32_t i = 0; i < trap->frame_count; i++) {
      trap->frames[i].local_count = 0; // of a nested call: the caller's are in their place
    }
  } else {
    wa_trap_init(trap, WA_TRAP_HOST);
  }
}

void wa_trap_from_fault(struct wa_trap *trap, struct wa_thread *thread) {
  const struct wa_fault *fault = &thread->fault;
  if (fault->code == WA_TRAP_HOST) {
    // With the frames of the nested call whose trap was passed on, if that is what it was: ours
    // follow as its callers.
    wa_trap_from_reason(trap, thread);
  } else {
    wa_trap_init(trap, fault->code);
  }
  if (fault->code == WA_TRAP_INDIRECT_CALL_TYPE) {
    name_types(trap, fault);
  }
  wa_trap_add_frames(trap, fault);
}

// The record of why this thread's host function fails, or NULL when there is no memory for one.
static struct wa_trap *start_reason(enum wa_trap_code code) {
  struct wa_thread *thread = wa_thread_current();
  if (thread == NULL) {
    return NULL;
  }
  thread->raised = true;
  wa_trap_init(&thread->reason, code);
  return &thread->reason;
}

bool wa_raise(enum wa_trap_code code, const char *format, ...) {
  struct wa_trap *reason = start_reason(code);
  if (reason != NULL) {
    va_list args;
    va_start(args, format);
    (void)vsnprintf(reason->message, sizeof reason->message, format, args);
    va_end(args);
  }
  return false;
}

bool wa_raise_exit(int status) {
  struct wa_trap *reason = start_reason(WA_TRAP_HOST);
  if (reason != NULL) {
    reason->exited = true;
    reason->exit_status = status;
    (void)snprintf(reason->message, sizeof reason->message, "exited with status %d", status);
  }
  return false;
}

bool wa_raise_trap(const struct wa_trap *trap) {
  struct wa_trap *reason = start_reason(trap->code);
  if (reason != NULL) {
    copy_trap(reason, trap);
  }
  return false;
}

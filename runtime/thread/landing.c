#include "runtime/thread/landing.h"

#include "runtime/code/cfi.h"
#include "runtime/code/cfi_cursor.h"
#include "runtime/code/code.h"
#include "runtime/thread/thread.h"

#include <string.h>

_Static_assert(WA_SAVED_REGISTERS <= 32, "struct wa_landing_step has a bit for each");
_Static_assert(WA_LANDING_STEPS <= UINT8_MAX + 1, "struct wa_landing_step has their index");

// ---- The call-site tables ----

enum { DW_EH_PE_OMIT = 0xff, DW_EH_PE_ULEB128 = 0x01, DW_EH_PE_UDATA4 = 0x03 };

static uint64_t read_call_site(struct wa_cfi_cursor *cursor, uint64_t encoding) {
  return encoding == DW_EH_PE_UDATA4 ? wa_cfi_fixed(cursor, 4) : wa_cfi_uleb(cursor);
}

// The call-site table of a function (Itanium C++ ABI: exception handling, LSDA): ranges of its code
// and their landing pads, all from its start. True when `offset` has one.
static bool find_landing(const struct wa_code *code, uint32_t lsda, uint64_t offset,
                         uint64_t *landing) {
  struct wa_cfi_cursor cursor = {.at = code->text + lsda, .end = code->text + code->text_size};
  if (wa_cfi_fixed(&cursor, 1) != DW_EH_PE_OMIT) {
    return false; // landing pads from elsewhere: LLVM does not write it
  }
  if (wa_cfi_fixed(&cursor, 1) != DW_EH_PE_OMIT) {
    (void)wa_cfi_uleb(&cursor); // where the types are
  }
  uint64_t encoding = wa_cfi_fixed(&cursor, 1);
  if (encoding != DW_EH_PE_ULEB128 && encoding != DW_EH_PE_UDATA4) {
    return false;
  }
  uint64_t size = wa_cfi_uleb(&cursor);
  if (cursor.bad || size > (uint64_t)(cursor.end - cursor.at)) {
    return false;
  }
  cursor.end = cursor.at + size;
  while (cursor.at < cursor.end) {
    uint64_t start = read_call_site(&cursor, encoding);
    uint64_t length = read_call_site(&cursor, encoding);
    *landing = read_call_site(&cursor, encoding);
    (void)wa_cfi_uleb(&cursor); // the action: every landing pad takes everything
    if (!cursor.bad && offset >= start && offset - start < length) {
      return *landing != 0;
    }
  }
  return false;
}

// The landing pad of a call, or 0.
static uintptr_t find_pad(const struct wa_code *code, uint32_t text_offset) {
  const struct wa_unwind_entry *entry = wa_cfi_entry(code, text_offset);
  uint64_t landing;
  if (entry == NULL || entry->lsda == WA_NONE ||
      !find_landing(code, entry->lsda, text_offset - entry->text_offset, &landing) ||
      landing >= code->text_size - entry->text_offset) {
    return 0;
  }
  return (uintptr_t)code->text + entry->text_offset + landing;
}

// ---- Steps ----

static bool saved_index(uint64_t dwarf_number, uint8_t *index) {
  for (unsigned i = 0; i < WA_SAVED_REGISTERS; i++) {
    if (wa_arch_saved[i] == dwarf_number) {
      *index = (uint8_t)i;
      return true;
    }
  }
  return false;
}

static bool fill_offset(struct wa_landing_step *step, const struct wa_cfi_row *row, unsigned i) {
  int32_t offset = row->offsets[wa_arch_saved[i]];
  if (offset % 8 != 0 || offset / 8 < INT16_MIN || offset / 8 > INT16_MAX) {
    return false;
  }
  step->saved |= i == WA_SAVED_RA ? 0 : 1u << i;
  step->offsets[i] = (int16_t)(offset / 8);
  return true;
}

// False for what no code of LLVM's has: a function that called has saved its return address, next
// to its CFA, and counts from the stack pointer or a register that callees preserve.
static bool fill(struct wa_landing_step *step, const struct wa_cfi_row *row, uint64_t args_size) {
  if (!saved_index(row->cfa_register, &step->cfa_register) || row->cfa_offset > UINT32_MAX ||
      args_size > UINT32_MAX || !wa_cfi_is_saved(row, WA_DWARF_RA)) {
    return false;
  }
  step->cfa_offset = (uint32_t)row->cfa_offset;
  step->args_size = (uint32_t)args_size;
  step->saved = 0;
  step->next = 0;
  for (unsigned i = 0; i < WA_SAVED_REGISTERS; i++) {
    // The caller's stack pointer is the CFA by definition.
    if (i != WA_SAVED_SP && wa_cfi_is_saved(row, wa_arch_saved[i]) && !fill_offset(step, row, i)) {
      return false;
    }
  }
  return true;
}

static bool make_step(struct wa_landing_step *step, uint64_t generation, uintptr_t pc) {
  // The return address may belong to the next function when the call was the last instruction.
  uintptr_t call = pc - 1;
  const struct wa_code *code = wa_code_find(call);
  if (code == NULL) {
    return false;
  }
  uint32_t text_offset = (uint32_t)(call - (uintptr_t)code->text);
  struct wa_cfi_row row;
  uint64_t args_size;
  if (!wa_cfi_find(code, text_offset, &row, &args_size) || !fill(step, &row, args_size)) {
    return false;
  }
  step->pad = find_pad(code, text_offset);
  step->pc = pc;
  step->generation = generation;
  return true;
}

static inline bool is_of(const struct wa_landing_step *step, uint64_t generation, uintptr_t pc) {
  return step->pc == pc && step->generation == generation;
}

// Makes a step in a place of two, of which the older one goes.
static struct wa_landing_step *new_step(struct wa_landing_step *place, uint64_t generation,
                                        uintptr_t pc) {
  struct wa_landing_step step;
  if (!make_step(&step, generation, pc)) {
    return NULL;
  }
  place[1] = place[0];
  place[0] = step;
  return &place[0];
}

// The step of a return address; NULL outside of compiled code and where frame information fails.
static struct wa_landing_step *find_step(struct wa_landing_cache *cache, uint64_t generation,
                                         uintptr_t pc) {
  // The high bits of a product depend on all of the address.
  uint64_t hash = pc * UINT64_C(0x9E3779B97F4A7C15) >> (64 - WA_LANDING_SET_BITS);
  struct wa_landing_step *place = &cache->steps[2 * hash];
  if (is_of(&place[0], generation, pc)) {
    return &place[0];
  }
  return is_of(&place[1], generation, pc) ? &place[1] : new_step(place, generation, pc);
}

// The same for the caller of a step's function. The processor goes on with the guess while the
// address is still to be loaded and hashed, which would take as long as all the rest of a frame.
static inline struct wa_landing_step *next_step(struct wa_landing_cache *cache, uint64_t generation,
                                                struct wa_landing_step *step, uintptr_t pc) {
  struct wa_landing_step *next = &cache->steps[step->next];
  if (!is_of(next, generation, pc)) {
    next = find_step(cache, generation, pc);
    step->next = (uint8_t)(next == NULL ? 0 : next - cache->steps);
  }
  return next;
}

// ---- The walk ----

struct walk {
  uintptr_t *registers; // but for these two
  uintptr_t sp;
  uintptr_t pc;        // the return address
  uintptr_t stack_low; // of the guest stack
  uintptr_t stack_high;
};

static inline bool read_stack(const struct walk *walk, uintptr_t cfa, int16_t offset,
                              uintptr_t *value) {
  uintptr_t address = cfa + (uintptr_t)((intptr_t)offset * 8);
  if (address < walk->stack_low || address > walk->stack_high - sizeof *value) {
    return false;
  }
  memcpy(value, (const void *)address, sizeof *value);
  return true;
}

// From a function's registers to its caller's. The stack must shrink, or a hostile table could walk
// in circles.
static inline bool leave_frame(struct walk *walk, const struct wa_landing_step *step) {
  uintptr_t base =
      step->cfa_register == WA_SAVED_SP ? walk->sp : walk->registers[step->cfa_register];
  uintptr_t cfa = base + step->cfa_offset;
  if (cfa % sizeof cfa != 0 || cfa <= walk->sp || cfa > walk->stack_high ||
      !read_stack(walk, cfa, step->offsets[WA_SAVED_RA], &walk->pc)) {
    return false;
  }
  for (uint32_t left = step->saved; left != 0; left &= left - 1) {
    int i = __builtin_ctz(left);
    if (!read_stack(walk, cfa, step->offsets[i], &walk->registers[i])) {
      return false;
    }
  }
  walk->sp = cfa;
  return true;
}

bool wa_landing_find(struct wa_thread *thread, uintptr_t registers[WA_SAVED_REGISTERS]) {
  uint64_t generation = wa_code_generation();
  struct walk walk = {
      .registers = registers,
      .sp = registers[WA_SAVED_SP],
      .pc = registers[WA_SAVED_RA],
      .stack_low = thread->stack_low,
      .stack_high = thread->stack_high,
  };
  // The function that throws has no landing pad for it: compiled code would have branched to it.
  struct wa_landing_step *step = find_step(&thread->landings, generation, walk.pc);
  while (step != NULL && leave_frame(&walk, step)) {
    step = next_step(&thread->landings, generation, step, walk.pc);
    if (step != NULL && step->pad != 0) {
      registers[WA_SAVED_SP] = walk.sp + step->args_size;
      registers[WA_SAVED_RA] = step->pad;
      return step->args_size <= walk.stack_high - walk.sp;
    }
  }
  return false;
}

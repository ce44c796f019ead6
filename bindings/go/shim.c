#include "shim.h"

#include "_cgo_export.h"

#include <stdlib.h>

// ---- Who uses a store ----

// Its address is the thread's.
static _Thread_local char self;

int wasmaot_go_enter(wasmaot_go_guard *guard) {
  uintptr_t me = (uintptr_t)&self;
  uintptr_t owner = __atomic_load_n(&guard->owner, __ATOMIC_RELAXED);
  if (owner != me) {
    owner = 0;
    if (!__atomic_compare_exchange_n(&guard->owner, &owner, me, false, __ATOMIC_ACQUIRE,
                                     __ATOMIC_RELAXED)) {
      return WASMAOT_GO_BUSY;
    }
  }
  guard->depth++;
  if (guard->closed != 0) {
    wasmaot_go_leave(guard);
    return WASMAOT_GO_CLOSED;
  }
  return WASMAOT_GO_ENTERED;
}

void wasmaot_go_leave(wasmaot_go_guard *guard) {
  if (--guard->depth == 0) {
    __atomic_store_n(&guard->owner, 0, __ATOMIC_RELEASE);
  }
}

// ---- Calls ----

enum { FEW = 16 };

// Cells are aligned as compiled code wants them, which what Go allocates need not be.
wasm_trap_t *wasmaot_go_call(const wasm_func_t *func, uint64_t *cells, size_t count) {
  _Alignas(16) wasmaot_cell_t few[FEW];
  wasmaot_cell_t *own = count <= FEW ? few : aligned_alloc(16, (count + 1) / 2 * 16);
  if (own == NULL) {
    return wasm_trap_new(NULL, &(wasm_message_t){14, (char[]){"out of memory"}});
  }
  if (count != 0) {
    memcpy(own, cells, count * sizeof *own);
  }
  wasm_trap_t *trap = wasmaot_func_call_cells(func, own);
  if (trap == NULL && count != 0) {
    memcpy(cells, own, count * sizeof *own);
  }
  if (own != few) {
    free(own);
  }
  return trap;
}

struct run {
  const wasm_func_t *func;
  uint64_t *cells;
  size_t count;
};

static wasm_trap_t *run_call(void *arg) {
  const struct run *run = arg;
  return wasmaot_go_call(run->func, run->cells, run->count);
}

wasm_trap_t *wasmaot_go_run(wasmaot_group_t *group, const wasm_func_t *func, uint64_t *cells,
                            size_t count) {
  struct run run = {func, cells, count};
  return wasmaot_group_run(group, run_call, &run);
}

static wasm_trap_t *call_back(void *env, const wasmaot_caller_t *caller, wasmaot_cell_t *cells) {
  return wasmaotGoCall((uintptr_t)env, (void *)(uintptr_t)caller, cells);
}

static void end(void *env) {
  wasmaotGoEnd((uintptr_t)env);
}

wasm_func_t *wasmaot_go_func_new(wasm_store_t *store, const wasm_functype_t *type,
                                 uintptr_t handle) {
  return wasmaot_func_new_cells(store, type, call_back, (void *)handle, end);
}

// ---- Copies ----

static size_t head_of(const uint8_t *at, size_t size) {
  size_t head = -(uintptr_t)at & 7;
  return head < size ? head : size;
}

void wasmaot_go_copy_out(uint8_t *to, const uint8_t *from, size_t size) {
  size_t i = 0;
  for (size_t head = head_of(from, size); i < head; i++) {
    to[i] = __atomic_load_n(from + i, __ATOMIC_RELAXED);
  }
  for (; size - i >= 8; i += 8) {
    uint64_t word = __atomic_load_n((const uint64_t *)(const void *)(from + i), __ATOMIC_RELAXED);
    memcpy(to + i, &word, 8);
  }
  for (; i < size; i++) {
    to[i] = __atomic_load_n(from + i, __ATOMIC_RELAXED);
  }
}

void wasmaot_go_copy_in(uint8_t *to, const uint8_t *from, size_t size) {
  size_t i = 0;
  for (size_t head = head_of(to, size); i < head; i++) {
    __atomic_store_n(to + i, from[i], __ATOMIC_RELAXED);
  }
  for (; size - i >= 8; i += 8) {
    uint64_t word;
    memcpy(&word, from + i, 8);
    __atomic_store_n((uint64_t *)(void *)(to + i), word, __ATOMIC_RELAXED);
  }
  for (; i < size; i++) {
    __atomic_store_n(to + i, from[i], __ATOMIC_RELAXED);
  }
}

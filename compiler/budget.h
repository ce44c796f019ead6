// What one compilation may take. LLVM cannot be interrupted, so this is looked at between its
// passes: effort.h bounds what one of them takes.
#ifndef WA_COMPILER_BUDGET_H
#define WA_COMPILER_BUDGET_H

#include "include/wa_error.h"

#include <stdbool.h>
#include <stdint.h>

struct wa_compile_budget {
  uint64_t memory;   // bytes that the process may have resident; UINT64_MAX: any number
  uint64_t asked;    // the same as it was asked for: how much more than at the start
  uint64_t deadline; // nanoseconds of CLOCK_MONOTONIC; UINT64_MAX: never
};

// From what may be taken from now on: bytes and nanoseconds, 0 for no limit.
void wa_compile_budget_init(struct wa_compile_budget *budget, uint64_t memory, uint64_t time);

// Whether there is something left. Any thread.
bool wa_compile_budget_check(const struct wa_compile_budget *budget, struct wa_error *err);

#endif

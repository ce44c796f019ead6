// Small programs of a few threads over a few bytes of shared memory, and what came of running one.
#ifndef LITMUS_PROGRAM_H
#define LITMUS_PROGRAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { MAX_THREADS = 4, MAX_OPS = 6, AREA = 16 };

enum op_kind { OP_LOAD, OP_STORE, OP_ADD, OP_XCHG, OP_CMPXCHG, OP_FENCE };

struct op {
  enum op_kind kind;
  bool atomic;     // always for the read-modify-writes
  bool wide;       // the i64 instruction, not the i32 one; always with 8 bytes
  uint8_t width;   // bytes: 1, 2, 4 or 8
  uint8_t address; // in the area; a multiple of the width when atomic
  uint64_t value;  // stored, added or put in place
  uint64_t expected;
};

struct program {
  char name[48];
  unsigned thread_count;
  unsigned op_count[MAX_THREADS];
  struct op ops[MAX_THREADS][MAX_OPS];
};

// What the loads and read-modify-writes saw, 0 for others, and the area in the end. Bytes that
// nobody wrote are 0. No padding: outcomes are compared as bytes.
struct outcome {
  uint64_t seen[MAX_THREADS][MAX_OPS];
  uint8_t memory[AREA];
};

static inline bool op_reads(const struct op *op) {
  return op->kind != OP_STORE && op->kind != OP_FENCE;
}

static inline uint64_t op_mask(const struct op *op) {
  return op->width == 8 ? UINT64_MAX : (UINT64_C(1) << (8 * op->width)) - 1;
}

// Whether an op writes when it saw `seen`, and what.
static inline bool op_writes(const struct op *op, uint64_t seen, uint64_t *value) {
  *value = (op->kind == OP_ADD ? seen + op->value : op->value) & op_mask(op);
  return op->kind == OP_STORE || op->kind == OP_ADD || op->kind == OP_XCHG ||
         (op->kind == OP_CMPXCHG && seen == op->expected);
}

// Prints a program, one thread a line.
void program_print(const struct program *program);
void outcome_print(const struct program *program, const struct outcome *outcome);

// ---- emit.c ----

// The program as a module: memory "m" of module "m" is imported, shared; a function "0", "1", ...
// per thread takes the area's address and returns an i64 for each op that reads. malloc.
uint8_t *program_emit(const struct program *program, size_t *size);

// ---- oracle.c ----

// Whether the memory model allows an outcome. `fences` says whether fences order what is around
// them; without, they do nothing.
bool outcome_allowed(const struct program *program, const struct outcome *outcome, bool fences);

// ---- machine.c ----

struct tally {
  struct outcome outcome;
  unsigned long count;
};

struct run {
  struct tally *tallies; // free with run_deinit
  size_t count;
  bool hung;
};

// Runs a program `times` times on threads of its own, compiled at `opt_level`. Ends the process
// when it cannot be compiled.
void run_program(const struct program *program, int opt_level, unsigned times, struct run *run);
void run_deinit(struct run *run);

// ---- generate.c ----

// The program of a seed.
void program_generate(uint64_t seed, struct program *program);

// ---- classic.c ----

struct classic {
  struct program program;
  bool forbidden;         // the outcome below
  struct outcome relaxed; // what the loads see; of the memory, only what open says not
  bool open[3];           // locations that may end with any value
  bool fences;            // order what is around them
};

// Whether an outcome is the one that the test is about.
bool classic_is_relaxed(const struct classic *classic, const struct outcome *outcome);

size_t classic_count(void);
void classic_get(size_t index, struct classic *classic);

// ---- wake.c ----

// Waiting, notifying and growing, with rules of their own; false when one is broken.
bool wake_tests(int opt_level, unsigned times);

#endif

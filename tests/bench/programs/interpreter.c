// A bytecode interpreter: one big switch, a program that counts primes by trial division.
#include "bench.h"

enum op { PUSH, LOAD, STORE, ADD, SUB, MUL, REM, LESS, EQUAL, JUMP, JUMP_IF_ZERO, XOR, DUP, END };

enum { LIMIT = 6000 };

const uint32_t bench_rounds = 160;

// n = 2; count = 0; while (n < LIMIT) { d = 2; while (d * d < n + 1) { if (n % d == 0) goto next;
// d = d + 1; } count = count + 1; next: n = n + 1; }
// clang-format off
static const int32_t program[] = {
    PUSH, 2,       STORE, 0,                       // 0: n = 2
    PUSH, 0,       STORE, 1,                       // 4: count = 0
    LOAD, 0,       PUSH,  LIMIT, LESS,             // 8: n < LIMIT
    JUMP_IF_ZERO,  63,                             // 13
    PUSH, 2,       STORE, 2,                       // 15: d = 2
    LOAD, 2,       DUP,   MUL,                     // 19: d * d
    LOAD, 0,       PUSH,  1,     ADD,  LESS,       // 23: < n + 1
    JUMP_IF_ZERO,  47,                             // 29
    LOAD, 0,       LOAD,  2,     REM,              // 31: n % d
    JUMP_IF_ZERO,  54,                             // 36
    LOAD, 2,       PUSH,  1,     ADD,  STORE, 2,   // 38: d = d + 1
    JUMP, 19,                                      // 45
    LOAD, 1,       PUSH,  1,     ADD,  STORE, 1,   // 47: count = count + 1
    LOAD, 0,       PUSH,  1,     ADD,  STORE, 0,   // 54: n = n + 1
    JUMP, 8,                                       // 61
    END,                                           // 63
};
// clang-format on

static int32_t interpret(void) {
  int32_t stack[16], variables[4] = {0};
  int32_t *top = stack;
  const int32_t *pc = program;
  for (;;) {
    switch (*pc++) {
    case PUSH:
      *top++ = *pc++;
      break;
    case LOAD:
      *top++ = variables[*pc++ & 3];
      break;
    case STORE:
      variables[*pc++ & 3] = *--top;
      break;
    case ADD:
      top--;
      top[-1] += top[0];
      break;
    case SUB:
      top--;
      top[-1] -= top[0];
      break;
    case MUL:
      top--;
      top[-1] *= top[0];
      break;
    case REM:
      top--;
      top[-1] %= top[0];
      break;
    case LESS:
      top--;
      top[-1] = top[-1] < top[0];
      break;
    case EQUAL:
      top--;
      top[-1] = top[-1] == top[0];
      break;
    case XOR:
      top--;
      top[-1] ^= top[0];
      break;
    case DUP:
      top[0] = top[-1];
      top++;
      break;
    case JUMP:
      pc = program + *pc;
      break;
    case JUMP_IF_ZERO:
      pc = *--top ? pc + 1 : program + *pc;
      break;
    default:
      return variables[1];
    }
  }
}

uint64_t bench(uint32_t rounds) {
  uint64_t sum = 0;
  for (uint32_t round = 0; round < rounds; round++)
    sum = bench_mix(sum, (uint32_t)interpret());
  return sum;
}

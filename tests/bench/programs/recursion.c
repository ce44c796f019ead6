// Recursion: Fibonacci's numbers, Ackermann's function, queens on a board, Hanoi's towers.
#include "bench.h"

enum { QUEENS = 8 };

const uint32_t bench_rounds = 640;

static uint32_t fibonacci(uint32_t n) {
  return n < 2 ? n : fibonacci(n - 1) + fibonacci(n - 2);
}

static uint32_t ackermann(uint32_t m, uint32_t n) {
  if (m == 0)
    return n + 1;
  return n == 0 ? ackermann(m - 1, 1) : ackermann(m - 1, ackermann(m, n - 1));
}

static uint32_t queens(uint32_t row, uint32_t columns, uint32_t rising, uint32_t falling) {
  if (row == QUEENS)
    return 1;
  uint32_t count = 0;
  for (uint32_t i = 0; i < QUEENS; i++) {
    uint32_t column = 1u << i, up = 1u << (row + i), down = 1u << (row - i + QUEENS);
    if ((columns & column) == 0 && (rising & up) == 0 && (falling & down) == 0)
      count += queens(row + 1, columns | column, rising | up, falling | down);
  }
  return count;
}

static uint64_t hanoi(uint32_t discs, uint64_t from, uint64_t to, uint64_t by) {
  if (discs == 0)
    return from * 3 + to;
  uint64_t first = hanoi(discs - 1, from, by, to);
  return bench_mix(first, hanoi(discs - 1, by, to, from));
}

uint64_t bench(uint32_t rounds) {
  uint64_t sum = 0;
  for (uint32_t round = 0; round < rounds; round++) {
    sum = bench_mix(sum, fibonacci(23 + round % 3));
    sum = bench_mix(sum, ackermann(2, 150 + round % 8) + ackermann(3, 5));
    sum = bench_mix(sum, queens(0, round % 2, 0, 0));
    sum = bench_mix(sum, hanoi(15, round, 2, 3));
  }
  return sum;
}

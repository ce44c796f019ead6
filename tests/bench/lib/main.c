// Runs the program: the first argument, if any, is the number of rounds.
#include "bench.h"
#include "host.h"

int main(int argc, char **argv) {
  // Both volatile: a compiler that sees the whole module may move a bench() that touches no memory
  // to before or behind both looks at the clock.
  volatile uint32_t rounds = argc > 1 ? (uint32_t)host_parse(argv[1]) : bench_rounds;
  int64_t start = bench_nanoseconds();
  volatile uint64_t checksum = bench(rounds);
  int64_t taken = bench_nanoseconds() - start;
  host_print("checksum", (int64_t)checksum);
  host_print("nanoseconds", taken);
  return 0;
}

// Traps in functions whose locals are known beforehand: for core dumps.
static __attribute__((noinline)) int inner(int a, long long b, double c) {
  int local = a * 3;
  if (local > 10)
    __builtin_trap();
  return local + (int)b + (int)c;
}

static __attribute__((noinline)) int outer(int n) {
  int sum = n + 1;
  sum += inner(n, 123456789012345ll, 2.5);
  return sum + n;
}

// chain(7): 11, 123456789012345 and 2.5 in the innermost function.
__attribute__((export_name("chain"))) int chain(int n) {
  return outer(n + 4) + n;
}

static __attribute__((noinline)) void stop(int now) {
  if (now)
    __builtin_trap();
}

// turns(9): after the loop the total is 232, half is 256 and part 3.25.
__attribute__((export_name("turns"))) long long turns(int n) {
  long long total = 0;
  double half = 0.5;
  float part = 1;
  int i;
  for (i = 0; i < n; i++) {
    total += (long long)i * i;
    half *= 2;
    part += 0.25f;
    if (i & 1)
      total ^= n;
  }
  stop(i == n);
  return total + i + (long long)half + (long long)part;
}

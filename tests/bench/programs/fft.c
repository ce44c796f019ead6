// A radix-2 fast Fourier transform of complex doubles in place, forward and back.
#include "bench.h"

enum { BITS = 13, N = 1 << BITS };

const uint32_t bench_rounds = 600;

static double re[N], im[N], cosine[N / 2], sine[N / 2];

// The unit circle, halved again and again: no library has to agree on sin and cos.
static void make_roots(void) {
  double c = -1, s = 0;
  cosine[0] = 1;
  sine[0] = 0;
  for (int step = N / 2; step > 1; step /= 2) {
    double half_c = __builtin_sqrt((1 + c) / 2);
    double half_s = step == N / 2 ? 1 : s / (2 * half_c);
    c = step == N / 2 ? 0 : half_c;
    s = half_s;
    for (int i = 0; i < N / 2; i += step) {
      cosine[i + step / 2] = cosine[i] * c - sine[i] * s;
      sine[i + step / 2] = sine[i] * c + cosine[i] * s;
    }
  }
}

static void reverse_bits(void) {
  for (int i = 0, j = 0; i < N; i++) {
    if (i < j) {
      double r = re[i], m = im[i];
      re[i] = re[j];
      im[i] = im[j];
      re[j] = r;
      im[j] = m;
    }
    int bit = N / 2;
    for (; (j & bit) != 0; bit /= 2)
      j ^= bit;
    j |= bit;
  }
}

static void transform(double sign) {
  reverse_bits();
  for (int size = 2; size <= N; size *= 2) {
    int half = size / 2, stride = N / size;
    for (int start = 0; start < N; start += size)
      for (int k = 0; k < half; k++) {
        int a = start + k, b = a + half;
        double wr = cosine[k * stride], wi = sign * sine[k * stride];
        double r = re[b] * wr - im[b] * wi, m = re[b] * wi + im[b] * wr;
        re[b] = re[a] - r;
        im[b] = im[a] - m;
        re[a] += r;
        im[a] += m;
      }
  }
}

uint64_t bench(uint32_t rounds) {
  uint32_t seed = 3;
  make_roots();
  for (int i = 0; i < N; i++) {
    re[i] = (double)(bench_random(&seed) % 1000) / 1000;
    im[i] = 0;
  }
  for (uint32_t round = 0; round < rounds; round++) {
    transform(1);
    transform(-1);
    for (int i = 0; i < N; i++) {
      re[i] /= N;
      im[i] /= N;
    }
  }
  uint64_t sum = 0;
  for (int i = 0; i < N; i += 13)
    sum = bench_mix(sum, bench_bits(re[i]));
  return sum;
}

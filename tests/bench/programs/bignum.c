// Big integers as elliptic curves use them: the Montgomery ladder of X25519 (RFC 7748) on ten limbs
// of 26 and 25 bits, whose products fit in 64.
#include "bench.h"

const uint32_t bench_rounds = 600;

typedef struct {
  int64_t limb[10];
} element;

static element add(element a, element b) {
  for (int i = 0; i < 10; i++)
    a.limb[i] += b.limb[i];
  return a;
}

static element subtract(element a, element b) {
  for (int i = 0; i < 10; i++)
    a.limb[i] -= b.limb[i];
  return a;
}

static element carry(element a) {
  for (int pass = 0; pass < 2; pass++)
    for (int i = 0; i < 10; i++) {
      int bits = i % 2 == 0 ? 26 : 25;
      int64_t over = (a.limb[i] + ((int64_t)1 << (bits - 1))) >> bits;
      a.limb[i] -= over * ((int64_t)1 << bits);
      a.limb[(i + 1) % 10] += i == 9 ? over * 19 : over;
    }
  return a;
}

// Limb i weighs 2^ceil(25.5 i): two odd limbs make twice the weight of their sum's limb.
static element multiply(element a, element b) {
  element result = {{0}};
  for (int i = 0; i < 10; i++)
    for (int j = 0; j < 10; j++) {
      int64_t factor = (i & j & 1) != 0 ? 2 : 1;
      if (i + j >= 10)
        factor *= 19;
      result.limb[(i + j) % 10] += (int64_t)(int32_t)a.limb[i] * (int32_t)b.limb[j] * factor;
    }
  return carry(result);
}

static element times_small(element a, int32_t factor) {
  for (int i = 0; i < 10; i++)
    a.limb[i] *= factor;
  return carry(a);
}

// a to the power p - 2, by square and multiply: p - 2 is all ones but for bits 2 and 4.
static element invert(element a) {
  element result = a;
  for (int bit = 253; bit >= 0; bit--) {
    result = multiply(result, result);
    if (bit != 2 && bit != 4)
      result = multiply(result, a);
  }
  return result;
}

static void swap_if(int64_t condition, element *a, element *b) {
  for (int i = 0; i < 10; i++) {
    int64_t difference = -condition & (a->limb[i] ^ b->limb[i]);
    a->limb[i] ^= difference;
    b->limb[i] ^= difference;
  }
}

static element ladder(const uint8_t scalar[32], element x1) {
  element x2 = {{1}}, z2 = {{0}}, x3 = x1, z3 = {{1}};
  int64_t swapped = 0;
  for (int bit = 254; bit >= 0; bit--) {
    int64_t now = scalar[bit / 8] >> bit % 8 & 1;
    swap_if(swapped ^ now, &x2, &x3);
    swap_if(swapped ^ now, &z2, &z3);
    swapped = now;
    element a = carry(add(x2, z2)), b = carry(subtract(x2, z2));
    element c = carry(add(x3, z3)), d = carry(subtract(x3, z3));
    element aa = multiply(a, a), bb = multiply(b, b);
    element da = multiply(d, a), cb = multiply(c, b);
    element e = carry(subtract(aa, bb));
    x3 = carry(add(da, cb));
    x3 = multiply(x3, x3);
    z3 = carry(subtract(da, cb));
    z3 = multiply(x1, multiply(z3, z3));
    x2 = multiply(aa, bb);
    z2 = multiply(e, carry(add(aa, times_small(e, 121665))));
  }
  swap_if(swapped, &x2, &x3);
  swap_if(swapped, &z2, &z3);
  return multiply(x2, invert(z2));
}

uint64_t bench(uint32_t rounds) {
  uint8_t scalar[32];
  uint32_t seed = 25519;
  element point = {{9}};
  for (uint32_t round = 0; round < rounds; round++) {
    for (int i = 0; i < 32; i++)
      scalar[i] = (uint8_t)bench_random(&seed);
    scalar[0] &= 248;
    scalar[31] = (uint8_t)((scalar[31] & 127) | 64);
    point = ladder(scalar, point);
  }
  uint64_t sum = 0;
  for (int i = 0; i < 10; i++)
    sum = bench_mix(sum, (uint64_t)point.limb[i]);
  return sum;
}

#include "compiler/base/sha256.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <string.h>
#if defined(__x86_64__)
#include <cpuid.h>
#include <immintrin.h>
#endif

enum { BLOCK = 64 };

// FIPS 180-4, 4.2.2: the first 32 bits of the fractional parts of the cube roots of the first
// primes.
static const uint32_t K[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

static uint32_t load_be(const uint8_t *at) {
  uint32_t word;
  memcpy(&word, at, sizeof word);
  return __builtin_bswap32(word);
}

static uint32_t rotate(uint32_t x, int by) {
  return x >> by | x << (32 - by);
}

// 6.2.2, one block after the other.
static void portable(uint32_t state[8], const uint8_t *at, size_t blocks) {
  for (; blocks > 0; blocks--, at += BLOCK) {
    uint32_t w[64];
    uint32_t v[8];
    for (int t = 0; t < 16; t++) {
      w[t] = load_be(at + t * 4);
    }
    for (int t = 16; t < 64; t++) {
      uint32_t s0 = rotate(w[t - 15], 7) ^ rotate(w[t - 15], 18) ^ w[t - 15] >> 3;
      uint32_t s1 = rotate(w[t - 2], 17) ^ rotate(w[t - 2], 19) ^ w[t - 2] >> 10;
      w[t] = w[t - 16] + s0 + w[t - 7] + s1;
    }
    memcpy(v, state, sizeof v);
    // v[i] is found at (i - t) & 7: unrolled by eight, in a register of its own.
#pragma GCC unroll 8
    for (int t = 0; t < 64; t++) {
      uint32_t a = v[-t & 7];
      uint32_t b = v[(1 - t) & 7];
      uint32_t c = v[(2 - t) & 7];
      uint32_t e = v[(4 - t) & 7];
      uint32_t f = v[(5 - t) & 7];
      uint32_t g = v[(6 - t) & 7];
      uint32_t s1 = rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25);
      uint32_t t1 = v[(7 - t) & 7] + s1 + ((e & f) ^ (~e & g)) + K[t] + w[t];
      uint32_t s0 = rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22);
      v[(3 - t) & 7] += t1;
      v[(7 - t) & 7] = t1 + s0 + ((a & b) ^ (a & c) ^ (b & c));
    }
    for (int i = 0; i < 8; i++) {
      state[i] += v[i];
    }
  }
}

#if defined(__x86_64__)
// With the processor's SHA instructions, which work on the state as two vectors, ABEF and CDGH.
__attribute__((target("sha,sse4.1"))) static void with_sha_ni(uint32_t state[8], const uint8_t *at,
                                                              size_t blocks) {
  const __m128i swap = _mm_set_epi8(12, 13, 14, 15, 8, 9, 10, 11, 4, 5, 6, 7, 0, 1, 2, 3);
  __m128i abef = _mm_set_epi32((int)state[0], (int)state[1], (int)state[4], (int)state[5]);
  __m128i cdgh = _mm_set_epi32((int)state[2], (int)state[3], (int)state[6], (int)state[7]);
  for (; blocks > 0; blocks--, at += BLOCK) {
    __m128i abef_before = abef;
    __m128i cdgh_before = cdgh;
    __m128i w[4];
    for (int i = 0; i < 4; i++) {
      w[i] = _mm_shuffle_epi8(_mm_loadu_si128((const __m128i *)(const void *)(at + i * 16)), swap);
    }
    for (int i = 0; i < 16; i++) {
      __m128i sum =
          _mm_add_epi32(w[i & 3], _mm_loadu_si128((const __m128i *)(const void *)(K + i * 4)));
      cdgh = _mm_sha256rnds2_epu32(cdgh, abef, sum);
      abef = _mm_sha256rnds2_epu32(abef, cdgh, _mm_shuffle_epi32(sum, 0x0e));
      // The four words that take the place of those just used.
      __m128i next = _mm_sha256msg1_epu32(w[i & 3], w[(i + 1) & 3]);
      next = _mm_add_epi32(next, _mm_alignr_epi8(w[(i + 3) & 3], w[(i + 2) & 3], 4));
      w[i & 3] = _mm_sha256msg2_epu32(next, w[(i + 3) & 3]);
    }
    abef = _mm_add_epi32(abef, abef_before);
    cdgh = _mm_add_epi32(cdgh, cdgh_before);
  }
  state[0] = (uint32_t)_mm_extract_epi32(abef, 3);
  state[1] = (uint32_t)_mm_extract_epi32(abef, 2);
  state[4] = (uint32_t)_mm_extract_epi32(abef, 1);
  state[5] = (uint32_t)_mm_extract_epi32(abef, 0);
  state[2] = (uint32_t)_mm_extract_epi32(cdgh, 3);
  state[3] = (uint32_t)_mm_extract_epi32(cdgh, 2);
  state[6] = (uint32_t)_mm_extract_epi32(cdgh, 1);
  state[7] = (uint32_t)_mm_extract_epi32(cdgh, 0);
}
#endif

// The compilers' own way to ask, __builtin_cpu_supports, has every start of the program run CPUID
// some 25 times, each a trap under a hypervisor.
static bool has_sha_ni(void) {
#if defined(__x86_64__)
  enum { SSE41 = 1 << 19, SHA = 1 << 29 }; // of leaf 1's ECX and leaf 7's EBX
  uint32_t eax;
  uint32_t ebx;
  uint32_t ecx;
  uint32_t edx;
  return __get_cpuid(1, &eax, &ebx, &ecx, &edx) != 0 && (ecx & SSE41) != 0 &&
         __get_cpuid_count(7, 0, &eax, &ebx, &ecx, &edx) != 0 && (ebx & SHA) != 0;
#else
  return false;
#endif
}

static void add_blocks(uint32_t state[8], const uint8_t *at, size_t blocks, bool sha_ni) {
#if defined(__x86_64__)
  if (sha_ni) {
    with_sha_ni(state, at, blocks);
    return;
  }
#else
  (void)sha_ni;
#endif
  portable(state, at, blocks);
}

static void digest_with(const void *bytes, size_t size, uint8_t digest[WA_SHA256_SIZE],
                        bool sha_ni) {
  uint32_t state[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                       0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
  size_t rest = size % BLOCK;
  add_blocks(state, bytes, size / BLOCK, sha_ni);
  // 5.1.1: a one bit, zeros, and the length in bits.
  uint8_t last[2 * BLOCK] = {0};
  size_t end = rest + 1 + 8 <= BLOCK ? BLOCK : (size_t)2 * BLOCK;
  uint64_t bits = __builtin_bswap64((uint64_t)size * 8);
  if (rest != 0) {
    memcpy(last, (const uint8_t *)bytes + (size - rest), rest);
  }
  last[rest] = 0x80;
  memcpy(last + end - 8, &bits, 8);
  add_blocks(state, last, end / BLOCK, sha_ni);
  for (int i = 0; i < 8; i++) {
    uint32_t word = __builtin_bswap32(state[i]);
    memcpy(digest + i * 4, &word, 4);
  }
}

void wa_sha256(const void *bytes, size_t size, uint8_t digest[WA_SHA256_SIZE]) {
  // Asked once: what is hashed is often short.
  enum { UNKNOWN, WITHOUT, WITH };
  static atomic_int known = UNKNOWN;
  int found = atomic_load_explicit(&known, memory_order_relaxed);
  if (found == UNKNOWN) {
    found = has_sha_ni() ? WITH : WITHOUT;
    atomic_store_explicit(&known, found, memory_order_relaxed);
  }
  digest_with(bytes, size, digest, found == WITH);
}

void wa_sha256_portable(const void *bytes, size_t size, uint8_t digest[WA_SHA256_SIZE]) {
  digest_with(bytes, size, digest, false);
}

// What an x86-64 processor offers, by CPUID (Intel SDM volume 2A, AMD APM volume 3 appendix E).
#include "cpu.h"

#include "loader.h"

#include <cpuid.h>
#include <elf.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

enum reg { EAX, EBX, ECX, EDX };
// State that the operating system must save for the registers a feature uses (XCR0).
enum state { NONE = 0, YMM = 0x6, ZMM = 0xe6 };

enum leaf { LEAF_1, LEAF_7, LEAF_7_1, LEAF_EXTENDED_1, LEAF_COUNT };

static const struct {
  uint32_t leaf;
  uint32_t subleaf;
} leaves[LEAF_COUNT] = {{1, 0}, {7, 0}, {7, 1}, {0x80000001, 0}};

struct feature {
  uint64_t bit; // WA_X86_*
  const char *name;
  enum leaf leaf;
  enum reg reg;
  unsigned position;
  enum state state;
};

static const struct feature features[] = {
    {WA_X86_SSE3, "sse3", LEAF_1, ECX, 0, NONE},
    {WA_X86_PCLMUL, "pclmul", LEAF_1, ECX, 1, NONE},
    {WA_X86_SSSE3, "ssse3", LEAF_1, ECX, 9, NONE},
    {WA_X86_FMA, "fma", LEAF_1, ECX, 12, YMM},
    {WA_X86_CX16, "cx16", LEAF_1, ECX, 13, NONE},
    {WA_X86_SSE41, "sse4.1", LEAF_1, ECX, 19, NONE},
    {WA_X86_SSE42, "sse4.2", LEAF_1, ECX, 20, NONE},
    {WA_X86_MOVBE, "movbe", LEAF_1, ECX, 22, NONE},
    {WA_X86_POPCNT, "popcnt", LEAF_1, ECX, 23, NONE},
    {WA_X86_AES, "aes", LEAF_1, ECX, 25, NONE},
    {WA_X86_AVX, "avx", LEAF_1, ECX, 28, YMM},
    {WA_X86_F16C, "f16c", LEAF_1, ECX, 29, YMM},
    {WA_X86_BMI, "bmi", LEAF_7, EBX, 3, NONE},
    {WA_X86_AVX2, "avx2", LEAF_7, EBX, 5, YMM},
    {WA_X86_BMI2, "bmi2", LEAF_7, EBX, 8, NONE},
    {WA_X86_AVX512F, "avx512f", LEAF_7, EBX, 16, ZMM},
    {WA_X86_AVX512DQ, "avx512dq", LEAF_7, EBX, 17, ZMM},
    {WA_X86_ADX, "adx", LEAF_7, EBX, 19, NONE},
    {WA_X86_AVX512IFMA, "avx512ifma", LEAF_7, EBX, 21, ZMM},
    {WA_X86_AVX512CD, "avx512cd", LEAF_7, EBX, 28, ZMM},
    {WA_X86_SHA, "sha", LEAF_7, EBX, 29, NONE},
    {WA_X86_AVX512BW, "avx512bw", LEAF_7, EBX, 30, ZMM},
    {WA_X86_AVX512VL, "avx512vl", LEAF_7, EBX, 31, ZMM},
    {WA_X86_AVX512VBMI, "avx512vbmi", LEAF_7, ECX, 1, ZMM},
    {WA_X86_AVX512VBMI2, "avx512vbmi2", LEAF_7, ECX, 6, ZMM},
    {WA_X86_GFNI, "gfni", LEAF_7, ECX, 8, NONE},
    {WA_X86_VAES, "vaes", LEAF_7, ECX, 9, YMM},
    {WA_X86_VPCLMULQDQ, "vpclmulqdq", LEAF_7, ECX, 10, YMM},
    {WA_X86_AVX512VNNI, "avx512vnni", LEAF_7, ECX, 11, ZMM},
    {WA_X86_AVX512BITALG, "avx512bitalg", LEAF_7, ECX, 12, ZMM},
    {WA_X86_AVX512VPOPCNTDQ, "avx512vpopcntdq", LEAF_7, ECX, 14, ZMM},
    {WA_X86_AVX512FP16, "avx512fp16", LEAF_7, EDX, 23, ZMM},
    {WA_X86_AVXVNNI, "avxvnni", LEAF_7_1, EAX, 4, YMM},
    {WA_X86_AVX512BF16, "avx512bf16", LEAF_7_1, EAX, 5, ZMM},
    {WA_X86_AVXIFMA, "avxifma", LEAF_7_1, EAX, 23, YMM},
    {WA_X86_LZCNT, "lzcnt", LEAF_EXTENDED_1, ECX, 5, NONE},
};

enum { FEATURE_COUNT = sizeof features / sizeof features[0] };

static uint64_t host_features;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static uint64_t read_xcr0(void) {
  uint32_t low;
  uint32_t high;
  __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  return ((uint64_t)high << 32) | low;
}

// Each leaf once: under a hypervisor CPUID is a trap that costs many microseconds.
static void find_features(void) {
  uint32_t regs[LEAF_COUNT][4] = {{0}};
  for (int i = 0; i < LEAF_COUNT; i++) {
    uint32_t *to = regs[i];
    (void)__get_cpuid_count(leaves[i].leaf, leaves[i].subleaf, &to[EAX], &to[EBX], &to[ECX],
                            &to[EDX]);
  }
  uint64_t state = (regs[LEAF_1][ECX] & bit_OSXSAVE) != 0 ? read_xcr0() : 0;
  for (int i = 0; i < FEATURE_COUNT; i++) {
    const struct feature *feature = &features[i];
    if ((regs[feature->leaf][feature->reg] >> feature->position & 1) != 0 &&
        (state & feature->state) == feature->state) {
      host_features |= feature->bit;
    }
  }
}

uint16_t wa_host_machine(void) {
  return EM_X86_64;
}

uint64_t wa_host_cpu_features(void) {
  pthread_once(&once, find_features);
  return host_features;
}

static const char *x86_feature_name(uint64_t bit) {
  for (int i = 0; i < FEATURE_COUNT; i++) {
    if (features[i].bit == bit) {
      return features[i].name;
    }
  }
  return bit == WA_X86_OTHER ? "other" : NULL;
}

const char *wa_cpu_feature_name(uint16_t machine, uint64_t bit) {
  return machine == EM_X86_64 ? x86_feature_name(bit) : NULL;
}

bool wa_check_cpu(uint64_t needed, struct wa_error *err) {
  uint64_t missing = needed == 0 ? 0 : needed & ~wa_host_cpu_features();
  if (missing == 0) {
    return true;
  }
  char names[240] = "";
  size_t length = 0;
  for (unsigned i = 0; i < 64; i++) {
    uint64_t bit = UINT64_C(1) << i;
    if ((missing & bit) != 0 && length + 24 < sizeof names) {
      const char *name = x86_feature_name(bit);
      length += (size_t)snprintf(names + length, sizeof names - length, "%s%s",
                                 length == 0 ? "" : ", ", name == NULL ? "an unknown one" : name);
    }
  }
  return wa_fail(err, WA_ERROR_REFUSED, WA_NO_OFFSET,
                 "needs CPU features that this host lacks: %s; recompile with --cpu baseline or on "
                 "this host",
                 names);
}

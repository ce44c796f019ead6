// What an x86-64 processor offers, by CPUID (Intel SDM volume 2A, AMD APM volume 3 appendix E).
#include "cpu.h"

#include "loader.h"

#include <cpuid.h>
#include <elf.h>
#include <stdio.h>
#include <string.h>

enum reg { EAX, EBX, ECX, EDX };
// State that the operating system must save for the registers a feature uses (XCR0).
enum state { NONE = 0, YMM = 0x6, ZMM = 0xe6 };

struct feature {
  uint64_t bit; // WA_X86_*
  const char *name;
  uint32_t leaf;
  uint32_t subleaf;
  enum reg reg;
  unsigned position;
  enum state state;
};

static const struct feature features[] = {
    {WA_X86_SSE3, "sse3", 1, 0, ECX, 0, NONE},
    {WA_X86_PCLMUL, "pclmul", 1, 0, ECX, 1, NONE},
    {WA_X86_SSSE3, "ssse3", 1, 0, ECX, 9, NONE},
    {WA_X86_FMA, "fma", 1, 0, ECX, 12, YMM},
    {WA_X86_CX16, "cx16", 1, 0, ECX, 13, NONE},
    {WA_X86_SSE41, "sse4.1", 1, 0, ECX, 19, NONE},
    {WA_X86_SSE42, "sse4.2", 1, 0, ECX, 20, NONE},
    {WA_X86_MOVBE, "movbe", 1, 0, ECX, 22, NONE},
    {WA_X86_POPCNT, "popcnt", 1, 0, ECX, 23, NONE},
    {WA_X86_AES, "aes", 1, 0, ECX, 25, NONE},
    {WA_X86_AVX, "avx", 1, 0, ECX, 28, YMM},
    {WA_X86_F16C, "f16c", 1, 0, ECX, 29, YMM},
    {WA_X86_BMI, "bmi", 7, 0, EBX, 3, NONE},
    {WA_X86_AVX2, "avx2", 7, 0, EBX, 5, YMM},
    {WA_X86_BMI2, "bmi2", 7, 0, EBX, 8, NONE},
    {WA_X86_AVX512F, "avx512f", 7, 0, EBX, 16, ZMM},
    {WA_X86_AVX512DQ, "avx512dq", 7, 0, EBX, 17, ZMM},
    {WA_X86_ADX, "adx", 7, 0, EBX, 19, NONE},
    {WA_X86_AVX512IFMA, "avx512ifma", 7, 0, EBX, 21, ZMM},
    {WA_X86_AVX512CD, "avx512cd", 7, 0, EBX, 28, ZMM},
    {WA_X86_SHA, "sha", 7, 0, EBX, 29, NONE},
    {WA_X86_AVX512BW, "avx512bw", 7, 0, EBX, 30, ZMM},
    {WA_X86_AVX512VL, "avx512vl", 7, 0, EBX, 31, ZMM},
    {WA_X86_AVX512VBMI, "avx512vbmi", 7, 0, ECX, 1, ZMM},
    {WA_X86_AVX512VBMI2, "avx512vbmi2", 7, 0, ECX, 6, ZMM},
    {WA_X86_GFNI, "gfni", 7, 0, ECX, 8, NONE},
    {WA_X86_VAES, "vaes", 7, 0, ECX, 9, YMM},
    {WA_X86_VPCLMULQDQ, "vpclmulqdq", 7, 0, ECX, 10, YMM},
    {WA_X86_AVX512VNNI, "avx512vnni", 7, 0, ECX, 11, ZMM},
    {WA_X86_AVX512BITALG, "avx512bitalg", 7, 0, ECX, 12, ZMM},
    {WA_X86_AVX512VPOPCNTDQ, "avx512vpopcntdq", 7, 0, ECX, 14, ZMM},
    {WA_X86_AVX512FP16, "avx512fp16", 7, 0, EDX, 23, ZMM},
    {WA_X86_AVXVNNI, "avxvnni", 7, 1, EAX, 4, YMM},
    {WA_X86_AVX512BF16, "avx512bf16", 7, 1, EAX, 5, ZMM},
    {WA_X86_AVXIFMA, "avxifma", 7, 1, EAX, 23, YMM},
    {WA_X86_LZCNT, "lzcnt", 0x80000001, 0, ECX, 5, NONE},
};

enum { FEATURE_COUNT = sizeof features / sizeof features[0] };

static uint64_t read_xcr0(void) {
  uint32_t regs[4];
  if (__get_cpuid(1, &regs[EAX], &regs[EBX], &regs[ECX], &regs[EDX]) == 0 ||
      (regs[ECX] & bit_OSXSAVE) == 0) {
    return 0;
  }
  uint32_t low;
  uint32_t high;
  __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  return ((uint64_t)high << 32) | low;
}

uint16_t wa_host_machine(void) {
  return EM_X86_64;
}

uint64_t wa_host_cpu_features(void) {
  uint64_t state = read_xcr0();
  uint64_t found = 0;
  for (int i = 0; i < FEATURE_COUNT; i++) {
    const struct feature *feature = &features[i];
    uint32_t regs[4];
    if (__get_cpuid_count(feature->leaf, feature->subleaf, &regs[EAX], &regs[EBX], &regs[ECX],
                          &regs[EDX]) != 0 &&
        (regs[feature->reg] >> feature->position & 1) != 0 &&
        (state & feature->state) == feature->state) {
      found |= feature->bit;
    }
  }
  return found;
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
  uint64_t missing = needed & ~wa_host_cpu_features();
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

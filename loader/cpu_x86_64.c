// What an x86-64 processor offers, by CPUID (Intel SDM volume 2A, AMD APM volume 3 appendix E).
#include "loader/cpu.h"

#include <cpuid.h>
#include <elf.h>
#include <pthread.h>

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
  enum leaf leaf;
  enum reg reg;
  unsigned position;
  enum state state;
};

static const struct feature features[] = {
    {WA_X86_SSE3, LEAF_1, ECX, 0, NONE},
    {WA_X86_PCLMUL, LEAF_1, ECX, 1, NONE},
    {WA_X86_SSSE3, LEAF_1, ECX, 9, NONE},
    {WA_X86_FMA, LEAF_1, ECX, 12, YMM},
    {WA_X86_CX16, LEAF_1, ECX, 13, NONE},
    {WA_X86_SSE41, LEAF_1, ECX, 19, NONE},
    {WA_X86_SSE42, LEAF_1, ECX, 20, NONE},
    {WA_X86_MOVBE, LEAF_1, ECX, 22, NONE},
    {WA_X86_POPCNT, LEAF_1, ECX, 23, NONE},
    {WA_X86_AES, LEAF_1, ECX, 25, NONE},
    {WA_X86_AVX, LEAF_1, ECX, 28, YMM},
    {WA_X86_F16C, LEAF_1, ECX, 29, YMM},
    {WA_X86_BMI, LEAF_7, EBX, 3, NONE},
    {WA_X86_AVX2, LEAF_7, EBX, 5, YMM},
    {WA_X86_BMI2, LEAF_7, EBX, 8, NONE},
    {WA_X86_AVX512F, LEAF_7, EBX, 16, ZMM},
    {WA_X86_AVX512DQ, LEAF_7, EBX, 17, ZMM},
    {WA_X86_ADX, LEAF_7, EBX, 19, NONE},
    {WA_X86_AVX512IFMA, LEAF_7, EBX, 21, ZMM},
    {WA_X86_AVX512CD, LEAF_7, EBX, 28, ZMM},
    {WA_X86_SHA, LEAF_7, EBX, 29, NONE},
    {WA_X86_AVX512BW, LEAF_7, EBX, 30, ZMM},
    {WA_X86_AVX512VL, LEAF_7, EBX, 31, ZMM},
    {WA_X86_AVX512VBMI, LEAF_7, ECX, 1, ZMM},
    {WA_X86_AVX512VBMI2, LEAF_7, ECX, 6, ZMM},
    {WA_X86_GFNI, LEAF_7, ECX, 8, NONE},
    {WA_X86_VAES, LEAF_7, ECX, 9, YMM},
    {WA_X86_VPCLMULQDQ, LEAF_7, ECX, 10, YMM},
    {WA_X86_AVX512VNNI, LEAF_7, ECX, 11, ZMM},
    {WA_X86_AVX512BITALG, LEAF_7, ECX, 12, ZMM},
    {WA_X86_AVX512VPOPCNTDQ, LEAF_7, ECX, 14, ZMM},
    {WA_X86_AVX512FP16, LEAF_7, EDX, 23, ZMM},
    {WA_X86_AVXVNNI, LEAF_7_1, EAX, 4, YMM},
    {WA_X86_AVX512BF16, LEAF_7_1, EAX, 5, ZMM},
    {WA_X86_AVXIFMA, LEAF_7_1, EAX, 23, YMM},
    {WA_X86_LZCNT, LEAF_EXTENDED_1, ECX, 5, NONE},
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

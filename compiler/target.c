#include "target.h"

#include <llvm-c/Core.h>
#include <llvm-c/Target.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

// ---- CPU features: LLVM's names for the bits of abi.h ----

static const struct feature {
  const char *name;
  uint64_t bit;
} features[] = {
    {"sse3", WA_X86_SSE3},
    {"ssse3", WA_X86_SSSE3},
    {"sse4.1", WA_X86_SSE41},
    {"sse4.2", WA_X86_SSE42},
    {"popcnt", WA_X86_POPCNT},
    {"avx", WA_X86_AVX},
    {"avx2", WA_X86_AVX2},
    {"bmi", WA_X86_BMI},
    {"bmi2", WA_X86_BMI2},
    {"fma", WA_X86_FMA},
    {"lzcnt", WA_X86_LZCNT},
    {"movbe", WA_X86_MOVBE},
    {"f16c", WA_X86_F16C},
    {"adx", WA_X86_ADX},
    {"aes", WA_X86_AES},
    {"pclmul", WA_X86_PCLMUL},
    {"sha", WA_X86_SHA},
    {"cx16", WA_X86_CX16},
    {"vaes", WA_X86_VAES},
    {"vpclmulqdq", WA_X86_VPCLMULQDQ},
    {"avx512f", WA_X86_AVX512F},
    {"avx512bw", WA_X86_AVX512BW},
    {"avx512cd", WA_X86_AVX512CD},
    {"avx512dq", WA_X86_AVX512DQ},
    {"avx512vl", WA_X86_AVX512VL},
    {"avx512vbmi", WA_X86_AVX512VBMI},
    {"avx512vbmi2", WA_X86_AVX512VBMI2},
    {"avx512vnni", WA_X86_AVX512VNNI},
    {"avx512bitalg", WA_X86_AVX512BITALG},
    {"avx512vpopcntdq", WA_X86_AVX512VPOPCNTDQ},
    {"avx512ifma", WA_X86_AVX512IFMA},
    {"gfni", WA_X86_GFNI},
    {"avx512bf16", WA_X86_AVX512BF16},
    {"avx512fp16", WA_X86_AVX512FP16},
    {"avxvnni", WA_X86_AVXVNNI},
    {"avxifma", WA_X86_AVXIFMA},
};

enum { FEATURE_COUNT = sizeof features / sizeof features[0] };

#define V2 (WA_X86_SSE3 | WA_X86_SSSE3 | WA_X86_SSE41 | WA_X86_SSE42 | WA_X86_POPCNT | WA_X86_CX16)
#define V3                                                                                         \
  (V2 | WA_X86_AVX | WA_X86_AVX2 | WA_X86_BMI | WA_X86_BMI2 | WA_X86_FMA | WA_X86_LZCNT |          \
   WA_X86_MOVBE | WA_X86_F16C)
#define V4                                                                                         \
  (V3 | WA_X86_AVX512F | WA_X86_AVX512BW | WA_X86_AVX512CD | WA_X86_AVX512DQ | WA_X86_AVX512VL)
#define CRYPTO (WA_X86_AES | WA_X86_PCLMUL)
#define ICELAKE                                                                                    \
  (V4 | CRYPTO | WA_X86_ADX | WA_X86_SHA | WA_X86_VAES | WA_X86_VPCLMULQDQ | WA_X86_GFNI |         \
   WA_X86_AVX512VBMI | WA_X86_AVX512VBMI2 | WA_X86_AVX512VNNI | WA_X86_AVX512BITALG |              \
   WA_X86_AVX512VPOPCNTDQ | WA_X86_AVX512IFMA)
#define ZEN (V3 | CRYPTO | WA_X86_ADX | WA_X86_SHA)

static const struct cpu {
  const char *name;
  uint64_t features;
} cpus[] = {
    {"x86-64", 0},
    {"x86-64-v2", V2},
    {"x86-64-v3", V3},
    {"x86-64-v4", V4},
    {"nehalem", V2},
    {"westmere", V2 | WA_X86_PCLMUL},
    {"sandybridge", V2 | WA_X86_AVX | WA_X86_PCLMUL},
    {"ivybridge", V2 | WA_X86_AVX | WA_X86_PCLMUL | WA_X86_F16C},
    {"haswell", V3 | WA_X86_PCLMUL},
    {"broadwell", V3 | WA_X86_PCLMUL | WA_X86_ADX},
    {"skylake", V3 | CRYPTO | WA_X86_ADX},
    {"skylake-avx512", V4 | CRYPTO | WA_X86_ADX},
    {"cascadelake", V4 | CRYPTO | WA_X86_ADX | WA_X86_AVX512VNNI},
    {"icelake-client", ICELAKE},
    {"icelake-server", ICELAKE},
    {"alderlake", ZEN | WA_X86_VAES | WA_X86_VPCLMULQDQ | WA_X86_GFNI | WA_X86_AVXVNNI},
    {"sapphirerapids", ICELAKE | WA_X86_AVX512BF16 | WA_X86_AVX512FP16 | WA_X86_AVXVNNI},
    {"znver1", ZEN},
    {"znver2", ZEN},
    {"znver3", ZEN | WA_X86_VAES | WA_X86_VPCLMULQDQ},
    {"znver4", ICELAKE | WA_X86_AVX512BF16},
    {"znver5", ICELAKE | WA_X86_AVX512BF16 | WA_X86_AVXVNNI},
};

enum { CPU_COUNT = sizeof cpus / sizeof cpus[0] };

static uint64_t find_feature(const char *name, size_t size) {
  for (int i = 0; i < FEATURE_COUNT; i++)
    if (strlen(features[i].name) == size && memcmp(features[i].name, name, size) == 0)
      return features[i].bit;
  return 0;
}

// Calls for each "+name" or "-name" of a comma-separated list. Unknown names: an error, or passed
// over.
static bool apply_features(uint64_t *mask, const char *list, bool strict, struct wa_error *err) {
  while (*list) {
    size_t size = strcspn(list, ",");
    uint64_t bit = size > 1 ? find_feature(list + 1, size - 1) : 0;
    bool is_signed = *list == '+' || *list == '-';
    if (strict && (!bit || !is_signed))
      return wa_fail(err, WA_ERROR_USAGE, WA_NO_OFFSET,
                     "unknown CPU feature \"%.*s\"; write +name or -name, as in +avx2,-fma",
                     (int)(size < 64 ? size : 64), list);
    if (bit)
      *mask = *list == '-' ? *mask & ~bit : *mask | bit;
    list += size + (list[size] == ',');
  }
  return true;
}

static void use_host_cpu(struct wa_target *target) {
  char *name = LLVMGetHostCPUName(), *list = LLVMGetHostCPUFeatures();
  snprintf(target->cpu, sizeof target->cpu, "%s", name);
  struct wa_error ignored;
  (void)apply_features(&target->cpu_features, list, false, &ignored);
  LLVMDisposeMessage(name);
  LLVMDisposeMessage(list);
}

static bool use_named_cpu(struct wa_target *target, const char *name, struct wa_error *err) {
  for (int i = 0; i < CPU_COUNT; i++) {
    if (strcmp(cpus[i].name, name) != 0)
      continue;
    snprintf(target->cpu, sizeof target->cpu, "%s", name);
    target->cpu_features = cpus[i].features;
    return true;
  }
  return wa_fail(err, WA_ERROR_USAGE, WA_NO_OFFSET,
                 "unknown CPU \"%.64s\"; use baseline, native, x86-64-v2, -v3 or -v4, or a name "
                 "such as haswell or znver3",
                 name);
}

static bool choose_cpu(struct wa_target *target, const char *name, struct wa_error *err) {
  if (name && strcmp(name, "native") == 0) {
    use_host_cpu(target);
    return true;
  }
  bool baseline = !name || strcmp(name, "baseline") == 0;
  return use_named_cpu(target, baseline ? "x86-64" : name, err);
}

static void write_features(struct wa_target *target) {
  size_t used = 0;
  for (int i = 0; i < FEATURE_COUNT; i++) {
    bool on = target->cpu_features & features[i].bit;
    int written = snprintf(target->features + used, sizeof target->features - used, "%s%c%s",
                           i ? "," : "", on ? '+' : '-', features[i].name);
    used += (size_t)written;
  }
}

// ---- Architectures ----

static void init_llvm(void) {
  LLVMInitializeX86TargetInfo();
  LLVMInitializeX86Target();
  LLVMInitializeX86TargetMC();
  LLVMInitializeX86AsmPrinter();
  LLVMInitializeX86AsmParser();
}

static bool choose_triple(struct wa_target *target, const char *triple, struct wa_error *err) {
  static const char host[] = "x86_64-unknown-linux-gnu";
  static const char *const names[] = {host, "x86_64-linux-gnu", "x86_64-linux", "x86_64"};
  for (size_t i = 0; triple && i < sizeof names / sizeof names[0]; i++)
    if (strcmp(triple, names[i]) == 0)
      triple = NULL;
  if (triple)
    return wa_fail(err, WA_ERROR_UNSUPPORTED, WA_NO_OFFSET,
                   "target \"%.64s\" is not supported; this version compiles for "
                   "x86_64-linux-gnu only",
                   triple);
  snprintf(target->triple, sizeof target->triple, "%s", host);
  return true;
}

bool wa_target_init(struct wa_target *target, const struct wa_compile_options *options,
                    struct wa_error *err) {
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  pthread_once(&once, init_llvm);
  *target = (struct wa_target){0};
  if (!choose_triple(target, options->target, err) || !choose_cpu(target, options->cpu, err))
    return false;
  if (options->features && !apply_features(&target->cpu_features, options->features, true, err))
    return false;
  write_features(target);
  char *message = NULL;
  if (LLVMGetTargetFromTriple(target->triple, &target->llvm, &message)) {
    wa_fail(err, WA_ERROR_UNSUPPORTED, WA_NO_OFFSET, "LLVM has no %s: %s", target->triple, message);
    LLVMDisposeMessage(message);
    return false;
  }
  return true;
}

LLVMTargetMachineRef wa_target_machine(const struct wa_target *target, int opt_level) {
  static const LLVMCodeGenOptLevel levels[] = {LLVMCodeGenLevelNone, LLVMCodeGenLevelLess,
                                               LLVMCodeGenLevelDefault, LLVMCodeGenLevelAggressive};
  return LLVMCreateTargetMachine(target->llvm, target->triple, "x86-64", target->features,
                                 levels[opt_level], LLVMRelocPIC, LLVMCodeModelSmall);
}

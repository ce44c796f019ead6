// x86-64: CPU features and models by LLVM's names.
#include "compiler/target/llvm_compat.h"
#include "compiler/target/target_arch.h"
#include "runtime/abi.h"

#include <elf.h>
#include <llvm-c/Target.h>
#include <stddef.h>

static const struct wa_cpu_feature features[] = {
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

static const struct wa_cpu_model cpus[] = {
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

#ifdef WASMAOT_LLVM_X86
#define INIT_LLVM init_llvm
static void init_llvm(void) {
  LLVMInitializeX86TargetInfo();
  LLVMInitializeX86Target();
  LLVMInitializeX86TargetMC();
  LLVMInitializeX86AsmPrinter();
  LLVMInitializeX86AsmParser();
}
#else
#define INIT_LLVM NULL
#endif

const struct wa_target_arch wa_target_x86_64 = {
    .name = "x86_64",
    .machine = EM_X86_64,
    .features = features,
    .feature_count = sizeof features / sizeof features[0],
    .cpus = cpus,
    .cpu_count = sizeof cpus / sizeof cpus[0],
    .cpu_hint = "x86-64-v2, -v3 or -v4, or a name such as haswell or znver3",
    .llvm_cpu = "x86-64",
    .always_on = "",
    .call_convention = WA_SWIFT_CALL_CONV,
    .tail_call_convention = WA_SWIFT_TAIL_CALL_CONV,
    .vector_registers = 8,
    .max_register_results = WA_MAX_REGISTER_RESULTS,
    .has_vector_results = true,
    .init_llvm = INIT_LLVM,
};

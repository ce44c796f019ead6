// AArch64: CPU features and models by LLVM's names. The baseline is Armv8.0-A with its vector unit.
// SVE is left out: a frame of scalable size is more than the unwinder knows.
#include "compiler/target/llvm_compat.h"
#include "compiler/target/target_arch.h"
#include "runtime/abi.h"

#include <elf.h>
#include <llvm-c/Target.h>
#include <stddef.h>

static const struct wa_cpu_feature features[] = {
    {"crc", WA_ARM64_CRC},
    {"lse", WA_ARM64_LSE},
    {"rdm", WA_ARM64_RDM},
    {"aes", WA_ARM64_AES},
    {"sha2", WA_ARM64_SHA2},
    {"fullfp16", WA_ARM64_FP16},
    {"dotprod", WA_ARM64_DOTPROD},
    {"rcpc", WA_ARM64_RCPC},
    {"rcpc-immo", WA_ARM64_RCPC_IMMO},
    {"complxnum", WA_ARM64_COMPLXNUM},
    {"jsconv", WA_ARM64_JSCONV},
    {"fp16fml", WA_ARM64_FP16FML},
    {"sha3", WA_ARM64_SHA3},
    {"flagm", WA_ARM64_FLAGM},
    {"altnzcv", WA_ARM64_ALTNZCV},
    {"fptoint", WA_ARM64_FPTOINT},
    {"lse2", WA_ARM64_LSE2},
    {"sb", WA_ARM64_SB},
    {"i8mm", WA_ARM64_I8MM},
    {"bf16", WA_ARM64_BF16},
};

#define V8_0 (WA_ARM64_CRC | WA_ARM64_AES | WA_ARM64_SHA2)
#define V8_1 (V8_0 | WA_ARM64_LSE | WA_ARM64_RDM)
#define V8_2 (V8_1 | WA_ARM64_FP16 | WA_ARM64_DOTPROD | WA_ARM64_RCPC)
#define V8_4                                                                                       \
  (V8_2 | WA_ARM64_RCPC_IMMO | WA_ARM64_COMPLXNUM | WA_ARM64_JSCONV | WA_ARM64_FP16FML |           \
   WA_ARM64_SHA3 | WA_ARM64_FLAGM | WA_ARM64_LSE2)
#define V8_5 (V8_4 | WA_ARM64_ALTNZCV | WA_ARM64_FPTOINT | WA_ARM64_SB)
#define V9 (V8_5 | WA_ARM64_I8MM | WA_ARM64_BF16)

static const struct wa_cpu_model cpus[] = {
    {"generic", 0},        {"cortex-a53", V8_0},
    {"cortex-a57", V8_0},  {"cortex-a72", V8_0},
    {"cortex-a55", V8_2},  {"cortex-a75", V8_2},
    {"cortex-a76", V8_2},  {"cortex-a78", V8_2},
    {"neoverse-n1", V8_2}, {"neoverse-v1", V8_4 | WA_ARM64_I8MM | WA_ARM64_BF16},
    {"neoverse-n2", V9},   {"neoverse-v2", V9},
    {"apple-m1", V8_5},
};

// Inline stack probes came with 18; without them a large frame could jump over the guard.
#if defined WASMAOT_LLVM_AARCH64 && WA_LLVM_PROBES_AARCH64
#define INIT_LLVM init_llvm
static void init_llvm(void) {
  LLVMInitializeAArch64TargetInfo();
  LLVMInitializeAArch64Target();
  LLVMInitializeAArch64TargetMC();
  LLVMInitializeAArch64AsmPrinter();
  LLVMInitializeAArch64AsmParser();
}
#else
#define INIT_LLVM NULL
#endif

const struct wa_target_arch wa_target_aarch64 = {
    .name = "aarch64",
    .alias = "arm64",
    .machine = EM_AARCH64,
    .features = features,
    .feature_count = sizeof features / sizeof features[0],
    .cpus = cpus,
    .cpu_count = sizeof cpus / sizeof cpus[0],
    .cpu_hint = "or a name such as cortex-a72 or neoverse-n1",
    .llvm_cpu = "generic",
    .always_on = "+fp-armv8,+neon,",
    .call_convention = WA_SWIFT_CALL_CONV,
    .tail_call_convention = WA_SWIFT_TAIL_CALL_CONV,
    .max_register_results = WA_MAX_REGISTER_RESULTS,
    .has_vector_results = true,
    .init_llvm = INIT_LLVM,
};

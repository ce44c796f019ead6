// CPU features by name, of every machine: `wasmaot inspect` reads artifacts of other hosts too.
#include "loader/cpu.h"

#include "loader/loader.h"

#include <elf.h>
#include <stdio.h>

struct name {
  uint64_t bit;
  const char *text;
};

static const struct name x86_64[] = {
    {WA_X86_SSE3, "sse3"},
    {WA_X86_SSSE3, "ssse3"},
    {WA_X86_SSE41, "sse4.1"},
    {WA_X86_SSE42, "sse4.2"},
    {WA_X86_POPCNT, "popcnt"},
    {WA_X86_AVX, "avx"},
    {WA_X86_AVX2, "avx2"},
    {WA_X86_BMI, "bmi"},
    {WA_X86_BMI2, "bmi2"},
    {WA_X86_FMA, "fma"},
    {WA_X86_LZCNT, "lzcnt"},
    {WA_X86_MOVBE, "movbe"},
    {WA_X86_F16C, "f16c"},
    {WA_X86_ADX, "adx"},
    {WA_X86_AES, "aes"},
    {WA_X86_PCLMUL, "pclmul"},
    {WA_X86_SHA, "sha"},
    {WA_X86_CX16, "cx16"},
    {WA_X86_VAES, "vaes"},
    {WA_X86_VPCLMULQDQ, "vpclmulqdq"},
    {WA_X86_AVX512F, "avx512f"},
    {WA_X86_AVX512BW, "avx512bw"},
    {WA_X86_AVX512CD, "avx512cd"},
    {WA_X86_AVX512DQ, "avx512dq"},
    {WA_X86_AVX512VL, "avx512vl"},
    {WA_X86_AVX512VBMI, "avx512vbmi"},
    {WA_X86_AVX512VBMI2, "avx512vbmi2"},
    {WA_X86_AVX512VNNI, "avx512vnni"},
    {WA_X86_AVX512BITALG, "avx512bitalg"},
    {WA_X86_AVX512VPOPCNTDQ, "avx512vpopcntdq"},
    {WA_X86_AVX512IFMA, "avx512ifma"},
    {WA_X86_GFNI, "gfni"},
    {WA_X86_AVX512BF16, "avx512bf16"},
    {WA_X86_AVX512FP16, "avx512fp16"},
    {WA_X86_AVXVNNI, "avxvnni"},
    {WA_X86_AVXIFMA, "avxifma"},
    {WA_X86_OTHER, "other"},
    {0, NULL},
};

static const struct name aarch64[] = {
    {WA_ARM64_CRC, "crc"},
    {WA_ARM64_LSE, "lse"},
    {WA_ARM64_RDM, "rdm"},
    {WA_ARM64_AES, "aes"},
    {WA_ARM64_SHA2, "sha2"},
    {WA_ARM64_FP16, "fullfp16"},
    {WA_ARM64_DOTPROD, "dotprod"},
    {WA_ARM64_RCPC, "rcpc"},
    {WA_ARM64_RCPC_IMMO, "rcpc-immo"},
    {WA_ARM64_COMPLXNUM, "complxnum"},
    {WA_ARM64_JSCONV, "jsconv"},
    {WA_ARM64_FP16FML, "fp16fml"},
    {WA_ARM64_SHA3, "sha3"},
    {WA_ARM64_FLAGM, "flagm"},
    {WA_ARM64_ALTNZCV, "altnzcv"},
    {WA_ARM64_FPTOINT, "fptoint"},
    {WA_ARM64_LSE2, "lse2"},
    {WA_ARM64_SB, "sb"},
    {WA_ARM64_I8MM, "i8mm"},
    {WA_ARM64_BF16, "bf16"},
    {0, NULL},
};

static const struct name riscv[] = {
    {WA_RISCV_ZBA, "zba"},       {WA_RISCV_ZBB, "zbb"},     {WA_RISCV_ZBS, "zbs"},
    {WA_RISCV_ZICOND, "zicond"}, {WA_RISCV_ZFA, "zfa"},     {WA_RISCV_ZBC, "zbc"},
    {WA_RISCV_ZBKB, "zbkb"},     {WA_RISCV_ZACAS, "zacas"}, {0, NULL},
};

static const struct name *names_of(uint16_t machine) {
  static const struct name none = {0, NULL};
  switch (machine) {
  case EM_X86_64:
    return x86_64;
  case EM_AARCH64:
    return aarch64;
  case EM_RISCV:
    return riscv;
  default:
    return &none;
  }
}

const char *wa_cpu_feature_name(uint16_t machine, uint64_t bit) {
  const struct name *name = names_of(machine);
  while (name->text != NULL && name->bit != bit) {
    name++;
  }
  return name->text;
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
      const char *name = wa_cpu_feature_name(wa_host_machine(), bit);
      length += (size_t)snprintf(names + length, sizeof names - length, "%s%s",
                                 length == 0 ? "" : ", ", name == NULL ? "an unknown one" : name);
    }
  }
  return wa_fail(err, WA_ERROR_REFUSED, WA_NO_OFFSET,
                 "needs CPU features that this host lacks: %s; recompile with --cpu baseline or on "
                 "this host",
                 names);
}

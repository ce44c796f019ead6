// What an AArch64 processor offers, as the kernel says (Linux Documentation/arch/arm64/elf_hwcaps).
#include "loader/cpu.h"

#include <asm/hwcap.h>
#include <elf.h>
#include <sys/auxv.h>

#ifndef HWCAP_SB
#define HWCAP_SB (1 << 29)
#endif
#ifndef HWCAP2_FLAGM2
#define HWCAP2_FLAGM2 (1 << 7)
#endif
#ifndef HWCAP2_FRINT
#define HWCAP2_FRINT (1 << 8)
#endif
#ifndef HWCAP2_I8MM
#define HWCAP2_I8MM (1 << 13)
#endif
#ifndef HWCAP2_BF16
#define HWCAP2_BF16 (1 << 14)
#endif

struct feature {
  uint64_t bit;         // WA_ARM64_*
  unsigned long hwcap;  // all of these,
  unsigned long hwcap2; // and of these
};

static const struct feature features[] = {
    {WA_ARM64_CRC, HWCAP_CRC32, 0},
    {WA_ARM64_LSE, HWCAP_ATOMICS, 0},
    {WA_ARM64_RDM, HWCAP_ASIMDRDM, 0},
    {WA_ARM64_AES, HWCAP_AES | HWCAP_PMULL, 0},
    {WA_ARM64_SHA2, HWCAP_SHA1 | HWCAP_SHA2, 0},
    {WA_ARM64_FP16, HWCAP_FPHP | HWCAP_ASIMDHP, 0},
    {WA_ARM64_DOTPROD, HWCAP_ASIMDDP, 0},
    {WA_ARM64_RCPC, HWCAP_LRCPC, 0},
    {WA_ARM64_RCPC_IMMO, HWCAP_ILRCPC, 0},
    {WA_ARM64_COMPLXNUM, HWCAP_FCMA, 0},
    {WA_ARM64_JSCONV, HWCAP_JSCVT, 0},
    {WA_ARM64_FP16FML, HWCAP_ASIMDFHM, 0},
    {WA_ARM64_SHA3, HWCAP_SHA3 | HWCAP_SHA512, 0},
    {WA_ARM64_FLAGM, HWCAP_FLAGM, 0},
    {WA_ARM64_ALTNZCV, 0, HWCAP2_FLAGM2},
    {WA_ARM64_FPTOINT, 0, HWCAP2_FRINT},
    {WA_ARM64_LSE2, HWCAP_USCAT, 0},
    {WA_ARM64_SB, HWCAP_SB, 0},
    {WA_ARM64_I8MM, 0, HWCAP2_I8MM},
    {WA_ARM64_BF16, 0, HWCAP2_BF16},
};

uint16_t wa_host_machine(void) {
  return EM_AARCH64;
}

uint64_t wa_host_cpu_features(void) {
  unsigned long hwcap = getauxval(AT_HWCAP);
  unsigned long hwcap2 = getauxval(AT_HWCAP2);
  uint64_t found = 0;
  for (unsigned i = 0; i < sizeof features / sizeof features[0]; i++) {
    const struct feature *feature = &features[i];
    if ((hwcap & feature->hwcap) == feature->hwcap &&
        (hwcap2 & feature->hwcap2) == feature->hwcap2) {
      found |= feature->bit;
    }
  }
  return found;
}

// What a RISC-V processor offers beyond RV64GC, as the kernel says (Linux
// Documentation/arch/riscv/hwprobe). Kernels before 6.4 do not say: then nothing.
#include "loader/cpu.h"

#include <elf.h>
#include <sys/syscall.h>
#include <unistd.h>

// The kernel's numbers, for its headers may be older than the kernel.
enum { SYSCALL_RISCV_HWPROBE = 258, KEY_IMA_EXT_0 = 4 };

struct probe {
  int64_t key;
  uint64_t value;
};

struct feature {
  uint64_t bit;      // WA_RISCV_*
  unsigned position; // in the value of KEY_IMA_EXT_0
};

static const struct feature features[] = {
    {WA_RISCV_ZBA, 3},  {WA_RISCV_ZBB, 4},  {WA_RISCV_ZBS, 5},    {WA_RISCV_ZBC, 7},
    {WA_RISCV_ZBKB, 8}, {WA_RISCV_ZFA, 32}, {WA_RISCV_ZACAS, 34}, {WA_RISCV_ZICOND, 35},
};

uint16_t wa_host_machine(void) {
  return EM_RISCV;
}

uint64_t wa_host_cpu_features(void) {
  struct probe probe = {.key = KEY_IMA_EXT_0};
  uint64_t found = 0;
  if (syscall(SYSCALL_RISCV_HWPROBE, &probe, 1UL, 0UL, NULL, 0U) != 0 || probe.key < 0) {
    return 0;
  }
  for (unsigned i = 0; i < sizeof features / sizeof features[0]; i++) {
    if ((probe.value >> features[i].position & 1) != 0) {
      found |= features[i].bit;
    }
  }
  return found;
}

// RISC-V, 64 bits: extensions by LLVM's names. The baseline is RV64GC.
//
// LLVM has no swiftcc for it: compiled functions have the C convention with the context as their
// first argument. That convention returns two scalars in registers at most, and a vector in memory.
#include "compiler/target/llvm_compat.h"
#include "compiler/target/target_arch.h"
#include "runtime/abi.h"

#include <elf.h>
#include <llvm-c/Target.h>
#include <stddef.h>

static const struct wa_cpu_feature features[] = {
    {"zba", WA_RISCV_ZBA},       {"zbb", WA_RISCV_ZBB},     {"zbs", WA_RISCV_ZBS},
    {"zicond", WA_RISCV_ZICOND}, {"zfa", WA_RISCV_ZFA},     {"zbc", WA_RISCV_ZBC},
    {"zbkb", WA_RISCV_ZBKB},     {"zacas", WA_RISCV_ZACAS},
};

#define RVA22 (WA_RISCV_ZBA | WA_RISCV_ZBB | WA_RISCV_ZBS)

static const struct wa_cpu_model cpus[] = {
    {"generic-rv64", 0},
    {"sifive-u74", 0},
    {"spacemit-x60", RVA22 | WA_RISCV_ZBC | WA_RISCV_ZBKB | WA_RISCV_ZICOND},
};

// Inline stack probes came with 20; without them a large frame could jump over the guard.
#if defined WASMAOT_LLVM_RISCV && WA_LLVM_PROBES_RISCV
#define INIT_LLVM init_llvm
static void init_llvm(void) {
  LLVMInitializeRISCVTargetInfo();
  LLVMInitializeRISCVTarget();
  LLVMInitializeRISCVTargetMC();
  LLVMInitializeRISCVAsmPrinter();
  LLVMInitializeRISCVAsmParser();
}
#else
#define INIT_LLVM NULL
#endif

// Linux makes misaligned scalar accesses work on every processor (Documentation/arch/riscv/uabi):
// where they are slow, well-aligned programs do not pay for those that are not. Linker relaxation
// is off because nothing here relaxes, and it would leave every distance to the linker.
const struct wa_target_arch wa_target_riscv = {
    .name = "riscv64",
    .alias = "riscv64gc",
    .machine = EM_RISCV,
    .features = features,
    .feature_count = sizeof features / sizeof features[0],
    .cpus = cpus,
    .cpu_count = sizeof cpus / sizeof cpus[0],
    .cpu_hint = "or a name such as sifive-u74",
    .llvm_cpu = "generic-rv64",
    .always_on = "+m,+a,+f,+d,+c,+zicsr,+zifencei,+unaligned-scalar-mem,-relax,",
    .call_convention = WA_C_CALL_CONV,
    .tail_call_convention = WA_C_CALL_CONV,
    .max_register_results = 2,
    .has_vector_results = false,
    .init_llvm = INIT_LLVM,
};

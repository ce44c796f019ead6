// The architectures that code is compiled for: one table each, in target_NAME.c.
#ifndef WA_COMPILER_TARGET_TARGET_ARCH_H
#define WA_COMPILER_TARGET_TARGET_ARCH_H

#include <stdbool.h>
#include <stdint.h>

// An LLVM feature that a loader can check for.
struct wa_cpu_feature {
  const char *name;
  uint64_t bit; // in wa_note.cpu_features
};

struct wa_cpu_model {
  const char *name; // LLVM's
  uint64_t features;
};

struct wa_target_arch {
  const char *name;  // first component of the canonical triple
  const char *alias; // another spelling of it, or NULL
  uint16_t machine;  // e_machine
  const struct wa_cpu_feature *features;
  unsigned feature_count;
  const struct wa_cpu_model *cpus; // the first is the baseline
  unsigned cpu_count;
  const char *cpu_hint;  // what a message on an unknown CPU proposes
  const char *llvm_cpu;  // what LLVM is told: features are all given one by one
  const char *always_on; // LLVM features of every CPU of the kind, "+a,+b,", or ""
  // LLVM's calling conventions of compiled functions, and of those in modules with tail calls. All
  // but WA_C_CALL_CONV know swiftself.
  unsigned call_convention, tail_call_convention;
  // How many arguments that are floats or vectors go in registers, where LLVM is at odds with
  // itself about those of tail_call_convention that do not (ir.c); else 0.
  unsigned vector_registers;
  // How many results come back as a struct in registers, and whether one v128 does.
  unsigned max_register_results;
  bool has_vector_results;
  // Makes LLVM's code generator known; NULL when this LLVM has none that will do.
  void (*init_llvm)(void);
};

// The machine that this process runs on.
struct wa_target_host {
  const struct wa_target_arch *arch;
  char cpu[32];      // LLVM's name
  uint64_t features; // as in wa_note.cpu_features
};

extern const struct wa_target_arch wa_target_x86_64;
extern const struct wa_target_arch wa_target_aarch64;
extern const struct wa_target_arch wa_target_riscv;

#endif

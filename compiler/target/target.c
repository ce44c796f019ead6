#include "compiler/target/target.h"

#include "compiler/target/probe.h"

#include <llvm-c/Core.h>
#include <llvm-c/Support.h>
#include <llvm-c/Target.h>
#include <llvm/Config/llvm-config.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

void wa_compile_options_init(struct wa_compile_options *options) {
  *options = (struct wa_compile_options){.opt_level = 3};
}

static const struct wa_target_arch *const archs[] = {
    &wa_target_x86_64,
    &wa_target_aarch64,
    &wa_target_riscv,
};

enum { ARCH_COUNT = sizeof archs / sizeof archs[0] };

#if defined(__aarch64__)
static const struct wa_target_arch *const host_arch = &wa_target_aarch64;
#elif defined(__riscv)
static const struct wa_target_arch *const host_arch = &wa_target_riscv;
#else
static const struct wa_target_arch *const host_arch = &wa_target_x86_64;
#endif

// ---- CPU features ----

static bool is(const char *name, const char *text, size_t size) {
  return strlen(name) == size && memcmp(name, text, size) == 0;
}

static uint64_t find_feature(const struct wa_target_arch *arch, const char *name, size_t size) {
  for (unsigned i = 0; i < arch->feature_count; i++) {
    if (is(arch->features[i].name, name, size)) {
      return arch->features[i].bit;
    }
  }
  return 0;
}

// Switches each "+name" or "-name" of a comma-separated list. Unknown names: an error, or passed
// over.
static bool apply_features(struct wa_target *target, const char *list, bool strict,
                           struct wa_error *err) {
  while (*list) {
    size_t size = strcspn(list, ",");
    uint64_t bit = size > 1 ? find_feature(target->arch, list + 1, size - 1) : 0;
    bool is_signed = *list == '+' || *list == '-';
    if (strict && (!bit || !is_signed)) {
      return wa_fail(err, WA_ERROR_USAGE, WA_NO_OFFSET,
                     "unknown CPU feature \"%.*s\" of %s; write +name or -name, as in +%s,-%s",
                     (int)(size < 64 ? size : 64), list, target->arch->name,
                     target->arch->features[1].name, target->arch->features[2].name);
    }
    if (bit && *list == '-') {
      target->cpu_features &= ~bit;
    } else {
      target->cpu_features |= bit;
    }
    list += size + (list[size] == ',');
  }
  return true;
}

static void use_host_cpu(struct wa_target *target) {
  char *name = LLVMGetHostCPUName(), *list = LLVMGetHostCPUFeatures();
  snprintf(target->cpu, sizeof target->cpu, "%s", name);
  struct wa_error ignored;
  (void)apply_features(target, list, false, &ignored);
  LLVMDisposeMessage(name);
  LLVMDisposeMessage(list);
}

static bool use_named_cpu(struct wa_target *target, const char *name, size_t size,
                          struct wa_error *err) {
  const struct wa_target_arch *arch = target->arch;
  for (unsigned i = 0; i < arch->cpu_count; i++) {
    if (!is(arch->cpus[i].name, name, size)) {
      continue;
    }
    snprintf(target->cpu, sizeof target->cpu, "%s", arch->cpus[i].name);
    target->cpu_features = arch->cpus[i].features;
    return true;
  }
  return wa_fail(err, WA_ERROR_USAGE, WA_NO_OFFSET,
                 "unknown CPU \"%.*s\" of %s; use baseline, native, %s",
                 (int)(size < 64 ? size : 64), name, arch->name, arch->cpu_hint);
}

static bool use_cpu(struct wa_target *target, const char *name, size_t size, struct wa_error *err) {
  if (is("native", name, size)) {
    if (target->arch != host_arch) {
      return wa_fail(err, WA_ERROR_USAGE, WA_NO_OFFSET,
                     "the native CPU is of %s, not %s; name a CPU of the target", host_arch->name,
                     target->arch->name);
    }
    use_host_cpu(target);
    return true;
  }
  if (is("baseline", name, size)) {
    name = target->arch->cpus[0].name;
    size = strlen(name);
  }
  return use_named_cpu(target, name, size, err);
}

// "znver4,+avx2,-fma": a name, which may be missing, and features.
static bool choose_cpu(struct wa_target *target, const struct wa_compile_options *options,
                       struct wa_error *err) {
  const char *list = options->cpu ? options->cpu : "";
  size_t size = *list == '+' || *list == '-' ? 0 : strcspn(list, ",");
  const char *fallback = options->default_cpu ? options->default_cpu : "baseline";
  if (!(size ? use_cpu(target, list, size, err)
             : use_cpu(target, fallback, strlen(fallback), err))) {
    return false;
  }
  list += size;
  return apply_features(target, list + (*list == ','), true, err);
}

static void write_features(struct wa_target *target) {
  const struct wa_target_arch *arch = target->arch;
  size_t used = (size_t)snprintf(target->features, sizeof target->features, "%s", arch->always_on);
  for (unsigned i = 0; i < arch->feature_count; i++) {
    bool on = target->cpu_features & arch->features[i].bit;
    int written = snprintf(target->features + used, sizeof target->features - used, "%s%c%s",
                           i ? "," : "", on ? '+' : '-', arch->features[i].name);
    used += (size_t)written;
  }
}

// ---- Architectures ----

// What LLVM has no other switch for; they hold for the whole process. Its code generator must not
// make one store of several, or a narrow one of a wide one, because an access that lies partly
// outside does nothing but trap; no store may leave a loop that another access can end; and no load
// may become conditional because its value is. Nor does it turn conditional moves into branches,
// loads with them: it guesses that they are predicted well, which in the loops of our benchmarks
// they are not (docs/performance.md).
static const char *const llvm_options[] = {
    "wasmaot",
    "-disable-licm-promotion",
    "-combiner-store-merging=false",
    "-combiner-reduce-load-op-store-width=false",
    "-combiner-shrink-load-replace-store-with-store=false",
#ifdef WASMAOT_LLVM_X86
    "-x86-cmov-converter=false",
#endif
#if LLVM_VERSION_MAJOR >= 19 // jump tables are copied as often as ir/jump_table.c lets them
    "-tail-dup-pred-size=1000000",
#endif
};

enum { LLVM_OPTION_COUNT = sizeof llvm_options / sizeof llvm_options[0] };

bool wa_target_start_llvm(const char *left_out, struct wa_error *err) {
  const char *options[LLVM_OPTION_COUNT];
  int count = 0;
  for (int i = 0; i < LLVM_OPTION_COUNT; i++) {
    if (!left_out || strcmp(llvm_options[i], left_out) != 0) {
      options[count++] = llvm_options[i];
    }
  }
  LLVMParseCommandLineOptions(count, options, NULL);
  for (int i = 0; i < ARCH_COUNT; i++) {
    if (archs[i]->init_llvm) {
      archs[i]->init_llvm();
    }
  }
  return wa_probe_llvm(err);
}

// Once for the process, and what came of it.
static bool llvm_is_right;
static struct wa_error llvm_error;

static void start_llvm(void) {
  wa_error_clear(&llvm_error);
  llvm_is_right = wa_target_start_llvm(NULL, &llvm_error);
}

// The C library that a triple's part behind the architecture means, or NULL when it is none of
// ours. It makes no difference to the code.
static const char *environment(const char *rest) {
  static const char *const gnu[] = {"", "-linux", "-linux-gnu", "-unknown-linux-gnu"};
  static const char *const musl[] = {"-linux-musl", "-unknown-linux-musl"};
  for (size_t i = 0; i < sizeof gnu / sizeof gnu[0]; i++) {
    if (strcmp(rest, gnu[i]) == 0) {
      return "gnu";
    }
  }
  for (size_t i = 0; i < sizeof musl / sizeof musl[0]; i++) {
    if (strcmp(rest, musl[i]) == 0) {
      return "musl";
    }
  }
  return NULL;
}

static const struct wa_target_arch *find_arch(const char *triple) {
  size_t size = strcspn(triple, "-");
  for (int i = 0; i < ARCH_COUNT; i++) {
    const char *names[] = {archs[i]->name, archs[i]->alias};
    for (int j = 0; j < 2; j++) {
      if (names[j] && strlen(names[j]) == size && memcmp(names[j], triple, size) == 0) {
        return archs[i];
      }
    }
  }
  return NULL;
}

static bool choose_triple(struct wa_target *target, const char *triple, struct wa_error *err) {
  target->arch = triple ? find_arch(triple) : host_arch;
  const char *libc = triple ? environment(triple + strcspn(triple, "-")) : "gnu";
  if (!target->arch || !libc) {
    return wa_fail(err, WA_ERROR_USAGE, WA_NO_OFFSET,
                   "target \"%.64s\" is not supported; use x86_64, aarch64 or riscv64, with "
                   "-linux-gnu or -linux-musl",
                   triple);
  }
  if (!target->arch->init_llvm) {
    return wa_fail(err, WA_ERROR_UNSUPPORTED, WA_NO_OFFSET,
                   "the LLVM that this wasmaot was built with cannot compile for %s",
                   target->arch->name);
  }
  snprintf(target->triple, sizeof target->triple, "%s-unknown-linux-%s", target->arch->name, libc);
  return true;
}

bool wa_target_init(struct wa_target *target, const struct wa_compile_options *options,
                    struct wa_error *err) {
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  pthread_once(&once, start_llvm);
  if (!llvm_is_right) {
    *err = llvm_error;
    return false;
  }
  *target = (struct wa_target){.mask_indexes = options->mask_indexes};
  if (!choose_triple(target, options->target, err) || !choose_cpu(target, options, err)) {
    return false;
  }
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
  return LLVMCreateTargetMachine(target->llvm, target->triple, target->arch->llvm_cpu,
                                 target->features, levels[opt_level], LLVMRelocPIC,
                                 LLVMCodeModelSmall);
}

const struct wa_target_arch *const *wa_targets(unsigned *count) {
  *count = ARCH_COUNT;
  return archs;
}

void wa_target_of_host(struct wa_target_host *host) {
  struct wa_target target = {.arch = host_arch};
  use_host_cpu(&target);
  *host = (struct wa_target_host){.arch = host_arch, .features = target.cpu_features};
  memcpy(host->cpu, target.cpu, sizeof host->cpu);
}

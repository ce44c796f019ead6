#include "cli/confine.h"

#include <asm/ioctls.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

// ---- Landlock ----

// As in <linux/landlock.h> of Linux 6.12, which the C library's headers may be older than.
enum {
  CREATE_RULESET = 444,
  ADD_RULE = 445,
  RESTRICT_SELF = 446,
  CREATE_RULESET_VERSION = 1,
  RULE_PATH_BENEATH = 1,
};

enum {
  FS_WRITE_FILE = 1 << 1,
  FS_READ_FILE = 1 << 2,
  FS_READ_DIR = 1 << 3,
  FS_REMOVE_DIR = 1 << 4,
  FS_REMOVE_FILE = 1 << 5,
  FS_MAKE_DIR = 1 << 7,
  FS_MAKE_REG = 1 << 8,
  FS_MAKE_SYM = 1 << 12,
  FS_REFER = 1 << 13,
  FS_TRUNCATE = 1 << 14,
};

struct ruleset {
  uint64_t fs;
  uint64_t net;
  uint64_t scoped;
};

struct path_beneath {
  uint64_t access;
  int32_t parent;
} __attribute__((packed));

// All that the kernel knows to keep from a process, by the version of its interface.
static struct ruleset everything(long version) {
  static const uint64_t fs[] = {0, 0x1fff, 0x3fff, 0x7fff, 0x7fff, 0xffff};
  size_t last = sizeof fs / sizeof fs[0] - 1;
  return (struct ruleset){.fs = fs[(size_t)version < last ? (size_t)version : last],
                          .net = version >= 4 ? 3 : 0,
                          .scoped = version >= 6 ? 3 : 0};
}

// Kernels take no more of the structure than they know.
static size_t ruleset_size(long version) {
  return version >= 6   ? sizeof(struct ruleset)
         : version >= 4 ? offsetof(struct ruleset, scoped)
                        : offsetof(struct ruleset, net);
}

static const uint64_t reading = FS_READ_FILE | FS_READ_DIR;
static const uint64_t writing = FS_WRITE_FILE | FS_REMOVE_DIR | FS_REMOVE_FILE | FS_MAKE_DIR |
                                FS_MAKE_REG | FS_MAKE_SYM | FS_REFER | FS_TRUNCATE;

static bool grant(int ruleset, uint64_t handled, const struct wa_confine_directory *directory,
                  struct wa_error *err) {
  int file = open(directory->path, O_PATH | O_DIRECTORY | O_CLOEXEC);
  const struct path_beneath rule = {
      .access = (reading | (directory->read_only ? 0 : writing)) & handled, .parent = file};
  long done = file < 0 ? -1 : syscall(ADD_RULE, ruleset, RULE_PATH_BENEATH, &rule, 0);
  int error = errno;
  if (file >= 0) {
    (void)close(file);
  }
  return done == 0 || wa_fail(err, WA_ERROR_SYSTEM, WA_NO_OFFSET, "--sandbox: the directory %s: %s",
                              directory->path, strerror(error));
}

static bool restrict_files(const struct wa_confine_directory *directories, size_t count,
                           struct wa_error *err) {
  long version = syscall(CREATE_RULESET, NULL, 0, CREATE_RULESET_VERSION);
  if (version < 1) {
    return wa_fail(err, WA_ERROR_SYSTEM, WA_NO_OFFSET,
                   "--sandbox: this kernel has no Landlock, or has it off (%s); it takes Linux "
                   "5.13 and lsm=landlock",
                   strerror(errno));
  }
  const struct ruleset rules = everything(version);
  int ruleset = (int)syscall(CREATE_RULESET, &rules, ruleset_size(version), 0);
  if (ruleset < 0) {
    return wa_fail(err, WA_ERROR_SYSTEM, WA_NO_OFFSET, "--sandbox: Landlock: %s", strerror(errno));
  }
  bool ok = true;
  for (size_t i = 0; ok && i < count; i++) {
    ok = grant(ruleset, rules.fs, &directories[i], err);
  }
  if (ok && syscall(RESTRICT_SELF, ruleset, 0) != 0) {
    ok = wa_fail(err, WA_ERROR_SYSTEM, WA_NO_OFFSET, "--sandbox: Landlock: %s", strerror(errno));
  }
  (void)close(ruleset);
  return ok;
}

// ---- System calls ----

#if defined __x86_64__
#define ARCHITECTURE AUDIT_ARCH_X86_64
#elif defined __aarch64__
#define ARCHITECTURE AUDIT_ARCH_AARCH64
#elif defined __riscv
#define ARCHITECTURE AUDIT_ARCH_RISCV64
#endif

// In any form.
static const uint16_t allowed[] = {
    // Files and descriptors: Landlock says which.
    SYS_openat,
    SYS_openat2,
    SYS_close,
    SYS_read,
    SYS_write,
    SYS_readv,
    SYS_writev,
    SYS_pread64,
    SYS_pwrite64,
    SYS_preadv,
    SYS_pwritev,
    SYS_preadv2,
    SYS_pwritev2,
    SYS_lseek,
    SYS_fstat,
    SYS_newfstatat,
    SYS_statx,
    SYS_fcntl,
    SYS_dup,
    SYS_dup3,
    SYS_fsync,
    SYS_fdatasync,
    SYS_ftruncate,
    SYS_fallocate,
    SYS_fadvise64,
    SYS_utimensat,
    SYS_getdents64,
    SYS_readlinkat,
    SYS_mkdirat,
    SYS_linkat,
    SYS_symlinkat,
    SYS_unlinkat,
    SYS_renameat2,
    SYS_faccessat,
    // Sockets that were handed to it.
    SYS_accept,
    SYS_accept4,
    SYS_recvfrom,
    SYS_recvmsg,
    SYS_sendmsg,
    SYS_shutdown,
    SYS_getsockopt,
    SYS_setsockopt,
    SYS_getsockname,
    // Time and waiting.
    SYS_clock_gettime,
    SYS_clock_getres,
    SYS_clock_nanosleep,
    SYS_nanosleep,
    SYS_gettimeofday,
    SYS_ppoll,
    SYS_futex,
    SYS_sched_yield,
    SYS_getrusage,
    // Memory: mmap and mprotect below.
    SYS_munmap,
    SYS_mremap,
    SYS_madvise,
    SYS_brk,
    SYS_membarrier,
    // Threads and their signals.
    SYS_exit,
    SYS_exit_group,
    SYS_gettid,
    SYS_getpid,
    SYS_set_robust_list,
    SYS_rseq,
    SYS_rt_sigaction,
    SYS_rt_sigprocmask,
    SYS_rt_sigreturn,
    SYS_rt_sigtimedwait,
    SYS_sigaltstack,
    SYS_sched_getaffinity,
    SYS_restart_syscall,
    SYS_getrandom,
#ifdef SYS_poll
    SYS_poll, // not on newer architectures
#endif
#ifdef SYS_rename
    SYS_rename,
#endif
#ifdef SYS_renameat
    SYS_renameat,
#endif
#ifdef SYS_time
    SYS_time,
#endif
#ifdef SYS_riscv_flush_icache
    SYS_riscv_flush_icache,
#endif
};

enum { MAX_RULES = 2 * (sizeof allowed / sizeof allowed[0]) + 64 };

struct filter {
  struct sock_filter rules[MAX_RULES];
  unsigned short count;
};

// A call takes two rules, and all that have conditions fewer than 64 together.
static void add(struct filter *filter, uint16_t code, uint32_t operand, uint8_t yes, uint8_t no) {
  filter->rules[filter->count++] = (struct sock_filter){code, yes, no, operand};
}

// What the next rules look at: the low half of an argument, all that flags use.
static void load_argument(struct filter *filter, unsigned index) {
  add(filter, BPF_LD | BPF_W | BPF_ABS,
      (uint32_t)(offsetof(struct seccomp_data, args) + index * sizeof(uint64_t)), 0, 0);
}

static void end(struct filter *filter, uint32_t what) {
  add(filter, BPF_RET | BPF_K, what, 0, 0);
}

static void answer(struct filter *filter, uint32_t number, uint32_t what) {
  add(filter, BPF_JMP | BPF_JEQ | BPF_K, number, 0, 1);
  end(filter, what);
}

// The call is allowed when `bits` of its argument are as in `wanted`.
static void allow_bits(struct filter *filter, uint32_t number, unsigned argument, uint32_t bits,
                       uint32_t wanted) {
  add(filter, BPF_JMP | BPF_JEQ | BPF_K, number, 0, 5);
  load_argument(filter, argument);
  add(filter, BPF_ALU | BPF_AND | BPF_K, bits, 0, 0);
  add(filter, BPF_JMP | BPF_JEQ | BPF_K, wanted, 0, 1);
  end(filter, SECCOMP_RET_ALLOW);
  end(filter, SECCOMP_RET_ERRNO | EPERM);
}

// The call is allowed when its argument is one of `values`.
static void allow_values(struct filter *filter, uint32_t number, unsigned argument,
                         const uint32_t *values, uint8_t count) {
  add(filter, BPF_JMP | BPF_JEQ | BPF_K, number, 0, (uint8_t)(count + 3));
  load_argument(filter, argument);
  for (uint8_t i = 0; i < count; i++) {
    add(filter, BPF_JMP | BPF_JEQ | BPF_K, values[i], (uint8_t)(count - i), 0);
  }
  end(filter, SECCOMP_RET_ERRNO | EPERM);
  end(filter, SECCOMP_RET_ALLOW);
}

static void build(struct filter *filter) {
  static const uint32_t terminal[] = {TCGETS, TIOCGWINSZ, FIONREAD, FIONBIO};
  static const uint32_t name[] = {PR_SET_NAME, PR_GET_NAME};
  static const uint32_t own = 0;
  const uint32_t self = (uint32_t)getpid();
  add(filter, BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch), 0, 0);
  add(filter, BPF_JMP | BPF_JEQ | BPF_K, ARCHITECTURE, 1, 0);
  end(filter, SECCOMP_RET_KILL_PROCESS);
  // From here on it is the call's number that is looked at: what looks at an argument ends.
  add(filter, BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr), 0, 0);
  for (size_t i = 0; i < sizeof allowed / sizeof allowed[0]; i++) {
    answer(filter, allowed[i], SECCOMP_RET_ALLOW);
  }
  // Nothing becomes executable.
  allow_bits(filter, SYS_mmap, 2, PROT_EXEC, 0);
  allow_bits(filter, SYS_mprotect, 2, PROT_EXEC, 0);
  // Threads, no processes. The C library takes clone where there is no clone3, whose flags are in
  // memory.
  allow_bits(filter, SYS_clone, 0, CLONE_THREAD | CLONE_VM, CLONE_THREAD | CLONE_VM);
  answer(filter, SYS_clone3, SECCOMP_RET_ERRNO | ENOSYS);
  // Signals to itself.
  allow_values(filter, SYS_tgkill, 0, &self, 1);
  allow_values(filter, SYS_rt_tgsigqueueinfo, 0, &self, 1);
  allow_values(filter, SYS_prlimit64, 0, &own, 1);
  allow_values(filter, SYS_ioctl, 1, terminal, sizeof terminal / sizeof terminal[0]);
  allow_values(filter, SYS_prctl, 0, name, sizeof name / sizeof name[0]);
  end(filter, SECCOMP_RET_ERRNO | EPERM);
}

static bool restrict_calls(struct wa_error *err) {
  struct filter filter = {.count = 0};
  build(&filter);
  const struct sock_fprog program = {.len = filter.count, .filter = filter.rules};
  return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0 ||
         wa_fail(err, WA_ERROR_SYSTEM, WA_NO_OFFSET,
                 "--sandbox: this system takes no seccomp filter: %s", strerror(errno));
}

bool wa_confine(const struct wa_confine_directory *directories, size_t count,
                struct wa_error *err) {
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) {
    return wa_fail(err, WA_ERROR_SYSTEM, WA_NO_OFFSET, "--sandbox: %s", strerror(errno));
  }
  return restrict_files(directories, count, err) && restrict_calls(err);
}

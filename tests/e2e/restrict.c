// Runs a command under a restriction, as containers and hardened systems have them.
//
//   restrict mdwe -- COMMAND          prctl(PR_SET_MDWE): nothing that was writable becomes
//   executable restrict protect -- COMMAND       systemd's MemoryDenyWriteExecute=: a filter for
//   mprotect and mmap restrict NAME=ERRNO... -- COMMAND each system call NAME fails with that
//   number
//
// Status 77 where the system does not know the restriction.
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef PR_SET_MDWE
#define PR_SET_MDWE 65
#endif

enum { MAX_RULES = 64, NOT_KNOWN = 77, ARGUMENT_2 = 2 };

struct filter {
  struct sock_filter rules[MAX_RULES];
  unsigned short count;
};

static const struct {
  const char *name;
  long number;
} calls[] = {
    {"clone3", SYS_clone3},
    {"openat2", SYS_openat2},
    {"memfd_create", SYS_memfd_create},
    {"membarrier", SYS_membarrier},
    {"mremap", SYS_mremap},
    {"getrandom", SYS_getrandom},
    {"statx", SYS_statx},
    {"madvise", SYS_madvise},
    {"sched_getaffinity", SYS_sched_getaffinity},
    {"prctl", SYS_prctl},
    {"eventfd2", SYS_eventfd2},
    {"ppoll", SYS_ppoll},
    {"copy_file_range", SYS_copy_file_range},
    {"landlock_create_ruleset", 444},
    {"seccomp", SYS_seccomp},
};

static void add(struct filter *filter, struct sock_filter rule) {
  if (filter->count == MAX_RULES) {
    fprintf(stderr, "too many rules\n");
    exit(2);
  }
  filter->rules[filter->count++] = rule;
}

// What the next rules test.
static void load(struct filter *filter, size_t offset) {
  add(filter, (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (unsigned)offset));
}

static void result(struct filter *filter, unsigned value) {
  add(filter, (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, value));
}

static void refuse(struct filter *filter, long number, unsigned error) {
  load(filter, offsetof(struct seccomp_data, nr));
  add(filter, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (unsigned)number, 0, 1));
  result(filter, SECCOMP_RET_ERRNO | error);
}

// When all of `bits` are in the call's third argument.
static void refuse_protection(struct filter *filter, long number, unsigned bits) {
  load(filter, offsetof(struct seccomp_data, nr));
  add(filter, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (unsigned)number, 0, 4));
  load(filter, offsetof(struct seccomp_data, args[ARGUMENT_2]));
  add(filter, (struct sock_filter)BPF_STMT(BPF_ALU | BPF_AND | BPF_K, bits));
  add(filter, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, bits, 0, 1));
  result(filter, SECCOMP_RET_ERRNO | EPERM);
}

static void refuse_named(struct filter *filter, const char *text) {
  const char *equals = strchr(text, '=');
  size_t length = equals == NULL ? 0 : (size_t)(equals - text);
  for (size_t i = 0; i < sizeof calls / sizeof calls[0]; i++) {
    if (length != 0 && strlen(calls[i].name) == length &&
        memcmp(calls[i].name, text, length) == 0) {
      refuse(filter, calls[i].number, (unsigned)atoi(equals + 1));
      return;
    }
  }
  fprintf(stderr, "no restriction of that name: %s\n", text);
  exit(2);
}

static void restrict_by(struct filter *filter, const char *text) {
  if (strcmp(text, "mdwe") == 0) {
    if (prctl(PR_SET_MDWE, 1, 0, 0, 0) != 0) {
      exit(NOT_KNOWN);
    }
  } else if (strcmp(text, "protect") == 0) {
    refuse_protection(filter, SYS_mprotect, PROT_EXEC);
    refuse_protection(filter, SYS_pkey_mprotect, PROT_EXEC);
    refuse_protection(filter, SYS_mmap, PROT_WRITE | PROT_EXEC);
  } else {
    refuse_named(filter, text);
  }
}

int main(int argc, char **argv) {
  struct filter filter = {.count = 0};
  int at = 1;
  for (; at < argc && strcmp(argv[at], "--") != 0; at++) {
    restrict_by(&filter, argv[at]);
  }
  result(&filter, SECCOMP_RET_ALLOW);
  struct sock_fprog program = {filter.count, filter.rules};
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
      prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0) {
    return NOT_KNOWN;
  }
  if (at + 1 >= argc) {
    fprintf(stderr, "usage: restrict KIND... -- COMMAND\n");
    return 2;
  }
  execvp(argv[at + 1], argv + at + 1);
  perror(argv[at + 1]);
  return 2;
}

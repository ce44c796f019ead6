// Scripts, each run in a process of its own, so that a crash costs only the script it happens in.
#ifndef SPEC_RUNNER_H
#define SPEC_RUNNER_H

#include "tests/spec/scope.h"

#include <sys/types.h>

struct spec_file {
  char *path;
  char *folder;        // "core"
  const char *name;    // "binary.bin.wast", in path
  struct tally *tally; // in shared memory
  pid_t pid;           // while it runs
};

struct run_options {
  struct spec_options spec;
  unsigned jobs;
  unsigned repeat;  // times that litmus tests run
  unsigned timeout; // seconds a script may take
  bool verbose;
};

// Runs all and fills their tallies; every command of a script that died is counted. False when
// processes cannot be made.
bool run_files(struct spec_file *files, size_t count, const struct run_options *options);

#endif

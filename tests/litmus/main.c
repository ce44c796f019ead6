// litmus: runs small multi-threaded programs many times and checks every outcome against the memory
// model. usage: litmus classic [TIMES [NAME]] | wake [TIMES] | random [FIRST [COUNT [TIMES]]]
#include "tests/litmus/program.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const int levels[] = {0, 3};

// Whether all outcomes are allowed; the number of those that are not.
static unsigned long check(const struct program *program, int level, bool fences,
                           const struct run *run) {
  unsigned long wrong = 0;
  if (run->hung) {
    printf("-O%d: HUNG: ", level);
    program_print(program);
    exit(1);
  }
  for (size_t i = 0; i < run->count; i++) {
    if (outcome_allowed(program, &run->tallies[i].outcome, fences)) {
      continue;
    }
    wrong += run->tallies[i].count;
    printf("-O%d: FORBIDDEN, %lu times: ", level, run->tallies[i].count);
    program_print(program);
    printf("   ");
    outcome_print(program, &run->tallies[i].outcome);
    printf("\n");
  }
  return wrong;
}

// ---- Classic tests ----

// Whether the oracle finds some way for the outcome that the test is about.
static bool oracle_allows(const struct classic *classic) {
  for (unsigned choice = 0; choice < 27; choice++) {
    struct outcome outcome = classic->relaxed;
    const unsigned digits[] = {choice % 3, choice / 3 % 3, choice / 9};
    for (unsigned i = 0; i < 3; i++) {
      if (classic->open[i]) {
        outcome.memory[i * 4] = (uint8_t)digits[i];
      }
    }
    if (outcome_allowed(&classic->program, &outcome, classic->fences)) {
      return true;
    }
  }
  return false;
}

static bool run_classic(const struct classic *classic, unsigned times) {
  unsigned long wrong = 0, relaxed = 0;
  for (unsigned i = 0; i < 2; i++) {
    struct run run;
    run_program(&classic->program, levels[i], times, &run);
    wrong += check(&classic->program, levels[i], classic->fences, &run);
    for (size_t j = 0; j < run.count; j++) {
      if (classic_is_relaxed(classic, &run.tallies[j].outcome)) {
        relaxed += run.tallies[j].count;
      }
    }
    run_deinit(&run);
  }
  printf("%-12s %8u runs, relaxed outcome %-9s seen %lu times\n", classic->program.name, 2 * times,
         classic->forbidden ? "forbidden" : "allowed", relaxed);
  return wrong == 0 && (relaxed == 0 || !classic->forbidden);
}

// Those whose names begin with `name`.
static bool classics(unsigned times, const char *name) {
  unsigned right = 0, count = 0;
  for (size_t i = 0; i < classic_count(); i++) {
    struct classic classic;
    classic_get(i, &classic);
    if (strncmp(classic.program.name, name, strlen(name)) != 0) {
      continue;
    }
    count++;
    if (oracle_allows(&classic) == classic.forbidden) {
      printf("%s: the oracle %s what it should not\n", classic.program.name,
             classic.forbidden ? "allows" : "forbids");
      continue;
    }
    right += run_classic(&classic, times);
  }
  printf("%u of %u litmus tests without a forbidden outcome, %u runs each at -O0 and at -O3\n",
         right, count, times);
  return right == count && count != 0;
}

// ---- Random programs ----

static bool randoms(unsigned long first, unsigned long count, unsigned times) {
  unsigned long wrong = 0, outcomes = 0;
  for (unsigned long seed = first; seed < first + count; seed++) {
    struct program program;
    program_generate(seed, &program);
    unsigned long bad = 0;
    for (unsigned i = 0; i < 2; i++) {
      struct run run;
      run_program(&program, levels[i], times, &run);
      bad += check(&program, levels[i], false, &run);
      outcomes += run.count;
      run_deinit(&run);
    }
    wrong += bad != 0;
  }
  printf("%lu of %lu random programs without a forbidden outcome, %u runs each at -O0 and at -O3; "
         "%.1f different outcomes each\n",
         count - wrong, count, times, (double)outcomes / (double)(2 * count));
  return wrong == 0;
}

static unsigned long argument(char **argv, int argc, int at, unsigned long usual) {
  return at < argc ? strtoul(argv[at], NULL, 10) : usual;
}

int main(int argc, char **argv) {
  (void)setvbuf(stdout, NULL, _IOLBF, 0);
  const char *what = argc > 1 ? argv[1] : "";
  bool ok;
  if (strcmp(what, "classic") == 0) {
    ok = classics((unsigned)argument(argv, argc, 2, 1000), argc > 3 ? argv[3] : "");
  } else if (strcmp(what, "wake") == 0) {
    ok = true;
    for (unsigned i = 0; i < 2; i++) {
      ok = wake_tests(levels[i], (unsigned)argument(argv, argc, 2, 1000)) && ok;
    }
  } else if (strcmp(what, "random") == 0) {
    ok = randoms(argument(argv, argc, 2, 1), argument(argv, argc, 3, 100),
                 (unsigned)argument(argv, argc, 4, 1000));
  } else {
    (void)fprintf(stderr, "usage: litmus classic [TIMES [NAME]] | wake [TIMES] | "
                          "random [FIRST [COUNT [TIMES]]]\n");
    return 2;
  }
  return ok ? 0 : 1;
}

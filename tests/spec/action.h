// Actions of a script: calling an exported function, reading an exported global.
#ifndef SPEC_ACTION_H
#define SPEC_ACTION_H

#include "tests/spec/scope.h"
#include "tests/spec/value.h"

enum outcome_kind {
  RETURNED,
  TRAPPED,
  FAILED,  // could not be tried; why says what is wrong
  SKIPPED, // needs what is not offered; why names that
};

struct outcome {
  enum outcome_kind kind;
  char why[LONGEST_WHY];
  uint32_t type_count; // of a return: results, one global
  const uint32_t *types;
  uint32_t global_type;
  union wa_cell *cells; // malloc's
  struct wa_trap trap;
};

// Runs "(invoke …)" or "(get …)". The outcome's cells are freed by outcome_deinit.
void action_run(const struct scope *scope, const struct node *action, struct outcome *outcome);
void outcome_deinit(struct outcome *outcome);

// Compares what was returned with the list of patterns from `patterns` on. When the outcome is not
// as they say, it becomes FAILED or SKIPPED with its why.
void outcome_compare(struct outcome *outcome, const struct node *patterns);

// "$name" or nothing: the name, and the node after it.
struct wa_bytes take_name(const struct node **node);

#endif

#include "tests/spec/action.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

__attribute__((format(printf, 3, 4))) static void
end_with(struct outcome *outcome, enum outcome_kind kind, const char *format, ...) {
  va_list args;
  va_start(args, format);
  outcome->kind = kind;
  (void)vsnprintf(outcome->why, sizeof outcome->why, format, args);
  va_end(args);
}

struct wa_bytes take_name(const struct node **node) {
  if (!sexpr_is_name(*node)) {
    return (struct wa_bytes){0};
  }
  struct wa_bytes name = {(const uint8_t *)(*node)->text, (*node)->size};
  *node = (*node)->next;
  return name;
}

static bool find_export(const struct scope *scope, const struct node **rest,
                        struct outcome *outcome, struct wa_extern *found) {
  struct wa_bytes name = take_name(rest);
  const struct instance *instance = scope_instance(scope, name);
  const struct node *field = *rest;
  if (!instance || !field || field->kind != NODE_STRING) {
    end_with(outcome, FAILED, "there is no such module");
    return false;
  }
  if (instance->state != READY) {
    end_with(outcome, instance->state == LACKING ? SKIPPED : FAILED, "%s", instance->why);
    return false;
  }
  *rest = field->next;
  if (!wa_instance_export(instance->instance, field->text, field->size, found)) {
    end_with(outcome, FAILED, "no export \"%.*s\"", (int)field->size, field->text);
    return false;
  }
  return true;
}

static bool read_arguments(const struct wa_signature *signature, const struct node *arguments,
                           struct outcome *outcome) {
  size_t cell = 0;
  const struct node *argument = arguments;
  for (uint32_t i = 0; i < signature->param_count; i++) {
    struct value value;
    const char *needs;
    if (!value_parse(argument, &value, &needs)) {
      end_with(outcome, needs ? SKIPPED : FAILED, "%s", needs ? needs : "bad argument");
      return false;
    }
    if (value.type && !value_suits(&value, signature->params[i])) {
      end_with(outcome, FAILED, "argument %" PRIu32 " has another type than the parameter", i);
      return false;
    }
    value_to_cells(&value, outcome->cells + cell);
    cell += value_cells(&value);
    argument = argument->next;
  }
  if (argument) {
    end_with(outcome, FAILED, "more arguments than %" PRIu32 " parameters", signature->param_count);
  }
  return !argument;
}

static void call(struct wa_func_ref *func, const struct node *arguments, struct outcome *outcome) {
  const struct wa_signature *signature = wa_func_signature(func);
  size_t cells = signature->param_cells > signature->result_cells ? signature->param_cells
                                                                  : signature->result_cells;
  outcome->cells = calloc(cells + 1, sizeof *outcome->cells);
  if (!outcome->cells) {
    end_with(outcome, FAILED, "out of memory");
    return;
  }
  if (!read_arguments(signature, arguments, outcome)) {
    return;
  }
  outcome->types = signature->results;
  outcome->type_count = signature->result_count;
  if (wa_func_call(func, outcome->cells, &outcome->trap)) {
    outcome->kind = RETURNED;
  } else {
    end_with(outcome, TRAPPED, "trap: %s", outcome->trap.message);
  }
}

static void get(const struct wa_global_object *global, struct outcome *outcome) {
  size_t cells = global->type == WA_V128 ? 2 : 1;
  outcome->cells = calloc(cells, sizeof *outcome->cells);
  if (!outcome->cells) {
    end_with(outcome, FAILED, "out of memory");
    return;
  }
  memcpy(outcome->cells, global->cell, cells * sizeof *outcome->cells);
  outcome->global_type = global->type;
  outcome->types = &outcome->global_type;
  outcome->type_count = 1;
  outcome->kind = RETURNED;
}

void action_run(const struct scope *scope, const struct node *action, struct outcome *outcome) {
  memset(outcome, 0, sizeof *outcome);
  bool invoke = sexpr_is_list(action, "invoke");
  if (!invoke && !sexpr_is_list(action, "get")) {
    end_with(outcome, FAILED, "neither invoke nor get");
    return;
  }
  const struct node *rest = action->first->next;
  struct wa_extern found;
  if (!find_export(scope, &rest, outcome, &found)) {
    return;
  }
  if (invoke && found.kind == WA_EXTERN_FUNC) {
    call(found.func, rest, outcome);
  } else if (!invoke && found.kind == WA_EXTERN_GLOBAL) {
    get(found.global, outcome);
  } else {
    end_with(outcome, FAILED, "the export is of another kind");
  }
}

void outcome_deinit(struct outcome *outcome) {
  free(outcome->cells);
}

// One pattern, or "(either p q …)" of which one must match. False when a pattern cannot be read:
// the outcome says why.
static bool matches(struct outcome *outcome, const struct node *pattern, uint32_t type,
                    const union wa_cell *cells, bool *match) {
  bool either = sexpr_is_list(pattern, "either");
  const struct node *choice = either ? pattern->first->next : pattern;
  *match = false;
  for (; choice && !*match; choice = either ? choice->next : NULL) {
    struct value value;
    const char *needs;
    if (!value_parse(choice, &value, &needs)) {
      end_with(outcome, needs ? SKIPPED : FAILED, "%s", needs ? needs : "bad result pattern");
      return false;
    }
    *match = value_matches(&value, type, cells);
  }
  return true;
}

void outcome_compare(struct outcome *outcome, const struct node *patterns) {
  const struct node *pattern = patterns;
  const union wa_cell *cells = outcome->cells;
  for (uint32_t i = 0; i < outcome->type_count; i++) {
    uint32_t type = outcome->types[i];
    bool match;
    if (!pattern) {
      end_with(outcome, FAILED, "returned more than %" PRIu32 " results", i);
      return;
    }
    if (!matches(outcome, pattern, type, cells, &match)) {
      return;
    }
    if (!match) {
      char found[128];
      value_print(found, sizeof found, type, cells);
      end_with(outcome, FAILED, "result %" PRIu32 " is %s", i, found);
      return;
    }
    cells += type == WA_V128 ? 2 : 1;
    pattern = pattern->next;
  }
  if (pattern) {
    end_with(outcome, FAILED, "returned only %" PRIu32 " results", outcome->type_count);
  }
}

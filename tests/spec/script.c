#include "tests/spec/script.h"

#include "tests/spec/action.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

// A "(thread …)" block: a scope and a thread of its own.
struct script_thread {
  struct script_thread *next;
  struct wa_bytes name;
  const struct node *commands;
  struct scope scope;
  pthread_t thread;
  bool running;
};

static const struct node *after_head(const struct node *command) {
  return command->first->next;
}

static bool counts(const struct node *command) {
  static const char assertion[] = "assert_";
  const struct node *head = command->first;
  return sexpr_is_list(command, "invoke") || sexpr_is_list(command, "get") ||
         (head && head->kind == NODE_ATOM && head->size > strlen(assertion) &&
          memcmp(head->text, assertion, strlen(assertion)) == 0);
}

unsigned script_count(const struct node *commands) {
  unsigned count = 0;
  for (const struct node *command = commands->first; command; command = command->next) {
    count += sexpr_is_list(command, "thread") ? script_count(command) : counts(command);
  }
  return count;
}

// ---- Modules ----

// "(module definition? instance? $name* binary? "…"*)", taken apart.
struct module_form {
  bool definition, instance;
  struct wa_bytes names[2];
  struct wa_bytes bytes;
};

static bool join_strings(struct wa_arena *arena, const struct node *strings,
                         struct wa_bytes *bytes) {
  size_t size = 0;
  for (const struct node *string = strings; string; string = string->next) {
    if (string->kind != NODE_STRING) {
      return false;
    }
    size += string->size;
  }
  uint8_t *joined = wa_arena_alloc(arena, size + 1, 1);
  if (!joined) {
    return false;
  }
  *bytes = (struct wa_bytes){joined, size};
  for (const struct node *string = strings; string; string = string->next) {
    memcpy(joined, string->text, string->size);
    joined += string->size;
  }
  return true;
}

static bool parse_module(struct scope *scope, const struct node *module, struct module_form *form) {
  *form = (struct module_form){0};
  if (!sexpr_is_list(module, "module")) {
    return false;
  }
  const struct node *rest = after_head(module);
  form->definition = sexpr_is_atom(rest, "definition");
  form->instance = sexpr_is_atom(rest, "instance");
  if (form->definition || form->instance) {
    rest = rest->next;
  }
  form->names[0] = take_name(&rest);
  form->names[1] = take_name(&rest);
  if (form->instance) {
    return !rest;
  }
  return sexpr_is_atom(rest, "binary") && join_strings(&scope->arena, rest->next, &form->bytes);
}

// The definition that a module form names or brings.
static struct definition *form_definition(struct scope *scope, const struct module_form *form) {
  return form->instance ? scope_definition(scope, form->names[1])
                        : scope_define(scope, form->names[0], form->bytes);
}

static void run_module(struct scope *scope, const struct node *command) {
  struct module_form form;
  struct definition *definition =
      parse_module(scope, command, &form) ? form_definition(scope, &form) : NULL;
  struct instantiation *made = calloc(1, sizeof *made);
  if (!definition || !made) {
    report_note(scope->report, command->line, "module: not understood");
    (void)scope_add_instance(scope, (struct wa_bytes){0}, BROKEN, "module not understood", NULL);
    goto out;
  }
  if (definition->state == BROKEN) {
    report_note(scope->report, command->line, "module: %s", definition->why);
  }
  if (form.definition) {
    goto out;
  }
  scope_instantiate(scope, definition, made);
  if (made->state == READY && made->result != WA_INSTANTIATED) {
    made->state = BROKEN;
  }
  if (made->state == BROKEN && definition->state != BROKEN) {
    report_note(scope->report, command->line, "module instance: %s", made->why);
  }
  (void)scope_add_instance(scope, form.names[0], made->state, made->why, made->instance);
out:
  free(made);
}

static void run_register(struct scope *scope, const struct node *command) {
  const struct node *rest = after_head(command);
  struct wa_error err;
  wa_error_clear(&err);
  if (!rest || rest->kind != NODE_STRING) {
    return;
  }
  struct wa_bytes as = {(const uint8_t *)rest->text, rest->size};
  rest = rest->next;
  const struct instance *instance = scope_instance(scope, take_name(&rest));
  if (!instance || !scope_register(scope, as, instance, &err)) {
    report_note(scope->report, command->line, "register: %s", err.message);
  }
}

// ---- Assertions about modules ----

static void assert_rejected(struct scope *scope, const struct node *command,
                            enum wa_error_kind kind) {
  static const char *const kinds[] = {
      [WA_ERROR_MALFORMED] = "malformed", [WA_ERROR_INVALID] = "invalid"};
  struct report *report = scope->report;
  struct module_form form;
  struct wa_module module;
  struct wa_error err;
  char why[LONGEST_WHY];
  if (!parse_module(scope, after_head(command), &form) || form.instance) {
    report_fail(report, command->line, "module not understood");
  } else if (wa_module_init_without(&module, form.bytes, scope->options->features_off, &err)) {
    wa_module_deinit(&module);
    report_fail(report, command->line, "the module was accepted, expected %s", kinds[kind]);
  } else if (err.kind == kind) {
    report_pass(report);
  } else if (err.kind == WA_ERROR_UNSUPPORTED) {
    lacking_feature(&err, why, sizeof why);
    report_skip(report, why);
  } else {
    report_fail(report, command->line, "expected %s, found: %s", kinds[kind], err.message);
  }
}

// Script words begin with the trap's name ("uninitialized element 2"), or are a part of it.
static bool trap_is(const struct wa_trap *trap, const struct node *words) {
  const char *name = wa_trap_name(trap->code);
  size_t size = strlen(name);
  if (trap->exited || !words || words->kind != NODE_STRING) {
    return false;
  }
  return memcmp(name, words->text, size < words->size ? size : words->size) == 0;
}

// assert_unlinkable and assert_trap of a module.
static void assert_instance(struct scope *scope, const struct node *command,
                            enum wa_instantiate_result expected) {
  const struct node *node = after_head(command);
  struct report *report = scope->report;
  struct module_form form;
  struct definition *definition =
      parse_module(scope, node, &form) ? form_definition(scope, &form) : NULL;
  struct instantiation *made = calloc(1, sizeof *made);
  if (!definition || !made) {
    report_fail(report, command->line, "module not understood");
    goto out;
  }
  scope_instantiate(scope, definition, made);
  if (made->state == LACKING) {
    report_skip(report, made->why);
  } else if (made->state == BROKEN) {
    report_fail(report, command->line, "%s", made->why);
  } else if (made->result == WA_INSTANTIATED) {
    report_fail(report, command->line, "the module was instantiated");
  } else if (made->result != expected) {
    report_fail(report, command->line, "instead: %s", made->why);
  } else if (expected == WA_INSTANTIATE_FAILED && made->error.kind != WA_ERROR_UNLINKABLE &&
             made->error.kind != WA_ERROR_MISSING) {
    report_fail(report, command->line, "expected unlinkable, found: %s", made->why);
  } else if (expected == WA_INSTANTIATE_TRAPPED && !trap_is(&made->trap, node->next)) {
    report_fail(report, command->line, "another trap: %s", made->why);
  } else {
    report_pass(report);
  }
out:
  free(made);
}

// ---- Assertions about actions ----

static void report_outcome(struct scope *scope, const struct node *command,
                           const struct outcome *outcome, enum outcome_kind expected) {
  if (outcome->kind == SKIPPED) {
    report_skip(scope->report, outcome->why);
  } else if (outcome->kind == expected) {
    report_pass(scope->report);
  } else {
    report_fail(scope->report, command->line, "%.*s: %s", (int)command->first->size,
                command->first->text, outcome->kind == RETURNED ? "it returned" : outcome->why);
  }
}

static bool ended_as(const struct node *command, const struct wa_trap *trap,
                     const struct node *words) {
  return sexpr_is_list(command, "assert_exception") ? trap->code == WA_TRAP_UNCAUGHT_EXCEPTION
                                                    : trap_is(trap, words);
}

static void run_action(struct scope *scope, const struct node *command, const struct node *action,
                       enum outcome_kind expected) {
  struct outcome *outcome = malloc(sizeof *outcome);
  if (!outcome) {
    report_fail(scope->report, command->line, "out of memory");
    return;
  }
  action_run(scope, action, outcome);
  if (outcome->kind == RETURNED && sexpr_is_list(command, "assert_return")) {
    outcome_compare(outcome, action->next);
  }
  if (outcome->kind == TRAPPED && expected == TRAPPED &&
      !ended_as(command, &outcome->trap, action->next)) {
    outcome->kind = FAILED;
  }
  report_outcome(scope, command, outcome, expected);
  outcome_deinit(outcome);
  free(outcome);
}

static void run_assertion(struct scope *scope, const struct node *command) {
  const struct node *subject = after_head(command);
  if (sexpr_is_list(command, "assert_return")) {
    run_action(scope, command, subject, RETURNED);
  } else if (sexpr_is_list(command, "assert_trap") && sexpr_is_list(subject, "module")) {
    assert_instance(scope, command, WA_INSTANTIATE_TRAPPED);
  } else if (sexpr_is_list(command, "assert_trap") || sexpr_is_list(command, "assert_exhaustion")) {
    run_action(scope, command, subject, TRAPPED);
  } else if (sexpr_is_list(command, "assert_unlinkable")) {
    assert_instance(scope, command, WA_INSTANTIATE_FAILED);
  } else if (sexpr_is_list(command, "assert_malformed")) {
    assert_rejected(scope, command, WA_ERROR_MALFORMED);
  } else if (sexpr_is_list(command, "assert_invalid")) {
    assert_rejected(scope, command, WA_ERROR_INVALID);
  } else if (sexpr_is_list(command, "assert_exception")) {
    run_action(scope, command, subject, TRAPPED);
  } else {
    report_fail(scope->report, command->line, "unknown assertion");
  }
}

// ---- Threads ----

static void run_commands(struct scope *scope, const struct node *first);

static void *thread_main(void *argument) {
  struct script_thread *thread = argument;
  run_commands(&thread->scope, thread->commands);
  return NULL;
}

// "(shared (module $M))": the instance, under its name, in the thread's scope.
static bool share(const struct scope *from, struct scope *to, const struct node *shared) {
  const struct node *module = after_head(shared);
  if (!sexpr_is_list(module, "module")) {
    return false;
  }
  const struct node *rest = after_head(module);
  struct wa_bytes name = take_name(&rest);
  const struct instance *instance = scope_instance(from, name);
  return instance &&
         scope_add_instance(to, name, instance->state, instance->why, instance->instance);
}

static void fail_all(struct scope *scope, const struct node *command, const char *why) {
  for (unsigned i = script_count(command); i; i--) {
    report_fail(scope->report, command->line, "thread: %s", why);
  }
}

static void run_thread(struct scope *scope, const struct node *command) {
  struct script_thread *thread = wa_arena_alloc(&scope->arena, 1, sizeof *thread);
  if (!thread || !scope_init(&thread->scope, scope->options, scope->report)) {
    fail_all(scope, command, "out of memory");
    return;
  }
  thread->next = scope->threads;
  scope->threads = thread;
  thread->commands = after_head(command);
  thread->name = take_name(&thread->commands);
  bool ok = true;
  for (; sexpr_is_list(thread->commands, "shared"); thread->commands = thread->commands->next) {
    ok = ok && share(scope, &thread->scope, thread->commands);
  }
  if (ok && pthread_create(&thread->thread, NULL, thread_main, thread) == 0) {
    thread->running = true;
  } else {
    fail_all(scope, command, "it cannot start");
  }
}

static void join(struct script_thread *thread) {
  if (thread->running) {
    (void)pthread_join(thread->thread, NULL);
  }
  thread->running = false;
}

static void run_wait(struct scope *scope, const struct node *command) {
  const struct node *rest = after_head(command);
  struct wa_bytes name = take_name(&rest);
  for (struct script_thread *thread = scope->threads; thread; thread = thread->next) {
    if (thread->name.size == name.size && memcmp(thread->name.data, name.data, name.size) == 0) {
      join(thread);
    }
  }
}

// ---- Commands ----

static void run_command(struct scope *scope, const struct node *command) {
  report_line(scope->report, command->line);
  if (sexpr_is_list(command, "module")) {
    run_module(scope, command);
  } else if (sexpr_is_list(command, "register")) {
    run_register(scope, command);
  } else if (sexpr_is_list(command, "thread")) {
    run_thread(scope, command);
  } else if (sexpr_is_list(command, "wait")) {
    run_wait(scope, command);
  } else if (sexpr_is_list(command, "invoke") || sexpr_is_list(command, "get")) {
    run_action(scope, command, command, RETURNED);
  } else if (counts(command)) {
    run_assertion(scope, command);
  } else {
    report_note(scope->report, command->line, "unknown command");
  }
}

// Thread blocks nest, each on a thread of its own: run_thread does not recurse here.
static void run_commands(struct scope *scope, const struct node *first) {
  for (const struct node *command = first; command; command = command->next) {
    run_command(scope, command);
  }
  for (struct script_thread *thread = scope->threads; thread; thread = thread->next) {
    join(thread);
    scope_deinit(&thread->scope);
  }
}

void script_run(const struct node *commands, const struct spec_options *options,
                struct report *report) {
  struct scope scope;
  if (!scope_init(&scope, options, report)) {
    report_note(report, 0, "no store for the script");
    return;
  }
  run_commands(&scope, commands->first);
  scope_deinit(&scope);
}

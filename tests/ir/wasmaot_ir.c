// wasmaot-ir FILE.ll: runs passes of the compiler over IR that was written by hand, and prints what
// comes out, for LLVM's FileCheck to compare. What wasm says beside the IR is in comments:
//
//   ; passes: NAME...                           rows of compiler/passes.c, one after the other
//   ; memory: MIN MAX [shared] [imported] [index64]   memory 0 in pages; MAX may be "none". Without
//                                               the line the module has no memory
//   ; target: TRIPLE [CPU]                      else x86-64 and its baseline
//   ; keeps: NUMBER...                          loads that a first attempt has lost in every body
//   ; not-with: VERSION                         of LLVM, with which the test is skipped
//
// Functions are called f0, f1 and so on, as in the compiler, and are what the passes take for the
// bodies of the module. "$memory0" stands for the place in the context that has memory 0's base.
// Behind the IR there is a line for each body that has lost loads: "; f0 loses 1 4".
#include "compiler/ir/ir.h"
#include "compiler/passes.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <llvm-c/Analysis.h>
#include <llvm-c/IRReader.h>

enum { MAX_FUNCTIONS = 16, MAX_PASSES = 8, MAX_LOADS = 1024, MAX_WORDS = 12 };
enum { LEVEL = 3, EXIT_SKIPPED = 77 };

struct test {
  const char *file;
  char *text; // changed by read_setup
  struct wa_module module;
  struct wa_memory memory;
  struct wa_functype types[MAX_FUNCTIONS];
  struct wa_function functions[MAX_FUNCTIONS];
  struct wa_layout layout;
  struct wa_compile_options options;
  struct wa_target target;
  char *passes[MAX_PASSES];
  uint32_t pass_count;
  bool *keeps; // MAX_LOADS, or NULL
  struct wa_body bodies[MAX_FUNCTIONS];
  uint32_t body_count;
  struct wa_arena arena;
};

_Noreturn static void stop(const struct test *test, const char *what, const char *detail) {
  fprintf(stderr, "wasmaot-ir: %s: %s%s%s\n", test->file, what, *detail ? ": " : "", detail);
  exit(1);
}

// ---- The file ----

static char *read_file(const struct test *test) {
  FILE *file = fopen(test->file, "rb");
  if (!file) {
    stop(test, "cannot be opened", "");
  }
  char *text = NULL;
  size_t size = 0, capacity = 0;
  do {
    capacity = capacity ? capacity * 2 : 4096;
    text = realloc(text, capacity);
    if (!text) {
      stop(test, "out of memory", "");
    }
    size += fread(text + size, 1, capacity - size - 1, file);
  } while (size == capacity - 1);
  text[size] = 0;
  fclose(file);
  return text;
}

// A copy in which every "$memory0" is a number; no number is longer than the name.
static char *resolve_names(const struct test *test, const char *text) {
  static const char name[] = "$memory0";
  char *copy = malloc(strlen(text) + 1), *to = copy;
  if (!copy) {
    stop(test, "out of memory", "");
  }
  while (*text) {
    if (strncmp(text, name, sizeof name - 1) == 0) {
      to += sprintf(to, "%d", WA_CTX_MEMORY0);
      text += sizeof name - 1;
    } else {
      *to++ = *text++;
    }
  }
  *to = 0;
  return copy;
}

static uint64_t number(const struct test *test, const char *word) {
  char *end;
  unsigned long long value = strtoull(word, &end, 10);
  if (*word < '0' || *word > '9' || *end) {
    stop(test, "not a number", word);
  }
  return value;
}

static void set_memory(struct test *test, char **words, uint32_t count) {
  if (count < 2) {
    stop(test, "a memory needs a minimum and a maximum, or none", "");
  }
  struct wa_limits *limits = &test->memory.limits;
  *limits = (struct wa_limits){.min = number(test, words[0]), .page_log2 = WA_PAGE_LOG2};
  limits->has_max = strcmp(words[1], "none") != 0;
  limits->max = limits->has_max ? number(test, words[1]) : 0;
  for (uint32_t i = 2; i < count; i++) {
    if (strcmp(words[i], "shared") == 0) {
      limits->shared = true;
    } else if (strcmp(words[i], "imported") == 0) {
      test->memory.imported = true;
    } else if (strcmp(words[i], "index64") == 0) {
      limits->index64 = true;
    } else {
      stop(test, "no such property of a memory", words[i]);
    }
  }
  test->module.memory_count = 1;
  test->module.imported_memories = test->memory.imported;
}

static void set_target(struct test *test, char **words, uint32_t count) {
  if (count == 0 || count > 2) {
    stop(test, "a target is a triple and perhaps a CPU", "");
  }
  test->options.target = words[0];
  test->options.cpu = count == 2 ? words[1] : NULL;
}

static void set_passes(struct test *test, char **words, uint32_t count) {
  if (count == 0 || count > MAX_PASSES) {
    stop(test, "no passes, or too many", "");
  }
  memcpy(test->passes, words, count * sizeof *words);
  test->pass_count = count;
}

static void set_kept(struct test *test, char **words, uint32_t count) {
  test->keeps = wa_ir_alloc(&test->arena, MAX_LOADS, sizeof *test->keeps);
  for (uint32_t i = 0; i < count; i++) {
    uint64_t load = number(test, words[i]);
    if (load >= MAX_LOADS) {
      stop(test, "loads have lower numbers", words[i]);
    }
    test->keeps[load] = true;
  }
}

static void skip_with(const struct test *test, char **words, uint32_t count) {
  if (count > 0 && number(test, words[0]) == LLVM_VERSION_MAJOR) {
    fprintf(stderr, "wasmaot-ir: %s: not with LLVM %s\n", test->file, words[0]);
    exit(EXIT_SKIPPED);
  }
}

static void read_line(struct test *test, char *line) {
  char *words[MAX_WORDS], *rest = NULL;
  char *key = strtok_r(line, " ", &rest);
  uint32_t count = 0;
  for (char *word; (word = strtok_r(NULL, " ", &rest));) {
    if (count == MAX_WORDS) {
      return; // prose
    }
    words[count++] = word;
  }
  if (!key) {
    return;
  }
  if (strcmp(key, "passes:") == 0) {
    set_passes(test, words, count);
  } else if (strcmp(key, "memory:") == 0) {
    set_memory(test, words, count);
  } else if (strcmp(key, "target:") == 0) {
    set_target(test, words, count);
  } else if (strcmp(key, "keeps:") == 0) {
    set_kept(test, words, count);
  } else if (strcmp(key, "not-with:") == 0) {
    skip_with(test, words, count);
  }
}

// Words stay where they are, in the text.
static void read_setup(struct test *test) {
  char *rest = NULL;
  for (char *line = strtok_r(test->text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
    if (line[0] == ';') {
      read_line(test, line + 1);
    }
  }
  if (test->pass_count == 0) {
    stop(test, "no line '; passes: NAME...'", "");
  }
}

// ---- What wasm says ----

static uint32_t valtype(const struct test *test, LLVMTypeRef type) {
  switch (LLVMGetTypeKind(type)) {
  case LLVMIntegerTypeKind:
    return LLVMGetIntTypeWidth(type) == 64 ? WA_I64 : WA_I32;
  case LLVMFloatTypeKind:
    return WA_F32;
  case LLVMDoubleTypeKind:
    return WA_F64;
  case LLVMVectorTypeKind:
    return WA_V128;
  default:
    stop(test, "a function has a type that wasm has not", "");
  }
}

static uint32_t *value_types(struct test *test, uint32_t count) {
  return wa_ir_alloc(&test->arena, count + 1, sizeof(uint32_t));
}

// The wasm type of a function whose first parameter is the context.
static void set_type(struct test *test, uint32_t index, LLVMValueRef function) {
  LLVMTypeRef type = LLVMGlobalGetValueType(function), result = LLVMGetReturnType(type);
  uint32_t count = LLVMCountParams(function);
  if (count == 0) {
    stop(test, "a function without a context", LLVMGetValueName(function));
  }
  uint32_t *params = value_types(test, count), *results = value_types(test, 1);
  for (uint32_t i = 1; i < count; i++) {
    params[i - 1] = valtype(test, LLVMTypeOf(LLVMGetParam(function, i)));
  }
  bool has_result = LLVMGetTypeKind(result) != LLVMVoidTypeKind;
  if (has_result) {
    results[0] = valtype(test, result);
  }
  test->types[index] = (struct wa_functype){.params = params,
                                            .results = results,
                                            .param_count = count - 1,
                                            .result_count = has_result,
                                            .canonical = index,
                                            .group_first = index,
                                            .group_count = 1,
                                            .supertype = WA_NONE,
                                            .is_final = true};
  test->functions[index].type = index;
}

// The number in a name "f12", or MAX_FUNCTIONS for another name.
static uint32_t index_of(LLVMValueRef function) {
  const char *name = LLVMGetValueName(function);
  char *end;
  unsigned long index = strtoul(name + (name[0] == 'f'), &end, 10);
  bool is_number = name[0] == 'f' && name[1] >= '0' && name[1] <= '9' && *end == 0;
  return is_number && index < MAX_FUNCTIONS ? (uint32_t)index : MAX_FUNCTIONS;
}

static void add_body(struct test *test, uint32_t index) {
  struct wa_body *body = &test->bodies[test->body_count++];
  body->index = index;
  if (test->keeps) {
    body->keeps = wa_ir_alloc(&test->arena, MAX_LOADS, sizeof *body->keeps);
    memcpy(body->keeps, test->keeps, MAX_LOADS * sizeof *body->keeps);
  }
}

static void set_functions(struct test *test, LLVMModuleRef llvm) {
  struct wa_module *module = &test->module;
  for (LLVMValueRef f = LLVMGetFirstFunction(llvm); f; f = LLVMGetNextFunction(f)) {
    uint32_t index = index_of(f);
    if (index == MAX_FUNCTIONS) {
      if (!LLVMIsDeclaration(f)) {
        stop(test, "a function must be called f and a number", LLVMGetValueName(f));
      }
      continue;
    }
    set_type(test, index, f);
    if (index >= module->function_count) {
      module->function_count = module->type_count = index + 1;
    }
    if (!LLVMIsDeclaration(f)) {
      add_body(test, index);
    }
  }
}

static void set_module(struct test *test, LLVMModuleRef llvm) {
  struct wa_module *module = &test->module;
  module->start = WA_NONE;
  module->memories = &test->memory;
  module->types = test->types;
  module->functions = test->functions;
  set_functions(test, llvm);
  struct wa_error err;
  if (!wa_layout_init(&test->layout, module, false, &err)) {
    stop(test, "no layout", err.message);
  }
}

// ---- Running ----

static LLVMModuleRef parse(const struct test *test, LLVMContextRef context, const char *text) {
  LLVMMemoryBufferRef buffer =
      LLVMCreateMemoryBufferWithMemoryRangeCopy(text, strlen(text), test->file);
  LLVMModuleRef llvm;
  char *message;
  if (LLVMParseIRInContext(context, buffer, &llvm, &message)) {
    stop(test, "not IR", message);
  }
  return llvm;
}

// Puts the parsed module in the place of the empty one.
static void take_module(struct test *test, struct wa_ir *ir, LLVMModuleRef llvm) {
  LLVMSetTarget(llvm, LLVMGetTarget(ir->llvm));
  LLVMSetDataLayout(llvm, LLVMGetDataLayoutStr(ir->llvm));
  LLVMDisposeModule(ir->llvm);
  ir->llvm = llvm;
  for (LLVMValueRef f = LLVMGetFirstFunction(llvm); f; f = LLVMGetNextFunction(f)) {
    if (index_of(f) < MAX_FUNCTIONS) {
      wa_ir_set_declared(ir, index_of(f), f);
    }
  }
  ir->bodies = test->bodies;
  ir->body_count = test->body_count;
  ir->kept = &test->arena;
}

static void run_passes(struct test *test, struct wa_ir *ir, LLVMTargetMachineRef machine) {
  const struct wa_compile_budget budget = {.deadline = UINT64_MAX, .memory = UINT64_MAX};
  struct wa_error err;
  for (uint32_t i = 0; i < test->pass_count; i++) {
    struct wa_pass_switches switches;
    if (!wa_pass_switches_init(&switches, NULL, test->passes[i], &err)) {
      stop(test, err.message, "");
    }
    switches.off = ~switches.last;
    if (!wa_optimize(ir, machine, LEVEL, &switches, &budget, true, &err)) {
      stop(test, err.message, "");
    }
  }
}

static void print(const struct test *test, const struct wa_ir *ir) {
  char *text = LLVMPrintModuleToString(ir->llvm), *message = NULL;
  fputs(text, stdout);
  if (LLVMVerifyModule(ir->llvm, LLVMReturnStatusAction, &message)) {
    stop(test, "wrong IR", message);
  }
  LLVMDisposeMessage(message);
  LLVMDisposeMessage(text);
  for (uint32_t i = 0; i < test->body_count; i++) {
    const struct wa_body *body = &test->bodies[i];
    if (!body->is_wrong) {
      continue;
    }
    printf("; f%u loses", body->index);
    for (uint32_t load = 0; load < body->load_count; load++) {
      if (body->keeps[load]) {
        printf(" %u", load);
      }
    }
    putchar('\n');
  }
}

static void run(struct test *test, const char *text) {
  struct wa_error err;
  if (!wa_target_init(&test->target, &test->options, &err)) {
    fprintf(stderr, "wasmaot-ir: %s: %s\n", test->file, err.message);
    exit(EXIT_SKIPPED);
  }
  LLVMTargetMachineRef machine = wa_target_machine(&test->target, LEVEL);
  LLVMContextRef context = LLVMContextCreate();
  LLVMModuleRef llvm = parse(test, context, text);
  set_module(test, llvm);
  struct wa_ir ir;
  wa_ir_init(&ir, &test->module, &test->layout, context, machine, &test->target);
  take_module(test, &ir, llvm);
  run_passes(test, &ir, machine);
  print(test, &ir);
  wa_ir_deinit(&ir);
  LLVMContextDispose(context);
  LLVMDisposeTargetMachine(machine);
  wa_layout_deinit(&test->layout);
}

int main(int argc, char **argv) {
  if (argc != 2) {
    fputs("usage: wasmaot-ir FILE.ll\n", stderr);
    return 2;
  }
  struct test test = {.file = argv[1]};
  wa_compile_options_init(&test.options);
  test.options.target = "x86_64-linux-gnu";
  wa_arena_init(&test.arena, 0);
  test.text = read_file(&test);
  char *text = resolve_names(&test, test.text);
  read_setup(&test);
  run(&test, text);
  wa_arena_deinit(&test.arena);
  free(text);
  free(test.text);
  return fflush(stdout) == 0 ? 0 : 1;
}

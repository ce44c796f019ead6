// Compiles modules and says what they do: one of the engines that differ.py compares. For each
// module, in lines that every engine writes alike: what it logs, what each export returns or how it
// traps, and what memories and globals hold in the end.
//
// usage: differ -OLEVEL [--cpu=NAME] [--explicit] [--lazy] [--dump] FILE...
// With --dump, FILE.memory gets the exported memory.
#include "compiler/compile.h"
#include "loader/loader.h"
#include "runtime/runtime.h"
#include "tests/engine_lazy.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_CELLS = 64, ROUNDS = 2, LARGEST_FILE = 1 << 20 };

struct settings {
  int level;
  const char *cpu; // NULL: the baseline
  bool explicit_checks;
  bool lazy; // compile functions when they are called
  bool dump;
};

// ---- Values ----

static void print_value(uint32_t type, const union wa_cell *cell) {
  switch (type) {
  case WA_I32:
    printf(" i32:%" PRIu32, cell->u32);
    break;
  case WA_I64:
    printf(" i64:%" PRIu64, cell->u64);
    break;
  case WA_F32: // JavaScript keeps no NaN's bits
    isnan(cell->f32) ? printf(" f32:nan") : printf(" f32:%08" PRIx32, cell->u32);
    break;
  case WA_F64:
    isnan(cell->f64) ? printf(" f64:nan") : printf(" f64:%016" PRIx64, cell->u64);
    break;
  case WA_V128:
    printf(" v128");
    break;
  default:
    printf(" %s", cell->ref == NULL ? "null" : "ref");
  }
}

static void print_values(const uint32_t *types, uint32_t count, const union wa_cell *cells) {
  for (uint32_t i = 0; i < count; i++) {
    print_value(types[i], cells);
    cells += types[i] == WA_V128 ? 2 : 1;
  }
}

static union wa_cell argument(uint32_t type, unsigned round) {
  union wa_cell cell = {.u64 = 0};
  if (round == 0) {
    return cell;
  }
  switch (type) {
  case WA_I32:
    cell.u32 = UINT32_MAX;
    break;
  case WA_I64:
    cell.u64 = UINT64_C(1) << 40;
    break;
  case WA_F32:
    cell.f32 = 1.5f;
    break;
  case WA_F64:
    cell.f64 = -0.0;
    break;
  default:
    break;
  }
  return cell;
}

// What the engines can tell apart. V8 has one word for several of ours.
static const char *kind_of_trap(const struct wa_trap *trap) {
  switch (trap->code) {
  case WA_TRAP_UNREACHABLE:
    return "unreachable";
  case WA_TRAP_MEMORY_OUT_OF_BOUNDS:
    return "memory";
  case WA_TRAP_TABLE_OUT_OF_BOUNDS:
  case WA_TRAP_UNDEFINED_ELEMENT:
    return "table";
  case WA_TRAP_UNINITIALIZED_ELEMENT:
  case WA_TRAP_INDIRECT_CALL_TYPE:
    return "signature";
  case WA_TRAP_INTEGER_DIVIDE_BY_ZERO:
    return "zero";
  case WA_TRAP_INTEGER_OVERFLOW:
  case WA_TRAP_INVALID_CONVERSION:
    return "range";
  case WA_TRAP_UNALIGNED_ATOMIC:
    return "unaligned";
  case WA_TRAP_STACK_EXHAUSTED:
    return "exhausted";
  case WA_TRAP_UNCAUGHT_EXCEPTION:
    return "exception";
  default:
    return trap->message;
  }
}

// ---- Host functions ----

static bool log_value(const struct wa_host_call *call, union wa_cell *cells) {
  const char *signature = call->env;
  if (signature[0] == 'v') { // what JavaScript says when it is to take one
    return wa_raise(WA_TRAP_HOST, "type incompatibility when transforming from/to JS");
  }
  uint32_t type = signature[0] == 'i'   ? WA_I32
                  : signature[0] == 'I' ? WA_I64
                  : signature[0] == 'f' ? WA_F32
                                        : WA_F64;
  printf("log");
  print_value(type, cells);
  printf("\n");
  return true;
}

static bool define_logs(struct wa_linker *linker, struct wa_error *err) {
  static const struct {
    const char *name, *signature;
  } logs[] = {{"log-i32", "i:"},
              {"log-i64", "I:"},
              {"log-f32", "f:"},
              {"log-f64", "F:"},
              {"log-v128", "v:"}};
  for (size_t i = 0; i < sizeof logs / sizeof *logs; i++) {
    if (!wa_linker_define_func(linker, "fuzzing-support", logs[i].name, logs[i].signature,
                               log_value, (void *)logs[i].signature, err)) {
      return false;
    }
  }
  return true;
}

// ---- Exports ----

static bool crosses(const struct wa_signature *type) {
  for (uint32_t i = 0; i < type->param_count; i++) {
    if (type->params[i] == WA_V128) {
      return false;
    }
  }
  for (uint32_t i = 0; i < type->result_count; i++) {
    if (type->results[i] == WA_V128) {
      return false;
    }
  }
  return type->param_cells <= MAX_CELLS && type->result_cells <= MAX_CELLS;
}

static void reset_hang_limit(struct wa_instance *instance) {
  static const char name[] = "hangLimitInitializer";
  struct wa_extern value;
  struct wa_trap trap;
  union wa_cell cells[1] = {{.u64 = 0}};
  if (wa_instance_export(instance, name, sizeof name - 1, &value) && value.kind == WA_EXTERN_FUNC) {
    (void)wa_func_call(value.func, cells, &trap);
  }
}

static void call_export(struct wa_instance *instance, const char *name, int length,
                        struct wa_func_ref *func) {
  const struct wa_signature *type = wa_func_signature(func);
  if (!crosses(type)) {
    printf("call %.*s: v128\n", length, name);
    return;
  }
  for (unsigned round = 0; round < (type->param_count == 0 ? 1 : ROUNDS); round++) {
    union wa_cell cells[MAX_CELLS];
    struct wa_trap trap;
    reset_hang_limit(instance);
    for (uint32_t i = 0; i < type->param_count; i++) {
      cells[i] = argument(type->params[i], round);
    }
    bool returned = wa_func_call(func, cells, &trap);
    printf("call %.*s:", length, name);
    if (returned) {
      print_values(type->results, type->result_count, cells);
    } else {
      printf(" trap %s", kind_of_trap(&trap));
    }
    printf("\n");
  }
}

static uint32_t hash(const uint8_t *bytes, uint64_t size) {
  uint32_t sum = 0x811c9dc5;
  for (uint64_t i = 0; i < size; i += 4) {
    uint32_t word;
    memcpy(&word, bytes + i, sizeof word);
    sum = (sum ^ word) * 0x01000193;
  }
  return sum;
}

static void dump(const char *path, const struct wa_memory_object *memory) {
  char *name = NULL;
  if (asprintf(&name, "%s.memory", path) < 0) {
    abort();
  }
  FILE *file = fopen(name, "wb");
  if (file == NULL ||
      fwrite(wa_memory_base(memory), 1, wa_memory_size(memory), file) != wa_memory_size(memory)) {
    abort();
  }
  (void)fclose(file);
  free(name);
}

static void show(const struct settings *settings, const char *path, struct wa_instance *instance) {
  const struct wa_meta *meta = wa_instance_artifact(instance)->meta;
  for (uint32_t pass = 0; pass < 2; pass++) {
    for (uint32_t i = 0; i < meta->exports.count; i++) {
      const struct wa_meta_export *row = WA_META_ROW(meta, exports, struct wa_meta_export, i);
      const char *name = wa_meta_chars(meta, row->name);
      struct wa_extern value;
      if (!wa_instance_export(instance, name, row->name.length, &value)) {
        abort();
      }
      int length = (int)row->name.length;
      if (pass == 0 && value.kind == WA_EXTERN_FUNC) {
        call_export(instance, name, length, value.func);
      } else if (pass == 1 && value.kind == WA_EXTERN_GLOBAL) {
        printf("global %.*s:", length, name);
        print_value(value.global->type, value.global->cell);
        printf("\n");
      } else if (pass == 1 && value.kind == WA_EXTERN_MEMORY) {
        printf("memory %.*s: %" PRIu64 " %08" PRIx32 "\n", length, name,
               wa_memory_pages(value.memory),
               hash(wa_memory_base(value.memory), wa_memory_size(value.memory)));
        if (settings->dump) {
          dump(path, value.memory);
        }
      }
    }
  }
}

// ---- Modules ----

static uint8_t *read_file(const char *path, size_t *size) {
  FILE *file = fopen(path, "rb");
  uint8_t *bytes = malloc(LARGEST_FILE);
  if (file == NULL || bytes == NULL) {
    (void)fprintf(stderr, "differ: cannot read %s\n", path);
    exit(2);
  }
  *size = fread(bytes, 1, LARGEST_FILE, file);
  (void)fclose(file);
  return bytes;
}

static struct wa_artifact *build(const struct settings *settings, struct wa_bytes bytes,
                                 struct engine_lazy **lazy, struct wa_error *err) {
  struct wa_module module;
  struct wa_compile_options options;
  struct wa_buffer object = {0};
  struct wa_artifact *artifact = NULL;
  wa_compile_options_init(&options);
  options.opt_level = settings->level;
  options.cpu = settings->cpu;
  options.explicit_checks = settings->explicit_checks;
  options.jobs = 1;
  options.verify = true;
  if (settings->lazy) {
    *lazy = engine_lazy_new(bytes, 0, &options, &artifact, err);
    return artifact;
  }
  if (!wa_module_init(&module, bytes, err)) {
    return NULL;
  }
  if (wa_compile(&module, &options, &object, err)) {
    artifact = wa_artifact_load_memory(object.data, object.size, "module", NULL, err);
  }
  wa_buffer_free(&object);
  wa_module_deinit(&module);
  return artifact;
}

static void run(const struct settings *settings, const char *path) {
  struct wa_error err;
  struct wa_trap trap;
  struct wa_instance *instance = NULL;
  size_t size;
  uint8_t *bytes = read_file(path, &size);
  printf("module %s\n", path);
  (void)fflush(stdout); // whoever reads knows where it was when it crashed
  wa_error_clear(&err);
  struct engine_lazy *lazy = NULL;
  struct wa_artifact *artifact = build(settings, (struct wa_bytes){bytes, size}, &lazy, &err);
  free(bytes);
  if (artifact == NULL) {
    printf("refused %s\n", err.message);
    return;
  }
  struct wa_store *store = wa_store_new(NULL);
  struct wa_linker *linker = wa_linker_new(store);
  if (!define_logs(linker, &err)) {
    abort();
  }
  switch (wa_instance_new(store, artifact, linker, &instance, &trap, &err)) {
  case WA_INSTANTIATED:
    show(settings, path, instance);
    break;
  case WA_INSTANTIATE_TRAPPED:
    printf("instantiate: trap\n");
    break;
  default:
    printf("unlinkable %s\n", err.message);
  }
  wa_linker_free(linker);
  wa_store_free(store);
  wa_artifact_release(artifact);
  engine_lazy_free(lazy);
}

int main(int argc, char **argv) {
  struct settings settings = {.level = 3};
  int first = 1;
  for (; first < argc && argv[first][0] == '-'; first++) {
    if (strcmp(argv[first], "--dump") == 0) {
      settings.dump = true;
    } else if (strcmp(argv[first], "--explicit") == 0) {
      settings.explicit_checks = true;
    } else if (strcmp(argv[first], "--lazy") == 0) {
      settings.lazy = true;
    } else if (strncmp(argv[first], "--cpu=", 6) == 0) {
      settings.cpu = argv[first] + 6;
    } else if (argv[first][1] == 'O' && argv[first][2] >= '0' && argv[first][2] <= '3') {
      settings.level = argv[first][2] - '0';
    } else {
      (void)fprintf(stderr,
                    "usage: differ -OLEVEL [--cpu=NAME] [--explicit] [--lazy] [--dump] FILE...\n");
      return 2;
    }
  }
  for (int i = first; i < argc; i++) {
    run(&settings, argv[i]);
  }
  printf("done\n");
  return 0;
}

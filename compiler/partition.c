#include "partition.h"

#include "lower.h"

#include <llvm-c/Analysis.h>
#include <llvm-c/BitWriter.h>
#include <string.h>
#include <time.h>

enum {
  PARTITION_SIZE = 64 * 1024,  // bytes of wasm code: enough work to outweigh a partition's set-up
  LARGE_FUNCTION = 256 * 1024, // past this LLVM's passes can take minutes: -O1 will do
  HUGE_FUNCTION = 512 * 1024,  // and past this even those of -O1
};

static uint64_t function_size(const struct wa_function *function) {
  return function->end_offset - function->body_offset;
}

// A function of pathological size is alone in its partition, because it gets a cheaper pipeline.
struct wa_partition *wa_partition_split(const struct wa_module *module, struct wa_arena *arena,
                                        uint32_t *count) {
  uint32_t capacity = 2 + module->function_count;
  struct wa_partition *partitions = wa_arena_alloc(arena, capacity, sizeof *partitions);
  if (!partitions)
    return NULL;
  uint32_t used = 0;
  struct wa_partition *current = NULL;
  for (uint32_t i = module->imported_functions; i < module->function_count; i++) {
    uint64_t size = function_size(&module->functions[i]);
    if (!current || current->code_size + size > PARTITION_SIZE) {
      current = &partitions[used++];
      current->first = i;
    }
    current->end = i + 1;
    current->code_size += size;
  }
  partitions[used++] = (struct wa_partition){.support = true};
  *count = used;
  return partitions;
}

static double cpu_seconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

void wa_worker_deinit(struct wa_worker *worker) {
  for (int i = 0; i < WA_OPT_LEVELS; i++)
    if (worker->machines[i])
      LLVMDisposeTargetMachine(worker->machines[i]);
}

// The level for a partition: a function of pathological size gets a cheaper one.
static int level_for(const struct wa_worker *worker, const struct wa_partition *partition) {
  int most = partition->code_size > HUGE_FUNCTION    ? 0
             : partition->code_size > LARGE_FUNCTION ? 1
                                                     : 3;
  return worker->options->opt_level < most ? worker->options->opt_level : most;
}

// Target machines are kept: making one costs more than compiling a small module.
static LLVMTargetMachineRef machine_for(struct wa_worker *worker, int level) {
  if (!worker->machines[level])
    worker->machines[level] = wa_target_machine(worker->target, level);
  return worker->machines[level];
}

static LLVMMemoryBufferRef emit(struct wa_worker *worker, struct wa_lower *lower,
                                LLVMTargetMachineRef machine, struct wa_error *err) {
  LLVMMemoryBufferRef buffer = NULL;
  if (worker->options->emit == WA_EMIT_IR) {
    char *text = LLVMPrintModuleToString(lower->ir);
    buffer = LLVMCreateMemoryBufferWithMemoryRangeCopy(text, strlen(text), "ir");
    LLVMDisposeMessage(text);
    return buffer;
  }
  if (worker->options->emit == WA_EMIT_BC)
    return LLVMWriteBitcodeToMemoryBuffer(lower->ir);
  LLVMCodeGenFileType type =
      worker->options->emit == WA_EMIT_ASM ? LLVMAssemblyFile : LLVMObjectFile;
  char *message = NULL;
  if (LLVMTargetMachineEmitToMemoryBuffer(machine, lower->ir, type, &message, &buffer)) {
    wa_fail(err, WA_ERROR_SYSTEM, WA_NO_OFFSET, "LLVM's code generator: %s", message);
    LLVMDisposeMessage(message);
    return NULL;
  }
  return buffer;
}

// The functions of a partition that are compiled together.
struct attempt {
  struct wa_worker *worker;
  const struct wa_partition *partition;
  struct wa_body *bodies;
  uint32_t body_count;
  struct wa_arena kept; // of what bodies keep
  int level;
};

static void lower_bodies(struct wa_lower *lower, struct attempt *attempt) {
  lower->bodies = attempt->bodies;
  lower->body_count = attempt->body_count;
  lower->kept = &attempt->kept;
  for (uint32_t i = 0; i < attempt->body_count; i++) {
    wa_lower_body(lower, attempt->bodies[i].index);
  }
  if (attempt->partition->support) {
    wa_lower_support(lower);
  }
}

// Leaves to the next attempt the bodies that came out wrong.
static void put_off(struct attempt *attempt) {
  uint32_t count = 0;
  for (uint32_t i = 0; i < attempt->body_count; i++) {
    struct wa_body *body = &attempt->bodies[i];
    if (body->is_wrong) {
      body->is_wrong = false;
      attempt->bodies[count++] = *body;
    }
  }
  attempt->body_count = count;
}

static LLVMMemoryBufferRef compile_bodies(struct attempt *attempt, LLVMTargetMachineRef machine,
                                          struct wa_error *err) {
  struct wa_worker *worker = attempt->worker;
  LLVMContextRef context = LLVMContextCreate();
  LLVMMemoryBufferRef buffer = NULL;
  struct wa_lower lower;
  double start = cpu_seconds();
  wa_lower_init(&lower, worker->module, worker->layout, context, machine, worker->target);
  if (worker->source)
    wa_lower_debug_init(&lower, worker->source);
  lower_bodies(&lower, attempt);
  wa_lower_debug_end(&lower);
  double lowered = cpu_seconds(), optimized = lowered;
  worker->seconds[WA_PHASE_LOWER] += lowered - start;
  if (wa_optimize(&lower, machine, attempt->level, worker->switches, worker->options->verify,
                  err)) {
    wa_lower_settle_tail_calls(&lower);
    put_off(attempt);
    optimized = cpu_seconds();
    buffer = emit(worker, &lower, machine, err);
  }
  wa_lower_deinit(&lower);
  LLVMContextDispose(context);
  worker->seconds[WA_PHASE_OPTIMIZE] += optimized - lowered;
  worker->seconds[WA_PHASE_CODEGEN] += cpu_seconds() - optimized;
  return buffer;
}

static bool attempt_init(struct attempt *attempt, struct wa_worker *worker,
                         const struct wa_partition *partition) {
  *attempt = (struct attempt){.worker = worker, .partition = partition};
  attempt->level = level_for(worker, partition);
  attempt->body_count = partition->end - partition->first;
  wa_arena_init(&attempt->kept, 0);
  attempt->bodies =
      wa_arena_alloc(&attempt->kept, attempt->body_count + 1, sizeof *attempt->bodies);
  for (uint32_t i = 0; attempt->bodies && i < attempt->body_count; i++) {
    attempt->bodies[i].index = partition->first + i;
  }
  return attempt->bodies != NULL;
}

// The last attempt keeps all loads, so that none can be lost.
static bool compile_attempts(struct attempt *attempt, LLVMTargetMachineRef machine,
                             LLVMMemoryBufferRef outputs[WA_ATTEMPTS], struct wa_error *err) {
  for (int i = 0; i == 0 || attempt->body_count > 0; i++) {
    for (uint32_t j = 0; i == WA_ATTEMPTS - 1 && j < attempt->body_count; j++) {
      attempt->bodies[j].keeps_all = true;
    }
    outputs[i] = compile_bodies(attempt, machine, err);
    if (!outputs[i]) {
      return false;
    }
  }
  return true;
}

bool wa_partition_compile(struct wa_worker *worker, const struct wa_partition *partition,
                          LLVMMemoryBufferRef outputs[WA_ATTEMPTS], struct wa_error *err) {
  struct attempt attempt;
  LLVMTargetMachineRef machine = machine_for(worker, level_for(worker, partition));
  if (!machine)
    return wa_fail(err, WA_ERROR_SYSTEM, WA_NO_OFFSET, "LLVM cannot compile for %s",
                   worker->target->triple);
  bool done = attempt_init(&attempt, worker, partition)
                  ? compile_attempts(&attempt, machine, outputs, err)
                  : wa_fail(err, WA_ERROR_SYSTEM, WA_NO_OFFSET, "out of memory");
  wa_arena_deinit(&attempt.kept);
  return done;
}

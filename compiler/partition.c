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

static void lower_partition(struct wa_lower *lower, const struct wa_partition *partition) {
  for (uint32_t i = partition->first; i < partition->end; i++)
    wa_lower_body(lower, i);
  if (partition->support)
    wa_lower_support(lower);
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

LLVMMemoryBufferRef wa_partition_compile(struct wa_worker *worker,
                                         const struct wa_partition *partition,
                                         struct wa_error *err) {
  int level = level_for(worker, partition);
  LLVMTargetMachineRef machine = machine_for(worker, level);
  if (!machine) {
    wa_fail(err, WA_ERROR_SYSTEM, WA_NO_OFFSET, "LLVM cannot compile for %s",
            worker->target->triple);
    return NULL;
  }
  LLVMContextRef context = LLVMContextCreate();
  LLVMMemoryBufferRef buffer = NULL;
  struct wa_lower lower;
  double start = cpu_seconds();
  wa_lower_init(&lower, worker->module, worker->layout, context, machine, worker->target);
  if (worker->source)
    wa_lower_debug_init(&lower, worker->source);
  lower_partition(&lower, partition);
  wa_lower_debug_end(&lower);
  double lowered = cpu_seconds(), optimized = lowered;
  worker->seconds[WA_PHASE_LOWER] += lowered - start;
  if (wa_optimize(&lower, machine, level, worker->switches, worker->options->verify, err)) {
    wa_lower_settle_tail_calls(&lower);
    optimized = cpu_seconds();
    buffer = emit(worker, &lower, machine, err);
  }
  wa_lower_deinit(&lower);
  LLVMContextDispose(context);
  worker->seconds[WA_PHASE_OPTIMIZE] += optimized - lowered;
  worker->seconds[WA_PHASE_CODEGEN] += cpu_seconds() - optimized;
  return buffer;
}

#include "partition.h"

#include "lower.h"
#include "passes.h"

#include <llvm-c/Analysis.h>
#include <llvm-c/BitWriter.h>
#include <string.h>
#include <time.h>

enum {
  PARTITION_SIZE = 64 * 1024, // bytes of wasm code: enough work to outweigh a partition's set-up
  HUGE_FUNCTION = 256 * 1024, // past this LLVM's passes take minutes: -O1 will do
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

bool wa_worker_init(struct wa_worker *worker) {
  worker->machine = wa_target_machine(worker->target, worker->options->opt_level);
  return worker->machine != NULL;
}

void wa_worker_deinit(struct wa_worker *worker) {
  if (worker->machine)
    LLVMDisposeTargetMachine(worker->machine);
  if (worker->cheap_machine)
    LLVMDisposeTargetMachine(worker->cheap_machine);
}

static bool is_huge(const struct wa_partition *partition) {
  return partition->code_size > HUGE_FUNCTION;
}

static LLVMTargetMachineRef machine_for(struct wa_worker *worker,
                                        const struct wa_partition *partition) {
  if (!is_huge(partition) || worker->options->opt_level <= 1)
    return worker->machine;
  if (!worker->cheap_machine)
    worker->cheap_machine = wa_target_machine(worker->target, 1);
  return worker->cheap_machine;
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
  LLVMTargetMachineRef machine = machine_for(worker, partition);
  int level = machine == worker->machine ? worker->options->opt_level : 1;
  LLVMContextRef context = LLVMContextCreate();
  LLVMMemoryBufferRef buffer = NULL;
  struct wa_lower lower;
  double start = cpu_seconds();
  wa_lower_init(&lower, worker->module, worker->layout, context, machine, worker->target);
  lower_partition(&lower, partition);
  double lowered = cpu_seconds(), optimized = lowered;
  worker->seconds[WA_PHASE_LOWER] += lowered - start;
  if (wa_optimize(&lower, machine, level, worker->options->verify, err)) {
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

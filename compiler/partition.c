#include "compiler/partition.h"

#include "compiler/blocks.h"
#include "compiler/effort.h"
#include "compiler/ir/jump_table.h"
#include "compiler/lower/lower.h"
#include "compiler/piece.h"

#include <elf.h>
#include <llvm-c/Analysis.h>
#include <llvm-c/BitWriter.h>
#include <stdatomic.h>
#include <string.h>
#include <time.h>

enum {
  PARTITION_SIZE = 64 * 1024,  // bytes of wasm code, at most
  SMALL_PARTITION = 8 * 1024,  // typical in most modules: outweighs a partition's set-up
  PARTITIONS = 256,            // about, in a module whose partitions are typically larger
  BYTES_OF_INSTR = 3,          // about
  ALONE = 32 * 1024,           // a function of more is alone in its partition
  LARGE_FUNCTION = 256 * 1024, // past this LLVM's passes can take minutes: -O1 will do
  HUGE_FUNCTION = 512 * 1024,  // and past this even those of -O1
  TRAMPOLINES = 1000,          // types of which a partition has the trampolines
};

static uint64_t function_size(const struct wa_function *function) {
  return function->end_offset - function->body_offset;
}

struct splitter {
  const struct wa_module *module;
  struct wa_arena *arena;
  struct wa_partition *partitions;
  uint32_t count;
  bool open;                 // the last partition takes more functions
  uint64_t typical;          // instructions of a partition
  uint64_t instrs;           // of the last partition
  _Atomic(uint64_t) carried; // see struct wa_effort; of all functions so far
  uint64_t limit;            // of `carried`
};

// Where partitions end depends on the code on both sides and on nothing that an edit elsewhere
// moves (as in rsync and FastCDC): after a change, behind the next end or two, they are what they
// were, and a cache of partitions has them (piece.h). A function ends one with a probability in
// proportion to its length, by its hash; `typical` is the mean length. Of a run of equal functions,
// which all end one or none does, the least and the largest length make partitions too.
static bool is_end(const struct splitter *s, const struct wa_effort *effort) {
  return s->instrs >= s->typical / 4 && effort->content % s->typical < effort->instrs;
}

static bool has_room(const struct splitter *s, uint64_t size, const struct wa_effort *effort) {
  return s->open && s->partitions[s->count - 1].code_size + size <= PARTITION_SIZE &&
         s->instrs + effort->instrs <= s->typical * 4;
}

static bool is_costly(const struct wa_effort *effort, uint64_t size) {
  return effort->phis > WA_EFFORT_PHIS || effort->walks > WA_EFFORT_WALKS ||
         effort->locals > WA_EFFORT_LOCALS || effort->ways > WA_EFFORT_WAYS ||
         effort->conditions > WA_EFFORT_CONDITIONS + size * WA_EFFORT_CONDITIONS_PER_BYTE ||
         effort->carried > WA_EFFORT_CARRIED + size / WA_EFFORT_BYTES_FOR_CARRIED;
}

// A function that may get a cheaper pipeline is alone in its partition.
static void place(struct splitter *s, uint32_t index, const struct wa_effort *effort) {
  uint64_t size = function_size(&s->module->functions[index]);
  bool unoptimized = is_costly(effort, size);
  bool alone = size > ALONE || unoptimized;
  if (alone || !has_room(s, size, effort)) {
    s->partitions[s->count++] = (struct wa_partition){.first = index};
    s->instrs = 0;
  }
  struct wa_partition *partition = &s->partitions[s->count - 1];
  partition->end = index + 1;
  partition->code_size += size;
  partition->bit_counts += effort->bit_counts;
  partition->unoptimized = unoptimized;
  s->instrs += effort->instrs;
  s->open = !alone && !is_end(s, effort);
}

// Of powers of two, so that it hardly ever changes when the module does.
static uint64_t typical_instrs(uint64_t code_size) {
  uint64_t size = SMALL_PARTITION;
  while (size < PARTITION_SIZE && code_size / PARTITIONS >= size * 2) {
    size *= 2;
  }
  return size / BYTES_OF_INSTR;
}

// Measures a function and counts what it passes on.
static bool measure(const struct wa_module *module, uint32_t index, uint64_t limit,
                    _Atomic(uint64_t) *carried, struct wa_effort *effort, struct wa_error *err) {
  const struct wa_function *function = &module->functions[index];
  if (!wa_effort_measure(module, function, effort)) {
    return wa_fail(err, WA_ERROR_SYSTEM, WA_NO_OFFSET, "out of memory");
  }
  return atomic_fetch_add(carried, effort->carried) + effort->carried <= limit ||
         wa_fail(err, WA_ERROR_UNSUPPORTED, function->body_offset,
                 "calls and branches pass on more than %llu values, the limit for a module with "
                 "so much code",
                 (unsigned long long)limit);
}

static bool add_function(struct splitter *s, uint32_t index, struct wa_error *err) {
  struct wa_effort effort;
  if (!measure(s->module, index, s->limit, &s->carried, &effort, err)) {
    return false;
  }
  place(s, index, &effort);
  return true;
}

bool wa_partition_of(const struct wa_module *module, uint32_t function, uint64_t limit,
                     _Atomic(uint64_t) *carried, struct wa_partition *partition,
                     struct wa_error *err) {
  struct wa_effort effort;
  if (!measure(module, function, limit, carried, &effort, err)) {
    return false;
  }
  uint64_t size = function_size(&module->functions[function]);
  *partition = (struct wa_partition){.first = function,
                                     .end = function + 1,
                                     .code_size = size,
                                     .bit_counts = effort.bit_counts,
                                     .unoptimized = is_costly(&effort, size)};
  return true;
}

// Trampolines of so many types at once keep LLVM's memory small; few modules have as many.
static void add_trampolines(struct splitter *s, const struct wa_layout *layout) {
  bool unoptimized = wa_effort_types(s->module, layout);
  uint32_t first = 0, counted = 0;
  for (uint32_t i = 0; i < s->module->type_count; i++) {
    counted += layout->entries[i] || layout->exits[i];
    if (counted == TRAMPOLINES) {
      s->partitions[s->count++] =
          (struct wa_partition){.first_type = first, .end_type = i + 1, .unoptimized = unoptimized};
      first = i + 1;
      counted = 0;
    }
  }
  s->partitions[s->count++] = (struct wa_partition){.first_type = first,
                                                    .end_type = s->module->type_count,
                                                    .support = true,
                                                    .unoptimized = unoptimized};
}

uint64_t wa_partition_limit(const struct wa_module *module) {
  return WA_EFFORT_ALL_CARRIED + WA_EFFORT_ALL_CARRIED_PER_BYTE * wa_module_code_size(module);
}

struct wa_partition *wa_partition_split(const struct wa_module *module,
                                        const struct wa_layout *layout,
                                        const struct wa_compile_options *options,
                                        struct wa_arena *arena, uint32_t *count,
                                        struct wa_error *err) {
  struct splitter s = {.module = module, .arena = arena};
  size_t most = (size_t)module->function_count + module->type_count / TRAMPOLINES + 1;
  s.partitions = wa_arena_alloc(arena, most, sizeof *s.partitions);
  if (!s.partitions) {
    wa_fail(err, WA_ERROR_SYSTEM, WA_NO_OFFSET, "out of memory");
    return NULL;
  }
  uint32_t typical = options->partition_size;
  s.limit = wa_partition_limit(module);
  s.typical = typical ? typical / BYTES_OF_INSTR + 1 : typical_instrs(wa_module_code_size(module));
  for (uint32_t i = module->imported_functions; !options->lazy && i < module->function_count; i++) {
    if (!add_function(&s, i, err)) {
      return NULL;
    }
  }
  add_trampolines(&s, layout);
  *count = s.count;
  return s.partitions;
}

static double cpu_seconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

void wa_worker_deinit(struct wa_worker *worker) {
  for (int i = 0; i < WA_OPT_LEVELS; i++) {
    if (worker->machines[i]) {
      LLVMDisposeTargetMachine(worker->machines[i]);
    }
  }
}

static bool is_too_much(const struct wa_partition *partition) {
  return partition->code_size > HUGE_FUNCTION || partition->unoptimized;
}

// The level for a partition: a function of pathological size gets a cheaper one.
static int level_for(const struct wa_worker *worker, const struct wa_partition *partition) {
  int most = is_too_much(partition) ? 0 : partition->code_size > LARGE_FUNCTION ? 1 : 3;
  return worker->options->opt_level < most ? worker->options->opt_level : most;
}

// The register allocator of -O0 restores registers right behind a call, from the stack pointer. On
// AArch64 that is one instruction too early where the callee has taken its stack arguments off
// (swifttailcc): they would be read from elsewhere, the context among them. x86-64 counts from the
// frame pointer, and RISC-V has no such callees.
static bool needs_other_allocator(const struct wa_worker *worker) {
  return (worker->module->features & WA_FEATURE_TAIL_CALL) &&
         wa_target_is(worker->target, EM_AARCH64, 0);
}

// Target machines are kept: making one costs more than compiling a small module.
static LLVMTargetMachineRef machine_for(struct wa_worker *worker, int level) {
  level = level == 0 && needs_other_allocator(worker) ? 1 : level;
  if (!worker->machines[level]) {
    worker->machines[level] = wa_target_machine(worker->target, level);
  }
  return worker->machines[level];
}

static LLVMMemoryBufferRef emit(struct wa_worker *worker, struct wa_ir *ir,
                                LLVMTargetMachineRef machine, struct wa_error *err) {
  LLVMMemoryBufferRef buffer = NULL;
  if (worker->options->emit == WA_EMIT_IR) {
    char *text = LLVMPrintModuleToString(ir->llvm);
    buffer = LLVMCreateMemoryBufferWithMemoryRangeCopy(text, strlen(text), "ir");
    LLVMDisposeMessage(text);
    return buffer;
  }
  if (worker->options->emit == WA_EMIT_BC) {
    return LLVMWriteBitcodeToMemoryBuffer(ir->llvm);
  }
  LLVMCodeGenFileType type =
      worker->options->emit == WA_EMIT_ASM ? LLVMAssemblyFile : LLVMObjectFile;
  char *message = NULL;
  if (LLVMTargetMachineEmitToMemoryBuffer(machine, ir->llvm, type, &message, &buffer)) {
    wa_fail(err, WA_ERROR_SYSTEM, WA_NO_OFFSET, "LLVM's code generator: %s", message);
    LLVMDisposeMessage(message);
    return NULL;
  }
  return buffer;
}

// ---- Functions that are too much for a code generator that optimises ----

// A phi becomes a copy in each block that leads to it. The coalescer joins one after the other with
// what it has joined so far, so its time grows with the square of their number: 25 s for an
// interpreter of 1,300 cases and 49 variables (83 million in this sum), in 71 KB. The main loops of
// QuickJS and SQLite come to 0.2 and 0.6 million, the widest of Perl to 18, the second of Ruby
// to 35. Ruby's main loop has 287 in 138 KB: a function that is as large may take its time.
enum { WIDE_PHIS = 50 * 1000 * 1000, MAY_BE_WIDE = 100 * 1024 };

static bool has_wide_phis(LLVMValueRef function) {
  uint64_t squares = 0;
  for (LLVMBasicBlockRef block = LLVMGetFirstBasicBlock(function); block;
       block = LLVMGetNextBasicBlock(block)) {
    for (LLVMValueRef i = LLVMGetFirstInstruction(block); i && LLVMIsAPHINode(i);
         i = LLVMGetNextInstruction(i)) {
      uint64_t ways = LLVMCountIncoming(i);
      squares += ways * ways;
    }
  }
  return squares > WIDE_PHIS;
}

static void add_attribute(LLVMValueRef function, const char *name) {
  LLVMContextRef context = LLVMGetModuleContext(LLVMGetGlobalParent(function));
  LLVMAddAttributeAtIndex(function, (LLVMAttributeIndex)LLVMAttributeFunctionIndex,
                          wa_ir_attribute(context, name, 0));
}

// Where there is debug information, its records would have to move with what they describe.
static void generate_plainly(struct wa_ir *ir, LLVMValueRef function) {
  add_attribute(function, "optnone");
  add_attribute(function, "noinline"); // which "optnone" requires
  if (!ir->debug) {
    wa_cut_blocks(ir, function);
  }
}

struct marked {
  uint32_t count;
  bool has_wide_phis; // one of them: the attribute does not spare it the coalescer
};

// Marks the functions that are too much.
static struct marked mark_functions(struct wa_ir *ir, uint64_t code_size) {
  struct marked marked = {0};
  for (LLVMValueRef function = LLVMGetFirstFunction(ir->llvm); function;
       function = LLVMGetNextFunction(function)) {
    wa_bound_jump_tables(function);
    bool is_wide = code_size <= MAY_BE_WIDE && has_wide_phis(function);
    if (is_wide || wa_has_long_block(function)) {
      generate_plainly(ir, function);
      marked.count++;
      marked.has_wide_phis |= is_wide;
    }
  }
  return marked;
}

// ---- The whole ----

// The functions of a partition that are compiled together.
struct attempt {
  struct wa_worker *worker;
  const struct wa_partition *partition;
  struct wa_body *bodies;
  uint32_t body_count;
  struct wa_arena kept; // of what bodies keep
  int level;
  LLVMTargetMachineRef machine; // of that level
  bool is_keyed;                // the key is made, by the first attempt
  struct wa_piece_key key;
  uint32_t symbol_count; // then
};

// The target machine to generate the code of `count` functions with. The attribute spares a long
// function most of what is slow, the machine all of it: one that is alone has that, and so have all
// that are with one of wide phis.
static LLVMTargetMachineRef generator_for(const struct attempt *attempt, struct wa_ir *ir,
                                          uint32_t count) {
  struct wa_worker *worker = attempt->worker;
  struct marked marked = mark_functions(ir, attempt->partition->code_size);
  if (attempt->level == 0) {
    marked = (struct marked){0}; // all of them are generated so
  }
  bool is_whole = marked.has_wide_phis || (marked.count > 0 && count == 1);
  bool is_cheaper = attempt->level < worker->options->opt_level || is_whole;
  worker->cheaper += is_cheaper ? count : marked.count;
  return machine_for(worker, is_whole ? 0 : attempt->level);
}

// Whether code of -O0 is better not simplified. With -g it is for debuggers: they stop at what was
// written. Functions one by one would take a quarter longer: starting LLVM's passes costs more than
// they do.
static bool stays_as_it_is(const struct attempt *attempt) {
  const struct wa_compile_options *options = attempt->worker->options;
  return attempt->level == 0 &&
         (is_too_much(attempt->partition) || options->debug || options->lazy);
}

static bool optimize(const struct attempt *attempt, struct wa_ir *ir, struct wa_error *err) {
  struct wa_pass_switches switches = *attempt->worker->switches;
  if (attempt->partition->unoptimized) {
    wa_pass_switches_leave_out(&switches, "ssa");
  }
  if (stays_as_it_is(attempt)) {
    wa_pass_switches_leave_out(&switches, "simplify");
  }
  return wa_optimize(ir, attempt->machine, attempt->level, &switches, attempt->worker->budget,
                     attempt->worker->options->verify, err);
}

static void lower_bodies(struct wa_ir *ir, struct attempt *attempt) {
  ir->bodies = attempt->bodies;
  ir->body_count = attempt->body_count;
  ir->kept = &attempt->kept;
  // With -g who looks at the stack finds every function there.
  ir->inlines_calls = attempt->level > 0 && !attempt->partition->unoptimized &&
                      !attempt->worker->options->debug &&
                      wa_pass_switches_has(attempt->worker->switches, "inline");
  ir->outlines_bit_counts = attempt->partition->bit_counts > WA_EFFORT_BIT_COUNTS;
  for (uint32_t i = 0; i < attempt->body_count; i++) {
    wa_lower_body(ir, attempt->bodies[i].index);
  }
  wa_lower_trampolines(ir, attempt->partition->first_type, attempt->partition->end_type);
  if (attempt->partition->support) {
    wa_lower_support(ir);
    if (attempt->worker->options->lazy) {
      wa_lower_failed(ir);
    }
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

// What the first attempt has lowered says what the piece is. True when the store had it.
static bool find_piece(struct attempt *attempt, const struct wa_ir *ir,
                       struct wa_compiled *compiled) {
  struct wa_worker *worker = attempt->worker;
  if (!worker->options->pieces || !compiled->has_symbols || attempt->is_keyed) {
    return false;
  }
  attempt->is_keyed = true;
  attempt->symbol_count = compiled->symbols.count;
  wa_piece_key(&attempt->key, ir, worker, attempt->partition, attempt->level);
  return wa_piece_find(&attempt->key, worker, compiled);
}

// NULL also when the store has what all attempts come to.
static LLVMMemoryBufferRef compile_bodies(struct attempt *attempt, struct wa_compiled *compiled,
                                          struct wa_error *err) {
  struct wa_worker *worker = attempt->worker;
  LLVMContextRef context = LLVMContextCreate();
  LLVMMemoryBufferRef buffer = NULL;
  struct wa_ir ir;
  double start = cpu_seconds();
  wa_ir_init(&ir, worker->module, worker->layout, context, attempt->machine, worker->target);
  ir.symbols = compiled->has_symbols ? &compiled->symbols : NULL;
  if (worker->source) {
    wa_lower_debug_init(&ir, worker->source, worker->options->opt_level == 0);
  }
  lower_bodies(&ir, attempt);
  wa_lower_debug_end(&ir);
  bool is_found = find_piece(attempt, &ir, compiled);
  double lowered = cpu_seconds(), optimized = lowered;
  worker->seconds[WA_PHASE_LOWER] += lowered - start;
  if (!is_found && optimize(attempt, &ir, err)) {
    wa_lower_settle_tail_calls(&ir);
    wa_lower_settle_orderings(&ir);
    uint32_t count = attempt->body_count;
    put_off(attempt);
    optimized = cpu_seconds();
    buffer = emit(worker, &ir, generator_for(attempt, &ir, count - attempt->body_count), err);
  }
  wa_ir_deinit(&ir);
  LLVMContextDispose(context);
  worker->seconds[WA_PHASE_OPTIMIZE] += optimized - lowered;
  worker->seconds[WA_PHASE_CODEGEN] += cpu_seconds() - optimized;
  return buffer;
}

static bool attempt_init(struct attempt *attempt, struct wa_worker *worker,
                         const struct wa_partition *partition, struct wa_error *err) {
  *attempt = (struct attempt){.worker = worker, .partition = partition};
  attempt->level = level_for(worker, partition);
  attempt->machine = machine_for(worker, attempt->level);
  attempt->body_count = partition->end - partition->first;
  wa_arena_init(&attempt->kept, 0);
  if (!attempt->machine) {
    return wa_fail(err, WA_ERROR_SYSTEM, WA_NO_OFFSET, "LLVM cannot compile for %s",
                   worker->target->triple);
  }
  attempt->bodies =
      wa_arena_alloc(&attempt->kept, attempt->body_count + 1, sizeof *attempt->bodies);
  if (!attempt->bodies) {
    return wa_fail(err, WA_ERROR_SYSTEM, WA_NO_OFFSET, "out of memory");
  }
  for (uint32_t i = 0; i < attempt->body_count; i++) {
    attempt->bodies[i].index = partition->first + i;
  }
  return true;
}

// The last attempt keeps all loads, so that none can be lost, and all loops scalar.
static bool compile_attempts(struct attempt *attempt, struct wa_compiled *compiled,
                             struct wa_error *err) {
  for (int i = 0; i == 0 || attempt->body_count > 0; i++) {
    for (uint32_t j = 0; i == WA_ATTEMPTS - 1 && j < attempt->body_count; j++) {
      attempt->bodies[j].keeps_all = true;
      attempt->bodies[j].keeps_scalars = true;
    }
    LLVMMemoryBufferRef buffer = compile_bodies(attempt, compiled, err);
    if (!buffer) {
      return compiled->found.data != NULL;
    }
    compiled->buffers[i] = buffer;
    compiled->outputs[i] =
        (struct wa_bytes){(const uint8_t *)LLVMGetBufferStart(buffer), LLVMGetBufferSize(buffer)};
  }
  return true;
}

bool wa_partition_compile(struct wa_worker *worker, const struct wa_partition *partition,
                          struct wa_compiled *compiled, struct wa_error *err) {
  struct attempt attempt;
  // Who reads IR or assembly wants to know the module's functions. With -g code has its offset in
  // the module, which any edit in front of it changes: there is little to keep.
  compiled->has_symbols = worker->options->emit == WA_EMIT_OBJ && !worker->options->debug;
  uint32_t cheaper = worker->cheaper;
  bool done =
      attempt_init(&attempt, worker, partition, err) && compile_attempts(&attempt, compiled, err);
  // Names that came later would be those of this module alone.
  if (done && attempt.is_keyed && !compiled->found.data &&
      compiled->symbols.count == attempt.symbol_count) {
    wa_piece_keep(&attempt.key, worker, compiled, worker->cheaper - cheaper);
  }
  wa_arena_deinit(&attempt.kept);
  return done;
}

void wa_compiled_deinit(struct wa_compiled *compiled) {
  for (int i = 0; i < WA_ATTEMPTS; i++) {
    if (compiled->buffers[i]) {
      LLVMDisposeMemoryBuffer(compiled->buffers[i]);
    }
  }
  wa_buffer_free(&compiled->found);
  wa_symbols_deinit(&compiled->symbols);
  *compiled = (struct wa_compiled){.has_symbols = false};
}

uint32_t wa_compiled_inputs(const struct wa_compiled *compiled, struct wa_merge_input *inputs) {
  uint32_t count = 0;
  for (int i = 0; i < WA_ATTEMPTS; i++) {
    if (compiled->outputs[i].data) {
      inputs[count++] =
          (struct wa_merge_input){.object = compiled->outputs[i],
                                  .symbols = compiled->has_symbols ? &compiled->symbols : NULL};
    }
  }
  return count;
}

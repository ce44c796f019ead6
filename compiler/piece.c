#include "compiler/piece.h"

#include "compiler/ir/address.h"

#include <llvm-c/BitWriter.h>
#include <stdio.h>
#include <string.h>

// ---- Keys ----

enum { TEXT_SIZE = 1024 };
_Static_assert(sizeof(((struct wa_target *)0)->features) + 256 < TEXT_SIZE, "nothing is cut off");

// What is looked at behind lowering and is not in the IR. Who makes a pass look at something else
// of the module, its layout, the options or the target adds it here.
static void describe(char text[TEXT_SIZE], const struct wa_ir *ir, const struct wa_worker *worker,
                     const struct wa_partition *partition, int level) {
  const struct wa_module *module = ir->module;
  const struct wa_layout *layout = ir->layout;
  const struct wa_target *target = worker->target;
  uint64_t seen = WA_FEATURE_TAIL_CALL | WA_FEATURES_THROWING;
  (void)snprintf(
      text, TEXT_SIZE,
      "%s cpu %s of %s %s; -O%d as -O%d%s passes %llx %llx; features %llx slack "
      "%llx%s%s%s%s%s",
      target->triple, target->cpu, target->arch->llvm_cpu, target->features,
      worker->options->opt_level, level, partition->unoptimized ? " unoptimized" : "",
      (unsigned long long)worker->switches->off, (unsigned long long)worker->switches->last,
      (unsigned long long)(module->features & seen), (unsigned long long)wa_memory0_slack(ir),
      module->memory_count && module->memories[0].limits.shared ? " shared" : "",
      layout->has_shared_memory ? " any-shared" : "", layout->memory0_at_ctx ? " at-ctx" : "",
      layout->explicit_checks ? " explicit" : "", worker->options->lazy ? " lazy" : "");
}

void wa_piece_key(struct wa_piece_key *key, const struct wa_ir *ir, const struct wa_worker *worker,
                  const struct wa_partition *partition, int level) {
  char text[TEXT_SIZE];
  uint8_t parts[3 * WA_SHA256_SIZE];
  describe(text, ir, worker, partition, level);
  LLVMMemoryBufferRef bitcode = LLVMWriteBitcodeToMemoryBuffer(ir->llvm);
  memcpy(parts, worker->options->pieces->identity, WA_SHA256_SIZE);
  wa_sha256(text, strlen(text), parts + WA_SHA256_SIZE);
  wa_sha256(LLVMGetBufferStart(bitcode), LLVMGetBufferSize(bitcode),
            parts + (size_t)2 * WA_SHA256_SIZE);
  LLVMDisposeMemoryBuffer(bitcode);
  wa_sha256(parts, sizeof parts, key->digest);
}

// ---- What is kept ----

// In front of the objects of the attempts, each at a multiple of ALIGNMENT, as libelf wants it.
struct header {
  uint64_t sizes[WA_ATTEMPTS]; // 0: there was none
  uint64_t cheaper;            // see struct wa_worker
};

enum { ALIGNMENT = 16 };
_Static_assert(sizeof(struct header) % ALIGNMENT == 0, "the first object follows it");

static bool take(const struct wa_buffer *kept, struct wa_compiled *compiled, uint32_t *cheaper) {
  struct header header;
  size_t at = sizeof header;
  if (kept->size < sizeof header) {
    return false;
  }
  memcpy(&header, kept->data, sizeof header);
  for (int i = 0; i < WA_ATTEMPTS; i++) {
    if (at > kept->size || header.sizes[i] > kept->size - at || (i == 0 && header.sizes[i] == 0)) {
      return false;
    }
    if (header.sizes[i] > 0) {
      compiled->outputs[i] = (struct wa_bytes){kept->data + at, header.sizes[i]};
    }
    at = (at + header.sizes[i] + ALIGNMENT - 1) & ~(size_t)(ALIGNMENT - 1);
  }
  *cheaper = (uint32_t)header.cheaper;
  return true;
}

bool wa_piece_find(const struct wa_piece_key *key, struct wa_worker *worker,
                   struct wa_compiled *compiled) {
  const struct wa_piece_store *store = worker->options->pieces;
  uint32_t cheaper = 0;
  if (!store->find(store->arg, key->digest, &compiled->found)) {
    return false;
  }
  if (!take(&compiled->found, compiled, &cheaper)) {
    wa_buffer_free(&compiled->found);
    memset(compiled->outputs, 0, sizeof compiled->outputs);
    return false;
  }
  worker->cheaper += cheaper;
  worker->found++;
  return true;
}

void wa_piece_keep(const struct wa_piece_key *key, const struct wa_worker *worker,
                   const struct wa_compiled *compiled, uint32_t cheaper) {
  const struct wa_piece_store *store = worker->options->pieces;
  struct wa_bytes_buffer all = {0};
  struct header header = {.cheaper = cheaper};
  for (int i = 0; i < WA_ATTEMPTS; i++) {
    header.sizes[i] = compiled->outputs[i].size;
  }
  wa_bytes_append(&all, &header, sizeof header);
  for (int i = 0; i < WA_ATTEMPTS; i++) {
    wa_bytes_align(&all, ALIGNMENT);
    wa_bytes_append(&all, compiled->outputs[i].data, compiled->outputs[i].size);
  }
  if (!all.failed) {
    store->keep(store->arg, key->digest, (struct wa_bytes){all.data, all.size});
  }
  wa_bytes_deinit(&all);
}

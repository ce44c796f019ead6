#include "runtime/instance/instance.h"

#include "runtime/call/hostfunc.h"
#include "runtime/call/trap.h"
#include "runtime/object/pages.h"
#include "runtime/object/reuse.h"
#include "runtime/object/store.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

// The store's view of an artifact, made and kept (with a reference) at first use. Thread-safe.
// NULL when out of memory.
static struct wa_prepared *find_prepared(struct wa_store *store, struct wa_artifact *artifact) {
  pthread_mutex_lock(&store->lock);
  struct wa_prepared *prepared = store->prepared;
  while (prepared != NULL && prepared->artifact != artifact) {
    prepared = prepared->next;
  }
  if (prepared == NULL) {
    prepared = wa_prepared_new(artifact);
    if (prepared != NULL) {
      prepared->next = store->prepared;
      store->prepared = prepared;
      wa_host_funcs_offer(store, prepared);
    }
  }
  pthread_mutex_unlock(&store->lock);
  return prepared;
}

// ---- One block for everything of an instance whose size is known beforehand ----

struct block {
  size_t size;
};

// Room for `count` rows, 16-byte aligned; its offset. Counts come from checked metadata and are
// below 2^32, rows below 2^8 bytes: no overflow in 64 bits.
static size_t room(struct block *block, size_t count, size_t row) {
  size_t offset = block->size;
  block->size = (offset + count * row + 15) & ~(size_t)15;
  return offset;
}

static uint32_t count_imports(const struct wa_meta *meta, enum wa_extern_kind kind) {
  uint32_t count = 0;
  for (uint32_t i = 0; i < meta->imports.count; i++) {
    count += WA_META_ROW(meta, imports, struct wa_meta_import, i)->kind == kind;
  }
  return count;
}

// Tables and memories have limits of their own, but not what the runtime knows of each.
static uint64_t counted_bytes(const struct wa_meta *meta, size_t block, bool at_memory) {
  size_t page = (size_t)sysconf(_SC_PAGESIZE);
  uint64_t context = at_memory ? (meta->context_size + page - 1) / page * page : 0;
  return block + context + meta->tables.count * sizeof(struct wa_table_object) +
         meta->memories.count * sizeof(struct wa_memory_object);
}

static struct wa_instance *allocate(struct wa_store *store, struct wa_prepared *prepared,
                                    struct wa_error *err) {
  const struct wa_meta *meta = prepared->artifact->meta;
  uint32_t funcs = count_imports(meta, WA_EXTERN_FUNC);
  struct block block = {.size = sizeof(struct wa_instance)};
  block.size = (block.size + 15) & ~(size_t)15;
  bool at_memory = (meta->flags & WA_META_MEMORY0_AT_CTX) != 0;
  size_t context = room(&block, at_memory ? 0 : meta->context_size, 1);
  size_t memories = room(&block, meta->memories.count, sizeof(struct wa_memory_object *));
  size_t tables = room(&block, meta->tables.count, sizeof(struct wa_table_object *));
  size_t globals = room(&block, meta->globals.count, sizeof(struct wa_global_object));
  size_t tags = room(&block, meta->tags.count, sizeof(struct wa_tag_object *));
  size_t own_tags = room(&block, meta->tags.count, sizeof(struct wa_tag_object));
  size_t func_refs = room(&block, meta->func_ref_count, sizeof(struct wa_func_ref));
  size_t imported = room(&block, funcs, sizeof(struct wa_func_ref *));
  size_t bindings = room(&block, funcs, sizeof(struct wa_binding));
  size_t elem_dropped = room(&block, meta->elems.count, sizeof(atomic_bool));
  size_t data_dropped = room(&block, meta->datas.count, sizeof(atomic_bool));

  uint64_t counted = counted_bytes(meta, block.size, at_memory);
  if (!wa_budget_take(&store->instances, counted)) {
    (void)wa_fail(err, WA_ERROR_SYSTEM, WA_NO_OFFSET,
                  "an instance of %llu bytes, without memories and tables, is more than is left of "
                  "the %llu for all together; raise the limit (--max-memory)",
                  (unsigned long long)counted, (unsigned long long)store->instances.limit);
    return NULL;
  }
  uint8_t *bytes = aligned_alloc(16, block.size);
  if (bytes == NULL) {
    wa_budget_give(&store->instances, counted);
    (void)wa_fail(err, WA_ERROR_SYSTEM, WA_NO_OFFSET, "out of memory for an instance");
    return NULL;
  }
  memset(bytes, 0, block.size);
  struct wa_instance *instance = (struct wa_instance *)bytes;
  instance->store = store;
  instance->counted = counted;
  instance->prepared = prepared;
  instance->ctx = at_memory ? NULL : bytes + context + meta->context_size;
  instance->memories = (struct wa_memory_object **)(bytes + memories);
  instance->tables = (struct wa_table_object **)(bytes + tables);
  instance->globals = (struct wa_global_object *)(bytes + globals);
  instance->tags = (struct wa_tag_object **)(bytes + tags);
  instance->own_tags = (struct wa_tag_object *)(bytes + own_tags);
  instance->func_refs = (struct wa_func_ref *)(bytes + func_refs);
  instance->imported = (struct wa_func_ref **)(bytes + imported);
  instance->bindings = (struct wa_binding *)(bytes + bindings);
  instance->elem_dropped = (atomic_bool *)(bytes + elem_dropped);
  instance->data_dropped = (atomic_bool *)(bytes + data_dropped);
  instance->imported_funcs = funcs;
  instance->imported_tables = count_imports(meta, WA_EXTERN_TABLE);
  instance->imported_tags = count_imports(meta, WA_EXTERN_TAG);
  instance->imported_memories = count_imports(meta, WA_EXTERN_MEMORY);
  return instance;
}

static size_t context_pages(const struct wa_instance *instance) {
  size_t page = (size_t)sysconf(_SC_PAGESIZE);
  return (wa_instance_meta(instance)->context_size + page - 1) / page * page;
}

static void *reserve(size_t size) {
  const int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE;
  void *mapping = mmap(NULL, size, PROT_NONE, flags, -1, 0);
  if (mapping == MAP_FAILED && wa_reuse_clear()) {
    mapping = mmap(NULL, size, PROT_NONE, flags, -1, 0);
  }
  return mapping;
}

// Bytes of memory 0 to make accessible along with the context: a call of the kernel less. Not those
// of a large one, which may be refused yet.
static uint64_t first_bytes(const struct wa_instance *instance) {
  const uint64_t most = 1024;
  uint64_t pages = WA_META_ROW(wa_instance_meta(instance), memories, struct wa_meta_memory, 0)->min;
  return pages <= most ? pages * WA_PAGE_SIZE : 0;
}

// Context pages, then the reservation of memory 0, whose first byte is at ctx.
static bool map_context(struct wa_instance *instance, struct wa_error *err) {
  size_t context = context_pages(instance);
  size_t size = context + WA_MEMORY_EXTENT;
  struct wa_reusable taken;
  if (wa_reuse_take(size, context, &taken)) {
    instance->mapping = taken.mapping;
    instance->mapping_size = size;
    instance->ctx = taken.mapping + context;
    instance->accessible = taken.accessible;
    return true;
  }
  uint8_t *mapping = reserve(size);
  if (mapping == MAP_FAILED) {
    return wa_fail(err, WA_ERROR_SYSTEM, WA_NO_OFFSET,
                   "cannot reserve %zu MiB of address space for an instance: %s; raise the limit "
                   "on virtual memory (ulimit -v)" WA_MEMORY_CHECKS_HINT,
                   size >> 20, strerror(errno));
  }
  instance->mapping = mapping;
  instance->mapping_size = size;
  instance->ctx = mapping + context;
  instance->accessible = first_bytes(instance);
  if (mprotect(mapping, context + instance->accessible, PROT_READ | PROT_WRITE) != 0) {
    return wa_fail(err, WA_ERROR_SYSTEM, WA_NO_OFFSET, "cannot commit an instance's context: %s",
                   strerror(errno));
  }
  wa_pages_in_dumps(instance->ctx + instance->accessible, WA_MEMORY_EXTENT - instance->accessible,
                    false);
  return true;
}

// Whether the mapping can serve a later instance: all of it is known and anonymous.
static bool is_reusable(const struct wa_instance *instance, struct wa_reusable *left) {
  const struct wa_memory_object *memory = instance->mapping == NULL ? NULL : instance->memories[0];
  if (memory == NULL || memory->has_file || memory->has_huge_pages) {
    return false;
  }
  *left = (struct wa_reusable){
      .mapping = instance->mapping,
      .size = instance->mapping_size,
      .context = context_pages(instance),
      .accessible = wa_memory_accessible(memory),
  };
  return true;
}

// ---- Own memories and tables ----

static bool make_memories(struct wa_instance *instance, struct wa_error *err) {
  const struct wa_meta *meta = wa_instance_meta(instance);
  for (uint32_t i = instance->imported_memories; i < meta->memories.count; i++) {
    bool at_ctx = i == 0 && (meta->flags & WA_META_MEMORY0_AT_CTX) != 0;
    const struct wa_memory_type type = wa_memory_type_of(instance->prepared->artifact, i);
    instance->memories[i] = wa_memory_make(instance->store, at_ctx ? instance->ctx : NULL,
                                           at_ctx ? instance->accessible : 0, &type, err);
    if (instance->memories[i] == NULL) {
      return false;
    }
  }
  return true;
}

static bool make_tables(struct wa_instance *instance, struct wa_error *err) {
  const struct wa_meta *meta = wa_instance_meta(instance);
  for (uint32_t i = instance->imported_tables; i < meta->tables.count; i++) {
    const struct wa_meta_table *row = WA_META_ROW(meta, tables, struct wa_meta_table, i);
    if ((row->flags & WA_TABLE_READ_ONLY) != 0) {
      continue;
    }
    uint64_t max = (row->flags & WA_LIMITS_HAS_MAX) != 0 ? row->max : UINT64_MAX;
    instance->tables[i] = wa_table_make(
        instance->store, wa_prepared_type(instance->prepared, row->elem_type), row->min, max, err);
    if (instance->tables[i] == NULL) {
      return false;
    }
    instance->tables[i]->index64 = (row->flags & WA_LIMITS_INDEX64) != 0;
  }
  return true;
}

static void fill_fixed(struct wa_instance *instance) {
  *wa_context_fixed(instance->ctx) = (struct wa_context_fixed){
      .memories = (struct wa_memory_view **)instance->memories,
      .tables = (struct wa_table_view **)instance->tables,
      .func_refs = instance->func_refs,
      .instance = instance,
      .builtins = &wa_builtins_table,
      .memory0 =
          wa_instance_meta(instance)->memories.count == 0 ? NULL : instance->memories[0]->view.base,
  };
  // A debugger sees the memory of the latest instance.
  _Atomic(uint8_t *) *debug_memory = instance->prepared->artifact->debug_memory;
  if (debug_memory != NULL) {
    atomic_store_explicit(debug_memory, wa_context_fixed(instance->ctx)->memory0,
                          memory_order_relaxed);
  }
}

// ---- Life ----

static void release(struct wa_instance *instance) {
  const struct wa_meta *meta = wa_instance_meta(instance);
  struct wa_reusable left;
  bool reusable = is_reusable(instance, &left);
  for (uint32_t i = instance->imported_memories; i < meta->memories.count; i++) {
    wa_memory_free(instance->memories[i]);
  }
  for (uint32_t i = instance->imported_tables; i < meta->tables.count; i++) {
    wa_table_free(instance->tables[i]);
  }
  if (reusable) {
    wa_reuse_leave(&left);
  } else if (instance->mapping != NULL) {
    munmap(instance->mapping, instance->mapping_size);
  }
  wa_budget_give(&instance->store->instances, instance->counted);
  free(instance);
}

static void free_object(struct wa_object *object) {
  release(WA_OBJECT_OF(object, struct wa_instance));
}

static bool prepare(struct wa_instance *instance, const struct wa_imports *imports,
                    struct wa_error *err) {
  bool at_memory = (wa_instance_meta(instance)->flags & WA_META_MEMORY0_AT_CTX) != 0;
  if ((at_memory && !map_context(instance, err)) || !wa_instance_link(instance, imports, err) ||
      !make_memories(instance, err) || !make_tables(instance, err)) {
    return false;
  }
  fill_fixed(instance);
  wa_instance_fill(instance);
  return true;
}

static bool run_start(struct wa_instance *instance, struct wa_trap *trap) {
  const struct wa_meta *meta = wa_instance_meta(instance);
  if (meta->start == WA_NONE) {
    return true;
  }
  // The start function need not be one whose address is taken, so it may have no reference.
  struct wa_func_ref start;
  wa_instance_make_ref(instance, meta->start, &start);
  union wa_cell none[1];
  return wa_func_call(&start, none, trap);
}

static enum wa_instantiate_result instantiate(struct wa_store *store, struct wa_artifact *artifact,
                                              const struct wa_imports *imports,
                                              struct wa_instance **made, struct wa_trap *trap,
                                              struct wa_error *err) {
  *made = NULL;
  struct wa_prepared *prepared = find_prepared(store, artifact);
  if (prepared == NULL) {
    (void)wa_fail(err, WA_ERROR_SYSTEM, WA_NO_OFFSET, "out of memory for an instance");
  }
  struct wa_instance *instance = prepared == NULL ? NULL : allocate(store, prepared, err);
  if (instance == NULL) {
    return WA_INSTANTIATE_FAILED;
  }
  instance->object.free = free_object;
  if (!prepare(instance, imports, err)) {
    release(instance);
    return WA_INSTANTIATE_FAILED;
  }
  wa_store_own(store, &instance->object);
  *made = instance;
  enum wa_trap_code code = wa_instance_apply_segments(instance);
  if (code != WA_TRAP_NONE) {
    wa_trap_init(trap, code);
    return WA_INSTANTIATE_TRAPPED;
  }
  return run_start(instance, trap) ? WA_INSTANTIATED : WA_INSTANTIATE_TRAPPED;
}

enum wa_instantiate_result wa_instance_new(struct wa_store *store, struct wa_artifact *artifact,
                                           const struct wa_linker *linker,
                                           struct wa_instance **made, struct wa_trap *trap,
                                           struct wa_error *err) {
  struct wa_imports imports = {.linker = linker};
  return instantiate(store, artifact, &imports, made, trap, err);
}

enum wa_instantiate_result wa_instance_new_with(struct wa_store *store,
                                                struct wa_artifact *artifact,
                                                const struct wa_extern *values,
                                                struct wa_instance **made, struct wa_trap *trap,
                                                struct wa_error *err) {
  struct wa_imports imports = {.values = values};
  return instantiate(store, artifact, &imports, made, trap, err);
}

void wa_instance_free(struct wa_instance *instance) {
  if (instance != NULL) {
    wa_store_disown(instance->store, &instance->object);
    release(instance);
  }
}

// ---- What others see ----

struct wa_artifact *wa_instance_artifact(const struct wa_instance *instance) {
  return instance->prepared->artifact;
}

struct wa_store *wa_instance_store(const struct wa_instance *instance) {
  return instance->store;
}

struct wa_memory_object *wa_instance_memory(const struct wa_instance *instance, uint32_t index) {
  return index < wa_instance_meta(instance)->memories.count ? instance->memories[index] : NULL;
}

const struct wa_global_object *wa_instance_global(const struct wa_instance *instance,
                                                  uint32_t index) {
  return &instance->globals[index];
}

static void fill_extern(struct wa_instance *instance, const struct wa_meta_export *row,
                        struct wa_extern *value) {
  value->kind = (enum wa_extern_kind)row->kind;
  switch (value->kind) {
  case WA_EXTERN_FUNC:
    value->func = &instance->func_refs[WA_META_ROW(wa_instance_meta(instance), funcs,
                                                   struct wa_meta_func, row->index)
                                           ->func_ref];
    break;
  case WA_EXTERN_TABLE:
    value->table = instance->tables[row->index];
    break;
  case WA_EXTERN_MEMORY:
    value->memory = instance->memories[row->index];
    break;
  case WA_EXTERN_GLOBAL:
    value->global = &instance->globals[row->index];
    break;
  case WA_EXTERN_TAG:
    value->tag = instance->tags[row->index];
    break;
  case WA_EXTERN_KIND_COUNT:
    break;
  }
}

void wa_instance_export_at(struct wa_instance *instance, uint32_t index, struct wa_extern *value) {
  const struct wa_meta *meta = wa_instance_meta(instance);
  fill_extern(instance, WA_META_ROW(meta, exports, struct wa_meta_export, index), value);
}

bool wa_instance_export(struct wa_instance *instance, const char *name, size_t name_size,
                        struct wa_extern *value) {
  const struct wa_meta *meta = wa_instance_meta(instance);
  for (uint32_t i = 0; i < meta->exports.count; i++) {
    const struct wa_meta_export *row = WA_META_ROW(meta, exports, struct wa_meta_export, i);
    if (row->name.length == name_size &&
        memcmp(wa_meta_chars(meta, row->name), name, name_size) == 0) {
      fill_extern(instance, row, value);
      return true;
    }
  }
  return false;
}

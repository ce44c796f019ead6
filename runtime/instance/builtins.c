// What compiled code asks of the runtime (struct wa_builtins). Every range is checked as a whole
// before the first byte moves; a size is read once, atomically, and can only grow.
#include "runtime/arch/arch.h"
#include "runtime/instance/instance.h"
#include "runtime/object/bulk.h"
#include "runtime/object/types.h"
#include "runtime/thread/interrupt.h"
#include "runtime/thread/waitlist.h"

static struct wa_memory_object *memory_at(void *ctx, uint32_t index) {
  return wa_context_instance(ctx)->memories[index];
}

static struct wa_table_object *table_at(void *ctx, uint32_t index) {
  return wa_context_instance(ctx)->tables[index];
}

static uint32_t status(bool done) {
  return done ? WA_TRAP_NONE : WA_TRAP_INTERRUPTED;
}

static int64_t memory_grow(void *ctx, uint32_t memory, uint64_t delta) {
  return wa_interrupted() ? WA_GROW_ENDED : wa_memory_grow(memory_at(ctx, memory), delta);
}

static uint32_t memory_copy(void *ctx, uint32_t dst_memory, uint32_t src_memory, uint64_t dst,
                            uint64_t src, uint64_t length) {
  const struct wa_memory_view *to = &memory_at(ctx, dst_memory)->view;
  const struct wa_memory_view *from = &memory_at(ctx, src_memory)->view;
  if (!wa_range_fits(dst, length, wa_view_size(to)) ||
      !wa_range_fits(src, length, wa_view_size(from))) {
    return WA_TRAP_MEMORY_OUT_OF_BOUNDS;
  }
  return status(wa_bulk_move(to->base + dst, from->base + src, length));
}

static uint32_t memory_fill(void *ctx, uint32_t memory, uint64_t dst, uint32_t value,
                            uint64_t length) {
  const struct wa_memory_view *view = &memory_at(ctx, memory)->view;
  if (!wa_range_fits(dst, length, wa_view_size(view))) {
    return WA_TRAP_MEMORY_OUT_OF_BOUNDS;
  }
  return status(wa_bulk_fill(view->base + dst, (uint8_t)value, length));
}

static uint32_t memory_init(void *ctx, uint32_t memory, uint32_t segment, uint64_t dst,
                            uint32_t src, uint32_t length) {
  return wa_memory_init(wa_context_instance(ctx), memory, segment, dst, src, length);
}

static void data_drop(void *ctx, uint32_t segment) {
  atomic_store(&wa_context_instance(ctx)->data_dropped[segment], true);
}

static int64_t table_grow(void *ctx, uint32_t table, void *value, uint64_t delta) {
  return wa_interrupted() ? WA_GROW_ENDED : wa_table_grow(table_at(ctx, table), value, delta);
}

static uint32_t table_fill(void *ctx, uint32_t table, uint64_t dst, void *value, uint64_t length) {
  struct wa_table_object *object = table_at(ctx, table);
  if (!wa_range_fits(dst, length, wa_table_size(object))) {
    return WA_TRAP_TABLE_OUT_OF_BOUNDS;
  }
  return status(wa_table_write(object, dst, length, value));
}

static uint32_t table_copy(void *ctx, uint32_t dst_table, uint32_t src_table, uint64_t dst,
                           uint64_t src, uint64_t length) {
  struct wa_table_object *to = table_at(ctx, dst_table);
  const struct wa_table_object *from = table_at(ctx, src_table);
  if (!wa_range_fits(dst, length, wa_table_size(to)) ||
      !wa_range_fits(src, length, wa_table_size(from))) {
    return WA_TRAP_TABLE_OUT_OF_BOUNDS;
  }
  return status(wa_table_move(to, dst, from, src, length));
}

static uint32_t table_init(void *ctx, uint32_t table, uint32_t segment, uint64_t dst, uint32_t src,
                           uint32_t length) {
  return wa_table_init(wa_context_instance(ctx), table, segment, dst, src, length);
}

static void elem_drop(void *ctx, uint32_t segment) {
  atomic_store(&wa_context_instance(ctx)->elem_dropped[segment], true);
}

static int32_t atomic_wait32(void *ctx, uint32_t memory, uint64_t address, uint32_t expected,
                             int64_t timeout) {
  return wa_waitlist_wait32(memory_at(ctx, memory)->view.base + address, expected, timeout);
}

static int32_t atomic_wait64(void *ctx, uint32_t memory, uint64_t address, uint64_t expected,
                             int64_t timeout) {
  return wa_waitlist_wait64(memory_at(ctx, memory)->view.base + address, expected, timeout);
}

static int32_t atomic_notify(void *ctx, uint32_t memory, uint64_t address, uint32_t count) {
  uint32_t woken = wa_waitlist_notify(memory_at(ctx, memory)->view.base + address, count);
  return wa_interrupted() ? -1 : (int32_t)woken;
}

static uint32_t type_matches(void *ctx, uint64_t type, uint64_t supertype) {
  (void)ctx;
  return wa_type_id_matches((uint32_t)type, (uint32_t)supertype);
}

static void *exception_new(void *ctx, const void *tag, uint64_t bytes) {
  return wa_exception_new(wa_context_instance(ctx)->store, tag, bytes);
}

static void exception_settle(void *ctx, void *exception, uint32_t fate) {
  (void)ctx;
  wa_exception_settle(exception, (enum wa_exception_fate)fate);
}

const struct wa_builtins wa_builtins_table = {
    .memory_grow = memory_grow,
    .memory_copy = memory_copy,
    .memory_fill = memory_fill,
    .memory_init = memory_init,
    .data_drop = data_drop,
    .table_grow = table_grow,
    .table_fill = table_fill,
    .table_copy = table_copy,
    .table_init = table_init,
    .elem_drop = elem_drop,
    .atomic_wait32 = atomic_wait32,
    .atomic_wait64 = atomic_wait64,
    .atomic_notify = atomic_notify,
    .type_matches = type_matches,
    .exception_new = exception_new,
    .exception_throw = wa_arch_throw,
    .exception_settle = exception_settle,
};

#include "cli/dump.h"

#include "runtime/code/locals.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>

enum { SECTION_CUSTOM = 0, SECTION_MEMORY = 5, SECTION_GLOBAL = 6, SECTION_DATA = 11 };
enum { OP_END = 0x0b, OP_I32 = 0x41, OP_I64 = 0x42, OP_F32 = 0x43, OP_F64 = 0x44 };
enum { OP_NULL = 0xd0, OP_SIMD = 0xfd, OP_V128 = 0x0c };

// What is of zeros only is left out in pieces of this size.
enum { PIECE = 4096 };

// ---- Numbers ----

static void put_byte(FILE *to, unsigned byte) {
  (void)fputc((int)byte, to);
}

static void put_u(FILE *to, uint64_t value) {
  do {
    put_byte(to, (unsigned)(value & 0x7f) | (value > 0x7f ? 0x80 : 0));
    value >>= 7;
  } while (value != 0);
}

static void put_s(FILE *to, int64_t value) {
  for (bool more = true; more;) {
    unsigned low = (unsigned)value & 0x7f;
    value >>= 7;
    more = !((value == 0 && (low & 0x40) == 0) || (value == -1 && (low & 0x40) != 0));
    put_byte(to, low | (more ? 0x80 : 0));
  }
}

static void put_name(FILE *to, const char *name) {
  put_u(to, strlen(name));
  (void)fwrite(name, 1, strlen(name), to);
}

static unsigned size_u(uint64_t value) {
  unsigned size = 1;
  for (; value > 0x7f; value >>= 7) {
    size++;
  }
  return size;
}

static unsigned size_s(int64_t value) {
  unsigned size = 1;
  for (; value < -64 || value > 63; value >>= 7) {
    size++;
  }
  return size;
}

// ---- Sections ----

// The contents of a section, kept until their size is known.
struct section {
  FILE *to;
  char *bytes;
  size_t size;
};

static bool section_begin(struct section *section) {
  *section = (struct section){.bytes = NULL};
  section->to = open_memstream(&section->bytes, &section->size);
  return section->to != NULL;
}

static void section_end(struct section *section, unsigned id, FILE *to) {
  if (fclose(section->to) == 0) {
    put_byte(to, id);
    put_u(to, section->size);
    (void)fwrite(section->bytes, 1, section->size, to);
  }
  free(section->bytes);
}

// ---- Stacks ----

bool wa_dump_init(struct wa_dump *dump, const struct wa_artifact *artifact, struct wa_error *err) {
  *dump = (struct wa_dump){.artifact = artifact};
  dump->stacks = open_memstream(&dump->stack_bytes, &dump->stack_size);
  return dump->stacks != NULL || wa_fail(err, WA_ERROR_SYSTEM, WA_NO_OFFSET, "out of memory");
}

void wa_dump_deinit(struct wa_dump *dump) {
  if (dump->stacks != NULL) {
    (void)fclose(dump->stacks);
  }
  free(dump->stack_bytes);
}

// The instance that a frame is said to be of: 0 is the program's, of others there is one for each
// module. False when there are too many, and for what is no frame.
static bool instance_of(struct wa_dump *dump, const struct wa_frame *frame, uint32_t *instance) {
  uint32_t i = 0;
  *instance = 0;
  if (frame->inlined) {
    return false; // a part of the next one
  }
  if (frame->origin == dump->artifact) {
    return true;
  }
  while (i < dump->other_count && dump->others[i].artifact != frame->origin) {
    i++;
  }
  if (i == WA_DUMP_OTHERS) {
    return false;
  }
  if (i == dump->other_count) {
    dump->others[i].artifact = frame->origin;
    (void)snprintf(dump->others[i].name, sizeof dump->others[i].name, "%s", frame->artifact);
    dump->other_count++;
  }
  *instance = i + 1;
  return true;
}

enum { VALUE_MISSING = 1 };

static void put_local(FILE *to, const struct wa_local_value *value) {
  put_byte(to, value->type == WA_LOCAL_UNKNOWN ? VALUE_MISSING : value->type);
  switch (value->type) {
  case WA_LOCAL_I32:
    put_s(to, (int32_t)(uint32_t)value->bits);
    break;
  case WA_LOCAL_I64:
    put_s(to, (int64_t)value->bits);
    break;
  case WA_LOCAL_F32:
    (void)fwrite(&value->bits, 1, 4, to);
    break;
  case WA_LOCAL_F64:
    (void)fwrite(&value->bits, 1, 8, to);
    break;
  default:
    break;
  }
}

// Locals are known where the object is one of -g; operands never are.
static void put_frame(FILE *to, const struct wa_frame *frame, uint32_t instance,
                      const struct wa_local_value *locals) {
  uint32_t count = locals == NULL ? 0 : frame->local_count;
  put_byte(to, 0);
  put_u(to, instance);
  put_u(to, frame->function);
  put_u(to, 0); // where in it: not known
  put_u(to, count);
  for (uint32_t i = 0; i < count; i++) {
    put_local(to, &locals[frame->first_local + i]);
  }
  put_u(to, 0);
}

void wa_dump_add_thread(struct wa_dump *dump, const struct wa_thread_end *end) {
  struct section section;
  char name[32];
  if (!section_begin(&section)) {
    return;
  }
  (void)snprintf(name, sizeof name, end->tid == 0 ? "main" : "thread %d", end->tid);
  put_name(section.to, "corestack");
  put_byte(section.to, 0);
  put_name(section.to, name);
  const struct wa_trap *trap = end->trap;
  uint32_t instance, count = 0;
  for (uint32_t i = 0; i < trap->frame_count; i++) {
    count += instance_of(dump, &trap->frames[i], &instance);
  }
  put_u(section.to, count);
  for (uint32_t i = 0; i < trap->frame_count; i++) {
    if (instance_of(dump, &trap->frames[i], &instance)) {
      put_frame(section.to, &trap->frames[i], instance, end->locals);
    }
  }
  section_end(&section, SECTION_CUSTOM, dump->stacks);
}

// ---- What the process was ----

static bool put_process(FILE *to, const char *program) {
  struct section section;
  if (!section_begin(&section)) {
    return false;
  }
  put_name(section.to, "core");
  put_byte(section.to, 0);
  put_name(section.to, program);
  section_end(&section, SECTION_CUSTOM, to);
  return true;
}

static bool put_modules(FILE *to, const struct wa_dump *dump) {
  struct section section;
  if (!section_begin(&section)) {
    return false;
  }
  put_name(section.to, "coremodules");
  put_u(section.to, 1 + dump->other_count);
  put_byte(section.to, 0);
  put_name(section.to, dump->artifact->name);
  for (uint32_t i = 0; i < dump->other_count; i++) {
    put_byte(section.to, 0);
    put_name(section.to, dump->others[i].name);
  }
  section_end(&section, SECTION_CUSTOM, to);
  return true;
}

static void put_indexes(FILE *to, uint32_t count) {
  put_u(to, count);
  for (uint32_t i = 0; i < count; i++) {
    put_u(to, i);
  }
}

static bool put_instances(FILE *to, const struct wa_dump *dump) {
  const struct wa_meta *meta = dump->artifact->meta;
  struct section section;
  if (!section_begin(&section)) {
    return false;
  }
  put_name(section.to, "coreinstances");
  put_u(section.to, 1 + dump->other_count);
  for (uint32_t i = 0; i <= dump->other_count; i++) {
    put_byte(section.to, 0);
    put_u(section.to, i); // its module
    put_indexes(section.to, i == 0 ? meta->memories.count : 0);
    put_indexes(section.to, i == 0 ? meta->globals.count : 0);
  }
  section_end(&section, SECTION_CUSTOM, to);
  return true;
}

// ---- Memories ----

static bool put_memories(FILE *to, const struct wa_meta *meta, const struct wa_instance *instance) {
  struct section section;
  if (!section_begin(&section)) {
    return false;
  }
  put_u(section.to, meta->memories.count);
  for (uint32_t i = 0; i < meta->memories.count; i++) {
    const struct wa_meta_memory *row = WA_META_ROW(meta, memories, struct wa_meta_memory, i);
    bool max = (row->flags & WA_LIMITS_HAS_MAX) != 0;
    bool bytes = row->page_size_log2 != WA_PAGE_LOG2;
    put_byte(section.to, (max ? 1u : 0) | ((row->flags & WA_LIMITS_SHARED) != 0 ? 2u : 0) |
                             ((row->flags & WA_LIMITS_INDEX64) != 0 ? 4u : 0) | (bytes ? 8u : 0));
    put_u(section.to, wa_memory_pages(wa_instance_memory(instance, i)));
    if (max) {
      put_u(section.to, row->max);
    }
    if (bytes) {
      put_u(section.to, row->page_size_log2);
    }
  }
  section_end(&section, SECTION_MEMORY, to);
  return true;
}

// A run of memory that is not all zeros.
struct run {
  uint32_t memory;
  bool index64;
  const uint8_t *base;
  uint64_t offset, size;
};

static bool is_zero(const uint8_t *bytes, uint64_t size) {
  return bytes[0] == 0 && memcmp(bytes, bytes + 1, size - 1) == 0;
}

// Calls with each run of every memory.
static void visit_runs(const struct wa_instance *instance, const struct wa_meta *meta,
                       void (*visit)(const struct run *run, void *arg), void *arg) {
  for (uint32_t i = 0; i < meta->memories.count; i++) {
    const struct wa_memory_object *memory = wa_instance_memory(instance, i);
    const struct wa_meta_memory *row = WA_META_ROW(meta, memories, struct wa_meta_memory, i);
    uint64_t size = wa_memory_size(memory);
    struct run run = {.memory = i,
                      .index64 = (row->flags & WA_LIMITS_INDEX64) != 0,
                      .base = wa_memory_base(memory)};
    for (uint64_t at = 0; at < size; at += PIECE) {
      uint64_t piece = size - at < PIECE ? size - at : PIECE;
      if (!is_zero(run.base + at, piece)) {
        run.offset = run.size == 0 ? at : run.offset;
        run.size = at + piece - run.offset;
      } else if (run.size != 0) {
        visit(&run, arg);
        run.size = 0;
      }
    }
    if (run.size != 0) {
      visit(&run, arg);
    }
  }
}

static unsigned header_size(const struct run *run) {
  unsigned offset = run->index64 ? size_s((int64_t)run->offset) : size_s((int32_t)run->offset);
  return (run->memory == 0 ? 1 : 1 + size_u(run->memory)) + 2 + offset + size_u(run->size);
}

struct sum {
  uint64_t count, bytes;
};

static void add_run(const struct run *run, void *arg) {
  struct sum *sum = arg;
  sum->count++;
  sum->bytes += header_size(run) + run->size;
}

static void put_run(const struct run *run, void *arg) {
  FILE *to = arg;
  put_byte(to, run->memory == 0 ? 0 : 2);
  if (run->memory != 0) {
    put_u(to, run->memory);
  }
  put_byte(to, run->index64 ? OP_I64 : OP_I32);
  put_s(to, run->index64 ? (int64_t)run->offset : (int32_t)run->offset);
  put_byte(to, OP_END);
  put_u(to, run->size);
  (void)fwrite(run->base + run->offset, 1, run->size, to);
}

// Looked through twice, so that the size can stand ahead of what may be gigabytes. The host's own
// functions may still write there, who knows; the runs would then differ, and the file be no
// module.
static void put_data(FILE *to, const struct wa_meta *meta, const struct wa_instance *instance) {
  struct sum sum = {.count = 0};
  visit_runs(instance, meta, add_run, &sum);
  put_byte(to, SECTION_DATA);
  put_u(to, size_u(sum.count) + sum.bytes);
  put_u(to, sum.count);
  visit_runs(instance, meta, put_run, to);
}

// ---- Globals ----

// Types whose values mean nothing outside of the process: null.
static void put_reference(FILE *to, uint32_t type) {
  unsigned kind = (type & 0xff) == WA_EXTERNREF ? WA_EXTERNREF : WA_FUNCREF;
  put_byte(to, kind);
  put_byte(to, 1);
  put_byte(to, OP_NULL);
  put_byte(to, kind);
}

static void put_number(FILE *to, uint32_t type, const union wa_cell *cell) {
  put_byte(to, type & 0xff);
  put_byte(to, 1); // mutable, as the convention has them
  switch (type) {
  case WA_I32:
    put_byte(to, OP_I32);
    put_s(to, cell->i32);
    break;
  case WA_I64:
    put_byte(to, OP_I64);
    put_s(to, cell->i64);
    break;
  case WA_F32:
    put_byte(to, OP_F32);
    (void)fwrite(cell, 1, 4, to);
    break;
  case WA_F64:
    put_byte(to, OP_F64);
    (void)fwrite(cell, 1, 8, to);
    break;
  default: // v128
    put_byte(to, OP_SIMD);
    put_byte(to, OP_V128);
    (void)fwrite(cell, 1, 16, to);
    break;
  }
}

static bool put_globals(FILE *to, const struct wa_meta *meta, struct wa_instance *instance) {
  struct section section;
  if (!section_begin(&section)) {
    return false;
  }
  put_u(section.to, meta->globals.count);
  for (uint32_t i = 0; i < meta->globals.count; i++) {
    const struct wa_global_object *global = wa_instance_global(instance, i);
    bool number = global->type >= WA_V128 && global->type <= WA_I32;
    if (number) {
      put_number(section.to, global->type, global->cell);
    } else {
      put_reference(section.to, global->type);
    }
    put_byte(section.to, OP_END);
  }
  section_end(&section, SECTION_GLOBAL, to);
  return true;
}

// ---- The file ----

static bool put_all(struct wa_dump *dump, FILE *to, const char *program,
                    struct wa_instance *instance) {
  static const char preamble[8] = {0, 'a', 's', 'm', 1, 0, 0, 0};
  const struct wa_meta *meta = dump->artifact->meta;
  (void)fwrite(preamble, 1, sizeof preamble, to);
  bool put = put_process(to, program) && put_modules(to, dump) && put_instances(to, dump) &&
             fflush(dump->stacks) == 0;
  (void)fwrite(dump->stack_bytes, 1, put ? dump->stack_size : 0, to);
  put = put && put_memories(to, meta, instance) && put_globals(to, meta, instance);
  if (put) {
    put_data(to, meta, instance);
  }
  return put;
}

bool wa_dump_write(struct wa_dump *dump, const char *path, const char *program,
                   struct wa_instance *instance, struct wa_error *err) {
  FILE *to = fopen(path, "wbe");
  bool put = to != NULL && put_all(dump, to, program, instance) && ferror(to) == 0;
  if (to != NULL && fclose(to) != 0) {
    put = false;
  }
  return put || wa_fail(err, WA_ERROR_SYSTEM, WA_NO_OFFSET, "--coredump: cannot write '%s': %s",
                        path, strerror(errno));
}

#include "loader/debug.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

// ---- GDB's JIT interface (GDB manual, "JIT Compilation Interface"): names and layout are GDB's
// ----

enum { JIT_NOACTION = 0, JIT_REGISTER_FN, JIT_UNREGISTER_FN };

struct jit_code_entry {
  struct jit_code_entry *next_entry;
  struct jit_code_entry *prev_entry;
  const char *symfile_addr;
  uint64_t symfile_size;
};

struct jit_descriptor {
  uint32_t version;
  uint32_t action_flag;
  struct jit_code_entry *relevant_entry;
  struct jit_code_entry *first_entry;
};

// LLVM has the same two names, and a process may hold both: these are reached by names of our own,
// so that whichever the dynamic linker prefers, the list and its lock belong together. gdb looks
// into each file by itself. They are exported because files are stripped of all other names.
static struct jit_descriptor jit_list __attribute__((used)) = {.version = 1};
extern struct jit_descriptor __jit_debug_descriptor
    __attribute__((alias("jit_list"), visibility("default")));

// The debugger stops here. The barrier keeps the call from being optimised away.
__attribute__((noinline, used)) static void register_code(void) {
  __asm__ volatile("" ::: "memory");
}
void __jit_debug_register_code(void) __attribute__((alias("register_code"), visibility("default")));

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

struct wa_gdb_entry {
  struct jit_code_entry entry;
  uint8_t *copy;
  size_t size;
  _Atomic(uint8_t *) *memory; // in the copy, or NULL
};

// The headers have been checked by wa_image_read.
static void place_sections(uint8_t *copy, const struct wa_image *image) {
  Elf64_Ehdr header;
  memcpy(&header, copy, sizeof header);
  size_t count = (image->size - header.e_shoff) / sizeof(Elf64_Shdr);
  if (header.e_shnum != 0 && header.e_shnum < count) {
    count = header.e_shnum;
  }
  for (size_t i = 0; i < count; i++) {
    uint8_t *place = copy + header.e_shoff + i * sizeof(Elf64_Shdr);
    Elf64_Shdr section;
    memcpy(&section, place, sizeof section);
    if ((section.sh_flags & SHF_ALLOC) != 0) {
      // What is written for debuggers is written to the copy.
      const uint8_t *home = (section.sh_flags & SHF_WRITE) != 0 ? copy : image->bytes;
      section.sh_addr = (uint64_t)(uintptr_t)home + section.sh_offset;
      memcpy(place, &section, sizeof section);
    }
  }
}

static void announce(struct jit_code_entry *entry, uint32_t action) {
  jit_list.relevant_entry = entry;
  jit_list.action_flag = action;
  register_code();
  jit_list.action_flag = JIT_NOACTION;
  jit_list.relevant_entry = NULL;
}

struct wa_gdb_entry *wa_gdb_register(const struct wa_image *image) {
  struct wa_gdb_entry *made = calloc(1, sizeof *made);
  if (made == NULL) {
    return NULL;
  }
  made->size = image->size;
  int how = MAP_PRIVATE | (image->file < 0 ? MAP_ANONYMOUS : 0);
  made->copy = mmap(NULL, image->size, PROT_READ | PROT_WRITE, how, image->file,
                    image->file < 0 ? 0 : (off_t)image->origin);
  if (made->copy == MAP_FAILED) {
    free(made);
    return NULL;
  }
  if (image->file < 0) {
    memcpy(made->copy, image->bytes, image->size);
  }
  place_sections(made->copy, image);
  if (image->sections[WA_SEC_BASE].size >= sizeof *made->memory) {
    made->memory = (_Atomic(uint8_t *) *)(made->copy + image->sections[WA_SEC_BASE].offset);
  }
  made->entry.symfile_addr = (const char *)made->copy;
  made->entry.symfile_size = made->size;

  pthread_mutex_lock(&lock);
  made->entry.next_entry = jit_list.first_entry;
  if (made->entry.next_entry != NULL) {
    made->entry.next_entry->prev_entry = &made->entry;
  }
  jit_list.first_entry = &made->entry;
  announce(&made->entry, JIT_REGISTER_FN);
  pthread_mutex_unlock(&lock);
  return made;
}

_Atomic(uint8_t *) *wa_gdb_memory(const struct wa_gdb_entry *entry) {
  return entry->memory;
}

void wa_gdb_unregister(struct wa_gdb_entry *made) {
  if (made == NULL) {
    return;
  }
  pthread_mutex_lock(&lock);
  struct jit_code_entry *entry = &made->entry;
  if (entry->prev_entry != NULL) {
    entry->prev_entry->next_entry = entry->next_entry;
  } else {
    jit_list.first_entry = entry->next_entry;
  }
  if (entry->next_entry != NULL) {
    entry->next_entry->prev_entry = entry->prev_entry;
  }
  announce(entry, JIT_UNREGISTER_FN);
  pthread_mutex_unlock(&lock);
  munmap(made->copy, made->size);
  free(made);
}

// ---- perf ----

void wa_perf_name(const struct wa_artifact *artifact, const struct wa_meta_code *row, char *name,
                  size_t size) {
  static const char *const prefixes[] = {"", "entry ", "exit ", "shim "};
  const struct wa_meta *meta = artifact->meta;
  const struct wa_meta_func *func = row->kind == WA_CODE_FUNC || row->kind == WA_CODE_SHIM
                                        ? WA_META_ROW(meta, funcs, struct wa_meta_func, row->index)
                                        : NULL;
  if (func == NULL || func->name.length == 0) {
    (void)snprintf(name, size, "%s%s[%u]", prefixes[row->kind], artifact->name, row->index);
    return;
  }
  int length = func->name.length < size ? (int)func->name.length : (int)size;
  (void)snprintf(name, size, "%s%.*s", prefixes[row->kind], length,
                 wa_meta_chars(meta, func->name));
  for (char *at = name; (at = strchr(at, '\n')) != NULL;) {
    *at = ' ';
  }
}

static void write_row(FILE *file, const struct wa_code *code, const struct wa_meta_code *row) {
  char name[4096];
  wa_perf_name(code->artifact, row, name, sizeof name);
  (void)fprintf(file, "%llx %x %s\n",
                (unsigned long long)(uintptr_t)(code->text + row->text_offset), row->size, name);
}

static bool append_rows(const struct wa_code *code, struct wa_error *err) {
  char path[64];
  (void)snprintf(path, sizeof path, "/tmp/perf-%d.map", (int)getpid());
  int descriptor =
      open(path, O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_CLOEXEC, S_IRUSR | S_IWUSR);
  FILE *file = descriptor < 0 ? NULL : fdopen(descriptor, "a");
  if (file == NULL) {
    int error = errno;
    if (descriptor >= 0) {
      close(descriptor);
    }
    return wa_fail(err, WA_ERROR_SYSTEM, WA_NO_OFFSET, "cannot write %s: %s", path,
                   strerror(error));
  }
  for (size_t i = 0; i < code->map_count; i++) {
    write_row(file, code, &code->map[i]);
  }
  if (fclose(file) != 0) {
    return wa_fail(err, WA_ERROR_SYSTEM, WA_NO_OFFSET, "cannot write %s: %s", path,
                   strerror(errno));
  }
  return true;
}

bool wa_perf_map_write(const struct wa_code *code, struct wa_error *err) {
  static pthread_mutex_t one_at_a_time = PTHREAD_MUTEX_INITIALIZER; // lines stay whole
  (void)pthread_mutex_lock(&one_at_a_time);
  bool done = append_rows(code, err);
  (void)pthread_mutex_unlock(&one_at_a_time);
  return done;
}

#include "loader/loader.h"

#include "loader/check_meta.h"
#include "loader/cpu.h"
#include "loader/debug.h"
#include "loader/image.h"
#include "loader/parts.h"
#include "loader/reloc.h"
#include "loader/slots.h"
#include "runtime/code/code.h"
#include "runtime/code/lines.h"
#include "runtime/code/locals.h"
#include "runtime/object/pages.h"

#include <elf.h>
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/statvfs.h>
#include <unistd.h>

struct loaded {
  struct wa_artifact artifact;
  struct wa_image image;
  struct wa_range *published;
  struct wa_gdb_entry *gdb;
  uint8_t *frames; // relocated copy of .eh_frame that the C++ unwinder knows
  size_t frames_size;
  char *name;
  bool perf_map, jitdump;          // what loading was asked for
  pthread_mutex_t lock;            // of the slots of functions
  struct wa_artifact *replacement; // that the global offset table points into
};

// In libgcc or libunwind, when the process has one of them.
void __register_frame(void *frames) __attribute__((weak));
void __deregister_frame(void *frames) __attribute__((weak));

static void unregister_frames(struct loaded *loaded) {
  if (loaded->frames != NULL) {
    __deregister_frame(loaded->frames);
    munmap(loaded->frames, loaded->frames_size);
  }
}

static void release(struct wa_artifact *artifact) {
  struct loaded *loaded = (struct loaded *)artifact;
  wa_artifact_release(loaded->replacement);
  wa_gdb_unregister(loaded->gdb);
  unregister_frames(loaded);
  wa_code_withdraw(loaded->published);
  wa_image_close(&loaded->image);
  (void)pthread_mutex_destroy(&loaded->lock);
  free(loaded->name);
  free(loaded);
}

// ---- Checks ----

enum { MIN_REPEATED = 64 << 10 };

static bool is_cut_short(const struct wa_section *section, const char *name, struct wa_error *err) {
  return wa_fail(err, WA_ERROR_MALFORMED, section->offset,
                 "not an intact artifact: section %s is cut short; compile it anew", name);
}

static bool fill(struct loaded *loaded, struct wa_error *err) {
  const struct wa_section *sections = loaded->image.sections;
  struct wa_artifact *artifact = &loaded->artifact;
  const struct wa_section *unwind = &sections[WA_SEC_UNWIND];
  artifact->code = (struct wa_code){
      .artifact = artifact,
      .text = sections[WA_SEC_TEXT].bytes,
      .text_size = sections[WA_SEC_TEXT].size,
      .unwind = (const struct wa_unwind_entry *)unwind->bytes,
      .unwind_count = unwind->size / sizeof *artifact->code.unwind,
      .eh_frame = sections[WA_SEC_EH_FRAME].bytes,
      .eh_frame_size = sections[WA_SEC_EH_FRAME].size,
  };
  artifact->meta = (const struct wa_meta *)sections[WA_SEC_MODULE].bytes;
  artifact->data = sections[WA_SEC_DATA].bytes;
  artifact->data_size = sections[WA_SEC_DATA].size;
  artifact->file = loaded->image.file;
  // The first page has the header, and nobody else knows of it yet.
  artifact->repeatable = loaded->image.borrowed && artifact->data_size >= MIN_REPEATED &&
                         wa_pages_can_repeat(loaded->image.bytes);
  artifact->data_offset = loaded->image.origin + sections[WA_SEC_DATA].offset;
  artifact->note = loaded->image.note;
  artifact->lines = (const struct wa_lines *)sections[WA_SEC_LINES].bytes;
  if (artifact->lines != NULL && !wa_lines_check(artifact->lines, sections[WA_SEC_LINES].size)) {
    return is_cut_short(&sections[WA_SEC_LINES], WA_SECTION_LINES, err);
  }
  artifact->locals = (const struct wa_locals *)sections[WA_SEC_LOCALS].bytes;
  if (artifact->locals != NULL &&
      !wa_locals_check(artifact->locals, sections[WA_SEC_LOCALS].size)) {
    return is_cut_short(&sections[WA_SEC_LOCALS], WA_SECTION_LOCALS, err);
  }
  if (!wa_check_meta(artifact, sections[WA_SEC_MODULE].size, err)) {
    return false;
  }
  artifact->code.map = WA_META_ROWS(artifact->meta, code_map, struct wa_meta_code);
  artifact->code.map_count = artifact->meta->code_map.count;
  return true;
}

static bool check_reliance(const struct wa_note *note, struct wa_error *err) {
  const uint32_t known = WA_RELIES_ON_GUARD_PAGES | WA_RELIES_ON_TRAP_SIGNALS |
                         WA_RELIES_ON_STACK_PROBES | WA_RELIES_ON_SHARED_MEMORY;
  if ((note->reliance & ~known) != 0) {
    return wa_fail(err, WA_ERROR_REFUSED, WA_NO_OFFSET,
                   "relies on something this runtime does not know (%#x); compile it anew with "
                   "this version of wasmaot",
                   note->reliance & ~known);
  }
  if ((note->reliance & WA_RELIES_ON_GUARD_PAGES) != 0 &&
      (note->memory_reservation > WA_MEMORY32_RESERVATION ||
       note->memory_guard > WA_MEMORY32_GUARD)) {
    return wa_fail(err, WA_ERROR_REFUSED, WA_NO_OFFSET,
                   "its unchecked accesses need %llu bytes reserved and %llu guarded, this runtime "
                   "gives %llu and %u; compile it anew with this version of wasmaot",
                   (unsigned long long)note->memory_reservation,
                   (unsigned long long)note->memory_guard,
                   (unsigned long long)WA_MEMORY32_RESERVATION, WA_MEMORY32_GUARD);
  }
  if ((note->reliance & WA_RELIES_ON_STACK_PROBES) != 0 &&
      note->stack_guard > WA_STACK_GUARD_SIZE) {
    return wa_fail(err, WA_ERROR_REFUSED, WA_NO_OFFSET,
                   "its stack probes need a guard of %u bytes, this runtime gives %u; compile it "
                   "anew with this version of wasmaot",
                   note->stack_guard, WA_STACK_GUARD_SIZE);
  }
  return true;
}

// The proposals that the module uses, as its note has them.
static bool check_features(uint64_t used, uint64_t off, struct wa_error *err) {
  static const char *const names[] = {WA_FEATURE_NAMES};
  if ((used & ~WA_FEATURES_ALL) != 0) {
    return wa_fail(err, WA_ERROR_REFUSED, WA_NO_OFFSET,
                   "uses WebAssembly proposals that this runtime does not know (%#llx); a newer "
                   "wasmaot may run it",
                   (unsigned long long)(used & ~WA_FEATURES_ALL));
  }
  if ((used & off) == 0) {
    return true;
  }
  const char *name = names[__builtin_ctzll(used & off)];
  return wa_fail(err, WA_ERROR_REFUSED, WA_NO_OFFSET,
                 "uses the proposal %s, which is switched off: --features=+%s allows it", name,
                 name);
}

// What has a protection of its own begins with a page.
static bool check_page(size_t offset, const char *what, struct wa_error *err) {
  size_t page = (size_t)sysconf(_SC_PAGESIZE);
  return offset % page == 0 ||
         wa_fail(err, WA_ERROR_REFUSED, offset,
                 "its %s is not aligned to this host's pages of %zu bytes; compile it anew on "
                 "this host",
                 what, page);
}

static bool check_host(const struct wa_image *image, uint64_t features_off, struct wa_error *err) {
  if (image->machine != wa_host_machine()) {
    return wa_fail(err, WA_ERROR_REFUSED, offsetof(Elf64_Ehdr, e_machine),
                   "compiled for %s, this host is %s; compile it with --target for this host",
                   wa_machine_name(image->machine), wa_machine_name(wa_host_machine()));
  }
  return check_page(image->sections[WA_SEC_TEXT].offset, "text", err) &&
         check_reliance(&image->note, err) &&
         check_features(image->note.wasm_features, features_off, err) &&
         wa_check_cpu(image->note.cpu_features, err);
}

// ---- Text ----

static bool protect(const uint8_t *start, size_t size, int how, struct wa_error *err) {
  return size == 0 || mprotect((void *)(uintptr_t)start, size, how) == 0 ||
         wa_fail(err, WA_ERROR_SYSTEM, WA_NO_OFFSET,
                 "cannot change the protection of the artifact's pages: %s", strerror(errno));
}

static size_t got_start(const struct wa_artifact *artifact) {
  return artifact->meta->got != WA_NONE ? artifact->meta->got : artifact->code.text_size;
}

bool wa_is_noexec(int file) {
  struct statvfs system;
  return fstatvfs(file, &system) == 0 && (system.f_flag & ST_NOEXEC) != 0;
}

static bool cannot_map_text(const struct wa_image *image, struct wa_error *err) {
  int error = errno;
  if (wa_is_noexec(image->file)) {
    return wa_fail(err, WA_ERROR_REFUSED, WA_NO_OFFSET,
                   "it is on a file system mounted noexec, from which no native code may run; copy "
                   "it to another one, or run the module it was compiled from");
  }
  return wa_fail(err, WA_ERROR_SYSTEM, WA_NO_OFFSET,
                 "this system does not let it be mapped as code: %s", strerror(error));
}

// Maps the file's pages once more, executable from the first. No page that was ever writable
// becomes executable, so it works where the system denies that.
static bool map_text(const struct loaded *loaded, struct wa_error *err) {
  const struct wa_image *image = &loaded->image;
  const struct wa_section *text = &image->sections[WA_SEC_TEXT];
  void *made =
      mmap((void *)(uintptr_t)text->bytes, got_start(&loaded->artifact), PROT_READ | PROT_EXEC,
           MAP_PRIVATE | MAP_FIXED, image->file, (off_t)(image->origin + text->offset));
  return made != MAP_FAILED || cannot_map_text(image, err);
}

// Where a program or library was mapped with the artifact in it all of it is executable: takes that
// from whole pages that are not text. The last may have code of the program's behind the artifact.
static bool keep_text_alone(const struct loaded *loaded, struct wa_error *err) {
  const struct wa_image *image = &loaded->image;
  const struct wa_section *text = &image->sections[WA_SEC_TEXT];
  size_t page = (size_t)sysconf(_SC_PAGESIZE);
  size_t behind = text->offset + got_start(&loaded->artifact);
  size_t rest = (behind + page - 1) / page * page;
  size_t end = image->size / page * page;
  return protect(image->bytes, text->offset, PROT_READ, err) &&
         protect(image->bytes + rest, rest < end ? end - rest : 0, PROT_READ, err);
}

// ---- The global offset table ----

static void fill_functions(uint8_t *table, const struct wa_code *code) {
  _Atomic(uint64_t) *slots = (_Atomic(uint64_t) *)(void *)table;
  for (size_t i = 0; i < code->map_count; i++) {
    if (code->map[i].kind == WA_CODE_FUNC) {
      atomic_store_explicit(&slots[code->map[i].index],
                            (uint64_t)(uintptr_t)code->text + code->map[i].text_offset,
                            memory_order_release);
    }
  }
}

// Lets the functions of `code`, which may be the artifact's own, be where its callers go. The table
// is writable for as long as that takes, and never executable.
static bool fill_got(const struct loaded *loaded, const struct wa_artifact *code,
                     struct wa_error *err) {
  const struct wa_artifact *artifact = &loaded->artifact;
  const struct wa_image *image = &loaded->image;
  size_t start = got_start(artifact), size = artifact->code.text_size - start;
  uint8_t *table = (uint8_t *)(uintptr_t)artifact->code.text + start;
  const struct wa_reloc_place place = {
      .bytes = (uint8_t *)(uintptr_t)artifact->code.text,
      .address = (uint64_t)(uintptr_t)artifact->code.text,
      .start = start + (size_t)artifact->meta->got_functions * sizeof(uint64_t),
      .size = artifact->code.text_size,
  };
  if (!check_page(start, "global offset table", err) ||
      !protect(table, size, PROT_READ | PROT_WRITE, err)) {
    return false;
  }
  bool ok = code != artifact || wa_relocate(image, &image->sections[WA_SEC_RELA_TEXT], &place, err);
  if (artifact->meta->got_functions != 0) {
    fill_functions(table, &code->code);
  }
  return ok && protect(table, size, PROT_READ, err);
}

static bool make_executable(struct loaded *loaded, struct wa_error *err) {
  const struct wa_image *image = &loaded->image;
  const struct wa_artifact *artifact = &loaded->artifact;
  const struct wa_section *rela = &image->sections[WA_SEC_RELA_TEXT];
  size_t slots = (artifact->code.text_size - got_start(artifact)) / sizeof(uint64_t);
  if (slots != artifact->meta->got_functions + rela->size / sizeof(Elf64_Rela)) {
    return wa_fail(err, WA_ERROR_MALFORMED, rela->offset,
                   "not an intact artifact: its global offset table has %zu entries, for %u "
                   "functions and %zu relocations; compile it anew",
                   slots, artifact->meta->got_functions, rela->size / sizeof(Elf64_Rela));
  }
  return (image->borrowed ? keep_text_alone(loaded, err) : map_text(loaded, err)) &&
         (slots == 0 || fill_got(loaded, artifact, err));
}

// ---- For others' unwinders ----

// Relocating and registering every frame reads all of .eh_frame, so it is only done when asked for:
// our own backtraces and debuggers do without.
static bool register_frames(struct loaded *loaded, struct wa_error *err) {
  const struct wa_section *section = &loaded->image.sections[WA_SEC_EH_FRAME];
  if (__register_frame == NULL || section->size == 0) {
    return true;
  }
  size_t size = section->size + sizeof(uint32_t); // a zero length ends the list
  uint8_t *copy = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (copy == MAP_FAILED) {
    return wa_fail(err, WA_ERROR_SYSTEM, WA_NO_OFFSET, "no memory for .eh_frame: %s",
                   strerror(errno));
  }
  memcpy(copy, section->bytes, section->size);
  const struct wa_reloc_place place = {
      .bytes = copy, .address = (uint64_t)(uintptr_t)copy, .size = section->size};
  if (!wa_relocate(&loaded->image, &loaded->image.sections[WA_SEC_RELA_EH_FRAME], &place, err)) {
    munmap(copy, size);
    return false;
  }
  mprotect(copy, size, PROT_READ);
  loaded->frames = copy;
  loaded->frames_size = size;
  __register_frame(copy);
  return true;
}

bool wa_tell_perf(const struct wa_code *code, struct wa_error *err) {
  const struct loaded *loaded = (const struct loaded *)code->artifact;
  return (!loaded->perf_map || wa_perf_map_write(code, err)) &&
         (!loaded->jitdump || wa_jitdump_write(code, loaded->image.machine, err));
}

static bool tell_others(struct loaded *loaded, const struct wa_load_options *options,
                        struct wa_error *err) {
  // Without lines there are only names to show, which are worth no more than a mapping of the file.
  bool names = options != NULL && options->gdb && loaded->image.file >= 0;
  if (names || loaded->artifact.lines != NULL) {
    loaded->gdb = wa_gdb_register(&loaded->image);
    if (loaded->gdb == NULL) {
      return wa_fail(err, WA_ERROR_SYSTEM, WA_NO_OFFSET, "no memory to register it with gdb");
    }
    loaded->artifact.debug_memory = wa_gdb_memory(loaded->gdb);
  }
  if (options == NULL) {
    return true;
  }
  // The frames of code with landing pads name a personality that is not there: they are ours alone.
  bool registers =
      options->eh_frame && (loaded->artifact.note.wasm_features & WA_FEATURES_THROWING) == 0;
  loaded->perf_map = options->perf_map;
  loaded->jitdump = options->jitdump;
  return (!registers || register_frames(loaded, err)) && wa_tell_perf(&loaded->artifact.code, err);
}

// ---- Loading ----

static struct loaded *new_loaded(const char *name, struct wa_error *err) {
  struct loaded *loaded = calloc(1, sizeof *loaded);
  if (loaded == NULL) {
    wa_fail(err, WA_ERROR_SYSTEM, WA_NO_OFFSET, "out of memory");
    return NULL;
  }
  loaded->image.file = -1;
  loaded->name = strdup(name);
  if (loaded->name == NULL) {
    free(loaded);
    wa_fail(err, WA_ERROR_SYSTEM, WA_NO_OFFSET, "out of memory");
    return NULL;
  }
  loaded->artifact.name = loaded->name;
  loaded->artifact.release = release;
  atomic_init(&loaded->artifact.references, 1);
  (void)pthread_mutex_init(&loaded->lock, NULL);
  return loaded;
}

// From a mapped image to code that runs.
static bool finish(struct loaded *loaded, const struct wa_load_options *options,
                   struct wa_error *err) {
  uint64_t features_off = options == NULL ? 0 : options->features_off;
  if (!wa_image_read(&loaded->image, err) || !check_host(&loaded->image, features_off, err) ||
      !fill(loaded, err) || !make_executable(loaded, err)) {
    return false;
  }
  loaded->published = wa_code_publish(&loaded->artifact.code);
  if (loaded->published == NULL) {
    return wa_fail(err, WA_ERROR_SYSTEM, WA_NO_OFFSET, "out of memory");
  }
  return tell_others(loaded, options, err);
}

static struct wa_artifact *keep_if(struct loaded *loaded, bool ok) {
  if (!ok) {
    release(&loaded->artifact);
    return NULL;
  }
  return &loaded->artifact;
}

// The last component of a path: what a report calls the artifact.
static const char *base_name(const char *path) {
  const char *slash = strrchr(path, '/');
  return slash == NULL ? path : slash + 1;
}

struct wa_artifact *wa_artifact_load_file(const char *path, const struct wa_load_options *options,
                                          struct wa_error *err) {
  struct loaded *loaded = new_loaded(base_name(path), err);
  if (loaded == NULL) {
    return NULL;
  }
  return keep_if(loaded,
                 wa_image_open_file(&loaded->image, path, err) && finish(loaded, options, err));
}

struct wa_artifact *wa_artifact_load_memory(const void *bytes, size_t size, const char *name,
                                            const struct wa_load_options *options,
                                            struct wa_error *err) {
  struct loaded *loaded = new_loaded(name, err);
  if (loaded == NULL) {
    return NULL;
  }
  // All of it is within reach.
  size_t room = options != NULL && options->parts && size < WA_PARTS_ROOM ? WA_PARTS_ROOM : 0;
  return keep_if(loaded, wa_image_open_memory(&loaded->image, bytes, size, room, err) &&
                             finish(loaded, options, err));
}

struct wa_artifact *wa_artifact_load_range(int file, size_t origin, size_t size, const char *name,
                                           const struct wa_load_options *options,
                                           struct wa_error *err) {
  struct loaded *loaded = new_loaded(name, err);
  if (loaded == NULL) {
    return NULL;
  }
  return keep_if(loaded, wa_image_open_range(&loaded->image, file, origin, size, err) &&
                             finish(loaded, options, err));
}

// gdb takes an address in a section of a program's for that program's own code, so an artifact that
// has something to show to it runs from elsewhere.
static bool open_mapped(struct wa_image *image, const void *bytes, size_t size,
                        struct wa_error *err) {
  struct wa_image there;
  if (!wa_image_open_mapped(&there, bytes, size, err) || !wa_image_read(&there, err)) {
    return false;
  }
  return there.sections[WA_SEC_LINES].bytes != NULL
             ? wa_image_open_memory(image, bytes, size, 0, err)
             : wa_image_open_mapped(image, bytes, size, err);
}

struct wa_artifact *wa_artifact_load_mapped(const void *bytes, size_t size, const char *name,
                                            const struct wa_load_options *options,
                                            struct wa_error *err) {
  struct loaded *loaded = new_loaded(name, err);
  if (loaded == NULL) {
    return NULL;
  }
  return keep_if(loaded,
                 open_mapped(&loaded->image, bytes, size, err) && finish(loaded, options, err));
}

struct wa_artifact *wa_artifact_inspect_file(const char *path, struct wa_error *err) {
  struct loaded *loaded = new_loaded(base_name(path), err);
  if (loaded == NULL) {
    return NULL;
  }
  bool ok = wa_image_open_file(&loaded->image, path, err) && wa_image_read(&loaded->image, err) &&
            fill(loaded, err);
  return keep_if(loaded, ok);
}

static bool is_same_module(const struct wa_artifact *artifact, const struct wa_artifact *other) {
  const struct wa_meta *a = artifact->meta, *b = other->meta;
  return memcmp(artifact->note.source_sha256, other->note.source_sha256,
                sizeof artifact->note.source_sha256) == 0 &&
         a->context_size == b->context_size && a->flags == b->flags &&
         a->func_ref_count == b->func_ref_count && a->funcs.count == b->funcs.count &&
         artifact->note.memory_reservation == other->note.memory_reservation &&
         artifact->note.memory_guard == other->note.memory_guard;
}

bool wa_artifact_replace(struct wa_artifact *artifact, struct wa_artifact *by,
                         struct wa_error *err) {
  struct loaded *loaded = (struct loaded *)artifact;
  bool can = loaded->replacement == NULL &&
             artifact->meta->got_functions == artifact->meta->funcs.count &&
             is_same_module(artifact, by) && ((struct loaded *)by)->replacement == NULL;
  if (!can) {
    return wa_fail(err, WA_ERROR_USAGE, WA_NO_OFFSET, "its code cannot be replaced by that of %s",
                   by->name);
  }
  (void)pthread_mutex_lock(&loaded->lock);
  bool done = artifact->meta->got_functions == 0 || fill_got(loaded, by, err);
  if (done) {
    wa_artifact_retain(by);
    loaded->replacement = by;
  }
  (void)pthread_mutex_unlock(&loaded->lock);
  return done;
}

// ---- Slots ----

const uint8_t *wa_artifact_room(const struct wa_artifact *artifact) {
  const struct wa_image *image = &((const struct loaded *)artifact)->image;
  return image->room != 0 ? wa_image_room(image) : NULL;
}

static _Atomic(uint64_t) *slots_of(const struct wa_artifact *artifact) {
  return (_Atomic(uint64_t) *)(void *)(uintptr_t)(artifact->code.text + artifact->meta->got);
}

// Writes to one, whose page is writable for as long as that takes.
static bool set_slot(_Atomic(uint64_t) *slot, uint64_t address, struct wa_error *err) {
  size_t page = (size_t)sysconf(_SC_PAGESIZE);
  const uint8_t *start = (const uint8_t *)((uintptr_t)slot / page * page);
  if (!protect(start, page, PROT_READ | PROT_WRITE, err)) {
    return false;
  }
  atomic_store_explicit(slot, address, memory_order_release);
  return protect(start, page, PROT_READ, err);
}

bool wa_slots_fill(struct wa_artifact *artifact, const struct wa_code *code, struct wa_error *err) {
  struct loaded *loaded = (struct loaded *)artifact;
  bool done = true;
  (void)pthread_mutex_lock(&loaded->lock);
  for (size_t i = 0; done && loaded->replacement == NULL && i < code->map_count; i++) {
    done = set_slot(slots_of(artifact) + code->map[i].index,
                    (uint64_t)(uintptr_t)code->text + code->map[i].text_offset, err);
  }
  (void)pthread_mutex_unlock(&loaded->lock);
  return done;
}

bool wa_slots_fill_empty(struct wa_artifact *artifact, const void *address, struct wa_error *err) {
  _Atomic(uint64_t) *slots = slots_of(artifact);
  size_t size = (size_t)artifact->meta->got_functions * sizeof *slots;
  if (!protect((const uint8_t *)slots, size, PROT_READ | PROT_WRITE, err)) {
    return false;
  }
  for (uint32_t i = 0; i < artifact->meta->got_functions; i++) {
    if (atomic_load(&slots[i]) == 0) {
      atomic_store(&slots[i], (uint64_t)(uintptr_t)address);
    }
  }
  return protect((const uint8_t *)slots, size, PROT_READ, err);
}

uint16_t wa_artifact_machine(const struct wa_artifact *artifact) {
  return ((const struct loaded *)artifact)->image.machine;
}

size_t wa_artifact_size(const struct wa_artifact *artifact) {
  return ((const struct loaded *)artifact)->image.size;
}

// From the file, because relocated pages of the mapping differ from it.
bool wa_artifact_copy(const struct wa_artifact *artifact, void *buffer, struct wa_error *err) {
  const struct wa_image *image = &((const struct loaded *)artifact)->image;
  size_t done = 0;
  if (image->file < 0) {
    return wa_fail(err, WA_ERROR_UNSUPPORTED, WA_NO_OFFSET,
                   "the artifact is a part of this program and has no file");
  }
  while (done < image->size) {
    ssize_t got = pread(image->file, (uint8_t *)buffer + done, image->size - done,
                        (off_t)(image->origin + done));
    if (got < 0 && errno == EINTR) {
      continue;
    }
    if (got <= 0) {
      return wa_fail(err, WA_ERROR_SYSTEM, WA_NO_OFFSET, "cannot read the artifact's file: %s",
                     got < 0 ? strerror(errno) : "it was cut short while it was loaded");
    }
    done += (size_t)got;
  }
  return true;
}

bool wa_is_elf(const void *bytes, size_t size) {
  return size >= SELFMAG && memcmp(bytes, ELFMAG, SELFMAG) == 0;
}

#include "wasi/internal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct {
  const char *name;
  const char *signature;
  wa_wasi_fn *function;
} functions[] = {
#define WASI_FUNCTION(name, signature, function) {#name, signature, function},
#include "wasi/functions.def"
#undef WASI_FUNCTION
};

enum { FUNCTION_COUNT = sizeof functions / sizeof functions[0] };
_Static_assert(FUNCTION_COUNT == 46, "preview 1 has 46 functions");

static const struct wa_wasi_calls plain_calls = {wa_wasi_dispatch, wa_wasi_thread_spawn};

// ---- Construction ----

static void strings_deinit(struct wa_strings *strings) {
  free(strings->bytes);
  free(strings->offsets);
}

static bool strings_init(struct wa_strings *strings, const char *const *from, size_t count,
                         const char *what, struct wa_error *err) {
  *strings = (struct wa_strings){.bytes = NULL};
  size_t size = 0;
  for (size_t i = 0; i < count; i++) {
    size += strlen(from[i]) + 1;
  }
  if (size > UINT32_MAX || count > UINT32_MAX) {
    return wa_fail(err, WA_ERROR_USAGE, WA_NO_OFFSET, "%s take more than 4 GiB", what);
  }
  strings->bytes = malloc(size + 1);
  strings->offsets = malloc((count + 1) * sizeof *strings->offsets);
  if (strings->bytes == NULL || strings->offsets == NULL) {
    return wa_fail(err, WA_ERROR_SYSTEM, WA_NO_OFFSET, "out of memory for %s", what);
  }
  for (size_t i = 0; i < count; i++) {
    size_t length = strlen(from[i]) + 1;
    strings->offsets[i] = strings->size;
    memcpy(strings->bytes + strings->size, from[i], length);
    strings->size += (uint32_t)length;
  }
  strings->count = (uint32_t)count;
  return true;
}

// Gives a host descriptor the next number. Takes over `host` when owned, and `preopen`, also on
// failure.
static bool add_file(struct wa_wasi *wasi, int host, bool owned, const struct wa_kind *kind,
                     bool read_only, char *preopen, struct wa_error *err) {
  uint32_t fd;
  struct wa_fd *file =
      wa_fd_new(host, owned, kind->filetype, kind->rights, kind->inheriting, preopen);
  if (file != NULL) {
    file->read_only = read_only;
  }
  if (file == NULL) {
    if (owned) {
      (void)close(host);
    }
    free(preopen);
  } else if (wa_fd_table_add(&wasi->fds, file, &fd) == WASI_ESUCCESS) {
    return true;
  }
  wa_fd_release(file);
  return wa_fail(err, WA_ERROR_SYSTEM, WA_NO_OFFSET, "out of memory for descriptors");
}

// A closed standard stream keeps its number, so that directories start at 3, and is a bad
// descriptor to whatever is done with it.
static bool add_stdio(struct wa_wasi *wasi, int fd, struct wa_error *err) {
  struct wa_kind kind = {.filetype = WASI_FILETYPE_UNKNOWN, .rights = WASI_RIGHTS_STREAM};
  if (fd >= 0 && !wa_wasi_kind(fd, &kind)) {
    if (errno != EBADF) {
      return wa_fail(err, WA_ERROR_SYSTEM, WA_NO_OFFSET, "cannot use descriptor %d: %s", fd,
                     strerror(errno));
    }
    fd = -1;
  }
  if (kind.filetype == WASI_FILETYPE_DIRECTORY) { // nobody granted it as one
    kind.rights = kind.inheriting = 0;
  }
  return add_file(wasi, fd, false, &kind, false, NULL, err);
}

static bool add_preopen(struct wa_wasi *wasi, const struct wa_wasi_preopen *preopen,
                        struct wa_error *err) {
  struct wa_kind kind;
  int fd;
  do {
    fd = open(preopen->host, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  } while (fd < 0 && errno == EINTR);
  if (fd < 0 || !wa_wasi_kind(fd, &kind)) {
    (void)wa_fail(err, WA_ERROR_SYSTEM, WA_NO_OFFSET,
                  "cannot open directory '%s' for the guest: %s", preopen->host, strerror(errno));
    if (fd >= 0) {
      (void)close(fd);
    }
    return false;
  }
  char *name = strdup(preopen->guest);
  if (name == NULL) {
    (void)close(fd);
    return wa_fail(err, WA_ERROR_SYSTEM, WA_NO_OFFSET, "out of memory for directories");
  }
  return add_file(wasi, fd, true, &kind, preopen->read_only, name, err);
}

static bool add_handed(struct wa_wasi *wasi, int fd, struct wa_error *err) {
  struct wa_kind kind;
  if (!wa_wasi_kind(fd, &kind)) {
    return wa_fail(err, WA_ERROR_USAGE, WA_NO_OFFSET,
                   "descriptor %d is not open, so the guest cannot have it", fd);
  }
  if (kind.filetype == WASI_FILETYPE_DIRECTORY) {
    (void)close(fd);
    return wa_fail(err, WA_ERROR_USAGE, WA_NO_OFFSET,
                   "descriptor %d is a directory; grant directories by name", fd);
  }
  (void)fcntl(fd, F_SETFD, FD_CLOEXEC);
  return add_file(wasi, fd, true, &kind, false, NULL, err);
}

struct wa_wasi *wa_wasi_new(const struct wa_wasi_config *config, struct wa_error *err) {
  struct wa_wasi *wasi = calloc(1, sizeof *wasi);
  if (wasi == NULL) {
    for (size_t i = 0; i < config->handed_count; i++) {
      (void)close(config->handed[i]);
    }
    (void)wa_fail(err, WA_ERROR_SYSTEM, WA_NO_OFFSET, "out of memory for WASI");
    return NULL;
  }
  wa_fd_table_init(&wasi->fds);
  atomic_init(&wasi->live_threads, 0);
  wasi->no_openat2 = config->no_openat2;
  wasi->calls = config->calls == NULL ? &plain_calls : config->calls;
  wasi->watch = config->watch;
  wasi->watch_arg = config->watch_arg;
  bool done = strings_init(&wasi->args, config->args, config->arg_count, "arguments", err) &&
              strings_init(&wasi->env, config->env, config->env_count, "the environment", err);
  for (size_t i = 0; done && i < 3; i++) {
    done = add_stdio(wasi, config->stdio[i], err);
  }
  for (size_t i = 0; done && i < config->preopen_count; i++) {
    done = add_preopen(wasi, &config->preopens[i], err);
  }
  for (size_t i = 0; i < config->handed_count; i++) {
    if (done) {
      done = add_handed(wasi, config->handed[i], err);
    } else {
      (void)close(config->handed[i]);
    }
  }
  if (done) {
    return wasi;
  }
  wa_wasi_free(wasi);
  return NULL;
}

void wa_wasi_free(struct wa_wasi *wasi) {
  if (wasi == NULL) {
    return;
  }
  wa_fd_table_deinit(&wasi->fds);
  strings_deinit(&wasi->args);
  strings_deinit(&wasi->env);
  free(wasi->bindings);
  free(wasi);
}

// ---- Calls ----

bool wa_wasi_dispatch(const struct wa_host_call *host_call, union wa_cell *cells) {
  const struct wa_wasi_binding *binding = host_call->env;
  struct wa_wasi_call call = {.wasi = binding->wasi, .args = cells, .unstable = binding->unstable};
  struct wa_memory_object *memory =
      host_call->instance == NULL ? NULL : wa_instance_memory(host_call->instance, 0);
  if (memory != NULL) {
    call.guest.base = wa_memory_base(memory);
    call.guest.size = wa_memory_size(memory);
  }
  int error = binding->function(&call);
  if (error == WA_WASI_RAISED) {
    return false;
  }
  cells[0].u64 = (uint64_t)(unsigned)error;
  return true;
}

// ---- Definitions ----

static const char *const modules[] = {"wasi_snapshot_preview1", "wasi_unstable"};

static bool define(struct wa_wasi *wasi, size_t module, size_t row, struct wa_error *err) {
  struct wa_wasi_binding *binding = &wasi->bindings[module * FUNCTION_COUNT + row];
  *binding = (struct wa_wasi_binding){wasi, functions[row].function, functions[row].name,
                                      functions[row].signature, module == 1};
  return wa_linker_define_func(wasi->linker, modules[module], functions[row].name,
                               functions[row].signature, wasi->calls->call, binding, err);
}

static bool define_spawn(struct wa_wasi *wasi, struct wa_error *err) {
  return wa_linker_define_func(wasi->linker, "wasi", "thread-spawn", "i:i", wasi->calls->spawn,
                               wasi, err);
}

static bool define_all(struct wa_wasi *wasi, struct wa_error *err) {
  for (size_t i = 0; i < 2 * (size_t)FUNCTION_COUNT; i++) {
    if (!define(wasi, i / FUNCTION_COUNT, i % FUNCTION_COUNT, err)) {
      return false;
    }
  }
  return define_spawn(wasi, err);
}

static bool is_called(const struct wa_meta *meta, struct wa_meta_string text, const char *name) {
  return text.length == strlen(name) && memcmp(wa_meta_chars(meta, text), name, text.length) == 0;
}

// What is none of WASI's is somebody else's to define.
static bool define_import(struct wa_wasi *wasi, const struct wa_meta *meta,
                          const struct wa_meta_import *import, struct wa_error *err) {
  if (is_called(meta, import->module, "wasi")) {
    return !is_called(meta, import->name, "thread-spawn") || define_spawn(wasi, err);
  }
  size_t module = is_called(meta, import->module, modules[1]) ? 1 : 0;
  if (!is_called(meta, import->module, modules[module])) {
    return true;
  }
  for (size_t row = 0; row < FUNCTION_COUNT; row++) {
    if (is_called(meta, import->name, functions[row].name)) {
      return define(wasi, module, row, err);
    }
  }
  return true;
}

bool wa_wasi_define(struct wa_wasi *wasi, struct wa_linker *linker,
                    const struct wa_artifact *artifact, struct wa_error *err) {
  wasi->bindings = calloc(2 * FUNCTION_COUNT, sizeof *wasi->bindings);
  if (wasi->bindings == NULL) {
    return wa_fail(err, WA_ERROR_SYSTEM, WA_NO_OFFSET, "out of memory for WASI");
  }
  wasi->linker = linker;
  if (artifact == NULL) {
    return define_all(wasi, err);
  }
  const struct wa_meta *meta = artifact->meta;
  const struct wa_meta_import *imports = WA_META_ROWS(meta, imports, struct wa_meta_import);
  for (uint32_t i = 0; i < meta->imports.count; i++) {
    if (imports[i].kind == WA_EXTERN_FUNC && !define_import(wasi, meta, &imports[i], err)) {
      return false;
    }
  }
  return true;
}

int wa_wasi_interrupted(void) {
  (void)wa_raise(WA_TRAP_INTERRUPTED, "interrupted in a WASI call");
  return WA_WASI_RAISED;
}

int wa_wasi_failure(void) {
  if (errno != EINTR) {
    return wa_wasi_errno(errno);
  }
  return wa_group_stopping() ? wa_wasi_interrupted() : WA_WASI_RETRY;
}

// The compiler's functions for a test of what is compiled when it is called, where the compiler is
// not built for this machine: a process of the machine that emulates it has them (lazy_server.c),
// which WASMAOT_TEST_LAZY names.
#include "compiler/compile.h"
#include "tests/unit/lazy_wire.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>

struct wa_lazy_module {
  pid_t process;
  int to, from;
  uint32_t trap;
  pthread_mutex_t lock; // one question at a time
};

struct wa_lazy_worker {
  struct wa_lazy_module *lazy;
};

static bool gone(struct wa_error *err) {
  return wa_fail(err, WA_ERROR_SYSTEM, WA_NO_OFFSET, "the process that compiles says nothing");
}

// ---- The process ----

static bool start(struct wa_lazy_module *lazy, const char *program) {
  int to[2], from[2];
  if (program == NULL || pipe(to) != 0 || pipe(from) != 0) {
    return false;
  }
  lazy->process = fork();
  if (lazy->process == 0) {
    (void)dup2(to[0], STDIN_FILENO);
    (void)dup2(from[1], STDOUT_FILENO);
    (void)close(to[1]);
    (void)close(from[0]);
    (void)execl(program, program, WA_TEST_TARGET, (char *)NULL);
    _exit(EXIT_FAILURE);
  }
  (void)close(to[0]);
  (void)close(from[1]);
  lazy->to = to[1];
  lazy->from = from[0];
  return lazy->process > 0;
}

static bool begin(struct wa_lazy_module *lazy, const struct wa_module *module, int level,
                  struct wa_buffer *object, struct wa_error *err) {
  const struct lazy_hello hello = {.size = module->bytes.size, .level = level};
  struct lazy_base base;
  if (!lazy_send(lazy->to, &hello, sizeof hello) ||
      !lazy_send(lazy->to, module->bytes.data, module->bytes.size) ||
      !lazy_receive(lazy->from, &base, sizeof base)) {
    return gone(err);
  }
  if (base.size == 0) {
    *err = base.err;
    return false;
  }
  lazy->trap = base.trap;
  *object = (struct wa_buffer){.data = malloc((size_t)base.size), .size = (size_t)base.size};
  return (object->data != NULL && lazy_receive(lazy->from, object->data, object->size)) ||
         gone(err);
}

struct wa_lazy_module *wa_lazy_new(const struct wa_module *module,
                                   const struct wa_compile_options *options,
                                   struct wa_buffer *object, struct wa_error *err) {
  struct wa_lazy_module *lazy = calloc(1, sizeof *lazy);
  *object = (struct wa_buffer){.data = NULL};
  if (lazy == NULL || !start(lazy, getenv("WASMAOT_TEST_LAZY"))) {
    free(lazy);
    (void)wa_fail(err, WA_ERROR_SYSTEM, WA_NO_OFFSET, "WASMAOT_TEST_LAZY names no program");
    return NULL;
  }
  (void)signal(SIGPIPE, SIG_IGN); // NOLINT(cert-err33-c): then sending fails
  (void)pthread_mutex_init(&lazy->lock, NULL);
  if (!begin(lazy, module, options->opt_level, object, err)) {
    wa_buffer_free(object);
    wa_lazy_free(lazy);
    return NULL;
  }
  return lazy;
}

uint32_t wa_lazy_trap(const struct wa_lazy_module *lazy) {
  return lazy->trap;
}

void wa_lazy_free(struct wa_lazy_module *lazy) {
  (void)close(lazy->to);
  (void)close(lazy->from);
  (void)waitpid(lazy->process, NULL, 0);
  (void)pthread_mutex_destroy(&lazy->lock);
  free(lazy);
}

struct wa_lazy_worker *wa_lazy_worker_new(struct wa_lazy_module *lazy) {
  struct wa_lazy_worker *worker = calloc(1, sizeof *worker);
  if (worker != NULL) {
    worker->lazy = lazy;
  }
  return worker;
}

void wa_lazy_worker_free(struct wa_lazy_worker *worker) {
  free(worker);
}

// ---- Functions ----

static bool take(const struct wa_lazy_module *lazy, const struct lazy_answer *answer,
                 struct wa_lazy_code *code, struct wa_error *err) {
  uint8_t *text = malloc((size_t)answer->text_size + 1);
  uint8_t *tables = malloc((size_t)answer->tables_size + 1);
  if (text == NULL || tables == NULL ||
      !lazy_receive(lazy->from, text, (size_t)answer->text_size) ||
      !lazy_receive(lazy->from, tables, (size_t)answer->tables_size)) {
    free(text);
    free(tables);
    return gone(err);
  }
  *code = (struct wa_lazy_code){
      .text = text,
      .text_size = (size_t)answer->text_size,
      .tables = tables,
      .unwind = (const struct wa_unwind_entry *)(const void *)(tables + answer->unwind),
      .unwind_count = (size_t)answer->unwind_count,
      .map = (const struct wa_meta_code *)(const void *)(tables + answer->map),
      .map_count = (size_t)answer->map_count,
      .eh_frame = tables + answer->eh_frame,
      .eh_frame_size = (size_t)answer->eh_frame_size,
  };
  return true;
}

static bool ask(const struct wa_lazy_module *lazy, const struct lazy_request *request,
                const struct wa_lazy_room *find, struct wa_lazy_code *code, struct wa_error *err) {
  struct lazy_answer answer;
  bool heard = lazy_send(lazy->to, request, sizeof *request) &&
               lazy_receive(lazy->from, &answer, sizeof answer);
  while (heard && answer.what == LAZY_ROOM) {
    struct lazy_room room = {.distance = 0};
    wa_error_clear(&room.err);
    room.found = find->find(find->arg, (size_t)answer.text_size, &room.distance, &room.err);
    heard =
        lazy_send(lazy->to, &room, sizeof room) && lazy_receive(lazy->from, &answer, sizeof answer);
  }
  if (!heard) {
    return gone(err);
  }
  if (answer.what == LAZY_FAILED) {
    *err = answer.err;
    return false;
  }
  return take(lazy, &answer, code, err);
}

bool wa_lazy_compile(struct wa_lazy_worker *worker, uint32_t function, uint32_t first, uint32_t end,
                     const struct wa_lazy_room *room, struct wa_lazy_code *code,
                     struct wa_error *err) {
  const struct lazy_request request = {.function = function, .first = first, .end = end};
  *code = (struct wa_lazy_code){.text = NULL};
  (void)pthread_mutex_lock(&worker->lazy->lock);
  bool done = ask(worker->lazy, &request, room, code, err);
  (void)pthread_mutex_unlock(&worker->lazy->lock);
  return done;
}

// ---- What else the test takes from the compiler ----

void wa_compile_options_init(struct wa_compile_options *options) {
  *options = (struct wa_compile_options){.opt_level = 3};
}

void wa_buffer_free(struct wa_buffer *buffer) {
  free(buffer->data);
  *buffer = (struct wa_buffer){.data = NULL};
}

const struct wa_compiler_api *wasmaot_compiler_api(uint32_t version) {
  static const struct wa_compiler_api api = {
      .version = WA_COMPILER_API_VERSION,
      .lazy_new = wa_lazy_new,
      .lazy_trap = wa_lazy_trap,
      .lazy_worker_new = wa_lazy_worker_new,
      .lazy_compile = wa_lazy_compile,
      .lazy_worker_free = wa_lazy_worker_free,
      .lazy_free = wa_lazy_free,
  };
  return version == WA_COMPILER_API_VERSION ? &api : NULL;
}

// Compiles functions for a test that runs where no compiler is (lazy_elsewhere.c), one module's,
// from standard input to standard output:
//   test_lazy_server TARGET
#include "compiler/compile.h"
#include "tests/unit/lazy_wire.h"

#include <stdlib.h>

static bool find_room(void *arg, size_t size, int64_t *distance, struct wa_error *err) {
  const struct lazy_answer answer = {.what = LAZY_ROOM, .text_size = size};
  struct lazy_room room;
  (void)arg;
  if (!lazy_send(STDOUT_FILENO, &answer, sizeof answer) ||
      !lazy_receive(STDIN_FILENO, &room, sizeof room)) {
    exit(EXIT_FAILURE);
  }
  *distance = room.distance;
  *err = room.err;
  return room.found != 0;
}

static bool send_code(const struct wa_lazy_code *code) {
  const uint8_t *tables = code->tables;
  const struct lazy_answer answer = {
      .what = LAZY_DONE,
      .text_size = code->text_size,
      .unwind_count = code->unwind_count,
      .map_count = code->map_count,
      .eh_frame_size = code->eh_frame_size,
      .unwind = (uint64_t)((const uint8_t *)code->unwind - tables),
      .map = (uint64_t)((const uint8_t *)code->map - tables),
      .eh_frame = (uint64_t)(code->eh_frame - tables),
      .tables_size = (uint64_t)(code->eh_frame - tables) + code->eh_frame_size,
  };
  return lazy_send(STDOUT_FILENO, &answer, sizeof answer) &&
         lazy_send(STDOUT_FILENO, code->text, code->text_size) &&
         lazy_send(STDOUT_FILENO, tables, answer.tables_size);
}

// False when nobody listens any more.
static bool compile(struct wa_lazy_worker *worker, const struct lazy_request *request) {
  const struct wa_lazy_room room = {.find = find_room};
  struct lazy_answer failure = {.what = LAZY_FAILED};
  struct wa_lazy_code code;
  wa_error_clear(&failure.err);
  if (!wa_lazy_compile(worker, request->function, request->first, request->end, &room, &code,
                       &failure.err)) {
    return lazy_send(STDOUT_FILENO, &failure, sizeof failure);
  }
  bool sent = send_code(&code);
  free(code.text);
  free(code.tables);
  return sent;
}

static bool begin(const struct wa_module *module, const char *target, int level,
                  struct wa_lazy_module **lazy) {
  struct lazy_base base = {.size = 0};
  struct wa_compile_options options;
  struct wa_buffer object;
  wa_error_clear(&base.err);
  wa_compile_options_init(&options);
  options.opt_level = level;
  options.passes = "-inline";
  options.target = target;
  options.jobs = 1;
  options.verify = true;
  *lazy = wa_lazy_new(module, &options, &object, &base.err);
  if (*lazy != NULL) {
    base.size = object.size;
    base.trap = wa_lazy_trap(*lazy);
  }
  bool sent = lazy_send(STDOUT_FILENO, &base, sizeof base) &&
              lazy_send(STDOUT_FILENO, object.data, (size_t)base.size);
  wa_buffer_free(&object);
  return sent && *lazy != NULL;
}

static bool serve(const uint8_t *bytes, const struct lazy_hello *hello, const char *target) {
  struct wa_module module;
  struct wa_lazy_module *lazy = NULL;
  struct wa_error err;
  struct lazy_request request;
  if (!wa_module_init(&module, (struct wa_bytes){bytes, (size_t)hello->size}, &err)) {
    return false;
  }
  bool done = begin(&module, target, hello->level, &lazy);
  if (done) {
    struct wa_lazy_worker *worker = wa_lazy_worker_new(lazy);
    while (worker != NULL && lazy_receive(STDIN_FILENO, &request, sizeof request) &&
           compile(worker, &request)) {
    }
    wa_lazy_worker_free(worker);
    wa_lazy_free(lazy);
  }
  wa_module_deinit(&module);
  return done;
}

int main(int argc, char **argv) {
  struct lazy_hello hello;
  if (argc != 2 || !lazy_receive(STDIN_FILENO, &hello, sizeof hello)) {
    return EXIT_FAILURE;
  }
  uint8_t *bytes = malloc((size_t)hello.size + 1);
  bool done = bytes != NULL && lazy_receive(STDIN_FILENO, bytes, (size_t)hello.size) &&
              serve(bytes, &hello, argv[1]);
  free(bytes);
  return done ? EXIT_SUCCESS : EXIT_FAILURE;
}

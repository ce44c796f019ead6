// The code section: each body is validated as it is met, and an error says in which function.
#include "compiler/wasm/validate.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

enum { SHOWN_NAME = 100 }; // bytes of a function name in a message

// Function names come from the file: what would garble a terminal is not shown.
static void copy_name(char *text, struct wa_bytes name) {
  size_t size = name.size < SHOWN_NAME ? name.size : SHOWN_NAME;
  // Not within a character.
  while (size < name.size && size && (name.data[size] & 0xc0) == 0x80) {
    size--;
  }
  for (size_t i = 0; i < size; i++) {
    text[i] = (char)(name.data[i] < 0x20 || name.data[i] == 0x7f ? '?' : name.data[i]);
  }
  text[size] = '\0';
}

// Puts "function 12 ("main"): " before the message. Names come last in the file: they are looked up
// only now, in what follows the code section.
static void name_function(struct wa_decoder *decoder, size_t section_end, uint32_t function) {
  struct wa_error *err = decoder->err;
  if (err->kind == WA_ERROR_SYSTEM) {
    return;
  }
  char message[sizeof err->message], text[SHOWN_NAME + 1];
  struct wa_bytes name;
  memcpy(message, err->message, sizeof message);
  if (wa_find_function_name(decoder->module->bytes, section_end, function, &name)) {
    copy_name(text, name);
    (void)wa_fail(err, err->kind, err->offset, "function %" PRIu32 " (\"%s\"): %s", function, text,
                  message);
  } else {
    (void)wa_fail(err, err->kind, err->offset, "function %" PRIu32 ": %s", function, message);
  }
  err->function = function;
}

// Where a body is; it is validated later.
static bool read_body(struct wa_decoder *decoder, struct wa_function *function) {
  struct wa_reader *reader = &decoder->reader;
  size_t offset = reader->position;
  uint32_t size;
  struct wa_bytes body;
  if (!wa_reader_number(reader, "the size of a function body", &size, decoder->err) ||
      !wa_reader_bytes(reader, size, "a function body", &body, decoder->err)) {
    return false;
  }
  function->end_offset = reader->position;
  function->body_offset = reader->position - size;
  return size <= WA_LIMIT_FUNCTION_SIZE ||
         wa_fail_limit(decoder->err, offset, "bytes of a function body", size,
                       WA_LIMIT_FUNCTION_SIZE);
}

// ---- Validating bodies, by several threads where there is much code ----

enum { MUCH_CODE = 4 << 20, MAX_THREADS = 8, AT_ONCE = 64 };

struct bodies {
  const struct wa_decoder *decoder;
  struct wa_function *functions;
  atomic_uint next;     // nobody has this one or any behind it yet
  atomic_uint end;      // of those that are worth it: the first that is invalid, as far as is known
  pthread_mutex_t lock; // of what follows
  uint64_t features;
  struct wa_error err; // of function `end`
};

static void found_invalid(struct bodies *bodies, uint32_t index, const struct wa_error *err) {
  pthread_mutex_lock(&bodies->lock);
  if (index < atomic_load(&bodies->end)) {
    atomic_store(&bodies->end, index);
    bodies->err = *err;
  }
  pthread_mutex_unlock(&bodies->lock);
}

// Takes some of those that are left, until there are none. Whoever finds an error in front of it
// makes all behind it needless, so that it is always the first one that is reported.
static void *validate_some(void *arg) {
  struct bodies *bodies = arg;
  struct wa_error err;
  wa_error_clear(&err);
  struct wa_decoder decoder = *bodies->decoder;
  decoder.err = &err;
  struct wa_validator validator = {.decoder = &decoder};
  bool ok = true;
  for (uint32_t first; ok && (first = atomic_fetch_add(&bodies->next, AT_ONCE),
                             first < atomic_load(&bodies->end));) {
    for (uint32_t i = first; ok && i < first + AT_ONCE && i < atomic_load(&bodies->end); i++) {
      ok = wa_validate_function(&validator, &bodies->functions[i]);
      if (!ok) {
        found_invalid(bodies, i, &err);
      }
    }
  }
  pthread_mutex_lock(&bodies->lock);
  bodies->features |= decoder.features;
  pthread_mutex_unlock(&bodies->lock);
  wa_validator_deinit(&validator);
  return NULL;
}

static unsigned threads_for(size_t size) {
  long processors = size >= MUCH_CODE ? sysconf(_SC_NPROCESSORS_ONLN) : 1;
  return processors < 1 ? 1 : processors < MAX_THREADS ? (unsigned)processors : MAX_THREADS;
}

// Of the first `count` bodies. *invalid becomes the index of one that is.
static bool validate_bodies(struct wa_decoder *decoder, struct wa_function *functions,
                            uint32_t count, unsigned thread_count, uint32_t *invalid) {
  pthread_mutex_t arena = PTHREAD_MUTEX_INITIALIZER;
  struct wa_decoder shared = *decoder;
  struct bodies bodies = {.decoder = &shared, .functions = functions, .end = count};
  pthread_t threads[MAX_THREADS];
  unsigned started = 0;
  shared.lock = thread_count > 1 ? &arena : NULL;
  pthread_mutex_init(&bodies.lock, NULL);
  // This thread is one of them, and the only one where there cannot be others.
  while (started + 1 < thread_count &&
         pthread_create(&threads[started], NULL, validate_some, &bodies) == 0) {
    started++;
  }
  validate_some(&bodies);
  for (unsigned i = 0; i < started; i++) {
    pthread_join(threads[i], NULL);
  }
  pthread_mutex_destroy(&bodies.lock);
  decoder->features |= bodies.features;
  *invalid = atomic_load(&bodies.end);
  if (*invalid < count) {
    *decoder->err = bodies.err;
  }
  return *invalid == count;
}

// ---- The section ----

bool wa_decode_code(struct wa_decoder *decoder) {
  struct wa_module *module = decoder->module;
  size_t offset = decoder->reader.position, end = decoder->reader.end;
  uint32_t defined = module->function_count - module->imported_functions;
  if (!wa_decode_count(decoder, "function bodies", 3, WA_LIMIT_FUNCTIONS, &decoder->body_count)) {
    return false;
  }
  if (decoder->body_count != defined) {
    return wa_malformed(decoder, offset,
                        "function and code section have inconsistent lengths: %" PRIu32
                        " and %" PRIu32,
                        defined, decoder->body_count);
  }
  struct wa_function *functions = module->functions + module->imported_functions;
  struct wa_error err = *decoder->err;
  uint32_t read = 0, invalid;
  while (read < defined && read_body(decoder, &functions[read])) {
    read++;
  }
  // An error in front of what cannot be read comes first.
  struct wa_error unread = *decoder->err;
  *decoder->err = err;
  bool ok = validate_bodies(decoder, functions, read, threads_for(end - offset), &invalid);
  if (ok && read < defined) {
    *decoder->err = unread;
    ok = false;
  }
  if (!ok) {
    name_function(decoder, end, module->imported_functions + invalid);
  }
  return ok;
}

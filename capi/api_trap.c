// Traps and their frames.
#include "capi/api.h"

#include <pthread.h>
#include <stdlib.h>

struct wasm_trap_t {
  struct wasm_ref_t ref;
  struct wa_api_weak **instances; // per frame; NULL: none is known
  struct wa_trap *trap;           // allocated as long as its frames need; its end is not there
};

struct wasm_frame_t {
  struct wa_frame frame;
  struct wa_api_weak *instance;
};

static size_t size_in_use(const struct wa_trap *trap) {
  return offsetof(struct wa_trap, frames) + trap->frame_count * sizeof trap->frames[0];
}

static wasm_trap_t no_memory;
static pthread_once_t no_memory_once = PTHREAD_ONCE_INIT;

static void init_no_memory(void) {
  static struct wa_trap trap;
  trap.code = WA_TRAP_HOST;
  (void)snprintf(trap.message, sizeof trap.message, "out of memory for a trap");
  wa_api_ref_init(&no_memory.ref, WA_API_TRAP); // a handle that nobody deletes keeps it
  no_memory.trap = &trap;
}

// In the place of a trap when there is no memory for one.
static wasm_trap_t *no_memory_trap(void) {
  (void)pthread_once(&no_memory_once, init_no_memory);
  wa_api_ref_retain(&no_memory.ref);
  return &no_memory;
}

// Without memory for it, none is known.
static void find_instances(wasm_trap_t *trap, wasm_store_t *store) {
  uint32_t count = trap->trap->frame_count;
  if (count == 0) {
    return;
  }
  trap->instances = calloc(count, sizeof(struct wa_api_weak *));
  for (uint32_t i = 0; trap->instances != NULL && i < count; i++) {
    trap->instances[i] = wa_api_instance_of(store, &trap->trap->frames[i]);
  }
}

void wa_api_trap_deinit(struct wasm_ref_t *ref) {
  wasm_trap_t *trap = (wasm_trap_t *)ref;
  for (uint32_t i = 0; trap->instances != NULL && i < trap->trap->frame_count; i++) {
    wa_api_weak_release(trap->instances[i]);
  }
  free(trap->instances);
}

wasm_trap_t *wa_api_trap_new(wasm_store_t *store, const struct wa_trap *trap) {
  size_t size = size_in_use(trap);
  wasm_trap_t *made = calloc(1, sizeof *made + size);
  if (made == NULL) {
    return no_memory_trap();
  }
  wa_api_ref_init(&made->ref, WA_API_TRAP);
  made->trap = (struct wa_trap *)(made + 1);
  memcpy(made->trap, trap, size);
  if (store != NULL) {
    find_instances(made, store);
  }
  return made;
}

static void init(struct wa_trap *trap) {
  trap->code = WA_TRAP_HOST;
  trap->exited = false;
  trap->exit_status = 0;
  trap->frame_count = 0;
  trap->frames_dropped = 0;
}

wasm_trap_t *wa_api_trap_say(const char *format, ...) {
  struct wa_trap trap;
  init(&trap);
  va_list args;
  va_start(args, format);
  (void)vsnprintf(trap.message, sizeof trap.message, format, args);
  va_end(args);
  return wa_api_trap_new(NULL, &trap);
}

wasm_trap_t *wa_api_trap_of_error(const struct wa_error *err) {
  return wa_api_trap_say("%s", err->message);
}

void wa_api_trap_get(const wasm_trap_t *trap, struct wa_trap *to) {
  memcpy(to, trap->trap, size_in_use(trap->trap));
}

// What raises a trap copies the frames in use only. Their instances are looked for anew when it
// reaches a caller: the place of one that has ended may be another's by then.
bool wa_api_trap_raise(wasm_trap_t *trap) {
  struct wa_trap raised;
  wa_api_trap_get(trap, &raised);
  for (uint32_t i = 0; i < raised.frame_count; i++) {
    const struct wa_api_weak *weak = trap->instances == NULL ? NULL : trap->instances[i];
    if (weak == NULL || atomic_load(&weak->instance) == NULL) {
      raised.frames[i].origin = NULL;
    }
  }
  (void)wa_raise_trap(&raised);
  wasm_trap_delete(trap);
  return false;
}

wasm_trap_t *wasm_trap_new(wasm_store_t *store, const wasm_message_t *message) {
  (void)store;
  size_t size = message->size;
  if (size != 0 && message->data[size - 1] == '\0') {
    size--;
  }
  return wa_api_trap_say("%.*s", size > 255 ? 255 : (int)size, size == 0 ? "" : message->data);
}

wasm_trap_t *wasmaot_trap_new_exit(int status) {
  struct wa_trap trap;
  init(&trap);
  trap.exited = true;
  trap.exit_status = status;
  (void)snprintf(trap.message, sizeof trap.message, "exited with status %d", status);
  return wa_api_trap_new(NULL, &trap);
}

void wasm_trap_message(const wasm_trap_t *trap, wasm_message_t *out) {
  wasm_name_new_from_string_nt(out, trap->trap->message);
}

wasmaot_trap_code_t wasmaot_trap_code(const wasm_trap_t *trap) {
  return (wasmaot_trap_code_t)trap->trap->code;
}

bool wasmaot_trap_exit_status(const wasm_trap_t *trap, int *status) {
  if (trap->trap->exited) {
    *status = trap->trap->exit_status;
  }
  return trap->trap->exited;
}

size_t wasmaot_trap_frames_dropped(const wasm_trap_t *trap) {
  return trap->trap->frames_dropped;
}

_Static_assert((int)WASMAOT_TRAP_SYSTEM == (int)WA_TRAP_SYSTEM &&
                   (int)WASMAOT_TRAP_STACK_EXHAUSTED == (int)WA_TRAP_STACK_EXHAUSTED &&
                   (int)WA_TRAP_CODE_COUNT == (int)WASMAOT_TRAP_SYSTEM + 1,
               "the codes of traps are the runtime's");

// ---- Frames ----

static wasm_frame_t *make_frame(const struct wa_frame *frame, struct wa_api_weak *instance) {
  wasm_frame_t *made = malloc(sizeof *made);
  if (made == NULL) {
    (void)wa_api_no_memory();
    return NULL;
  }
  made->frame = *frame;
  made->instance = instance;
  if (instance != NULL) {
    atomic_fetch_add_explicit(&instance->references, 1, memory_order_relaxed);
  }
  return made;
}

static wasm_frame_t *frame_at(const wasm_trap_t *trap, size_t index) {
  return make_frame(&trap->trap->frames[index],
                    trap->instances == NULL ? NULL : trap->instances[index]);
}

wasm_frame_t *wasm_trap_origin(const wasm_trap_t *trap) {
  return trap->trap->frame_count == 0 ? NULL : frame_at(trap, 0);
}

void wasm_trap_trace(const wasm_trap_t *trap, wasm_frame_vec_t *out) {
  wasm_frame_vec_new_uninitialized(out, trap->trap->frame_count);
  for (size_t i = 0; i < out->size; i++) {
    out->data[i] = frame_at(trap, i);
    if (out->data[i] == NULL) {
      wasm_frame_vec_delete(out);
      return;
    }
  }
}

void wasm_frame_delete(wasm_frame_t *frame) {
  if (frame != NULL) {
    wa_api_weak_release(frame->instance);
  }
  free(frame);
}

wasm_frame_t *wasm_frame_copy(const wasm_frame_t *frame) {
  return make_frame(&frame->frame, frame->instance);
}

struct wasm_instance_t *wasm_frame_instance(const wasm_frame_t *frame) {
  return frame->instance == NULL ? NULL : atomic_load(&frame->instance->instance);
}

uint32_t wasm_frame_func_index(const wasm_frame_t *frame) {
  return frame->frame.function;
}

size_t wasm_frame_func_offset(const wasm_frame_t *frame) {
  return frame->frame.offset;
}

size_t wasm_frame_module_offset(const wasm_frame_t *frame) {
  return frame->frame.text;
}

const char *wasmaot_frame_func_name(const wasm_frame_t *frame) {
  return frame->frame.name;
}

const char *wasmaot_frame_module_name(const wasm_frame_t *frame) {
  return frame->frame.artifact;
}

const char *wasmaot_frame_file(const wasm_frame_t *frame) {
  return frame->frame.file;
}

uint32_t wasmaot_frame_line(const wasm_frame_t *frame) {
  return frame->frame.line;
}

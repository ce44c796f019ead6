// Arguments, environment, exit, yield and random bytes.
#include "internal.h"

#include <errno.h>
#include <sched.h>
#include <sys/random.h>

static int get_strings(const struct wa_guest *guest, const struct wa_strings *strings,
                       uint32_t pointers, uint32_t bytes) {
  if (wa_guest_at(guest, pointers, (uint64_t)strings->count * 4) == NULL ||
      !wa_guest_write(guest, bytes, strings->bytes, strings->size))
    return WASI_EFAULT;
  for (uint32_t i = 0; i < strings->count; i++) {
    if (!wa_guest_write_u32(guest, pointers + i * 4, bytes + strings->offsets[i]))
      return WASI_EFAULT;
  }
  return WASI_ESUCCESS;
}

static int get_sizes(const struct wa_guest *guest, const struct wa_strings *strings, uint32_t count,
                     uint32_t size) {
  bool done = wa_guest_write_u32(guest, count, strings->count) &&
              wa_guest_write_u32(guest, size, strings->size);
  return done ? WASI_ESUCCESS : WASI_EFAULT;
}

int wa_wasi_args_get(struct wa_wasi_call *call) {
  return get_strings(&call->guest, &call->wasi->args, call->args[0].u32, call->args[1].u32);
}

int wa_wasi_args_sizes_get(struct wa_wasi_call *call) {
  return get_sizes(&call->guest, &call->wasi->args, call->args[0].u32, call->args[1].u32);
}

int wa_wasi_environ_get(struct wa_wasi_call *call) {
  return get_strings(&call->guest, &call->wasi->env, call->args[0].u32, call->args[1].u32);
}

int wa_wasi_environ_sizes_get(struct wa_wasi_call *call) {
  return get_sizes(&call->guest, &call->wasi->env, call->args[0].u32, call->args[1].u32);
}

int wa_wasi_proc_exit(struct wa_wasi_call *call) {
  (void)wa_raise_exit(call->args[0].i32);
  return WA_WASI_RAISED;
}

int wa_wasi_sched_yield(struct wa_wasi_call *call) {
  (void)call;
  (void)sched_yield();
  return wa_group_stopping() ? wa_wasi_interrupted() : WASI_ESUCCESS;
}

int wa_wasi_random_get(struct wa_wasi_call *call) {
  uint32_t length = call->args[1].u32;
  uint8_t *buffer = wa_guest_at(&call->guest, call->args[0].u32, length);
  if (buffer == NULL)
    return WASI_EFAULT;
  for (size_t done = 0; done < length;) {
    ssize_t got = getrandom(buffer + done, length - done, 0);
    if (got >= 0) {
      done += (size_t)got;
      continue;
    }
    int error = wa_wasi_failure();
    if (error != WA_WASI_RETRY)
      return error;
  }
  return WASI_ESUCCESS;
}

// Arguments, environment, exit, signals, yield and random bytes.
#include "wasi/internal.h"

#include "include/wa_clock.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <sys/random.h>

static int get_strings(const struct wa_guest *guest, const struct wa_strings *strings,
                       uint32_t pointers, uint32_t bytes) {
  if (wa_guest_at(guest, pointers, (uint64_t)strings->count * 4) == NULL ||
      !wa_guest_write(guest, bytes, strings->bytes, strings->size)) {
    return WASI_EFAULT;
  }
  for (uint32_t i = 0; i < strings->count; i++) {
    if (!wa_guest_write_u32(guest, pointers + i * 4, bytes + strings->offsets[i])) {
      return WASI_EFAULT;
    }
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

// The host's signal for one that ends the program unless it is caught, which no guest can do; 0 for
// others.
static int ending_signal(uint32_t signal) {
  static const int signals[] = {
      [WASI_SIGNAL_HUP] = SIGHUP,   [WASI_SIGNAL_INT] = SIGINT,       [WASI_SIGNAL_QUIT] = SIGQUIT,
      [WASI_SIGNAL_ILL] = SIGILL,   [WASI_SIGNAL_TRAP] = SIGTRAP,     [WASI_SIGNAL_ABRT] = SIGABRT,
      [WASI_SIGNAL_BUS] = SIGBUS,   [WASI_SIGNAL_FPE] = SIGFPE,       [WASI_SIGNAL_KILL] = SIGKILL,
      [WASI_SIGNAL_USR1] = SIGUSR1, [WASI_SIGNAL_SEGV] = SIGSEGV,     [WASI_SIGNAL_USR2] = SIGUSR2,
      [WASI_SIGNAL_ALRM] = SIGALRM, [WASI_SIGNAL_TERM] = SIGTERM,     [WASI_SIGNAL_XCPU] = SIGXCPU,
      [WASI_SIGNAL_XFSZ] = SIGXFSZ, [WASI_SIGNAL_VTALRM] = SIGVTALRM, [WASI_SIGNAL_PROF] = SIGPROF,
      [WASI_SIGNAL_POLL] = SIGPOLL, [WASI_SIGNAL_PWR] = SIGPWR,       [WASI_SIGNAL_SYS] = SIGSYS,
  };
  return signal < sizeof signals / sizeof signals[0] ? signals[signal] : 0;
}

// A signal that ends a program ends this one, never its host: with the status a shell would show.
int wa_wasi_proc_raise(struct wa_wasi_call *call) {
  uint32_t signal = call->args[0].u32;
  int ending = ending_signal(signal);
  if (ending != 0) {
    (void)wa_raise_exit(128 + ending);
    return WA_WASI_RAISED;
  }
  switch (signal) {
  case WASI_SIGNAL_NONE:
  case WASI_SIGNAL_PIPE:
  case WASI_SIGNAL_CHLD:
  case WASI_SIGNAL_CONT:
  case WASI_SIGNAL_URG:
  case WASI_SIGNAL_WINCH:
    return WASI_ESUCCESS; // ignored unless caught
  case WASI_SIGNAL_STOP:
  case WASI_SIGNAL_TSTP:
  case WASI_SIGNAL_TTIN:
  case WASI_SIGNAL_TTOU:
    return WASI_ENOTSUP; // only the host stops and continues
  default:
    return WASI_EINVAL;
  }
}

// More than one of the process's threads can run at the same time.
static bool has_processors(void) {
  static atomic_int count; // 0: nobody has asked yet
  int known = atomic_load(&count);
  if (known == 0) {
    cpu_set_t set;
    // Of more processors than the set has bits for there are several.
    known = sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : CPU_SETSIZE;
    atomic_store(&count, known);
  }
  return known > 1;
}

// A thread that yields again and again is waiting for a lock that it looks at in between, as
// wasi-libc's malloc does: each look takes the lock's cache line from the thread that holds it. So
// the second time and later it keeps away for a while first.
static void back_off(void) {
  enum { SOON = 50000, LEAST = 5000, MOST = 10000 }; // nanoseconds
  static _Thread_local uint64_t last, pause;
  uint64_t start = wa_clock_now();
  pause = start - last > SOON ? 0 : pause == 0 ? LEAST : MOST;
  while (wa_clock_now() - start < pause && !wa_group_stopping()) {
  }
  (void)sched_yield();
  last = wa_clock_now();
}

int wa_wasi_sched_yield(struct wa_wasi_call *call) {
  if (atomic_load(&call->wasi->live_threads) > 0 && has_processors()) {
    back_off();
  } else {
    (void)sched_yield();
  }
  return wa_group_stopping() ? wa_wasi_interrupted() : WASI_ESUCCESS;
}

int wa_wasi_random_get(struct wa_wasi_call *call) {
  uint32_t length = call->args[1].u32;
  uint8_t *buffer = wa_guest_at(&call->guest, call->args[0].u32, length);
  if (buffer == NULL) {
    return WASI_EFAULT;
  }
  for (size_t done = 0; done < length;) {
    ssize_t got = getrandom(buffer + done, length - done, 0);
    if (got >= 0) {
      done += (size_t)got;
      // A signal cuts a long request short without an error.
      if (wa_group_stopping()) {
        return wa_wasi_interrupted();
      }
      continue;
    }
    int error = wa_wasi_failure();
    if (error != WA_WASI_RETRY) {
      return error;
    }
  }
  return WASI_ESUCCESS;
}

// poll_oneoff: waits for clocks and descriptors at once.
#include "wasi/clocks.h"
#include "wasi/internal.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/ioctl.h>

// A guest's whole memory could be subscriptions; nobody needs that many.
enum { MAX_SUBSCRIPTIONS = 16384 };

struct subscription {
  uint64_t userdata;
  uint8_t type;       // enum wasi_eventtype
  int error;          // known before waiting: a wasi_errno
  clockid_t clock;    // of clocks
  uint64_t deadline;  // of clocks, in the clock's own time
  struct wa_fd *file; // of descriptors; retained
};

struct waiting {
  struct subscription *subscriptions;
  struct pollfd *polls; // one per subscription; fd -1 for clocks and failed ones
  uint32_t count;
};

static void subscribe_clock(const struct wa_wasi_call *call, const uint8_t *record,
                            struct subscription *to) {
  bool unstable = call->unstable;
  uint32_t id =
      wa_field_u32(record + (unstable ? WASI_U_SUBSCRIPTION_CLOCK_ID : WASI_SUBSCRIPTION_CLOCK_ID));
  uint64_t timeout =
      wa_field_u64(record + (unstable ? WASI_U_SUBSCRIPTION_TIMEOUT : WASI_SUBSCRIPTION_TIMEOUT));
  uint16_t flags =
      wa_field_u16(record + (unstable ? WASI_U_SUBSCRIPTION_FLAGS : WASI_SUBSCRIPTION_FLAGS));
  if (id != WASI_CLOCK_REALTIME && id != WASI_CLOCK_MONOTONIC) {
    to->error = id > WASI_CLOCK_THREAD_CPUTIME ? WASI_EINVAL : WASI_ENOTSUP;
    return;
  }
  bool absolute = (flags & WASI_SUBCLOCK_ABSTIME) != 0;
  // A span of time is a span whatever anyone does to the wall clock meanwhile.
  to->clock = absolute && id == WASI_CLOCK_REALTIME ? CLOCK_REALTIME : CLOCK_MONOTONIC;
  to->deadline = timeout;
  if (!absolute && __builtin_add_overflow(wa_wasi_clock_now(to->clock), timeout, &to->deadline)) {
    to->deadline = UINT64_MAX;
  }
}

static void subscribe(const struct wa_wasi_call *call, const uint8_t *record,
                      struct subscription *to, struct pollfd *poll) {
  *to = (struct subscription){.userdata = wa_field_u64(record),
                              .type = record[WASI_SUBSCRIPTION_TAG]};
  *poll = (struct pollfd){.fd = -1};
  if (to->type == WASI_EVENT_CLOCK) {
    subscribe_clock(call, record, to);
    return;
  }
  bool reading = to->type == WASI_EVENT_FD_READ;
  uint64_t rights =
      WASI_RIGHT_POLL_FD_READWRITE | (reading ? WASI_RIGHT_FD_READ : WASI_RIGHT_FD_WRITE);
  to->error = wa_fd_table_get(&call->wasi->fds, wa_field_u32(record + WASI_SUBSCRIPTION_FD), rights,
                              &to->file);
  if (to->error == WASI_ESUCCESS && to->file->host < 0) {
    to->error = WASI_EBADF; // the kernel would wait for it for ever
  }
  if (to->error == WASI_ESUCCESS) {
    *poll = (struct pollfd){.fd = to->file->host, .events = reading ? POLLIN : POLLOUT};
  }
}

// Whether some event is already there; else the time until the first clock, UINT64_MAX for none.
static bool ready_now(const struct waiting *waiting, uint64_t *wait) {
  *wait = UINT64_MAX;
  for (uint32_t i = 0; i < waiting->count; i++) {
    const struct subscription *subscription = &waiting->subscriptions[i];
    if (subscription->error != WASI_ESUCCESS) {
      return true;
    }
    if (subscription->type != WASI_EVENT_CLOCK) {
      continue;
    }
    uint64_t now = wa_wasi_clock_now(subscription->clock);
    if (now >= subscription->deadline) {
      return true;
    }
    if (subscription->deadline - now < *wait) {
      *wait = subscription->deadline - now;
    }
  }
  return false;
}

// Waits until at least one event is there. A wasi_errno or WA_WASI_RAISED.
static int wait_for_events(const struct waiting *waiting) {
  for (;;) {
    uint64_t wait;
    bool ready = ready_now(waiting, &wait);
    // The wall clock may be set while we wait for a time of it: look again now and then.
    const uint64_t longest = 3600ull * 1000000000ull;
    if (ready) {
      wait = 0;
    } else if (wa_group_stopping()) {
      return wa_wasi_interrupted();
    }
    bool forever = wait == UINT64_MAX;
    if (wait > longest) {
      wait = longest;
    }
    struct timespec timeout = {.tv_sec = (time_t)(wait / 1000000000),
                               .tv_nsec = (long)(wait % 1000000000)};
    int count = ppoll(waiting->polls, waiting->count, forever ? NULL : &timeout, NULL);
    if (count > 0 || (count == 0 && ready)) {
      return WASI_ESUCCESS;
    }
    if (count < 0) {
      int error = wa_wasi_failure();
      if (error != WA_WASI_RETRY) {
        return error;
      }
    }
  }
}

static uint64_t bytes_to_read(const struct subscription *subscription) {
  int bytes = 0;
  if (subscription->type == WASI_EVENT_FD_READ &&
      ioctl(subscription->file->host, FIONREAD, &bytes) == 0 && bytes > 0) {
    return (uint64_t)bytes;
  }
  return 0;
}

// Fills the event of a subscription; false when it has none.
static bool make_event(const struct subscription *subscription, const struct pollfd *poll,
                       uint8_t event[WASI_EVENT_SIZE]) {
  int error = subscription->error;
  uint64_t bytes = 0;
  uint16_t flags = 0;
  if (error == WASI_ESUCCESS && subscription->type == WASI_EVENT_CLOCK) {
    if (wa_wasi_clock_now(subscription->clock) < subscription->deadline) {
      return false;
    }
  } else if (error == WASI_ESUCCESS) {
    if (poll->revents == 0) {
      return false;
    }
    if ((poll->revents & POLLNVAL) != 0) {
      error = WASI_EBADF;
    } else if ((poll->revents & POLLERR) != 0 && subscription->type == WASI_EVENT_FD_READ) {
      error = WASI_EIO;
    } else {
      bytes = bytes_to_read(subscription);
    }
    if ((poll->revents & POLLHUP) != 0 ||
        ((poll->revents & POLLERR) != 0 && subscription->type == WASI_EVENT_FD_WRITE)) {
      flags |= WASI_EVENT_FD_HANGUP;
    }
  }
  for (int i = 0; i < WASI_EVENT_SIZE; i++) {
    event[i] = 0;
  }
  wa_set_field_u64(event, subscription->userdata);
  wa_set_field_u16(event + WASI_EVENT_ERROR, (uint16_t)error);
  event[WASI_EVENT_TYPE] = subscription->type;
  wa_set_field_u64(event + WASI_EVENT_NBYTES, bytes);
  wa_set_field_u16(event + WASI_EVENT_FLAGS, flags);
  return true;
}

static int poll_all(struct wa_wasi_call *call, struct waiting *waiting) {
  uint32_t record_size = call->unstable ? WASI_U_SUBSCRIPTION_SIZE : WASI_SUBSCRIPTION_SIZE;
  uint32_t events = 0;
  for (uint32_t i = 0; i < waiting->count; i++) {
    uint8_t record[WASI_U_SUBSCRIPTION_SIZE];
    if (!wa_guest_read(&call->guest, call->args[0].u32 + i * record_size, record, record_size)) {
      return WASI_EFAULT;
    }
    if (record[WASI_SUBSCRIPTION_TAG] > WASI_EVENT_FD_WRITE) {
      return WASI_EINVAL;
    }
    subscribe(call, record, &waiting->subscriptions[i], &waiting->polls[i]);
  }
  int error = wait_for_events(waiting);
  if (error != WASI_ESUCCESS) {
    return error;
  }
  for (uint32_t i = 0; i < waiting->count; i++) {
    uint8_t event[WASI_EVENT_SIZE];
    if (!make_event(&waiting->subscriptions[i], &waiting->polls[i], event)) {
      continue;
    }
    if (!wa_guest_write(&call->guest, call->args[1].u32 + events * WASI_EVENT_SIZE, event,
                        sizeof event)) {
      return WASI_EFAULT;
    }
    events++;
  }
  return wa_guest_write_u32(&call->guest, call->args[3].u32, events) ? WASI_ESUCCESS : WASI_EFAULT;
}

int wa_wasi_poll_oneoff(struct wa_wasi_call *call) {
  struct waiting waiting = {.count = call->args[2].u32};
  uint64_t record_size = call->unstable ? WASI_U_SUBSCRIPTION_SIZE : WASI_SUBSCRIPTION_SIZE;
  if (waiting.count == 0) {
    return WASI_EINVAL;
  }
  if (wa_guest_at(&call->guest, call->args[0].u32, waiting.count * record_size) == NULL ||
      wa_guest_at(&call->guest, call->args[1].u32, (uint64_t)waiting.count * WASI_EVENT_SIZE) ==
          NULL ||
      wa_guest_at(&call->guest, call->args[3].u32, 4) == NULL) {
    return WASI_EFAULT;
  }
  if (waiting.count > MAX_SUBSCRIPTIONS) {
    return WASI_EINVAL;
  }
  int error = WASI_ENOMEM;
  waiting.subscriptions = calloc(waiting.count, sizeof *waiting.subscriptions);
  waiting.polls = calloc(waiting.count, sizeof *waiting.polls);
  if (waiting.subscriptions == NULL || waiting.polls == NULL) {
    goto out;
  }
  error = poll_all(call, &waiting);
out:
  for (uint32_t i = 0; waiting.subscriptions != NULL && i < waiting.count; i++) {
    wa_fd_release(waiting.subscriptions[i].file);
  }
  free(waiting.subscriptions);
  free(waiting.polls);
  return error;
}

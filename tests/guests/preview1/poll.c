// poll_oneoff on clocks and files; pipes and sockets are in sockets.c.
#include "test.h"

static struct subscription in[4];
static struct event out[4];
static size_t events;

enum { MS = 1000000 };
static const uint64_t hour = 3600ull * 1000 * MS;

static uint64_t now(uint32_t id) {
  uint64_t time = 0;
  (void)wasi_clock_time_get(id, 0, &time);
  return time;
}

static void clock_in(int slot, uint32_t id, uint64_t timeout, uint16_t flags) {
  in[slot] = (struct subscription){.userdata = 100 + (uint64_t)slot, .tag = EVENT_CLOCK};
  in[slot].clock.id = id;
  in[slot].clock.timeout = timeout;
  in[slot].clock.flags = flags;
}

static void fd_in(int slot, uint8_t tag, uint32_t fd) {
  in[slot] = (struct subscription){.userdata = 100 + (uint64_t)slot, .tag = tag};
  in[slot].fd = fd;
}

static uint32_t poll(size_t count) {
  memset(out, 0xee, sizeof out);
  events = 99;
  return wasi_poll_oneoff(in, out, count, &events);
}

static bool is_clock_event(int slot) {
  return events == 1 && out[0].userdata == 100 + (uint64_t)slot && out[0].error == 0 &&
         out[0].type == EVENT_CLOCK;
}

static void sleeps_relative(void) {
  for (uint32_t id = CLOCK_REALTIME; id <= CLOCK_MONOTONIC; id++) {
    uint64_t start = now(CLOCK_MONOTONIC);
    clock_in(0, id, 15 * MS, 0);
    OK(poll(1));
    TRUE(is_clock_event(0));
    TRUE(now(CLOCK_MONOTONIC) - start >= 15 * MS);
  }
}

static void sleeps_absolute(void) {
  for (uint32_t id = CLOCK_REALTIME; id <= CLOCK_MONOTONIC; id++) {
    uint64_t end = now(id) + 15 * MS;
    clock_in(0, id, end, ABSTIME);
    OK(poll(1));
    TRUE(is_clock_event(0) && now(id) >= end);
  }
}

static void past_at_once(void) {
  uint64_t start = now(CLOCK_MONOTONIC);
  clock_in(0, CLOCK_MONOTONIC, 1, ABSTIME);
  OK(poll(1));
  TRUE(is_clock_event(0));
  clock_in(0, CLOCK_REALTIME, 0, 0);
  OK(poll(1));
  TRUE(is_clock_event(0) && now(CLOCK_MONOTONIC) - start < 5000ull * MS);
}

static void earliest_only(void) {
  clock_in(0, CLOCK_MONOTONIC, hour, 0);
  clock_in(1, CLOCK_MONOTONIC, 5 * MS, 0);
  clock_in(2, CLOCK_REALTIME, UINT64_MAX, 0);
  OK(poll(3));
  TRUE(is_clock_event(1));
}

static void all_that_are_due(void) {
  clock_in(0, CLOCK_MONOTONIC, 1, ABSTIME);
  clock_in(1, CLOCK_MONOTONIC, hour, 0);
  clock_in(2, CLOCK_MONOTONIC, 2, ABSTIME);
  OK(poll(3));
  TRUE(events == 2 && out[0].userdata == 100 && out[1].userdata == 102);
}

static void other_clocks(void) {
  clock_in(0, CLOCK_PROCESS, 1, 0);
  OK(poll(1));
  TRUE(events == 1 && out[0].error == E_NOTSUP && out[0].type == EVENT_CLOCK);
  clock_in(0, 9, 1, 0);
  OK(poll(1));
  TRUE(events == 1 && out[0].error == E_INVAL);
}

static void files_ready(void) {
  uint32_t fd = create("f", "abcdef");
  uint64_t position;
  OK(wasi_fd_seek(fd, 2, SEEK_SET, &position));
  clock_in(0, CLOCK_MONOTONIC, hour, 0);
  fd_in(1, EVENT_READ, fd);
  fd_in(2, EVENT_WRITE, fd);
  OK(poll(3));
  TRUE(events == 2 && out[0].userdata == 101 && out[1].userdata == 102);
  TRUE(out[0].type == EVENT_READ && out[0].error == 0 && out[0].bytes == 4 && out[0].flags == 0);
  TRUE(out[1].type == EVENT_WRITE && out[1].error == 0);
}

static void bad_descriptor(void) {
  clock_in(0, CLOCK_MONOTONIC, hour, 0);
  fd_in(1, EVENT_READ, 1000);
  OK(poll(2));
  TRUE(events == 1 && out[0].userdata == 101 && out[0].error == E_BADF);
}

static void rights(void) {
  uint32_t fd;
  (void)create("f", "");
  OK(open_at("f", 0, RIGHT_READ | RIGHT_WRITE, &fd));
  fd_in(0, EVENT_READ, fd);
  OK(poll(1));
  TRUE(events == 1 && out[0].error == E_NOTCAPABLE);
  OK(open_at("f", 0, RIGHT_READ | RIGHT_POLL, &fd));
  fd_in(0, EVENT_WRITE, fd);
  OK(poll(1));
  TRUE(events == 1 && out[0].error == E_NOTCAPABLE);
  fd_in(0, EVENT_READ, fd);
  OK(poll(1));
  TRUE(events == 1 && out[0].error == 0);
}

static void same_twice(void) {
  uint32_t fd = create("f", "a");
  fd_in(0, EVENT_READ, fd);
  fd_in(1, EVENT_READ, fd);
  OK(poll(2));
  TRUE(events == 2 && out[0].userdata == 100 && out[1].userdata == 101);
}

static void nothing(void) {
  IS(poll(0), E_INVAL);
}

static void no_such_event(void) {
  fd_in(0, 3, 0);
  IS(poll(1), E_INVAL);
}

static void over_itself(void) {
  static union {
    struct subscription in[2];
    struct event out[2];
  } both;
  both.in[0] = (struct subscription){.userdata = 7, .tag = EVENT_CLOCK};
  both.in[0].clock.id = CLOCK_MONOTONIC;
  both.in[0].clock.flags = ABSTIME;
  both.in[1] = both.in[0];
  both.in[1].userdata = 8;
  OK(wasi_poll_oneoff(both.in, both.out, 2, &events));
  TRUE(events == 2 && both.out[0].userdata == 7 && both.out[1].userdata == 8);
}

static void faults(void) {
  clock_in(0, CLOCK_MONOTONIC, 1, ABSTIME);
  IS(wasi_poll_oneoff((void *)(memory_end() - 47), out, 1, &events), E_FAULT);
  IS(wasi_poll_oneoff(in, (void *)(memory_end() - 31), 1, &events), E_FAULT);
  IS(wasi_poll_oneoff(in, out, 1, (size_t *)(memory_end() - 3)), E_FAULT);
  IS(wasi_poll_oneoff(in, out, 0x08000000, &events), E_FAULT);
  IS(wasi_poll_oneoff(in, out, 0xffffffff, &events), E_FAULT);
}

const struct test tests_poll[] = {
    {"poll_oneoff", "sleeps for a time", sleeps_relative},
    {"poll_oneoff", "sleeps until a time", sleeps_absolute},
    {"poll_oneoff", "a time that is past is due at once", past_at_once},
    {"poll_oneoff", "the earliest clock, others are silent", earliest_only},
    {"poll_oneoff", "every clock that is due", all_that_are_due},
    {"poll_oneoff", "clocks nobody can wait for: ENOTSUP, EINVAL in the event", other_clocks},
    {"poll_oneoff", "files are always ready, with what is left of them", files_ready},
    {"poll_oneoff", "EBADF in the event", bad_descriptor},
    {"poll_oneoff", "ENOTCAPABLE in the event", rights},
    {"poll_oneoff", "one descriptor twice", same_twice},
    {"poll_oneoff", "EINVAL for nothing", nothing},
    {"poll_oneoff", "EINVAL for no event", no_such_event},
    {"poll_oneoff", "results over the subscriptions", over_itself},
    {"poll_oneoff", "EFAULT past the memory's end", faults},
    {NULL, NULL, NULL},
};

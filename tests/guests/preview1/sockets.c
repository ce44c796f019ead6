// Sockets and pipes that the host hands in, as tests/e2e/with_fds.c makes them. The tests run in
// order, each on what the one before left.
#include "test.h"

enum {
  STREAM_A = ROOT + 1,
  STREAM_B,
  DGRAM_A,
  DGRAM_B,
  LISTENER,
  CLIENT_A,
  CLIENT_B,
  PIPE_R,
  PIPE_W
};

static size_t size;
static uint16_t flags;
static char text[64];
static struct fdstat stat;

static uint32_t receive(uint32_t fd, size_t room, uint32_t how) {
  struct iovec iovec = {text, room};
  size = 99;
  flags = 99;
  return wasi_sock_recv(fd, &iovec, 1, how, &size, &flags);
}

static uint32_t transmit(uint32_t fd, const char *what) {
  struct iovec iovec = {(void *)what, strlen(what)};
  size = 99;
  return wasi_sock_send(fd, &iovec, 1, 0, &size);
}

static bool got(const char *what) {
  return size == strlen(what) && memcmp(text, what, size) == 0;
}

static uint32_t poll_one(uint8_t tag, uint32_t fd, struct event *event) {
  struct subscription in[2] = {{.userdata = 1, .tag = tag}, {.userdata = 2, .tag = EVENT_CLOCK}};
  struct event out[2];
  size_t events;
  in[0].fd = fd;
  in[1].clock.id = CLOCK_MONOTONIC;
  in[1].clock.timeout = 20000000;
  uint32_t error = wasi_poll_oneoff(in, out, 2, &events);
  *event = out[0];
  return error;
}

static void kinds(void) {
  OK(wasi_fd_fdstat_get(STREAM_A, &stat));
  TRUE(stat.filetype == TYPE_STREAM && (stat.rights & RIGHT_SHUTDOWN) != 0);
  OK(wasi_fd_fdstat_get(DGRAM_A, &stat));
  TRUE(stat.filetype == TYPE_DGRAM);
  OK(wasi_fd_fdstat_get(LISTENER, &stat));
  TRUE(stat.filetype == TYPE_STREAM && (stat.rights & RIGHT_ACCEPT) != 0);
  OK(wasi_fd_fdstat_get(PIPE_R, &stat));
  TRUE((stat.rights & (RIGHT_SEEK | RIGHT_ACCEPT)) == 0 && (stat.rights & RIGHT_READ) != 0);
}

static void no_directories(void) {
  struct prestat prestat;
  for (uint32_t fd = STREAM_A; fd <= PIPE_W; fd++)
    IS(wasi_fd_prestat_get(fd, &prestat), E_BADF);
  IS(wasi_path_create_directory(STREAM_A, P("d")), E_NOTDIR);
}

static void no_seeking(void) {
  uint64_t position;
  IS(wasi_fd_seek(STREAM_A, 0, SEEK_SET, &position), E_SPIPE);
  IS(wasi_fd_tell(PIPE_R, &position), E_SPIPE);
}

static void read_and_write(void) {
  OK(wasi_fd_write(STREAM_A, &(struct iovec){"abc", 3}, 1, &size));
  OK(wasi_fd_read(STREAM_B, &(struct iovec){text, sizeof text}, 1, &size));
  TRUE(got("abc"));
}

static void send_gathers(void) {
  struct iovec iovecs[2] = {{"ab", 2}, {"cd", 2}};
  OK(wasi_sock_send(STREAM_A, iovecs, 2, 0, &size));
  TRUE(size == 4);
  OK(receive(STREAM_B, sizeof text, 0));
  TRUE(got("abcd") && flags == 0);
}

static void receive_peeks(void) {
  OK(transmit(STREAM_A, "abcd"));
  OK(receive(STREAM_B, 2, RECV_PEEK));
  TRUE(got("ab"));
  OK(receive(STREAM_B, sizeof text, 0));
  TRUE(got("abcd"));
}

static void receive_all(void) {
  OK(transmit(STREAM_A, "ab"));
  OK(transmit(STREAM_A, "cd"));
  OK(receive(STREAM_B, 4, RECV_WAITALL));
  TRUE(got("abcd"));
}

static void receive_scatters(void) {
  struct iovec iovecs[2] = {{text, 1}, {text + 1, 3}};
  OK(transmit(STREAM_A, "abcd"));
  OK(wasi_sock_recv(STREAM_B, iovecs, 2, 0, &size, &flags));
  TRUE(got("abcd"));
}

static void receive_truncated(void) {
  OK(transmit(DGRAM_A, "abcdef"));
  OK(transmit(DGRAM_A, "next"));
  OK(receive(DGRAM_B, 3, 0));
  TRUE(got("abc") && flags == RECV_TRUNCATED);
  OK(receive(DGRAM_B, sizeof text, 0));
  TRUE(got("next") && flags == 0);
}

static void receive_without_waiting(void) {
  OK(wasi_fd_fdstat_set_flags(STREAM_B, FD_NONBLOCK));
  IS(receive(STREAM_B, 1, 0), E_AGAIN);
  OK(wasi_fd_fdstat_set_flags(STREAM_B, 0));
}

static void receive_bad(void) {
  IS(receive(STREAM_B, 1, 4), E_INVAL);
  IS(receive(1000, 1, 0), E_BADF);
  IS(receive(PIPE_R, 1, 0), E_NOTSOCK);
  IS(receive(ROOT, 1, 0), E_NOTSOCK);
  struct iovec iovec = {memory_end(), 1};
  IS(wasi_sock_recv(STREAM_B, &iovec, 1, 0, &size, &flags), E_FAULT);
  IS(wasi_sock_recv(STREAM_B, &iovec, 0, 0, &size, (uint16_t *)(memory_end() - 1)), E_FAULT);
}

static void send_bad(void) {
  struct iovec iovec = {text, 1};
  IS(wasi_sock_send(STREAM_A, &iovec, 1, 1, &size), E_INVAL);
  IS(transmit(1000, "a"), E_BADF);
  IS(transmit(PIPE_W, "a"), E_NOTSOCK);
  iovec.data = memory_end();
  IS(wasi_sock_send(STREAM_A, &iovec, 1, 0, &size), E_FAULT);
}

static void send_too_long(void) {
  enum { LONG = 1 << 20 };
  struct iovec iovec = {allocate(LONG), LONG};
  IS(wasi_sock_send(DGRAM_A, &iovec, 1, 0, &size), E_MSGSIZE);
}

static void poll_bytes(void) {
  struct event event;
  OK(poll_one(EVENT_READ, STREAM_B, &event));
  TRUE(event.userdata == 2);
  OK(transmit(STREAM_A, "abc"));
  OK(poll_one(EVENT_READ, STREAM_B, &event));
  TRUE(event.userdata == 1 && event.error == 0 && event.bytes == 3 && event.flags == 0);
  OK(receive(STREAM_B, sizeof text, 0));
  OK(poll_one(EVENT_WRITE, STREAM_A, &event));
  TRUE(event.userdata == 1 && event.error == 0 && event.type == EVENT_WRITE);
}

static void poll_pipe(void) {
  struct event event;
  OK(poll_one(EVENT_READ, PIPE_R, &event));
  TRUE(event.userdata == 2);
  OK(wasi_fd_write(PIPE_W, &(struct iovec){"ab", 2}, 1, &size));
  OK(poll_one(EVENT_READ, PIPE_R, &event));
  TRUE(event.userdata == 1 && event.bytes == 2 && event.flags == 0);
  OK(wasi_fd_read(PIPE_R, &(struct iovec){text, 9}, 1, &size));
  TRUE(got("ab"));
}

static void poll_full_pipe(void) {
  static char block[4096];
  struct event event;
  uint32_t error = E_SUCCESS;
  OK(wasi_fd_fdstat_set_flags(PIPE_W, FD_NONBLOCK));
  for (int i = 0; i < 1000 && error == E_SUCCESS; i++)
    error = wasi_fd_write(PIPE_W, &(struct iovec){block, sizeof block}, 1, &size);
  IS(error, E_AGAIN);
  OK(poll_one(EVENT_WRITE, PIPE_W, &event));
  TRUE(event.userdata == 2);
}

static void poll_hangup(void) {
  struct event event;
  OK(wasi_fd_close(PIPE_W));
  OK(poll_one(EVENT_READ, PIPE_R, &event));
  TRUE(event.userdata == 1 && event.error == 0 && (event.flags & HANGUP) != 0 && event.bytes > 0);
}

static void accepts(void) {
  struct event event;
  uint32_t fd;
  OK(poll_one(EVENT_READ, LISTENER, &event));
  TRUE(event.userdata == 1 && event.error == 0);
  OK(wasi_sock_accept(LISTENER, 0, &fd));
  OK(wasi_fd_fdstat_get(fd, &stat));
  TRUE(stat.filetype == TYPE_STREAM && stat.flags == 0 && (stat.rights & RIGHT_SHUTDOWN) != 0);
  OK(transmit(CLIENT_A, "hello"));
  OK(receive(fd, sizeof text, 0));
  TRUE(got("hello"));
  OK(transmit(fd, "answer"));
  OK(receive(CLIENT_A, sizeof text, 0));
  TRUE(got("answer"));
  OK(wasi_fd_close(fd));
  OK(receive(CLIENT_A, sizeof text, 0));
  TRUE(size == 0);
}

static void accepts_without_blocking(void) {
  uint32_t fd;
  OK(wasi_sock_accept(LISTENER, FD_NONBLOCK, &fd));
  OK(wasi_fd_fdstat_get(fd, &stat));
  TRUE(stat.flags == FD_NONBLOCK);
  IS(receive(fd, 1, 0), E_AGAIN);
  OK(wasi_fd_close(fd));
  OK(wasi_fd_fdstat_set_flags(LISTENER, FD_NONBLOCK));
  IS(wasi_sock_accept(LISTENER, 0, &fd), E_AGAIN);
}

static void accept_bad(void) {
  uint32_t fd;
  IS(wasi_sock_accept(LISTENER, FD_APPEND, &fd), E_INVAL);
  IS(wasi_sock_accept(1000, 0, &fd), E_BADF);
  IS(wasi_sock_accept(PIPE_R, 0, &fd), E_NOTSOCK);
  IS(wasi_sock_accept(STREAM_A, 0, &fd), E_INVAL);
  IS(wasi_sock_accept(LISTENER, 0, (uint32_t *)memory_end()), E_FAULT);
  OK(wasi_fd_fdstat_get(LISTENER, &stat));
  OK(wasi_fd_fdstat_set_rights(LISTENER, stat.rights & ~RIGHT_ACCEPT, stat.inheriting));
  IS(wasi_sock_accept(LISTENER, 0, &fd), E_NOTCAPABLE);
}

static void shutdown_bad(void) {
  IS(wasi_sock_shutdown(STREAM_A, 0), E_INVAL);
  IS(wasi_sock_shutdown(STREAM_A, 4), E_INVAL);
  IS(wasi_sock_shutdown(1000, SHUT_RD), E_BADF);
  IS(wasi_sock_shutdown(PIPE_R, SHUT_RD), E_NOTSOCK);
  OK(wasi_fd_fdstat_get(DGRAM_B, &stat));
  OK(wasi_fd_fdstat_set_rights(DGRAM_B, stat.rights & ~RIGHT_SHUTDOWN, stat.inheriting));
  IS(wasi_sock_shutdown(DGRAM_B, SHUT_RD), E_NOTCAPABLE);
}

static void shutdown_write(void) {
  OK(transmit(STREAM_A, "last"));
  OK(wasi_sock_shutdown(STREAM_A, SHUT_WR));
  OK(receive(STREAM_B, sizeof text, 0));
  TRUE(got("last"));
  OK(receive(STREAM_B, sizeof text, 0));
  TRUE(size == 0);
  OK(transmit(STREAM_B, "still"));
  OK(receive(STREAM_A, sizeof text, 0));
  TRUE(got("still"));
}

static void send_to_nobody(void) {
  IS(transmit(STREAM_A, "x"), E_PIPE);
  IS(wasi_fd_write(STREAM_A, &(struct iovec){"x", 1}, 1, &size), E_PIPE);
}

static void shutdown_both(void) {
  OK(wasi_sock_shutdown(STREAM_B, SHUT_RD | SHUT_WR));
  OK(receive(STREAM_B, 1, 0));
  TRUE(size == 0);
  IS(transmit(STREAM_B, "x"), E_PIPE);
}

static void poll_socket_hangup(void) {
  struct event event;
  OK(wasi_fd_close(STREAM_B));
  OK(poll_one(EVENT_READ, STREAM_A, &event));
  TRUE(event.userdata == 1 && (event.flags & HANGUP) != 0);
}

const struct test tests_sockets[] = {
    {"fd_fdstat_get", "sockets, listening and not, and pipes", kinds},
    {"fd_prestat_get", "EBADF for what was handed in", no_directories},
    {"fd_seek", "ESPIPE", no_seeking},
    {"fd_read", "of a socket what fd_write wrote", read_and_write},
    {"sock_send", "gathers", send_gathers},
    {"sock_recv", "peek leaves it there", receive_peeks},
    {"sock_recv", "waitall", receive_all},
    {"sock_recv", "scatters", receive_scatters},
    {"sock_recv", "says that a datagram was cut", receive_truncated},
    {"sock_recv", "EAGAIN when not to block", receive_without_waiting},
    {"sock_recv", "EINVAL, EBADF, ENOTSOCK and EFAULT", receive_bad},
    {"sock_send", "EINVAL, EBADF, ENOTSOCK and EFAULT", send_bad},
    {"sock_send", "EMSGSIZE", send_too_long},
    {"poll_oneoff", "bytes in a socket, room in it", poll_bytes},
    {"poll_oneoff", "bytes in a pipe", poll_pipe},
    {"poll_oneoff", "a full pipe has no room", poll_full_pipe},
    {"poll_oneoff", "the writing end hung up", poll_hangup},
    {"sock_accept", "a connection, and poll_oneoff before it", accepts},
    {"sock_accept", "nonblock, of it and of the listening one", accepts_without_blocking},
    {"sock_accept", "EINVAL, EBADF, ENOTSOCK, EFAULT and ENOTCAPABLE", accept_bad},
    {"sock_shutdown", "EINVAL, EBADF, ENOTSOCK and ENOTCAPABLE", shutdown_bad},
    {"sock_shutdown", "of sending: the peer reads the end", shutdown_write},
    {"sock_send", "EPIPE", send_to_nobody},
    {"sock_shutdown", "of both", shutdown_both},
    {"poll_oneoff", "the peer hung up", poll_socket_hangup},
    {NULL, NULL, NULL},
};

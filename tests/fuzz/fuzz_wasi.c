// WASI calls with arguments that the input chooses, over a small directory tree: each call answers
// with an errno, nothing leaks, and nothing outside of the tree is seen or touched.
//
// An input is a byte of options and then calls: a byte for the function, and for each argument what
// its kind reads below. What is missing at the end is 0.
#include "tests/fuzz/fuzz.h"

#include "tests/fuzz/initialised.h"
#include "tests/fuzz/wasi_box.h"
#include "wasi/internal.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum {
  MEMORY_SIZE = 65536,
  MAX_CALLS = 64,
  MAX_ARGS = 9,
  // Where in the guest's memory what becomes what; each kind has room for all its values.
  OUT_AT = 0x100,
  VECTORS_AT = 0x1000,
  SUBSCRIPTIONS_AT = 0x2000,
  PATHS_AT = 0x4000,
  BUFFERS_AT = 0x8000,
};

// The arguments of a function, in order:
//   f descriptor   i small number   U number of 64 bits   m rights   o where a result goes
//   p path and its length   b buffer and its length   v iovecs and their number
//   s everything of poll_oneoff
static const struct {
  wa_wasi_fn *function;
  const char *name, *kinds;
} functions[] = {
    {wa_wasi_args_get, "args_get", "oo"},
    {wa_wasi_args_sizes_get, "args_sizes_get", "oo"},
    {wa_wasi_environ_get, "environ_get", "oo"},
    {wa_wasi_environ_sizes_get, "environ_sizes_get", "oo"},
    {wa_wasi_clock_res_get, "clock_res_get", "io"},
    {wa_wasi_clock_time_get, "clock_time_get", "iUo"},
    {wa_wasi_fd_advise, "fd_advise", "fUUi"},
    {wa_wasi_fd_allocate, "fd_allocate", "fUU"},
    {wa_wasi_fd_close, "fd_close", "f"},
    {wa_wasi_fd_datasync, "fd_datasync", "f"},
    {wa_wasi_fd_fdstat_get, "fd_fdstat_get", "fo"},
    {wa_wasi_fd_fdstat_set_flags, "fd_fdstat_set_flags", "fi"},
    {wa_wasi_fd_fdstat_set_rights, "fd_fdstat_set_rights", "fmm"},
    {wa_wasi_fd_filestat_get, "fd_filestat_get", "fo"},
    {wa_wasi_fd_filestat_set_size, "fd_filestat_set_size", "fU"},
    {wa_wasi_fd_filestat_set_times, "fd_filestat_set_times", "fUUi"},
    {wa_wasi_fd_pread, "fd_pread", "fvUo"},
    {wa_wasi_fd_prestat_get, "fd_prestat_get", "fo"},
    {wa_wasi_fd_prestat_dir_name, "fd_prestat_dir_name", "fb"},
    {wa_wasi_fd_pwrite, "fd_pwrite", "fvUo"},
    {wa_wasi_fd_read, "fd_read", "fvo"},
    {wa_wasi_fd_readdir, "fd_readdir", "fbUo"},
    {wa_wasi_fd_renumber, "fd_renumber", "ff"},
    {wa_wasi_fd_seek, "fd_seek", "fUio"},
    {wa_wasi_fd_sync, "fd_sync", "f"},
    {wa_wasi_fd_tell, "fd_tell", "fo"},
    {wa_wasi_fd_write, "fd_write", "fvo"},
    {wa_wasi_path_create_directory, "path_create_directory", "fp"},
    {wa_wasi_path_filestat_get, "path_filestat_get", "fipo"},
    {wa_wasi_path_filestat_set_times, "path_filestat_set_times", "fipUUi"},
    {wa_wasi_path_link, "path_link", "fipfp"},
    {wa_wasi_path_open, "path_open", "fipimmio"},
    {wa_wasi_path_readlink, "path_readlink", "fpbo"},
    {wa_wasi_path_remove_directory, "path_remove_directory", "fp"},
    {wa_wasi_path_rename, "path_rename", "fpfp"},
    {wa_wasi_path_symlink, "path_symlink", "pfp"},
    {wa_wasi_path_unlink_file, "path_unlink_file", "fp"},
    {wa_wasi_poll_oneoff, "poll_oneoff", "s"},
    {wa_wasi_proc_exit, "proc_exit", "i"},
    {wa_wasi_proc_raise, "proc_raise", "i"},
    {wa_wasi_sched_yield, "sched_yield", ""},
    {wa_wasi_random_get, "random_get", "b"},
    {wa_wasi_sock_accept, "sock_accept", "fio"},
    {wa_wasi_sock_recv, "sock_recv", "fvioo"},
    {wa_wasi_sock_send, "sock_send", "fvio"},
    {wa_wasi_sock_shutdown, "sock_shutdown", "fi"},
};

enum { FUNCTION_COUNT = sizeof functions / sizeof *functions };
_Static_assert(FUNCTION_COUNT == 46, "preview 1 has 46 functions");

struct input {
  const uint8_t *data;
  size_t size;
};

static uint8_t *memory; // the guest's, and not a byte more
static int null_fd;

static uint8_t u8(struct input *input) {
  if (input->size == 0) {
    return 0;
  }
  input->size--;
  return *input->data++;
}

static uint32_t u32(struct input *input) {
  uint32_t value = 0;
  for (int i = 0; i < 4; i++) {
    value = value << 8 | u8(input);
  }
  return value;
}

static uint64_t u64(struct input *input) {
  static const uint64_t borders[] = {0,          1,          2,
                                     7,          4096,       65536,
                                     0x7fffffff, 0xffffffff, INT64_MAX,
                                     UINT64_MAX, 1ull << 63, UINT64_MAX - 1,
                                     1000000000, 1ull << 40, UINT64_MAX / 1000000000};
  uint8_t byte = u8(input);
  if (byte < sizeof borders / sizeof *borders) {
    return borders[byte];
  }
  return byte < 0xf0 ? byte : (uint64_t)u32(input) << 32 | u32(input);
}

// Mostly `usual`; now and then anything, as a hostile guest would.
static uint32_t pointer(struct input *input, uint32_t usual) {
  uint8_t byte = u8(input);
  if (byte < 0xf0) {
    return usual;
  }
  return byte < 0xf8 ? MEMORY_SIZE - (byte & 7u) * 4 : u32(input);
}

// ---- Kinds ----

static void path_args(struct input *input, union wa_cell *args, unsigned which) {
  static const char *const parts[] = {
      "f",   "d",    "e",  "g",     "in", "out", "abs",  "loop",   "up", "slash", "fd",
      "..",  ".",    "/",  "//",    "",   "s",   "to-d", "canary", "a",  "b",     "box",
      "../", "new/", "d/", "other", "o",  "0",   "1",    "3",      "é",  "\xff",
  };
  const size_t count = sizeof parts / sizeof *parts;
  uint8_t *at = memory + PATHS_AT + which * 1024;
  uint32_t length = 0;
  uint8_t shape = u8(input);
  for (unsigned i = 0; i < (shape & 3u) + 1; i++) {
    const char *part = parts[u8(input) % count];
    if (i != 0 && (shape & 4) != 0) {
      at[length++] = '/';
    }
    memcpy(at + length, part, strlen(part));
    length += (uint32_t)strlen(part);
  }
  if ((shape & 0x70) == 0x70) { // bytes of its own
    for (length = 0; length < (shape & 0xfu); length++) {
      at[length] = u8(input);
    }
  }
  if ((shape & 0xf8) == 0x60) { // a long name
    for (; length < 300; length++) {
      at[length] = 'x';
    }
  }
  args[0].u64 = pointer(input, PATHS_AT + which * 1024);
  args[1].u64 = (shape & 0x80) != 0 ? u32(input) : length;
}

static void buffer_args(struct input *input, union wa_cell *args) {
  uint8_t size = u8(input);
  args[0].u64 = pointer(input, BUFFERS_AT);
  args[1].u64 = size < 0xf0 ? size * 16u + (size & 15u) : u32(input);
}

static void vector_args(struct input *input, union wa_cell *args) {
  uint8_t count = u8(input);
  for (uint32_t i = 0; i < (count & 7u); i++) {
    union wa_cell one[2];
    buffer_args(input, one);
    wa_set_field_u32(memory + VECTORS_AT + i * 8, one[0].u32);
    wa_set_field_u32(memory + VECTORS_AT + i * 8 + 4, one[1].u32);
  }
  args[0].u64 = pointer(input, VECTORS_AT);
  args[1].u64 = count < 0xf0 ? count & 7u : u32(input);
}

// The first subscription is a clock that ends at once, so that no poll waits for long.
static void poll_args(struct input *input, union wa_cell *args, bool unstable) {
  uint32_t size = unstable ? WASI_U_SUBSCRIPTION_SIZE : WASI_SUBSCRIPTION_SIZE;
  uint8_t count = u8(input);
  for (uint32_t i = 0; i < (count & 7u); i++) {
    uint8_t *record = memory + SUBSCRIPTIONS_AT + i * size;
    memset(record, 0, size);
    wa_set_field_u64(record, i);
    record[WASI_SUBSCRIPTION_TAG] = u8(input) % 4;
    wa_set_field_u32(record + WASI_SUBSCRIPTION_FD, u8(input) % 16);
    wa_set_field_u64(record + WASI_SUBSCRIPTION_TIMEOUT, u64(input));
    wa_set_field_u64(record + size - 8, u8(input) % 4);
  }
  args[0].u64 = pointer(input, SUBSCRIPTIONS_AT);
  args[1].u64 = pointer(input, BUFFERS_AT);
  args[2].u64 = count < 0xf8 ? count & 7u : u32(input);
  args[3].u64 = pointer(input, OUT_AT);
  const struct wa_guest guest = {memory, MEMORY_SIZE};
  uint8_t *first = wa_guest_at(&guest, args[0].u32, size);
  if (first != NULL) {
    memset(first + WASI_SUBSCRIPTION_TAG, 0, size - WASI_SUBSCRIPTION_TAG);
    wa_set_field_u32(first + (unstable ? WASI_U_SUBSCRIPTION_CLOCK_ID : WASI_SUBSCRIPTION_CLOCK_ID),
                     WASI_CLOCK_MONOTONIC);
  }
}

static void make_args(struct input *input, const char *kinds, bool unstable,
                      union wa_cell args[MAX_ARGS]) {
  unsigned at = 0, paths = 0;
  for (; *kinds != '\0'; kinds++) {
    uint8_t byte;
    switch (*kinds) {
    case 'f':
      byte = u8(input);
      args[at++].u64 = byte < 0xf0 ? byte % 12 : u32(input);
      break;
    case 'i':
      byte = u8(input);
      args[at++].u64 = byte < 0xf0 ? byte % 32 : u32(input);
      break;
    case 'U':
      args[at++].u64 = u64(input);
      break;
    case 'm':
      byte = u8(input);
      args[at++].u64 = byte < 0xc0 ? 0x1fffffff : u64(input);
      break;
    case 'o':
      args[at].u64 = pointer(input, OUT_AT + at * 64);
      at++;
      break;
    case 'p':
      path_args(input, args + at, paths++);
      at += 2;
      break;
    case 'b':
      buffer_args(input, args + at);
      at += 2;
      break;
    case 'v':
      vector_args(input, args + at);
      at += 2;
      break;
    default:
      poll_args(input, args, unstable);
      at += 4;
      break;
    }
  }
}

// ---- The program ----

// Neither end blocks for longer than a millisecond, whatever the guest makes of its flags.
static void bound(int fd) {
  const struct timeval soon = {.tv_usec = 1000};
  if (setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &soon, sizeof soon) != 0 ||
      setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &soon, sizeof soon) != 0) {
    abort();
  }
}

// A socket with a connection waiting whose other end is already closed.
static int listening(void) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  socklen_t size = sizeof address.sun_family; // the kernel chooses a name
  int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  int client = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0 || client < 0 || bind(fd, (struct sockaddr *)&address, size) != 0 ||
      listen(fd, 4) != 0) {
    abort();
  }
  size = sizeof address;
  if (getsockname(fd, (struct sockaddr *)&address, &size) != 0 ||
      connect(client, (struct sockaddr *)&address, size) != 0) {
    abort();
  }
  (void)close(client);
  bound(fd);
  return fd;
}

static struct wa_wasi *new_program(const int stdio[3], bool no_openat2) {
  static const char *const args[] = {"program", "argument"}, *const env[] = {"NAME=value"};
  const struct wa_wasi_preopen preopens[] = {{.host = box_root(), .guest = "/"},
                                             {.host = box_other(), .guest = "/other"},
                                             {box_fixed(), "/fixed", .read_only = true}};
  const struct wa_wasi_config config = {
      .args = args,
      .arg_count = 2,
      .env = env,
      .env_count = 1,
      .preopens = preopens,
      .preopen_count = 3,
      .stdio = {stdio[0], stdio[1], stdio[2]},
      .no_openat2 = no_openat2,
  };
  struct wa_error err;
  struct wa_wasi *wasi = wa_wasi_new(&config, &err);
  if (wasi == NULL) {
    abort();
  }
  return wasi;
}

static void make_calls(struct wa_wasi *wasi, struct input *input) {
  for (int i = 0; i < MAX_CALLS && input->size != 0; i++) {
    union wa_cell args[MAX_ARGS] = {{.u64 = 0}};
    uint8_t op = u8(input);
    unsigned which = (op & 0x3fu) % FUNCTION_COUNT;
    struct wa_wasi_call call = {
        .wasi = wasi, .guest = {memory, MEMORY_SIZE}, .args = args, .unstable = (op & 0x40) != 0};
    make_args(input, functions[which].kinds, call.unstable, args);
    int error = functions[which].function(&call);
    if (error > WASI_ENOTCAPABLE || error < WA_WASI_RAISED ||
        (error == WA_WASI_RAISED && functions[which].function != wa_wasi_proc_exit &&
         functions[which].function != wa_wasi_proc_raise)) {
      (void)fprintf(stderr, "%s returned %d\n", functions[which].name, error);
      abort();
    }
    ptrdiff_t unknown = first_uninitialised(memory, MEMORY_SIZE);
    if (unknown >= 0) {
      (void)fprintf(stderr, "%s left a byte at %td that nobody wrote\n", functions[which].name,
                    unknown);
      abort();
    }
  }
}

int LLVMFuzzerInitialize(int *argc, char ***argv) {
  (void)argc;
  (void)argv;
  // No disk is filled, and what would be is an errno. libFuzzer handles the signal, unless blocked.
  const struct rlimit size = {.rlim_cur = 16 << 20, .rlim_max = RLIM_INFINITY};
  sigset_t blocked;
  if (setrlimit(RLIMIT_FSIZE, &size) != 0 || sigemptyset(&blocked) != 0 ||
      sigaddset(&blocked, SIGXFSZ) != 0 || sigaddset(&blocked, SIGPIPE) != 0 ||
      pthread_sigmask(SIG_BLOCK, &blocked, NULL) != 0) {
    abort();
  }
  null_fd = open("/dev/null", O_RDWR | O_CLOEXEC);
  memory = malloc(MEMORY_SIZE);
  if (null_fd < 0 || memory == NULL) {
    abort();
  }
  box_open();
  return 0;
}

static int lowest_free_fd(void) {
  int fd = fcntl(null_fd, F_DUPFD_CLOEXEC, 0);
  (void)close(fd);
  return fd;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  struct input input = {data, size};
  int pair[2];
  box_reset();
  memset(memory, 0, MEMORY_SIZE);
  int free_before = lowest_free_fd();
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0) {
    abort();
  }
  bound(pair[0]);
  const int stdio[3] = {null_fd, pair[0], listening()};
  struct wa_wasi *wasi = new_program(stdio, (u8(&input) & 1) != 0);
  make_calls(wasi, &input);
  wa_wasi_free(wasi);
  (void)close(stdio[1]);
  (void)close(pair[1]);
  (void)close(stdio[2]);
  if (lowest_free_fd() != free_before) {
    (void)fprintf(stderr, "a descriptor leaked\n");
    abort();
  }
  if (memmem(memory, MEMORY_SIZE, BOX_SECRET, strlen(BOX_SECRET)) != NULL) {
    (void)fprintf(stderr, "the guest read what lies outside of its directories\n");
    abort();
  }
  box_check();
  return 0;
}

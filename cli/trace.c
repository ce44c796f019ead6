#include "cli/trace.h"

#include "wasi/witx.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

// ---- Names ----

static const char *const errnos[] = {
    "ESUCCESS",     "E2BIG",           "EACCES",       "EADDRINUSE",   "EADDRNOTAVAIL",
    "EAFNOSUPPORT", "EAGAIN",          "EALREADY",     "EBADF",        "EBADMSG",
    "EBUSY",        "ECANCELED",       "ECHILD",       "ECONNABORTED", "ECONNREFUSED",
    "ECONNRESET",   "EDEADLK",         "EDESTADDRREQ", "EDOM",         "EDQUOT",
    "EEXIST",       "EFAULT",          "EFBIG",        "EHOSTUNREACH", "EIDRM",
    "EILSEQ",       "EINPROGRESS",     "EINTR",        "EINVAL",       "EIO",
    "EISCONN",      "EISDIR",          "ELOOP",        "EMFILE",       "EMLINK",
    "EMSGSIZE",     "EMULTIHOP",       "ENAMETOOLONG", "ENETDOWN",     "ENETRESET",
    "ENETUNREACH",  "ENFILE",          "ENOBUFS",      "ENODEV",       "ENOENT",
    "ENOEXEC",      "ENOLCK",          "ENOLINK",      "ENOMEM",       "ENOMSG",
    "ENOPROTOOPT",  "ENOSPC",          "ENOSYS",       "ENOTCONN",     "ENOTDIR",
    "ENOTEMPTY",    "ENOTRECOVERABLE", "ENOTSOCK",     "ENOTSUP",      "ENOTTY",
    "ENXIO",        "EOVERFLOW",       "EOWNERDEAD",   "EPERM",        "EPIPE",
    "EPROTO",       "EPROTONOSUPPORT", "EPROTOTYPE",   "ERANGE",       "EROFS",
    "ESPIPE",       "ESRCH",           "ESTALE",       "ETIMEDOUT",    "ETXTBSY",
    "EXDEV",        "ENOTCAPABLE",
};
_Static_assert(sizeof errnos / sizeof *errnos == WASI_ENOTCAPABLE + 1, "a name for each errno");

// By bit.
static const char *const rights[] = {"fd_datasync",
                                     "fd_read",
                                     "fd_seek",
                                     "fd_fdstat_set_flags",
                                     "fd_sync",
                                     "fd_tell",
                                     "fd_write",
                                     "fd_advise",
                                     "fd_allocate",
                                     "path_create_directory",
                                     "path_create_file",
                                     "path_link_source",
                                     "path_link_target",
                                     "path_open",
                                     "fd_readdir",
                                     "path_readlink",
                                     "path_rename_source",
                                     "path_rename_target",
                                     "path_filestat_get",
                                     "path_filestat_set_size",
                                     "path_filestat_set_times",
                                     "fd_filestat_get",
                                     "fd_filestat_set_size",
                                     "fd_filestat_set_times",
                                     "path_symlink",
                                     "path_remove_directory",
                                     "path_unlink_file",
                                     "poll_fd_readwrite",
                                     "sock_shutdown",
                                     "sock_accept",
                                     NULL};
static const char *const fdflags[] = {"APPEND", "DSYNC", "NONBLOCK", "RSYNC", "SYNC", NULL};
static const char *const oflags[] = {"CREAT", "DIRECTORY", "EXCL", "TRUNC", NULL};
static const char *const lookupflags[] = {"SYMLINK_FOLLOW", NULL};
static const char *const fstflags[] = {"ATIM", "ATIM_NOW", "MTIM", "MTIM_NOW", NULL};

// By value.
static const char *const filetypes[] = {"UNKNOWN",       "BLOCK_DEVICE",  "CHARACTER_DEVICE",
                                        "DIRECTORY",     "REGULAR_FILE",  "SOCKET_DGRAM",
                                        "SOCKET_STREAM", "SYMBOLIC_LINK", NULL};
static const char *const clocks[] = {"REALTIME", "MONOTONIC", "PROCESS_CPUTIME", "THREAD_CPUTIME",
                                     NULL};
static const char *const whences[] = {"SET", "CUR", "END", NULL};
static const char *const unstable_whences[] = {"CUR", "END", "SET", NULL};
static const char *const advices[] = {"NORMAL",   "SEQUENTIAL", "RANDOM", "WILLNEED",
                                      "DONTNEED", "NOREUSE",    NULL};
static const char *const events[] = {"CLOCK", "FD_READ", "FD_WRITE", NULL};

// ---- A line ----

struct line {
  char text[4096];
  size_t used;
};

__attribute__((format(printf, 2, 3))) static void put(struct line *line, const char *format, ...) {
  size_t room = sizeof line->text - 1 - line->used; // for the end of the line
  va_list args;
  va_start(args, format);
  int length = vsnprintf(line->text + line->used, room, format, args);
  va_end(args);
  if (length > 0) {
    line->used += (size_t)length < room ? (size_t)length : room - 1;
  }
}

static void put_flags(struct line *line, uint64_t value, const char *const *names) {
  const char *between = "";
  for (int bit = 0; names[bit] != NULL; bit++) {
    if ((value >> bit & 1) != 0) {
      put(line, "%s%s", between, names[bit]);
      value &= ~(UINT64_C(1) << bit);
      between = "|";
    }
  }
  if (value != 0 || between[0] == '\0') {
    put(line, value != 0 ? "%s0x%llx" : "%s%llu", between, (unsigned long long)value);
  }
}

static void put_named(struct line *line, uint32_t value, const char *const *names) {
  for (uint32_t i = 0; names[i] != NULL; i++) {
    if (i == value) {
      put(line, "%s", names[i]);
      return;
    }
  }
  put(line, "%u", value);
}

// ---- The guest's memory ----

static const uint8_t *at(const struct wa_wasi_event *event, uint32_t address, uint64_t size) {
  bool inside =
      event->memory != NULL && size <= event->memory_size && address <= event->memory_size - size;
  return inside ? event->memory + address : NULL;
}

static uint32_t load(const struct wa_wasi_event *event, uint32_t address, size_t size) {
  uint32_t value = 0;
  const uint8_t *bytes = at(event, address, size);
  if (bytes != NULL) {
    memcpy(&value, bytes, size);
  }
  return value;
}

static uint64_t load64(const struct wa_wasi_event *event, uint32_t address) {
  uint64_t value = 0;
  const uint8_t *bytes = at(event, address, sizeof value);
  if (bytes != NULL) {
    memcpy(&value, bytes, sizeof value);
  }
  return value;
}

enum { MAX_DATA = 32, MAX_PATH = 256, MAX_PARTS = 4 };

static void put_bytes(struct line *line, const struct wa_wasi_event *event, uint32_t address,
                      uint32_t size, uint32_t most) {
  const uint8_t *bytes = at(event, address, size);
  if (bytes == NULL) {
    put(line, "0x%x", address);
    return;
  }
  put(line, "\"");
  for (uint32_t i = 0; i < size && i < most; i++) {
    uint8_t byte = bytes[i];
    switch (byte) {
    case '\n':
      put(line, "\\n");
      break;
    case '\t':
      put(line, "\\t");
      break;
    case '"':
    case '\\':
      put(line, "\\%c", byte);
      break;
    default:
      put(line, byte >= 0x20 && byte < 0x7f ? "%c" : "\\x%02x", byte);
      break;
    }
  }
  put(line, size > most ? "\"..." : "\"");
}

// Buffers with what is in their first `filled` bytes, all together.
static void put_buffers(struct line *line, const struct wa_wasi_event *event, uint32_t list,
                        uint32_t count, uint32_t filled) {
  put(line, "[");
  for (uint32_t i = 0; i < count && i < MAX_PARTS; i++) {
    uint32_t part = list + i * WASI_IOVEC_SIZE;
    uint32_t size = load(event, part + 4, 4);
    uint32_t shown = size < filled ? size : filled;
    put(line, i == 0 ? "{" : ", {");
    put_bytes(line, event, load(event, part, 4), shown, MAX_DATA);
    put(line, ", %u}", size);
    filled -= shown;
  }
  put(line, count > MAX_PARTS ? ", ...], %u" : "], %u", count);
}

static void put_subscriptions(struct line *line, const struct wa_wasi_event *event, uint32_t list,
                              uint32_t count) {
  uint32_t size = event->unstable ? WASI_U_SUBSCRIPTION_SIZE : WASI_SUBSCRIPTION_SIZE;
  uint32_t timeout = event->unstable ? WASI_U_SUBSCRIPTION_TIMEOUT : WASI_SUBSCRIPTION_TIMEOUT;
  uint32_t clock = event->unstable ? WASI_U_SUBSCRIPTION_CLOCK_ID : WASI_SUBSCRIPTION_CLOCK_ID;
  uint32_t flags = event->unstable ? WASI_U_SUBSCRIPTION_FLAGS : WASI_SUBSCRIPTION_FLAGS;
  put(line, "[");
  for (uint32_t i = 0; i < count && i < MAX_PARTS; i++) {
    uint32_t one = list + i * size;
    uint32_t kind = load(event, one + WASI_SUBSCRIPTION_TAG, 1);
    put(line, i == 0 ? "{" : ", {");
    put_named(line, kind, events);
    if (kind == WASI_EVENT_CLOCK) {
      put(line, " ");
      put_named(line, load(event, one + clock, 4), clocks);
      put(line, " %lluns%s", (unsigned long long)load64(event, one + timeout),
          (load(event, one + flags, 2) & WASI_SUBCLOCK_ABSTIME) != 0 ? " ABSTIME" : "");
    } else {
      put(line, " %u", load(event, one + WASI_SUBSCRIPTION_FD, 4));
    }
    put(line, "}");
  }
  put(line, count > MAX_PARTS ? ", ...], %u" : "], %u", count);
}

// ---- Records that a call filled ----

static void put_fdstat(struct line *line, const struct wa_wasi_event *event, uint32_t address) {
  put(line, "{");
  put_named(line, load(event, address, 1), filetypes);
  put(line, ", flags ");
  put_flags(line, load(event, address + WASI_FDSTAT_FLAGS, 2), fdflags);
  put(line, ", rights 0x%llx, inheriting 0x%llx}",
      (unsigned long long)load64(event, address + WASI_FDSTAT_RIGHTS_BASE),
      (unsigned long long)load64(event, address + WASI_FDSTAT_RIGHTS_INHERITING));
}

static void put_filestat(struct line *line, const struct wa_wasi_event *event, uint32_t address) {
  uint32_t size = event->unstable ? WASI_U_FILESTAT_FILE_SIZE : WASI_FILESTAT_FILE_SIZE;
  put(line, "{");
  put_named(line, load(event, address + WASI_FILESTAT_TYPE, 1), filetypes);
  put(line, ", size %llu}", (unsigned long long)load64(event, address + size));
}

// ---- Calls ----

// How arguments are shown, a letter for each; some take two or three. Capital letters of those that
// have both are 64 bits wide.
//   f descriptor  d D number  I with a sign  x as it is  s path (pointer, size)
//   v buffers to write  r buffers to read into  b buffer to read into (pointer, size)
//   p subscriptions (pointer, pointer, count)
//   R rights  F fdflags  C oflags  L lookupflags  M fstflags  c clock  w whence  A advice
// and what is known only afterwards, through a pointer:
//   o O number  h number of 16 bits  S fdstat  Z filestat  P prestat  n name (pointer, size)
static const struct {
  const char *name;
  const char *arguments;
} calls[] = {
    {"args_get", "xx"},
    {"args_sizes_get", "oo"},
    {"environ_get", "xx"},
    {"environ_sizes_get", "oo"},
    {"clock_res_get", "cO"},
    {"clock_time_get", "cDO"},
    {"fd_advise", "fDDA"},
    {"fd_allocate", "fDD"},
    {"fd_close", "f"},
    {"fd_datasync", "f"},
    {"fd_fdstat_get", "fS"},
    {"fd_fdstat_set_flags", "fF"},
    {"fd_fdstat_set_rights", "fRR"},
    {"fd_filestat_get", "fZ"},
    {"fd_filestat_set_size", "fD"},
    {"fd_filestat_set_times", "fDDM"},
    {"fd_pread", "frDo"},
    {"fd_prestat_get", "fP"},
    {"fd_prestat_dir_name", "fn"},
    {"fd_pwrite", "fvDo"},
    {"fd_read", "fro"},
    {"fd_readdir", "fxdDo"},
    {"fd_renumber", "ff"},
    {"fd_seek", "fIwO"},
    {"fd_sync", "f"},
    {"fd_tell", "fO"},
    {"fd_write", "fvo"},
    {"path_create_directory", "fs"},
    {"path_filestat_get", "fLsZ"},
    {"path_filestat_set_times", "fLsDDM"},
    {"path_link", "fLsfs"},
    {"path_open", "fLsCRRFo"},
    {"path_readlink", "fsbo"},
    {"path_remove_directory", "fs"},
    {"path_rename", "fsfs"},
    {"path_symlink", "sfs"},
    {"path_unlink_file", "fs"},
    {"poll_oneoff", "po"},
    {"proc_exit", "d"},
    {"proc_raise", "d"},
    {"sched_yield", ""},
    {"random_get", "xd"},
    {"sock_accept", "fFo"},
    {"sock_recv", "frxoh"},
    {"sock_send", "fvxo"},
    {"sock_shutdown", "fx"},
    {"thread-spawn", "x"},
};

static const char *arguments_of(const char *name) {
  for (size_t i = 0; i < sizeof calls / sizeof *calls; i++) {
    if (strcmp(calls[i].name, name) == 0) {
      return calls[i].arguments;
    }
  }
  return "";
}

static size_t cells_of(char letter) {
  return letter == 'p' ? 3 : letter != '\0' && strchr("svrbn", letter) != NULL ? 2 : 1;
}

// Known only when the call succeeded.
static bool is_result(char letter) {
  return letter != '\0' && strchr("oOhSZPn", letter) != NULL;
}

// What a call says that it moved: where its first `o` points.
static uint32_t transferred(const struct wa_wasi_event *event, const char *arguments) {
  const union wa_cell *cell = event->args;
  for (; *arguments != '\0'; cell += cells_of(*arguments++)) {
    if (*arguments == 'o') {
      return load(event, cell->u32, 4);
    }
  }
  return 0;
}

static void put_argument(struct line *line, const struct wa_wasi_event *event, char letter,
                         const union wa_cell *cell, uint32_t moved) {
  switch (letter) {
  case 'f':
  case 'd':
    put(line, "%u", cell->u32);
    break;
  case 'D':
    put(line, "%llu", (unsigned long long)cell->u64);
    break;
  case 'I':
    put(line, "%lld", (long long)cell->i64);
    break;
  case 's':
    put_bytes(line, event, cell[0].u32, cell[1].u32, MAX_PATH);
    break;
  case 'v':
    put_buffers(line, event, cell[0].u32, cell[1].u32, UINT32_MAX);
    break;
  case 'r':
    put_buffers(line, event, cell[0].u32, cell[1].u32, moved);
    break;
  case 'b':
    put_bytes(line, event, cell[0].u32, moved, MAX_PATH);
    put(line, ", %u", cell[1].u32);
    break;
  case 'p':
    put_subscriptions(line, event, cell[0].u32, cell[2].u32);
    break;
  case 'R':
    put_flags(line, cell->u64, rights);
    break;
  case 'F':
    put_flags(line, cell->u32, fdflags);
    break;
  case 'C':
    put_flags(line, cell->u32, oflags);
    break;
  case 'L':
    put_flags(line, cell->u32, lookupflags);
    break;
  case 'M':
    put_flags(line, cell->u32, fstflags);
    break;
  case 'c':
    put_named(line, cell->u32, clocks);
    break;
  case 'w':
    put_named(line, cell->u32, event->unstable ? unstable_whences : whences);
    break;
  case 'A':
    put_named(line, cell->u32, advices);
    break;
  default:
    put(line, "0x%x", cell->u32);
    break;
  }
}

static void put_result(struct line *line, const struct wa_wasi_event *event, char letter,
                       const union wa_cell *cell) {
  uint32_t address = cell->u32;
  switch (letter) {
  case 'o':
    put(line, "%u", load(event, address, 4));
    break;
  case 'O':
    put(line, "%llu", (unsigned long long)load64(event, address));
    break;
  case 'h':
    put(line, "%u", load(event, address, 2));
    break;
  case 'S':
    put_fdstat(line, event, address);
    break;
  case 'Z':
    put_filestat(line, event, address);
    break;
  case 'P':
    put(line, "{DIRECTORY, %u}", load(event, address + WASI_PRESTAT_NAME_LEN, 4));
    break;
  default:
    put_bytes(line, event, cell[0].u32, cell[1].u32, MAX_PATH);
    break;
  }
}

static void put_arguments(struct line *line, const struct wa_wasi_event *event,
                          const char *arguments, uint32_t moved) {
  const union wa_cell *cell = event->args;
  const char *between = "";
  put(line, "%s(", event->name);
  for (; *arguments != '\0'; cell += cells_of(*arguments++)) {
    if (!is_result(*arguments)) {
      put(line, "%s", between);
      put_argument(line, event, *arguments, cell, moved);
      between = ", ";
    }
  }
  put(line, ")");
}

static void put_results(struct line *line, const struct wa_wasi_event *event,
                        const char *arguments) {
  const union wa_cell *cell = event->args;
  for (; *arguments != '\0'; cell += cells_of(*arguments++)) {
    if (is_result(*arguments)) {
      put(line, " ");
      put_result(line, event, *arguments, cell);
    }
  }
}

static void put_end(struct line *line, const struct wa_wasi_event *event, const char *arguments) {
  uint32_t result = (uint32_t)event->result;
  if (event->ended) {
    put(line, " = ?");
  } else if (strcmp(event->name, "thread-spawn") == 0 && event->result > 0) {
    put(line, " = thread %d", event->result);
  } else {
    result = event->result < 0 ? 0 - result : result; // thread-spawn negates it
    bool known = result < sizeof errnos / sizeof *errnos;
    put(line, known ? " = %s" : " = errno", known ? errnos[result] : "");
    if (result == WASI_ESUCCESS) {
      put_results(line, event, arguments);
    }
  }
}

static uint64_t now(void) {
  struct timespec time;
  (void)clock_gettime(CLOCK_MONOTONIC, &time);
  return (uint64_t)time.tv_sec * 1000000000 + (uint64_t)time.tv_nsec;
}

static void put_time(struct line *line, uint64_t nanoseconds) {
  put(line, "%llu.%06llu", (unsigned long long)(nanoseconds / 1000000000),
      (unsigned long long)(nanoseconds / 1000 % 1000000));
}

void wa_trace_call(void *arg, struct wa_wasi_event *event, bool done) {
  const struct wa_trace *trace = arg;
  // A program that exits does so in the call: nothing may come afterwards.
  bool last = strcmp(event->name, "proc_exit") == 0;
  if (!done) {
    event->start = now();
  }
  if (done == last) {
    return;
  }
  struct line line = {.used = 0};
  const char *arguments = arguments_of(event->name);
  bool moved = !event->ended && event->result == WASI_ESUCCESS;
  put(&line, "%d ", event->tid);
  put_time(&line, event->start - trace->start);
  put(&line, " ");
  event->ended |= last;
  put_arguments(&line, event, arguments, moved ? transferred(event, arguments) : 0);
  put_end(&line, event, arguments);
  if (!last) {
    put(&line, " <");
    put_time(&line, now() - event->start);
    put(&line, ">");
  }
  line.text[line.used++] = '\n';
  int error = errno;
  ssize_t written = write(trace->file, line.text, line.used);
  (void)written; // a trace that cannot be written is no reason to end a program
  errno = error;
}

bool wa_trace_init(struct wa_trace *trace, const char *path, struct wa_error *err) {
  *trace = (struct wa_trace){.file = -1, .start = now()};
  if (path == NULL) {
    return true;
  }
  trace->file = path[0] == '\0'
                    ? fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3)
                    : open(path, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0666);
  return trace->file >= 0 || wa_fail(err, WA_ERROR_SYSTEM, WA_NO_OFFSET,
                                     "--trace-wasi: cannot write '%s': %s", path, strerror(errno));
}

void wa_trace_deinit(struct wa_trace *trace) {
  if (trace->file >= 0) {
    (void)close(trace->file);
  }
}

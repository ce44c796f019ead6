#include "cli/supervise.h"

#include "cli/file.h"
#include "include/wa_clock.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

// How often memory is looked at: an instant of one thread's allocating.
enum { SAMPLE_MS = 5 };

// What the compiling process leaves in the file `result`, before the object.
struct outcome {
  bool done;
  struct wa_error err;
  struct wa_timings timings;
  size_t object_size;
};

struct supervision {
  const struct wa_compile_options *options;
  int result;   // file for the outcome
  int messages; // file for what goes to the standard error, or -1
  int alive;    // readable, at its end, when the process is gone
  pid_t process;
  uint64_t memory; // bytes that are not of files, more than which end it; UINT64_MAX: any number
  uint64_t deadline;
};

static uint64_t sum(uint64_t a, uint64_t b) {
  uint64_t result;
  return __builtin_add_overflow(a, b, &result) ? UINT64_MAX : result;
}

// Numbers of /proc/PID/statm, in bytes: resident memory without that of files, and data. Zeros when
// it cannot be read, as of a process that is gone.
struct usage {
  uint64_t resident;
  uint64_t data;
};

static struct usage usage_of(pid_t process) {
  char path[64], text[128];
  (void)snprintf(path, sizeof path, "/proc/%ld/statm", (long)process);
  int file = open(path, O_RDONLY | O_CLOEXEC);
  ssize_t size = file < 0 ? -1 : read(file, text, sizeof text - 1);
  if (file >= 0) {
    (void)close(file);
  }
  text[size > 0 ? size : 0] = '\0';
  uint64_t numbers[6] = {0}; // size, resident, shared, text, 0, data: in pages
  char *at = text;
  for (int i = 0; i < 6; i++) {
    numbers[i] = strtoull(at, &at, 10);
  }
  uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);
  return (struct usage){.resident = (numbers[1] - numbers[2]) * page, .data = numbers[5] * page};
}

// ---- The process that compiles ----

// The system's own limit holds also when the other process gets no processor to look: room for the
// stacks of the compiler's threads, which it counts whole, is added.
static void limit_data(const struct wa_compile_options *options) {
  struct rlimit limit;
  long processors = sysconf(_SC_NPROCESSORS_ONLN);
  uint64_t jobs = options->jobs != 0 ? options->jobs : processors > 0 ? (uint64_t)processors : 1;
  uint64_t most =
      sum(sum(usage_of(getpid()).data, options->max_memory), (jobs + 1) * WA_COMPILE_WORKER_STACK);
  if (getrlimit(RLIMIT_DATA, &limit) == 0 && most < limit.rlim_cur) {
    limit.rlim_cur = most;
    (void)setrlimit(RLIMIT_DATA, &limit);
  }
  // Where that makes LLVM abort, nobody wants the core.
  limit = (struct rlimit){0, 0};
  (void)setrlimit(RLIMIT_CORE, &limit);
}

static _Noreturn void compile_here(const struct supervision *supervision,
                                   const struct wa_compiler_api *api,
                                   const struct wa_module *module, pid_t parent) {
  // It does not outlive who waits for it.
  (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent ||
      (supervision->messages >= 0 && dup2(supervision->messages, STDERR_FILENO) < 0)) {
    _exit(EXIT_FAILURE);
  }
  if (supervision->options->max_memory != 0) {
    limit_data(supervision->options);
  }
  struct outcome outcome = {.done = false};
  struct wa_compile_options options = *supervision->options;
  struct wa_buffer object;
  wa_error_clear(&outcome.err);
  options.timings = &outcome.timings;
  outcome.done = api->compile(module, &options, &object, &outcome.err);
  outcome.object_size = outcome.done ? object.size : 0;
  bool written = wa_write_all(supervision->result, &outcome, sizeof outcome) &&
                 wa_write_all(supervision->result, object.data, outcome.object_size);
  _exit(written ? EXIT_SUCCESS : EXIT_FAILURE);
}

// ---- The process that waits ----

static bool out_of_memory(const struct supervision *supervision, struct wa_error *err) {
  return wa_fail(err, WA_ERROR_SYSTEM, WA_NO_OFFSET,
                 "compiling took more memory than the %" PRIu64 " bytes that it may",
                 supervision->options->max_memory);
}

static bool within_limits(const struct supervision *supervision, struct wa_error *err) {
  if (wa_clock_now() >= supervision->deadline) {
    return wa_fail(err, WA_ERROR_SYSTEM, WA_NO_OFFSET, "compiling took longer than it may");
  }
  return supervision->memory == UINT64_MAX ||
         usage_of(supervision->process).resident <= supervision->memory ||
         out_of_memory(supervision, err);
}

static int pause_ms(const struct supervision *supervision) {
  uint64_t time = wa_clock_now();
  uint64_t left = supervision->deadline > time ? supervision->deadline - time : 0;
  uint64_t most = supervision->memory != UINT64_MAX ? SAMPLE_MS : 60000;
  uint64_t wanted = left / 1000000 + 1;
  return (int)(wanted < most ? wanted : most);
}

// Until the process is gone, by itself or for what it took. False, with err, for the latter.
static bool watch(const struct supervision *supervision, int *status, struct wa_error *err) {
  bool fine = true, gone = false;
  struct pollfd end = {.fd = supervision->alive, .events = POLLIN};
  while (fine && !gone) {
    int polled = poll(&end, 1, pause_ms(supervision));
    gone = polled > 0;
    if (polled < 0 && errno != EINTR) {
      fine = wa_fail(err, WA_ERROR_SYSTEM, WA_NO_OFFSET, "cannot wait for the compiler: %s",
                     strerror(errno));
    } else if (!gone) {
      fine = within_limits(supervision, err);
    }
  }
  if (!gone) {
    (void)kill(supervision->process, SIGKILL);
  }
  while (waitpid(supervision->process, status, 0) < 0 && errno == EINTR) {
  }
  return fine;
}

static bool read_all(int file, void *bytes, size_t size, off_t at) {
  char *to = bytes;
  while (size > 0) {
    ssize_t got = pread(file, to, size, at);
    if (got == 0 || (got < 0 && errno != EINTR)) {
      return false;
    }
    to += got > 0 ? got : 0;
    at += got > 0 ? got : 0;
    size -= got > 0 ? (size_t)got : 0;
  }
  return true;
}

static void show_messages(int file) {
  char text[4096];
  ssize_t size;
  off_t at = 0;
  while ((size = pread(file, text, sizeof text, at)) > 0) {
    (void)fwrite(text, 1, (size_t)size, stderr);
    at += size;
  }
}

static bool take_object(const struct supervision *supervision, const struct outcome *outcome,
                        struct wa_buffer *object, struct wa_error *err) {
  object->data = malloc(outcome->object_size + 1);
  object->size = outcome->object_size;
  if (object->data != NULL &&
      read_all(supervision->result, object->data, object->size, sizeof *outcome)) {
    return true;
  }
  free(object->data);
  *object = (struct wa_buffer){.data = NULL};
  return wa_fail(err, WA_ERROR_SYSTEM, WA_NO_OFFSET, "out of memory");
}

// What a process that ended by itself has left.
static bool take_outcome(const struct supervision *supervision, int status,
                         struct wa_buffer *object, struct wa_error *err) {
  struct outcome outcome;
  bool limited = supervision->options->max_memory != 0;
  if (limited && WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT) {
    return out_of_memory(supervision, err); // so LLVM ends when it gets none
  }
  if (supervision->messages >= 0) {
    show_messages(supervision->messages);
  }
  if (WIFSIGNALED(status)) {
    return wa_fail(err, WA_ERROR_SYSTEM, WA_NO_OFFSET, "the compiler was ended by signal %d (%s)",
                   WTERMSIG(status), strsignal(WTERMSIG(status)));
  }
  if (WEXITSTATUS(status) != EXIT_SUCCESS ||
      !read_all(supervision->result, &outcome, sizeof outcome, 0)) {
    return wa_fail(err, WA_ERROR_SYSTEM, WA_NO_OFFSET, "the compiler left no result");
  }
  if (!outcome.done) {
    *err = outcome.err;
    return limited && strcmp(err->message, "out of memory") == 0 ? out_of_memory(supervision, err)
                                                                 : false;
  }
  if (supervision->options->timings != NULL) {
    *supervision->options->timings = outcome.timings;
  }
  return take_object(supervision, &outcome, object, err);
}

static bool open_files(struct supervision *supervision, int ends[2]) {
  supervision->result = memfd_create("wasmaot-object", MFD_CLOEXEC);
  if (supervision->options->progress == NULL) {
    supervision->messages = memfd_create("wasmaot-messages", MFD_CLOEXEC);
  }
  return supervision->result >= 0 &&
         (supervision->options->progress != NULL || supervision->messages >= 0) &&
         pipe2(ends, O_CLOEXEC) == 0;
}

static void close_file(int file) {
  if (file >= 0) {
    (void)close(file);
  }
}

bool wa_compile_supervised(const struct wa_compiler_api *api, const struct wa_module *module,
                           const struct wa_compile_options *options, struct wa_buffer *object,
                           struct wa_error *err) {
  struct supervision supervision = {.options = options, .result = -1, .messages = -1, .alive = -1};
  int ends[2] = {-1, -1};
  bool done = false;
  *object = (struct wa_buffer){.data = NULL};
  uint64_t resident = usage_of(getpid()).resident;
  supervision.memory = options->max_memory == 0 ? UINT64_MAX : sum(resident, options->max_memory);
  supervision.deadline =
      options->max_time == 0 ? UINT64_MAX : sum(wa_clock_now(), options->max_time);
  pid_t self = getpid();
  (void)fflush(stdout);
  supervision.process = open_files(&supervision, ends) ? fork() : -1;
  if (supervision.process == 0) {
    (void)close(ends[0]);
    compile_here(&supervision, api, module, self);
  }
  supervision.alive = ends[0];
  close_file(ends[1]);
  if (supervision.process < 0) {
    (void)wa_fail(err, WA_ERROR_SYSTEM, WA_NO_OFFSET, "cannot start a process to compile in: %s",
                  strerror(errno));
  } else {
    int status;
    done = watch(&supervision, &status, err) && take_outcome(&supervision, status, object, err);
  }
  close_file(supervision.alive);
  close_file(supervision.messages);
  close_file(supervision.result);
  return done;
}

// termination OBJECT [-n RUNS] [-s STATE] [--bench]: runs the guest `states` in every state and
// ends it in every way, at random moments; each must end as it should, within two seconds, with
// every thread gone. With --bench it prints how long that took: a row per state, median and maximum
// in milliseconds.
#include "loader/loader.h"
#include "wasi/wasi.h"

#include <dirent.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

enum { MAX_RUNS = 100000, LIMIT_MS = 2000, BUSY_US = 2000 };

static const char *const states[] = {
    "wait",
    "wait-hour",
    "wait-20us",
    "poll",
    "poll-20us",
    "read",
    "accept",
    "yield",
    "host",
    "spawn",
#ifndef __SANITIZE_THREAD__
    // ThreadSanitizer holds signals back until the thread calls into the C library.
    "spin",
    "atomics",
    "fill",
    "copy",
    "grow",
#endif
};
enum { STATES = sizeof states / sizeof states[0] };

enum way { THREAD_TRAPS, THREAD_EXITS, MAIN_EXITS, HOST_STOPS, TIME_IS_UP, WAYS };
static const char *const way_names[WAYS] = {"trap in a thread", "proc_exit in a thread",
                                            "proc_exit in main", "host stop", "timeout"};

// As in states.c.
enum { GO_ON, TRAP, EXIT };

static struct wa_artifact *artifact;
static int input[2];
static int listener;

struct run {
  const char *state;
  enum way way;
  uint64_t delay; // nanoseconds between the moment all are busy and the end
  struct wa_group *group;
  int64_t busy_at;
  int64_t end_at; // when the end was asked for
  pthread_t stopper;
};

static int64_t now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

static void nap(uint64_t nanoseconds) {
  struct timespec time = {(time_t)(nanoseconds / 1000000000), (long)(nanoseconds % 1000000000)};
  nanosleep(&time, NULL);
}

static void die(const char *what, const char *why) {
  (void)fprintf(stderr, "termination: %s: %s\n", what, why);
  exit(EXIT_FAILURE);
}

// ---- The guest's module "host" ----

static bool busy(const struct wa_host_call *call, union wa_cell *cells) {
  (void)call;
  // Not to be interrupted, like code that knows nothing of us.
  int64_t end = now() + BUSY_US * 1000;
  while (now() < end) {
  }
  cells[0].u64 = 0;
  return true;
}

static void *stop_group(void *arg) {
  struct run *run = arg;
  nap(run->delay);
  run->end_at = now();
  wa_group_stop(run->group, NULL);
  return NULL;
}

static bool ready(const struct wa_host_call *call, union wa_cell *cells) {
  struct run *run = call->env;
  run->busy_at = now();
  cells[0].u64 = run->way == MAIN_EXITS;
  if (run->way == HOST_STOPS && pthread_create(&run->stopper, NULL, stop_group, run) != 0) {
    die("host stop", "no thread");
  }
  return true;
}

static bool verdict(const struct wa_host_call *call, union wa_cell *cells) {
  struct run *run = call->env;
  cells[0].u64 = GO_ON;
  if (run->way == THREAD_TRAPS || run->way == THREAD_EXITS || run->way == MAIN_EXITS) {
    nap(run->delay);
    cells[0].u64 = run->way == THREAD_TRAPS ? TRAP : EXIT;
    run->end_at = now();
  }
  return true;
}

// ---- One run ----

static bool body(struct wa_instance *instance, void *arg, struct wa_trap *trap) {
  union wa_cell none;
  (void)arg;
  return wa_func_call(wa_wasi_entry(instance, "_start"), &none, trap);
}

static struct wa_wasi *make_wasi(const struct run *run, struct wa_error *err) {
  const char *args[] = {"states", run->state};
  const struct wa_wasi_config config = {
      .args = args,
      .arg_count = 2,
      .stdio = {input[0], STDERR_FILENO, listener},
  };
  return wa_wasi_new(&config, err);
}

static bool define(struct run *run, struct wa_store *store, struct wa_wasi *wasi,
                   struct wa_linker *linker, struct wa_error *err) {
  return wa_wasi_define(wasi, linker, artifact, err) &&
         wa_wasi_define_memories(store, artifact, linker, err) &&
         wa_linker_define_func(linker, "host", "busy", ":i", busy, run, err) &&
         wa_linker_define_func(linker, "host", "ready", ":i", ready, run, err) &&
         wa_linker_define_func(linker, "host", "verdict", ":i", verdict, run, err);
}

static bool ended_right(const struct run *run, const struct wa_trap *trap) {
  switch (run->way) {
  case THREAD_TRAPS:
    return !trap->exited && trap->code == WA_TRAP_INTEGER_DIVIDE_BY_ZERO &&
           strstr(trap->message, "(in thread ") != NULL;
  case THREAD_EXITS:
  case MAIN_EXITS:
    return trap->exited && trap->exit_status == 9;
  case HOST_STOPS:
    return trap->code == WA_TRAP_INTERRUPTED;
  default:
    return trap->code == WA_TRAP_TIMEOUT;
  }
}

// How long the end took in milliseconds.
static double measure(struct run *run) {
  struct wa_error err;
  struct wa_trap trap;
  // The guest needs a moment to be busy; what is measured is the time beyond this one.
  const uint64_t timeout = 20000000 + run->delay;
  const struct wa_group_options options = {.timeout = run->way == TIME_IS_UP ? timeout : 0};
  wa_error_clear(&err);
  struct wa_wasi *wasi = make_wasi(run, &err);
  struct wa_store *store = wa_store_new(NULL);
  struct wa_linker *linker = wa_linker_new(store);
  run->group = wa_group_new(&options, &err);
  if (wasi == NULL || run->group == NULL || !define(run, store, wasi, linker, &err)) {
    die("setup", err.message);
  }
  int64_t start = now();
  enum wa_wasi_outcome outcome =
      wa_wasi_run(run->group, store, artifact, linker, NULL, body, NULL, &trap, &err);
  int64_t end = now();
  if (run->way == TIME_IS_UP) {
    run->end_at = start + (int64_t)timeout;
  }
  if (outcome != WA_WASI_TRAPPED || !ended_right(run, &trap)) {
    (void)fprintf(stderr, "%s, %s: ", run->state, way_names[run->way]);
    die("ended wrongly", outcome == WA_WASI_TRAPPED ? trap.message : "returned");
  }
  if (run->way == HOST_STOPS) {
    pthread_join(run->stopper, NULL);
  }
  wa_group_free(run->group);
  wa_linker_free(linker);
  wa_store_free(store);
  wa_wasi_free(wasi);
  return (double)(end - run->end_at) / 1e6;
}

static int count_entries(const char *path) {
  DIR *directory = opendir(path);
  int count = 0;
  while (directory != NULL && readdir(directory) != NULL) {
    count++;
  }
  if (directory != NULL) {
    closedir(directory);
  }
  return count;
}

// A thread that was joined may be listed for a moment longer.
static bool comes_down_to(const char *path, int count) {
  int64_t end = now() + 1000000000;
  while (count_entries(path) > count && now() < end) {
    nap(1000000);
  }
  return count_entries(path) == count;
}

// ---- All of them ----

static int compare(const void *a, const void *b) {
  double x = *(const double *)a;
  double y = *(const double *)b;
  return (x > y) - (x < y);
}

static double times[MAX_RUNS];

static void run_cell(const char *state, enum way way, int runs, bool bench) {
  for (int i = 0; i < runs; i++) {
    struct run run = {.state = state, .way = way, .delay = (uint64_t)(rand() % 1000000)};
    times[i] = measure(&run);
    if (times[i] > (double)LIMIT_MS) {
      die(state, "took too long to end");
    }
  }
  if (bench) {
    qsort(times, (size_t)runs, sizeof times[0], compare);
    printf(" | %.2f / %.2f", times[runs / 2], times[runs - 1]);
    (void)fflush(stdout);
  }
}

static void run_all(const char *only, int runs, bool bench) {
  if (bench) {
    printf("| state");
    for (int way = 0; way < WAYS; way++) {
      printf(" | %s", way_names[way]);
    }
    printf(" |\n|---|---|---|---|---|---|\n");
  }
  for (size_t i = 0; i < STATES; i++) {
    if (only != NULL && strcmp(only, states[i]) != 0) {
      continue;
    }
    if (bench) {
      printf("| %s", states[i]);
    }
    for (int way = 0; way < WAYS; way++) {
      run_cell(states[i], (enum way)way, runs, bench);
    }
    printf("%s", bench ? " |\n" : "");
  }
}

int main(int argc, char **argv) {
  struct wa_error err;
  const char *only = NULL;
  int runs = 3;
  bool bench = false;
  for (int i = 2; i < argc; i++) {
    if (strcmp(argv[i], "--bench") == 0) {
      bench = true;
    } else if (strcmp(argv[i], "-n") == 0 && i + 1 < argc) {
      runs = atoi(argv[++i]);
    } else if (strcmp(argv[i], "-s") == 0 && i + 1 < argc) {
      only = argv[++i];
    }
  }
  if (argc < 2 || runs < 1 || runs > MAX_RUNS) {
    die("usage", "termination OBJECT [-n RUNS] [-s STATE] [--bench]");
  }
  artifact = wa_artifact_load_file(argv[1], NULL, &err);
  if (artifact == NULL) {
    die(argv[1], err.message);
  }
  listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  struct sockaddr_un address = {.sun_family = AF_UNIX}; // an abstract name of the kernel's choice
  if (pipe(input) != 0 || listener < 0 ||
      bind(listener, (struct sockaddr *)&address, sizeof address.sun_family) != 0 ||
      listen(listener, 1) != 0) {
    die("setup", "no pipe or socket");
  }
  // The first run starts what the process keeps, such as a sanitizer's own thread.
  run_cell(states[0], HOST_STOPS, 1, false);
  int files = count_entries("/proc/self/fd");
  int threads = count_entries("/proc/self/task");
  run_all(only, runs, bench);
  if (!comes_down_to("/proc/self/task", threads) || !comes_down_to("/proc/self/fd", files)) {
    die("leak", "threads or descriptors are left");
  }
  wa_artifact_release(artifact);
  return EXIT_SUCCESS;
}

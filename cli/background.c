#include "cli/background.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

// Where the module came from, to see when it is another one.
struct origin {
  char *path; // absolute; NULL: nothing to look at
  struct stat status;
};

static void origin_init(struct origin *origin, const char *path) {
  *origin = (struct origin){.path = path == NULL ? NULL : realpath(path, NULL)};
  if (origin->path != NULL && stat(origin->path, &origin->status) != 0) {
    free(origin->path);
    origin->path = NULL;
  }
}

static bool is_still(const struct origin *origin) {
  const struct stat *then = &origin->status;
  struct stat now;
  return origin->path == NULL || (stat(origin->path, &now) == 0 && now.st_dev == then->st_dev &&
                                  now.st_ino == then->st_ino && now.st_size == then->st_size &&
                                  now.st_mtim.tv_sec == then->st_mtim.tv_sec &&
                                  now.st_mtim.tv_nsec == then->st_mtim.tv_nsec);
}

// LLVM cannot be interrupted, but the process can end at any moment: an entry of the cache is there
// as a whole or not at all.
static void *watch(void *arg) {
  const struct timespec pause = {.tv_nsec = 100 * 1000 * 1000};
  while (is_still(arg)) {
    (void)nanosleep(&pause, NULL);
  }
  _exit(EXIT_SUCCESS);
}

static void start_watching(struct origin *origin) {
  pthread_t thread;
  if (origin->path != NULL && pthread_create(&thread, NULL, watch, origin) == 0) {
    (void)pthread_detach(thread);
  }
}

// Before Linux 5.9 they stay open: sockets that were handed to the program, at most.
static void close_from(unsigned first) {
#ifdef SYS_close_range
  (void)syscall(SYS_close_range, first, ~0u, 0);
#else
  (void)first;
#endif
}

// Whoever waits for the end of the program's output, or unmounts its directory, is not to wait for
// this process.
static bool let_go(struct wa_cache *cache) {
  int null = open("/dev/null", O_RDWR);
  if (setsid() < 0 || null < 0) {
    return false;
  }
  for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
    (void)dup2(null, fd);
  }
  int kept = dup2(cache->directory, STDERR_FILENO + 1);
  if (kept < 0 || chdir("/") != 0) {
    return false;
  }
  cache->directory = kept;
  close_from((unsigned)kept + 1);
  return true;
}

static bool compile(const struct wa_background_job *job, const struct wa_cache *cache) {
  const struct wa_compiler_api *api = NULL;
  struct wa_translate_options options = *job->options;
  struct wa_buffer object;
  struct wa_error err;
  wa_error_clear(&err);
  options.progress = WA_PROGRESS_NEVER;
  options.timings = false;
  options.pieces = options.pieces == NULL ? NULL : cache;
  options.max_time = 0; // that is the program's
  uint64_t start = wa_processor_time();
  if (!wa_translate_bytes(job->path != NULL ? job->path : "-", job->module, &options, &api, &object,
                          &err)) {
    return false;
  }
  bool kept = wa_cache_store(cache, job->key, &object, wa_processor_time() - start);
  api->buffer_free(&object);
  return kept;
}

// Where the scheduler shares the processors among sessions first (sched_autogroup), the priority
// counts within this process's own alone; the session's is asked for by a file. 10 leaves a tenth
// of a processor where the others have enough to do.
static void step_back(void) {
  static const char low[] = "10";
  int file = open("/proc/self/autogroup", O_WRONLY | O_CLOEXEC);
  (void)setpriority(PRIO_PROCESS, 0, 19);
  if (file >= 0) {
    (void)!write(file, low, sizeof low - 1);
    (void)close(file);
  }
}

// The process itself.
static void work(const struct wa_background_job *job) {
  struct origin origin;
  struct wa_cache cache = *job->cache;
  origin_init(&origin, job->path);
  if (!let_go(&cache)) {
    return;
  }
  step_back();
  start_watching(&origin);
  if (!wa_cache_take_turn(&cache, job->key)) {
    return;
  }
  if (compile(job, &cache)) {
    wa_cache_remove(&cache, job->instead);
  }
}

void wa_background_compile(const struct wa_background_job *job) {
  pid_t child = fork();
  if (child == 0) {
    (void)prctl(PR_SET_NAME, "wasmaot-cache");
    // Its own child is nobody's to wait for.
    if (fork() == 0) {
      work(job);
    }
    _exit(EXIT_SUCCESS);
  }
  while (child > 0 && waitpid(child, NULL, 0) < 0 && errno == EINTR) {
  }
}

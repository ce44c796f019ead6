#include "tests/spec/runner.h"

#include "tests/spec/script.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

enum { EXIT_UNREADABLE = 3 };

// ---- In the child ----

static char *read_file(const char *path, size_t *size) {
  char *text = NULL;
  FILE *file = fopen(path, "rb");
  if (!file) {
    return NULL;
  }
  long end = fseek(file, 0, SEEK_END) == 0 ? ftell(file) : -1;
  if (end >= 0 && fseek(file, 0, SEEK_SET) == 0) {
    *size = (size_t)end;
    text = malloc(*size + 1);
    if (text && fread(text, 1, *size, file) != *size) {
      free(text);
      text = NULL;
    }
    if (text) {
      text[*size] = '\0'; // strtoul stops there
    }
  }
  (void)fclose(file);
  return text;
}

// Two threads race in these on purpose: one run shows little.
static bool is_litmus(const char *name) {
  return strncmp(name, "LB", 2) == 0 || strncmp(name, "MP", 2) == 0 || strncmp(name, "SB", 2) == 0;
}

// Runs the script as often as asked; the tally kept is that of the worst run.
static void run_script(const struct node *commands, const struct spec_file *file,
                       const struct run_options *options) {
  struct spec_options spec = options->spec;
  // The proposal's scripts want a second memory refused.
  if (strcmp(file->folder, "threads") == 0) {
    spec.features_off = WA_FEATURE_MULTI_MEMORY;
  }
  unsigned times = is_litmus(file->name) ? options->repeat : 1;
  struct tally worst = *file->tally;
  for (unsigned i = 0; i < times; i++) {
    *file->tally = (struct tally){.total = worst.total};
    struct report report;
    report_init(&report, file->tally, file->name, options->verbose);
    script_run(commands, &spec, &report);
    report_deinit(&report);
    if (i == 0 || file->tally->failed > worst.failed) {
      worst = *file->tally;
    }
  }
  *file->tally = worst;
}

static int child_main(const struct spec_file *file, const struct run_options *options) {
  struct wa_arena arena;
  size_t size;
  unsigned line;
  int status = EXIT_UNREADABLE;
  wa_arena_init(&arena, 0);
  alarm(options->timeout);
  char *text = read_file(file->path, &size);
  struct node *commands = text ? sexpr_parse(&arena, text, size, &line) : NULL;
  if (commands) {
    file->tally->total = script_count(commands);
    run_script(commands, file, options);
    status = 0;
  } else {
    (void)fprintf(stderr, "%s: not a readable script\n", file->path);
  }
  free(text);
  wa_arena_deinit(&arena);
  return status;
}

// ---- In the parent ----

// What did not happen because the process died has failed.
static void account_for(struct spec_file *file, int status) {
  struct tally *tally = file->tally;
  if (WIFEXITED(status) && WEXITSTATUS(status) == EXIT_UNREADABLE) {
    tally->total = 1;
  }
  unsigned seen = tally->passed + tally->failed + tally->skipped;
  unsigned missing = tally->total > seen ? tally->total - seen : 0;
  tally->failed += missing;
  if (WIFSIGNALED(status) && WTERMSIG(status) == SIGALRM) {
    (void)fprintf(stderr, "%s:%u: timed out; %u commands not reached\n", file->name, tally->line,
                  missing);
  } else if (WIFSIGNALED(status)) {
    (void)fprintf(stderr, "%s:%u: died: %s; %u commands not reached\n", file->name, tally->line,
                  strsignal(WTERMSIG(status)), missing);
  } else if (WEXITSTATUS(status) != 0) {
    (void)fprintf(stderr, "%s: exit status %d; %u commands not reached\n", file->name,
                  WEXITSTATUS(status), missing);
    // A sanitizer's report, for one: never a pass.
    tally->failed += missing == 0;
  }
}

static bool start(struct spec_file *file, const struct run_options *options) {
  (void)fflush(NULL);
  file->pid = fork();
  if (file->pid == 0) {
    exit(child_main(file, options));
  }
  return file->pid > 0;
}

static bool wait_for_one(struct spec_file *files, size_t count) {
  int status;
  pid_t pid = wait(&status);
  for (size_t i = 0; pid > 0 && i < count; i++) {
    if (files[i].pid == pid) {
      account_for(&files[i], status);
    }
  }
  return pid > 0;
}

bool run_files(struct spec_file *files, size_t count, const struct run_options *options) {
  size_t size = (count ? count : 1) * sizeof(struct tally);
  struct tally *tallies =
      mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (tallies == MAP_FAILED) {
    return false;
  }
  unsigned running = 0;
  bool ok = true;
  for (size_t i = 0; i < count; i++) {
    files[i].tally = &tallies[i];
  }
  for (size_t i = 0; i < count && ok; i++) {
    while (running >= options->jobs && wait_for_one(files, count)) {
      running--;
    }
    ok = start(&files[i], options);
    running += ok;
  }
  while (running && wait_for_one(files, count)) {
    running--;
  }
  return ok;
}

#include "cli/link.h"

#include "cli/embed.h"
#include "cli/file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

// ---- Finding the parts ----

struct parts {
  char lld[PATH_MAX];
  char start[2 * PATH_MAX];
  bool pie;
  char libraries[3][PATH_MAX]; // that a shared library needs
};

static bool is_file(const char *path) {
  struct stat status;
  return stat(path, &status) == 0 && S_ISREG(status.st_mode);
}

static bool is_program(const char *path) {
  return is_file(path) && access(path, X_OK) == 0;
}

// `name` in the directories of PATH.
static bool search_path(const char *name, char path[PATH_MAX]) {
  const char *at = getenv("PATH");
  while (at != NULL && *at != '\0') {
    int length = (int)strcspn(at, ":");
    (void)snprintf(path, PATH_MAX, "%.*s/%s", length, at, name);
    if (length > 0 && is_program(path)) {
      return true;
    }
    at += length + (at[length] == ':');
  }
  return false;
}

static bool find_lld(char path[PATH_MAX], struct wa_error *err) {
  static const char *const names[] = {"ld.lld",    "ld.lld-22", "ld.lld-21", "ld.lld-20",
                                      "ld.lld-19", "ld.lld-18", "ld.lld-17", "ld.lld-16"};
  const char *own = secure_getenv("WASMAOT_LLD");
  if (own != NULL) {
    (void)snprintf(path, PATH_MAX, "%s", own);
    return is_program(path) || wa_fail(err, WA_ERROR_SYSTEM, WA_NO_OFFSET,
                                       "WASMAOT_LLD is '%s', which is no program", own);
  }
  // The one that it was built with, when it is there.
  (void)snprintf(path, PATH_MAX, "%s", WASMAOT_LLD_PATH);
  bool found = is_program(path);
  for (size_t i = 0; !found && i < sizeof names / sizeof names[0]; i++) {
    found = search_path(names[i], path);
  }
  return found || wa_fail(err, WA_ERROR_SYSTEM, WA_NO_OFFSET,
                          "linking needs lld, which is not installed; WASMAOT_LLD can name ld.lld");
}

// "x86_64" for NULL or what --target says; the compiler has accepted it.
static void target_of(const char *target, char arch[32], const char **libc) {
  const char *name = target != NULL ? target : WASMAOT_ARCH;
  size_t length = strcspn(name, "-");
  if (length == 5 && strncmp(name, "arm64", 5) == 0) {
    name = "aarch64";
  } else if (length == 5 && strncmp(name, "amd64", 5) == 0) {
    name = "x86_64";
  }
  (void)snprintf(arch, 32, "%.*s", (int)strcspn(name, "-"), name);
  *libc = target != NULL && strstr(target, "musl") != NULL ? "musl" : "gnu";
}

static bool start_in(const char *directory, const char *arch, const char *libc, bool shared,
                     struct parts *parts) {
  static const char *const names[] = {"static-pie.o", "static.o"};
  for (int i = 0; i < 2; i++) {
    (void)snprintf(parts->start, sizeof parts->start, "%s/%s-linux-%s/%s", directory, arch, libc,
                   shared ? "shared.o" : names[i]);
    parts->pie = i == 0;
    if (is_file(parts->start)) {
      return true;
    }
  }
  return false;
}

// In a directory as it was built or as it was installed. A static program takes either C library
// along, so another one than was asked for will do.
static bool find_start(const char *target, bool shared, struct parts *parts, struct wa_error *err) {
  static const char *const below[] = {"/../start", "/../" WASMAOT_LIBDIR "/wasmaot"};
  char arch[32];
  char own[PATH_MAX];
  const char *libc;
  target_of(target, arch, &libc);
  const char *other = strcmp(libc, "gnu") == 0 ? "musl" : "gnu";
  const char *named = secure_getenv("WASMAOT_START_DIR");
  if (named != NULL && (start_in(named, arch, libc, shared, parts) ||
                        (!shared && start_in(named, arch, other, shared, parts)))) {
    return true;
  }
  ssize_t length = readlink("/proc/self/exe", own, sizeof own - 1);
  own[length > 0 ? length : 0] = '\0';
  char *slash = strrchr(own, '/');
  for (size_t i = 0; slash != NULL && i < sizeof below / sizeof below[0]; i++) {
    char directory[PATH_MAX];
    *slash = '\0';
    if (snprintf(directory, sizeof directory, "%s%s", own, below[i]) < PATH_MAX &&
        (start_in(directory, arch, libc, shared, parts) ||
         (!shared && start_in(directory, arch, other, shared, parts)))) {
      return true;
    }
  }
  return wa_fail(
      err, WA_ERROR_SYSTEM, WA_NO_OFFSET,
      "there are no start files for %s-linux-%s: install wasmaot-cross, or build wasmaot "
      "for it and name its directory 'start' in WASMAOT_START_DIR",
      arch, libc);
}

// The target's own C library, which a shared library is bound to; versions of its symbols matter.
static bool find_library(const char *arch, const char *libc, const char *name,
                         char path[PATH_MAX]) {
  static const char *const patterns[] = {"%s/lib/%s-linux-%s/%s", "%s/usr/lib/%s-linux-%s/%s",
                                         "%s/usr/%s-linux-%s/lib/%s"};
  const char *sysroot = secure_getenv("WASMAOT_SYSROOT");
  for (size_t i = 0; i < sizeof patterns / sizeof patterns[0]; i++) {
    (void)snprintf(path, PATH_MAX, patterns[i], sysroot == NULL ? "" : sysroot, arch, libc, name);
    if (is_file(path)) {
      return true;
    }
  }
  // Where distributions without directories per target have the host's.
  (void)snprintf(path, PATH_MAX, "%s/usr/lib64/%s", sysroot == NULL ? "" : sysroot, name);
  if (strcmp(arch, WASMAOT_ARCH) == 0 && is_file(path)) {
    return true;
  }
  path[0] = '\0';
  return false;
}

static bool find_libraries(const char *target, struct parts *parts, struct wa_error *err) {
  char arch[32];
  const char *libc;
  target_of(target, arch, &libc);
  bool gnu = strcmp(libc, "gnu") == 0;
  const char *name = gnu ? "libc.so.6" : "libc.so";
  if (!find_library(arch, libc, name, parts->libraries[0])) {
    return wa_fail(err, WA_ERROR_SYSTEM, WA_NO_OFFSET,
                   "there is no C library for %s-linux-%s (%s); WASMAOT_SYSROOT can name the root "
                   "that it is in",
                   arch, libc, name);
  }
  if (gnu) {
    const char *loader = strcmp(arch, "x86_64") == 0    ? "ld-linux-x86-64.so.2"
                         : strcmp(arch, "aarch64") == 0 ? "ld-linux-aarch64.so.1"
                                                        : "ld-linux-riscv64-lp64d.so.1";
    (void)find_library(arch, libc, "libm.so.6", parts->libraries[1]);
    (void)find_library(arch, libc, loader, parts->libraries[2]);
  }
  return true;
}

static bool find_parts(const char *target, bool shared, struct parts *parts, struct wa_error *err) {
  *parts = (struct parts){.pie = false};
  return find_lld(parts->lld, err) && find_start(target, shared, parts, err) &&
         (!shared || find_libraries(target, parts, err));
}

bool wa_link_check(const char *target, bool shared, struct wa_error *err) {
  struct parts *parts = malloc(sizeof *parts);
  bool found = parts == NULL ? wa_fail(err, WA_ERROR_SYSTEM, WA_NO_OFFSET, "out of memory")
                             : find_parts(target, shared, parts, err);
  free(parts);
  return found;
}

// ---- Running lld ----

// The first line of a file that lld wrote its messages to.
static bool report_lld(const char *messages, int status, struct wa_error *err) {
  char line[400] = "";
  FILE *file = fopen(messages, "r");
  if (file != NULL) {
    if (fgets(line, sizeof line, file) == NULL) {
      line[0] = '\0';
    }
    line[strcspn(line, "\n")] = '\0';
    (void)fclose(file);
  }
  return wa_fail(err, WA_ERROR_SYSTEM, WA_NO_OFFSET, "lld failed, status %d: %s",
                 WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status), line);
}

static bool run_lld(const char *const *args, const char *messages, struct wa_error *err) {
  posix_spawn_file_actions_t actions;
  pid_t child;
  int status;
  if (posix_spawn_file_actions_init(&actions) != 0) {
    return wa_fail(err, WA_ERROR_SYSTEM, WA_NO_OFFSET, "out of memory");
  }
  int failed =
      posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, messages, O_WRONLY | O_TRUNC, 0);
  if (failed == 0) {
    failed = posix_spawn_file_actions_adddup2(&actions, STDERR_FILENO, STDOUT_FILENO);
  }
  if (failed == 0) {
    failed = posix_spawn(&child, args[0], &actions, NULL, (char *const *)(uintptr_t)args, environ);
  }
  (void)posix_spawn_file_actions_destroy(&actions);
  if (failed != 0) {
    return wa_fail(err, WA_ERROR_SYSTEM, WA_NO_OFFSET, "cannot start %s: %s", args[0],
                   strerror(failed));
  }
  while (waitpid(child, &status, 0) < 0) {
    if (errno != EINTR) {
      return wa_fail(err, WA_ERROR_SYSTEM, WA_NO_OFFSET, "cannot wait for lld: %s",
                     strerror(errno));
    }
  }
  return status == 0 || report_lld(messages, status, err);
}

// What is written on the way: a directory beside the output, so that the last step is a rename.
struct workplace {
  char directory[PATH_MAX];
  char embedded[PATH_MAX + 16];
  char glue[PATH_MAX + 16];
  char script[PATH_MAX + 16];
  char messages[PATH_MAX + 16];
  char result[PATH_MAX + 16];
};

static bool workplace_init(struct workplace *place, const char *output, struct wa_error *err) {
  int length = snprintf(place->directory, PATH_MAX, "%s.XXXXXX", output);
  if (length >= PATH_MAX || mkdtemp(place->directory) == NULL) {
    return wa_fail(err, WA_ERROR_SYSTEM, WA_NO_OFFSET, "cannot write there: %s",
                   length >= PATH_MAX ? strerror(ENAMETOOLONG) : strerror(errno));
  }
  (void)snprintf(place->embedded, sizeof place->embedded, "%s/app.o", place->directory);
  (void)snprintf(place->glue, sizeof place->glue, "%s/glue.o", place->directory);
  (void)snprintf(place->script, sizeof place->script, "%s/exports", place->directory);
  (void)snprintf(place->messages, sizeof place->messages, "%s/messages", place->directory);
  (void)snprintf(place->result, sizeof place->result, "%s/result", place->directory);
  return true;
}

static void workplace_deinit(const struct workplace *place) {
  (void)unlink(place->embedded);
  (void)unlink(place->glue);
  (void)unlink(place->script);
  (void)unlink(place->messages);
  (void)unlink(place->result);
  (void)rmdir(place->directory);
}

static bool write_inputs(const struct wa_link *link, const struct workplace *place,
                         struct wa_error *err) {
  struct wa_buffer embedded;
  if (!wa_embed(link->artifact, link->options, link->name, &embedded, err)) {
    return false;
  }
  bool done = wa_file_write(place->embedded, embedded.data, embedded.size, err) &&
              wa_file_write(place->messages, "", 0, err) &&
              (link->glue == NULL ||
               (wa_file_write(place->glue, link->glue->data, link->glue->size, err) &&
                wa_file_write(place->script, link->exports, strlen(link->exports), err)));
  free(embedded.data);
  return done;
}

static bool link_inputs(const struct wa_link *link, const struct parts *parts,
                        const struct workplace *place, const char *soname, struct wa_error *err) {
  const char *args[40];
  size_t count = 0;
  args[count++] = parts->lld;
  if (link->glue != NULL) {
    args[count++] = "-shared";
    args[count++] = "-Bsymbolic";
    args[count++] = "-znodelete"; // signal handlers stay
    args[count++] = "-zdefs";
    args[count++] = "--version-script";
    args[count++] = place->script;
    args[count++] = "-soname";
    args[count++] = soname;
  } else {
    args[count++] = "-static";
    if (parts->pie) {
      args[count++] = "-pie";
      args[count++] = "--no-dynamic-linker";
      args[count++] = "-ztext";
    }
  }
  // Sections that C libraries find by their __start_ symbols are used, whatever lld makes of it.
  static const char *const always[] = {"--gc-sections",  "-znostart-stop-gc", "-zrelro",
                                       "-znow",          "-znoexecstack",     "--eh-frame-hdr",
                                       "--build-id=none"};
  for (size_t i = 0; i < sizeof always / sizeof always[0]; i++) {
    args[count++] = always[i];
  }
  args[count++] = link->debug ? "--strip-debug" : "--strip-all";
  args[count++] = "-o";
  args[count++] = place->result;
  args[count++] = parts->start;
  args[count++] = place->embedded;
  if (link->glue != NULL) {
    args[count++] = place->glue;
  }
  args[count++] = "--as-needed";
  for (int i = 0; i < 3; i++) {
    if (parts->libraries[i][0] != '\0') {
      args[count++] = parts->libraries[i];
    }
  }
  args[count] = NULL;
  return run_lld(args, place->messages, err);
}

bool wa_link(const struct wa_link *link, const char *output, struct wa_error *err) {
  const char *slash = strrchr(output, '/');
  struct parts *parts = malloc(sizeof *parts);
  struct workplace *place = malloc(sizeof *place);
  bool done = false;
  if (parts == NULL || place == NULL) {
    (void)wa_fail(err, WA_ERROR_SYSTEM, WA_NO_OFFSET, "out of memory");
  } else if (find_parts(link->target, link->glue != NULL, parts, err) &&
             workplace_init(place, output, err)) {
    done = write_inputs(link, place, err) &&
           link_inputs(link, parts, place, slash != NULL ? slash + 1 : output, err);
    if (done && rename(place->result, output) != 0) {
      done = wa_fail(err, WA_ERROR_SYSTEM, WA_NO_OFFSET, "cannot write: %s", strerror(errno));
    }
    workplace_deinit(place);
  }
  free(parts);
  free(place);
  return done;
}

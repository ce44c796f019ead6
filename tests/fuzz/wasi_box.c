#include "tests/fuzz/wasi_box.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { WATCHED = 10 };

static char base[256];
static char root[300], other[300], fixed[300];
static int root_fd, other_fd;
// What lies outside: the directories around the granted ones, and all that is in the canary. And
// what lies inside and may be read only.
static struct {
  char path[320];
  struct stat status;
} watched[WATCHED];
static pid_t owner;

static void need(bool ok, const char *what) {
  if (!ok) {
    perror(what);
    abort();
  }
}

// ---- Removing ----

static void empty(int directory) {
  int copy = openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  DIR *stream = fdopendir(copy);
  need(stream != NULL, "fdopendir");
  for (struct dirent *entry; (entry = readdir(stream)) != NULL;) {
    if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0) {
      continue;
    }
    if (unlinkat(directory, entry->d_name, 0) == 0) {
      continue;
    }
    int inner = openat(directory, entry->d_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    need(inner >= 0, entry->d_name);
    empty(inner);
    (void)close(inner);
    need(unlinkat(directory, entry->d_name, AT_REMOVEDIR) == 0, entry->d_name);
  }
  (void)closedir(stream);
}

static void box_close(void) {
  if (getpid() != owner) {
    return;
  }
  int fd = open(base, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd >= 0) {
    empty(fd);
    (void)close(fd);
    (void)rmdir(base);
  }
}

// ---- Making ----

static void put_file(int directory, const char *path, const char *text, size_t size) {
  int fd = openat(directory, path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  need(fd >= 0 && write(fd, text, size) == (ssize_t)size, path);
  (void)close(fd);
}

static void put_directory(int directory, const char *path) {
  need(mkdirat(directory, path, 0755) == 0, path);
}

static void watch(int index, const char *name) {
  (void)snprintf(watched[index].path, sizeof watched[index].path, "%s%s", base, name);
  need(lstat(watched[index].path, &watched[index].status) == 0, watched[index].path);
}

void box_open(void) {
  const char *temporary = getenv("TMPDIR");
  (void)snprintf(base, sizeof base, "%s/wasmaot-fuzz-XXXXXX",
                 temporary != NULL && strlen(temporary) < 200 ? temporary : "/tmp");
  need(mkdtemp(base) != NULL, base);
  owner = getpid();
  (void)atexit(box_close);
  int fd = open(base, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  need(fd >= 0, base);
  put_directory(fd, "canary");
  put_directory(fd, "canary/d");
  put_file(fd, "canary/s", BOX_SECRET, strlen(BOX_SECRET));
  put_file(fd, "canary/" BOX_SECRET, BOX_SECRET, strlen(BOX_SECRET));
  put_directory(fd, "box");
  put_directory(fd, "box/root");
  put_directory(fd, "box/other");
  put_directory(fd, "box/fixed");
  put_directory(fd, "box/fixed/d");
  put_file(fd, "box/fixed/r", "fixed", 5);
  put_file(fd, "box/fixed/d/r", "fixed", 5);
  (void)close(fd);
  (void)snprintf(root, sizeof root, "%s/box/root", base);
  (void)snprintf(other, sizeof other, "%s/box/other", base);
  (void)snprintf(fixed, sizeof fixed, "%s/box/fixed", base);
  root_fd = open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  other_fd = open(other, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  need(root_fd >= 0 && other_fd >= 0, root);
  static const char *const names[WATCHED] = {"",
                                             "/box",
                                             "/canary",
                                             "/canary/d",
                                             "/canary/s",
                                             ("/canary/" BOX_SECRET),
                                             "/box/fixed",
                                             "/box/fixed/r",
                                             "/box/fixed/d",
                                             "/box/fixed/d/r"};
  for (int i = 0; i < WATCHED; i++) {
    watch(i, names[i]);
  }
}

const char *box_root(void) {
  return root;
}

const char *box_other(void) {
  return other;
}

const char *box_fixed(void) {
  return fixed;
}

void box_reset(void) {
  static const char text[1000] = "some text in a file";
  char canary[320];
  (void)snprintf(canary, sizeof canary, "%s/canary", base);
  empty(root_fd);
  empty(other_fd);
  put_file(root_fd, "f", text, sizeof text);
  put_directory(root_fd, "d");
  put_directory(root_fd, "d/e");
  put_file(root_fd, "d/g", text, 10);
  put_file(other_fd, "o", text, 1);
  const char *const links[][2] = {
      {"d/g", "in"}, {"../../canary", "out"},    {canary, "abs"}, {"loop", "loop"},
      {"..", "up"},  {"up/../canary/s", "d/up"}, {"/", "slash"},  {"/proc/self/fd", "fd"},
      {"d", "to-d"},
  };
  for (size_t i = 0; i < sizeof links / sizeof *links; i++) {
    need(symlinkat(links[i][0], root_fd, links[i][1]) == 0, links[i][1]);
  }
}

void box_check(void) {
  for (int i = 0; i < WATCHED; i++) {
    const struct stat *before = &watched[i].status;
    struct stat now;
    need(lstat(watched[i].path, &now) == 0, watched[i].path);
    if (now.st_ino != before->st_ino || now.st_mode != before->st_mode ||
        now.st_nlink != before->st_nlink || now.st_size != before->st_size ||
        now.st_ctim.tv_sec != before->st_ctim.tv_sec ||
        now.st_ctim.tv_nsec != before->st_ctim.tv_nsec) {
      (void)fprintf(stderr, "changed, which the guest may not: %s\n", watched[i].path);
      abort();
    }
  }
}

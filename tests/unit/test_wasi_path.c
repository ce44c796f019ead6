// The path sandbox, every case both through openat2 and through the walk.
#include "tests/unit/suite.h"
#include "wasi/sandbox.h"

#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char root[] = "/tmp/wasmaot-path-XXXXXX";
static int outside; // the directory around the sandbox
static struct wa_sandbox sandbox;

static void make_file(const char *path) {
  int fd = openat(outside, path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
  ck_assert_int_ge(fd, 0);
  ck_assert_int_eq((int)write(fd, path, strlen(path)), (int)strlen(path));
  (void)close(fd);
}

static void make_link(const char *target, const char *path) {
  ck_assert_int_eq(symlinkat(target, outside, path), 0);
}

// secret                       a file outside
// box/                         the sandbox
//   file, dir/inner, dir/deep/leaf
//   to_file, to_dir, dir/up -> ../file     links that stay inside
//   absolute, escape, escape_dir, loop, dangling, dir/way_out, proc
static void setup(void) {
  memcpy(root + sizeof root - 7, "XXXXXX", 6);
  ck_assert_ptr_nonnull(mkdtemp(root));
  outside = open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  ck_assert_int_ge(outside, 0);
  make_file("secret");
  ck_assert_int_eq(mkdirat(outside, "box", 0700), 0);
  ck_assert_int_eq(mkdirat(outside, "box/dir", 0700), 0);
  ck_assert_int_eq(mkdirat(outside, "box/dir/deep", 0700), 0);
  make_file("box/file");
  make_file("box/dir/inner");
  make_file("box/dir/deep/leaf");
  make_link("file", "box/to_file");
  make_link("dir", "box/to_dir");
  make_link("../file", "box/dir/up");
  make_link("/etc/passwd", "box/absolute");
  make_link("../secret", "box/escape");
  make_link("..", "box/escape_dir");
  make_link("loop", "box/loop");
  make_link("nowhere", "box/dangling");
  make_link("../../secret", "box/dir/way_out");
  make_link("/proc/self/root", "box/proc");
  sandbox.directory = openat(outside, "box", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  ck_assert_int_ge(sandbox.directory, 0);
}

static int remove_entry(const char *path, const struct stat *status, int type, struct FTW *walk) {
  (void)status;
  (void)type;
  (void)walk;
  return remove(path);
}

static void teardown(void) {
  (void)close(sandbox.directory);
  (void)close(outside);
  (void)nftw(root, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
}

static void use(int walk) {
  sandbox.walk_only = walk != 0;
}

// Opens for reading and compares what is there with the path it was made under.
static void opens(const char *path, const char *content) {
  char text[64] = "";
  int fd = wa_sandbox_open(&sandbox, path, O_RDONLY, 0);
  ck_assert_msg(fd >= 0, "%s: %s", path, strerror(errno));
  ck_assert_int_ge((int)read(fd, text, sizeof text - 1), 0);
  ck_assert_str_eq(text, content);
  ck_assert_int_eq(fcntl(fd, F_GETFD), FD_CLOEXEC);
  (void)close(fd);
}

static void refuses_with(const char *path, int flags, int error) {
  int fd = wa_sandbox_open(&sandbox, path, flags, 0600);
  ck_assert_msg(fd < 0, "%s was opened", path);
  ck_assert_msg(errno == error, "%s: %s instead of %s", path, strerror(errno), strerror(error));
}

START_TEST(inside) {
  use(_i);
  opens("file", "box/file");
  opens("./file", "box/file");
  opens("dir//inner", "box/dir/inner");
  opens("dir/deep/../inner", "box/dir/inner");
  opens("dir/../dir/./deep/../../file", "box/file");
  opens("to_file", "box/file");
  opens("to_dir/inner", "box/dir/inner");
  opens("to_dir/deep/../up", "box/file");
  opens("dir/up", "box/file");
}
END_TEST

START_TEST(escapes) {
  static const char *const paths[] = {
      "/",          "/etc/passwd",       "..",           "../secret",
      "dir/../..",  "dir/../../secret",  "absolute",     "escape",
      "escape_dir", "escape_dir/secret", "dir/way_out",  "to_dir/way_out",
      "../box",     "../box/file",       "proc",         "proc/etc/passwd",
      "./../box",   "dir/deep/../../..", "escape_dir/.", "escape_dir/box/file",
  };
  use(_i);
  for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++) {
    refuses_with(paths[i], O_RDONLY, EPERM);
    refuses_with(paths[i], O_PATH, EPERM);
    if (i > 4) {
      refuses_with(paths[i], O_CREAT | O_WRONLY, EPERM);
    }
  }
}
END_TEST

START_TEST(errors) {
  char name[PATH_MAX + 2];
  use(_i);
  refuses_with("", O_RDONLY, ENOENT);
  refuses_with("nothing", O_RDONLY, ENOENT);
  refuses_with("nothing/file", O_RDONLY, ENOENT);
  refuses_with("dangling", O_RDONLY, ENOENT);
  refuses_with("file/inner", O_RDONLY, ENOTDIR);
  refuses_with("file/", O_RDONLY, ENOTDIR);
  refuses_with("to_file/", O_RDONLY, ENOTDIR);
  refuses_with("file/..", O_RDONLY, ENOTDIR);
  refuses_with("file/.", O_RDONLY, ENOTDIR);
  refuses_with("loop", O_RDONLY, ELOOP);
  refuses_with("loop/file", O_RDONLY, ELOOP);
  refuses_with("file", O_RDONLY | O_DIRECTORY, ENOTDIR);
  refuses_with("dir", O_WRONLY, EISDIR);
  refuses_with("to_file", O_RDONLY | O_NOFOLLOW, ELOOP);
  refuses_with("dangling", O_RDONLY | O_NOFOLLOW, ELOOP);
  refuses_with("file", O_CREAT | O_EXCL | O_WRONLY, EEXIST);
  refuses_with("to_file", O_CREAT | O_EXCL | O_WRONLY, EEXIST);
  refuses_with("dangling", O_CREAT | O_EXCL | O_WRONLY, EEXIST);
  memset(name, 'a', sizeof name);
  name[NAME_MAX + 1] = '\0';
  refuses_with(name, O_RDONLY, ENAMETOOLONG);
  name[NAME_MAX + 1] = 'a';
  name[PATH_MAX] = '\0';
  refuses_with(name, O_RDONLY, ENAMETOOLONG);
}
END_TEST

START_TEST(creates) {
  struct stat status;
  use(_i);
  int fd = wa_sandbox_open(&sandbox, "dir/new", O_CREAT | O_EXCL | O_WRONLY, 0640);
  ck_assert_int_ge(fd, 0);
  (void)close(fd);
  ck_assert_int_eq(fstatat(outside, "box/dir/new", &status, AT_SYMLINK_NOFOLLOW), 0);
  // Through a link, where it points.
  fd = wa_sandbox_open(&sandbox, "dangling", O_CREAT | O_WRONLY, 0640);
  ck_assert_int_ge(fd, 0);
  (void)close(fd);
  ck_assert_int_eq(fstatat(outside, "box/nowhere", &status, AT_SYMLINK_NOFOLLOW), 0);
  ck_assert_int_ne(fstatat(outside, "nowhere", &status, 0), 0);
}
END_TEST

START_TEST(links_themselves) {
  char target[64];
  struct stat status;
  use(_i);
  int fd = wa_sandbox_open(&sandbox, "escape", O_PATH | O_NOFOLLOW, 0);
  ck_assert_int_ge(fd, 0);
  ck_assert_int_eq(fstat(fd, &status), 0);
  ck_assert(S_ISLNK(status.st_mode));
  ssize_t length = readlinkat(fd, "", target, sizeof target);
  ck_assert_int_eq((int)length, 9);
  (void)close(fd);
  // A slash behind it means what it points to.
  refuses_with("escape_dir/", O_PATH | O_NOFOLLOW, EPERM);
  fd = wa_sandbox_open(&sandbox, "to_dir/", O_PATH | O_NOFOLLOW, 0);
  ck_assert_int_ge(fd, 0);
  ck_assert_int_eq(fstat(fd, &status), 0);
  ck_assert(S_ISDIR(status.st_mode));
  (void)close(fd);
}
END_TEST

static void parent_is(const char *path, const char *directory, const char *last, bool slashed) {
  char name[NAME_MAX + 1];
  bool slash;
  struct stat got;
  struct stat expected;
  int fd = wa_sandbox_parent(&sandbox, path, name, &slash);
  ck_assert_msg(fd >= 0, "%s: %s", path, strerror(errno));
  ck_assert_int_eq(fstat(fd, &got), 0);
  ck_assert_int_eq(fstatat(sandbox.directory, directory, &expected, 0), 0);
  ck_assert_msg(got.st_ino == expected.st_ino, "%s", path);
  ck_assert_str_eq(name, last);
  ck_assert_int_eq(slash, slashed);
  (void)close(fd);
}

static void no_parent(const char *path, int error) {
  char name[NAME_MAX + 1];
  bool slash;
  ck_assert_int_lt(wa_sandbox_parent(&sandbox, path, name, &slash), 0);
  ck_assert_msg(errno == error, "%s: %s", path, strerror(errno));
}

START_TEST(parents) {
  use(_i);
  parent_is("file", ".", "file", false);
  parent_is("new", ".", "new", false);
  parent_is("new//", ".", "new", true);
  parent_is("dir/new", "dir", "new", false);
  parent_is("to_dir/deep/new/", "dir/deep", "new", true);
  parent_is("escape", ".", "escape", false);
  parent_is("dir/..", ".", ".", false);
  parent_is("dir/.", "dir", ".", false);
  parent_is(".", ".", ".", false);
  no_parent("", ENOENT);
  no_parent("/", EPERM);
  no_parent("/tmp/new", EPERM);
  no_parent("..", EPERM);
  no_parent("../new", EPERM);
  no_parent("escape_dir/new", EPERM);
  no_parent("nothing/new", ENOENT);
  no_parent("file/new", ENOTDIR);
}
END_TEST

// Another process swaps a directory for a link to the outside as fast as it can: nothing outside is
// ever opened.
static atomic_bool racing;

static void *swap(void *arg) {
  (void)arg;
  while (atomic_load(&racing)) {
    (void)renameat(outside, "box/race", outside, "box/race_dir");
    (void)renameat(outside, "box/race_link", outside, "box/race");
    (void)renameat(outside, "box/race", outside, "box/race_link");
    (void)renameat(outside, "box/race_dir", outside, "box/race");
  }
  return NULL;
}

START_TEST(races) {
  enum { ROUNDS = 20000 };
  pthread_t thread;
  int opened = 0;
  use(_i);
  ck_assert_int_eq(mkdirat(outside, "box/race", 0700), 0);
  make_file("box/race/secret");
  make_link("..", "box/race_link");
  atomic_store(&racing, true);
  ck_assert_int_eq(pthread_create(&thread, NULL, swap, NULL), 0);
  for (int i = 0; i < ROUNDS; i++) {
    char text[64] = "";
    int fd = wa_sandbox_open(&sandbox, "race/secret", O_RDONLY, 0);
    if (fd < 0) {
      ck_assert_msg(errno == EPERM || errno == ENOENT || errno == EAGAIN || errno == ELOOP, "%s",
                    strerror(errno));
      continue;
    }
    ck_assert_int_gt((int)read(fd, text, sizeof text - 1), 0);
    ck_assert_str_eq(text, "box/race/secret");
    (void)close(fd);
    opened++;
  }
  atomic_store(&racing, false);
  (void)pthread_join(thread, NULL);
  ck_assert_int_gt(opened, 0);
}
END_TEST

// A directory that moves up while somebody walks through it and back with "..".
static void *move(void *arg) {
  (void)arg;
  while (atomic_load(&racing)) {
    (void)renameat(outside, "box/dir/deep", outside, "box/deep");
    (void)renameat(outside, "box/deep", outside, "box/dir/deep");
  }
  return NULL;
}

START_TEST(moves) {
  enum { ROUNDS = 20000 };
  static const char *const paths[] = {"dir/deep/../../file", "dir/deep/../../secret",
                                      "dir/deep/../../box", "deep/../../secret"};
  pthread_t thread;
  int opened = 0;
  use(_i);
  atomic_store(&racing, true);
  ck_assert_int_eq(pthread_create(&thread, NULL, move, NULL), 0);
  for (int i = 0; i < ROUNDS; i++) {
    int fd = wa_sandbox_open(&sandbox, paths[i % 4], O_RDONLY, 0);
    if (fd < 0) {
      ck_assert_msg(errno == EPERM || errno == ENOENT || errno == EAGAIN, "%s", strerror(errno));
      continue;
    }
    char text[64] = "";
    ck_assert_int_gt((int)read(fd, text, sizeof text - 1), 0);
    ck_assert_str_eq(text, "box/file");
    (void)close(fd);
    opened++;
  }
  atomic_store(&racing, false);
  (void)pthread_join(thread, NULL);
  ck_assert_int_gt(opened, 0);
}
END_TEST

// The directory that names are made and removed in, while the way to it turns into a link out.
START_TEST(races_for_parents) {
  enum { ROUNDS = 10000 };
  char name[NAME_MAX + 1];
  struct stat expected;
  struct stat got;
  pthread_t thread;
  bool slash;
  use(_i);
  ck_assert_int_eq(mkdirat(outside, "box/race", 0700), 0);
  make_link("..", "box/race_link");
  ck_assert_int_eq(fstatat(outside, "box/race", &expected, 0), 0);
  atomic_store(&racing, true);
  ck_assert_int_eq(pthread_create(&thread, NULL, swap, NULL), 0);
  for (int i = 0; i < ROUNDS; i++) {
    int fd = wa_sandbox_parent(&sandbox, "race/new", name, &slash);
    if (fd < 0) {
      continue;
    }
    ck_assert_int_eq(fstat(fd, &got), 0);
    ck_assert(got.st_ino == expected.st_ino && got.st_dev == expected.st_dev);
    ck_assert_str_eq(name, "new");
    (void)close(fd);
    fd = wa_sandbox_open(&sandbox, "race/made", O_CREAT | O_WRONLY, 0600);
    if (fd >= 0) {
      (void)close(fd);
    }
  }
  atomic_store(&racing, false);
  (void)pthread_join(thread, NULL);
  ck_assert_int_eq(fstatat(outside, "made", &got, 0), -1);
}
END_TEST

int main(void) {
  Suite *suite = suite_create("wasi_path");
  TCase *tcase = tcase_create("sandbox");
  tcase_add_checked_fixture(tcase, setup, teardown);
  tcase_set_timeout(tcase, 60);
  tcase_add_loop_test(tcase, inside, 0, 2);
  tcase_add_loop_test(tcase, escapes, 0, 2);
  tcase_add_loop_test(tcase, errors, 0, 2);
  tcase_add_loop_test(tcase, creates, 0, 2);
  tcase_add_loop_test(tcase, links_themselves, 0, 2);
  tcase_add_loop_test(tcase, parents, 0, 2);
  tcase_add_loop_test(tcase, races, 0, 2);
  tcase_add_loop_test(tcase, moves, 0, 2);
  tcase_add_loop_test(tcase, races_for_parents, 0, 2);
  suite_add_tcase(suite, tcase);
  return run_suite(suite);
}

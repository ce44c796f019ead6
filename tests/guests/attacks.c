// attacks: what a hostile guest tries, on the tree that tests/e2e/attacks.sh makes. Descriptor 3 is
// its box, 4 another granted directory, 5 the process's own /proc/self, 6 /dev. Prints what got
// through, and "passed N of N".
#include "thread.h"

enum { BOX = 3, OTHER, PROC, DEV, GRANTED };
#define RIGHTS_DIR (RIGHTS_ALL & ~(RIGHT_WRITE | RIGHT_ALLOCATE | RIGHT_SET_SIZE))

static int done;
static int failures;

static void check(bool right, const char *what, const char *detail) {
  done++;
  if (right)
    return;
  failures++;
  print("FAILED ", what, ": ", detail, "\n", NULL);
}

static void is(uint32_t error, uint32_t expected, const char *what, const char *path) {
  if (error != expected)
    print("  errno ", number(0, error), " instead of ", number(1, expected), "\n", NULL);
  check(error == expected, what, path);
}

static uint32_t open_in(uint32_t root, const char *path, uint32_t oflags, uint64_t rights) {
  uint32_t fd = 0;
  uint32_t error =
      wasi_path_open(root, FOLLOW, path, strlen(path), oflags, rights, RIGHTS_ALL, 0, &fd);
  if (error == E_SUCCESS)
    (void)wasi_fd_close(fd);
  return error;
}

static uint32_t open_fd(const char *path, uint32_t *fd) {
  return wasi_path_open(BOX, 0, path, strlen(path), 0, RIGHT_READ, 0, 0, fd);
}

// Everything that takes a path, on one that leads out.
static void refused(const char *path, uint32_t error) {
  struct filestat stat;
  char text[64];
  size_t used;
  size_t size = strlen(path);
  is(open_in(BOX, path, 0, RIGHT_READ), error, "open", path);
  is(open_in(BOX, path, O_CREAT | O_TRUNC, RIGHT_WRITE), error, "create", path);
  is(open_in(BOX, path, O_DIRECTORY, RIGHTS_DIR), error, "open as directory", path);
  is(wasi_path_filestat_get(BOX, FOLLOW, path, size, &stat), error, "stat", path);
  is(wasi_path_filestat_set_times(BOX, FOLLOW, path, size, 1, 1, SET_MTIM), error, "times", path);
  (void)wasi_path_readlink(BOX, path, size, text, sizeof text, &used);
}

// What changes a name, with the way out before the last component.
static void names_refused(const char *path) {
  size_t size = strlen(path);
  is(wasi_path_create_directory(BOX, path, size), E_PERM, "mkdir", path);
  is(wasi_path_remove_directory(BOX, path, size), E_PERM, "rmdir", path);
  is(wasi_path_unlink_file(BOX, path, size), E_PERM, "unlink", path);
  is(wasi_path_rename(BOX, path, size, BOX, "stolen", 6), E_PERM, "rename from", path);
  is(wasi_path_rename(BOX, "file", 4, BOX, path, size), E_PERM, "rename to", path);
  is(wasi_path_link(BOX, 0, path, size, BOX, "stolen", 6), E_PERM, "link from", path);
  is(wasi_path_link(BOX, 0, "file", 4, BOX, path, size), E_PERM, "link to", path);
  is(wasi_path_symlink("x", 1, BOX, path, size), E_PERM, "symlink", path);
}

static void absolute(void) {
  static const char *const paths[] = {"/", "//", "/etc/passwd", "//etc/passwd", "/proc/self/mem"};
  for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++) {
    refused(paths[i], E_PERM);
    names_refused(paths[i]);
  }
}

static void dots(void) {
  static const char *const paths[] = {
      "..",
      "../",
      "../secret",
      "./../secret",
      "dir/../../secret",
      "dir/../..",
      "dir/./../..//",
      ".././secret",
      "dir//..//..//x",
      "dir/deep/../../../secret",
      "../box/file",
      "../../..",
      "to_dir/../../x",
      "dir/../../box/.",
      "dir/deep/../../..",
  };
  for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++)
    refused(paths[i], E_PERM);
  names_refused("../secret");
  names_refused("dir/../../secret");
  names_refused("dir/deep/../../../secret");
}

static void links_out(void) {
  static const char *const paths[] = {"up/secret", "absolute/passwd", "chain/secret",
                                      "dir/up_two/secret"};
  refused("up", E_PERM);
  refused("absolute", E_PERM);
  refused("chain", E_PERM);
  refused("to_secret", E_PERM);
  refused("to_secret_by_chain", E_PERM);
  for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++) {
    refused(paths[i], E_PERM);
    names_refused(paths[i]);
  }
  is(wasi_path_symlink("dir/../../secret", 16, BOX, "own", 3), E_SUCCESS, "symlink", "own");
  refused("own", E_PERM);
  is(wasi_path_unlink_file(BOX, "own", 3), E_SUCCESS, "unlink", "own");
  is(wasi_path_symlink("/etc/passwd", 11, BOX, "own", 3), E_PERM, "symlink", "absolute");
}

// A slash behind the last name makes systems follow it where they would not.
static void slashes_behind_links(void) {
  static const char *const paths[] = {
      "up/",      "up//",        "up/.",       "absolute/",
      "chain/",   "dir/up_two/", "to_secret/", "to_secret_by_chain/",
      "up/box/.."};
  for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++) {
    const char *path = paths[i];
    size_t size = strlen(path);
    check(wasi_path_create_directory(BOX, path, size) != E_SUCCESS, "mkdir", path);
    check(wasi_path_remove_directory(BOX, path, size) != E_SUCCESS, "rmdir", path);
    check(wasi_path_unlink_file(BOX, path, size) != E_SUCCESS, "unlink", path);
    check(wasi_path_rename(BOX, path, size, OTHER, "stolen", 6) != E_SUCCESS, "rename from", path);
    check(wasi_path_rename(BOX, "dir", 3, BOX, path, size) != E_SUCCESS, "rename to", path);
    check(wasi_path_rename(BOX, "file", 4, BOX, path, size) != E_SUCCESS, "rename to", path);
    check(wasi_path_link(BOX, 0, path, size, OTHER, "stolen", 6) != E_SUCCESS, "link from", path);
    check(wasi_path_link(BOX, 0, "file", 4, BOX, path, size) != E_SUCCESS, "link to", path);
    check(wasi_path_symlink("x", 1, BOX, path, size) != E_SUCCESS, "symlink", path);
    check(open_in(BOX, path, O_DIRECTORY, RIGHTS_DIR) != E_SUCCESS, "open", path);
    check(open_in(BOX, path, O_CREAT, RIGHT_WRITE) != E_SUCCESS, "create", path);
  }
}

static void loops(void) {
  refused("loop", E_LOOP);
  refused("loop_a", E_LOOP);
  refused("loop/x", E_LOOP);
}

// Links of /proc lead anywhere, and their text is not where they lead.
static void magic(void) {
  static const char *const paths[] = {
      "cwd", "root", "exe", "cwd/secret", "root/etc/passwd", "fd/0", "fd/1", "fd/2", "fd/3", "fd/4",
  };
  for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++) {
    uint32_t error = open_in(PROC, paths[i], 0, RIGHT_READ);
    check(error == E_PERM || error == E_LOOP || error == E_NOENT, "magic link", paths[i]);
  }
}

static void names(void) {
  static char name[5000];
  uint32_t fd;
  memset(name, 'n', sizeof name);
  refused("", E_NOENT);
  is(wasi_path_open(BOX, 0, name, 256, O_CREAT, RIGHTS_ALL, 0, 0, &fd), E_NAMETOOLONG, "open",
     "256 bytes");
  is(wasi_path_create_directory(BOX, name, 256), E_NAMETOOLONG, "mkdir", "256 bytes");
  is(wasi_path_open(BOX, 0, name, 4096, O_CREAT, RIGHTS_ALL, 0, 0, &fd), E_NAMETOOLONG, "open",
     "4096 bytes");
  is(wasi_path_open(BOX, 0, name, 0xffffffff, 0, RIGHT_READ, 0, 0, &fd), E_FAULT, "open", "4 GiB");
  is(wasi_path_open(BOX, 0, "file\0/../../secret", 18, 0, RIGHT_READ, 0, 0, &fd), E_INVAL, "open",
     "NUL inside");
  is(wasi_path_open(BOX, 0, "file\0", 5, 0, RIGHT_READ, 0, 0, &fd), E_INVAL, "open", "NUL behind");
  is(wasi_path_unlink_file(BOX, "\0file", 5), E_INVAL, "unlink", "NUL before");
  is(open_in(BOX, "file/", 0, RIGHT_READ), E_NOTDIR, "open", "file/");
  is(open_in(BOX, "file/..", 0, RIGHT_READ), E_NOTDIR, "open", "file/..");
  is(open_in(BOX, "to_dir/", O_DIRECTORY, RIGHTS_DIR), E_SUCCESS, "open", "to_dir/");
}

// Moving between what was granted is allowed; an open directory that moves takes nobody along.
static void across(void) {
  uint32_t fd;
  is(wasi_path_rename(BOX, "file", 4, OTHER, "../secret", 9), E_PERM, "rename",
     "to above the other");
  is(wasi_path_rename(BOX, "../secret", 9, OTHER, "x", 1), E_PERM, "rename", "from above");
  is(wasi_path_link(BOX, 0, "../secret", 9, OTHER, "x", 1), E_PERM, "link", "from above");
  is(wasi_path_link(BOX, 0, "to_secret", 9, OTHER, "x", 1), E_SUCCESS, "link", "of a link");
  is(open_in(OTHER, "x", 0, RIGHT_READ), E_PERM, "open", "the linked link");
  is(wasi_path_unlink_file(OTHER, "x", 1), E_SUCCESS, "unlink", "the linked link");
  is(wasi_path_create_directory(BOX, "moving", 6), E_SUCCESS, "mkdir", "moving");
  is(wasi_path_open(BOX, 0, "moving", 6, O_DIRECTORY, RIGHTS_DIR, RIGHTS_ALL, 0, &fd), E_SUCCESS,
     "open", "moving");
  is(wasi_path_rename(BOX, "moving", 6, OTHER, "moved", 5), E_SUCCESS, "rename", "to the other");
  is(open_in(fd, "..", O_DIRECTORY, RIGHTS_DIR), E_PERM, "open", "above one that moved");
  is(open_in(fd, "../../secret", 0, RIGHT_READ), E_PERM, "open", "above one that moved");
  is(wasi_path_remove_directory(OTHER, "moved", 5), E_SUCCESS, "rmdir", "moved");
  is(open_in(fd, "..", O_DIRECTORY, RIGHTS_DIR), E_PERM, "open", "above one that is gone");
  (void)wasi_fd_close(fd);
}

static void pipes_and_devices(void) {
  static const char *const devices[] = {"null", "zero", "full", "tty", "random"};
  int64_t start = milliseconds();
  is(open_in(BOX, "fifo", 0, RIGHT_READ), E_SUCCESS, "open to read", "fifo");
  is(open_in(BOX, "fifo", 0, RIGHT_WRITE), E_NXIO, "open to write", "fifo");
  is(open_in(BOX, "fifo", O_CREAT | O_TRUNC, RIGHT_READ | RIGHT_WRITE), E_SUCCESS, "open", "fifo");
  is(open_in(BOX, "fifo", O_DIRECTORY, RIGHTS_DIR), E_NOTDIR, "open as directory", "fifo");
  for (size_t i = 0; i < sizeof devices / sizeof devices[0]; i++)
    (void)open_in(DEV, devices[i], 0, RIGHT_READ | RIGHT_WRITE);
  check(milliseconds() - start < 10000, "pipes and devices", "waited");
}

static void descriptors_of_others(void) {
  struct fdstat stat;
  for (uint32_t fd = GRANTED; fd < 2000; fd++)
    check(wasi_fd_fdstat_get(fd, &stat) == E_BADF, "a descriptor of the host", number(0, fd));
  check(wasi_fd_fdstat_get(0x80000003, &stat) == E_BADF, "a descriptor of the host", "negative");
  check(wasi_fd_close(0xffffffff) == E_BADF, "a descriptor of the host", "-1");
}

static void thousands(void) {
  static uint32_t fds[70000];
  int count = 0;
  uint32_t error = E_SUCCESS;
  uint32_t fd;
  while (count < 70000 && error == E_SUCCESS)
    error = wasi_path_open(BOX, 0, "file", 4, 0, RIGHT_READ, 0, 0, &fds[count++]);
  count--;
  is(error, E_MFILE, "too many descriptors", number(2, count));
  is(wasi_path_open(BOX, 0, "dir/file", 8, 0, RIGHT_READ, 0, 0, &fd), E_MFILE, "one more", "");
  check(count > 20, "few descriptors", number(0, count));
  for (int i = 0; i < count; i++)
    check(wasi_fd_close(fds[i]) == E_SUCCESS, "closing", number(0, i));
  is(open_in(BOX, "file", 0, RIGHT_READ), E_SUCCESS, "open again", "file");
}

// What was there is closed: with 64 descriptors of the host as well.
static void renumber_often(void) {
  uint32_t fd, other, error = E_SUCCESS;
  int rounds = 0;
  is(open_fd("file", &other), E_SUCCESS, "open", "file");
  while (rounds < 100000 && error == E_SUCCESS) {
    error = open_fd("file", &fd);
    if (error == E_SUCCESS)
      error = wasi_fd_renumber(rounds % 3 == 0 ? other : fd, other);
    if (error == E_SUCCESS && rounds % 3 == 0)
      error = wasi_fd_close(fd);
    rounds++;
  }
  is(error, E_SUCCESS, "renumber", number(0, rounds));
  is(wasi_fd_close(other), E_SUCCESS, "close", "what was renumbered");
}

// ---- Memory that changes under a call ----

// On a busy machine the other thread may not get to write the path that is inside for long.
enum { FLIPS = 20000, MOST_FLIPS = 100 * FLIPS };
static bool flipping; // atomic: plain loads may leave a loop
static char path[16];
static struct iovec vector;
static char buffer[8];

static void flip_path(void *arg) {
  (void)arg;
  while (__atomic_load_n(&flipping, __ATOMIC_SEQ_CST)) {
    memcpy(path, "dir/../file\0\0\0", 14);
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
    memcpy(path, "dir/../../secret", 16);
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
  }
}

static void change_path(void) {
  static struct thread thread;
  int inside = 0;
  __atomic_store_n(&flipping, true, __ATOMIC_SEQ_CST);
  memcpy(path, "dir/../file\0\0\0", 14);
  check(thread_start(&thread, flip_path, NULL), "thread", "flip_path");
  for (int i = 0; i < FLIPS || (inside == 0 && i < MOST_FLIPS); i++) {
    uint32_t fd;
    size_t size;
    char text[16] = "";
    struct iovec to = {text, 6};
    // Half of the lengths end the inner path, half the outer.
    if (wasi_path_open(BOX, 0, path, i % 2 == 0 ? 11 : 16, 0, RIGHT_READ, 0, 0, &fd) != E_SUCCESS)
      continue;
    (void)wasi_fd_read(fd, &to, 1, &size);
    (void)wasi_fd_close(fd);
    if (memcmp(text, "inside", 6) != 0)
      check(false, "a path that changed", text);
    inside++;
  }
  __atomic_store_n(&flipping, false, __ATOMIC_SEQ_CST);
  thread_join(&thread);
  check(inside > 0, "a path that changed", "never opened");
}

static void set(void *data, size_t size) {
  __atomic_store_n(&vector.data, data, __ATOMIC_SEQ_CST);
  __atomic_store_n(&vector.size, size, __ATOMIC_SEQ_CST);
}

static void flip_vector(void *arg) {
  char *end = (char *)(__builtin_wasm_memory_size(0) * 65536);
  (void)arg;
  while (__atomic_load_n(&flipping, __ATOMIC_SEQ_CST)) {
    set(&buffer, 6);
    set(&buffer, 0xfffffff0);
    set(end - 1, 0xfffffff0);
    set(end - 1, 6);
    set((char *)0xfffffff0, 6);
  }
}

static void change_vector(void) {
  static struct thread thread;
  int bad = 0;
  uint32_t fd = 0;
  __atomic_store_n(&flipping, true, __ATOMIC_SEQ_CST);
  is(wasi_path_open(BOX, 0, "file", 4, 0, RIGHT_READ | RIGHT_SEEK, 0, 0, &fd), E_SUCCESS, "open",
     "file");
  check(thread_start(&thread, flip_vector, NULL), "thread", "flip_vector");
  for (int i = 0; i < FLIPS; i++) {
    size_t size = 0;
    uint32_t error = wasi_fd_pread(fd, &vector, 1, 0, &size);
    bad += (error != E_SUCCESS && error != E_FAULT) || size > 6;
  }
  __atomic_store_n(&flipping, false, __ATOMIC_SEQ_CST);
  thread_join(&thread);
  check(bad == 0, "buffers that changed", number(0, bad));
  (void)wasi_fd_close(fd);
}

static void grow_meanwhile(void *arg) {
  (void)arg;
  while (__atomic_load_n(&flipping, __ATOMIC_SEQ_CST) &&
         __builtin_wasm_memory_grow(0, 1) != (size_t)-1)
    (void)wasi_sched_yield();
}

static void growing(void) {
  static struct thread thread;
  int bad = 0;
  __atomic_store_n(&flipping, true, __ATOMIC_SEQ_CST);
  check(thread_start(&thread, grow_meanwhile, NULL), "thread", "grow");
  for (int i = 0; i < 2000; i++) {
    char *end = (char *)(__builtin_wasm_memory_size(0) * 65536);
    bad += wasi_random_get(end - 8, 8) != E_SUCCESS;
  }
  __atomic_store_n(&flipping, false, __ATOMIC_SEQ_CST);
  thread_join(&thread);
  check(bad == 0, "memory that grew", number(0, bad));
}

// ---- Out of the granted directories, by their numbers: the last ----

static void preopens(void) {
  struct prestat prestat;
  uint32_t fd;
  is(wasi_path_open(BOX, 0, "file", 4, 0, RIGHT_READ, 0, 0, &fd), E_SUCCESS, "open", "file");
  is(wasi_fd_renumber(OTHER, BOX), E_SUCCESS, "renumber", "the other over the box");
  is(open_in(BOX, "../secret", 0, RIGHT_READ), E_PERM, "open", "above the renumbered one");
  is(open_in(BOX, "../box/file", 0, RIGHT_READ), E_PERM, "open", "the box from the other");
  is(open_in(OTHER, "file", 0, RIGHT_READ), E_BADF, "open", "below the number it left");
  is(wasi_fd_renumber(fd, BOX), E_SUCCESS, "renumber", "a file over a directory");
  is(wasi_fd_prestat_get(BOX, &prestat), E_BADF, "prestat", "of a file");
  is(open_in(BOX, "..", O_DIRECTORY, RIGHTS_DIR), E_NOTDIR, "open", "below a file");
  for (fd = 3; fd < GRANTED; fd++)
    (void)wasi_fd_close(fd);
  for (fd = 3; fd < GRANTED; fd++)
    is(open_in(fd, ".", O_DIRECTORY, RIGHTS_DIR), E_BADF, "open", "below what is closed");
}

int main(int argc, char **argv) {
  (void)argc;
  (void)argv;
  descriptors_of_others();
  absolute();
  dots();
  links_out();
  slashes_behind_links();
  loops();
  magic();
  names();
  across();
  pipes_and_devices();
  thousands();
  renumber_often();
  change_path();
  change_vector();
  growing();
  preopens();
  print("passed ", number(0, done - failures), " of ", number(1, done), "\n", NULL);
  return failures > 0;
}

// preview1 [list | sockets | FUNCTION]: runs every test in the granted directory 3, which must be
// empty, or those of one function, or those on what tests/e2e/with_fds.c hands in, or names all.
// Prints what failed and "passed N of N"; exits with 1 when any failed.
#include "test.h"

static const struct test *const lists[] = {
    tests_env,  tests_clocks, tests_io,    tests_seek,  tests_fds,  tests_stat,
    tests_dirs, tests_open,   tests_names, tests_links, tests_poll, tests_sockets,
};

uint32_t dir;
uint64_t all_rights;
static const struct test *current;
static bool failed;
static bool keeping; // descriptors, from one test to the next

bool test_is(uint32_t error, uint32_t expected, const char *what) {
  if (error == expected)
    return true;
  failed = true;
  print("FAILED ", current->function, ": ", current->behaviour, ": ", what, ": errno ",
        number(0, error), ", expected ", number(1, expected), "\n", NULL);
  return false;
}

bool test_true(bool condition, const char *what) {
  if (condition)
    return true;
  failed = true;
  print("FAILED ", current->function, ": ", current->behaviour, ": ", what, "\n", NULL);
  return false;
}

uint32_t open_at(const char *path, uint32_t oflags, uint64_t rights, uint32_t *fd) {
  return wasi_path_open(dir, 0, path, strlen(path), oflags, rights, RIGHTS_ALL, 0, fd);
}

uint32_t create(const char *path, const char *text) {
  uint32_t fd = 0;
  size_t size;
  uint64_t position;
  struct iovec iovec = {(void *)text, strlen(text)};
  (void)test_is(open_at(path, O_CREAT | O_TRUNC, RIGHTS_ALL, &fd), E_SUCCESS, path);
  if (iovec.size > 0)
    (void)test_is(wasi_fd_write(fd, &iovec, 1, &size), E_SUCCESS, path);
  (void)wasi_fd_seek(fd, 0, SEEK_SET, &position);
  return fd;
}

bool holds(uint32_t fd, const char *text) {
  char bytes[256];
  size_t size = 0;
  struct iovec iovec = {bytes, sizeof bytes};
  return wasi_fd_pread(fd, &iovec, 1, 0, &size) == E_SUCCESS && size == strlen(text) &&
         memcmp(bytes, text, size) == 0;
}

uint32_t file_is(const char *path, const char *text) {
  uint32_t fd;
  uint32_t error = open_at(path, 0, RIGHT_READ | RIGHT_SEEK, &fd);
  if (error != E_SUCCESS)
    return error;
  bool same = holds(fd, text);
  (void)wasi_fd_close(fd);
  return same ? E_SUCCESS : E_IO;
}

uint32_t make_dir(const char *path) {
  return wasi_path_create_directory(dir, path, strlen(path));
}

uint32_t stat_at(const char *path, uint32_t lookup, struct filestat *stat) {
  return wasi_path_filestat_get(dir, lookup, path, strlen(path), stat);
}

char *memory_end(void) {
  return (char *)(__builtin_wasm_memory_size(0) * 65536);
}

// ---- Tidying up ----

static void empty(uint32_t fd);

static void remove_entry(uint32_t fd, const char *name, size_t size) {
  uint32_t inner;
  if (wasi_path_unlink_file(fd, name, size) == E_SUCCESS ||
      wasi_path_open(fd, 0, name, size, O_DIRECTORY, RIGHTS_DIR, RIGHTS_ALL, 0, &inner) !=
          E_SUCCESS)
    return;
  empty(inner);
  (void)wasi_fd_close(inner);
  (void)wasi_path_remove_directory(fd, name, size);
}

// Removes what is in a directory, a bufferful at a time from its start.
static void empty(uint32_t fd) {
  struct dirent entry;
  char buffer[512];
  size_t used;
  bool found = true;
  for (int rounds = 0; found && rounds < 1000; rounds++) {
    found = false;
    if (wasi_fd_readdir(fd, buffer, sizeof buffer, 0, &used) != E_SUCCESS)
      return;
    for (size_t at = 0; at + sizeof entry <= used; at += sizeof entry + entry.name_length) {
      memcpy(&entry, buffer + at, sizeof entry);
      const char *name = buffer + at + sizeof entry;
      bool dots =
          name[0] == '.' && (entry.name_length == 1 || (entry.name_length == 2 && name[1] == '.'));
      if (dots || at + sizeof entry + entry.name_length > used)
        continue;
      remove_entry(fd, name, entry.name_length);
      found = true;
    }
  }
}

// ---- Running ----

static bool run_one(const struct test *test) {
  current = test;
  failed = false;
  (void)wasi_path_create_directory(ROOT, P("t"));
  if (!test_is(wasi_path_open(ROOT, 0, P("t"), O_DIRECTORY, RIGHTS_DIR, RIGHTS_ALL, 0, &dir),
               E_SUCCESS, "its directory"))
    return false;
  test->run();
  if (keeping)
    return !failed;
  for (uint32_t fd = ROOT + 1; fd < 128; fd++)
    (void)wasi_fd_close(fd);
  if (wasi_path_open(ROOT, 0, P("t"), O_DIRECTORY, RIGHTS_DIR, RIGHTS_ALL, 0, &dir) == E_SUCCESS) {
    empty(dir);
    (void)wasi_fd_close(dir);
  }
  (void)wasi_path_remove_directory(ROOT, P("t"));
  return !failed;
}

int main(int argc, char **argv) {
  int passed = 0;
  int run = 0;
  struct fdstat root;
  if (wasi_fd_fdstat_get(ROOT, &root) == E_SUCCESS)
    all_rights = root.inheriting;
  bool listing = argc > 1 && strcmp(argv[1], "list") == 0;
  keeping = argc > 1 && strcmp(argv[1], "sockets") == 0;
  for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++) {
    bool sockets = lists[i] == tests_sockets;
    for (const struct test *test = lists[i]; test->function != NULL; test++) {
      if (listing) {
        print(test->function, ": ", test->behaviour, "\n", NULL);
      } else if (sockets == keeping &&
                 (argc < 2 || keeping || strcmp(argv[1], test->function) == 0)) {
        run++;
        passed += run_one(test);
      }
    }
  }
  if (keeping)
    (void)wasi_path_remove_directory(ROOT, P("t"));
  if (!listing)
    print("passed ", number(0, passed), " of ", number(1, run), "\n", NULL);
  return !listing && (run == 0 || passed < run);
}

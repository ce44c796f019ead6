// fixed: what a guest may do to a directory that was granted to be read only. Descriptor 3 is that
// directory, 4 one that may be written. Prints what got through, and "passed N of N".
// In both are file ("inside"), link -> file, empty/, dir/file and dir/empty/: tests/e2e/fixed.sh.
#include "thread.h"

enum { FIXED = 3, FREE };
#define RIGHTS_DIR (RIGHTS_ALL & ~(RIGHT_WRITE | RIGHT_ALLOCATE | RIGHT_SET_SIZE))
#define NAME(text) text, sizeof text - 1

static int done;
static int failures;

static void is(uint32_t error, uint32_t expected, const char *what) {
  done++;
  if (error == expected)
    return;
  failures++;
  print("FAILED ", what, ": errno ", number(0, error), " instead of ", number(1, expected), "\n",
        NULL);
}

static uint32_t open_in(uint32_t root, const char *path, uint32_t oflags, uint64_t rights,
                        uint32_t *fd) {
  return wasi_path_open(root, FOLLOW, path, strlen(path), oflags, rights, RIGHTS_ALL, 0, fd);
}

// Every right with which a file can be changed, alone and with others.
static void no_writer(uint32_t root, const char *path) {
  static const uint64_t rights[] = {RIGHT_WRITE, RIGHT_WRITE | RIGHT_READ, RIGHT_ALLOCATE,
                                    RIGHT_SET_SIZE | RIGHT_READ, RIGHTS_ALL};
  uint32_t fd;
  for (size_t i = 0; i < sizeof rights / sizeof *rights; i++)
    is(open_in(root, path, 0, rights[i], &fd), E_ROFS, "open to write");
  is(open_in(root, path, O_TRUNC, RIGHT_READ, &fd), E_ROFS, "open to empty");
  is(open_in(root, path, O_CREAT, RIGHT_READ, &fd), E_ROFS, "open or create");
  is(open_in(root, path, O_CREAT | O_EXCL | O_TRUNC, RIGHTS_ALL, &fd), E_ROFS, "create");
}

// What takes a name in `root`, which has file and dir.
static void no_change(uint32_t root) {
  uint32_t fd;
  no_writer(root, "file");
  is(open_in(root, "new", O_CREAT, RIGHT_WRITE, &fd), E_ROFS, "create");
  is(wasi_path_create_directory(root, NAME("new")), E_ROFS, "mkdir");
  is(wasi_path_remove_directory(root, NAME("empty")), E_ROFS, "rmdir");
  is(wasi_path_unlink_file(root, NAME("file")), E_ROFS, "unlink");
  is(wasi_path_symlink(NAME("file"), root, NAME("new")), E_ROFS, "symlink");
  is(wasi_path_rename(root, NAME("file"), root, NAME("new")), E_ROFS, "rename");
  is(wasi_path_rename(root, NAME("file"), FREE, NAME("new")), E_ROFS, "rename out");
  is(wasi_path_rename(FREE, NAME("file"), root, NAME("file")), E_ROFS, "rename in");
  is(wasi_path_link(root, 0, NAME("file"), root, NAME("new")), E_ROFS, "link");
  is(wasi_path_link(root, 0, NAME("file"), FREE, NAME("new")), E_ROFS, "link out");
  is(wasi_path_link(FREE, 0, NAME("file"), root, NAME("new")), E_ROFS, "link in");
  is(wasi_path_filestat_set_times(root, 0, NAME("file"), 1, 1, SET_ATIM | SET_MTIM), E_ROFS,
     "times by path");
  is(wasi_fd_filestat_set_times(root, 1, 1, SET_ATIM | SET_MTIM), E_ROFS, "times of it");
}

// An open file of the directory, with all the rights that one can ask for to read.
static void no_change_of_file(uint32_t fd) {
  char text[] = "x";
  struct iovec piece = {text, 1};
  size_t size;
  is(wasi_fd_write(fd, &piece, 1, &size), E_NOTCAPABLE, "write");
  is(wasi_fd_pwrite(fd, &piece, 1, 0, &size), E_NOTCAPABLE, "pwrite");
  is(wasi_fd_allocate(fd, 0, 100), E_NOTCAPABLE, "allocate");
  is(wasi_fd_filestat_set_size(fd, 0), E_NOTCAPABLE, "truncate");
  is(wasi_fd_filestat_set_times(fd, 1, 1, SET_ATIM | SET_MTIM), E_ROFS, "times");
  is(wasi_fd_fdstat_set_rights(fd, RIGHTS_ALL, 0), E_NOTCAPABLE, "more rights");
  is(wasi_fd_read(fd, &piece, 1, &size), E_SUCCESS, "read");
  is(text[0] == 'i' ? 0 : 1, 0, "what it read");
}

static void through(uint32_t root) {
  uint32_t fd = 0;
  no_change(root);
  is(open_in(root, "file", 0, RIGHT_READ | RIGHT_SET_TIMES, &fd), E_SUCCESS, "open to read");
  no_change_of_file(fd);
  (void)wasi_fd_close(fd);
}

// Numbers of descriptors are the guest's to deal; what a descriptor is stays.
static void renumbered(void) {
  uint32_t inside = 0;
  uint32_t other = 0;
  is(open_in(FIXED, "dir", O_DIRECTORY, RIGHTS_DIR, &inside), E_SUCCESS, "open dir");
  through(inside);
  is(open_in(FREE, "dir", O_DIRECTORY, RIGHTS_DIR, &other), E_SUCCESS, "open other dir");
  is(wasi_fd_renumber(inside, other), E_SUCCESS, "renumber over a writable one");
  through(other);
  struct fdstat stat;
  is(wasi_fd_fdstat_get(other, &stat), E_SUCCESS, "rights");
  is(wasi_fd_fdstat_set_rights(other, stat.rights, stat.inheriting), E_SUCCESS, "the same rights");
  through(other);
  is(wasi_fd_renumber(other, FIXED), E_SUCCESS, "renumber over the granted one");
  through(FIXED);
}

static bool ended;

static void in_thread(void *arg) {
  (void)arg;
  through(FIXED);
  ended = true;
}

// The directory that may be written still may, and nothing of it is the other's.
static void writable(void) {
  uint32_t fd = 0;
  char text[] = "new";
  struct iovec piece = {text, 3};
  size_t size;
  is(open_in(FREE, "made", O_CREAT, RIGHT_WRITE | RIGHT_READ, &fd), E_SUCCESS, "create beside");
  is(wasi_fd_write(fd, &piece, 1, &size), E_SUCCESS, "write beside");
  is(wasi_fd_renumber(fd, FIXED), E_SUCCESS, "renumber over the fixed one");
  is(wasi_fd_write(FIXED, &piece, 1, &size), E_SUCCESS, "write on");
}

int main(int argc, char **argv) {
  struct thread thread;
  (void)argc;
  (void)argv;
  through(FIXED);
  no_writer(FIXED, "link");
  no_writer(FIXED, "dir/../file");
  if (!thread_start(&thread, in_thread, NULL))
    fail("no thread");
  thread_join(&thread);
  is(ended ? 0 : 1, 0, "the thread");
  renumbered();
  writable();
  print("passed ", number(0, done - failures), " of ", number(1, done), "\n", NULL);
  return failures != 0;
}

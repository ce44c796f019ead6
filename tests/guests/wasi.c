// Checks WASI's functions from the inside, in the granted directory 3, which must be empty. Prints
// what failed, and "wasi: all N checks passed".
#include "guest.h"

enum { ROOT = 3 };
#define RIGHTS_READ_ONLY (RIGHTS_ALL & ~RIGHT_WRITE)

static int checks;

static void check(bool right, const char *what) {
  checks++;
  if (!right)
    fail(what);
}

static void error_is(uint32_t error, uint32_t expected, const char *what) {
  checks++;
  if (error != expected) {
    print("failed: ", what, ": errno ", number(0, error), ", expected ", number(1, expected), "\n",
          NULL);
    wasi_proc_exit(1);
  }
}

static uint32_t open_with(const char *path, uint32_t lookup, uint32_t oflags, uint64_t rights,
                          uint32_t fdflags, uint32_t *fd) {
  return wasi_path_open(ROOT, lookup, path, strlen(path), oflags, rights, RIGHTS_ALL, fdflags, fd);
}

static uint32_t open_new(const char *path) {
  uint32_t fd = 0;
  error_is(open_with(path, 0, O_CREAT | O_EXCL, RIGHTS_ALL, 0, &fd), E_SUCCESS, path);
  return fd;
}

static size_t write_text(uint32_t fd, const char *text) {
  struct iovec iovec = {(void *)text, strlen(text)};
  size_t size = 0;
  error_is(wasi_fd_write(fd, &iovec, 1, &size), E_SUCCESS, "fd_write");
  return size;
}

static void reads(uint32_t fd, const char *expected) {
  char text[64];
  struct iovec iovec = {text, sizeof text};
  size_t size = 0;
  error_is(wasi_fd_read(fd, &iovec, 1, &size), E_SUCCESS, "fd_read");
  check(size == strlen(expected) && memcmp(text, expected, size) == 0, expected);
}

static void files(void) {
  uint32_t fd = open_new("file");
  uint64_t position = 0;
  char a[3];
  char b[8];
  struct iovec two[3] = {{a, sizeof a}, {NULL, 0}, {b, sizeof b}};
  size_t size;
  check(write_text(fd, "hello world") == 11, "fd_write's size");
  error_is(wasi_fd_tell(fd, &position), E_SUCCESS, "fd_tell");
  check(position == 11, "fd_tell's position");
  error_is(wasi_fd_seek(fd, -5, SEEK_CUR, &position), E_SUCCESS, "fd_seek cur");
  reads(fd, "world");
  reads(fd, "");
  error_is(wasi_fd_seek(fd, 0, SEEK_SET, &position), E_SUCCESS, "fd_seek set");
  error_is(wasi_fd_read(fd, two, 3, &size), E_SUCCESS, "fd_read of two");
  check(size == 11 && memcmp(a, "hel", 3) == 0 && memcmp(b, "lo world", 8) == 0, "scattered read");
  error_is(wasi_fd_pread(fd, two, 1, 6, &size), E_SUCCESS, "fd_pread");
  check(size == 3 && memcmp(a, "wor", 3) == 0, "fd_pread's bytes");
  error_is(wasi_fd_pwrite(fd, &(struct iovec){"W", 1}, 1, 6, &size), E_SUCCESS, "fd_pwrite");
  error_is(wasi_fd_seek(fd, -5, SEEK_END, &position), E_SUCCESS, "fd_seek end");
  check(position == 6, "neither pread nor pwrite moves");
  reads(fd, "World");
  error_is(wasi_fd_seek(fd, -100, SEEK_CUR, &position), E_INVAL, "before the start");
  error_is(wasi_fd_seek(fd, 0, 3, &position), E_INVAL, "no such whence");
  error_is(wasi_fd_filestat_set_size(fd, 5), E_SUCCESS, "fd_filestat_set_size");
  struct filestat stat;
  error_is(wasi_fd_filestat_get(fd, &stat), E_SUCCESS, "fd_filestat_get");
  check(stat.size == 5 && stat.filetype == TYPE_REGULAR && stat.nlink == 1, "fd_filestat");
  error_is(wasi_fd_filestat_set_times(fd, 1000000001, 2000000002, 1 | 4), E_SUCCESS, "set_times");
  error_is(wasi_fd_filestat_get(fd, &stat), E_SUCCESS, "fd_filestat_get");
  check(stat.atim == 1000000001 && stat.mtim == 2000000002, "times");
  error_is(wasi_fd_filestat_set_times(fd, 1, 2, 1 | 2), E_INVAL, "time and now");
  error_is(wasi_fd_allocate(fd, 0, 100), E_SUCCESS, "fd_allocate");
  error_is(wasi_fd_filestat_get(fd, &stat), E_SUCCESS, "fd_filestat_get");
  check(stat.size == 100, "allocated size");
  error_is(wasi_fd_sync(fd), E_SUCCESS, "fd_sync");
  error_is(wasi_fd_close(fd), E_SUCCESS, "fd_close");
  error_is(wasi_fd_close(fd), E_BADF, "fd_close twice");
  error_is(wasi_fd_tell(fd, &position), E_BADF, "fd_tell of closed");
}

static void flags_and_rights(void) {
  uint32_t fd;
  uint32_t other;
  struct fdstat stat;
  size_t size;
  error_is(open_with("file", 0, O_TRUNC, RIGHTS_ALL, FD_APPEND, &fd), E_SUCCESS, "append");
  error_is(wasi_fd_fdstat_get(fd, &stat), E_SUCCESS, "fd_fdstat_get");
  check(stat.filetype == TYPE_REGULAR && stat.flags == FD_APPEND, "fdstat");
  (void)write_text(fd, "one");
  uint64_t position;
  error_is(wasi_fd_seek(fd, 0, SEEK_SET, &position), E_SUCCESS, "fd_seek");
  (void)write_text(fd, "two");
  error_is(wasi_fd_seek(fd, 0, SEEK_SET, &position), E_SUCCESS, "fd_seek");
  reads(fd, "onetwo");
  error_is(wasi_fd_fdstat_set_flags(fd, FD_NONBLOCK), E_SUCCESS, "fd_fdstat_set_flags");
  error_is(wasi_fd_fdstat_get(fd, &stat), E_SUCCESS, "fd_fdstat_get");
  check(stat.flags == FD_NONBLOCK, "flags set");
  error_is(wasi_fd_fdstat_set_flags(fd, 1u << 9), E_INVAL, "unknown flag");
  error_is(wasi_fd_fdstat_set_rights(fd, RIGHT_READ, 0), E_SUCCESS, "fewer rights");
  error_is(wasi_fd_fdstat_set_rights(fd, RIGHT_WRITE, 0), E_NOTCAPABLE, "more rights");
  error_is(wasi_fd_write(fd, &(struct iovec){"x", 1}, 1, &size), E_NOTCAPABLE, "write, no right");
  error_is(wasi_fd_close(fd), E_SUCCESS, "fd_close");
  error_is(open_with("file", 0, 0, RIGHT_READ, 0, &fd), E_SUCCESS, "read only");
  error_is(open_with("file", 0, 0, RIGHT_READ, 0, &other), E_SUCCESS, "read only again");
  error_is(wasi_fd_renumber(fd, other), E_SUCCESS, "fd_renumber");
  error_is(wasi_fd_close(fd), E_BADF, "renumbered away");
  reads(other, "onetwo");
  error_is(wasi_fd_close(other), E_SUCCESS, "fd_close");
  error_is(wasi_fd_renumber(other, 77), E_BADF, "fd_renumber of nothing");
}

static uint32_t make_directory(const char *path) {
  return wasi_path_create_directory(ROOT, path, strlen(path));
}

static uint32_t remove_directory(const char *path) {
  return wasi_path_remove_directory(ROOT, path, strlen(path));
}

static uint32_t unlink_file(const char *path) {
  return wasi_path_unlink_file(ROOT, path, strlen(path));
}

static uint32_t rename_to(const char *old, const char *new) {
  return wasi_path_rename(ROOT, old, strlen(old), ROOT, new, strlen(new));
}

static uint32_t link_at(const char *old, const char *new) {
  return wasi_path_link(ROOT, 0, old, strlen(old), ROOT, new, strlen(new));
}

static uint32_t symlink_at(const char *target, const char *path) {
  return wasi_path_symlink(target, strlen(target), ROOT, path, strlen(path));
}

static uint32_t stat_of(const char *path, uint32_t lookup, struct filestat *stat) {
  return wasi_path_filestat_get(ROOT, lookup, path, strlen(path), stat);
}

static void directories(void) {
  struct filestat stat;
  uint32_t fd;
  error_is(make_directory("dir"), E_SUCCESS, "mkdir");
  error_is(make_directory("dir"), E_EXIST, "mkdir again");
  error_is(make_directory("dir/sub/"), E_SUCCESS, "mkdir with slash");
  error_is(make_directory("no/sub"), E_NOENT, "mkdir in nothing");
  error_is(make_directory("file/sub"), E_NOTDIR, "mkdir in file");
  error_is(stat_of("dir/sub", 0, &stat), E_SUCCESS, "stat");
  check(stat.filetype == TYPE_DIRECTORY, "directory");
  error_is(remove_directory("dir"), E_NOTEMPTY, "rmdir of full");
  error_is(remove_directory("file"), E_NOTDIR, "rmdir of file");
  error_is(unlink_file("dir/sub"), E_ISDIR, "unlink of directory");
  error_is(unlink_file("dir/sub/"), E_ISDIR, "unlink of directory with slash");
  error_is(unlink_file("file/"), E_NOTDIR, "unlink of file with slash");
  error_is(rename_to("file", "dir/moved"), E_SUCCESS, "rename");
  error_is(stat_of("file", 0, &stat), E_NOENT, "renamed away");
  error_is(rename_to("dir/moved", "file"), E_SUCCESS, "rename back");
  error_is(rename_to("file/", "other"), E_NOTDIR, "rename of file with slash");
  error_is(link_at("file", "hard"), E_SUCCESS, "link");
  error_is(stat_of("hard", 0, &stat), E_SUCCESS, "stat of link");
  check(stat.nlink == 2, "two links");
  error_is(link_at("file", "hard"), E_EXIST, "link again");
  error_is(unlink_file("hard"), E_SUCCESS, "unlink");
  error_is(remove_directory("dir/sub"), E_SUCCESS, "rmdir");
  error_is(open_with("dir", 0, O_DIRECTORY, RIGHTS_READ_ONLY, 0, &fd), E_SUCCESS, "open directory");
  error_is(wasi_path_create_directory(fd, "below", 5), E_SUCCESS, "mkdir from opened");
  error_is(wasi_path_remove_directory(fd, "below", 5), E_SUCCESS, "rmdir from opened");
  error_is(wasi_path_create_directory(fd, "../up", 5), E_PERM, "above an opened directory");
  error_is(wasi_fd_close(fd), E_SUCCESS, "fd_close");
  error_is(open_with("file", 0, O_DIRECTORY, RIGHTS_ALL, 0, &fd), E_NOTDIR, "no directory");
  error_is(open_with("dir", 0, O_DIRECTORY, RIGHTS_ALL, 0, &fd), E_ISDIR, "to write a directory");
  error_is(open_with("file", 0, O_CREAT | O_EXCL, RIGHTS_ALL, 0, &fd), E_EXIST, "exclusive");
  error_is(open_with("nothing", 0, 0, RIGHT_READ, 0, &fd), E_NOENT, "nothing");
  error_is(remove_directory("dir"), E_SUCCESS, "rmdir");
}

static void links(void) {
  struct filestat stat;
  char target[16];
  size_t size;
  uint32_t fd;
  error_is(symlink_at("file", "link"), E_SUCCESS, "symlink");
  error_is(wasi_path_readlink(ROOT, "link", 4, target, sizeof target, &size), E_SUCCESS,
           "readlink");
  check(size == 4 && memcmp(target, "file", 4) == 0, "link's target");
  error_is(wasi_path_readlink(ROOT, "link", 4, target, 2, &size), E_SUCCESS, "readlink cut");
  check(size == 2, "cut target");
  error_is(wasi_path_readlink(ROOT, "file", 4, target, sizeof target, &size), E_INVAL,
           "readlink of file");
  error_is(stat_of("link", 0, &stat), E_SUCCESS, "lstat");
  check(stat.filetype == TYPE_LINK, "a link");
  error_is(stat_of("link", FOLLOW, &stat), E_SUCCESS, "stat");
  check(stat.filetype == TYPE_REGULAR, "what it points to");
  error_is(open_with("link", 0, 0, RIGHT_READ, 0, &fd), E_LOOP, "open, not following");
  error_is(open_with("link", FOLLOW, 0, RIGHT_READ, 0, &fd), E_SUCCESS, "open, following");
  error_is(wasi_fd_close(fd), E_SUCCESS, "fd_close");
  error_is(symlink_at("/etc/passwd", "absolute"), E_PERM, "absolute link");
  error_is(symlink_at("../../etc", "out"), E_SUCCESS, "link out");
  error_is(open_with("out/passwd", FOLLOW, 0, RIGHT_READ, 0, &fd), E_PERM, "through link out");
  error_is(stat_of("out", FOLLOW, &stat), E_PERM, "stat of link out");
  error_is(stat_of("out/", 0, &stat), E_PERM, "stat of link out with slash");
  error_is(unlink_file("out"), E_SUCCESS, "unlink of link");
  error_is(unlink_file("link"), E_SUCCESS, "unlink of link");
  error_is(stat_of("file", 0, &stat), E_SUCCESS, "its target stays");
}

static void sandbox(void) {
  struct filestat stat;
  uint32_t fd;
  error_is(open_with("/etc/passwd", FOLLOW, 0, RIGHT_READ, 0, &fd), E_PERM, "absolute");
  error_is(open_with("../x", FOLLOW, 0, RIGHT_READ, 0, &fd), E_PERM, "above");
  error_is(open_with("..", FOLLOW, 0, RIGHT_READ, 0, &fd), E_PERM, "the parent");
  error_is(open_with("./../x", FOLLOW, O_CREAT, RIGHTS_ALL, 0, &fd), E_PERM, "create above");
  error_is(stat_of("../..", FOLLOW, &stat), E_PERM, "stat above");
  error_is(make_directory("../made"), E_PERM, "mkdir above");
  error_is(rename_to("file", "../file"), E_PERM, "rename out");
  error_is(open_with("", FOLLOW, 0, RIGHT_READ, 0, &fd), E_NOENT, "empty path");
  error_is(wasi_path_open(ROOT, 0, "file\0x", 6, 0, RIGHT_READ, 0, 0, &fd), E_INVAL, "NUL");
  error_is(wasi_path_open(1, 0, "file", 4, 0, RIGHT_READ, 0, 0, &fd), E_NOTDIR, "below stdout");
  error_is(wasi_path_open(99, 0, "file", 4, 0, RIGHT_READ, 0, 0, &fd), E_BADF, "below nothing");
}

// Names of exactly `count` entries, a few at a time.
static void readdir(void) {
  enum { FILES = 40 };
  union {
    struct dirent entry;
    char bytes[256];
  } buffer;
  char name[] = "many/00";
  bool seen[FILES] = {false};
  uint32_t fd;
  error_is(make_directory("many"), E_SUCCESS, "mkdir");
  for (int i = 0; i < FILES; i++) {
    name[5] = (char)('0' + i / 10);
    name[6] = (char)('0' + i % 10);
    (void)wasi_fd_close(open_new(name));
  }
  error_is(open_with("many", 0, O_DIRECTORY, RIGHTS_READ_ONLY, 0, &fd), E_SUCCESS,
           "open directory");
  uint64_t cookie = 0;
  int found = 0;
  int dots = 0;
  size_t used = sizeof buffer;
  while (used == sizeof buffer) {
    error_is(wasi_fd_readdir(fd, &buffer, sizeof buffer, cookie, &used), E_SUCCESS, "fd_readdir");
    struct dirent entry;
    for (size_t at = 0; at + sizeof entry <= used;) {
      memcpy(&entry, buffer.bytes + at, sizeof entry);
      const char *text = buffer.bytes + at + sizeof entry;
      at += sizeof entry + entry.name_length;
      if (at > used)
        break;
      cookie = entry.next;
      if (text[0] == '.') {
        dots++;
        continue;
      }
      int index = (text[0] - '0') * 10 + text[1] - '0';
      check(entry.name_length == 2 && index >= 0 && index < FILES && !seen[index], "entry");
      check(entry.type == TYPE_REGULAR, "type of entry");
      seen[index] = true;
      found++;
    }
  }
  check(found == FILES && dots == 2, "every entry once");
  error_is(wasi_fd_close(fd), E_SUCCESS, "fd_close");
  for (int i = 0; i < FILES; i++) {
    name[5] = (char)('0' + i / 10);
    name[6] = (char)('0' + i % 10);
    error_is(unlink_file(name), E_SUCCESS, "unlink");
  }
  error_is(remove_directory("many"), E_SUCCESS, "rmdir");
  error_is(open_with("file", 0, 0, RIGHTS_ALL, 0, &fd), E_SUCCESS, "open");
  error_is(wasi_fd_readdir(fd, &buffer, sizeof buffer, 0, &used), E_NOTDIR, "readdir of file");
  error_is(wasi_fd_close(fd), E_SUCCESS, "fd_close");
}

static void bad_pointers(void) {
  char *end = (char *)(__builtin_wasm_memory_size(0) * 65536);
  struct iovec out = {end - 4, 5};
  struct iovec wraps = {(char *)16, 0xfffffff8};
  size_t size;
  uint64_t time;
  error_is(wasi_fd_write(1, &out, 1, &size), E_FAULT, "buffer past the end");
  error_is(wasi_fd_write(1, &wraps, 1, &size), E_FAULT, "buffer that wraps");
  error_is(wasi_fd_write(1, (struct iovec *)(end - 4), 1, &size), E_FAULT, "iovec past the end");
  error_is(wasi_fd_write(1, &out, 0x20000001, &size), E_FAULT, "count that wraps");
  error_is(wasi_fd_write(1, NULL, 0, (size_t *)(end - 2)), E_FAULT, "result past the end");
  error_is(wasi_clock_time_get(CLOCK_REALTIME, 0, (uint64_t *)(end - 7)), E_FAULT, "time");
  error_is(wasi_clock_time_get(CLOCK_REALTIME, 0, (uint64_t *)(end - 8)), E_SUCCESS, "just fits");
  error_is(wasi_clock_time_get(9, 0, &time), E_INVAL, "no such clock");
  error_is(wasi_random_get(end - 1, 2), E_FAULT, "random past the end");
  error_is(wasi_random_get((void *)8, 0xffffffff), E_FAULT, "random that wraps");
  error_is(wasi_args_get((char **)(end - 2), (char *)16), E_FAULT, "arguments past the end");
  error_is(wasi_path_open(ROOT, 0, end - 1, 2, 0, RIGHT_READ, 0, 0, (uint32_t *)16), E_FAULT,
           "path past the end");
  error_is(wasi_poll_oneoff((void *)(end - 40), (void *)16, 1, &size), E_FAULT, "subscription");
  error_is(wasi_poll_oneoff((void *)16, (void *)16, 0x8000000, &size), E_FAULT, "subscriptions");
}

static void clocks_and_poll(void) {
  uint64_t before;
  uint64_t after;
  uint64_t resolution = 0;
  struct subscription in[3] = {{.userdata = 11, .tag = EVENT_CLOCK},
                               {.userdata = 22, .tag = EVENT_READ},
                               {.userdata = 33, .tag = EVENT_CLOCK}};
  struct event out[3];
  size_t events;
  uint32_t fd;
  error_is(wasi_clock_res_get(CLOCK_MONOTONIC, &resolution), E_SUCCESS, "clock_res_get");
  check(resolution > 0 && resolution < 1000000000, "resolution");
  error_is(wasi_clock_time_get(CLOCK_REALTIME, 0, &before), E_SUCCESS, "clock_time_get");
  check(before > 1600000000ull * 1000000000ull, "wall clock");
  error_is(wasi_clock_time_get(CLOCK_MONOTONIC, 0, &before), E_SUCCESS, "clock_time_get");
  in[0].clock.id = CLOCK_MONOTONIC;
  in[0].clock.timeout = 20000000;
  error_is(wasi_poll_oneoff(in, out, 1, &events), E_SUCCESS, "relative sleep");
  error_is(wasi_clock_time_get(CLOCK_MONOTONIC, 0, &after), E_SUCCESS, "clock_time_get");
  check(events == 1 && out[0].userdata == 11 && out[0].type == EVENT_CLOCK, "clock event");
  check(after - before >= 20000000 && after - before < 10000000000, "slept 20 ms");
  in[0].clock.timeout = after + 20000000;
  in[0].clock.flags = ABSTIME;
  error_is(wasi_poll_oneoff(in, out, 1, &events), E_SUCCESS, "absolute sleep");
  error_is(wasi_clock_time_get(CLOCK_MONOTONIC, 0, &before), E_SUCCESS, "clock_time_get");
  check(events == 1 && before >= after + 20000000, "slept until then");
  // A file is ready at once; the hour is not.
  error_is(open_with("file", 0, 0, RIGHTS_ALL, 0, &fd), E_SUCCESS, "open");
  in[0].clock.id = CLOCK_REALTIME;
  in[0].clock.timeout = 3600000000000;
  in[0].clock.flags = 0;
  in[1].fd = fd;
  in[2].clock = in[0].clock;
  error_is(wasi_poll_oneoff(in, out, 3, &events), E_SUCCESS, "poll of file");
  check(events == 1 && out[0].userdata == 22 && out[0].type == EVENT_READ && out[0].error == 0 &&
            out[0].bytes == 6,
        "read event");
  error_is(wasi_fd_close(fd), E_SUCCESS, "fd_close");
  error_is(wasi_poll_oneoff(in, out, 3, &events), E_SUCCESS, "poll of closed");
  check(events == 1 && out[0].error == E_BADF, "error event");
  error_is(wasi_poll_oneoff(in, out, 0, &events), E_INVAL, "poll of nothing");
  in[0].tag = 7;
  error_is(wasi_poll_oneoff(in, out, 1, &events), E_INVAL, "no such event");
}

static void others(void) {
  uint8_t bytes[64] = {0};
  uint8_t zeros[64] = {0};
  uint64_t position;
  error_is(wasi_random_get(bytes, sizeof bytes), E_SUCCESS, "random_get");
  check(memcmp(bytes, zeros, sizeof bytes) != 0, "random bytes");
  error_is(wasi_random_get(bytes, 0), E_SUCCESS, "no random bytes");
  error_is(wasi_sched_yield(), E_SUCCESS, "sched_yield");
  error_is(wasi_proc_raise(0), E_SUCCESS, "proc_raise of nothing");
  error_is(wasi_fd_seek(0, 1, SEEK_CUR, &position), E_SPIPE, "seek of a pipe");
  struct prestat prestat;
  char name[4];
  error_is(wasi_fd_prestat_get(ROOT, &prestat), E_SUCCESS, "fd_prestat_get");
  error_is(wasi_fd_seek(ROOT, 0, SEEK_SET, &position), E_ISDIR, "seek of a directory");
  error_is(wasi_fd_tell(ROOT, &position), E_ISDIR, "tell of a directory");
  error_is(wasi_sock_shutdown(99, 1), E_BADF, "shutdown of nothing");
  error_is(wasi_sock_shutdown(1, 1), E_NOTSOCK, "shutdown of no socket");
  error_is(wasi_fd_prestat_get(ROOT + 1, &prestat), E_BADF, "fd_prestat_get past the end");
  error_is(wasi_fd_prestat_get(1, &prestat), E_BADF, "fd_prestat_get of stdout");
  check(prestat.tag == 0 && prestat.name_length == 1, "prestat");
  error_is(wasi_fd_prestat_dir_name(ROOT, name, 1), E_SUCCESS, "fd_prestat_dir_name");
  check(name[0] == '.', "name of the directory");
}

int main(int argc, char **argv) {
  (void)argc;
  (void)argv;
  files();
  flags_and_rights();
  directories();
  links();
  sandbox();
  readdir();
  bad_pointers();
  clocks_and_poll();
  others();
  error_is(unlink_file("file"), E_SUCCESS, "unlink");
  print("wasi: all ", number(0, checks), " checks passed\n", NULL);
  return 0;
}

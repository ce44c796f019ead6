// Attributes, of descriptors and of paths: fd_filestat_*, path_filestat_*.
#include "test.h"

static struct filestat stat;
static struct filestat other;

enum { YEAR_2001 = 1000000000 };
static const uint64_t second = 1000000000;

static uint64_t wall_clock(void) {
  uint64_t now = 0;
  (void)wasi_clock_time_get(CLOCK_REALTIME, 0, &now);
  return now;
}

// Within a minute of now: file systems keep time a little differently.
static bool is_now(uint64_t time) {
  uint64_t now = wall_clock();
  return time > now - 60 * second && time < now + 60 * second;
}

static void fd_of_file(void) {
  OK(wasi_fd_filestat_get(create("f", "abc"), &stat));
  TRUE(stat.filetype == TYPE_REGULAR && stat.size == 3 && stat.nlink == 1);
  TRUE(stat.ino != 0 && is_now(stat.mtim) && is_now(stat.ctim));
}

static void fd_of_directory(void) {
  OK(wasi_fd_filestat_get(dir, &stat));
  TRUE(stat.filetype == TYPE_DIRECTORY);
}

static void fd_same_as_path(void) {
  OK(wasi_fd_filestat_get(create("f", "abc"), &stat));
  OK(stat_at("f", 0, &other));
  TRUE(stat.dev == other.dev && stat.ino == other.ino && stat.size == other.size);
  (void)create("g", "abc");
  OK(stat_at("g", 0, &other));
  TRUE(stat.dev == other.dev && stat.ino != other.ino);
}

static void fd_unlinked(void) {
  uint32_t fd = create("f", "abc");
  OK(wasi_path_unlink_file(dir, P("f")));
  OK(wasi_fd_filestat_get(fd, &stat));
  TRUE(stat.nlink == 0 && stat.size == 3 && holds(fd, "abc"));
}

static void fd_bad(void) {
  uint32_t fd;
  (void)create("f", "");
  OK(open_at("f", 0, RIGHT_READ, &fd));
  IS(wasi_fd_filestat_get(fd, &stat), E_NOTCAPABLE);
  IS(wasi_fd_filestat_get(1000, &stat), E_BADF);
  IS(wasi_fd_filestat_get(dir, (struct filestat *)(void *)(memory_end() - 63)), E_FAULT);
}

static void size_both_ways(void) {
  uint32_t fd = create("f", "abcdef");
  OK(wasi_fd_filestat_set_size(fd, 2));
  TRUE(holds(fd, "ab"));
  OK(wasi_fd_filestat_set_size(fd, 5));
  OK(wasi_fd_filestat_get(fd, &stat));
  char bytes[5];
  size_t size;
  OK(wasi_fd_pread(fd, &(struct iovec){bytes, 5}, 1, 0, &size));
  TRUE(stat.size == 5 && size == 5 && memcmp(bytes, "ab\0\0\0", 5) == 0);
}

static void size_leaves_offset(void) {
  uint64_t position;
  uint32_t fd = create("f", "abcdef");
  OK(wasi_fd_seek(fd, 4, SEEK_SET, &position));
  OK(wasi_fd_filestat_set_size(fd, 1));
  OK(wasi_fd_tell(fd, &position));
  TRUE(position == 4);
}

static void size_bad(void) {
  uint32_t fd = create("f", "abc");
  IS(wasi_fd_filestat_set_size(fd, 1ull << 63), E_INVAL);
  IS(wasi_fd_filestat_set_size(1000, 1), E_BADF);
  OK(open_at("f", 0, RIGHT_WRITE, &fd));
  IS(wasi_fd_filestat_set_size(fd, 1), E_NOTCAPABLE);
}

static void fd_times_explicit(void) {
  uint32_t fd = create("f", "");
  OK(wasi_fd_filestat_set_times(fd, YEAR_2001 * second + 1, 2 * YEAR_2001 * second + 2,
                                SET_ATIM | SET_MTIM));
  OK(wasi_fd_filestat_get(fd, &stat));
  TRUE(stat.atim == YEAR_2001 * second + 1 && stat.mtim == 2 * YEAR_2001 * second + 2);
}

static void fd_times_one(void) {
  uint32_t fd = create("f", "");
  OK(wasi_fd_filestat_set_times(fd, second, 2 * second, SET_ATIM | SET_MTIM));
  OK(wasi_fd_filestat_set_times(fd, 3 * second, 3 * second, SET_MTIM));
  OK(wasi_fd_filestat_get(fd, &stat));
  TRUE(stat.atim == second && stat.mtim == 3 * second);
  OK(wasi_fd_filestat_set_times(fd, 4 * second, 4 * second, SET_ATIM));
  OK(wasi_fd_filestat_get(fd, &stat));
  TRUE(stat.atim == 4 * second && stat.mtim == 3 * second);
}

static void fd_times_now(void) {
  uint32_t fd = create("f", "");
  OK(wasi_fd_filestat_set_times(fd, second, second, SET_ATIM | SET_MTIM));
  OK(wasi_fd_filestat_set_times(fd, second, second, SET_ATIM_NOW | SET_MTIM_NOW));
  OK(wasi_fd_filestat_get(fd, &stat));
  TRUE(is_now(stat.atim) && is_now(stat.mtim));
}

static void fd_times_none(void) {
  uint32_t fd = create("f", "");
  OK(wasi_fd_filestat_set_times(fd, second, 2 * second, SET_ATIM | SET_MTIM));
  OK(wasi_fd_filestat_set_times(fd, 5 * second, 5 * second, 0));
  OK(wasi_fd_filestat_get(fd, &stat));
  TRUE(stat.atim == second && stat.mtim == 2 * second);
}

static void fd_times_bad(void) {
  uint32_t fd = create("f", "");
  IS(wasi_fd_filestat_set_times(fd, 1, 1, SET_ATIM | SET_ATIM_NOW), E_INVAL);
  IS(wasi_fd_filestat_set_times(fd, 1, 1, SET_MTIM | SET_MTIM_NOW), E_INVAL);
  IS(wasi_fd_filestat_set_times(fd, 1, 1, 16), E_INVAL);
  IS(wasi_fd_filestat_set_times(1000, 1, 1, SET_ATIM), E_BADF);
  OK(open_at("f", 0, RIGHT_READ, &fd));
  IS(wasi_fd_filestat_set_times(fd, 1, 1, SET_ATIM), E_NOTCAPABLE);
}

// ---- By path ----

static void path_follows(void) {
  (void)create("f", "abc");
  OK(wasi_path_symlink(P("f"), dir, P("l")));
  OK(stat_at("l", FOLLOW, &stat));
  TRUE(stat.filetype == TYPE_REGULAR && stat.size == 3);
}

static void path_link_itself(void) {
  (void)create("f", "abc");
  OK(wasi_path_symlink(P("f/g"), dir, P("l")));
  OK(stat_at("l", 0, &stat));
  TRUE(stat.filetype == TYPE_LINK && stat.size == 3);
}

static void path_through_link(void) {
  OK(make_dir("d"));
  (void)create("d/f", "abcd");
  OK(wasi_path_symlink(P("d"), dir, P("l")));
  OK(stat_at("l/f", 0, &stat));
  TRUE(stat.size == 4);
}

static void path_slash(void) {
  (void)create("f", "abc");
  OK(make_dir("d"));
  OK(wasi_path_symlink(P("d"), dir, P("l")));
  IS(stat_at("f/", FOLLOW, &stat), E_NOTDIR);
  OK(stat_at("d//", FOLLOW, &stat));
  TRUE(stat.filetype == TYPE_DIRECTORY);
  OK(stat_at("l/", 0, &stat));
  TRUE(stat.filetype == TYPE_DIRECTORY);
}

static void path_dots(void) {
  OK(make_dir("d"));
  OK(stat_at(".", 0, &stat));
  OK(stat_at("d/..", 0, &other));
  TRUE(stat.ino == other.ino && stat.filetype == TYPE_DIRECTORY);
}

static void path_errors(void) {
  (void)create("f", "");
  OK(wasi_path_symlink(P("nowhere"), dir, P("l")));
  OK(wasi_path_symlink(P("loop"), dir, P("loop")));
  IS(stat_at("x", 0, &stat), E_NOENT);
  IS(stat_at("", 0, &stat), E_NOENT);
  IS(stat_at("x/y", 0, &stat), E_NOENT);
  IS(stat_at("f/x", 0, &stat), E_NOTDIR);
  IS(stat_at("l", FOLLOW, &stat), E_NOENT);
  IS(stat_at("loop", FOLLOW, &stat), E_LOOP);
}

static void path_bad(void) {
  uint32_t fd;
  IS(wasi_path_filestat_get(1000, 0, P("f"), &stat), E_BADF);
  IS(wasi_path_filestat_get(create("f", ""), 0, P("f"), &stat), E_NOTDIR);
  IS(wasi_path_filestat_get(dir, 0, memory_end() - 1, 2, &stat), E_FAULT);
  IS(wasi_path_filestat_get(dir, 0, P("f"), (struct filestat *)(void *)memory_end()), E_FAULT);
  OK(wasi_path_open(dir, 0, P("."), O_DIRECTORY, RIGHT_OPEN, 0, 0, &fd));
  IS(wasi_path_filestat_get(fd, 0, P("f"), &stat), E_NOTCAPABLE);
}

static uint32_t set_times(const char *path, uint32_t lookup, uint64_t atim, uint64_t mtim,
                          uint32_t flags) {
  return wasi_path_filestat_set_times(dir, lookup, path, strlen(path), atim, mtim, flags);
}

static void path_times_explicit(void) {
  (void)create("f", "");
  OK(set_times("f", 0, second, 2 * second, SET_ATIM | SET_MTIM));
  OK(stat_at("f", 0, &stat));
  TRUE(stat.atim == second && stat.mtim == 2 * second);
}

static void path_times_now(void) {
  OK(make_dir("d"));
  OK(set_times("d", 0, second, second, SET_ATIM | SET_MTIM));
  OK(set_times("d", 0, second, second, SET_MTIM_NOW));
  OK(stat_at("d", 0, &stat));
  TRUE(stat.atim == second && is_now(stat.mtim));
}

static void path_times_link(void) {
  (void)create("f", "");
  OK(wasi_path_symlink(P("f"), dir, P("l")));
  OK(set_times("f", 0, second, second, SET_ATIM | SET_MTIM));
  OK(set_times("l", 0, 5 * second, 5 * second, SET_ATIM | SET_MTIM));
  OK(stat_at("f", 0, &stat));
  OK(stat_at("l", 0, &other));
  TRUE(stat.mtim == second && other.mtim == 5 * second);
  OK(set_times("l", FOLLOW, 7 * second, 7 * second, SET_MTIM));
  OK(stat_at("f", 0, &stat));
  TRUE(stat.mtim == 7 * second && stat.atim == second);
}

static void path_times_bad(void) {
  uint32_t fd;
  (void)create("f", "");
  IS(set_times("x", 0, 1, 1, SET_ATIM), E_NOENT);
  IS(set_times("f", 0, 1, 1, SET_ATIM | SET_ATIM_NOW), E_INVAL);
  IS(set_times("f", 0, 1, 1, 32), E_INVAL);
  IS(wasi_path_filestat_set_times(1000, 0, P("f"), 1, 1, SET_ATIM), E_BADF);
  IS(wasi_path_filestat_set_times(dir, 0, memory_end(), 1, 1, 1, SET_ATIM), E_FAULT);
  OK(wasi_path_open(dir, 0, P("."), O_DIRECTORY, RIGHT_OPEN, 0, 0, &fd));
  IS(wasi_path_filestat_set_times(fd, 0, P("f"), 1, 1, SET_ATIM), E_NOTCAPABLE);
}

const struct test tests_stat[] = {
    {"fd_filestat_get", "a file's type, size, links and times", fd_of_file},
    {"fd_filestat_get", "a directory", fd_of_directory},
    {"fd_filestat_get", "device and inode tell files apart, as by path", fd_same_as_path},
    {"fd_filestat_get", "a file that has no name left", fd_unlinked},
    {"fd_filestat_get", "ENOTCAPABLE, EBADF and EFAULT", fd_bad},
    {"fd_filestat_set_size", "cuts, and extends with zeros", size_both_ways},
    {"fd_filestat_set_size", "leaves the offset", size_leaves_offset},
    {"fd_filestat_set_size", "EINVAL, EBADF and ENOTCAPABLE", size_bad},
    {"fd_filestat_set_times", "explicit to the nanosecond", fd_times_explicit},
    {"fd_filestat_set_times", "one leaves the other", fd_times_one},
    {"fd_filestat_set_times", "now", fd_times_now},
    {"fd_filestat_set_times", "no flags change nothing", fd_times_none},
    {"fd_filestat_set_times", "EINVAL, EBADF and ENOTCAPABLE", fd_times_bad},
    {"path_filestat_get", "follows a link when asked", path_follows},
    {"path_filestat_get", "else the link itself, its size the target's length", path_link_itself},
    {"path_filestat_get", "goes through links on the way", path_through_link},
    {"path_filestat_get", "a slash behind means a directory", path_slash},
    {"path_filestat_get", "dots", path_dots},
    {"path_filestat_get", "ENOENT, ENOTDIR and ELOOP", path_errors},
    {"path_filestat_get", "EBADF, ENOTDIR, EFAULT and ENOTCAPABLE", path_bad},
    {"path_filestat_set_times", "explicit", path_times_explicit},
    {"path_filestat_set_times", "one of a directory, now", path_times_now},
    {"path_filestat_set_times", "a link's own, or its target's when followed", path_times_link},
    {"path_filestat_set_times", "ENOENT, EINVAL, EBADF, EFAULT, ENOTCAPABLE", path_times_bad},
    {NULL, NULL, NULL},
};

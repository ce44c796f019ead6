// Descriptors themselves: closing, renumbering, flags, rights, granted directories, and what only
// advises or flushes.
#include "test.h"

static struct fdstat stat;

// ---- fd_close, fd_renumber ----

static void close_frees(void) {
  uint64_t position;
  uint32_t fd = create("f", "");
  OK(wasi_fd_close(fd));
  IS(wasi_fd_tell(fd, &position), E_BADF);
}

static void close_twice(void) {
  uint32_t fd = create("f", "");
  OK(wasi_fd_close(fd));
  IS(wasi_fd_close(fd), E_BADF);
  IS(wasi_fd_close(0xffffffff), E_BADF);
}

static void close_directory(void) {
  uint32_t fd;
  OK(make_dir("d"));
  OK(open_at("d", O_DIRECTORY, RIGHTS_DIR, &fd));
  OK(wasi_fd_close(fd));
  IS(wasi_path_create_directory(fd, P("x")), E_BADF);
}

static void renumber_moves(void) {
  uint32_t a = create("a", "this");
  uint32_t b = create("b", "that");
  OK(wasi_fd_renumber(a, b));
  TRUE(holds(b, "this"));
  IS(wasi_fd_close(a), E_BADF);
}

static void renumber_itself(void) {
  uint32_t a = create("a", "this");
  OK(wasi_fd_renumber(a, a));
  TRUE(holds(a, "this"));
}

static void renumber_keeps_rights(void) {
  uint32_t a;
  uint32_t b = create("b", "that");
  size_t size;
  (void)create("a", "this");
  OK(open_at("a", 0, RIGHT_READ | RIGHT_SEEK, &a));
  OK(wasi_fd_renumber(a, b));
  IS(wasi_fd_write(b, &(struct iovec){"x", 1}, 1, &size), E_NOTCAPABLE);
}

static void renumber_bad(void) {
  uint32_t a = create("a", "this");
  IS(wasi_fd_renumber(a, 1000), E_BADF);
  IS(wasi_fd_renumber(1000, a), E_BADF);
  IS(wasi_fd_renumber(a, 0xffffffff), E_BADF);
  TRUE(holds(a, "this"));
}

// ---- fd_fdstat_get, fd_fdstat_set_flags, fd_fdstat_set_rights ----

static void fdstat_types(void) {
  OK(wasi_fd_fdstat_get(create("f", ""), &stat));
  TRUE(stat.filetype == TYPE_REGULAR && stat.flags == 0);
  OK(wasi_fd_fdstat_get(dir, &stat));
  TRUE(stat.filetype == TYPE_DIRECTORY);
}

static void fdstat_rights(void) {
  uint32_t fd;
  (void)create("f", "");
  OK(open_at("f", 0, RIGHT_READ | RIGHT_TELL, &fd));
  OK(wasi_fd_fdstat_get(fd, &stat));
  TRUE(stat.rights == (RIGHT_READ | RIGHT_TELL));
}

static void fdstat_fitting_rights(void) {
  OK(wasi_fd_fdstat_get(create("f", ""), &stat));
  TRUE((stat.rights & (RIGHT_OPEN | RIGHT_READDIR | RIGHT_ACCEPT)) == 0);
  TRUE((stat.rights & (RIGHT_READ | RIGHT_WRITE | RIGHT_SEEK)) != 0);
  OK(wasi_fd_fdstat_get(dir, &stat));
  TRUE((stat.rights & (RIGHT_READ | RIGHT_WRITE | RIGHT_SEEK)) == 0);
  TRUE((stat.rights & RIGHT_OPEN) != 0 && (stat.inheriting & RIGHT_READ) != 0);
}

static void fdstat_bad(void) {
  IS(wasi_fd_fdstat_get(1000, &stat), E_BADF);
  IS(wasi_fd_fdstat_get(dir, (struct fdstat *)(void *)(memory_end() - 23)), E_FAULT);
}

static void flags_append(void) {
  uint32_t fd = create("f", "abc");
  size_t size;
  OK(wasi_fd_fdstat_set_flags(fd, FD_APPEND));
  OK(wasi_fd_fdstat_get(fd, &stat));
  TRUE(stat.flags == FD_APPEND);
  OK(wasi_fd_write(fd, &(struct iovec){"d", 1}, 1, &size));
  OK(wasi_fd_fdstat_set_flags(fd, 0));
  OK(wasi_fd_fdstat_get(fd, &stat));
  TRUE(stat.flags == 0 && holds(fd, "abcd"));
}

static void flags_nonblock(void) {
  uint32_t fd = create("f", "abc");
  OK(wasi_fd_fdstat_set_flags(fd, FD_NONBLOCK | FD_APPEND));
  OK(wasi_fd_fdstat_get(fd, &stat));
  TRUE(stat.flags == (FD_NONBLOCK | FD_APPEND));
}

static void flags_sync(void) {
  uint32_t fd = create("f", "");
  IS(wasi_fd_fdstat_set_flags(fd, FD_SYNC), E_NOTSUP);
  IS(wasi_fd_fdstat_set_flags(fd, FD_DSYNC), E_NOTSUP);
  OK(wasi_path_open(dir, 0, P("f"), 0, RIGHTS_ALL, 0, FD_DSYNC, &fd));
  OK(wasi_fd_fdstat_get(fd, &stat));
  TRUE(stat.flags == FD_DSYNC);
  OK(wasi_fd_fdstat_set_flags(fd, stat.flags | FD_APPEND));
}

static void flags_bad(void) {
  uint32_t fd = create("f", "");
  IS(wasi_fd_fdstat_set_flags(fd, 32), E_INVAL);
  IS(wasi_fd_fdstat_set_flags(1000, 0), E_BADF);
}

static void flags_right(void) {
  uint32_t fd;
  (void)create("f", "");
  OK(open_at("f", 0, RIGHT_READ, &fd));
  IS(wasi_fd_fdstat_set_flags(fd, FD_APPEND), E_NOTCAPABLE);
}

static void rights_dropped(void) {
  uint32_t fd = create("f", "abc");
  size_t size;
  OK(wasi_fd_fdstat_set_rights(fd, RIGHT_READ | RIGHT_SEEK, 0));
  OK(wasi_fd_fdstat_get(fd, &stat));
  TRUE(stat.rights == (RIGHT_READ | RIGHT_SEEK) && stat.inheriting == 0);
  IS(wasi_fd_write(fd, &(struct iovec){"x", 1}, 1, &size), E_NOTCAPABLE);
  TRUE(holds(fd, "abc"));
}

static void rights_never_back(void) {
  uint32_t fd = create("f", "");
  OK(wasi_fd_fdstat_set_rights(fd, RIGHT_READ, 0));
  IS(wasi_fd_fdstat_set_rights(fd, RIGHT_READ | RIGHT_WRITE, 0), E_NOTCAPABLE);
  IS(wasi_fd_fdstat_set_rights(fd, RIGHT_READ, RIGHT_READ), E_NOTCAPABLE);
  OK(wasi_fd_fdstat_get(fd, &stat));
  TRUE(stat.rights == RIGHT_READ && stat.inheriting == 0);
}

static void rights_inherited(void) {
  uint32_t inner;
  uint32_t fd;
  size_t size;
  (void)create("f", "abc");
  OK(wasi_path_open(dir, 0, P("."), O_DIRECTORY, RIGHTS_DIR, RIGHTS_ALL, 0, &inner));
  OK(wasi_fd_fdstat_get(inner, &stat));
  OK(wasi_fd_fdstat_set_rights(inner, stat.rights, RIGHT_READ | RIGHT_SEEK));
  OK(wasi_path_open(inner, 0, P("f"), 0, RIGHTS_ALL, RIGHTS_ALL, 0, &fd));
  OK(wasi_fd_fdstat_get(fd, &stat));
  TRUE((stat.rights & ~(RIGHT_READ | RIGHT_SEEK)) == 0);
  IS(wasi_fd_write(fd, &(struct iovec){"x", 1}, 1, &size), E_NOTCAPABLE);
  TRUE(holds(fd, "abc"));
}

static void nothing_inherited(void) {
  const uint64_t inheriting[] = {0, RIGHTS_DIR & ~RIGHT_READ};
  uint32_t inner;
  uint32_t fd;
  size_t size;
  for (int i = 0; i < 2; i++) {
    OK(wasi_path_open(dir, 0, P("."), O_DIRECTORY, RIGHTS_DIR, inheriting[i], 0, &inner));
    OK(wasi_path_open(inner, 0, P("f"), O_CREAT, RIGHT_READ | RIGHT_WRITE, 0, 0, &fd));
    OK(wasi_fd_write(fd, &(struct iovec){"x", 1}, 1, &size));
  }
  OK(wasi_fd_fdstat_get(inner, &stat));
  OK(wasi_fd_fdstat_set_rights(inner, stat.rights, 0));
  OK(wasi_path_open(inner, 0, P("f"), 0, RIGHT_READ, 0, 0, &fd));
  IS(wasi_fd_read(fd, &(struct iovec){&size, 1}, 1, &size), E_NOTCAPABLE);
}

static void rights_bad(void) {
  IS(wasi_fd_fdstat_set_rights(1000, 0, 0), E_BADF);
}

// ---- fd_prestat_get, fd_prestat_dir_name ----

static void prestat_root(void) {
  struct prestat prestat = {.tag = 9};
  OK(wasi_fd_prestat_get(ROOT, &prestat));
  TRUE(prestat.tag == 0 && prestat.name_length > 0);
}

static void prestat_others(void) {
  struct prestat prestat;
  IS(wasi_fd_prestat_get(create("f", ""), &prestat), E_BADF);
  IS(wasi_fd_prestat_get(dir, &prestat), E_BADF);
  IS(wasi_fd_prestat_get(1, &prestat), E_BADF);
  IS(wasi_fd_prestat_get(1000, &prestat), E_BADF);
}

static void prestat_fault(void) {
  IS(wasi_fd_prestat_get(ROOT, (struct prestat *)(void *)(memory_end() - 7)), E_FAULT);
}

static void name_whole(void) {
  struct prestat prestat;
  char name[66];
  OK(wasi_fd_prestat_get(ROOT, &prestat));
  memset(name, '#', sizeof name);
  TRUE(prestat.name_length < 64);
  OK(wasi_fd_prestat_dir_name(ROOT, name + 1, prestat.name_length));
  TRUE(name[0] == '#' && name[1] != '#' && name[1 + prestat.name_length] == '#');
}

static void name_short(void) {
  struct prestat prestat;
  char name[64];
  OK(wasi_fd_prestat_get(ROOT, &prestat));
  IS(wasi_fd_prestat_dir_name(ROOT, name, prestat.name_length - 1), E_NAMETOOLONG);
}

static void name_bad(void) {
  char name[8];
  IS(wasi_fd_prestat_dir_name(dir, name, sizeof name), E_BADF);
  IS(wasi_fd_prestat_dir_name(1000, name, sizeof name), E_BADF);
  IS(wasi_fd_prestat_dir_name(ROOT, memory_end(), 64), E_FAULT);
}

// ---- fd_advise, fd_allocate, fd_sync, fd_datasync ----

static void advise_all(void) {
  uint32_t fd = create("f", "abc");
  for (uint32_t advice = 0; advice < 6; advice++)
    OK(wasi_fd_advise(fd, 0, 3, advice));
  TRUE(holds(fd, "abc"));
}

static void advise_bad(void) {
  uint32_t fd = create("f", "abc");
  IS(wasi_fd_advise(fd, 0, 0, 6), E_INVAL);
  IS(wasi_fd_advise(fd, 1ull << 63, 0, 0), E_INVAL);
  IS(wasi_fd_advise(fd, 0, 1ull << 63, 0), E_INVAL);
  IS(wasi_fd_advise(1000, 0, 0, 0), E_BADF);
}

static void advise_right(void) {
  uint32_t fd;
  (void)create("f", "");
  OK(open_at("f", 0, RIGHT_READ, &fd));
  IS(wasi_fd_advise(fd, 0, 0, 0), E_NOTCAPABLE);
}

static void allocate_extends(void) {
  struct filestat filestat;
  uint32_t fd = create("f", "abc");
  OK(wasi_fd_allocate(fd, 2, 8));
  OK(wasi_fd_filestat_get(fd, &filestat));
  TRUE(filestat.size == 10);
}

static void allocate_within(void) {
  struct filestat filestat;
  uint32_t fd = create("f", "abcdef");
  OK(wasi_fd_allocate(fd, 0, 3));
  OK(wasi_fd_filestat_get(fd, &filestat));
  TRUE(filestat.size == 6 && holds(fd, "abcdef"));
}

static void allocate_bad(void) {
  uint32_t fd = create("f", "abc");
  IS(wasi_fd_allocate(fd, 0, 0), E_INVAL);
  IS(wasi_fd_allocate(fd, 1ull << 63, 1), E_INVAL);
  IS(wasi_fd_allocate(fd, 0, 1ull << 63), E_INVAL);
  TRUE(wasi_fd_allocate(fd, INT64_MAX, INT64_MAX) != E_SUCCESS);
  IS(wasi_fd_allocate(1000, 0, 1), E_BADF);
  TRUE(holds(fd, "abc"));
}

static void allocate_right(void) {
  uint32_t fd;
  (void)create("f", "");
  OK(open_at("f", 0, RIGHT_WRITE, &fd));
  IS(wasi_fd_allocate(fd, 0, 1), E_NOTCAPABLE);
}

static void syncs(void) {
  OK(wasi_fd_sync(create("f", "abc")));
  OK(wasi_fd_sync(dir));
}

static void sync_bad(void) {
  uint32_t fd;
  (void)create("f", "");
  OK(open_at("f", 0, RIGHT_WRITE, &fd));
  IS(wasi_fd_sync(fd), E_NOTCAPABLE);
  IS(wasi_fd_sync(1000), E_BADF);
}

static void datasyncs(void) {
  OK(wasi_fd_datasync(create("f", "abc")));
  uint32_t fd;
  OK(wasi_path_open(dir, 0, P("."), O_DIRECTORY, RIGHT_OPEN | RIGHT_DATASYNC, 0, 0, &fd));
  OK(wasi_fd_datasync(fd));
}

static void datasync_bad(void) {
  uint32_t fd;
  (void)create("f", "");
  OK(open_at("f", 0, RIGHT_WRITE, &fd));
  IS(wasi_fd_datasync(fd), E_NOTCAPABLE);
  IS(wasi_fd_datasync(1000), E_BADF);
}

const struct test tests_fds[] = {
    {"fd_close", "the number is free", close_frees},
    {"fd_close", "EBADF the second time", close_twice},
    {"fd_close", "directories too", close_directory},
    {"fd_renumber", "moves and closes what was there", renumber_moves},
    {"fd_renumber", "to itself", renumber_itself},
    {"fd_renumber", "rights move along", renumber_keeps_rights},
    {"fd_renumber", "EBADF for closed ones, nothing moved", renumber_bad},
    {"fd_fdstat_get", "files and directories", fdstat_types},
    {"fd_fdstat_get", "the rights asked for", fdstat_rights},
    {"fd_fdstat_get", "only rights that the kind of file has", fdstat_fitting_rights},
    {"fd_fdstat_get", "EBADF and EFAULT", fdstat_bad},
    {"fd_fdstat_set_flags", "append on and off", flags_append},
    {"fd_fdstat_set_flags", "nonblock", flags_nonblock},
    {"fd_fdstat_set_flags", "ENOTSUP to synchronise, unless it was so opened", flags_sync},
    {"fd_fdstat_set_flags", "EINVAL and EBADF", flags_bad},
    {"fd_fdstat_set_flags", "ENOTCAPABLE without the right", flags_right},
    {"fd_fdstat_set_rights", "fewer", rights_dropped},
    {"fd_fdstat_set_rights", "ENOTCAPABLE for more, nothing changed", rights_never_back},
    {"fd_fdstat_set_rights", "what a directory no longer hands on", rights_inherited},
    {"fd_fdstat_set_rights",
     "a directory opened to hand on neither reading nor writing hands on all", nothing_inherited},
    {"fd_fdstat_set_rights", "EBADF", rights_bad},
    {"fd_prestat_get", "a granted directory", prestat_root},
    {"fd_prestat_get", "EBADF for everything else", prestat_others},
    {"fd_prestat_get", "EFAULT past the memory's end", prestat_fault},
    {"fd_prestat_dir_name", "the name and no NUL", name_whole},
    {"fd_prestat_dir_name", "ENAMETOOLONG for a short buffer", name_short},
    {"fd_prestat_dir_name", "EBADF and EFAULT", name_bad},
    {"fd_advise", "every advice", advise_all},
    {"fd_advise", "EINVAL and EBADF", advise_bad},
    {"fd_advise", "ENOTCAPABLE without the right", advise_right},
    {"fd_allocate", "past the end extends", allocate_extends},
    {"fd_allocate", "within leaves size and bytes", allocate_within},
    {"fd_allocate", "EINVAL, EBADF, and what no disk has", allocate_bad},
    {"fd_allocate", "ENOTCAPABLE without the right", allocate_right},
    {"fd_sync", "files and directories", syncs},
    {"fd_sync", "ENOTCAPABLE and EBADF", sync_bad},
    {"fd_datasync", "files and directories", datasyncs},
    {"fd_datasync", "ENOTCAPABLE and EBADF", datasync_bad},
    {NULL, NULL, NULL},
};

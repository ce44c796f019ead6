// path_open.
#include "test.h"

static uint32_t fd;
static struct fdstat stat;

static uint32_t open_with(const char *path, uint32_t lookup, uint32_t oflags, uint64_t rights,
                          uint32_t fdflags) {
  fd = 0xffffffff;
  return wasi_path_open(dir, lookup, path, strlen(path), oflags, rights, RIGHTS_ALL, fdflags, &fd);
}

static void opens_existing(void) {
  (void)create("f", "abc");
  OK(open_with("f", 0, 0, RIGHTS_ALL, 0));
  TRUE(holds(fd, "abc"));
}

static void lowest_number(void) {
  uint32_t a = create("a", "");
  uint32_t b = create("b", "");
  TRUE(b == a + 1);
  OK(wasi_fd_close(a));
  OK(open_with("b", 0, 0, RIGHTS_ALL, 0));
  TRUE(fd == a);
}

static void creates(void) {
  OK(open_with("f", 0, O_CREAT, RIGHTS_ALL, 0));
  TRUE(holds(fd, ""));
  OK(file_is("f", ""));
  IS(open_with("x", 0, 0, RIGHTS_ALL, 0), E_NOENT);
}

static void create_keeps(void) {
  (void)create("f", "abc");
  OK(open_with("f", 0, O_CREAT, RIGHTS_ALL, 0));
  TRUE(holds(fd, "abc"));
}

static void exclusive(void) {
  (void)create("f", "abc");
  OK(wasi_path_symlink(P("nowhere"), dir, P("l")));
  IS(open_with("f", 0, O_CREAT | O_EXCL, RIGHTS_ALL, 0), E_EXIST);
  IS(open_with("l", FOLLOW, O_CREAT | O_EXCL, RIGHTS_ALL, 0), E_EXIST);
  OK(open_with("g", 0, O_CREAT | O_EXCL, RIGHTS_ALL, 0));
}

static void truncates(void) {
  (void)create("f", "abc");
  OK(open_with("f", 0, O_TRUNC, RIGHTS_ALL, 0));
  OK(file_is("f", ""));
}

static void only_directories(void) {
  (void)create("f", "");
  OK(make_dir("d"));
  OK(open_with("d", 0, O_DIRECTORY, RIGHTS_DIR, 0));
  OK(wasi_fd_fdstat_get(fd, &stat));
  TRUE(stat.filetype == TYPE_DIRECTORY);
  IS(open_with("f", 0, O_DIRECTORY, RIGHTS_DIR, 0), E_NOTDIR);
}

static void directory_as_file(void) {
  OK(make_dir("d"));
  OK(open_with("d", 0, 0, RIGHT_READ | RIGHT_READDIR, 0));
  IS(open_with("d", 0, 0, RIGHT_READ | RIGHT_WRITE, 0), E_ISDIR);
  IS(open_with("d", 0, O_CREAT, RIGHT_READ | RIGHT_WRITE, 0), E_ISDIR);
}

static void directory_created(void) {
  IS(open_with("d", 0, O_CREAT | O_DIRECTORY, RIGHTS_DIR, 0), E_INVAL);
}

static void access_follows_rights(void) {
  size_t size;
  char byte;
  (void)create("f", "abc");
  OK(open_with("f", 0, 0, RIGHT_READ, 0));
  IS(wasi_fd_write(fd, &(struct iovec){"x", 1}, 1, &size), E_NOTCAPABLE);
  OK(open_with("f", 0, 0, RIGHT_WRITE, 0));
  IS(wasi_fd_read(fd, &(struct iovec){&byte, 1}, 1, &size), E_NOTCAPABLE);
  OK(open_with("f", 0, 0, 0, 0));
  IS(wasi_fd_read(fd, &(struct iovec){&byte, 1}, 1, &size), E_NOTCAPABLE);
}

static void rights_masked(void) {
  (void)create("f", "abc");
  OK(open_with("f", 0, 0, UINT64_MAX, 0));
  OK(wasi_fd_fdstat_get(fd, &stat));
  TRUE((stat.rights & ~RIGHTS_ALL) == 0 && (stat.rights & RIGHT_READ) != 0);
}

static void rights_of_directory(void) {
  uint32_t inner;
  (void)create("f", "abc");
  OK(wasi_path_open(dir, 0, P("."), O_DIRECTORY, RIGHTS_DIR & ~RIGHT_OPEN, 0, 0, &inner));
  IS(wasi_path_open(inner, 0, P("f"), 0, RIGHT_READ, 0, 0, &fd), E_NOTCAPABLE);
  OK(wasi_path_open(dir, 0, P("."), O_DIRECTORY, RIGHTS_DIR & ~RIGHT_CREATE_FILE, RIGHTS_ALL, 0,
                    &inner));
  OK(wasi_path_open(inner, 0, P("f"), 0, RIGHT_READ, 0, 0, &fd));
  IS(wasi_path_open(inner, 0, P("g"), O_CREAT, RIGHT_READ, 0, 0, &fd), E_NOTCAPABLE);
  OK(wasi_path_open(dir, 0, P("."), O_DIRECTORY, RIGHTS_DIR & ~RIGHT_PATH_SET_SIZE,
                    RIGHTS_ALL & ~RIGHT_SET_SIZE, 0, &inner));
  IS(wasi_path_open(inner, 0, P("f"), O_TRUNC, RIGHT_WRITE, 0, 0, &fd), E_NOTCAPABLE);
  OK(file_is("f", "abc"));
  // What could be emptied once it is open may be emptied by opening it.
  OK(wasi_path_open(dir, 0, P("."), O_DIRECTORY, RIGHTS_DIR & ~RIGHT_PATH_SET_SIZE, RIGHTS_ALL, 0,
                    &inner));
  OK(wasi_path_open(inner, 0, P("f"), O_TRUNC, RIGHT_WRITE, 0, 0, &fd));
  OK(file_is("f", ""));
}

static void follows_links(void) {
  (void)create("f", "abc");
  OK(wasi_path_symlink(P("f"), dir, P("l")));
  OK(open_with("l", FOLLOW, 0, RIGHTS_ALL, 0));
  TRUE(holds(fd, "abc"));
  IS(open_with("l", 0, 0, RIGHTS_ALL, 0), E_LOOP);
}

static void creates_through_link(void) {
  OK(wasi_path_symlink(P("made"), dir, P("l")));
  OK(open_with("l", FOLLOW, O_CREAT, RIGHTS_ALL, 0));
  OK(file_is("made", ""));
}

static void links_to_directories(void) {
  OK(make_dir("d"));
  (void)create("d/f", "in d");
  OK(wasi_path_symlink(P("d"), dir, P("l")));
  OK(open_with("l", FOLLOW, O_DIRECTORY, RIGHTS_DIR, 0));
  OK(open_with("l/f", 0, 0, RIGHTS_ALL, 0));
  TRUE(holds(fd, "in d"));
  TRUE(open_with("l", 0, O_DIRECTORY, RIGHTS_DIR, 0) != E_SUCCESS);
}

static void long_chain(void) {
  (void)create("l0", "end");
  for (int i = 1; i <= 40; i++) {
    char target[8] = "l";
    char name[8] = "l";
    memcpy(target + 1, number(0, i - 1), strlen(number(0, i - 1)) + 1);
    memcpy(name + 1, number(1, i), strlen(number(1, i)) + 1);
    OK(wasi_path_symlink(target, strlen(target), dir, name, strlen(name)));
  }
  OK(open_with("l30", FOLLOW, 0, RIGHTS_ALL, 0));
  TRUE(holds(fd, "end"));
  OK(open_with("l40", FOLLOW, 0, RIGHTS_ALL, 0));
  OK(wasi_path_symlink(P("l40"), dir, P("l41")));
  IS(open_with("l41", FOLLOW, 0, RIGHTS_ALL, 0), E_LOOP);
}

static void loops(void) {
  OK(wasi_path_symlink(P("b"), dir, P("a")));
  OK(wasi_path_symlink(P("a"), dir, P("b")));
  IS(open_with("a", FOLLOW, 0, RIGHTS_ALL, 0), E_LOOP);
  IS(open_with("a/x", 0, 0, RIGHTS_ALL, 0), E_LOOP);
}

static void dots_inside(void) {
  OK(make_dir("d"));
  OK(make_dir("d/e"));
  (void)create("f", "abc");
  OK(open_with("./d/./e/../../f", 0, 0, RIGHTS_ALL, 0));
  TRUE(holds(fd, "abc"));
  OK(open_with("d//e///..//..///f", 0, 0, RIGHTS_ALL, 0));
  OK(open_with("d/e/..", 0, O_DIRECTORY, RIGHTS_DIR, 0));
}

static void slashes_behind(void) {
  (void)create("f", "");
  OK(make_dir("d"));
  OK(open_with("d/", 0, O_DIRECTORY, RIGHTS_DIR, 0));
  IS(open_with("f/", 0, 0, RIGHTS_ALL, 0), E_NOTDIR);
  TRUE(open_with("new/", 0, O_CREAT, RIGHTS_ALL, 0) != E_SUCCESS);
  struct filestat filestat;
  IS(stat_at("new", 0, &filestat), E_NOENT);
}

static void flags_kept(void) {
  OK(open_with("f", 0, O_CREAT, RIGHTS_ALL, FD_APPEND));
  OK(wasi_fd_fdstat_get(fd, &stat));
  TRUE(stat.flags == FD_APPEND);
  OK(open_with("f", 0, 0, RIGHTS_ALL, FD_NONBLOCK));
  OK(wasi_fd_fdstat_get(fd, &stat));
  TRUE(stat.flags == FD_NONBLOCK);
  OK(open_with("f", 0, 0, RIGHTS_ALL, 0));
  OK(wasi_fd_fdstat_get(fd, &stat));
  TRUE(stat.flags == 0);
}

static void flags_synchronised(void) {
  OK(open_with("f", 0, O_CREAT, RIGHTS_ALL, FD_DSYNC));
  OK(wasi_fd_fdstat_get(fd, &stat));
  TRUE(stat.flags == FD_DSYNC);
  OK(open_with("f", 0, 0, RIGHTS_ALL, FD_SYNC));
  OK(wasi_fd_fdstat_get(fd, &stat));
  TRUE((stat.flags & (FD_SYNC | FD_DSYNC)) == (FD_SYNC | FD_DSYNC));
}

static void bad_flags(void) {
  (void)create("f", "");
  IS(open_with("f", 0, 16, RIGHTS_ALL, 0), E_INVAL);
  IS(open_with("f", 0, 0, RIGHTS_ALL, 32), E_INVAL);
}

static void names(void) {
  char name[300];
  OK(open_with("with space \xc3\xa4 \xe2\x82\xac", 0, O_CREAT, RIGHTS_ALL, 0));
  IS(wasi_path_open(dir, 0, P(""), 0, RIGHTS_ALL, 0, 0, &fd), E_NOENT);
  IS(wasi_path_open(dir, 0, P("f\0g"), O_CREAT, RIGHTS_ALL, 0, 0, &fd), E_INVAL);
  memset(name, 'n', sizeof name);
  OK(wasi_path_open(dir, 0, name, 255, O_CREAT, RIGHTS_ALL, 0, 0, &fd));
  IS(wasi_path_open(dir, 0, name, 256, O_CREAT, RIGHTS_ALL, 0, 0, &fd), E_NAMETOOLONG);
}

static void not_utf8(void) {
  OK(open_with("\xff\xfe", 0, O_CREAT, RIGHTS_ALL, 0));
  OK(file_is("\xff\xfe", ""));
}

static void bad(void) {
  IS(wasi_path_open(1000, 0, P("f"), O_CREAT, RIGHTS_ALL, 0, 0, &fd), E_BADF);
  IS(wasi_path_open(create("f", ""), 0, P("g"), O_CREAT, RIGHTS_ALL, 0, 0, &fd), E_NOTDIR);
  IS(wasi_path_open(dir, 0, memory_end() - 1, 2, O_CREAT, RIGHTS_ALL, 0, 0, &fd), E_FAULT);
  IS(wasi_path_open(dir, 0, P("h"), O_CREAT, RIGHTS_ALL, 0, 0, (uint32_t *)memory_end()), E_FAULT);
  struct filestat filestat;
  IS(stat_at("h", 0, &filestat), E_NOENT);
}

const struct test tests_open[] = {
    {"path_open", "what exists", opens_existing},
    {"path_open", "gives the lowest free number", lowest_number},
    {"path_open", "creates only when asked", creates},
    {"path_open", "creat leaves what is there", create_keeps},
    {"path_open", "excl refuses what is there, dangling links too", exclusive},
    {"path_open", "trunc empties", truncates},
    {"path_open", "directory refuses files", only_directories},
    {"path_open", "EISDIR to write a directory", directory_as_file},
    {"path_open", "EINVAL to create a directory", directory_created},
    {"path_open", "rights decide on reading and writing", access_follows_rights},
    {"path_open", "rights that nobody defined are left out", rights_masked},
    {"path_open", "the directory's rights to open, create and truncate", rights_of_directory},
    {"path_open", "follows a link when asked, else ELOOP", follows_links},
    {"path_open", "creates what a link names", creates_through_link},
    {"path_open", "links to directories", links_to_directories},
    {"path_open", "40 links in a row, not 41", long_chain},
    {"path_open", "ELOOP", loops},
    {"path_open", "dots and many slashes", dots_inside},
    {"path_open", "a slash behind means a directory", slashes_behind},
    {"path_open", "append and nonblock, and nothing else", flags_kept},
    {"path_open", "dsync and sync", flags_synchronised},
    {"path_open", "EINVAL for flags that are none", bad_flags},
    {"path_open", "empty, NUL-holding, longest and longer names", names},
    {"path_open", "names are bytes", not_utf8},
    {"path_open", "EBADF, ENOTDIR and EFAULT, nothing created", bad},
    {NULL, NULL, NULL},
};

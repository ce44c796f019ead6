// path_link, path_symlink and path_readlink.
#include "test.h"

static struct filestat stat;
static size_t size;

static uint32_t link_at(const char *old, const char *new) {
  return wasi_path_link(dir, 0, old, strlen(old), dir, new, strlen(new));
}

static uint32_t symlink_at(const char *target, const char *path) {
  return wasi_path_symlink(target, strlen(target), dir, path, strlen(path));
}

static void link_same_file(void) {
  struct filestat other;
  (void)create("a", "abc");
  OK(link_at("a", "b"));
  OK(stat_at("a", 0, &stat));
  OK(stat_at("b", 0, &other));
  TRUE(stat.ino == other.ino && stat.nlink == 2);
  OK(wasi_path_unlink_file(dir, P("a")));
  OK(file_is("b", "abc"));
}

static void link_between(void) {
  uint32_t d;
  OK(make_dir("d"));
  OK(open_at("d", O_DIRECTORY, RIGHTS_DIR, &d));
  (void)create("a", "abc");
  OK(wasi_path_link(dir, 0, P("a"), d, P("b")));
  OK(file_is("d/b", "abc"));
}

static void link_of_link(void) {
  OK(symlink_at("nowhere", "l"));
  OK(link_at("l", "m"));
  OK(stat_at("m", 0, &stat));
  TRUE(stat.filetype == TYPE_LINK && stat.nlink == 2);
}

static void link_following(void) {
  (void)create("f", "");
  OK(symlink_at("f", "l"));
  IS(wasi_path_link(dir, FOLLOW, P("l"), dir, P("m")), E_INVAL);
}

static void link_errors(void) {
  (void)create("f", "");
  OK(make_dir("d"));
  IS(link_at("x", "y"), E_NOENT);
  IS(link_at("f", "f"), E_EXIST);
  IS(link_at("f", "d"), E_EXIST);
  IS(link_at("d", "e"), E_PERM);
  IS(link_at("f", "x/y"), E_NOENT);
  IS(link_at("f/", "y"), E_NOTDIR);
  IS(link_at("f", "y/"), E_NOENT);
}

static void link_bad(void) {
  uint32_t fd;
  (void)create("f", "");
  IS(wasi_path_link(1000, 0, P("f"), dir, P("g")), E_BADF);
  IS(wasi_path_link(dir, 0, P("f"), 1000, P("g")), E_BADF);
  IS(wasi_path_link(dir, 0, memory_end(), 1, dir, P("g")), E_FAULT);
  IS(wasi_path_link(dir, 0, P("f"), dir, memory_end(), 1), E_FAULT);
  OK(wasi_path_open(dir, 0, P("."), O_DIRECTORY, RIGHT_LINK_SOURCE, 0, 0, &fd));
  IS(wasi_path_link(dir, 0, P("f"), fd, P("g")), E_NOTCAPABLE);
  OK(wasi_path_open(dir, 0, P("."), O_DIRECTORY, RIGHT_LINK_TARGET, 0, 0, &fd));
  IS(wasi_path_link(fd, 0, P("f"), dir, P("g")), E_NOTCAPABLE);
}

static void symlink_keeps_target(void) {
  char text[64];
  OK(symlink_at("any/../thing//at all", "l"));
  OK(wasi_path_readlink(dir, P("l"), text, sizeof text, &size));
  TRUE(size == 20 && memcmp(text, "any/../thing//at all", 20) == 0);
}

static void symlink_relative_to_itself(void) {
  OK(make_dir("d"));
  (void)create("f", "abc");
  OK(symlink_at("../f", "d/l"));
  uint32_t fd;
  OK(wasi_path_open(dir, FOLLOW, P("d/l"), 0, RIGHTS_ALL, 0, 0, &fd));
  TRUE(holds(fd, "abc"));
}

static void symlink_absolute(void) {
  IS(symlink_at("/etc/passwd", "l"), E_PERM);
  IS(stat_at("l", 0, &stat), E_NOENT);
}

static void symlink_errors(void) {
  (void)create("f", "");
  IS(symlink_at("x", "f"), E_EXIST);
  IS(symlink_at("x", "f/l"), E_NOTDIR);
  IS(symlink_at("x", "y/l"), E_NOENT);
  IS(symlink_at("", "l"), E_NOENT);
  IS(symlink_at("x", ""), E_NOENT);
  IS(symlink_at("x", "l/"), E_NOENT);
  IS(wasi_path_symlink(P("a\0b"), dir, P("l")), E_INVAL);
}

static void symlink_bad(void) {
  uint32_t fd;
  IS(wasi_path_symlink(P("x"), 1000, P("l")), E_BADF);
  IS(wasi_path_symlink(memory_end(), 1, dir, P("l")), E_FAULT);
  IS(wasi_path_symlink(P("x"), dir, memory_end(), 1), E_FAULT);
  OK(wasi_path_open(dir, 0, P("."), O_DIRECTORY, RIGHT_OPEN, 0, 0, &fd));
  IS(wasi_path_symlink(P("x"), fd, P("l")), E_NOTCAPABLE);
}

static void readlink_whole(void) {
  char text[9] = "########";
  OK(symlink_at("abcd", "l"));
  OK(wasi_path_readlink(dir, P("l"), text, 8, &size));
  TRUE(size == 4 && memcmp(text, "abcd####", 8) == 0);
}

static void readlink_cut(void) {
  char text[5] = "####";
  OK(symlink_at("abcd", "l"));
  OK(wasi_path_readlink(dir, P("l"), text, 2, &size));
  TRUE(size == 2 && memcmp(text, "ab##", 4) == 0);
  OK(wasi_path_readlink(dir, P("l"), text, 0, &size));
  TRUE(size == 0);
}

static void readlink_no_link(void) {
  char text[4];
  (void)create("f", "");
  IS(wasi_path_readlink(dir, P("f"), text, 4, &size), E_INVAL);
  IS(wasi_path_readlink(dir, P("."), text, 4, &size), E_INVAL);
  IS(wasi_path_readlink(dir, P("x"), text, 4, &size), E_NOENT);
}

static void readlink_bad(void) {
  char text[4];
  uint32_t fd;
  OK(symlink_at("abcd", "l"));
  IS(wasi_path_readlink(1000, P("l"), text, 4, &size), E_BADF);
  IS(wasi_path_readlink(dir, memory_end(), 1, text, 4, &size), E_FAULT);
  IS(wasi_path_readlink(dir, P("l"), memory_end() - 3, 4, &size), E_FAULT);
  IS(wasi_path_readlink(dir, P("l"), text, 4, (size_t *)memory_end()), E_FAULT);
  OK(wasi_path_open(dir, 0, P("."), O_DIRECTORY, RIGHT_OPEN, 0, 0, &fd));
  IS(wasi_path_readlink(fd, P("l"), text, 4, &size), E_NOTCAPABLE);
}

const struct test tests_links[] = {
    {"path_link", "two names of one file", link_same_file},
    {"path_link", "between two directories", link_between},
    {"path_link", "of a link, not of its target", link_of_link},
    {"path_link", "EINVAL to follow", link_following},
    {"path_link", "ENOENT, EEXIST, EPERM and ENOTDIR", link_errors},
    {"path_link", "EBADF, EFAULT and ENOTCAPABLE", link_bad},
    {"path_symlink", "keeps the target as it is", symlink_keeps_target},
    {"path_symlink", "is relative to its own directory", symlink_relative_to_itself},
    {"path_symlink", "EPERM for absolute targets", symlink_absolute},
    {"path_symlink", "EEXIST, ENOTDIR, ENOENT and EINVAL", symlink_errors},
    {"path_symlink", "EBADF, EFAULT and ENOTCAPABLE", symlink_bad},
    {"path_readlink", "the target and no NUL", readlink_whole},
    {"path_readlink", "cut to the buffer", readlink_cut},
    {"path_readlink", "EINVAL for what is no link, ENOENT", readlink_no_link},
    {"path_readlink", "EBADF, EFAULT and ENOTCAPABLE", readlink_bad},
    {NULL, NULL, NULL},
};

// path_unlink_file and path_rename.
#include "test.h"

static struct filestat stat;

static uint32_t unlink_at(const char *path) {
  return wasi_path_unlink_file(dir, path, strlen(path));
}

static uint32_t rename_to(const char *old, const char *new) {
  return wasi_path_rename(dir, old, strlen(old), dir, new, strlen(new));
}

static void unlink_removes(void) {
  (void)create("f", "");
  OK(unlink_at("f"));
  IS(stat_at("f", 0, &stat), E_NOENT);
  IS(unlink_at("f"), E_NOENT);
}

static void unlink_link(void) {
  (void)create("f", "abc");
  OK(wasi_path_symlink(P("f"), dir, P("l")));
  OK(unlink_at("l"));
  OK(file_is("f", "abc"));
}

static void unlink_open_file(void) {
  uint32_t fd = create("f", "abc");
  OK(unlink_at("f"));
  TRUE(holds(fd, "abc"));
}

static void unlink_directory(void) {
  OK(make_dir("d"));
  IS(unlink_at("d"), E_ISDIR);
  IS(unlink_at("d/"), E_ISDIR);
  IS(unlink_at("."), E_ISDIR);
}

static void unlink_slash(void) {
  (void)create("f", "");
  IS(unlink_at("f/"), E_NOTDIR);
  IS(unlink_at("f/x"), E_NOTDIR);
  OK(stat_at("f", 0, &stat));
}

static void unlink_bad(void) {
  uint32_t fd = create("f", "");
  IS(wasi_path_unlink_file(1000, P("f")), E_BADF);
  IS(wasi_path_unlink_file(fd, P("f")), E_NOTDIR);
  IS(wasi_path_unlink_file(dir, memory_end(), 1), E_FAULT);
  OK(wasi_path_open(dir, 0, P("."), O_DIRECTORY, RIGHT_OPEN, 0, 0, &fd));
  IS(wasi_path_unlink_file(fd, P("f")), E_NOTCAPABLE);
}

static void rename_moves(void) {
  (void)create("a", "abc");
  OK(rename_to("a", "b"));
  OK(file_is("b", "abc"));
  IS(stat_at("a", 0, &stat), E_NOENT);
}

static void rename_between(void) {
  uint32_t d;
  OK(make_dir("d"));
  OK(open_at("d", O_DIRECTORY, RIGHTS_DIR, &d));
  (void)create("a", "abc");
  OK(wasi_path_rename(dir, P("a"), d, P("b")));
  OK(file_is("d/b", "abc"));
  OK(wasi_path_rename(d, P("b"), dir, P("c")));
  OK(file_is("c", "abc"));
}

static void rename_over_file(void) {
  uint32_t old = create("b", "old");
  (void)create("a", "new");
  OK(rename_to("a", "b"));
  OK(file_is("b", "new"));
  TRUE(holds(old, "old"));
}

static void rename_itself(void) {
  (void)create("a", "abc");
  OK(rename_to("a", "a"));
  OK(rename_to("a", "./a"));
  OK(file_is("a", "abc"));
}

static void rename_links_themselves(void) {
  (void)create("f", "abc");
  OK(wasi_path_symlink(P("f"), dir, P("l")));
  OK(rename_to("l", "m"));
  OK(stat_at("m", 0, &stat));
  TRUE(stat.filetype == TYPE_LINK);
  (void)create("g", "new");
  OK(rename_to("g", "m"));
  OK(file_is("m", "new"));
  OK(file_is("f", "abc"));
}

static void rename_directories(void) {
  OK(make_dir("d"));
  (void)create("d/f", "abc");
  OK(rename_to("d", "e"));
  OK(file_is("e/f", "abc"));
  OK(rename_to("e/", "g/"));
  OK(file_is("g/f", "abc"));
}

static void rename_over_directory(void) {
  OK(make_dir("empty"));
  OK(make_dir("full"));
  OK(make_dir("d"));
  (void)create("full/f", "");
  (void)create("f", "");
  IS(rename_to("d", "full"), E_NOTEMPTY);
  OK(rename_to("d", "empty"));
  IS(rename_to("f", "empty"), E_ISDIR);
  IS(rename_to("empty", "f"), E_NOTDIR);
}

static void rename_into_itself(void) {
  OK(make_dir("d"));
  IS(rename_to("d", "d/e"), E_INVAL);
}

static void rename_errors(void) {
  (void)create("f", "");
  OK(make_dir("d"));
  IS(rename_to("x", "y"), E_NOENT);
  IS(rename_to("f", "x/y"), E_NOENT);
  IS(rename_to("f/", "g"), E_NOTDIR);
  IS(rename_to("f", "g/"), E_NOTDIR);
  TRUE(rename_to("d/.", "e") != E_SUCCESS);
  TRUE(rename_to("d", "..") != E_SUCCESS);
}

static void rename_bad(void) {
  uint32_t fd;
  (void)create("f", "");
  IS(wasi_path_rename(1000, P("f"), dir, P("g")), E_BADF);
  IS(wasi_path_rename(dir, P("f"), 1000, P("g")), E_BADF);
  IS(wasi_path_rename(dir, memory_end(), 1, dir, P("g")), E_FAULT);
  IS(wasi_path_rename(dir, P("f"), dir, memory_end(), 1), E_FAULT);
  OK(wasi_path_open(dir, 0, P("."), O_DIRECTORY, RIGHT_RENAME_SOURCE, 0, 0, &fd));
  IS(wasi_path_rename(dir, P("f"), fd, P("g")), E_NOTCAPABLE);
  OK(wasi_path_open(dir, 0, P("."), O_DIRECTORY, RIGHT_RENAME_TARGET, 0, 0, &fd));
  IS(wasi_path_rename(fd, P("f"), dir, P("g")), E_NOTCAPABLE);
}

const struct test tests_names[] = {
    {"path_unlink_file", "removes a name", unlink_removes},
    {"path_unlink_file", "of a link, not of its target", unlink_link},
    {"path_unlink_file", "an open file stays", unlink_open_file},
    {"path_unlink_file", "EISDIR", unlink_directory},
    {"path_unlink_file", "ENOTDIR for a file and a slash", unlink_slash},
    {"path_unlink_file", "EBADF, ENOTDIR, EFAULT and ENOTCAPABLE", unlink_bad},
    {"path_rename", "moves", rename_moves},
    {"path_rename", "between two directories", rename_between},
    {"path_rename", "over a file, which stays for who has it open", rename_over_file},
    {"path_rename", "to itself", rename_itself},
    {"path_rename", "links themselves, from and over", rename_links_themselves},
    {"path_rename", "directories, with a slash too", rename_directories},
    {"path_rename", "over an empty directory only", rename_over_directory},
    {"path_rename", "EINVAL into itself", rename_into_itself},
    {"path_rename", "ENOENT, ENOTDIR and dots", rename_errors},
    {"path_rename", "EBADF, EFAULT and ENOTCAPABLE", rename_bad},
    {NULL, NULL, NULL},
};

// fd_readdir, path_create_directory, path_remove_directory.
#include "test.h"

enum { MANY = 300, ROOM = 4096 };
static char buffer[ROOM];
static size_t used;

struct listing {
  int entries, dots;
  uint64_t sum; // of the numbers that names are
  bool wrong_type;
};

// Reads a directory whose files are named by numbers, `room` bytes at a time.
static bool list(uint32_t fd, size_t room, struct listing *listing) {
  uint64_t cookie = 0;
  *listing = (struct listing){.entries = 0};
  do {
    struct dirent entry;
    if (wasi_fd_readdir(fd, buffer, room, cookie, &used) != E_SUCCESS)
      return false;
    for (size_t at = 0; at + sizeof entry <= used;) {
      memcpy(&entry, buffer + at, sizeof entry);
      const char *name = buffer + at + sizeof entry;
      at += sizeof entry + entry.name_length;
      if (at > used)
        break;
      cookie = entry.next;
      if (name[0] == '.') {
        listing->dots++;
        listing->wrong_type |= entry.type != TYPE_DIRECTORY;
        continue;
      }
      uint64_t value = 0;
      for (uint32_t i = 0; i < entry.name_length; i++)
        value = value * 10 + (uint64_t)(name[i] - '0');
      listing->entries++;
      listing->sum += value;
      listing->wrong_type |= entry.type != TYPE_REGULAR;
    }
  } while (used == room);
  return true;
}

static void fill(int count) {
  for (int i = 1; i <= count; i++)
    (void)wasi_fd_close(create(number(0, i), ""));
}

static void readdir_empty(void) {
  struct listing listing;
  TRUE(list(dir, ROOM, &listing));
  TRUE(listing.entries == 0 && listing.dots == 2);
}

static void readdir_all_at_once(void) {
  struct listing listing;
  fill(20);
  TRUE(list(dir, ROOM, &listing));
  TRUE(listing.entries == 20 && listing.dots == 2 && listing.sum == 210 && !listing.wrong_type);
}

static void readdir_in_parts(void) {
  struct listing listing;
  fill(MANY);
  for (size_t room = 64; room <= 1000; room += 117) {
    TRUE(list(dir, room, &listing));
    TRUE(listing.entries == MANY && listing.dots == 2);
    TRUE(listing.sum == MANY * (MANY + 1) / 2);
  }
}

static void readdir_cut(void) {
  fill(3);
  for (size_t room = 0; room < 60; room++) {
    memset(buffer, '#', sizeof buffer);
    OK(wasi_fd_readdir(dir, buffer, room, 0, &used));
    TRUE(used == room && buffer[room] == '#');
  }
}

static void readdir_cookie(void) {
  struct dirent first;
  struct dirent again;
  fill(5);
  OK(wasi_fd_readdir(dir, &first, sizeof first, 0, &used));
  OK(wasi_fd_readdir(dir, buffer, sizeof buffer, first.next, &used));
  OK(wasi_fd_readdir(dir, &again, sizeof again, 0, &used));
  TRUE(first.next == again.next && first.ino == again.ino);
  OK(wasi_fd_readdir(dir, buffer, sizeof buffer, 0, &used));
  size_t all = used;
  OK(wasi_fd_readdir(dir, buffer, sizeof buffer, first.next, &used));
  TRUE(used == all - sizeof first - first.name_length);
}

// wasi-libc's telldir and seekdir keep them in 32 bits with a sign.
static void readdir_small_cookies(void) {
  uint64_t cookies[MANY + 3] = {0};
  struct dirent entry;
  int count = 0;
  fill(MANY);
  for (;; count++) {
    OK(wasi_fd_readdir(dir, &entry, sizeof entry, cookies[count], &used));
    if (used < sizeof entry || count == MANY + 2)
      break;
    TRUE(entry.next > 0 && entry.next <= 0x7fffffff);
    cookies[count + 1] = entry.next;
  }
  TRUE(count == MANY + 2);
  // Back to front: each names the same entry as the first time.
  for (int i = count; i > 0; i--) {
    OK(wasi_fd_readdir(dir, &entry, sizeof entry, cookies[i - 1], &used));
    TRUE(used == sizeof entry && entry.next == cookies[i]);
  }
  IS(wasi_fd_readdir(dir, &entry, sizeof entry, cookies[count] + 1000, &used), E_INVAL);
}

static void readdir_removed_meanwhile(void) {
  struct listing listing;
  struct dirent entry;
  fill(50);
  OK(wasi_fd_readdir(dir, &entry, sizeof entry, 0, &used));
  for (int i = 1; i <= 50; i++)
    OK(wasi_path_unlink_file(dir, number(0, i), strlen(number(0, i))));
  OK(wasi_fd_readdir(dir, buffer, sizeof buffer, entry.next, &used));
  TRUE(list(dir, ROOM, &listing));
  TRUE(listing.entries == 0 && listing.dots == 2);
}

static void readdir_types(void) {
  struct dirent entry;
  bool link = false;
  bool directory = false;
  OK(make_dir("d"));
  OK(wasi_path_symlink(P("x"), dir, P("l")));
  OK(wasi_fd_readdir(dir, buffer, sizeof buffer, 0, &used));
  for (size_t at = 0; at + sizeof entry <= used; at += sizeof entry + entry.name_length) {
    memcpy(&entry, buffer + at, sizeof entry);
    link |= buffer[at + sizeof entry] == 'l' && entry.type == TYPE_LINK;
    directory |= buffer[at + sizeof entry] == 'd' && entry.type == TYPE_DIRECTORY;
  }
  TRUE(link && directory);
}

static void readdir_inodes(void) {
  struct dirent entry;
  struct filestat stat;
  bool found = false;
  (void)create("1", "");
  OK(stat_at("1", 0, &stat));
  OK(wasi_fd_readdir(dir, buffer, sizeof buffer, 0, &used));
  for (size_t at = 0; at + sizeof entry <= used; at += sizeof entry + entry.name_length) {
    memcpy(&entry, buffer + at, sizeof entry);
    found |= buffer[at + sizeof entry] == '1' && entry.ino == stat.ino;
  }
  TRUE(found);
}

static void readdir_long_names(void) {
  char name[255];
  struct dirent entry;
  bool found = false;
  uint32_t fd;
  memset(name, 'n', sizeof name);
  OK(wasi_path_open(dir, 0, name, sizeof name, O_CREAT, RIGHTS_ALL, 0, 0, &fd));
  OK(wasi_fd_readdir(dir, buffer, sizeof buffer, 0, &used));
  for (size_t at = 0; at + sizeof entry <= used; at += sizeof entry + entry.name_length) {
    memcpy(&entry, buffer + at, sizeof entry);
    found |= entry.name_length == 255 && memcmp(buffer + at + sizeof entry, name, 255) == 0;
  }
  TRUE(found);
}

static void readdir_bad(void) {
  uint32_t fd;
  IS(wasi_fd_readdir(create("f", ""), buffer, ROOM, 0, &used), E_NOTDIR);
  IS(wasi_fd_readdir(1000, buffer, ROOM, 0, &used), E_BADF);
  IS(wasi_fd_readdir(dir, memory_end() - 8, 9, 0, &used), E_FAULT);
  IS(wasi_fd_readdir(dir, buffer, ROOM, 0, (size_t *)memory_end()), E_FAULT);
  OK(wasi_path_open(dir, 0, P("."), O_DIRECTORY, RIGHT_OPEN, 0, 0, &fd));
  IS(wasi_fd_readdir(fd, buffer, ROOM, 0, &used), E_NOTCAPABLE);
}

// ---- path_create_directory ----

static void mkdir_makes(void) {
  struct filestat stat;
  OK(make_dir("d"));
  OK(make_dir("d/e"));
  OK(stat_at("d/e", 0, &stat));
  TRUE(stat.filetype == TYPE_DIRECTORY);
}

static void mkdir_slash(void) {
  struct filestat stat;
  OK(make_dir("d/"));
  OK(make_dir("d//e//"));
  OK(stat_at("d/e", 0, &stat));
}

static void mkdir_exists(void) {
  (void)create("f", "");
  OK(wasi_path_symlink(P("nowhere"), dir, P("l")));
  IS(make_dir("f"), E_EXIST);
  IS(make_dir("l"), E_EXIST);
  IS(make_dir("."), E_EXIST);
  OK(make_dir("d"));
  IS(make_dir("d"), E_EXIST);
}

static void mkdir_nowhere(void) {
  (void)create("f", "");
  IS(make_dir("x/y"), E_NOENT);
  IS(make_dir(""), E_NOENT);
  IS(make_dir("f/y"), E_NOTDIR);
}

static void mkdir_bad(void) {
  uint32_t fd;
  IS(wasi_path_create_directory(1000, P("d")), E_BADF);
  IS(wasi_path_create_directory(create("f", ""), P("d")), E_NOTDIR);
  IS(wasi_path_create_directory(dir, memory_end(), 1), E_FAULT);
  OK(wasi_path_open(dir, 0, P("."), O_DIRECTORY, RIGHT_OPEN, 0, 0, &fd));
  IS(wasi_path_create_directory(fd, P("d")), E_NOTCAPABLE);
}

// ---- path_remove_directory ----

static uint32_t remove_dir(const char *path) {
  return wasi_path_remove_directory(dir, path, strlen(path));
}

static void rmdir_removes(void) {
  struct filestat stat;
  OK(make_dir("d"));
  OK(make_dir("e"));
  OK(remove_dir("d"));
  OK(remove_dir("e/"));
  IS(stat_at("d", 0, &stat), E_NOENT);
  IS(stat_at("e", 0, &stat), E_NOENT);
}

static void rmdir_full(void) {
  OK(make_dir("d"));
  (void)create("d/f", "");
  IS(remove_dir("d"), E_NOTEMPTY);
}

static void rmdir_no_directory(void) {
  (void)create("f", "");
  OK(make_dir("d"));
  OK(wasi_path_symlink(P("d"), dir, P("l")));
  IS(remove_dir("f"), E_NOTDIR);
  IS(remove_dir("l"), E_NOTDIR);
  IS(remove_dir("l/"), E_NOTDIR);
  IS(remove_dir("x"), E_NOENT);
}

static void rmdir_dots(void) {
  OK(make_dir("d"));
  IS(remove_dir("."), E_INVAL);
  IS(remove_dir("d/."), E_INVAL);
  TRUE(remove_dir("d/..") != E_SUCCESS);
}

static void rmdir_open(void) {
  uint32_t fd;
  OK(make_dir("d"));
  OK(open_at("d", O_DIRECTORY, RIGHTS_DIR, &fd));
  OK(remove_dir("d"));
  IS(wasi_path_create_directory(fd, P("x")), E_NOENT);
}

static void rmdir_bad(void) {
  uint32_t fd;
  OK(make_dir("d"));
  IS(wasi_path_remove_directory(1000, P("d")), E_BADF);
  IS(wasi_path_remove_directory(dir, memory_end(), 1), E_FAULT);
  OK(wasi_path_open(dir, 0, P("."), O_DIRECTORY, RIGHT_OPEN, 0, 0, &fd));
  IS(wasi_path_remove_directory(fd, P("d")), E_NOTCAPABLE);
}

const struct test tests_dirs[] = {
    {"fd_readdir", "an empty directory has . and ..", readdir_empty},
    {"fd_readdir", "every entry once", readdir_all_at_once},
    {"fd_readdir", "every entry once, whatever the buffer's size", readdir_in_parts},
    {"fd_readdir", "the last entry is cut at the buffer's end", readdir_cut},
    {"fd_readdir", "a cookie goes on behind its entry", readdir_cookie},
    {"fd_readdir", "cookies have 31 bits, and can be gone back to", readdir_small_cookies},
    {"fd_readdir", "a cookie stays good when entries go", readdir_removed_meanwhile},
    {"fd_readdir", "types", readdir_types},
    {"fd_readdir", "inodes as of the file", readdir_inodes},
    {"fd_readdir", "the longest name", readdir_long_names},
    {"fd_readdir", "ENOTDIR, EBADF, EFAULT and ENOTCAPABLE", readdir_bad},
    {"path_create_directory", "also in another", mkdir_makes},
    {"path_create_directory", "slashes behind", mkdir_slash},
    {"path_create_directory", "EEXIST for anything that is there", mkdir_exists},
    {"path_create_directory", "ENOENT and ENOTDIR", mkdir_nowhere},
    {"path_create_directory", "EBADF, ENOTDIR, EFAULT and ENOTCAPABLE", mkdir_bad},
    {"path_remove_directory", "with and without a slash", rmdir_removes},
    {"path_remove_directory", "ENOTEMPTY", rmdir_full},
    {"path_remove_directory", "ENOTDIR for files and links, ENOENT", rmdir_no_directory},
    {"path_remove_directory", "EINVAL for dots", rmdir_dots},
    {"path_remove_directory", "one that is open stays, empty for ever", rmdir_open},
    {"path_remove_directory", "EBADF, EFAULT and ENOTCAPABLE", rmdir_bad},
    {NULL, NULL, NULL},
};

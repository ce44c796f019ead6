#include "wasi/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum {
  // The kernel's own bound on links in one path.
  MAX_LINKS = 40,
  // Directories that a walk holds open to find its way back; openat2 has no such bound.
  MAX_DEPTH = 256,
  // How often a race with another process is retried.
  MAX_RETRIES = 128,
};

static int fail(int error) {
  errno = error;
  return -1;
}

static void close_quietly(int fd) {
  int saved = errno;
  (void)close(fd);
  errno = saved;
}

// ---- The walk ----

struct walk {
  int stack[MAX_DEPTH]; // directories from the start (not owned) to where the walk stands
  int depth;            // of the last one
  int links;
  char rest[2 * PATH_MAX]; // what is still to be walked
};

static void walk_deinit(struct walk *walk) {
  for (int i = 1; i <= walk->depth; i++) {
    close_quietly(walk->stack[i]);
  }
}

// Takes the next component off walk->rest. False when there is none. *last tells whether nothing
// but slashes follows, *slash whether some did.
static bool next_component(struct walk *walk, char name[NAME_MAX + 1], bool *last, bool *slash) {
  const char *start = walk->rest + strspn(walk->rest, "/");
  size_t length = strcspn(start, "/");
  if (length == 0) {
    return false;
  }
  if (length > NAME_MAX) {
    name[0] = '\0';
    return true;
  }
  memcpy(name, start, length);
  name[length] = '\0';
  const char *after = start + length;
  const char *next = after + strspn(after, "/");
  *slash = next != after;
  *last = *next == '\0';
  memmove(walk->rest, next, strlen(next) + 1);
  return true;
}

// Puts a link's target before the rest of the path.
static int expand_link(struct walk *walk, int link, bool slash) {
  char target[PATH_MAX];
  if (++walk->links > MAX_LINKS) {
    return fail(ELOOP);
  }
  ssize_t length = readlinkat(link, "", target, sizeof target);
  if (length < 0) {
    return -1;
  }
  if (length == 0 || (size_t)length >= sizeof target) {
    return fail(length == 0 ? ENOENT : ENAMETOOLONG);
  }
  if (target[0] == '/') {
    return fail(EPERM);
  }
  size_t rest = strlen(walk->rest);
  size_t size = (size_t)length;
  if (size + rest + 2 > sizeof walk->rest) {
    return fail(ENAMETOOLONG);
  }
  memmove(walk->rest + size + (slash ? 1 : 0), walk->rest, rest + 1);
  memcpy(walk->rest, target, size);
  if (slash) {
    walk->rest[size] = '/';
  }
  return 0;
}

// Steps into an intermediate component, which is a directory or a link to expand.
static int step(struct walk *walk, const char *name, bool slash) {
  if (strcmp(name, ".") == 0) {
    return 0;
  }
  if (strcmp(name, "..") == 0) {
    if (walk->depth == 0) {
      return fail(EPERM);
    }
    close_quietly(walk->stack[walk->depth--]);
    return 0;
  }
  int fd = openat(walk->stack[walk->depth], name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
  if (fd < 0) {
    return -1;
  }
  struct stat status;
  int result = fstat(fd, &status);
  if (result == 0 && S_ISDIR(status.st_mode)) {
    if (walk->depth + 1 < MAX_DEPTH) {
      walk->stack[++walk->depth] = fd;
      return 0;
    }
    result = fail(ENAMETOOLONG);
  } else if (result == 0) {
    result = S_ISLNK(status.st_mode) ? expand_link(walk, fd, slash) : fail(ENOTDIR);
  }
  close_quietly(fd);
  return result;
}

// 1 when the last component is a link that is to be followed (and now stands expanded in
// walk->rest), 0 when it is anything else or missing, -1 on failure.
static int follow_last(struct walk *walk, const char *name, bool slash) {
  int fd = openat(walk->stack[walk->depth], name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
  if (fd < 0) {
    return errno == ENOENT ? 0 : -1;
  }
  struct stat status;
  int result = fstat(fd, &status);
  if (result == 0 && S_ISLNK(status.st_mode)) {
    result = expand_link(walk, fd, slash) == 0 ? 1 : -1;
  }
  close_quietly(fd);
  return result;
}

// Opens the last component, never through a link. ELOOP may mean that a link took its place since
// follow_last looked: the caller starts again.
static int open_last(const struct walk *walk, const char *name, bool slash, int flags,
                     mode_t mode) {
  if (slash && (flags & O_CREAT) != 0) {
    return fail(EISDIR);
  }
  if (slash) {
    flags |= O_DIRECTORY;
  }
  return openat(walk->stack[walk->depth], name, flags | O_NOFOLLOW, mode);
}

static bool is_dots(const char *name) {
  return strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
}

static int walk_open(struct walk *walk, int flags, mode_t mode) {
  bool follow = (flags & O_NOFOLLOW) == 0 && (flags & (O_CREAT | O_EXCL)) != (O_CREAT | O_EXCL);
  char name[NAME_MAX + 1];
  bool last = false;
  bool slash = false;
  while (next_component(walk, name, &last, &slash)) {
    if (name[0] == '\0') {
      return fail(ENAMETOOLONG);
    }
    if (!last || is_dots(name)) {
      if (step(walk, name, true) != 0) {
        return -1;
      }
      continue;
    }
    if (follow || slash) {
      int followed = follow_last(walk, name, slash);
      if (followed < 0) {
        return -1;
      }
      if (followed > 0) {
        continue;
      }
    }
    return open_last(walk, name, slash, flags, mode);
  }
  // The path named a directory the walk already stands in.
  return openat(walk->stack[walk->depth], ".", flags, mode);
}

static int walk_from(const struct wa_sandbox *sandbox, const char *path, int flags, mode_t mode) {
  bool follow = (flags & O_NOFOLLOW) == 0;
  for (int attempt = 0;; attempt++) {
    struct walk walk = {.depth = 0, .links = 0};
    walk.stack[0] = sandbox->directory;
    memcpy(walk.rest, path, strlen(path) + 1);
    int fd = walk_open(&walk, flags, mode);
    bool raced = fd < 0 && errno == ELOOP && follow && walk.links <= MAX_LINKS;
    walk_deinit(&walk);
    if (!raced || attempt == MAX_RETRIES) {
      return fd;
    }
  }
}

// ---- openat2 ----

static int open_beneath(const struct wa_sandbox *sandbox, const char *path, int flags,
                        mode_t mode) {
  struct open_how how = {
      .flags = (unsigned)flags,
      .mode = (flags & O_CREAT) != 0 ? mode : 0,
      .resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS,
  };
  for (int attempt = 0;; attempt++) {
    long fd = syscall(SYS_openat2, sandbox->directory, path, &how, sizeof how);
    // EAGAIN: something was renamed while ".." was resolved, and the kernel could not be sure.
    if (fd >= 0 || errno != EAGAIN || attempt == MAX_RETRIES) {
      return (int)fd;
    }
  }
}

int wa_sandbox_open(const struct wa_sandbox *sandbox, const char *path, int flags, mode_t mode) {
  if (path[0] == '\0') {
    return fail(ENOENT);
  }
  if (path[0] == '/') {
    return fail(EPERM);
  }
  if (strlen(path) >= PATH_MAX) {
    return fail(ENAMETOOLONG);
  }
  flags |= O_CLOEXEC;
  if ((flags & O_PATH) == 0) {
    flags |= O_NOCTTY;
  }
  if (!sandbox->walk_only) {
    int fd = open_beneath(sandbox, path, flags, mode);
    // Some seccomp filters say EPERM for system calls they do not know; the walk then finds the
    // true answer.
    if (fd >= 0 || (errno != ENOSYS && errno != EPERM)) {
      if (fd < 0 && errno == EXDEV) {
        errno = EPERM;
      }
      return fd;
    }
  }
  return walk_from(sandbox, path, flags, mode);
}

int wa_sandbox_parent(const struct wa_sandbox *sandbox, const char *path, char name[NAME_MAX + 1],
                      bool *slash) {
  size_t length = strlen(path);
  if (length == 0) {
    return fail(ENOENT);
  }
  if (path[0] == '/') {
    return fail(EPERM);
  }
  if (length >= PATH_MAX) {
    return fail(ENAMETOOLONG);
  }

  size_t end = length;
  while (end > 0 && path[end - 1] == '/') {
    end--;
  }
  *slash = end < length;
  size_t start = end;
  while (start > 0 && path[start - 1] != '/') {
    start--;
  }
  if (end - start > NAME_MAX) {
    return fail(ENAMETOOLONG);
  }
  memcpy(name, path + start, end - start);
  name[end - start] = '\0';

  char parent[PATH_MAX];
  if (is_dots(name)) {
    memcpy(parent, path, length + 1);
    memcpy(name, ".", 2);
  } else if (start == 0) {
    memcpy(parent, ".", 2);
  } else {
    memcpy(parent, path, start);
    parent[start] = '\0';
  }
  return wa_sandbox_open(sandbox, parent, O_PATH | O_DIRECTORY, 0);
}

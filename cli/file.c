#include "cli/file.h"

#include "compiler/wasm/module.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool fail(struct wa_error *err, const char *what) {
  return wa_fail(err, WA_ERROR_SYSTEM, WA_NO_OFFSET, "%s: %s", what, strerror(errno));
}

// ---- Reading ----

static int open_file(const char *path, struct wa_error *err) {
  struct stat status;
  if (path[0] == '\0') {
    (void)wa_fail(err, WA_ERROR_USAGE, WA_NO_OFFSET, "the file name is empty");
    return -1;
  }
  int fd;
  do {
    fd = open(path, O_RDONLY | O_CLOEXEC);
  } while (fd < 0 && errno == EINTR);
  if (fd < 0) {
    (void)fail(err, "cannot open");
    return -1;
  }
  if (fstat(fd, &status) == 0 && S_ISDIR(status.st_mode)) {
    (void)wa_fail(err, WA_ERROR_SYSTEM, WA_NO_OFFSET,
                  "is a directory; give a .wasm module or an object of 'wasmaot compile'");
    (void)close(fd);
    return -1;
  }
  return fd;
}

// Reads up to `size` bytes; fewer only at the end of the file. -1 with errno.
static ssize_t read_up_to(int fd, uint8_t *data, size_t size) {
  size_t done = 0;
  while (done < size) {
    ssize_t got = read(fd, data + done, size - done);
    if (got < 0 && errno == EINTR) {
      continue;
    }
    if (got < 0) {
      return -1;
    }
    if (got == 0) {
      break;
    }
    done += (size_t)got;
  }
  return (ssize_t)done;
}

static size_t first_capacity(int fd) {
  struct stat status;
  if (fstat(fd, &status) == 0 && S_ISREG(status.st_mode) && status.st_size > 0 &&
      status.st_size < WA_LIMIT_MODULE_SIZE) {
    return (size_t)status.st_size + 1; // one more, to see the end at once
  }
  return 65536;
}

static bool read_all(int fd, struct wa_file *file, struct wa_error *err) {
  size_t capacity = first_capacity(fd);
  for (;;) {
    uint8_t *data = realloc(file->data, capacity);
    if (data == NULL) {
      return wa_fail(err, WA_ERROR_SYSTEM, WA_NO_OFFSET, "out of memory for the file");
    }
    file->data = data;
    ssize_t got = read_up_to(fd, data + file->size, capacity - file->size);
    if (got < 0) {
      return fail(err, "cannot read");
    }
    file->size += (size_t)got;
    if (file->size < capacity) {
      return true;
    }
    if (capacity > WA_LIMIT_MODULE_SIZE) {
      return wa_fail(err, WA_ERROR_UNSUPPORTED, WA_NO_OFFSET, "the file is larger than 1 GiB");
    }
    capacity *= 2;
  }
}

bool wa_file_read_from(int fd, struct wa_file *file, struct wa_error *err) {
  *file = (struct wa_file){.data = NULL};
  bool done = read_all(fd, file, err);
  if (done && file->size == 0) {
    done = wa_fail(err, WA_ERROR_MALFORMED, WA_NO_OFFSET, "the file is empty");
  }
  if (!done) {
    wa_file_deinit(file);
  }
  return done;
}

bool wa_file_read(const char *path, struct wa_file *file, struct wa_error *err) {
  *file = (struct wa_file){.data = NULL};
  int fd = open_file(path, err);
  if (fd < 0) {
    return false;
  }
  bool done = wa_file_read_from(fd, file, err);
  (void)close(fd);
  return done;
}

void wa_file_deinit(struct wa_file *file) {
  free(file->data);
  *file = (struct wa_file){.data = NULL};
}

bool wa_file_start(const char *path, uint8_t *start, size_t *size, struct wa_error *err) {
  struct stat status;
  int fd = open_file(path, err);
  if (fd < 0) {
    return false;
  }
  // What is read from a pipe here would be missing when the file itself is read.
  if (fstat(fd, &status) == 0 && !S_ISREG(status.st_mode)) {
    (void)close(fd);
    return wa_fail(err, WA_ERROR_SYSTEM, WA_NO_OFFSET,
                   "is a pipe or device; put the module or object in a file");
  }
  ssize_t got = read_up_to(fd, start, *size);
  if (got < 0) {
    (void)fail(err, "cannot read");
  } else if (got == 0) {
    (void)wa_fail(err, WA_ERROR_MALFORMED, WA_NO_OFFSET, "the file is empty");
  }
  (void)close(fd);
  *size = got > 0 ? (size_t)got : 0;
  return got > 0;
}

enum wa_file_kind wa_file_kind_of(const uint8_t *start, size_t size) {
  static const uint8_t elf[4] = {0x7f, 'E', 'L', 'F'};
  if (size >= 4 && memcmp(start, "\0asm", 4) == 0) {
    return WA_FILE_MODULE;
  }
  return size >= 4 && memcmp(start, elf, 4) == 0 ? WA_FILE_ARTIFACT : WA_FILE_OTHER;
}

bool wa_file_kind(const char *path, enum wa_file_kind *kind, struct wa_error *err) {
  uint8_t start[4];
  size_t size = sizeof start;
  if (!wa_file_start(path, start, &size, err)) {
    return false;
  }
  *kind = wa_file_kind_of(start, size);
  return true;
}

// ---- Writing ----

// The directory of a path, malloc; NULL when out of memory.
static char *directory_of(const char *path) {
  const char *slash = strrchr(path, '/');
  if (slash == NULL) {
    return strdup(".");
  }
  return strndup(path, slash == path ? 1 : (size_t)(slash - path));
}

bool wa_file_writable(const char *path, struct wa_error *err) {
  struct stat status;
  if (strcmp(path, "-") == 0) {
    return true;
  }
  if (path[0] == '\0') {
    return wa_fail(err, WA_ERROR_USAGE, WA_NO_OFFSET, "the output's name is empty");
  }
  char *directory = directory_of(path);
  bool writable = directory != NULL && access(directory, W_OK | X_OK) == 0;
  if (!writable) {
    (void)fail(err, "cannot write there");
  }
  free(directory);
  if (writable && stat(path, &status) == 0 && S_ISDIR(status.st_mode)) {
    return wa_fail(err, WA_ERROR_SYSTEM, WA_NO_OFFSET, "is a directory; name a file to write");
  }
  return writable;
}

bool wa_write_all(int fd, const void *data, size_t size) {
  const uint8_t *at = data;
  while (size > 0) {
    ssize_t written = write(fd, at, size);
    if (written < 0 && errno == EINTR) {
      continue;
    }
    if (written <= 0) {
      return false;
    }
    at += written;
    size -= (size_t)written;
  }
  return true;
}

// mkstemp makes files that only the owner may read; the output gets what any new file would.
static bool set_mode(int fd) {
  mode_t mask = umask(0);
  (void)umask(mask);
  return fchmod(fd, 0666 & ~mask) == 0;
}

// Devices and pipes cannot be replaced, only written to.
static bool write_in_place(const char *path, const void *data, size_t size, struct wa_error *err) {
  int fd = strcmp(path, "-") == 0 ? dup(STDOUT_FILENO) : open(path, O_WRONLY | O_CLOEXEC);
  bool done = fd >= 0 && wa_write_all(fd, data, size);
  if (!done) {
    (void)fail(err, "cannot write");
  }
  if (fd >= 0) {
    (void)close(fd);
  }
  return done;
}

bool wa_file_write(const char *path, const void *data, size_t size, struct wa_error *err) {
  struct stat status;
  bool there = stat(path, &status) == 0;
  if (!there && errno != ENOENT && strcmp(path, "-") != 0) {
    return fail(err, "cannot write there");
  }
  bool special = there && !S_ISREG(status.st_mode) && !S_ISDIR(status.st_mode);
  if (special || strcmp(path, "-") == 0) {
    return write_in_place(path, data, size, err);
  }
  static const char suffix[] = ".XXXXXX";
  size_t length = strlen(path);
  char *temporary = malloc(length + sizeof suffix);
  if (temporary == NULL) {
    return wa_fail(err, WA_ERROR_SYSTEM, WA_NO_OFFSET, "out of memory");
  }
  memcpy(temporary, path, length);
  memcpy(temporary + length, suffix, sizeof suffix);
  int fd = mkostemp(temporary, O_CLOEXEC);
  bool done = fd >= 0 && wa_write_all(fd, data, size) && set_mode(fd);
  if (fd >= 0 && close(fd) != 0) {
    done = false;
  }
  if (done) {
    done = rename(temporary, path) == 0;
  }
  if (!done) {
    (void)fail(err, "cannot write");
    if (fd >= 0) {
      (void)unlink(temporary);
    }
  }
  free(temporary);
  return done;
}

bool wa_file_same(const char *a, const char *b) {
  struct stat x;
  struct stat y;
  return stat(a, &x) == 0 && stat(b, &y) == 0 && x.st_dev == y.st_dev && x.st_ino == y.st_ino;
}

#include "loader/image.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static size_t whole_pages(size_t size) {
  size_t page = (size_t)sysconf(_SC_PAGESIZE);
  return (size + page - 1) / page * page;
}

uint8_t *wa_image_room(const struct wa_image *image) {
  return image->bytes + whole_pages(image->size);
}

// All of it, with the room, of which nothing is accessible yet.
static void *reserve(const struct wa_image *image) {
  int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE;
  return mmap(NULL, whole_pages(image->size) + image->room, PROT_NONE, flags, -1, 0);
}

static bool map(struct wa_image *image, struct wa_error *err) {
  void *place = image->room > 0 ? reserve(image) : NULL;
  void *bytes = MAP_FAILED;
  if (place != MAP_FAILED) {
    int flags = MAP_PRIVATE | (place != NULL ? MAP_FIXED : 0);
    bytes = mmap(place, image->size, PROT_READ, flags, image->file, (off_t)image->origin);
  }
  if (bytes == MAP_FAILED) {
    int error = errno;
    if (place != MAP_FAILED && place != NULL) {
      (void)munmap(place, whole_pages(image->size) + image->room);
    }
    return wa_fail(err, WA_ERROR_SYSTEM, WA_NO_OFFSET, "cannot map it: %s", strerror(error));
  }
  image->bytes = bytes;
  return true;
}

bool wa_image_open_file(struct wa_image *image, const char *path, struct wa_error *err) {
  struct stat status;
  *image = (struct wa_image){.file = -1};
  do {
    image->file = open(path, O_RDONLY | O_CLOEXEC);
  } while (image->file < 0 && errno == EINTR);
  if (image->file < 0 || fstat(image->file, &status) != 0) {
    return wa_fail(err, WA_ERROR_SYSTEM, WA_NO_OFFSET, "cannot open it: %s", strerror(errno));
  }
  if (!S_ISREG(status.st_mode)) {
    return wa_fail(err, WA_ERROR_SYSTEM, WA_NO_OFFSET, "not a regular file");
  }
  if (status.st_size == 0) {
    return wa_fail(err, WA_ERROR_MALFORMED, WA_NO_OFFSET, "the file is empty");
  }
  image->size = (size_t)status.st_size;
  return map(image, err);
}

static bool write_all(int file, const uint8_t *bytes, size_t size) {
  while (size != 0) {
    ssize_t written = write(file, bytes, size);
    if (written < 0 && errno == EINTR) {
      continue;
    }
    if (written <= 0) {
      return false;
    }
    bytes += written;
    size -= (size_t)written;
  }
  return true;
}

bool wa_image_open_memory(struct wa_image *image, const void *bytes, size_t size, size_t room,
                          struct wa_error *err) {
  *image = (struct wa_image){.file = -1, .size = size, .room = room};
  if (size == 0) {
    return wa_fail(err, WA_ERROR_MALFORMED, WA_NO_OFFSET, "the artifact is empty");
  }
  image->file = memfd_create("wasmaot", MFD_CLOEXEC | MFD_ALLOW_SEALING);
  if (image->file < 0 || !write_all(image->file, bytes, size) ||
      fcntl(image->file, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL) !=
          0) {
    return wa_fail(err, WA_ERROR_SYSTEM, WA_NO_OFFSET, "cannot make a file in memory: %s",
                   strerror(errno));
  }
  return map(image, err);
}

bool wa_image_open_range(struct wa_image *image, int file, size_t origin, size_t size,
                         struct wa_error *err) {
  *image =
      (struct wa_image){.file = fcntl(file, F_DUPFD_CLOEXEC, 0), .origin = origin, .size = size};
  if (image->file < 0) {
    return wa_fail(err, WA_ERROR_SYSTEM, WA_NO_OFFSET, "cannot open it: %s", strerror(errno));
  }
  if (size == 0) {
    return wa_fail(err, WA_ERROR_MALFORMED, WA_NO_OFFSET, "the artifact is empty");
  }
  return map(image, err);
}

bool wa_image_open_mapped(struct wa_image *image, const void *bytes, size_t size,
                          struct wa_error *err) {
  size_t page = (size_t)sysconf(_SC_PAGESIZE);
  *image = (struct wa_image){
      .file = -1, .borrowed = true, .bytes = (uint8_t *)(uintptr_t)bytes, .size = size};
  if ((uintptr_t)bytes % page != 0) {
    return wa_fail(err, WA_ERROR_REFUSED, WA_NO_OFFSET,
                   "the artifact is not aligned to this host's pages of %zu bytes", page);
  }
  return true;
}

void wa_image_close(struct wa_image *image) {
  if (image->file >= 0) {
    close(image->file);
    image->file = -1;
  }
  if (image->bytes != NULL) {
    if (!image->borrowed) {
      munmap(image->bytes, whole_pages(image->size) + image->room);
    }
    image->bytes = NULL;
  }
}

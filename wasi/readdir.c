// fd_readdir. A cookie stands for the kernel's own position after an entry, so entries that come
// and go between calls confuse no one. Those positions have up to 63 bits, and wasi-libc's telldir
// has room for 31: a cookie is the number of the position, from 1, among those told of the
// descriptor.
#include "wasi/internal.h"

#include <dirent.h>
#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

// struct linux_dirent64, which the C library does not declare: what getdents64 fills.
enum { ENTRY_INO = 0, ENTRY_OFFSET = 8, ENTRY_LENGTH = 16, ENTRY_TYPE = 18, ENTRY_NAME = 19 };

static uint8_t filetype(uint8_t type) {
  switch (type) {
  case DT_REG:
    return WASI_FILETYPE_REGULAR_FILE;
  case DT_DIR:
    return WASI_FILETYPE_DIRECTORY;
  case DT_LNK:
    return WASI_FILETYPE_SYMBOLIC_LINK;
  case DT_CHR:
    return WASI_FILETYPE_CHARACTER_DEVICE;
  case DT_BLK:
    return WASI_FILETYPE_BLOCK_DEVICE;
  case DT_SOCK:
    return WASI_FILETYPE_SOCKET_STREAM;
  default:
    return WASI_FILETYPE_UNKNOWN;
  }
}

// ---- Cookies ----

// Of a directory with more entries than this the rest have their positions for cookies, marked:
// nothing that a guest does takes more memory than this.
enum { MAX_POSITIONS = 1 << 20 };
static const uint64_t marked = UINT64_C(1) << 63;

// Whether the cookie was given out, with its position.
static bool position_of(const struct wa_positions *positions, uint64_t cookie, off_t *position) {
  if (cookie == 0) {
    *position = 0;
  } else if ((cookie & marked) != 0) {
    *position = (off_t)(cookie & ~marked);
  } else if (cookie <= positions->count) {
    *position = positions->items[cookie - 1];
  } else {
    return false;
  }
  return true;
}

static bool grow(struct wa_positions *positions) {
  uint32_t capacity = positions->capacity == 0 ? 64 : positions->capacity * 2;
  int64_t *items = realloc(positions->items, capacity * sizeof *items);
  if (items == NULL) {
    return false;
  }
  positions->items = items;
  positions->capacity = capacity;
  return true;
}

// The cookie of a position that was read behind `previous`: the next number when that is what it
// was before, so that reading again does not add to the table.
static uint64_t cookie_of(struct wa_positions *positions, uint64_t previous, int64_t position) {
  if (previous < positions->count && positions->items[previous] == position) {
    return previous + 1;
  }
  if (positions->count >= MAX_POSITIONS ||
      (positions->count == positions->capacity && !grow(positions))) {
    return marked | (uint64_t)position;
  }
  positions->items[positions->count++] = position;
  return positions->count;
}

// The guest's buffer, filled front to back.
struct output {
  uint8_t *at;
  uint32_t room;
  uint32_t used;
};

static void put(struct output *output, const void *bytes, size_t size) {
  size_t part = size < output->room - output->used ? size : output->room - output->used;
  memcpy(output->at + output->used, bytes, part);
  output->used += (uint32_t)part;
}

// The last entry is cut where the buffer ends: a full buffer is how the guest knows there is more.
static void put_entry(struct output *output, const uint8_t *entry, uint64_t cookie) {
  uint8_t record[WASI_DIRENT_SIZE] = {0};
  const char *name = (const char *)entry + ENTRY_NAME;
  size_t length = strlen(name);
  wa_set_field_u64(record, cookie);
  wa_set_field_u64(record + WASI_DIRENT_INO, wa_field_u64(entry + ENTRY_INO));
  wa_set_field_u32(record + WASI_DIRENT_NAMLEN, (uint32_t)length);
  record[WASI_DIRENT_TYPE] = filetype(entry[ENTRY_TYPE]);
  put(output, record, sizeof record);
  put(output, name, length);
}

// Reads entries from `cookie` on until the output is full or the directory ends. The directory is
// locked. 0, or -1 with errno.
static int read_entries(struct wa_fd *file, uint64_t cookie, struct output *output) {
  uint8_t entries[16384];
  int host = file->host;
  off_t position;
  if (!position_of(&file->positions, cookie, &position)) {
    errno = EINVAL;
    return -1;
  }
  if (lseek(host, position, SEEK_SET) < 0) {
    return -1;
  }
  while (output->used < output->room) {
    long size;
    do {
      size = syscall(SYS_getdents64, host, entries, sizeof entries);
    } while (size < 0 && errno == EINTR && !wa_group_stopping());
    if (size <= 0) {
      return (int)size;
    }
    for (long at = 0; at < size && output->used < output->room;) {
      cookie =
          cookie_of(&file->positions, cookie, (int64_t)wa_field_u64(entries + at + ENTRY_OFFSET));
      put_entry(output, entries + at, cookie);
      at += wa_field_u16(entries + at + ENTRY_LENGTH);
    }
  }
  return 0;
}

int wa_wasi_fd_readdir(struct wa_wasi_call *call) {
  struct output output = {.room = call->args[2].u32};
  uint32_t result = call->args[4].u32;
  struct wa_fd *file;
  output.at = wa_guest_at(&call->guest, call->args[1].u32, output.room);
  if (output.at == NULL || wa_guest_at(&call->guest, result, 4) == NULL) {
    return WASI_EFAULT;
  }
  int error = wa_fd_table_get(&call->wasi->fds, call->args[0].u32, 0, &file);
  if (error != WASI_ESUCCESS) {
    return error;
  }
  if (file->filetype != WASI_FILETYPE_DIRECTORY) {
    error = WASI_ENOTDIR;
  } else if ((atomic_load(&file->rights) & WASI_RIGHT_FD_READDIR) == 0) {
    error = WASI_ENOTCAPABLE;
  } else {
    (void)pthread_mutex_lock(&file->directory_lock);
    if (read_entries(file, call->args[3].u64, &output) != 0) {
      error = wa_wasi_failure();
    }
    (void)pthread_mutex_unlock(&file->directory_lock);
  }
  wa_fd_release(file);
  if (error == WASI_ESUCCESS) {
    (void)wa_guest_write_u32(&call->guest, result, output.used);
  }
  return error;
}

// fd_readdir. A cookie is the kernel's own position after an entry, so no state outlives a call and
// entries that come and go between calls confuse no one.
#include "wasi/internal.h"

#include <dirent.h>
#include <errno.h>
#include <stddef.h>
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
static void put_entry(struct output *output, const uint8_t *entry) {
  uint8_t record[WASI_DIRENT_SIZE] = {0};
  const char *name = (const char *)entry + ENTRY_NAME;
  size_t length = strlen(name);
  wa_set_field_u64(record, wa_field_u64(entry + ENTRY_OFFSET));
  wa_set_field_u64(record + WASI_DIRENT_INO, wa_field_u64(entry + ENTRY_INO));
  wa_set_field_u32(record + WASI_DIRENT_NAMLEN, (uint32_t)length);
  record[WASI_DIRENT_TYPE] = filetype(entry[ENTRY_TYPE]);
  put(output, record, sizeof record);
  put(output, name, length);
}

// Reads entries from `cookie` on until the output is full or the directory ends. The directory is
// locked. 0, or -1 with errno.
static int read_entries(int host, uint64_t cookie, struct output *output) {
  uint8_t entries[16384];
  if (lseek(host, (off_t)cookie, SEEK_SET) < 0) {
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
      put_entry(output, entries + at);
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
    if (read_entries(file->host, call->args[3].u64, &output) != 0) {
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

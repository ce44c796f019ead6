// Reading, writing and moving in open files.
#include "wasi/internal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

enum direction { READ, WRITE };

static const off_t no_offset = -1;

// Linux appends whatever the offset, where POSIX has it count, unless it is told otherwise (6.9).
// Older kernels get another open file of the same one, which does not append; where /proc is not
// there for that, they append.
static ssize_t write_at(int host, const struct iovec *vectors, int count, off_t offset) {
  enum { NOAPPEND = 0x20 }; // RWF_NOAPPEND
  char path[64];
  int flags = fcntl(host, F_GETFL);
  if (flags < 0 || (flags & O_APPEND) == 0) {
    return pwritev(host, vectors, count, offset);
  }
  // By number, as musl has a function for it since 1.2.5 only; the upper half of an offset is for
  // 32 bits.
  ssize_t size = syscall(SYS_pwritev2, host, vectors, (long)count, offset, 0L, (long)NOAPPEND);
  if (size >= 0 || (errno != EOPNOTSUPP && errno != ENOSYS && errno != EINVAL)) {
    return size;
  }
  (void)snprintf(path, sizeof path, "/proc/self/fd/%d", host);
  int other = open(path, O_WRONLY | O_CLOEXEC);
  size = pwritev(other < 0 ? host : other, vectors, count, offset);
  int error = errno;
  if (other >= 0) {
    (void)close(other);
  }
  errno = error;
  return size;
}

// One transfer; `offset` is no_offset for the file's own.
static ssize_t transfer(int host, enum direction direction, const struct iovec *vectors, int count,
                        off_t offset) {
  if (direction == READ) {
    return offset == no_offset ? readv(host, vectors, count) : preadv(host, vectors, count, offset);
  }
  return offset == no_offset ? writev(host, vectors, count)
                             : write_at(host, vectors, count, offset);
}

// Directories are read as everywhere else: not, by a name that says why.
static bool is_directory(struct wa_wasi_call *call) {
  struct wa_fd *file;
  if (wa_fd_table_get(&call->wasi->fds, call->args[0].u32, 0, &file) != WASI_ESUCCESS) {
    return false;
  }
  bool directory = file->filetype == WASI_FILETYPE_DIRECTORY;
  wa_fd_release(file);
  return directory;
}

// fd, iovecs, count, [offset,] result.
static int read_or_write(struct wa_wasi_call *call, enum direction direction, bool positioned) {
  struct iovec vectors[WA_GUEST_MAX_IOVECS];
  uint32_t result = call->args[positioned ? 4 : 3].u32;
  int count = wa_guest_iovecs(&call->guest, call->args[1].u32, call->args[2].u32, vectors);
  if (count < 0 || wa_guest_at(&call->guest, result, 4) == NULL) {
    return WASI_EFAULT;
  }
  off_t offset = no_offset;
  uint64_t rights = direction == READ ? WASI_RIGHT_FD_READ : WASI_RIGHT_FD_WRITE;
  if (positioned) {
    rights |= WASI_RIGHT_FD_SEEK;
    offset = call->args[3].i64;
    if (offset < 0) {
      return WASI_EINVAL;
    }
  }
  struct wa_fd *file;
  int error = wa_fd_table_get(&call->wasi->fds, call->args[0].u32, rights, &file);
  if (error != WASI_ESUCCESS) {
    return direction == READ && is_directory(call) ? WASI_EISDIR : error;
  }
  ssize_t size;
  do {
    size = transfer(file->host, direction, vectors, count, offset);
    error = size < 0 ? wa_wasi_failure() : WASI_ESUCCESS;
  } while (error == WA_WASI_RETRY);
  wa_fd_release(file);
  // One transfer moves less than 2 GiB, so the size fits.
  if (error == WASI_ESUCCESS) {
    (void)wa_guest_write_u32(&call->guest, result, (uint32_t)size);
  }
  return error;
}

int wa_wasi_fd_read(struct wa_wasi_call *call) {
  return read_or_write(call, READ, false);
}

int wa_wasi_fd_write(struct wa_wasi_call *call) {
  return read_or_write(call, WRITE, false);
}

int wa_wasi_fd_pread(struct wa_wasi_call *call) {
  return read_or_write(call, READ, true);
}

int wa_wasi_fd_pwrite(struct wa_wasi_call *call) {
  return read_or_write(call, WRITE, true);
}

// Why a file may not be sought in: the errno that programs know for that kind of file.
static int no_right_to_seek(const struct wa_fd *file) {
  if (file->filetype == WASI_FILETYPE_DIRECTORY) {
    return WASI_EISDIR;
  }
  return lseek(file->host, 0, SEEK_CUR) < 0 ? wa_wasi_errno(errno) : WASI_ENOTCAPABLE;
}

static int seek(struct wa_wasi_call *call, uint64_t rights, int64_t offset, int whence,
                uint32_t result) {
  struct wa_fd *file;
  off_t position = 0;
  int error = wa_fd_table_get(&call->wasi->fds, call->args[0].u32, 0, &file);
  if (error != WASI_ESUCCESS) {
    return error;
  }
  // The right to seek implies the right to tell.
  if ((atomic_load(&file->rights) & (rights | WASI_RIGHT_FD_SEEK)) == 0) {
    error = no_right_to_seek(file);
  } else if ((position = lseek(file->host, offset, whence)) < 0) {
    error = wa_wasi_errno(errno);
  }
  wa_fd_release(file);
  if (error == WASI_ESUCCESS && !wa_guest_write_u64(&call->guest, result, (uint64_t)position)) {
    error = WASI_EFAULT;
  }
  return error;
}

int wa_wasi_fd_seek(struct wa_wasi_call *call) {
  static const int stable[] = {SEEK_SET, SEEK_CUR, SEEK_END};
  static const int unstable[] = {SEEK_CUR, SEEK_END, SEEK_SET};
  uint32_t whence = call->args[2].u32;
  int64_t offset = call->args[1].i64;
  if (whence > 2) {
    return WASI_EINVAL;
  }
  if (wa_guest_at(&call->guest, call->args[3].u32, 8) == NULL) {
    return WASI_EFAULT;
  }
  int host_whence = call->unstable ? unstable[whence] : stable[whence];
  // Asking where one is takes no more than the right to tell.
  uint64_t rights =
      host_whence == SEEK_CUR && offset == 0 ? WASI_RIGHT_FD_TELL : WASI_RIGHT_FD_SEEK;
  return seek(call, rights, offset, host_whence, call->args[3].u32);
}

int wa_wasi_fd_tell(struct wa_wasi_call *call) {
  return seek(call, WASI_RIGHT_FD_TELL, 0, SEEK_CUR, call->args[1].u32);
}

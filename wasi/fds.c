// What descriptors are: their flags, rights, attributes and names.
#include "wasi/internal.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int get(const struct wa_wasi_call *call, uint64_t rights, struct wa_fd **file) {
  return wa_fd_table_get(&call->wasi->fds, call->args[0].u32, rights, file);
}

// Ends a call on a file: releases it and gives the errno of a system call's result.
static int finish(struct wa_fd *file, int result) {
  int error = result == 0 ? WASI_ESUCCESS : wa_wasi_failure();
  wa_fd_release(file);
  return error == WA_WASI_RETRY ? WASI_EINTR : error; // what may be interrupted asks `again`
}

// Whether a system call with this result was interrupted by a signal that is not the thread's end,
// which `finish` tells.
static bool again(int result) {
  return result != 0 && errno == EINTR && !wa_group_stopping();
}

int wa_wasi_fd_close(struct wa_wasi_call *call) {
  return wa_fd_table_close(&call->wasi->fds, call->args[0].u32);
}

int wa_wasi_fd_renumber(struct wa_wasi_call *call) {
  return wa_fd_table_renumber(&call->wasi->fds, call->args[0].u32, call->args[1].u32);
}

// ---- Flags and rights ----

static uint16_t fdflags(int host_flags) {
  unsigned flags = 0;
  if ((host_flags & O_APPEND) != 0) {
    flags |= WASI_FDFLAG_APPEND;
  }
  if ((host_flags & O_NONBLOCK) != 0) {
    flags |= WASI_FDFLAG_NONBLOCK;
  }
  if ((host_flags & O_SYNC) == O_SYNC) {
    flags |= WASI_FDFLAG_SYNC | WASI_FDFLAG_RSYNC | WASI_FDFLAG_DSYNC;
  } else if ((host_flags & O_DSYNC) != 0) {
    flags |= WASI_FDFLAG_DSYNC;
  }
  return (uint16_t)flags;
}

int wa_wasi_fd_fdstat_get(struct wa_wasi_call *call) {
  uint8_t record[WASI_FDSTAT_SIZE] = {0};
  struct wa_fd *file;
  int error = get(call, 0, &file);
  if (error != WASI_ESUCCESS) {
    return error;
  }
  int flags = fcntl(file->host, F_GETFL);
  if (flags < 0) {
    return finish(file, -1);
  }
  record[0] = file->filetype;
  wa_set_field_u16(record + WASI_FDSTAT_FLAGS, fdflags(flags));
  wa_set_field_u64(record + WASI_FDSTAT_RIGHTS_BASE, atomic_load(&file->rights));
  wa_set_field_u64(record + WASI_FDSTAT_RIGHTS_INHERITING, atomic_load(&file->inheriting));
  wa_fd_release(file);
  return wa_guest_write(&call->guest, call->args[1].u32, record, sizeof record) ? WASI_ESUCCESS
                                                                                : WASI_EFAULT;
}

int wa_wasi_fd_fdstat_set_flags(struct wa_wasi_call *call) {
  uint32_t flags = call->args[1].u32;
  if ((flags & ~(uint32_t)WASI_FDFLAGS_ALL) != 0) {
    return WASI_EINVAL;
  }
  struct wa_fd *file;
  int error = get(call, WASI_RIGHT_FD_FDSTAT_SET_FLAGS, &file);
  if (error != WASI_ESUCCESS) {
    return error;
  }
  int host_flags = fcntl(file->host, F_GETFL);
  int result = host_flags < 0 ? -1 : 0;
  // Linux cannot change the synchronised flags of an open file; what they already are may be said
  // again, as programs do that read the flags, change one and set them.
  const uint32_t synchronised = WASI_FDFLAG_DSYNC | WASI_FDFLAG_RSYNC | WASI_FDFLAG_SYNC;
  if (result == 0 && (flags & synchronised & ~(uint32_t)fdflags(host_flags)) != 0) {
    errno = EOPNOTSUPP;
    result = -1;
  }
  if (result == 0) {
    host_flags &= ~(O_APPEND | O_NONBLOCK);
    host_flags |= (flags & WASI_FDFLAG_APPEND) != 0 ? O_APPEND : 0;
    host_flags |= (flags & WASI_FDFLAG_NONBLOCK) != 0 ? O_NONBLOCK : 0;
    result = fcntl(file->host, F_SETFL, host_flags);
  }
  return finish(file, result);
}

int wa_wasi_fd_fdstat_set_rights(struct wa_wasi_call *call) {
  uint64_t base = call->args[1].u64;
  uint64_t inheriting = call->args[2].u64;
  struct wa_fd *file;
  int error = get(call, 0, &file);
  if (error != WASI_ESUCCESS) {
    return error;
  }
  if ((base & ~atomic_load(&file->rights)) != 0 ||
      (inheriting & ~atomic_load(&file->inheriting)) != 0) {
    error = WASI_ENOTCAPABLE;
  } else {
    // "and": two threads that both take rights away must not give one back.
    (void)atomic_fetch_and(&file->rights, base);
    (void)atomic_fetch_and(&file->inheriting, inheriting);
  }
  wa_fd_release(file);
  return error;
}

// ---- Attributes ----

int wa_wasi_fd_filestat_get(struct wa_wasi_call *call) {
  struct stat status;
  struct wa_fd *file;
  int error = get(call, WASI_RIGHT_FD_FILESTAT_GET, &file);
  if (error != WASI_ESUCCESS) {
    return error;
  }
  error = finish(file, fstat(file->host, &status));
  return error != WASI_ESUCCESS ? error : wa_wasi_put_filestat(call, call->args[1].u32, &status);
}

int wa_wasi_fd_filestat_set_size(struct wa_wasi_call *call) {
  int64_t size = call->args[1].i64;
  struct wa_fd *file;
  if (size < 0) {
    return WASI_EINVAL;
  }
  int error = get(call, WASI_RIGHT_FD_FILESTAT_SET_SIZE, &file);
  if (error != WASI_ESUCCESS) {
    return error;
  }
  int result;
  do {
    result = ftruncate(file->host, size);
  } while (again(result));
  return finish(file, result);
}

int wa_wasi_fd_filestat_set_times(struct wa_wasi_call *call) {
  struct timespec times[2];
  struct wa_fd *file;
  int error = wa_wasi_times(call->args[3].u32, call->args[1].u64, call->args[2].u64, times);
  if (error == WASI_ESUCCESS) {
    error = get(call, WASI_RIGHT_FD_FILESTAT_SET_TIMES, &file);
  }
  return error != WASI_ESUCCESS ? error : finish(file, futimens(file->host, times));
}

int wa_wasi_fd_allocate(struct wa_wasi_call *call) {
  int64_t offset = call->args[1].i64;
  int64_t length = call->args[2].i64;
  struct wa_fd *file;
  if (offset < 0 || length <= 0) {
    return WASI_EINVAL;
  }
  int error = get(call, WASI_RIGHT_FD_ALLOCATE, &file);
  if (error != WASI_ESUCCESS) {
    return error;
  }
  int failed;
  do {
    failed = posix_fallocate(file->host, offset, length);
    errno = failed;
    error = failed == 0 ? WASI_ESUCCESS : wa_wasi_failure();
  } while (error == WA_WASI_RETRY);
  wa_fd_release(file);
  return error;
}

int wa_wasi_fd_advise(struct wa_wasi_call *call) {
  static const int advices[] = {POSIX_FADV_NORMAL,   POSIX_FADV_SEQUENTIAL, POSIX_FADV_RANDOM,
                                POSIX_FADV_WILLNEED, POSIX_FADV_DONTNEED,   POSIX_FADV_NOREUSE};
  int64_t offset = call->args[1].i64;
  int64_t length = call->args[2].i64;
  uint32_t advice = call->args[3].u32;
  struct wa_fd *file;
  if (offset < 0 || length < 0 || advice >= sizeof advices / sizeof advices[0]) {
    return WASI_EINVAL;
  }
  int error = get(call, WASI_RIGHT_FD_ADVISE, &file);
  if (error != WASI_ESUCCESS) {
    return error;
  }
  errno = posix_fadvise(file->host, offset, length, advices[advice]);
  return finish(file, errno == 0 ? 0 : -1);
}

int wa_wasi_fd_sync(struct wa_wasi_call *call) {
  struct wa_fd *file;
  int error = get(call, WASI_RIGHT_FD_SYNC, &file);
  if (error != WASI_ESUCCESS) {
    return error;
  }
  int result;
  do {
    result = fsync(file->host);
  } while (again(result));
  return finish(file, result);
}

int wa_wasi_fd_datasync(struct wa_wasi_call *call) {
  struct wa_fd *file;
  int error = get(call, WASI_RIGHT_FD_DATASYNC, &file);
  if (error != WASI_ESUCCESS) {
    return error;
  }
  int result;
  do {
    result = fdatasync(file->host);
  } while (again(result));
  return finish(file, result);
}

// ---- Granted directories ----

int wa_wasi_fd_prestat_get(struct wa_wasi_call *call) {
  uint8_t record[WASI_PRESTAT_SIZE] = {0}; // tag 0: a directory
  struct wa_fd *file;
  int error = get(call, 0, &file);
  if (error != WASI_ESUCCESS) {
    return error;
  }
  if (file->preopen == NULL) {
    error = WASI_EBADF; // how C libraries find the end of the list
  } else {
    wa_set_field_u32(record + WASI_PRESTAT_NAME_LEN, (uint32_t)strlen(file->preopen));
  }
  wa_fd_release(file);
  if (error == WASI_ESUCCESS &&
      !wa_guest_write(&call->guest, call->args[1].u32, record, sizeof record)) {
    error = WASI_EFAULT;
  }
  return error;
}

int wa_wasi_fd_prestat_dir_name(struct wa_wasi_call *call) {
  struct wa_fd *file;
  int error = get(call, 0, &file);
  if (error != WASI_ESUCCESS) {
    return error;
  }
  if (file->preopen == NULL) {
    error = WASI_EBADF;
  } else {
    size_t length = strlen(file->preopen);
    if (length > call->args[2].u32) {
      error = WASI_ENAMETOOLONG;
    } else if (!wa_guest_write(&call->guest, call->args[1].u32, file->preopen, length)) {
      error = WASI_EFAULT;
    }
  }
  wa_fd_release(file);
  return error;
}

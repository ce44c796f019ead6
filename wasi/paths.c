// Functions that open what a path names. Those that change the name itself are in names.c.
#include "wasi/internal.h"
#include "wasi/place.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

// wa_sandbox_open that never shows EINTR. A wasi_errno or WA_WASI_RAISED.
static int open_at(const struct wa_place *place, int flags, int *host) {
  int error;
  do {
    *host = wa_sandbox_open(&place->sandbox, place->path, flags, 0666);
    error = *host < 0 ? wa_wasi_failure() : WASI_ESUCCESS;
  } while (error == WA_WASI_RETRY);
  return error;
}

static int follow_flag(uint32_t lookup_flags) {
  return (lookup_flags & WASI_LOOKUP_SYMLINK_FOLLOW) != 0 ? 0 : O_NOFOLLOW;
}

// ---- path_open ----

static int access_mode(uint64_t rights, uint32_t oflags) {
  const uint64_t reading = WASI_RIGHT_FD_READ | WASI_RIGHT_FD_READDIR;
  uint64_t writing = WASI_RIGHT_FD_WRITE;
  // Directories have no size to set; asking to write them is the kernel's to refuse.
  if ((oflags & WASI_OFLAG_DIRECTORY) == 0) {
    writing |= WASI_RIGHT_FD_ALLOCATE | WASI_RIGHT_FD_FILESTAT_SET_SIZE;
  }
  if ((rights & writing) == 0) {
    return O_RDONLY;
  }
  return (rights & reading) != 0 ? O_RDWR : O_WRONLY;
}

static int open_flags(uint32_t oflags, uint32_t fdflags) {
  int flags = 0;
  flags |= (oflags & WASI_OFLAG_CREAT) != 0 ? O_CREAT : 0;
  flags |= (oflags & WASI_OFLAG_DIRECTORY) != 0 ? O_DIRECTORY : 0;
  flags |= (oflags & WASI_OFLAG_EXCL) != 0 ? O_EXCL : 0;
  flags |= (oflags & WASI_OFLAG_TRUNC) != 0 ? O_TRUNC : 0;
  flags |= (fdflags & WASI_FDFLAG_APPEND) != 0 ? O_APPEND : 0;
  flags |= (fdflags & WASI_FDFLAG_NONBLOCK) != 0 ? O_NONBLOCK : 0;
  flags |= (fdflags & (WASI_FDFLAG_SYNC | WASI_FDFLAG_RSYNC)) != 0 ? O_SYNC : 0;
  flags |= (fdflags & WASI_FDFLAG_DSYNC) != 0 ? O_DSYNC : 0;
  return flags;
}

// What opening with these flags takes of the directory.
static uint64_t rights_to_open(uint32_t oflags) {
  uint64_t rights = WASI_RIGHT_PATH_OPEN;
  if ((oflags & WASI_OFLAG_CREAT) != 0) {
    rights |= WASI_RIGHT_PATH_CREATE_FILE;
  }
  return rights;
}

// Whether files in a directory may be emptied as they are opened. Who may set the size of a file
// that was opened there could empty it anyway, so that right will do instead of the directory's
// own: Go opens directories without the latter.
static int allows_truncation(const struct wa_fd *directory) {
  if ((atomic_load(&directory->inheriting) & WASI_RIGHT_FD_FILESTAT_SET_SIZE) == 0) {
    return wa_fd_allows(directory, WASI_RIGHT_PATH_FILESTAT_SET_SIZE);
  }
  return directory->read_only ? WASI_EROFS : WASI_ESUCCESS;
}

// What a new descriptor hands on. A directory in which files may be opened, though neither to read
// nor to write, is taken for one that hands on whatever the directory above does: Zig's library
// asks for no rights, or for a directory's own, and expects that its files have theirs.
static uint64_t handed_on(uint8_t filetype, uint64_t rights, uint64_t inheriting,
                          uint64_t allowed) {
  const uint64_t access = WASI_RIGHT_FD_READ | WASI_RIGHT_FD_WRITE;
  bool unsaid = filetype == WASI_FILETYPE_DIRECTORY && (rights & WASI_RIGHT_PATH_OPEN) != 0 &&
                (inheriting & access) == 0;
  return unsaid ? allowed : inheriting & allowed;
}

// Gives an open host file a descriptor, which is read-only when that is. Takes over `host`, also on
// failure. `allowed` is what the directory that it was opened in hands on.
static int add_opened(const struct wa_wasi_call *call, int host, bool read_only, uint64_t rights,
                      uint64_t inheriting, uint64_t allowed, uint32_t *fd) {
  struct wa_kind kind;
  struct wa_fd *file = NULL;
  int error = wa_wasi_kind(host, &kind) ? WASI_ESUCCESS : wa_wasi_errno(errno);
  if (error == WASI_ESUCCESS) {
    file = wa_fd_new(host, true, kind.filetype, rights & kind.rights,
                     handed_on(kind.filetype, rights, inheriting, allowed), NULL);
    if (file != NULL) {
      file->read_only = read_only;
    }
    error = file == NULL ? WASI_ENOMEM : wa_fd_table_add(&call->wasi->fds, file, fd);
  }
  if (error != WASI_ESUCCESS) {
    if (file != NULL) {
      wa_fd_release(file);
    } else {
      (void)close(host);
    }
  }
  return error;
}

// Opens for path_open. Always without blocking, or a guest's thread would wait in the kernel for
// the other end of a pipe, or for a device; then as the guest asked.
static int open_file(const struct wa_place *place, int flags, int *host) {
  int error = open_at(place, flags | O_NONBLOCK, host);
  if (error != WASI_ESUCCESS || (flags & O_NONBLOCK) != 0) {
    return error;
  }
  if (fcntl(*host, F_SETFL, flags & O_APPEND) == 0) {
    return WASI_ESUCCESS;
  }
  error = wa_wasi_errno(errno);
  (void)close(*host);
  return error;
}

int wa_wasi_path_open(struct wa_wasi_call *call) {
  uint32_t oflags = call->args[4].u32;
  uint64_t rights = call->args[5].u64;
  uint64_t inheriting = call->args[6].u64;
  uint32_t fdflags = call->args[7].u32;
  uint32_t result = call->args[8].u32;
  if ((oflags & ~(uint32_t)WASI_OFLAGS_ALL) != 0 || (fdflags & ~(uint32_t)WASI_FDFLAGS_ALL) != 0) {
    return WASI_EINVAL;
  }
  // Linux would quietly make a file.
  if ((oflags & WASI_OFLAG_CREAT) != 0 && (oflags & WASI_OFLAG_DIRECTORY) != 0) {
    return WASI_EINVAL;
  }
  if (wa_guest_at(&call->guest, result, 4) == NULL) {
    return WASI_EFAULT;
  }
  struct wa_place place;
  int error = wa_place_open(&place, call, call->args[0].u32, rights_to_open(oflags),
                            call->args[2].u32, call->args[3].u32);
  if (error != WASI_ESUCCESS) {
    return error;
  }
  if ((oflags & WASI_OFLAG_TRUNC) != 0) {
    error = allows_truncation(place.directory);
  }
  if (error != WASI_ESUCCESS) {
    wa_place_close(&place);
    return error;
  }
  uint64_t allowed = atomic_load(&place.directory->inheriting);
  rights &= allowed;
  int flags =
      access_mode(rights, oflags) | open_flags(oflags, fdflags) | follow_flag(call->args[1].u32);
  bool read_only = place.directory->read_only;
  int host;
  if (read_only && (flags & O_ACCMODE) != O_RDONLY) {
    error = WASI_EROFS;
  } else {
    error = open_file(&place, flags, &host);
  }
  wa_place_close(&place);
  uint32_t fd;
  if (error == WASI_ESUCCESS) {
    error = add_opened(call, host, read_only, rights, inheriting, allowed, &fd);
  }
  if (error == WASI_ESUCCESS) {
    (void)wa_guest_write_u32(&call->guest, result, fd);
  }
  return error;
}

// ---- Attributes ----

int wa_wasi_path_filestat_get(struct wa_wasi_call *call) {
  struct wa_place place;
  struct stat status;
  int host;
  int error = wa_place_open(&place, call, call->args[0].u32, WASI_RIGHT_PATH_FILESTAT_GET,
                            call->args[2].u32, call->args[3].u32);
  if (error != WASI_ESUCCESS) {
    return error;
  }
  error = open_at(&place, O_PATH | follow_flag(call->args[1].u32), &host);
  wa_place_close(&place);
  if (error != WASI_ESUCCESS) {
    return error;
  }
  error = fstat(host, &status) == 0 ? WASI_ESUCCESS : wa_wasi_errno(errno);
  (void)close(host);
  return error != WASI_ESUCCESS ? error : wa_wasi_put_filestat(call, call->args[4].u32, &status);
}

int wa_wasi_path_filestat_set_times(struct wa_wasi_call *call) {
  struct wa_place place;
  struct timespec times[2];
  int host;
  int error = wa_wasi_times(call->args[6].u32, call->args[4].u64, call->args[5].u64, times);
  if (error != WASI_ESUCCESS) {
    return error;
  }
  error = wa_place_open(&place, call, call->args[0].u32, WASI_RIGHT_PATH_FILESTAT_SET_TIMES,
                        call->args[2].u32, call->args[3].u32);
  if (error != WASI_ESUCCESS) {
    return error;
  }
  error = open_at(&place, O_PATH | follow_flag(call->args[1].u32), &host);
  wa_place_close(&place);
  if (error != WASI_ESUCCESS) {
    return error;
  }
  if (utimensat(host, "", times, AT_EMPTY_PATH) != 0) {
    error = wa_wasi_errno(errno);
  }
  (void)close(host);
  return error;
}

int wa_wasi_path_readlink(struct wa_wasi_call *call) {
  struct wa_place place;
  char target[PATH_MAX];
  int host;
  uint32_t size = call->args[4].u32;
  uint32_t result = call->args[5].u32;
  uint8_t *buffer = wa_guest_at(&call->guest, call->args[3].u32, size);
  if (buffer == NULL || wa_guest_at(&call->guest, result, 4) == NULL) {
    return WASI_EFAULT;
  }
  int error = wa_place_open(&place, call, call->args[0].u32, WASI_RIGHT_PATH_READLINK,
                            call->args[1].u32, call->args[2].u32);
  if (error != WASI_ESUCCESS) {
    return error;
  }
  error = open_at(&place, O_PATH | O_NOFOLLOW, &host);
  wa_place_close(&place);
  if (error != WASI_ESUCCESS) {
    return error;
  }
  ssize_t length = readlinkat(host, "", target, sizeof target);
  // For what is no link, the system call on an empty path says ENOENT.
  if (length < 0) {
    error = errno == ENOENT ? WASI_EINVAL : wa_wasi_errno(errno);
  }
  (void)close(host);
  if (error == WASI_ESUCCESS) {
    uint32_t part = (size_t)length < size ? (uint32_t)length : size;
    (void)wa_guest_write(&call->guest, call->args[3].u32, target, part);
    (void)wa_guest_write_u32(&call->guest, result, part);
  }
  return error;
}

// File attributes and times as WASI's records.
#include "wasi/clocks.h"
#include "wasi/internal.h"

#include <sys/stat.h>

uint8_t wa_wasi_filetype(mode_t mode) {
  switch (mode & S_IFMT) {
  case S_IFREG:
    return WASI_FILETYPE_REGULAR_FILE;
  case S_IFDIR:
    return WASI_FILETYPE_DIRECTORY;
  case S_IFLNK:
    return WASI_FILETYPE_SYMBOLIC_LINK;
  case S_IFCHR:
    return WASI_FILETYPE_CHARACTER_DEVICE;
  case S_IFBLK:
    return WASI_FILETYPE_BLOCK_DEVICE;
  case S_IFSOCK:
    return WASI_FILETYPE_SOCKET_STREAM;
  default:
    return WASI_FILETYPE_UNKNOWN;
  }
}

static int put_unstable(const struct wa_wasi_call *call, uint32_t address,
                        const struct stat *status) {
  uint8_t record[WASI_U_FILESTAT_SIZE] = {0};
  wa_set_field_u64(record, status->st_dev);
  wa_set_field_u64(record + WASI_FILESTAT_INO, status->st_ino);
  record[WASI_FILESTAT_TYPE] = wa_wasi_filetype(status->st_mode);
  wa_set_field_u32(record + WASI_U_FILESTAT_NLINK, (uint32_t)status->st_nlink);
  wa_set_field_u64(record + WASI_U_FILESTAT_FILE_SIZE, (uint64_t)status->st_size);
  wa_set_field_u64(record + WASI_U_FILESTAT_ATIM, wa_wasi_nanoseconds(&status->st_atim));
  wa_set_field_u64(record + WASI_U_FILESTAT_MTIM, wa_wasi_nanoseconds(&status->st_mtim));
  wa_set_field_u64(record + WASI_U_FILESTAT_CTIM, wa_wasi_nanoseconds(&status->st_ctim));
  return wa_guest_write(&call->guest, address, record, sizeof record) ? WASI_ESUCCESS : WASI_EFAULT;
}

int wa_wasi_put_filestat(const struct wa_wasi_call *call, uint32_t address,
                         const struct stat *status) {
  if (call->unstable) {
    return put_unstable(call, address, status);
  }
  uint8_t record[WASI_FILESTAT_SIZE] = {0};
  wa_set_field_u64(record, status->st_dev);
  wa_set_field_u64(record + WASI_FILESTAT_INO, status->st_ino);
  record[WASI_FILESTAT_TYPE] = wa_wasi_filetype(status->st_mode);
  wa_set_field_u64(record + WASI_FILESTAT_NLINK, status->st_nlink);
  wa_set_field_u64(record + WASI_FILESTAT_FILE_SIZE, (uint64_t)status->st_size);
  wa_set_field_u64(record + WASI_FILESTAT_ATIM, wa_wasi_nanoseconds(&status->st_atim));
  wa_set_field_u64(record + WASI_FILESTAT_MTIM, wa_wasi_nanoseconds(&status->st_mtim));
  wa_set_field_u64(record + WASI_FILESTAT_CTIM, wa_wasi_nanoseconds(&status->st_ctim));
  return wa_guest_write(&call->guest, address, record, sizeof record) ? WASI_ESUCCESS : WASI_EFAULT;
}

static struct timespec time_for(bool set, bool now, uint64_t nanoseconds) {
  if (now) {
    return (struct timespec){.tv_nsec = UTIME_NOW};
  }
  if (!set) {
    return (struct timespec){.tv_nsec = UTIME_OMIT};
  }
  return (struct timespec){.tv_sec = (time_t)(nanoseconds / 1000000000),
                           .tv_nsec = (long)(nanoseconds % 1000000000)};
}

int wa_wasi_times(uint32_t flags, uint64_t atim, uint64_t mtim, struct timespec times[2]) {
  bool atim_set = (flags & WASI_FST_ATIM) != 0;
  bool atim_now = (flags & WASI_FST_ATIM_NOW) != 0;
  bool mtim_set = (flags & WASI_FST_MTIM) != 0;
  bool mtim_now = (flags & WASI_FST_MTIM_NOW) != 0;
  if ((flags & ~(uint32_t)WASI_FST_ALL) != 0 || (atim_set && atim_now) || (mtim_set && mtim_now)) {
    return WASI_EINVAL;
  }
  times[0] = time_for(atim_set, atim_now, atim);
  times[1] = time_for(mtim_set, mtim_now, mtim);
  return WASI_ESUCCESS;
}

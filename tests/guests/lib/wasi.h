// The WASI preview 1 functions that the guests call, as the witx document has them.
#ifndef GUEST_WASI_H
#define GUEST_WASI_H

#include <stddef.h>
#include <stdint.h>

#define WASI_IMPORT(symbol, ...)                                                                   \
  __attribute__((import_module("wasi_snapshot_preview1"), import_name(#symbol)))                   \
  uint32_t wasi_##symbol(__VA_ARGS__)

struct iovec {
  void *data;
  size_t size;
};

struct fdstat {
  uint8_t filetype;
  uint16_t flags;
  uint64_t rights, inheriting;
};

struct filestat {
  uint64_t dev, ino;
  uint8_t filetype;
  uint64_t nlink, size, atim, mtim, ctim;
};

struct prestat {
  uint8_t tag;
  size_t name_length;
};

struct dirent {
  uint64_t next, ino;
  uint32_t name_length;
  uint8_t type;
};

struct subscription {
  uint64_t userdata;
  uint8_t tag;
  union {
    struct {
      uint32_t id;
      uint64_t timeout, precision;
      uint16_t flags;
    } clock;
    uint32_t fd;
  };
};

struct event {
  uint64_t userdata;
  uint16_t error;
  uint8_t type;
  uint64_t bytes;
  uint16_t flags;
};

_Static_assert(sizeof(struct fdstat) == 24 && sizeof(struct filestat) == 64, "witx layout");
_Static_assert(sizeof(struct dirent) == 24 && sizeof(struct prestat) == 8, "witx layout");
_Static_assert(sizeof(struct subscription) == 48 && sizeof(struct event) == 32, "witx layout");

enum {
  E_SUCCESS = 0,
  E_ACCES = 2,
  E_AGAIN = 6,
  E_BADF = 8,
  E_BUSY = 10,
  E_EXIST = 20,
  E_FAULT = 21,
  E_FBIG = 22,
  E_INVAL = 28,
  E_IO = 29,
  E_ISCONN = 30,
  E_ISDIR = 31,
  E_LOOP = 32,
  E_MFILE = 33,
  E_MSGSIZE = 35,
  E_NAMETOOLONG = 37,
  E_NOENT = 44,
  E_NOMEM = 48,
  E_NOSPC = 51,
  E_NOSYS = 52,
  E_NOTCONN = 53,
  E_NOTDIR = 54,
  E_NOTEMPTY = 55,
  E_NOTSOCK = 57,
  E_NOTSUP = 58,
  E_NXIO = 60,
  E_PERM = 63,
  E_PIPE = 64,
  E_ROFS = 69,
  E_SPIPE = 70,
  E_XDEV = 75,
  E_NOTCAPABLE = 76,
};

enum { O_CREAT = 1, O_DIRECTORY = 2, O_EXCL = 4, O_TRUNC = 8 };
enum { FD_APPEND = 1, FD_DSYNC = 2, FD_NONBLOCK = 4, FD_RSYNC = 8, FD_SYNC = 16 };
enum {
  TYPE_UNKNOWN = 0,
  TYPE_CHARACTER = 2,
  TYPE_DIRECTORY = 3,
  TYPE_REGULAR = 4,
  TYPE_DGRAM = 5,
  TYPE_STREAM = 6,
  TYPE_LINK = 7,
};
enum { SET_ATIM = 1, SET_ATIM_NOW = 2, SET_MTIM = 4, SET_MTIM_NOW = 8 };
enum { SEEK_SET = 0, SEEK_CUR = 1, SEEK_END = 2 };
enum { CLOCK_REALTIME = 0, CLOCK_MONOTONIC = 1, CLOCK_PROCESS = 2, CLOCK_THREAD = 3 };
enum { HANGUP = 1 };
enum { RECV_PEEK = 1, RECV_WAITALL = 2, RECV_TRUNCATED = 1 };
enum { SHUT_RD = 1, SHUT_WR = 2 };
enum { EVENT_CLOCK = 0, EVENT_READ = 1, EVENT_WRITE = 2 };
enum { ABSTIME = 1, FOLLOW = 1 };
#define RIGHT_DATASYNC (1ull << 0)
#define RIGHT_READ (1ull << 1)
#define RIGHT_SEEK (1ull << 2)
#define RIGHT_SET_FLAGS (1ull << 3)
#define RIGHT_SYNC (1ull << 4)
#define RIGHT_TELL (1ull << 5)
#define RIGHT_WRITE (1ull << 6)
#define RIGHT_ADVISE (1ull << 7)
#define RIGHT_ALLOCATE (1ull << 8)
#define RIGHT_CREATE_DIRECTORY (1ull << 9)
#define RIGHT_CREATE_FILE (1ull << 10)
#define RIGHT_LINK_SOURCE (1ull << 11)
#define RIGHT_LINK_TARGET (1ull << 12)
#define RIGHT_OPEN (1ull << 13)
#define RIGHT_READDIR (1ull << 14)
#define RIGHT_READLINK (1ull << 15)
#define RIGHT_RENAME_SOURCE (1ull << 16)
#define RIGHT_RENAME_TARGET (1ull << 17)
#define RIGHT_PATH_GET (1ull << 18)
#define RIGHT_PATH_SET_SIZE (1ull << 19)
#define RIGHT_PATH_SET_TIMES (1ull << 20)
#define RIGHT_GET (1ull << 21)
#define RIGHT_SET_SIZE (1ull << 22)
#define RIGHT_SET_TIMES (1ull << 23)
#define RIGHT_SYMLINK (1ull << 24)
#define RIGHT_REMOVE_DIRECTORY (1ull << 25)
#define RIGHT_UNLINK (1ull << 26)
#define RIGHT_POLL (1ull << 27)
#define RIGHT_SHUTDOWN (1ull << 28)
#define RIGHT_ACCEPT (1ull << 29)
#define RIGHTS_ALL ((1ull << 30) - 1)

WASI_IMPORT(args_get, char **pointers, char *bytes);
WASI_IMPORT(args_sizes_get, size_t *count, size_t *size);
WASI_IMPORT(environ_get, char **pointers, char *bytes);
WASI_IMPORT(environ_sizes_get, size_t *count, size_t *size);
WASI_IMPORT(clock_res_get, uint32_t id, uint64_t *resolution);
WASI_IMPORT(clock_time_get, uint32_t id, uint64_t precision, uint64_t *time);
WASI_IMPORT(fd_advise, uint32_t fd, uint64_t offset, uint64_t length, uint32_t advice);
WASI_IMPORT(fd_allocate, uint32_t fd, uint64_t offset, uint64_t length);
WASI_IMPORT(fd_close, uint32_t fd);
WASI_IMPORT(fd_datasync, uint32_t fd);
WASI_IMPORT(fd_fdstat_get, uint32_t fd, struct fdstat *stat);
WASI_IMPORT(fd_fdstat_set_flags, uint32_t fd, uint32_t flags);
WASI_IMPORT(fd_fdstat_set_rights, uint32_t fd, uint64_t rights, uint64_t inheriting);
WASI_IMPORT(fd_filestat_get, uint32_t fd, struct filestat *stat);
WASI_IMPORT(fd_filestat_set_size, uint32_t fd, uint64_t size);
WASI_IMPORT(fd_filestat_set_times, uint32_t fd, uint64_t atim, uint64_t mtim, uint32_t flags);
WASI_IMPORT(fd_pread, uint32_t fd, const struct iovec *iovecs, size_t count, uint64_t offset,
            size_t *size);
WASI_IMPORT(fd_prestat_get, uint32_t fd, struct prestat *stat);
WASI_IMPORT(fd_prestat_dir_name, uint32_t fd, char *name, size_t size);
WASI_IMPORT(fd_pwrite, uint32_t fd, const struct iovec *iovecs, size_t count, uint64_t offset,
            size_t *size);
WASI_IMPORT(fd_read, uint32_t fd, const struct iovec *iovecs, size_t count, size_t *size);
WASI_IMPORT(fd_readdir, uint32_t fd, void *buffer, size_t size, uint64_t cookie, size_t *used);
WASI_IMPORT(fd_renumber, uint32_t from, uint32_t to);
WASI_IMPORT(fd_seek, uint32_t fd, int64_t offset, uint32_t whence, uint64_t *position);
WASI_IMPORT(fd_sync, uint32_t fd);
WASI_IMPORT(fd_tell, uint32_t fd, uint64_t *position);
WASI_IMPORT(fd_write, uint32_t fd, const struct iovec *iovecs, size_t count, size_t *size);
WASI_IMPORT(path_create_directory, uint32_t fd, const char *path, size_t size);
WASI_IMPORT(path_filestat_get, uint32_t fd, uint32_t lookup, const char *path, size_t size,
            struct filestat *stat);
WASI_IMPORT(path_filestat_set_times, uint32_t fd, uint32_t lookup, const char *path, size_t size,
            uint64_t atim, uint64_t mtim, uint32_t flags);
WASI_IMPORT(path_link, uint32_t from, uint32_t lookup, const char *old, size_t old_size,
            uint32_t to, const char *new, size_t new_size);
WASI_IMPORT(path_open, uint32_t fd, uint32_t lookup, const char *path, size_t size, uint32_t oflags,
            uint64_t rights, uint64_t inheriting, uint32_t fdflags, uint32_t *opened);
WASI_IMPORT(path_readlink, uint32_t fd, const char *path, size_t size, char *buffer, size_t room,
            size_t *used);
WASI_IMPORT(path_remove_directory, uint32_t fd, const char *path, size_t size);
WASI_IMPORT(path_rename, uint32_t from, const char *old, size_t old_size, uint32_t to,
            const char *new, size_t new_size);
WASI_IMPORT(path_symlink, const char *target, size_t target_size, uint32_t fd, const char *path,
            size_t size);
WASI_IMPORT(path_unlink_file, uint32_t fd, const char *path, size_t size);
WASI_IMPORT(poll_oneoff, const struct subscription *in, struct event *out, size_t count,
            size_t *events);
WASI_IMPORT(proc_raise, uint32_t signal);
WASI_IMPORT(sched_yield, void);
WASI_IMPORT(sock_accept, uint32_t fd, uint32_t flags, uint32_t *accepted);
WASI_IMPORT(sock_recv, uint32_t fd, const struct iovec *iovecs, size_t count, uint32_t flags,
            size_t *size, uint16_t *out_flags);
WASI_IMPORT(sock_send, uint32_t fd, const struct iovec *iovecs, size_t count, uint32_t flags,
            size_t *size);
WASI_IMPORT(sock_shutdown, uint32_t fd, uint32_t how);
WASI_IMPORT(random_get, void *buffer, size_t size);

__attribute__((import_module("wasi_snapshot_preview1"), import_name("proc_exit"), noreturn)) void
wasi_proc_exit(uint32_t status);

#endif

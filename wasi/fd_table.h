// The guest's descriptors: small numbers for open host files, with rights. Thread-safe: a lookup
// retains the file, so closing or renumbering a descriptor never pulls a host descriptor from under
// a call that another thread has in progress; the host descriptor is closed with the last
// reference.
#ifndef WA_WASI_FD_TABLE_H
#define WA_WASI_FD_TABLE_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

struct wa_fd {
  atomic_uint references;
  int host;
  bool owned;                     // host is closed with the last reference
  bool read_only;                 // nothing changes through it, whatever its rights: EROFS
  uint8_t filetype;               // enum wasi_filetype
  _Atomic uint64_t rights;        // only ever shrink
  _Atomic uint64_t inheriting;    // what files opened under a directory may have
  char *preopen;                  // the guest's name of a granted directory, or NULL
  pthread_mutex_t directory_lock; // fd_readdir moves the offset that host descriptors share
  // The kernel's positions in a directory that fd_readdir has told of; also under directory_lock.
  struct wa_positions {
    int64_t *items;
    uint32_t count, capacity;
  } positions;
};

struct wa_fd_table {
  pthread_mutex_t lock;
  struct wa_fd **files; // NULL: free
  uint32_t count;
  uint32_t free_from; // no number below is free
};

// Most descriptors a guest may have open.
enum { WA_FD_LIMIT = 65536 };

// A file with one reference, not read-only. Takes over `host` when owned, and `preopen` (malloc);
// on failure (NULL, out of memory) both stay the caller's.
struct wa_fd *wa_fd_new(int host, bool owned, uint8_t filetype, uint64_t rights,
                        uint64_t inheriting, char *preopen);
void wa_fd_release(struct wa_fd *file); // NULL is fine

void wa_fd_table_init(struct wa_fd_table *table);
void wa_fd_table_deinit(struct wa_fd_table *table);

// The functions below return a wasi_errno.

// Whether what takes these rights may be done with a file, as above.
int wa_fd_allows(const struct wa_fd *file, uint64_t rights);

// Puts a file at the lowest free number and takes over the caller's reference on success.
int wa_fd_table_add(struct wa_fd_table *table, struct wa_fd *file, uint32_t *fd);
// The file of a descriptor, retained: EBADF when there is none, ENOTCAPABLE when it lacks a right,
// EROFS when the rights are to change something and it is read-only.
int wa_fd_table_get(struct wa_fd_table *table, uint32_t fd, uint64_t rights, struct wa_fd **file);
int wa_fd_table_close(struct wa_fd_table *table, uint32_t fd);
// Moves `from` to the open descriptor `to`, which is closed, in one step.
int wa_fd_table_renumber(struct wa_fd_table *table, uint32_t from, uint32_t to);

#endif

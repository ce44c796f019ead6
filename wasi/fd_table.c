#include "wasi/fd_table.h"

#include "wasi/witx.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct wa_fd *wa_fd_new(int host, bool owned, uint8_t filetype, uint64_t rights,
                        uint64_t inheriting, char *preopen) {
  struct wa_fd *file = malloc(sizeof *file);
  if (file == NULL) {
    return NULL;
  }
  atomic_init(&file->references, 1);
  file->host = host;
  file->owned = owned;
  file->read_only = false;
  file->filetype = filetype;
  atomic_init(&file->rights, rights);
  atomic_init(&file->inheriting, inheriting);
  file->preopen = preopen;
  (void)pthread_mutex_init(&file->directory_lock, NULL);
  file->positions = (struct wa_positions){.items = NULL};
  return file;
}

void wa_fd_release(struct wa_fd *file) {
  if (file == NULL || atomic_fetch_sub(&file->references, 1) != 1) {
    return;
  }
  if (file->owned) {
    (void)close(file->host);
  }
  (void)pthread_mutex_destroy(&file->directory_lock);
  free(file->positions.items);
  free(file->preopen);
  free(file);
}

void wa_fd_table_init(struct wa_fd_table *table) {
  *table = (struct wa_fd_table){.files = NULL, .count = 0, .free_from = 0};
  (void)pthread_mutex_init(&table->lock, NULL);
}

void wa_fd_table_deinit(struct wa_fd_table *table) {
  for (uint32_t i = 0; i < table->count; i++) {
    wa_fd_release(table->files[i]);
  }
  free(table->files);
  (void)pthread_mutex_destroy(&table->lock);
}

// Makes room for one more. The lock is held.
static bool grow(struct wa_fd_table *table) {
  uint32_t count = table->count == 0 ? 8 : table->count * 2;
  struct wa_fd **files = realloc(table->files, count * sizeof(struct wa_fd *));
  if (files == NULL) {
    return false;
  }
  memset(files + table->count, 0, (count - table->count) * sizeof(struct wa_fd *));
  table->files = files;
  table->count = count;
  return true;
}

int wa_fd_table_add(struct wa_fd_table *table, struct wa_fd *file, uint32_t *fd) {
  int error = WASI_ESUCCESS;
  (void)pthread_mutex_lock(&table->lock);
  uint32_t i = table->free_from;
  while (i < table->count && table->files[i] != NULL) {
    i++;
  }
  if (i >= WA_FD_LIMIT) {
    error = WASI_EMFILE;
  } else if (i == table->count && !grow(table)) {
    error = WASI_ENOMEM;
  }
  table->free_from = i;
  if (error == WASI_ESUCCESS) {
    table->files[i] = file;
    *fd = i;
  }
  (void)pthread_mutex_unlock(&table->lock);
  return error;
}

int wa_fd_allows(const struct wa_fd *file, uint64_t rights) {
  if ((rights & ~atomic_load(&file->rights)) != 0) {
    return WASI_ENOTCAPABLE;
  }
  return file->read_only && (rights & WASI_RIGHTS_CHANGING) != 0 ? WASI_EROFS : WASI_ESUCCESS;
}

int wa_fd_table_get(struct wa_fd_table *table, uint32_t fd, uint64_t rights, struct wa_fd **file) {
  struct wa_fd *found = NULL;
  (void)pthread_mutex_lock(&table->lock);
  if (fd < table->count && table->files[fd] != NULL) {
    found = table->files[fd];
    (void)atomic_fetch_add(&found->references, 1);
  }
  (void)pthread_mutex_unlock(&table->lock);
  *file = NULL;
  if (found == NULL) {
    return WASI_EBADF;
  }
  int error = wa_fd_allows(found, rights);
  if (error != WASI_ESUCCESS) {
    wa_fd_release(found);
    return error;
  }
  *file = found;
  return WASI_ESUCCESS;
}

// Takes the file out of a number, which becomes free. The lock is held.
static struct wa_fd *take(struct wa_fd_table *table, uint32_t fd) {
  struct wa_fd *file = table->files[fd];
  table->files[fd] = NULL;
  if (fd < table->free_from) {
    table->free_from = fd;
  }
  return file;
}

int wa_fd_table_close(struct wa_fd_table *table, uint32_t fd) {
  struct wa_fd *file = NULL;
  (void)pthread_mutex_lock(&table->lock);
  if (fd < table->count) {
    file = take(table, fd);
  }
  (void)pthread_mutex_unlock(&table->lock);
  wa_fd_release(file);
  return file == NULL ? WASI_EBADF : WASI_ESUCCESS;
}

int wa_fd_table_renumber(struct wa_fd_table *table, uint32_t from, uint32_t to) {
  struct wa_fd *closed = NULL;
  int error = WASI_EBADF;
  (void)pthread_mutex_lock(&table->lock);
  if (from < table->count && to < table->count && table->files[from] != NULL &&
      table->files[to] != NULL) {
    error = WASI_ESUCCESS;
    if (from != to) {
      closed = table->files[to];
      table->files[to] = take(table, from);
    }
  }
  (void)pthread_mutex_unlock(&table->lock);
  wa_fd_release(closed);
  return error;
}

#include "cli/bundle.h"

#include "cli/pieces.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

// In the file: the number of rows, the rows by their keys, and behind them the pieces, each at a
// multiple of ALIGNMENT.
struct row {
  uint8_t key[WA_SHA256_SIZE];
  uint64_t offset; // from the start of the file
  uint32_t size;
  uint32_t unused; // how often the file was written since the row was of use
};

struct header {
  uint64_t count;
  uint64_t zero; // so that rows are aligned
};

enum {
  ALIGNMENT = 16,
  PATIENCE = 8, // a row that was of no use so often goes
  // Of the cache's limit, so much may be one program's.
  PART_OF_LIMIT = 16,
};
_Static_assert(sizeof(struct header) % ALIGNMENT == 0 && sizeof(struct row) % ALIGNMENT == 0,
               "the first piece follows the rows");

// What this run has added.
struct added {
  struct added *next;
  uint8_t key[WA_SHA256_SIZE];
  size_t size;
  uint8_t bytes[];
};

struct wa_bundle {
  struct wa_piece_store store;
  struct wa_cache cache; // with a descriptor of its own
  uint8_t name[WA_SHA256_SIZE];
  struct wa_buffer file; // as it was found, or empty
  struct row *rows;      // in the file
  size_t count;
  pthread_mutex_t lock;
  // Under the lock.
  bool *is_used; // per row
  unsigned found;
  struct added *added;
  size_t added_count;
};

// ---- As a store ----

static int by_key(const void *left, const void *right) {
  const struct row *a = left, *b = right;
  return memcmp(a->key, b->key, sizeof a->key);
}

static bool find(void *arg, const uint8_t key[WA_SHA256_SIZE], struct wa_buffer *piece) {
  struct wa_bundle *bundle = arg;
  struct row wanted;
  memcpy(wanted.key, key, sizeof wanted.key);
  const struct row *row =
      bundle->count == 0 ? NULL
                         : bsearch(&wanted, bundle->rows, bundle->count, sizeof wanted, by_key);
  uint8_t *bytes = row == NULL ? NULL : malloc(row->size);
  if (bytes == NULL) {
    return false;
  }
  memcpy(bytes, bundle->file.data + row->offset, row->size);
  *piece = (struct wa_buffer){.data = bytes, .size = row->size};
  (void)pthread_mutex_lock(&bundle->lock);
  bundle->found++;
  bundle->is_used[row - bundle->rows] = true;
  (void)pthread_mutex_unlock(&bundle->lock);
  return true;
}

static void keep(void *arg, const uint8_t key[WA_SHA256_SIZE], struct wa_bytes piece) {
  struct wa_bundle *bundle = arg;
  struct added *added = piece.size > UINT32_MAX ? NULL : malloc(sizeof *added + piece.size);
  if (added == NULL) {
    return;
  }
  memcpy(added->key, key, sizeof added->key);
  memcpy(added->bytes, piece.data, piece.size);
  added->size = piece.size;
  (void)pthread_mutex_lock(&bundle->lock);
  added->next = bundle->added;
  bundle->added = added;
  bundle->added_count++;
  (void)pthread_mutex_unlock(&bundle->lock);
}

// ---- Reading ----

static bool is_row(const struct row *row, size_t pieces, size_t size) {
  return row->offset % ALIGNMENT == 0 && row->size > 0 && row->offset >= pieces &&
         row->offset <= size && row->size <= size - row->offset;
}

// A file that is not as it should be has no rows.
static void read_rows(struct wa_bundle *bundle) {
  struct header header;
  const struct wa_buffer *file = &bundle->file;
  if (file->size < sizeof header) {
    return;
  }
  memcpy(&header, file->data, sizeof header);
  if (header.count > (file->size - sizeof header) / sizeof(struct row)) {
    return;
  }
  struct row *rows = (struct row *)(void *)(file->data + sizeof header);
  size_t pieces = sizeof header + header.count * sizeof *rows;
  for (size_t i = 0; i < header.count; i++) {
    if (!is_row(&rows[i], pieces, file->size) || (i > 0 && by_key(&rows[i - 1], &rows[i]) >= 0)) {
      return;
    }
  }
  bundle->is_used = calloc(header.count, sizeof *bundle->is_used);
  if (bundle->is_used != NULL) {
    bundle->rows = rows;
    bundle->count = header.count;
  }
}

struct wa_bundle *wa_bundle_open(const struct wa_cache *cache, const char *path) {
  char *absolute = cache->directory < 0 ? NULL : realpath(path, NULL);
  struct wa_bundle *bundle = absolute == NULL ? NULL : calloc(1, sizeof *bundle);
  if (bundle == NULL) {
    free(absolute);
    return NULL;
  }
  uint8_t parts[2 * WA_SHA256_SIZE];
  wa_pieces_identity("functions", bundle->store.identity);
  memcpy(parts, bundle->store.identity, WA_SHA256_SIZE);
  wa_sha256(absolute, strlen(absolute), parts + WA_SHA256_SIZE);
  wa_sha256(parts, sizeof parts, bundle->name);
  free(absolute);
  bundle->store.find = find;
  bundle->store.keep = keep;
  bundle->store.arg = bundle;
  bundle->cache = *cache;
  bundle->cache.directory = fcntl(cache->directory, F_DUPFD_CLOEXEC, 0);
  (void)pthread_mutex_init(&bundle->lock, NULL);
  if (wa_cache_find_piece(&bundle->cache, bundle->name, &bundle->file)) {
    read_rows(bundle);
  }
  return bundle;
}

const struct wa_piece_store *wa_bundle_store(const struct wa_bundle *bundle) {
  return &bundle->store;
}

unsigned wa_bundle_found(struct wa_bundle *bundle) {
  (void)pthread_mutex_lock(&bundle->lock);
  unsigned found = bundle->found;
  (void)pthread_mutex_unlock(&bundle->lock);
  return found;
}

// ---- Writing ----

// A row to be, and where its bytes are now.
struct piece {
  struct row row; // first: sorted by its key
  const uint8_t *bytes;
};

static size_t aligned(size_t size) {
  return (size + ALIGNMENT - 1) & ~(size_t)(ALIGNMENT - 1);
}

static size_t collect(const struct wa_bundle *bundle, struct piece *pieces) {
  size_t count = 0;
  for (const struct added *added = bundle->added; added != NULL; added = added->next) {
    struct piece *piece = &pieces[count++];
    *piece = (struct piece){.row = {.size = (uint32_t)added->size}, .bytes = added->bytes};
    memcpy(piece->row.key, added->key, sizeof added->key);
  }
  for (size_t i = 0; i < bundle->count; i++) {
    struct row row = bundle->rows[i];
    row.unused = bundle->is_used[i] ? 0 : row.unused + 1;
    if (row.unused <= PATIENCE) {
      pieces[count++] = (struct piece){.row = row, .bytes = bundle->file.data + row.offset};
    }
  }
  return count;
}

// Functions that are alike have one key.
static size_t sort(struct piece *pieces, size_t count) {
  size_t kept = 0;
  qsort(pieces, count, sizeof *pieces, by_key);
  for (size_t i = 0; i < count; i++) {
    if (kept == 0 || by_key(&pieces[kept - 1], &pieces[i]) != 0) {
      pieces[kept++] = pieces[i];
    }
  }
  return kept;
}

static void write_file(const struct wa_bundle *bundle, struct piece *pieces, size_t count) {
  const struct header header = {.count = count};
  size_t size = sizeof header + count * sizeof(struct row);
  for (size_t i = 0; i < count; i++) {
    pieces[i].row.offset = size;
    size += aligned(pieces[i].row.size);
  }
  uint8_t *bytes = size > bundle->cache.limit / PART_OF_LIMIT ? NULL : calloc(1, size);
  if (bytes == NULL) {
    return;
  }
  memcpy(bytes, &header, sizeof header);
  for (size_t i = 0; i < count; i++) {
    const struct row *row = &pieces[i].row;
    memcpy(bytes + sizeof header + i * sizeof *row, row, sizeof *row);
    memcpy(bytes + row->offset, pieces[i].bytes, row->size);
  }
  if (wa_cache_store_piece(&bundle->cache, bundle->name, (struct wa_bytes){bytes, size})) {
    wa_cache_make_room(&bundle->cache);
  }
  free(bytes);
}

void wa_bundle_keep(struct wa_bundle *bundle) {
  (void)pthread_mutex_lock(&bundle->lock);
  struct piece *pieces =
      bundle->added_count == 0 ? NULL : calloc(bundle->added_count + bundle->count, sizeof *pieces);
  if (pieces != NULL) {
    write_file(bundle, pieces, sort(pieces, collect(bundle, pieces)));
  }
  free(pieces);
  (void)pthread_mutex_unlock(&bundle->lock);
}

void wa_bundle_free(struct wa_bundle *bundle) {
  if (bundle == NULL) {
    return;
  }
  while (bundle->added != NULL) {
    struct added *next = bundle->added->next;
    free(bundle->added);
    bundle->added = next;
  }
  free(bundle->is_used);
  free(bundle->file.data);
  wa_cache_close(&bundle->cache);
  (void)pthread_mutex_destroy(&bundle->lock);
  free(bundle);
}

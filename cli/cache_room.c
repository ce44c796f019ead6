// The cache as a whole: how much it holds, and how it is kept from holding more.
#include "cli/cache.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

struct entry {
  char name[2 * WA_SHA256_SIZE + sizeof WA_CACHE_ENTRY_SUFFIX];
  struct timespec used;
  uint64_t size;
};

struct listing {
  struct entry *entries; // malloc
  size_t count, capacity;
  uint64_t bytes;
};

_Static_assert(sizeof WA_CACHE_ENTRY_SUFFIX == sizeof WA_CACHE_PIECE_SUFFIX, "one length");

static bool has_suffix(const char *name, const char *suffix) {
  return strlen(name) == sizeof(((struct entry *)0)->name) - 1 &&
         strcmp(name + (size_t)2 * WA_SHA256_SIZE, suffix) == 0;
}

static bool is_entry(const char *name) {
  return has_suffix(name, WA_CACHE_ENTRY_SUFFIX) || has_suffix(name, WA_CACHE_PIECE_SUFFIX);
}

static bool is_temporary(const char *name) {
  return strncmp(name, WA_CACHE_TEMPORARY_PREFIX, sizeof WA_CACHE_TEMPORARY_PREFIX - 1) == 0;
}

static void add(struct listing *listing, const char *name, const struct stat *status) {
  if (listing->count == listing->capacity) {
    size_t capacity = listing->capacity * 2 + 64;
    struct entry *entries = realloc(listing->entries, capacity * sizeof *entries);
    if (entries == NULL) {
      return;
    }
    listing->entries = entries;
    listing->capacity = capacity;
  }
  struct entry *entry = &listing->entries[listing->count++];
  *entry = (struct entry){.used = status->st_mtim, .size = (uint64_t)status->st_size};
  memcpy(entry->name, name, sizeof entry->name);
  listing->bytes += entry->size;
}

// Temporary files older than `oldest` seconds go on the way.
static void list(const struct wa_cache *cache, time_t oldest, struct listing *listing) {
  *listing = (struct listing){.entries = NULL};
  int copy = cache->directory < 0 ? -1 : openat(cache->directory, ".", O_RDONLY | O_CLOEXEC);
  DIR *directory = copy < 0 ? NULL : fdopendir(copy);
  if (directory == NULL) {
    if (copy >= 0) {
      (void)close(copy);
    }
    return;
  }
  time_t now = time(NULL);
  for (struct dirent *row; (row = readdir(directory)) != NULL;) {
    struct stat status;
    if (fstatat(copy, row->d_name, &status, AT_SYMLINK_NOFOLLOW) != 0 || !S_ISREG(status.st_mode)) {
      continue;
    }
    if (is_entry(row->d_name)) {
      add(listing, row->d_name, &status);
    } else if (is_temporary(row->d_name) && now - status.st_mtime >= oldest) {
      (void)unlinkat(copy, row->d_name, 0);
    }
  }
  (void)closedir(directory);
}

static int by_use(const void *left, const void *right) {
  const struct timespec *a = &((const struct entry *)left)->used;
  const struct timespec *b = &((const struct entry *)right)->used;
  if (a->tv_sec != b->tv_sec) {
    return a->tv_sec < b->tv_sec ? -1 : 1;
  }
  return (a->tv_nsec > b->tv_nsec) - (a->tv_nsec < b->tv_nsec);
}

// Nobody writes one entry for an hour.
enum { ABANDONED = 3600 };

static void count(struct wa_cache_size *size, const struct entry *entry) {
  bool is_piece = has_suffix(entry->name, WA_CACHE_PIECE_SUFFIX);
  size->entries += !is_piece;
  size->pieces += is_piece;
  size->bytes += entry->size;
}

struct wa_cache_size wa_cache_measure(const struct wa_cache *cache) {
  struct listing listing;
  struct wa_cache_size size = {.entries = 0};
  list(cache, ABANDONED, &listing);
  for (size_t i = 0; i < listing.count; i++) {
    count(&size, &listing.entries[i]);
  }
  free(listing.entries);
  return size;
}

void wa_cache_make_room(const struct wa_cache *cache) {
  struct listing listing;
  list(cache, ABANDONED, &listing);
  if (listing.bytes > cache->limit) {
    qsort(listing.entries, listing.count, sizeof *listing.entries, by_use);
    for (size_t i = 0; i < listing.count && listing.bytes > cache->limit; i++) {
      (void)unlinkat(cache->directory, listing.entries[i].name, 0);
      listing.bytes -= listing.entries[i].size;
    }
  }
  free(listing.entries);
}

struct wa_cache_size wa_cache_clear(const struct wa_cache *cache) {
  struct listing listing;
  struct wa_cache_size removed = {.entries = 0};
  list(cache, 0, &listing);
  for (size_t i = 0; i < listing.count; i++) {
    if (unlinkat(cache->directory, listing.entries[i].name, 0) == 0) {
      count(&removed, &listing.entries[i]);
    }
  }
  free(listing.entries);
  return removed;
}

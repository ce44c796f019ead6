// What finding code in the cache has saved: a small file beside the entries.
#include "cli/cache.h"

#include <fcntl.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

static const char name[] = "saved";
static const char magic[8] = "wasmaot";

struct record {
  char magic[8];
  struct wa_cache_saved saved;
};

static int open_record(const struct wa_cache *cache, int how) {
  return cache->directory < 0
             ? -1
             : openat(cache->directory, name, how | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0600);
}

// What is not a record counts as none.
static struct wa_cache_saved read_record(int file) {
  struct record record;
  bool is_one = pread(file, &record, sizeof record, 0) == (ssize_t)sizeof record &&
                memcmp(record.magic, magic, sizeof magic) == 0;
  return is_one ? record.saved : (struct wa_cache_saved){.runs = 0};
}

struct wa_cache_saved wa_cache_read_saved(const struct wa_cache *cache) {
  struct wa_cache_saved saved = {.runs = 0};
  int file = open_record(cache, O_RDONLY);
  if (file >= 0) {
    saved = read_record(file);
    (void)close(file);
  }
  return saved;
}

void wa_cache_add_saved(const struct wa_cache *cache, uint64_t nanoseconds) {
  struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
  int file = open_record(cache, O_RDWR | O_CREAT);
  // A run does not wait for a number: who holds the lock may be stopped.
  if (file >= 0 && fcntl(file, F_OFD_SETLK, &lock) == 0) {
    struct record record = {.saved = read_record(file)};
    memcpy(record.magic, magic, sizeof magic);
    record.saved.runs++;
    record.saved.nanoseconds += nanoseconds;
    if (pwrite(file, &record, sizeof record, 0) != (ssize_t)sizeof record) {
      wa_cache_forget_saved(cache);
    }
  }
  if (file >= 0) {
    (void)close(file);
  }
}

void wa_cache_forget_saved(const struct wa_cache *cache) {
  if (cache->directory >= 0) {
    (void)unlinkat(cache->directory, name, 0);
  }
}

static uint64_t nanoseconds_of(const struct timeval *time) {
  return (uint64_t)time->tv_sec * 1000000000 + (uint64_t)time->tv_usec * 1000;
}

uint64_t wa_processor_time(void) {
  static const int whose[] = {RUSAGE_SELF, RUSAGE_CHILDREN};
  uint64_t sum = 0;
  for (size_t i = 0; i < sizeof whose / sizeof whose[0]; i++) {
    struct rusage usage;
    if (getrusage(whose[i], &usage) == 0) {
      sum += nanoseconds_of(&usage.ru_utime) + nanoseconds_of(&usage.ru_stime);
    }
  }
  return sum;
}

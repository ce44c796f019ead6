#include "cli/cache.h"

#include "cli/report.h"
#include "include/wa_clock.h"
#include "loader/cpu.h"
#include "runtime/abi.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define DEFAULT_LIMIT ((uint64_t)1 << 30)

// ---- The directory ----

static bool join(char path[PATH_MAX], const char *a, const char *b) {
  int length = snprintf(path, PATH_MAX, "%s%s", a, b);
  return length > 0 && length < PATH_MAX;
}

// The last component is made, not those above it: a home that is missing stays so.
static bool make(const char *path, bool create) {
  return !create || mkdir(path, 0700) == 0 || errno == EEXIST;
}

static bool is_absolute(const char *path) {
  return path != NULL && path[0] == '/';
}

// As the XDG base directory specification has it, where a path that is not absolute is ignored.
static bool find_directory(struct wa_cache *cache, bool create) {
  const char *own = secure_getenv("WASMAOT_CACHE_DIR");
  const char *xdg = secure_getenv("XDG_CACHE_HOME");
  const char *home = secure_getenv("HOME");
  char base[PATH_MAX];
  if (own != NULL && own[0] != '\0') {
    return join(cache->path, own, "") && make(cache->path, create);
  }
  if (is_absolute(xdg) ? !join(base, xdg, "")
                       : !is_absolute(home) || !join(base, home, "/.cache")) {
    return false;
  }
  return make(base, create) && join(cache->path, base, "/wasmaot") && make(cache->path, create);
}

// Whoever can write to the cache decides what code runs here.
static bool is_private(struct wa_cache *cache) {
  struct stat status;
  const char *why = NULL;
  if (fstat(cache->directory, &status) != 0) {
    return false;
  }
  if (status.st_uid != geteuid()) {
    why = "it belongs to another user";
  } else if ((status.st_mode & (S_IWGRP | S_IWOTH)) != 0) {
    why = "others may write to it (chmod go-w mends that)";
  }
  if (why != NULL) {
    (void)snprintf(cache->refused, sizeof cache->refused, "%s", why);
  }
  return why == NULL;
}

static uint64_t read_limit(void) {
  const char *text = secure_getenv("WASMAOT_CACHE_SIZE");
  uint64_t limit;
  if (text == NULL || text[0] == '\0') {
    return DEFAULT_LIMIT;
  }
  if (wa_parse_size(text, &limit)) {
    return limit;
  }
  wa_report_as(WA_REPORT_WARNING, NULL,
               "WASMAOT_CACHE_SIZE: '%s' is not a size in bytes (K, M or G may follow)", text);
  return DEFAULT_LIMIT;
}

void wa_cache_open(struct wa_cache *cache, bool create) {
  *cache = (struct wa_cache){.directory = -1, .limit = read_limit()};
  if (!find_directory(cache, create)) {
    return;
  }
  cache->directory = open(cache->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (cache->directory >= 0 && !is_private(cache)) {
    wa_cache_close(cache);
  }
  cache->noexec = cache->directory >= 0 && wa_is_noexec(cache->directory);
}

void wa_cache_close(struct wa_cache *cache) {
  if (cache->directory >= 0) {
    (void)close(cache->directory);
  }
  cache->directory = -1;
}

bool wa_cache_can_keep(const struct wa_cache *cache, uint64_t size) {
  return cache->directory >= 0 && cache->limit >= size &&
         faccessat(cache->directory, ".", W_OK | X_OK, AT_EACCESS) == 0;
}

// ---- Keys ----

void wa_cache_key(struct wa_cache_key *key, const struct wa_file *module,
                  const struct wa_translate_options *options) {
  wa_sha256(module->data, module->size, key->source);
  wa_cache_key_options(key, options);
}

void wa_cache_key_options(struct wa_cache_key *key, const struct wa_translate_options *options) {
  char compiler[WA_COMPILER_IDENTITY_SIZE];
  char text[1024];
  const char *cpu = options->cpu != NULL ? options->cpu : options->default_cpu;
  wa_compiler_identity(compiler);
  // The host's features stand for "native", and an object that this host refuses is never found.
  int length = snprintf(
      text, sizeof text,
      "wasmaot %s abi %u api %x llvm %s compiler %s -O%llu%s%s -g%d%s host %x:%llx off %llx cpu ",
      WASMAOT_VERSION, WA_ABI_VERSION, WA_COMPILER_API_VERSION, WASMAOT_LLVM_VERSION, compiler,
      (unsigned long long)options->opt_level, options->replaceable ? "r" : "",
      options->memory_checks == WA_CHECKS_EXPLICIT ? "e" : "", options->debug,
      options->mangled ? " mangled" : "", wa_host_machine(),
      (unsigned long long)wa_host_cpu_features(), (unsigned long long)options->features_off);
  uint8_t parts[3 * WA_SHA256_SIZE];
  memcpy(parts, key->source, WA_SHA256_SIZE);
  wa_sha256(text, (size_t)length, parts + WA_SHA256_SIZE);
  // Apart, because it may be of any length.
  wa_sha256(cpu, strlen(cpu), parts + (size_t)2 * WA_SHA256_SIZE);
  wa_sha256(parts, sizeof parts, key->digest);
}

// ---- Entries ----

// Behind the artifact in its file. It tells damage from what was written; the directory's owner is
// who it is trusted from.
struct tail {
  char magic[8];
  uint8_t key[WA_SHA256_SIZE];
  uint64_t size; // of the artifact
  uint64_t sum;
  uint64_t cost; // nanoseconds of processor time
};

static const char magic[8] = "wasmaot";

enum { NAME_SIZE = 2 * WA_SHA256_SIZE + sizeof WA_CACHE_ENTRY_SUFFIX };

static void name_with(const uint8_t digest[WA_SHA256_SIZE], const char suffix[],
                      char name[NAME_SIZE]) {
  for (size_t i = 0; i < WA_SHA256_SIZE; i++) {
    (void)snprintf(name + 2 * i, 3, "%02x", digest[i]);
  }
  memcpy(name + (size_t)2 * WA_SHA256_SIZE, suffix, sizeof WA_CACHE_ENTRY_SUFFIX);
}

static void entry_name(const struct wa_cache_key *key, char name[NAME_SIZE]) {
  name_with(key->digest, WA_CACHE_ENTRY_SUFFIX, name);
}

// As fast as memory is read, so that all of an entry can be checked each time: every step is a
// bijection of its lane, so no single word can change without the sum changing.
static uint64_t checksum(const uint8_t *bytes, size_t size) {
  enum { LANES = 8, STEP = LANES * 8 };
  uint64_t lanes[LANES] = {1, 2, 3, 4, 5, 6, 7, 8};
  uint64_t words[LANES] = {0};
  uint64_t sum = size;
  for (size_t at = 0; at < size; at += STEP) {
    size_t left = size - at;
    if (left < STEP) {
      memset(words, 0, sizeof words);
    }
    memcpy(words, bytes + at, left < STEP ? left : STEP);
    for (int i = 0; i < LANES; i++) {
      lanes[i] = (lanes[i] ^ words[i]) * 0x9e3779b97f4a7c15u;
    }
    for (int i = 0; i < LANES; i++) {
      lanes[i] ^= lanes[i] >> 29;
    }
  }
  for (int i = 0; i < LANES; i++) {
    sum = ((sum ^ lanes[i]) * 0x9e3779b97f4a7c15u) ^ (sum >> 31);
  }
  return sum;
}

static bool check_sum(int file, const struct tail *tail) {
  void *bytes = mmap(NULL, tail->size, PROT_READ, MAP_PRIVATE, file, 0);
  if (bytes == MAP_FAILED) {
    return false;
  }
  bool intact = checksum(bytes, tail->size) == tail->sum;
  (void)munmap(bytes, tail->size);
  return intact;
}

// Whether it is a file that the user alone can write to, and how long it is without its tail.
static bool check_status(int file, uint64_t *size) {
  struct stat status;
  if (fstat(file, &status) != 0 || !S_ISREG(status.st_mode) || status.st_uid != geteuid() ||
      (status.st_mode & (S_IWGRP | S_IWOTH)) != 0 || status.st_size <= (off_t)sizeof(struct tail)) {
    return false;
  }
  *size = (uint64_t)status.st_size - sizeof(struct tail);
  return true;
}

static bool check_tail(const struct tail *tail, const uint8_t digest[WA_SHA256_SIZE],
                       uint64_t size) {
  return memcmp(tail->magic, magic, sizeof magic) == 0 && tail->size == size &&
         memcmp(tail->key, digest, sizeof tail->key) == 0;
}

static bool check_entry(int file, const struct wa_cache_key *key, struct tail *tail) {
  uint64_t size;
  return check_status(file, &size) &&
         pread(file, tail, sizeof *tail, (off_t)size) == (ssize_t)sizeof *tail &&
         check_tail(tail, key->digest, size) && check_sum(file, tail);
}

// An entry's time of change says when it was last used, to the minute.
static void mark_used(int file) {
  struct stat status;
  if (fstat(file, &status) == 0 && time(NULL) - status.st_mtime > 60) {
    (void)futimens(file, NULL);
  }
}

static struct wa_artifact *load_copy(int file, size_t size, const char *name,
                                     const struct wa_load_options *load, struct wa_error *err) {
  void *bytes = mmap(NULL, size, PROT_READ, MAP_PRIVATE, file, 0);
  if (bytes == MAP_FAILED) {
    wa_fail(err, WA_ERROR_SYSTEM, WA_NO_OFFSET, "cannot map it: %s", strerror(errno));
    return NULL;
  }
  struct wa_artifact *artifact = wa_artifact_load_memory(bytes, size, name, load, err);
  (void)munmap(bytes, size);
  return artifact;
}

struct wa_artifact *wa_cache_find(const struct wa_cache *cache, const struct wa_cache_key *key,
                                  const char *name, const struct wa_load_options *load,
                                  uint64_t *cost) {
  char entry[NAME_SIZE];
  struct tail tail;
  struct wa_error err;
  struct wa_artifact *artifact = NULL;
  if (cache->directory < 0) {
    return NULL;
  }
  entry_name(key, entry);
  int file = openat(cache->directory, entry, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
  if (file < 0) {
    return NULL;
  }
  wa_error_clear(&err);
  if (check_entry(file, key, &tail)) {
    artifact = cache->noexec ? load_copy(file, tail.size, name, load, &err)
                             : wa_artifact_load_range(file, 0, tail.size, name, load, &err);
  }
  if (artifact != NULL &&
      memcmp(artifact->note.source_sha256, key->source, sizeof key->source) != 0) {
    wa_artifact_release(artifact);
    artifact = NULL;
  }
  if (artifact != NULL) {
    mark_used(file);
    if (cost != NULL) {
      *cost = tail.cost;
    }
  } else if (err.kind != WA_ERROR_SYSTEM) {
    (void)unlinkat(cache->directory, entry, 0);
  }
  (void)close(file);
  return artifact;
}

bool wa_cache_has(const struct wa_cache *cache, const struct wa_cache_key *key) {
  char entry[NAME_SIZE];
  struct stat status;
  entry_name(key, entry);
  return fstatat(cache->directory, entry, &status, AT_SYMLINK_NOFOLLOW) == 0;
}

// Aside, then renamed: an entry is there as a whole or not at all.
static bool write_entry(const struct wa_cache *cache, const char entry[NAME_SIZE],
                        const uint8_t digest[WA_SHA256_SIZE], struct wa_bytes contents,
                        uint64_t cost) {
  char temporary[80];
  struct timespec now;
  if (cache->directory < 0 || contents.size + sizeof(struct tail) > cache->limit) {
    return false;
  }
  struct tail tail = {
      .size = contents.size, .sum = checksum(contents.data, contents.size), .cost = cost};
  memcpy(tail.magic, magic, sizeof tail.magic);
  memcpy(tail.key, digest, sizeof tail.key);
  (void)clock_gettime(CLOCK_REALTIME, &now);
  // The threads of a process write different entries.
  (void)snprintf(temporary, sizeof temporary, WA_CACHE_TEMPORARY_PREFIX "%ld-%llx%09ld-%.8s",
                 (long)getpid(), (unsigned long long)now.tv_sec, now.tv_nsec, entry);
  int file = openat(cache->directory, temporary,
                    O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
  if (file < 0) {
    return false;
  }
  bool done =
      wa_write_all(file, contents.data, contents.size) && wa_write_all(file, &tail, sizeof tail);
  done = close(file) == 0 && done;
  if (done && renameat(cache->directory, temporary, cache->directory, entry) == 0) {
    return true;
  }
  (void)unlinkat(cache->directory, temporary, 0);
  return false;
}

// Pieces may have come before it, whether it is kept or not.
bool wa_cache_store(const struct wa_cache *cache, const struct wa_cache_key *key,
                    const struct wa_buffer *object, uint64_t cost) {
  char entry[NAME_SIZE];
  entry_name(key, entry);
  bool done =
      write_entry(cache, entry, key->digest, (struct wa_bytes){object->data, object->size}, cost);
  wa_cache_make_room(cache);
  return done;
}

bool wa_cache_store_piece(const struct wa_cache *cache, const uint8_t key[WA_SHA256_SIZE],
                          struct wa_bytes piece) {
  char entry[NAME_SIZE];
  name_with(key, WA_CACHE_PIECE_SUFFIX, entry);
  return write_entry(cache, entry, key, piece, 0);
}

// Reads first and checks then, so that nothing can change between.
static bool read_piece(int file, const uint8_t key[WA_SHA256_SIZE], struct wa_buffer *piece) {
  uint64_t size;
  struct tail tail;
  if (!check_status(file, &size)) {
    return false;
  }
  size_t all = size + sizeof tail, done = 0;
  uint8_t *bytes = malloc(all);
  while (bytes != NULL && done < all) {
    ssize_t got = read(file, bytes + done, all - done);
    if (got == 0 || (got < 0 && errno != EINTR)) {
      break;
    }
    done += got > 0 ? (size_t)got : 0;
  }
  if (bytes != NULL && done == all) {
    memcpy(&tail, bytes + size, sizeof tail);
    if (check_tail(&tail, key, size) && checksum(bytes, size) == tail.sum) {
      *piece = (struct wa_buffer){.data = bytes, .size = size};
      return true;
    }
  }
  free(bytes);
  return false;
}

bool wa_cache_find_piece(const struct wa_cache *cache, const uint8_t key[WA_SHA256_SIZE],
                         struct wa_buffer *piece) {
  char entry[NAME_SIZE];
  if (cache->directory < 0) {
    return false;
  }
  name_with(key, WA_CACHE_PIECE_SUFFIX, entry);
  int file = openat(cache->directory, entry, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
  if (file < 0) {
    return false;
  }
  // One that is damaged is written anew.
  bool found = read_piece(file, key, piece);
  if (found) {
    mark_used(file);
  }
  (void)close(file);
  return found;
}

void wa_cache_remove(const struct wa_cache *cache, const struct wa_cache_key *key) {
  char entry[NAME_SIZE];
  entry_name(key, entry);
  (void)unlinkat(cache->directory, entry, 0);
}

// ---- Waiting for others ----

// One file for all locks: each has a byte of it, which need not exist. A key has one for who
// compiles for it and one for who will do so in the background; behind all of those is that of
// whose turn it is in the background.
enum lock_kind { COMPILING, IN_BACKGROUND, TURN };

static struct flock lock_of(enum lock_kind kind, const struct wa_cache_key *key) {
  struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_len = 1};
  uint64_t place = 0;
  if (kind != TURN) {
    memcpy(&place, key->digest, sizeof place);
  }
  lock.l_start = (off_t)((place >> 3) | (uint64_t)kind << 61);
  return lock;
}

static int open_lock(const struct wa_cache *cache) {
  return cache->directory < 0
             ? -1
             : openat(cache->directory, "lock", O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
}

int wa_cache_lock(const struct wa_cache *cache, const struct wa_cache_key *key) {
  struct flock lock = lock_of(COMPILING, key);
  struct timespec pause = {.tv_nsec = 5 * 1000 * 1000};
  int file = open_lock(cache);
  if (file < 0) {
    return -1;
  }
  // Whoever has it may be stopped, so patience has an end.
  for (uint64_t start = wa_clock_now(); wa_clock_seconds_since(start) < 60;) {
    if (fcntl(file, F_OFD_SETLK, &lock) == 0 || (errno != EAGAIN && errno != EACCES)) {
      return file;
    }
    (void)nanosleep(&pause, NULL);
  }
  return file;
}

static bool try_lock(int file, enum lock_kind kind, const struct wa_cache_key *key) {
  struct flock lock = lock_of(kind, key);
  return fcntl(file, F_OFD_SETLK, &lock) == 0;
}

bool wa_cache_take_turn(const struct wa_cache *cache, const struct wa_cache_key *key) {
  struct flock turn = lock_of(TURN, key);
  int file = open_lock(cache);
  if (file < 0 || !try_lock(file, IN_BACKGROUND, key)) {
    return false;
  }
  while (fcntl(file, F_OFD_SETLKW, &turn) != 0) {
    if (errno != EINTR) {
      return false;
    }
  }
  return try_lock(file, COMPILING, key) && !wa_cache_has(cache, key);
}

bool wa_cache_is_coming(const struct wa_cache *cache, const struct wa_cache_key *key) {
  struct flock lock = lock_of(IN_BACKGROUND, key);
  int file = open_lock(cache);
  bool held = file >= 0 && fcntl(file, F_OFD_GETLK, &lock) == 0 && lock.l_type != F_UNLCK;
  if (file >= 0) {
    (void)close(file);
  }
  return held;
}

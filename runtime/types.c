// The registry of function types: one id per distinct signature, for the life of the process, so
// that a signature check between any two modules is one compare.
#include "types.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

struct entry {
  struct wa_signature signature; // first: a signature is all that callers see
  uint32_t hash;
  uint32_t next; // id of the next entry of the bucket, 0 at the end
  uint8_t valtypes[];
};

enum { CHUNK_SIZE = 1024, CHUNK_COUNT = 4096, BUCKET_COUNT = 4096 };

// Ids are looked up without the lock, so an entry never moves: chunks are only added.
static _Atomic(struct entry **) chunks[CHUNK_COUNT];
static uint32_t buckets[BUCKET_COUNT];
static uint32_t last_id;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

const char *wa_valtype_name(uint8_t type) {
  switch (type) {
  case WA_I32:
    return "i32";
  case WA_I64:
    return "i64";
  case WA_F32:
    return "f32";
  case WA_F64:
    return "f64";
  case WA_V128:
    return "v128";
  case WA_FUNCREF:
    return "funcref";
  case WA_EXTERNREF:
    return "externref";
  default:
    return "?";
  }
}

bool wa_valtype_is_valid(uint32_t type) {
  return (type >= WA_V128 && type <= WA_I32) || type == WA_FUNCREF || type == WA_EXTERNREF;
}

static uint32_t hash_bytes(uint32_t hash, const uint8_t *bytes, uint32_t count) {
  for (uint32_t i = 0; i < count; i++) {
    hash = (hash ^ bytes[i]) * 16777619u;
  }
  return hash;
}

static struct entry *entry_at(uint32_t id) {
  struct entry **chunk = atomic_load_explicit(&chunks[id / CHUNK_SIZE], memory_order_acquire);
  return chunk[id % CHUNK_SIZE];
}

static bool same_types(const uint8_t *a, const uint8_t *b, uint32_t count) {
  return count == 0 || memcmp(a, b, count) == 0;
}

static uint32_t count_cells(const uint8_t *types, uint32_t count) {
  uint32_t cells = 0;
  for (uint32_t i = 0; i < count; i++) {
    cells += wa_valtype_cells(types[i]);
  }
  return cells;
}

static struct entry *new_entry(const uint8_t *params, uint32_t param_count, const uint8_t *results,
                               uint32_t result_count, uint32_t hash) {
  size_t size = (size_t)param_count + result_count;
  struct entry *entry = malloc(sizeof *entry + size);
  if (entry == NULL) {
    return NULL;
  }
  if (param_count != 0) {
    memcpy(entry->valtypes, params, param_count);
  }
  if (result_count != 0) {
    memcpy(entry->valtypes + param_count, results, result_count);
  }
  entry->signature = (struct wa_signature){
      .params = entry->valtypes,
      .results = entry->valtypes + param_count,
      .param_count = param_count,
      .result_count = result_count,
      .param_cells = count_cells(params, param_count),
      .result_cells = count_cells(results, result_count),
  };
  entry->hash = hash;
  return entry;
}

// Under the lock. 0 when out of memory or ids.
static uint32_t add_entry(struct entry *entry) {
  uint32_t id = last_id + 1;
  if (id / CHUNK_SIZE >= CHUNK_COUNT) {
    return 0;
  }
  _Atomic(struct entry **) *place = &chunks[id / CHUNK_SIZE];
  struct entry **chunk = atomic_load_explicit(place, memory_order_relaxed);
  if (chunk == NULL) {
    chunk = calloc(CHUNK_SIZE, sizeof(struct entry *));
    if (chunk == NULL) {
      return 0;
    }
    atomic_store_explicit(place, chunk, memory_order_release);
  }
  chunk[id % CHUNK_SIZE] = entry;
  entry->next = buckets[entry->hash % BUCKET_COUNT];
  buckets[entry->hash % BUCKET_COUNT] = id;
  last_id = id;
  return id;
}

static uint32_t find_entry(const uint8_t *params, uint32_t param_count, const uint8_t *results,
                           uint32_t result_count, uint32_t hash) {
  uint32_t id = buckets[hash % BUCKET_COUNT];
  while (id != 0) {
    const struct entry *entry = entry_at(id);
    const struct wa_signature *signature = &entry->signature;
    if (entry->hash == hash && signature->param_count == param_count &&
        signature->result_count == result_count &&
        same_types(signature->params, params, param_count) &&
        same_types(signature->results, results, result_count)) {
      return id;
    }
    id = entry->next;
  }
  return 0;
}

uint32_t wa_type_intern(const uint8_t *params, uint32_t param_count, const uint8_t *results,
                        uint32_t result_count) {
  // The zero byte between the lists keeps [i32] -> [] and [] -> [i32] apart in the hash too.
  uint32_t hash = hash_bytes(2166136261u, params, param_count);
  hash = hash_bytes(hash, (const uint8_t[]){0}, 1);
  hash = hash_bytes(hash, results, result_count);

  pthread_mutex_lock(&lock);
  uint32_t id = find_entry(params, param_count, results, result_count, hash);
  if (id == 0) {
    struct entry *entry = new_entry(params, param_count, results, result_count, hash);
    id = entry == NULL ? 0 : add_entry(entry);
    if (id == 0) {
      free(entry);
    }
  }
  pthread_mutex_unlock(&lock);
  return id;
}

const struct wa_signature *wa_type_signature(uint32_t id) {
  return &entry_at(id)->signature;
}

static size_t append(char *buffer, size_t size, size_t at, const char *text) {
  for (; *text != '\0' && at + 1 < size; text++) {
    buffer[at++] = *text;
  }
  buffer[at] = '\0';
  return at;
}

static size_t append_list(char *buffer, size_t size, size_t at, const uint8_t *types,
                          uint32_t count) {
  at = append(buffer, size, at, "[");
  for (uint32_t i = 0; i < count; i++) {
    at = append(buffer, size, at, i == 0 ? "" : " ");
    at = append(buffer, size, at, wa_valtype_name(types[i]));
  }
  return append(buffer, size, at, "]");
}

const char *wa_type_format(uint32_t id, char *buffer, size_t size) {
  const struct wa_signature *signature = wa_type_signature(id);
  size_t at = append_list(buffer, size, 0, signature->params, signature->param_count);
  at = append(buffer, size, at, " -> ");
  append_list(buffer, size, at, signature->results, signature->result_count);
  return buffer;
}

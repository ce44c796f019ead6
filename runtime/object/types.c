// The registry of function types: one id per distinct type, for the life of the process, so that a
// signature check between any two modules is one compare. Types are distinct by recursion group
// (core spec 3.1.2): what a group refers to outside itself has an id already, what it refers to
// inside is compared by its place.
#include "runtime/object/types.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

struct entry {
  struct wa_signature signature; // first: a signature is all that callers see
  struct wa_type_def def;        // as it was given; its lists are `valtypes`
  uint32_t group_count;          // in the first entry of a group, else 0
  uint32_t supertype;            // id, or 0
  uint32_t hash;                 // of the group
  uint32_t next;                 // first entries: id of the next of the bucket, 0 at the end
  uint32_t valtypes[];           // as given, then with ids
};

enum { CHUNK_SIZE = 128, CHUNK_COUNT = 32768, FIRST_BUCKETS = 256 };

// Ids are looked up without the lock, so an entry never moves: chunks are only added.
static _Atomic(struct entry **) chunks[CHUNK_COUNT];
// By hash, under the lock: ids of first entries, 0 for none. As many as ids, or half of that, a
// power of two.
static uint32_t first_buckets[FIRST_BUCKETS];
static uint32_t *buckets = first_buckets;
static uint32_t bucket_count = FIRST_BUCKETS;
static uint32_t last_id;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

const char *wa_valtype_name(uint32_t type) {
  bool non_null = (type & WA_REF_NON_NULL) != 0;
  switch (type & 0xff) {
#define WA_VALTYPE(id, spelling, non_null_spelling)                                                \
  case id:                                                                                         \
    return non_null ? (non_null_spelling) : (spelling);
#include "runtime/valtypes.def"
#undef WA_VALTYPE
  case WA_REF_INDEX:
    return non_null ? "(ref $t)" : "(ref null $t)";
  default:
    return "?";
  }
}

bool wa_valtype_is_valid(uint32_t type) {
  if (type >= WA_V128 && type <= WA_I32) {
    return true;
  }
  return wa_type_is_ref(type) &&
         (wa_type_has_index(type) || (type & ~(WA_REF_NON_NULL | 0xffu)) == 0);
}

// Where hashes begin: a module's maker shall not know which types share a bucket.
static uint64_t secret = UINT64_C(0x9E3779B97F4A7C15);
static pthread_once_t secret_once = PTHREAD_ONCE_INIT;

static void make_secret(void) {
  uint64_t random;
  if (getrandom(&random, sizeof random, GRND_NONBLOCK) == (ssize_t)sizeof random) {
    secret = random;
  }
}

// Over the words of a group; every bit depends on all before.
static uint64_t hash_word(uint64_t hash, uint32_t word) {
  hash = (hash ^ word) * UINT64_C(0xD6E8FEB86659FD93);
  return hash ^ hash >> 32;
}

static uint32_t hash_group(const struct wa_type_def *defs, uint32_t count) {
  (void)pthread_once(&secret_once, make_secret);
  uint64_t hash = hash_word(secret, count);
  for (uint32_t i = 0; i < count; i++) {
    const struct wa_type_def *def = &defs[i];
    hash = hash_word(hash, def->param_count);
    hash = hash_word(hash, def->result_count);
    hash = hash_word(hash, def->supertype * 2 + (def->is_final ? 1 : 0));
    for (uint32_t k = 0; k < def->param_count; k++) {
      hash = hash_word(hash, def->params[k]);
    }
    for (uint32_t k = 0; k < def->result_count; k++) {
      hash = hash_word(hash, def->results[k]);
    }
  }
  return (uint32_t)(hash ^ hash >> 17);
}

static struct entry *entry_at(uint32_t id) {
  struct entry **chunk = atomic_load_explicit(&chunks[id / CHUNK_SIZE], memory_order_acquire);
  return chunk[id % CHUNK_SIZE];
}

static bool same_types(const uint32_t *a, const uint32_t *b, uint32_t count) {
  return count == 0 || memcmp(a, b, count * sizeof *a) == 0;
}

static uint32_t count_cells(const uint32_t *types, uint32_t count) {
  uint32_t cells = 0;
  for (uint32_t i = 0; i < count; i++) {
    cells += wa_valtype_cells(types[i]);
  }
  return cells;
}

// A type with the ids that it will have as part of a group whose first is `base`.
static void resolve(uint32_t *types, uint32_t count, uint32_t base) {
  for (uint32_t i = 0; i < count; i++) {
    if ((types[i] & 0xff) == WA_REF_IN_GROUP) {
      types[i] = wa_type_with_index((types[i] & WA_REF_NON_NULL) | WA_REF_INDEX,
                                    base + wa_type_index(types[i]));
    }
  }
}

static struct entry *new_entry(const struct wa_type_def *def, uint32_t base, uint32_t hash) {
  size_t count = (size_t)def->param_count + def->result_count;
  struct entry *entry = calloc(1, sizeof *entry + 2 * count * sizeof(uint32_t));
  if (entry == NULL) {
    return NULL;
  }
  uint32_t *given = entry->valtypes;
  uint32_t *resolved = given + count;
  for (int i = 0; i < 2; i++) {
    uint32_t *to = i == 0 ? given : resolved;
    if (def->param_count != 0) {
      memcpy(to, def->params, def->param_count * sizeof *to);
    }
    if (def->result_count != 0) {
      memcpy(to + def->param_count, def->results, def->result_count * sizeof *to);
    }
  }
  resolve(resolved, (uint32_t)count, base);
  entry->def = *def;
  entry->def.params = given;
  entry->def.results = given + def->param_count;
  entry->supertype = def->super_in_group ? base + def->supertype : def->supertype;
  entry->signature = (struct wa_signature){
      .params = resolved,
      .results = resolved + def->param_count,
      .param_count = def->param_count,
      .result_count = def->result_count,
      .param_cells = count_cells(resolved, def->param_count),
      .result_cells = count_cells(resolved + def->param_count, def->result_count),
  };
  entry->hash = hash;
  return entry;
}

// Under the lock. False when out of memory or ids. What it added stays, though nobody finds it yet.
static bool add_entry(struct entry *entry) {
  uint32_t id = last_id + 1;
  if (id / CHUNK_SIZE >= CHUNK_COUNT) {
    return false;
  }
  _Atomic(struct entry **) *place = &chunks[id / CHUNK_SIZE];
  struct entry **chunk = atomic_load_explicit(place, memory_order_relaxed);
  if (chunk == NULL) {
    chunk = calloc(CHUNK_SIZE, sizeof(struct entry *));
    if (chunk == NULL) {
      return false;
    }
    atomic_store_explicit(place, chunk, memory_order_release);
  }
  chunk[id % CHUNK_SIZE] = entry;
  last_id = id;
  return true;
}

static void put_in_bucket(struct entry *entry, uint32_t id) {
  uint32_t *bucket = &buckets[entry->hash & (bucket_count - 1)];
  entry->next = *bucket;
  *bucket = id;
}

// Without memory for more buckets what there is gets slower.
static void grow_buckets(void) {
  uint32_t *more = last_id < bucket_count ? NULL : calloc((size_t)bucket_count * 2, sizeof *more);
  if (more == NULL) {
    return;
  }
  if (buckets != first_buckets) {
    free(buckets);
  }
  buckets = more;
  bucket_count *= 2;
  for (uint32_t id = 1; id <= last_id; id++) {
    struct entry *entry = entry_at(id);
    if (entry->group_count != 0) {
      put_in_bucket(entry, id);
    }
  }
}

// The id of the group's first type; 0 when out of memory or ids.
static uint32_t add_group(const struct wa_type_def *defs, uint32_t count, uint32_t hash) {
  uint32_t base = last_id + 1;
  for (uint32_t i = 0; i < count; i++) {
    struct entry *entry = new_entry(&defs[i], base, hash);
    if (entry == NULL || !add_entry(entry)) {
      free(entry);
      return 0;
    }
  }
  struct entry *first = entry_at(base);
  first->group_count = count;
  put_in_bucket(first, base);
  grow_buckets();
  return base;
}

static bool same_def(const struct wa_type_def *a, const struct wa_type_def *b) {
  return a->param_count == b->param_count && a->result_count == b->result_count &&
         a->is_final == b->is_final && a->supertype == b->supertype &&
         a->super_in_group == b->super_in_group &&
         same_types(a->params, b->params, a->param_count) &&
         same_types(a->results, b->results, a->result_count);
}

static bool same_group(uint32_t base, const struct wa_type_def *defs, uint32_t count) {
  for (uint32_t i = 0; i < count; i++) {
    if (!same_def(&entry_at(base + i)->def, &defs[i])) {
      return false;
    }
  }
  return true;
}

static uint32_t find_group(const struct wa_type_def *defs, uint32_t count, uint32_t hash) {
  uint32_t id = buckets[hash & (bucket_count - 1)];
  while (id != 0) {
    const struct entry *entry = entry_at(id);
    if (entry->hash == hash && entry->group_count == count && same_group(id, defs, count)) {
      return id;
    }
    id = entry->next;
  }
  return 0;
}

uint32_t wa_type_intern_group(const struct wa_type_def *defs, uint32_t count) {
  uint32_t hash = hash_group(defs, count);
  pthread_mutex_lock(&lock);
  uint32_t id = find_group(defs, count, hash);
  if (id == 0) {
    id = add_group(defs, count, hash);
  }
  pthread_mutex_unlock(&lock);
  return id;
}

uint32_t wa_type_intern(const uint32_t *params, uint32_t param_count, const uint32_t *results,
                        uint32_t result_count) {
  struct wa_type_def def = {
      .params = params,
      .results = results,
      .param_count = param_count,
      .result_count = result_count,
      .is_final = true,
  };
  return wa_type_intern_group(&def, 1);
}

bool wa_type_id_matches(uint32_t id, uint32_t expected) {
  while (id != expected && id != 0) {
    id = entry_at(id)->supertype;
  }
  return id != 0;
}

static uint32_t bottom_of(uint32_t heap) {
  if (wa_type_is_func(heap)) {
    return WA_NULLFUNCREF;
  }
  return wa_type_is_extern(heap) ? WA_NULLEXTERNREF : WA_NULLEXNREF;
}

bool wa_valtype_matches(uint32_t type, uint32_t expected) {
  if (type == expected) {
    return true;
  }
  if (!wa_type_is_ref(type) || !wa_type_is_ref(expected) ||
      ((expected & WA_REF_NON_NULL) != 0 && (type & WA_REF_NON_NULL) == 0)) {
    return false;
  }
  uint32_t heap = wa_heap_type(type);
  uint32_t wanted = wa_heap_type(expected);
  if (heap == wanted || heap == bottom_of(wanted)) {
    return true;
  }
  if (wanted == WA_FUNCREF) {
    return wa_type_is_func(heap);
  }
  return wa_type_has_index(heap) && wa_type_has_index(wanted) &&
         wa_type_id_matches(wa_type_index(heap), wa_type_index(wanted));
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

static size_t append_list(char *buffer, size_t size, size_t at, const uint32_t *types,
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

// What is put before each of a list and at its end, as far as there is room for an end of all.
static bool append_field(char *buffer, size_t size, size_t *at, const char *name,
                         const uint32_t *types, uint32_t count) {
  size_t room = size - sizeof " ...)";
  for (uint32_t i = 0; i < count; i++) {
    int length = snprintf(buffer + *at, room - *at, "%s%s %s", i == 0 ? " (" : "",
                          i == 0 ? name : "", wa_valtype_name(types[i]));
    if ((size_t)length >= room - *at) {
      buffer[*at] = '\0';
      return false;
    }
    *at += (size_t)length;
  }
  *at += (size_t)snprintf(buffer + *at, size - *at, count > 0 ? ")" : "");
  return true;
}

const char *wa_signature_text(const struct wa_signature *signature, char *buffer, size_t size) {
  size_t at = (size_t)snprintf(buffer, size, "(func");
  bool whole =
      append_field(buffer, size, &at, "param", signature->params, signature->param_count) &&
      append_field(buffer, size, &at, "result", signature->results, signature->result_count);
  (void)snprintf(buffer + at, size - at, whole ? ")" : " ...)");
  return buffer;
}

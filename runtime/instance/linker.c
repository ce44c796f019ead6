// Imports by name: a hash table from (module, name) to an external value.
#include "runtime/instance/linker.h"

#include "runtime/instance/instance.h"
#include "runtime/object/types.h"

#include <stdlib.h>
#include <string.h>

struct definition {
  char *names; // module, then name; not terminated
  size_t module_size;
  size_t name_size;
  uint32_t hash;
  struct wa_extern value;
};

struct wa_linker {
  struct wa_store *store;
  struct definition *slots; // open addressing; names NULL: free
  size_t slot_count;        // a power of two, or 0
  size_t used;
  bool trap_unknown;
};

struct wa_linker *wa_linker_new(struct wa_store *store) {
  struct wa_linker *linker = calloc(1, sizeof *linker);
  if (linker != NULL) {
    linker->store = store;
  }
  return linker;
}

void wa_linker_free(struct wa_linker *linker) {
  if (linker == NULL) {
    return;
  }
  for (size_t i = 0; i < linker->slot_count; i++) {
    free(linker->slots[i].names);
  }
  free(linker->slots);
  free(linker);
}

static uint32_t hash_bytes(uint32_t hash, const char *bytes, size_t size) {
  for (size_t i = 0; i < size; i++) {
    hash = (hash ^ (uint8_t)bytes[i]) * 16777619u;
  }
  return hash;
}

static bool same_bytes(const char *a, const char *b, size_t size) {
  return size == 0 || memcmp(a, b, size) == 0;
}

// The slot that has the key, or the free slot where it belongs. There is always a free one.
static struct definition *find(struct definition *slots, size_t slot_count,
                               const struct definition *key, const char *module, const char *name) {
  for (size_t i = key->hash & (slot_count - 1);; i = (i + 1) & (slot_count - 1)) {
    struct definition *slot = &slots[i];
    if (slot->names == NULL ||
        (slot->hash == key->hash && slot->module_size == key->module_size &&
         slot->name_size == key->name_size && same_bytes(slot->names, module, key->module_size) &&
         same_bytes(slot->names + key->module_size, name, key->name_size))) {
      return slot;
    }
  }
}

static struct definition make_key(const char *module, size_t module_size, const char *name,
                                  size_t name_size) {
  uint32_t hash = hash_bytes(2166136261u, module, module_size);
  hash = hash_bytes(hash_bytes(hash, "", 1), name, name_size);
  return (struct definition){.module_size = module_size, .name_size = name_size, .hash = hash};
}

static bool make_room(struct wa_linker *linker) {
  if (linker->used * 2 < linker->slot_count) {
    return true;
  }
  size_t count = linker->slot_count == 0 ? 64 : linker->slot_count * 2;
  struct definition *slots = calloc(count, sizeof *slots);
  if (slots == NULL) {
    return false;
  }
  for (size_t i = 0; i < linker->slot_count; i++) {
    struct definition *old = &linker->slots[i];
    if (old->names != NULL) {
      *find(slots, count, old, old->names, old->names + old->module_size) = *old;
    }
  }
  free(linker->slots);
  linker->slots = slots;
  linker->slot_count = count;
  return true;
}

bool wa_linker_define(struct wa_linker *linker, const char *module, size_t module_size,
                      const char *name, size_t name_size, struct wa_extern value,
                      struct wa_error *err) {
  if (!make_room(linker)) {
    return wa_fail(err, WA_ERROR_SYSTEM, WA_NO_OFFSET, "out of memory");
  }
  struct definition key = make_key(module, module_size, name, name_size);
  struct definition *slot = find(linker->slots, linker->slot_count, &key, module, name);
  if (slot->names == NULL) {
    char *names = malloc(module_size + name_size + 1);
    if (names == NULL) {
      return wa_fail(err, WA_ERROR_SYSTEM, WA_NO_OFFSET, "out of memory");
    }
    memcpy(names, module, module_size);
    memcpy(names + module_size, name, name_size);
    *slot = key;
    slot->names = names;
    linker->used++;
  }
  slot->value = value;
  return true;
}

bool wa_linker_get(const struct wa_linker *linker, const char *module, size_t module_size,
                   const char *name, size_t name_size, struct wa_extern *value) {
  if (linker->slot_count == 0) {
    return false;
  }
  struct definition key = make_key(module, module_size, name, name_size);
  const struct definition *slot = find(linker->slots, linker->slot_count, &key, module, name);
  if (slot->names == NULL) {
    return false;
  }
  *value = slot->value;
  return true;
}

// One letter of a signature string; 0 when it is none.
static uint32_t type_of_letter(char letter) {
  switch (letter) {
  case 'i':
    return WA_I32;
  case 'I':
    return WA_I64;
  case 'f':
    return WA_F32;
  case 'F':
    return WA_F64;
  case 'v':
    return WA_V128;
  case 'r':
    return WA_FUNCREF;
  case 'x':
    return WA_EXTERNREF;
  default:
    return 0;
  }
}

enum { MAX_SIGNATURE = 64 };

// "iI:i" to a type id; 0 with err.
static uint32_t parse_signature(const char *signature, struct wa_error *err) {
  uint32_t types[MAX_SIGNATURE];
  uint32_t count = 0;
  uint32_t params = 0;
  bool colon = false;
  for (const char *letter = signature; *letter != '\0'; letter++) {
    if (*letter == ':' && !colon) {
      colon = true;
      params = count;
      continue;
    }
    uint32_t type = type_of_letter(*letter);
    if (type == 0 || count == MAX_SIGNATURE) {
      wa_fail(err, WA_ERROR_USAGE, WA_NO_OFFSET, "bad signature string \"%s\"", signature);
      return 0;
    }
    types[count++] = type;
  }
  if (!colon) {
    params = count;
  }
  uint32_t id = wa_type_intern(types, params, types + params, count - params);
  if (id == 0) {
    wa_fail(err, WA_ERROR_SYSTEM, WA_NO_OFFSET, "out of memory");
  }
  return id;
}

bool wa_linker_define_func(struct wa_linker *linker, const char *module, const char *name,
                           const char *signature, wa_host_fn *fn, void *env, struct wa_error *err) {
  uint32_t type = parse_signature(signature, err);
  if (type == 0) {
    return false;
  }
  struct wa_extern value = {.kind = WA_EXTERN_FUNC};
  value.func = wa_host_func_new(linker->store, type, fn, env, err);
  return value.func != NULL &&
         wa_linker_define(linker, module, strlen(module), name, strlen(name), value, err);
}

bool wa_linker_define_instance(struct wa_linker *linker, const char *module, size_t module_size,
                               struct wa_instance *instance, struct wa_error *err) {
  const struct wa_meta *meta = wa_instance_meta(instance);
  for (uint32_t i = 0; i < meta->exports.count; i++) {
    const struct wa_meta_export *row = WA_META_ROW(meta, exports, struct wa_meta_export, i);
    const char *name = wa_meta_chars(meta, row->name);
    struct wa_extern value;
    if (!wa_instance_export(instance, name, row->name.length, &value) ||
        !wa_linker_define(linker, module, module_size, name, row->name.length, value, err)) {
      return false;
    }
  }
  return true;
}

void wa_linker_trap_unknown(struct wa_linker *linker, bool on) {
  linker->trap_unknown = on;
}

bool wa_linker_traps_unknown(const struct wa_linker *linker) {
  return linker->trap_unknown;
}

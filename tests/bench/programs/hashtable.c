// A hash table with open addressing that grows: inserts, look-ups that hit and miss, removals.
#include "bench.h"

enum { KEYS = 60000, MAXIMUM = 1 << 18 };

const uint32_t bench_rounds = 75;

struct slot {
  uint32_t key; // 0 is an empty slot
  uint32_t value;
};

static struct slot first[MAXIMUM], second[MAXIMUM];

static struct table {
  struct slot *slots;
  uint32_t mask, used;
} table;

static uint32_t hash(uint32_t key) {
  key = (key ^ key >> 16) * 0x85EBCA6B;
  key = (key ^ key >> 13) * 0xC2B2AE35;
  return key ^ key >> 16;
}

static struct slot *find(uint32_t key) {
  uint32_t i = hash(key) & table.mask;
  while (table.slots[i].key != 0 && table.slots[i].key != key)
    i = (i + 1) & table.mask;
  return &table.slots[i];
}

static void grow(void) {
  struct slot *old = table.slots;
  uint32_t count = table.mask + 1;
  table.slots = old == first ? second : first;
  table.mask = count * 2 - 1;
  memset(table.slots, 0, count * 2 * sizeof *old);
  for (uint32_t i = 0; i < count; i++)
    if (old[i].key != 0)
      *find(old[i].key) = old[i];
}

static void insert(uint32_t key, uint32_t value) {
  struct slot *slot = find(key);
  if (slot->key == 0) {
    slot->key = key;
    if (++table.used * 2 > table.mask) {
      grow();
      slot = find(key);
    }
  }
  slot->value += value;
}

// Moves later entries of the same run back, so that no marker of removed entries is needed.
static void drop(uint32_t key) {
  struct slot *slot = find(key);
  if (slot->key == 0)
    return;
  uint32_t hole = (uint32_t)(slot - table.slots);
  for (uint32_t i = (hole + 1) & table.mask; table.slots[i].key != 0; i = (i + 1) & table.mask) {
    uint32_t home = hash(table.slots[i].key) & table.mask;
    if (((i - home) & table.mask) >= ((i - hole) & table.mask)) {
      table.slots[hole] = table.slots[i];
      hole = i;
    }
  }
  table.slots[hole] = (struct slot){0, 0};
  table.used--;
}

uint64_t bench(uint32_t rounds) {
  uint64_t sum = 0;
  for (uint32_t round = 0; round < rounds; round++) {
    table = (struct table){first, 63, 0};
    memset(first, 0, 64 * sizeof *first);
    uint32_t seed = round + 1;
    for (int i = 0; i < KEYS; i++)
      insert(bench_random(&seed) % (KEYS * 4) + 1, (uint32_t)i);
    seed = round + 2;
    for (int i = 0; i < KEYS; i++)
      sum += find(bench_random(&seed) % (KEYS * 4) + 1)->value;
    seed = round + 1;
    for (int i = 0; i < KEYS / 2; i++)
      drop(bench_random(&seed) % (KEYS * 4) + 1);
    sum = bench_mix(sum, table.used);
  }
  return sum;
}

// Bump allocation: lists and trees of small objects in an arena that is emptied at once.
#include "bench.h"

enum { ARENA = 1 << 22, LIST = 60000, DEPTH = 14 };

const uint32_t bench_rounds = 300;

static _Alignas(16) uint8_t arena[ARENA];
static size_t used;

struct link {
  struct link *next;
  uint32_t value;
};

struct tree {
  struct tree *left, *right;
};

static void *take(size_t size) {
  size_t start = used;
  used += (size + 7) & ~(size_t)7;
  return used <= ARENA ? arena + start : NULL;
}

static struct link *make_list(uint32_t seed) {
  struct link *list = NULL;
  for (int i = 0; i < LIST; i++) {
    struct link *link = take(sizeof *link);
    *link = (struct link){list, bench_random(&seed)};
    list = link;
  }
  return list;
}

static struct link *reverse(struct link *list) {
  struct link *done = NULL;
  while (list != NULL) {
    struct link *next = list->next;
    list->next = done;
    done = list;
    list = next;
  }
  return done;
}

static struct tree *make_tree(int depth) {
  struct tree *tree = take(sizeof *tree);
  *tree = depth > 0 ? (struct tree){make_tree(depth - 1), make_tree(depth - 1)}
                    : (struct tree){NULL, NULL};
  return tree;
}

static uint32_t count(const struct tree *tree) {
  return tree->left == NULL ? 1 : 1 + count(tree->left) + count(tree->right);
}

uint64_t bench(uint32_t rounds) {
  uint64_t sum = 0;
  for (uint32_t round = 0; round < rounds; round++) {
    used = 0;
    struct link *list = reverse(make_list(round + 1));
    for (const struct link *link = list; link != NULL; link = link->next)
      sum = bench_mix(sum, link->value);
    for (int i = 0; i < 4; i++) {
      size_t mark = used;
      sum += count(make_tree(DEPTH));
      used = mark;
    }
  }
  return sum;
}

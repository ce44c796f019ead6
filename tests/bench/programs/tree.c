// A treap: nodes from a pool, built by insertion with rotations, searched, walked, taken apart.
#include "bench.h"

enum { NODES = 20000 };

const uint32_t bench_rounds = 60;

struct node {
  struct node *left, *right;
  uint32_t key, priority;
};

static struct node pool[NODES];
static uint32_t used;

static struct node *rotate_right(struct node *node) {
  struct node *top = node->left;
  node->left = top->right;
  top->right = node;
  return top;
}

static struct node *rotate_left(struct node *node) {
  struct node *top = node->right;
  node->right = top->left;
  top->left = node;
  return top;
}

static struct node *insert(struct node *node, uint32_t key, uint32_t priority) {
  if (node == NULL) {
    node = &pool[used++];
    *node = (struct node){NULL, NULL, key, priority};
  } else if (key < node->key) {
    node->left = insert(node->left, key, priority);
    if (node->left->priority > node->priority)
      node = rotate_right(node);
  } else if (key > node->key) {
    node->right = insert(node->right, key, priority);
    if (node->right->priority > node->priority)
      node = rotate_left(node);
  }
  return node;
}

static bool contains(const struct node *node, uint32_t key) {
  while (node != NULL && node->key != key)
    node = key < node->key ? node->left : node->right;
  return node != NULL;
}

static uint64_t walk(const struct node *node, uint64_t sum, uint32_t depth) {
  if (node == NULL)
    return sum + depth;
  sum = walk(node->left, sum, depth + 1);
  sum = bench_mix(sum, node->key);
  return walk(node->right, sum, depth + 1);
}

uint64_t bench(uint32_t rounds) {
  uint64_t sum = 0;
  uint32_t seed = 9;
  for (uint32_t round = 0; round < rounds; round++) {
    struct node *root = NULL;
    used = 0;
    for (int i = 0; i < NODES; i++) {
      uint32_t key = bench_random(&seed) % (NODES * 2);
      root = insert(root, key, bench_random(&seed));
    }
    for (uint32_t key = 0; key < NODES * 2; key++)
      sum += contains(root, key);
    sum = walk(root, sum, 0);
  }
  return sum;
}

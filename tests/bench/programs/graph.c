// Shortest paths in a sparse graph: Dijkstra's algorithm with a binary heap, and a breadth-first
// search.
#include "bench.h"

enum { NODES = 10000, DEGREE = 5, HEAP = NODES * DEGREE + 1 };

const uint32_t bench_rounds = 150;

struct edge {
  uint32_t to, weight;
};

struct entry {
  uint32_t distance, node;
};

static struct edge edges[NODES][DEGREE];
static struct entry heap[HEAP];
static uint32_t distances[NODES], queue[NODES], heap_size;

static void push(uint32_t distance, uint32_t node) {
  uint32_t i = heap_size++;
  for (; i > 0 && heap[(i - 1) / 2].distance > distance; i = (i - 1) / 2)
    heap[i] = heap[(i - 1) / 2];
  heap[i] = (struct entry){distance, node};
}

static struct entry pop(void) {
  struct entry top = heap[0], last = heap[--heap_size];
  uint32_t i = 0;
  for (uint32_t child; (child = 2 * i + 1) < heap_size; i = child) {
    if (child + 1 < heap_size && heap[child + 1].distance < heap[child].distance)
      child++;
    if (heap[child].distance >= last.distance)
      break;
    heap[i] = heap[child];
  }
  heap[i] = last;
  return top;
}

static void shortest_paths(uint32_t start) {
  memset(distances, 255, sizeof distances);
  heap_size = 0;
  distances[start] = 0;
  push(0, start);
  while (heap_size > 0) {
    struct entry entry = pop();
    if (entry.distance != distances[entry.node])
      continue;
    for (int i = 0; i < DEGREE; i++) {
      struct edge edge = edges[entry.node][i];
      uint32_t distance = entry.distance + edge.weight;
      if (distance < distances[edge.to]) {
        distances[edge.to] = distance;
        push(distance, edge.to);
      }
    }
  }
}

static uint32_t breadth_first(uint32_t start) {
  memset(distances, 255, sizeof distances);
  uint32_t head = 0, tail = 0, farthest = 0;
  distances[start] = 0;
  queue[tail++] = start;
  while (head < tail) {
    uint32_t node = queue[head++];
    farthest = distances[node];
    for (int i = 0; i < DEGREE; i++) {
      uint32_t to = edges[node][i].to;
      if (distances[to] == UINT32_MAX) {
        distances[to] = farthest + 1;
        queue[tail++] = to;
      }
    }
  }
  return tail * 64 + farthest;
}

uint64_t bench(uint32_t rounds) {
  uint32_t seed = 15;
  for (int i = 0; i < NODES; i++)
    for (int j = 0; j < DEGREE; j++)
      edges[i][j] = (struct edge){bench_random(&seed) % NODES, 1 + bench_random(&seed) % 100};
  uint64_t sum = 0;
  for (uint32_t round = 0; round < rounds; round++) {
    shortest_paths(round * 17 % NODES);
    for (int i = 0; i < NODES; i += 7)
      sum = bench_mix(sum, distances[i]);
    sum = bench_mix(sum, breadth_first(round * 31 % NODES));
  }
  return sum;
}

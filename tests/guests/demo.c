// The demo: parallel work on shared memory, every result checked.
//   demo [THREADS]
// primes   a segmented sieve, blocks handed out by an atomic counter, sums under a mutex
// queue    producers and consumers over a bounded queue with two condition variables
// matrix   a product by rows, bit for bit what one thread computes
// counters every thread against every other on one atomic and on one mutex
#include "thread.h"

enum { MAX_THREADS = 16 };

static struct thread threads[MAX_THREADS];
static int thread_count = 4;

// Each thread has its own copy: what TLS is for.
static _Thread_local int work_done;

static void run_on_all(void (*function)(void *arg)) {
  for (int i = 0; i < thread_count; i++) {
    if (!thread_start(&threads[i], function, (void *)(intptr_t)i))
      fail("thread_start");
  }
  for (int i = 0; i < thread_count; i++)
    thread_join(&threads[i]);
}

static void report(const char *name, const char *what, int64_t value, int64_t expected,
                   int64_t start) {
  print(name, ": ", number(0, value), " ", what, ", ", number(1, thread_count), " threads, ",
        number(2, milliseconds() - start), " ms\n", NULL);
  if (value != expected)
    fail(name);
}

// ---- Primes ----

enum { LIMIT = 20000000, BLOCK = 1 << 16, ROOT = 4473 };

static int small_primes[ROOT];
static int small_count;
static int next_block;
static struct mutex primes_mutex;
static int64_t prime_count;

static void find_small_primes(void) {
  for (int n = 2; n <= ROOT; n++) {
    bool prime = true;
    for (int i = 0; prime && i < small_count && small_primes[i] * small_primes[i] <= n; i++)
      prime = n % small_primes[i] != 0;
    if (prime)
      small_primes[small_count++] = n;
  }
}

static int sieve_block(int first, unsigned char *composite) {
  int end = first + BLOCK < LIMIT ? first + BLOCK : LIMIT;
  memset(composite, 0, BLOCK);
  for (int i = 0; i < small_count; i++) {
    int p = small_primes[i];
    int64_t multiple = (int64_t)p * p;
    if (multiple < first)
      multiple = (int64_t)((first + p - 1) / p) * p;
    for (; multiple < end; multiple += p)
      composite[multiple - first] = 1;
  }
  int count = 0;
  for (int n = first < 2 ? 2 : first; n < end; n++)
    count += !composite[n - first];
  return count;
}

static void primes_worker(void *arg) {
  (void)arg;
  unsigned char *composite = allocate(BLOCK);
  for (;;) {
    int block = __atomic_fetch_add(&next_block, 1, __ATOMIC_SEQ_CST);
    if ((int64_t)block * BLOCK >= LIMIT)
      return;
    int count = sieve_block(block * BLOCK, composite);
    mutex_lock(&primes_mutex);
    prime_count += count;
    mutex_unlock(&primes_mutex);
  }
}

static void primes(void) {
  int64_t start = milliseconds();
  find_small_primes();
  run_on_all(primes_worker);
  report("primes", "primes below 20000000", prime_count, 1270607, start);
}

// ---- Queue ----

enum { ITEMS = 50000, CAPACITY = 64 };

static struct {
  struct mutex mutex;
  struct condition not_empty;
  struct condition not_full;
  int items[CAPACITY];
  int first;
  int count;
  int consumed;
  int64_t sum;
} queue;

static void produce(int from) {
  for (int i = 0; i < ITEMS; i++) {
    mutex_lock(&queue.mutex);
    while (queue.count == CAPACITY)
      condition_wait(&queue.not_full, &queue.mutex);
    queue.items[(queue.first + queue.count++) % CAPACITY] = from + i;
    mutex_unlock(&queue.mutex);
    condition_signal(&queue.not_empty);
  }
}

static void consume(int total) {
  mutex_lock(&queue.mutex);
  for (;;) {
    while (queue.count == 0 && queue.consumed < total)
      condition_wait(&queue.not_empty, &queue.mutex);
    if (queue.count == 0)
      break;
    queue.sum += queue.items[queue.first];
    queue.first = (queue.first + 1) % CAPACITY;
    queue.count--;
    queue.consumed++;
    work_done++;
    condition_signal(&queue.not_full);
    if (queue.consumed == total)
      condition_broadcast(&queue.not_empty);
  }
  mutex_unlock(&queue.mutex);
}

// Even threads produce, odd ones consume; the main thread consumes too, so one thread suffices.
static int producer_count(void) {
  return (thread_count + 1) / 2;
}

static void queue_worker(void *arg) {
  int index = (int)(intptr_t)arg;
  if (index % 2 == 0)
    produce(index / 2 * ITEMS);
  else
    consume(producer_count() * ITEMS);
}

static void producers_and_consumers(void) {
  int64_t start = milliseconds();
  for (int i = 0; i < thread_count; i++) {
    if (!thread_start(&threads[i], queue_worker, (void *)(intptr_t)i))
      fail("thread_start");
  }
  work_done = 0;
  consume(producer_count() * ITEMS);
  for (int i = 0; i < thread_count; i++)
    thread_join(&threads[i]);
  int64_t total = (int64_t)producer_count() * ITEMS;
  report("queue", "is the sum of all items", queue.sum, total * (total - 1) / 2, start);
  if (work_done > queue.consumed)
    fail("thread-local storage");
}

// ---- Matrix ----

enum { SIZE = 256 };

static double left[SIZE][SIZE], right[SIZE][SIZE], product[SIZE][SIZE];
static int next_row;

static void multiply_row(int row, double *to) {
  for (int column = 0; column < SIZE; column++)
    to[column] = 0;
  for (int k = 0; k < SIZE; k++) {
    for (int column = 0; column < SIZE; column++)
      to[column] += left[row][k] * right[k][column];
  }
}

static void matrix_worker(void *arg) {
  (void)arg;
  int row;
  while ((row = __atomic_fetch_add(&next_row, 1, __ATOMIC_SEQ_CST)) < SIZE)
    multiply_row(row, product[row]);
}

static void matrix(void) {
  int64_t start = milliseconds();
  for (int i = 0; i < SIZE; i++) {
    for (int j = 0; j < SIZE; j++) {
      left[i][j] = (double)((i * 31 + j * 17) % 101) / 7;
      right[i][j] = (double)((i * 13 + j * 29) % 103) / 11;
    }
  }
  run_on_all(matrix_worker);
  int64_t equal = 0;
  for (int row = 0; row < SIZE; row++) {
    double expected[SIZE];
    multiply_row(row, expected);
    equal += memcmp(expected, product[row], sizeof expected) == 0;
  }
  report("matrix", "rows equal", equal, SIZE, start);
}

// ---- Counters ----

enum { ROUNDS = 100000 };

static int atomic_counter;
static int plain_counter;
static struct mutex counter_mutex;

static void counter_worker(void *arg) {
  (void)arg;
  for (int i = 0; i < ROUNDS; i++) {
    (void)__atomic_fetch_add(&atomic_counter, 1, __ATOMIC_SEQ_CST);
    mutex_lock(&counter_mutex);
    plain_counter++;
    mutex_unlock(&counter_mutex);
  }
}

static void counters(void) {
  int64_t start = milliseconds();
  run_on_all(counter_worker);
  if (atomic_counter != plain_counter)
    fail("counters differ");
  report("counters", "increments counted", plain_counter, (int64_t)thread_count * ROUNDS, start);
}

int main(int argc, char **argv) {
  if (argc > 1)
    thread_count = (int)parse(argv[1]);
  if (thread_count < 1 || thread_count > MAX_THREADS)
    fail("THREADS must be 1 to 16");
  primes();
  producers_and_consumers();
  matrix();
  counters();
  print("all results are right\n", NULL);
  return 0;
}

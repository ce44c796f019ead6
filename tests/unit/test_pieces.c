// Compiled partitions that are kept: a module that is edited again and again is compiled with what
// earlier compilations have left, and must come out with the bytes that it has without. What the
// key of a piece lacks shows here as a difference.
#include "compiler/compile.h"
#include "tests/unit/edited_module.h"
#include "tests/unit/suite.h"

#include <check.h>
#include <pthread.h>
#include <stdio.h>

static struct builder builder;
static struct edited edited;

// ---- A store in memory ----

struct kept {
  uint8_t key[WA_SHA256_SIZE];
  uint8_t *bytes;
  size_t size;
};

struct store {
  pthread_mutex_t lock;
  struct kept *all;
  size_t count;
  bool forgets;    // finds nothing
  bool takes_any;  // finds whatever was kept first, under any key
  bool is_damaged; // what it finds is cut short
};

static bool find(void *arg, const uint8_t key[WA_SHA256_SIZE], struct wa_buffer *piece) {
  struct store *store = arg;
  bool found = false;
  pthread_mutex_lock(&store->lock);
  for (size_t i = 0; i < store->count && !found && !store->forgets; i++) {
    const struct kept *kept = &store->all[i];
    if (store->takes_any || memcmp(kept->key, key, WA_SHA256_SIZE) == 0) {
      piece->size = store->is_damaged ? kept->size / 2 : kept->size;
      piece->data = malloc(kept->size);
      memcpy(piece->data, kept->bytes, kept->size);
      found = true;
    }
  }
  pthread_mutex_unlock(&store->lock);
  return found;
}

static void keep(void *arg, const uint8_t key[WA_SHA256_SIZE], struct wa_bytes piece) {
  struct store *store = arg;
  pthread_mutex_lock(&store->lock);
  store->all = realloc(store->all, (store->count + 1) * sizeof *store->all);
  struct kept *kept = &store->all[store->count++];
  memcpy(kept->key, key, WA_SHA256_SIZE);
  kept->bytes = malloc(piece.size);
  kept->size = piece.size;
  memcpy(kept->bytes, piece.data, piece.size);
  pthread_mutex_unlock(&store->lock);
}

static struct store store = {.lock = PTHREAD_MUTEX_INITIALIZER};

static void clear_store(void) {
  for (size_t i = 0; i < store.count; i++) {
    free(store.all[i].bytes);
  }
  free(store.all);
  store.all = NULL;
  store.count = 0;
  store.forgets = store.takes_any = store.is_damaged = false;
}

// ---- Compiling the edited module ----

static struct wa_timings timings;
static struct wa_compile_options options;

static void start(int level) {
  clear_store();
  wa_compile_options_init(&options);
  options.opt_level = level;
  options.jobs = 2;
  options.timings = &timings;
}

// False, and nothing is allocated, when it fails.
static bool compile(bool with_store, struct wa_buffer *object) {
  struct wa_piece_store pieces = {.find = find, .keep = keep, .arg = &store};
  struct wa_module module;
  struct wa_error err;
  wa_error_clear(&err);
  edited_build(&builder, &edited);
  ck_assert_msg(load(&builder, &module, &err), "%s", err.message);
  options.pieces = with_store ? &pieces : NULL;
  bool done = wa_compile(&module, &options, object, &err);
  wa_module_deinit(&module);
  return done;
}

static bool is_the_same(void) {
  struct wa_buffer warm, cold;
  if (!compile(true, &warm)) {
    return false;
  }
  struct wa_timings with_store = timings;
  ck_assert(compile(false, &cold));
  ck_assert_uint_eq(timings.found, 0);
  bool same = warm.size == cold.size && memcmp(warm.data, cold.data, cold.size) == 0 &&
              with_store.cheaper == timings.cheaper;
  wa_buffer_free(&warm);
  wa_buffer_free(&cold);
  timings = with_store;
  return same;
}

// ---- Edits ----

enum edit {
  CHANGE_FUNCTION,
  INSERT_FUNCTION,
  REMOVE_FUNCTION,
  SWAP_FUNCTIONS,
  INSERT_IMPORT,
  INSERT_GLOBAL,
  INSERT_TYPE,
  MOVE_TABLE,
  EXPORT_TABLE,
  GROW_MEMORY,
  BOUND_MEMORY,
  SHARE_MEMORY,
  ADD_TAIL_CALL,
  ADD_THROW,
  CHANGE_CHECKS,
  CHANGE_REPLACEABLE,
  CHANGE_MASKS,
  CHANGE_CPU,
  CHANGE_LEVEL,
  CHANGE_PASSES,
  EDIT_COUNT
};

static const char *const edit_names[EDIT_COUNT] = {
    [CHANGE_FUNCTION] = "a function changed",
    [INSERT_FUNCTION] = "a function inserted",
    [REMOVE_FUNCTION] = "a function removed",
    [SWAP_FUNCTIONS] = "functions swapped",
    [INSERT_IMPORT] = "an import inserted",
    [INSERT_GLOBAL] = "a global inserted",
    [INSERT_TYPE] = "a type inserted",
    [MOVE_TABLE] = "other functions in the table",
    [EXPORT_TABLE] = "the table exported",
    [GROW_MEMORY] = "a larger memory",
    [BOUND_MEMORY] = "another bound",
    [SHARE_MEMORY] = "the memory shared",
    [ADD_TAIL_CALL] = "a tail call",
    [ADD_THROW] = "a throw",
    [CHANGE_REPLACEABLE] = "functions replaceable",
    [CHANGE_MASKS] = "indexes masked",
    [CHANGE_CHECKS] = "explicit checks",
    [CHANGE_CPU] = "another CPU",
    [CHANGE_LEVEL] = "another level",
    [CHANGE_PASSES] = "another pass left out",
};

static void insert_other(uint32_t *list, uint32_t *count, uint32_t first_id) {
  static uint32_t fresh;
  if (*count < EDITED_OTHERS) {
    edited_insert(list, count, edited_random(&edited.state, *count + 1), first_id + fresh++ % 10);
  }
}

static void edit_memory(enum edit edit) {
  if (edit == GROW_MEMORY) {
    edited.memory_min = edited.memory_min % 5 + 1;
  } else if (edit == BOUND_MEMORY) {
    edited.memory_max = edited.memory_max == 10 ? 65536 : 10;
  } else {
    edited.shared_memory = !edited.shared_memory;
  }
}

// The second differs from the first in what code may use alone, not in what it is tuned for.
static const char *const cpus[] = {
    NULL,
#ifdef __x86_64__
    "baseline,+avx",
#endif
    "native",
};

static const char *next_cpu(void) {
  enum { COUNT = sizeof cpus / sizeof cpus[0] };
  for (size_t i = 0; i < COUNT; i++) {
    if (options.cpu == cpus[i] || (cpus[i] && options.cpu && !strcmp(options.cpu, cpus[i]))) {
      return cpus[(i + 1) % COUNT];
    }
  }
  return NULL;
}

static void edit_options(enum edit edit) {
  static const char *const passes[] = {NULL, "-anchor,-widen"};
  if (edit == CHANGE_CHECKS) {
    options.explicit_checks = !options.explicit_checks;
  } else if (edit == CHANGE_REPLACEABLE) {
    options.replaceable = !options.replaceable;
  } else if (edit == CHANGE_MASKS) {
    options.mask_indexes = !options.mask_indexes;
  } else if (edit == CHANGE_CPU) {
    options.cpu = next_cpu();
  } else if (edit == CHANGE_LEVEL) {
    options.opt_level ^= 1;
  } else {
    options.passes = passes[options.passes == NULL];
  }
}

static void do_edit(enum edit edit) {
  static uint32_t fresh = 1000;
  struct edited *m = &edited;
  uint32_t at = edited_random(&m->state, m->function_count);
  struct edited_function function = m->functions[at];
  switch (edit) {
  case CHANGE_FUNCTION:
    m->functions[at].seed += 1234567;
    break;
  case INSERT_FUNCTION:
    edited_insert_function(m, at, fresh++);
    break;
  case REMOVE_FUNCTION:
    edited_remove_function(m, at);
    break;
  case SWAP_FUNCTIONS:
    m->functions[at] = m->functions[0];
    m->functions[0] = function;
    break;
  case INSERT_IMPORT:
    insert_other(m->imports, &m->import_count, 100);
    break;
  case INSERT_GLOBAL:
    insert_other(m->globals, &m->global_count, 100);
    break;
  case INSERT_TYPE:
    insert_other(m->types, &m->type_count, 4);
    break;
  case MOVE_TABLE:
    m->table_start = at;
    break;
  case EXPORT_TABLE:
    m->exported_table = !m->exported_table;
    break;
  case GROW_MEMORY:
  case BOUND_MEMORY:
  case SHARE_MEMORY:
    edit_memory(edit);
    break;
  case ADD_TAIL_CALL:
    m->has_tail_call = !m->has_tail_call;
    break;
  case ADD_THROW:
    m->has_throw = !m->has_throw;
    break;
  default:
    edit_options(edit);
    break;
  }
}

// ---- Tests ----

enum { FUNCTIONS = 14, INSTRS = 24, PIECE = 160 };

// One edit after the other, about half of which are taken back, so that pairs of them meet and the
// store has much that is nearly right.
static void edit_and_compare(uint32_t edits, uint32_t seed) {
  uint32_t state = seed, found = 0;
  ck_assert(is_the_same());
  for (uint32_t i = 0; i < edits; i++) {
    static struct edited before;
    struct wa_compile_options options_before = options;
    before = edited;
    enum edit edit = (enum edit)(i < EDIT_COUNT ? i : edited_random(&state, EDIT_COUNT));
    do_edit(edit);
    ck_assert_msg(is_the_same(), "-O%d, seed %u, edit %u: %s", options.opt_level, seed, i,
                  edit_names[edit]);
    ck_assert_uint_gt(timings.partitions, 4);
    found += timings.found;
    if (edited_random(&state, 2)) {
      before.state = edited.state;
      edited = before;
      options = options_before;
    }
  }
  ck_assert_uint_gt(found, edits * 2); // something was tested
  clear_store();
}

START_TEST(edited_modules_are_as_without_the_store) {
  start(0);
  options.partition_size = PIECE;
  edited_init(&edited, FUNCTIONS, INSTRS, 1);
  edit_and_compare(EDIT_COUNT + EDIT_COUNT / 2, 1);
}
END_TEST

// Once for each level; these cost more.
START_TEST(optimised_too) {
  start(_i);
  options.cpu = "native"; // may have instructions for which more is done
  options.partition_size = PIECE;
  edited_init(&edited, FUNCTIONS, INSTRS, 10 + (uint32_t)_i);
  edit_and_compare(EDIT_COUNT, 10 + (uint32_t)_i);
}
END_TEST

// Of a module of a thousand functions an edit of one that few others call compiles a few per cent.
START_TEST(an_edit_costs_its_piece) {
  enum { MANY = 1000 };
  start(0);
  options.partition_size = 1024;
  edited_init(&edited, MANY, 10, 5);
  ck_assert(is_the_same());
  ck_assert_uint_eq(timings.found, 0);
  ck_assert(is_the_same());
  ck_assert_uint_eq(timings.found, timings.partitions);
  for (uint32_t i = 0; i < 3; i++) {
    uint32_t at = 100 + edited_random(&edited.state, MANY - 200);
    if (i % 3 == 0) {
      edited.functions[at].seed += 1234567;
    } else if (i % 3 == 1) {
      edited_insert_function(&edited, at, MANY + i);
    } else {
      edited_remove_function(&edited, at);
    }
    ck_assert(is_the_same());
    uint32_t compiled = timings.partitions - timings.found;
    ck_assert_msg(compiled <= 4, "edit %u: %u of %u compiled", i, compiled, timings.partitions);
    ck_assert_uint_gt(timings.partitions, 20);
  }
  clear_store();
}
END_TEST

// The comparison sees what a key that takes too much for the same would do.
START_TEST(a_wrong_piece_is_seen) {
  start(0);
  edited_init(&edited, FUNCTIONS, INSTRS, 7);
  ck_assert(is_the_same());
  store.takes_any = true;
  ck_assert(!is_the_same());
  clear_store();
}
END_TEST

// What is no whole piece is compiled.
START_TEST(a_damaged_piece_is_none) {
  start(0);
  edited_init(&edited, FUNCTIONS, INSTRS, 8);
  ck_assert(is_the_same());
  store.is_damaged = true;
  ck_assert(is_the_same());
  ck_assert_uint_eq(timings.found, 0);
  clear_store();
}
END_TEST

// Another compiler has nothing of this one's.
START_TEST(identity_is_in_the_key) {
  start(0);
  edited_init(&edited, FUNCTIONS, INSTRS, 9);
  struct wa_buffer object;
  ck_assert(compile(true, &object));
  wa_buffer_free(&object);
  struct wa_piece_store other = {.identity = {1}, .find = find, .keep = keep, .arg = &store};
  struct wa_module module;
  struct wa_error err;
  ck_assert(load(&builder, &module, &err));
  options.pieces = &other;
  ck_assert(wa_compile(&module, &options, &object, &err));
  ck_assert_uint_eq(timings.found, 0);
  wa_buffer_free(&object);
  wa_module_deinit(&module);
  clear_store();
}
END_TEST

int main(void) {
  Suite *suite = suite_create("pieces");
  TCase *tests = tcase_create("pieces");
  tcase_set_timeout(tests, 300);
  tcase_add_test(tests, edited_modules_are_as_without_the_store);
  tcase_add_loop_test(tests, optimised_too, 1, 4);
  tcase_add_test(tests, an_edit_costs_its_piece);
  tcase_add_test(tests, a_wrong_piece_is_seen);
  tcase_add_test(tests, a_damaged_piece_is_none);
  tcase_add_test(tests, identity_is_in_the_key);
  suite_add_tcase(suite, tests);
  return run_suite(suite);
}

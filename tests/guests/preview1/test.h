// The harness of the guest that checks each function of preview 1 from the inside, one test per
// behaviour. Every test has a new empty directory, `dir`, and may leave in it and in the table of
// descriptors what it wants.
#ifndef PREVIEW1_TEST_H
#define PREVIEW1_TEST_H

#include "guest.h"

struct test {
  const char *function;  // of preview 1
  const char *behaviour; // "function: behaviour" is unique
  void (*run)(void);
};

// One list per file, ended by a row without a function.
extern const struct test tests_env[], tests_clocks[], tests_io[], tests_seek[], tests_fds[],
    tests_stat[], tests_dirs[], tests_open[], tests_names[], tests_links[], tests_poll[],
    tests_sockets[];

enum { ROOT = 3 };
extern uint32_t dir; // the test's own directory, with every right a directory can have

// Every right that the host hands on from its directory.
extern uint64_t all_rights;
#undef RIGHTS_ALL
#define RIGHTS_ALL all_rights

#define P(literal) literal, sizeof literal - 1
// What C libraries ask for to open a directory; more would be to write it, on some hosts.
#define RIGHTS_DIR (RIGHTS_ALL & ~(RIGHT_WRITE | RIGHT_ALLOCATE | RIGHT_SET_SIZE | RIGHT_DATASYNC))

// A failed check is printed and ends its test.
#define IS(call, expected)                                                                         \
  do {                                                                                             \
    if (!test_is(call, expected, #call))                                                           \
      return;                                                                                      \
  } while (0)
#define OK(call) IS(call, E_SUCCESS)
#define TRUE(condition)                                                                            \
  do {                                                                                             \
    if (!test_true(condition, #condition))                                                         \
      return;                                                                                      \
  } while (0)

bool test_is(uint32_t error, uint32_t expected, const char *what);
bool test_true(bool condition, const char *what);

// What most tests need; a failure shows in what follows it.
uint32_t open_at(const char *path, uint32_t oflags, uint64_t rights, uint32_t *fd);
uint32_t create(const char *path, const char *text); // an open file, at its start
bool holds(uint32_t fd, const char *text);           // the whole file, by fd_pread
uint32_t file_is(const char *path, const char *text);
uint32_t make_dir(const char *path);
uint32_t stat_at(const char *path, uint32_t lookup, struct filestat *stat);
char *memory_end(void);

#endif

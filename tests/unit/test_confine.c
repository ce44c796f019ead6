// What a process can still do behind wa_confine: system calls as code of an attacker would make
// them, each in a process of its own.
#include "cli/confine.h"

#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

enum { SKIPPED = 77 };

static char granted[64], read_only[64], forbidden[64];

static void make(char path[64], const char *name) {
  char file[128];
  (void)snprintf(path, 64, "/tmp/wasmaot-confine-%s-XXXXXX", name);
  ck_assert_ptr_nonnull(mkdtemp(path));
  (void)snprintf(file, sizeof file, "%s/file", path);
  int made = open(file, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
  ck_assert_int_ge(made, 0);
  ck_assert_int_eq(write(made, "secret", 6), 6);
  close(made);
}

static void setup(void) {
  make(granted, "rw");
  make(read_only, "ro");
  make(forbidden, "no");
}

static void teardown(void) {
  const char *all[] = {granted, read_only, forbidden};
  for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
    char command[128];
    (void)snprintf(command, sizeof command, "rm -rf '%s'", all[i]);
    (void)!system(command);
  }
}

// The status of `body` in a process behind the wall; SKIPPED where there is none.
static int behind(int (*body)(void)) {
  pid_t child = fork();
  if (child == 0) {
    const struct wa_confine_directory directories[] = {{granted, false}, {read_only, true}};
    struct wa_error err;
    wa_error_clear(&err);
    if (!wa_confine(directories, 2, &err)) {
      (void)fprintf(stderr, "%s\n", err.message);
      _exit(strstr(err.message, "kernel has no Landlock") != NULL ? SKIPPED : 1);
    }
    _exit(body());
  }
  int status;
  ck_assert_int_eq(waitpid(child, &status, 0), child);
  ck_assert_msg(WIFEXITED(status), "ended by signal %d", WTERMSIG(status));
  return WEXITSTATUS(status);
}

static void expect(const char *what, int (*body)(void)) {
  int status = behind(body);
  if (status == SKIPPED) {
    (void)fprintf(stderr, "%s: SKIPPED\n", what);
  } else {
    ck_assert_msg(status == 0, "%s: %d", what, status);
  }
}

// ---- What goes on ----

static int opened(const char *directory, const char *name, int flags) {
  char path[128];
  (void)snprintf(path, sizeof path, "%s/%s", directory, name);
  int file = open(path, flags | O_CLOEXEC, 0600);
  return file < 0 ? -errno : file;
}

static int uses_what_is_granted(void) {
  char byte;
  int file = opened(granted, "file", O_RDWR);
  int new = opened(granted, "new", O_RDWR | O_CREAT);
  if (file < 0 || new < 0 || read(file, &byte, 1) != 1 || write(new, &byte, 1) != 1) {
    return 1;
  }
  int reading = opened(read_only, "file", O_RDONLY);
  if (reading < 0 || read(reading, &byte, 1) != 1 || byte != 's') {
    return 2;
  }
  void *memory = mmap(NULL, 65536, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  return memory == MAP_FAILED || mprotect(memory, 65536, PROT_READ | PROT_WRITE) != 0 ? 3 : 0;
}

static void *count_up(void *arg) {
  *(int *)arg += 1;
  return NULL;
}

static int starts_threads(void) {
  pthread_t thread;
  int count = 0;
  for (int i = 0; i < 10; i++) {
    if (pthread_create(&thread, NULL, count_up, &count) != 0 || pthread_join(thread, NULL) != 0) {
      return 1;
    }
  }
  return count == 10 ? 0 : 2;
}

// ---- What does not ----

static int opens_elsewhere(void) {
  const char *paths[] = {"/etc/passwd", "/proc/self/mem", "/dev/mem", "/"};
  for (int i = 0; i < 4; i++) {
    if (open(paths[i], O_RDONLY | O_CLOEXEC) >= 0) {
      return 1 + i;
    }
  }
  if (opened(forbidden, "file", O_RDONLY) >= 0 ||
      opened(forbidden, "new", O_WRONLY | O_CREAT) >= 0) {
    return 8;
  }
  char path[160];
  (void)snprintf(path, sizeof path, "%s/../%s/file", granted, strrchr(forbidden, '/') + 1);
  return open(path, O_RDONLY | O_CLOEXEC) >= 0 ? 9 : 0;
}

static int writes_what_is_read_only(void) {
  char from[128], to[128];
  if (opened(read_only, "file", O_WRONLY) >= 0 ||
      opened(read_only, "new", O_WRONLY | O_CREAT) >= 0 ||
      opened(read_only, "file", O_RDONLY | O_TRUNC) >= 0) {
    return 1;
  }
  (void)snprintf(from, sizeof from, "%s/file", read_only);
  (void)snprintf(to, sizeof to, "%s/moved", granted);
  if (rename(from, to) == 0 || unlink(from) == 0) {
    return 2;
  }
  (void)snprintf(to, sizeof to, "%s/made", read_only);
  return mkdir(to, 0700) == 0 ? 3 : 0;
}

static int runs_programs(void) {
  char *arguments[] = {"/bin/true", NULL};
  (void)execv("/bin/true", arguments);
  if (errno != EPERM && errno != EACCES) {
    return 1;
  }
  pid_t child = (pid_t)syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0);
  if (child == 0) {
    _exit(0);
  }
  return child > 0 ? 2 : 0;
}

static int makes_code(void) {
  size_t page = (size_t)sysconf(_SC_PAGESIZE);
  if (mmap(NULL, page, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) !=
      MAP_FAILED) {
    return 1;
  }
  void *memory = mmap(NULL, page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED || mprotect(memory, page, PROT_READ | PROT_EXEC) == 0) {
    return 2;
  }
  int file = opened(granted, "file", O_RDONLY);
  return mmap(NULL, page, PROT_READ | PROT_EXEC, MAP_PRIVATE, file, 0) != MAP_FAILED ? 3 : 0;
}

static int talks_to_others(void) {
  const int domains[] = {AF_INET, AF_INET6, AF_UNIX, AF_NETLINK};
  for (int i = 0; i < 4; i++) {
    if (socket(domains[i], SOCK_STREAM, 0) >= 0) {
      return 1 + i;
    }
  }
  if (kill(getppid(), 0) == 0 || syscall(SYS_tgkill, getppid(), getppid(), 0) == 0) {
    return 8;
  }
  char byte = 0;
  struct iovec local = {&byte, 1}, remote = {granted, 1};
  if (ptrace(PTRACE_ATTACH, getppid(), 0, 0) == 0 ||
      process_vm_readv(getppid(), &local, 1, &remote, 1, 0) >= 0) {
    return 9;
  }
  return syscall(SYS_memfd_create, "x", 0) >= 0 ? 10 : 0;
}

static void *from_a_thread(void *arg) {
  *(int *)arg = opens_elsewhere() != 0 || makes_code() != 0 || talks_to_others() != 0;
  return NULL;
}

static int does_it_from_a_thread(void) {
  pthread_t thread;
  int failed = 1;
  return pthread_create(&thread, NULL, from_a_thread, &failed) == 0 &&
                 pthread_join(thread, NULL) == 0
             ? failed
             : 1;
}

START_TEST(what_goes_on) {
  expect("what is granted", uses_what_is_granted);
  expect("threads", starts_threads);
}
END_TEST

START_TEST(what_does_not) {
  expect("other files", opens_elsewhere);
  expect("read-only files", writes_what_is_read_only);
  expect("programs", runs_programs);
  expect("code", makes_code);
  expect("others", talks_to_others);
  expect("threads", does_it_from_a_thread);
}
END_TEST

// The same attempts succeed without it: what stops them is the wall.
START_TEST(without_the_wall) {
  ck_assert_int_ne(opens_elsewhere(), 0);
  ck_assert_int_ne(makes_code(), 0);
  ck_assert_int_ne(talks_to_others(), 0);
}
END_TEST

START_TEST(a_directory_that_is_not_there) {
  const struct wa_confine_directory missing = {"/nonexistent/directory", false};
  pid_t child = fork();
  if (child == 0) {
    struct wa_error err;
    wa_error_clear(&err);
    bool ok = wa_confine(&missing, 1, &err);
    bool said = strstr(err.message, "/nonexistent/directory") != NULL ||
                strstr(err.message, "no Landlock") != NULL;
    _exit(!ok && said ? 0 : 1);
  }
  int status;
  ck_assert_int_eq(waitpid(child, &status, 0), child);
  ck_assert_int_eq(status, 0);
}
END_TEST

int main(void) {
  Suite *suite = suite_create("confine");
  TCase *tests = tcase_create("confine");
  tcase_add_checked_fixture(tests, setup, teardown);
  tcase_add_test(tests, what_goes_on);
  tcase_add_test(tests, what_does_not);
  tcase_add_test(tests, without_the_wall);
  tcase_add_test(tests, a_directory_that_is_not_there);
  suite_add_tcase(suite, tests);
  SRunner *runner = srunner_create(suite);
  srunner_run_all(runner, CK_ENV);
  int failed = srunner_ntests_failed(runner);
  srunner_free(runner);
  return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

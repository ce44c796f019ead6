// Programs: commands of the guests' directory, linked by names, with what the host grants.
#include "support.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

static wasm_module_t *guest(const char *name) {
  char path[512];
  (void)snprintf(path, sizeof path, "%s/%s", GUEST_DIR, name);
  FILE *file = fopen(path, "rb");
  ck_assert_msg(file != NULL, "%s", path);
  static char bytes[1 << 20];
  size_t size = fread(bytes, 1, sizeof bytes, file);
  (void)fclose(file);
  wasm_module_t *module = NULL;
  expect_ok(wasmaot_module_new(engine, bytes, size, &module));
  return module;
}

struct result {
  wasmaot_error_t *error;
  wasm_trap_t *trap;
  int status;
  char out[4096];
};

static void run(const char *name, wasmaot_wasi_config_t *config, struct result *result) {
  FILE *out = tmpfile();
  ck_assert(wasmaot_wasi_config_stdio(config, 1, fileno(out)));
  wasm_module_t *module = guest(name);
  wasmaot_linker_t *linker = wasmaot_linker_new(store);
  wasmaot_group_t *group = NULL;
  expect_ok(wasmaot_linker_define_wasi(linker, config));
  wasmaot_wasi_config_delete(config);
  expect_ok(wasmaot_group_new(NULL, &group));
  result->trap = NULL;
  result->error = wasmaot_group_run_command(group, linker, module, &result->status, &result->trap);
  wasmaot_group_delete(group);
  wasmaot_linker_delete(linker);
  wasm_module_delete(module);
  rewind(out);
  result->out[fread(result->out, 1, sizeof result->out - 1, out)] = '\0';
  (void)fclose(out);
}

static void expect_return(struct result *result, int status) {
  expect_ok(result->error);
  if (result->trap != NULL) {
    expect_message(result->trap, "(no trap)");
  }
  ck_assert_int_eq(result->status, status);
}

START_TEST(a_command_writes_to_the_streams_it_is_given) {
  struct result result;
  run("hello.wasm", wasmaot_wasi_config_new(), &result);
  expect_return(&result, 0);
  ck_assert_msg(strstr(result.out, "ello") != NULL, "%s", result.out);
}
END_TEST

START_TEST(arguments_and_environment_are_what_was_configured) {
  struct result result;
  wasmaot_wasi_config_t *config = wasmaot_wasi_config_new();
  ck_assert(wasmaot_wasi_config_arg(config, "echo"));
  ck_assert(wasmaot_wasi_config_arg(config, "one"));
  ck_assert(wasmaot_wasi_config_arg(config, "two"));
  ck_assert(wasmaot_wasi_config_env(config, "NAME", "value"));
  ck_assert(!wasmaot_wasi_config_env(config, "A=B", "value"));
  ck_assert(!wasmaot_wasi_config_stdio(config, 3, 0));
  run("echo.wasm", config, &result);
  expect_return(&result, 0);
  ck_assert_msg(strstr(result.out, "one") != NULL && strstr(result.out, "two") != NULL, "%s",
                result.out);
  ck_assert_msg(strstr(result.out, "NAME=value") != NULL, "%s", result.out);
}
END_TEST

START_TEST(an_exit_is_a_status) {
  struct result result;
  wasmaot_wasi_config_t *config = wasmaot_wasi_config_new();
  ck_assert(wasmaot_wasi_config_arg(config, "exit"));
  ck_assert(wasmaot_wasi_config_arg(config, "7"));
  run("exit.wasm", config, &result);
  expect_return(&result, 7);
}
END_TEST

START_TEST(a_trap_is_a_trap) {
  struct result result;
  wasmaot_wasi_config_t *config = wasmaot_wasi_config_new();
  ck_assert(wasmaot_wasi_config_arg(config, "trap"));
  ck_assert(wasmaot_wasi_config_arg(config, "unreachable"));
  run("trap.wasm", config, &result);
  expect_ok(result.error);
  ck_assert_ptr_nonnull(result.trap);
  wasm_frame_vec_t trace;
  wasm_trap_trace(result.trap, &trace);
  ck_assert_uint_gt(trace.size, 0);
  ck_assert(strlen(wasmaot_frame_func_name(trace.data[0])) > 0);
  ck_assert_str_eq(wasmaot_frame_module_name(trace.data[0]), "module");
  wasm_frame_vec_delete(&trace);
  wasm_trap_delete(result.trap);
}
END_TEST

START_TEST(programs_with_threads_run) {
  struct result result;
  wasmaot_wasi_config_t *config = wasmaot_wasi_config_new();
  ck_assert(wasmaot_wasi_config_arg(config, "demo"));
  run("demo.wasm", config, &result);
  expect_return(&result, 0);
}
END_TEST

START_TEST(a_directory_is_granted_or_refused) {
  struct result result;
  char directory[] = "/tmp/wasmaot-api-XXXXXX";
  char path[64];
  ck_assert_ptr_nonnull(mkdtemp(directory));
  (void)snprintf(path, sizeof path, "%s/seen", directory);
  FILE *file = fopen(path, "w");
  (void)fclose(file);
  wasmaot_wasi_config_t *config = wasmaot_wasi_config_new();
  ck_assert(wasmaot_wasi_config_arg(config, "ls"));
  ck_assert(wasmaot_wasi_config_preopen(config, directory, "/data"));
  run("ls.wasm", config, &result);
  expect_return(&result, 0);
  ck_assert_msg(strstr(result.out, "seen") != NULL, "%s", result.out);
  ck_assert(unlink(path) == 0 && rmdir(directory) == 0);
  wasmaot_linker_t *linker = wasmaot_linker_new(store);
  config = wasmaot_wasi_config_new();
  ck_assert(wasmaot_wasi_config_preopen(config, directory, "/data"));
  expect_error(wasmaot_linker_define_wasi(linker, config), directory);
  wasmaot_wasi_config_delete(config);
  wasmaot_linker_delete(linker);
}
END_TEST

// The guest tries all that changes something: tests/guests/fixed.c.
static void run_fixed(bool read_only, struct result *result) {
  char directory[] = "/tmp/wasmaot-api-XXXXXX";
  char command[400];
  char fixed[64];
  char other[64];
  ck_assert_ptr_nonnull(mkdtemp(directory));
  (void)snprintf(fixed, sizeof fixed, "%s/fixed", directory);
  (void)snprintf(other, sizeof other, "%s/free", directory);
  (void)snprintf(command, sizeof command,
                 "cd %s && for d in fixed fixed/dir free free/dir; do mkdir -p $d/empty && "
                 "printf inside >$d/file && ln -s file $d/link; done",
                 directory);
  ck_assert_int_eq(system(command), 0);
  wasmaot_wasi_config_t *config = wasmaot_wasi_config_new();
  ck_assert(wasmaot_wasi_config_arg(config, "fixed"));
  ck_assert(read_only ? wasmaot_wasi_config_preopen_read_only(config, fixed, "/fixed")
                      : wasmaot_wasi_config_preopen(config, fixed, "/fixed"));
  ck_assert(wasmaot_wasi_config_preopen(config, other, "/free"));
  ck_assert(!wasmaot_wasi_config_preopen_read_only(config, "", "/x"));
  ck_assert(!wasmaot_wasi_config_preopen_read_only(config, fixed, ""));
  run("fixed.wasm", config, result);
  (void)snprintf(command, sizeof command, "rm -r %s", directory);
  ck_assert_int_eq(system(command), 0);
}

START_TEST(a_directory_is_granted_only_to_read) {
  struct result result;
  run_fixed(true, &result);
  expect_return(&result, 0);
  run_fixed(false, &result);
  expect_return(&result, 1);
}
END_TEST

struct client {
  uint16_t port;
  char answer[64];
};

static void *talk(void *arg) {
  struct client *client = arg;
  const struct sockaddr_in address = {.sin_family = AF_INET,
                                      .sin_port = htons(client->port),
                                      .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  int fd = socket(AF_INET, SOCK_STREAM, 0);
  if (connect(fd, (const struct sockaddr *)&address, sizeof address) == 0 &&
      send(fd, "over the wire", 13, 0) == 13) {
    ssize_t got = recv(fd, client->answer, sizeof client->answer - 1, MSG_WAITALL);
    client->answer[got < 0 ? 0 : got] = '\0';
  }
  (void)close(fd);
  return NULL;
}

static void serve(wasmaot_wasi_config_t *config, const char *number, uint16_t port) {
  struct result result;
  struct client client = {.port = port};
  pthread_t thread;
  ck_assert(wasmaot_wasi_config_arg(config, "serve"));
  ck_assert(wasmaot_wasi_config_arg(config, number));
  pthread_create(&thread, NULL, talk, &client);
  run("serve.wasm", config, &result);
  pthread_join(thread, NULL);
  expect_return(&result, 0);
  ck_assert_str_eq(client.answer, "over the wire");
}

START_TEST(a_socket_that_listens_is_the_programs) {
  wasmaot_wasi_config_t *config = wasmaot_wasi_config_new();
  uint16_t port = 0;
  ck_assert(!wasmaot_wasi_config_listen(config, "localhost:0", &port));
  ck_assert(wasmaot_last_error_kind() == WASMAOT_ERROR_USAGE);
  ck_assert(wasmaot_wasi_config_listen(config, "127.0.0.1:0", &port));
  ck_assert_uint_ne(port, 0);
  char taken[32];
  (void)snprintf(taken, sizeof taken, "127.0.0.1:%u", port);
  ck_assert(!wasmaot_wasi_config_listen(config, taken, NULL));
  ck_assert(wasmaot_last_error_kind() == WASMAOT_ERROR_SYSTEM);
  serve(config, "3", port);
}
END_TEST

// Behind a directory and another descriptor, and after the caller has closed its own.
START_TEST(descriptors_are_duplicated_and_follow_directories) {
  wasmaot_wasi_config_t *config = wasmaot_wasi_config_new();
  wasmaot_wasi_config_t *other = wasmaot_wasi_config_new();
  uint16_t port = 0;
  int ends[2];
  ck_assert(wasmaot_wasi_config_preopen(config, "/tmp", "/"));
  ck_assert_int_eq(pipe(ends), 0);
  ck_assert(wasmaot_wasi_config_descriptor(config, ends[0]));
  int listener = socket(AF_INET, SOCK_STREAM, 0);
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t size = sizeof address;
  ck_assert_int_eq(bind(listener, (struct sockaddr *)&address, size), 0);
  ck_assert_int_eq(listen(listener, 1), 0);
  ck_assert_int_eq(getsockname(listener, (struct sockaddr *)&address, &size), 0);
  port = ntohs(address.sin_port);
  ck_assert(wasmaot_wasi_config_descriptor(config, listener));
  ck_assert(wasmaot_wasi_config_descriptor(other, listener));
  (void)close(listener);
  ck_assert(!wasmaot_wasi_config_descriptor(config, listener));
  int directory = open("/tmp", O_RDONLY | O_DIRECTORY);
  ck_assert(!wasmaot_wasi_config_descriptor(config, directory));
  ck_assert(wasmaot_last_error_kind() == WASMAOT_ERROR_USAGE);
  (void)close(directory);
  serve(config, "5", port);
  serve(other, "3", port);
  // With the configuration went its end of the pipe.
  (void)close(ends[0]);
  (void)signal(SIGPIPE, SIG_IGN);
  ck_assert(write(ends[1], "", 1) == -1 && errno == EPIPE);
  (void)close(ends[1]);
}
END_TEST

START_TEST(what_is_not_a_command_is_refused) {
  struct result result;
  run("reactor.wasm", wasmaot_wasi_config_new(), &result);
  expect_error(result.error, "_start");
}
END_TEST

START_TEST(linking_says_what_is_missing) {
  wasmaot_linker_t *linker = wasmaot_linker_new(store);
  wasm_instance_t *instance = NULL;
  wasm_trap_t *trap = NULL;
  wasmaot_error_t *error =
      wasmaot_linker_instantiate(linker, module_named("start.wasm"), &instance, &trap);
  ck_assert_int_eq(wasmaot_error_kind(error), WASMAOT_ERROR_UNLINKABLE);
  expect_error(error, "`host`.`f`");
  wasmaot_linker_trap_unknown(linker, true);
  expect_ok(wasmaot_linker_instantiate(linker, module_named("start.wasm"), &instance, &trap));
  ck_assert_ptr_null(instance);
  expect_message(trap, "unknown import");
  wasm_trap_delete(trap);
  wasmaot_linker_delete(linker);
}
END_TEST

START_TEST(instances_are_linked_by_names) {
  wasmaot_linker_t *linker = wasmaot_linker_new(store);
  wasm_instance_t *small = instance_of("small.wasm");
  expect_ok(wasmaot_linker_define_instance(linker, "small", small));
  wasm_extern_t *run_export = wasmaot_linker_get(linker, "small", "run");
  expect_ok(wasmaot_linker_define(linker, "host", "f", run_export));
  wasm_instance_delete(small);
  wasm_extern_delete(run_export);
  wasm_instance_t *instance = NULL;
  wasm_trap_t *trap = NULL;
  expect_ok(wasmaot_linker_instantiate(linker, module_named("start.wasm"), &instance, &trap));
  ck_assert_ptr_nonnull(instance);
  // The instance keeps what it was linked with.
  wasmaot_linker_delete(linker);
  wasm_extern_t *memory = wasmaot_instance_export(instance, "memory");
  wasm_instance_delete(instance);
  wasm_extern_delete(memory);
}
END_TEST

START_TEST(a_function_of_wasi_outlives_its_linker) {
  wasmaot_linker_t *linker = wasmaot_linker_new(store);
  wasmaot_wasi_config_t *config = wasmaot_wasi_config_new();
  expect_ok(wasmaot_linker_define_wasi(linker, config));
  expect_error(wasmaot_linker_define_wasi(linker, config), "already");
  wasmaot_wasi_config_delete(config);
  wasm_extern_t *yield = wasmaot_linker_get(linker, "wasi_snapshot_preview1", "sched_yield");
  wasmaot_linker_delete(linker);
  ck_assert_int_eq(call_i32(wasm_extern_as_func(yield), 0, NULL), 0);
  wasm_extern_delete(yield);
}
END_TEST

static void add(TCase *tcase) {
  tcase_add_test(tcase, a_command_writes_to_the_streams_it_is_given);
  tcase_add_test(tcase, arguments_and_environment_are_what_was_configured);
  tcase_add_test(tcase, an_exit_is_a_status);
  tcase_add_test(tcase, a_trap_is_a_trap);
  tcase_add_test(tcase, programs_with_threads_run);
  tcase_add_test(tcase, a_directory_is_granted_or_refused);
  tcase_add_test(tcase, a_directory_is_granted_only_to_read);
  tcase_add_test(tcase, a_socket_that_listens_is_the_programs);
  tcase_add_test(tcase, descriptors_are_duplicated_and_follow_directories);
  tcase_add_test(tcase, what_is_not_a_command_is_refused);
  tcase_add_test(tcase, linking_says_what_is_missing);
  tcase_add_test(tcase, instances_are_linked_by_names);
  tcase_add_test(tcase, a_function_of_wasi_outlives_its_linker);
}

int main(void) {
  return run_tests("api wasi", add);
}

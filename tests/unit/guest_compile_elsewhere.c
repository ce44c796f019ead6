// Compiling a test's module where the compiler is not built for this machine: by the command of the
// machine that emulates it, which WASMAOT_TEST_COMPILER names.
#include "loader/loader.h"
#include "tests/unit/guest_modules.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void need(bool ok, const char *what) {
  if (!ok) {
    (void)fprintf(stderr, "a test's module: %s\n", what);
    exit(EXIT_FAILURE);
  }
}

static void write_file(const char *path, const uint8_t *bytes, size_t size) {
  FILE *file = fopen(path, "wbe");
  need(file != NULL && fwrite(bytes, 1, size, file) == size && fclose(file) == 0, path);
}

static struct object read_file(const char *path) {
  struct stat status;
  FILE *file = fopen(path, "rbe");
  need(file != NULL && fstat(fileno(file), &status) == 0, path);
  struct object object = {.bytes = malloc((size_t)status.st_size), .size = (size_t)status.st_size};
  need(fread(object.bytes, 1, object.size, file) == object.size && fclose(file) == 0, path);
  return object;
}

static struct object compile(const uint8_t *wasm, size_t size, int opt_level, const char *options) {
  char directory[] = "/tmp/wasmaot-unit.XXXXXX";
  char module[64], artifact[64], command[1024];
  const char *compiler = getenv("WASMAOT_TEST_COMPILER");
  need(compiler != NULL, "WASMAOT_TEST_COMPILER names no command");
  need(mkdtemp(directory) != NULL, "no temporary directory");
  (void)snprintf(module, sizeof module, "%s/guest.wasm", directory);
  (void)snprintf(artifact, sizeof artifact, "%s/guest.o", directory);
  write_file(module, wasm, size);
  (void)snprintf(command, sizeof command, "'%s' compile --target=%s -j1 -O%d %s '%s' -o '%s'",
                 compiler, WA_TEST_TARGET, opt_level, options, module, artifact);
  need(system(command) == 0, command); // NOLINT(cert-env33-c): a test's own command
  struct object object = read_file(artifact);
  (void)unlink(module);
  (void)unlink(artifact);
  (void)rmdir(directory);
  return object;
}

struct object compile_guest(const uint8_t *wasm, size_t size, int opt_level) {
  return compile(wasm, size, opt_level, "");
}

struct object compile_replaceable_guest(const uint8_t *wasm, size_t size, int opt_level) {
  return compile(wasm, size, opt_level, "--replaceable --passes=-inline");
}

struct wa_artifact *load_guest(const struct object *object) {
  struct wa_error err;
  wa_error_clear(&err);
  struct wa_artifact *artifact =
      wa_artifact_load_memory(object->bytes, object->size, "guest.o", NULL, &err);
  need(artifact != NULL, err.message);
  return artifact;
}

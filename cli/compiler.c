#include "compiler.h"

#include <dlfcn.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LIBRARY "libwasmaot-compiler.so"

static bool fail(struct wa_error *err, const char *what, const char *why) {
  return wa_fail(err, WA_ERROR_SYSTEM, WA_NO_OFFSET,
                 "%s%s; WASMAOT_COMPILER_LIBRARY can name " LIBRARY, what, why);
}

// The directory of the running executable, without the final slash; empty when unknown.
static void executable_directory(char directory[PATH_MAX]) {
  ssize_t length = readlink("/proc/self/exe", directory, PATH_MAX - 1);
  directory[length > 0 ? length : 0] = '\0';
  char *slash = strrchr(directory, '/');
  directory[slash != NULL ? slash - directory : 0] = '\0';
}

static bool is_there(const char *directory, const char *below, char path[2 * PATH_MAX]) {
  (void)snprintf(path, 2 * PATH_MAX, "%s%s/" LIBRARY, directory, below);
  return access(path, R_OK) == 0;
}

// Beside the executable as it was built, as it was installed, and where it was to be installed.
static bool find_library(char path[2 * PATH_MAX]) {
  static const char *const below[] = {"", "/../compiler", ("/../" WASMAOT_LIBDIR)};
  char directory[PATH_MAX];
  executable_directory(directory);
  for (size_t i = 0; directory[0] != '\0' && i < sizeof below / sizeof below[0]; i++) {
    if (is_there(directory, below[i], path))
      return true;
  }
  return is_there(WASMAOT_FULL_LIBDIR, "", path);
}

const struct wa_compiler_api *wa_compiler_open(struct wa_error *err) {
  char found[2 * PATH_MAX];
  const char *path = secure_getenv("WASMAOT_COMPILER_LIBRARY");
  if (path == NULL) {
    if (!find_library(found)) {
      (void)fail(err, "the compiler library is not installed beside this command", "");
      return NULL;
    }
    path = found;
  }
  void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
  if (library == NULL) {
    const char *why = dlerror();
    (void)fail(err, "cannot open the compiler library: ", why != NULL ? why : "unknown reason");
    return NULL;
  }
  const struct wa_compiler_api *(*entry)(uint32_t version);
  *(void **)(void *)&entry = dlsym(library, WA_COMPILER_API_SYMBOL);
  const struct wa_compiler_api *api = entry == NULL ? NULL : entry(WA_COMPILER_API_VERSION);
  if (api == NULL)
    (void)fail(err, "the compiler library is of another version of wasmaot: ", path);
  return api;
}

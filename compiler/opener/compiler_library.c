#include "compiler/opener/compiler_library.h"

#include <dlfcn.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define LIBRARY "libwasmaot-compiler.so"

static bool fail(struct wa_error *err, const char *what, const char *why) {
  return wa_fail(err, WA_ERROR_SYSTEM, WA_NO_OFFSET,
                 "%s%s; WASMAOT_COMPILER_LIBRARY can name " LIBRARY, what, why);
}

// Cuts a path to its directory, without the final slash; empty when it has none.
static void cut_to_directory(char *path) {
  char *slash = strrchr(path, '/');
  path[slash != NULL ? slash - path : 0] = '\0';
}

static void executable_directory(char directory[PATH_MAX]) {
  ssize_t length = readlink("/proc/self/exe", directory, PATH_MAX - 1);
  directory[length > 0 ? length : 0] = '\0';
  cut_to_directory(directory);
}

// Of the library or executable that this code is in.
static void own_directory(char directory[PATH_MAX]) {
  static const char here;
  Dl_info info;
  directory[0] = '\0';
  if (dladdr(&here, &info) != 0 && info.dli_fname != NULL) {
    (void)snprintf(directory, PATH_MAX, "%s", info.dli_fname);
    cut_to_directory(directory);
  }
}

static bool is_there(const char *directory, const char *below, char path[2 * PATH_MAX]) {
  (void)snprintf(path, 2 * PATH_MAX, "%s%s/" LIBRARY, directory, below);
  return access(path, R_OK) == 0;
}

// Beside a directory as it was built or as it was installed.
static bool find_beside(const char *directory, char path[2 * PATH_MAX]) {
  static const char *const below[] = {"", "/compiler", "/../compiler", ("/../" WASMAOT_LIBDIR)};
  for (size_t i = 0; directory[0] != '\0' && i < sizeof below / sizeof below[0]; i++) {
    if (is_there(directory, below[i], path)) {
      return true;
    }
  }
  return false;
}

static bool find_library(char path[2 * PATH_MAX]) {
  char directory[PATH_MAX];
  executable_directory(directory);
  if (find_beside(directory, path)) {
    return true;
  }
  own_directory(directory);
  return find_beside(directory, path) || is_there(WASMAOT_FULL_LIBDIR, "", path);
}

// NULL when there is none; `found` has room for the path.
static const char *choose_library(char found[2 * PATH_MAX]) {
  const char *path = secure_getenv("WASMAOT_COMPILER_LIBRARY");
  if (path != NULL) {
    return path;
  }
  return find_library(found) ? found : NULL;
}

void wa_compiler_identity(char identity[WA_COMPILER_IDENTITY_SIZE]) {
  char found[2 * PATH_MAX];
  struct stat file;
  const char *path = choose_library(found);
  identity[0] = '\0';
  if (path == NULL || stat(path, &file) != 0) {
    return;
  }
  (void)snprintf(identity, WA_COMPILER_IDENTITY_SIZE, "%llx:%llx %lld %lld.%09ld",
                 (unsigned long long)file.st_dev, (unsigned long long)file.st_ino,
                 (long long)file.st_size, (long long)file.st_mtim.tv_sec, file.st_mtim.tv_nsec);
}

const struct wa_compiler_api *wa_compiler_open(struct wa_error *err) {
  char found[2 * PATH_MAX];
  const char *path = choose_library(found);
  if (path == NULL) {
    (void)fail(err, "the compiler library is not installed beside this program", "");
    return NULL;
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
  if (api == NULL) {
    (void)fail(err, "the compiler library is of another version of wasmaot: ", path);
  }
  return api;
}

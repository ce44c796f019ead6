// A host that opens the library, uses it, closes it, and does so again: its handlers stay, and what
// is not theirs still goes on to the host's.
#include <dlfcn.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "wasm.h"
#include "wasmaot.h"

// trap: unreachable
static const char module_bytes[] = "\0asm\1\0\0\0\1\4\1\x60\0\0\3\2\1\0\7\5\1\1t\0\0\n\5\1\3\0\0\v";

static sigjmp_buf recovery;

static void recover(int signal) {
  (void)signal;
  siglongjmp(recovery, 1);
}

static void check(bool ok, const char *what) {
  if (!ok) {
    (void)fprintf(stderr, "failed: %s\n", what);
    exit(1);
  }
}

static volatile int *volatile nowhere;

static void fault(void) {
  if (sigsetjmp(recovery, 1) == 0) {
    *nowhere = 1;
    check(false, "nowhere can be written");
  }
}

static void *library;

#define OF_LIBRARY(name) ((__typeof__(&(name)))dlsym(library, #name))

static void *use(void *path) {
  library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
  check(library != NULL, "dlopen");
  wasm_engine_t *engine = OF_LIBRARY(wasm_engine_new)();
  wasm_store_t *store = OF_LIBRARY(wasm_store_new)(engine);
  wasm_byte_vec_t bytes = {sizeof module_bytes - 1, (char *)module_bytes};
  wasm_module_t *module = OF_LIBRARY(wasm_module_new)(store, &bytes);
  check(module != NULL, OF_LIBRARY(wasmaot_last_error_message)());
  wasm_instance_t *instance = OF_LIBRARY(wasm_instance_new)(store, module, NULL, NULL);
  check(instance != NULL, OF_LIBRARY(wasmaot_last_error_message)());
  wasm_extern_t *export = OF_LIBRARY(wasmaot_instance_export)(instance, "t");
  wasm_trap_t *trap =
      OF_LIBRARY(wasm_func_call)(OF_LIBRARY(wasm_extern_as_func)(export), NULL, NULL);
  check(trap != NULL, "a trap");
  check(OF_LIBRARY(wasmaot_trap_code)(trap) == WASMAOT_TRAP_UNREACHABLE, "its code");
  OF_LIBRARY(wasm_trap_delete)(trap);
  OF_LIBRARY(wasm_extern_delete)(export);
  OF_LIBRARY(wasm_instance_delete)(instance);
  OF_LIBRARY(wasm_module_delete)(module);
  OF_LIBRARY(wasm_store_delete)(store);
  OF_LIBRARY(wasm_engine_delete)(engine);
  fault();
  check(dlclose(library) == 0, "dlclose");
  fault();
  return NULL;
}

int main(int argc, char **argv) {
  struct sigaction action = {.sa_handler = recover};
  check(argc == 2, "usage: close LIBRARY");
  nowhere = mmap(NULL, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  check(sigaction(SIGSEGV, &action, NULL) == 0, "sigaction");
  for (int times = 0; times < 3; times++) {
    use(argv[1]);
    // A thread that ends with the library closed.
    pthread_t thread;
    check(pthread_create(&thread, NULL, use, argv[1]) == 0, "a thread");
    pthread_join(thread, NULL);
    fault();
  }
  puts("closed");
  return 0;
}

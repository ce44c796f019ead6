// Names of functions: any bytes are a readable name, in bounds and terminated, or are not one.
#include "tests/fuzz/fuzz.h"

#include "compiler/demangle/demangle.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerInitialize(int *argc, char ***argv) {
  (void)argc;
  (void)argv;
  return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  char readable[WA_DEMANGLED_SIZE];
  memset(readable, 'x', sizeof readable);
  bool read = wa_demangle((struct wa_bytes){data, size}, readable);
  if (read && (memchr(readable, '\0', sizeof readable) == NULL || readable[0] == '\0')) {
    abort();
  }
  return 0;
}

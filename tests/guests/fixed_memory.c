// Linked without room for its memory to grow; says nothing of that itself.
#include "guest.h"

int main(int argc, char **argv) {
  (void)argc;
  (void)argv;
  return __builtin_wasm_memory_grow(0, 1) == (unsigned long)-1 ? 3 : 0;
}

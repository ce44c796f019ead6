#include "guest.h"

int main(int argc, char **argv) {
  (void)argc;
  (void)argv;
  print("Hello from wasm32-wasip1\n", NULL);
  return 0;
}

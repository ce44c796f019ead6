// Calls a function that no host provides.
#include "guest.h"

__attribute__((import_module("env"), import_name("no_such_function"))) int no_such_function(int);

int main(int argc, char **argv) {
  (void)argv;
  print("before\n", NULL);
  // With an argument it does not call.
  return argc > 1 ? 0 : no_such_function(argc);
}

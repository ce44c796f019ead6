// exit STATUS
#include "guest.h"

int main(int argc, char **argv) {
  print("exiting\n", NULL);
  return argc < 2 ? 0 : (int)parse(argv[1]);
}

// signal N: raises it and, when it comes back, exits with the errno.
#include "guest.h"

int main(int argc, char **argv) {
  if (argc < 2)
    fail("which signal?");
  return (int)wasi_proc_raise((uint32_t)parse(argv[1]));
}

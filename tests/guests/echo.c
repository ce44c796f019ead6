// Prints its arguments and its environment.
#include "guest.h"

int main(int argc, char **argv) {
  for (int i = 0; i < argc; i++)
    print("arg ", number(0, i), ": ", argv[i], "\n", NULL);
  size_t count;
  size_t size;
  if (wasi_environ_sizes_get(&count, &size) != E_SUCCESS)
    fail("environ_sizes_get");
  char **env = allocate((count + 1) * sizeof *env);
  if (wasi_environ_get(env, allocate(size + 1)) != E_SUCCESS)
    fail("environ_get");
  for (size_t i = 0; i < count; i++)
    print("env: ", env[i], "\n", NULL);
  return 0;
}

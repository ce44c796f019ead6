// _start of a command: fetches the arguments, calls main, exits with its result.
#include "guest.h"

EXPORT("_start") void _start(void) {
  size_t count;
  size_t size;
  if (wasi_args_sizes_get(&count, &size) != E_SUCCESS)
    wasi_proc_exit(71);
  char **argv = allocate((count + 1) * sizeof *argv);
  char *bytes = allocate(size + 1);
  if (wasi_args_get(argv, bytes) != E_SUCCESS)
    wasi_proc_exit(71);
  argv[count] = NULL;
  int status = main((int)count, argv);
  if (status != 0)
    wasi_proc_exit((uint32_t)status);
}

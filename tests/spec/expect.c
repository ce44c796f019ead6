#include "tests/spec/expect.h"

#include <stdio.h>
#include <string.h>

bool expect_read(const char *path, const char *folder, unsigned *passed, unsigned *failed) {
  FILE *file = fopen(path, "r");
  char line[256], name[64];
  bool found = false;
  while (file && !found && fgets(line, sizeof line, file)) {
    found = line[0] != '#' && sscanf(line, "%63s %u %u", name, passed, failed) == 3 &&
            strcmp(name, folder) == 0;
  }
  if (file) {
    (void)fclose(file);
  }
  return found;
}

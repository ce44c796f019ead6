// ls: for each granted directory, its name and its entries with their types, a small buffer at a
// time.
#include "guest.h"

static void list(uint32_t fd) {
  static union {
    struct dirent entry;
    char bytes[400];
  } buffer;
  uint64_t cookie = 0;
  for (;;) {
    size_t used;
    if (wasi_fd_readdir(fd, &buffer, sizeof buffer, cookie, &used) != E_SUCCESS)
      fail("fd_readdir");
    size_t at = 0;
    struct dirent entry;
    while (at + sizeof entry <= used) {
      memcpy(&entry, buffer.bytes + at, sizeof entry);
      if (at + sizeof entry + entry.name_length > used)
        break;
      char name[256];
      memcpy(name, buffer.bytes + at + sizeof entry, entry.name_length);
      name[entry.name_length] = '\0';
      print("  ", number(0, entry.type), " ", name, "\n", NULL);
      at += sizeof entry + entry.name_length;
      cookie = entry.next;
    }
    if (used < sizeof buffer)
      return;
  }
}

int main(int argc, char **argv) {
  (void)argc;
  (void)argv;
  for (uint32_t fd = 3;; fd++) {
    struct prestat prestat;
    char name[256];
    if (wasi_fd_prestat_get(fd, &prestat) != E_SUCCESS)
      return 0;
    if (prestat.name_length >= sizeof name ||
        wasi_fd_prestat_dir_name(fd, name, prestat.name_length) != E_SUCCESS)
      fail("fd_prestat_dir_name");
    name[prestat.name_length] = '\0';
    print(name, ":\n", NULL);
    list(fd);
  }
}

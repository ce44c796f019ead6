// What a host descriptor is to a guest.
#include "wasi/internal.h"

#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

static uint8_t socket_type(int host) {
  int type = 0;
  socklen_t size = sizeof type;
  bool known = getsockopt(host, SOL_SOCKET, SO_TYPE, &type, &size) == 0;
  return known && type == SOCK_DGRAM ? WASI_FILETYPE_SOCKET_DGRAM : WASI_FILETYPE_SOCKET_STREAM;
}

bool wa_wasi_kind(int host, struct wa_kind *kind) {
  struct stat status;
  if (fstat(host, &status) != 0) {
    return false;
  }
  *kind = (struct wa_kind){.filetype = wa_wasi_filetype(status.st_mode)};
  if (S_ISDIR(status.st_mode)) {
    kind->rights = WASI_RIGHTS_DIRECTORY;
    kind->inheriting = WASI_RIGHTS_DIRECTORY | WASI_RIGHTS_FILE;
  } else if (S_ISSOCK(status.st_mode)) {
    // Which of them a socket can do is its state's matter, and the kernel's to say.
    kind->filetype = socket_type(host);
    kind->rights = WASI_RIGHTS_SOCKET;
    kind->inheriting = WASI_RIGHTS_SOCKET;
  } else {
    // isatty() of C libraries asks for a character device that cannot seek.
    bool seekable = S_ISREG(status.st_mode) || (lseek(host, 0, SEEK_CUR) >= 0 && isatty(host) == 0);
    kind->rights = seekable ? WASI_RIGHTS_FILE : WASI_RIGHTS_STREAM;
  }
  return true;
}

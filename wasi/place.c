#include "wasi/place.h"

int wa_place_open(struct wa_place *place, const struct wa_wasi_call *call, uint32_t fd,
                  uint64_t rights, uint32_t address, uint32_t length) {
  int error = wa_guest_path(&call->guest, address, length, place->path);
  if (error != WASI_ESUCCESS) {
    return error;
  }
  error = wa_fd_table_get(&call->wasi->fds, fd, 0, &place->directory);
  if (error != WASI_ESUCCESS) {
    return error;
  }
  if (place->directory->filetype != WASI_FILETYPE_DIRECTORY) {
    error = WASI_ENOTDIR;
  } else {
    error = wa_fd_allows(place->directory, rights);
  }
  if (error != WASI_ESUCCESS) {
    wa_fd_release(place->directory);
    return error;
  }
  place->sandbox = (struct wa_sandbox){place->directory->host, call->wasi->no_openat2};
  return WASI_ESUCCESS;
}

void wa_place_close(struct wa_place *place) {
  wa_fd_release(place->directory);
}

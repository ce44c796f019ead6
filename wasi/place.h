// A path that a guest gave and the directory it starts from: how every path_ function begins.
#ifndef WA_WASI_PLACE_H
#define WA_WASI_PLACE_H

#include "wasi/internal.h"

struct wa_place {
  struct wa_fd *directory; // retained
  struct wa_sandbox sandbox;
  char path[PATH_MAX];
};

// Copies the path and finds the directory, which must have `rights`. A wasi_errno; the place is to
// be closed after success only.
int wa_place_open(struct wa_place *place, const struct wa_wasi_call *call, uint32_t fd,
                  uint64_t rights, uint32_t address, uint32_t length);
void wa_place_close(struct wa_place *place);

#endif

// Host errno values as WASI's.
#ifndef WA_WASI_HOST_ERRNO_H
#define WA_WASI_HOST_ERRNO_H

// The wasi_errno for a host errno; WASI_EIO for one that preview 1 has no name for.
int wa_wasi_errno(int host_errno);

#endif

#include "host_errno.h"

#include "witx.h"

#include <errno.h>
#include <stddef.h>

static const struct {
  int host;
  int wasi;
} errnos[] = {
    {0, WASI_ESUCCESS},
    {E2BIG, WASI_E2BIG},
    {EACCES, WASI_EACCES},
    {EAGAIN, WASI_EAGAIN},
    {EBADF, WASI_EBADF},
    {EBUSY, WASI_EBUSY},
    {ECONNABORTED, WASI_ECONNABORTED},
    {ECONNRESET, WASI_ECONNRESET},
    {EDEADLK, WASI_EDEADLK},
    {EDOM, WASI_EDOM},
    {EDQUOT, WASI_EDQUOT},
    {EEXIST, WASI_EEXIST},
    {EFAULT, WASI_EFAULT},
    {EFBIG, WASI_EFBIG},
    {EILSEQ, WASI_EILSEQ},
    {EINTR, WASI_EINTR},
    {EINVAL, WASI_EINVAL},
    {EIO, WASI_EIO},
    {EISDIR, WASI_EISDIR},
    {ELOOP, WASI_ELOOP},
    {EMFILE, WASI_EMFILE},
    {EMLINK, WASI_EMLINK},
    {ENAMETOOLONG, WASI_ENAMETOOLONG},
    {ENFILE, WASI_ENFILE},
    {ENOBUFS, WASI_ENOBUFS},
    {ENODEV, WASI_ENODEV},
    {ENOENT, WASI_ENOENT},
    {ENOLCK, WASI_ENOLCK},
    {ENOMEM, WASI_ENOMEM},
    {ENOSPC, WASI_ENOSPC},
    {ENOSYS, WASI_ENOSYS},
    {ENOTCONN, WASI_ENOTCONN},
    {ENOTDIR, WASI_ENOTDIR},
    {ENOTEMPTY, WASI_ENOTEMPTY},
    {ENOTSOCK, WASI_ENOTSOCK},
    {EOPNOTSUPP, WASI_ENOTSUP},
    {ENOTTY, WASI_ENOTTY},
    {ENXIO, WASI_ENXIO},
    {EOVERFLOW, WASI_EOVERFLOW},
    {EPERM, WASI_EPERM},
    {EPIPE, WASI_EPIPE},
    {ERANGE, WASI_ERANGE},
    {EROFS, WASI_EROFS},
    {ESPIPE, WASI_ESPIPE},
    {ESTALE, WASI_ESTALE},
    {ETIMEDOUT, WASI_ETIMEDOUT},
    {ETXTBSY, WASI_ETXTBSY},
    {EXDEV, WASI_EXDEV},
};

int wa_wasi_errno(int host_errno) {
  for (size_t i = 0; i < sizeof errnos / sizeof errnos[0]; i++) {
    if (errnos[i].host == host_errno)
      return errnos[i].wasi;
  }
  return WASI_EIO;
}

// Sockets: preview 1 cannot make any, but the host hands some in, and they may accept others.
#include "wasi/internal.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

enum { RECV_PEEK = 1, RECV_WAITALL = 2, RECV_DATA_TRUNCATED = 1 };
enum { SHUT_READING = 1, SHUT_WRITING = 2 };

// The socket of the first argument, retained. A wasi_errno.
static int get(const struct wa_wasi_call *call, uint64_t rights, struct wa_fd **file) {
  int type;
  socklen_t size = sizeof type;
  int error = wa_fd_table_get(&call->wasi->fds, call->args[0].u32, 0, file);
  if (error != WASI_ESUCCESS) {
    return error;
  }
  if (getsockopt((*file)->host, SOL_SOCKET, SO_TYPE, &type, &size) != 0) {
    error = wa_wasi_errno(errno);
  } else if ((rights & ~atomic_load(&(*file)->rights)) != 0) {
    error = WASI_ENOTCAPABLE;
  }
  if (error != WASI_ESUCCESS) {
    wa_fd_release(*file);
  }
  return error;
}

// Gives an accepted connection a descriptor. Takes over `host`, also on failure.
static int add_connection(const struct wa_wasi_call *call, int host, uint64_t rights,
                          uint32_t *fd) {
  struct wa_fd *file =
      wa_fd_new(host, true, WASI_FILETYPE_SOCKET_STREAM, rights & WASI_RIGHTS_SOCKET, 0, NULL);
  if (file == NULL) {
    (void)close(host);
    return WASI_ENOMEM;
  }
  int error = wa_fd_table_add(&call->wasi->fds, file, fd);
  if (error != WASI_ESUCCESS) {
    wa_fd_release(file);
  }
  return error;
}

int wa_wasi_sock_accept(struct wa_wasi_call *call) {
  uint32_t flags = call->args[1].u32;
  uint32_t result = call->args[2].u32;
  struct wa_fd *file;
  uint32_t fd = 0;
  int host;
  if ((flags & ~(uint32_t)WASI_FDFLAG_NONBLOCK) != 0) {
    return WASI_EINVAL;
  }
  if (wa_guest_at(&call->guest, result, 4) == NULL) {
    return WASI_EFAULT;
  }
  int error = get(call, WASI_RIGHT_SOCK_ACCEPT, &file);
  if (error != WASI_ESUCCESS) {
    return error;
  }
  do {
    host = accept4(file->host, NULL, NULL, SOCK_CLOEXEC | (flags != 0 ? SOCK_NONBLOCK : 0));
    error = host < 0 ? wa_wasi_failure() : WASI_ESUCCESS;
  } while (error == WA_WASI_RETRY);
  uint64_t rights = atomic_load(&file->inheriting);
  wa_fd_release(file);
  if (error == WASI_ESUCCESS) {
    error = add_connection(call, host, rights, &fd);
  }
  if (error == WASI_ESUCCESS) {
    (void)wa_guest_write_u32(&call->guest, result, fd);
  }
  return error;
}

// recvmsg or sendmsg over the iovecs of the second and third arguments.
static int transfer(const struct wa_wasi_call *call, uint64_t rights, int host_flags, bool sending,
                    ssize_t *size, int *message_flags) {
  struct iovec vectors[WA_GUEST_MAX_IOVECS];
  struct msghdr message = {.msg_iov = vectors};
  struct wa_fd *file;
  int count = wa_guest_iovecs(&call->guest, call->args[1].u32, call->args[2].u32, vectors);
  if (count < 0) {
    return WASI_EFAULT;
  }
  message.msg_iovlen = (size_t)count;
  int error = get(call, rights, &file);
  if (error != WASI_ESUCCESS) {
    return error;
  }
  do {
    *size = sending ? sendmsg(file->host, &message, host_flags | MSG_NOSIGNAL)
                    : recvmsg(file->host, &message, host_flags);
    error = *size < 0 ? wa_wasi_failure() : WASI_ESUCCESS;
  } while (error == WA_WASI_RETRY);
  wa_fd_release(file);
  *message_flags = message.msg_flags;
  return error;
}

int wa_wasi_sock_recv(struct wa_wasi_call *call) {
  uint32_t flags = call->args[3].u32;
  uint32_t size_result = call->args[4].u32;
  uint32_t flags_result = call->args[5].u32;
  ssize_t size;
  int got;
  if ((flags & ~(uint32_t)(RECV_PEEK | RECV_WAITALL)) != 0) {
    return WASI_EINVAL;
  }
  if (wa_guest_at(&call->guest, size_result, 4) == NULL ||
      wa_guest_at(&call->guest, flags_result, 2) == NULL) {
    return WASI_EFAULT;
  }
  int host_flags =
      ((flags & RECV_PEEK) != 0 ? MSG_PEEK : 0) | ((flags & RECV_WAITALL) != 0 ? MSG_WAITALL : 0);
  int error = transfer(call, WASI_RIGHT_FD_READ, host_flags, false, &size, &got);
  if (error != WASI_ESUCCESS) {
    return error;
  }
  uint16_t result_flags = (got & MSG_TRUNC) != 0 ? RECV_DATA_TRUNCATED : 0;
  (void)wa_guest_write_u32(&call->guest, size_result, (uint32_t)size);
  (void)wa_guest_write(&call->guest, flags_result, &result_flags, sizeof result_flags);
  return WASI_ESUCCESS;
}

int wa_wasi_sock_send(struct wa_wasi_call *call) {
  uint32_t result = call->args[4].u32;
  ssize_t size;
  int got;
  if (call->args[3].u32 != 0) { // no flag is defined
    return WASI_EINVAL;
  }
  if (wa_guest_at(&call->guest, result, 4) == NULL) {
    return WASI_EFAULT;
  }
  int error = transfer(call, WASI_RIGHT_FD_WRITE, 0, true, &size, &got);
  if (error == WASI_ESUCCESS) {
    (void)wa_guest_write_u32(&call->guest, result, (uint32_t)size);
  }
  return error;
}

int wa_wasi_sock_shutdown(struct wa_wasi_call *call) {
  uint32_t how = call->args[1].u32;
  static const int hows[] = {0, SHUT_RD, SHUT_WR, SHUT_RDWR};
  struct wa_fd *file;
  int error = get(call, WASI_RIGHT_SOCK_SHUTDOWN, &file);
  if (error != WASI_ESUCCESS) {
    return error;
  }
  if (how == 0 || (how & ~(uint32_t)(SHUT_READING | SHUT_WRITING)) != 0) {
    error = WASI_EINVAL;
  } else if (shutdown(file->host, hows[how]) != 0) {
    error = wa_wasi_errno(errno);
  }
  wa_fd_release(file);
  return error;
}

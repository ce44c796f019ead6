// Functions that make, move and remove names in directories. Each resolves the directory that holds
// the name inside the sandbox and hands the kernel that directory and one component, which none of
// these system calls follows when it is a link.
#include "wasi/internal.h"
#include "wasi/place.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct name {
  int parent; // host descriptor
  bool slash; // the path ended in a slash: the name must be a directory's
  char text[NAME_MAX + 2];
};

// A wasi_errno or WA_WASI_RAISED. After success the parent is to be closed.
static int name_open(struct name *name, const struct wa_wasi_call *call, uint32_t fd,
                     uint64_t rights, uint32_t address, uint32_t length) {
  struct wa_place place;
  int error = wa_place_open(&place, call, fd, rights, address, length);
  if (error != WASI_ESUCCESS) {
    return error;
  }
  do {
    name->parent = wa_sandbox_parent(&place.sandbox, place.path, name->text, &name->slash);
    error = name->parent < 0 ? wa_wasi_failure() : WASI_ESUCCESS;
  } while (error == WA_WASI_RETRY);
  wa_place_close(&place);
  return error;
}

// For system calls that treat a trailing slash themselves and still follow no link.
static void put_slash(struct name *name) {
  if (name->slash) {
    memcpy(name->text + strlen(name->text), "/", 2);
  }
}

static int finish(struct name *name, int result) {
  int error = result == 0 ? WASI_ESUCCESS : wa_wasi_errno(errno);
  (void)close(name->parent);
  return error;
}

int wa_wasi_path_create_directory(struct wa_wasi_call *call) {
  struct name name;
  int error = name_open(&name, call, call->args[0].u32, WASI_RIGHT_PATH_CREATE_DIRECTORY,
                        call->args[1].u32, call->args[2].u32);
  return error != WASI_ESUCCESS ? error : finish(&name, mkdirat(name.parent, name.text, 0777));
}

int wa_wasi_path_remove_directory(struct wa_wasi_call *call) {
  struct name name;
  int error = name_open(&name, call, call->args[0].u32, WASI_RIGHT_PATH_REMOVE_DIRECTORY,
                        call->args[1].u32, call->args[2].u32);
  return error != WASI_ESUCCESS ? error
                                : finish(&name, unlinkat(name.parent, name.text, AT_REMOVEDIR));
}

// Why a file cannot be unlinked by a name with a slash behind it: it never can.
static int unlink_slash(struct name *name) {
  struct stat status;
  int result = fstatat(name->parent, name->text, &status, AT_SYMLINK_NOFOLLOW);
  if (result == 0) {
    errno = S_ISDIR(status.st_mode) ? EISDIR : ENOTDIR;
    result = -1;
  }
  return result;
}

int wa_wasi_path_unlink_file(struct wa_wasi_call *call) {
  struct name name;
  int error = name_open(&name, call, call->args[0].u32, WASI_RIGHT_PATH_UNLINK_FILE,
                        call->args[1].u32, call->args[2].u32);
  if (error != WASI_ESUCCESS) {
    return error;
  }
  return finish(&name, name.slash ? unlink_slash(&name) : unlinkat(name.parent, name.text, 0));
}

int wa_wasi_path_rename(struct wa_wasi_call *call) {
  struct name from;
  struct name to;
  int error = name_open(&from, call, call->args[0].u32, WASI_RIGHT_PATH_RENAME_SOURCE,
                        call->args[1].u32, call->args[2].u32);
  if (error != WASI_ESUCCESS) {
    return error;
  }
  error = name_open(&to, call, call->args[3].u32, WASI_RIGHT_PATH_RENAME_TARGET, call->args[4].u32,
                    call->args[5].u32);
  if (error == WASI_ESUCCESS) {
    put_slash(&from);
    put_slash(&to);
    error = finish(&to, renameat(from.parent, from.text, to.parent, to.text));
  }
  (void)close(from.parent);
  return error;
}

int wa_wasi_path_symlink(struct wa_wasi_call *call) {
  char target[PATH_MAX];
  struct name name;
  int error = wa_guest_path(&call->guest, call->args[0].u32, call->args[1].u32, target);
  if (error != WASI_ESUCCESS) {
    return error;
  }
  // No guest could follow it, but a program outside the sandbox might be led astray.
  if (target[0] == '/') {
    return WASI_EPERM;
  }
  error = name_open(&name, call, call->args[2].u32, WASI_RIGHT_PATH_SYMLINK, call->args[3].u32,
                    call->args[4].u32);
  if (error != WASI_ESUCCESS) {
    return error;
  }
  put_slash(&name);
  return finish(&name, symlinkat(target, name.parent, name.text));
}

int wa_wasi_path_link(struct wa_wasi_call *call) {
  struct name from;
  struct name to;
  // Following would need a second resolution by the kernel, outside the sandbox.
  if ((call->args[1].u32 & WASI_LOOKUP_SYMLINK_FOLLOW) != 0) {
    return WASI_EINVAL;
  }
  int error = name_open(&from, call, call->args[0].u32, WASI_RIGHT_PATH_LINK_SOURCE,
                        call->args[2].u32, call->args[3].u32);
  if (error != WASI_ESUCCESS) {
    return error;
  }
  error = name_open(&to, call, call->args[4].u32, WASI_RIGHT_PATH_LINK_TARGET, call->args[5].u32,
                    call->args[6].u32);
  if (error == WASI_ESUCCESS) {
    put_slash(&to);
    // With a slash the source names a directory, which cannot be linked; without it in the call,
    // no link is followed.
    int result =
        from.slash ? unlink_slash(&from) : linkat(from.parent, from.text, to.parent, to.text, 0);
    error = finish(&to, result);
    if (from.slash && error == WASI_EISDIR) {
      error = WASI_EPERM;
    }
  }
  (void)close(from.parent);
  return error;
}

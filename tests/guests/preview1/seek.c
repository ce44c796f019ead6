// fd_seek and fd_tell.
#include "test.h"

static uint64_t position;

static void seek_set(void) {
  uint32_t fd = create("f", "abcdef");
  OK(wasi_fd_seek(fd, 4, SEEK_SET, &position));
  TRUE(position == 4);
}

static void seek_cur(void) {
  uint32_t fd = create("f", "abcdef");
  OK(wasi_fd_seek(fd, 4, SEEK_SET, &position));
  OK(wasi_fd_seek(fd, -3, SEEK_CUR, &position));
  TRUE(position == 1);
  OK(wasi_fd_seek(fd, 2, SEEK_CUR, &position));
  TRUE(position == 3);
}

static void seek_end(void) {
  uint32_t fd = create("f", "abcdef");
  OK(wasi_fd_seek(fd, -2, SEEK_END, &position));
  TRUE(position == 4);
  OK(wasi_fd_seek(fd, 10, SEEK_END, &position));
  TRUE(position == 16);
}

static void seek_before_start(void) {
  uint32_t fd = create("f", "abcdef");
  IS(wasi_fd_seek(fd, -1, SEEK_SET, &position), E_INVAL);
  IS(wasi_fd_seek(fd, -7, SEEK_END, &position), E_INVAL);
  IS(wasi_fd_seek(fd, INT64_MIN, SEEK_CUR, &position), E_INVAL);
  OK(wasi_fd_tell(fd, &position));
  TRUE(position == 0);
}

static void seek_bad_whence(void) {
  uint32_t fd = create("f", "abcdef");
  IS(wasi_fd_seek(fd, 0, 3, &position), E_INVAL);
  IS(wasi_fd_seek(fd, 0, 255, &position), E_INVAL);
}

static void seek_right(void) {
  uint32_t fd;
  (void)create("f", "abcdef");
  OK(open_at("f", 0, RIGHT_READ | RIGHT_TELL, &fd));
  IS(wasi_fd_seek(fd, 1, SEEK_SET, &position), E_NOTCAPABLE);
  OK(wasi_fd_seek(fd, 0, SEEK_CUR, &position));
}

static void seek_directory(void) {
  IS(wasi_fd_seek(dir, 0, SEEK_SET, &position), E_ISDIR);
}

static void seek_bad(void) {
  uint32_t fd = create("f", "abcdef");
  IS(wasi_fd_seek(1000, 0, SEEK_SET, &position), E_BADF);
  IS(wasi_fd_seek(fd, 3, SEEK_SET, (uint64_t *)(memory_end() - 7)), E_FAULT);
  OK(wasi_fd_tell(fd, &position));
  TRUE(position == 0);
}

static void tell_starts(void) {
  position = 7;
  OK(wasi_fd_tell(create("f", "abcdef"), &position));
  TRUE(position == 0);
}

static void tell_implied(void) {
  uint32_t fd;
  (void)create("f", "abcdef");
  OK(open_at("f", 0, RIGHT_READ | RIGHT_SEEK, &fd));
  OK(wasi_fd_tell(fd, &position));
  OK(wasi_fd_seek(fd, 0, SEEK_CUR, &position));
}

static void tell_right(void) {
  uint32_t fd;
  (void)create("f", "abcdef");
  OK(open_at("f", 0, RIGHT_READ, &fd));
  IS(wasi_fd_tell(fd, &position), E_NOTCAPABLE);
}

static void tell_shared_by_nobody(void) {
  uint32_t fd = create("f", "abcdef");
  uint32_t other;
  OK(open_at("f", 0, RIGHTS_ALL, &other));
  OK(wasi_fd_seek(fd, 5, SEEK_SET, &position));
  OK(wasi_fd_tell(other, &position));
  TRUE(position == 0);
}

static void tell_bad(void) {
  uint32_t fd = create("f", "abcdef");
  IS(wasi_fd_tell(1000, &position), E_BADF);
  IS(wasi_fd_tell(dir, &position), E_ISDIR);
  IS(wasi_fd_tell(fd, (uint64_t *)memory_end()), E_FAULT);
}

const struct test tests_seek[] = {
    {"fd_seek", "from the start", seek_set},
    {"fd_seek", "from where it is", seek_cur},
    {"fd_seek", "from the end and past it", seek_end},
    {"fd_seek", "EINVAL before the start, offset unchanged", seek_before_start},
    {"fd_seek", "EINVAL for no whence", seek_bad_whence},
    {"fd_seek", "ENOTCAPABLE without the right, but telling", seek_right},
    {"fd_seek", "EISDIR", seek_directory},
    {"fd_seek", "EBADF, and EFAULT with the offset unchanged", seek_bad},
    {"fd_tell", "0 after opening", tell_starts},
    {"fd_tell", "the right to seek implies it", tell_implied},
    {"fd_tell", "ENOTCAPABLE without the right", tell_right},
    {"fd_tell", "two opens have an offset each", tell_shared_by_nobody},
    {"fd_tell", "EBADF, EISDIR and EFAULT", tell_bad},
    {NULL, NULL, NULL},
};

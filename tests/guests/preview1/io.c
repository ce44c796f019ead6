// fd_read, fd_write, fd_pread and fd_pwrite.
#include "test.h"

static size_t size;

static uint32_t read_into(uint32_t fd, void *data, size_t room) {
  struct iovec iovec = {data, room};
  size = 99;
  return wasi_fd_read(fd, &iovec, 1, &size);
}

static uint32_t write_from(uint32_t fd, const char *text) {
  struct iovec iovec = {(void *)text, strlen(text)};
  size = 99;
  return wasi_fd_write(fd, &iovec, 1, &size);
}

// ---- fd_read ----

static void read_moves(void) {
  char text[4];
  uint32_t fd = create("f", "abcdefgh");
  uint64_t position;
  OK(read_into(fd, text, 4));
  TRUE(size == 4 && memcmp(text, "abcd", 4) == 0);
  OK(wasi_fd_tell(fd, &position));
  TRUE(position == 4);
  OK(read_into(fd, text, 4));
  TRUE(memcmp(text, "efgh", 4) == 0);
}

static void read_short_and_end(void) {
  char text[8];
  uint32_t fd = create("f", "abc");
  OK(read_into(fd, text, 8));
  TRUE(size == 3);
  OK(read_into(fd, text, 8));
  TRUE(size == 0);
}

static void read_scatters(void) {
  char a[2];
  char b[3];
  struct iovec iovecs[4] = {{a, 2}, {NULL, 0}, {b, 3}, {a, 0}};
  uint32_t fd = create("f", "abcdefgh");
  OK(wasi_fd_read(fd, iovecs, 4, &size));
  TRUE(size == 5 && memcmp(a, "ab", 2) == 0 && memcmp(b, "cde", 3) == 0);
}

static void read_nothing(void) {
  struct iovec none = {memory_end(), 0};
  uint32_t fd = create("f", "abc");
  size = 99;
  OK(wasi_fd_read(fd, NULL, 0, &size));
  TRUE(size == 0);
  size = 99;
  OK(wasi_fd_read(fd, &none, 1, &size));
  TRUE(size == 0);
}

static void read_many_vectors(void) {
  enum { COUNT = 3000 };
  struct iovec *iovecs = allocate(COUNT * sizeof *iovecs);
  char *bytes = allocate(COUNT);
  uint32_t fd = create("f", "");
  size_t total = 0;
  for (size_t i = 0; i < COUNT; i++)
    iovecs[i] = (struct iovec){bytes + i, 1};
  memset(bytes, 'm', COUNT);
  while (total < COUNT) {
    OK(wasi_fd_write(fd, iovecs + total, COUNT - total, &size));
    TRUE(size > 0);
    total += size;
  }
  memset(bytes, 0, COUNT);
  OK(wasi_fd_pread(fd, iovecs, COUNT, 0, &size));
  TRUE(size > 0 && size <= COUNT && bytes[0] == 'm' && bytes[size - 1] == 'm');
}

static void read_overlapping(void) {
  char bytes[5] = "....";
  struct iovec iovecs[2] = {{bytes, 3}, {bytes + 1, 3}};
  uint32_t fd = create("f", "abcdef");
  OK(wasi_fd_read(fd, iovecs, 2, &size));
  TRUE(size == 6 && memcmp(bytes, "adef", 4) == 0);
}

static void read_without_right(void) {
  char byte;
  uint32_t fd;
  (void)create("f", "abc");
  OK(open_at("f", 0, RIGHT_WRITE, &fd));
  IS(read_into(fd, &byte, 1), E_NOTCAPABLE);
}

static void read_directory(void) {
  char byte;
  uint32_t fd;
  IS(read_into(dir, &byte, 1), E_ISDIR);
  OK(wasi_path_open(dir, 0, P("."), O_DIRECTORY, RIGHT_READ, 0, 0, &fd));
  IS(read_into(fd, &byte, 1), E_ISDIR);
}

static void read_bad_fd(void) {
  char byte;
  IS(read_into(1000, &byte, 1), E_BADF);
  IS(read_into(0xffffffff, &byte, 1), E_BADF);
}

static void read_bad_pointer(void) {
  char byte;
  struct iovec iovec = {&byte, 1};
  uint32_t fd = create("f", "abc");
  uint64_t position = 9;
  IS(read_into(fd, memory_end() - 1, 2), E_FAULT);
  IS(read_into(fd, (void *)16, 0xfffffff8), E_FAULT);
  IS(wasi_fd_read(fd, (struct iovec *)(memory_end() - 7), 1, &size), E_FAULT);
  IS(wasi_fd_read(fd, &iovec, 0x20000001, &size), E_FAULT);
  IS(wasi_fd_read(fd, &iovec, 1, (size_t *)(memory_end() - 3)), E_FAULT);
  OK(wasi_fd_tell(fd, &position));
  TRUE(position == 0);
}

static void read_end_of_memory(void) {
  char *end = memory_end();
  uint32_t fd = create("f", "ab");
  OK(read_into(fd, end - 2, 2));
  TRUE(end[-2] == 'a' && end[-1] == 'b');
}

// ---- fd_write ----

static void write_moves(void) {
  uint32_t fd = create("f", "");
  OK(write_from(fd, "one"));
  TRUE(size == 3);
  OK(write_from(fd, "two"));
  TRUE(holds(fd, "onetwo"));
}

static void write_gathers(void) {
  struct iovec iovecs[3] = {{"ab", 2}, {NULL, 0}, {"cde", 3}};
  uint32_t fd = create("f", "");
  OK(wasi_fd_write(fd, iovecs, 3, &size));
  TRUE(size == 5 && holds(fd, "abcde"));
}

static void write_over(void) {
  uint32_t fd = create("f", "abcdef");
  OK(write_from(fd, "XY"));
  TRUE(holds(fd, "XYcdef"));
}

static void write_past_end(void) {
  uint64_t position;
  uint32_t fd = create("f", "a");
  struct filestat stat;
  char gap[3];
  struct iovec iovec = {gap, 3};
  OK(wasi_fd_seek(fd, 4, SEEK_SET, &position));
  OK(write_from(fd, "b"));
  OK(wasi_fd_filestat_get(fd, &stat));
  TRUE(stat.size == 5);
  OK(wasi_fd_pread(fd, &iovec, 1, 1, &size));
  TRUE(gap[0] == 0 && gap[1] == 0 && gap[2] == 0);
}

static void write_appends(void) {
  uint64_t position;
  uint32_t fd;
  (void)create("f", "abc");
  OK(wasi_path_open(dir, 0, P("f"), 0, RIGHTS_ALL, 0, FD_APPEND, &fd));
  OK(wasi_fd_seek(fd, 0, SEEK_SET, &position));
  OK(write_from(fd, "d"));
  TRUE(holds(fd, "abcd"));
  OK(wasi_fd_tell(fd, &position));
  TRUE(position == 4);
}

static void write_without_right(void) {
  uint32_t fd;
  (void)create("f", "abc");
  OK(open_at("f", 0, RIGHT_READ | RIGHT_SEEK, &fd));
  IS(write_from(fd, "x"), E_NOTCAPABLE);
  TRUE(holds(fd, "abc"));
}

static void write_bad_fd(void) {
  IS(write_from(1000, "x"), E_BADF);
}

static void write_bad_pointer(void) {
  uint32_t fd = create("f", "");
  struct iovec half[2] = {{"ab", 2}, {memory_end(), 1}};
  IS(wasi_fd_write(fd, half, 2, &size), E_FAULT);
  IS(wasi_fd_write(fd, half, 1, (size_t *)(memory_end() - 1)), E_FAULT);
  TRUE(holds(fd, ""));
}

// ---- fd_pread, fd_pwrite ----

static uint32_t pread_into(uint32_t fd, void *data, size_t room, uint64_t offset) {
  struct iovec iovec = {data, room};
  size = 99;
  return wasi_fd_pread(fd, &iovec, 1, offset, &size);
}

static uint32_t pwrite_from(uint32_t fd, const char *text, uint64_t offset) {
  struct iovec iovec = {(void *)text, strlen(text)};
  size = 99;
  return wasi_fd_pwrite(fd, &iovec, 1, offset, &size);
}

static void pread_stays(void) {
  char text[2];
  uint64_t position = 9;
  uint32_t fd = create("f", "abcdef");
  OK(pread_into(fd, text, 2, 3));
  TRUE(size == 2 && memcmp(text, "de", 2) == 0);
  OK(wasi_fd_tell(fd, &position));
  TRUE(position == 0);
}

static void pread_end(void) {
  char text[4];
  uint32_t fd = create("f", "abc");
  OK(pread_into(fd, text, 4, 2));
  TRUE(size == 1 && text[0] == 'c');
  OK(pread_into(fd, text, 4, 3));
  TRUE(size == 0);
  OK(pread_into(fd, text, 4, 1000000));
  TRUE(size == 0);
}

static void pread_bad_offset(void) {
  char byte;
  uint32_t fd = create("f", "abc");
  IS(pread_into(fd, &byte, 1, 1ull << 63), E_INVAL);
  IS(pread_into(fd, &byte, 1, UINT64_MAX), E_INVAL);
}

static void pread_rights(void) {
  char byte;
  uint32_t fd;
  (void)create("f", "abc");
  OK(open_at("f", 0, RIGHT_READ, &fd));
  IS(pread_into(fd, &byte, 1, 0), E_NOTCAPABLE);
}

static void pread_bad(void) {
  char byte;
  uint32_t fd = create("f", "abc");
  IS(pread_into(1000, &byte, 1, 0), E_BADF);
  IS(pread_into(fd, memory_end(), 1, 0), E_FAULT);
}

static void pwrite_stays(void) {
  uint64_t position = 9;
  uint32_t fd = create("f", "abcdef");
  OK(pwrite_from(fd, "XY", 2));
  TRUE(size == 2 && holds(fd, "abXYef"));
  OK(wasi_fd_tell(fd, &position));
  TRUE(position == 0);
}

static void pwrite_extends(void) {
  struct filestat stat;
  uint32_t fd = create("f", "");
  OK(pwrite_from(fd, "x", 4095));
  OK(wasi_fd_filestat_get(fd, &stat));
  TRUE(stat.size == 4096);
}

// POSIX: an offset that is given counts, whether or not the file appends.
static void pwrite_appending(void) {
  uint32_t fd = create("f", "abcdef");
  OK(wasi_fd_fdstat_set_flags(fd, FD_APPEND));
  OK(pwrite_from(fd, "XY", 2));
  TRUE(size == 2 && holds(fd, "abXYef"));
  OK(write_from(fd, "g"));
  TRUE(holds(fd, "abXYefg"));
}

static void pwrite_rights(void) {
  uint32_t fd;
  (void)create("f", "abc");
  OK(open_at("f", 0, RIGHT_WRITE, &fd));
  IS(pwrite_from(fd, "x", 0), E_NOTCAPABLE);
  OK(open_at("f", 0, RIGHT_READ | RIGHT_SEEK, &fd));
  IS(pwrite_from(fd, "x", 0), E_NOTCAPABLE);
}

static void pwrite_bad(void) {
  uint32_t fd = create("f", "");
  struct iovec iovec = {memory_end() - 1, 2};
  IS(pwrite_from(1000, "x", 0), E_BADF);
  IS(pwrite_from(fd, "x", UINT64_MAX), E_INVAL);
  IS(wasi_fd_pwrite(fd, &iovec, 1, 0, &size), E_FAULT);
}

const struct test tests_io[] = {
    {"fd_read", "moves the offset", read_moves},
    {"fd_read", "short before the end, 0 at it", read_short_and_end},
    {"fd_read", "scatters over several buffers, empty ones too", read_scatters},
    {"fd_read", "no buffers, or an empty one at the memory's end", read_nothing},
    {"fd_read", "thousands of buffers, some at a time", read_many_vectors},
    {"fd_read", "overlapping buffers, filled in order", read_overlapping},
    {"fd_read", "ENOTCAPABLE without the right", read_without_right},
    {"fd_read", "EISDIR", read_directory},
    {"fd_read", "EBADF", read_bad_fd},
    {"fd_read", "EFAULT past the memory's end, nothing moved", read_bad_pointer},
    {"fd_read", "a buffer that ends with the memory", read_end_of_memory},
    {"fd_write", "moves the offset", write_moves},
    {"fd_write", "gathers from several buffers", write_gathers},
    {"fd_write", "overwrites", write_over},
    {"fd_write", "past the end leaves zeros between", write_past_end},
    {"fd_write", "appends wherever the offset is", write_appends},
    {"fd_write", "ENOTCAPABLE without the right", write_without_right},
    {"fd_write", "EBADF", write_bad_fd},
    {"fd_write", "EFAULT past the memory's end, nothing written", write_bad_pointer},
    {"fd_pread", "leaves the offset", pread_stays},
    {"fd_pread", "short before the end, 0 past it", pread_end},
    {"fd_pread", "EINVAL for offsets past 2^63", pread_bad_offset},
    {"fd_pread", "ENOTCAPABLE without the right to seek", pread_rights},
    {"fd_pread", "EBADF and EFAULT", pread_bad},
    {"fd_pwrite", "leaves the offset", pwrite_stays},
    {"fd_pwrite", "past the end extends", pwrite_extends},
    {"fd_pwrite", "writes where it is told in a file that appends", pwrite_appending},
    {"fd_pwrite", "ENOTCAPABLE without the rights to write and to seek", pwrite_rights},
    {"fd_pwrite", "EBADF, EINVAL and EFAULT", pwrite_bad},
    {NULL, NULL, NULL},
};

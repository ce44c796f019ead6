// perf's jitdump (Linux, tools/perf/Documentation/jitdump-specification.txt): code and lines of
// what was loaded, for `perf record -k mono` and `perf inject --jit`. One file per process.
#include "include/wa_clock.h"
#include "loader/debug.h"
#include "runtime/code/lines.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { MAGIC = 0x4a695444, VERSION = 1, CODE_LOAD = 0, CODE_DEBUG_INFO = 2, NAME_SIZE = 1024 };

struct file_header {
  uint32_t magic;
  uint32_t version;
  uint32_t total_size;
  uint32_t machine;
  uint32_t reserved;
  uint32_t pid;
  uint64_t timestamp;
  uint64_t flags;
};

struct record_header {
  uint32_t id;
  uint32_t total_size;
  uint64_t timestamp;
};

struct load_record {
  struct record_header header;
  uint32_t pid;
  uint32_t tid;
  uint64_t vma;
  uint64_t code_address;
  uint64_t code_size;
  uint64_t code_index;
  // The name, terminated, and the code.
};

struct lines_record {
  struct record_header header;
  uint64_t code_address;
  uint64_t entry_count;
  // The entries.
};

struct line_entry {
  uint64_t address;
  uint32_t line;
  uint32_t discriminator;
  // The file's name, terminated.
};

// Open as long as the process lives: loading goes on.
static struct {
  pthread_mutex_t lock;
  FILE *file;
  pid_t pid;
  uint64_t code_index;
} dump = {.lock = PTHREAD_MUTEX_INITIALIZER};

// ---- The file ----

// perf finds the file by its being mapped executable.
static bool start(int descriptor, uint16_t machine) {
  struct file_header header = {.magic = MAGIC,
                               .version = VERSION,
                               .total_size = sizeof header,
                               .machine = machine,
                               .pid = (uint32_t)getpid(),
                               .timestamp = wa_clock_now()};
  if (write(descriptor, &header, sizeof header) != (ssize_t)sizeof header) {
    return false;
  }
  size_t page = (size_t)sysconf(_SC_PAGESIZE);
  return mmap(NULL, page, PROT_READ | PROT_EXEC, MAP_PRIVATE, descriptor, 0) != MAP_FAILED;
}

static bool open_dump(uint16_t machine, struct wa_error *err) {
  if (dump.file != NULL && dump.pid == getpid()) {
    return true;
  }
  char path[64];
  (void)snprintf(path, sizeof path, "/tmp/jit-%d.dump", (int)getpid());
  (void)unlink(path); // of a process that had this number before
  int descriptor =
      open(path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, S_IRUSR | S_IWUSR);
  if (descriptor < 0 || !start(descriptor, machine) ||
      (dump.file = fdopen(descriptor, "w")) == NULL) {
    int error = errno;
    if (descriptor >= 0) {
      close(descriptor);
    }
    return wa_fail(err, WA_ERROR_SYSTEM, WA_NO_OFFSET, "cannot write %s: %s", path,
                   strerror(error));
  }
  dump.pid = getpid();
  return true;
}

// ---- Records ----

// perf wants the lines before the code. They are of what the artifact was loaded with.
static void write_lines(const struct wa_artifact *artifact, const struct wa_meta_code *row) {
  uint32_t end = row->text_offset + row->size, offset;
  uint32_t first = wa_lines_behind(artifact, row->text_offset);
  struct wa_source_line line;
  struct lines_record record = {
      .header = {.id = CODE_DEBUG_INFO, .total_size = sizeof record, .timestamp = wa_clock_now()},
      .code_address = (uint64_t)(uintptr_t)artifact->code.text + row->text_offset,
  };
  first -= first > 0; // the row that the function begins in
  uint32_t behind = first;
  for (; behind < wa_lines_count(artifact); behind++) {
    bool known = wa_lines_row(artifact, behind, &offset, &line);
    if (offset >= end) {
      break;
    }
    if (known) {
      record.entry_count++;
      record.header.total_size += (uint32_t)sizeof(struct line_entry) + line.path_size + 1;
    }
  }
  if (record.entry_count == 0) {
    return;
  }
  (void)fwrite(&record, sizeof record, 1, dump.file);
  for (uint32_t i = first; i < behind; i++) {
    if (!wa_lines_row(artifact, i, &offset, &line)) {
      continue;
    }
    offset = offset < row->text_offset ? row->text_offset : offset;
    struct line_entry entry = {.address = (uint64_t)(uintptr_t)artifact->code.text + offset,
                               .line = line.line};
    (void)fwrite(&entry, sizeof entry, 1, dump.file);
    (void)fwrite(line.path, 1, line.path_size, dump.file);
    (void)fputc(0, dump.file);
  }
}

static void write_code(const struct wa_code *code, const struct wa_meta_code *row) {
  char name[NAME_SIZE];
  wa_perf_name(code->artifact, row, name, sizeof name);
  size_t name_size = strlen(name) + 1;
  uint64_t address = (uint64_t)(uintptr_t)code->text + row->text_offset;
  struct load_record record = {
      .header = {.id = CODE_LOAD,
                 .total_size = (uint32_t)(sizeof record + name_size + row->size),
                 .timestamp = wa_clock_now()},
      .pid = (uint32_t)getpid(),
      .tid = (uint32_t)syscall(SYS_gettid),
      .vma = address,
      .code_address = address,
      .code_size = row->size,
      .code_index = dump.code_index++,
  };
  (void)fwrite(&record, sizeof record, 1, dump.file);
  (void)fwrite(name, name_size, 1, dump.file);
  (void)fwrite(code->text + row->text_offset, row->size, 1, dump.file);
}

bool wa_jitdump_write(const struct wa_code *code, uint16_t machine, struct wa_error *err) {
  pthread_mutex_lock(&dump.lock);
  bool ok = open_dump(machine, err);
  for (size_t i = 0; ok && i < code->map_count; i++) {
    if (code == &code->artifact->code) {
      write_lines(code->artifact, &code->map[i]);
    }
    write_code(code, &code->map[i]);
  }
  if (ok && (fflush(dump.file) != 0 || ferror(dump.file) != 0)) {
    ok = wa_fail(err, WA_ERROR_SYSTEM, WA_NO_OFFSET, "cannot write /tmp/jit-%d.dump: %s",
                 (int)getpid(), strerror(errno));
  }
  pthread_mutex_unlock(&dump.lock);
  return ok;
}

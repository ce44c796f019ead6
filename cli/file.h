// Files as the command reads and writes them.
#ifndef WA_CLI_FILE_H
#define WA_CLI_FILE_H

#include "include/wa_error.h"

#include <stddef.h>

enum wa_file_kind {
  WA_FILE_MODULE,   // a WebAssembly binary
  WA_FILE_ARTIFACT, // an ELF file
  WA_FILE_OTHER,
};

struct wa_file {
  uint8_t *data; // malloc
  size_t size;
};

// Reads a whole regular file or pipe, at most 1 GiB. The error says what is wrong with the path.
bool wa_file_read(const char *path, struct wa_file *file, struct wa_error *err);
void wa_file_deinit(struct wa_file *file);

// The same from an open descriptor, which stays the caller's.
bool wa_file_read_from(int fd, struct wa_file *file, struct wa_error *err);

// Reads the first bytes of a regular file, as many as there are up to *size, which becomes their
// number, at least 1.
bool wa_file_start(const char *path, uint8_t *start, size_t *size, struct wa_error *err);
// What the first bytes of a file say it is.
enum wa_file_kind wa_file_kind_of(const uint8_t *start, size_t size);
bool wa_file_kind(const char *path, enum wa_file_kind *kind, struct wa_error *err);

// Whether wa_file_write is likely to succeed; asked before minutes go into making the bytes.
bool wa_file_writable(const char *path, struct wa_error *err);
// Replaces `path` in one step: readers see the old file or the whole new one. "-" is stdout.
bool wa_file_write(const char *path, const void *data, size_t size, struct wa_error *err);
// Everything to an open descriptor, from where it stands. False with errno.
bool wa_write_all(int fd, const void *data, size_t size);
// Whether two paths name one existing file.
bool wa_file_same(const char *a, const char *b);

#endif

// Runs a fuzz target on files, and on all files of directories: what libFuzzer does with a corpus,
// without libFuzzer. A file whose name ends in .hex is bytes as hexadecimal digits, with comments
// from '#' to the end of the line.
#include "tests/fuzz/fuzz.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { EXIT_SKIPPED = 77 }; // what ctest takes for "not run"

static const char *current;
static unsigned long runs;

static void fail(const char *what, const char *path) {
  (void)fprintf(stderr, "replay: %s %s\n", what, path);
  exit(2);
}

static uint8_t *read_file(const char *path, size_t *size) {
  FILE *file = fopen(path, "rb");
  if (file == NULL) {
    fail("cannot open", path);
  }
  size_t capacity = 1 << 16;
  uint8_t *bytes = malloc(capacity);
  *size = 0;
  while (bytes != NULL) {
    *size += fread(bytes + *size, 1, capacity - *size, file);
    if (*size < capacity) {
      break;
    }
    bytes = realloc(bytes, capacity *= 2);
  }
  if (bytes == NULL || ferror(file)) {
    fail("cannot read", path);
  }
  (void)fclose(file);
  return bytes;
}

static size_t decode_hex(uint8_t *bytes, size_t size, const char *path) {
  size_t digits = 0;
  bool comment = false;
  for (size_t i = 0; i < size; i++) {
    int c = bytes[i];
    comment = c != '\n' && (comment || c == '#');
    if (comment || isspace(c)) {
      continue;
    }
    if (!isxdigit(c)) {
      fail("not hexadecimal:", path);
    }
    unsigned value = (unsigned)(isdigit(c) ? c - '0' : tolower(c) - 'a' + 10);
    bytes[digits / 2] = (uint8_t)(digits % 2 == 0 ? value << 4 : bytes[digits / 2] | value);
    digits++;
  }
  return digits / 2;
}

static void replay(const char *path) {
  size_t length = strlen(path), size;
  uint8_t *bytes = read_file(path, &size);
  if (length > 4 && strcmp(path + length - 4, ".hex") == 0) {
    size = decode_hex(bytes, size, path);
  }
  // Exactly as large as the input, for the sanitizers to see every byte read behind it.
  uint8_t *exact = malloc(size != 0 ? size : 1);
  if (exact == NULL) {
    fail("out of memory for", path);
  }
  memcpy(exact, bytes, size);
  free(bytes);
  current = path;
  (void)LLVMFuzzerTestOneInput(exact, size);
  runs++;
  free(exact);
}

// What is not there is no input: a corpus may be empty.
static void replay_all(const char *path) {
  struct dirent **names;
  int count = scandir(path, &names, NULL, alphasort);
  if (count < 0) {
    if (errno == ENOTDIR) {
      replay(path);
    } else {
      (void)fprintf(stderr, "replay: no %s\n", path);
    }
    return;
  }
  for (int i = 0; i < count; i++) {
    char *inside = NULL;
    if (names[i]->d_name[0] != '.' && asprintf(&inside, "%s/%s", path, names[i]->d_name) > 0) {
      replay_all(inside);
    }
    free(inside);
    free(names[i]);
  }
  free(names);
}

static void name_input(void) {
  if (current != NULL) {
    (void)fprintf(stderr, "replay: while running %s\n", current);
  }
}

int main(int argc, char **argv) {
  if (argc < 2) {
    (void)fprintf(stderr, "usage: %s FILE-OR-DIRECTORY...\n", argv[0]);
    return 2;
  }
  (void)LLVMFuzzerInitialize(&argc, &argv);
  (void)atexit(name_input);
  for (int i = 1; i < argc; i++) {
    replay_all(argv[i]);
  }
  current = NULL;
  if (runs == 0) {
    printf("SKIPPED: no inputs\n");
  } else {
    printf("%lu inputs\n", runs);
  }
  return runs == 0 ? EXIT_SKIPPED : 0;
}

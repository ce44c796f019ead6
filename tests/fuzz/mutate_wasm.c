// Changes modules without breaking their outer form: a change inside a section, or inside one
// function body, gets new sizes, so that it reaches more than the check of the section's size.
#include "tests/fuzz/fuzz.h"

#include <stdlib.h>
#include <string.h>

enum { HEADER = 8, CODE_SECTION = 10, MAX_PIECES = 256 };

struct piece {
  size_t head, start, end; // its first byte, its contents, what follows
};

static size_t read_u32(const uint8_t *data, size_t size, size_t at, uint32_t *value) {
  *value = 0;
  for (unsigned shift = 0; at < size && shift < 35; shift += 7) {
    uint8_t byte = data[at++];
    *value |= (uint32_t)(byte & 0x7f) << (shift & 31);
    if (byte < 0x80) {
      return at;
    }
  }
  return 0;
}

static size_t write_u32(uint8_t *to, uint32_t value) {
  size_t size = 0;
  do {
    to[size++] = (uint8_t)((value & 0x7f) | (value > 0x7f ? 0x80 : 0));
    value >>= 7;
  } while (value != 0);
  return size;
}

// The pieces that begin with `tag` bytes and a size, from `at` to `end`, as far as they go.
static size_t find_pieces(const uint8_t *data, size_t at, size_t end, size_t tag,
                          struct piece pieces[MAX_PIECES]) {
  size_t count = 0;
  while (at + tag < end && count < MAX_PIECES) {
    uint32_t length;
    size_t start = read_u32(data, end, at + tag, &length);
    if (start == 0 || length > end - start) {
      break;
    }
    pieces[count++] = (struct piece){.head = at, .start = start, .end = start + length};
    at = start + length;
  }
  return count;
}

// Mutates the contents of the last piece of the path, and writes the sizes of all of them anew.
static size_t mutate_at(uint8_t *data, size_t size, size_t max_size, const struct piece *path,
                        const size_t *tags, size_t depth) {
  struct piece inner = path[depth - 1];
  size_t length = inner.end - inner.start;
  // Room for sizes that get longer.
  size_t room = max_size > size + 16 ? max_size - size - 16 : 0;
  uint8_t *contents = malloc(length + room + 32);
  uint8_t *outer = malloc(max_size + length + room + 64);
  if (contents == NULL || outer == NULL) {
    abort();
  }
  memcpy(contents, data + inner.start, length);
  size_t used = LLVMFuzzerMutate(contents, length, length + room);
  for (size_t i = depth; i-- > 0;) {
    // What is around it in the piece further out, or in the file.
    size_t from = i == 0 ? 0 : path[i - 1].start, to = i == 0 ? size : path[i - 1].end;
    size_t at = path[i].head + tags[i] - from;
    memcpy(outer, data + from, at);
    at += write_u32(outer + at, (uint32_t)used);
    memcpy(outer + at, contents, used);
    at += used;
    memcpy(outer + at, data + path[i].end, to - path[i].end);
    used = at + to - path[i].end;
    contents = realloc(contents, used + 1);
    if (contents == NULL) {
      abort();
    }
    memcpy(contents, outer, used);
  }
  if (used > max_size) {
    used = max_size;
  }
  memcpy(data, contents, used);
  free(contents);
  free(outer);
  return used;
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned seed) {
  struct piece sections[MAX_PIECES], bodies[MAX_PIECES];
  size_t count = size > HEADER ? find_pieces(data, HEADER, size, 1, sections) : 0;
  if (count == 0 || seed % 8 == 0) {
    return LLVMFuzzerMutate(data, size, max_size);
  }
  struct piece path[2] = {sections[seed / 8 % count]};
  size_t tags[2] = {1, 0};
  if (seed / 8 % 2 != 0) { // code is where most of the validator is
    for (size_t i = 0; i < count; i++) {
      if (data[sections[i].head] == CODE_SECTION) {
        path[0] = sections[i];
      }
    }
  }
  uint32_t functions;
  size_t first = read_u32(data, path[0].end, path[0].start, &functions);
  size_t depth = 1;
  if (data[path[0].head] == CODE_SECTION && first != 0 && seed / 16 % 8 != 0) {
    size_t found = find_pieces(data, first, path[0].end, 0, bodies);
    if (found != 0) {
      path[1] = bodies[seed / 128 % found];
      depth = 2;
    }
  }
  return mutate_at(data, size, max_size, path, tags, depth);
}

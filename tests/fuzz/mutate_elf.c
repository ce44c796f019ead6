// Changes artifacts in place: a section's bytes, or its header, so that everything else stays where
// it was. Native code is left alone: it does not run, and most of a file is code.
#include "tests/fuzz/fuzz.h"

#include "tests/fuzz/elf_find.h"

#include <string.h>

static uint64_t next(uint64_t *state) {
  *state = *state * 6364136223846793005u + 1442695040888963407u;
  return *state >> 33;
}

// A field of 4 or 8 bytes gets a value near a border.
static void spoil_field(uint8_t *bytes, size_t size, uint64_t *random) {
  static const uint64_t borders[] = {0, 1, 8, 0x7fffffff, 0xffffffff, 0x100000000, UINT64_MAX};
  size_t width = next(random) % 2 != 0 ? 4 : 8;
  if (size < width) {
    return;
  }
  uint8_t *at = bytes + next(random) % ((size - width) / 4 + 1) * 4;
  uint64_t value = 0;
  memcpy(&value, at, width);
  switch (next(random) % 4) {
  case 0:
    value += next(random) % 2 != 0 ? 1 : UINT64_MAX;
    break;
  case 1:
    value += (next(random) % 512 - 256) * 4;
    break;
  case 2:
    value = borders[next(random) % (sizeof borders / sizeof *borders)];
    break;
  default:
    value = next(random) % 64;
    break;
  }
  memcpy(at, &value, width);
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned seed) {
  uint64_t random = seed;
  unsigned count = elf_section_count(data, size);
  if (count < 2 || next(&random) % 16 == 0) {
    return LLVMFuzzerMutate(data, size, max_size);
  }
  if (next(&random) % 16 == 0) { // the section headers
    spoil_field(data + size - count * sizeof(Elf64_Shdr), count * sizeof(Elf64_Shdr), &random);
    return size;
  }
  for (unsigned tries = 0; tries < 8; tries++) {
    Elf64_Shdr header;
    struct elf_part part = elf_section(data, size, 1 + next(&random) % (count - 1), &header);
    if (part.size == 0 || (header.sh_flags & SHF_EXECINSTR) != 0) {
      continue;
    }
    if (next(&random) % 3 == 0) {
      (void)LLVMFuzzerMutate(part.bytes, part.size, part.size);
    } else {
      for (uint64_t i = next(&random) % 3 + 1; i > 0; i--) {
        spoil_field(part.bytes, part.size, &random);
      }
    }
    break;
  }
  return size;
}

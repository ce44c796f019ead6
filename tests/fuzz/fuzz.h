// What a fuzz target defines, and what libFuzzer calls or offers. Without libFuzzer the same target
// is linked with replay.c, which feeds it files.
#ifndef FUZZ_H
#define FUZZ_H

#include <stddef.h>
#include <stdint.h>

// Once, before the first input.
int LLVMFuzzerInitialize(int *argc, char ***argv);
// Aborts when the input shows a fault; 0.
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
// Changes an input in place, to at most `max_size` bytes; the new size. Only under libFuzzer.
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned seed);
// libFuzzer's own mutation.
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max_size);

#endif

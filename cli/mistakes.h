// Files that are not what the command takes, though people give it them: what they are, and what to
// do about it, in a line.
#ifndef WA_CLI_MISTAKES_H
#define WA_CLI_MISTAKES_H

#include "cli/file.h"

// Fails with what a file is that is neither a module nor an ELF file, by its first bytes and its
// name.
bool wa_refuse_start(const char *path, const uint8_t *start, size_t size, struct wa_error *err);
bool wa_refuse_file(const char *path, struct wa_error *err);

// True unless these bytes of a module begin a component.
bool wa_check_layer(const uint8_t *data, size_t size, struct wa_error *err);
// True unless a module is for a linker and not to be run: an object file of a compiler, or a
// library for dynamic linking. Anything that does not decode passes.
bool wa_check_linked(const uint8_t *data, size_t size, struct wa_error *err);

// True unless the ELF file, which could not be loaded with `err`, is none of `wasmaot compile`'s at
// all: then `err` says that instead. Also true when it cannot be read.
bool wa_check_ours(const char *path, struct wa_error *err);

#endif

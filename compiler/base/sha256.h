// SHA-256 (FIPS 180-4). Our own and not a library's, because the command hashes a module before
// every run of it, and this uses the processor's instructions for it (docs/design/command.md has
// the times).
#ifndef WA_COMPILER_BASE_SHA256_H
#define WA_COMPILER_BASE_SHA256_H

#include <stddef.h>
#include <stdint.h>

enum { WA_SHA256_SIZE = 32 };

void wa_sha256(const void *bytes, size_t size, uint8_t digest[WA_SHA256_SIZE]);
// The same without instructions that only some processors have; for tests.
void wa_sha256_portable(const void *bytes, size_t size, uint8_t digest[WA_SHA256_SIZE]);

#endif

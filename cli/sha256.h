// SHA-256 (FIPS 180-4). The command has its own, because it must know a module without the compiler
// library, which is where libmd is.
#ifndef WA_CLI_SHA256_H
#define WA_CLI_SHA256_H

#include <stddef.h>
#include <stdint.h>

enum { WA_SHA256_SIZE = 32 };

void wa_sha256(const void *bytes, size_t size, uint8_t digest[WA_SHA256_SIZE]);
// The same without instructions that only some processors have; for tests.
void wa_sha256_portable(const void *bytes, size_t size, uint8_t digest[WA_SHA256_SIZE]);

#endif

// The guest's memory as one WASI call sees it: the one place where guest pointers are checked.
//
// The size is read once when the call begins. Memories never shrink or move, so what was in range
// stays in range however many threads grow the memory; but its bytes can change at any time, so
// whatever is read to be checked is copied out with these functions first.
#ifndef WA_WASI_GUEST_MEMORY_H
#define WA_WASI_GUEST_MEMORY_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

struct wa_guest {
  uint8_t *base;
  uint64_t size; // bytes; 0 when the module has no memory
};

enum { WA_GUEST_MAX_IOVECS = IOV_MAX };

// The host address of `length` bytes at `address`, or NULL when they are not all in the memory.
uint8_t *wa_guest_at(const struct wa_guest *guest, uint32_t address, uint64_t length);

// Copies; false when out of range.
bool wa_guest_read(const struct wa_guest *guest, uint32_t address, void *to, size_t length);
bool wa_guest_write(const struct wa_guest *guest, uint32_t address, const void *from,
                    size_t length);
bool wa_guest_write_u32(const struct wa_guest *guest, uint32_t address, uint32_t value);
bool wa_guest_write_u64(const struct wa_guest *guest, uint32_t address, uint64_t value);

// Fields of a record that was copied out or is being built; unaligned, little-endian hosts only.
uint16_t wa_field_u16(const uint8_t *at);
uint32_t wa_field_u32(const uint8_t *at);
uint64_t wa_field_u64(const uint8_t *at);
void wa_set_field_u16(uint8_t *at, uint16_t value);
void wa_set_field_u32(uint8_t *at, uint32_t value);
void wa_set_field_u64(uint8_t *at, uint64_t value);

// Copies an iovec array into `vectors` (WA_GUEST_MAX_IOVECS of them), leaving out empty ones.
// What does not fit is left for the guest's next call: every call that takes iovecs may transfer
// less than asked. The number of vectors, or -1 when the array or a buffer is out of range.
int wa_guest_iovecs(const struct wa_guest *guest, uint32_t address, uint32_t count,
                    struct iovec *vectors);

// Copies a path and ends it with NUL. A wasi_errno: EFAULT, EINVAL when it holds a NUL,
// ENAMETOOLONG when it does not fit in PATH_MAX bytes.
int wa_guest_path(const struct wa_guest *guest, uint32_t address, uint32_t length,
                  char path[PATH_MAX]);

#endif

#include "wasi/guest_memory.h"

#include "wasi/witx.h"

#include <string.h>

uint8_t *wa_guest_at(const struct wa_guest *guest, uint32_t address, uint64_t length) {
  if (address > guest->size || length > guest->size - address || guest->base == NULL) {
    return NULL;
  }
  return guest->base + address;
}

bool wa_guest_read(const struct wa_guest *guest, uint32_t address, void *to, size_t length) {
  const uint8_t *from = wa_guest_at(guest, address, length);
  if (from == NULL) {
    return false;
  }
  memcpy(to, from, length);
  return true;
}

bool wa_guest_write(const struct wa_guest *guest, uint32_t address, const void *from,
                    size_t length) {
  uint8_t *to = wa_guest_at(guest, address, length);
  if (to == NULL) {
    return false;
  }
  memcpy(to, from, length);
  return true;
}

bool wa_guest_write_u32(const struct wa_guest *guest, uint32_t address, uint32_t value) {
  return wa_guest_write(guest, address, &value, sizeof value);
}

bool wa_guest_write_u64(const struct wa_guest *guest, uint32_t address, uint64_t value) {
  return wa_guest_write(guest, address, &value, sizeof value);
}

uint16_t wa_field_u16(const uint8_t *at) {
  uint16_t value;
  memcpy(&value, at, sizeof value);
  return value;
}

uint32_t wa_field_u32(const uint8_t *at) {
  uint32_t value;
  memcpy(&value, at, sizeof value);
  return value;
}

uint64_t wa_field_u64(const uint8_t *at) {
  uint64_t value;
  memcpy(&value, at, sizeof value);
  return value;
}

void wa_set_field_u16(uint8_t *at, uint16_t value) {
  memcpy(at, &value, sizeof value);
}

void wa_set_field_u32(uint8_t *at, uint32_t value) {
  memcpy(at, &value, sizeof value);
}

void wa_set_field_u64(uint8_t *at, uint64_t value) {
  memcpy(at, &value, sizeof value);
}

int wa_guest_iovecs(const struct wa_guest *guest, uint32_t address, uint32_t count,
                    struct iovec *vectors) {
  if (wa_guest_at(guest, address, (uint64_t)count * WASI_IOVEC_SIZE) == NULL) {
    return -1;
  }
  int used = 0;
  for (uint32_t i = 0; i < count && used < WA_GUEST_MAX_IOVECS; i++) {
    uint8_t row[WASI_IOVEC_SIZE];
    if (!wa_guest_read(guest, address + i * WASI_IOVEC_SIZE, row, sizeof row)) {
      return -1;
    }
    uint32_t length = wa_field_u32(row + 4);
    uint8_t *buffer = wa_guest_at(guest, wa_field_u32(row), length);
    if (buffer == NULL) {
      return -1;
    }
    if (length > 0) {
      vectors[used++] = (struct iovec){.iov_base = buffer, .iov_len = length};
    }
  }
  return used;
}

int wa_guest_path(const struct wa_guest *guest, uint32_t address, uint32_t length,
                  char path[PATH_MAX]) {
  if (wa_guest_at(guest, address, length) == NULL) {
    return WASI_EFAULT;
  }
  if (length >= PATH_MAX) {
    return WASI_ENAMETOOLONG;
  }
  if (!wa_guest_read(guest, address, path, length)) {
    return WASI_EFAULT;
  }
  path[length] = '\0';
  return memchr(path, '\0', length) != NULL ? WASI_EINVAL : WASI_ESUCCESS;
}

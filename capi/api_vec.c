// Vectors (wasm.h): one set of functions per type of element.
#include "capi/api.h"

#include <stdlib.h>

// calloc, so that elements that are not set are null references and pointers.
static void *allocate(size_t count, size_t size) {
  void *data = count == 0 || count > PTRDIFF_MAX / size ? NULL : calloc(count, size);
  if (count != 0 && data == NULL) {
    (void)wa_api_no_memory();
  }
  return data;
}

#define DEFINE_VEC_BASE(name, element)                                                             \
  void wasm_##name##_vec_new_empty(wasm_##name##_vec_t *out) {                                     \
    *out = (wasm_##name##_vec_t){0, NULL};                                                         \
  }                                                                                                \
  void wasm_##name##_vec_new_uninitialized(wasm_##name##_vec_t *out, size_t size) {                \
    out->data = allocate(size, sizeof(element));                                                   \
    out->size = out->data == NULL ? 0 : size;                                                      \
  }                                                                                                \
  void wasm_##name##_vec_new(wasm_##name##_vec_t *out, size_t size, element const data[]) {        \
    wasm_##name##_vec_new_uninitialized(out, size);                                                \
    if (out->size != 0) {                                                                          \
      memcpy(out->data, data, size * sizeof(element));                                             \
    }                                                                                              \
  }

#define DEFINE_VEC_POINTERS(name)                                                                  \
  DEFINE_VEC_BASE(name, wasm_##name##_t *)                                                         \
  void wasm_##name##_vec_copy(wasm_##name##_vec_t *out, const wasm_##name##_vec_t *from) {         \
    wasm_##name##_vec_new_uninitialized(out, from->size);                                          \
    for (size_t i = 0; i < out->size; i++) {                                                       \
      out->data[i] = from->data[i] == NULL ? NULL : wasm_##name##_copy(from->data[i]);             \
    }                                                                                              \
  }                                                                                                \
  void wasm_##name##_vec_delete(wasm_##name##_vec_t *vec) {                                        \
    if (vec == NULL) {                                                                             \
      return;                                                                                      \
    }                                                                                              \
    for (size_t i = 0; i < vec->size && vec->data != NULL; i++) {                                  \
      wasm_##name##_delete(vec->data[i]);                                                          \
    }                                                                                              \
    free(vec->data);                                                                               \
    wasm_##name##_vec_new_empty(vec);                                                              \
  }

DEFINE_VEC_POINTERS(valtype)
DEFINE_VEC_POINTERS(functype)
DEFINE_VEC_POINTERS(globaltype)
DEFINE_VEC_POINTERS(tabletype)
DEFINE_VEC_POINTERS(memorytype)
DEFINE_VEC_POINTERS(externtype)
DEFINE_VEC_POINTERS(importtype)
DEFINE_VEC_POINTERS(exporttype)
DEFINE_VEC_POINTERS(frame)
DEFINE_VEC_POINTERS(extern)

DEFINE_VEC_BASE(byte, wasm_byte_t)

void wasm_byte_vec_copy(wasm_byte_vec_t *out, const wasm_byte_vec_t *from) {
  wasm_byte_vec_new(out, from->size, from->data);
}

void wasm_byte_vec_delete(wasm_byte_vec_t *vec) {
  if (vec != NULL) {
    free(vec->data);
    wasm_byte_vec_new_empty(vec);
  }
}

// A null reference has a kind, unlike zeroed bytes.
void wasm_val_vec_new_empty(wasm_val_vec_t *out) {
  *out = (wasm_val_vec_t){0, NULL};
}

void wasm_val_vec_new_uninitialized(wasm_val_vec_t *out, size_t size) {
  out->data = allocate(size, sizeof(wasm_val_t));
  out->size = out->data == NULL ? 0 : size;
  for (size_t i = 0; i < out->size; i++) {
    out->data[i] = (wasm_val_t)WASM_INIT_VAL;
  }
}

void wasm_val_vec_new(wasm_val_vec_t *out, size_t size, wasm_val_t const data[]) {
  wasm_val_vec_new_uninitialized(out, size);
  if (out->size != 0) {
    memcpy(out->data, data, size * sizeof(wasm_val_t));
  }
}

void wasm_val_vec_copy(wasm_val_vec_t *out, const wasm_val_vec_t *from) {
  wasm_val_vec_new_uninitialized(out, from->size);
  for (size_t i = 0; i < out->size; i++) {
    wasm_val_copy(&out->data[i], &from->data[i]);
  }
}

void wasm_val_vec_delete(wasm_val_vec_t *vec) {
  if (vec == NULL) {
    return;
  }
  for (size_t i = 0; i < vec->size && vec->data != NULL; i++) {
    wasm_val_delete(&vec->data[i]);
  }
  free(vec->data);
  wasm_val_vec_new_empty(vec);
}

// What clang calls for setjmp and longjmp (-mllvm -wasm-enable-sjlj): a longjmp is an exception
// that carries the buffer and the value; the frame that catches it asks whether the buffer is one
// of its own calls of setjmp, and which.
#include <stddef.h>
#include <stdint.h>

struct buffer {
  void *frame;   // names the activation that called setjmp
  uint32_t call; // which of its calls: never 0
  struct thrown {
    void *buffer;
    int value;
  } thrown;
};

__asm__(".globl __c_longjmp\n"
        ".tagtype __c_longjmp i32\n"
        "__c_longjmp:\n");

enum { TAG_OF_LONGJMP = 1 };

void __wasm_setjmp(struct buffer *buffer, uint32_t call, void *frame) {
  buffer->frame = frame;
  buffer->call = call;
}

uint32_t __wasm_setjmp_test(const struct buffer *buffer, const void *frame) {
  return buffer->frame == frame ? buffer->call : 0;
}

_Noreturn void __wasm_longjmp(struct buffer *buffer, int value) {
  buffer->thrown = (struct thrown){.buffer = buffer, .value = value != 0 ? value : 1};
  __builtin_wasm_throw(TAG_OF_LONGJMP, &buffer->thrown);
}

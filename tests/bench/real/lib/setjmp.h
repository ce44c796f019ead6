// setjmp for a C library that has none: clang's -wasm-enable-sjlj makes calls of what setjmp.c has.
#ifndef REAL_SETJMP_H
#define REAL_SETJMP_H

typedef void *jmp_buf[8];

int setjmp(jmp_buf) __attribute__((returns_twice));
_Noreturn void longjmp(jmp_buf, int);

#endif

// Tells AddressSanitizer when a thread moves between its host stack and its guest stack; nothing
// without that sanitizer.
#ifndef WA_RUNTIME_THREAD_FIBER_H
#define WA_RUNTIME_THREAD_FIBER_H

#include <stddef.h>

#if defined(__SANITIZE_ADDRESS__)
#define WA_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define WA_ASAN 1
#endif
#endif

#ifdef WA_ASAN
void __sanitizer_start_switch_fiber(void **save, const void *bottom, size_t size);
void __sanitizer_finish_switch_fiber(void *saved, const void **bottom, size_t *size);
#define WA_NO_ASAN __attribute__((no_sanitize("address")))
#else
#define WA_NO_ASAN
#endif

#endif

// UTF-8 (the Unicode standard, table 3-7): no overlong form, no surrogate, nothing above U+10FFFF.
#ifndef WA_COMPILER_BASE_UTF8_H
#define WA_COMPILER_BASE_UTF8_H

#include "compiler/base/bytes.h"

// The length of the sequence that `size` bytes, one at least, begin with; 0 when they begin with
// none.
size_t wa_utf8_length(const uint8_t *bytes, size_t size);
bool wa_utf8_valid(struct wa_bytes bytes);

#endif

// What people call a function, from the name that its compiler gave its symbol.
#ifndef WA_COMPILER_DEMANGLE_DEMANGLE_H
#define WA_COMPILER_DEMANGLE_DEMANGLE_H

#include "compiler/base/bytes.h"

// Bytes that hold every result: longer ones are as hard to read as what they come from.
enum { WA_DEMANGLED_SIZE = 2048 };

// Writes the readable name, terminated, for a symbol of Rust (legacy, or v0 of RFC 2603, both
// without hashes) or C++ (Itanium C++ ABI, 5.1). False for any other name, for one that is
// malformed, too long, or of a form that nobody gives functions of programs. Takes time and memory
// that do not depend on what the name says. Thread-safe.
bool wa_demangle(struct wa_bytes name, char to[WA_DEMANGLED_SIZE]);

#endif

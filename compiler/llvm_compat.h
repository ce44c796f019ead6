// Where LLVM's C API differs between versions 16 and later; the only file that asks for the
// version.
#ifndef WA_LLVM_COMPAT_H
#define WA_LLVM_COMPAT_H

#include <llvm-c/Core.h>
#include <llvm/Config/llvm-config.h>

#if LLVM_VERSION_MAJOR < 16
#error "wasmaot needs LLVM 16 or later"
#endif

// clang's swiftcall convention.
#define WA_SWIFT_CALL_CONV 16u

// Arrays of more than 2^32 elements came with 17; wasm's tables never have that many.
#if LLVM_VERSION_MAJOR < 17
#define LLVMArrayType2(type, count) LLVMArrayType(type, (unsigned)(count))
#define LLVMConstArray2(type, values, count) LLVMConstArray(type, values, (unsigned)(count))
#endif

// Since 18 the pass aborts when one round was not enough, unless told that this is no error.
#if LLVM_VERSION_MAJOR < 18
#define WA_INSTCOMBINE "instcombine"
#else
#define WA_INSTCOMBINE "instcombine<no-verify-fixpoint>"
#endif

#endif

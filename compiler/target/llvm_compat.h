// Where LLVM's C API differs between versions 16 and later; the only file that asks for the
// version.
#ifndef WA_COMPILER_TARGET_LLVM_COMPAT_H
#define WA_COMPILER_TARGET_LLVM_COMPAT_H

#include <llvm-c/Core.h>
#include <llvm/Config/llvm-config.h>

#if LLVM_VERSION_MAJOR < 16
#error "wasmaot needs LLVM 16 or later"
#endif

#define WA_C_CALL_CONV 0u
// clang's swiftcall convention.
#define WA_SWIFT_CALL_CONV 16u
// The same with guaranteed tail calls: the callee pops its arguments, and the context register is
// not preserved.
#define WA_SWIFT_TAIL_CALL_CONV 20u

// Before 18 the C API knew only the hint; in this convention LLVM takes it for an order.
#if LLVM_VERSION_MAJOR < 18
#define WA_SET_MUST_TAIL(call) LLVMSetTailCall((call), true)
#define WA_IS_MUST_TAIL(call) false
#else
#define WA_SET_MUST_TAIL(call) LLVMSetTailCallKind((call), LLVMTailCallKindMustTail)
#define WA_IS_MUST_TAIL(call) (LLVMGetTailCallKind(call) == LLVMTailCallKindMustTail)
#endif

// The attribute "probe-stack"="inline-asm" came to the targets one by one.
#define WA_LLVM_PROBES_AARCH64 (LLVM_VERSION_MAJOR >= 18)
#define WA_LLVM_PROBES_RISCV (LLVM_VERSION_MAJOR >= 20)

// Arrays of more than 2^32 elements came with 17; wasm's tables never have that many.
#if LLVM_VERSION_MAJOR < 17
#define LLVMArrayType2(type, count) LLVMArrayType(type, (unsigned)(count))
#define LLVMConstArray2(type, values, count) LLVMConstArray(type, values, (unsigned)(count))
#endif

// Whether a sum is marked not to wrap; 16 does not tell, and then it may be.
#define WA_TELLS_NUW (LLVM_VERSION_MAJOR >= 17)
#if LLVM_VERSION_MAJOR < 17
#define WA_MAY_HAVE_NUW(sum) true
#else
#define WA_MAY_HAVE_NUW(sum) LLVMGetNUW(sum)
#endif

// The C API has flags for address computations since 19.
#if LLVM_VERSION_MAJOR < 19
#define WA_BUILD_GEP_NOWRAP LLVMBuildGEP2
#else
#define WA_BUILD_GEP_NOWRAP(builder, type, pointer, indices, count, name)                          \
  LLVMBuildGEPWithNoWrapFlags((builder), (type), (pointer), (indices), (count), (name),            \
                              LLVMGEPFlagNUSW | LLVMGEPFlagNUW)
#endif

// x86-64 has no instructions for llvm.minimum and llvm.maximum, and before 17 no expansion either.
#define WA_EXPANDS_MINIMUM (LLVM_VERSION_MAJOR >= 17)

// Since 18 the pass aborts when one round was not enough, unless told that this is no error.
#if LLVM_VERSION_MAJOR < 18
#define WA_INSTCOMBINE "instcombine"
#else
#define WA_INSTCOMBINE "instcombine<no-verify-fixpoint>"
#endif

// What finds the loads of no consequence: in 16 instsimplify did not know yet what instcombine
// would find later.
#if LLVM_VERSION_MAJOR < 17
#define WA_INSTSIMPLIFY "instcombine"
#else
#define WA_INSTSIMPLIFY "instsimplify"
#endif

// Whether all of what is frozen is loaded: the code generator of 16 takes a part even so.
#define WA_FREEZE_KEEPS_LOADS (LLVM_VERSION_MAJOR >= 19)

// A cast of the same kind as another; since 18 the API knows that a number is not negative, which
// makes conversions of unsigned ones as cheap as those of signed ones.
#if LLVM_VERSION_MAJOR < 18
#define WA_KEEP_NNEG(cast, like) ((void)(cast), (void)(like))
#else
#define WA_KEEP_NNEG(cast, like) LLVMSetNNeg((cast), LLVMGetNNeg(like))
#endif

// Declaring a variable, and giving it a value: intrinsics became records in 19.
#if LLVM_VERSION_MAJOR < 19
#define WA_INSERT_DECLARE LLVMDIBuilderInsertDeclareAtEnd
#define WA_INSERT_VALUE LLVMDIBuilderInsertDbgValueAtEnd
#define WA_INSERT_VALUE_BEFORE LLVMDIBuilderInsertDbgValueBefore
#else
#define WA_INSERT_VALUE LLVMDIBuilderInsertDbgValueRecordAtEnd
#define WA_INSERT_VALUE_BEFORE LLVMDIBuilderInsertDbgValueRecordBefore
#define WA_INSERT_DECLARE LLVMDIBuilderInsertDeclareRecordAtEnd
#endif

// The API reads records since 22. Those of 19 and 20 can be made calls again, which any version
// reads. 21 has neither: there all loads look lost, and code is slow but right.
#define WA_READS_DEBUG_RECORDS (LLVM_VERSION_MAJOR >= 22)
#define WA_KNOWS_LOST_LOADS (LLVM_VERSION_MAJOR != 21)
#if LLVM_VERSION_MAJOR < 19 || WA_READS_DEBUG_RECORDS
#define WA_MAKE_DEBUG_CALLS(ir) ((void)(ir))
#else
#define WA_MAKE_DEBUG_CALLS(ir) LLVMSetIsNewDbgInfoFormat((ir), false)
#endif

// Whether an `or` says that its operands have no bit in common; older LLVM cannot say so.
#if LLVM_VERSION_MAJOR < 18
#define WA_IS_DISJOINT(instr) ((void)(instr), false)
#else
#define WA_IS_DISJOINT(instr) LLVMGetIsDisjoint(instr)
#endif

#endif

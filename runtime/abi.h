// What compiled code, the artifact and the runtime agree on: the only header that the compiler and
// the runtime share. The same on every 64-bit little-endian host. Any change of a layout, a code or
// a calling rule here raises WA_ABI_VERSION, and every older artifact is then refused.
//
// Calling convention of compiled functions: LLVM's swiftcc with the callee's instance context as a
// leading `swiftself` pointer argument (r13 on x86-64, x20 on AArch64); wasm parameters follow as
// i32, i64, float, double, <16 x i8>, and ptr for references. One result is returned as itself, up
// to WA_MAX_REGISTER_RESULTS as a struct in registers; more than that go to a caller buffer of
// cells, passed as a last ptr argument, and the function returns void. RISC-V has no swiftcc: there
// it is the C convention, the context an ordinary first argument (a0), and what does not fit in two
// registers, v128 among it, goes to the caller buffer.
//
// A module that uses tail calls has its functions in LLVM's swifttailcc instead, arguments as
// above, because only there a call in tail position can take its caller's place whatever the
// arguments are and whatever the callee's context is: the context register belongs to the callee.
// What others call of such a module are wrappers in swiftcc. Function records and import slots
// carry the second entry point for callers that must not grow the stack; where there is none, an
// ordinary call does: such a callee makes no tail calls itself. RISC-V lacks swifttailcc, too:
// such modules are in the C convention there, and only calls whose arguments fit in registers take
// their caller's place.
#ifndef WA_RUNTIME_ABI_H
#define WA_RUNTIME_ABI_H

#include <stdint.h>

#define WA_ABI_VERSION 14u

#define WA_MAX_REGISTER_RESULTS 4u

// ---- Value types ----

// A value type is a uint32_t. Numbers, vectors and nullable references to an abstract heap type are
// the byte of the binary format (core spec 5.3). WA_REF_NON_NULL makes a reference one that is
// never null; with WA_REF_INDEX as its low byte, the bits from WA_REF_SHIFT on are the heap type: a
// type index in a module and its metadata, a canonical type id at run time.
enum wa_valtype {
  WA_I32 = 0x7f,
  WA_I64 = 0x7e,
  WA_F32 = 0x7d,
  WA_F64 = 0x7c,
  WA_V128 = 0x7b,
  WA_FUNCREF = 0x70,
  WA_EXTERNREF = 0x6f,
  WA_EXNREF = 0x69,
  WA_NULLFUNCREF = 0x73, // the null reference alone, of each of the three
  WA_NULLEXTERNREF = 0x72,
  WA_NULLEXNREF = 0x74,
  WA_REF_INDEX = 0x63,
};

#define WA_REF_NON_NULL 0x100u
#define WA_REF_SHIFT 9

static inline uint32_t wa_heap_type(uint32_t type) {
  return type & ~WA_REF_NON_NULL;
}

static inline _Bool wa_type_has_index(uint32_t type) {
  return (type & 0xff) == WA_REF_INDEX;
}

static inline uint32_t wa_type_index(uint32_t type) {
  return type >> WA_REF_SHIFT;
}

static inline uint32_t wa_type_with_index(uint32_t type, uint32_t index) {
  return (type & (WA_REF_NON_NULL | 0xff)) | index << WA_REF_SHIFT;
}

// A reference to functions: a struct wa_func_ref. Every heap type with an index is one.
static inline _Bool wa_type_is_func(uint32_t type) {
  uint32_t low = type & 0xff;
  return low == WA_FUNCREF || low == WA_NULLFUNCREF || low == WA_REF_INDEX;
}

static inline _Bool wa_type_is_extern(uint32_t type) {
  return (type & 0xff) == WA_EXTERNREF || (type & 0xff) == WA_NULLEXTERNREF;
}

static inline _Bool wa_type_is_exn(uint32_t type) {
  return (type & 0xff) == WA_EXNREF || (type & 0xff) == WA_NULLEXNREF;
}

static inline _Bool wa_type_is_ref(uint32_t type) {
  return wa_type_is_func(type) || wa_type_is_extern(type) || wa_type_is_exn(type);
}

enum wa_extern_kind {
  WA_EXTERN_FUNC = 0,
  WA_EXTERN_TABLE = 1,
  WA_EXTERN_MEMORY = 2,
  WA_EXTERN_GLOBAL = 3,
  WA_EXTERN_TAG = 4,
  WA_EXTERN_KIND_COUNT
};

// ---- Traps ----

// The immediate of llvm.ubsantrap, or the code the runtime derives from a fault. On a function of
// another type than call_indirect expects, the instruction says instead what the types are:
//
//                     any table: F is the register with the      read-only table: F has the
//                     function's function's record, E with the type's id    type index + 1 (0:
//                     null), E or N the type's
//   x86-64            ud1q E, F                                  ud1l N(%rax), F
//   AArch64           brk 0x5701; cmp F, E                       brk 0x5700; cmp F, E
//   RISC-V            csrrw E, cycle, F                          csrrw E, time, F
enum wa_trap_code {
  WA_TRAP_NONE = 0,
  WA_TRAP_UNREACHABLE = 1,
  WA_TRAP_MEMORY_OUT_OF_BOUNDS = 2,
  WA_TRAP_TABLE_OUT_OF_BOUNDS = 3,   // table.get/set/grow/fill/copy/init outside the table
  WA_TRAP_UNDEFINED_ELEMENT = 4,     // call_indirect past the end of the table
  WA_TRAP_UNINITIALIZED_ELEMENT = 5, // call_indirect on a null entry
  WA_TRAP_INDIRECT_CALL_TYPE = 6,    // call_indirect on a function of another type
  WA_TRAP_INTEGER_DIVIDE_BY_ZERO = 7,
  WA_TRAP_INTEGER_OVERFLOW = 8,
  WA_TRAP_INVALID_CONVERSION = 9, // float to integer of NaN
  WA_TRAP_UNALIGNED_ATOMIC = 10,
  WA_TRAP_EXPECTED_SHARED_MEMORY = 11,
  WA_TRAP_NULL_REFERENCE = 12, // ref.as_non_null
  WA_TRAP_STACK_EXHAUSTED = 13,
  WA_TRAP_HOST = 14,          // a host function failed; its thread's record has the reason
  WA_TRAP_INTERRUPTED = 15,   // another thread, a timeout or the embedder ended this thread
  WA_TRAP_NULL_FUNCTION = 16, // call_ref of null
  // A throw for which there is no landing pad up to the host.
  WA_TRAP_UNCAUGHT_EXCEPTION = 17,
  WA_TRAP_NULL_EXCEPTION = 18, // throw_ref of null
  WA_TRAP_TIMEOUT = 19,        // of a group whose time is up; no instruction raises it
  WA_TRAP_SYSTEM = 20,         // the system refused what starting a run takes; no code ran
  WA_TRAP_CODE_COUNT
};

// ---- Instance context ----

// Compiled code holds one pointer, ctx, that points to the END of the instance context: everything
// is at a negative offset from it. A module whose memory 0 is its own, unshared and of 32-bit
// index, finds the memory's first byte at ctx itself. Words nearest to ctx are the fixed part;
// below them, at the offsets that the artifact's metadata gives, lie the module's own globals,
// import slots, and so on. The fixed part never changes after instantiation: compiled code reads it
// with !invariant.load.
struct wa_context_fixed {
  void *reserved;                     // ctx - 64
  void *table_reserved;               // ctx - 56
  struct wa_memory_view **memories;   // ctx - 48: one per memory of the module
  struct wa_table_view **tables;      // ctx - 40: one per table of the module
  struct wa_func_ref *func_refs;      // ctx - 32: functions whose address can be taken; see wa_meta
  void *instance;                     // ctx - 24: struct wa_instance of the runtime
  const struct wa_builtins *builtins; // ctx - 16
  uint8_t *memory0;                   // ctx - 8: base of memory 0, or NULL
};

#define WA_CONTEXT_FIXED_SIZE 64u
#define WA_CTX_MEMORIES (-48)
#define WA_CTX_TABLES (-40)
#define WA_CTX_FUNC_REFS (-32)
#define WA_CTX_INSTANCE (-24)
#define WA_CTX_BUILTINS (-16)
#define WA_CTX_MEMORY0 (-8)

// What compiled code sees of a memory. `base` never changes; `size` only grows and is read and
// written atomically, because another thread may grow a shared memory at any time.
struct wa_memory_view {
  uint8_t *base;
  uint64_t size;  // bytes; a multiple of the memory's page size
  uint64_t pages; // of its own size: what memory.size returns
};

#define WA_MEMORY_VIEW_BASE 0
#define WA_MEMORY_VIEW_SIZE 8
#define WA_MEMORY_VIEW_PAGES 16

// A function: what funcref values and the entries of funcref tables point to; null is a null
// pointer. It never changes once compiled code can see it, so that whoever has the one pointer has
// code, context and type of the same function, whatever other threads do to the table meanwhile.
struct wa_func_ref {
  const void *code;         // entry point, convention above
  void *context;            // passed as swiftself
  uint64_t type;            // canonical type id, process-wide, from 1
  const void *tail;         // entry point in swifttailcc, or NULL
  struct wa_func_ref *self; // of an imported function the exporter's, else itself
};

#define WA_FUNC_REF_SIZE 40u
#define WA_FUNC_REF_CODE 0
#define WA_FUNC_REF_CONTEXT 8
#define WA_FUNC_REF_TYPE 16
#define WA_FUNC_REF_TAIL 24

// What compiled code sees of a table. Entries are references, 8 bytes each, which are read and
// written atomically and whole: another thread may be in the same instance. `base` never changes;
// `size` only grows and is read and written atomically, too. Whoever sees a new size before the new
// entries sees what was there: null, or a reference of the table's type.
struct wa_table_view {
  void **base;
  uint64_t size; // entries
};

#define WA_TABLE_VIEW_BASE 0
#define WA_TABLE_VIEW_SIZE 8

// An imported function: 32 bytes in the context, at the offset that wa_meta_import.slot gives.
struct wa_import_slot {
  const void *code;
  void *context;
  const void *tail; // entry point in swifttailcc, or NULL
  void *reserved;
};

#define WA_IMPORT_SLOT_SIZE 32u
#define WA_IMPORT_SLOT_CONTEXT 8
#define WA_IMPORT_SLOT_TAIL 16

// The context of a host function: what import_slot.context points to when the import is provided by
// the host. The artifact's exit trampoline (code of such a slot) packs the arguments into cells and
// calls `call(binding, cells)`; when that returns false it raises WA_TRAP_HOST.
struct wa_host_binding {
  _Bool (*call)(struct wa_host_binding *binding, void *cells);
  // The runtime's own fields follow; compiled code does not know them.
};

#define WA_HOST_BINDING_CALL 0

// An exception: what exnref values point to. Its arguments follow as cells.
struct wa_exception {
  const void *tag;      // identity of the tag: what the tag slots of contexts hold
  uint64_t reserved[5]; // the runtime's
};

#define WA_EXCEPTION_TAG 0
#define WA_EXCEPTION_CELLS 48

// An exception on its way, and each catch clause that may rethrow the one it caught, have a hold on
// it: without any it goes. A clause takes over the hold of the exception it catches.
enum wa_exception_fate {
  WA_EXCEPTION_DROP = 0, // one hold less
  WA_EXCEPTION_KEEP = 1, // it has become a value of the guest's: it lives as long as the store
  WA_EXCEPTION_HOLD = 2, // one hold more: it is rethrown
};

// Throwing: compiled code calls exception_throw, which looks through the callers' tables for a
// landing pad and goes on there, with the exception in the first register of LLVM's landingpad.
// When there is none it returns, and compiled code raises WA_TRAP_UNCAUGHT_EXCEPTION. A handler of
// the function that throws is a branch.

// Cells: how arguments and results cross between host and compiled code. Each value takes 8 bytes
// (i32 and f32 the low four of them), v128 takes 16; no padding. Arguments and results start at the
// same address, results overwrite arguments.
//
// Entry trampoline, C convention:  void entry(const void *code, void *context, void *cells)
// Exit trampoline, convention of compiled code, with a struct wa_host_binding as its context.

// ---- Builtins: what compiled code asks of the runtime ----

// Functions in the C convention. None of them but exception_throw unwinds, and no C function is
// left by it: what must trap returns a nonzero wa_trap_code and compiled code raises it, so the
// trapping pc is always in compiled code. Indexes and lengths are as on the operand stack,
// zero-extended. Every entry is 8 bytes; order is ABI.
struct wa_builtins {
  // memory.grow (4.4.7): old size in pages, -1, or WA_GROW_ENDED (raise WA_TRAP_INTERRUPTED).
  int64_t (*memory_grow)(void *ctx, uint32_t memory, uint64_t delta);
  uint32_t (*memory_copy)(void *ctx, uint32_t dst_memory, uint32_t src_memory, uint64_t dst,
                          uint64_t src, uint64_t length);
  uint32_t (*memory_fill)(void *ctx, uint32_t memory, uint64_t dst, uint32_t value,
                          uint64_t length);
  uint32_t (*memory_init)(void *ctx, uint32_t memory, uint32_t segment, uint64_t dst, uint32_t src,
                          uint32_t length);
  void (*data_drop)(void *ctx, uint32_t segment);
  // Old size, or as memory_grow.
  int64_t (*table_grow)(void *ctx, uint32_t table, void *value, uint64_t delta);
  uint32_t (*table_fill)(void *ctx, uint32_t table, uint64_t dst, void *value, uint64_t length);
  uint32_t (*table_copy)(void *ctx, uint32_t dst_table, uint32_t src_table, uint64_t dst,
                         uint64_t src, uint64_t length);
  uint32_t (*table_init)(void *ctx, uint32_t table, uint32_t segment, uint64_t dst, uint32_t src,
                         uint32_t length);
  void (*elem_drop)(void *ctx, uint32_t segment);
  // Atomic operations; `address` is the effective address (index + offset, no wrap), already
  // checked for alignment and bounds by compiled code, `timeout` in nanoseconds, negative for none.
  // wait: 0 woken, 1 not equal, 2 timed out. A nonnegative result is the instruction's; -1 means
  // the thread is to end (raise WA_TRAP_INTERRUPTED).
  int32_t (*atomic_wait32)(void *ctx, uint32_t memory, uint64_t address, uint32_t expected,
                           int64_t timeout);
  int32_t (*atomic_wait64)(void *ctx, uint32_t memory, uint64_t address, uint64_t expected,
                           int64_t timeout);
  // memory.atomic.notify: how many were woken, or as wait.
  int32_t (*atomic_notify)(void *ctx, uint32_t memory, uint64_t address, uint32_t count);
  // Whether the function type `type` is declared as a subtype of `supertype`, or is the same:
  // canonical ids. Compiled code has seen that they differ and that neither is 0.
  uint32_t (*type_matches)(void *ctx, uint64_t type, uint64_t supertype);
  // An exception of a tag with room for so many bytes of cells, or NULL (raise WA_TRAP_HOST).
  void *(*exception_new)(void *ctx, const void *tag, uint64_t bytes);
  // Goes on at a landing pad; returns when there is none (raise WA_TRAP_UNCAUGHT_EXCEPTION).
  void (*exception_throw)(void *ctx, void *exception);
  // What becomes of an exception: an enum wa_exception_fate.
  void (*exception_settle)(void *ctx, void *exception, uint32_t fate);
};

// The thread is to end: a loop that only grows by nothing spends hardly any time in compiled code,
// where a signal could end it.
#define WA_GROW_ENDED (-2)

enum wa_builtin {
  WA_BUILTIN_MEMORY_GROW,
  WA_BUILTIN_MEMORY_COPY,
  WA_BUILTIN_MEMORY_FILL,
  WA_BUILTIN_MEMORY_INIT,
  WA_BUILTIN_DATA_DROP,
  WA_BUILTIN_TABLE_GROW,
  WA_BUILTIN_TABLE_FILL,
  WA_BUILTIN_TABLE_COPY,
  WA_BUILTIN_TABLE_INIT,
  WA_BUILTIN_ELEM_DROP,
  WA_BUILTIN_ATOMIC_WAIT32,
  WA_BUILTIN_ATOMIC_WAIT64,
  WA_BUILTIN_ATOMIC_NOTIFY,
  WA_BUILTIN_TYPE_MATCHES,
  WA_BUILTIN_EXCEPTION_NEW,
  WA_BUILTIN_EXCEPTION_THROW,
  WA_BUILTIN_EXCEPTION_SETTLE,
  WA_BUILTIN_COUNT
};

// Compiled code touches this many bytes below its stack pointer before it calls a builtin or a host
// function: a thread that has less left traps in compiled code, never in the host's. The guard
// below every guest stack is at least WA_STACK_GUARD_SIZE, so the touch cannot jump over it.
#define WA_STACK_PROBE_BUILTIN 16384u
#define WA_STACK_PROBE_HOST 131072u
#define WA_STACK_GUARD_SIZE 262144u

// Up to this many bytes compiled code calls memmove and memset of the C library itself. While it is
// there a thread cannot be stopped.
#define WA_BULK_SMALL 256u

// ---- Memories ----

#define WA_PAGE_SIZE 65536u
// Log2 of the page sizes there are: the usual one, and a byte. Guard pages cannot bound a memory of
// single bytes: code checks the last byte of every access to one.
#define WA_PAGE_LOG2 16u
#define WA_BYTE_PAGE_LOG2 0u
// What code without bounds checks may reach: 32-bit index + 32-bit offset + the widest access.
#define WA_MEMORY32_RESERVATION ((uint64_t)1 << 33)
#define WA_MEMORY32_GUARD 65536u
// Code that checks addresses of 64-bit index compares the first byte's with the size, and leaves
// the rest of the access, and offsets below this, to the guard, which is as wide as above.
#define WA_MEMORY64_UNCHECKED_OFFSET 32768u
// What validation allows.
#define WA_MEMORY32_PAGES ((uint64_t)1 << 16)
// What a memory of 32-bit index can grow to when it was not made with all 2^16 pages. Code relies
// on it: an address a little above one that was accessed does not wrap to zero.
#define WA_MEMORY32_MAX_GROWN_PAGES (WA_MEMORY32_PAGES - 1)
#define WA_MEMORY64_PAGES ((uint64_t)1 << 48)

// The most pages that a memory type may name.
static inline uint64_t wa_memory_page_range(_Bool index64, uint32_t page_log2) {
  if (page_log2 == WA_BYTE_PAGE_LOG2) {
    return index64 ? UINT64_MAX : UINT32_MAX;
  }
  return index64 ? WA_MEMORY64_PAGES : WA_MEMORY32_PAGES;
}

// ---- The artifact: ELF ET_REL, these sections ----

#define WA_SECTION_TEXT ".text"
#define WA_SECTION_MODULE ".wasmaot.module" // struct wa_meta
#define WA_SECTION_DATA ".wasmaot.data"     // bytes of the data segments
#define WA_SECTION_UNWIND ".wasmaot.unwind" // struct wa_unwind_entry[], sorted by text_offset
// With -g, beside the standard .debug_* sections:
#define WA_SECTION_LINES ".wasmaot.lines"   // struct wa_lines
#define WA_SECTION_LOCALS ".wasmaot.locals" // struct wa_locals
// 8 bytes in which a debugger looks for the address of memory 0; the loader's copy for it has them.
#define WA_SECTION_BASE ".wasmaot.base"
#define WA_SECTION_NOTE ".note.wasmaot" // ELF note, name "wasmaot", descriptor struct wa_note
#define WA_NOTE_NAME "wasmaot"
#define WA_NOTE_TYPE 1u

// wa_note.cpu_features on x86-64. What the compiler was allowed to use, not what it used.
#define WA_X86_SSE3 (1ull << 0)
#define WA_X86_SSSE3 (1ull << 1)
#define WA_X86_SSE41 (1ull << 2)
#define WA_X86_SSE42 (1ull << 3)
#define WA_X86_POPCNT (1ull << 4)
#define WA_X86_AVX (1ull << 5)
#define WA_X86_AVX2 (1ull << 6)
#define WA_X86_BMI (1ull << 7)
#define WA_X86_BMI2 (1ull << 8)
#define WA_X86_FMA (1ull << 9)
#define WA_X86_LZCNT (1ull << 10)
#define WA_X86_MOVBE (1ull << 11)
#define WA_X86_F16C (1ull << 12)
#define WA_X86_ADX (1ull << 13)
#define WA_X86_AES (1ull << 14)
#define WA_X86_PCLMUL (1ull << 15)
#define WA_X86_SHA (1ull << 16)
#define WA_X86_CX16 (1ull << 17)
#define WA_X86_VAES (1ull << 18)
#define WA_X86_VPCLMULQDQ (1ull << 19)
#define WA_X86_AVX512F (1ull << 20)
#define WA_X86_AVX512BW (1ull << 21)
#define WA_X86_AVX512CD (1ull << 22)
#define WA_X86_AVX512DQ (1ull << 23)
#define WA_X86_AVX512VL (1ull << 24)
#define WA_X86_AVX512VBMI (1ull << 25)
#define WA_X86_AVX512VBMI2 (1ull << 26)
#define WA_X86_AVX512VNNI (1ull << 27)
#define WA_X86_AVX512BITALG (1ull << 28)
#define WA_X86_AVX512VPOPCNTDQ (1ull << 29)
#define WA_X86_AVX512IFMA (1ull << 30)
#define WA_X86_GFNI (1ull << 31)
#define WA_X86_AVX512BF16 (1ull << 32)
#define WA_X86_AVX512FP16 (1ull << 33)
#define WA_X86_AVXVNNI (1ull << 34)
#define WA_X86_AVXIFMA (1ull << 35)
// A feature outside this list that the compiler was given: no host can be checked for it.
#define WA_X86_OTHER (1ull << 63)

// wa_note.cpu_features on AArch64.
#define WA_ARM64_CRC (1ull << 0)
#define WA_ARM64_LSE (1ull << 1)
#define WA_ARM64_RDM (1ull << 2)
#define WA_ARM64_AES (1ull << 3)
#define WA_ARM64_SHA2 (1ull << 4)
#define WA_ARM64_FP16 (1ull << 5)
#define WA_ARM64_DOTPROD (1ull << 6)
#define WA_ARM64_RCPC (1ull << 7)
#define WA_ARM64_RCPC_IMMO (1ull << 8)
#define WA_ARM64_COMPLXNUM (1ull << 9)
#define WA_ARM64_JSCONV (1ull << 10)
#define WA_ARM64_FP16FML (1ull << 11)
#define WA_ARM64_SHA3 (1ull << 12)
#define WA_ARM64_FLAGM (1ull << 13)
#define WA_ARM64_ALTNZCV (1ull << 14)
#define WA_ARM64_FPTOINT (1ull << 15)
#define WA_ARM64_LSE2 (1ull << 16)
#define WA_ARM64_SB (1ull << 17)
#define WA_ARM64_I8MM (1ull << 18)
#define WA_ARM64_BF16 (1ull << 19)

// wa_note.cpu_features on RISC-V, beyond RV64GC.
#define WA_RISCV_ZBA (1ull << 0)
#define WA_RISCV_ZBB (1ull << 1)
#define WA_RISCV_ZBS (1ull << 2)
#define WA_RISCV_ZICOND (1ull << 3)
#define WA_RISCV_ZFA (1ull << 4)
#define WA_RISCV_ZBC (1ull << 5)
#define WA_RISCV_ZBKB (1ull << 6)
#define WA_RISCV_ZACAS (1ull << 7)

// wa_note.wasm_features
#define WA_FEATURE_MUTABLE_GLOBALS (1ull << 0)
#define WA_FEATURE_SIGN_EXTENSION (1ull << 1)
#define WA_FEATURE_SATURATING_FLOAT_TO_INT (1ull << 2)
#define WA_FEATURE_MULTI_VALUE (1ull << 3)
#define WA_FEATURE_BULK_MEMORY (1ull << 4)
#define WA_FEATURE_REFERENCE_TYPES (1ull << 5)
#define WA_FEATURE_SIMD (1ull << 6)
#define WA_FEATURE_THREADS (1ull << 7)
#define WA_FEATURE_EXTENDED_CONST (1ull << 8)
#define WA_FEATURE_RELAXED_SIMD (1ull << 9)
#define WA_FEATURE_MULTI_MEMORY (1ull << 10)
#define WA_FEATURE_MEMORY64 (1ull << 11)
#define WA_FEATURE_TAIL_CALL (1ull << 12)
#define WA_FEATURE_FUNCTION_REFERENCES (1ull << 13)
#define WA_FEATURE_EXCEPTION_HANDLING (1ull << 14)
#define WA_FEATURE_WIDE_ARITHMETIC (1ull << 15)
#define WA_FEATURE_LEGACY_EXCEPTIONS (1ull << 16)
#define WA_FEATURE_CUSTOM_PAGE_SIZES (1ull << 17)
// Branch hints are advice, which changes no meaning: no note records them.
#define WA_FEATURE_BRANCH_HINTING (1ull << 18)
#define WA_FEATURE_COMPACT_IMPORTS (1ull << 19)
#define WA_FEATURE_RELAXED_ATOMICS (1ull << 20)
#define WA_FEATURE_COUNT 21
#define WA_FEATURES_ALL ((1ull << WA_FEATURE_COUNT) - 1)
// What the proposals are called everywhere, in the order of the bits.
#define WA_FEATURE_NAMES                                                                           \
  "mutable-globals", "sign-extension", "saturating-float-to-int", "multi-value", "bulk-memory",    \
      "reference-types", "simd", "threads", "extended-const", "relaxed-simd", "multi-memory",      \
      "memory64", "tail-call", "function-references", "exceptions", "wide-arithmetic",             \
      "legacy-exceptions", "custom-page-sizes", "branch-hinting", "compact-imports",               \
      "relaxed-atomics"
// A module that uses one of these may have landing pads.
#define WA_FEATURES_THROWING (WA_FEATURE_EXCEPTION_HANDLING | WA_FEATURE_LEGACY_EXCEPTIONS)

// wa_note.reliance: what the code takes for granted of its runtime.
#define WA_RELIES_ON_GUARD_PAGES                                                                   \
  (1u << 0) // no bounds checks: memory_reservation and guard are needed
#define WA_RELIES_ON_TRAP_SIGNALS (1u << 1) // traps are instructions that fault
#define WA_RELIES_ON_STACK_PROBES (1u << 2) // stack exhaustion is found by touching the guard
#define WA_RELIES_ON_SHARED_MEMORY (1u << 3)

struct wa_note {
  uint32_t abi_version;
  uint32_t reliance;
  uint64_t cpu_features;
  uint64_t wasm_features;
  uint64_t memory_reservation; // bytes
  uint64_t memory_guard;       // bytes
  uint32_t stack_guard;        // bytes
  uint32_t optimization;       // -O level
  char wasmaot_version[16];    // NUL-padded, always NUL-terminated, as are the next three
  char llvm_version[16];
  char target_triple[48];
  char target_cpu[32];
  uint8_t source_sha256[32];
};

// One row per function with unwind information, sorted, for a binary search by pc.
struct wa_unwind_entry {
  uint32_t text_offset;
  uint32_t fde_offset; // of the function's FDE in .eh_frame
  uint32_t lsda;       // text offset of its call-site table (Itanium C++ ABI, LSDA), or WA_NONE
};

// ---- .wasmaot.lines: what line of the source an instruction comes from ----

// Followed by the rows, the files, the inlined calls, and the names of files and functions.
struct wa_lines {
  uint32_t row_count;
  uint32_t file_count;
  uint32_t string_size; // bytes
  uint32_t inline_count;
};

// From text_offset up to the next row's; sorted.
struct wa_lines_row {
  uint32_t text_offset;
  uint32_t file; // index, or WA_NONE
  uint32_t line;
};

struct wa_lines_file {
  uint32_t path; // offset in the names, which are not terminated
  uint32_t path_size;
};

// Code of a function that the module's compiler had inlined, from text offset `start` up to `end`,
// and where it is called. Of those that hold a place the later ones are in the earlier ones.
struct wa_lines_inline {
  uint32_t start, end;
  uint32_t name; // offset in the names
  uint32_t name_size;
  uint32_t file; // of the call: index, or WA_NONE
  uint32_t line;
};

// ---- .wasmaot.locals: where functions keep their wasm locals ----

// Followed by the functions, sorted, and the places. -g only.
struct wa_locals {
  uint32_t function_count;
  uint32_t place_count;
};

struct wa_locals_function {
  uint32_t function;
  uint32_t local_count;
  uint32_t first_place, place_count;
};

// As core dumps spell them.
enum wa_local_type {
  WA_LOCAL_UNKNOWN = 0,
  WA_LOCAL_F64 = 0x7c,
  WA_LOCAL_F32 = 0x7d,
  WA_LOCAL_I64 = 0x7e,
  WA_LOCAL_I32 = 0x7f
};

enum wa_local_base { WA_BASE_NONE = 0, WA_BASE_REGISTER = 1, WA_BASE_FRAME = 2 };

// From text offset `start` up to `end` the local is base + value, or at that address.
struct wa_locals_place {
  uint32_t start, end;
  uint32_t local;
  uint8_t type;       // enum wa_local_type
  uint8_t base;       // enum wa_local_base; WA_BASE_FRAME: the canonical frame address
  uint8_t reg;        // DWARF number
  uint8_t in_memory;  // of the stack
  uint32_t preserved; // 0: calls need not preserve the register
  uint32_t reserved;
  int64_t value;
};

// ---- .wasmaot.module ----

// Offsets are bytes from the start of the section. A span is `count` rows starting there, rows
// aligned to 8.
struct wa_span {
  uint32_t offset;
  uint32_t count;
};

#define WA_META_MAGIC 0x444d4157u // "WAMD"
#define WA_NONE UINT32_MAX

struct wa_meta {
  uint32_t magic;
  uint32_t size;         // bytes of the section
  uint32_t context_size; // bytes below ctx, fixed part included; a multiple of 16
  uint32_t flags;        // WA_META_*
  uint32_t start;        // function index of the start function, or WA_NONE
  uint32_t func_ref_count;
  struct wa_span types;    // struct wa_meta_type: the module's type section
  struct wa_span valtypes; // uint32_t, value types: parameters then results of each type
  struct wa_span imports;  // struct wa_meta_import, in order
  struct wa_span funcs;    // struct wa_meta_func: index space of functions, imports first
  struct wa_span tables;   // struct wa_meta_table: index space, imports first
  struct wa_span memories; // struct wa_meta_memory: index space, imports first
  struct wa_span globals;  // struct wa_meta_global: index space, imports first
  struct wa_span tags;     // struct wa_meta_tag: index space, imports first
  struct wa_span exports;  // struct wa_meta_export
  struct wa_span elems;    // struct wa_meta_elem
  struct wa_span
      elem_exprs;          // struct wa_meta_expr: entries of the elem segments, one after the other
  struct wa_span expr_ops; // struct wa_meta_expr: rows of the sequences
  struct wa_span datas;    // struct wa_meta_data
  struct wa_span code_map; // struct wa_meta_code: compiled functions and trampolines by text offset
  struct wa_span strings;  // uint8_t: names, not terminated
  struct wa_meta_string {
    uint32_t offset; // from the start of the strings span
    uint32_t length; // bytes
  } module_name;
  // The global offset table: its text offset, or WA_NONE. It goes to the end of the text, on pages
  // of its own, which the loader writes to and which are never executable; it writes to no others.
  // Addresses of 8 bytes each: first of all functions or of none, imports' unused, then of the
  // functions of the C library that .rela.text names. Those of functions are filled with where the
  // code map says that they are; whoever calls one goes through a stub, which jumps to the address,
  // so that the code of another artifact of the module can take its place.
  uint32_t got;
  uint32_t got_functions; // how many are of functions
};

// Memory 0 is the module's own, unshared and 32-bit: it must lie at ctx.
#define WA_META_MEMORY0_AT_CTX (1u << 0)
// The module has source lines, and was compiled without -g.
#define WA_META_LEFT_LINES (1u << 1)

struct wa_meta_type {
  uint32_t valtypes; // index of the first parameter in the valtypes span
  uint32_t param_count;
  uint32_t result_count;
  uint32_t entry; // text offset of the entry trampoline
  uint32_t exit;  // text offset of the exit trampoline
  int32_t
      id_offset;  // from ctx: where instantiation writes the uint32_t canonical type id; 0: nowhere
  uint32_t group; // types of its recursion group, in the group's first; 0 in the others
  uint32_t supertype; // type index, lower than its own, or WA_NONE
  uint32_t is_final;
  uint32_t reserved;
};

struct wa_meta_import {
  struct wa_meta_string module;
  struct wa_meta_string name;
  uint32_t kind;  // enum wa_extern_kind
  uint32_t index; // in the index space of that kind
  int32_t slot;   // from ctx: func: struct wa_import_slot; global: see wa_meta_global; else 0
  uint32_t reserved;
};

struct wa_meta_func {
  uint32_t type;              // index in types
  uint32_t text;              // text offset of the function, WA_NONE when imported
  uint32_t func_ref;          // index in ctx->func_refs, or WA_NONE when its address is never taken
  struct wa_meta_string name; // of the name section, else length 0
  uint32_t tail;              // text offset of the entry point in swifttailcc, or WA_NONE
};

// A constant expression. What the compiler can evaluate is evaluated; the rest is one operand, or a
// sequence of rows of the span expr_ops in postfix order, whose operators the last six kinds are.
enum wa_expr_kind {
  WA_EXPR_CONST = 0,      // bits
  WA_EXPR_GLOBAL_GET = 1, // index: a global of the index space
  WA_EXPR_REF_NULL = 2,
  WA_EXPR_REF_FUNC = 3, // index: a function; its func_ref is not WA_NONE
  WA_EXPR_SEQUENCE = 4, // index: of the first row in expr_ops; bits[0]: number of rows
  WA_EXPR_I32_ADD = 5,
  WA_EXPR_I32_SUB = 6,
  WA_EXPR_I32_MUL = 7,
  WA_EXPR_I64_ADD = 8,
  WA_EXPR_I64_SUB = 9,
  WA_EXPR_I64_MUL = 10,
};

// Operands of a sequence at once, at most.
#define WA_EXPR_DEPTH 256u

struct wa_meta_expr {
  uint32_t kind;
  uint32_t index;
  uint64_t bits[2]; // v128 uses both
};

struct wa_meta_table {
  uint32_t flags;           // WA_TABLE_*, WA_LIMITS_*
  uint32_t elem_type;       // enum wa_valtype
  uint64_t min;             // entries
  uint64_t max;             // entries, when WA_LIMITS_HAS_MAX
  struct wa_meta_expr init; // of all entries, when WA_TABLE_HAS_INIT
};

// No instruction or export can change the table: compiled code has its own read-only copy and the
// runtime makes no table for it; ctx->tables has NULL there. Its active segments are already
// applied.
#define WA_TABLE_READ_ONLY (1u << 8)
#define WA_TABLE_HAS_INIT (1u << 9)
#define WA_LIMITS_HAS_MAX (1u << 0)
#define WA_LIMITS_SHARED (1u << 1)
#define WA_LIMITS_INDEX64 (1u << 2)

struct wa_meta_memory {
  uint32_t flags;          // WA_LIMITS_*
  uint32_t page_size_log2; // WA_PAGE_LOG2 or WA_BYTE_PAGE_LOG2
  uint64_t min;            // pages
  uint64_t max;            // pages, when WA_LIMITS_HAS_MAX
};

struct wa_meta_global {
  uint32_t type; // value type
  uint8_t mut;   // 1 when mutable
  uint8_t reserved;
  uint16_t flags; // WA_GLOBAL_*
  int32_t offset; // from ctx: the value's cell (16 bytes for v128), or the pointer to it
  uint32_t reserved2;
  struct wa_meta_expr init; // of own globals
};

// At `offset` is a pointer to the cell of the exporting instance: imported mutable globals.
// Imported immutable globals are copied into the context at instantiation.
#define WA_GLOBAL_BY_POINTER 1u

struct wa_meta_tag {
  uint32_t type; // index in types, of a type without results
  int32_t slot;  // from ctx: where instantiation writes the pointer that is the tag's identity
};

struct wa_meta_export {
  struct wa_meta_string name;
  uint32_t kind;  // enum wa_extern_kind
  uint32_t index; // functions: their func_ref is not WA_NONE
};

enum wa_segment_mode { WA_SEGMENT_ACTIVE = 0, WA_SEGMENT_PASSIVE = 1, WA_SEGMENT_DECLARATIVE = 2 };

struct wa_meta_elem {
  uint32_t mode;  // enum wa_segment_mode
  uint32_t table; // of active segments
  uint32_t first; // index of its first entry in elem_exprs
  uint32_t count;
  uint32_t type; // enum wa_valtype
  uint32_t reserved;
  struct wa_meta_expr offset; // of active segments
};

struct wa_meta_data {
  uint32_t mode;              // enum wa_segment_mode
  uint32_t memory;            // of active segments
  uint64_t first;             // byte offset in .wasmaot.data
  uint64_t length;            // bytes
  struct wa_meta_expr offset; // of active segments
};

enum wa_code_kind { WA_CODE_FUNC = 0, WA_CODE_ENTRY = 1, WA_CODE_EXIT = 2, WA_CODE_SHIM = 3 };

// Sorted by text_offset; what a backtrace looks pcs up in.
struct wa_meta_code {
  uint32_t text_offset;
  uint32_t size;  // bytes
  uint32_t kind;  // enum wa_code_kind
  uint32_t index; // WA_CODE_FUNC and SHIM: function index; else type index
};

#define WA_ASSERT_LAYOUT(type, member, expected)                                                   \
  _Static_assert(__builtin_offsetof(type, member) == (expected), #type "." #member " moved")

_Static_assert(sizeof(void *) == 8, "64-bit hosts only");
_Static_assert(sizeof(struct wa_context_fixed) == WA_CONTEXT_FIXED_SIZE, "context");
WA_ASSERT_LAYOUT(struct wa_context_fixed, memories, (int)WA_CONTEXT_FIXED_SIZE + WA_CTX_MEMORIES);
WA_ASSERT_LAYOUT(struct wa_context_fixed, tables, (int)WA_CONTEXT_FIXED_SIZE + WA_CTX_TABLES);
WA_ASSERT_LAYOUT(struct wa_context_fixed, func_refs, (int)WA_CONTEXT_FIXED_SIZE + WA_CTX_FUNC_REFS);
WA_ASSERT_LAYOUT(struct wa_context_fixed, instance, (int)WA_CONTEXT_FIXED_SIZE + WA_CTX_INSTANCE);
WA_ASSERT_LAYOUT(struct wa_context_fixed, builtins, (int)WA_CONTEXT_FIXED_SIZE + WA_CTX_BUILTINS);
WA_ASSERT_LAYOUT(struct wa_context_fixed, memory0, (int)WA_CONTEXT_FIXED_SIZE + WA_CTX_MEMORY0);
WA_ASSERT_LAYOUT(struct wa_memory_view, base, WA_MEMORY_VIEW_BASE);
WA_ASSERT_LAYOUT(struct wa_memory_view, size, WA_MEMORY_VIEW_SIZE);
WA_ASSERT_LAYOUT(struct wa_memory_view, pages, WA_MEMORY_VIEW_PAGES);
_Static_assert(sizeof(struct wa_func_ref) == WA_FUNC_REF_SIZE, "func_ref");
WA_ASSERT_LAYOUT(struct wa_func_ref, code, WA_FUNC_REF_CODE);
WA_ASSERT_LAYOUT(struct wa_func_ref, context, WA_FUNC_REF_CONTEXT);
WA_ASSERT_LAYOUT(struct wa_func_ref, type, WA_FUNC_REF_TYPE);
WA_ASSERT_LAYOUT(struct wa_func_ref, tail, WA_FUNC_REF_TAIL);
WA_ASSERT_LAYOUT(struct wa_table_view, base, WA_TABLE_VIEW_BASE);
WA_ASSERT_LAYOUT(struct wa_table_view, size, WA_TABLE_VIEW_SIZE);
_Static_assert(sizeof(struct wa_import_slot) == WA_IMPORT_SLOT_SIZE, "import_slot");
WA_ASSERT_LAYOUT(struct wa_import_slot, context, WA_IMPORT_SLOT_CONTEXT);
WA_ASSERT_LAYOUT(struct wa_import_slot, tail, WA_IMPORT_SLOT_TAIL);
WA_ASSERT_LAYOUT(struct wa_host_binding, call, WA_HOST_BINDING_CALL);
_Static_assert(sizeof(struct wa_exception) == WA_EXCEPTION_CELLS, "exception");
_Static_assert(sizeof(struct wa_unwind_entry) == 12, "unwind");
_Static_assert(sizeof(struct wa_lines) == 16 && sizeof(struct wa_lines_row) == 12, "lines");
_Static_assert(sizeof(struct wa_meta_tag) == 8, "tag");
_Static_assert(sizeof(struct wa_builtins) == 8u * WA_BUILTIN_COUNT, "builtins");
_Static_assert(sizeof(struct wa_note) == 48u + 112u + 32u, "note");
_Static_assert(sizeof(struct wa_meta) == 24u + 15u * 8u + 16u, "meta");
_Static_assert(sizeof(struct wa_meta_type) == 40, "type");
_Static_assert(sizeof(struct wa_meta_import) == 32, "import");
_Static_assert(sizeof(struct wa_meta_func) == 24, "func");
_Static_assert(sizeof(struct wa_meta_table) == 48, "table");
_Static_assert(sizeof(struct wa_meta_memory) == 24, "memory");
_Static_assert(sizeof(struct wa_meta_expr) == 24, "expr");
_Static_assert(sizeof(struct wa_meta_global) == 40, "global");
_Static_assert(sizeof(struct wa_meta_export) == 16, "export");
_Static_assert(sizeof(struct wa_meta_elem) == 48, "elem");
_Static_assert(sizeof(struct wa_meta_data) == 48, "data");
_Static_assert(sizeof(struct wa_meta_code) == 16, "code");

#endif

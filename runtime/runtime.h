// The runtime's API, which the command, WASI and the conformance runner are written against:
// stores, instances, memories, tables, globals, functions, imports by name, calls and traps.
//
// Threads: a store may be used by one host thread at a time, except where a function says
// otherwise. Guest threads of one program have an instance each and share memories, artifacts, the
// linker, and the instances that it links them to: docs/threads.md says what holds there.
// Ownership: a store owns every object made in it; all go with wa_store_free.
#ifndef WA_RUNTIME_RUNTIME_H
#define WA_RUNTIME_RUNTIME_H

#include "include/wa_error.h"
#include "runtime/code/artifact.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct wa_store;
struct wa_instance;
struct wa_memory_object;
struct wa_table_object;
struct wa_tag_object;
struct wa_linker;

// One 8-byte cell of an argument or result list; v128 takes two. See "Cells" in abi.h.
union wa_cell {
  int32_t i32;
  uint32_t u32;
  int64_t i64;
  uint64_t u64;
  float f32;
  double f64;
  void *ref; // struct wa_func_ref * or the host's externref; NULL is the null reference
};

// ---- Types ----

struct wa_signature {
  const uint32_t *params; // value types (abi.h), whose indexes are canonical ids
  const uint32_t *results;
  uint32_t param_count;
  uint32_t result_count;
  uint32_t param_cells; // cells that the parameters take
  uint32_t result_cells;
};

// The process-wide canonical id of a function type that is final and has no supertype, from 1; the
// same for equal types. Thread-safe.
// 0 when out of memory.
uint32_t wa_type_intern(const uint32_t *params, uint32_t param_count, const uint32_t *results,
                        uint32_t result_count);
// The signature of an id. Valid for the life of the process. Thread-safe.
const struct wa_signature *wa_type_signature(uint32_t id);

// ---- Traps ----

enum { WA_MAX_FRAMES = 64 };

struct wa_frame {
  uint32_t function; // index in the function index space of its artifact
  uint32_t offset;   // bytes of native code from the function's start
  uint32_t text;     // the same from the start of the artifact's code
  char artifact[64]; // name of the artifact, cut to fit
  char name[160];    // function name, cut to fit; empty when unknown
  char file[96];     // source file, its end when it is longer; empty when unknown
  uint32_t line;     // in the source; 0 when unknown
  bool inlined;      // a part of the next frame's code, which is called from there
  // To be compared with those of instances that are alive, never followed: where the context of
  // the function's instance was (0: unknown), and its artifact.
  uintptr_t context;
  const struct wa_artifact *origin;
  // Of its locals, where those of its thread are kept (runtime/group/threads.h).
  uint32_t first_local, local_count;
};

// How a call ended when it did not return. Plain data: copy it freely.
struct wa_trap {
  enum wa_trap_code code;
  bool exited; // the guest asked to end (proc_exit): not a trap; exit_status is its status
  int exit_status;
  char message[256];       // "integer divide by zero"; a host function's own words for WA_TRAP_HOST
  uint32_t frame_count;    // innermost first; only those kept
  uint32_t frames_dropped; // at least: a runaway recursion is not walked to its end
  struct wa_frame frames[WA_MAX_FRAMES];
};

// The specification's words for a trap code ("out of bounds memory access").
const char *wa_trap_name(enum wa_trap_code code);

// ---- Stores ----

struct wa_store_options {
  // Most pages that all memories of the store may have together; 0: no limit. One memory has 65536
  // at most, or 2^20 with a 64-bit index. Exceptions that are not freed may take as many bytes, but
  // 1 MiB at least and 256 MiB at most; throwing one beyond traps. And so may instances,
  // without their memories and tables: 16 MiB at least and 4 GiB at most.
  uint64_t max_memory_pages;
  // Most entries that all tables of the store may have together; 0: 10,000,000, which is also the
  // most of one table. Tables that nothing can change take no memory and are not counted.
  uint64_t max_table_entries;
  // Bytes of stack for calls that the host makes outside of groups, at least 256 KiB; 0: 8 MiB.
  size_t stack_size;
  // Bytes of it that a host function has left when it is called by a guest, or the call traps; also
  // in groups, whose stacks must be larger. At least 128 KiB, at most 1 GiB; 0: 128 KiB. A
  // `stack_size` that is not 128 KiB larger becomes so.
  size_t host_stack;
  // Whether memories keep to small pages, however large they grow. Else one that has grown by 16
  // MiB asks the kernel for huge ones for all that it grows by: faster, for up to 2 MiB more of
  // resident memory at a time.
  bool no_huge_pages;
};

// NULL when out of memory. `options` may be NULL.
struct wa_store *wa_store_new(const struct wa_store_options *options);
void wa_store_free(struct wa_store *store); // no call may be in progress

// Ends the calls in progress in a store, on whatever threads, and lets none begin until
// wa_store_resume: they end with WA_TRAP_INTERRUPTED. Any thread, any time, as often as you like;
// not in a signal handler. Returns as soon as no other thread has a call of the store in progress,
// true, or after `wait` nanoseconds, false (0: at once, negative: never).
//
// A thread in compiled code leaves it, one parked in a wait or blocked in a WASI function returns;
// one in a host function of yours finishes that (its system calls may return EINTR, and
// wa_group_stopping says why) and ends when it returns. The calling thread's own calls are not
// waited for: they end when the host function at hand returns. Two host functions that interrupt
// their stores mutually, both waiting without limit, wait for ever.
//
// With a `wait` of 0 a thread that is just in a function of the C library may be missed: call again
// until it returns true.
bool wa_store_interrupt(struct wa_store *store, int64_t wait);
// Lets calls begin again. The caller has seen wa_store_interrupt return true, or accepts that calls
// that have not ended by now may go on.
void wa_store_resume(struct wa_store *store);

// ---- Externals ----

struct wa_global_object {
  uint32_t type; // value type
  bool mut;
  union wa_cell *cell; // the live value (two cells for v128)
};

struct wa_extern {
  enum wa_extern_kind kind;
  union {
    struct wa_func_ref *func;
    struct wa_table_object *table;
    struct wa_memory_object *memory;
    struct wa_global_object *global;
    struct wa_tag_object *tag;
  };
};

// Shared memories need a maximum.
struct wa_memory_type {
  uint64_t min_pages;
  uint64_t max_pages; // UINT64_MAX for none
  bool shared;
  bool index64;
  uint32_t page_log2; // WA_PAGE_LOG2 or WA_BYTE_PAGE_LOG2
  bool unguarded;     // only code that checks every access will use it: no guard regions
};

// Of memory `index` of an artifact, imported or its own.
struct wa_memory_type wa_memory_type_of(const struct wa_artifact *artifact, uint32_t index);

// A memory of its own (for the host to provide as an import). NULL with err when address space is
// short or the type is none that validation allows.
struct wa_memory_object *wa_memory_new_typed(struct wa_store *store,
                                             const struct wa_memory_type *type,
                                             struct wa_error *err);
// The same of a 32-bit index and pages of 64 KiB; max_pages is UINT64_MAX for none.
struct wa_memory_object *wa_memory_new(struct wa_store *store, uint64_t min_pages,
                                       uint64_t max_pages, bool shared, struct wa_error *err);
// The same with a 64-bit index.
struct wa_memory_object *wa_memory_new64(struct wa_store *store, uint64_t min_pages,
                                         uint64_t max_pages, bool shared, struct wa_error *err);
uint8_t *wa_memory_base(const struct wa_memory_object *memory); // never changes
uint64_t wa_memory_size(const struct wa_memory_object *memory); // bytes; only grows; any thread
// Pages of its own size: of a module's memory with a custom page size, that.
uint64_t wa_memory_pages(const struct wa_memory_object *memory);
bool wa_memory_is_shared(const struct wa_memory_object *memory);
// Whether it was asked to grow by something and could not.
bool wa_memory_refused(const struct wa_memory_object *memory);
// Old size in pages, or -1. Any thread, any time.
int64_t wa_memory_grow(struct wa_memory_object *memory, uint64_t delta_pages);

struct wa_table_object *wa_table_new(struct wa_store *store, uint32_t elem_type, uint64_t min,
                                     uint64_t max, struct wa_error *err); // max UINT64_MAX: none
// The same with a 64-bit index.
struct wa_table_object *wa_table_new64(struct wa_store *store, uint32_t elem_type, uint64_t min,
                                       uint64_t max, struct wa_error *err);
uint64_t wa_table_size(const struct wa_table_object *table);
uint32_t wa_table_elem_type(const struct wa_table_object *table);
void *wa_table_get(const struct wa_table_object *table, uint64_t index); // index < size
void wa_table_set(struct wa_table_object *table, uint64_t index, void *ref);
int64_t wa_table_grow(struct wa_table_object *table, void *ref, uint64_t delta);

struct wa_global_object *wa_global_new(struct wa_store *store, uint32_t type, bool mut,
                                       const union wa_cell *value, struct wa_error *err);

// Frees what one of the functions above or wa_host_func_new made, before its store goes. The caller
// guarantees that nothing refers to it any more. Not for what an instance exports.
void wa_extern_free(struct wa_store *store, struct wa_extern value);

// ---- Host functions ----

struct wa_host_call {
  void *env;                    // as given to wa_host_func_new
  struct wa_instance *instance; // whose code called; NULL when the host called it directly
};

// Arguments are in cells[0..], results go to cells[0..]. Returns false to trap, after wa_raise or
// wa_raise_exit. May call back into compiled code. May run on any guest thread.
typedef bool wa_host_fn(const struct wa_host_call *call, union wa_cell *cells);

struct wa_func_ref *wa_host_func_new(struct wa_store *store, uint32_t type, wa_host_fn *fn,
                                     void *env, struct wa_error *err);

// Set why this thread's host function fails; both return false. `code` is usually WA_TRAP_HOST.
__attribute__((format(printf, 2, 3))) bool wa_raise(enum wa_trap_code code, const char *format,
                                                    ...);
bool wa_raise_exit(int status);
// Passes on the trap of a nested call.
bool wa_raise_trap(const struct wa_trap *trap);

// ---- Imports by name ----

// Filled before use, then read by any number of threads. Names are copied.
struct wa_linker *wa_linker_new(struct wa_store *store);
void wa_linker_free(struct wa_linker *linker);
// A later definition of the same name replaces the earlier one.
bool wa_linker_define(struct wa_linker *linker, const char *module, size_t module_size,
                      const char *name, size_t name_size, struct wa_extern value,
                      struct wa_error *err);
// A host function in one step; parameter and result types as a signature string "iIfF:i" (v: v128,
// r: funcref, x: externref), as in opcodes.def.
bool wa_linker_define_func(struct wa_linker *linker, const char *module, const char *name,
                           const char *signature, wa_host_fn *fn, void *env, struct wa_error *err);
// Every export of an instance under a module name.
bool wa_linker_define_instance(struct wa_linker *linker, const char *module, size_t module_size,
                               struct wa_instance *instance, struct wa_error *err);
bool wa_linker_get(const struct wa_linker *linker, const char *module, size_t module_size,
                   const char *name, size_t name_size, struct wa_extern *value);
// Imported functions that nobody defined become functions that trap and say their name.
void wa_linker_trap_unknown(struct wa_linker *linker, bool on);

// ---- Instances ----

enum wa_instantiate_result {
  WA_INSTANTIATED,
  WA_INSTANTIATE_FAILED,  // err says why: an import is missing or of another type, no memory
  WA_INSTANTIATE_TRAPPED, // trap says why: an active segment or the start function
};

// Allocates, links, initialises and runs the start function (core spec 4.5.4). On a trap the
// instance stays in the store, because tables and memories of others may refer to its functions.
// Thread-safe when `linker` is not changed meanwhile and the instance's own objects are new: what
// wasi-threads needs.
enum wa_instantiate_result wa_instance_new(struct wa_store *store, struct wa_artifact *artifact,
                                           const struct wa_linker *linker,
                                           struct wa_instance **instance, struct wa_trap *trap,
                                           struct wa_error *err);
// The same with the imports' values in the order of the artifact's imports.
enum wa_instantiate_result wa_instance_new_with(struct wa_store *store,
                                                struct wa_artifact *artifact,
                                                const struct wa_extern *imports,
                                                struct wa_instance **instance, struct wa_trap *trap,
                                                struct wa_error *err);
// Frees one instance early. The caller guarantees that nothing refers to its functions, tables,
// memories or globals any more. Thread-safe.
void wa_instance_free(struct wa_instance *instance);

struct wa_artifact *wa_instance_artifact(const struct wa_instance *instance);
struct wa_store *wa_instance_store(const struct wa_instance *instance);
bool wa_instance_export(struct wa_instance *instance, const char *name, size_t name_size,
                        struct wa_extern *value);
// By place in the artifact's exports, which must exist.
void wa_instance_export_at(struct wa_instance *instance, uint32_t index, struct wa_extern *value);
// By index space; NULL when out of range. Memory 0 is what WASI works on.
struct wa_memory_object *wa_instance_memory(const struct wa_instance *instance, uint32_t index);
// By an index below the artifact's count of globals.
const struct wa_global_object *wa_instance_global(const struct wa_instance *instance,
                                                  uint32_t index);

// ---- Calls ----

// Calls a function with its arguments in cells; results replace them (cells must hold
// max(param_cells, result_cells)). False when it trapped or exited, with *trap filled.
// Nests freely with host functions. Any thread; several may be in an instance at a time.
// wa_store_interrupt ends it from another thread.
bool wa_func_call(struct wa_func_ref *func, union wa_cell *cells, struct wa_trap *trap);
const struct wa_signature *wa_func_signature(const struct wa_func_ref *func);

#endif

// What the standard C API (wasm.h) lacks: messages of errors, configuration, artifacts, linking by
// names, WASI, groups of threads that can be stopped, traps in detail, shared memories, 64-bit
// limits, tags, raw calls. The rules of wasm.h about ownership, handles and threads hold here too.
//
// Functions that return a wasmaot_error_t * return NULL when they succeed; else the caller takes
// the error over, and what they would have written to their `out` parameters is not written.
#ifndef WASMAOT_H
#define WASMAOT_H

#include "wasm.h"

#ifdef __cplusplus
extern "C" {
#endif

#define own

// "0.1.0". Thread-safe, like everything that takes no object.
WASM_API_EXTERN const char *wasmaot_version(void);

// ---- Errors ----

typedef enum wasmaot_error_kind_t {
  WASMAOT_ERROR_NONE,
  WASMAOT_ERROR_MALFORMED,   // the bytes are not a module or an artifact
  WASMAOT_ERROR_INVALID,     // the module decodes but fails validation
  WASMAOT_ERROR_UNSUPPORTED, // valid, but beyond a limit or what this build offers
  WASMAOT_ERROR_UNLINKABLE,  // an import or export is missing or has another type
  WASMAOT_ERROR_REFUSED,     // an artifact for another host, CPU or version
  WASMAOT_ERROR_SYSTEM,      // the operating system said no, or memory is short
  WASMAOT_ERROR_USAGE,       // the arguments make no sense
} wasmaot_error_kind_t;

typedef struct wasmaot_error_t wasmaot_error_t;
WASM_API_EXTERN void wasmaot_error_delete(own wasmaot_error_t *);
WASM_API_EXTERN wasmaot_error_kind_t wasmaot_error_kind(const wasmaot_error_t *);
// One line without a newline; valid as long as the error.
WASM_API_EXTERN const char *wasmaot_error_message(const wasmaot_error_t *);
// Bytes from the start of the module or artifact, or UINT64_MAX when it belongs to no place there.
WASM_API_EXTERN uint64_t wasmaot_error_offset(const wasmaot_error_t *);

// Why the last function of wasm.h or wasmaot.h that failed on this thread did: "" when none did.
// Valid until the next one fails on this thread. Successes leave it as it is.
WASM_API_EXTERN const char *wasmaot_last_error_message(void);
WASM_API_EXTERN wasmaot_error_kind_t wasmaot_last_error_kind(void);

// ---- Configuration ----

// Each copies what it is given and returns false, changing nothing, when that makes no sense. What
// concerns the compiler is checked when it compiles.

// 0 to 3; default 3.
WASM_API_EXTERN bool wasmaot_config_set_optimization(wasm_config_t *, int level);
// A CPU name of LLVM, "native" (default) or "baseline", which every processor of its kind is; then
// features to add or take away: "znver4,+avx2,-fma", or "+avx2" alone.
WASM_API_EXTERN bool wasmaot_config_set_cpu(wasm_config_t *, const char *cpu);
// WebAssembly proposals that modules may use; default all. A list such as "wasm2,threads,-simd": a
// name adds, one with '-' takes away; mvp, wasm2, wasm3 and all are sets to begin with. Modules
// that the engine compiles, validates or deserializes and that use another one are refused.
WASM_API_EXTERN bool wasmaot_config_set_features(wasm_config_t *, const char *features);
// Threads that compile one module; 0 (default): one per processor.
WASM_API_EXTERN bool wasmaot_config_set_jobs(wasm_config_t *, unsigned jobs);
// How the modules that the engine compiles find accesses beyond a memory: false (default): by 8 GiB
// of address space for each memory, of which what lies beyond it is inaccessible; true: by
// comparing each access with the memory's size, which takes time (docs/containers.md) and no more
// address space than the memory may grow to, or half of that and so on where so much is not to be
// had. For many instances, and for processes with little address space. A module of the first kind
// cannot import a memory that one of the second has defined.
WASM_API_EXTERN bool wasmaot_config_set_explicit_memory_checks(wasm_config_t *, bool);
// What compiling one module may take: bytes of memory that the process has resident, more than it
// had before, whoever in it took them, and nanoseconds; 0 (default): any amount. Looked at between
// steps of the compiler, which cannot be interrupted: one can take seconds and hundreds of MiB more
// (docs/limits.md), and with no memory left at all the process is aborted. `wasmaot compile
// --max-compile-memory`, in a process of its own, keeps to its budget. Past it the module is
// refused with WASMAOT_ERROR_SYSTEM, and what compiling had taken is freed.
WASM_API_EXTERN bool wasmaot_config_set_max_compile_memory(wasm_config_t *, uint64_t bytes);
WASM_API_EXTERN bool wasmaot_config_set_max_compile_time(wasm_config_t *, uint64_t nanoseconds);
// Whether what the engine compiles keeps the module's debug information, if it has any: traps name
// source lines, and gdb shows the source; default: false. An artifact that was compiled with it
// (`wasmaot compile -g`) is shown to gdb however it is loaded, which takes a copy of it.
WASM_API_EXTERN bool wasmaot_config_set_debug_info(wasm_config_t *, bool enabled);
// Most bytes that all memories of a store may have together, and each shared memory of the host's
// own by itself, rounded down to pages of 64 KiB; default: no limit but what an index reaches, 64
// GiB with a 64-bit one. The exceptions of a store may take as many bytes, but 1 MiB at least and
// 256 MiB at most (also the default): those that a guest has caught by reference live as long as
// the store. Throwing one beyond that traps.
WASM_API_EXTERN bool wasmaot_config_set_max_memory(wasm_config_t *, uint64_t bytes);
// Most entries that all tables of a store may have together; default: 10,000,000. Tables
// that nothing can change take no memory and are not counted.
WASM_API_EXTERN bool wasmaot_config_set_max_table(wasm_config_t *, uint64_t entries);

// Whether a memory that has grown by 4 MiB or more asks the kernel for huge pages for all that it
// grows by (MADV_HUGEPAGE); default: true. Fewer misses of the TLB, for up to 2 MiB of resident
// memory where a page of 4 KiB was touched.
WASM_API_EXTERN bool wasmaot_config_set_huge_pages(wasm_config_t *, bool enabled);

// Bytes of stack for calls that the host makes outside of groups, at least 256 KiB; default 8 MiB.
// A thread keeps the stack of its first call.
WASM_API_EXTERN bool wasmaot_config_set_stack(wasm_config_t *, size_t bytes);
// Bytes of that stack, 128 KiB (default) to 1 GiB, that a host function of a store has left for its
// frames when a guest calls it: with less it is not called, and the call traps with
// WASMAOT_TRAP_STACK_EXHAUSTED. The other stack becomes 128 KiB larger than that if it is not; one
// of a group does not, and must be. A host function that needs more all the same goes on for up to
// 8 MiB and returns; then its results are dropped and the call traps. What it calls of guests
// meanwhile traps at once. Fails with WASMAOT_ERROR_USAGE, with nothing changed, for other sizes.
WASM_API_EXTERN bool wasmaot_config_set_host_stack(wasm_config_t *, size_t bytes);
// Whether the host's functions run on the stack of the host's call instead of the guest's; default:
// false. For hosts whose runtime knows a thread by its stack: Go, Java, Ruby and others. 128 KiB of
// the thread's own stack must be left there, or it is a trap of code WASMAOT_TRAP_STACK_EXHAUSTED;
// so it is in calls that are made on a coroutine's stack. Threads of groups have one stack for
// both. Such functions may not be left by longjmp.
WASM_API_EXTERN bool wasmaot_config_set_caller_stack(wasm_config_t *, bool enabled);

// ---- Modules and artifacts ----

// Decodes, validates and compiles as the engine is configured. Thread-safe.
WASM_API_EXTERN own wasmaot_error_t *wasmaot_module_new(wasm_engine_t *, const void *binary,
                                                        size_t size, own wasm_module_t **out);
// Decodes and validates only. Thread-safe.
WASM_API_EXTERN own wasmaot_error_t *wasmaot_module_validate(const void *binary, size_t size);
// An artifact of `wasmaot compile`, mapped, so that processes share its code; replace the file by
// rename, never write into it while it is loaded. Its code is trusted. Thread-safe.
WASM_API_EXTERN own wasmaot_error_t *wasmaot_module_load_file(const char *path,
                                                              own wasm_module_t **out);
// The same from bytes, which are copied. `name` is what backtraces call it; NULL: "module".
WASM_API_EXTERN own wasmaot_error_t *wasmaot_module_load(const void *bytes, size_t size,
                                                         const char *name, own wasm_module_t **out);
// Whether wasm_module_new can compile: opens the compiler library (the file that the environment's
// WASMAOT_COMPILER_LIBRARY names, or libwasmaot-compiler.so beside this library or the program).
// Thread-safe.
WASM_API_EXTERN own wasmaot_error_t *wasmaot_compiler_available(void);

// ---- Types beyond wasm.h ----

// Kinds of values that wasm_val_t cannot hold; wasmaot_func_call_cells passes them.
enum wasmaot_valkind_enum {
  WASMAOT_V128 = 4,
  WASMAOT_EXNREF = 130,
};

// Limits with 64 bits: pages or entries; `max` UINT64_MAX: none.
typedef struct wasmaot_limits_t {
  uint64_t min;
  uint64_t max;
  bool index64; // addresses are 64 bits wide (memory64)
  bool shared;  // memories only; needs a maximum (threads)
  bool bytes;   // memories only: pages are of one byte, not of 64 KiB (custom page sizes)
} wasmaot_limits_t;

// NULL when the limits make no sense.
WASM_API_EXTERN own wasm_memorytype_t *wasmaot_memorytype_new(const wasmaot_limits_t *);
WASM_API_EXTERN wasmaot_limits_t wasmaot_memorytype_limits(const wasm_memorytype_t *);
WASM_API_EXTERN own wasm_tabletype_t *wasmaot_tabletype_new(own wasm_valtype_t *,
                                                            const wasmaot_limits_t *);
WASM_API_EXTERN wasmaot_limits_t wasmaot_tabletype_limits(const wasm_tabletype_t *);

// Tags (exception handling): imports and exports that can be passed on, and no more.
enum { WASMAOT_EXTERN_TAG = 4 };
typedef struct wasmaot_tagtype_t wasmaot_tagtype_t;
typedef struct wasmaot_tag_t wasmaot_tag_t;
// NULL when it is of another kind. The same object.
WASM_API_EXTERN const wasmaot_tagtype_t *wasmaot_externtype_as_tagtype(const wasm_externtype_t *);
// Its parameters are what an exception of the tag carries.
WASM_API_EXTERN const wasm_functype_t *wasmaot_tagtype_functype(const wasmaot_tagtype_t *);
WASM_API_EXTERN const wasmaot_tag_t *wasmaot_extern_as_tag(const wasm_extern_t *);

// ---- Functions ----

// A value as compiled code passes it: 8 bytes, i32 and f32 in the low four of them; v128 takes two
// cells, the low half first. A reference is the address that wasmaot_ref_to_cell gives.
typedef union wasmaot_cell_t {
  int32_t i32;
  int64_t i64;
  float32_t f32;
  float64_t f64;
  void *ref;
} wasmaot_cell_t;

// Calls without checking anything: `cells` hold the arguments and have room for the results, which
// take their place. Everything about their number and types is the caller's care. NULL, or a trap.
WASM_API_EXTERN own wasm_trap_t *wasmaot_func_call_cells(const wasm_func_t *,
                                                         wasmaot_cell_t *cells);
// Cells that the arguments and the results of a function take, whichever are more.
WASM_API_EXTERN size_t wasmaot_func_cells(const wasm_func_t *);
// The cell of a reference of this store (NULL: the null reference), which is pinned; and a handle
// for a cell, by the kind that its type says (WASM_FUNCREF or WASM_EXTERNREF).
WASM_API_EXTERN bool wasmaot_ref_to_cell(wasm_store_t *, const wasm_ref_t *, wasm_valkind_t,
                                         wasmaot_cell_t *out);
WASM_API_EXTERN own wasm_ref_t *wasmaot_ref_from_cell(wasm_store_t *, wasmaot_cell_t,
                                                      wasm_valkind_t);

// The instance whose code called a host function; valid during the call.
typedef struct wasmaot_caller_t wasmaot_caller_t;
// Memory 0 of the caller: its bytes and how many there are. False when it has none, or when the
// host called. On any thread. The bytes of a shared memory may change at any time.
WASM_API_EXTERN bool wasmaot_caller_memory(const wasmaot_caller_t *, uint8_t **data, size_t *size);
// An export of the caller, or NULL. Only on the store's thread.
WASM_API_EXTERN own wasm_extern_t *wasmaot_caller_export(const wasmaot_caller_t *, wasm_store_t *,
                                                         const char *name);

// Host functions as in wasm.h, with the caller; or with raw cells, arguments in, results out. They
// may be called on every guest thread of a program at once, and must then use nothing of the
// store, but caller memory, traps and values of numbers. On a thread of wasi-threads one with
// wasm_val_t values traps when its type has references: handles are for the store's thread.
typedef own wasm_trap_t *(*wasmaot_func_callback_t)(void *env, const wasmaot_caller_t *caller,
                                                    const wasm_val_vec_t *args,
                                                    wasm_val_vec_t *results);
typedef own wasm_trap_t *(*wasmaot_cells_callback_t)(void *env, const wasmaot_caller_t *caller,
                                                     wasmaot_cell_t *cells);
WASM_API_EXTERN own wasm_func_t *wasmaot_func_new(wasm_store_t *, const wasm_functype_t *,
                                                  wasmaot_func_callback_t, void *env,
                                                  void (*finalizer)(void *));
WASM_API_EXTERN own wasm_func_t *wasmaot_func_new_cells(wasm_store_t *, const wasm_functype_t *,
                                                        wasmaot_cells_callback_t, void *env,
                                                        void (*finalizer)(void *));

// ---- Instances ----

// An export by its name; NULL when there is none.
WASM_API_EXTERN own wasm_extern_t *wasmaot_instance_export(const wasm_instance_t *,
                                                           const char *name);

// ---- Memories ----

// In pages of the memory's own size: what wasm.h cuts to 32 bits. Growing gives the old size, or
// UINT64_MAX. Safe on any thread while the store lives.
WASM_API_EXTERN uint64_t wasmaot_memory_size(const wasm_memory_t *);
WASM_API_EXTERN uint64_t wasmaot_memory_grow(wasm_memory_t *, uint64_t delta);

// A shared memory that belongs to no store: threads with a store each import the same one. The
// memory ends with the last store that uses it and the last handle. Thread-safe.
typedef struct wasmaot_sharedmemory_t wasmaot_sharedmemory_t;
WASM_API_EXTERN own wasmaot_error_t *wasmaot_sharedmemory_new(wasm_engine_t *,
                                                              const wasm_memorytype_t *,
                                                              own wasmaot_sharedmemory_t **out);
WASM_API_EXTERN void wasmaot_sharedmemory_delete(own wasmaot_sharedmemory_t *);
WASM_API_EXTERN own wasmaot_sharedmemory_t *wasmaot_sharedmemory_copy(wasmaot_sharedmemory_t *);
WASM_API_EXTERN uint8_t *wasmaot_sharedmemory_data(const wasmaot_sharedmemory_t *);
WASM_API_EXTERN size_t wasmaot_sharedmemory_data_size(const wasmaot_sharedmemory_t *);
// The memory as an object of a store. Only on the store's thread.
WASM_API_EXTERN own wasm_memory_t *wasmaot_sharedmemory_obtain(wasm_store_t *,
                                                               wasmaot_sharedmemory_t *);

// ---- Traps ----

typedef enum wasmaot_trap_code_t {
  WASMAOT_TRAP_UNREACHABLE = 1,
  WASMAOT_TRAP_MEMORY_OUT_OF_BOUNDS = 2,
  WASMAOT_TRAP_TABLE_OUT_OF_BOUNDS = 3,
  WASMAOT_TRAP_UNDEFINED_ELEMENT = 4,     // call_indirect beyond the end of the table
  WASMAOT_TRAP_UNINITIALIZED_ELEMENT = 5, // call_indirect of a null entry
  WASMAOT_TRAP_INDIRECT_CALL_TYPE = 6,
  WASMAOT_TRAP_INTEGER_DIVIDE_BY_ZERO = 7,
  WASMAOT_TRAP_INTEGER_OVERFLOW = 8,
  WASMAOT_TRAP_INVALID_CONVERSION = 9,
  WASMAOT_TRAP_UNALIGNED_ATOMIC = 10,
  WASMAOT_TRAP_EXPECTED_SHARED_MEMORY = 11,
  WASMAOT_TRAP_NULL_REFERENCE = 12,
  WASMAOT_TRAP_STACK_EXHAUSTED = 13,
  WASMAOT_TRAP_HOST = 14,        // a host function's, an exit, or the API's own
  WASMAOT_TRAP_INTERRUPTED = 15, // the group of threads was stopped
  WASMAOT_TRAP_NULL_FUNCTION = 16,
  WASMAOT_TRAP_UNCAUGHT_EXCEPTION = 17,
  WASMAOT_TRAP_NULL_EXCEPTION = 18,
  WASMAOT_TRAP_TIMEOUT = 19, // the group's time was up
  WASMAOT_TRAP_SYSTEM = 20,  // the system refused a thread for the program: none of it ran
} wasmaot_trap_code_t;

WASM_API_EXTERN wasmaot_trap_code_t wasmaot_trap_code(const wasm_trap_t *);
// Whether the program ended itself (WASI's proc_exit), which travels as a trap, and its status.
WASM_API_EXTERN bool wasmaot_trap_exit_status(const wasm_trap_t *, int *status);
// A trap that ends the program with a status, for host functions to return.
WASM_API_EXTERN own wasm_trap_t *wasmaot_trap_new_exit(int status);
// Frames beyond those that are kept, at least.
WASM_API_EXTERN size_t wasmaot_trap_frames_dropped(const wasm_trap_t *);

// Names of the function and of its module, cut to 159 and 63 bytes, "" when unknown. Valid as long
// as the frame. Where debug information was kept, functions that the module's compiler inlined have
// frames of their own, which differ from the next one in name and line alone.
WASM_API_EXTERN const char *wasmaot_frame_func_name(const wasm_frame_t *);
WASM_API_EXTERN const char *wasmaot_frame_module_name(const wasm_frame_t *);
// Where in the source: the file, cut to its last 95 bytes, and the line. "" and 0 when unknown, as
// they are unless the artifact was compiled with -g.
WASM_API_EXTERN const char *wasmaot_frame_file(const wasm_frame_t *);
WASM_API_EXTERN uint32_t wasmaot_frame_line(const wasm_frame_t *);

// ---- WASI (preview 1 and wasi-threads) ----

// What a program may see of the host. Everything given is copied. Nothing is granted by default:
// no argument, no environment, no directory, no socket, standard streams closed. One thread at a
// time may use a configuration, for any number of linkers, and delete it when they are defined.
typedef struct wasmaot_wasi_config_t wasmaot_wasi_config_t;
WASM_API_EXTERN own wasmaot_wasi_config_t *wasmaot_wasi_config_new(void);
WASM_API_EXTERN void wasmaot_wasi_config_delete(own wasmaot_wasi_config_t *);
// Each adds; the first argument is the program's name. False when out of memory.
WASM_API_EXTERN bool wasmaot_wasi_config_arg(wasmaot_wasi_config_t *, const char *arg);
WASM_API_EXTERN bool wasmaot_wasi_config_env(wasmaot_wasi_config_t *, const char *name,
                                             const char *value);
WASM_API_EXTERN bool wasmaot_wasi_config_inherit_env(wasmaot_wasi_config_t *);
// Grants the directory `host`, which the program calls `guest`, and all below it.
WASM_API_EXTERN bool wasmaot_wasi_config_preopen(wasmaot_wasi_config_t *, const char *host,
                                                 const char *guest);
// The same as on a read-only file system: what would change something there is an error.
WASM_API_EXTERN bool wasmaot_wasi_config_preopen_read_only(wasmaot_wasi_config_t *,
                                                           const char *host, const char *guest);
// Standard stream 0, 1 or 2 is a descriptor of the host's, which must stay open and stays the
// caller's; -1 closes it. False for other numbers.
WASM_API_EXTERN bool wasmaot_wasi_config_stdio(wasmaot_wasi_config_t *, int stream, int descriptor);
WASM_API_EXTERN void wasmaot_wasi_config_inherit_stdio(wasmaot_wasi_config_t *);
// Two ways to give a program sockets. Each adds a descriptor of the program's; they follow the
// directories in the order of the calls, and the first is 3 when no directory is granted. Every
// program of the configuration gets a duplicate; false, with a last error, adds none.
//
// An open descriptor of the host's: a socket that listens or is connected, a pipe, a file; no
// directory. Duplicated at once: the caller's own stays the caller's and may be closed. Position,
// status flags and the queue of connections are those of the open file, which all duplicates share.
WASM_API_EXTERN bool wasmaot_wasi_config_descriptor(wasmaot_wasi_config_t *, int descriptor);
// A TCP socket that listens, from now on until the configuration and the linkers that it was
// defined in are deleted, at "127.0.0.1:8080" or "[::1]:8080"; names are not looked up. Port 0 is
// one that the system chooses; *port, unless NULL, becomes the number. WASMAOT_ERROR_USAGE: no such
// address; WASMAOT_ERROR_SYSTEM: the system will not, as when the port is taken.
WASM_API_EXTERN bool wasmaot_wasi_config_listen(wasmaot_wasi_config_t *, const char *address,
                                                uint16_t *port);

// ---- Linking by names ----

// Values for imports by module and name, of one store. Objects that were defined live as long as
// the store; instances made by a linker keep working without it. Must not be deleted or changed
// while a program that it linked may start threads.
typedef struct wasmaot_linker_t wasmaot_linker_t;
WASM_API_EXTERN own wasmaot_linker_t *wasmaot_linker_new(wasm_store_t *);
WASM_API_EXTERN void wasmaot_linker_delete(own wasmaot_linker_t *);
// A later definition of a name replaces the earlier one.
WASM_API_EXTERN own wasmaot_error_t *wasmaot_linker_define(wasmaot_linker_t *, const char *module,
                                                           const char *name, const wasm_extern_t *);
// Defines every export of an instance under a module name.
WASM_API_EXTERN own wasmaot_error_t *
wasmaot_linker_define_instance(wasmaot_linker_t *, const char *module, const wasm_instance_t *);
// Defines WASI for one program: wasi_snapshot_preview1, wasi_unstable, wasi.thread-spawn. Opens the
// granted directories. Once per linker.
WASM_API_EXTERN own wasmaot_error_t *wasmaot_linker_define_wasi(wasmaot_linker_t *,
                                                                const wasmaot_wasi_config_t *);
// Functions that nobody defines trap when they are called, instead of failing to link.
WASM_API_EXTERN void wasmaot_linker_trap_unknown(wasmaot_linker_t *, bool on);
// A definition, or NULL.
WASM_API_EXTERN own wasm_extern_t *wasmaot_linker_get(const wasmaot_linker_t *, const char *module,
                                                      const char *name);
// Instantiates; memories that the module imports and nobody defined are made by the import's own
// limits and defined, which is what threaded modules expect. At most one of error and trap: NULL
// with *trap set when a segment or the start function trapped.
WASM_API_EXTERN own wasmaot_error_t *wasmaot_linker_instantiate(wasmaot_linker_t *,
                                                                const wasm_module_t *,
                                                                own wasm_instance_t **out,
                                                                own wasm_trap_t **trap);

// ---- Groups of threads ----

// A group is one run of a program: its threads share a fate. The first trap or exit in any of them
// ends all, and so does wasmaot_group_stop.
typedef struct wasmaot_group_t wasmaot_group_t;

typedef struct wasmaot_group_options_t {
  uint32_t max_threads; // besides the main one; 0: 4096
  size_t stack_size;    // bytes for each thread, at least 256 KiB; 0: 8 MiB
  uint64_t timeout;     // nanoseconds until a trap of code WASMAOT_TRAP_TIMEOUT ends a run; 0: none
} wasmaot_group_options_t;

// `options` may be NULL.
WASM_API_EXTERN own wasmaot_error_t *wasmaot_group_new(const wasmaot_group_options_t *options,
                                                       own wasmaot_group_t **out);
// Stops what still runs and waits for it. Not from within the group.
WASM_API_EXTERN void wasmaot_group_delete(own wasmaot_group_t *);

// Runs `body` on the group's main thread and waits: what it does with a store can start threads
// and be stopped. The store belongs to the group's threads until this returns. NULL when `body`
// returned NULL; other threads of the program may then still run until the group is deleted. A trap
// when `body` returned one, or when any thread ended the group; then all its threads are gone.
WASM_API_EXTERN own wasm_trap_t *wasmaot_group_run(wasmaot_group_t *,
                                                   own wasm_trap_t *(*body)(void *), void *arg);
// Instantiates the module and calls its export `_start`: a WASI command. When that returns, the
// program's other threads end too, and the group is at its end. *status is 0 when it returned and
// its exit status when it exited; *trap is its trap, or NULL. An error when it could not be run.
WASM_API_EXTERN own wasmaot_error_t *wasmaot_group_run_command(wasmaot_group_t *,
                                                               wasmaot_linker_t *,
                                                               const wasm_module_t *, int *status,
                                                               own wasm_trap_t **trap);
// Ends every thread of the group, wherever it is: computing, waiting, or in a blocking call of
// WASI. Returns at once; wasmaot_group_run returns a trap of code WASMAOT_TRAP_INTERRUPTED when all
// are gone. A group that was stopped runs nothing any more. Any thread, any time before
// wasmaot_group_delete.
WASM_API_EXTERN void wasmaot_group_stop(wasmaot_group_t *);
// Whether the calling thread is to end, because its group ends or the store of one of its calls was
// interrupted: host functions that loop or block ask, and return a trap when true.
WASM_API_EXTERN bool wasmaot_group_stopping(void);

// ---- Interrupting calls outside of groups ----

// Ends the calls in progress in a store, with traps of code WASMAOT_TRAP_INTERRUPTED, and lets none
// begin until wasmaot_store_resume. Unlike the rest of a store, it may be used on any thread, at
// any time before wasm_store_delete, as often as you like; not in a signal handler. True as soon as
// no other thread has a call of the store in progress, false after `wait` nanoseconds (0: at once,
// negative: never). Host functions finish first; the calling thread's own calls are not waited
// for. With a `wait` of 0 a thread may be missed: call again until it returns true.
WASM_API_EXTERN bool wasmaot_store_interrupt(wasm_store_t *, int64_t wait);
// Lets calls begin again: after an interrupt that returned true.
WASM_API_EXTERN void wasmaot_store_resume(wasm_store_t *);

// ---- Exceptions ----

// What a host function throws (C++, panics of Rust) ends the guest's calls as a trap would, and
// then leaves wasm_func_call, wasmaot_func_call_cells, wasm_instance_new or
// wasmaot_linker_instantiate as it came. Those give a trap of code WASMAOT_TRAP_HOST when no caller
// catches it, and so does wasmaot_group_run when the function that it runs throws. Callbacks of
// other kinds, such as finalizers, must not throw.

// ---- Signals ----

// The first store of a process installs handlers: for the faults of compiled code (SIGSEGV, SIGBUS,
// SIGFPE and SIGILL or SIGTRAP), and for one real-time signal, which takes threads out of calls.
// What is not the runtime's goes on to the handlers that were there before; one for faults that is
// installed later has to do the same. A thread that blocks these signals has them unblocked during
// its calls, and has an alternate signal stack of the runtime's from its first call to its end.

// For a thread that changes its signal mask or alternate stack after its first call: has both
// looked at again. Between calls. False when the system refused the stack.
WASM_API_EXTERN bool wasmaot_thread_refresh(void);

#undef own

#ifdef __cplusplus
} // extern "C"
#endif

#endif

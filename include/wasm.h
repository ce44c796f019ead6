// The standard WebAssembly C API (github.com/WebAssembly/wasm-c-api) as wasmaot implements it: the
// names, types and rules of that API, so that programs written for it compile unchanged. What it
// lacks is in wasmaot.h. A guide with examples is docs/embedding.md.
//
// Ownership. A pointer, vector or value marked `own` is the receiver's: a result marked `own` must
// be given to the `_delete` function of its type once, an argument marked `own` is the callee's
// from then on, whether or not the call succeeds. `own` of a vector includes its elements. What is
// not marked stays its owner's and is only read or used during the call. `out` parameters are
// overwritten without being freed first. Every `_delete` accepts NULL and does nothing with it.
//
// Objects and handles. wasm_func_t, wasm_memory_t and so on are handles of objects that live in a
// store. Several handles of one object may exist; `_same` tells whether two are of one object, and
// host information belongs to the object. Deleting a handle ends the object when nothing can reach
// it any more; at the latest it ends with its store. Handles that outlive their store may be
// deleted and asked for host information; all other uses of them fail as said at each function.
//
// Threads. Engines, configurations' results, modules and shared modules, types and traps may be
// used by any number of threads at once, as long as nobody deletes or changes what another uses. A
// store and everything in it may be used by one thread at a time, which need not be the one that
// made it. What differs says so.
//
// Errors. Functions that make something return NULL when they fail, and only then; functions with a
// bool result return false. wasmaot_last_error_message() in wasmaot.h says why. Arguments that the
// API forbids (a value of another type, an index that does not exist) are refused that way too,
// where they can be seen; invalid pointers cannot.
#ifndef WASM_H
#define WASM_H

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#ifndef WASM_API_EXTERN
#define WASM_API_EXTERN __attribute__((visibility("default")))
#endif

#ifdef __cplusplus
extern "C" {
#endif

typedef char byte_t;
typedef float float32_t;
typedef double float64_t;

#define own

// ---- Shapes of declarations ----

// A type that only this library looks into, and how to release it.
#define WASM_DECLARE_OWN(name)                                                                     \
  typedef struct wasm_##name##_t wasm_##name##_t;                                                  \
  WASM_API_EXTERN void wasm_##name##_delete(own wasm_##name##_t *);

// A vector. `_new_uninitialized` leaves scalar elements undefined and sets pointers and values to
// null; `_new` takes over the elements of an array (the array itself stays the caller's); `_copy`
// copies elements with their own `_copy`; `_delete` deletes elements and leaves the vector empty.
// Out of memory gives the empty vector with data NULL.
#define WASM_DECLARE_VEC(name, ptr_or_none)                                                        \
  typedef struct wasm_##name##_vec_t {                                                             \
    size_t size;                                                                                   \
    wasm_##name##_t ptr_or_none *data;                                                             \
  } wasm_##name##_vec_t;                                                                           \
  WASM_API_EXTERN void wasm_##name##_vec_new_empty(own wasm_##name##_vec_t *out);                  \
  WASM_API_EXTERN void wasm_##name##_vec_new_uninitialized(own wasm_##name##_vec_t *out, size_t);  \
  WASM_API_EXTERN void wasm_##name##_vec_new(own wasm_##name##_vec_t *out, size_t,                 \
                                             own wasm_##name##_t ptr_or_none const[]);             \
  WASM_API_EXTERN void wasm_##name##_vec_copy(own wasm_##name##_vec_t *out,                        \
                                              const wasm_##name##_vec_t *);                        \
  WASM_API_EXTERN void wasm_##name##_vec_delete(own wasm_##name##_vec_t *);

// ---- Bytes and names ----

typedef byte_t wasm_byte_t;
WASM_DECLARE_VEC(byte, )

// UTF-8, not terminated unless a function says so.
typedef wasm_byte_vec_t wasm_name_t;

#define wasm_name wasm_byte_vec
#define wasm_name_new wasm_byte_vec_new
#define wasm_name_new_empty wasm_byte_vec_new_empty
#define wasm_name_new_uninitialized wasm_byte_vec_new_uninitialized
#define wasm_name_new_new_uninitialized wasm_byte_vec_new_uninitialized
#define wasm_name_copy wasm_byte_vec_copy
#define wasm_name_delete wasm_byte_vec_delete

// Without and with the terminating NUL.
static inline void wasm_name_new_from_string(own wasm_name_t *out, const char *s) {
  wasm_name_new(out, strlen(s), s);
}

static inline void wasm_name_new_from_string_nt(own wasm_name_t *out, const char *s) {
  wasm_name_new(out, strlen(s) + 1, s);
}

// ---- Configuration, engine, store ----

// How code is compiled and what stores may use: wasmaot_config_* in wasmaot.h set it.
WASM_DECLARE_OWN(config)
WASM_API_EXTERN own wasm_config_t *wasm_config_new(void);

// Holds the configuration; one per process is enough. Its stores keep what they need of it, so it
// may be deleted before them.
WASM_DECLARE_OWN(engine)
WASM_API_EXTERN own wasm_engine_t *wasm_engine_new(void);
WASM_API_EXTERN own wasm_engine_t *wasm_engine_new_with_config(own wasm_config_t *);

// Where objects live (core spec 4.2.3). Deleting a store ends all its objects and runs their
// finalizers; from inside one of its own calls, that happens when the outermost call returns.
WASM_DECLARE_OWN(store)
WASM_API_EXTERN own wasm_store_t *wasm_store_new(wasm_engine_t *);

// ---- Types (core spec 2.3, 3.4) ----

// All types are immutable values: copies are equal to their originals.

typedef uint8_t wasm_mutability_t;
enum wasm_mutability_enum { WASM_CONST, WASM_VAR };

// Pages of 64 KiB of memories, entries of tables. A maximum of wasm_limits_max_default is none.
typedef struct wasm_limits_t {
  uint32_t min;
  uint32_t max;
} wasm_limits_t;

static const uint32_t wasm_limits_max_default = 0xffffffff;

#define WASM_DECLARE_TYPE(name)                                                                    \
  WASM_DECLARE_OWN(name)                                                                           \
  WASM_DECLARE_VEC(name, *)                                                                        \
  WASM_API_EXTERN own wasm_##name##_t *wasm_##name##_copy(const wasm_##name##_t *);

// Value types. A module's other reference types show as the kind whose values they are: every
// reference to functions is WASM_FUNCREF. wasmaot.h has the kinds that this enumeration lacks.
WASM_DECLARE_TYPE(valtype)

typedef uint8_t wasm_valkind_t;
enum wasm_valkind_enum {
  WASM_I32,
  WASM_I64,
  WASM_F32,
  WASM_F64,
  WASM_EXTERNREF = 128,
  WASM_FUNCREF,
};
#define WASM_ANYREF WASM_EXTERNREF // its name in older versions of the API

WASM_API_EXTERN own wasm_valtype_t *wasm_valtype_new(wasm_valkind_t); // NULL: no such kind
WASM_API_EXTERN wasm_valkind_t wasm_valtype_kind(const wasm_valtype_t *);

static inline bool wasm_valkind_is_num(wasm_valkind_t k) {
  return k < WASM_EXTERNREF;
}
static inline bool wasm_valkind_is_ref(wasm_valkind_t k) {
  return k >= WASM_EXTERNREF;
}
static inline bool wasm_valtype_is_num(const wasm_valtype_t *t) {
  return wasm_valkind_is_num(wasm_valtype_kind(t));
}
static inline bool wasm_valtype_is_ref(const wasm_valtype_t *t) {
  return wasm_valkind_is_ref(wasm_valtype_kind(t));
}

// Function types. The vectors are left empty.
WASM_DECLARE_TYPE(functype)
WASM_API_EXTERN own wasm_functype_t *wasm_functype_new(own wasm_valtype_vec_t *params,
                                                       own wasm_valtype_vec_t *results);
WASM_API_EXTERN const wasm_valtype_vec_t *wasm_functype_params(const wasm_functype_t *);
WASM_API_EXTERN const wasm_valtype_vec_t *wasm_functype_results(const wasm_functype_t *);

WASM_DECLARE_TYPE(globaltype)
WASM_API_EXTERN own wasm_globaltype_t *wasm_globaltype_new(own wasm_valtype_t *, wasm_mutability_t);
WASM_API_EXTERN const wasm_valtype_t *wasm_globaltype_content(const wasm_globaltype_t *);
WASM_API_EXTERN wasm_mutability_t wasm_globaltype_mutability(const wasm_globaltype_t *);

// Limits that do not fit in 32 bits are cut to the largest that does; wasmaot.h has them whole.
WASM_DECLARE_TYPE(tabletype)
WASM_API_EXTERN own wasm_tabletype_t *wasm_tabletype_new(own wasm_valtype_t *,
                                                         const wasm_limits_t *);
WASM_API_EXTERN const wasm_valtype_t *wasm_tabletype_element(const wasm_tabletype_t *);
WASM_API_EXTERN const wasm_limits_t *wasm_tabletype_limits(const wasm_tabletype_t *);

WASM_DECLARE_TYPE(memorytype)
WASM_API_EXTERN own wasm_memorytype_t *wasm_memorytype_new(const wasm_limits_t *);
WASM_API_EXTERN const wasm_limits_t *wasm_memorytype_limits(const wasm_memorytype_t *);

// What the four above have in common. The casts give the same object, or NULL when it is of
// another kind; nothing changes hands.
WASM_DECLARE_TYPE(externtype)

typedef uint8_t wasm_externkind_t;
enum wasm_externkind_enum {
  WASM_EXTERN_FUNC,
  WASM_EXTERN_GLOBAL,
  WASM_EXTERN_TABLE,
  WASM_EXTERN_MEMORY,
};

WASM_API_EXTERN wasm_externkind_t wasm_externtype_kind(const wasm_externtype_t *);

#define WASM_DECLARE_EXTERNTYPE_CASTS(name)                                                        \
  WASM_API_EXTERN wasm_externtype_t *wasm_##name##_as_externtype(wasm_##name##_t *);               \
  WASM_API_EXTERN wasm_##name##_t *wasm_externtype_as_##name(wasm_externtype_t *);                 \
  WASM_API_EXTERN const wasm_externtype_t *wasm_##name##_as_externtype_const(                      \
      const wasm_##name##_t *);                                                                    \
  WASM_API_EXTERN const wasm_##name##_t *wasm_externtype_as_##name##_const(                        \
      const wasm_externtype_t *);

WASM_DECLARE_EXTERNTYPE_CASTS(functype)
WASM_DECLARE_EXTERNTYPE_CASTS(globaltype)
WASM_DECLARE_EXTERNTYPE_CASTS(tabletype)
WASM_DECLARE_EXTERNTYPE_CASTS(memorytype)

// What a module asks for, and what it offers.
WASM_DECLARE_TYPE(importtype)
WASM_API_EXTERN own wasm_importtype_t *
wasm_importtype_new(own wasm_name_t *module, own wasm_name_t *name, own wasm_externtype_t *);
WASM_API_EXTERN const wasm_name_t *wasm_importtype_module(const wasm_importtype_t *);
WASM_API_EXTERN const wasm_name_t *wasm_importtype_name(const wasm_importtype_t *);
WASM_API_EXTERN const wasm_externtype_t *wasm_importtype_type(const wasm_importtype_t *);

WASM_DECLARE_TYPE(exporttype)
WASM_API_EXTERN own wasm_exporttype_t *wasm_exporttype_new(own wasm_name_t *,
                                                           own wasm_externtype_t *);
WASM_API_EXTERN const wasm_name_t *wasm_exporttype_name(const wasm_exporttype_t *);
WASM_API_EXTERN const wasm_externtype_t *wasm_exporttype_type(const wasm_exporttype_t *);

// ---- Values ----

struct wasm_ref_t;

// `ref` is a handle that an owned value owns; NULL is the null reference. A value of kind
// WASM_FUNCREF refers to a function, one of kind WASM_EXTERNREF to any object. An object that code
// was given a reference to lives as long as its store.
typedef struct wasm_val_t {
  wasm_valkind_t kind;
  union {
    int32_t i32;
    int64_t i64;
    float32_t f32;
    float64_t f64;
    struct wasm_ref_t *ref;
  } of;
} wasm_val_t;

WASM_API_EXTERN void wasm_val_delete(own wasm_val_t *v); // leaves a null reference
WASM_API_EXTERN void wasm_val_copy(own wasm_val_t *out, const wasm_val_t *);

WASM_DECLARE_VEC(val, )

// ---- References ----

// `_copy` makes another handle. The finalizer runs once, when the object ends or other host
// information takes its place, with the information as its argument and on the thread that caused
// it. It must not use the store.
#define WASM_DECLARE_REF_BASE(name)                                                                \
  WASM_DECLARE_OWN(name)                                                                           \
  WASM_API_EXTERN own wasm_##name##_t *wasm_##name##_copy(const wasm_##name##_t *);                \
  WASM_API_EXTERN bool wasm_##name##_same(const wasm_##name##_t *, const wasm_##name##_t *);       \
  WASM_API_EXTERN void *wasm_##name##_get_host_info(const wasm_##name##_t *);                      \
  WASM_API_EXTERN void wasm_##name##_set_host_info(wasm_##name##_t *, void *);                     \
  WASM_API_EXTERN void wasm_##name##_set_host_info_with_finalizer(wasm_##name##_t *, void *,       \
                                                                  void (*)(void *));

// The casts give the same handle, or NULL when the object is of another kind.
#define WASM_DECLARE_REF(name)                                                                     \
  WASM_DECLARE_REF_BASE(name)                                                                      \
  WASM_API_EXTERN wasm_ref_t *wasm_##name##_as_ref(wasm_##name##_t *);                             \
  WASM_API_EXTERN wasm_##name##_t *wasm_ref_as_##name(wasm_ref_t *);                               \
  WASM_API_EXTERN const wasm_ref_t *wasm_##name##_as_ref_const(const wasm_##name##_t *);           \
  WASM_API_EXTERN const wasm_##name##_t *wasm_ref_as_##name##_const(const wasm_ref_t *);

#define WASM_DECLARE_SHARABLE_REF(name)                                                            \
  WASM_DECLARE_REF(name)                                                                           \
  WASM_DECLARE_OWN(shared_##name)                                                                  \
  WASM_API_EXTERN own wasm_shared_##name##_t *wasm_##name##_share(const wasm_##name##_t *);        \
  WASM_API_EXTERN own wasm_##name##_t *wasm_##name##_obtain(wasm_store_t *,                        \
                                                            const wasm_shared_##name##_t *);

WASM_DECLARE_REF_BASE(ref)

// ---- Traps ----

// A function that was being executed. wasmaot_frame_* in wasmaot.h tell its name.
WASM_DECLARE_OWN(frame)
WASM_DECLARE_VEC(frame, *)
WASM_API_EXTERN own wasm_frame_t *wasm_frame_copy(const wasm_frame_t *);

// The instance that the function belongs to, which stays its owners': not to be deleted, and only
// for the store's thread; wasm_instance_copy makes a handle. NULL when it has ended, when it is a
// guest thread's, in traps of wasmaot_group_run, and where it cannot be told: on RISC-V, and in
// modules with tail calls, when the module has several instances in the store.
WASM_API_EXTERN struct wasm_instance_t *wasm_frame_instance(const wasm_frame_t *);
// Index in the function index space of its module.
WASM_API_EXTERN uint32_t wasm_frame_func_index(const wasm_frame_t *);
// Bytes of native code from the start of the function, and of the module's code.
WASM_API_EXTERN size_t wasm_frame_func_offset(const wasm_frame_t *);
WASM_API_EXTERN size_t wasm_frame_module_offset(const wasm_frame_t *);

typedef wasm_name_t wasm_message_t; // ends with a NUL, which its size counts

// How a call ended that did not return. A trap that a host function returns reaches the caller as a
// new one with the same message, cut to 255 bytes, and the frames of all nested calls.
WASM_DECLARE_REF(trap)
WASM_API_EXTERN own wasm_trap_t *wasm_trap_new(wasm_store_t *store, const wasm_message_t *);
WASM_API_EXTERN void wasm_trap_message(const wasm_trap_t *, own wasm_message_t *out);
WASM_API_EXTERN own wasm_frame_t *wasm_trap_origin(const wasm_trap_t *); // NULL: no frame
// Innermost first; at most 64 frames are kept.
WASM_API_EXTERN void wasm_trap_trace(const wasm_trap_t *, own wasm_frame_vec_t *out);

// ---- Foreign objects ----

// Nothing but an identity and its host information.
WASM_DECLARE_REF(foreign)
WASM_API_EXTERN own wasm_foreign_t *wasm_foreign_new(wasm_store_t *);

// ---- Modules ----

// Compiled code. wasmaot lets a module be used with every store and from every thread, shared or
// not; sharing and obtaining it cost nothing.
WASM_DECLARE_SHARABLE_REF(module)

// Decodes, validates and compiles a WebAssembly binary; this needs the compiler library, which is
// opened at first use. Never takes a compiled artifact: that is native code, which only
// wasm_module_deserialize and wasmaot.h accept.
WASM_API_EXTERN own wasm_module_t *wasm_module_new(wasm_store_t *, const wasm_byte_vec_t *binary);
// Needs no compiler library.
WASM_API_EXTERN bool wasm_module_validate(wasm_store_t *, const wasm_byte_vec_t *binary);

// In the order of the module's sections.
WASM_API_EXTERN void wasm_module_imports(const wasm_module_t *, own wasm_importtype_vec_t *out);
WASM_API_EXTERN void wasm_module_exports(const wasm_module_t *, own wasm_exporttype_vec_t *out);

// The artifact: what `wasmaot compile` writes to a file. The empty vector when out of memory.
WASM_API_EXTERN void wasm_module_serialize(const wasm_module_t *, own wasm_byte_vec_t *out);
// Damaged artifacts and those of another version, host or CPU are refused. An artifact is native
// code all the same: whoever deserializes it trusts who compiled it.
WASM_API_EXTERN own wasm_module_t *wasm_module_deserialize(wasm_store_t *, const wasm_byte_vec_t *);

// ---- Functions ----

WASM_DECLARE_REF(func)

// The arguments are the caller's; the results, null references before, become it. Returns NULL, or
// a trap that the caller takes over. May use the store: call, instantiate, delete.
typedef own wasm_trap_t *(*wasm_func_callback_t)(const wasm_val_vec_t *args,
                                                 own wasm_val_vec_t *results);
typedef own wasm_trap_t *(*wasm_func_callback_with_env_t)(void *env, const wasm_val_vec_t *args,
                                                          wasm_val_vec_t *results);

WASM_API_EXTERN own wasm_func_t *wasm_func_new(wasm_store_t *, const wasm_functype_t *,
                                               wasm_func_callback_t);
// `finalizer`, unless NULL, is called with `env` once, when the function ends.
WASM_API_EXTERN own wasm_func_t *wasm_func_new_with_env(wasm_store_t *, const wasm_functype_t *type,
                                                        wasm_func_callback_with_env_t, void *env,
                                                        void (*finalizer)(void *));

WASM_API_EXTERN own wasm_functype_t *wasm_func_type(const wasm_func_t *);
WASM_API_EXTERN size_t wasm_func_param_arity(const wasm_func_t *);
WASM_API_EXTERN size_t wasm_func_result_arity(const wasm_func_t *);

// Calls with as many arguments as there are parameters, of their types, and room for as many
// results. NULL when it returned; then the results are the caller's. A trap otherwise, also for
// arguments that do not fit; results are then untouched.
WASM_API_EXTERN own wasm_trap_t *wasm_func_call(const wasm_func_t *, const wasm_val_vec_t *args,
                                                wasm_val_vec_t *results);

// ---- Globals ----

WASM_DECLARE_REF(global)
WASM_API_EXTERN own wasm_global_t *wasm_global_new(wasm_store_t *, const wasm_globaltype_t *,
                                                   const wasm_val_t *);
WASM_API_EXTERN own wasm_globaltype_t *wasm_global_type(const wasm_global_t *);
WASM_API_EXTERN void wasm_global_get(const wasm_global_t *, own wasm_val_t *out);
// Does nothing when the global is immutable or of another type.
WASM_API_EXTERN void wasm_global_set(wasm_global_t *, const wasm_val_t *);

// ---- Tables ----

WASM_DECLARE_REF(table)

typedef uint32_t wasm_table_size_t;

WASM_API_EXTERN own wasm_table_t *wasm_table_new(wasm_store_t *, const wasm_tabletype_t *,
                                                 wasm_ref_t *init);
WASM_API_EXTERN own wasm_tabletype_t *wasm_table_type(const wasm_table_t *);
// NULL for a null entry and for an index beyond the end.
WASM_API_EXTERN own wasm_ref_t *wasm_table_get(const wasm_table_t *, wasm_table_size_t index);
// False for an index beyond the end and for a reference of another type.
WASM_API_EXTERN bool wasm_table_set(wasm_table_t *, wasm_table_size_t index, wasm_ref_t *);
WASM_API_EXTERN wasm_table_size_t wasm_table_size(const wasm_table_t *);
WASM_API_EXTERN bool wasm_table_grow(wasm_table_t *, wasm_table_size_t delta, wasm_ref_t *init);

// ---- Memories ----

WASM_DECLARE_REF(memory)

typedef uint32_t wasm_memory_pages_t;

static const size_t MEMORY_PAGE_SIZE = 0x10000; // bytes

WASM_API_EXTERN own wasm_memory_t *wasm_memory_new(wasm_store_t *, const wasm_memorytype_t *);
WASM_API_EXTERN own wasm_memorytype_t *wasm_memory_type(const wasm_memory_t *);
// The first byte; growing never moves it. NULL when the store is gone.
WASM_API_EXTERN byte_t *wasm_memory_data(wasm_memory_t *);
WASM_API_EXTERN size_t wasm_memory_data_size(const wasm_memory_t *); // bytes; 0: the store is gone
WASM_API_EXTERN wasm_memory_pages_t wasm_memory_size(const wasm_memory_t *);
// False when the maximum, a limit of the store or the system's memory does not allow it.
WASM_API_EXTERN bool wasm_memory_grow(wasm_memory_t *, wasm_memory_pages_t delta);

// ---- Externals ----

WASM_DECLARE_REF(extern)
WASM_DECLARE_VEC(extern, *)
WASM_API_EXTERN wasm_externkind_t wasm_extern_kind(const wasm_extern_t *);
WASM_API_EXTERN own wasm_externtype_t *wasm_extern_type(const wasm_extern_t *);

#define WASM_DECLARE_EXTERN_CASTS(name)                                                            \
  WASM_API_EXTERN wasm_extern_t *wasm_##name##_as_extern(wasm_##name##_t *);                       \
  WASM_API_EXTERN wasm_##name##_t *wasm_extern_as_##name(wasm_extern_t *);                         \
  WASM_API_EXTERN const wasm_extern_t *wasm_##name##_as_extern_const(const wasm_##name##_t *);     \
  WASM_API_EXTERN const wasm_##name##_t *wasm_extern_as_##name##_const(const wasm_extern_t *);

WASM_DECLARE_EXTERN_CASTS(func)
WASM_DECLARE_EXTERN_CASTS(global)
WASM_DECLARE_EXTERN_CASTS(table)
WASM_DECLARE_EXTERN_CASTS(memory)

// ---- Instances (core spec 4.5.4) ----

WASM_DECLARE_REF(instance)

// `imports` are in the order of wasm_module_imports. NULL when they do not match or the start
// function or an active segment traps; *trap, unless `trap` is NULL, is then a trap whose message
// says why, and NULL otherwise.
WASM_API_EXTERN own wasm_instance_t *wasm_instance_new(wasm_store_t *, const wasm_module_t *,
                                                       const wasm_extern_vec_t *imports,
                                                       own wasm_trap_t **trap);
// In the order of wasm_module_exports.
WASM_API_EXTERN void wasm_instance_exports(const wasm_instance_t *, own wasm_extern_vec_t *out);

// ---- Conveniences ----

// clang-format off
#define WASM_EMPTY_VEC {0, NULL}
#define WASM_ARRAY_VEC(array) {sizeof(array) / sizeof(*(array)), array}

#define WASM_I32_VAL(i) {.kind = WASM_I32, .of = {.i32 = i}}
#define WASM_I64_VAL(i) {.kind = WASM_I64, .of = {.i64 = i}}
#define WASM_F32_VAL(z) {.kind = WASM_F32, .of = {.f32 = z}}
#define WASM_F64_VAL(z) {.kind = WASM_F64, .of = {.f64 = z}}
#define WASM_REF_VAL(r) {.kind = WASM_EXTERNREF, .of = {.ref = r}}
#define WASM_INIT_VAL {.kind = WASM_EXTERNREF, .of = {.ref = NULL}}
// clang-format on

static inline own wasm_valtype_t *wasm_valtype_new_i32(void) {
  return wasm_valtype_new(WASM_I32);
}
static inline own wasm_valtype_t *wasm_valtype_new_i64(void) {
  return wasm_valtype_new(WASM_I64);
}
static inline own wasm_valtype_t *wasm_valtype_new_f32(void) {
  return wasm_valtype_new(WASM_F32);
}
static inline own wasm_valtype_t *wasm_valtype_new_f64(void) {
  return wasm_valtype_new(WASM_F64);
}
static inline own wasm_valtype_t *wasm_valtype_new_externref(void) {
  return wasm_valtype_new(WASM_EXTERNREF);
}
static inline own wasm_valtype_t *wasm_valtype_new_anyref(void) {
  return wasm_valtype_new(WASM_EXTERNREF);
}
static inline own wasm_valtype_t *wasm_valtype_new_funcref(void) {
  return wasm_valtype_new(WASM_FUNCREF);
}

// What the constructors of function types below have in common; unused ones are NULL.
static inline own wasm_functype_t *
wasm_functype_new_from_arrays(size_t param_count, own wasm_valtype_t *const params[],
                              size_t result_count, own wasm_valtype_t *const results[]) {
  wasm_valtype_vec_t ps;
  wasm_valtype_vec_t rs;
  wasm_valtype_vec_new(&ps, param_count, params);
  wasm_valtype_vec_new(&rs, result_count, results);
  return wasm_functype_new(&ps, &rs);
}

static inline own wasm_functype_t *wasm_functype_new_0_0(void) {
  return wasm_functype_new_from_arrays(0, NULL, 0, NULL);
}
static inline own wasm_functype_t *wasm_functype_new_1_0(own wasm_valtype_t *p) {
  return wasm_functype_new_from_arrays(1, &p, 0, NULL);
}
static inline own wasm_functype_t *wasm_functype_new_2_0(own wasm_valtype_t *p1,
                                                         own wasm_valtype_t *p2) {
  wasm_valtype_t *ps[2] = {p1, p2};
  return wasm_functype_new_from_arrays(2, ps, 0, NULL);
}
static inline own wasm_functype_t *
wasm_functype_new_3_0(own wasm_valtype_t *p1, own wasm_valtype_t *p2, own wasm_valtype_t *p3) {
  wasm_valtype_t *ps[3] = {p1, p2, p3};
  return wasm_functype_new_from_arrays(3, ps, 0, NULL);
}
static inline own wasm_functype_t *wasm_functype_new_0_1(own wasm_valtype_t *r) {
  return wasm_functype_new_from_arrays(0, NULL, 1, &r);
}
static inline own wasm_functype_t *wasm_functype_new_1_1(own wasm_valtype_t *p,
                                                         own wasm_valtype_t *r) {
  return wasm_functype_new_from_arrays(1, &p, 1, &r);
}
static inline own wasm_functype_t *
wasm_functype_new_2_1(own wasm_valtype_t *p1, own wasm_valtype_t *p2, own wasm_valtype_t *r) {
  wasm_valtype_t *ps[2] = {p1, p2};
  return wasm_functype_new_from_arrays(2, ps, 1, &r);
}
static inline own wasm_functype_t *wasm_functype_new_3_1(own wasm_valtype_t *p1,
                                                         own wasm_valtype_t *p2,
                                                         own wasm_valtype_t *p3,
                                                         own wasm_valtype_t *r) {
  wasm_valtype_t *ps[3] = {p1, p2, p3};
  return wasm_functype_new_from_arrays(3, ps, 1, &r);
}
static inline own wasm_functype_t *wasm_functype_new_0_2(own wasm_valtype_t *r1,
                                                         own wasm_valtype_t *r2) {
  wasm_valtype_t *rs[2] = {r1, r2};
  return wasm_functype_new_from_arrays(0, NULL, 2, rs);
}
static inline own wasm_functype_t *
wasm_functype_new_1_2(own wasm_valtype_t *p, own wasm_valtype_t *r1, own wasm_valtype_t *r2) {
  wasm_valtype_t *rs[2] = {r1, r2};
  return wasm_functype_new_from_arrays(1, &p, 2, rs);
}
static inline own wasm_functype_t *wasm_functype_new_2_2(own wasm_valtype_t *p1,
                                                         own wasm_valtype_t *p2,
                                                         own wasm_valtype_t *r1,
                                                         own wasm_valtype_t *r2) {
  wasm_valtype_t *ps[2] = {p1, p2};
  wasm_valtype_t *rs[2] = {r1, r2};
  return wasm_functype_new_from_arrays(2, ps, 2, rs);
}
static inline own wasm_functype_t *
wasm_functype_new_3_2(own wasm_valtype_t *p1, own wasm_valtype_t *p2, own wasm_valtype_t *p3,
                      own wasm_valtype_t *r1, own wasm_valtype_t *r2) {
  wasm_valtype_t *ps[3] = {p1, p2, p3};
  wasm_valtype_t *rs[2] = {r1, r2};
  return wasm_functype_new_from_arrays(3, ps, 2, rs);
}

// A pointer of the host as an i64, and back.
static inline void wasm_val_init_ptr(own wasm_val_t *out, void *p) {
  out->kind = WASM_I64;
  out->of.i64 = (int64_t)(intptr_t)p;
}
static inline void *wasm_val_ptr(const wasm_val_t *val) {
  return (void *)(intptr_t)val->of.i64;
}

#undef own

#ifdef __cplusplus
} // extern "C"
#endif

#endif

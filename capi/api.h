// Inside the public API: what its handles are. include/wasm.h and include/wasmaot.h say what they
// mean to embedders.
//
// Every object of a store that an embedder has seen has one struct wasm_ref_t, found by the
// object's identity in the store's index: handles are counted pointers to it, so that `same` is a
// compare and host information belongs to the object. `handles` are the embedder's, `uses` are
// ours: what an instance imports, what lies in an instance, what a store pins.
//
// An instance ends when no handle of it or of an export is left, and nothing else can refer to its
// functions. References to functions spread through tables, globals and arguments, which nobody
// counts: an instance that can give its own away like that ("leaky"), and any object that the
// embedder passes in as a reference, is pinned and lives as long as its store. Nothing ends while a
// call is in progress in its store.
#ifndef WA_CAPI_API_H
#define WA_CAPI_API_H

#include "capi/error.h"
#include "include/wasm.h"
#include "include/wasmaot.h"
#include "runtime/runtime.h"

#include <stdatomic.h>

struct wa_prepared;
struct wa_wasi;

// The first five are the kinds of externals, in the order of wasm.h.
enum wa_api_kind {
  WA_API_FUNC = WASM_EXTERN_FUNC,
  WA_API_GLOBAL = WASM_EXTERN_GLOBAL,
  WA_API_TABLE = WASM_EXTERN_TABLE,
  WA_API_MEMORY = WASM_EXTERN_MEMORY,
  WA_API_TAG = WASMAOT_EXTERN_TAG,
  WA_API_INSTANCE,
  WA_API_FOREIGN,
  WA_API_LINKER,
  WA_API_TRAP,
  WA_API_MODULE,
};

struct wasm_ref_t {
  enum wa_api_kind kind;
  atomic_uint handles;
  atomic_uint uses;
  bool pinned;
  bool active;             // counted in the owner's uses
  bool condemned;          // in the store's list of what ends when the call in progress does
  wasm_store_t *store;     // NULL for traps and modules, and when the store is gone
  const void *identity;    // key in the store's index
  struct wasm_ref_t *next; // in the index's bucket, or in a list of what ends
  struct wasm_ref_t *next_condemned;
  wasm_instance_t *owner; // whose export it is, or NULL
  struct wasm_ref_t *previous_of_owner;
  struct wasm_ref_t *next_of_owner;
  struct wasm_ref_t **held; // used until this ends
  size_t held_count;
  void *host_info;
  void (*finalizer)(void *);
};

// An object that is a value of the runtime's externals. The five kinds have nothing else, but
// functions.
struct wasm_extern_t {
  struct wasm_ref_t ref;
  struct wa_extern value;
  bool own; // made by the embedder: freed with this
};

struct wasm_func_t {
  struct wasm_extern_t base;
  const struct wa_signature *signature;
  bool plain; // all its types have a kind in wasm.h
  // Of a host function:
  enum { WA_API_COMPILED, WA_API_PLAIN, WA_API_WITH_ENV, WA_API_WITH_CALLER, WA_API_CELLS } callee;
  union {
    wasm_func_callback_t plain_callback;
    wasm_func_callback_with_env_t env_callback;
    wasmaot_func_callback_t caller_callback;
    wasmaot_cells_callback_t cells_callback;
  };
  void *env;
  void (*env_finalizer)(void *);
};

struct wasm_global_t {
  struct wasm_extern_t base;
};
struct wasm_table_t {
  struct wasm_extern_t base;
};
struct wasm_memory_t {
  struct wasm_extern_t base;
  wasmaot_sharedmemory_t *shared; // retained, when it is one of several stores
};
struct wasmaot_tag_t {
  struct wasm_extern_t base;
};

// A reference to an instance that does not keep it: for frames, which may outlive it and be on any
// thread.
struct wa_api_weak {
  atomic_uint references;
  _Atomic(wasm_instance_t *) instance; // NULL when it has ended
};

struct wasm_instance_t {
  struct wasm_ref_t ref;
  struct wa_instance *instance;
  struct wa_api_weak *weak;   // NULL: nobody asked yet
  struct wasm_ref_t *exports; // all that an embedder has seen, by next_of_owner
};

// Its instances use it, and it uses what was defined.
struct wasmaot_linker_t {
  struct wasm_ref_t ref;
  struct wa_linker *linker;
  struct wa_wasi *wasi; // NULL: not defined
};

struct wasm_foreign_t {
  struct wasm_ref_t ref;
};

struct wasm_module_t {
  struct wasm_ref_t ref;
  struct wa_artifact *artifact;
  struct wa_prepared *prepared; // its types
  bool leaky;
};

struct wasm_config_t {
  int opt_level;
  unsigned jobs;
  bool caller_stack;    // host functions run there
  bool explicit_checks; // see wa_compile_options
  bool debug_info;
  char *cpu;                                     // NULL: native
  uint64_t features_off;                         // WA_FEATURE_*
  uint64_t max_compile_memory, max_compile_time; // see wa_compile_options
  struct wa_store_options limits;
};

struct wasm_engine_t {
  atomic_uint references;
  struct wasm_config_t config;
};

struct wasm_store_t {
  wasm_engine_t *engine; // retained
  struct wa_store *store;
  struct wasm_ref_t **buckets; // by identity
  size_t bucket_count;         // a power of two
  size_t ref_count;
  struct wasm_ref_t *condemned;
  struct wasm_ref_t **foreign_pins; // traps and modules that code has references to
  size_t foreign_pin_count;
  unsigned depth; // calls in progress
  bool deleted;   // when the last call in progress ends
};

// ---- api_ref.c ----

// Makes a ref with one handle, in the index of its store; a NULL identity is its own address. NULL
// when out of memory.
void *wa_api_ref_new(wasm_store_t *store, enum wa_api_kind kind, const void *identity);
// The ref of an identity with one more handle, or NULL.
void *wa_api_ref_find(wasm_store_t *store, const void *identity);
// One without a store: a trap or a module.
void wa_api_ref_init(struct wasm_ref_t *ref, enum wa_api_kind kind);
void wa_api_ref_retain(struct wasm_ref_t *ref);  // one more handle; NULL is fine
void wa_api_ref_release(struct wasm_ref_t *ref); // one handle less; NULL is fine
void wa_api_ref_use(struct wasm_ref_t *ref);
void wa_api_ref_unuse(struct wasm_ref_t *ref);
// Uses another until this ends. False when out of memory.
bool wa_api_ref_hold(struct wasm_ref_t *ref, struct wasm_ref_t *other);
// Makes it the export of an instance that is alive.
void wa_api_ref_adopt(struct wasm_ref_t *ref, wasm_instance_t *owner);
// It lives as long as the store from now on. False when out of memory.
bool wa_api_ref_pin(wasm_store_t *store, struct wasm_ref_t *ref);
// Ends every object of the store; handles that are left become dead.
void wa_api_refs_end(wasm_store_t *store);
// Around everything that may run code.
static inline void wa_api_enter(wasm_store_t *store) {
  store->depth++;
}
void wa_api_leave(wasm_store_t *store);

// ---- api_extern.c ----

// A handle of a runtime object; `owner` is the instance that exports it, or NULL. NULL when out of
// memory.
wasm_extern_t *wa_api_extern(wasm_store_t *store, struct wa_extern value, wasm_instance_t *owner);
wasm_func_t *wa_api_func(wasm_store_t *store, struct wa_func_ref *func);
enum wa_api_kind wa_api_kind_of(enum wa_extern_kind kind);
wasm_externtype_t *wa_api_extern_type(const struct wa_extern *value);

// ---- api_val.c ----

wasm_valkind_t wa_api_kind_of_type(uint32_t type);
// The type that wasm_valtype_new makes of a kind; false when there is no such kind.
bool wa_api_type_of_kind(wasm_valkind_t kind, uint32_t *type);
// From a value to a cell (two for v128) of a type, and back; what code may keep is pinned. False,
// with the last error set, when the value is not of the type.
bool wa_api_val_to_cell(wasm_store_t *store, const wasm_val_t *val, uint32_t type,
                        union wa_cell *cell);
bool wa_api_val_from_cell(wasm_store_t *store, const union wa_cell *cell, uint32_t type,
                          wasm_val_t *val);
// The same for references alone.
bool wa_api_ref_to_cell(wasm_store_t *store, struct wasm_ref_t *ref, uint32_t type, void **cell);
bool wa_api_ref_from_cell(wasm_store_t *store, void *cell, uint32_t type, wasm_ref_t **ref);
// Whether wasm_val_t has a kind for it.
bool wa_api_type_is_plain(uint32_t type);

// ---- api_trap.c ----

// Never NULL: when memory is short, a trap that says so and need not be freed. `store` is where its
// frames' instances are looked for, before any can have ended; NULL: they are not known.
wasm_trap_t *wa_api_trap_new(wasm_store_t *store, const struct wa_trap *trap);
void wa_api_trap_deinit(struct wasm_ref_t *trap); // its references, before it is freed
__attribute__((format(printf, 1, 2))) wasm_trap_t *wa_api_trap_say(const char *format, ...);
// A trap with the last error's message.
wasm_trap_t *wa_api_trap_of_error(const struct wa_error *err);
// Copies what is in use.
void wa_api_trap_get(const wasm_trap_t *trap, struct wa_trap *to);
// Raises a trap from a host function on this thread, and deletes it. False.
bool wa_api_trap_raise(wasm_trap_t *trap);

// ---- api_types.c ----

wasm_valtype_t *wa_api_valtype(uint32_t type);
uint32_t wa_api_type_of(const wasm_valtype_t *type);
// Of a canonical id.
wasm_functype_t *wa_api_functype(uint32_t id);
// The canonical id; 0 when out of memory.
uint32_t wa_api_functype_id(const wasm_functype_t *type);
struct wa_api_limits {
  uint64_t min;
  uint64_t max; // UINT64_MAX: none
  bool shared;
  bool index64;
  bool bytes; // pages of one
};
wasm_globaltype_t *wa_api_globaltype(uint32_t type, bool mut);
wasm_tabletype_t *wa_api_tabletype(uint32_t element, const struct wa_api_limits *limits);
wasm_memorytype_t *wa_api_memorytype(const struct wa_api_limits *limits);
wasm_externtype_t *wa_api_tagtype(uint32_t id);
const struct wa_api_limits *wa_api_tabletype_limits(const wasm_tabletype_t *type);
const struct wa_api_limits *wa_api_memorytype_limits(const wasm_memorytype_t *type);

// ---- api_engine.c ----

void wa_api_engine_retain(wasm_engine_t *engine);
void wa_api_store_close(wasm_store_t *store);

// ---- api_module.c ----

// Takes the artifact over, whether or not it succeeds. NULL artifact: NULL.
wasm_module_t *wa_api_module(struct wa_artifact *artifact);

// ---- api_instance.c ----

// Where the imports of a new instance come from: by their order, or from a linker.
struct wa_api_imports {
  const wasm_extern_vec_t *externs;
  wasmaot_linker_t *linker;
};

// The instance of a frame, with one more reference; NULL when it is not known or no more.
struct wa_api_weak *wa_api_instance_of(wasm_store_t *store, const struct wa_frame *frame);
void wa_api_weak_release(struct wa_api_weak *weak); // NULL is fine
void wa_api_weak_end(wasm_instance_t *instance);    // it is no more
// NULL with the last error, and with *trap when it is that.
wasm_instance_t *wa_api_instantiate(wasm_store_t *store, const wasm_module_t *module,
                                    const struct wa_api_imports *imports, wasm_trap_t **trap);

// ---- api_func.c ----

// Whether a host function's reference was made by this API; then its wasm_func_t.
wasm_func_t *wa_api_own_func(const struct wa_func_ref *func);
void wa_api_func_init(wasm_func_t *func, struct wa_func_ref *ref);
// As the public functions of these names, but for what a host function threw: it stays the thread's
// (thrown.h) until wa_api_throw_on, which throws it in the place of the trap that ended the call.
wasm_trap_t *wa_api_func_call(const wasm_func_t *func, const wasm_val_vec_t *args,
                              wasm_val_vec_t *results);
wasm_trap_t *wa_api_func_call_cells(const wasm_func_t *func, wasmaot_cell_t *cells);
wasmaot_error_t *wa_api_linker_instantiate(wasmaot_linker_t *linker, const wasm_module_t *module,
                                           wasm_instance_t **out, wasm_trap_t **trap);
// With nothing to throw, the trap. Nothing may be left to do for the caller.
wasm_trap_t *wa_api_throw_on(wasm_trap_t *trap);
bool wa_api_live(const struct wasm_ref_t *ref, const char *what);

#endif

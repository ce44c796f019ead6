// The modules that a script knows: definitions, their instances, and what is registered for import.
// A thread block has a scope of its own, which sees only the instances shared with it.
#ifndef SPEC_SCOPE_H
#define SPEC_SCOPE_H

#include "compiler/compile.h"
#include "runtime/runtime.h"
#include "tests/engine_lazy.h"
#include "tests/spec/report.h"
#include "tests/spec/sexpr.h"

enum { LONGEST_WHY = 512 };

struct spec_options {
  int opt_level;
  bool validate_only;    // decode and validate modules, run nothing
  uint64_t features_off; // WA_FEATURE_* that the scripts of a folder know nothing of
  // For other hosts: objects compiled on one are run on the other. All may be NULL.
  const char *target;     // to compile for
  const char *cpu;        // NULL: the baseline
  bool explicit_checks;   // wa_compile_options
  int replace;            // by which level's the code is replaced before it runs; 0: by none
  bool lazy;              // compile each function when it is called
  const char *passes;     // to leave out, as `compile --passes` has them; NULL: none
  const char *write_to;   // compile modules to objects in this directory, run nothing
  const char *objects_in; // compile nothing, load what is in this directory
};

enum state {
  READY,
  BROKEN,  // should have loaded: commands that need it fail; why is the error
  LACKING, // needs what is not offered: commands that need it are skipped; why names that
};

struct definition {
  struct definition *next;
  struct wa_bytes name; // "$M"; size 0 when it has none
  enum state state;
  char why[LONGEST_WHY];
  struct wa_artifact *artifact; // when READY
  struct engine_lazy *lazy; // what it needs when its functions are compiled when called, or NULL
};

struct instance {
  struct instance *next;
  struct wa_bytes name;
  enum state state;
  char why[LONGEST_WHY];
  struct wa_instance *instance; // when READY
};

// A module name that was registered for an instance that does not exist.
struct gap {
  struct gap *next;
  struct wa_bytes name;
  const struct instance *instance;
};

struct scope {
  const struct spec_options *options;
  struct report *report;
  struct wa_arena arena;
  struct wa_store *store;
  struct wa_linker *linker;       // spectest and what is registered
  struct definition *definitions; // newest first, as are the next two
  struct instance *instances;
  struct gap *gaps;
  struct script_thread *threads; // script.c's
};

bool scope_init(struct scope *scope, const struct spec_options *options, struct report *report);
void scope_deinit(struct scope *scope);

// Compiles and loads a module. NULL only when out of memory: failures are in its state.
struct definition *scope_define(struct scope *scope, struct wa_bytes name, struct wa_bytes bytes);

struct instantiation {
  enum wa_instantiate_result result; // when state is READY
  enum state state;
  char why[LONGEST_WHY]; // unless READY and WA_INSTANTIATED
  struct wa_instance *instance;
  struct wa_error error; // of WA_INSTANTIATE_FAILED
  struct wa_trap trap;   // of WA_INSTANTIATE_TRAPPED
};

void scope_instantiate(struct scope *scope, const struct definition *definition,
                       struct instantiation *result);
// Names an instance made elsewhere, or one that could not be made. NULL when out of memory.
struct instance *scope_add_instance(struct scope *scope, struct wa_bytes name, enum state state,
                                    const char *why, struct wa_instance *instance);

// By name, or the newest when the size is 0. NULL when there is none.
struct definition *scope_definition(const struct scope *scope, struct wa_bytes name);
struct instance *scope_instance(const struct scope *scope, struct wa_bytes name);

bool scope_register(struct scope *scope, struct wa_bytes as, const struct instance *instance,
                    struct wa_error *err);

// What an UNSUPPORTED error lacks, in a few words, from its message.
void lacking_feature(const struct wa_error *err, char *why, size_t size);

// The host module that scripts import.
bool spectest_define(struct wa_store *store, struct wa_linker *linker, struct wa_error *err);

// Validates, compiles and loads, as the command would, for a definition, which has a reference to
// the artifact then.
bool engine_load(struct wa_bytes bytes, const struct spec_options *options,
                 struct definition *definition, struct wa_error *err);
// Its part that needs the compiler: to an object in memory that is loaded, or to the file `path`
// when that is not NULL. Always fails in a build without the compiler.
bool engine_compile(const struct wa_module *module, const struct spec_options *options,
                    const char *path, struct wa_artifact **artifact, struct wa_error *err);
// The same with functions that are compiled when they are called, by the threads of what is
// returned; NULL with err.
struct engine_lazy *engine_compile_lazily(struct wa_bytes bytes, const struct spec_options *options,
                                          struct wa_artifact **artifact, struct wa_error *err);

#endif

// What a module or an artifact needs and offers, in one form for both, so that `inspect` prints it
// in one way. Strings point into the file; the arrays are the description's.
#ifndef WA_CLI_DESCRIBE_H
#define WA_CLI_DESCRIBE_H

#include "compiler/wasm/module.h"
#include "runtime/code/artifact.h"

struct wa_extern_type {
  enum wa_extern_kind kind;
  const uint32_t *params; // functions
  const uint32_t *results;
  uint32_t param_count;
  uint32_t result_count;
  struct wa_limits limits; // tables and memories
  uint32_t type;           // of a global's value or a table's entries
  bool mut;                // globals
};

struct wa_described {
  struct wa_bytes module; // imports only
  struct wa_bytes name;
  struct wa_extern_type type;
};

struct wa_description {
  uint64_t file_size;
  struct wa_bytes name;
  uint64_t features;      // WA_FEATURE_*
  uint64_t code_size;     // bytes of wasm bodies, or of native text
  uint64_t data_size;     // bytes of data segments
  uint64_t metadata_size; // artifacts
  uint32_t type_count, function_count, table_count, memory_count, global_count;
  uint32_t elem_count, data_count;
  uint32_t start; // function index, or WA_NONE
  struct wa_described *imports;
  struct wa_described *exports;
  struct wa_described *memories; // the index spaces, imports first; nameless
  struct wa_described *tables;
  uint32_t import_count, export_count;

  // Modules only.
  const struct wa_module *module; // producers and target features; NULL for artifacts
  // Artifacts only.
  const struct wa_artifact *artifact; // NULL for modules
};

// False when out of memory. The module or artifact must outlive the description.
bool wa_describe_module(struct wa_description *description, const struct wa_module *module);
bool wa_describe_artifact(struct wa_description *description, const struct wa_artifact *artifact,
                          uint64_t file_size);
void wa_description_deinit(struct wa_description *description);

const char *wa_describe_valtype(uint32_t type);         // "i32"
const char *wa_describe_kind(enum wa_extern_kind kind); // "func"

// What an object's code relies on, by name.
struct wa_reliance {
  uint32_t bit; // WA_RELIES_ON_*
  const char *name;
};

// Up to one whose name is NULL.
extern const struct wa_reliance wa_reliances[];

#endif

#include "cli/advice.h"

#include <string.h>

struct origin {
  const char *module; // how the module's name begins
  const char *name;   // how the import's name begins
  const char *advice;
};

static const char wants_emscripten[] =
    "this is Emscripten's output for JavaScript; link with -sSTANDALONE_WASM, or compile with "
    "wasi-sdk: clang --target=wasm32-wasip1";
static const char wants_javascript[] =
    "this is wasm-bindgen's output for JavaScript; build for wasm32-wasip1 or "
    "wasm32-wasip1-threads, without wasm-bindgen";
static const char wants_go[] =
    "this is Go's output for JavaScript; build with GOOS=wasip1 GOARCH=wasm";
static const char wants_components[] =
    "this is the inside of a component (WASI 0.2 or later); build for preview 1: wasm32-wasip1 or "
    "wasm32-wasip1-threads";
static const char wants_linker[] =
    "this is not linked completely: give the linker the libraries too, and leave out "
    "--allow-undefined";

// The first that fits counts.
static const struct origin origins[] = {
    {"__wbindgen", "", wants_javascript},
    {"wbg", "", wants_javascript},
    {"", "__wbindgen_", wants_javascript},
    {"", "__wbg_", wants_javascript},
    {"gojs", "", wants_go},
    {"go", "runtime.", wants_go},
    {"go", "syscall/js.", wants_go},
    {"wasix_", "",
     "this is for WASIX (wasmer); build for preview 1: wasm32-wasip1 or wasm32-wasip1-threads"},
    {"wasi:", "", wants_components},
    {"cm32p2", "", wants_components},
    {"env", "emscripten_", wants_emscripten},
    {"env", "_emscripten_", wants_emscripten},
    {"env", "__emscripten_", wants_emscripten},
    {"env", "invoke_", wants_emscripten},
    {"env", "__syscall_", wants_emscripten},
    {"env", "__cxa_", wants_emscripten},
    {"env", "__assert_fail", wants_emscripten},
    {"env", "_abort_js", wants_emscripten},
    {"env", "_tzset_js", wants_emscripten},
    {"GOT.", "", wants_linker},
    {"env", "__linear_memory", wants_linker},
    {"env", "__indirect_function_table", wants_linker},
    {"env", "__memory_base", wants_linker},
    {"env", "__stack_pointer", wants_linker},
    {"env", "seed",
     "this is AssemblyScript's output for JavaScript; compile it with its WASI shim"},
    {"wasi_snapshot_preview1", "", "preview 1 has no such function"},
    {"wasi_unstable", "", "preview 1 has no such function"},
    {"wasi", "thread_spawn",
     "this is for an older form of wasi-threads; build it with wasi-sdk 20 or later"},
    {"", "",
     "--preload=NAME=FILE links a module that has them, --unknown-imports=trap runs without"},
};

static bool begins(const char *text, size_t size, const char *with) {
  size_t length = strlen(with);
  return size >= length && memcmp(text, with, length) == 0;
}

static bool fits(const struct origin *origin, const struct wa_meta *meta,
                 const struct wa_meta_import *import) {
  return begins(wa_meta_chars(meta, import->module), import->module.length, origin->module) &&
         begins(wa_meta_chars(meta, import->name), import->name.length, origin->name);
}

static bool is_missing(const struct wa_linker *linker, const struct wa_meta *meta,
                       const struct wa_meta_import *import) {
  struct wa_extern value;
  return !wa_linker_get(linker, wa_meta_chars(meta, import->module), import->module.length,
                        wa_meta_chars(meta, import->name), import->name.length, &value);
}

const char *wa_import_advice(const struct wa_artifact *artifact, const struct wa_linker *linker) {
  const struct wa_meta *meta = artifact->meta;
  const struct wa_meta_import *imports = WA_META_ROWS(meta, imports, struct wa_meta_import);
  for (size_t i = 0; i < sizeof origins / sizeof *origins; i++) {
    for (uint32_t j = 0; j < meta->imports.count; j++) {
      if (fits(&origins[i], meta, &imports[j]) && is_missing(linker, meta, &imports[j])) {
        return origins[i].advice;
      }
    }
  }
  return NULL;
}

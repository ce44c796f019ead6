#include "cli/wasmtime.h"

#include "cli/run.h"

#include <string.h>

const char *const wa_profile_choices[] = {"none", "perfmap", "jitdump", NULL};

#define AT(member) offsetof(struct wa_run_values, member)
#define IS_SO(name, why)                                                                           \
  { .long_name = (name), .help = (why), .kind = WA_OPTION_IS_SO }
#define ALWAYS(name, instead)                                                                      \
  { .long_name = (name), .help = (instead), .kind = WA_OPTION_ALWAYS }
#define ABSENT(name, instead)                                                                      \
  { .long_name = (name), .help = (instead), .kind = WA_OPTION_ABSENT }
#define PROPOSAL(name, bit)                                                                        \
  {                                                                                                \
    .long_name = (name), .help = "allow the proposal (default), or do not", .kind = WA_OPTION_BIT, \
    .offset = AT(proposals), .min = (bit)                                                          \
  }

static const char memories_are_fixed[] =
    "nothing to do: memories have one layout here and never move";
static const char no_components[] = "components are not supported; leave it out";
static const char no_collector[] = "garbage collection is not supported; leave it out";
static const char only_components[] = "nothing to do: only components have it";

const struct wa_option wa_optimize_keys[] = {
    {.long_name = "opt-level",
     .metavar = "LEVEL",
     .help = "0 compiles fastest, 3 runs fastest; auto (default): 0 now, and 3 beside the program",
     .kind = WA_OPTION_CHOICE,
     .offset = AT(level),
     .choices = wa_run_level_choices},
    IS_SO("regalloc-algorithm", "nothing to do: LLVM has its own"),
    IS_SO("memory-init-cow", "nothing to do: data is mapped where it can be"),
    IS_SO("memory-*", memories_are_fixed),
    IS_SO("guard-before-linear-memory", memories_are_fixed),
    IS_SO("gc-heap-*", "nothing to do: there is no such heap"),
    IS_SO("table-lazy-init", "nothing to do: constant tables are part of the code"),
    ALWAYS("signals-based-traps", "traps need signal handlers here; leave it out"),
    IS_SO("pooling-*", "nothing to do: there are no pools"),
    IS_SO("dynamic-memory-*", memories_are_fixed),
    IS_SO("static-memory-*", memories_are_fixed),
    {.help = NULL},
};

const struct wa_option wa_codegen_keys[] = {
    {.long_name = "cache",
     .help = "keep what a module was compiled to (default), or do not: --no-cache",
     .kind = WA_OPTION_BOOL,
     .offset = AT(no_cache),
     .inverted = true},
    ABSENT("cache-config", "set WASMAOT_CACHE_DIR and WASMAOT_CACHE_SIZE instead"),
    {.long_name = "parallel-compilation",
     .help = "compile with all processors (default), or with one: --jobs=1",
     .kind = WA_OPTION_BOOL,
     .offset = AT(one_job),
     .inverted = true},
    IS_SO("compiler", "nothing to do: LLVM is the only one"),
    IS_SO("collector", "nothing to do: nothing is collected"),
    IS_SO("inlining", "nothing to do: LLVM decides"),
    IS_SO("native-unwind-info", "nothing to do: it is always there"),
    IS_SO("metadata-for-*", "nothing to do: traps are always told apart"),
    ABSENT("cranelift-*", "a setting of another compiler; leave it out"),
    {.help = NULL},
};

const struct wa_option wa_debug_keys[] = {
    {.long_name = "debug-info",
     .help = "keep the module's debug information: -g",
     .kind = WA_OPTION_BOOL,
     .offset = AT(translate.debug)},
    IS_SO("address-map", "nothing to do: traps always name functions"),
    IS_SO("logging", "nothing to do: there is no log"),
    IS_SO("log-to-files", "nothing to do: there is no log"),
    IS_SO("max-backtrace", "nothing to do: 64 frames are kept"),
    {.long_name = "coredump",
     .metavar = "FILE",
     .help = "write a core dump of WebAssembly at a trap: --coredump",
     .kind = WA_OPTION_STRING,
     .offset = AT(program.coredump)},
    ABSENT("guest-debug", "use -g and gdb"),
    ABSENT("debugger", "use -g and gdb"),
    ABSENT("arg", "there is no debugger component; use -g and gdb"),
    ABSENT("inherit-stdin", "there is no debugger component; leave it out"),
    ABSENT("inherit-stdout", "there is no debugger component; leave it out"),
    ABSENT("inherit-stderr", "there is no debugger component; leave it out"),
    {.help = NULL},
};

const struct wa_option wa_wasm_keys[] = {
    {.long_name = "max-memory-size",
     .metavar = "SIZE",
     .help = "most that all memories together may have: --max-memory",
     .kind = WA_OPTION_SIZE,
     .offset = AT(program.max_memory),
     WA_BOUNDS_OF_MEMORY},
    {.long_name = "max-table-elements",
     .metavar = "N",
     .help = "most entries that all tables together may have: --max-table",
     .kind = WA_OPTION_NUMBER,
     .offset = AT(program.max_table),
     WA_BOUNDS_OF_TABLE},
    {.long_name = "max-wasm-stack",
     .metavar = "SIZE",
     .help = "stack of every thread: --max-stack",
     .kind = WA_OPTION_SIZE,
     .offset = AT(program.max_stack),
     WA_BOUNDS_OF_STACK},
    {.long_name = "timeout",
     .metavar = "TIME",
     .help = "end the program after so long: --timeout; 2, 2s and 100ms are fine",
     .kind = WA_OPTION_SECONDS,
     .offset = AT(program.timeout),
     WA_BOUNDS_OF_SECONDS},
    {.long_name = "unknown-imports-trap",
     .help = "functions that nobody provides trap: --unknown-imports=trap",
     .kind = WA_OPTION_BOOL,
     .offset = AT(trap_unknown)},
    ABSENT("unknown-imports-default",
           "use -W unknown-imports-trap, which traps when they are called"),
    IS_SO("unknown-exports-allow", "nothing to do: exports may have any name"),
    ABSENT("fuel", "nothing is counted; use --timeout"),
    IS_SO("epoch-interruption", "nothing to do: every program can be interrupted"),
    ABSENT("nan-canonicalization",
           "NaNs have the bits that the processor gives them; leave it out"),
    ABSENT("relaxed-simd-deterministic",
           "docs/semantics.md says what each instruction gives; leave it out"),
    ABSENT("trap-on-grow-failure", "growing beyond a limit gives -1; leave it out"),
    ABSENT("wmemcheck", "memory errors inside of a guest are not looked for; leave it out"),
    ABSENT("max-instances", "use --max-threads: each thread has one instance"),
    ABSENT("max-tables", "use --max-table, which bounds all of them together"),
    ABSENT("max-memories", "use --max-memory, which bounds all of them together"),
    IS_SO("async-stack-*", "nothing to do: there are no such stacks"),
    ALWAYS("all-proposals", "use --features=mvp"),
    PROPOSAL("bulk-memory", WA_FEATURE_BULK_MEMORY),
    PROPOSAL("multi-memory", WA_FEATURE_MULTI_MEMORY),
    PROPOSAL("multi-value", WA_FEATURE_MULTI_VALUE),
    PROPOSAL("reference-types", WA_FEATURE_REFERENCE_TYPES),
    PROPOSAL("simd", WA_FEATURE_SIMD),
    PROPOSAL("relaxed-simd", WA_FEATURE_RELAXED_SIMD),
    PROPOSAL("tail-call", WA_FEATURE_TAIL_CALL),
    PROPOSAL("threads", WA_FEATURE_THREADS),
    PROPOSAL("shared-memory", WA_FEATURE_THREADS),
    PROPOSAL("memory64", WA_FEATURE_MEMORY64),
    PROPOSAL("function-references", WA_FEATURE_FUNCTION_REFERENCES),
    PROPOSAL("custom-page-sizes", WA_FEATURE_CUSTOM_PAGE_SIZES),
    PROPOSAL("wide-arithmetic", WA_FEATURE_WIDE_ARITHMETIC),
    PROPOSAL("branch-hinting", WA_FEATURE_BRANCH_HINTING),
    PROPOSAL("extended-const", WA_FEATURE_EXTENDED_CONST),
    PROPOSAL("exceptions", WA_FEATURE_EXCEPTION_HANDLING),
    ABSENT("gc", no_collector),
    IS_SO("gc-support", "nothing to do: nothing is collected"),
    IS_SO("concurrency-support", only_components),
    ABSENT("stack-switching", "the proposal is not supported; leave it out"),
    ABSENT("shared-everything-threads", "the proposal is not supported; use wasm32-wasip1-threads"),
    ABSENT("component-model", no_components),
    ABSENT("component-model-*", no_components),
    {.help = NULL},
};

const struct wa_option wa_wasi_keys[] = {
    {.long_name = "inherit-env",
     .help = "pass on the whole environment: --inherit-env",
     .kind = WA_OPTION_BOOL,
     .offset = AT(program.inherit_env)},
    {.long_name = "tcplisten",
     .metavar = "ADDR:PORT",
     .help = "hand the guest a listening socket: --tcplisten",
     .kind = WA_OPTION_LIST,
     .offset = AT(program.listen)},
    ALWAYS("threads", "wasi.thread-spawn is there for whoever imports it; --max-threads bounds it"),
    ALWAYS("cli", "preview 1 is always there; leave it out"),
    ALWAYS("common", "preview 1 is always there; leave it out"),
    ALWAYS("preview0", "wasi_unstable is always there; leave it out"),
    IS_SO("preview2", "nothing to do: preview 1 is on its own here"),
    ABSENT("listenfd", "use --fd=N for each descriptor"),
    ALWAYS("inherit-stdin", "redirect it: < /dev/null"),
    ALWAYS("inherit-stdout", "redirect it: > /dev/null"),
    ALWAYS("inherit-stderr", "redirect it: 2> /dev/null"),
    IS_SO("inherit-network", "nothing to do: preview 1 opens no sockets"),
    IS_SO("allow-ip-name-lookup", "nothing to do: preview 1 looks up no names"),
    IS_SO("tcp", "nothing to do: preview 1 opens no sockets"),
    IS_SO("udp", "nothing to do: preview 1 opens no sockets"),
    IS_SO("network-error-code", only_components),
    IS_SO("cli-exit-with-code", only_components),
    IS_SO("max-resources", only_components),
    IS_SO("max-random-size", only_components),
    IS_SO("max-http-fields-size", only_components),
    IS_SO("http-outgoing-*", only_components),
    ABSENT("hostcall-fuel", "nothing is counted; use --timeout and --max-memory"),
    ABSENT("cwd", "preview 1 has none: grant a directory as '.': --dir=HOST::."),
    ABSENT("nn", "WASI has no neural networks here; leave it out"),
    ABSENT("nn-graph", "WASI has no neural networks here; leave it out"),
    ABSENT("http", no_components),
    ABSENT("tls", no_components),
    ABSENT("p3", no_components),
    ABSENT("config", no_components),
    ABSENT("config-var", no_components),
    ABSENT("keyvalue", no_components),
    ABSENT("keyvalue-in-memory-data", no_components),
    {.help = NULL},
};

static const char by_default[] = "it is on unless --features takes it away; leave it out";
static const char only_llvm[] = "modules are always compiled with LLVM; leave it out";
static const char no_sockets[] =
    "preview 1 opens no sockets; --tcplisten=ADDR:PORT hands in one that listens";

const struct wa_help_row wa_elsewhere_options[] = {
    // wasmtime, and what it had before version 14
    {"mapdir", "use --dir=HOST::GUEST, the host's name first"},
    {"config", "options stand on the command line"},
    {"record", "runs are not recorded"},
    {"gdbstub", "use -g and gdb"},
    {"target", "run is for this host; 'wasmaot compile --target' is for others"},
    {"wasm-timeout", "use --timeout=SECONDS"},
    {"fuel", "nothing is counted; use --timeout=SECONDS"},
    {"max-wasm-stack", "use --max-stack=SIZE"},
    {"max-memory-size", "use --max-memory=SIZE"},
    {"max-table-elements", "use --max-table=ENTRIES"},
    {"disable-cache", "use --no-cache"},
    {"cache", "it is on by default; --no-cache is its opposite"},
    {"trap-unknown-imports", "use --unknown-imports=trap"},
    {"allow-unknown-exports", "exports may have any name; leave it out"},
    {"wasi-modules", "preview 1 and wasi.thread-spawn are always there; leave it out"},
    {"wasi-common", "preview 1 and wasi.thread-spawn are always there; leave it out"},
    {"listenfd", "use --fd=N for each descriptor"},
    {"opt-level", "use -O0 to -O3"},
    // WAMR
    {"function", "use --invoke=NAME"},
    {"stack-size", "use --max-stack=SIZE"},
    {"heap-size", "modules bring an allocator of their own; leave it out"},
    {"shared-heap-size", "modules bring an allocator of their own; leave it out"},
    {"gc-heap-size", "garbage collection is not supported; leave it out"},
    {"map-dir", "use --dir=HOST::GUEST, the host's name first"},
    {"addr-pool", no_sockets},
    {"allow-resolve", no_sockets},
    {"native-lib", "host functions go with libwasmaot: docs/embedding.md"},
    {"module-path", "use --preload=NAME=FILE"},
    {"interp", only_llvm},
    {"fast-jit", only_llvm},
    {"llvm-jit", only_llvm},
    {"multi-tier-jit", only_llvm},
    {"disable-bounds-checks", "there are none to be had: guard pages catch what leaves a memory"},
    {"repl", "there is no shell; use --invoke=NAME"},
    // wasmer
    {"volume", "use --dir=HOST::GUEST, the host's name first"},
    {"entrypoint", "use --invoke=NAME"},
    {"forward-host-env", "use --inherit-env"},
    {"net", no_sockets},
    {"http-client", no_sockets},
    {"llvm", only_llvm},
    {"cranelift", only_llvm},
    {"singlepass", only_llvm},
    {"enable-all", by_default},
    {"enable-threads", by_default},
    {"enable-simd", by_default},
    {"enable-bulk-memory", by_default},
    {"enable-reference-types", by_default},
    {"enable-multi-value", by_default},
    {"cache-dir", "set WASMAOT_CACHE_DIR"},
    {.text = NULL},
};

bool wa_is_wasmtime_command(const char *name) {
  static const char *const names[] = {"config",     "explore", "serve",      "settings", "wast",
                                      "completion", "objdump", "hot-blocks", "wizer"};
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    if (strcmp(names[i], name) == 0) {
      return true;
    }
  }
  return false;
}

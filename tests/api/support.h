// What the tests of the public API share. They see the public headers only.
#ifndef API_SUPPORT_H
#define API_SUPPORT_H

#include "wasm.h"
#include "wasmaot.h"

#include <check.h>

// The engine and store of the test at hand, made by setup and deleted by teardown.
extern wasm_engine_t *engine;
extern wasm_store_t *store;
void setup(void);
void teardown(void);

// A file of the modules' directory, to be deleted.
wasm_byte_vec_t read_module(const char *name);
// Compiled on first use and kept until the process ends: LLVM takes longer than the tests. Before
// threads are made.
wasm_module_t *module_named(const char *name);
void forget_modules(void);

// An instance without imports of a module; fails the test when it cannot be made.
wasm_instance_t *instance_of(const char *name);
// A function export; it must exist. To be deleted.
wasm_func_t *function(const wasm_instance_t *instance, const char *name);
// The one result of a function of i32 parameters.
int32_t call_i32(const wasm_func_t *func, size_t count, const int32_t *args);

void expect_message(const wasm_trap_t *trap, const char *part);
// Deletes the error, which must be there and say something.
void expect_error(wasmaot_error_t *error, const char *part);
void expect_ok(wasmaot_error_t *error);

// Runs a test case with setup and teardown; the exit status of main.
int run_tests(const char *name, void (*add)(TCase *));
// The same with other fixtures.
int run_tests_with(const char *name, void (*add)(TCase *), void (*before)(void),
                   void (*after)(void));

#endif

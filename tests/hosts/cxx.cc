// A host in C++ whose functions throw: through one call and many, on all threads, with calls that
// are to end. Every exception is caught once or ended, and what calls have changed is put back.
#include "wasm.h"
#include "wasmaot.h"

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <fstream>
#include <functional>
#include <iterator>
#include <pthread.h>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#define CHECK(condition)                                                                           \
  ((condition)                                                                                     \
       ? (void)0                                                                                   \
       : (std::fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition), std::abort()))

namespace {

// ---- What throws ----

std::atomic<int> alive{0};

struct Thrown : std::runtime_error {
  explicit Thrown(const std::string &what) : std::runtime_error(what) {
    alive++;
  }
  Thrown(const Thrown &other) : std::runtime_error(other) {
    alive++;
  }
  ~Thrown() override {
    alive--;
  }
};

std::atomic<int> left{0};

// Of a host function's frame.
struct Frame {
  ~Frame() {
    left++;
  }
};

// ---- The host ----

std::string directory;
wasm_engine_t *engine;

wasm_module_t *load(wasm_store_t *store, const char *name) {
  std::ifstream file(directory + "/" + name, std::ios::binary);
  std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  wasm_byte_vec_t bytes;
  wasm_byte_vec_new(&bytes, text.size(), text.data());
  wasm_module_t *module = wasm_module_new(store, &bytes);
  CHECK(module != nullptr);
  wasm_byte_vec_delete(&bytes);
  return module;
}

enum Kind { PLAIN, ENV, CALLER, CELLS, KINDS };

// An instance of host.wat, whose import is `back`, by each kind of callback there is.
struct Host {
  std::function<int32_t(int32_t)> back;
  wasm_store_t *store;
  wasm_module_t *module;
  wasm_func_t *import;
  wasm_instance_t *instance = nullptr;

  static thread_local Host *plain; // a plain callback has no other way to its host

  static wasm_trap_t *finish(Host *host, const wasm_val_t &argument, wasm_val_t &result) {
    result.kind = WASM_I32;
    result.of.i32 = host->back(argument.of.i32);
    return nullptr;
  }
  static wasm_trap_t *call_plain(const wasm_val_vec_t *args, wasm_val_vec_t *results) {
    return finish(plain, args->data[0], results->data[0]);
  }
  static wasm_trap_t *call_env(void *env, const wasm_val_vec_t *args, wasm_val_vec_t *results) {
    return finish(static_cast<Host *>(env), args->data[0], results->data[0]);
  }
  static wasm_trap_t *call_caller(void *env, const wasmaot_caller_t *, const wasm_val_vec_t *args,
                                  wasm_val_vec_t *results) {
    return finish(static_cast<Host *>(env), args->data[0], results->data[0]);
  }
  static wasm_trap_t *call_cells(void *env, const wasmaot_caller_t *, wasmaot_cell_t *cells) {
    cells->i32 = static_cast<Host *>(env)->back(cells->i32);
    return nullptr;
  }

  wasm_func_t *make(Kind kind) {
    wasm_functype_t *type = wasm_functype_new_1_1(wasm_valtype_new_i32(), wasm_valtype_new_i32());
    wasm_func_t *func = kind == PLAIN ? wasm_func_new(store, type, call_plain)
                        : kind == ENV ? wasm_func_new_with_env(store, type, call_env, this, nullptr)
                        : kind == CALLER
                            ? wasmaot_func_new(store, type, call_caller, this, nullptr)
                            : wasmaot_func_new_cells(store, type, call_cells, this, nullptr);
    wasm_functype_delete(type);
    CHECK(func != nullptr);
    return func;
  }

  explicit Host(Kind kind = ENV, const char *name = "host.wasm") {
    plain = this;
    back = [](int32_t argument) { return argument; };
    store = wasm_store_new(engine);
    CHECK(store != nullptr);
    module = load(store, name);
    import = make(kind);
    if (std::string(name) == "host.wasm") {
      instantiate();
    }
  }

  void instantiate() {
    wasm_extern_t *externs[] = {wasm_func_as_extern(import)};
    wasm_extern_vec_t imports = {1, externs};
    wasm_trap_t *trap = nullptr;
    instance = wasm_instance_new(store, module, &imports, &trap);
    CHECK(instance != nullptr && trap == nullptr);
  }

  ~Host() {
    wasm_instance_delete(instance);
    wasm_func_delete(import);
    wasm_module_delete(module);
    wasm_store_delete(store);
  }

  // The trap's message, or the result.
  std::string call(const char *name, int32_t first, bool cells = false) {
    wasm_extern_t *found = wasmaot_instance_export(instance, name);
    const wasm_func_t *func = wasm_extern_as_func(found);
    struct Delete { // as a careful host would, on whatever way out
      wasm_extern_t *it;
      ~Delete() {
        wasm_extern_delete(it);
      }
    } guard{found};
    wasm_val_t args[2] = {WASM_I32_VAL(first), WASM_I32_VAL(0)};
    wasm_val_t results[1] = {WASM_I32_VAL(0)};
    wasm_val_vec_t from = {wasm_func_param_arity(func), args};
    wasm_val_vec_t to = {wasm_func_result_arity(func), results};
    wasmaot_cell_t cell[2];
    cell[0].i32 = first;
    wasm_trap_t *trap =
        cells ? wasmaot_func_call_cells(func, cell) : wasm_func_call(func, &from, &to);
    if (trap == nullptr) {
      return std::to_string(cells ? cell[0].i32 : results[0].of.i32);
    }
    wasm_message_t message;
    wasm_trap_message(trap, &message);
    std::string text = message.data;
    wasm_byte_vec_delete(&message);
    wasm_trap_delete(trap);
    return text;
  }

  // Everything is as if nothing had been.
  void still_works() {
    CHECK(std::uncaught_exceptions() == 0);
    CHECK(alive == 0);
    back = [](int32_t argument) { return argument; };
    CHECK(call("call", 1) == "1001");
    CHECK(call("div", 1).find("integer divide by zero") != std::string::npos);
    CHECK(call("load", 70000000).find("out of bounds") != std::string::npos);
  }
};

thread_local Host *Host::plain;

int32_t throw_it(int32_t argument) {
  Frame frame;
  throw Thrown("from " + std::to_string(argument));
}

// ---- Tests ----

void thrown_through_a_call() {
  for (int kind = 0; kind < KINDS; kind++) {
    for (int cells = 0; cells < 2; cells++) {
      Host host(static_cast<Kind>(kind));
      host.back = throw_it;
      for (const char *name : {"call", "guarded"}) { // no handler of a guest catches it
        left = 0;
        bool caught = false;
        try {
          host.call(name, 5, cells == 1);
        } catch (const std::runtime_error &thrown) {
          caught = std::string(thrown.what()) == "from 5";
        }
        CHECK(caught && left == 1);
      }
      host.still_works();
    }
  }
}

void other_types() {
  Host host;
  host.back = [](int32_t argument) -> int32_t { throw argument; };
  try {
    host.call("call", 8);
    CHECK(false);
  } catch (int thrown) {
    CHECK(thrown == 8);
  }
  // What was caught with its guest still there can be thrown again.
  std::exception_ptr kept;
  host.back = throw_it;
  try {
    host.call("call", 3);
  } catch (...) {
    kept = std::current_exception();
  }
  CHECK(alive == 1);
  host.back = [&](int32_t) -> int32_t { std::rethrow_exception(kept); };
  try {
    host.call("call", 4);
    CHECK(false);
  } catch (const Thrown &thrown) {
    CHECK(std::string(thrown.what()) == "from 3");
  }
  kept = nullptr;
  host.still_works();
}

// Ten guests deep, and caught half-way, where the host goes on: with a result, or another
// exception.
void thrown_through_nested_calls() {
  Host outer, inner;
  for (int again = 0; again < 2; again++) {
    left = 0;
    std::function<int32_t(int32_t)> descend = [&](int32_t depth) -> int32_t {
      Frame frame;
      Host &next = depth % 2 == 0 ? outer : inner;
      if (depth == 10) {
        throw Thrown("from the end");
      }
      if (depth != 5) {
        return std::stoi(next.call("call", depth + 1));
      }
      try {
        next.call("call", depth + 1);
      } catch (const Thrown &thrown) {
        CHECK(std::string(thrown.what()) == "from the end" && left == 5);
        if (again == 1) {
          throw Thrown("from the middle");
        }
        return 77;
      }
      return 0;
    };
    outer.back = inner.back = descend;
    bool caught = false;
    try {
      CHECK(outer.call("call", 0) == std::to_string(6000 + 77));
    } catch (const Thrown &thrown) {
      caught = std::string(thrown.what()) == "from the middle";
    }
    CHECK(caught == (again == 1) && left == 11);
    outer.still_works();
    inner.still_works();
  }
}

void thrown_at_the_start() {
  Host host(CELLS, "begin.wasm");
  host.back = throw_it;
  int caught = 0;
  for (int linked = 0; linked < 2; linked++) {
    try {
      if (linked == 0) {
        host.instantiate();
      } else {
        wasmaot_linker_t *linker = wasmaot_linker_new(host.store);
        CHECK(wasmaot_linker_define(linker, "host", "back", wasm_func_as_extern(host.import)) ==
              nullptr);
        struct Delete {
          wasmaot_linker_t *it;
          ~Delete() {
            wasmaot_linker_delete(it);
          }
        } guard{linker};
        wasm_instance_t *instance;
        wasm_trap_t *trap;
        (void)wasmaot_linker_instantiate(linker, host.module, &instance, &trap);
      }
    } catch (const Thrown &thrown) {
      caught += std::string(thrown.what()) == "from 9";
    }
  }
  CHECK(caught == 2 && alive == 0);
}

void thrown_on_many_threads() {
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; i++) {
    threads.emplace_back([i] {
      Host host(static_cast<Kind>(i));
      host.back = throw_it;
      int caught = 0;
      for (int times = 0; times < 500; times++) {
        try {
          host.call("call", times);
        } catch (const Thrown &thrown) {
          caught += std::string(thrown.what()) == "from " + std::to_string(times);
        }
        CHECK(host.call("div", 1).find("integer divide") != std::string::npos);
      }
      CHECK(caught == 500 && std::uncaught_exceptions() == 0);
    });
  }
  for (std::thread &thread : threads) {
    thread.join();
  }
  CHECK(alive == 0);
}

std::string uncaught;

// No frame of this thread catches: the call ends with a trap instead of the process.
void *call_without_a_handler(void *arg) {
  uncaught = static_cast<Host *>(arg)->call("call", 1);
  CHECK(std::uncaught_exceptions() == 0);
  return nullptr;
}

void nobody_catches() {
  Host host;
  pthread_t thread;
  host.back = throw_it;
  CHECK(pthread_create(&thread, nullptr, call_without_a_handler, &host) == 0);
  pthread_join(thread, nullptr);
  CHECK(uncaught.find("no caller catches") != std::string::npos);
  host.still_works();
}

// ---- Groups ----

wasm_trap_t *call_in_group(void *arg) {
  static_cast<Host *>(arg)->call("call", 2);
  return nullptr;
}

wasm_trap_t *catch_in_group(void *arg) {
  try {
    return call_in_group(arg);
  } catch (const Thrown &) {
    CHECK(alive == 1);
  }
  static_cast<Host *>(arg)->still_works();
  return nullptr;
}

void thrown_in_groups() {
  Host host;
  for (int i = 0; i < 2; i++) {
    wasmaot_group_t *group;
    CHECK(wasmaot_group_new(nullptr, &group) == nullptr);
    host.back = throw_it;
    CHECK(wasmaot_group_run(group, catch_in_group, &host) == nullptr);
    host.back = throw_it;
    wasm_trap_t *trap = wasmaot_group_run(group, call_in_group, &host);
    CHECK(trap != nullptr && wasmaot_trap_code(trap) == WASMAOT_TRAP_HOST);
    wasm_trap_delete(trap);
    wasmaot_group_delete(group);
    host.still_works();
  }
}

// ---- Calls that are to end ----

void thrown_while_interrupted() {
  Host host;
  host.back = [&](int32_t argument) -> int32_t {
    CHECK(wasmaot_store_interrupt(host.store, 0));
    return throw_it(argument);
  };
  bool caught = false;
  try {
    host.call("call", 1);
  } catch (const Thrown &) {
    caught = true;
  }
  CHECK(caught && host.call("call", 1).find("interrupted") != std::string::npos);
  wasmaot_store_resume(host.store);
  host.still_works();
}

// At any moment: it is caught, or the call was interrupted before it was thrown.
void thrown_and_interrupted_at_once() {
  Host host;
  std::atomic<bool> done{false};
  std::atomic<int> thrown{0};
  int caught = 0, interrupted = 0;
  std::thread interrupter([&] {
    while (!done) {
      while (!done && !wasmaot_store_interrupt(host.store, 1000000)) {
      }
      wasmaot_store_resume(host.store);
      std::this_thread::yield();
    }
  });
  host.back = [&](int32_t argument) -> int32_t {
    thrown++;
    return throw_it(argument);
  };
  for (int times = 0; times < 3000; times++) {
    try {
      CHECK(host.call("call", times).find("interrupted") != std::string::npos);
      interrupted++;
    } catch (const Thrown &) {
      caught++;
    }
  }
  done = true;
  interrupter.join();
  CHECK(caught == thrown && caught + interrupted == 3000);
  wasmaot_store_resume(host.store);
  host.still_works();
}

void test_all(bool caller_stack) {
  wasm_config_t *config = wasm_config_new();
  wasmaot_config_set_caller_stack(config, caller_stack);
  engine = wasm_engine_new_with_config(config);
  thrown_through_a_call();
  other_types();
  thrown_through_nested_calls();
  thrown_at_the_start();
  thrown_on_many_threads();
  nobody_catches();
  thrown_in_groups();
  thrown_while_interrupted();
  thrown_and_interrupted_at_once();
  wasm_engine_delete(engine);
}

} // namespace

int main(int argc, char **argv) {
  CHECK(argc >= 2);
  directory = argv[1];
  if (argc == 2) { // else on the caller's stack alone
    test_all(false);
  }
  test_all(true);
  std::puts("all caught");
  return 0;
}

// The base ABI of C++ (Itanium C++ ABI: exception handling, level I): an unwinder looks at each
// frame's personality twice, to find who catches and to go there. Ours catches everything in
// wa_arch_try.
//
// Nothing here is linked with an unwinder: most hosts have none, and the library needs the C
// library alone. Whoever throws has one, so its functions are found when it calls the personality:
// in the object that the call comes from, or among the program's own symbols.
#include "runtime/call/thrown.h"

#include "runtime/thread/thread.h"

#include <dlfcn.h>
#include <unwind.h>

#define WEAK __attribute__((weak))
WEAK _Unwind_Reason_Code _Unwind_RaiseException(struct _Unwind_Exception *exception);
WEAK void _Unwind_SetGR(struct _Unwind_Context *context, int index, _Unwind_Word value);
WEAK void _Unwind_SetIP(struct _Unwind_Context *context, _Unwind_Ptr value);
WEAK void *__cxa_begin_catch(void *exception);
WEAK void __cxa_end_catch(void);

typedef _Unwind_Reason_Code raise_fn(struct _Unwind_Exception *exception);
typedef void set_gr_fn(struct _Unwind_Context *context, int index, _Unwind_Word value);
typedef void set_ip_fn(struct _Unwind_Context *context, _Unwind_Ptr value);
typedef void *begin_catch_fn(void *exception);
typedef void end_catch_fn(void);

// A function of the object that has the code address; `program` when it exports none of that name.
static void *function_beside(const void *code, const char *name, void *program) {
  Dl_info info;
  void *found = NULL;
  void *object = dladdr(code, &info) != 0 && info.dli_fname != NULL
                     ? dlopen(info.dli_fname, RTLD_LAZY | RTLD_NOLOAD)
                     : NULL;
  if (object != NULL) {
    found = dlsym(object, name);
    dlclose(object);
  }
  return found != NULL ? found : program;
}

// Of the unwinder that calls the personality.
struct unwinder {
  raise_fn *raise;
  set_gr_fn *set_gr;
  set_ip_fn *set_ip;
};

static bool find_unwinder(const void *code, struct unwinder *unwinder) {
  *unwinder = (struct unwinder){
      .raise = (raise_fn *)(uintptr_t)function_beside(code, "_Unwind_RaiseException",
                                                      (void *)(uintptr_t)_Unwind_RaiseException),
      .set_gr = (set_gr_fn *)(uintptr_t)function_beside(code, "_Unwind_SetGR",
                                                        (void *)(uintptr_t)_Unwind_SetGR),
      .set_ip = (set_ip_fn *)(uintptr_t)function_beside(code, "_Unwind_SetIP",
                                                        (void *)(uintptr_t)_Unwind_SetIP),
  };
  return unwinder->raise != NULL && unwinder->set_gr != NULL && unwinder->set_ip != NULL;
}

_Unwind_Reason_Code
wa_thrown_personality(int version, _Unwind_Action actions, _Unwind_Exception_Class class,
                      struct _Unwind_Exception *exception, struct _Unwind_Context *context)
    __attribute__((visibility("hidden")));

_Unwind_Reason_Code wa_thrown_personality(int version, _Unwind_Action actions,
                                          _Unwind_Exception_Class class,
                                          struct _Unwind_Exception *exception,
                                          struct _Unwind_Context *context) {
  struct wa_thread *thread = wa_thread_peek();
  struct unwinder unwinder;
  (void)class;
  // A thread that is cancelled, or exits, is not stopped here.
  if (version != 1 || (actions & _UA_FORCE_UNWIND) != 0 || thread == NULL ||
      !find_unwinder(__builtin_return_address(0), &unwinder)) {
    return _URC_CONTINUE_UNWIND;
  }
  if ((actions & _UA_SEARCH_PHASE) != 0) {
    return _URC_HANDLER_FOUND;
  }
  thread->throw_on = (void (*)(void))unwinder.raise;
  unwinder.set_gr(context, __builtin_eh_return_data_regno(0), (_Unwind_Word)(uintptr_t)exception);
  unwinder.set_ip(context, (_Unwind_Ptr)(uintptr_t)wa_arch_caught);
  return _URC_INSTALL_CONTEXT;
}

bool wa_thrown_catch(void (*fn)(void *arg), void *arg, struct wa_arch_turn *turn) {
  void *exception = wa_arch_try(fn, arg, turn);
  if (exception == NULL) {
    return true;
  }
  wa_thrown_drop();
  wa_thread_peek()->thrown = exception;
  wa_thread_peek()->drop_thrown = wa_thrown_drop;
  return false;
}

bool wa_thrown_pending(void) {
  const struct wa_thread *thread = wa_thread_peek();
  return thread != NULL && thread->thrown != NULL;
}

static struct _Unwind_Exception *take(void) {
  struct wa_thread *thread = wa_thread_peek();
  struct _Unwind_Exception *exception = thread == NULL ? NULL : thread->thrown;
  if (exception != NULL) {
    thread->thrown = NULL;
  }
  return exception;
}

// The last four of a class's eight characters are the language.
static bool is_cxx(const struct _Unwind_Exception *exception) {
  return (uint32_t)exception->exception_class == 0x432b2b00; // "C++\0"
}

// C++ counts the exceptions in flight, and only a catch takes one off.
static void end(struct _Unwind_Exception *exception) {
  const void *code = (const void *)(uintptr_t)exception->exception_cleanup;
  begin_catch_fn *begin_catch = NULL;
  end_catch_fn *end_catch = NULL;
  if (code != NULL && is_cxx(exception)) {
    begin_catch = (begin_catch_fn *)(uintptr_t)function_beside(
        code, "__cxa_begin_catch", (void *)(uintptr_t)__cxa_begin_catch);
    end_catch = (end_catch_fn *)(uintptr_t)function_beside(code, "__cxa_end_catch",
                                                           (void *)(uintptr_t)__cxa_end_catch);
  }
  if (begin_catch != NULL && end_catch != NULL) {
    (void)begin_catch(exception);
    end_catch();
  } else if (code != NULL) {
    exception->exception_cleanup(_URC_FOREIGN_EXCEPTION_CAUGHT, exception);
  }
}

void wa_thrown_drop(void) {
  struct _Unwind_Exception *exception = take();
  if (exception != NULL) {
    end(exception);
  }
}

void wa_thrown_go_on(void) {
  struct _Unwind_Exception *exception = take();
  if (exception != NULL) {
    raise_fn *raise = (raise_fn *)wa_thread_peek()->throw_on;
    (void)raise(exception); // returns when it finds nobody
    end(exception);
  }
}

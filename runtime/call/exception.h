// Tags and exceptions (core spec 4.2.13, 4.2.14).
#ifndef WA_RUNTIME_CALL_EXCEPTION_H
#define WA_RUNTIME_CALL_EXCEPTION_H

#include "runtime/abi.h"
#include "runtime/arch/registers.h"
#include "runtime/object/object.h"

// Known by its address.
struct wa_tag_object {
  uint32_t type; // canonical id of a function type without results
};

// The builtins of the same names (abi.h). An exception belongs to the store until the last hold on
// it is dropped; one that a guest has a reference to stays there as long as the store lives,
// because nobody counts the references.
void *wa_exception_new(struct wa_store *store, const void *tag, uint64_t bytes);
void wa_exception_settle(void *exception, enum wa_exception_fate fate);

// For wa_arch_throw (arch.h), the builtin exception_throw: the exception, when the registers are
// now those with which a landing pad goes on (landing.h); NULL when compiled code is to trap.
void *wa_exception_land(void *exception, uintptr_t registers[WA_SAVED_REGISTERS])
    __attribute__((visibility("hidden")));

#endif

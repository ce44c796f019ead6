#include "runtime/runtime.h"
#include "tests/unit/guest_modules.h"

#include <check.h>
#include <stdlib.h>

struct guest start_guest(const uint8_t *wasm, size_t size, int opt_level) {
  return start_object(compile_guest(wasm, size, opt_level));
}

struct guest start_object(struct object object) {
  struct guest guest = {.object = object, .store = wa_store_new(NULL)};
  guest.artifact = load_guest(&guest.object);
  struct wa_linker *linker = wa_linker_new(guest.store);
  struct wa_trap trap;
  struct wa_error err;
  ck_assert_int_eq(
      wa_instance_new(guest.store, guest.artifact, linker, &guest.instance, &trap, &err),
      WA_INSTANTIATED);
  wa_linker_free(linker);
  return guest;
}

void stop_guest(struct guest *guest) {
  wa_instance_free(guest->instance);
  wa_store_free(guest->store);
  wa_artifact_release(guest->artifact);
  free(guest->object.bytes);
}

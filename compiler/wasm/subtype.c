#include "compiler/wasm/module.h"

// The heap type that has no value, of the hierarchy of the one given; 0 when there is none.
static uint32_t bottom_of(uint32_t heap) {
  if (wa_type_is_func(heap)) {
    return WA_NULLFUNCREF;
  }
  return wa_type_is_extern(heap) ? WA_NULLEXTERNREF : WA_NULLEXNREF;
}

bool wa_functype_matches(const struct wa_module *module, uint32_t type, uint32_t expected) {
  uint32_t canonical = module->types[expected].canonical;
  while (module->types[type].canonical != canonical) {
    type = module->types[type].supertype;
    if (type == WA_NONE) {
      return false;
    }
  }
  return true;
}

bool wa_type_matches(const struct wa_module *module, uint32_t type, uint32_t expected) {
  if (type == expected || type == 0) {
    return true;
  }
  if (!wa_type_is_ref(expected)) {
    return false;
  }
  if (type == WA_REF_NON_NULL) { // of an unknown heap type: see validate.h
    return true;
  }
  if (!wa_type_is_ref(type) || ((expected & WA_REF_NON_NULL) && !(type & WA_REF_NON_NULL))) {
    return false;
  }
  uint32_t heap = wa_heap_type(type), wanted = wa_heap_type(expected);
  if (heap == wanted || heap == bottom_of(wanted)) {
    return true;
  }
  if (wanted == WA_FUNCREF) {
    return wa_type_is_func(heap);
  }
  return wa_type_has_index(heap) && wa_type_has_index(wanted) &&
         wa_functype_matches(module, wa_type_index(heap), wa_type_index(wanted));
}

bool wa_types_match(const struct wa_module *module, const uint32_t *types, const uint32_t *expected,
                    uint32_t count) {
  for (uint32_t i = 0; i < count; i++) {
    if (!wa_type_matches(module, types[i], expected[i])) {
      return false;
    }
  }
  return true;
}

// Values between the API's form and the cells of calls.
#include "capi/api.h"

#include "runtime/object/types.h"

void wasm_val_delete(wasm_val_t *val) {
  if (val == NULL) {
    return;
  }
  if (wasm_valkind_is_ref(val->kind)) {
    wa_api_ref_release(val->of.ref);
    val->of.ref = NULL;
  }
}

void wasm_val_copy(wasm_val_t *out, const wasm_val_t *val) {
  *out = *val;
  if (wasm_valkind_is_ref(val->kind)) {
    wa_api_ref_retain(val->of.ref);
  }
}

static bool wrong_type(uint32_t type, const char *found) {
  return wa_api_fail(WA_ERROR_USAGE, "a value of type %s was expected, %s was given",
                     wa_valtype_name(type), found);
}

static bool func_to_cell(struct wasm_ref_t *ref, uint32_t type, void **cell) {
  if (ref->kind != WA_API_FUNC) {
    return wrong_type(type, "a reference to something else");
  }
  struct wa_func_ref *func = ((wasm_func_t *)ref)->base.value.func;
  uint32_t have = wa_type_with_index(WA_REF_INDEX | WA_REF_NON_NULL, (uint32_t)func->type);
  if (!wa_valtype_matches(have, type)) {
    return wrong_type(type, "a function of another type");
  }
  *cell = func;
  return true;
}

bool wa_api_ref_to_cell(wasm_store_t *store, struct wasm_ref_t *ref, uint32_t type, void **cell) {
  if (ref == NULL) {
    *cell = NULL;
    return (type & WA_REF_NON_NULL) == 0 || wrong_type(type, "the null reference");
  }
  if (wa_type_is_func(type)) {
    return func_to_cell(ref, type, cell) && wa_api_ref_pin(store, ref);
  }
  if ((type & 0xff) != WA_EXTERNREF) {
    return wrong_type(type, "a reference");
  }
  *cell = ref;
  return wa_api_ref_pin(store, ref);
}

bool wa_api_ref_from_cell(wasm_store_t *store, void *cell, uint32_t type, wasm_ref_t **ref) {
  *ref = NULL;
  if (cell == NULL) {
    return true;
  }
  if (wa_type_is_func(type)) {
    *ref = (wasm_ref_t *)wa_api_func(store, cell);
    return *ref != NULL;
  }
  wa_api_ref_retain(cell);
  *ref = cell;
  return true;
}

// As the text format spells the type that `wasm_valtype_new` makes of the kind.
static const char *kind_name(wasm_valkind_t kind) {
  uint32_t type;
  return wa_api_type_of_kind(kind, &type) ? wa_valtype_name(type) : "a value of no known kind";
}

bool wa_api_val_to_cell(wasm_store_t *store, const wasm_val_t *val, uint32_t type,
                        union wa_cell *cell) {
  wasm_valkind_t kind = wa_api_kind_of_type(type);
  // Any kind of reference will do where the object is what the type wants, as in the API's own
  // examples, which keep functions in values of kind WASM_EXTERNREF.
  if (val->kind != kind && !(wasm_valkind_is_ref(val->kind) && wasm_valkind_is_ref(kind))) {
    return wrong_type(type, kind_name(val->kind));
  }
  switch (kind) {
  case WASM_I32:
    cell->u64 = (uint32_t)val->of.i32;
    return true;
  case WASM_I64:
    cell->i64 = val->of.i64;
    return true;
  case WASM_F32:
    cell->f32 = val->of.f32;
    return true;
  case WASM_F64:
    cell->f64 = val->of.f64;
    return true;
  default:
    return wa_api_ref_to_cell(store, val->of.ref, type, &cell->ref);
  }
}

bool wa_api_val_from_cell(wasm_store_t *store, const union wa_cell *cell, uint32_t type,
                          wasm_val_t *val) {
  val->kind = wa_api_kind_of_type(type);
  switch (val->kind) {
  case WASM_I32:
    val->of.i32 = cell->i32;
    return true;
  case WASM_I64:
    val->of.i64 = cell->i64;
    return true;
  case WASM_F32:
    val->of.f32 = cell->f32;
    return true;
  case WASM_F64:
    val->of.f64 = cell->f64;
    return true;
  case WASM_EXTERNREF:
  case WASM_FUNCREF:
    return wa_api_ref_from_cell(store, cell->ref, type, &val->of.ref);
  default:
    *val = (wasm_val_t)WASM_INIT_VAL;
    return wa_api_fail(WA_ERROR_UNSUPPORTED,
                       "values of type %s pass through wasmaot_func_call_cells only",
                       wa_valtype_name(type));
  }
}

// ---- Raw cells of the embedder's ----

static uint32_t type_of_kind(wasm_valkind_t kind) {
  return kind == WASM_FUNCREF ? WA_FUNCREF : WA_EXTERNREF;
}

bool wasmaot_ref_to_cell(wasm_store_t *store, const wasm_ref_t *ref, wasm_valkind_t kind,
                         wasmaot_cell_t *out) {
  return wa_api_ref_to_cell(store, (struct wasm_ref_t *)(uintptr_t)ref, type_of_kind(kind),
                            &out->ref);
}

wasm_ref_t *wasmaot_ref_from_cell(wasm_store_t *store, wasmaot_cell_t cell, wasm_valkind_t kind) {
  wasm_ref_t *ref;
  (void)wa_api_ref_from_cell(store, cell.ref, type_of_kind(kind), &ref);
  return ref;
}

_Static_assert(sizeof(wasmaot_cell_t) == sizeof(union wa_cell), "cells are the runtime's");

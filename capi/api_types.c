// Types of values, functions, globals, tables, memories, tags (core spec 2.3).
#include "capi/api.h"

#include "runtime/object/types.h"

#include <stdlib.h>

struct wasm_valtype_t {
  uint32_t type; // of abi.h, its index a canonical id
};

struct wasm_externtype_t {
  enum wa_api_kind kind;
};

struct wasm_functype_t {
  struct wasm_externtype_t base;
  uint32_t id; // canonical, or 0 for not yet known
  wasm_valtype_vec_t params;
  wasm_valtype_vec_t results;
};

struct wasm_globaltype_t {
  struct wasm_externtype_t base;
  wasm_valtype_t *content;
  wasm_mutability_t mutability;
};

struct wasm_tabletype_t {
  struct wasm_externtype_t base;
  wasm_valtype_t *element;
  struct wa_api_limits limits;
  wasm_limits_t cut; // to 32 bits
};

struct wasm_memorytype_t {
  struct wasm_externtype_t base;
  struct wa_api_limits limits;
  wasm_limits_t cut;
};

struct wasmaot_tagtype_t {
  struct wasm_externtype_t base;
  wasm_functype_t *func;
};

// ---- Value types ----

wasm_valkind_t wa_api_kind_of_type(uint32_t type) {
  switch (type & 0xff) {
  case WA_I32:
    return WASM_I32;
  case WA_I64:
    return WASM_I64;
  case WA_F32:
    return WASM_F32;
  case WA_F64:
    return WASM_F64;
  case WA_V128:
    return WASMAOT_V128;
  default:
    if (wa_type_is_func(type)) {
      return WASM_FUNCREF;
    }
    return (wasm_valkind_t)(wa_type_is_extern(type) ? (int)WASM_EXTERNREF : (int)WASMAOT_EXNREF);
  }
}

bool wa_api_type_is_plain(uint32_t type) {
  wasm_valkind_t kind = wa_api_kind_of_type(type);
  return kind != WASMAOT_V128 && kind != WASMAOT_EXNREF;
}

wasm_valtype_t *wa_api_valtype(uint32_t type) {
  wasm_valtype_t *made = malloc(sizeof *made);
  if (made == NULL) {
    (void)wa_api_no_memory();
    return NULL;
  }
  made->type = type;
  return made;
}

uint32_t wa_api_type_of(const wasm_valtype_t *type) {
  return type->type;
}

bool wa_api_type_of_kind(wasm_valkind_t kind, uint32_t *type) {
  static const struct {
    wasm_valkind_t kind;
    uint32_t type;
  } kinds[] = {
      {WASM_I32, WA_I32},
      {WASM_I64, WA_I64},
      {WASM_F32, WA_F32},
      {WASM_F64, WA_F64},
      {WASM_EXTERNREF, WA_EXTERNREF},
      {WASM_FUNCREF, WA_FUNCREF},
      {WASMAOT_V128, WA_V128},
      {WASMAOT_EXNREF, WA_EXNREF},
  };
  for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
    if (kinds[i].kind == kind) {
      *type = kinds[i].type;
      return true;
    }
  }
  return false;
}

wasm_valtype_t *wasm_valtype_new(wasm_valkind_t kind) {
  uint32_t type;
  if (!wa_api_type_of_kind(kind, &type)) {
    (void)wa_api_fail(WA_ERROR_USAGE, "there is no value type of kind %d", kind);
    return NULL;
  }
  return wa_api_valtype(type);
}

wasm_valkind_t wasm_valtype_kind(const wasm_valtype_t *type) {
  return wa_api_kind_of_type(type->type);
}

void wasm_valtype_delete(wasm_valtype_t *type) {
  free(type);
}

wasm_valtype_t *wasm_valtype_copy(const wasm_valtype_t *type) {
  return wa_api_valtype(type->type);
}

// ---- Making ----

static void *make(enum wa_api_kind kind, size_t size) {
  struct wasm_externtype_t *type = calloc(1, size);
  if (type == NULL) {
    (void)wa_api_no_memory();
    return NULL;
  }
  type->kind = kind;
  return type;
}

static bool is_complete(const wasm_valtype_vec_t *types) {
  for (size_t i = 0; i < types->size; i++) {
    if (types->data[i] == NULL) {
      return wa_api_fail(WA_ERROR_USAGE, "a function type with a missing value type");
    }
  }
  return true;
}

wasm_functype_t *wasm_functype_new(wasm_valtype_vec_t *params, wasm_valtype_vec_t *results) {
  wasm_functype_t *type =
      is_complete(params) && is_complete(results) ? make(WA_API_FUNC, sizeof *type) : NULL;
  if (type == NULL) {
    wasm_valtype_vec_delete(params);
    wasm_valtype_vec_delete(results);
    return NULL;
  }
  type->params = *params;
  type->results = *results;
  wasm_valtype_vec_new_empty(params);
  wasm_valtype_vec_new_empty(results);
  return type;
}

static bool make_valtypes(wasm_valtype_vec_t *to, const uint32_t *types, uint32_t count) {
  wasm_valtype_vec_new_uninitialized(to, count);
  for (size_t i = 0; i < to->size; i++) {
    to->data[i] = wa_api_valtype(types[i]);
    if (to->data[i] == NULL) {
      return false;
    }
  }
  return to->size == count;
}

wasm_functype_t *wa_api_functype(uint32_t id) {
  const struct wa_signature *signature = wa_type_signature(id);
  wasm_functype_t *type = make(WA_API_FUNC, sizeof *type);
  if (type == NULL) {
    return NULL;
  }
  type->id = id;
  if (!make_valtypes(&type->params, signature->params, signature->param_count) ||
      !make_valtypes(&type->results, signature->results, signature->result_count)) {
    wasm_functype_delete(type);
    return NULL;
  }
  return type;
}

uint32_t wa_api_functype_id(const wasm_functype_t *type) {
  size_t count = type->params.size + type->results.size;
  uint32_t id = type->id;
  uint32_t *types = id != 0 ? NULL : calloc(count + 1, sizeof *types);
  if (types != NULL) {
    for (size_t i = 0; i < count; i++) {
      types[i] = i < type->params.size ? type->params.data[i]->type
                                       : type->results.data[i - type->params.size]->type;
    }
    id = wa_type_intern(types, (uint32_t)type->params.size, types + type->params.size,
                        (uint32_t)type->results.size);
  }
  free(types);
  if (id == 0) {
    (void)wa_api_no_memory();
  }
  return id;
}

const wasm_valtype_vec_t *wasm_functype_params(const wasm_functype_t *type) {
  return &type->params;
}

const wasm_valtype_vec_t *wasm_functype_results(const wasm_functype_t *type) {
  return &type->results;
}

wasm_globaltype_t *wasm_globaltype_new(wasm_valtype_t *content, wasm_mutability_t mutability) {
  wasm_globaltype_t *type = content == NULL ? NULL : make(WA_API_GLOBAL, sizeof *type);
  if (type == NULL) {
    wasm_valtype_delete(content);
    return NULL;
  }
  type->content = content;
  type->mutability = mutability;
  return type;
}

wasm_globaltype_t *wa_api_globaltype(uint32_t type, bool mut) {
  return wasm_globaltype_new(wa_api_valtype(type), mut ? WASM_VAR : WASM_CONST);
}

const wasm_valtype_t *wasm_globaltype_content(const wasm_globaltype_t *type) {
  return type->content;
}

wasm_mutability_t wasm_globaltype_mutability(const wasm_globaltype_t *type) {
  return type->mutability;
}

static uint32_t cut(uint64_t value) {
  return value > UINT32_MAX ? UINT32_MAX : (uint32_t)value;
}

static wasm_limits_t cut_limits(const struct wa_api_limits *limits) {
  return (wasm_limits_t){cut(limits->min), cut(limits->max)};
}

static struct wa_api_limits whole_limits(const wasm_limits_t *limits) {
  return (struct wa_api_limits){
      .min = limits->min,
      .max = limits->max == wasm_limits_max_default ? UINT64_MAX : limits->max,
  };
}

static wasm_tabletype_t *make_tabletype(wasm_valtype_t *element,
                                        const struct wa_api_limits *limits) {
  wasm_tabletype_t *type = NULL;
  if (element != NULL && !wa_type_is_ref(element->type)) {
    (void)wa_api_fail(WA_ERROR_USAGE, "a table of %s: only references can be elements",
                      wa_valtype_name(element->type));
  } else if (limits->max < limits->min) {
    (void)wa_api_fail(WA_ERROR_USAGE, "a table whose maximum is below its minimum");
  } else if (element != NULL) {
    type = make(WA_API_TABLE, sizeof *type);
  }
  if (type == NULL) {
    wasm_valtype_delete(element);
    return NULL;
  }
  type->element = element;
  type->limits = *limits;
  type->cut = cut_limits(limits);
  return type;
}

wasm_tabletype_t *wa_api_tabletype(uint32_t element, const struct wa_api_limits *limits) {
  return make_tabletype(wa_api_valtype(element), limits);
}

wasm_tabletype_t *wasm_tabletype_new(wasm_valtype_t *element, const wasm_limits_t *limits) {
  struct wa_api_limits whole = whole_limits(limits);
  return make_tabletype(element, &whole);
}

wasm_tabletype_t *wasmaot_tabletype_new(wasm_valtype_t *element, const wasmaot_limits_t *limits) {
  struct wa_api_limits whole = {limits->min, limits->max, false, limits->index64, false};
  return make_tabletype(element, &whole);
}

const wasm_valtype_t *wasm_tabletype_element(const wasm_tabletype_t *type) {
  return type->element;
}

const wasm_limits_t *wasm_tabletype_limits(const wasm_tabletype_t *type) {
  return &type->cut;
}

const struct wa_api_limits *wa_api_tabletype_limits(const wasm_tabletype_t *type) {
  return &type->limits;
}

static wasmaot_limits_t show_limits(const struct wa_api_limits *limits) {
  return (wasmaot_limits_t){limits->min, limits->max, limits->index64, limits->shared,
                            limits->bytes};
}

wasmaot_limits_t wasmaot_tabletype_limits(const wasm_tabletype_t *type) {
  return show_limits(&type->limits);
}

wasm_memorytype_t *wa_api_memorytype(const struct wa_api_limits *limits) {
  uint64_t most =
      wa_memory_page_range(limits->index64, limits->bytes ? WA_BYTE_PAGE_LOG2 : WA_PAGE_LOG2);
  if (limits->max < limits->min || limits->min > most ||
      (limits->max != UINT64_MAX && limits->max > most)) {
    (void)wa_api_fail(WA_ERROR_USAGE, "limits of a memory that are beyond its index, or crossed");
    return NULL;
  }
  if (limits->shared && limits->max == UINT64_MAX) {
    (void)wa_api_fail(WA_ERROR_USAGE, "a shared memory needs a maximum");
    return NULL;
  }
  wasm_memorytype_t *type = make(WA_API_MEMORY, sizeof *type);
  if (type != NULL) {
    type->limits = *limits;
    type->cut = cut_limits(limits);
  }
  return type;
}

wasm_memorytype_t *wasm_memorytype_new(const wasm_limits_t *limits) {
  struct wa_api_limits whole = whole_limits(limits);
  return wa_api_memorytype(&whole);
}

wasm_memorytype_t *wasmaot_memorytype_new(const wasmaot_limits_t *limits) {
  struct wa_api_limits whole = {limits->min, limits->max, limits->shared, limits->index64,
                                limits->bytes};
  return wa_api_memorytype(&whole);
}

const wasm_limits_t *wasm_memorytype_limits(const wasm_memorytype_t *type) {
  return &type->cut;
}

const struct wa_api_limits *wa_api_memorytype_limits(const wasm_memorytype_t *type) {
  return &type->limits;
}

wasmaot_limits_t wasmaot_memorytype_limits(const wasm_memorytype_t *type) {
  return show_limits(&type->limits);
}

wasm_externtype_t *wa_api_tagtype(uint32_t id) {
  wasmaot_tagtype_t *type = make(WA_API_TAG, sizeof *type);
  if (type == NULL) {
    return NULL;
  }
  type->func = wa_api_functype(id);
  if (type->func == NULL) {
    free(type);
    return NULL;
  }
  return &type->base;
}

const wasm_functype_t *wasmaot_tagtype_functype(const wasmaot_tagtype_t *type) {
  return type->func;
}

const wasmaot_tagtype_t *wasmaot_externtype_as_tagtype(const wasm_externtype_t *type) {
  return type != NULL && type->kind == WA_API_TAG ? (const wasmaot_tagtype_t *)type : NULL;
}

// ---- All together ----

wasm_externkind_t wasm_externtype_kind(const wasm_externtype_t *type) {
  return (wasm_externkind_t)type->kind;
}

void wasm_externtype_delete(wasm_externtype_t *type) {
  if (type == NULL) {
    return;
  }
  if (type->kind == WA_API_FUNC) {
    wasm_valtype_vec_delete(&((wasm_functype_t *)type)->params);
    wasm_valtype_vec_delete(&((wasm_functype_t *)type)->results);
  } else if (type->kind == WA_API_GLOBAL) {
    wasm_valtype_delete(((wasm_globaltype_t *)type)->content);
  } else if (type->kind == WA_API_TABLE) {
    wasm_valtype_delete(((wasm_tabletype_t *)type)->element);
  } else if (type->kind == WA_API_TAG) {
    wasm_functype_delete(((wasmaot_tagtype_t *)type)->func);
  }
  free(type);
}

wasm_functype_t *wasm_functype_copy(const wasm_functype_t *type) {
  wasm_valtype_vec_t params;
  wasm_valtype_vec_t results;
  wasm_valtype_vec_copy(&params, &type->params);
  wasm_valtype_vec_copy(&results, &type->results);
  if (params.size != type->params.size || results.size != type->results.size) {
    wasm_valtype_vec_delete(&params);
    wasm_valtype_vec_delete(&results);
    return NULL;
  }
  wasm_functype_t *copy = wasm_functype_new(&params, &results);
  if (copy != NULL) {
    copy->id = type->id;
  }
  return copy;
}

wasm_globaltype_t *wasm_globaltype_copy(const wasm_globaltype_t *type) {
  return wasm_globaltype_new(wasm_valtype_copy(type->content), type->mutability);
}

wasm_tabletype_t *wasm_tabletype_copy(const wasm_tabletype_t *type) {
  return make_tabletype(wasm_valtype_copy(type->element), &type->limits);
}

wasm_memorytype_t *wasm_memorytype_copy(const wasm_memorytype_t *type) {
  return wa_api_memorytype(&type->limits);
}

static wasm_externtype_t *copy_tagtype(const wasmaot_tagtype_t *type) {
  uint32_t id = wa_api_functype_id(type->func);
  return id == 0 ? NULL : wa_api_tagtype(id);
}

wasm_externtype_t *wasm_externtype_copy(const wasm_externtype_t *type) {
  switch (type->kind) {
  case WA_API_FUNC:
    return (wasm_externtype_t *)wasm_functype_copy((const wasm_functype_t *)type);
  case WA_API_GLOBAL:
    return (wasm_externtype_t *)wasm_globaltype_copy((const wasm_globaltype_t *)type);
  case WA_API_TABLE:
    return (wasm_externtype_t *)wasm_tabletype_copy((const wasm_tabletype_t *)type);
  case WA_API_MEMORY:
    return (wasm_externtype_t *)wasm_memorytype_copy((const wasm_memorytype_t *)type);
  default:
    return copy_tagtype((const wasmaot_tagtype_t *)type);
  }
}

#define DEFINE_CASTS(name, wanted)                                                                 \
  void wasm_##name##_delete(wasm_##name##_t *type) {                                               \
    wasm_externtype_delete((wasm_externtype_t *)type);                                             \
  }                                                                                                \
  wasm_externtype_t *wasm_##name##_as_externtype(wasm_##name##_t *type) {                          \
    return (wasm_externtype_t *)type;                                                              \
  }                                                                                                \
  const wasm_externtype_t *wasm_##name##_as_externtype_const(const wasm_##name##_t *type) {        \
    return (const wasm_externtype_t *)type;                                                        \
  }                                                                                                \
  wasm_##name##_t *wasm_externtype_as_##name(wasm_externtype_t *type) {                            \
    return type != NULL && type->kind == (wanted) ? (wasm_##name##_t *)type : NULL;                \
  }                                                                                                \
  const wasm_##name##_t *wasm_externtype_as_##name##_const(const wasm_externtype_t *type) {        \
    return type != NULL && type->kind == (wanted) ? (const wasm_##name##_t *)type : NULL;          \
  }

DEFINE_CASTS(functype, WA_API_FUNC)
DEFINE_CASTS(globaltype, WA_API_GLOBAL)
DEFINE_CASTS(tabletype, WA_API_TABLE)
DEFINE_CASTS(memorytype, WA_API_MEMORY)

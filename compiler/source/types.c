#include "compiler/source/types.h"

#include "compiler/dwarf/dwarf.h"
#include "compiler/source/variables.h"

#include <stdlib.h>

enum kind { NEITHER, VARIABLE, ALIAS, POINTER, BASE, RECORD };

struct entry {
  uint64_t die;    // offset in .debug_info
  uint64_t target; // of a variable or an alias: the entry that says more of its type
  enum kind kind;
  uint32_t size;     // of what has a size of its own; 0: not known
  uint32_t encoding; // of a base type
  bool is_native;    // a variable that is to be a pointer of the host's
};

enum { MAX_STEPS = 32 };

bool wa_is_cpp(uint64_t language) {
  return language == DW_LANG_C_plus_plus || language == DW_LANG_C_plus_plus_11 ||
         language == DW_LANG_C_plus_plus_14 || language == DW_LANG_C_plus_plus_17 ||
         language == DW_LANG_C_plus_plus_20;
}

// With children it would be none of C's or C++'s.
bool wa_is_pointer(const struct wa_die *die) {
  return !die->has_children &&
         (die->tag == DW_TAG_pointer_type || die->tag == DW_TAG_reference_type ||
          die->tag == DW_TAG_rvalue_reference_type);
}

static enum kind kind_of(const struct wa_die *die) {
  switch (die->tag) {
  case DW_TAG_variable:
  case DW_TAG_formal_parameter:
    return VARIABLE;
  case DW_TAG_typedef:
  case DW_TAG_const_type:
  case DW_TAG_volatile_type:
  case DW_TAG_restrict_type:
  case DW_TAG_atomic_type:
    return ALIAS;
  case DW_TAG_base_type:
    return BASE;
  case DW_TAG_structure_type:
  case DW_TAG_union_type:
  case DW_TAG_class_type:
  case DW_TAG_enumeration_type:
    return RECORD;
  default:
    return wa_is_pointer(die) ? POINTER : NEITHER;
  }
}

void wa_types_unit(struct wa_types *types, const struct wa_die *die) {
  const struct wa_attr *language = wa_die_attr(die, DW_AT_language);
  types->is_cpp = language && wa_is_cpp(language->value);
}

static uint32_t number(const struct wa_die *die, uint32_t name) {
  const struct wa_attr *attr = wa_die_attr(die, name);
  bool is_number = attr && (attr->kind == WA_ATTR_UNSIGNED || attr->kind == WA_ATTR_SIGNED);
  return is_number && attr->value <= INT32_MAX ? (uint32_t)attr->value : 0;
}

void wa_types_entry(struct wa_types *types, const struct wa_die *die, uint32_t address_size) {
  struct entry entry = {.die = die->offset, .target = WA_NO_ADDRESS, .kind = kind_of(die)};
  if (entry.kind == NEITHER) {
    return;
  }
  const struct wa_attr *target = wa_die_attr(die, DW_AT_type);
  if (!target && entry.kind == VARIABLE) {
    target = wa_die_attr(die, DW_AT_abstract_origin);
  }
  if (target && target->kind == WA_ATTR_REFERENCE) {
    entry.target = target->value;
  }
  entry.size = entry.kind == POINTER ? address_size : number(die, DW_AT_byte_size);
  entry.encoding = number(die, DW_AT_encoding);
  entry.is_native =
      types->is_cpp && die->tag == DW_TAG_formal_parameter && wa_die_attr(die, DW_AT_artificial);
  wa_bytes_append(&types->entries, &entry, sizeof entry);
}

static int by_die(const void *a, const void *b) {
  const struct entry *x = a, *y = b;
  return (x->die > y->die) - (x->die < y->die);
}

static struct entry *find(const struct wa_types *types, uint64_t die) {
  struct entry key = {.die = die};
  return types->entries.size == 0 ? NULL
                                  : bsearch(&key, types->entries.data,
                                            types->entries.size / sizeof key, sizeof key, by_die);
}

// Where a function is inlined, its variables refer to those that have a type.
static struct entry *declaration(const struct wa_types *types, uint64_t variable) {
  struct entry *entry = find(types, variable);
  for (int i = 0; entry && i < MAX_STEPS; i++) {
    struct entry *next = find(types, entry->target);
    if (!next || next->kind != VARIABLE) {
      return entry->kind == VARIABLE ? entry : NULL;
    }
    entry = next;
  }
  return NULL;
}

// The type behind names and qualifiers.
static const struct entry *type_of(const struct wa_types *types, const struct entry *entry) {
  for (int i = 0; entry && (entry->kind == VARIABLE || entry->kind == ALIAS) && i < MAX_STEPS;
       i++) {
    entry = find(types, entry->target);
  }
  return entry;
}

void wa_types_settle(struct wa_types *types, const struct wa_variables *variables) {
  size_t count = variables->variables.size / sizeof(struct wa_variable);
  for (size_t i = 0; i < count && !types->entries.failed; i++) {
    struct entry *entry = declaration(types, wa_variable_at(variables, (uint32_t)i)->die);
    if (entry) {
      entry->is_native = true;
    }
  }
}

void wa_types_deinit(struct wa_types *types) {
  wa_bytes_deinit(&types->entries);
}

uint64_t wa_types_pointer(const struct wa_types *types, uint64_t variable) {
  const struct entry *entry = declaration(types, variable);
  const struct entry *type = entry && entry->is_native ? type_of(types, entry) : NULL;
  return type && type->kind == POINTER ? type->die : WA_NO_ADDRESS;
}

uint32_t wa_types_size(const struct wa_types *types, uint64_t variable) {
  const struct entry *type = type_of(types, declaration(types, variable));
  return type && type->kind != VARIABLE && type->kind != ALIAS ? type->size : 0;
}

bool wa_types_base(const struct wa_types *types, uint64_t type, uint32_t *size,
                   uint32_t *encoding) {
  const struct entry *entry = find(types, type);
  if (!entry || entry->kind != BASE) {
    return false;
  }
  *size = entry->size;
  *encoding = entry->encoding;
  return true;
}

#include "compiler/artifact/symbols.h"

#include <stdio.h>
#include <stdlib.h>

void wa_symbol_spell(char name[WA_SYMBOL_NAME_SIZE], enum wa_symbol_kind kind, uint32_t index) {
  snprintf(name, WA_SYMBOL_NAME_SIZE, "%c%u", (char)kind, index);
}

bool wa_symbol_read(const char *name, struct wa_symbol *symbol) {
  char *end;
  unsigned long index = strtoul(name + 1, &end, 10);
  if (end == name + 1 || *end || index > UINT32_MAX) {
    return false;
  }
  *symbol = (struct wa_symbol){.kind = (enum wa_symbol_kind)name[0], .index = (uint32_t)index};
  return true;
}

// ---- A partition's own numbers ----

// The slot that has the symbol, or the free one where it belongs.
static uint32_t *slot_of(const struct wa_symbols *symbols, enum wa_symbol_kind kind,
                         uint32_t index) {
  uint32_t mask = symbols->capacity * 2 - 1;
  uint64_t hash = ((uint64_t)kind << 32 | index) * UINT64_C(0x9e3779b97f4a7c15);
  uint32_t at = (uint32_t)(hash >> 32) & mask;
  while (symbols->slots[at] != 0) {
    const struct wa_symbol *symbol = &symbols->symbols[symbols->slots[at] - 1];
    if (symbol->kind == kind && symbol->index == index) {
      break;
    }
    at = (at + 1) & mask;
  }
  return &symbols->slots[at];
}

static bool grow(struct wa_symbols *symbols) {
  uint32_t capacity = symbols->capacity ? symbols->capacity * 2 : 64;
  struct wa_symbol *all = realloc(symbols->symbols, capacity * sizeof *all);
  if (!all) {
    return false;
  }
  symbols->symbols = all;
  uint32_t *slots = calloc((size_t)capacity * 2, sizeof *slots);
  if (!slots) {
    return false;
  }
  free(symbols->slots);
  symbols->slots = slots;
  symbols->capacity = capacity;
  for (uint32_t i = 0; i < symbols->count; i++) {
    *slot_of(symbols, all[i].kind, all[i].index) = i + 1;
  }
  return true;
}

uint32_t wa_symbols_number(struct wa_symbols *symbols, enum wa_symbol_kind kind, uint32_t index) {
  if (symbols->count == symbols->capacity && !grow(symbols)) {
    return UINT32_MAX;
  }
  uint32_t *slot = slot_of(symbols, kind, index);
  if (*slot == 0) {
    symbols->symbols[symbols->count++] = (struct wa_symbol){.kind = kind, .index = index};
    *slot = symbols->count;
  }
  return *slot - 1;
}

bool wa_symbols_read(const struct wa_symbols *symbols, const char *name, struct wa_symbol *symbol) {
  struct wa_symbol own;
  if (!wa_symbol_read(name, &own) || own.index >= symbols->count ||
      symbols->symbols[own.index].kind != own.kind) {
    return false;
  }
  *symbol = symbols->symbols[own.index];
  return true;
}

void wa_symbols_deinit(struct wa_symbols *symbols) {
  free(symbols->symbols);
  free(symbols->slots);
  *symbols = (struct wa_symbols){.symbols = NULL};
}

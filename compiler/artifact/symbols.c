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

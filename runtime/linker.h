#ifndef WA_LINKER_H
#define WA_LINKER_H

#include "runtime.h"

bool wa_linker_traps_unknown(const struct wa_linker *linker);

#endif

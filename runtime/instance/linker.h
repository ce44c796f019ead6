#ifndef WA_RUNTIME_INSTANCE_LINKER_H
#define WA_RUNTIME_INSTANCE_LINKER_H

#include "runtime/runtime.h"

bool wa_linker_traps_unknown(const struct wa_linker *linker);

#endif

// What to do about a module that cannot be linked.
#ifndef WA_CLI_ADVICE_H
#define WA_CLI_ADVICE_H

#include "runtime/runtime.h"

// What to do about the imports that the linker does not have, judged by their names. A constant;
// NULL when it has them all.
const char *wa_import_advice(const struct wa_artifact *artifact, const struct wa_linker *linker);

#endif

// The two faces of `wasmaot inspect`.
#ifndef WA_CLI_INSPECT_H
#define WA_CLI_INSPECT_H

#include "cli/describe.h"

// Of the JSON: rises when a key that is documented (docs/machines.md) goes or changes its meaning.
#define WA_INSPECT_FORMAT 1u

void wa_inspect_text(const char *path, const struct wa_description *description);
void wa_inspect_json(const char *path, const struct wa_description *description);

#endif

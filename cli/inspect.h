// The two faces of `wasmaot inspect`.
#ifndef WA_CLI_INSPECT_H
#define WA_CLI_INSPECT_H

#include "cli/describe.h"

void wa_inspect_text(const char *path, const struct wa_description *description);
void wa_inspect_json(const char *path, const struct wa_description *description);

#endif

// An ELF object that holds bytes for the linker: how an artifact gets into a program or a library.
#ifndef WA_CLI_EMBED_H
#define WA_CLI_EMBED_H

#include "compiler/compile.h"

// An object for the artifact's machine, with the artifact and two texts under the symbols of
// standalone.h; *object is malloc's. The artifact is one that the compiler just made.
bool wa_embed(const struct wa_buffer *artifact, const char *options, const char *name,
              struct wa_buffer *object, struct wa_error *err);

#endif

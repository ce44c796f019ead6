// Standalone programs: what `compile --emit=exe` puts into them and how they find it.
#ifndef WA_CLI_STANDALONE_H
#define WA_CLI_STANDALONE_H

#include "cli/program.h"
#include "cli/words.h"
#include "include/wa_error.h"

// The symbols of the object that holds an artifact for the linker, and its alignment there: the
// largest page of any host.
#define WA_EMBEDDED_ARTIFACT "wasmaot_embedded_artifact"
#define WA_EMBEDDED_ARTIFACT_END "wasmaot_embedded_artifact_end"
#define WA_EMBEDDED_OPTIONS "wasmaot_embedded_options" // text, with a NUL
#define WA_EMBEDDED_NAME "wasmaot_embedded_name"       // of the module, for reports
enum { WA_EMBEDDED_ALIGNMENT = 65536 };

// Adds the options of `wasmaot run` that a text holds, which they point into: *words is to be freed
// when they are no longer used. False, reported, when they are wrong. `where` is what the report
// calls the text.
bool wa_standalone_options(struct wa_program_options *options, const char *where, const char *text,
                           struct wa_words *words);

#endif

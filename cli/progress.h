// A progress bar on stderr.
#ifndef WA_CLI_PROGRESS_H
#define WA_CLI_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

enum wa_progress_mode { WA_PROGRESS_AUTO, WA_PROGRESS_ALWAYS, WA_PROGRESS_NEVER };

struct wa_progress {
  bool on;
  bool always; // from the first moment: else what is over in half a second shows nothing
  bool shown;
  uint64_t start, last; // when compiling began, when it was drawn: milliseconds
};

extern const char *const wa_progress_choices[]; // in the order of wa_progress_mode

void wa_progress_init(struct wa_progress *progress, enum wa_progress_mode mode);
// For wa_compile_options.progress; `arg` is the wa_progress. Calls must not overlap.
void wa_progress_update(void *arg, uint64_t done, uint64_t total);
// Takes the bar off the terminal, so that what follows starts on an empty line.
void wa_progress_end(struct wa_progress *progress);

#endif

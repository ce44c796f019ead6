// A granted directory as it is spelled: HOST[::GUEST][:ro|:rw].
#ifndef WA_CLI_GRANT_H
#define WA_CLI_GRANT_H

#include <stdbool.h>

struct wa_grant {
  char *host;        // malloc
  const char *guest; // in the same bytes
  bool read_only;
};

// False when out of memory. Either name may be empty, which is nobody's directory.
bool wa_grant_init(struct wa_grant *grant, const char *text);
void wa_grant_deinit(struct wa_grant *grant);

#endif

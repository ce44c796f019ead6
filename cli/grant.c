#include "cli/grant.h"

#include <stdlib.h>
#include <string.h>

// Takes the mode off the end; true when it is to read only. Of two that follow each other only the
// last is one, so that a directory may have a name that ends in either.
static bool cut_mode(char *text) {
  size_t length = strlen(text);
  const char *end = length < 3 ? "" : text + length - 3;
  bool read_only = strcmp(end, ":ro") == 0;
  if (read_only || strcmp(end, ":rw") == 0) {
    text[length - 3] = '\0';
  }
  return read_only;
}

bool wa_grant_init(struct wa_grant *grant, const char *text) {
  *grant = (struct wa_grant){.host = strdup(text)};
  if (grant->host == NULL) {
    return false;
  }
  grant->read_only = cut_mode(grant->host);
  grant->guest = grant->host;
  char *colons = strstr(grant->host, "::");
  if (colons != NULL) {
    *colons = '\0';
    grant->guest = colons + 2;
  }
  return true;
}

void wa_grant_deinit(struct wa_grant *grant) {
  free(grant->host);
  *grant = (struct wa_grant){.host = NULL};
}

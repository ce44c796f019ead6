// What is reported, as one JSON object in one line.
#ifndef WA_CLI_REPORT_JSON_H
#define WA_CLI_REPORT_JSON_H

#include "cli/report.h"

struct wa_message {
  enum wa_report_code code;
  const char *file;           // NULL: of no file
  const char *text;           // what follows its first "; " says what to do, unless there is a hint
  const char *hint;           // or NULL
  uint32_t function;          // or WA_NO_FUNCTION
  uint64_t offset;            // or WA_NO_OFFSET
  const int32_t *thread;      // NULL: of none
  const struct wa_trap *trap; // whose frames are written; NULL for none
  const char *trap_name;      // or NULL
};

// Written at once; false when there is no memory for it.
bool wa_message_write_json(const struct wa_message *message, FILE *to);

#endif

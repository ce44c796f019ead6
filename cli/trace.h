// --trace-wasi: a line per call of WASI, as strace has them for system calls.
#ifndef WA_CLI_TRACE_H
#define WA_CLI_TRACE_H

#include "include/wa_error.h"
#include "wasi/wasi.h"

struct wa_trace {
  int file;       // -1: none
  uint64_t start; // nanoseconds of the monotonic clock
};

// Opens a file to be written anew, or standard error when the path is "". NULL for no trace.
bool wa_trace_init(struct wa_trace *trace, const char *path, struct wa_error *err);
void wa_trace_deinit(struct wa_trace *trace);

// Of wa_wasi_config, with the trace as its argument. Any number of threads; every line is one
// write.
void wa_trace_call(void *trace, struct wa_wasi_event *event, bool done);

#endif

#include "cli/process.h"

#include "cli/report.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

// A guest that writes to a closed pipe gets EPIPE, or EFBIG past the limit of a file's size, as
// WASI has no signals; and the command itself says what it could not write.
static void ignore_signals(void) {
  (void)signal(SIGPIPE, SIG_IGN);
  (void)signal(SIGXFSZ, SIG_IGN);
}

// A standard stream that is closed becomes a bad one: open, so that no file of ours or the guest's
// gets its number and then our messages, yet open the wrong way round, so that to use it fails.
static bool hold_standard_streams(void) {
  for (int fd = 0; fd <= STDERR_FILENO; fd++) {
    if (fcntl(fd, F_GETFD) >= 0) {
      continue;
    }
    if (open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY) != fd) {
      return false;
    }
  }
  return true;
}

bool wa_process_init(void) {
  ignore_signals();
  if (hold_standard_streams()) {
    return true;
  }
  wa_report_as(WA_REPORT_SYSTEM, NULL,
               "a standard stream is closed, and /dev/null cannot be opened in its place");
  return false;
}

int wa_process_finish(int status) {
  if (fflush(stdout) == 0 && ferror(stdout) == 0) {
    return status;
  }
  wa_report_as(WA_REPORT_SYSTEM, NULL, "cannot write to standard output");
  return status == WA_EXIT_OK ? WA_EXIT_FAILURE : status;
}

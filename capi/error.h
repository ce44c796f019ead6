// How functions of the public API fail.
#ifndef WA_CAPI_ERROR_H
#define WA_CAPI_ERROR_H

#include "include/wa_error.h"
#include "include/wasmaot.h"

// The calling thread's last error, to be filled.
struct wa_error *wa_api_last_error(void);
// Sets it; false.
__attribute__((format(printf, 2, 3))) bool wa_api_fail(enum wa_error_kind kind, const char *format,
                                                       ...);
bool wa_api_no_memory(void);
// A copy of it for the caller of a function of wasmaot.h. Never NULL.
wasmaot_error_t *wa_api_error(void);

#endif

#ifndef WA_CAPI_WASI_CONFIG_H
#define WA_CAPI_WASI_CONFIG_H

#include "include/wasmaot.h"
#include "wasi/wasi.h"

// NULL with err.
struct wa_wasi *wa_api_wasi_new(const wasmaot_wasi_config_t *config, struct wa_error *err);

#endif

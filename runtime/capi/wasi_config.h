#ifndef WA_WASI_CONFIG_H
#define WA_WASI_CONFIG_H

#include "wasi.h"
#include "wasmaot.h"

// NULL with err.
struct wa_wasi *wa_api_wasi_new(const wasmaot_wasi_config_t *config, struct wa_error *err);

#endif

// Configurations, engines, stores.
#include "capi/api.h"
#include "compiler/wasm/features.h"
#include "runtime/thread/signals.h"
#include "runtime/thread/thread.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

// ---- Configuration ----

wasm_config_t *wasm_config_new(void) {
  wasm_config_t *config = calloc(1, sizeof *config);
  if (config == NULL) {
    (void)wa_api_no_memory();
    return NULL;
  }
  config->opt_level = 3;
  return config;
}

static void config_deinit(wasm_config_t *config) {
  free(config->cpu);
}

void wasm_config_delete(wasm_config_t *config) {
  if (config != NULL) {
    config_deinit(config);
    free(config);
  }
}

static bool set_string(char **place, const char *value) {
  char *copy = strdup(value);
  if (copy == NULL) {
    return wa_api_no_memory();
  }
  free(*place);
  *place = copy;
  return true;
}

bool wasmaot_config_set_optimization(wasm_config_t *config, int level) {
  if (level < 0 || level > 3) {
    return wa_api_fail(WA_ERROR_USAGE, "optimization level %d; 0 to 3 exist", level);
  }
  config->opt_level = level;
  return true;
}

bool wasmaot_config_set_cpu(wasm_config_t *config, const char *cpu) {
  return set_string(&config->cpu, cpu);
}

bool wasmaot_config_set_features(wasm_config_t *config, const char *features) {
  uint64_t on = WA_FEATURES_ALL;
  if (!wa_features_apply(&on, features, wa_api_last_error())) {
    return false;
  }
  config->features_off = ~on;
  return true;
}

bool wasmaot_config_set_jobs(wasm_config_t *config, unsigned jobs) {
  config->jobs = jobs;
  return true;
}

bool wasmaot_config_set_explicit_memory_checks(wasm_config_t *config, bool explicit_checks) {
  config->explicit_checks = explicit_checks;
  return true;
}

bool wasmaot_config_set_max_compile_memory(wasm_config_t *config, uint64_t bytes) {
  config->max_compile_memory = bytes;
  return true;
}

bool wasmaot_config_set_max_compile_time(wasm_config_t *config, uint64_t nanoseconds) {
  config->max_compile_time = nanoseconds;
  return true;
}

bool wasmaot_config_set_max_memory(wasm_config_t *config, uint64_t bytes) {
  if (bytes < WA_PAGE_SIZE) {
    return wa_api_fail(WA_ERROR_USAGE, "a limit on memories below one page of 64 KiB");
  }
  config->limits.max_memory_pages = bytes / WA_PAGE_SIZE;
  return true;
}

bool wasmaot_config_set_max_table(wasm_config_t *config, uint64_t entries) {
  if (entries == 0) {
    return wa_api_fail(WA_ERROR_USAGE, "a limit on tables of no entries");
  }
  config->limits.max_table_entries = entries;
  return true;
}

bool wasmaot_config_set_debug_info(wasm_config_t *config, bool enabled) {
  config->debug_info = enabled;
  return true;
}

bool wasmaot_config_set_huge_pages(wasm_config_t *config, bool enabled) {
  config->limits.no_huge_pages = !enabled;
  return true;
}

bool wasmaot_config_set_caller_stack(wasm_config_t *config, bool enabled) {
  config->caller_stack = enabled;
  return true;
}

bool wasmaot_config_set_stack(wasm_config_t *config, size_t bytes) {
  if (bytes < (size_t)256 << 10) {
    return wa_api_fail(WA_ERROR_USAGE, "a stack of %zu bytes; at least 256 KiB are needed", bytes);
  }
  config->limits.stack_size = bytes;
  return true;
}

bool wasmaot_config_set_host_stack(wasm_config_t *config, size_t bytes) {
  if (bytes < (size_t)128 << 10 || bytes > (size_t)1 << 30) {
    return wa_api_fail(WA_ERROR_USAGE,
                       "a stack of %zu bytes for host functions; 128 KiB to 1 GiB are possible",
                       bytes);
  }
  config->limits.host_stack = bytes;
  return true;
}

// ---- Engines ----

wasm_engine_t *wasm_engine_new(void) {
  return wasm_engine_new_with_config(wasm_config_new());
}

wasm_engine_t *wasm_engine_new_with_config(wasm_config_t *config) {
  wasm_engine_t *engine = config == NULL ? NULL : malloc(sizeof *engine);
  if (engine == NULL) {
    wasm_config_delete(config);
    (void)wa_api_no_memory();
    return NULL;
  }
  engine->config = *config;
  atomic_init(&engine->references, 1);
  free(config);
  return engine;
}

void wa_api_engine_retain(wasm_engine_t *engine) {
  atomic_fetch_add_explicit(&engine->references, 1, memory_order_relaxed);
}

void wasm_engine_delete(wasm_engine_t *engine) {
  if (engine != NULL &&
      atomic_fetch_sub_explicit(&engine->references, 1, memory_order_acq_rel) == 1) {
    config_deinit(&engine->config);
    free(engine);
  }
}

// ---- Stores ----

wasm_store_t *wasm_store_new(wasm_engine_t *engine) {
  // Before anything is made that would only find it out at its first call.
  if (!wa_signals_install()) {
    (void)wa_api_fail(WA_ERROR_SYSTEM, "cannot install signal handlers: %s", strerror(errno));
    return NULL;
  }
  wasm_store_t *store = calloc(1, sizeof *store);
  if (store != NULL) {
    store->store = wa_store_new(&engine->config.limits);
  }
  if (store == NULL || store->store == NULL) {
    free(store);
    (void)wa_api_no_memory();
    return NULL;
  }
  store->engine = engine;
  wa_api_engine_retain(engine);
  return store;
}

void wa_api_store_close(wasm_store_t *store) {
  wa_api_refs_end(store);
  wasm_engine_delete(store->engine);
  free(store);
}

void wasm_store_delete(wasm_store_t *store) {
  if (store == NULL) {
    return;
  }
  if (store->depth != 0) {
    store->deleted = true;
  } else {
    wa_api_store_close(store);
  }
}

bool wasmaot_store_interrupt(wasm_store_t *store, int64_t wait) {
  return wa_store_interrupt(store->store, wait);
}

bool wasmaot_thread_refresh(void) {
  return wa_thread_refresh() ||
         wa_api_fail(WA_ERROR_SYSTEM, "cannot set an alternate signal stack: %s", strerror(errno));
}

void wasmaot_store_resume(wasm_store_t *store) {
  wa_store_resume(store->store);
}

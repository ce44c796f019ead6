#include "cli/inspect.h"

#include "compiler/wasm/features.h"

#include "cli/json.h"
#include "loader/loader.h"

#include <string.h>

static void put_types(struct wa_json *json, const char *key, const uint32_t *types,
                      uint32_t count) {
  wa_json_open(json, key, '[');
  for (uint32_t i = 0; i < count; i++) {
    wa_json_text(json, NULL, wa_describe_valtype(types[i]));
  }
  wa_json_close(json, ']');
}

static void put_limits(struct wa_json *json, const struct wa_limits *limits) {
  wa_json_number(json, "min", limits->min);
  if (limits->has_max) {
    wa_json_number(json, "max", limits->max);
  }
  wa_json_text(json, "index", limits->index64 ? "i64" : "i32");
  wa_json_bool(json, "shared", limits->shared);
}

static void put_described(struct wa_json *json, const struct wa_described *row, bool import,
                          bool named) {
  const struct wa_extern_type *type = &row->type;
  wa_json_open(json, NULL, '{');
  if (import) {
    wa_json_string(json, "module", row->module.data, row->module.size);
  }
  if (named) {
    wa_json_string(json, "name", row->name.data, row->name.size);
    wa_json_text(json, "kind", wa_describe_kind(type->kind));
  }
  switch (type->kind) {
  case WA_EXTERN_FUNC:
    put_types(json, "params", type->params, type->param_count);
    put_types(json, "results", type->results, type->result_count);
    break;
  case WA_EXTERN_TAG:
    put_types(json, "params", type->params, type->param_count);
    break;
  case WA_EXTERN_KIND_COUNT:
    break;
  case WA_EXTERN_TABLE:
    wa_json_text(json, "type", wa_describe_valtype(type->type));
    put_limits(json, &type->limits);
    break;
  case WA_EXTERN_MEMORY:
    put_limits(json, &type->limits);
    wa_json_number(json, "page_size", UINT64_C(1) << type->limits.page_log2);
    break;
  case WA_EXTERN_GLOBAL:
    wa_json_text(json, "type", wa_describe_valtype(type->type));
    wa_json_bool(json, "mutable", type->mut);
    break;
  }
  wa_json_close(json, '}');
}

static void put_all(struct wa_json *json, const char *key, const struct wa_described *rows,
                    uint32_t count, bool import, bool named) {
  wa_json_open(json, key, '[');
  for (uint32_t i = 0; i < count; i++) {
    put_described(json, &rows[i], import, named);
  }
  wa_json_close(json, ']');
}

static void put_features(struct wa_json *json, uint64_t features) {
  wa_json_open(json, "features", '[');
  for (unsigned bit = 0; bit < WA_FEATURE_COUNT; bit++) {
    if ((features >> bit & 1) != 0) {
      wa_json_text(json, NULL, wa_feature_name(UINT64_C(1) << bit));
    }
  }
  wa_json_close(json, ']');
}

static void put_counts(struct wa_json *json, const struct wa_description *description) {
  wa_json_open(json, "counts", '{');
  wa_json_number(json, "types", description->type_count);
  wa_json_number(json, "functions", description->function_count);
  wa_json_number(json, "tables", description->table_count);
  wa_json_number(json, "memories", description->memory_count);
  wa_json_number(json, "globals", description->global_count);
  wa_json_number(json, "imports", description->import_count);
  wa_json_number(json, "exports", description->export_count);
  wa_json_number(json, "elements", description->elem_count);
  wa_json_number(json, "data", description->data_count);
  wa_json_close(json, '}');
}

static void put_sizes(struct wa_json *json, const struct wa_description *description) {
  wa_json_open(json, "sizes", '{');
  wa_json_number(json, "file", description->file_size);
  wa_json_number(json, "code", description->code_size);
  wa_json_number(json, "data", description->data_size);
  if (description->artifact != NULL) {
    wa_json_number(json, "metadata", description->metadata_size);
  }
  wa_json_close(json, '}');
}

static void put_custom_sections(struct wa_json *json, const struct wa_module *module) {
  wa_json_open(json, "target_features", '[');
  for (uint32_t i = 0; i < module->target_feature_count; i++) {
    const struct wa_target_feature *feature = &module->target_features[i];
    const char prefix[] = {feature->prefix, '\0'};
    wa_json_open(json, NULL, '{');
    wa_json_text(json, "prefix", prefix);
    wa_json_string(json, "name", feature->name.data, feature->name.size);
    wa_json_close(json, '}');
  }
  wa_json_close(json, ']');
  wa_json_open(json, "producers", '[');
  for (uint32_t i = 0; i < module->producer_count; i++) {
    const struct wa_producer *producer = &module->producers[i];
    wa_json_open(json, NULL, '{');
    wa_json_string(json, "field", producer->field.data, producer->field.size);
    wa_json_string(json, "name", producer->name.data, producer->name.size);
    wa_json_string(json, "version", producer->version.data, producer->version.size);
    wa_json_close(json, '}');
  }
  wa_json_close(json, ']');
}

static void put_reliance(struct wa_json *json, uint32_t reliance) {
  wa_json_open(json, "relies_on", '[');
  for (const struct wa_reliance *row = wa_reliances; row->name != NULL; row++) {
    if ((reliance & row->bit) != 0) {
      wa_json_text(json, NULL, row->name);
    }
  }
  wa_json_close(json, ']');
}

static void put_note(struct wa_json *json, const struct wa_artifact *artifact) {
  const struct wa_note *note = &artifact->note;
  char sha256[65];
  for (size_t i = 0; i < 32; i++) {
    (void)snprintf(sha256 + 2 * i, 3, "%02x", note->source_sha256[i]);
  }
  wa_json_open(json, "note", '{');
  wa_json_number(json, "abi", note->abi_version);
  wa_json_text(json, "wasmaot", note->wasmaot_version);
  wa_json_text(json, "llvm", note->llvm_version);
  wa_json_text(json, "target", note->target_triple);
  wa_json_text(json, "cpu", note->target_cpu);
  wa_json_number(json, "optimization", note->optimization);
  wa_json_open(json, "cpu_features", '[');
  for (unsigned bit = 0; bit < 64; bit++) {
    const char *name = wa_cpu_feature_name(wa_artifact_machine(artifact), 1ull << bit);
    if ((note->cpu_features >> bit & 1) != 0) {
      wa_json_text(json, NULL, name != NULL ? name : "unknown");
    }
  }
  wa_json_close(json, ']');
  put_reliance(json, note->reliance);
  wa_json_number(json, "memory_reservation", note->memory_reservation);
  wa_json_number(json, "memory_guard", note->memory_guard);
  wa_json_number(json, "stack_guard", note->stack_guard);
  wa_json_text(json, "source_sha256", sha256);
  wa_json_close(json, '}');
}

void wa_inspect_json(const char *path, const struct wa_description *description) {
  struct wa_json json;
  wa_json_init(&json, stdout);
  wa_json_open(&json, NULL, '{');
  wa_json_number(&json, "format", WA_INSPECT_FORMAT);
  wa_json_text(&json, "file", path);
  wa_json_text(&json, "kind", description->artifact != NULL ? "artifact" : "module");
  if (description->name.size > 0) {
    wa_json_string(&json, "name", description->name.data, description->name.size);
  }
  put_counts(&json, description);
  put_sizes(&json, description);
  put_features(&json, description->features);
  if (description->start != WA_NONE) {
    wa_json_number(&json, "start", description->start);
  }
  put_all(&json, "imports", description->imports, description->import_count, true, true);
  put_all(&json, "exports", description->exports, description->export_count, false, true);
  put_all(&json, "memories", description->memories, description->memory_count, false, false);
  put_all(&json, "tables", description->tables, description->table_count, false, false);
  if (description->module != NULL) {
    put_custom_sections(&json, description->module);
  }
  if (description->artifact != NULL) {
    put_note(&json, description->artifact);
  }
  wa_json_close(&json, '}');
}

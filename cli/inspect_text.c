#include "cli/inspect.h"

#include "compiler/wasm/features.h"

#include "loader/loader.h"

#include <stdio.h>

// Names come from the file: control characters are shown, not sent to the terminal.
static void put_bytes(struct wa_bytes bytes) {
  for (size_t i = 0; i < bytes.size; i++) {
    if (bytes.data[i] < 0x20 || bytes.data[i] == 0x7f) {
      (void)printf("\\x%02x", bytes.data[i]);
    } else {
      (void)putchar(bytes.data[i]);
    }
  }
}

static void put_types(const uint32_t *types, uint32_t count) {
  (void)putchar('(');
  for (uint32_t i = 0; i < count; i++) {
    (void)printf("%s%s", i == 0 ? "" : ", ", wa_describe_valtype(types[i]));
  }
  (void)putchar(')');
}

static void put_limits(const struct wa_limits *limits, const char *unit) {
  (void)printf("%llu", (unsigned long long)limits->min);
  if (limits->has_max) {
    (void)printf(" to %llu", (unsigned long long)limits->max);
  } else {
    (void)printf(" or more");
  }
  (void)printf(" %s%s%s", unit, limits->shared ? ", shared" : "",
               limits->index64 ? ", 64-bit index" : "");
}

static void put_type(const struct wa_extern_type *type) {
  switch (type->kind) {
  case WA_EXTERN_FUNC:
    put_types(type->params, type->param_count);
    (void)printf(" -> ");
    put_types(type->results, type->result_count);
    break;
  case WA_EXTERN_TAG:
    put_types(type->params, type->param_count);
    break;
  case WA_EXTERN_KIND_COUNT:
    break;
  case WA_EXTERN_TABLE:
    put_limits(&type->limits, wa_describe_valtype(type->type));
    break;
  case WA_EXTERN_MEMORY:
    put_limits(&type->limits, wa_has_byte_pages(&type->limits) ? "pages of a byte" : "pages");
    break;
  case WA_EXTERN_GLOBAL:
    (void)printf("%s%s", type->mut ? "mutable " : "", wa_describe_valtype(type->type));
    break;
  }
}

static void put_all(const char *title, const struct wa_described *rows, uint32_t count,
                    bool import) {
  if (count > 0) {
    (void)printf("%s:\n", title);
  }
  for (uint32_t i = 0; i < count; i++) {
    (void)printf("  %-6s ", wa_describe_kind(rows[i].type.kind));
    if (import) {
      put_bytes(rows[i].module);
      (void)putchar('.');
    }
    put_bytes(rows[i].name);
    (void)printf(": ");
    put_type(&rows[i].type);
    (void)putchar('\n');
  }
}

static void put_indexed(const char *title, const struct wa_described *rows, uint32_t count) {
  for (uint32_t i = 0; i < count; i++) {
    (void)printf("%s %u: ", title, i);
    put_type(&rows[i].type);
    (void)putchar('\n');
  }
}

static void put_features(uint64_t features) {
  (void)printf("features used:");
  bool any = false;
  for (unsigned bit = 0; bit < WA_FEATURE_COUNT; bit++) {
    if ((features >> bit & 1) != 0) {
      (void)printf(" %s", wa_feature_name(UINT64_C(1) << bit));
      any = true;
    }
  }
  (void)puts(any ? "" : " none beyond the first version");
}

static void put_custom_sections(const struct wa_module *module) {
  if (module->target_feature_count > 0) {
    (void)printf("target features:");
    for (uint32_t i = 0; i < module->target_feature_count; i++) {
      (void)printf(" %c", module->target_features[i].prefix);
      put_bytes(module->target_features[i].name);
    }
    (void)putchar('\n');
  }
  for (uint32_t i = 0; i < module->producer_count; i++) {
    const struct wa_producer *producer = &module->producers[i];
    put_bytes(producer->field);
    (void)printf(": ");
    put_bytes(producer->name);
    (void)putchar(' ');
    put_bytes(producer->version);
    (void)putchar('\n');
  }
}

static void put_note(const struct wa_artifact *artifact) {
  const struct wa_note *note = &artifact->note;
  (void)printf("compiled by: wasmaot %s, LLVM %s, -O%u, ABI %u\n", note->wasmaot_version,
               note->llvm_version, note->optimization, note->abi_version);
  (void)printf("for: %s, CPU %s\nCPU features:", note->target_triple, note->target_cpu);
  for (unsigned bit = 0; bit < 64; bit++) {
    const char *name = wa_cpu_feature_name(wa_artifact_machine(artifact), 1ull << bit);
    if ((note->cpu_features >> bit & 1) != 0) {
      (void)printf(" %s", name != NULL ? name : "unknown");
    }
  }
  (void)printf("%s\nrelies on:", note->cpu_features == 0 ? " baseline only" : "");
  for (const struct wa_reliance *row = wa_reliances; row->name != NULL; row++) {
    if ((note->reliance & row->bit) != 0) {
      (void)printf(" %s", row->name);
    }
  }
  (void)putchar('\n');
  (void)printf("source SHA-256: ");
  for (size_t i = 0; i < 32; i++) {
    (void)printf("%02x", note->source_sha256[i]);
  }
  (void)putchar('\n');
}

void wa_inspect_text(const char *path, const struct wa_description *description) {
  bool artifact = description->artifact != NULL;
  put_bytes((struct wa_bytes){(const uint8_t *)path, __builtin_strlen(path)});
  (void)printf(": %s", artifact ? "object of wasmaot" : "WebAssembly module");
  if (description->name.size > 0) {
    (void)printf(" '");
    put_bytes(description->name);
    (void)putchar('\'');
  }
  (void)printf(
      ", %llu bytes (%llu of code, %llu of data)\n", (unsigned long long)description->file_size,
      (unsigned long long)description->code_size, (unsigned long long)description->data_size);
  (void)printf("%u types, %u functions, %u globals, %u element and %u data segments\n",
               description->type_count, description->function_count, description->global_count,
               description->elem_count, description->data_count);
  put_indexed("memory", description->memories, description->memory_count);
  put_indexed("table", description->tables, description->table_count);
  put_features(description->features);
  if (description->start != WA_NONE) {
    (void)printf("start: function %u\n", description->start);
  }
  if (description->module != NULL) {
    put_custom_sections(description->module);
  }
  if (artifact) {
    put_note(description->artifact);
  }
  put_all("imports", description->imports, description->import_count, true);
  put_all("exports", description->exports, description->export_count, false);
}

// wasmaot targets: the hosts and CPUs that `compile` can compile for.
#include "cli/commands.h"
#include "cli/json.h"
#include "cli/report.h"
#include "compiler/opener/compiler_library.h"
#include "compiler/target/target_arch.h"

#include <string.h>

struct values {
  bool json;
};

static const struct wa_option options[] = {
    WA_JSON_OPTION(struct values, json), WA_MESSAGES_OPTION, {.help = NULL}};

static const char *const libcs[] = {"gnu", "musl"};
enum { LIBC_COUNT = 2 };

// ---- As JSON ----

static void json_features(struct wa_json *json, const char *key, const struct wa_target_arch *arch,
                          uint64_t features) {
  wa_json_open(json, key, '[');
  for (unsigned i = 0; i < arch->feature_count; i++) {
    if ((arch->features[i].bit & features) != 0) {
      wa_json_text(json, NULL, arch->features[i].name);
    }
  }
  wa_json_close(json, ']');
}

static void json_target(struct wa_json *json, const struct wa_target_arch *arch) {
  wa_json_open(json, NULL, '{');
  wa_json_text(json, "architecture", arch->name);
  wa_json_bool(json, "available", arch->init_llvm != NULL);
  wa_json_open(json, "targets", '[');
  for (int i = 0; i < LIBC_COUNT; i++) {
    char triple[64];
    (void)snprintf(triple, sizeof triple, "%s-linux-%s", arch->name, libcs[i]);
    wa_json_text(json, NULL, triple);
  }
  wa_json_close(json, ']');
  json_features(json, "features", arch, UINT64_MAX);
  wa_json_open(json, "cpus", '[');
  for (unsigned i = 0; i < arch->cpu_count; i++) {
    wa_json_open(json, NULL, '{');
    wa_json_text(json, "name", arch->cpus[i].name);
    json_features(json, "features", arch, arch->cpus[i].features);
    wa_json_close(json, '}');
  }
  wa_json_close(json, ']');
  wa_json_close(json, '}');
}

static void print_json(const struct wa_compiler_api *api, const struct wa_target_host *host) {
  unsigned count;
  const struct wa_target_arch *const *archs = api->targets(&count);
  struct wa_json json;
  wa_json_init(&json, stdout);
  wa_json_open(&json, NULL, '{');
  wa_json_text(&json, "llvm", api->llvm_version);
  wa_json_open(&json, "host", '{');
  wa_json_text(&json, "architecture", host->arch->name);
  wa_json_text(&json, "cpu", host->cpu);
  json_features(&json, "features", host->arch, host->features);
  wa_json_close(&json, '}');
  wa_json_open(&json, "architectures", '[');
  for (unsigned i = 0; i < count; i++) {
    json_target(&json, archs[i]);
  }
  wa_json_close(&json, ']');
  wa_json_close(&json, '}');
  (void)putchar('\n');
}

// ---- As text ----

// Words in lines of at most 80 columns, indented.
struct lines {
  size_t column;
};

static void put_word(struct lines *lines, const char *word) {
  enum { INDENT = 4, WIDTH = 80 };
  size_t length = strlen(word);
  if (lines->column == 0 || lines->column + 1 + length > WIDTH) {
    (void)printf("%s%*s%s", lines->column == 0 ? "" : "\n", INDENT, "", word);
    lines->column = INDENT + length;
  } else {
    (void)printf(" %s", word);
    lines->column += 1 + length;
  }
}

static void print_target(const struct wa_target_arch *arch) {
  struct lines cpus = {0};
  struct lines features = {0};
  (void)printf("\n%s-linux-gnu, %s-linux-musl%s\n  CPUs\n", arch->name, arch->name,
               arch->init_llvm != NULL ? "" : ": not with this LLVM");
  for (unsigned i = 0; i < arch->cpu_count; i++) {
    put_word(&cpus, arch->cpus[i].name);
  }
  (void)puts("\n  features");
  for (unsigned i = 0; i < arch->feature_count; i++) {
    put_word(&features, arch->features[i].name);
  }
  (void)putchar('\n');
}

static void print_text(const struct wa_compiler_api *api, const struct wa_target_host *host) {
  unsigned count;
  const struct wa_target_arch *const *archs = api->targets(&count);
  (void)printf("LLVM %s; this host is %s, its CPU %s\n", api->llvm_version, host->arch->name,
               host->cpu);
  for (unsigned i = 0; i < count; i++) {
    print_target(archs[i]);
  }
}

static int run(int argc, char **argv) {
  struct values values = {.json = false};
  struct wa_operands operands;
  int status;
  struct wa_target_host host;
  struct wa_error err;
  if (!wa_options_parse(&wa_command_targets, argc, argv, &values, &operands, &status)) {
    return status;
  }
  if (operands.count != 0) {
    wa_report("targets: '%s' is too much; 'wasmaot targets --help' shows how", operands.items[0]);
    return WA_EXIT_USAGE;
  }
  wa_error_clear(&err);
  const struct wa_compiler_api *api = wa_compiler_open(&err);
  if (api == NULL) {
    return wa_report_error(NULL, &err);
  }
  api->host(&host);
  if (values.json) {
    print_json(api, &host);
  } else {
    print_text(api, &host);
  }
  return WA_EXIT_OK;
}

const struct wa_command wa_command_targets = {
    .name = "targets",
    .operands = "",
    .summary = "List the hosts, CPUs and CPU features that modules can be compiled for.\n\n"
               "They are what --target and --cpu of 'wasmaot compile' take; the first CPU of each "
               "host is its\nbaseline.",
    .options = options,
    .run = run,
};

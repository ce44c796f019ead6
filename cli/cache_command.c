// wasmaot cache: what the cache of `wasmaot run` holds, and emptying it.
#include "cli/cache.h"
#include "cli/commands.h"
#include "cli/json.h"
#include "cli/report.h"

#include <string.h>

struct values {
  bool json;
};

static const struct wa_option options[] = {
    WA_JSON_OPTION(struct values, json), WA_MESSAGES_OPTION, {.help = NULL}};

// Why nothing is kept, or NULL.
static const char *unused(const struct wa_cache *cache) {
  if (cache->refused[0] != '\0') {
    return cache->refused;
  }
  if (cache->path[0] == '\0') {
    return "there is no home directory; WASMAOT_CACHE_DIR can name one";
  }
  return NULL;
}

static void print_json(const struct wa_cache *cache, const struct wa_cache_size *size,
                       const struct wa_cache_saved *saved, const char *counted) {
  struct wa_json json;
  const char *why = unused(cache);
  wa_json_init(&json, stdout);
  wa_json_open(&json, NULL, '{');
  wa_json_text(&json, "directory", cache->path);
  wa_json_bool(&json, "used", why == NULL);
  if (why != NULL) {
    wa_json_text(&json, "reason", why);
  }
  wa_json_number(&json, counted, size->entries);
  wa_json_number(&json, "pieces", size->pieces);
  wa_json_number(&json, "bytes", size->bytes);
  wa_json_number(&json, "limit", cache->limit);
  if (saved != NULL) {
    wa_json_number(&json, "runs", saved->runs);
    wa_json_number(&json, "saved_ms", saved->nanoseconds / 1000000);
  }
  wa_json_close(&json, '}');
  (void)putchar('\n');
}

static void print_info(const struct wa_cache *cache, const struct wa_cache_size *size,
                       const struct wa_cache_saved *saved) {
  const char *why = unused(cache);
  (void)printf("directory  %s\n", cache->path[0] != '\0' ? cache->path : "(none)");
  if (why != NULL) {
    (void)printf("not used   %s\n", why);
  }
  (void)printf("entries    %llu\npieces     %llu\nbytes      %llu of at most %llu\n",
               (unsigned long long)size->entries, (unsigned long long)size->pieces,
               (unsigned long long)size->bytes, (unsigned long long)cache->limit);
  (void)printf("saved      %.1f s of processor time in %llu runs\n",
               (double)saved->nanoseconds / 1e9, (unsigned long long)saved->runs);
}

static int info(const struct values *values) {
  struct wa_cache cache;
  wa_cache_open(&cache, false);
  struct wa_cache_size size = wa_cache_measure(&cache);
  struct wa_cache_saved saved = wa_cache_read_saved(&cache);
  if (values->json) {
    print_json(&cache, &size, &saved, "entries");
  } else {
    print_info(&cache, &size, &saved);
  }
  wa_cache_close(&cache);
  return WA_EXIT_OK;
}

static int clear(const struct values *values) {
  struct wa_cache cache;
  wa_cache_open(&cache, false);
  struct wa_cache_size size = wa_cache_clear(&cache);
  wa_cache_forget_saved(&cache);
  if (values->json) {
    print_json(&cache, &size, NULL, "removed");
  } else {
    (void)printf("%llu entries removed, %llu pieces, %llu bytes\n",
                 (unsigned long long)size.entries, (unsigned long long)size.pieces,
                 (unsigned long long)size.bytes);
  }
  if (cache.refused[0] != '\0') {
    wa_report_as(WA_REPORT_REFUSED, NULL, "cache: %s is not touched: %s", cache.path,
                 cache.refused);
  }
  bool refused = cache.refused[0] != '\0' || wa_cache_measure(&cache).bytes != 0;
  wa_cache_close(&cache);
  return refused ? WA_EXIT_FAILURE : WA_EXIT_OK;
}

static const struct wa_help_row examples[] = {
    {"wasmaot cache info", "where it is, what it holds, and what it has saved"},
    {"wasmaot cache clear", "remove them; running programs are not disturbed"},
    {.text = NULL},
};

static int run(int argc, char **argv) {
  struct values values = {.json = false};
  struct wa_operands operands;
  int status;
  if (!wa_options_parse(&wa_command_cache, argc, argv, &values, &operands, &status)) {
    return status;
  }
  if (operands.count == 1 && strcmp(operands.items[0], "info") == 0) {
    return info(&values);
  }
  if (operands.count == 1 && strcmp(operands.items[0], "clear") == 0) {
    return clear(&values);
  }
  wa_report("cache: say 'info' or 'clear'; 'wasmaot cache --help' tells what they do");
  return WA_EXIT_USAGE;
}

const struct wa_command wa_command_cache = {
    .name = "cache",
    .operands = "info|clear",
    .summary =
        "Look at the cache of compiled modules, or empty it.\n\n"
        "'wasmaot run' keeps what it compiles in $WASMAOT_CACHE_DIR, $XDG_CACHE_HOME/wasmaot or\n"
        "~/.cache/wasmaot, WASMAOT_CACHE_SIZE bytes at most (default 1G; 0 keeps nothing): what "
        "was\n"
        "used longest ago goes first. A directory that others may write to is not used. Pieces "
        "are\n"
        "parts of modules: a module that was edited is compiled but for those that it still has.",
    .options = options,
    .complete = "info clear",
    .examples = examples,
    .run = run,
};

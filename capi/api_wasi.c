// What a program may see of the host: collected here, checked by wasi/ when it is defined.
#include "capi/wasi_config.h"

#include "capi/api.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

struct strings {
  char **items;
  size_t count;
};

struct wasmaot_wasi_config_t {
  struct strings args;
  struct strings env;
  struct strings hosts; // of preopens
  struct strings guests;
  bool *read_only; // of each of them
  int stdio[3];
  int *handed;
  size_t handed_count;
};

static bool add(struct strings *strings, const char *format, const char *a, const char *b) {
  char **items = realloc(strings->items, (strings->count + 1) * sizeof *items);
  if (items == NULL) {
    return wa_api_no_memory();
  }
  strings->items = items;
  int length = snprintf(NULL, 0, format, a, b);
  char *text = malloc((size_t)length + 1);
  if (text == NULL) {
    return wa_api_no_memory();
  }
  (void)snprintf(text, (size_t)length + 1, format, a, b);
  items[strings->count++] = text;
  return true;
}

static void deinit(struct strings *strings) {
  for (size_t i = 0; i < strings->count; i++) {
    free(strings->items[i]);
  }
  free(strings->items);
}

static void close_all(const int *descriptors, size_t count) {
  for (size_t i = 0; i < count; i++) {
    (void)close(descriptors[i]);
  }
}

wasmaot_wasi_config_t *wasmaot_wasi_config_new(void) {
  wasmaot_wasi_config_t *config = calloc(1, sizeof *config);
  if (config == NULL) {
    (void)wa_api_no_memory();
    return NULL;
  }
  for (int i = 0; i < 3; i++) {
    config->stdio[i] = -1;
  }
  return config;
}

void wasmaot_wasi_config_delete(wasmaot_wasi_config_t *config) {
  if (config != NULL) {
    deinit(&config->args);
    deinit(&config->env);
    deinit(&config->hosts);
    deinit(&config->guests);
    free(config->read_only);
    close_all(config->handed, config->handed_count);
    free(config->handed);
    free(config);
  }
}

bool wasmaot_wasi_config_arg(wasmaot_wasi_config_t *config, const char *arg) {
  return add(&config->args, "%s", arg, NULL);
}

bool wasmaot_wasi_config_env(wasmaot_wasi_config_t *config, const char *name, const char *value) {
  if (name[0] == '\0' || strchr(name, '=') != NULL) {
    return wa_api_fail(WA_ERROR_USAGE, "'%s' is no name for an environment variable", name);
  }
  return add(&config->env, "%s=%s", name, value);
}

bool wasmaot_wasi_config_inherit_env(wasmaot_wasi_config_t *config) {
  for (char **entry = environ; entry != NULL && *entry != NULL; entry++) {
    if (!add(&config->env, "%s", *entry, NULL)) {
      return false;
    }
  }
  return true;
}

static bool add_preopen(wasmaot_wasi_config_t *config, const char *host, const char *guest,
                        bool read_only) {
  if (host[0] == '\0' || guest[0] == '\0') {
    return wa_api_fail(WA_ERROR_USAGE, "a directory without a name");
  }
  size_t count = config->hosts.count;
  bool *modes = realloc(config->read_only, (count + 1) * sizeof *modes);
  if (modes == NULL) {
    return wa_api_no_memory();
  }
  config->read_only = modes;
  modes[count] = read_only;
  if (!add(&config->hosts, "%s", host, NULL)) {
    return false;
  }
  if (!add(&config->guests, "%s", guest, NULL)) {
    free(config->hosts.items[--config->hosts.count]);
    return false;
  }
  return true;
}

bool wasmaot_wasi_config_preopen(wasmaot_wasi_config_t *config, const char *host,
                                 const char *guest) {
  return add_preopen(config, host, guest, false);
}

bool wasmaot_wasi_config_preopen_read_only(wasmaot_wasi_config_t *config, const char *host,
                                           const char *guest) {
  return add_preopen(config, host, guest, true);
}

bool wasmaot_wasi_config_stdio(wasmaot_wasi_config_t *config, int stream, int descriptor) {
  if (stream < 0 || stream > 2) {
    return wa_api_fail(WA_ERROR_USAGE, "standard stream %d; 0, 1 and 2 exist", stream);
  }
  config->stdio[stream] = descriptor;
  return true;
}

void wasmaot_wasi_config_inherit_stdio(wasmaot_wasi_config_t *config) {
  for (int i = 0; i < 3; i++) {
    config->stdio[i] = i;
  }
}

// ---- Descriptors that the program is given ----

static int duplicate(int descriptor) {
  return fcntl(descriptor, F_DUPFD_CLOEXEC, 3);
}

// Takes the descriptor over.
static bool hand(wasmaot_wasi_config_t *config, int descriptor) {
  int *handed = realloc(config->handed, (config->handed_count + 1) * sizeof *handed);
  if (handed == NULL) {
    (void)close(descriptor);
    return wa_api_no_memory();
  }
  config->handed = handed;
  handed[config->handed_count++] = descriptor;
  return true;
}

bool wasmaot_wasi_config_descriptor(wasmaot_wasi_config_t *config, int descriptor) {
  struct stat status;
  if (fstat(descriptor, &status) != 0) {
    return wa_api_fail(WA_ERROR_USAGE, "descriptor %d is not open", descriptor);
  }
  if (S_ISDIR(status.st_mode)) {
    return wa_api_fail(WA_ERROR_USAGE, "descriptor %d is a directory; grant directories by name",
                       descriptor);
  }
  int own = duplicate(descriptor);
  if (own < 0) {
    return wa_api_fail(WA_ERROR_SYSTEM, "cannot duplicate descriptor %d: %s", descriptor,
                       strerror(errno));
  }
  return hand(config, own);
}

bool wasmaot_wasi_config_listen(wasmaot_wasi_config_t *config, const char *address,
                                uint16_t *port) {
  struct sockaddr_storage bound;
  socklen_t size = sizeof bound;
  int descriptor = wa_wasi_listen(address, wa_api_last_error());
  if (descriptor < 0) {
    return false;
  }
  // Both families have the port at the same place.
  if (getsockname(descriptor, (struct sockaddr *)&bound, &size) != 0) {
    (void)close(descriptor);
    return wa_api_fail(WA_ERROR_SYSTEM, "cannot tell the port of '%s': %s", address,
                       strerror(errno));
  }
  bool done = hand(config, descriptor);
  if (done && port != NULL) {
    *port = ntohs(((struct sockaddr_in *)&bound)->sin_port);
  }
  return done;
}

// Duplicates for one program, which takes them over; NULL with err.
static int *duplicate_all(const wasmaot_wasi_config_t *config, struct wa_error *err) {
  int *all = calloc(config->handed_count + 1, sizeof *all);
  if (all == NULL) {
    (void)wa_fail(err, WA_ERROR_SYSTEM, WA_NO_OFFSET, "out of memory");
    return NULL;
  }
  for (size_t i = 0; i < config->handed_count; i++) {
    all[i] = duplicate(config->handed[i]);
    if (all[i] < 0) {
      (void)wa_fail(err, WA_ERROR_SYSTEM, WA_NO_OFFSET, "cannot duplicate a descriptor: %s",
                    strerror(errno));
      close_all(all, i);
      free(all);
      return NULL;
    }
  }
  return all;
}

struct wa_wasi *wa_api_wasi_new(const wasmaot_wasi_config_t *config, struct wa_error *err) {
  struct wa_wasi_preopen *preopens = calloc(config->hosts.count + 1, sizeof *preopens);
  if (preopens == NULL) {
    (void)wa_fail(err, WA_ERROR_SYSTEM, WA_NO_OFFSET, "out of memory");
    return NULL;
  }
  int *handed = duplicate_all(config, err);
  if (handed == NULL) {
    free(preopens);
    return NULL;
  }
  for (size_t i = 0; i < config->hosts.count; i++) {
    preopens[i] = (struct wa_wasi_preopen){.host = config->hosts.items[i],
                                           .guest = config->guests.items[i],
                                           .read_only = config->read_only[i]};
  }
  const struct wa_wasi_config wanted = {
      .args = (const char *const *)config->args.items,
      .arg_count = config->args.count,
      .env = (const char *const *)config->env.items,
      .env_count = config->env.count,
      .preopens = preopens,
      .preopen_count = config->hosts.count,
      .handed = handed,
      .handed_count = config->handed_count,
      .stdio = {config->stdio[0], config->stdio[1], config->stdio[2]},
  };
  struct wa_wasi *wasi = wa_wasi_new(&wanted, err);
  free(preopens);
  free(handed);
  return wasi;
}

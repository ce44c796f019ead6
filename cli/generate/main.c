// wasmaot_generate DIR: writes the manual pages and completions below DIR, which is made by the
// build.
#include "cli/commands.h"
#include "cli/generate/generate.h"

#include <stdlib.h>
#include <string.h>

static FILE *create(const char *directory, const char *name) {
  char path[4096];
  (void)snprintf(path, sizeof path, "%s/%s", directory, name);
  FILE *to = fopen(path, "we");
  if (to == NULL) {
    perror(path);
    exit(EXIT_FAILURE);
  }
  return to;
}

static void finish(FILE *to) {
  bool failed = ferror(to) != 0;
  if (fclose(to) != 0 || failed) {
    perror("wasmaot_generate: writing");
    exit(EXIT_FAILURE);
  }
}

static void generate(const char *directory, const char *name, void (*write)(FILE *)) {
  FILE *to = create(directory, name);
  write(to);
  finish(to);
}

int main(int argc, char **argv) {
  if (argc != 2) {
    (void)fputs("usage: wasmaot_generate DIR\n", stderr);
    return 2;
  }
  generate(argv[1], "man/wasmaot.1", wa_generate_program_page);
  for (const struct wa_command *const *command = wa_commands; *command != NULL; command++) {
    char name[64];
    (void)snprintf(name, sizeof name, "man/wasmaot-%s.1", (*command)->name);
    FILE *to = create(argv[1], name);
    wa_generate_command_page(*command, to);
    finish(to);
  }
  generate(argv[1], "completions/wasmaot", wa_generate_bash);
  generate(argv[1], "completions/_wasmaot", wa_generate_zsh);
  generate(argv[1], "completions/wasmaot.fish", wa_generate_fish);
  return 0;
}

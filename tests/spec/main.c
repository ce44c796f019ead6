// wasmaot-spec: runs the official test scripts through compiler, loader and runtime.
#include "tests/spec/expect.h"
#include "tests/spec/runner.h"

#include <dirent.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { EXIT_SKIPPED = 77 }; // what ctest takes for "not run"

static const char usage[] =
    "usage: wasmaot-spec [-O LEVEL] [-j N] [--verbose] [--validate] [--repeat N] [--timeout S] "
    "[--cpu NAME] [--passes -NAME,...]\n"
    "                    [--replace LEVEL] [--explicit] [--lazy]\n"
    "                    [--expected FILE] [FOLDER | FOLDER/PART-OF-FILE-NAME]...\n"
    "       wasmaot-spec --compile-only DIR --target TRIPLE ...   writes the modules' objects\n"
    "       wasmaot-spec --objects DIR ...                        runs with those objects\n"
    "Runs the scripts of $WASMAOT_SPEC_DIR (default " WASMAOT_SPEC_DEFAULT ");\n"
    "without folders: core bulk-memory threads.\n";

struct file_list {
  struct spec_file *files;
  size_t count;
};

static int by_folder_and_name(const void *left, const void *right) {
  const struct spec_file *a = left, *b = right;
  int order = strcmp(a->folder, b->folder);
  return order ? order : strcmp(a->name, b->name);
}

static bool add_file(struct file_list *list, const char *directory, const char *folder,
                     const char *name) {
  struct spec_file *larger = realloc(list->files, (list->count + 1) * sizeof *larger);
  if (!larger) {
    return false;
  }
  list->files = larger;
  struct spec_file *file = &larger[list->count++];
  *file = (struct spec_file){.folder = strdup(folder)};
  if (!file->folder || asprintf(&file->path, "%s/%s", directory, name) < 0) {
    return false;
  }
  file->name = strrchr(file->path, '/') + 1;
  return true;
}

static bool ends_with(const char *text, const char *end) {
  size_t size = strlen(text), end_size = strlen(end);
  return size >= end_size && strcmp(text + size - end_size, end) == 0;
}

// Adds the scripts that "folder" or "folder/part" means; the number found.
static size_t add_files(struct file_list *list, const char *root, const char *argument) {
  const char *slash = strchr(argument, '/');
  size_t before = list->count;
  char *folder = slash ? strndup(argument, (size_t)(slash - argument)) : strdup(argument);
  char *path = NULL;
  if (!folder || asprintf(&path, "%s/%s", root, folder) < 0) {
    abort();
  }
  DIR *directory = opendir(path);
  struct dirent *entry;
  while (directory && (entry = readdir(directory))) {
    if (ends_with(entry->d_name, ".wast") && (!slash || strstr(entry->d_name, slash + 1))) {
      if (!add_file(list, path, folder, entry->d_name)) {
        abort();
      }
    }
  }
  if (directory) {
    (void)closedir(directory);
  }
  free(folder);
  free(path);
  return list->count - before;
}

static void print_reasons(const struct tally *all) {
  if (!all->skipped) {
    return;
  }
  printf("\nskipped, for they need\n");
  for (unsigned i = 0; i < all->reason_count; i++) {
    printf("%8u  %s\n", all->reasons[i].count, all->reasons[i].text);
  }
}

// Compares a whole folder with what is recorded; one that is not must have no failure.
static bool as_expected(const char *expected_file, const char *folder, const struct tally *sum,
                        bool whole) {
  unsigned passed = 0, failed = 0;
  bool recorded = whole && expect_read(expected_file, folder, &passed, &failed);
  if (recorded && sum->passed < passed) {
    printf("%s: %u passed, but %u are recorded\n", folder, sum->passed, passed);
  }
  if (sum->failed > failed) {
    printf("%s: %u failed, but %u are recorded\n", folder, sum->failed, failed);
  }
  if (recorded && (sum->passed > passed || sum->failed < failed)) {
    printf("%s: better than recorded; write \"%s %u %u\" to %s\n", folder, folder, sum->passed,
           sum->failed, expected_file);
  }
  return sum->failed <= failed && (!recorded || sum->passed >= passed);
}

static void print_row(const char *name, const struct tally *sum) {
  printf("%-16s %8u %8u %8u %8u\n", name, sum->passed, sum->failed, sum->skipped, sum->total);
}

static bool summarize(const struct file_list *list, const char *expected_file, bool whole) {
  struct tally all = {0};
  bool ok = true;
  printf("%-16s %8s %8s %8s %8s\n", "", "passed", "failed", "skipped", "of");
  for (size_t i = 0; i < list->count;) {
    struct tally sum = {0};
    const char *folder = list->files[i].folder;
    for (; i < list->count && strcmp(list->files[i].folder, folder) == 0; i++) {
      tally_add(&sum, list->files[i].tally);
    }
    print_row(folder, &sum);
    tally_add(&all, &sum);
  }
  print_row("all", &all);
  print_reasons(&all);
  printf("\n");
  for (size_t i = 0; i < list->count;) {
    struct tally sum = {0};
    const char *folder = list->files[i].folder;
    for (; i < list->count && strcmp(list->files[i].folder, folder) == 0; i++) {
      tally_add(&sum, list->files[i].tally);
    }
    ok = as_expected(expected_file, folder, &sum, whole) && ok;
  }
  return ok;
}

struct arguments {
  struct run_options run;
  const char *expected_file;
};

static unsigned number(const char *text) {
  char *end;
  unsigned long value = strtoul(text, &end, 10);
  if (end == text || *end || value > 1000000) {
    (void)fprintf(stderr, "wasmaot-spec: %s is not a number\n", text);
    exit(2);
  }
  return (unsigned)value;
}

static bool parse_arguments(int argc, char **argv, struct arguments *arguments) {
  static const struct option options[] = {
      {"verbose", no_argument, NULL, 'v'},        {"validate", no_argument, NULL, 'V'},
      {"repeat", required_argument, NULL, 'r'},   {"timeout", required_argument, NULL, 't'},
      {"expected", required_argument, NULL, 'e'}, {"compile-only", required_argument, NULL, 'c'},
      {"objects", required_argument, NULL, 'o'},  {"target", required_argument, NULL, 'T'},
      {"cpu", required_argument, NULL, 'C'},      {"passes", required_argument, NULL, 'P'},
      {"replace", required_argument, NULL, 'R'},  {"explicit", no_argument, NULL, 'E'},
      {"lazy", no_argument, NULL, 'L'},           {NULL, 0, NULL, 0}};
  struct run_options *run = &arguments->run;
  for (int c; (c = getopt_long(argc, argv, "O:j:", options, NULL)) != -1;) {
    switch (c) {
    case 'O':
      run->spec.opt_level = (int)number(optarg);
      break;
    case 'j':
      run->jobs = number(optarg);
      break;
    case 'v':
      run->verbose = true;
      break;
    case 'V':
      run->spec.validate_only = true;
      break;
    case 'r':
      run->repeat = number(optarg);
      break;
    case 't':
      run->timeout = number(optarg);
      break;
    case 'e':
      arguments->expected_file = optarg;
      break;
    case 'c':
      run->spec.write_to = optarg;
      run->repeat = 1;
      break;
    case 'o':
      run->spec.objects_in = optarg;
      break;
    case 'T':
      run->spec.target = optarg;
      break;
    case 'C':
      run->spec.cpu = optarg;
      break;
    case 'R':
      run->spec.replace = (int)number(optarg);
      break;
    case 'E':
      run->spec.explicit_checks = true;
      break;
    case 'L':
      run->spec.lazy = true;
      break;
    case 'P':
      run->spec.passes = optarg;
      break;
    default:
      return false;
    }
  }
  return run->spec.opt_level <= 3 && run->jobs && run->repeat;
}

static bool collect(struct file_list *list, const char *root, char **folders, int count) {
  static const char *const usual[] = {"core", "bulk-memory", "threads"};
  size_t wanted = count ? (size_t)count : sizeof usual / sizeof *usual;
  for (size_t i = 0; i < wanted; i++) {
    const char *folder = count ? folders[i] : usual[i];
    if (!add_files(list, root, folder)) {
      (void)fprintf(stderr, "wasmaot-spec: no scripts in %s/%s\n", root, folder);
      return false;
    }
  }
  qsort(list->files, list->count, sizeof *list->files, by_folder_and_name);
  return true;
}

static bool runs(const struct spec_options *options) {
  return !options->validate_only && !options->write_to;
}

int main(int argc, char **argv) {
  struct arguments arguments = {.run = {{.opt_level = 1}, 2, 20, 600, false},
                                .expected_file = WASMAOT_SPEC_EXPECTED};
  struct file_list list = {0};
  struct stat status;
  if (!parse_arguments(argc, argv, &arguments)) {
    (void)fputs(usage, stderr);
    return 2;
  }
  const char *root = getenv("WASMAOT_SPEC_DIR");
  if (!root || !*root) {
    root = WASMAOT_SPEC_DEFAULT;
  }
  if (stat(root, &status) != 0 || !S_ISDIR(status.st_mode)) {
    (void)fprintf(
        stderr,
        "wasmaot-spec: SKIPPED: no test scripts in %s; set WASMAOT_SPEC_DIR to where they "
        "are\n",
        root);
    return EXIT_SKIPPED;
  }
  bool whole = true;
  for (int i = optind; i < argc; i++) {
    whole = whole && !strchr(argv[i], '/');
  }
  bool ok = collect(&list, root, argv + optind, argc - optind) &&
            run_files(list.files, list.count, &arguments.run) &&
            summarize(&list, arguments.expected_file, whole && runs(&arguments.run.spec));
  for (size_t i = 0; i < list.count; i++) {
    free(list.files[i].path);
    free(list.files[i].folder);
  }
  free(list.files);
  return ok ? 0 : 1;
}

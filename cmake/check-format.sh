#!/bin/sh
# Whether every C file of the source tree that it is run in is formatted. No files, or no formatter, is
# an error.
set -eu
tools=$(dirname "$0")
command -v clang-format-14 >/dev/null || {
  echo 'check-format: no clang-format-14; make deps installs it' >&2
  exit 1
}
files=$(sh "$tools/list-sources.sh" .c .h)
[ -n "$files" ] || {
  echo 'check-format: there is no C file here to look at' >&2
  exit 1
}
printf '%s\n' "$files" | tr '\n' '\0' | xargs -0 clang-format-14 --dry-run -Werror
echo "check-format: all $(printf '%s\n' "$files" | wc -l) files are formatted"

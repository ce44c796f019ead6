#!/bin/sh
# Whether clang-tidy finds nothing in the C files that a build compiles, of the source tree that it is
# run in. Files of other architectures are not built here, and left out, as are guests and what the
# benchmarks fetch. No files, or no clang-tidy, is an error.
#   check-tidy.sh BUILD JOBS
set -eu
tools=$(dirname "$0")
build=$1
jobs=$2
command -v clang-tidy-14 >/dev/null || {
  echo 'check-tidy: no clang-tidy-14; make deps installs it' >&2
  exit 1
}
files=$(sh "$tools/list-sources.sh" .c | grep -v -e '^tests/guests/' -e '^tests/bench/' |
  while read -r file; do
    ! grep -qF "/$file\"" "$build/compile_commands.json" || echo "$file"
  done)
[ -n "$files" ] || {
  echo "check-tidy: $build compiles no C file of this tree" >&2
  exit 1
}
# Its other stream counts the warnings in headers that are not ours.
log=$build/check-tidy.log
printf '%s\n' "$files" | tr '\n' '\0' |
  xargs -0 -P "$jobs" -n 8 clang-tidy-14 -p "$build" --quiet 2>"$log" || {
  grep -v -e '^[0-9]* warnings* ' -e '^Suppressed ' "$log" >&2 || true
  exit 1
}
echo "check-tidy: nothing found in $(printf '%s\n' "$files" | wc -l) files"

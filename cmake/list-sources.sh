#!/bin/sh
# Prints the C files of the source tree that it is run in, one a line, whose names end in one of the
# words given: list-sources.sh .c .h. The ones that git knows, or without git, as in a tarball, all that
# are not in build folders.
set -eu
for ending in "$@"; do
  set -- "$@" "*$ending"
  shift
done
files=$(git ls-files -- "$@" 2>/dev/null || true)
if [ -n "$files" ]; then
  printf '%s\n' "$files"
  exit 0
fi
for pattern in "$@"; do
  find . -type d -name 'build*' -prune -o -type f -name "$pattern" -print
done | sed 's,^[.]/,,' | sort

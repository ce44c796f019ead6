#!/bin/sh
# Every file that CONTRIBUTING.md names is there; with NAME in its name it is yet to be written.
#   paths.sh SOURCE
set -eu
cd "$1"
paths=$(grep -o '`[A-Za-z0-9_.-]*/[A-Za-z0-9_./-]*`' CONTRIBUTING.md | tr -d '`' | grep -v -e NAME -e '^build/' | sort -u)
[ "$(printf '%s\n' "$paths" | wc -l)" -gt 20 ] || {
  echo 'FAILED: CONTRIBUTING.md names hardly a file'
  exit 1
}
failures=0
for path in $paths; do
  [ -e "$path" ] || {
    echo "FAILED: CONTRIBUTING.md names $path, which is not there"
    failures=$((failures + 1))
  }
done
[ "$failures" -eq 0 ]

#!/bin/sh
# The newest clang there is: `clang`, or `clang-N` as Debian calls it.
set -eu
for version in 22 21 20 19 18 17 16; do
  if command -v "clang-$version" >/dev/null 2>&1; then
    echo "clang-$version"
    exit 0
  fi
done
command -v clang

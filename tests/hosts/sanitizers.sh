#!/bin/sh
# Hosts in C++ that are built with sanitizers, of which the library knows nothing.
#   sanitizers.sh BUILD INCLUDE MODULES
set -eu
build=$1
include=$2
modules=$3
here=$(cd "$(dirname "$0")" && pwd)
command -v c++ >/dev/null || {
  echo 'SKIPPED: no C++ compiler'
  exit 77
}
work=$(mktemp -d "${TMPDIR:-/tmp}/wasmaot-sanitizers.XXXXXX")
trap 'rm -rf "$work"' EXIT
ran=0
for sanitizer in address,undefined thread; do
  c++ -std=c++20 -g -O1 "-fsanitize=$sanitizer" -fno-sanitize-recover=all -I"$include" "$here/cxx.cc" -o "$work/host" \
    -L"$build" -lwasmaot "-Wl,-rpath,$build" -pthread 2>"$work/err" || {
    echo "no -fsanitize=$sanitizer here"
    continue
  }
  timeout 250 "$work/host" "$modules" caller >"$work/out" 2>&1 || {
    echo "FAILED: $sanitizer: status $?"
    head -40 "$work/out"
    exit 1
  }
  grep -qx 'all caught' "$work/out"
  ran=$((ran + 1))
done
[ "$ran" -gt 0 ] || exit 77
echo "$ran sanitizers"

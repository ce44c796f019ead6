#!/bin/sh
# Hosts in C++ that are built with sanitizers, of which the library knows nothing.
#   sanitizers.sh BUILD INCLUDE MODULES
. "$(dirname "$0")/lib.sh"
need c++
ran=0
for sanitizer in address,undefined thread; do
  c++ -std=c++20 -g -O1 "-fsanitize=$sanitizer" -fno-sanitize-recover=all -I"$include" "$here/cxx.cc" -o "$work/host" \
    -L"$build" -lwasmaot "-Wl,-rpath,$build" -pthread 2>"$work/err" || {
    echo "no -fsanitize=$sanitizer here"
    continue
  }
  timeout 250 "$work/host" "$modules" caller >"$work/out" 2>&1 || failed "$sanitizer: status $?"
  grep -qx 'all caught' "$work/out"
  ran=$((ran + 1))
done
[ "$ran" -gt 0 ] || exit 77
echo "$ran sanitizers"

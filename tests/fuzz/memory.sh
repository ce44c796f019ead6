#!/bin/sh
# Calls of all functions of WASI, under MemorySanitizer: none leaves a byte in the guest's memory that nobody wrote.
# usage: memory.sh SOURCE BUILD CLANG INPUTS...; status 77: skipped, because clang has no MemorySanitizer here.
set -eu
source=$1
build=$2
clang=$3
shift 3
mkdir -p "$build"
printf 'int main(void) { return 0; }' >"$build/probe.c"
"$clang" -fsanitize=memory "$build/probe.c" -o "$build/probe" 2>"$build/probe.log" && "$build/probe" || {
  echo "SKIPPED: $clang has no MemorySanitizer"
  exit 77
}
cmake -S "$source" -B "$build" -G Ninja -DCMAKE_BUILD_TYPE=RelWithDebInfo -DCMAKE_C_COMPILER="$clang" \
  -DWASMAOT_SANITIZE=memory -DWASMAOT_COMPILER=OFF >"$build/build.log" 2>&1 &&
  cmake --build "$build" -j 2 --target fuzz_wasi >>"$build/build.log" 2>&1 || {
  tail -n 30 "$build/build.log"
  exit 1
}
exec "$build/tests/fuzz/fuzz_wasi" "$@"

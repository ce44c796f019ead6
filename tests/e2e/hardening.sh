#!/bin/sh
# What compiler and linker are asked to add against faults of our own is in what was built, and in the programs that
# `compile --emit=exe` and `--emit=shared` make.
. "$(dirname "$0")/lib.sh"
build=$WASMAOT_E2E_BUILD

command -v readelf >/dev/null || {
  echo 'SKIPPED: no readelf'
  exit 77
}

# Each of readelf's lines about a file that is shared or an executable.
hardened() { # FILE
  run readelf -hldW "$1"
  status 0
  check "$1 is position-independent" grep -Eq 'Type: +DYN' "$work/out"
  check "$1 binds everything when it starts" grep -Eq 'BIND_NOW|Flags: .*NOW' "$work/out"
  check "$1 makes relocated data read-only" grep -q GNU_RELRO "$work/out"
  check "$1 has no executable stack" grep -Eq 'GNU_STACK .* RW ' "$work/out"
  check "$1 has no segment that is writable and executable" sh -c '! grep -Eq "LOAD .* RWE " "$0"' "$work/out"
  check "$1 has no relocations in its text" sh -c '! grep -q TEXTREL "$0"' "$work/out"
}

# References of our own objects, before they are linked with others that have some.
guarded() { # ARCHIVE-OR-LIBRARY
  run readelf -sW "$1"
  status 0
  check "$1 has stack protectors" grep -q 'UND __stack_chk_fail' "$work/out"
  if grep -q '^CMAKE_BUILD_TYPE:.*=Debug' "$build/CMakeCache.txt"; then
    skip "_FORTIFY_SOURCE in $1: it needs optimisation"
  else
    check "$1 has checked functions of the C library" grep -Eq 'UND __[a-z]+_chk' "$work/out"
  fi
}

hardened "$wasmaot"
guarded "$wasmaot"
for library in "$build/libwasmaot.so" "$build/compiler/libwasmaot-compiler.so"; do
  hardened "$library"
  guarded "$library"
done
guarded "$build/libwasmaot.a"

if ls "$build"/start/*/static-pie.o >/dev/null 2>&1; then
  run "$wasmaot" compile --emit=exe "$guests/hello.wasm" -o "$work/hello"
  status 0
  hardened "$work/hello"
else
  skip 'standalone programs: no start files that are position-independent'
fi
if ls "$build"/start/*/shared.o >/dev/null 2>&1; then
  run "$wasmaot" compile --emit=shared --emit-header="$work/libhello.h" "$guests/reactor.wasm" -o "$work/libhello.so"
  status 0
  hardened "$work/libhello.so"
  guarded "$work/libhello.so"
else
  skip 'shared libraries: no start files'
fi
finish

#!/bin/sh
# README's section "Your own program", pasted behind a build as it stands, in a folder like a clone's.
#   first.sh SOURCE BUILD
# Exit status 77: skipped, without a C library for WASI.
set -eu
source=$1
build=$2
[ -r /usr/include/wasm32-wasi/stdio.h ] || {
  echo 'SKIPPED: no wasi-libc'
  exit 77
}
work=$(mktemp -d "${TMPDIR:-/tmp}/wasmaot-first.XXXXXX")
trap 'rm -rf "$work"' EXIT
mkdir "$work/build"
ln -s "$build" "$work/build/release"
ln -s "$source/cmake" "$work/cmake"
awk '/^## / { within = $0 == "## Your own program" } within && /^```/ { block = !block; next } within && block' \
  "$source/README.md" >"$work/paste"
[ "$(wc -l <"$work/paste")" -gt 5 ] || {
  echo 'FAILED: README.md has no program'
  exit 1
}
(cd "$work" && XDG_CACHE_HOME="$work" sh -e paste) >"$work/out" 2>&1 || {
  echo 'FAILED: what README.md has is no success'
  cat "$work/out"
  exit 1
}
[ "$(grep -cx 'a note' "$work/out")" -eq 2 ] || {
  echo 'FAILED: it does not print its note twice'
  cat "$work/out"
  exit 1
}
echo 'the program in README.md compiles and runs'

#!/bin/sh
# Two commands make the same objects, messages too, for every target: those of two compilers, or of
# two hosts.
#   same.sh WASMAOT OTHER-WASMAOT GUESTS
set -eu
one=$1
other=$2
guests=$3
work=$(mktemp -d "${TMPDIR:-/tmp}/wasmaot-same.XXXXXX")
trap 'rm -rf "$work"' EXIT
checks=0
failures=0

same() { # GUEST OPTION...
  guest=$1
  shift
  for target in $targets; do
    checks=$((checks + 1))
    for side in one other; do
      command=$one
      [ $side = one ] || command=$other
      status=0
      "$command" compile --target $target "$@" "$guests/$guest.wasm" -o "$work/$side.o" \
        >"$work/$side.said" 2>&1 || status=$?
      echo "status $status" >>"$work/$side.said"
    done
    grep -q '^status 0' "$work/one.said" && cmp "$work/one.o" "$work/other.o" &&
      cmp "$work/one.said" "$work/other.said" || {
      failures=$((failures + 1))
      echo "FAILED: $guest for $target $*"
      cat "$work/one.said" "$work/other.said"
    }
    rm -f "$work/one.o" "$work/other.o"
  done
}

targets=''
for target in x86_64 aarch64 riscv64; do
  if "$one" compile --target $target "$guests/hello.wasm" -o "$work/one.o" 2>"$work/one.said"; then
    targets="$targets $target"
  else
    echo "SKIPPED: $(cat "$work/one.said")"
  fi
done
same hello
same demo
same demo -O0
same debug -g
same debug_cpp -g -O1
same exceptions
same loops
same loops_shared
same wasi -j2
echo "objects: $checks compared, $failures differ"
[ "$checks" -gt 0 ] && [ "$failures" -eq 0 ]

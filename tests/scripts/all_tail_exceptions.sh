#!/bin/sh
# Every throw behind a tail call that tail_exceptions.py can make: all pairs of 0 to 40 parameters,
# at every level, here and, where they were built by `make check-cross`, on other architectures. That
# takes 8 hours of a processor; with PARTS each level and architecture has another part of the pairs,
# so that 12 parts are each pair once for each kind of tail call and handler.
#   all_tail_exceptions.sh BUILD [PARTS]
set -eu
build=$1
parts=${2:-1}
generator=$(dirname "$0")/tail_exceptions.py
spec=$build/tests/spec/wasmaot-spec
work=$(mktemp -d "${TMPDIR:-/tmp}/wasmaot-tails.XXXXXX")
trap 'rm -rf "$work"' EXIT
failures=0
runs=0

check() { # WHAT COMMAND...
  what=$1
  shift
  runs=$((runs + 1))
  WASMAOT_SPEC_DIR=$work "$@" >"$work/log" 2>&1 || {
    failures=$((failures + 1))
    echo "FAILED: $what"
    head -n 5 "$work/log"
  }
}

elsewhere() { # ARCH LEVEL WHAT
  runner=$build/cross-$1/tests/spec/wasmaot-spec
  [ -x "$runner" ] || return 0
  rm -rf "$work/objects"
  mkdir "$work/objects"
  check "$3, compiled" "$spec" -O"$2" -j2 --compile-only "$work/objects" --target "$1" scripts
  check "$3" "qemu-$1-static" "$runner" -j2 --objects "$work/objects" scripts
}

cell=0
next_part() { # TAIL FORM: the scripts of the next cell's part
  [ "$parts" != 1 ] || [ ! -d "$work/scripts" ] || return 0
  rm -rf "$work/scripts"
  python3 "$generator" all "$work/scripts" "$1" "$2" $((cell % parts)) "$parts"
  cell=$((cell + 1))
}

for tail in direct constant-table table reference instance; do
  for form in catch catch_ref catch_all catch_all_ref legacy-catch legacy-catch_all delegate \
    rethrow; do
    rm -rf "$work/scripts"
    for level in 0 1 2 3; do
      next_part $tail $form
      check "$tail $form -O$level" "$spec" -O$level -j2 scripts
      for arch in aarch64 riscv64; do
        next_part $tail $form
        elsewhere $arch $level "$tail $form -O$level $arch"
      done
    done
  done
done
echo "tail exceptions: $((runs - failures)) of $runs runs passed"
[ "$failures" -eq 0 ]

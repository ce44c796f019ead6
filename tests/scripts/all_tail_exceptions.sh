#!/bin/sh
# Throws behind tail calls with every pair of 0 to 40 parameters, at every level, here and, where they were
# built by `make check-cross`, on other architectures: 201,720 of them, which cover what tail_exceptions.py says
# at its head. With PARTS instead, whatever it can make: 8 hours of a processor with 1; with 12 each level and
# architecture has another part of the pairs, so that 12 parts are each pair once for each kind of tail call and handler.
#   all_tail_exceptions.sh BUILD [PARTS]
set -eu
build=$1
parts=${2:-}
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

# ---- A covering of all combinations ----

cover() { # ARCH LEVEL
  [ "$1" = x86_64 ] || [ -x "$build/cross-$1/tests/spec/wasmaot-spec" ] || {
    echo "-O$2 $1: SKIPPED, make check-cross builds what runs it"
    return 0
  }
  rm -rf "$work/scripts"
  throws=$(python3 "$generator" cover "$work/scripts" "$1" "$2")
  before=$failures
  if [ "$1" = x86_64 ]; then
    check "-O$2" "$spec" -O"$2" -j2 scripts
  else
    elsewhere "$1" "$2" "-O$2 $1"
  fi
  [ "$failures" != "$before" ] || echo "-O$2 $1: $throws throws"
}

# ---- All of them ----

cell=0
next_part() { # TAIL FORM: the scripts of the next cell's part
  [ "$parts" != 1 ] || [ ! -d "$work/scripts" ] || return 0
  rm -rf "$work/scripts"
  python3 "$generator" all "$work/scripts" "$1" "$2" $((cell % parts)) "$parts"
  cell=$((cell + 1))
}

every() { # TAIL FORM
  rm -rf "$work/scripts"
  for level in 0 1 2 3; do
    next_part "$1" "$2"
    check "$1 $2 -O$level" "$spec" -O$level -j2 scripts
    for arch in aarch64 riscv64; do
      next_part "$1" "$2"
      elsewhere $arch $level "$1 $2 -O$level $arch"
    done
  done
}

if [ -z "$parts" ]; then
  python3 "$generator" coverage
  for arch in x86_64 aarch64 riscv64; do
    for level in 0 1 2 3; do
      cover $arch $level
    done
  done
else
  for tail in direct constant-table table reference instance; do
    for form in catch catch_ref catch_all catch_all_ref legacy-catch legacy-catch_all delegate \
      rethrow; do
      every $tail $form
    done
  done
fi
echo "tail exceptions: $((runs - failures)) of $runs runs passed"
[ "$failures" -eq 0 ]

#!/bin/sh
# The check of the rooms finds what is forbidden: an include, a symbol, and a file in no room, each made here.
#   forbidden.sh CHECK CC
set -eu
check=$1
cc=$2
work=$(mktemp -d "${TMPDIR:-/tmp}/wasmaot-rooms.XXXXXX")
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/source/compiler/base" "$work/source/compiler/opt" "$work/source/loader"
cd "$work/source"
checks=0

expect() { # STATUS LINE
  checks=$((checks + 1))
  status=0
  python3 "$check" . --objects "$work/build" >"$work/said" 2>&1 || status=$?
  if [ "$status" -ne "$1" ] || ! grep -qF "$2" "$work/said"; then
    echo "FAILED: status $status, wanted $1 and: $2"
    cat "$work/said"
    exit 1
  fi
}

build() { # SOURCE
  object=$work/build/${1%%/*}/CMakeFiles/part.dir/${1#*/}.o
  mkdir -p "$(dirname "$object")"
  "$cc" -c -o "$object" "$1"
}

echo 'int wa_fast(void);' >compiler/opt/opt.h
echo 'int wa_fast(void) { return 1; }' >compiler/opt/fast.c
echo '#include "compiler/opt/opt.h"' >compiler/base/slow.c
expect 1 'compiler/base/slow.c includes compiler/opt/opt.h: compiler/base may not use compiler/opt'

printf 'int wa_fast(void);\nint wa_slow(void) { return wa_fast(); }\n' >compiler/base/slow.c
build compiler/base/slow.c
build compiler/opt/fast.c
expect 1 'compiler/base/slow.c uses wa_fast of compiler/opt/fast.c: compiler/base may not use compiler/opt'

echo '#include "opt.h"' >compiler/base/slow.c
expect 1 'compiler/base/slow.c includes "opt.h": no such file below the top folder'

echo 'int wa_slow(void) { return 1; }' >compiler/base/slow.c
build compiler/base/slow.c
expect 1 'has only 2 object files of the project'
echo "rooms: $checks forbidden things found, of $checks"

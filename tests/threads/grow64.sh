#!/bin/sh
# grow64.sh WASMAOT MODULE: runs it at the levels that differ most, again and again.
set -eu
wasmaot=$1
object=$(mktemp "${TMPDIR:-/tmp}/wasmaot-threads.XXXXXX")
trap 'rm -f "$object"' EXIT
for level in 0 3; do
  "$wasmaot" compile -O$level "$2" -o "$object"
  for i in 1 2 3 4 5 6 7 8 9 10; do
    "$wasmaot" run --native --timeout=60 "$object" || {
      echo "-O$level, run $i: status $?"
      exit 1
    }
  done
done

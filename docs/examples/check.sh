#!/bin/sh
# check.sh EXPECTED PROGRAM ARGUMENT...: the program succeeds and prints what is expected.
set -eu
expected=$1
shift
output=$("$@")
[ "$output" = "$(cat "$expected")" ] || {
  echo "expected:"
  cat "$expected"
  echo "printed:"
  echo "$output"
  exit 1
}

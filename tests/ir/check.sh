#!/bin/sh
# check.sh WASMAOT-IR FILECHECK FILE.ll: what the passes that the file names make of it is what its
# CHECK lines say. Ends with 77 where that cannot be found out.
set -eu
[ -x "$2" ] || {
  echo 'check.sh: no FileCheck (llvm-tools has it)'
  exit 77
}
output=$("$1" "$3")
printf '%s\n' "$output" | "$2" --dump-input=fail "$3"

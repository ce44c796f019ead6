#!/bin/sh
# The machine code of loops: vectors where native code would have them.
. "$(dirname "$0")/lib.sh"

run "$wasmaot" compile -O3 --cpu=x86-64-v3 --emit=asm "$guests/loops.wasm" -o "$work/loops.s"
status 0

# has EXPORT-NUMBER TEXT: the function holds an instruction of this form.
has() {
  sed -n "/^f$1:/,/^\.Lfunc_end/p" "$work/loops.s" >"$work/function.s"
  check "function $1 is there" test -s "$work/function.s"
  check "function $1 has $2" grep -qE "$2" "$work/function.s"
}

has 0 'vmulps.*%ymm'
has 1 'vmulps.*%ymm'
has 2 'vpaddd.*%ymm'
has 3 'vmulpd.*%ymm'
has 4 'vpmul.*%ymm'

finish

#!/bin/sh
# The machine code of loops: vectors where native code would have them.
. "$(dirname "$0")/lib.sh"

# has FUNCTION TEXT: the function holds an instruction of this form.
has() {
  sed -n "/^f$1:/,/^\.Lfunc_end/p" "$work/loops.s" >"$work/function.s"
  check "function $1 is there" test -s "$work/function.s"
  check "function $1 has $2" grep -qE "$2" "$work/function.s"
}

# loops GUEST FIRST: the guest's exports, from function FIRST on.
loops() {
  run "$wasmaot" compile -O3 --cpu=x86-64-v3 --emit=asm "$guests/$1.wasm" -o "$work/loops.s"
  status 0
  has "$2" 'vmulps.*%ymm'
  has $(($2 + 1)) 'vmulps.*%ymm'
  has $(($2 + 2)) 'vpaddd.*%ymm'
  has $(($2 + 3)) 'vmulpd.*%ymm'
  if [ "$llvm" -ge 19 ]; then
    has $(($2 + 4)) 'vpm(ul|add).*%ymm'
  else
    skip 'LLVM before 19 does not vectorise a loop over bytes in threes'
  fi
}

run "$wasmaot" compile -O0 "$guests/loops.wasm" -o "$work/loops.o"
run "$wasmaot" inspect --json "$work/loops.o"
llvm=$(sed -n 's/.*"llvm": *"\([0-9]*\).*/\1/p' "$work/out")
loops loops 0

# What clang has vectorised for 128 bits is widened, and with -g the debug information goes along.
run "$wasmaot" compile -g -O3 --cpu=x86-64-v3 --emit=asm "$guests/loops_simd.wasm" -o "$work/loops.s"
status 0
for function in 0 1 2 3; do
  has $function '%ymm'
done
loops loops_shared 2

differ() {
  ! cmp -s "$1" "$2"
}

# What can be left out is what tests/spec leaves out in turn, and makes other code where it applies.
run "$wasmaot" compile --passes=-nothing "$guests/loops.wasm" -o "$work/out.o"
status 2
one_line
err "no pass 'nothing' that can be left out; there are anchor, widen, search, roll, vectorize, prefetch, dispatch, promote"
run "$wasmaot" compile --print-after=nothing --emit=ir "$guests/loops.wasm" -o "$work/out.ll"
status 2
one_line
err "no pass 'nothing'; there are ssa, "
for pass in all anchor widen search roll vectorize prefetch dispatch promote; do
  run "$wasmaot" compile -O3 --cpu=x86-64-v3 --emit=asm --passes=-$pass "$guests/loops_simd.wasm" -o "$work/$pass.s"
  status 0
done
check 'code without vectorize differs' differ "$work/vectorize.s" "$work/loops.s"
check 'code without widen differs' differ "$work/widen.s" "$work/loops.s"
run "$wasmaot" compile -O3 --emit=ir --print-after=ssa "$guests/loops.wasm" -o "$work/ssa.ll"
status 0
run "$wasmaot" compile -O3 --emit=ir "$guests/loops.wasm" -o "$work/end.ll"
check 'passes run behind --print-after without it' differ "$work/ssa.ll" "$work/end.ll"

finish

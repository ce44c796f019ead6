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
err "no pass 'nothing' that can be left out; there are inline, anchor, idioms, widen, search, roll, vectorize, pack, prefetch, dispatch, promote"
run "$wasmaot" compile --print-after=nothing --emit=ir "$guests/loops.wasm" -o "$work/out.ll"
status 2
one_line
err "no pass 'nothing'; there are inline, ssa, "
for pass in all inline anchor idioms widen search roll vectorize pack prefetch dispatch promote; do
  run "$wasmaot" compile -O3 --cpu=x86-64-v3 --emit=asm --passes=-$pass "$guests/loops_simd.wasm" -o "$work/$pass.s"
  status 0
done
check 'code without vectorize differs' differ "$work/vectorize.s" "$work/loops.s"
check 'code without widen differs' differ "$work/widen.s" "$work/loops.s"
run "$wasmaot" compile -O3 --emit=ir --print-after=ssa "$guests/loops.wasm" -o "$work/ssa.ll"
status 0
run "$wasmaot" compile -O3 --emit=ir "$guests/loops.wasm" -o "$work/end.ll"
check 'passes run behind --print-after without it' differ "$work/ssa.ll" "$work/end.ll"

# (func $f0 (param i32) (result i32) (call $f1 (local.get 0)))
# (func $f1 ... (i32.add (local.get 0) (i32.const 1)))
# (func $f2 (export "g") ... (call $f0 (local.get 0)))
# (func $f3 (export "r") ... (call $f4 (local.get 0)))  (func $f4 ... (call $f3 (local.get 0)))
# (func $f5 ... (loop) (call $f1 (local.get 0)))  (func $f6 ... (call $f5 (local.get 0)))
# (func $f7 ... (return_call $f1 (local.get 0)))  (func $f8 ... (call $f7 (local.get 0)))
printf '\0asm\1\0\0\0\1\6\1\140\1\177\1\177\3\12\11\0\0\0\0\0\0\0\0\0' >"$work/inline.wasm"
printf '\7\11\2\1g\0\2\1r\0\3\12\104\11\6\0\40\0\20\1\13\7\0\40\0\101\1\152\13' >>"$work/inline.wasm"
printf '\6\0\40\0\20\0\13\6\0\40\0\20\4\13\6\0\40\0\20\3\13' >>"$work/inline.wasm"
printf '\11\0\3\100\13\40\0\20\1\13\6\0\40\0\20\5\13\6\0\40\0\22\1\13\6\0\40\0\20\7\13' >>"$work/inline.wasm"

# calls FROM TO OPTION...: what a function calls when it is compiled so, or nothing.
calls() {
  from=$1 to=$2
  shift 2
  run "$wasmaot" compile --emit=ir "$@" "$work/inline.wasm" -o "$work/inline.ll"
  status 0
  sed -n "/^define.*@f$from(/,/^}/p" "$work/inline.ll" >"$work/function.ll"
  sed -n 's/.*call.*@\(f[0-9]*\)(.*/\1/p' "$work/function.ll" >"$work/called"
  printf '%s\n' "$to" | grep . >"$work/expected"
  check "function $from calls ${to:-nothing} with $*" cmp -s "$work/called" "$work/expected"
}

# A call of a small function becomes its code, but for who looks at the stack.
calls 2 '' -O3
calls 2 '' -O1
calls 2 f0 -O0
calls 2 f0 -O3 --passes=-inline
calls 2 f0 -O3 -g
calls 6 f5 -O3
calls 8 f7 -O3
run "$wasmaot" run -O3 --invoke g "$work/inline.wasm" 41
status 0
out 42
run "$wasmaot" run --invoke r "$work/inline.wasm" 1
status 134
err 'call stack exhausted'

finish

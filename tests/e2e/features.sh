#!/bin/sh
# --features: proposals switched off for modules and for objects; --cpu with features of the CPU.
. "$(dirname "$0")/lib.sh"

# refused PROPOSAL COMMAND...: one line that says so and how to allow it
refused() {
  proposal=$1
  shift
  run "$@"
  status 1
  one_line
  err "the proposal $proposal, which is switched off: --features=+$proposal allows it"
}

# ---- Modules ----

run "$wasmaot" validate "$guests/demo.wasm"
status 0
refused threads "$wasmaot" validate --features=-threads "$guests/demo.wasm"
refused threads "$wasmaot" compile --features=-threads "$guests/demo.wasm" -o "$work/no.o"
check 'nothing is written' test ! -e "$work/no.o"
refused threads "$wasmaot" run --features wasm3 "$guests/demo.wasm"
run "$wasmaot" run --features=wasm3,threads --invoke add "$guests/reactor.wasm" 1 2
status 0
out 3
if [ -e "$guests/legacy_exceptions.wasm" ]; then
  refused legacy-exceptions "$wasmaot" validate --features=-legacy-exceptions \
    "$guests/legacy_exceptions.wasm"
  err 'function '
  run "$wasmaot" validate --features=-legacy-exceptions "$guests/exceptions.wasm"
  status 0
else
  skip "the clang here makes no legacy_exceptions"
fi

# ---- Objects ----

run "$wasmaot" compile "$guests/demo.wasm" -o "$work/demo.o"
status 0
run "$wasmaot" inspect "$work/demo.o"
out 'features used: '
out ' threads'
run "$wasmaot" inspect --json "$work/demo.o"
out '"threads"'
refused threads "$wasmaot" run --features=-threads "$work/demo.o"
run "$wasmaot" run --features=-simd "$work/demo.o"
check 'what it does not use may be off' test "$got" -eq 0

# ---- Compact imports ----

# Two functions of preview 1 in a group of several types, and one in a group of one type; exits with status 7.
name=wasi_snapshot_preview1
{
  printf '\0asm\1\0\0\0\1\014\3\140\0\1\177\140\1\177\0\140\0\0\2\065\1\026%s\0\177\2' $name
  printf '\013sched_yield\0\0\011proc_exit\0\1'
  printf '\3\2\1\2\7\012\1\6_start\0\2\012\013\1\011\0\020\0\032\101\7\020\1\013'
} >"$work/groups.wasm"
{
  printf '\0asm\1\0\0\0\1\010\2\140\1\177\0\140\0\0\2\047\1\026%s\0\176\0\0\1' $name
  printf '\011proc_exit'
  printf '\3\2\1\1\7\012\1\6_start\0\1\012\010\1\6\0\101\7\020\0\013'
} >"$work/alike.wasm"
for form in groups alike; do
  run "$wasmaot" run "$work/$form.wasm"
  status 7
  no_err
  run "$wasmaot" compile "$work/$form.wasm"
  status 0
  run "$wasmaot" inspect "$work/$form.o"
  out 'func   wasi_snapshot_preview1.proc_exit: (i32) -> ()'
  out ' compact-imports'
  refused compact-imports "$wasmaot" run --features=-compact-imports "$work/$form.wasm"
  refused compact-imports "$wasmaot" run --features=-compact-imports "$work/$form.o"
done

# ---- Names ----

for command in validate compile run; do
  run "$wasmaot" "$command" --features=+avx2 "$guests/hello.wasm"
  status 2
  one_line
  err '"+avx2" is no WebAssembly proposal'
  err '--cpu=NAME,+FEATURE'
done

# ---- The CPU ----

if [ "$(uname -m)" = x86_64 ]; then
  run "$wasmaot" compile --cpu=x86-64-v3,-fma "$guests/hello.wasm" -o "$work/v3.o"
  status 0
  run "$wasmaot" inspect --json "$work/v3.o"
  out '"avx2"'
  check 'fma is taken away' sh -c "! grep -q '\"fma\"' '$work/out'"
  run "$wasmaot" compile --cpu=+avx2 "$guests/hello.wasm" -o "$work/avx2.o"
  status 0
  run "$wasmaot" inspect --json "$work/avx2.o"
  out '"avx2"'
  check 'the rest is the baseline' sh -c "! grep -q '\"bmi2\"' '$work/out'"
  run "$wasmaot" compile --cpu=x86-64-v3,+simd "$guests/hello.wasm" -o "$work/no.o"
  status 2
  err 'simd'
else
  skip 'the CPU features of x86-64'
fi
finish

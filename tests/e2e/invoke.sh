#!/bin/sh
# --invoke: every numeric type in and out, _initialize before, traps inside.
. "$(dirname "$0")/lib.sh"

run "$wasmaot" compile "$guests/reactor.wasm" -o "$work/reactor.o"
status 0

# result EXPECTED NAME ARGUMENT...
result() {
  expected=$1
  name=$2
  shift 2
  run "$wasmaot" run --invoke "$name" "$work/reactor.o" "$@"
  status 0
  no_err
  check "$name gives $expected" test "$(cat "$work/out")" = "$expected"
}

result 3 add 1 2
result -2 add -1 0xffffffff
result -2147483648 add 2147483647 1
result 0 add 4294967295 1
result -12 multiply64 -3 4
result 9223372036854775807 multiply64 9223372036854775807 1
result -1 multiply64 18446744073709551615 1
result 0.5 half 1
result 0.05 half 0.1
result inf half inf
result nan half nan
result 0.3333333333333333 third 1
result -0 third -0.0
result '' nothing
result 1 initialized

# C++ exceptions, as try_table and as the older try: what native C++ gives.
for form in exceptions legacy_exceptions; do
  if [ ! -e "$guests/$form.wasm" ]; then
    skip "the clang here makes no $form"
    continue
  fi
  for level in 0 3; do
    run "$wasmaot" run "-O$level" --invoke every "$guests/$form.wasm" 10
    status 0
    out -206151352
  done
done

run "$wasmaot" run --invoke divide "$work/reactor.o" 1 0
status 134
err 'integer divide by zero'
err '#0 divide'
run "$wasmaot" run --invoke divide "$work/reactor.o" -2147483648 -1
status 134
err 'integer overflow'
finish

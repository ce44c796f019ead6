#!/bin/sh
# Traps: exit status 134, the trap's name and a backtrace with the guest's function names.
. "$(dirname "$0")/lib.sh"

run "$wasmaot" compile "$guests/trap.wasm" -o "$work/trap.o"
status 0

trap_is() {
  run "$wasmaot" run "$work/trap.o" "$1"
  status 134
  err "wasmaot: trap: $2"
  err "#0 $3"
  err ' in '
}

trap_is unreachable 'unreachable' level_three
trap_is divide 'integer divide by zero' level_three
trap_is overflow 'integer overflow' level_three
trap_is memory 'out of bounds memory access' level_three
trap_is null-call 'uninitialized element' level_three
trap_is type-call 'indirect call type mismatch: expected (func (param f64) (result f64)), found (func (param i32) (result i32))' level_three
err '#1 level_two'
err 'main'
err '_start'
trap_is stack 'call stack exhausted' deeper
err '#1 deeper'
err 'more'

# A report calls object and module by their names, whatever their directories.
mkdir "$work/a directory"
cp "$guests/trap.wasm" "$work/trap.o" "$work/a directory/"
for file in trap.o trap.wasm trap.wasm; do
  run "$wasmaot" run "$work/a directory/$file" divide
  status 134
  check "not called $file" grep -q " in $file$" "$work/err"
done

# A module compiled in memory reports the same.
run "$wasmaot" run -O0 "$guests/trap.wasm" divide
status 134
err 'integer divide by zero'
err 'level_three'

# Less stack is less recursion, and the same trap.
run "$wasmaot" run --max-stack 256K "$work/trap.o" stack
status 134
err 'call stack exhausted'

run "$wasmaot" run --unknown-imports=trap "$guests/missing.wasm"
status 134
out 'before'
err 'no_such_function'
run "$wasmaot" run --unknown-imports=trap "$guests/missing.wasm" no-call
status 0
out 'before'
finish

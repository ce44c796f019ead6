#!/bin/sh
# The backtrace of a trap behind a tail call of a function with another number of parameters: whole.
. "$(dirname "$0")/lib.sh"

modules=$(dirname "$guests")/spec/made/tail-traps
for module in "$modules"/*.wasm; do
  for level in 0 3; do
    run "$wasmaot" compile -O$level "$module" -o "$work/trap.o"
    status 0
    run "$wasmaot" run --invoke=run "$work/trap.o"
    status 134
    err 'wasmaot: trap: unreachable'
    err '#0 g '
    err '#1 between '
    err '#2 run '
  done
done

finish

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
    # On RISC-V such a call is an ordinary one, and the caller's frame still there.
    names=$(sed -n 's/^ *#[0-9]* \([a-z]*\) .*/\1/p' "$work/err" | tr '\n' ' ')
    checks=$((checks + 1))
    case $names in
    'g between run ' | 'g f between run ') ;;
    *) failed "the backtrace is '$names'" ;;
    esac
  done
done

finish

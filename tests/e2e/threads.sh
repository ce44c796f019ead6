#!/bin/sh
# Threads: the demo again and again, every way a program can end, the limit on threads.
. "$(dirname "$0")/lib.sh"

for guest in demo ending spawn_limit; do
  run "$wasmaot" compile "$guests/$guest.wasm" -o "$work/$guest.o"
  status 0
done

runs=${WASMAOT_E2E_RUNS:-100}
i=0
while [ $i -lt "$runs" ]; do
  run "$wasmaot" run "$work/demo.o" $((i % 8 + 1))
  status 0
  out 'all results are right'
  i=$((i + 1))
done

run "$wasmaot" run --max-threads 8 "$work/spawn_limit.o" 8
status 0
out 'started 8 threads'
out 'all ran'

# Loops that wait by plain loads. Nothing but the timeout would end them.
for level in 0 1 2 3; do
  run "$wasmaot" compile -O$level "$guests/waits.wasm" -o "$work/waits.o"
  status 0
  run "$wasmaot" run --timeout=50 "$work/waits.o"
  status 0
  out 'every thread saw it'
done

# ThreadSanitizer holds a signal back until its thread next calls into the C library, which a
# spinning guest never does.
if [ "${WASMAOT_E2E_SANITIZER:-}" = thread ]; then
  skip 'threads cannot be stopped in code without calls under ThreadSanitizer'
  finish
  exit
fi

# The other threads wait, spin, sleep and read a pipe that never ends.
mkfifo "$work/fifo"
exec 3<>"$work/fifo"
input="$work/fifo"
ending() {
  run "$wasmaot" run "$work/ending.o" "$1" "$2"
  out 'started'
}
i=0
while [ $i -lt "$((runs / 10 + 1))" ]; do
  ending return main
  status 7
  no_err
  for where in main thread; do
    ending 'exit' $where
    status 9
    no_err
    ending trap $where
    status 134
    err 'trap: integer divide by zero'
    err '#0 end_here'
  done
  err '(in thread '
  i=$((i + 1))
done
input=''
exec 3>&-
finish

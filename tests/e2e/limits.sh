#!/bin/sh
# Limits of the host: threads, time, memory, tables, stack. Each ends in a failed call of the guest's,
# a trap, or one clear line; and as many threads as there may be.
. "$(dirname "$0")/lib.sh"

for guest in stress loops; do
  run "$wasmaot" compile "$guests/$guest.wasm" -o "$work/$guest.o"
  status 0
done
stress() {
  run "$wasmaot" run "$@"
}

# Many threads. Under a sanitizer a thread costs much more.
spawns=10000 crowd=1000
[ -z "${WASMAOT_E2E_SANITIZER:-}" ] || spawns=500 crowd=100
stress "$work/stress.o" spawns $spawns
status 0
out 'done'
stress "$work/stress.o" crowd $crowd
status 0
out 'done'
stress --max-threads 10 "$work/stress.o" crowd 11
status 1
out 'failed: thread_start'
for by in 1 7; do
  stress "$work/stress.o" grow $by
  status 0
  out 'done'
done
stress --max-memory=16M "$work/stress.o" grow 1
status 0
out 'done'

# Many traps, one report.
for i in 1 2 3 4 5; do
  stress "$work/stress.o" traps 50
  status 134
  err 'trap: integer divide by zero (in thread '
  err '#0 divide'
  check 'one report' [ "$(grep -c 'trap:' "$work/err")" -eq 1 ]
done

# Every thread has a stack of the same size (unit.interrupt compares); more is a trap.
least=256K
[ "${WASMAOT_E2E_SANITIZER:-}" != thread ] || least=1M # ThreadSanitizer's own share
for size in $least 8M 64M; do
  for where in main thread; do
    stress --max-stack=$size "$work/stress.o" exhaust $where
    status 134
    err 'trap: call stack exhausted'
    err '#0 deeper'
  done
  err '(in thread '
done

# ---- Time ----

# A signal cannot stop a loop without calls under ThreadSanitizer.
timed_out() {
  status 124
  one_line
  err 'seconds (--timeout)'
}
if [ "${WASMAOT_E2E_SANITIZER:-}" = thread ]; then
  skip 'timeouts of loops under ThreadSanitizer'
else
  stress --timeout=0.3 "$work/stress.o" spin 4
  timed_out
  err 'ended after 0.3 seconds'
  stress --timeout 1 "$work/stress.o" spin $((crowd / 2))
  timed_out
fi
stress --timeout=60 "$work/stress.o" spawns 10
status 0

# Compiling counts as well, and has a limit of memory; what was compiled half is not written.
stress --no-cache --timeout=0.002 "$guests/stress.wasm" spawns 10
timed_out
err 'while compiling'
run "$wasmaot" compile --max-compile-memory=1M "$guests/stress.wasm" -o "$work/too-large.o"
status 1
one_line
err 'compiling took more memory than the 1048576 bytes that it may'
check 'nothing is written' [ ! -e "$work/too-large.o" ]
run "$wasmaot" compile --max-compile-memory=4G "$guests/stress.wasm" -o "$work/too-large.o"
status 0

# ---- Modules that ask for too much ----

# bytes NAME OCTAL...: a module of these bytes after the header.
bytes() {
  to="$work/$1.wasm"
  shift
  printf '\000asm\001\000\000\000' >"$to"
  for part in "$@"; do
    printf "$part" >>"$to"
  done
}
type_and_func='\001\004\001\140\000\000\003\002\001\000'
exported='\007\012\001\006_start\000\000'
empty='\012\004\001\002\000\013'
endless='\012\011\001\007\000\003\100\014\000\013\013'

# 100 memories of 4 GiB, of which nothing is touched.
memories=''
i=0
while [ $i -lt 100 ]; do
  memories="$memories"'\001\200\200\004\200\200\004'
  i=$((i + 1))
done
bytes memories "$type_and_func" '\005\275\005\144' "$memories" "$exported" "$empty"
stress --max-memory=8G "$work/memories.wasm"
status 1
one_line
err '--max-memory'
if [ -z "${WASMAOT_E2E_SANITIZER:-}" ]; then
  stress "$work/memories.wasm"
  status 0
fi

# Memory that grows, with and without huge pages.
if [ -f "$work/memories.wasm" ]; then
  stress --no-huge-pages "$work/memories.wasm"
  status 0
fi

# A table of 10,000,000 entries, exported; and one more than there may be.
table_export='\007\016\002\006_start\000\000\001t\001\000'
bytes table "$type_and_func" '\004\007\001\160\000\200\255\342\004' "$table_export" "$empty"
stress "$work/table.wasm"
status 0
stress --max-table=9999999 "$work/table.wasm"
status 1
one_line
err '--max-table'
bytes large_table "$type_and_func" '\004\007\001\160\000\201\255\342\004' "$table_export" "$empty"
stress "$work/large_table.wasm"
check 'refused' [ "$got" -eq 1 ]
one_line

# A start function that never ends.
bytes start "$type_and_func" "$exported" '\010\001\000' "$endless"
if [ "${WASMAOT_E2E_SANITIZER:-}" != thread ]; then
  stress --timeout=0.2 "$work/start.wasm"
  timed_out
fi

# ---- Arguments ----

refused() {
  run "$wasmaot" run "$1" "$work/stress.o"
  status 2
  one_line
  err "${1%%=*}"
}
for option in --timeout=0 --timeout=x --timeout=-1 --timeout=1.5x --timeout=1e9 --timeout= \
  --max-memory=0 --max-memory=10 --max-memory=4T --max-memory=99999999999999999999 \
  --max-table=0 --max-table=-5 --max-table=ten --max-stack=1K --max-stack=1000G \
  --max-threads=0 --max-threads=-1 --max-threads=99999999; do
  refused "$option"
done
finish

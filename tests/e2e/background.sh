#!/bin/sh
# -O auto: the first run starts on fast code, the optimised code is made beside it and after it, and
# later runs have it. Nobody waits for that, and it may end at any moment.
. "$(dirname "$0")/lib.sh"
unset XDG_CACHE_HOME WASMAOT_CACHE_SIZE

module="$work/module.wasm"
cp "$guests/preview1.wasm" "$module"

idle() {
  [ -z "$(workers)" ]
}
# left COMMAND...: runs it with an empty cache until a process is seen that goes on after it. On a
# machine that is kept from working the process may have ended first, so it is tried five times.
# What it is like is read at once, when it has got as far as to lower its priority: $streams,
# $directory and $session.
left() {
  streams='' directory='' session=''
  for _ in 1 2 3 4 5; do
    "$wasmaot" cache clear >/dev/null
    "$@"
    pid=$(workers | head -1)
    while [ -n "$pid" ] && { stat=$(cat "/proc/$pid/stat"); } 2>/dev/null; do
      streams=$(readlink "/proc/$pid/fd/1")
      directory=$(readlink "/proc/$pid/cwd")
      session=$(echo "$stat" | cut -d ' ' -f 6)
      if [ "$(echo "$stat" | cut -d ' ' -f 19)" = 19 ] && [ -n "$directory" ]; then
        return 0
      fi
    done
    wait_for_workers
  done
  return 1
}
entries() {
  find "$WASMAOT_CACHE_DIR" -name '*.aot' 2>/dev/null | wc -l
}
# start OPTION...: a run that ends at once, whatever the program says to its arguments.
start() {
  run "$wasmaot" run --timings "$@"
}

# Fast code first, optimised code later, which takes its place in the cache.
check 'a process of the lowest priority works in the background' left start "$module" nothing
err 'this is -O0 code; -O3 code is made beside the program'
err 'generate code'
first=$got
check 'it ends' wait_for_workers
check 'one entry is left' test "$(entries)" -eq 1
start "$module" nothing
status "$first"
err 'optimised code was found in the cache'
check 'nothing more is done' test "$(entries)" -eq 1
# It is the code of -O3.
run "$wasmaot" run --timings -O3 "$module" nothing
err 'found in the cache'

# Whoever reads the program's output to its end does not wait for the compiler, nor does who waits
# for its process group.
check 'the output ended first' left run sh -c '"$1" run "$2" nothing 2>&1 | cat' sh "$wasmaot" "$module"
check 'it has none of its streams' test "$streams" = /dev/null
check 'its directory is the root' test "$directory" = /
check 'it has a session of its own' test "$session" != "$(cut -d ' ' -f 6 /proc/$$/stat)"
# Several runs meanwhile: the work is done once.
for _ in 1 2 3 4; do
  "$wasmaot" run "$module" nothing >/dev/null 2>&1
done
# Those that find the work taken end at once, as soon as they are given a moment.
one_works() {
  for _ in $(seq 100); do
    [ "$(workers | wc -l)" -gt 1 ] || return 0
    sleep 0.1
  done
  return 1
}
check 'one process works' one_works
check 'it ends' wait_for_workers
check 'one entry' test "$(entries)" -eq 1

# A module that is replaced is not worth the work any more.
check 'it works' left start "$module" nothing
touch "$module"
check 'it has given up' wait_for_workers
check 'with nothing left behind' test "$(entries)" -eq 1
start "$module" nothing
err 'this is -O0 code'

# Killed at any moment, it leaves a cache that works: an entry is there as a whole or not at all.
for delay in 0 0.1 0.2 0.3 0.5 0.7 0.9 1.1; do
  "$wasmaot" cache clear >/dev/null
  "$wasmaot" run "$module" nothing >/dev/null 2>&1
  sleep "$delay"
  kill_workers
  start "$module" nothing
  status "$first"
done
check 'the work is done at last' optimised "$wasmaot" run --timings "$module" nothing
status "$first"

# The program that is running gets the optimised code, too: what it calls from then on.
run "$wasmaot" cache clear
pad "$guests/cat.wasm" "$work/cat.wasm"
(
  echo before
  for _ in $(seq 100); do
    grep -q 'goes on' "$work/told" 2>/dev/null && break
    sleep 0.1
  done
  echo after
) | "$wasmaot" run --timings "$work/cat.wasm" >"$work/said" 2>"$work/told"
check 'it went on with better code' grep -q 'cat.wasm goes on with -O3 code' "$work/told"
check 'and with its work' test "$(tr '\n' ' ' <"$work/said")" = 'before after '
# Whatever is running when it comes: threads, exceptions, waits.
# replaced OPTION GUEST [ARGUMENT...]: it says the same as code that nothing takes the place of.
replaced() {
  option=$1 guest=$2
  shift 2
  pad "$guests/$guest.wasm" "$work/$guest.wasm"
  run "$wasmaot" run -O3 --no-cache "$option" "$guests/$guest.wasm" "$@"
  status 0
  cp "$work/out" "$work/expected"
  for _ in 1 2 3; do
    "$wasmaot" cache clear >/dev/null
    start "$option" "$work/$guest.wasm" "$@"
    status 0
    check 'the same output' cmp "$work/expected" "$work/out"
  done
}
replaced --dir=. waits
replaced --invoke=every exceptions 20
if [ -e "$guests/legacy_exceptions.wasm" ]; then
  replaced --invoke=every legacy_exceptions 20
fi
replaced --dir=. stress spawns 50
replaced --dir=. stress grow 20
replaced --dir=. crew
check 'it ends' wait_for_workers

# Levels mean what they say, and --no-background leaves nothing behind.
run "$wasmaot" cache clear
start -O0 "$module" nothing
check 'no process' idle
start -O auto --no-background "$module" nothing
err 'generate code'
check 'no process' idle
start "$module" nothing
err 'optimised code was found in the cache'
check 'two entries' test "$(entries)" -eq 2

# Where nothing can be kept, there is nothing to work for.
run "$wasmaot" cache clear
WASMAOT_CACHE_SIZE=0 start "$module" nothing
check 'no process' idle
start --no-cache "$module" nothing
check 'no process' idle
check 'no entry' test "$(entries)" -eq 0

# From standard input there is no file to watch.
input="$module"
start - nothing
err 'this is -O0 code'
check 'it ends' wait_for_workers
input=''
start "$module" nothing
err 'optimised code was found in the cache'

run "$wasmaot" run -O fast "$module"
status 2
one_line
finish

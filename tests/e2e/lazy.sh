#!/bin/sh
# -O auto compiles the functions of large modules when they are called. What other scripts try runs
# so by lazily.sh; here is what the command says and does of it.
. "$(dirname "$0")/lib.sh"
unset XDG_CACHE_HOME WASMAOT_CACHE_SIZE

module="$work/module.wasm"
cp "$guests/preview1.wasm" "$module"

# start OPTION...: a run that ends at once, whatever the program says to its arguments.
start() {
  run "$wasmaot" run --timings "$@"
}
entries() {
  find "$WASMAOT_CACHE_DIR" -name '*.aot' 2>/dev/null | wc -l
}
# Nothing of it is left behind. Another cache: a process that was killed holds the old one's lock until
# the system has taken all its memory back.
caches=0
forget() {
  kill_workers
  caches=$((caches + 1))
  export WASMAOT_CACHE_DIR="$work/cache.$caches"
}

# Too little code: all of it before the start.
start "$module" nothing
err 'this is -O0 code; -O3 code is made beside the program'
whole=$got
forget
start --lazy=1K "$module" nothing
err 'this is -O0 code, made when it is called; -O3 code is made beside the program'
err '1 partitions'
status "$whole"
forget
start --lazy=1G "$module" nothing
err 'this is -O0 code; -O3'
forget
start --lazy=1 --no-lazy "$module" nothing
err 'this is -O0 code; -O3'
forget

# What has all code at the start, and says so.
for option in -g --max-compile-memory=1G; do
  start --lazy=1 $option "$module" nothing
  err "all of it is compiled before the start: ${option%=*}"
  err 'this is -O0 code; -O3'
  status "$whole"
  forget
done
start --sandbox "$guests/hello.wasm"
if [ "$got" -eq 0 ]; then
  start --sandbox --lazy=1 "$module" nothing
  err 'all of it is optimised before the start: --sandbox'
  check 'nothing is compiled later' sh -c '! grep -q "when it is called" "$1"' sh "$work/err"
  status "$whole"
  forget
else
  skip "--sandbox: $(cat "$work/err")"
fi
# So with -g traps have lines, and a debugger all functions.
run "$wasmaot" run --lazy=1 -g "$guests/debug.wasm" trap
status 134
err 'debug.c:'
forget

# --timeout counts what is compiled when it is called, and does not wait for LLVM: not for a function
# of half a million instructions. On a busy machine little time is over before it is called.
start --lazy=1 --timeout=60s "$module" nothing
err 'made when it is called'
status "$whole"
forget
octal() { # NUMBER: as LEB128 of five bytes, for printf
  number=$1 text=''
  for _ in 1 2 3 4; do
    text="$text$(printf '\\%03o' $((number & 127 | 128)))"
    number=$((number >> 7))
  done
  printf '%s\\%03o' "$text" "$number"
}
slow="$work/slow.wasm" body=$((11 + (8 << 19)))
printf '\040\000\101\007\154\041\000\001' >"$work/twice" # local 0 is multiplied by 7; nop
for _ in $(seq 19); do
  cat "$work/twice" "$work/twice" >"$work/unit"
  mv "$work/unit" "$work/twice"
done
{
  printf '\000asm\001\000\000\000\001\004\001\140\000\000\003\002\001\000\005\003\001\000\001'
  printf '\007\012\001\006_start\000\000\012%b\001%b\001\001\177' "$(octal $((body + 6)))" \
    "$(octal $body)"
  cat "$work/twice"
  printf '\101\000\040\000\066\002\000\013'
} >"$slow"
start --lazy=1 "$slow"
status 0
forget
for limit in 0.1 0.2 0.4 0.8 1.6 3.2 6.4; do
  start --lazy=1 --timeout=$limit "$slow"
  ! grep -q ' 0  functions of 1, when they were called' "$work/err" || break
  forget
done
status 124
err "ended after $limit seconds (--timeout)"
err ' 0  functions of 1, when they were called'
check 'not while it is compiled for the start' sh -c '! grep -q "while compiling" "$1"' sh "$work/err"
forget

# --perf: the files have what was called, and in the next run, which has all code, the rest.
# perf WHAT: runs it so; the file's name is $named but for its suffix.
perf() {
  run sh -c 'echo "$$" >"$4"; exec "$1" run --timings --lazy=1 --perf="$2" "$3" nothing' sh \
    "$wasmaot" "$1" "$module" "$work/pid"
  status "$whole"
  named=$(cat "$work/pid")
}
# $functions: the module's own in the map.
functions() {
  functions=$(grep -c '^[0-9a-f]* [0-9a-f]* [^ ]*$' "/tmp/perf-$named.map")
  check 'the main function is there' grep -q ' _start$' "/tmp/perf-$named.map"
  rm -f "/tmp/perf-$named.map"
}
perf map
err 'made when it is called'
functions
called=$functions
for _ in $(seq 1200); do
  [ "$(entries)" -eq 0 ] || break
  sleep 0.1
done
perf map
err 'found in the cache'
functions
check "all $functions functions are more than $called" test "$functions" -gt "$called"
forget
if command -v python3 >/dev/null; then
  perf jitdump
  err 'made when it is called'
  run python3 "$(dirname "$0")/jitdump.py" "/tmp/jit-$named.dump"
  status 0
  no_err
  out 'function _start '
  check "and $called others" test "$(grep -c '^function [^ ]* [0-9]*$' "$work/out")" -ge "$called"
  rm -f "/tmp/jit-$named.dump"
  forget
else
  skip 'no python3 to read a jitdump file with'
fi

# --coredump: the same frames, and bytes, as of code that was there before.
for how in -O0 --lazy=1; do
  run "$wasmaot" run $how --coredump="$work/dump$how" "$guests/trap.wasm" unreachable
  status 134
done
check 'the same core dump' cmp "$work/dump-O0" "$work/dump--lazy=1"
forget
for option in -O0 -O2 --no-background --no-cache; do
  start --lazy=1 $option "$module" nothing
  check "not with $option" sh -c '! grep -q "when it is called" "$1"' sh "$work/err"
  status "$whole"
  forget
done

# A system that has no room for code that comes later gets it before.
if command -v prlimit >/dev/null; then
  start --lazy=1 "$module" nothing
  err 'made when it is called'
  forget
  run prlimit --fsize=67108864 "$wasmaot" run --timings --lazy=1 "$module" nothing
  err 'this is -O0 code; -O3'
  status "$whole"
  forget
fi

# The process beside the program makes the optimised code, and nothing else.
start --lazy=1 "$module" nothing
check 'it ends' wait_for_workers
check 'one entry' test "$(entries)" -eq 1
start --lazy=1 "$module" nothing
err 'optimised code was found in the cache'
status "$whole"
forget

# A program that waits for a function may be ended from outside at any moment; standard input.
for delay in 0.01 0.02 0.05 0.1; do
  run timeout -s KILL $delay "$wasmaot" run --lazy=1 "$module" nothing
  check "ended or killed after $delay s" test "$got" -eq 137 -o "$got" -eq "$whole"
done
forget
input=$guests/hello.wasm
run "$wasmaot" run --lazy=1 -
status 0
no_err
input=''
run "$wasmaot" run --lazy=nothing "$module"
status 2
one_line
run "$wasmaot" run --lazy=0 "$module"
status 2
one_line

finish

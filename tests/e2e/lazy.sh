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
# Nothing of it is left behind.
forget() {
  for process in $(grep -lx wasmaot-cache /proc/[0-9]*/comm 2>/dev/null); do
    process=${process%/comm}
    if { tr '\0' ' ' <"$process/environ"; } 2>/dev/null | grep -qF "$work"; then
      kill -9 "${process#/proc/}" 2>/dev/null
    fi
  done
  run "$wasmaot" cache clear
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

# What has all code at the start, or counts compiling.
for option in -g --perf=map --timeout=60s --max-compile-memory=1G; do
  start --lazy=1 $option "$module" nothing
  err 'this is -O0 code; -O3'
  status "$whole"
  forget
done
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

# What was made so is kept by the process beside the program, before it optimises.
start --lazy=1 "$module" nothing
for _ in $(seq 1200); do
  [ "$(entries)" -eq 0 ] || break
  sleep 0.1
done
start --lazy=1 "$module" nothing
check 'the next run finds code' grep -q 'found in the cache' "$work/err"
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

#!/bin/sh
# What runs keep of functions that were compiled when they were called: the next run of the file, edited
# or not, finds them, and does what it did without.
. "$(dirname "$0")/lib.sh"
unset XDG_CACHE_HOME WASMAOT_CACHE_SIZE

edit() {
  python3 "$(dirname "$0")/edit_function.py" "$@"
}
# again OPTION... MODULE: a run of it when there is no artifact in the cache. Nor is one made meanwhile,
# which would take the place of what is called: the module seems to be replaced.
again() {
  kill_workers
  rm -f "$WASMAOT_CACHE_DIR"/*.aot
  (
    sleep 0.1
    touch "$module"
  ) &
  run "$wasmaot" run --timings --lazy=1 "$@"
  err 'made when it is called'
}
# Parts that the last run did not compile, and functions that were called.
found() {
  sed -n 's/^not compiled *\([0-9]*\)  parts of that, which the cache had/\1/p' "$work/err" | grep . ||
    echo none
}
called() {
  sed -n 's/^compiled *\([0-9]*\)  functions of .*/\1/p' "$work/err"
}

# said FILE: what it wrote, but for times.
said() {
  sed 's/[0-9]* ms$//' "$work/out" >"$1"
}
# as_expected: what it wrote, and how it ended.
as_expected() {
  said "$work/now"
  check 'the same output' cmp "$work/now" "$work/expected"
  status 0
}

module="$work/demo.wasm"
pad "$guests/demo.wasm" "$module"
run "$wasmaot" run --no-cache -O0 "$module"
said "$work/expected"

again "$module"
as_expected
check 'nothing was there' test "$(found)" = 0
check "$(called) functions were called" test "$(called)" -gt 10
check 'for the owner only' test -z "$(find "$WASMAOT_CACHE_DIR" -name '*.obj' ! -perm 600)"
all=$(called)
again "$module"
as_expected
check "$(found) parts of $(called) functions were there" test "$(found)" -gt $((all / 2))
# Which functions are compiled together depends on which are called in a row, and so on the threads.
parts=$(found)
again -j 1 "$module"
as_expected
check 'with another number of threads, most' test "$(found)" -gt $((parts / 2))

# Another module in its place, and the first again.
for where in 0.1 0.3 0.5 0.7 0.9; do
  edit "$guests/demo.wasm" "$work/edited.wasm" "$where" 1
  pad "$work/edited.wasm" "$module"
  again "$module"
  as_expected
  check 'an edit is compiled, and little else' test "$(found)" -ge $((parts / 2))
done
pad "$guests/demo.wasm" "$module"
again "$module"
as_expected
check 'what was not edited' test "$(found)" -ge $((parts / 2))
pad "$guests/debug.wasm" "$module"
again "$module" hello
out 'counter 8 at hello'
check 'another program has none of it' test "$(found)" -le 3
pad "$guests/demo.wasm" "$module"

# Other options make other code.
again --cpu=baseline "$module"
as_expected
check 'not of another CPU' test "$(found)" = 0
again --memory-checks=explicit "$module"
as_expected
check 'not with other checks' test "$(found)" = 0
again --no-pieces "$module"
as_expected
check 'not with --no-pieces' test "$(found)" = none
input=$module
again -
as_expected
check 'not of standard input' test "$(found)" = none
input=''

# Whatever is there instead is a miss.
for damage in 'head -c 1000' 'tr \000 \001' 'tail -c 5000' 'head -c 0'; do
  again "$module"
  for entry in "$WASMAOT_CACHE_DIR"/*.obj; do
    $damage <"$entry" >"$work/damaged"
    cat "$work/damaged" >"$entry"
  done
  again "$module"
  as_expected
  check "nothing of it is used: $damage" test "$(found)" = 0
done
chmod g+w "$WASMAOT_CACHE_DIR"/*.obj
again "$module"
as_expected
check 'not if others could have written to it' test "$(found)" = 0
export WASMAOT_CACHE_SIZE=64K
run "$wasmaot" cache clear
again "$module"
again "$module"
as_expected
check 'not in a cache that is too small' test "$(found)" = 0
unset WASMAOT_CACHE_SIZE

# Several at once, and some of them killed.
for _ in 1 2 3 4 5 6; do
  "$wasmaot" run --lazy=1 "$module" >/dev/null 2>&1 &
  sleep 0.05
  "$wasmaot" run --lazy=1 "$module" >/dev/null 2>&1 &
  kill -9 $! 2>/dev/null
done
wait
again "$module"
as_expected
again "$module"
as_expected
check 'it is kept after all' test "$(found)" -gt $((all / 2))
# A trap, an exit and an end from outside keep what was compiled, too.
pad "$guests/trap.wasm" "$work/trap.wasm"
for _ in 1 2; do
  again "$work/trap.wasm" unreachable
  status 134
done
check 'after a trap' test "$(found)" -gt 0
kill_workers
finish

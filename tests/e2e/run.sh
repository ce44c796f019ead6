#!/bin/sh
# Programs: output, arguments, environment, directories, exit status; as modules and as objects.
. "$(dirname "$0")/lib.sh"

for guest in hello echo cat ls exit; do
  run "$wasmaot" compile "$guests/$guest.wasm" -o "$work/$guest.o"
  status 0
  no_err
done

for hello in "$guests/hello.wasm" "$work/hello.o"; do
  run "$wasmaot" run "$hello"
  status 0
  no_err
  check 'hello says exactly that' test "$(cat "$work/out")" = 'Hello from wasm32-wasip1'
done

# Everything after the file is the guest's, options too.
run "$wasmaot" run --env NAME=VALUE "$work/echo.o" --dir -x '' 'two words'
status 0
out 'arg 0: echo.o'
out 'arg 1: --dir'
out 'arg 2: -x'
out 'arg 3: '
out 'arg 4: two words'
out 'env: NAME=VALUE'
check 'no other environment' test "$(grep -c '^env: ' "$work/out")" -eq 1
run env PASSED=on "$wasmaot" run --env PASSED --env NOT_SET_ANYWHERE --argv0 other "$work/echo.o"
status 0
out 'arg 0: other'
out 'env: PASSED=on'
check 'unset variables are not passed' test "$(grep -c '^env: ' "$work/out")" -eq 1

for code in 0 1 42 126 134 255; do
  run "$wasmaot" run "$work/exit.o" "$code"
  status "$code"
  out 'exiting'
  no_err
done

mkdir -p "$work/a" "$work/b"
echo 'first file' >"$work/a/first"
echo 'second file' >"$work/b/second"
ln -s ../b/second "$work/a/out"
run "$wasmaot" run --dir "$work/a" "$work/cat.o" first
status 0
out 'first file'
run "$wasmaot" run --dir "$work/a" "$work/cat.o" ../b/second
status 1
out 'errno 63'
run "$wasmaot" run --dir "$work/a" "$work/cat.o" out
status 1
out 'errno 63'
run "$wasmaot" run "$work/cat.o" "$work/a/first"
status 1
out 'errno 8'
run "$wasmaot" run --dir "$work/a::/here" --dir "$work/b" "$work/ls.o"
status 0
out '/here:'
out '4 first'
out "$work/b:"
out '4 second'

echo 'from the pipe' >"$work/input"
input="$work/input" run "$wasmaot" run "$work/cat.o"
status 0
out 'from the pipe'

# perf reads /tmp/perf-PID.map; the shell becomes the command, so its PID is known.
run sh -c 'echo "$$" >"$3"; exec "$1" run --perf=map "$2"' sh "$wasmaot" "$work/hello.o" "$work/pid"
status 0
map=/tmp/perf-$(cat "$work/pid").map
check 'the perf map names functions' grep -q '_start' "$map"
rm -f "$map"

# A reader that goes away is an errno for the guest, not a signal for the host.
head -c 10000000 /dev/zero >"$work/zeros"
input="$work/zeros"
run sh -c '{ "$1" run "$2"; echo "$?" >"$3"; } | head -c 1 >/dev/null' sh "$wasmaot" \
  "$work/cat.o" "$work/broken"
input=''
check 'EPIPE reaches the guest' test "$(cat "$work/broken")" = 3

# An object runs without LLVM in the process.
mkfifo "$work/fifo"
"$wasmaot" run "$work/cat.o" <"$work/fifo" >"$work/piped" &
pid=$!
exec 3>"$work/fifo"
echo 'are you there?' >&3
tries=0
while [ ! -s "$work/piped" ] && [ $tries -lt 200 ]; do
  sleep 0.05
  tries=$((tries + 1))
done
check 'the guest answered' test -s "$work/piped"
check 'it is mapped at all' grep -q 'cat\.o' "/proc/$pid/maps"
if grep -qiE 'llvm|wasmaot-compiler' "/proc/$pid/maps"; then
  failed 'LLVM is mapped although an object is run'
fi
checks=$((checks + 2))
if grep -qE '^[^ ]+ .wx' "/proc/$pid/maps"; then
  failed 'something is writable and executable'
fi
exec 3>&-
wait "$pid" || failed 'the mapped guest failed'
finish

#!/bin/sh
# Programs of their own: in an empty root, with options built in and from the environment, trapping,
# exiting, for other hosts.
. "$(dirname "$0")/lib.sh"

"$wasmaot" compile --emit=exe "$guests/hello.wasm" -o "$work/hello" 2>"$work/err"
if grep -qE 'start files|needs lld' "$work/err"; then
  echo "SKIPPED: $(cat "$work/err")"
  exit 77
fi
for guest in hello demo echo cat exit trap ls; do
  run "$wasmaot" compile --emit=exe "$guests/$guest.wasm" -o "$work/$guest"
  status 0
  no_err
done
check 'nothing is left beside it' test "$(ls "$work" | grep -c hello)" -eq 1
(umask 027 && "$wasmaot" compile --emit=exe "$guests/hello.wasm" -o "$work/mode")
check 'permissions follow the umask' test "$(stat -c %a "$work/mode")" = 750
"$wasmaot" compile --emit=exe -j1 "$guests/demo.wasm" -o "$work/again"
check 'the same bytes again' cmp "$work/demo" "$work/again"
cp "$guests/hello.wasm" "$work/named.wasm"
run "$wasmaot" compile --emit=exe "$work/named.wasm"
status 0
check 'the default name' test -x "$work/named"
cp "$guests/hello.wasm" "$work/noname"
run "$wasmaot" compile --emit=exe "$work/noname"
status 0
check 'the default name of another' test -x "$work/noname.exe"

# It needs nothing: no interpreter, no library, no file.
if command -v readelf >/dev/null; then
  run readelf -lWd "$work/hello"
  status 0
  check 'no interpreter' test "$(grep -c INTERP "$work/out")" -eq 0
  check 'no library' test "$(grep -c NEEDED "$work/out")" -eq 0
  check 'nothing is writable and executable' test "$(grep -c RWE "$work/out")" -eq 0
fi
mkdir "$work/root"
cp "$work/demo" "$work/root/demo"
if unshare -r chroot "$work/root" /demo >/dev/null 2>&1 || [ "$(id -u)" -eq 0 ]; then
  run unshare -r chroot "$work/root" /demo
  [ "$got" -ne 125 ] || run chroot "$work/root" /demo
  status 0
  out 'all results are right'
else
  skip 'no user namespaces: an empty root'
fi
if command -v strace >/dev/null && strace -o "$work/strace" true 2>/dev/null; then
  run env ASAN_OPTIONS=detect_leaks=0 strace -f -o "$work/strace" -e trace=open,openat,mprotect "$work/hello"
  status 0
  out 'Hello from wasm32-wasip1'
  check 'it opens nothing' test "$(grep -c 'open' "$work/strace")" -eq 0
  check 'and takes execution from what is not text' grep -q 'mprotect(.*, PROT_READ) = 0' "$work/strace"
  check 'but makes nothing executable' test "$(grep -c 'PROT_EXEC' "$work/strace")" -eq 0
else
  skip 'no strace'
fi

# The guest is the program: its arguments, its status, its traps.
run "$work/echo" --help -x '' 'two words'
status 0
no_err
out 'arg 0: echo'
out 'arg 1: --help'
out 'arg 2: -x'
out 'arg 4: two words'
check 'no environment' test "$(grep -c '^env: ' "$work/out")" -eq 0
for code in 0 1 42 255; do
  run "$work/exit" "$code"
  status "$code"
done
run "$work/trap" divide
status 134
err 'trap: integer divide by zero'
err ' in trap.wasm'
run env WASMAOT_OPTIONS=--message-format=json "$work/trap" divide
status 134
err '{"severity": "error", "code": "trap", "message": "integer divide by zero"'
err '"artifact": "trap.wasm"'
echo 'from the pipe' >"$work/input"
input="$work/input" run "$work/cat"
status 0
out 'from the pipe'

# Options: built in, then from the environment.
mkdir "$work/data"
echo 'in the data' >"$work/data/file"
run "$wasmaot" compile --emit=exe --run-options "--dir '$work/data::/data' --env A='b c' --argv0=me" \
  "$guests/echo.wasm" -o "$work/echo2"
status 0
run env B=inherited WASMAOT_OPTIONS='--env B --env "C=d e"' "$work/echo2" one
status 0
out 'arg 0: me'
out 'arg 1: one'
out 'env: A=b c'
out 'env: B=inherited'
out 'env: C=d e'
run "$wasmaot" compile --emit=exe --run-options "--dir '$work/data::/'" "$guests/cat.wasm" -o "$work/cat2"
status 0
run "$work/cat2" file
status 0
out 'in the data'
run "$work/cat" "$work/data/file"
status 1
run env WASMAOT_OPTIONS="--dir='$work/data'" "$work/cat" file
status 0
out 'in the data'
run "$wasmaot" compile --emit=exe --run-options '--inherit-env --env A=1' "$guests/echo.wasm" -o "$work/echo3"
status 0
run env A=2 B=2 "$work/echo3"
status 0
out 'env: A=1'
out 'env: B=2'
mkdir -p "$work/fixed/dir/empty" "$work/fixed/empty"
printf inside | tee "$work/fixed/file" >"$work/fixed/dir/file"
ln -s file "$work/fixed/link"
cp -R "$work/fixed" "$work/free"
run "$wasmaot" compile --emit=exe --run-options "--dir $work/fixed::/x:ro" "$guests/fixed.wasm" -o "$work/fixed.exe"
status 0
run env WASMAOT_OPTIONS="--dir=$work/free" "$work/fixed.exe"
status 0
check 'every attempt was refused' grep -Eq '^passed ([0-9]+) of \1$' "$work/out"
run "$wasmaot" compile --emit=exe --run-options '--timeout 0.2' "$guests/cat.wasm" -o "$work/slow"
status 0
mkfifo "$work/fifo"
exec 3<>"$work/fifo"
input="$work/fifo" run "$work/slow"
status 124
exec 3>&-
for options in '--frobnicate' '--max-threads=0' 'word' "--env 'A" '--timings' '--env =x; --dir'; do
  run env WASMAOT_OPTIONS="$options" "$work/hello"
  status 2
  one_line
  run "$wasmaot" compile --emit=exe --run-options "$options" "$guests/hello.wasm" -o "$work/wrong"
  status 2
  one_line
  check 'nothing is written' test ! -e "$work/wrong"
done
run env WASMAOT_OPTIONS='--dir /nonexistent' "$work/hello"
status 1
one_line

# A program for a processor that this is not says so instead of dying on an instruction.
if [ "$(uname -m)" = x86_64 ] && ! grep -q avx512_fp16 /proc/cpuinfo; then
  run "$wasmaot" compile --emit=exe --cpu=sapphirerapids "$guests/hello.wasm" -o "$work/newer"
  status 0
  run "$work/newer"
  status 1
  one_line
  err 'avx512'
fi
# With -g its traps know lines.
run "$wasmaot" compile --emit=exe -g "$guests/debug.wasm" -o "$work/debug"
status 0
run "$work/debug"
no_err

# What is missing is said in one line, before anything is compiled.
refuse() {
  text=$1
  expected=$2
  shift 2
  run "$@"
  status "$expected"
  one_line
  err "$text"
  check 'nothing is written' test "$(ls "$work" | grep -c refused)" -eq 0
}
refuse_hello() { # TEXT OPTION...: hello.wasm, compiled with them
  text=$1
  shift
  refuse "$text" 1 "$wasmaot" compile --emit=exe "$guests/hello.wasm" -o "$work/refused" "$@"
}
# On AArch64 code is mapped from its file by kernels whose pages are 64 KiB, too.
run "$wasmaot" compile --target=aarch64-linux-gnu "$guests/hello.wasm" -o "$work/arm.o"
status 0
run sh -c 'readelf -SW "$1" | sed "s/^ *\[ *[0-9]*\] *//"' sh "$work/arm.o"
check 'text at a multiple of 64 KiB, and aligned so' awk '$1 == ".text" { found = $4 ~ /0000$/ && $NF == 65536 } END { exit !found }' "$work/out"
WASMAOT_LLD=/nonexistent refuse_hello 'WASMAOT_LLD is'
refuse_hello 'no start files for' --target=riscv64-linux-gnu
WASMAOT_LLD=/bin/false refuse_hello 'lld failed'
refuse 'standard output' 2 "$wasmaot" compile --emit=exe "$guests/hello.wasm" -o -
refuse 'is for --emit=exe' 2 "$wasmaot" compile --run-options=--dir=. "$guests/hello.wasm" -o "$work/refused"
printf '\0asm\1\0\0\0\1' >"$work/bad.wasm"
refuse 'bad.wasm' 1 "$wasmaot" compile --emit=exe "$work/bad.wasm" -o "$work/refused"
finish

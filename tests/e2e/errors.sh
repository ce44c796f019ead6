#!/bin/sh
# Wrong inputs: one clear line on stderr, the right exit status, never a crash.
. "$(dirname "$0")/lib.sh"

# refused STATUS TEXT COMMAND...
refused() {
  expected=$1
  text=$2
  shift 2
  run "$wasmaot" "$@"
  status "$expected"
  one_line
  err "$text"
}

cp "$guests/hello.wasm" "$work/hello.wasm"
run "$wasmaot" compile "$work/hello.wasm"
status 0
check 'app.wasm becomes app.o' test -s "$work/hello.o"

# Files that are not what they should be.
: >"$work/empty"
printf 'hello, world\n' >"$work/text"
printf '(module)' >"$work/module.wat"
printf '\0asm\2\0\0\0' >"$work/version.wasm"
printf '\0asm\1\0\0' >"$work/short.wasm"
head -c 600 "$work/hello.wasm" >"$work/truncated.wasm"
head -c 3000 "$work/hello.o" >"$work/truncated.o"
head -c 64 "$work/hello.o" >"$work/header.o"
mkdir "$work/directory"
for command in run compile inspect validate; do
  refused 1 'No such file' $command "$work/nothing.wasm"
  refused 1 'is a directory' $command "$work/directory"
  refused 1 'the file is empty' $command "$work/empty"
  refused 1 "$work/text:0x0: " $command "$work/text"
  refused 1 "$work/version.wasm:0x4: " $command "$work/version.wasm"
  refused 1 "$work/short.wasm:0x" $command "$work/short.wasm"
  refused 1 "$work/truncated.wasm:0x" $command "$work/truncated.wasm"
  refused 2 'the file name is empty' $command ''
  refused 1 'File name too long' $command "$(printf '%05000d' 0)"
done
for command in run compile inspect; do
  refused 1 'is a pipe or device' $command /dev/null
done
refused 1 'wat2wasm' compile "$work/module.wat"
for command in run inspect; do
  refused 1 "$work/truncated.o" $command "$work/truncated.o"
  refused 1 "$work/header.o" $command "$work/header.o"
  refused 1 '/bin/sh' $command /bin/sh
done
refused 1 'is an object already' compile "$work/hello.o"
refused 1 'is an ELF object' validate "$work/hello.o"
refused 1 'nothing\x0aelse' validate "$work/nothing
else"

# Command lines.
refused 2 "unknown command 'frobnicate'" frobnicate
for command in run compile inspect validate; do
  refused 2 "unknown option '--frobnicate'" $command --frobnicate x
  refused 2 'given' $command
  run "$wasmaot" $command --help
  status 0
  out "Usage: wasmaot $command"
  no_err
done
refused 2 "unknown option '-Z'" compile -Z "$work/hello.wasm"
refused 2 "'9' is not a number from 0 to 3" compile -O9 "$work/hello.wasm"
refused 2 "'0' is not a number from 1" compile -j 0 "$work/hello.wasm"
refused 2 "'-1' is not a number" compile -j -1 "$work/hello.wasm"
refused 2 'needs a value' compile "$work/hello.wasm" -o
refused 2 "'elf' is none of" compile --emit=elf "$work/hello.wasm"
refused 2 'sparc-sun-solaris' compile --target sparc-sun-solaris "$work/hello.wasm"
refused 2 'no-such-cpu' compile --cpu no-such-cpu "$work/hello.wasm"
refused 2 'one module' compile "$work/hello.wasm" "$work/hello.wasm"
refused 2 'takes no value' inspect --json=yes "$work/hello.wasm"
refused 2 'is not a size' run --max-memory 12Q "$work/hello.o"
refused 2 'is not a size' run --max-memory 99999999999999999999 "$work/hello.o"
refused 2 'is not HOST' run --dir ::/x "$work/hello.o"
refused 2 'has no name' run --env =x "$work/hello.o"
refused 1 'cannot open directory' run --dir "$work/nowhere" "$work/hello.o"
refused 1 'cannot open directory' run --dir "$work/text" "$work/hello.o"
run "$wasmaot"
status 2
err 'Usage: wasmaot'
run "$wasmaot" --help
status 0
out 'compile'
run "$wasmaot" --version
status 0
out 'wasmaot '

# Programs that cannot run.
refused 1 'no_such_function' run "$guests/missing.wasm"
refused 1 'no _start' run "$guests/reactor.wasm"
refused 1 "no function 'nowhere'" run --invoke nowhere "$guests/reactor.wasm"
refused 2 'takes 2 arguments' run --invoke add "$guests/reactor.wasm" 1
refused 2 "is no i32: 'x'" run --invoke add "$guests/reactor.wasm" 1 x
refused 2 "is no i32: '4294967296'" run --invoke add "$guests/reactor.wasm" 1 4294967296
refused 2 "is no f64: ''" run --invoke third "$guests/reactor.wasm" ''

# Less than a program needs.
refused 1 'memory' run --max-memory 64K "$work/hello.o"
if [ -z "${WASMAOT_E2E_SANITIZER:-}" ]; then # whose own reservations are larger
  run sh -c 'ulimit -v 4000000 && "$1" run "$2"' sh "$wasmaot" "$work/hello.o"
  status 1
  one_line
  err 'memory'
fi

# Output that cannot be written.
refused 1 'cannot write there' compile "$work/hello.wasm" -o "$work/nowhere/x.o"
refused 1 'is a directory' compile "$work/hello.wasm" -o "$work/directory"
refused 2 'would replace the input' compile "$work/hello.wasm" -o "$work/hello.wasm"
refused 1 'cannot write' compile "$work/hello.wasm" -o /dev/full
run sh -c '"$1" inspect "$2" >/dev/full' sh "$wasmaot" "$work/hello.wasm"
status 1
one_line
cp "$work/hello.o" "$work/kept.o"
refused 1 'truncated.wasm' compile "$work/truncated.wasm" -o "$work/kept.o"
check 'a failed compile leaves the old output' cmp "$work/hello.o" "$work/kept.o"
check 'no temporary file is left' test -z "$(find "$work" -name '*.o.*')"

# Without the compiler, objects run and modules say what is missing.
export WASMAOT_COMPILER_LIBRARY="$work/no-such-library.so"
refused 1 'compiler library' run "$guests/hello.wasm"
run "$wasmaot" run "$work/hello.o"
status 0
run "$wasmaot" validate "$work/hello.wasm"
status 0
unset WASMAOT_COMPILER_LIBRARY

# Bytes changed one at a time: refused or run, but no crash and no hang.
size=$(wc -c <"$work/hello.wasm")
offset=8
while [ "$offset" -lt "$size" ]; do
  cp "$work/hello.wasm" "$work/changed.wasm"
  printf '\377' | dd of="$work/changed.wasm" bs=1 seek="$offset" conv=notrunc 2>"$work/dd"
  run "$wasmaot" validate "$work/changed.wasm"
  check 'a changed module is valid or not' test "$got" -le 1
  offset=$((offset + 7))
done
size=$(wc -c <"$work/hello.o")
offset=0
while [ "$offset" -lt "$size" ]; do
  cp "$work/hello.o" "$work/changed.o"
  printf '\377' | dd of="$work/changed.o" bs=1 seek="$offset" conv=notrunc 2>"$work/dd"
  run "$wasmaot" inspect "$work/changed.o"
  check 'a changed object is accepted or refused' test "$got" -le 1
  offset=$((offset + 61))
done
finish

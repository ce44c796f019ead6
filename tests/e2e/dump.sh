#!/bin/sh
# What is left of a program that ended: core dumps of WebAssembly and of the process. And what its threads do
# when SIGQUIT asks.
. "$(dirname "$0")/lib.sh"
here=$(dirname "$0")

# An input that neither ends nor has anything.
mkfifo "$work/silent"
exec 3<>"$work/silent"
input=$work/silent

# ---- --coredump ----

if ! command -v python3 >/dev/null 2>&1; then
  skip 'no python3 to read core dumps with'
  finish
  exit
fi
dump() { # [TEXT]: reads the dump
  run python3 "$here/dump.py" "$work/dump" "$@"
  status 0
  no_err
}
run "$wasmaot" run -O0 --coredump="$work/dump" "$guests/trap.wasm" unreachable
status 134
err '#0 level_three'
if command -v wasm-validate >/dev/null 2>&1; then
  check 'it is a module' wasm-validate "$work/dump"
fi
# Functions by their numbers, as the trap has them by name.
run "$wasmaot" inspect "$guests/trap.wasm"
dump unreachable
out "core: $guests/trap.wasm modules: trap.wasm"
out 'thread main: 0.'
check 'four frames of one stack' test "$(sed -n 's/^thread main: //p' "$work/out" | wc -w)" -eq 4
out 'found unreachable' # the argument is in its memory
out 'globals: 65'
check 'pages of zeros are left out' test "$(wc -c <"$work/dump")" -lt 20000

# All threads, over shared memory; the one that trapped comes first.
run "$wasmaot" run --coredump="$work/dump" "$guests/ending.wasm" trap main
status 134
dump
for name in main 'thread 1' 'thread 2' 'thread 3' 'thread 4'; do
  out "thread $name: 0."
done
check 'main is first' sh -c "grep -m1 ^thread '$work/out' | grep -q '^thread main'"
out 'memory 0: flags 3, '
run "$wasmaot" run --coredump="$work/dump" "$guests/ending.wasm" trap thread
status 134
dump
check 'the fifth thread is first' sh -c "grep -m1 ^thread '$work/out' | grep -q '^thread thread 5'"
if command -v node >/dev/null 2>&1; then
  check 'others read it' node -e 'WebAssembly.compile(require("fs").readFileSync(process.argv[1]))
    .then((m) => { if (WebAssembly.Module.customSections(m, "corestack").length !== 6) process.exit(1) })' "$work/dump"
fi

# With two memories, and modules that are linked.
if command -v wat2wasm >/dev/null; then
  cat >"$work/low.wat" <<WAT
(module (func (export "fail") (unreachable)))
WAT
  cat >"$work/high.wat" <<WAT
(module (import "low" "fail" (func \$fail)) (memory 1) (memory 2 3)
  (global (mut i64) (i64.const -2)) (global v128 (v128.const i64x2 1 2)) (global (mut funcref) (ref.func \$go))
  (global f64 (f64.const 0.5)) (global externref (ref.null extern))
  (data (memory 1) (i32.const 70000) "in the second")
  (func \$go (export "go") (call \$fail)))
WAT
  wat2wasm --enable-multi-memory "$work/low.wat" -o "$work/low.wasm"
  wat2wasm --enable-multi-memory "$work/high.wat" -o "$work/high.wasm"
  run "$wasmaot" run --coredump="$work/dump" --preload=low="$work/low.wasm" --invoke=go "$work/high.wasm"
  status 134
  dump 'in the second'
  out 'modules: high.wasm low.wasm'
  out 'thread main: 1.0+0 0.1+0'
  out 'memory 0: flags 0, 1 pages, at most None, 0 bytes held'
  out 'memory 1: flags 1, 2 pages, at most 3, 4096 bytes held'
  out 'found in the second'
  out 'globals: -2 01000000000000000200000000000000 None 0.5 None'
fi

# Locals, in the order of the functions' own: where -g keeps them, of code that is not optimised.
locals() { # OPTION... MODULE FUNCTION ARGUMENT
  run "$wasmaot" run --coredump="$work/dump" "$@"
  status 134
  dump
}
locals -g -O0 --invoke=chain "$guests/locals.wasm" 7
check 'what was passed' grep -q '^locals main 0: 11 123456789012345 2.5' "$work/out"
check 'of callers, too' grep -q '^locals main 1: 11 ' "$work/out"
check 'of all of them' grep -q '^locals main 2: 7 ' "$work/out"
locals -g -O0 --invoke=turns "$guests/locals_fast.wasm" 9
check 'of the innermost' grep -q '^locals main 0: 1$' "$work/out"
values=" $(sed -n 's/^locals main 1: //p' "$work/out") "
for value in 9 232 256; do
  check "after a loop: $value in$values" sh -c "case '$values' in *' $value '*) ;; *) exit 1 ;; esac"
done
locals -g -O3 --invoke=chain "$guests/locals.wasm" 7
check 'optimised code: missing' grep -q '^locals main 0: missing missing missing missing$' "$work/out"
locals -O0 --invoke=chain "$guests/locals.wasm" 7
check 'without -g none' sh -c "! grep -q ^locals '$work/out'"

# None for what ends otherwise, and an error that does not hide the trap.
rm -f "$work/dump"
run "$wasmaot" run --coredump="$work/dump" "$guests/exit.wasm" 7
status 7
run "$wasmaot" run --coredump="$work/dump" "$guests/hello.wasm"
status 0
check 'no dump' test ! -e "$work/dump"
run "$wasmaot" run --coredump="$work/none/dump" "$guests/trap.wasm" unreachable
status 134
err "--coredump: cannot write '$work/none/dump': No such file or directory"
err 'trap: unreachable'

# ---- SIGQUIT ----

quit() { # TIMES COMMAND...: SIGQUIT so often, the first when all threads have started, and each when the last is answered
  run python3 "$here/quit.py" "$work/silent" "$@"
}
quit 3 "$wasmaot" run "$guests/ending.wasm" wait main
status 143
check 'three reports' test "$(grep -c '^wasmaot: SIGQUIT: the program goes on; its threads: 5$' "$work/err")" -eq 3
three() { # NAME TEXT: a line of every report
  check "$1" test "$(grep -cE "$2" "$work/err")" -eq 3
}
three 'main waits' '^thread 0, the main one, has waited at 0x[0-9a-f]+ for [0-9]+\.[0-9]+ s, used'
three 'and thread 1' '^thread 1 has waited at 0x[0-9a-f]+ for [0-9]+\.[0-9]+ s, used'
three 'thread 2 runs' '^thread 2 runs, used [0-9.]+ s of processor time$'
three 'thread 3 sleeps' '^thread 3 is in a call of WASI, used'
three 'thread 4 reads' '^thread 4 is in a call of WASI, used'
for name in wait_forever spin sleep_long read_input main; do
  three "the frame of $name" "^  #0 $name \\+ 0x"
done
three 'its callers' '^  #1 _start \+ 0x'
# So it is with a time limit, and when it is compiled for speed.
quit 1 "$wasmaot" run -O3 --timeout=100 "$guests/ending.wasm" wait main
status 143
err '#0 wait_forever + 0x'
# Ignored is ignored: the program goes on until its time is up.
run sh -c 'trap "" QUIT; "$@" & sleep 0.5; kill -QUIT $!; wait $!' sh \
  "$wasmaot" run --timeout=2 "$guests/ending.wasm" wait main
status 124
check 'no report' sh -c "! grep -q SIGQUIT '$work/err'"
# A program notices nothing of it: threads that begin and end, waits and sleeps that it breaks into, files.
storm() { # STATUS COMMAND...: as often as it can be answered, to the end
  expected=$1
  shift
  run python3 "$here/quit.py" "$work/silent" storm "$@"
  status "$expected"
  check 'every thread answers' sh -c "! grep -q 'does not say' '$work/err'"
}
storm 0 "$wasmaot" run "$guests/stress.wasm" spawns 5000
err 'SIGQUIT: the program goes on'
storm 0 "$wasmaot" run "$guests/stress.wasm" crowd 200
storm 0 "$wasmaot" run "$guests/stress.wasm" grow 300
storm 134 "$wasmaot" run "$guests/stress.wasm" traps 50
storm 124 "$wasmaot" run --timeout=2 "$guests/ending.wasm" wait main
err 'SIGQUIT: the program goes on'
storm 7 "$wasmaot" run "$guests/ending.wasm" return main

# ---- What others see ----

if [ -z "${WASMAOT_E2E_SANITIZER:-}" ]; then
  run sh -c '"$1" run "$2" wait main <&3 &
    for try in 1 2 3 4 5 6 7 8 9 10; do
      sleep 1; cat /proc/$!/task/*/comm >"$3"; [ "$(grep -c "^wasm:" "$3")" -lt 4 ] || break
    done
    ! command -v gcore >/dev/null || gcore -o "$4" $! >/dev/null 2>&1; kill -9 $!' sh \
    "$wasmaot" "$guests/ending.wasm" "$work/names" "$work/native"
  check 'threads have names' test "$(grep -c '^wasm:[1-4]$' "$work/names")" -eq 4
  if command -v gcore >/dev/null 2>&1; then
    set -- "$work"/native.*
    check "a core dump is small: $(wc -c <"$1") bytes" test "$(wc -c <"$1")" -lt 100000000
  else
    skip 'no gcore'
  fi
fi

# ---- A shared memory that may not grow ----

run "$wasmaot" run "$guests/fixed_memory.wasm"
status 3
err 'wasmaot: the shared memory of '
err 'may not grow, which was tried: link the program with -Wl,--max-memory='
finish

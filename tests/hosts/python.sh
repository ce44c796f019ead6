#!/bin/sh
# bindings/python: its tests, and its example, with the Python that is there.
#   python.sh BUILD INCLUDE MODULES
. "$(dirname "$0")/lib.sh"
need python3
package=$(cd "$here/../../bindings/python" && pwd)
export WASMAOT_LIBRARY="$build/libwasmaot.so" PYTHONPATH="$package/src" PYTHONDONTWRITEBYTECODE=1
export WASMAOT_TEST_MODULES="$modules" WASMAOT_TEST_GUESTS="$build/tests/guests"
# Every code of a trap has its name.
sed -n 's/^  WASMAOT_TRAP_\([A-Z_]*\) = \([0-9]*\),.*/\1 \2/p' "$include/wasmaot.h" >"$work/codes"
python3 -c 'import wasmaot
for code in wasmaot.TrapCode: print(code.name, code.value)' >"$work/out"
cmp -s "$work/codes" "$work/out" || failed 'its codes of traps'
timeout 300 python3 "$package/tests/test_wasmaot.py" >"$work/out" 2>&1 || failed "its tests: status $?"
tail -n 1 "$work/out"

example() { # STATUS TEXT ARGUMENT...
  expected=$1
  text=$2
  shift 2
  status=0
  timeout 60 python3 "$package/examples/run.py" "$@" >"$work/out" 2>&1 || status=$?
  [ "$status" -eq "$expected" ] && grep -q "$text" "$work/out" || failed "run.py $*: status $status"
}
cd "$work"
echo 'in a file' >file
example 0 'in a file' "$build/tests/guests/cat.wasm" file
example 134 'level_three' "$build/tests/guests/trap.wasm" divide
example 0 '' "$build/tests/guests/crew.wasm"
# Control-C, in a program without an end.
printf '\0asm\1\0\0\0\1\4\1\140\0\0\3\2\1\0\5\3\1\0\1\7\23\2\6memory\2\0\6_start\0\0\n\11\1\7\0\3\100\14\0\13\13' >endless.wasm
cat >interrupt.py <<'END'
import os, signal, sys, threading

threading.Timer(1, os.kill, (os.getpid(), signal.SIGINT)).start()
sys.argv = sys.argv[1:]
with open(sys.argv[0], encoding="utf-8") as file:
    exec(compile(file.read(), sys.argv[0], "exec"), {"__name__": "__main__"})
END
status=0
timeout 60 python3 interrupt.py "$package/examples/run.py" endless.wasm >"$work/out" 2>&1 || status=$?
[ "$status" -eq 134 ] && grep -q 'trap: interrupted' "$work/out" || failed "Control-C: status $status"

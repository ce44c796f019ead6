#!/bin/sh
# bindings/python: its tests, and its example, with the Python that is there.
#   python.sh BUILD INCLUDE MODULES
set -eu
build=$1
modules=$3
package=$(cd "$(dirname "$0")/../../bindings/python" && pwd)
command -v python3 >/dev/null || {
  echo 'SKIPPED: no Python'
  exit 77
}
work=$(mktemp -d "${TMPDIR:-/tmp}/wasmaot-python.XXXXXX")
trap 'rm -rf "$work"' EXIT
export WASMAOT_LIBRARY="$build/libwasmaot.so" PYTHONPATH="$package/src" PYTHONDONTWRITEBYTECODE=1
export WASMAOT_TEST_MODULES="$modules" WASMAOT_TEST_GUESTS="$build/tests/guests"
timeout 300 python3 "$package/tests/test_wasmaot.py" 2>"$work/err" || {
  cat "$work/err"
  exit 1
}
tail -n 1 "$work/err"

example() { # STATUS TEXT ARGUMENT...
  expected=$1
  text=$2
  shift 2
  status=0
  timeout 60 python3 "$package/examples/run.py" "$@" >"$work/out" 2>&1 || status=$?
  [ "$status" -eq "$expected" ] && grep -q "$text" "$work/out" || {
    echo "FAILED: run.py $*: status $status"
    cat "$work/out"
    exit 1
  }
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
[ "$status" -eq 134 ] && grep -q 'trap: interrupted' "$work/out" || {
  echo "FAILED: Control-C: status $status"
  cat "$work/out"
  exit 1
}

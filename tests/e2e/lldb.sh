#!/bin/sh
# What lldb shows of a guest, by the interface that is gdb's.
. "$(dirname "$0")/lib.sh"

sources=$(dirname "$0")/../guests
look=$(grep -n '// look$' "$sources/debug.c" | cut -d: -f1)

# LeakSanitizer, where it is linked, does not bear debuggers.
export ASAN_OPTIONS=detect_leaks=0

if ! command -v lldb >/dev/null 2>&1; then
  skip 'lldb is not installed'
  finish
  exit
fi

cat >"$work/commands" <<COMMANDS
settings set plugin.jit-loader.gdb.enable on
breakpoint set --file debug.c --line $look
run
thread backtrace
frame variable squares length factor big
frame variable text point
expression squares[1] + 1
next
frame variable sum
thread list
breakpoint delete --force
continue
COMMANDS

# session COMMAND...: stops in a thread of the guest, and goes on to its end.
session() {
  run lldb --no-lldbinit --batch --source "$work/commands" -- "$@"
  status 0
  out 'stop reason = breakpoint 1.1'
  out "measure(point=(guest_address = 65424), factor=0.5, big=1000000000000) at debug.c:$look"
  out 'work(arg=(guest_address = 65424)) at debug.c:'
  out 'wa_arch_enter'
  out 'squares = ([0] = 0, [1] = 11, [2] = 5, [3] = 9)'
  out 'length = 2'
  out 'text = "local"'
  out '(int) $0 = 12'
  out 'stop reason = step over'
  out 'sum = 11.625'
  out "name = 'wasm:1'"
  out 'exited with status = 0'
}

for level in 0 1; do
  run "$wasmaot" compile -g "-O$level" "$guests/debug.wasm" -o "$work/debug.o"
  status 0
  no_err
  session "$wasmaot" run "$work/debug.o" threads
done

# A program of its own holds its runtime, and has the same interface.
run "$wasmaot" compile -g -O1 --emit=exe "$guests/debug.wasm" -o "$work/debug"
status 0
no_err
session "$work/debug" threads
finish

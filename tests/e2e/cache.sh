#!/bin/sh
# The cache of `run`: hits, keys, damage, directories that cannot or must not be used, its bound,
# several processes at once.
. "$(dirname "$0")/lib.sh"
unset XDG_CACHE_HOME WASMAOT_CACHE_SIZE

entries() {
  find "$WASMAOT_CACHE_DIR" -name '*.aot' | wc -l
}

# hit COMMAND..., miss COMMAND...: --timings tells which it was.
hit() {
  run "$@"
  status 0
  err 'found in the cache'
}
miss() {
  run "$@"
  status 0
  err 'generate code'
}

hello="$guests/hello.wasm"
miss "$wasmaot" run --timings "$hello"
out 'Hello from wasm32-wasip1'
check 'one entry' test "$(entries)" -eq 1
check 'for the owner only' test "$(stat -c %a "$WASMAOT_CACHE_DIR")" = 700
entry=$(find "$WASMAOT_CACHE_DIR" -name '*.aot')
check 'the entry too' test "$(stat -c %a "$entry")" = 600
hit "$wasmaot" run --timings "$hello"
out 'Hello from wasm32-wasip1'
cp "$hello" "$work/other-name.wasm"
hit "$wasmaot" run --timings "$work/other-name.wasm"
run "$wasmaot" run "$hello"
status 0
no_err

# A hit needs no compiler; a name of one that is not there is another key.
run env WASMAOT_COMPILER_LIBRARY=/nonexistent "$wasmaot" run "$hello"
status 1
one_line
if command -v strace >/dev/null && strace -o "$work/strace" true 2>/dev/null; then
  # The leak checker of sanitized builds cannot be traced.
  run env ASAN_OPTIONS=detect_leaks=0 strace -f -o "$work/strace" -e trace=openat "$wasmaot" run "$hello"
  status 0
  check 'a hit opens no LLVM' test "$(grep -c LLVM "$work/strace")" -eq 0
else
  skip 'no strace'
fi

# Everything that changes the code changes the key.
miss "$wasmaot" run --timings -O1 "$hello"
miss "$wasmaot" run --timings -g "$hello"
miss "$wasmaot" run --timings --cpu=baseline "$hello"
miss "$wasmaot" run --timings --features=-simd "$hello"
hit "$wasmaot" run --timings -O1 "$hello"
miss "$wasmaot" run --timings --no-cache "$hello"
check 'five entries' test "$(entries)" -eq 5
# What is switched off is refused, whatever the cache has.
hit "$wasmaot" run --timings "$hello"
run "$wasmaot" run --features=-threads "$guests/demo.wasm"
status 1
one_line

# Damage is found and mended: cut short, extended, one bit of code, the tail, emptied, a link.
damage() {
  run "$wasmaot" cache clear
  status 0
  run "$wasmaot" run "$hello"
  entry=$(find "$WASMAOT_CACHE_DIR" -name '*.aot')
  "$@"
  miss "$wasmaot" run --timings "$hello"
  out 'Hello from wasm32-wasip1'
  hit "$wasmaot" run --timings "$hello"
  out 'Hello from wasm32-wasip1'
}
cut_short() { truncate -s -100 "$entry"; }
extend() { echo more >>"$entry"; }
flip() { # the lowest bit of the byte at $1
  python3 -c 'import sys
with open(sys.argv[1], "r+b") as file:
    file.seek(int(sys.argv[2]))
    byte = file.read(1)[0]
    file.seek(int(sys.argv[2]))
    file.write(bytes([byte ^ 1]))' "$entry" "$1"
}
flip_code() { flip 5000; }
flip_tail() { flip $(($(stat -c %s "$entry") - 20)); }
empty() { : >"$entry"; }
linked() { mv "$entry" "$work/moved" && ln -s "$work/moved" "$entry"; }
writable() { chmod 666 "$entry"; }
other() { # another module's entry under this one's name
  "$wasmaot" run "$guests/exit.wasm" 0 >/dev/null
  for file in "$WASMAOT_CACHE_DIR"/*.aot; do
    [ "$file" = "$entry" ] || mv "$file" "$entry"
  done
}
for how in cut_short extend flip_code flip_tail empty linked writable other; do
  damage $how
done

# The command that looks at it.
run "$wasmaot" cache info
status 0
out "directory  $WASMAOT_CACHE_DIR"
out 'entries    1'
# Each run that finds its code saves what compiling took, and no other.
saved() {
  run "$wasmaot" cache info --json
  python3 -c 'import json, sys
info = json.load(open(sys.argv[1]))
print(info["runs"], info["saved_ms"])' "$work/out"
}
run "$wasmaot" cache clear
check 'nothing was saved' test "$(saved)" = '0 0'
run "$wasmaot" run -O3 "$guests/hello.wasm"
check 'who compiles saves nothing' test "$(saved)" = '0 0'
run "$wasmaot" run -O3 "$guests/hello.wasm"
first=$(saved)
run "$wasmaot" run -O3 "$guests/hello.wasm"
second=$(saved)
check 'one run' test "${first%% *}" = 1
check 'some time' test "${first#* }" -gt 0
check 'two runs' test "${second%% *}" = 2
check 'twice the time' test "${second#* }" -ge $((2 * ${first#* })) -a "${second#* }" -le $((2 * ${first#* } + 1))
# At once, and over what is no record.
echo nonsense >"$WASMAOT_CACHE_DIR/saved"
for _ in 1 2 3 4 5 6 7 8; do
  "$wasmaot" run -O3 "$guests/hello.wasm" >"$work/many" &
done
wait
check 'eight runs at most' test "$(saved | cut -d' ' -f1)" -le 8 -a "$(saved | cut -d' ' -f1)" -gt 0
run "$wasmaot" cache info
out ' s of processor time in '
run "$wasmaot" cache info --json
status 0
check 'valid JSON' python3 -c 'import json, sys
info = json.load(open(sys.argv[1]))
assert info["entries"] == 1 and info["bytes"] > 4096 and info["limit"] == 1 << 30 and info["used"]' "$work/out"
run "$wasmaot" cache clear
status 0
out '1 entries removed'
check 'nothing is left' test "$(entries)" -eq 0
run "$wasmaot" cache
status 2
one_line
run "$wasmaot" cache frobnicate
status 2
one_line

# Directories: one that others may write to is refused, aloud; one that is not there is done without.
mkdir "$work/open"
chmod 777 "$work/open"
WASMAOT_CACHE_DIR="$work/open" run "$wasmaot" run "$hello"
status 0
err 'others may write to it'
check 'nothing was written there' test -z "$(ls -A "$work/open")"
WASMAOT_CACHE_DIR="$work/open" run "$wasmaot" cache clear
status 1
one_line
WASMAOT_CACHE_DIR="$work/missing/too" run "$wasmaot" run "$hello"
status 0
no_err
run env -u WASMAOT_CACHE_DIR HOME=/nonexistent/home "$wasmaot" run "$hello"
status 0
no_err
check 'no home is made' test ! -e /nonexistent
run env -u WASMAOT_CACHE_DIR -u HOME "$wasmaot" run "$hello"
status 0
no_err
run env -u WASMAOT_CACHE_DIR -u HOME "$wasmaot" cache info
status 0
out 'not used'
WASMAOT_CACHE_DIR="$hello" run "$wasmaot" run "$hello"
status 0
no_err
mkdir "$work/home"
run env -u WASMAOT_CACHE_DIR HOME="$work/home" "$wasmaot" run "$hello"
status 0
check 'the default place' test -d "$work/home/.cache/wasmaot"
run env -u WASMAOT_CACHE_DIR XDG_CACHE_HOME="$work/xdg" "$wasmaot" run "$hello"
status 0
check 'the place of XDG' test -d "$work/xdg/wasmaot"

# Nobody can write: entries are still found. Root can write everywhere but to a read-only mount.
run "$wasmaot" run "$hello"
if unshare -rm true 2>/dev/null; then
  run unshare -rm sh -c 'mount --bind -o ro "$3" "$3" && mount -o remount,bind,ro "$3" &&
    "$1" run --timings "$2" && "$1" run -O0 "$2"' sh "$wasmaot" "$hello" "$WASMAOT_CACHE_DIR"
  status 0
  err 'found in the cache'
  check 'and nothing is added' test "$(entries)" -eq 1
else
  skip 'no user namespaces: read-only mounts'
fi
if [ "$(id -u)" -eq 0 ] && command -v setpriv >/dev/null &&
  setpriv --reuid 65534 --clear-groups "$wasmaot" --version >/dev/null 2>&1; then
  chmod 755 "$work" "$WASMAOT_CACHE_DIR"
  run setpriv --reuid 65534 --clear-groups "$wasmaot" run "$hello"
  status 0
  err 'belongs to another user'
else
  skip 'cannot become another user'
fi

# Its bound: what was used longest ago goes, and what was just found stays.
run "$wasmaot" cache clear
run "$wasmaot" run -O2 "$hello"
touch -d '3 hours ago' "$WASMAOT_CACHE_DIR"/*.aot
for level in 1 3; do
  run "$wasmaot" run -O$level "$hello"
done
total=$(cat "$WASMAOT_CACHE_DIR"/*.aot | wc -c)
find "$WASMAOT_CACHE_DIR" -name '*.aot' -newermt '1 hour ago' -exec touch -d '2 hours ago' '{}' +
hit "$wasmaot" run --timings -O3 "$hello"
WASMAOT_CACHE_SIZE=$total run "$wasmaot" run "$guests/exit.wasm" 0
status 0
check 'it is bounded' test "$(cat "$WASMAOT_CACHE_DIR"/*.aot | wc -c)" -le "$total"
hit "$wasmaot" run --timings -O3 "$hello"
miss "$wasmaot" run --timings -O2 "$hello"
touch -d '2 hours ago' "$WASMAOT_CACHE_DIR/new-1-1"
WASMAOT_CACHE_SIZE=100 run "$wasmaot" run --no-cache "$hello"
WASMAOT_CACHE_SIZE=0 run "$wasmaot" run -O1 --features=-simd "$hello"
status 0
no_err
run "$wasmaot" run -O0 --features=-simd "$hello"
check 'what was left behind is removed' test ! -e "$WASMAOT_CACHE_DIR/new-1-1"
WASMAOT_CACHE_SIZE=many run "$wasmaot" run "$hello"
status 0
one_line

# Several at once, with a new module: each does its work, and one of them compiled.
for round in 1 2 3; do
  run "$wasmaot" cache clear
  for i in 1 2 3 4 5 6; do
    "$wasmaot" run --timings "$guests/echo.wasm" "$i" >"$work/out.$i" 2>"$work/err.$i" &
  done
  wait
  for i in 1 2 3 4 5 6; do
    check "process $i worked" grep -q "arg 1: $i" "$work/out.$i"
  done
  compiled=$(cat "$work"/err.? | grep -c 'generate code')
  check "one of six compiled, not $compiled" test "$compiled" -eq 1
  check 'one entry for all' test "$(entries)" -eq 1
done
# One that clears all the while harms nobody.
(for i in 1 2 3 4 5 6 7 8 9; do "$wasmaot" cache clear; done) >/dev/null &
for i in 1 2 3 4; do
  run "$wasmaot" run -O0 "$hello"
  status 0
  no_err
done
wait
# Killed while it compiles: the next one is not kept waiting.
"$wasmaot" run "$guests/demo.wasm" >/dev/null 2>&1 &
sleep 0.2
kill -9 $! 2>/dev/null
wait
WASMAOT_E2E_TIMEOUT=50 run "$wasmaot" run "$guests/demo.wasm"
status 0
finish

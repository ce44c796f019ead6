#!/bin/sh
# Pieces of modules in the cache of `run`: an edit compiles its piece, the code is what it is without
# them, and whatever happens to them costs a compilation at most.
. "$(dirname "$0")/lib.sh"
unset XDG_CACHE_HOME WASMAOT_CACHE_SIZE

edit() {
  python3 "$(dirname "$0")/edit_function.py" "$@"
}
pieces() {
  find "$WASMAOT_CACHE_DIR" -name '*.obj' 2>/dev/null | wc -l
}
# compile OPTION... MODULE: by a run that ends at once, whatever the program says to its arguments.
compile() {
  rm -f "$WASMAOT_CACHE_DIR"/*.aot
  run "$wasmaot" run --timings "$@" nothing
  err 'generate code'
}
# Partitions that the last run did not compile, and those that it has.
found() {
  sed -n 's/^not compiled *\([0-9]*\) .*/\1/p' "$work/err" | grep . || echo 0
}
all() {
  sed -n 's/.*elapsed, \([0-9]*\) partitions.*/\1/p' "$work/err"
}
# artifact FILE: of the last compilation; the entry's end says how long that took.
artifact() {
  head -c -64 "$(echo "$WASMAOT_CACHE_DIR"/*.aot)" >"$1"
  check 'an artifact' test -s "$1"
}
# same OPTION... MODULE: the artifact that the last compilation has left is that of one without
# pieces.
same() {
  artifact "$work/with"
  cp -r "$WASMAOT_CACHE_DIR" "$work/kept"
  compile --no-pieces "$@"
  check 'without pieces all is compiled' test "$(found)" -eq 0
  artifact "$work/without"
  check 'the same bytes' cmp "$work/with" "$work/without"
  rm -rf "$WASMAOT_CACHE_DIR"
  mv "$work/kept" "$WASMAOT_CACHE_DIR"
}

module="$guests/preview1.wasm"
edit "$module" "$work/edited.wasm" 0.5
for level in 0 3; do
  run "$wasmaot" cache clear
  compile -O$level "$module"
  check 'nothing was there' test "$(found)" -eq 0
  check 'all was kept' test "$(pieces)" -eq "$(all)"
  check 'for the owner only' test -z "$(find "$WASMAOT_CACHE_DIR" -name '*.obj' ! -perm 600)"
  check 'more than one' test "$(pieces)" -gt 3
  compile -O$level "$module"
  check 'all was there' test "$(found)" -eq "$(all)"
  same -O$level "$module"
  compile -O$level "$work/edited.wasm"
  check 'an edit is compiled' test "$(found)" -lt "$(all)"
  check 'and no more' test "$(found)" -ge $(($(all) - 3))
  same -O$level "$work/edited.wasm"
done
# Levels have nothing in common, nor have CPUs and ways of checking.
compile -O2 "$module"
check 'another level' test "$(found)" -eq 0
compile -O2 --cpu=baseline "$module"
check 'another CPU' test "$(found)" -eq 0
compile -O2 --memory-checks=explicit "$module"
check 'other checks' test "$(found)" -lt "$(all)"

# What the command says of them.
run "$wasmaot" cache info
out "pieces     $(pieces)"
run "$wasmaot" cache info --json
check 'valid JSON' python3 -c 'import json, sys
info = json.load(open(sys.argv[1]))
assert info["pieces"] == int(sys.argv[2]) and info["entries"] == 1' "$work/out" "$(pieces)"
run "$wasmaot" cache clear
status 0
out 'pieces'
check 'nothing is left' test "$(pieces)" -eq 0

# Where there are none.
compile -O0 --no-pieces "$module"
check 'switched off' test "$(pieces)" -eq 0
compile -O0 -g "$module"
check 'with -g' test "$(pieces)" -eq 0
run "$wasmaot" run -O0 --no-cache "$module" nothing
check 'without a cache' test "$(pieces)" -eq 0
run "$wasmaot" run -O0 "$guests/hello.wasm"
check 'of a small module' test "$(pieces)" -eq 0

# Damage: what is not what was written is compiled, and kept again.
damage() {
  compile -O0 "$module"
  find "$WASMAOT_CACHE_DIR" -name '*.obj' >"$work/list"
  while read -r piece; do
    "$@" "$piece"
  done <"$work/list"
  compile -O0 "$module"
  check "$1: none is used" test "$(found)" -eq 0
  same -O0 "$module"
  compile -O0 "$module"
  check "$1: all are mended" test "$(found)" -eq "$(all)"
}
cut_short() { truncate -s -100 "$1"; }
extend() { echo more >>"$1"; }
empty() { : >"$1"; }
linked() { mv "$1" "$work/moved.${1##*/}" && ln -s "$work/moved.${1##*/}" "$1"; }
writable() { chmod 666 "$1"; }
other() { # the piece that comes before under this one's name
  [ -z "$before" ] || cp "$before" "$1"
  before=$1
}
flip() {
  python3 -c 'import random, sys
with open(sys.argv[1], "r+b") as file:
    data = file.read()
    at = random.randrange(len(data) - 8)
    file.seek(at)
    file.write(bytes([data[at] ^ 1]))' "$1"
}
for how in cut_short extend empty linked writable flip; do
  damage $how
done
before=''
compile -O0 "$module"
find "$WASMAOT_CACHE_DIR" -name '*.obj' >"$work/list"
while read -r piece; do
  other "$piece"
done <"$work/list"
compile -O0 "$module"
check 'other pieces are not used' test "$(found)" -le 1
same -O0 "$module"

# The bound is that of the whole cache.
run "$wasmaot" cache clear
size=$(compile -O0 "$module" && cat "$WASMAOT_CACHE_DIR"/*.aot | wc -c)
for word in 1 2 3; do
  edit "$module" "$work/edited.wasm" 0.$word $word
  WASMAOT_CACHE_SIZE=$((size * 2)) run "$wasmaot" run -O0 "$work/edited.wasm" nothing
  check 'it is bounded' test "$(find "$WASMAOT_CACHE_DIR" -type f -exec cat '{}' + | wc -c)" -le $((size * 2))
done
WASMAOT_CACHE_SIZE=1000 run "$wasmaot" run -O0 "$module" nothing
check 'nothing fits' test "$(find "$WASMAOT_CACHE_DIR" -type f -exec cat '{}' + | wc -c)" -le 1000

# Several at once, and one that clears all the while; then killed at any moment.
for word in 1 2 3 4; do
  edit "$module" "$work/edited.$word.wasm" 0.$word $word
  "$wasmaot" run -O0 "$work/edited.$word.wasm" nothing >/dev/null 2>&1 &
done
for word in 1 2 3 4; do "$wasmaot" cache clear >/dev/null; done
wait
for word in 1 2 3 4; do
  compile -O0 "$work/edited.$word.wasm"
  same -O0 "$work/edited.$word.wasm"
done
for round in $(seq $((${WASMAOT_E2E_RUNS:-6} > 6 ? 6 : ${WASMAOT_E2E_RUNS:-6}))); do
  edit "$module" "$work/edited.wasm" 0.$((round % 10)) "$round"
  "$wasmaot" run -O0 "$work/edited.wasm" nothing >/dev/null 2>&1 &
  sleep "0.0$((round % 10))"
  kill -9 $! 2>/dev/null
  wait $! 2>/dev/null
done
compile -O0 "$work/edited.wasm"
same -O0 "$work/edited.wasm"
finish

#!/bin/sh
# bindings/rust: its tests, and its example, with the Rust that is there. Nothing is downloaded.
#   rust-crate.sh BUILD INCLUDE MODULES
. "$(dirname "$0")/lib.sh"
need cargo python3
# A copy: cargo writes beside the sources.
cp -R "$here/../../bindings/rust" "$work/crate"
cd "$work/crate"
export WASMAOT_LIB_DIR="$build" LD_LIBRARY_PATH="$build" CARGO_TARGET_DIR="$work/target" CARGO_INCREMENTAL=0
export CARGO_PROFILE_DEV_DEBUG=0 WASMAOT_TEST_MODULES="$modules" WASMAOT_TEST_GUESTS="$build/tests/guests"
echo 'fn main() {}' >"$work/empty.rs"
rustc "$work/empty.rs" -o "$work/empty" 2>/dev/null || skip 'no Rust for this machine'
# What it says of the C API is what the headers say.
python3 "$here/rust_ffi.py" "$work/crate" "$include/wasmaot.h" >"$work/ffi.c"
"${CC:-cc}" -fsyntax-only -Wall -Werror -I"$include" "$work/ffi.c" >"$work/out" 2>&1 || failed 'its declarations'
export RUSTFLAGS='-D warnings' RUSTDOCFLAGS='-D warnings'
timeout 500 cargo test --quiet --offline >"$work/out" 2>&1 || failed "its tests: status $?"
grep 'test result' "$work/out"

example() { # STATUS TEXT ARGUMENT...
  expected=$1
  text=$2
  shift 2
  status=0
  timeout 60 "$work/target/debug/examples/run" "$@" <"$work/input" >"$work/out" 2>&1 || status=$?
  [ "$status" -eq "$expected" ] && grep -q "$text" "$work/out" || failed "run $*: status $status"
}
echo 'in a file' >file
: >"$work/input"
example 0 'in a file' "$build/tests/guests/cat.wasm" file
example 134 'level_three' "$build/tests/guests/trap.wasm" divide
example 0 '' "$build/tests/guests/crew.wasm"
example 1 'error: ' "$work/input"
# Enter, in a program without an end.
printf '\0asm\1\0\0\0\1\4\1\140\0\0\3\2\1\0\5\3\1\0\1\7\23\2\6memory\2\0\6_start\0\0\n\11\1\7\0\3\100\14\0\13\13' >endless.wasm
echo >"$work/input"
example 134 'trap: interrupted' endless.wasm

#!/bin/sh
# A host in Rust: the compiler alone, the C API declared by hand.
#   rust.sh BUILD INCLUDE MODULES
set -eu
build=$1
module=$3/host.wasm
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d "${TMPDIR:-/tmp}/wasmaot-rust.XXXXXX")
trap 'rm -rf "$work"' EXIT
echo 'fn main() {}' >"$work/empty.rs"
rustc "$work/empty.rs" -o "$work/empty" 2>/dev/null || {
  echo 'SKIPPED: no Rust for this machine'
  exit 77
}
rustc --edition 2021 -D warnings -O "$here/host.rs" -o "$work/host" -L "$build" -l wasmaot -C "link-arg=-Wl,-rpath,$build"
timeout 120 "$work/host" "$module" >"$work/out" 2>&1 || {
  echo "FAILED: status $?"
  head -30 "$work/out"
  exit 1
}
grep -qx 'all went well' "$work/out"
# An overflow of Rust's own stack is still found by Rust, with the library's signal stack in use.
for where in main thread; do
  status=0
  (ulimit -c 0 && timeout 60 "$work/host" "$module" "$where" >"$work/out" 2>&1) || status=$?
  [ "$status" -eq 134 ] && grep -q 'overflowed its stack' "$work/out" || {
    echo "FAILED: overflow in $where: status $status"
    head -30 "$work/out"
    exit 1
  }
done
echo 'all went well'

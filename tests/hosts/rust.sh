#!/bin/sh
# A host in Rust: the compiler alone, the C API declared by hand.
#   rust.sh BUILD INCLUDE MODULES
. "$(dirname "$0")/lib.sh"
echo 'fn main() {}' >"$work/empty.rs"
rustc "$work/empty.rs" -o "$work/empty" 2>/dev/null || skip 'no Rust for this machine'
rustc --edition 2021 -D warnings -O "$here/host.rs" -o "$work/host" -L "$build" -l wasmaot -C "link-arg=-Wl,-rpath,$build"
well 'the host' "$work/host" "$module"
# An overflow of Rust's own stack is still found by Rust, with the library's signal stack in use.
for where in main thread; do
  status=0
  (ulimit -c 0 && timeout 60 "$work/host" "$module" "$where" >"$work/out" 2>&1) || status=$?
  [ "$status" -eq 134 ] && grep -q 'overflowed its stack' "$work/out" ||
    failed "overflow in $where: status $status"
done
echo 'all went well'

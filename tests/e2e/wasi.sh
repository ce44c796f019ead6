#!/bin/sh
# The guest that checks WASI from the inside: as object and module, through openat2 and without it.
. "$(dirname "$0")/lib.sh"

run "$wasmaot" compile "$guests/wasi.wasm" -o "$work/wasi.o"
status 0
: >"$work/nothing"

inside() {
  rm -rf "$work/box"
  mkdir "$work/box"
  # Standard input is a pipe, which cannot seek.
  run sh -c ': | "$@"' sh "$@"
  status 0
  no_err
  out 'checks passed'
  check 'the guest tidied up' test -z "$(ls -A "$work/box")"
}

inside "$wasmaot" run --dir "$work/box::." "$work/wasi.o"
inside env WASMAOT_NO_OPENAT2=1 "$wasmaot" run --dir "$work/box::." "$work/wasi.o"
inside "$wasmaot" run -O0 --dir "$work/box::." "$guests/wasi.wasm"

inside "$wasmaot" run --dir "$work/box::." "$guests/unstable.wasm"

run "$3" connected "$wasmaot" run "$guests/sock.wasm"
status 0
out 'pong'
run "$3" listening "$wasmaot" run "$guests/sock.wasm" accept
status 0
out 'pong'

# Standard streams that are closed are no descriptors of somebody else.
run sh -c '"$1" run "$2" <&- 2>&-' sh "$wasmaot" "$guests/hello.wasm"
status 0
out 'Hello from wasm32-wasip1'
finish

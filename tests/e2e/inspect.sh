#!/bin/sh
# inspect and validate: what they say of modules and objects, readable and as JSON.
. "$(dirname "$0")/lib.sh"

run "$wasmaot" compile "$guests/demo.wasm" -o "$work/demo.o"
status 0
for file in "$guests/demo.wasm" "$work/demo.o"; do
  run "$wasmaot" inspect "$file"
  status 0
  no_err
  out 'memory env.memory: '
  out 'shared'
  out 'wasi.thread-spawn: (i32) -> (i32)'
  out 'wasi_thread_start: (i32, i32) -> ()'
  out 'threads'
done
out 'ABI '
out "$(sha256sum "$guests/demo.wasm" | cut -d' ' -f1)"

# A name with a quote, a line break and a terminal code, exported twice over: (module (func
# (export "a\"b\n\1b[31m"))).
printf '\0asm\1\0\0\0\1\4\1\140\0\0\3\2\1\0\7\015\1\011a"b\n\033[31m\0\0\012\4\1\2\0\013' >"$work/names.wasm"
run "$wasmaot" validate "$work/names.wasm"
status 0
no_err
run "$wasmaot" inspect "$work/names.wasm"
status 0
out 'a"b\x0a\x1b[31m'
run "$wasmaot" compile "$work/names.wasm"
status 0

if command -v node >/dev/null; then
  parse() { node -e 'JSON.parse(require("fs").readFileSync(process.argv[1], "utf8"))' "$1"; }
elif command -v python3 >/dev/null; then
  parse() { python3 -m json.tool "$1" >/dev/null; }
else
  parse() { skip 'no node or python3 to parse JSON'; }
fi
for file in "$guests"/*.wasm "$work/demo.o" "$work/names.wasm" "$work/names.o"; do
  run "$wasmaot" inspect --json "$file"
  status 0
  no_err
  check "JSON of $file parses" parse "$work/out"
done
out '"kind": "artifact"'
out '"name": "a\"b\u000a\u001b[31m"'

run "$wasmaot" validate "$guests"/*.wasm
status 0
no_err
check 'validate prints nothing' test ! -s "$work/out"
finish

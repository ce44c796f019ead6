#!/bin/sh
# Native code runs only when FILE is named *.o or `run --native` asks for it; and never through
# wasmaot-run.
. "$(dirname "$0")/lib.sh"

run "$wasmaot" compile "$guests/exit.wasm" -o "$work/exit.o"
status 0
ln -s "$wasmaot" "$work/wasmaot-run"

# refused TEXT COMMAND...: in one line, and not one byte of the guest's output.
refused() {
  text=$1
  shift
  run "$@"
  status 1
  one_line
  err 'is native code'
  err "$text"
  check 'nothing ran' test ! -s "$work/out"
}

# runs COMMAND...: the guest does.
runs() {
  run "$@"
  status 7
  no_err
  out 'exiting'
}

runs "$wasmaot" run "$work/exit.o" 7
runs "$wasmaot" run --native "$work/exit.o" 7

# Other names, a module's among them: what the bytes are does not count.
for given in exit.wasm exit.wat exit.o.wasm exit.O exit.so exito exit .o/exit; do
  mkdir -p "$work/named/$(dirname "$given")"
  cp "$work/exit.o" "$work/named/$given"
  refused "$work/named/$given: " "$wasmaot" run "$work/named/$given" 7
  err "'wasmaot run --native'"
  runs "$wasmaot" run --native "$work/named/$given" 7
done
refused "./exit.wasm: " sh -c 'cd "$1" && "$2" run ./exit.wasm' sh "$work/named" "$wasmaot"
refused '/bin/sh' "$wasmaot" run /bin/sh

# The name given counts, not what it links to.
ln -s exit.o "$work/link.wasm"
ln -s named/exit.wasm "$work/link.o"
refused 'link.wasm' "$wasmaot" run "$work/link.wasm" 7
runs "$wasmaot" run "$work/link.o" 7

# Standard input by a name, and a descriptor.
input="$work/exit.o" refused /dev/stdin "$wasmaot" run /dev/stdin 7
refused /dev/fd/3 sh -c '"$1" run /dev/fd/3 7 3<"$2"' sh "$wasmaot" "$work/exit.o"

# A module stays a module, whatever its name and the option.
cp "$guests/exit.wasm" "$work/module.o"
runs "$wasmaot" run "$work/module.o" 7
runs "$wasmaot" run --native "$guests/exit.wasm" 7

# What the kernel starts: modules only, whatever the name and the options.
runs "$work/wasmaot-run" "$guests/exit.wasm" 7
runs "$work/wasmaot-run" "$work/module.o" 7
for options in '' --native "--native '$work/exit.o'" "'$work/exit.o'"; do
  for file in exit.o named/exit.wasm link.wasm link.o named/exit; do
    refused 'wasmaot-run runs modules only' env WASMAOT_OPTIONS="$options" "$work/wasmaot-run" \
      "$work/$file" 7
  done
done
refused "use 'wasmaot run'" "$work/wasmaot-run" "$work/exit.o" 7

# What only looks may read it under any name.
run "$wasmaot" inspect "$work/named/exit.wasm"
status 0
no_err
run "$wasmaot" compile "$work/named/exit.wasm" -o "$work/again.o"
status 1
one_line
err 'is an object already'
finish

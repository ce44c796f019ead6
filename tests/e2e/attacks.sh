#!/bin/sh
# A hostile guest in a box, through openat2 and without it: docs/security.md lists what it tries.
# Also what becomes of the command's own messages and of its streams.
. "$(dirname "$0")/lib.sh"

run "$wasmaot" compile "$guests/attacks.wasm" -o "$work/attacks.o"
status 0

make_tree() {
  rm -rf "$work/outside"
  mkdir -p "$work/outside/box/dir/deep" "$work/outside/other"
  echo 'outside' >"$work/outside/secret"
  echo 'inside' >"$work/outside/box/file"
  echo 'inside' >"$work/outside/box/dir/file"
  cd "$work/outside/box" || exit 1
  ln -s .. up
  ln -s /etc absolute
  ln -s ../.. dir/up_two
  ln -s chain1 chain
  ln -s dir/../chain2 chain1
  ln -s .. chain2
  ln -s ../secret to_secret
  ln -s chain2/secret to_secret_by_chain
  ln -s dir to_dir
  ln -s loop loop
  ln -s loop_b loop_a
  ln -s loop_a loop_b
  mkfifo fifo
  cd "$work" || exit 1
}

attack() {
  make_tree
  run "$@" --dir "$work/outside/box::/box" --dir "$work/outside/other::/other" \
    --dir /proc/self::/proc --dir /dev::/dev "$work/attacks.o"
  status 0
  no_err
  check 'nothing got through' grep -Eq '^passed ([0-9]+) of \1$' "$work/out"
  check 'the secret is what it was' test "$(cat "$work/outside/secret")" = outside
  check 'nothing was made outside' test "$(ls "$work/outside" | tr '\n' ' ')" = 'box other secret '
}

attack "$wasmaot" run
attack env WASMAOT_NO_OPENAT2=1 "$wasmaot" run
attack sh -c 'ulimit -n 64 && exec "$@"' sh "$wasmaot" run

# A closed stream's number is nobody's: what the guest writes to its file stays alone there, although
# the command has something to say.
mkdir "$work/streams"
run "$wasmaot" compile "$guests/signal.wasm" -o "$work/signal.o"
for closed in '0<&-' '1>&-' '2>&-' '0<&- 1>&- 2>&-'; do
  rm -rf "$work/streams"
  mkdir "$work/streams"
  run sh -c "exec \"\$@\" $closed" sh "$wasmaot" run --dir "$work/streams::." "$guests/leave.wasm"
  status 134
  check "only the guest's bytes are in its file ($closed)" test "$(cat "$work/streams/left")" = mine
done

run "$wasmaot" compile "$guests/pour.wasm" -o "$work/pour.o"
status 0

# Lost output of the command's own is a failure that is told; of the guest's, an errno.
run sh -c '"$1" inspect "$2" >/dev/full' sh "$wasmaot" "$guests/hello.wasm"
status 1
one_line
err 'cannot write'
run sh -c '"$1" inspect "$2" >&-' sh "$wasmaot" "$guests/hello.wasm"
status 1
one_line
run sh -c '{ "$1" inspect --json "$2"; echo "$?" >"$3"; } | :' sh "$wasmaot" "$guests/preview1.wasm" "$work/code"
check 'inspect into a closed pipe ends by itself' test "$(cat "$work/code")" -le 1
run sh -c '"$1" compile "$2" -o - >/dev/full' sh "$wasmaot" "$guests/hello.wasm"
status 1
one_line
run sh -c '{ sleep 0.2; "$1" run "$2" 3000; echo "$?" >"$3"; } | :' sh "$wasmaot" "$work/pour.o" "$work/code"
check 'the guest got EPIPE' test "$(cat "$work/code")" -eq 64
run sh -c '"$1" run "$2" 3000 >/dev/full' sh "$wasmaot" "$work/pour.o"
status 51
run sh -c '"$1" run "$2" 3000 >&-' sh "$wasmaot" "$work/pour.o"
status 8
run sh -c 'ulimit -f 64; "$1" run "$2" 3000 >"$3"' sh "$wasmaot" "$work/pour.o" "$work/limited"
status 22

# An output file past the limit of a file's size: none is left, nor a part of one.
mkdir "$work/small"
run sh -c 'ulimit -f 1; exec "$1" compile "$2" -o "$3"' sh "$wasmaot" "$guests/preview1.wasm" "$work/small/x.o"
status 1
one_line
check 'nothing half written' test -z "$(ls -A "$work/small")"
finish

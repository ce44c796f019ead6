#!/bin/sh
# Each of the 46 functions from the inside, every test of tests/guests/preview1, through openat2 and
# without it; sockets that are handed in; how programs end; and that docs/wasi.md counts the tests.
. "$(dirname "$0")/lib.sh"

run "$wasmaot" compile "$guests/preview1.wasm" -o "$work/preview1.o"
status 0
mkdir "$work/box"

inside() {
  run "$@"
  status 0
  no_err
  check 'every test passed' grep -Eq '^passed ([0-9]+) of \1$' "$work/out"
  check 'the guest tidied up' test -z "$(ls -A "$work/box")"
}

with_fds=$4
docs=$5
HOST_SECRET=1
export HOST_SECRET
world='--env FIRST=1 --env SECOND='
box="--dir=$work/box::/"
inside "$wasmaot" run $world "$box" "$work/preview1.o"
inside env WASMAOT_NO_OPENAT2=1 "$wasmaot" run $world "$box" "$work/preview1.o"
# Behind the kernel's wall, where it has one.
run "$wasmaot" run --sandbox "$guests/hello.wasm"
sandbox=--sandbox
# A sanitizer looks for leaks at the end by means that the wall does not leave it.
[ -z "${WASMAOT_E2E_SANITIZER:-}" ] || sandbox=''
grep -q 'this kernel has no Landlock\|takes no seccomp filter' "$work/err" && sandbox='' && skip "--sandbox: $(cat "$work/err")"
inside "$wasmaot" run $sandbox $world "$box" "$work/preview1.o"

# Sockets and pipes.
handed=''
for fd in 30 31 32 33 34 35 36 37 38; do
  handed="$handed --fd $fd"
done
inside "$with_fds" "$wasmaot" run $world "$box" $handed "$work/preview1.o" sockets
inside "$with_fds" "$wasmaot" run $sandbox $world "$box" $handed "$work/preview1.o" sockets

# A socket that the command itself listens at, behind the directories.
for address in 127.0.0.1 ::1; do
  port=$("$with_fds" echo @PORT)
  case $address in
  *:*) spelled="[$address]:$port" ;;
  *) spelled="$address:$port" ;;
  esac
  timeout 30 "$wasmaot" run --dir "$work/box::/" --tcplisten "$spelled" "$guests/serve.wasm" 4 \
    >"$work/served" 2>&1 &
  server=$!
  if [ "$address" = ::1 ] && ! grep -qs '^0\{31\}1 ' /proc/net/if_inet6; then
    wait "$server"
    skip 'this machine has no ::1'
    continue
  fi
  run "$(dirname "$with_fds")/talk" "$address" "$port" 'over the wire'
  rc=0
  wait "$server" || rc=$?
  check "the server at $address ended well" test "$rc" -eq 0
  status 0
  out 'over the wire'
done

run "$wasmaot" run --tcplisten localhost:1 "$guests/hello.wasm"
status 2
one_line
err 'not an address and port'
for bad in 127.0.0.1 127.0.0.1: 127.0.0.1:65536 127.0.0.1:-1 127.0.0.1:1x '[::1' '[::1]' '[::1]1' ::1:1 :1 ''; do
  run "$wasmaot" run "--tcplisten=$bad" "$guests/hello.wasm"
  status 2
  one_line
done
run "$with_fds" "$wasmaot" run --fd 34 --tcplisten 203.0.113.1:1 "$guests/hello.wasm"
status 1
one_line
err 'cannot listen'
run "$wasmaot" run --fd 77 "$guests/hello.wasm"
status 2
one_line
err 'was not inherited'
for bad in 0 2 -1 x 3x 99999999999 ''; do
  run "$wasmaot" run "--fd=$bad" "$guests/hello.wasm"
  status 2
  one_line
done
run "$with_fds" "$wasmaot" run --fd 30 --fd 30 "$guests/hello.wasm"
status 2
one_line
err 'given twice'
run sh -c 'exec "$1" run --fd 9 "$2" 9<"$3"' sh "$wasmaot" "$guests/hello.wasm" "$work"
status 2
one_line
err 'is a directory'

# Signals that end the program do so, and none reaches the host.
run "$wasmaot" compile "$guests/signal.wasm" -o "$work/signal.o"
status 0
for pair in 1:129 2:130 3:131 4:132 6:134 8:136 9:137 11:139 14:142 15:143 30:159 0:0 13:0 16:0 18:58 31:28; do
  run "$wasmaot" run "$work/signal.o" "${pair%:*}"
  status "${pair#*:}"
  no_err
done
for code in 0 1 42 255; do
  run "$wasmaot" run "$guests/exit.wasm" "$code"
  status "$code"
done

# The documentation's table.
run "$wasmaot" run --dir "$work/box::/" "$work/preview1.o" list
status 0
cp "$work/out" "$work/list"
functions=0
for function in $(sed 's/:.*//' "$work/list" | sort -u) proc_exit; do
  functions=$((functions + 1))
  count=$(grep -c "^$function: " "$work/list")
  check "docs/wasi.md: $function has $count tests" grep -q "^| \`$function\` | $count |" "$docs/wasi.md"
done
check '46 functions are tested' test "$functions" -eq 46
finish

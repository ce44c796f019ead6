#!/bin/sh
# Compiling: the same bytes whatever -j, every kind of output, options that do what they say.
. "$(dirname "$0")/lib.sh"

for guest in hello demo trap wasi; do
  for jobs in 1 2 7; do
    run "$wasmaot" compile -j$jobs "$guests/$guest.wasm" -o "$work/$guest.$jobs.o"
    status 0
    no_err
  done
  check "-j1 and -j2 agree on $guest" cmp "$work/$guest.1.o" "$work/$guest.2.o"
  check "-j1 and -j7 agree on $guest" cmp "$work/$guest.1.o" "$work/$guest.7.o"
done

# Nor do the environment, the place in memory, the directory and the path that names the input tell.
mkdir -p "$work/elsewhere/deep"
cp "$guests/debug.wasm" "$work/elsewhere/deep/other.wasm"
cat >"$work/differently" <<'END'
cd "$1/deep" && shift && exec "$@"
END
run "$wasmaot" compile -g "$guests/debug.wasm" -o "$work/usual.o"
status 0
aslr=''
! setarch -R true 2>/dev/null || aslr='setarch -R'
for locale in C C.UTF-8 tr_TR.UTF-8 de_DE.UTF-8; do
  # shellcheck disable=SC2086
  run sh "$work/differently" "$work/elsewhere" env -i LC_ALL=$locale TZ=Asia/Tokyo HOME=/nonexistent \
    MALLOC_PERTURB_=85 $aslr "$wasmaot" compile -g other.wasm -o other.o
  status 0
  check "the same bytes elsewhere, with LC_ALL=$locale" cmp "$work/usual.o" "$work/elsewhere/deep/other.o"
done

for level in 0 1 2 3; do
  run "$wasmaot" compile -O$level "$guests/hello.wasm" -o "$work/level.o"
  status 0
  run "$wasmaot" run "$work/level.o"
  status 0
  out 'Hello from wasm32-wasip1'
done

run "$wasmaot" compile --emit=ir "$guests/hello.wasm" -o -
status 0
out 'define '
run "$wasmaot" compile --emit asm "$guests/hello.wasm" -o "$work/hello.s"
status 0
check 'assembly' grep -q 'ret' "$work/hello.s"
run "$wasmaot" compile --emit=bc "$guests/exit.wasm" -o "$work/exit.bc"
status 0
check 'bitcode' test "$(head -c 2 "$work/exit.bc")" = BC

# An object is what binutils read.
if command -v readelf >/dev/null; then
  run readelf -hW "$work/hello.1.o"
  status 0
  out 'REL (Relocatable file)'
else
  skip 'no readelf'
fi

cp "$guests/hello.wasm" "$work/named.wasm"
run "$wasmaot" compile --timings --progress=always "$work/named.wasm"
status 0
err 'elapsed'
err '100%'
check 'the default name' test -s "$work/named.o"
(umask 027 && "$wasmaot" compile "$work/named.wasm" -o "$work/mode.o")
check 'permissions follow the umask' test "$(stat -c %a "$work/mode.o")" = 640

run "$wasmaot" compile --target x86_64-linux-gnu --cpu baseline "$work/named.wasm" -o "$work/t.o"
status 0
check 'the defaults by name are the defaults' cmp "$work/named.o" "$work/t.o"
run "$wasmaot" compile --cpu native "$work/named.wasm" -o "$work/native.o"
status 0
run "$wasmaot" run "$work/native.o"
status 0
finish

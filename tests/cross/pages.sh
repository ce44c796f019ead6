#!/bin/sh
# The runtime on AArch64 kernels with pages of 16 or 64 KiB, in qemu's whole machine: qemu's user mode, which
# run.sh has, only makes programs believe in such pages, and checks no mapping by them.
#   pages.sh SOURCE HOST-BUILD KERNEL BUSYBOX [SCRIPTS...]
# KERNEL is an Image or vmlinuz, which needs an initial RAM file system, proc and tmpfs built in, and PL011 as its console:
# that of Debian 13's linux-image-6.12-arm64-16k; pages.config says how to make one of 64 KiB. BUSYBOX is a static
# one for AArch64: /usr/bin/busybox in Debian's busybox-static:arm64. SCRIPTS are the conformance scripts to run, all
# unless given. Takes ten minutes, so no test of
# ctest does it. Exit status 77: skipped, because something is missing that it says.
set -eu
source=$(realpath "$1")
host=$(realpath "$2")
kernel=$3
busybox=$4
shift 4
[ $# -gt 0 ] || set -- core bulk-memory threads simd multi-memory relaxed-simd memory64 exceptions

for command in aarch64-linux-gnu-gcc qemu-system-aarch64 cpio gzip; do
  command -v $command >/dev/null || {
    echo "SKIPPED: no $command"
    exit 77
  }
done
build=$host/cross-aarch64
root=$host/pages-root
guests=$host/tests/guests
compile="$host/cli/wasmaot compile --target=aarch64-linux-gnu"
# Unit tests of what maps and protects memory, and of what runs on it, that need no compiler.
units='reloc waitlist wasi_guest_memory wasi_fd_table'
rm -rf "$root"
mkdir -p "$root/lib" "$root/bin" "$root/objects" "$root/own-objects" "$root/data"

# ---- What runs there ----

cmake -S "$source" -B "$build" --toolchain "$source/cmake/toolchain-aarch64-linux-gnu.cmake" \
  -DWASMAOT_COMPILER=OFF -DCMAKE_BUILD_TYPE=Release >/dev/null
cmake --build "$build" -j 2 --target wasmaot_command wasmaot-spec start_files \
  $(for name in $units; do echo "test_$name"; done) >"$build/build.log" 2>&1 || {
  tail -n 30 "$build/build.log"
  exit 1
}
cp "$busybox" "$root/bin/busybox"
ln -s busybox "$root/bin/sh"
cp "$build/cli/wasmaot" "$build/tests/spec/wasmaot-spec" "$root/bin/"
for name in $units; do
  cp "$build/tests/unit/test_$name" "$root/bin/"
done
for library in ld-linux-aarch64.so.1 libc.so.6 libm.so.6 libdl.so.2 libpthread.so.0; do
  cp "/usr/aarch64-linux-gnu/lib/$library" "$root/lib/"
done
aarch64-linux-gnu-gcc -O1 "$source/tests/e2e/restrict.c" -o "$root/bin/restrict"

# Objects with and without guard regions, programs, a shared library with its user.
for guest in demo exit trap; do
  $compile "$guests/$guest.wasm" -o "$root/data/$guest.o"
  WASMAOT_START_DIR=$build/start $compile --emit=exe "$guests/$guest.wasm" -o "$root/data/$guest"
done
$compile --memory-checks=explicit "$guests/demo.wasm" -o "$root/data/explicit.o"
wat2wasm "$source/tests/e2e/shared.wat" -o "$host/pages-shared.wasm"
WASMAOT_START_DIR=$build/start $compile --emit=shared --emit-header="$host/libshared.h" "$host/pages-shared.wasm" \
  -o "$root/lib/libshared.so"
aarch64-linux-gnu-gcc -I"$host" "$source/tests/e2e/shared.c" -o "$root/bin/shared" "$root/lib/libshared.so"

spec() { # OBJECTS OPTION-OR-SCRIPT...: compiles scripts
  into=$1
  shift
  "$host/tests/spec/wasmaot-spec" -O1 -j2 --compile-only "$root/$into" --target aarch64 "$@" >"$build/compile.log" 2>&1 || {
    tail -n 5 "$build/compile.log"
    exit 1
  }
}
spec objects "$@"
WASMAOT_SPEC_DIR=$source/tests/scripts spec own-objects custom-page-sizes
cp -r "${WASMAOT_SPEC_DIR:-$source/../shared/spec}" "$root/spec"
cp -r "$source/tests/scripts" "$root/own"

# ---- What is done there ----

cat >"$root/init" <<END
#!/bin/sh
export PATH=/bin
busybox mkdir -p /proc /tmp /dev
busybox mount -t proc proc /proc
busybox mount -t tmpfs tmpfs /tmp
busybox mount -t devtmpfs dev /dev
cd /data
checks=0
failures=0
t() { # STATUS TEXT COMMAND...
  wanted=\$1
  text=\$2
  shift 2
  got=0
  checks=\$((checks + 1))
  "\$@" >/tmp/out 2>&1 || got=\$?
  if [ \$got -eq \$wanted ] && busybox grep -q -e "\$text" /tmp/out; then
    echo "ok: \$*"
  elif [ "\$1 \$got" = "restrict 77" ]; then # before Linux 6.3
    echo "skipped, as this kernel does not know it: \$*"
  else
    failures=\$((failures + 1))
    echo "FAILED: \$*: status \$got"
    busybox tail -n 20 /tmp/out
  fi
}
right='all results are right'
t 0 'ro\|rw' busybox cat /proc/mounts
t 0 "\$right" wasmaot run demo.o
t 0 "\$right" wasmaot run explicit.o
t 0 "\$right" sh -c 'ulimit -v 800000; exec wasmaot run explicit.o'
t 1 'memory-checks=explicit' sh -c 'ulimit -v 800000; exec wasmaot run demo.o'
t 0 "\$right" ./demo
t 0 "\$right" wasmaot run --no-huge-pages demo.o
t 0 "\$right" wasmaot run --sandbox demo.o
for refused in mdwe protect; do
  t 0 "\$right" restrict \$refused -- wasmaot run demo.o
  t 0 "\$right" restrict \$refused -- ./demo
done
t 42 exiting wasmaot run exit.o 42
t 42 exiting ./exit 42
for how in "divide:integer divide by zero" "memory:out of bounds memory access" "unreachable:unreachable" "stack:call stack exhausted"; do
  t 134 "\${how#*:}" wasmaot run trap.o "\${how%%:*}"
  t 134 "\${how#*:}" ./trap "\${how%%:*}"
done
t 0 '0 failures' shared
for unit in $units; do
  t 0 'Failures: 0' test_\$unit
done
WASMAOT_SPEC_DIR=/own t 0 '' wasmaot-spec -j2 --objects /own-objects custom-page-sizes
export WASMAOT_SPEC_DIR=/spec
for scripts in $*; do
  t 0 '' wasmaot-spec -j2 --repeat 2 --objects /objects \$scripts
  busybox grep "^all" /tmp/out
done
# AT_PAGESZ is 6.
page=\$(busybox od -A n -t u8 -w16 /proc/self/auxv | busybox awk '\$1 == 6 { print \$2 }')
echo "pages: \$checks checks, \$failures failed, Linux \$(busybox uname -r), pages of \$page bytes"
busybox poweroff -f
END
chmod +x "$root/init"
(cd "$root" && find . | cpio -o -H newc 2>/dev/null | gzip -1) >"$host/pages.cpio.gz"

qemu-system-aarch64 -M virt -cpu max,pauth-impdef=on -smp 2 -m 6G -nographic -no-reboot -net none \
  -kernel "$kernel" -initrd "$host/pages.cpio.gz" -append 'console=ttyAMA0 rdinit=/init panic=-1 quiet' \
  </dev/null | sed -u 's,\r$,,' | tee "$host/pages.log" | grep -v '^ok: '
grep -q '^pages: [0-9]* checks, 0 failed' "$host/pages.log"

#!/bin/sh
# Another architecture's runtime, cross-built, runs under qemu what this host compiles for it.
#   run.sh ARCH SOURCE HOST-BUILD [all]
# ARCH is aarch64 or riscv64; `all` runs every script instead of a bounded part. Exit status 77:
# skipped, because something is missing that it says.
set -eu
arch=$1
source=$2
host=$3
extent=${4:-part}

need() {
  command -v "$1" >/dev/null 2>&1 || {
    echo "SKIPPED: no $1"
    exit 77
  }
}
need "$arch-linux-gnu-gcc"
need "qemu-$arch-static"
sysroot=/usr/$arch-linux-gnu
build=$host/cross-$arch
objects=$build/objects
failures=0

cmake -S "$source" -B "$build" --toolchain "$source/cmake/toolchain-$arch-linux-gnu.cmake" \
  -DWASMAOT_COMPILER=OFF -DCMAKE_BUILD_TYPE=Release >/dev/null
# Unit tests that a part has: what an architecture can have of its own.
tests='reloc types waitlist thrown anchor edges exceptions lazy loop_rewrites loops tail_calls throw unrolled wide
  wasi_path wasi_guest_memory wasi_fd_table'
set --
units=.
if [ "$extent" != all ]; then
  units=none
  set -- --target wasmaot_command wasmaot wasmaot-spec start_files
  for name in $tests; do
    set -- "$@" "test_$name"
    units="$units|$name"
  done
  units="unit[.]($units)\$"
fi
cmake --build "$build" -j 2 "$@" >"$build/build.log" 2>&1 || {
  tail -n 30 "$build/build.log"
  exit 1
}

# ---- Scripts: compiled here, run there ----

# The official ones, or those of the folder `own`.
own=''
scripts() {
  status=0
  rm -rf "$objects"
  mkdir "$objects"
  ${own:+env "WASMAOT_SPEC_DIR=$own"} "$host/tests/spec/wasmaot-spec" -O1 -j2 --compile-only "$objects" --target "$arch" "$@" \
    >"$build/compile.log" 2>&1 || status=$?
  case $status in
  0) ;;
  77)
    cat "$build/compile.log"
    return 0
    ;;
  *)
    cat "$build/compile.log"
    failures=$((failures + 1))
    return 0
    ;;
  esac
  ${own:+env "WASMAOT_SPEC_DIR=$own"} \
    "qemu-$arch-static" "$build/tests/spec/wasmaot-spec" -j2 --repeat 2 --objects "$objects" "$@" ||
    failures=$((failures + 1))
}

if [ "$extent" = all ]; then
  scripts core bulk-memory threads simd multi-memory relaxed-simd memory64 exceptions
else
  scripts bulk-memory threads exceptions
  scripts core/call core/traps core/fac core/f32.bin core/float_misc core/stack simd/simd_lane \
    simd/simd_i8x16_arith
fi

own=$source/tests/scripts
scripts legacy-exceptions custom-page-sizes mutable-globals
own=$host/tests/spec/made
scripts tail-exceptions other-engines/ near-far
if [ "$extent" = all ]; then
  scripts unused-parts
else
  scripts unused-parts/i
fi
own=$build/made
graphs=12
[ "$extent" != all ] || graphs=100
rm -rf "$own"
python3 "$source/tests/fuzz/tails.py" --differ "$host/tests/fuzz/wasmaot_differ" \
  --scripts "$own/tails" --first 100 --count "$graphs" || failures=$((failures + 1))
scripts tails
own=$host/tests/spec/made
large=other-engines-large/far-jumps
[ "$extent" != all ] || large=other-engines-large
scripts "$large"
own=''

# ---- Unit tests ----

sh "$(dirname "$0")/units.sh" "$build" "$host" "$units" || failures=$((failures + 1))

# ---- The command over the guests ----

# What the end-to-end scripts run as `wasmaot`.
cat >"$build/wasmaot" <<END
#!/bin/sh
exec sh "$source/tests/cross/wasmaot.sh" "$arch" "$host/cli/wasmaot" \
  qemu-$arch-static -L "$sysroot" "$build/cli/wasmaot" -- "\$@"
END
chmod +x "$build/wasmaot"
for script in traps tail_traps threads; do
  if [ -f "$host/tests/guests/demo.wasm" ]; then
    echo "$script.sh:"
    WASMAOT_E2E_RUNS=3 sh "$source/tests/e2e/$script.sh" "$build/wasmaot" "$host/tests/guests" ||
      failures=$((failures + 1))
  else
    echo "SKIPPED: no guests were built"
  fi
done

# ---- Pages of other sizes, which qemu makes believe ----

# Protecting and mapping only whole pages; where it may map is the kernel's to check.
whole_pages() { # SIZE
  "qemu-$arch-static" -strace -L "$sysroot" "$build/cli/wasmaot" run "$build/pages.o" \
    2>"$build/pages.strace" >/dev/null || failures=$((failures + 1))
  sed -n 's/.*\(mprotect\|munmap\|madvise\|mmap\)(\(0x[0-9a-f]*\),.*/\1 \2/p' "$build/pages.strace" \
    >"$build/pages.calls"
  wrong=$(while read -r call address; do
    [ $((address % $1)) -eq 0 ] || echo "$call $address"
  done <"$build/pages.calls")
  [ -z "$wrong" ] && [ "$(wc -l <"$build/pages.calls")" -gt 10 ] || {
    echo "FAILED: not at whole pages of $1 bytes, or few calls: $wrong"
    failures=$((failures + 1))
  }
}
if [ "$arch" = aarch64 ] && [ -f "$host/tests/guests/demo.wasm" ]; then
  "$host/cli/wasmaot" compile --target "$arch" "$host/tests/guests/demo.wasm" -o "$build/pages.o"
  sizes=65536
  [ "$extent" != all ] || sizes='16384 65536'
  for size in $sizes; do
    export QEMU_PAGESIZE=$size
    echo "pages of $size bytes:"
    whole_pages "$size"
    scripts bulk-memory/bulk bulk-memory/memory_init core/memory_grow core/memory_trap core/data \
      threads/atomic
    own=$source/tests/scripts
    scripts custom-page-sizes
    own=''
    for script in traps tail_traps threads; do
      WASMAOT_E2E_RUNS=2 sh "$source/tests/e2e/$script.sh" "$build/wasmaot" "$host/tests/guests" ||
        failures=$((failures + 1))
    done
    if [ "$extent" = all ]; then
      (cd "$build" && WASMAOT_TEST_COMPILER="$host/cli/wasmaot" \
        WASMAOT_TEST_LAZY="$host/tests/unit/test_lazy_server" \
        ctest -j2 -L unit --no-tests=error --output-on-failure) >"$build/units.log" 2>&1 || {
        tail -n 20 "$build/units.log"
        failures=$((failures + 1))
      }
    fi
    unset QEMU_PAGESIZE # the loader of shared libraries then uses what qemu leaves unmapped
  done
fi

# ---- Standalone programs ----

# Linked here from the start files of the other build; static, so qemu needs no libraries for them.
expect() {
  got=0
  timeout 120 "qemu-$arch-static" "$@" >"$build/exe.out" 2>&1 || got=$?
  grep -q "$text" "$build/exe.out" && [ "$got" -eq "$status" ] || {
    echo "FAILED: $* ended with $got:"
    cat "$build/exe.out"
    failures=$((failures + 1))
  }
}
# The command finds lld beside LLVM, too.
lld=$(command -v ld.lld || ls /usr/lib/llvm-*/bin/ld.lld 2>/dev/null) || :
if [ -f "$host/tests/guests/demo.wasm" ] && [ -n "$lld" ]; then
  for guest in demo exit trap; do
    WASMAOT_START_DIR=$build/start "$host/cli/wasmaot" compile --emit=exe --target "$arch-linux-gnu" \
      "$host/tests/guests/$guest.wasm" -o "$build/$guest" || failures=$((failures + 1))
  done
  if [ "$arch" = aarch64 ] && readelf -lW "$build/demo" | awk '$1 == "LOAD" && $NF != "0x10000" { found = 1 } END { exit !found }'; then
    echo 'FAILED: a program for pages of less than 64 KiB'
    failures=$((failures + 1))
  fi
  text='all results are right' status=0 && expect "$build/demo"
  text='exiting' status=42 && expect "$build/exit" 42
  text='integer divide by zero' status=134 && expect "$build/trap" divide
  echo 'standalone programs: 3 run'
  if command -v wat2wasm >/dev/null; then
    wat2wasm "$source/tests/e2e/shared.wat" -o "$build/shared.wasm"
    { WASMAOT_START_DIR=$build/start "$host/cli/wasmaot" compile --emit=shared \
      --target "$arch-linux-gnu" --emit-header "$build/libshared.h" "$build/shared.wasm" \
      -o "$build/libshared.so" && "$arch-linux-gnu-gcc" -I"$build" "$source/tests/e2e/shared.c" \
      -o "$build/shared" "$build/libshared.so"; } || failures=$((failures + 1))
    text='0 failures' status=0 && expect -L "$sysroot" -E LD_LIBRARY_PATH="$build" "$build/shared"
    echo 'shared libraries: 1 used'
  fi
else
  echo 'SKIPPED: no guests or no lld'
fi
[ "$failures" -eq 0 ]

#!/bin/sh
# The runtime with musl instead of glibc, linked statically: runs what this host compiles for it.
#   musl.sh SOURCE HOST-BUILD [all]
# `all` runs every script and unit test instead of a bounded part. Exit status 77: skipped, because something is missing that it says.
set -eu
source=$1
host=$2
extent=${3:-part}
build=$host/musl
failures=0

command -v musl-gcc >/dev/null || {
  echo 'SKIPPED: no musl-gcc (musl-tools)'
  exit 77
}
cmake -S "$source" -B "$build" --toolchain "$source/cmake/toolchain-x86_64-linux-musl.cmake" \
  -DWASMAOT_COMPILER=OFF -DWASMAOT_TESTS=ON -DCMAKE_BUILD_TYPE=Release >/dev/null
# Unit tests that a part has: what a C library can have of its own.
set --
units=.
if [ "$extent" != all ]; then
  units='memory|waitlist|interrupt|wasi_fd_table|wasi_path'
  set -- --target wasmaot_command wasmaot-spec start_files
  for name in $(echo "$units" | tr '|' ' '); do
    set -- "$@" "test_$name"
  done
  units="unit[.]($units)\$"
fi
cmake --build "$build" -j 2 "$@" >"$build/build.log" 2>&1 || {
  tail -n 30 "$build/build.log"
  exit 1
}
sh "$(dirname "$0")/units.sh" "$build" "$host" "$units" || failures=$((failures + 1))

# The official scripts, compiled by the host. The C library rounds for processors of the baseline.
rm -rf "$build/objects"
mkdir "$build/objects"
set -- threads exceptions core/f32.bin core/f64.bin simd/simd_f32x4_rounding simd/simd_f64x2_rounding
[ "$extent" != all ] || set -- core bulk-memory threads simd multi-memory relaxed-simd memory64 exceptions
status=0
"$host/tests/spec/wasmaot-spec" -O1 -j2 --compile-only "$build/objects" --target x86_64-linux-musl "$@" >"$build/compile.log" 2>&1 ||
  status=$?
case $status in
0) "$build/tests/spec/wasmaot-spec" -j2 --repeat 2 --objects "$build/objects" "$@" || failures=$((failures + 1)) ;;
*)
  tail -n 5 "$build/compile.log"
  [ $status -eq 77 ] || failures=$((failures + 1))
  ;;
esac
cat >"$build/wasmaot" <<END
#!/bin/sh
exec sh "$source/tests/cross/wasmaot.sh" x86_64-linux-musl "$host/cli/wasmaot" "$build/cli/wasmaot" -- "\$@"
END
chmod +x "$build/wasmaot"

# The command over the guests.
for script in traps threads preview1; do
  echo "$script.sh:"
  WASMAOT_E2E_RUNS=3 sh "$source/tests/e2e/$script.sh" "$build/wasmaot" "$host/tests/guests" \
    "$host/tests/e2e/with_socket" "$host/tests/e2e/with_fds" "$source/docs" || failures=$((failures + 1))
done

# Standalone programs hold this C library and no other, and run where there is nothing else.
if [ -z "$(command -v ld.lld || ls /usr/lib/llvm-*/bin/ld.lld 2>/dev/null)" ]; then
  echo 'SKIPPED: no lld'
else
  for guest in demo exit trap; do
    WASMAOT_START_DIR=$build/start "$host/cli/wasmaot" compile --emit=exe \
      --target x86_64-linux-musl "$host/tests/guests/$guest.wasm" -o "$build/$guest"
    # Each library has messages of its own.
    ! grep -q 'GNU C Library\|GLIBC_TUNABLES' "$build/$guest" || {
      echo "FAILED: $guest has glibc in it"
      failures=$((failures + 1))
    }
  done
  says() { # TEXT STATUS COMMAND...
    text=$1
    expected=$2
    shift 2
    got=0
    timeout 60 env -i "$@" >"$build/exe.out" 2>&1 || got=$?
    grep -q "$text" "$build/exe.out" && [ "$got" -eq "$expected" ] || {
      echo "FAILED: $* ended with $got:"
      cat "$build/exe.out"
      failures=$((failures + 1))
    }
  }
  says 'all results are right' 0 "$build/demo"
  says exiting 42 "$build/exit" 42
  says 'integer divide by zero' 134 "$build/trap" divide
  echo 'standalone programs with musl: 3 run'
fi
[ "$failures" -eq 0 ]

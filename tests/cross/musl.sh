#!/bin/sh
# The runtime with musl instead of glibc, linked statically: runs what this host compiles for it.
#   musl.sh SOURCE HOST-BUILD
# Exit status 77: skipped, because something is missing that it says.
set -eu
source=$1
host=$2
build=$host/musl
failures=0

command -v musl-gcc >/dev/null || {
  echo 'SKIPPED: no musl-gcc (musl-tools)'
  exit 77
}
cmake -S "$source" -B "$build" --toolchain "$source/cmake/toolchain-x86_64-linux-musl.cmake" \
  -DWASMAOT_COMPILER=OFF -DWASMAOT_TESTS=OFF -DCMAKE_BUILD_TYPE=Release >/dev/null
cmake --build "$build" -j 2 >"$build/build.log" 2>&1 || {
  tail -n 30 "$build/build.log"
  exit 1
}
cat >"$build/wasmaot" <<END
#!/bin/sh
exec sh "$source/tests/cross/wasmaot.sh" x86_64-linux-musl "$host/cli/wasmaot" "$build/cli/wasmaot" -- "\$@"
END
chmod +x "$build/wasmaot"
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

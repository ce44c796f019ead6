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
[ "$failures" -eq 0 ]

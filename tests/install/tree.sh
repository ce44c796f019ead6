#!/bin/sh
# Installs into a fresh prefix, moves it elsewhere, and uses everything from there.
#   tree.sh WASMAOT GUESTS THIS-DIRECTORY BUILD SOURCE
. "$3/../e2e/lib.sh"
here=$3
build=$4
source=$5
cc=${CC:-cc}
cmake=${CMAKE:-cmake}

run "$cmake" --install "$build" --prefix "$work/first"
status 0
no_err
# No directory that the dynamic linker searches.
out '-Wl,-rpath,'
mv "$work/first" "$work/moved"
prefix=$work/moved
installed=$prefix/bin/wasmaot

# ---- What is there ----
ran='installing'
: >"$work/out"
: >"$work/err"
headers=$(cd "$prefix/include" && find . -type f | sort | tr '\n' ' ')
check "headers: $headers" [ "$headers" = './wasm.h ./wasmaot.h ' ]
library=$(find "$prefix" -name libwasmaot.so.0)
check 'libwasmaot.so.0 is not there' [ -n "$library" ]
libdir=$(dirname "$library")
check 'the compiler library has links of its own' \
  [ "$(find "$prefix" -name 'libwasmaot-compiler.so*' | wc -l)" -eq 1 ]
# The kernel's registration cannot do without a path.
grep -rlF -e "$build" -e "$source/" -e "$work/first" "$prefix" | grep -v '/binfmt[.]d/' >"$work/out"
check 'files know where they were built or first installed' [ ! -s "$work/out" ]

# Each part comes with the licence, the start files with those of the C library and libgcc.
for package in wasmaot libwasmaot0 libwasmaot-dev wasmaot-compiler; do
  check "the licence of $package" cmp "$source/LICENSE" "$prefix/share/doc/$package/LICENSE"
done
notices=$prefix/share/doc/wasmaot-compiler/THIRD-PARTY-NOTICES
named=$(grep -o 'licenses/[A-Za-z0-9.-]*[.]txt' "$notices" | sort -u)
check 'three licences of others' [ "$(echo "$named" | wc -l)" -eq 3 ]
for text in $named; do
  check "$text" cmp "$source/$text" "$prefix/share/doc/wasmaot-compiler/$text"
done

# Documents with their links, examples, and what zsh and gdb look for.
for file in share/doc/wasmaot/README.md share/doc/wasmaot/docs/run.md share/doc/wasmaot/docs/examples/cmake/CMakeLists.txt \
  share/doc/libwasmaot-dev/examples/hello.c share/zsh/site-functions/_wasmaot; do
  check "$file" [ -s "$prefix/$file" ]
done
check "gdb's scripts of command and library" \
  [ "$(find "$prefix/share/gdb/auto-load" -name 'wasmaot-gdb.py' -o -name 'libwasmaot.so.0.*-gdb.py' | wc -l)" -eq 2 ]

# ---- The command ----
run "$installed" compile "$guests/demo.wasm" -o "$work/demo.o"
status 0
no_err
run "$installed" run "$work/demo.o"
status 0
out 'all results are right'
run "$installed" run "$guests/hello.wasm"
status 0
out 'Hello from wasm32-wasip1'

# Programs are linked with the start files that were installed.
if [ -n "$(find "$libdir" -path '*/wasmaot/*' -name 'static*.o')" ]; then
  run "$installed" compile --emit=exe "$guests/demo.wasm" -o "$work/demo"
  status 0
  run "$work/demo"
  status 0
  out 'all results are right'
else
  skip 'no start files in this build'
fi

run "$installed" compile --emit=exe "$guests/hello.wasm" -o "$work/hello"
if [ "$got" -ne 0 ] && grep -q 'ld[.]lld' "$work/err"; then
  skip 'no ld.lld: no standalone program'
else
  status 0
  run "$work/hello"
  status 0
  out 'Hello from wasm32-wasip1'
fi

# ---- Parts ----
for component in command runtime; do
  run "$cmake" --install "$build" --prefix "$work/part" --component $component
  status 0
done
run "$work/part/bin/wasmaot" run "$work/demo.o"
status 0
out 'all results are right'
run env -u WASMAOT_COMPILER_LIBRARY "$work/part/bin/wasmaot" compile "$guests/hello.wasm" -o "$work/hello.o"
check 'there is a compiler without its component, or another one is installed' [ "$got" -eq 1 ]
err 'compiler library is not installed'

# ---- A project with find_package ----
run "$cmake" -S "$here/consumer" -B "$work/project" -DCMAKE_PREFIX_PATH="$prefix" -DCMAKE_C_COMPILER="$cc"
status 0
run "$cmake" --build "$work/project"
status 0
for kind in wasmaot static; do
  run "$work/project/with_$kind" "$work/demo.o"
  status 0
  out 'wasmaot 0.'
done
run "$work/project/with_wasmaot" "$guests/hello.wasm"
status 0
out 'exports'
run env WASMAOT_COMPILER_LIBRARY="$libdir/libwasmaot-compiler.so" "$work/project/with_static" \
  "$guests/hello.wasm"
status 0

# ---- A project with modules in its build ----
example=$source/docs/examples/cmake
ctest=$(dirname "$(command -v "$cmake")")/ctest
lld=ON
"$installed" compile --emit=exe "$guests/hello.wasm" -o "$work/probe" 2>/dev/null || lld=OFF
cp "$guests/hello.wasm" "$work/app of mine.wasm"
run "$cmake" -S "$example" -B "$work/modules" -DCMAKE_PREFIX_PATH="$prefix" \
  -DAPP="$work/app of mine.wasm" -DAPP_PROGRAM=$lld
status 0
run "$cmake" --build "$work/modules"
status 0
out 'with wasmaot'
check 'the object is there' [ -s "$work/modules/app.o" ]
run "$ctest" --test-dir "$work/modules" --output-on-failure
status 0
out '100% tests passed, 0 tests failed'
check 'it was the command of this installation' grep -q "WASMAOT_EXECUTABLE:FILEPATH=$installed" "$work/modules/CMakeCache.txt"
run "$cmake" --build "$work/modules"
status 0
check 'nothing is compiled again' [ "$(grep -c 'with wasmaot' "$work/out")" -eq 0 ]
# A module that changed is compiled again; one that fails (it gets no directory) fails its tests, and one that is none the build.
sleep 1
cp "$guests/exit.wasm" "$work/app of mine.wasm"
run "$cmake" --build "$work/modules"
status 0
out 'with wasmaot'
cp "$guests/leave.wasm" "$work/app of mine.wasm"
sleep 1
touch "$work/app of mine.wasm"
run "$cmake" --build "$work/modules"
status 0
run "$ctest" --test-dir "$work/modules"
check 'a failing program fails its tests' [ "$got" -ne 0 ]
sleep 1
head -c 100 "$guests/trap.wasm" >"$work/app of mine.wasm"
run "$cmake" --build "$work/modules"
check 'no module, no build' [ "$got" -ne 0 ]
cat "$work/err" >>"$work/out"
out 'app of mine.wasm:0x'
# Wrong arguments are said when the project is configured.
mkdir "$work/wrong"
for call in 'wasmaot_compile(a)' 'wasmaot_compile(a MODULE x.wasm EMIT wat)' 'wasmaot_compile(a MODULE x.wasm MODULES y)' \
  'wasmaot_add_test(MODULE x.wasm)' 'wasmaot_add_test(NAME a)'; do
  printf 'cmake_minimum_required(VERSION 3.16)\nproject(a LANGUAGES NONE)\nfind_package(wasmaot REQUIRED)\n%s\n' \
    "$call" >"$work/wrong/CMakeLists.txt"
  run "$cmake" -S "$work/wrong" -B "$work/wrong/build" -DCMAKE_PREFIX_PATH="$prefix"
  check "$call is refused" [ "$got" -ne 0 ]
  err "$(echo "$call" | cut -d'(' -f1):"
done

# ---- pkg-config ----
if command -v pkg-config >/dev/null; then
  export PKG_CONFIG_PATH="$libdir/pkgconfig"
  # What it prints is for a shell, which may have to know of spaces in paths.
  eval "run \"\$cc\" \"\$here/consumer/consumer.c\" -o \"\$work/by_pc\" $(pkg-config --cflags --libs wasmaot)"
  status 0
  run "$work/by_pc" "$guests/hello.wasm"
  status 0
  out 'exports'
  eval "run \"\$cc\" -static \"\$here/consumer/consumer.c\" -o \"\$work/by_pc_static\" \
    $(pkg-config --static --cflags --libs wasmaot)"
  status 0
  run "$work/by_pc_static" "$work/demo.o"
  status 0
else
  skip 'no pkg-config'
fi
finish

#!/bin/sh
# Two builds of copies of the sources, in directories of other names, are the same byte for byte,
# and so are the objects that they compile.
#   reproducible.sh WASMAOT GUESTS THIS-DIRECTORY BUILD SOURCE CMAKE-OPTION...
. "$3/../e2e/lib.sh"
source=$5
cmake=${CMAKE:-cmake}
shift 5
export WASMAOT_E2E_TIMEOUT=1500
# What remembers objects would hide that they differ.
export CCACHE_DISABLE=1

for place in one another/directory; do
  mkdir -p "$work/$place"
  for part in "$source"/*; do
    case ${part##*/} in
    build | tests) ;;
    *) cp -R "$part" "$work/$place/" ;;
    esac
  done
  run "$cmake" -S "$work/$place" -B "$work/$place/out" -G Ninja -DCMAKE_BUILD_TYPE=Release \
    -DWASMAOT_TESTS=OFF "$@"
  status 0
  run "$cmake" --build "$work/$place/out" -j 2
  status 0
  run "$work/$place/out/cli/wasmaot" compile "$guests/demo.wasm" -o "$work/$place/demo.o"
  status 0
  # The kernel's registration of modules holds the prefix.
  run env DESTDIR="$work/$place/tree" "$cmake" --install "$work/$place/out" --prefix /usr --strip
  status 0
done
ran='comparing'
: >"$work/err"
for file in out/libwasmaot.so.0.1.0 out/libwasmaot.a out/cli/wasmaot out/compiler/libwasmaot-compiler.so demo.o; do
  check "$file is not the same twice" cmp "$work/one/$file" "$work/another/directory/$file"
done
diff -r "$work/one/tree" "$work/another/directory/tree" >"$work/out" 2>&1
check 'the installed trees differ' [ ! -s "$work/out" ]
check 'no trees were installed' [ -x "$work/one/tree/usr/bin/wasmaot" ]
finish

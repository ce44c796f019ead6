#!/bin/sh
# symbols.sh LIBRARY INCLUDE_DIR STRIP: libwasmaot.so exports what the public headers declare, no
# more and no less, has its SONAME, and is small enough.
set -eu
library=$1
include=$2
strip=$3
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# But what gdb looks for, in files that are stripped of all other names.
nm -D --defined-only "$library" | sed 's/@.*//' >"$work/names"
awk '$2 == "T" && $3 != "__jit_debug_register_code" {print $3}' "$work/names" | sort >"$work/exported"
# Declarations of functions, macros expanded; `static inline` ones are not exported.
for header in wasm wasmaot; do
  echo "#include <$header.h>"
done | cc -I "$include" -E -P -x c - | tr '\n' ' ' | sed 's/[;{}]/&\n/g' |
  grep -v 'static inline\|typedef' | grep -o '__attribute__((visibility("default"))).*' |
  grep -o '\bwasm\(aot\)\?_[a-z0-9_]*(' | awk '!seen[$0]++' | tr -d '(' >"$work/all"
# Only the first name before a parenthesis of each line is the function's.
sort -u "$work/all" >"$work/declared"
status=0
if ! diff "$work/declared" "$work/exported" >"$work/difference"; then
  echo "declared (<) and exported (>) differ:"
  cat "$work/difference"
  status=1
fi
if awk '$2 != "T" && $2 != "A" && $3 != "__jit_debug_descriptor" {print $3}' "$work/names" | grep .; then
  echo "data is exported"
  status=1
fi
if [ "$(grep -c ' __jit_debug_\(register_code\|descriptor\)$' "$work/names")" -ne 2 ]; then
  echo "gdb does not find the library's code"
  status=1
fi
if ! readelf -d "$library" | grep -q 'SONAME.*\[libwasmaot\.so\.0\]'; then
  echo "the SONAME is not libwasmaot.so.0"
  status=1
fi
if nm "$library" | grep -q __sanitizer; then
  echo "a build with sanitizers: its size is not checked"
  exit $status
fi
"$strip" -o "$work/stripped" "$library"
size=$(wc -c <"$work/stripped")
echo "$(wc -l <"$work/exported") symbols, $size bytes stripped"
if [ "$size" -gt 425984 ]; then
  echo "larger than 416 KiB"
  status=1
fi
exit $status

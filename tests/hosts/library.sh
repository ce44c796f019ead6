#!/bin/sh
# Exceptions of C++ through the functions of a module that is a shared library.
#   library.sh WASMAOT MODULES
. "$(dirname "$0")/../e2e/lib.sh"
here=$(dirname "$0")

"$wasmaot" compile --emit=shared "$guests/host.wasm" --emit-header "$work/libguest.h" \
  -o "$work/libguest.so" 2>"$work/err" >"$work/out" || {
  grep -qE 'start files|needs lld|no C library' "$work/err" && echo "SKIPPED: $(cat "$work/err")" && exit 77
  failed 'not compiled'
}
command -v c++ >/dev/null || {
  echo 'SKIPPED: no C++ compiler'
  exit 77
}
run "$wasmaot" compile --emit=shared "$guests/begin.wasm" --emit-header "$work/libbegin.h" \
  -o "$work/libbegin.so"
status 0
run c++ -Wall -Wextra -Werror -I"$work" "$here/library.cc" -o "$work/user" "$work/libguest.so" \
  "$work/libbegin.so" -Wl,-rpath,"$work"
status 0
run "$work/user"
status 0
no_err
out 'thrown a host function threw an exception'
out 'then 1002, no trap'
check 'three times' test "$(grep -c '^thrown a host\|^then 1002' "$work/out")" -eq 6
out 'create threw 7'
finish

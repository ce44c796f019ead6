#!/bin/sh
# bindings/go: its tests, and its example, with the Go that is there. Nothing is downloaded.
#   go-package.sh BUILD INCLUDE MODULES
. "$(dirname "$0")/lib.sh"
need go pkg-config
export CGO_ENABLED=1 GOFLAGS='-mod=mod -ldflags=-w' GOPROXY=off GOTOOLCHAIN=local
# cgo takes what is behind a space in a path for another flag.
ln -s "$build" "$work/build"
ln -s "$include" "$work/include"
cat >"$work/wasmaot.pc" <<END
Name: wasmaot
Description: of this build
Version: 0
Cflags: -I$work/include
Libs: -L$work/build -lwasmaot -Wl,-rpath,$work/build
END
export PKG_CONFIG_PATH="$work"
export WASMAOT_TEST_MODULES="$modules" WASMAOT_TEST_GUESTS="$build/tests/guests"
# A copy: what Go keeps of a build is found by the folder, and knows nothing of other headers and libraries.
cp -R "$here/../../bindings/go" "$work/package"
cd "$work/package"
[ -z "$(gofmt -l .)" ] || failed 'its files are not formatted'
timeout 500 go test -count=1 . >"$work/out" 2>&1 || failed "its tests: status $?"
cat "$work/out"
go build -o "$work/run" ./examples/run >"$work/out" 2>&1 || failed 'its example'

example() { # STATUS TEXT ARGUMENT...
  expected=$1
  text=$2
  shift 2
  status=0
  timeout 60 "$work/run" "$@" </dev/null >"$work/out" 2>&1 || status=$?
  [ "$status" -eq "$expected" ] && grep -q "$text" "$work/out" || failed "run $*: status $status"
}
cd "$work"
echo 'in a file' >file
example 0 'in a file' "$build/tests/guests/cat.wasm" file
example 134 'level_three' "$build/tests/guests/trap.wasm" divide
example 0 '' "$build/tests/guests/crew.wasm"
example 1 'error: ' file
# Control-C, in a program without an end.
printf '\0asm\1\0\0\0\1\4\1\140\0\0\3\2\1\0\5\3\1\0\1\7\23\2\6memory\2\0\6_start\0\0\n\11\1\7\0\3\100\14\0\13\13' >endless.wasm
status=0
timeout --signal=INT --kill-after=60 2 "$work/run" endless.wasm >"$work/out" 2>&1 || status=$?
[ "$status" -eq 124 ] && grep -q 'trap: interrupted' "$work/out" || failed "Control-C: status $status"

#!/bin/sh
# A host in Go, with cgo. Nothing is downloaded.
#   go.sh BUILD INCLUDE MODULES
set -eu
build=$1
include=$2
module=$3/host.wasm
here=$(cd "$(dirname "$0")" && pwd)
command -v go >/dev/null || {
  echo 'SKIPPED: no Go'
  exit 77
}
work=$(mktemp -d "${TMPDIR:-/tmp}/wasmaot-go.XXXXXX")
trap 'rm -rf "$work"' EXIT
export CGO_ENABLED=1 GOFLAGS=-mod=mod GOPROXY=off GOTOOLCHAIN=local
# cgo takes what is behind a space in a path for another flag.
ln -s "$build" "$work/build"
ln -s "$include" "$work/include"
export CGO_CFLAGS="-I$work/include" CGO_LDFLAGS="-L$work/build -lwasmaot -Wl,-rpath,$work/build"
(cd "$here/go" && go build -o "$work/host" host.go) || exit 1
timeout 120 "$work/host" "$module" >"$work/out" 2>&1 || {
  echo "FAILED: status $?"
  head -50 "$work/out"
  exit 1
}
cat "$work/out"
grep -qx 'all went well' "$work/out"

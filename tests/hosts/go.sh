#!/bin/sh
# A host in Go, with cgo. Nothing is downloaded.
#   go.sh BUILD INCLUDE MODULES
. "$(dirname "$0")/lib.sh"
need go
export CGO_ENABLED=1 GOFLAGS=-mod=mod GOPROXY=off GOTOOLCHAIN=local
# cgo takes what is behind a space in a path for another flag.
ln -s "$build" "$work/build"
ln -s "$include" "$work/include"
export CGO_CFLAGS="-I$work/include" CGO_LDFLAGS="-L$work/build -lwasmaot -Wl,-rpath,$work/build"
(cd "$here/go" && go build -o "$work/host" host.go) || exit 1
well 'the host' "$work/host" "$module"
cat "$work/out"

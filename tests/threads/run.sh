#!/bin/sh
# run.sh WASMAOT GUEST PROGRAM ARGUMENT...: compiles the guest and gives the object to the program.
set -eu
wasmaot=$1
guest=$2
program=$3
shift 3
object=$(mktemp "${TMPDIR:-/tmp}/wasmaot-threads.XXXXXX")
trap 'rm -f "$object"' EXIT
"$wasmaot" compile "$guest" -o "$object"
"$program" "$object" "$@"

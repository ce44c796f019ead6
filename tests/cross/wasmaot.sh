#!/bin/sh
# Stands for a `wasmaot` of another architecture that can compile:
#   wasmaot.sh ARCH HOST-WASMAOT RUNNER... -- ARGUMENTS...
# The host's compiles, for ARCH; the runner (qemu and the cross-built command) does all else.
set -eu
arch=$1
host=$2
shift 2
runner=''
while [ "$1" != -- ]; do
  runner="$runner $1"
  shift
done
shift

if [ "${1:-}" = compile ]; then
  shift
  exec "$host" compile --target "$arch" "$@"
fi
# `run x.wasm`: the runtime has no compiler, so its object is made first.
level=''
place=''
count=$#
while [ "$count" -gt 0 ]; do
  argument=$1
  shift
  count=$((count - 1))
  case $argument in
  -O?)
    level=$argument
    continue
    ;;
  *.wasm)
    # By the module's name, for reports.
    place=$(mktemp -d "${TMPDIR:-/tmp}/wasmaot-cross.XXXXXX")
    "$host" compile $level --target "$arch" "$argument" -o "$place/${argument##*/}" || {
      status=$?
      rm -rf "$place"
      exit $status
    }
    argument=$place/${argument##*/}
    ;;
  esac
  set -- "$@" "$argument"
done
# The object has the module's name.
if [ -n "$place" ] && [ "$1" = run ]; then
  shift
  set -- run --native "$@"
fi
# Nobody else is to hold the descriptors that the guest is handed.
# shellcheck disable=SC2086  # a list of words
[ -n "$place" ] || exec $runner "$@"
status=0
# shellcheck disable=SC2086
$runner "$@" || status=$?
[ -z "$place" ] || rm -rf "$place"
exit $status

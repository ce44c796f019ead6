#!/bin/sh
# Stands for a `wasmaot` of another architecture that can compile:
#   wasmaot.sh ARCH HOST-WASMAOT RUNNER... -- ARGUMENTS...
# The host's compiles, for ARCH; the runner (qemu and the cross-built command) does all else.
set -eu
arch=$1
host=$2
shift 2

# The command behind the runner, and whether a module is among its arguments.
command=''
module=no
behind=no
for argument in "$@"; do
  case $behind:$argument in
  no:--) behind=next ;;
  next:*)
    command=$argument
    behind=yes
    ;;
  yes:*.wasm) module=yes ;;
  esac
done

if [ "$command" = compile ]; then
  while [ "$1" != -- ]; do
    shift
  done
  shift 2
  exec "$host" compile --target "$arch" "$@"
fi
# `run x.wasm`: the runtime has no compiler, so its object is made first. Each word goes from the front
# to the end, changed or as it is.
level=''
place=''
behind=no
count=$#
while [ "$count" -gt 0 ]; do
  argument=$1
  shift
  count=$((count - 1))
  case $behind:$argument in
  no:--)
    behind=yes
    continue
    ;;
  yes:-O?)
    level=$argument
    continue
    ;;
  yes:run)
    # The object has the module's name.
    [ $module = no ] || [ "$command" != run ] || {
      set -- "$@" run
      argument=--native
    }
    command=''
    ;;
  yes:*.wasm)
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
# Nobody else is to hold the descriptors that the guest is handed.
[ -n "$place" ] || exec "$@"
status=0
"$@" || status=$?
rm -rf "$place"
exit $status

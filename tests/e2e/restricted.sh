#!/bin/sh
# Systems that refuse things, as containers and hardened services have them: what docs/containers.md promises.
#   restricted.sh WASMAOT GUESTS - - - RESTRICT
. "$(dirname "$0")/lib.sh"
restrict=$6
object=$work/demo.o
program=$work/demo

"$wasmaot" compile "$guests/demo.wasm" -o "$object" || exit 1
"$wasmaot" compile --emit=exe "$guests/demo.wasm" -o "$program" 2>"$work/err" || program=''

# The module, its object and its program under each set of restrictions.
works_under() { # KIND...
  rm -rf "$WASMAOT_CACHE_DIR"
  run "$restrict" "$@" -- "$wasmaot" run "$guests/demo.wasm"
  if [ "$got" -eq 77 ]; then
    skip "$*: this system does not know it"
    return
  fi
  status 0
  out 'all results are right'
  run "$restrict" "$@" -- "$wasmaot" run "$object"
  status 0
  out 'all results are right'
  [ -n "$program" ] || return 0
  run "$restrict" "$@" -- "$program"
  status 0
  out 'all results are right'
}

# Nothing that was writable becomes executable.
works_under mdwe
works_under protect
works_under mdwe protect
# Calls that are new, or that filters refuse: as if the kernel did not have them, and as if they were forbidden.
calls='openat2 membarrier mremap statx madvise sched_getaffinity eventfd2 ppoll copy_file_range getrandom'
# shellcheck disable=SC2046,SC2086
works_under clone3=38 $(printf '%s=38 ' $calls)
# shellcheck disable=SC2046,SC2086
works_under $(printf '%s=1 ' $calls)

# What cannot be done without says which call it was and what to do.
run "$restrict" clone3=1 -- "$wasmaot" run "$object"
if [ "$got" -ne 77 ]; then
  status 1
  one_line
  err "$object: cannot start the program's main thread: Operation not permitted; a seccomp filter that refuses clone3"
  run "$restrict" clone3=1 -- "$wasmaot" compile "$guests/demo.wasm" -o "$work/none.o"
  status 1
  one_line
  err 'cannot start a thread to compile with: Operation not permitted'
  check 'and leaves no object' test ! -e "$work/none.o"
fi

# A file system that is mounted noexec.
mkdir -p "$work/noexec"
cat >"$work/noexec.sh" <<END
mount -t tmpfs -o noexec none '$work/noexec' || exit 77
cp '$object' '$work/noexec/demo.o'
export WASMAOT_CACHE_DIR='$work/noexec/cache'
'$wasmaot' run '$work/noexec/demo.o'
echo "object: \$?"
for time in first second; do
  '$wasmaot' run '$guests/demo.wasm' 2>"$work/\$time"
  echo "module: \$?"
done
ls "$work/noexec/cache"/*.aot
END
run unshare -rm sh "$work/noexec.sh"
[ "$got" -eq 0 ] || run unshare -m sh "$work/noexec.sh"
if [ "$got" -eq 0 ]; then
  out 'object: 1'
  err 'demo.o: it is on a file system mounted noexec, from which no native code may run; copy it'
  check 'modules run' test "$(grep -c 'module: 0' "$work/out")" -eq 2
  check 'the first run says it' grep -q 'warning: the cache .* is on a file system mounted noexec' "$work/first"
  check 'once' test ! -s "$work/second"
  out '.aot'
else
  skip 'no mount namespaces: noexec'
fi

# Neither /proc nor a /dev/shm to write to; then nothing at all to write to, with no home.
mkdir -p "$work/readonly"
cat >"$work/bare.sh" <<END
{ mount -t tmpfs none /proc && mount -t tmpfs -o ro none /dev/shm; } || exit 77
try() {
  for file in '$object' '$guests/demo.wasm'; do
    WASMAOT_CACHE_DIR='$work/readonly/cache' "\$@" '$wasmaot' run "\$file"
    echo "\$file: \$?"
  done
  [ -z '$program' ] || "\$@" '$program'
  echo "program: \$?"
}
try env
mount --rbind / '$work/readonly' && mount -o remount,bind,ro '$work/readonly' || exit 0
! touch '$work/readonly/file' 2>'$work/touched' || exit 0
echo 'a root to read only'
try chroot '$work/readonly' env -u HOME
END
run unshare -rm sh "$work/bare.sh"
[ "$got" -eq 0 ] || run unshare -m sh "$work/bare.sh"
if [ "$got" -eq 0 ]; then
  roots=1
  ! grep -q 'a root to read only' "$work/out" || roots=2
  [ "$roots" -eq 2 ] || skip 'no root can be made read-only'
  check 'everything runs' test "$(grep -c ': 0$' "$work/out")" -eq $((3 * roots))
  check 'and says nothing' test ! -s "$work/err"
else
  skip 'no mount namespaces: /proc'
fi

# Behind a wall of the kernel's: threads, growth, files, traps. tests/unit/test_confine.c tries what it stops.
run "$wasmaot" run --sandbox "$guests/hello.wasm"
if grep -q 'this kernel has no Landlock\|takes no seccomp filter' "$work/err"; then
  skip "--sandbox: $(cat "$work/err")"
else
  run "$wasmaot" run --sandbox "$guests/demo.wasm"
  status 0
  no_err
  for what in 'spawns 50' 'crowd 20' 'grow 100'; do
    # shellcheck disable=SC2086
    run "$wasmaot" run --sandbox "$guests/stress.wasm" $what
    status 0
    no_err
  done
  mkdir "$work/box"
  echo inside >"$work/box/file"
  run "$wasmaot" run --sandbox --dir="$work/box::/" "$guests/cat.wasm" file
  status 0
  out inside
  run "$wasmaot" run --sandbox "$guests/trap.wasm" unreachable
  status 134
  err 'wasmaot: trap: '
  if "$wasmaot" compile --emit=exe --run-options="--sandbox --dir=$work/box::/" "$guests/cat.wasm" -o "$work/cat" 2>"$work/err"; then
    run "$work/cat" file
    status 0
    out inside
  fi
fi
run "$wasmaot" run --sandbox --coredump="$work/core" "$guests/hello.wasm"
status 2
one_line
err '--coredump writes a file at the end, which --sandbox does not allow'

# Little address space: what was compiled for guard regions says what to do.
limited() { # KILOBYTES COMMAND...
  # shellcheck disable=SC2016
  run sh -c 'ulimit -v "$0"; exec "$@"' "$@"
}
limited 4000000 "$wasmaot" run "$object"
status 1
one_line
err 'raise the limit on virtual memory (ulimit -v), or compile with --memory-checks=explicit'
"$wasmaot" compile --memory-checks=explicit "$guests/demo.wasm" -o "$work/explicit.o" || exit 1
for size in 4000000 400000; do
  limited "$size" "$wasmaot" run "$work/explicit.o"
  status 0
  out 'all results are right'
done
limited 4000000 "$wasmaot" run --memory-checks=explicit "$guests/demo.wasm"
status 0
out 'all results are right'
# A memory without a maximum takes what there is, and leaves some.
limited 4000000 "$wasmaot" run --memory-checks=explicit "$guests/hello.wasm"
status 0
out 'Hello'
run "$wasmaot" inspect "$work/explicit.o"
status 0
check 'it relies on no guard' sh -c '! grep -q guard-pages "$0"' "$work/out"
run "$wasmaot" run --memory-checks=none "$guests/demo.wasm"
status 2
err "--memory-checks: 'none' is none of guard, explicit"

finish

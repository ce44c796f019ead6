#!/bin/sh
# A host in Java, through JNI, with the virtual machine that is there.
#   java.sh BUILD INCLUDE MODULES
set -eu
build=$1
include=$2
module=$3/host.wasm
here=$(cd "$(dirname "$0")" && pwd)
command -v javac >/dev/null && command -v java >/dev/null || {
  echo 'SKIPPED: no Java'
  exit 77
}
home=$(java -XshowSettings:properties -version 2>&1 | sed -n 's/^ *java\.home = //p')
[ -r "$home/include/jni.h" ] || {
  echo 'SKIPPED: no jni.h'
  exit 77
}
work=$(mktemp -d "${TMPDIR:-/tmp}/wasmaot-java.XXXXXX")
trap 'rm -rf "$work"' EXIT
# What the test knows by number.
for line in 'INTEGER_DIVIDE_BY_ZERO = 7' 'MEMORY_OUT_OF_BOUNDS = 2' 'STACK_EXHAUSTED = 13' 'INTERRUPTED = 15'; do
  grep -q "WASMAOT_TRAP_$line," "$include/wasmaot.h" || {
    echo "FAILED: wasmaot.h has no WASMAOT_TRAP_$line"
    exit 1
  }
done
cc -shared -fPIC -Wall -Wextra -Werror -I"$include" -I"$home/include" -I"$home/include/linux" "$here/java/host.c" \
  -o "$work/libhost.so" -L"$build" -lwasmaot "-Wl,-rpath,$build"
javac -d "$work" "$here/java/Host.java"
# One processor's worth of collector threads; compiled code soon; every use of JNI checked.
for options in '-Xcheck:jni' '-Xcomp' '-XX:+UseSerialGC'; do
  timeout 200 java "$options" -cp "$work" Host "$work/libhost.so" "$module" >"$work/out" 2>&1 || {
    echo "FAILED: $options: status $?"
    head -50 "$work/out"
    exit 1
  }
  grep -qx 'all went well' "$work/out" || {
    echo "FAILED: $options"
    head -50 "$work/out"
    exit 1
  }
done
cat "$work/out"

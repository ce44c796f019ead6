#!/bin/sh
# A host in Java, through JNI, with the virtual machine that is there.
#   java.sh BUILD INCLUDE MODULES
. "$(dirname "$0")/lib.sh"
need javac java
home=$(java -XshowSettings:properties -version 2>&1 | sed -n 's/^ *java\.home = //p')
[ -r "$home/include/jni.h" ] || skip 'no jni.h'
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
  well "$options" java "$options" -cp "$work" Host "$work/libhost.so" "$module"
done
cat "$work/out"

#!/bin/sh
# A host in Java by java.lang.foreign, which is part of it since Java 22.
#   panama.sh BUILD INCLUDE MODULES
. "$(dirname "$0")/lib.sh"
need javac java
version=$(javac -version 2>&1 | sed -n 's/^javac \([0-9]*\).*/\1/p')
[ "${version:-0}" -ge 22 ] || skip "Java $version, which has no java.lang.foreign"
# What the test knows by number.
for line in 'INTEGER_DIVIDE_BY_ZERO = 7' 'MEMORY_OUT_OF_BOUNDS = 2' 'STACK_EXHAUSTED = 13' 'INTERRUPTED = 15'; do
  grep -q "WASMAOT_TRAP_$line," "$include/wasmaot.h" || {
    echo "FAILED: wasmaot.h has no WASMAOT_TRAP_$line"
    exit 1
  }
done
javac -Xlint:all,-restricted -Werror -d "$work" "$here/java/Panama.java"
for options in '-Xcomp' '-XX:+UseSerialGC'; do
  well "$options" java --enable-native-access=ALL-UNNAMED "$options" -cp "$work" Panama "$build/libwasmaot.so" "$module"
done
cat "$work/out"

#!/bin/sh
# A host in Ruby, through fiddle, which is part of it.
#   ruby.sh BUILD INCLUDE MODULES
. "$(dirname "$0")/lib.sh"
need ruby
ruby -e 'require "fiddle"' 2>/dev/null || skip 'this Ruby has no fiddle'
# What the test knows by number.
for line in 'INTEGER_DIVIDE_BY_ZERO = 7' 'MEMORY_OUT_OF_BOUNDS = 2' 'STACK_EXHAUSTED = 13' 'INTERRUPTED = 15'; do
  grep -q "WASMAOT_TRAP_$line," "$include/wasmaot.h" || {
    echo "FAILED: wasmaot.h has no WASMAOT_TRAP_$line"
    exit 1
  }
done
well 'the host' ruby -W2 "$here/host.rb" "$build/libwasmaot.so" "$module"
cat "$work/out"

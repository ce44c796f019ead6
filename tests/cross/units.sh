#!/bin/sh
# Unit tests of another build of the runtime; their modules are compiled by the host's command.
#   units.sh BUILD HOST-BUILD REGULAR-EXPRESSION
set -eu
build=$1
host=$2
failures=0
(cd "$build" && WASMAOT_TEST_COMPILER="$host/cli/wasmaot" \
  WASMAOT_TEST_LAZY="$host/tests/unit/test_lazy_server" \
  ctest -j2 -L unit -R "$3" --output-on-failure -V --no-tests=error) >"$build/units.log" 2>&1 || {
  grep -e 'failed:' -e ' does not hold' -e '[*][*][*]' "$build/units.log" || tail -n 20 "$build/units.log"
  failures=1
}
sed -n 's/.*: Checks: \([0-9]*\), Failures: \([0-9]*\)$/\1 \2/p' "$build/units.log" |
  awk '{ checks += $1; failures += $2 } END { print "unit tests: " checks " checks, " failures + 0 " failed" }'
exit "$failures"

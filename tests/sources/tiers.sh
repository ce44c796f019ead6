#!/bin/sh
# Every test that docs/tiers.md names exists, in a build that has them all.
#   tiers.sh SOURCE BUILD
set -eu
page=$1/docs/tiers.md
ctest --test-dir "$2" -N | sed -n 's/^ *Test *#[0-9]*: //p' >"$2/tests.list"
names=$(grep -o '`[a-z][a-z0-9_]*[.][A-Za-z0-9_.-]*`' "$page" | tr -d '`' |
  grep -v '^wasi[.]' | sort -u)
missing=$(printf '%s\n' "$names" | grep -vxF -f "$2/tests.list" || true)
[ "$(printf '%s\n' "$names" | wc -l)" -gt 30 ] || {
  echo "FAILED: $page names hardly a test"
  exit 1
}
[ -z "$missing" ] || {
  echo "FAILED: docs/tiers.md names tests that do not exist:" $missing
  exit 1
}

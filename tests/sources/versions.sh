#!/bin/sh
# CHANGELOG.md names the ABI that the runtime has, and every place that has wasmaot's version the same.
#   versions.sh SOURCE
set -eu
cd "$1"
failures=0
same() { # WHAT FOUND EXPECTED
  [ -n "$2" ] && [ "$2" = "$3" ] || {
    echo "FAILED: $1 is '$2', not '$3'"
    failures=$((failures + 1))
  }
}

version=$(sed -n 's/^project(wasmaot VERSION \([0-9.]*\) .*/\1/p' CMakeLists.txt)
abi=$(sed -n 's/^#define WA_ABI_VERSION \([0-9]*\)u$/\1/p' runtime/abi.h)
heading=$(grep -m 1 '^## ' CHANGELOG.md)
same "the newest ABI in CHANGELOG.md" "${heading##*, ABI }" "$abi"
same "the newest version in CHANGELOG.md" "$(sed -n 's/^## \([0-9][0-9.]*\), .*/\1/p' CHANGELOG.md | head -n 1)" "$version"
same "the version in cmake/debian/changelog" "$(sed -n '1s/.*(\(.*\)).*/\1/p' cmake/debian/changelog)" "$version"
same "the version of bindings/rust" "$(sed -n 's/^version = "\(.*\)"$/\1/p' bindings/rust/Cargo.toml)" "$version"
same "the version of bindings/python" "$(sed -n 's/^version = "\(.*\)"$/\1/p' bindings/python/pyproject.toml)" "$version"
[ "$failures" -eq 0 ]

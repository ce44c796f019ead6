#!/bin/sh
# Formatting and linting are checked in small trees of one file: good, bad, none, with git and without,
# in a folder with a space in its name, and without the tools.
#   checks.sh SOURCE
set -eu
source=$1
for tool in clang-format-14 clang-tidy-14 git; do
  command -v "$tool" >/dev/null || {
    echo "SKIPPED: no $tool"
    exit 77
  }
done
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failures=0

# expect STATUS PATTERN COMMAND...: in the tree `$tree`
expect() {
  status=0
  wanted=$1
  pattern=$2
  shift 2
  (cd "$tree" && "$@") >"$work/output" 2>&1 || status=$?
  [ "$status" -ne 0 ] && status=1
  if [ "$status" -ne "$wanted" ] || ! grep -q -- "$pattern" "$work/output"; then
    echo "FAILED: $*: status $status, not $wanted with '$pattern':"
    cat "$work/output"
    failures=$((failures + 1))
  fi
}
format() {
  expect "$1" "$2" sh "$source/cmake/check-format.sh"
}
tidy() {
  expect "$1" "$2" sh "$source/cmake/check-tidy.sh" "$tree/build" 2
}
new_tree() { # NAME: with settings and an empty build, but no source
  tree="$work/$1"
  mkdir -p "$tree/build"
  cp "$source/.clang-format" "$source/.clang-tidy" "$tree"
  echo '[]' >"$tree/build/compile_commands.json"
}
compiles() { # FILE: the build does
  cat >"$tree/build/compile_commands.json" <<EOF
[{"directory": "$tree/build", "command": "cc -c '$tree/$1'", "file": "$tree/$1"}]
EOF
}

new_tree 'a tarball'
format 1 'no C file'
tidy 1 'no C file'
printf 'int one(int a) {\n  return a;\n}\n' >"$tree/one.c"
printf 'int not_ours  ;\n' >"$tree/build/made.c"
format 0 'all 1 files'
tidy 1 'no C file'
compiles one.c
tidy 0 'found in 1 files'
printf 'int one(int a){return a;}\n' >"$tree/two.h"
format 1 'code should be clang-formatted'
printf 'void one(int a) {\n  (void)a;\n  return;\n}\n' >"$tree/one.c"
tidy 1 'readability-redundant-control-flow'
printf 'int one(int a) {\n  if (a > 1)\n    a = 1;\n  return a;\n}\n' >"$tree/one.c"
tidy 1 'readability-braces-around-statements'

# What git knows, without what lies about.
new_tree 'a clone'
git -C "$tree" init -q
printf 'int one(int a) {\n  return a;\n}\n' >"$tree/one.c"
git -C "$tree" add one.c
printf 'int  two  ;\n' >"$tree/two.c"
format 0 'all 1 files'
git -C "$tree" add two.c
format 1 'code should be clang-formatted'

# Without the tools.
mkdir "$work/bin"
for command in sh git grep find sed sort wc tr xargs dirname; do
  ln -s "$(command -v "$command")" "$work/bin/$command"
done
expect 1 'no clang-format-14' env "PATH=$work/bin" sh "$source/cmake/check-format.sh"
expect 1 'no clang-tidy-14' env "PATH=$work/bin" sh "$source/cmake/check-tidy.sh" "$tree/build" 2
for command in ls tail; do
  ln -s "$(command -v "$command")" "$work/bin/$command"
done
expect 1 'missing:.* clang-format-14 clang-tidy-14' env "PATH=$work/bin" WASMAOT_NO_INSTALL=1 \
  sh "$source/cmake/install-deps.sh" check
[ "$failures" -eq 0 ]

#!/bin/sh
# What a release has for those who do not use Debian's packages, in BUILD/dist: the sources, a tree for this
# architecture, the runtime for the others, the notes and checksums. Then tries every archive.
#   dist.sh BUILD GUESTS JOBS
# Of the last commit, in which nothing may be changed. Made again in the same place with the same tools, the
# archives are the same bytes: names sorted, and the commit's time.
set -eu
build=$(realpath "$1")
guests=$(realpath "$2")
jobs=$3
dist=$build/dist

fail() {
  echo "dist: $1" >&2
  exit 1
}
[ -d .git ] || [ -f .git ] || fail 'this is no checkout of git: a release is made of a commit'
[ -z "$(git status --porcelain)" ] || fail 'the checkout has changes; commit them, or put them away'
version=$(sed -n 's/^project(wasmaot VERSION \([0-9.]*\).*/\1/p' CMakeLists.txt)
[ -n "$version" ] || fail 'CMakeLists.txt has no version'
time=$(git log -1 --format=%ct)
host=$(uname -m)

rm -rf "$dist"
mkdir -p "$dist"
work=$build/dist-work
rm -rf "$work"
mkdir "$work"
trap 'rm -rf "$work"' EXIT

archive() { # DIRECTORY NAME: of the directory of that name in it
  tar -C "$1" --sort=name --mtime="@$time" --owner=0 --group=0 --numeric-owner -cf - "$2" |
    xz -6 -T1 >"$dist/$2.tar.xz"
  echo "dist: $2.tar.xz, $(($(wc -c <"$dist/$2.tar.xz") / 1024)) KB"
}

# ---- Sources and notes ----

source=wasmaot-$version
git archive --prefix="$source/" HEAD | tar -C "$work" -xf -
archive "$work" "$source"
awk '/^## / { n++ } n == 1' CHANGELOG.md >"$dist/RELEASE-NOTES.md"
[ -s "$dist/RELEASE-NOTES.md" ] || fail 'CHANGELOG.md has no heading of a version'

# ---- Trees ----

configure() { # BUILD OPTION...: from the archive, so that it is known to be complete
  into=$1
  shift
  cmake -S "$work/$source" -B "$into" -G Ninja -DCMAKE_BUILD_TYPE=Release -DWASMAOT_TESTS=OFF "$@" >"$work/log" 2>&1 &&
    cmake --build "$into" -j "$jobs" >"$work/log" 2>&1 || {
    tail -n 20 "$work/log" >&2
    fail "$into could not be built"
  }
}
install_tree() { # BUILD TREE OPTION...
  from=$1
  tree=$2
  shift 2
  cmake --install "$from" --prefix "$work/$tree" --strip "$@" >/dev/null
}

whole=wasmaot-$version-linux-$host
configure "$work/build-$host"
install_tree "$work/build-$host" "$whole"
others=''
for arch in x86_64 aarch64 riscv64; do
  [ "$arch" != "$host" ] || continue
  command -v "$arch-linux-gnu-gcc" >/dev/null || {
    echo "dist: no $arch-linux-gnu-gcc: nothing for $arch"
    continue
  }
  others="$others $arch"
  configure "$work/build-$arch" --toolchain "$work/$source/cmake/toolchain-$arch-linux-gnu.cmake" -DWASMAOT_COMPILER=OFF
  # The start files are the compiler's, which makes programs for all architectures.
  install_tree "$work/build-$arch" "$whole" --component compiler
  for component in command runtime development; do
    install_tree "$work/build-$arch" "wasmaot-runtime-$version-linux-$arch" --component "$component"
  done
done
for tree in "$whole" $(for arch in $others; do echo "wasmaot-runtime-$version-linux-$arch"; done); do
  archive "$work" "$tree"
done
(cd "$dist" && sha256sum wasmaot-*.tar.xz RELEASE-NOTES.md >SHA256SUMS)

# ---- They work ----

rm -rf "${work:?}"/*
(cd "$dist" && sha256sum --quiet -c SHA256SUMS)
for file in "$dist"/*.tar.xz; do
  tar -C "$work" -xf "$file"
done
command=$work/$whole/bin/wasmaot
try() { # ARCH COMMAND...: the demo's object
  arch=$1
  shift
  "$command" compile --target "$arch-linux-gnu" "$guests/demo.wasm" -o "$work/demo.o"
  "$@" run "$work/demo.o" | grep -q 'all results are right' || fail "the archive for $arch does not run a program"
  "$command" compile --target "$arch-linux-gnu" --emit=exe "$guests/demo.wasm" -o "$work/demo"
  echo "dist: $arch: a program compiled, run, and linked"
}
try "$host" "$command"
for arch in $others; do
  if command -v "qemu-$arch-static" >/dev/null; then
    try "$arch" "qemu-$arch-static" -L "/usr/$arch-linux-gnu" "$work/wasmaot-runtime-$version-linux-$arch/bin/wasmaot"
  else
    echo "dist: $arch: not tried, for there is no qemu-$arch-static"
  fi
done
ls -l "$dist"

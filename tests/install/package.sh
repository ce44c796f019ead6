#!/bin/sh
# Installs the Debian packages into a clean root, made by debootstrap, and uses them there.
#   package.sh PACKAGES GUESTS THIS-DIRECTORY BUILD [RELEASE...]
# BUILD is what the packages were made of. With no RELEASE, in a root of this machine's release, from the
# archive that its apt uses. For each RELEASE of Debian or Ubuntu, packages are built in a root of that release first,
# from these sources and with its LLVM.
# WASMAOT_PACKAGE_ROOT names a directory to make roots in (2 GB, 5 with a RELEASE); WASMAOT_PACKAGE_MIRROR the
# archive of the releases (default: apt's, of Ubuntu debootstrap's), WASMAOT_PACKAGE_KEYRING a file with
# its keys. Exit status 77: skipped.
set -eu
packages=$(realpath "$1")
guests=$(realpath "$2")
here=$(realpath "$3")
build=$(realpath "$4")
shift 4
source=$(realpath "$here/../..")
failures=0
checks=0

skip() {
  echo "SKIPPED: $1"
  exit 77
}
command -v debootstrap >/dev/null || skip 'no debootstrap'
[ "$(id -u)" -eq 0 ] || skip 'only root can make a Debian root'
[ -r /etc/os-release ] || skip 'not a Debian'
own=$(. /etc/os-release && echo "${VERSION_CODENAME:-}")
# The first archive that has the release itself.
archive=$(apt-get indextargets --format '$(SITE) $(CODENAME) $(SUITE)' 'Created-By: Packages' |
  awk -v name="$own" '$2 == name { print $1; exit }')
[ -n "$archive" ] || skip "apt knows no archive of '$own'"
proxy=''
eval "$(apt-config shell proxy Acquire::http::Proxy)"
[ -z "$proxy" ] || export http_proxy="$proxy"

place=$(mktemp -d "${WASMAOT_PACKAGE_ROOT:-${TMPDIR:-/tmp}}/wasmaot-root.XXXXXX")
leave() { # no root: what is mounted there
  for mounted in "$1/proc" "$1$source"; do
    ! mountpoint -q "$mounted" || umount "$mounted"
  done
}
trap 'leave "$place/root"; leave "$place/builder"; rm -rf --one-file-system "$place"' EXIT

# ---- Roots ----

make_root() { # RELEASE: an empty one in $root
  root=$place/root
  leave "$root"
  rm -rf --one-file-system "$root"
  set -- "$1" "$root"
  [ -z "${WASMAOT_PACKAGE_KEYRING:-}" ] || set -- "--keyring=$WASMAOT_PACKAGE_KEYRING" "$@"
  # Releases of Ubuntu share a script, and have compilers in another part of the archive.
  case $(readlink "/usr/share/debootstrap/scripts/$release") in
  gutsy)
    set -- --components=main,universe "$@" ${WASMAOT_PACKAGE_MIRROR:+"$WASMAOT_PACKAGE_MIRROR"}
    ;;
  *) set -- "$@" "${WASMAOT_PACKAGE_MIRROR:-$archive}" ;;
  esac
  debootstrap --variant=minbase "$@" >"$place/log" 2>&1 || {
    tail -n 5 "$place/log"
    skip "debootstrap could not make a root of $release"
  }
  cp -r /etc/apt/apt.conf.d/. "$root/etc/apt/apt.conf.d/"
  # apt in a root of this release reads what apt reads here.
  if [ "$release" = "$own" ]; then
    cp -r /etc/apt/sources.list* /etc/apt/trusted.gpg.d "$root/etc/apt/" 2>/dev/null || :
    cp -r /usr/share/keyrings/. "$root/usr/share/keyrings/" 2>/dev/null || :
  fi
  mkdir "$root/packages" "$root/work"
}

enter() { # ROOT COMMAND...
  inner=$1
  shift
  mountpoint -q "$inner/proc" || mount -t proc proc "$inner/proc" 2>/dev/null || skip 'no /proc can be mounted in the root'
  chroot "$inner" env -i PATH=/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8 \
    DEBIAN_FRONTEND=noninteractive "$@"
}

# Packages of the release in $packages, built in a copy of the root.
build_packages() {
  builder=$place/builder
  leave "$builder"
  rm -rf --one-file-system "$builder"
  cp -a "$root" "$builder"
  mkdir "$builder/source"
  tar -C "$source" --exclude=./build --exclude=./.git -cf - . | tar -C "$builder/source" -xf -
  enter "$builder" sh -c 'set -e
    apt-get update
    for version in 22 21 20 19 18 17 16; do
      ! apt-cache show "llvm-$version-dev" "clang-$version" "lld-$version" || break
    done
    apt-get install -y --no-install-recommends make cmake ninja-build gcc g++ libc6-dev pkg-config check libelf-dev \
      zlib1g-dev file dpkg-dev gcc-aarch64-linux-gnu libc6-dev-arm64-cross "llvm-$version-dev" "clang-$version" \
      "lld-$version"
    make -C /source package WASMAOT_NO_INSTALL=1 JOBS='"$(nproc)" >"$place/log" 2>&1 || {
    tail -n 20 "$place/log"
    echo "FAILED: packages for $release could not be built"
    exit 1
  }
  packages=$place/packages
  rm -rf "$packages"
  cp -r "$builder/source/build/packages" "$packages"
  leave "$builder"
  rm -rf --one-file-system "$builder"
}

# ---- Checks ----

fails() { # WHAT
  failures=$((failures + 1))
  echo "FAILED: $1"
  tail -n 20 "$root/out" | sed 's/^/  /'
}
inside() { # COMMAND...: in the root, output kept
  checks=$((checks + 1))
  enter "$root" timeout 900 "$@" >"$root/out" 2>&1 || fails "$*"
}
prints() { # TEXT
  checks=$((checks + 1))
  grep -qF -e "$1" "$root/out" || fails "the output has no '$1'"
}
install() { # PACKAGE-OR-FILE...
  inside apt-get install -y --no-install-recommends "$@"
}
file_of() { # PACKAGE: its file in the root
  (cd "$root" && echo "packages/$1"_*.deb | sed 's,^,/,')
}
recommended() { # PACKAGE: what it recommends first
  dpkg-deb -f "$packages/$1"_*.deb Recommends | sed 's/[ ,].*//'
}

# The command alone runs objects and has no LLVM.
check_command() {
  install "$(file_of wasmaot)"
  inside sh -c '! dpkg -l | grep -i llvm'
  inside sh -c 'wasmaot run /work/hello.wasm; test $? -eq 1'
  prints 'compiler library is not installed'
  install "$(file_of wasmaot-compiler)"
  inside test -s /usr/share/doc/wasmaot-compiler/THIRD-PARTY-NOTICES -a -s /usr/share/doc/wasmaot/LICENSE
  inside test -s /usr/share/doc/wasmaot/README.md -a -s /usr/share/doc/wasmaot/docs/run.md
  inside wasmaot run /work/hello.wasm
  prints 'Hello from wasm32-wasip1'
  inside wasmaot compile /work/demo.wasm -o /work/demo.o
}

# Programs; linking needs lld, which the package recommends.
check_linking() {
  inside sh -c 'wasmaot compile --emit=exe /work/hello.wasm -o /work/hello; test $? -eq 1 -a ! -e /work/hello'
  prints 'linking needs lld, which is not installed'
  install "$(recommended wasmaot-compiler)"
  inside wasmaot compile --emit=exe /work/demo.wasm -o /work/demo
  inside env -i /work/demo
  prints 'all results are right'
  inside wasmaot compile --emit=shared --emit-header=/work/libreactor.h /work/reactor.wasm -o /work/libreactor.so
}

# Programs for other architectures, run here where there is a qemu for them.
check_cross() {
  other=aarch64
  [ "$(uname -m)" != aarch64 ] || other=x86_64
  compile="wasmaot compile --target=$other-linux-gnu"
  inside sh -c "$compile --emit=exe /work/demo.wasm -o /work/demo.other; test \$? -eq 1"
  prints 'install wasmaot-cross'
  [ -e "$root$(file_of wasmaot-cross)" ] || {
    echo 'SKIPPED: there is no wasmaot-cross, for want of cross compilers'
    return 0
  }
  install "$(file_of wasmaot-cross)"
  for arch in x86_64 aarch64 riscv64; do
    # LLVM compiles for RISC-V from 20 on.
    if [ -n "$(dpkg-deb -c "$packages"/wasmaot-cross_*.deb | grep "$arch-linux-gnu/.*[.]o")" ] &&
      chroot "$root" wasmaot targets | grep -q "^$arch"; then
      inside wasmaot compile --target=$arch-linux-gnu --emit=exe /work/demo.wasm -o "/work/demo.$arch"
      ! command -v "qemu-$arch-static" >/dev/null || {
        "qemu-$arch-static" "$root/work/demo.$arch" >"$root/out" 2>&1 || :
        prints 'all results are right'
      }
    fi
  done
  inside sh -c "$compile --emit=shared /work/reactor.wasm -o /work/libreactor.other; test \$? -eq 1"
  [ $other != aarch64 ] || {
    install libc6-arm64-cross
    inside wasmaot compile --target=aarch64-linux-gnu --emit=shared --emit-header=/work/libother.h /work/reactor.wasm \
      -o /work/libother.so
  }
}

# Shells and gdb find what is theirs by themselves.
check_finds() {
  install zsh gdb bash-completion
  inside zsh -f -c 'autoload -Uz compinit && compinit -u && echo "completes by $_comps[wasmaot]"'
  prints 'completes by _wasmaot'
  inside bash -c '. /usr/share/bash-completion/bash_completion && _completion_loader wasmaot; complete -p wasmaot'
  prints 'wasmaot'
  inside wasmaot compile -g -O0 /work/debug.wasm -o /work/debug.o
  inside gdb -batch -ex 'set breakpoint pending on' -ex 'break measure' -ex run -ex up -ex 'print *mine' -ex 'info auto-load' \
    -ex 'print $native(mine)->x' --args wasmaot run /work/debug.o threads
  prints '/usr/share/gdb/auto-load/usr/bin/wasmaot-gdb.py'
  prints 'hit Breakpoint 1, measure'
  prints '$1 = {x = 10, y = 1.25, name = "first'
  prints '$2 = 10'
}

check_removal() {
  inside sh -c 'apt-get purge -y "lld*" "wasmaot-cross*"'
  inside sh -c 'apt-get remove -y wasmaot-compiler && apt-get autoremove -y && ! dpkg -l | grep -i "^ii.*llvm"'
  inside wasmaot run /work/demo.o
  prints 'all results are right'
}

# The library and a program that is built with it.
check_library() {
  install "$(file_of libwasmaot0)" "$(file_of libwasmaot-dev)" gcc libc6-dev pkg-config
  inside sh -c 'test -e "/usr/lib/$(gcc -print-multiarch)/libwasmaot.so.0"'
  inside sh -c 'cc /work/consumer.c -o /work/consumer $(pkg-config --cflags --libs wasmaot)'
  inside /work/consumer /work/demo.o
  prints 'exports'
  inside sh -c 'cd /usr/share/doc/libwasmaot-dev/examples && cc precompiled.c -o /work/example -lwasmaot && test -s hello.c'
  inside gdb -batch -ex 'break main' -ex run -ex 'info auto-load' --args /work/consumer /work/demo.o
  prints "libwasmaot.so.$(dpkg-deb -f "$packages"/libwasmaot0_*.deb Version)-gdb.py"
  dpkg-deb -I "$packages"/libwasmaot0_*.deb shlibs >"$root/out" 2>&1 || :
  prints 'libwasmaot 0 libwasmaot0 (>= '
  for package in wasmaot libwasmaot0 libwasmaot-dev; do
    inside test -s "/usr/share/doc/$package/copyright" -a -s "/usr/share/doc/$package/changelog.gz"
  done
  inside sh -c 'apt-get purge -y "wasmaot*" "libwasmaot*" && ! find /usr -name "*wasmaot*" | grep .'
}

# By hand, below /usr/local: programs find the library without a word on where it is.
check_by_hand() {
  install cmake
  mkdir -p "$root$source"
  mount --bind "$source" "$root$source"
  inside cmake --install "$build" --prefix /usr/local
  inside cc /work/consumer.c -o /work/consumer -lwasmaot
  inside /work/consumer /work/demo.o
  prints 'exports'
  inside wasmaot run /work/demo.o
  prints 'all results are right'
}

# Nothing that lintian knows to be wrong or doubtful; and the same bytes when they are made again.
check_packages() {
  checks=$((checks + 1))
  if command -v lintian >/dev/null; then
    lintian --fail-on error,warning "$packages"/*.deb >"$root/out" 2>&1 || fails lintian
  else
    echo 'SKIPPED: no lintian'
  fi
  [ -n "${1:-}" ] || return 0
  cp -r "$packages" "$place/first"
  (cd "$source" && sh cmake/package.sh "${build%/*}" "$(nproc)") >"$root/out" 2>&1 || fails 'packages cannot be made again'
  for file in "$place"/first/*.deb; do
    checks=$((checks + 1))
    cmp "$file" "$packages/${file##*/}" >"$root/out" 2>&1 || fails "${file##*/} is not the same twice"
  done
}

check_release() {
  made=here
  make_root "$release"
  if [ "$release" != "$own" ]; then
    build_packages
    made=''
  fi
  cp "$packages"/*.deb "$root/packages/"
  for file in "$guests/hello.wasm" "$guests/demo.wasm" "$guests/reactor.wasm" "$guests/debug.wasm" "$here/consumer/consumer.c"; do
    cp "$file" "$root/work/"
  done
  inside apt-get update
  check_command
  check_linking
  check_cross
  check_finds
  check_removal
  check_library
  # What was built here runs in a root of this release.
  [ -z "$made" ] || check_by_hand
  check_packages $made
  echo "package-check: $checks checks, $failures failed, $release"
}

for release in "${@:-$own}"; do
  check_release
done
[ "$failures" -eq 0 ]

#!/bin/sh
# What wasmaot needs, installed with apt-get where it is missing. Says what it installs. Uses sudo only
# when not root. WASMAOT_NO_INSTALL=1: only says what is missing.
#   install-deps.sh demo     what a build of the command needs, and a C library for programs to try it with
#   install-deps.sh build    what a build needs
#   install-deps.sh check    and what `make check` must have: formatter, linter, assembler of the tests
#   install-deps.sh all      and what tests use where they find it, without which they are skipped
# What is only good to have is installed for `all`, or along with what is needed, and its absence is no
# error.
set -eu

purpose=${1:-all}
case $purpose in
demo | build | check | all) ;;
*)
  echo "install-deps: '$purpose' is none of demo, build, check and all" >&2
  exit 1
  ;;
esac

minimum=16 # the oldest LLVM that is supported

has() {
  command -v "$1" >/dev/null 2>&1
}

missing=''
need() { # PACKAGE COMMAND...: the package when a command of it is missing
  package=$1
  shift
  for command in "$@"; do
    has "$command" || {
      missing="$missing $package"
      return
    }
  done
}

need_module() { # PACKAGE MODULE: by pkg-config
  { has pkg-config && pkg-config --exists "$2"; } || missing="$missing $1"
}

# The newest LLVM with development files, its major version.
installed_llvm() {
  for config in /usr/lib/llvm-*/lib/cmake/llvm/LLVMConfigVersion.cmake \
    /usr/lib/llvm-*/cmake/LLVMConfigVersion.cmake \
    /usr/local/lib/cmake/llvm/LLVMConfigVersion.cmake \
    /usr/lib/cmake/llvm/LLVMConfigVersion.cmake \
    /usr/lib64/cmake/llvm/LLVMConfigVersion.cmake; do
    [ -r "$config" ] && sed -n 's/^set(PACKAGE_VERSION "\([0-9]*\)\..*/\1/p' "$config"
  done | sort -n | tail -n 1
}

recent() { # whether a tool of LLVM is new enough
  has "$1" || return 1
  major=$("$1" --version | sed -n '1s/^[^0-9]*\([0-9]*\)\..*/\1/p')
  [ "${major:-0}" -ge "$minimum" ]
}

available() { # whether apt knows a package
  apt-cache show "$1" >/dev/null 2>&1
}

# Packages for an LLVM that is new enough, with its clang and lld.
choose_llvm() {
  for version in 22 21 20 19 18 17 16; do
    if available "llvm-$version-dev" && available "clang-$version" && available "lld-$version"; then
      echo "llvm-$version-dev clang-$version lld-$version"
      return
    fi
  done
  default=$(apt-cache policy llvm-dev 2>/dev/null | sed -n 's/.*Candidate: [0-9]*:\([0-9]*\)\..*/\1/p')
  if [ "${default:-0}" -ge "$minimum" ]; then
    echo 'llvm-dev clang lld'
    return
  fi
  echo "install-deps: apt offers no LLVM of version $minimum or later" >&2
  return 1
}

rust_has() { # whether rustc has a standard library for a target
  [ -d "$(rustc --print target-libdir --target "$1" 2>/dev/null)" ]
}

need make make
need cmake cmake
need ninja-build ninja
need gcc gcc
need g++ g++
need pkg-config pkg-config
need python3 python3
need_module check check
need_module libelf-dev libelf
[ -r /usr/include/zlib.h ] || missing="$missing zlib1g-dev"

llvm=$(installed_llvm)
want_llvm=no
if [ "${llvm:-0}" -lt "$minimum" ]; then
  want_llvm=yes
else
  # Debian's plain clang may be older than the LLVM that was found.
  { has "clang-$llvm" || [ -x "/usr/lib/llvm-$llvm/bin/clang" ] || recent clang; } ||
    missing="$missing clang-$llvm"
  { has "wasm-ld-$llvm" || [ -x "/usr/lib/llvm-$llvm/bin/wasm-ld" ] || recent wasm-ld; } ||
    missing="$missing lld-$llvm"
fi
wanted=''
case $purpose in
demo) ;;
build)
  has clang-format-14 || wanted="$wanted clang-format-14"
  has clang-tidy-14 || wanted="$wanted clang-tidy-14"
  has wat2wasm || wanted="$wanted wabt"
  ;;
*)
  need clang-format-14 clang-format-14
  need clang-tidy-14 clang-tidy-14
  need wabt wat2wasm
  ;;
esac
# Programs to try, and to measure: a C library for WASI, and the compiler's own for it.
[ -r /usr/include/wasm32-wasi/stdio.h ] || wanted="$wanted wasi-libc"
[ "$want_llvm" = yes ] || [ -n "$(find "/usr/lib/llvm-$llvm/lib/clang" -name libclang_rt.builtins-wasm32.a 2>/dev/null)" ] ||
  wanted="$wanted libclang-rt-$llvm-dev-wasm32"
if [ "$purpose" != demo ]; then
  has gdb || wanted="$wanted gdb"
  has lldb || wanted="$wanted lldb"
  # The runtime with another C library.
  has musl-gcc || wanted="$wanted musl-tools"
  # Differential fuzzing.
  has node || wanted="$wanted nodejs"
  has wasm-opt || wanted="$wanted binaryen"
  # The tests of passes on hand-written IR.
  [ -z "$llvm" ] || has "FileCheck-$llvm" || [ -x "/usr/lib/llvm-$llvm/bin/FileCheck" ] ||
    wanted="$wanted llvm-$llvm-tools"
  # Fuzzing, and MemorySanitizer.
  [ -z "$llvm" ] || ls "/usr/lib/llvm-$llvm"/lib/clang/*/lib/*/libclang_rt.msan* >/dev/null 2>&1 ||
    wanted="$wanted libclang-rt-$llvm-dev"
  # Rust guests: 120 MB to download. Debian's rustup would have to go for them.
  [ -d /usr/lib/rustlib/wasm32-wasi ] || [ -e /usr/bin/rustup ] || rust_has wasm32-wasip1 || rust_has wasm32-wasip1-threads ||
    wanted="$wanted rustc cargo libstd-rust-dev-wasm32 lld-14"
fi

can_install() {
  [ "${WASMAOT_NO_INSTALL:-}" != 1 ] && has apt-get && { [ "$(id -u)" -eq 0 ] || has sudo; }
}

nothing_needed=no
[ -n "$missing" ] || [ "$want_llvm" = yes ] || nothing_needed=yes
# Who builds or checks is not asked for a password for what is only good to have.
if [ "$nothing_needed" = yes ] &&
  { [ -z "$wanted" ] || [ "$purpose" != all ] || ! can_install; }; then
  [ -z "$wanted" ] || [ "$purpose" = demo ] ||
    echo "install-deps: not installed, so their checks are left out:$wanted"
  exit 0
fi

if [ "${WASMAOT_NO_INSTALL:-}" = 1 ] || ! has apt-get; then
  [ "$want_llvm" = no ] || missing="$missing llvm-dev clang lld (version $minimum or later)"
  echo "install-deps: missing:$missing" >&2
  exit 1
fi

as_root=''
if [ "$(id -u)" -ne 0 ]; then
  as_root=sudo
  has sudo || {
    [ "$want_llvm" = no ] || missing="$missing llvm-dev clang lld (version $minimum or later)"
    echo "install-deps: missing:$missing; not root and no sudo to install them" >&2
    exit 1
  }
fi

$as_root apt-get update
if [ "$want_llvm" = yes ]; then
  chosen=$(choose_llvm)
  missing="$missing $chosen"
  version=$(echo "$chosen" | sed -n 's/^llvm-\([0-9]*\)-dev .*/-\1/p')
  wanted="$wanted libclang-rt$version-dev-wasm32"
fi
for package in $wanted; do
  ! available "$package" || missing="$missing $package"
done
if [ -z "$missing" ]; then
  echo "install-deps: apt does not have, so their checks are left out:$wanted"
  exit 0
fi
echo "install-deps: installing:$missing"
# shellcheck disable=SC2086  # a list of words
$as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends $missing

#!/bin/sh
# Objects are the same bytes whichever host compiled them, and code that is compiled there when it is
# called runs there: the compiler is built for AArch64 too, with Debian's LLVM of the same version,
# and run under qemu.
#   hosts.sh SOURCE HOST-BUILD LLVM-PACKAGE LLVM-INCLUDE
# apt downloads that LLVM (150 MB unpacked) into the build directory; nothing is installed. Exit
# status 77: skipped, because something is missing that it says.
set -eu
source=$1
host=$2
llvm=$3
include=$4
build=$host/hosts
root=$build/root

skip() {
  echo "SKIPPED: $1"
  exit 77
}
for command in aarch64-linux-gnu-gcc qemu-aarch64-static apt-get dpkg; do
  command -v $command >/dev/null || skip "no $command"
done
version=$(dpkg-query -W -f '${Version}' "$llvm" 2>/dev/null) || skip "$llvm is no package of Debian's"
[ "$(dpkg --print-architecture)" = amd64 ] || skip 'this host is no x86-64'

# ---- Another host's libraries ----

# apt as it would be on that host, with nothing installed.
apt() {
  apt-get -q -o APT::Architecture=arm64 -o APT::Architectures::=arm64 -o Dir::State="$build/apt" \
    -o Dir::State::status="$build/apt/status" -o Dir::Cache="$build/apt" -o APT::Sandbox::User=root \
    -o Debug::NoLocking=1 "$@"
}
if [ ! -f "$root/version" ] || [ "$(cat "$root/version")" != "$version libelf" ]; then
  rm -rf "$build"
  mkdir -p "$build/apt/lists/partial" "$build/apt/archives/partial" "$root"
  : >"$build/apt/status"
  apt update >"$build/apt.log" 2>&1 || skip "apt cannot read an archive: $(tail -n 1 "$build/apt.log")"
  apt install -y --download-only --no-install-recommends "$llvm=$version" libc6 libelf-dev \
    >>"$build/apt.log" 2>&1 || skip "no $llvm $version for AArch64: $(tail -n 1 "$build/apt.log")"
  # The toolchain has a C library to link with, whose places are its own.
  rm -f "$build"/apt/archives/libc6-dev_*
  for package in "$build"/apt/archives/*.deb; do
    dpkg -x "$package" "$root"
  done
  rm -rf "$build/apt"
  echo "$version libelf" >"$root/version"
fi
libraries=$root/usr/lib/aarch64-linux-gnu
library=$(find "$libraries" -type f -name 'libLLVM*.so*' | head -n 1)

# ---- The compiler on that host ----

# What the LLVM package of this host would say, with the other's library. Nothing here is C++.
major=${llvm#libllvm}
mkdir -p "$build/llvm"
cat >"$build/llvm/LLVMConfig.cmake" <<END
set(LLVM_PACKAGE_VERSION $major.0.0)
set(LLVM_VERSION_MAJOR $major)
set(LLVM_INCLUDE_DIRS "$include")
set(LLVM_TARGETS_TO_BUILD X86 AArch64 RISCV)
set(LLVM_LINK_LLVM_DYLIB ON)
set(LLVM_TOOLS_BINARY_DIR /nonexistent)
add_library(LLVM SHARED IMPORTED)
set_target_properties(LLVM PROPERTIES IMPORTED_LOCATION "$library")
END
PKG_CONFIG_LIBDIR=$libraries/pkgconfig PKG_CONFIG_SYSROOT_DIR=$root \
  cmake -S "$source" -B "$build/out" --toolchain "$source/cmake/toolchain-aarch64-linux-gnu.cmake" \
  -DCMAKE_BUILD_TYPE=Release -DWASMAOT_TESTS=OFF -DLLVM_DIR="$build/llvm" \
  -DCMAKE_FIND_ROOT_PATH="/usr/aarch64-linux-gnu;$build" -DCMAKE_CXX_COMPILER=c++ \
  -DCMAKE_CXX_COMPILER_FORCED=ON \
  -DCMAKE_SHARED_LINKER_FLAGS="-L$libraries -Wl,-rpath-link,$libraries:$root/lib/aarch64-linux-gnu" \
  >"$build/cmake.log" 2>&1 || {
  tail -n 20 "$build/cmake.log"
  exit 1
}
cmake --build "$build/out" -j 2 --target wasmaot_command wasmaot-compiler >"$build/build.log" 2>&1 || {
  tail -n 20 "$build/build.log"
  exit 1
}

cat >"$build/wasmaot" <<END
#!/bin/sh
exec qemu-aarch64-static -L "$root" -E "LD_LIBRARY_PATH=$libraries:$root/lib/aarch64-linux-gnu" \
  "$build/out/cli/wasmaot" "\$@"
END
chmod +x "$build/wasmaot"
# It compiles what runs there when that is called.
echo traps.sh, with functions that are compiled when they are called:
WASMAOT_LAZILY=$build/wasmaot sh "$source/tests/e2e/traps.sh" "$source/tests/e2e/lazily.sh" \
  "$host/tests/guests" "$host/tests/e2e/with_socket" "$host/tests/e2e/with_fds" "$source/docs" \
  "$host/tests/e2e/restrict" || exit 1
exec sh "$source/tests/cross/same.sh" "$host/cli/wasmaot" "$build/wasmaot" "$host/tests/guests"

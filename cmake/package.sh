#!/bin/sh
# Debian packages in BUILD/packages, with start files for every architecture that there is a C compiler for.
#   package.sh BUILD JOBS CMAKE-OPTION...
# Made again from the same sources with the same tools, they are the same bytes.
set -eu
build=$1
jobs=$2
shift 2
host=$(uname -m)

starts=''
for arch in x86_64 aarch64 riscv64; do
  [ "$arch" != "$host" ] || continue
  command -v "$arch-linux-gnu-gcc" >/dev/null || {
    echo "package: no $arch-linux-gnu-gcc: wasmaot-cross has nothing for $arch"
    continue
  }
  cmake -S . -B "$build/package-$arch" -G Ninja -DCMAKE_BUILD_TYPE=Release -DWASMAOT_TESTS=OFF \
    --toolchain "cmake/toolchain-$arch-linux-gnu.cmake" -DWASMAOT_COMPILER=OFF
  cmake --build "$build/package-$arch" -j "$jobs" --target start_files
  starts="$starts;$(realpath "$build")/package-$arch/start/$arch-linux-gnu"
done
cmake -S . -B "$build/package" -G Ninja -DCMAKE_BUILD_TYPE=Release -DWASMAOT_TESTS=OFF \
  -DCMAKE_INSTALL_PREFIX=/usr -DCMAKE_SKIP_INSTALL_RPATH=ON "-DWASMAOT_CROSS_START=${starts#;}" "$@"
cmake --build "$build/package" -j "$jobs"

# All files are as old as the changelog's last entry.
SOURCE_DATE_EPOCH=$(date -d "$(sed -n 's/^ -- .*>  //p' cmake/debian/changelog | head -n 1)" +%s)
export SOURCE_DATE_EPOCH
rm -rf "$build/packages"
(cd "$build/package" && cpack -G DEB -B ../packages)
rm -rf "$build/packages/_CPack_Packages"

# What CPack has no variable for: of libraries all architectures can be installed side by side, and a command
# serves every one; and the dynamic linker's cache is renewed by a trigger, for which no script is needed.
for file in "$build"/packages/*.deb; do
  case $file in
  */wasmaot_*) kind=foreign ;;
  *) kind=same ;;
  esac
  content=$build/packages/content
  dpkg-deb -R "$file" "$content"
  grep -q '^Multi-Arch:' "$content/DEBIAN/control" ||
    sed -i "s/^Architecture:.*/&\nMulti-Arch: $kind/" "$content/DEBIAN/control"
  rm -f "$content/DEBIAN/postinst" "$content/DEBIAN/postrm"
  # Ubuntu's compresses by what lintian refuses.
  dpkg-deb -Zxz --root-owner-group -b "$content" "$file" >/dev/null
  rm -r "$content"
done
ls -l "$build/packages"

#!/bin/sh
# Installs the Debian packages into a clean root, made by debootstrap from the archive that this
# machine's apt uses, and uses them there.
#   package.sh PACKAGES GUESTS THIS-DIRECTORY
# WASMAOT_PACKAGE_ROOT names a directory to make the root in (2 GB). Exit status 77: skipped.
set -eu
packages=$(realpath "$1")
guests=$(realpath "$2")
here=$(realpath "$3")
failures=0
checks=0

skip() {
  echo "SKIPPED: $1"
  exit 77
}
command -v debootstrap >/dev/null || skip 'no debootstrap'
[ "$(id -u)" -eq 0 ] || skip 'only root can make a Debian root'
[ -r /etc/os-release ] || skip 'not a Debian'
codename=$(. /etc/os-release && echo "${VERSION_CODENAME:-}")
# The first archive that has the release itself.
mirror=$(apt-get indextargets --format '$(SITE) $(CODENAME) $(SUITE)' 'Created-By: Packages' |
  awk -v name="$codename" '$2 == name { print $1; exit }')
[ -n "$mirror" ] || skip "apt knows no archive of '$codename'"

root=$(mktemp -d "${WASMAOT_PACKAGE_ROOT:-${TMPDIR:-/tmp}}/wasmaot-root.XXXXXX")
trap 'umount "$root/proc" 2>/dev/null || :; rm -rf --one-file-system "$root"' EXIT
proxy=''
eval "$(apt-config shell proxy Acquire::http::Proxy)"
[ -z "$proxy" ] || export http_proxy="$proxy"
debootstrap --variant=minbase "$codename" "$root" "$mirror" >"$root.log" 2>&1 || {
  tail -n 5 "$root.log"
  rm -f "$root.log"
  skip 'debootstrap could not make a root'
}
rm -f "$root.log"

inside() { # COMMAND...: in the root, output kept
  checks=$((checks + 1))
  timeout 900 chroot "$root" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root \
    DEBIAN_FRONTEND=noninteractive "$@" >"$root/out" 2>&1 || {
    failures=$((failures + 1))
    echo "FAILED: $*"
    tail -n 20 "$root/out" | sed 's/^/  /'
  }
}
prints() { # TEXT
  checks=$((checks + 1))
  grep -qF -e "$1" "$root/out" || {
    failures=$((failures + 1))
    echo "FAILED: the output has no '$1'"
    sed 's/^/  /' "$root/out" | head -20
  }
}

# apt in the root reads what apt reads here.
cp -r /etc/apt/sources.list* /etc/apt/trusted.gpg.d "$root/etc/apt/" 2>/dev/null || :
cp -r /etc/apt/apt.conf.d/. "$root/etc/apt/apt.conf.d/"
cp -r /usr/share/keyrings/. "$root/usr/share/keyrings/" 2>/dev/null || :
mount -t proc proc "$root/proc" 2>/dev/null || skip 'no /proc can be mounted in the root'
mkdir "$root/packages" "$root/work"
cp "$packages"/*.deb "$root/packages/"
cp "$guests/hello.wasm" "$guests/demo.wasm" "$guests/reactor.wasm" "$here/consumer/consumer.c" "$root/work/"
inside apt-get update

# The command alone runs objects and has no LLVM.
inside sh -c 'apt-get install -y --no-install-recommends /packages/wasmaot_*.deb'
inside sh -c '! dpkg -l | grep -i llvm'
inside sh -c 'wasmaot run /work/hello.wasm; test $? -eq 1'
prints 'compiler library is not installed'
inside sh -c 'apt-get install -y --no-install-recommends /packages/wasmaot-compiler_*.deb'
inside test -s /usr/share/doc/wasmaot-compiler/THIRD-PARTY-NOTICES -a -s /usr/share/doc/wasmaot/LICENSE
inside wasmaot run /work/hello.wasm
prints 'Hello from wasm32-wasip1'
inside wasmaot compile /work/demo.wasm -o /work/demo.o

# Linking needs lld, which the package recommends.
inside sh -c 'wasmaot compile --emit=exe /work/hello.wasm -o /work/hello; test $? -eq 1 -a ! -e /work/hello'
prints 'linking needs lld, which is not installed'
lld=$(dpkg-deb -f "$packages"/wasmaot-compiler_*.deb Recommends | sed 's/[ ,].*//')
inside apt-get install -y --no-install-recommends "$lld"
inside wasmaot compile --emit=exe /work/demo.wasm -o /work/demo
inside env -i /work/demo
prints 'all results are right'
inside wasmaot compile --emit=shared --emit-header=/work/libreactor.h /work/reactor.wasm -o /work/libreactor.so
inside apt-get purge -y "$lld"
inside sh -c 'apt-get remove -y wasmaot-compiler && apt-get autoremove -y && ! dpkg -l | grep -i "^ii.*llvm"'
inside wasmaot run /work/demo.o
prints 'all results are right'

# The library and a program that is built with it.
inside sh -c 'apt-get install -y --no-install-recommends /packages/libwasmaot*.deb gcc pkg-config'
inside sh -c 'cc /work/consumer.c -o /work/consumer $(pkg-config --cflags --libs wasmaot)'
inside /work/consumer /work/demo.o
prints 'exports'
dpkg-deb -I "$packages"/libwasmaot0_*.deb shlibs >"$root/out" 2>&1 || :
prints 'libwasmaot 0 libwasmaot0 (>= '
for package in wasmaot libwasmaot0 libwasmaot-dev; do
  inside test -s "/usr/share/doc/$package/copyright" -a -s "/usr/share/doc/$package/changelog.gz"
done
inside sh -c 'apt-get purge -y "wasmaot*" "libwasmaot*" && ! find /usr -name "*wasmaot*" | grep .'

# No error of lintian's.
if command -v lintian >/dev/null; then
  checks=$((checks + 1))
  lintian --fail-on error "$packages"/*.deb >"$root/out" 2>&1 || {
    failures=$((failures + 1))
    grep '^E:' "$root/out" || tail -n 5 "$root/out"
  }
else
  echo 'SKIPPED: no lintian'
fi

echo "package-check: $checks checks, $failures failed, Debian $codename"
[ "$failures" -eq 0 ]

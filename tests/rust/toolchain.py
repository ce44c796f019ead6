"""A rustc whose standard library is built from its sources, with unwinding, in folders of the build.

Debian's packages rustc-web, cargo-web and rust-web-src are unpacked, not installed: what the machine has stays as it
is. With the sources come the tests of core, alloc and std.
"""

import glob
import os
import shutil

import debian
from call import BuildError, call
from libc import TARGET, Libc

PACKAGES = ["rustc-web", "cargo-web", "rust-web-src", "libstd-rust-web-dev"]

# What panics are thrown with. Nothing defines it for WASI, so each program that unwinds has to.
TAG = """#![no_std]
#![feature(asm_experimental_arch)]
core::arch::global_asm!(".globl __cpp_exception", ".tagtype __cpp_exception i32", "__cpp_exception:");
"""

# What cargo takes for rustc. Crates that were built with other flags in RUSTFLAGS are other crates to it, and std's own
# tests need the very same ones twice: as a dependency and in the sysroot. These flags it does not see.
WRAPPER = """#!/bin/sh
exec rustc "$@" $RUSTC_MORE_FLAGS
"""

# The lines of the sources that are other here. Without the first, libtest leaves out what should panic, as if nothing
# could catch it; without the second, every test with a temporary directory panics.
EDITS = [
    ("test/src/lib.rs", '(cfg!(target_family = "wasm") || cfg!(target_os = "zkvm"))',
     '(cfg!(all(target_family = "wasm", panic = "abort")) || cfg!(target_os = "zkvm"))'),
    ("std/src/sys/paths/wasi.rs", 'pub fn temp_dir() -> PathBuf {\n    panic!("not supported by WASI yet")',
     'pub fn temp_dir() -> PathBuf {\n    PathBuf::from("/tmp")'),
    # These tests do not compile for WASI.
    ("std/src/sys/fd/unix.rs", "#[cfg(test)]\nmod tests;", ""),
]

# Flavours of the library: flags of rustc for it and all that is linked with it.
FLAVOURS = {
    "abort": ["-Cpanic=abort"],
    "legacy": ["-Cpanic=unwind"],
    "exnref": ["-Cpanic=unwind", "-Cllvm-args=-wasm-use-legacy-eh=false"],
}


class Toolchain:
    def __init__(self, folder, jobs, libc_repository=None):
        self.folder = os.path.abspath(folder)
        self.jobs = jobs
        self.libc = Libc(self.folder, libc_repository, jobs)
        self.root = os.path.join(self.folder, "root", "usr")
        if not os.path.exists(os.path.join(self.root, "bin", "rustc")):
            self.unpack()

    def unpack(self):
        packages = os.path.join(self.folder, "packages")
        os.makedirs(packages, exist_ok=True)
        try:
            listed = call(["apt-cache", "depends", "libstd-rust-web-dev"], packages)
            library = [line.split()[-1] for line in listed.splitlines() if "Depends: libstd-rust-web-1" in line]
            debian.unpack([*PACKAGES, *library], packages, os.path.join(self.folder, "root"))
        except BuildError as error:
            last = str(error).splitlines()[-1]
            raise BuildError(f"no packages of Debian's newest rustc (apt-get update?): {last}") from error

    def environment(self, flags=()):
        """For cargo and rustc of this toolchain; the second gets FLAGS, of which the first does not know."""
        wrapper = os.path.join(self.folder, "rustc-more")
        if not os.path.exists(wrapper):
            with open(wrapper, "w") as file:
                file.write(WRAPPER)
            os.chmod(wrapper, 0o755)
        values = {name: value for name, value in os.environ.items()
                  if not name.startswith(("CARGO_", "RUSTUP_", "RUSTC")) and name != "RUSTFLAGS"}
        return {**values, **self.libc.environment(), "PATH": f"{self.root}/bin:{values['PATH']}", "RUSTC_BOOTSTRAP": "1",
                "RUSTC": wrapper, "RUSTC_MORE_FLAGS": " ".join(flags),
                "LD_LIBRARY_PATH": os.path.join(self.root, "lib", "x86_64-linux-gnu"),
                "CARGO_TARGET_WASM32_WASIP1_THREADS_LINKER": linker(),
                "CARGO_PROFILE_DEV_DEBUG": "0", "CARGO_PROFILE_TEST_DEBUG": "0", "CARGO_INCREMENTAL": "0"}

    def library(self):
        """A copy of the library's sources, with the edits."""
        copy = os.path.join(self.folder, "library-src", "library")
        if not os.path.exists(copy):
            source = os.path.realpath(os.path.join(self.root, "lib", "rustlib", "src", "rust"))
            shutil.copytree(os.path.join(source, "library"), copy + ".new")
            os.makedirs(os.path.join(os.path.dirname(copy), "src"), exist_ok=True)
            shutil.copy(os.path.join(source, "src", "version"), os.path.join(os.path.dirname(copy), "src"))
            for name, before, after in EDITS:
                edit(os.path.join(copy + ".new", name), before, after)
            os.rename(copy + ".new", copy)
        return copy

    def library_environment(self, flavour, flags=()):
        own = ["-Zforce-unstable-if-unmarked", "-Cembed-bitcode=no", *FLAVOURS[flavour]]
        return {**self.environment(flags), "RUSTFLAGS": " ".join(own)}

    def target(self, flavour):
        return os.path.join(self.folder, "target-" + flavour)

    def sysroot(self, flavour):
        """The folder that --sysroot names: the library for the target, and for build scripts this machine's own."""
        root = os.path.join(self.folder, "sysroot-" + flavour)
        folder = os.path.join(root, "lib", "rustlib", TARGET, "lib")
        if os.path.exists(folder):
            return root
        unwind = ["--features", "panic-unwind"] if flavour != "abort" else []
        call(["cargo", "build", "--release", "-j", str(self.jobs), "-p", "sysroot", *unwind, "--target", TARGET,
              "--target-dir", self.target(flavour)], self.library(),
             self.library_environment(flavour))
        os.makedirs(os.path.join(root, "lib", "rustlib"), exist_ok=True)
        os.symlink(os.path.join(self.root, "lib", "rustlib", "x86_64-unknown-linux-gnu"),
                   os.path.join(root, "lib", "rustlib", "x86_64-unknown-linux-gnu"))
        built = folder + ".new"
        shutil.rmtree(built, ignore_errors=True)
        shutil.copytree(self.libc.libraries(), os.path.join(built, "self-contained"))
        for rlib in glob.glob(os.path.join(self.target(flavour), TARGET, "release", "deps", "*.rlib")):
            shutil.copy(rlib, built)
        os.rename(built, folder)
        return root

    def tag(self):
        """The object that defines what panics are thrown with."""
        output = os.path.join(self.folder, "tag.o")
        if not os.path.exists(output):
            source = os.path.join(self.folder, "tag.rs")
            with open(source, "w") as file:
                file.write(TAG)
            call(["rustc", "--target", TARGET, "--sysroot", self.sysroot("legacy"), "--crate-type=lib", "--emit=obj",
                  source, "-o", output], self.folder, self.environment())
        return output

    def flags(self, flavour):
        """What rustc needs to make programs with the library of that flavour."""
        words = ["--sysroot", self.sysroot(flavour), *FLAVOURS[flavour]]
        return words if flavour == "abort" else [*words, f"-Clink-arg={self.tag()}"]


def edit(path, before, after):
    with open(path) as file:
        text = file.read()
    if before not in text:
        raise BuildError(f"{path} has no line to replace: {before}")
    with open(path, "w") as file:
        file.write(text.replace(before, after))


def linker():
    for name in ("wasm-ld-22", "wasm-ld", "rust-lld"):
        if shutil.which(name):
            return shutil.which(name)
    raise BuildError("no wasm-ld of LLVM 22")


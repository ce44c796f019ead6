"""Fetches the programs' sources and builds them, natively and for WASI.

The manifests name exact versions; cargo checks what it fetches. It works in the folder of the build, where its lock
files stay: a second run builds the same.
"""

import glob
import os
import re
import shutil
import subprocess
import threading

from harness import build

import programs as table

HERE = table.HERE
COMMON = ["-O2", "-ffp-contract=off", "-w"]
LIBRARIES = {"C": "wasi-libc and libclang-rt-dev-wasm32", "C++": "libc++-dev-wasm32 and libc++abi-dev-wasm32"}
STACK = "-Wl,-z,stack-size=1048576"


class Missing(Exception):
    """What a program needs is not on this machine: it is skipped."""


def once(method):
    """Runs a method once for each of its arguments; what it gave or raised is kept."""
    lock, kept = threading.Lock(), {}

    def wrapped(self, *args):
        with lock:
            slot = kept.setdefault(args, {"lock": threading.Lock()})
        with slot["lock"]:
            if "outcome" not in slot:
                try:
                    slot["outcome"] = (method(self, *args), None)
                except (build.BuildError, Missing) as error:
                    slot["outcome"] = (None, error)
        value, error = slot["outcome"]
        if error is not None:
            raise error
        return value
    return wrapped


def rust_target(program):
    return "wasm32-wasip1-threads" if program.threads else "wasm32-wasip1"


def copy_changed(source, target):
    """Copies a file unless it is the same, so that cargo sees no change where there is none."""
    with open(source, "rb") as file:
        data = file.read()
    os.makedirs(os.path.dirname(target), exist_ok=True)
    if os.path.exists(target):
        with open(target, "rb") as file:
            if file.read() == data:
                return
    with open(target, "wb") as file:
        file.write(data)


class Builder(build.Builder):
    """What the engines of the harness ask for, of programs of the table."""

    # ---- Sources ----

    @once
    def vendor(self):
        """The folder of all crates with sources in C and C++, each in a folder NAME-VERSION."""
        if not shutil.which("cargo"):
            raise Missing("no cargo to fetch sources with")
        manifest = os.path.join(HERE, "sources", "Cargo.toml")
        copy = os.path.join(self.directory, "sources", "Cargo.toml")
        copy_changed(manifest, copy)
        library = os.path.join(self.directory, "sources", "src", "lib.rs")
        os.makedirs(os.path.dirname(library), exist_ok=True)
        with open(library, "a"):
            pass
        output = os.path.join(self.directory, "vendor")
        try:
            return build.make(output, ["cargo", "vendor", "--versioned-dirs", "--manifest-path", copy, output],
                              [manifest])
        except build.BuildError as error:
            raise Missing(f"the sources cannot be fetched: {str(error).strip().splitlines()[-1]}") from error

    def crate(self, name):
        folders = [folder for folder in os.listdir(self.vendor()) if re.fullmatch(re.escape(name) + r"-\d.*", folder)]
        if len(folders) != 1:
            raise build.BuildError(f"{name}: {len(folders)} versions were fetched")
        return os.path.join(self.vendor(), folders[0])

    def files(self, program, patterns):
        def folder_of(pattern):
            return self.crate(pattern.split(":")[0] if ":" in pattern else program.crate)
        return table.expand(patterns, folder_of)

    def embedded(self, program):
        """A folder with the program's scripts as headers."""
        folder = self.path(program, "embed")
        os.makedirs(folder, exist_ok=True)
        for name in program.embed:
            with open(os.path.join(HERE, "c", name), "rb") as file:
                data = file.read()
            rows = [", ".join(map(str, data[i:i + 20])) for i in range(0, len(data), 20)]
            with open(os.path.join(folder, name + ".h"), "w") as file:
                file.write(f"static const char {name.replace('.', '_')}[] = {{\n" + ",\n".join(rows) + "};\n")
        return folder

    # ---- C and C++ ----

    def compile(self, program, output, flags, more_sources=(), behind=()):
        own = [os.path.join(HERE, "c", name) for name in (program.driver, "fail.c")]
        own += [os.path.join(build.LIB, name) for name in ("main.c", "host_libc.c")]
        sources = [*self.files(program, program.sources), *own, *more_sources]
        folders = [build.LIB, os.path.join(HERE, "c"), self.embedded(program), *self.files(program, program.include),
                   *(os.path.join(HERE, "c", name) for name in program.own_include)]
        headers = glob.glob(os.path.join(HERE, "[cl]*", "**", "*.h"), recursive=True)
        headers += glob.glob(os.path.join(self.embedded(program), "*"))
        command = [self.clang, *COMMON, *flags, *program.flags,
                   *(word for folder in folders for word in ("-I", folder))]
        if program.language == "C++":
            behind = [*behind, "-lc++", "-lc++abi"]
        return build.make(output, [*command, *sources, *behind, "-o", output], [*sources, *sorted(headers)])

    @once
    def native(self, program, cpu):
        if program.language == "Rust":
            return os.path.join(self.cargo(program, None, False), program.name)
        flags = ["-march=native"] if cpu == "host" else ["-march=x86-64"] if os.uname().machine == "x86_64" else []
        if program.language == "C++":
            # The C++ library that there is for WASI.
            self.need_library(program.language, None)
            flags.append("-stdlib=libc++")
        return self.compile(program, self.path(program, "native-" + cpu), flags, behind=["-lm"])

    @once
    def wasm(self, program, simd):
        if program.language is None:
            return program.module
        if program.language == "Rust":
            return os.path.join(self.cargo(program, rust_target(program), simd), program.name + ".wasm")
        self.need_library(program.language, "wasm32-wasi")
        flags = ["--target=wasm32-wasi", STACK, *(["-msimd128"] if simd else []), *program.wasm_flags]
        more = []
        if program.longjmp:
            more = [os.path.join(HERE, "lib", "setjmp.c")]
            flags += ["-I", os.path.join(HERE, "lib"), "-fwasm-exceptions", "-mllvm", "-wasm-enable-sjlj"]
        return self.compile(program, self.path(program, "simd.wasm" if simd else "plain.wasm"), flags, more,
                            program.link_flags)

    # ---- Rust ----

    @once
    def rust_sources(self):
        """The manifest of a copy of rust/, with what it needs fetched."""
        if not shutil.which("cargo"):
            raise Missing("no cargo to build Rust with")
        folder = os.path.join(self.directory, "rust")
        for source in glob.glob(os.path.join(HERE, "rust", "**", "*.*"), recursive=True):
            copy_changed(source, os.path.join(folder, os.path.relpath(source, os.path.join(HERE, "rust"))))
        manifest = os.path.join(folder, "Cargo.toml")
        try:
            build.run(["cargo", "fetch", "--manifest-path", manifest])
        except build.BuildError as error:
            raise Missing(f"the crates cannot be fetched: {str(error).strip().splitlines()[-1]}") from error
        return manifest

    @once
    def need_rust_target(self, target):
        try:
            folder = build.run(["rustc", "--print", "target-libdir", "--target", target]).strip()
        except build.BuildError:
            folder = ""
        if not os.path.isdir(folder):
            raise Missing(f"no Rust library for {target} (rustup target add {target})")

    def cargo(self, program, target, simd):
        """Builds a program and gives the folder that it is then in. Cargo decides whether there is anything to do."""
        # A toolchain without the target may be too old for the crates as well: native code is not tried either.
        self.need_rust_target(rust_target(program))
        manifest = self.rust_sources()
        flags = ["-C", "target-cpu=native"]
        if target:
            flags = ["-C", f"target-feature={'+' if simd else '-'}simd128"]
        if program.threads and target:
            flags += ["-C", f"link-arg=--initial-memory={build.THREAD_PAGES * 65536}"]
        folder = os.path.join(self.directory, "cargo-" + ("simd" if simd else "plain" if target else "native"))
        build.run(["cargo", "build", "--release", "--quiet", "--manifest-path", manifest, "--target-dir", folder,
                   "--bin", program.name, "--features", program.name, *(["--target", target] if target else [])],
                  env={**os.environ, "RUSTFLAGS": " ".join(flags)})
        return os.path.join(folder, target or "", "release")

    # ---- Which libraries there are ----

    @once
    def has_library(self, language, target):
        header, kind = ("<stdio.h>", "c") if language == "C" else ("<vector>", "c++")
        flags = [f"--target={target}"] if target else []
        if language == "C++":
            flags.append("-stdlib=libc++")
        command = [self.clang, *flags, "-fsyntax-only", "-x", kind, "-"]
        return subprocess.run(command, input=f"#include {header}\n", capture_output=True, text=True,
                              check=False).returncode == 0

    def need_library(self, language, target):
        if not self.has_library(language, target):
            raise Missing(f"no library of {language} for {target} ({LIBRARIES[language]} of clang's version)" if target
                          else "no libc++ for this machine (libc++-dev and libc++abi-dev of clang's version)")

    @staticmethod
    def code_size(path):
        """Bytes of machine code in an object."""
        rows = [line.split() for line in build.run(["size", "-A", "-d", path]).splitlines()]
        return sum(int(row[1]) for row in rows if len(row) == 3 and row[0].startswith(".text"))

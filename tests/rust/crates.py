"""Fetches crates by cargo, builds their own tests for a target and runs them by wasmaot.

crates.toml says which, in which version, and which of their tests are known to fail and why.
"""

import json
import os
import re
import shutil
import tomllib
from dataclasses import dataclass, field
from fnmatch import fnmatch

import libtest
from call import BuildError, call, test_programs
from libc import TARGET
from toolchain import edit

HERE = os.path.dirname(os.path.abspath(__file__))


@dataclass
class Crate:
    name: str
    version: str
    features: str = ""
    default_features: bool = True
    # What cargo is to build; everything with tests by default, but documentation.
    targets: list = field(default_factory=lambda: ["--lib", "--bins", "--tests"])
    # Dependencies of the tests that are not for this target, and files of tests that need them.
    without: list = field(default_factory=list)
    remove: list = field(default_factory=list)
    # Other lines in sources, where a test cannot be built as it is: a file, what is there, what takes its place.
    edits: list = field(default_factory=list)
    # Names of tests, or patterns of them, with a reason.
    fails: dict = field(default_factory=dict)
    # The same, where a panic is the end of the program.
    fails_by_panic: dict = field(default_factory=dict)
    # The same, of tests that fail at times, such as those that expect one thread to be faster than another.
    flaky: dict = field(default_factory=dict)
    # Whether to run those that are marked to be ignored too: many are so on all of wasm, as if that had no threads.
    ignored: bool = False
    # Tests that are not even started, with a reason.
    skip: dict = field(default_factory=dict)
    rustflags: str = ""
    env: list = field(default_factory=list)  # of the tests, NAME=VALUE
    sample: bool = False
    patience: int = 120  # seconds without a word, until a test is ended

    def known_failures(self, unwinds):
        return self.fails if unwinds else {**self.fails, **self.fails_by_panic}


def read():
    with open(os.path.join(HERE, "crates.toml"), "rb") as file:
        return [Crate(**row) for row in tomllib.load(file)["crate"]]


class Place:
    """Where crates are fetched to, built and run."""

    def __init__(self, folder, wasmaot, toolchain=None, flavour="abort", native=False, jobs=2):
        """Without a TOOLCHAIN the rustc on PATH is used, with the library that it comes with. NATIVE: the tests are
        built for this machine, to compare with."""
        self.folder = os.path.abspath(folder)
        self.wasmaot = wasmaot
        self.native = native
        self.flavour = flavour if toolchain else "rustup"
        self.base = toolchain.environment() if toolchain else dict(os.environ)
        self.unwinds = native or (toolchain is not None and flavour != "abort")
        self.flags = toolchain.flags(flavour) if toolchain else []
        self.jobs = jobs
        os.makedirs(self.folder, exist_ok=True)

    def path(self, *parts):
        return os.path.join(self.folder, *parts)

    def fetch(self, crate):
        """A fresh copy of the crate's sources, as its author has published them."""
        stub = self.path("fetch", crate.name)
        os.makedirs(os.path.join(stub, "src"), exist_ok=True)
        with open(os.path.join(stub, "src", "lib.rs"), "w"):
            pass
        with open(os.path.join(stub, "Cargo.toml"), "w") as file:
            file.write(f'[package]\nname = "fetch"\nversion = "0.0.0"\nedition = "2021"\n\n[workspace]\n\n'
                       f'[dependencies]\n{crate.name} = {{ version = "={crate.version}", default-features = false }}\n')
        listed = json.loads(call(["cargo", "metadata", "--format-version=1"], stub, self.base))
        for package in listed["packages"]:
            if package["name"] == crate.name and package["version"] == crate.version:
                copy = self.path("src", f"{crate.name}-{crate.version}")
                shutil.rmtree(copy, ignore_errors=True)
                shutil.copytree(os.path.dirname(package["manifest_path"]), copy)
                self.prepare(crate, copy)
                return copy
        raise BuildError("cargo fetched another version")

    @staticmethod
    def prepare(crate, copy):
        for name in ("rust-toolchain", "rust-toolchain.toml", "Cargo.lock"):
            if os.path.exists(os.path.join(copy, name)):
                os.remove(os.path.join(copy, name))
        for name in crate.remove:
            path = os.path.join(copy, name)
            shutil.rmtree(path) if os.path.isdir(path) else os.remove(path)
        manifest = os.path.join(copy, "Cargo.toml")
        with open(manifest) as file:
            text = file.read()
        for name in crate.without:
            text = without_dependency(text, name)
        for name in crate.remove:
            text = without_target(text, name)
        with open(manifest, "w") as file:
            file.write(text + "\n[workspace]\n")
        for name, before, after in crate.edits:
            edit(os.path.join(copy, name), before, after)

    def environment(self, crate):
        flags = [*self.flags, *crate.rustflags.split()]
        extra = {"RUSTFLAGS": " ".join(flags)} if flags else {}
        # No debug information, for nobody debugs it: linking takes half as long without.
        return {**self.base, **extra, "CARGO_TARGET_DIR": self.path("target-" + self.flavour),
                "CARGO_PROFILE_DEV_DEBUG": "0", "CARGO_PROFILE_TEST_DEBUG": "0", "CARGO_INCREMENTAL": "0",
                "RUST_BACKTRACE": "0"}

    def build(self, crate, copy):
        """Pairs of a test's name and its module."""
        command = ["cargo", "test", "--no-run", "--message-format=json-render-diagnostics", "-j", str(self.jobs),
                   *crate.targets]
        if not self.native:
            command += ["--target", TARGET]
        if not crate.default_features:
            command.append("--no-default-features")
        if crate.features:
            command += ["--features", crate.features]
        made = call(command, copy, self.environment(crate))
        return sorted((target["name"], program) for target, program in test_programs(made))

    def compile(self, module, level):
        if self.native:
            return module
        output = f"{module[:-len('.wasm')]}-O{level}.o"
        call([self.wasmaot, "compile", f"-O{level}", f"-j{self.jobs}", module, "-o", output], self.folder)
        return output

    def command(self, object_file, copy, more=()):
        temporary = self.path("tmp")
        shutil.rmtree(temporary, ignore_errors=True)
        os.makedirs(temporary)
        if self.native:
            return ["env", "RUSTC_BOOTSTRAP=1", *more, object_file]
        return [self.wasmaot, "run", "--dir=.", f"--dir={copy}", f"--dir={temporary}::/tmp", "--env=TMPDIR=/tmp",
                f"--env=CARGO_MANIFEST_DIR={copy}", "--env=RUSTC_BOOTSTRAP=1",
                *(f"--env={word}" for word in more), "--native", object_file]

    def test(self, crate, level):
        copy = self.fetch(crate)
        total = libtest.Counts()
        for name, module in self.build(crate, copy):
            object_file = self.compile(module, level)
            counts = libtest.run(self.command(object_file, copy, crate.env), copy, os.environ, crate.patience,
                                 skip=libtest.known(crate.skip, name), ignored=crate.ignored)
            total.add(counts, f"{name}::")
            if not self.native:
                os.remove(object_file)
        return total


def without_dependency(text, name):
    """A manifest without the development dependency of that name, in any of the forms that cargo publishes."""
    pattern = rf"(?ms)^\[(target\.[^\n]*\.)?dev-dependencies\.\"?{re.escape(name)}\"?\]\n.*?(?=^\[|\Z)"
    return re.sub(pattern, "", text)


def without_target(text, path):
    """A manifest without the test, example or bench that is in that file."""
    pattern = rf"(?ms)^\[\[(?:test|bench|example)\]\]\n(?:(?!^\[).)*?^path = \"{re.escape(path)}\"\n.*?(?=^\[|\Z)"
    return re.sub(pattern, "", text)


def unexpected(known, failed, flaky=()):
    """Failures that are not among those known by their names or patterns, and of those the ones that do not happen.
    What is FLAKY may happen or not."""
    new = [name for name in failed if not any(fnmatch(name, pattern) for pattern in [*known, *flaky])]
    stale = [pattern for pattern in known if not any(fnmatch(name, pattern) for name in failed)]
    return new, stale

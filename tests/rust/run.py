#!/usr/bin/env python3
"""Runs the tests of crates and of the libraries of Rust, Go, Zig, C++ and Python by wasmaot. See README.md."""

import argparse
import functools
import os
import sys
import time

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import cpython  # noqa: E402
import crates  # noqa: E402
import cxx  # noqa: E402
import golang  # noqa: E402
import library  # noqa: E402
import self_test  # noqa: E402
import ui  # noqa: E402
import zig  # noqa: E402
from call import BuildError  # noqa: E402
from libc import Libc  # noqa: E402
from toolchain import FLAVOURS, Toolchain  # noqa: E402

SKIPPED = 77  # the exit status that CTest takes for a test that could not be tried


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--wasmaot", required=True)
    parser.add_argument("--build", required=True, help="folder for what is fetched and built")
    parser.add_argument("--level", default="0", choices=["0", "1", "2", "3"], help="of optimisation (default 0)")
    parser.add_argument("--toolchain", help="folder with the rustc of Debian's newest packages, which are fetched into "
                        "it when it is empty, and its library (default: rustc on PATH, whose panics end the program)")
    parser.add_argument("--libc", metavar="REPOSITORY", help="of git, with wasi-libc: its libc with threads is built for "
                        "--toolchain (default: where its authors keep it)")
    parser.add_argument("--flavour", default="legacy", choices=list(FLAVOURS), help="what a panic of --toolchain does: "
                        "end the program, or throw an exception of either kind (default: legacy)")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--native", action="store_true", help="build and run crates for this machine, to compare with")
    parser.add_argument("--sample", action="store_true", help=f"the least part. Exit status {SKIPPED} if nothing of it "
                        "can be built here")
    parser.add_argument("--minutes", type=int, default=240, help="start nothing more when so many are over "
                        "(default: 240)")
    parser.add_argument("parts", nargs="*", default=["crates"], help="crates (the default), crates:NAME, library, "
                        "library:NAME, go, go:PACKAGE, zig, cxx, cxx:FOLDER, python, python:MODULE, ui")
    parser.add_argument("--ui-tests", metavar="FOLDER", help="tests/ of rustc's sources, which has ui in it (default: "
                        "those of Debian's)")
    parser.add_argument("--every", type=int, default=8, help="of tests/ui, take each test of threads and one of so many "
                        "others; of libc++'s tests one of so many (default: 8)")
    return parser.parse_args()


class Run:
    def __init__(self, args):
        self.args = args
        self.good = self.bad = self.not_run = 0
        self.end = time.monotonic() + args.minutes * 60
        os.makedirs(args.build, exist_ok=True)

    @functools.cached_property
    def toolchain(self):
        return Toolchain(self.args.toolchain, self.args.jobs, self.args.libc) if self.args.toolchain else None

    @functools.cached_property
    def place(self):
        return crates.Place(self.args.build, os.path.abspath(self.args.wasmaot), self.toolchain, self.args.flavour,
                            self.args.native, self.args.jobs)

    def report(self, title, count, known=None, sampled=False, flaky=()):
        """Counts one thing, and says what of it is not as it should be. What of KNOWN was not run passes in a sample.
        What is FLAKY may fail or pass."""
        begin = time.monotonic()
        if begin > self.end:
            self.not_run += 1
            print(f"{title}: NOT RUN: {self.args.minutes} minutes are over", flush=True)
            return
        try:
            counts = count()
        except BuildError as error:
            self.not_run += 1
            self.log(title, str(error))
            last = (str(error).splitlines() or ["no word why"])[-1]
            print(f"{title}: NOT RUN: {last} (all of it: {self.log_path(title)})", flush=True)
            return
        failed = counts.failed if isinstance(counts.failed, dict) else dict.fromkeys(counts.failed, "")
        self.log(title, "".join(f"==== {name}\n{text}\n" for name, text in failed.items()))
        new, stale = crates.unexpected(known or {}, failed, flaky)
        if sampled:
            stale = []
        print(f"{title}: {counts} ({time.monotonic() - begin:.0f} s)", flush=True)
        for name in new:
            print(f"  FAILED: {name}", flush=True)
        for name in stale:
            print(f"  passes now: {name}", flush=True)
        if not counts.passed:
            print("  no test passed", flush=True)
        if new or stale or not counts.passed or getattr(counts, "not_run", 0):
            self.bad += 1
        else:
            self.good += 1

    def log_path(self, title):
        return os.path.join(self.args.build, "log", title.replace(" ", "_"))

    def log(self, title, text):
        os.makedirs(os.path.dirname(self.log_path(title)), exist_ok=True)
        with open(self.log_path(title), "w") as file:
            file.write(text)

    def crates(self, name=None):
        chosen = [crate for crate in crates.read() if name in (None, crate.name)]
        if not chosen:
            sys.exit(f"run.py: {name}: crates.toml has no such crate")
        for crate in chosen:
            unwinds = self.args.native or (self.args.toolchain and self.args.flavour != "abort")
            self.report(f"{crate.name} {crate.version}", lambda: self.place.test(crate, self.args.level),
                        crate.known_failures(unwinds), flaky=crate.flaky)

    def library(self, name=None):
        if not self.args.toolchain:
            sys.exit("run.py: the library's tests need --toolchain")
        for package in ("coretests", "alloctests", "std"):
            if name in (None, package):
                self.report(f"{package} {self.args.flavour} -O{self.args.level}",
                            lambda: library.test(self.place, self.toolchain, package, self.args.flavour,
                                                 self.args.level))

    def go(self, package=None):
        packages = golang.SOME if package is None else [package]
        self.report(f"go -O{self.args.level}", lambda: golang.test(os.path.abspath(self.args.build),
                                                                 os.path.abspath(self.args.wasmaot), self.args.level,
                                                                 packages, self.args.jobs))

    def zig(self, _name=None):
        self.report(f"zig -O{self.args.level}",
                    lambda: zig.test(zig.Zig(os.path.abspath(self.args.build)), os.path.abspath(self.args.wasmaot),
                                     self.args.level), zig.known())

    def cxx(self, suite=None):
        def test():
            if not self.args.toolchain:
                raise BuildError("libc++'s tests need --toolchain")
            libc = Libc(os.path.abspath(self.args.toolchain), self.args.libc, self.args.jobs)
            library = cxx.Libcxx(os.path.abspath(self.args.build), libc, self.args.jobs)
            return cxx.test(library, os.path.abspath(self.args.wasmaot), self.args.level,
                            cxx.SUITES if suite is None else [suite], self.args.every,
                            max(1, int(self.end - time.monotonic())))

        self.report(f"c++ -O{self.args.level}", test, cxx.KNOWN, sampled=True)

    def python(self, module=None):
        def test():
            python = cpython.Cpython(os.path.abspath(self.args.build), os.path.abspath(self.args.wasmaot))
            return cpython.test(python, self.args.level, cpython.SOME if module is None else [module])

        self.report(f"python -O{self.args.level}", test, cpython.KNOWN, sampled=module is not None)

    def ui(self, _name=None):
        if not self.args.toolchain:
            sys.exit("run.py: rustc's tests need --toolchain")
        self.report(f"ui {self.args.flavour} -O{self.args.level}",
                    lambda: ui.test(self.place, self.toolchain, self.args.ui_tests, self.args.flavour,
                                    self.args.level, self.args.every))

    def sample(self):
        try:
            self_test.run(self.place)
        except self_test.Wrong as error:
            sys.exit(f"run.py: the counting is wrong: {error}")
        except BuildError as error:
            self.skip(f"no program for {crates.TARGET} can be built: {str(error).splitlines()[0]}")
        print("the counting is right")
        for crate in crates.read():
            if crate.sample:
                try:
                    self.place.fetch(crate)
                except BuildError as error:
                    self.skip(f"{crate.name} cannot be fetched: {str(error).splitlines()[-1]}")
                self.crates(crate.name)

    @staticmethod
    def skip(why):
        print(f"SKIPPED: {why}")
        sys.exit(SKIPPED)


def main():
    args = parse_arguments()
    run = Run(args)
    if args.sample:
        run.sample()
        sys.exit(run.bad + run.not_run > 0)
    for part in args.parts:
        kind, _, name = part.partition(":")
        if kind not in ("crates", "library", "go", "zig", "cxx", "python", "ui"):
            sys.exit(f"run.py: {part}: no such part")
        getattr(run, kind)(name or None)
    print(f"{run.good} of {run.good + run.bad + run.not_run} as expected, {run.bad} not, {run.not_run} not run")
    sys.exit(run.bad + run.not_run > 0)


main()

#!/usr/bin/env python3
"""Runs the tests of crates, of Rust's core, alloc and std, and of Go's standard library by wasmaot. See README.md."""

import argparse
import os
import sys
import time

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import crates  # noqa: E402
import golang  # noqa: E402
import library  # noqa: E402
import self_test  # noqa: E402
import ui  # noqa: E402
from call import BuildError  # noqa: E402
from toolchain import FLAVOURS, Toolchain  # noqa: E402

SKIPPED = 77  # the exit status that CTest takes for a test that could not be tried


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--wasmaot", required=True)
    parser.add_argument("--build", required=True, help="folder for what is fetched and built")
    parser.add_argument("--level", default="0", choices=["0", "1", "2", "3"], help="of optimisation (default 0)")
    parser.add_argument("--toolchain", help="folder with the rustc of Debian's newest packages, which are fetched into "
                        "it when it is empty, and its library (default: rustc on PATH, whose panics end the program)")
    parser.add_argument("--flavour", default="legacy", choices=list(FLAVOURS), help="what a panic of --toolchain does: "
                        "end the program, or throw an exception of either kind (default: legacy)")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--native", action="store_true", help="build and run crates for this machine, to compare with")
    parser.add_argument("--sample", action="store_true", help=f"the least part. Exit status {SKIPPED} if nothing of it "
                        "can be built here")
    parser.add_argument("parts", nargs="*", default=["crates"], help="crates (the default), crates:NAME, library, "
                        "library:NAME, go, go:PACKAGE, ui")
    parser.add_argument("--ui-tests", metavar="FOLDER", help="tests/ of rustc's sources, which has ui in it")
    parser.add_argument("--every", type=int, default=8, help="of tests/ui, take each test of threads and one of so many "
                        "others (default: 8)")
    return parser.parse_args()


class Run:
    def __init__(self, args):
        self.args = args
        self.bad = False
        self.toolchain = Toolchain(args.toolchain, args.jobs) if args.toolchain else None
        self.place = crates.Place(args.build, os.path.abspath(args.wasmaot), self.toolchain, args.flavour, args.native,
                                  args.jobs)

    def report(self, title, count, known=None):
        """Counts one thing, and says what of it is not as it should be."""
        begin = time.monotonic()
        try:
            counts = count()
        except BuildError as error:
            self.bad = True
            self.log(title, str(error))
            print(f"{title}: NOT BUILT: see {self.log_path(title)}", flush=True)
            return
        failed = counts.failed if isinstance(counts.failed, dict) else dict.fromkeys(counts.failed, "")
        self.log(title, "".join(f"==== {name}\n{text}\n" for name, text in failed.items()))
        new, stale = crates.unexpected(known or {}, failed)
        print(f"{title}: {counts} ({time.monotonic() - begin:.0f} s)", flush=True)
        for name in new:
            print(f"  FAILED: {name}", flush=True)
        for name in stale:
            print(f"  passes now: {name}", flush=True)
        self.bad = self.bad or bool(new) or bool(stale)

    def log_path(self, title):
        return self.place.path("log", title.replace(" ", "_"))

    def log(self, title, text):
        os.makedirs(self.place.path("log"), exist_ok=True)
        with open(self.log_path(title), "w") as file:
            file.write(text)

    def crates(self, name=None):
        chosen = [crate for crate in crates.read() if name in (None, crate.name)]
        if not chosen:
            sys.exit(f"run.py: {name}: crates.toml has no such crate")
        for crate in chosen:
            self.report(f"{crate.name} {crate.version}", lambda: self.place.test(crate, self.args.level),
                        crate.known_failures(self.place.unwinds))

    def library(self, name=None):
        if not self.toolchain:
            sys.exit("run.py: the library's tests need --toolchain")
        for package in ("coretests", "alloctests", "std"):
            if name in (None, package):
                self.report(f"{package} {self.args.flavour} -O{self.args.level}",
                            lambda: library.test(self.place, self.toolchain, package, self.args.flavour,
                                                 self.args.level))

    def go(self, package=None):
        packages = golang.SOME if package is None else [package]
        self.report(f"go -O{self.args.level}", lambda: golang.test(self.place.folder, self.place.wasmaot,
                                                                 self.args.level, packages, self.args.jobs))

    def ui(self, _name=None):
        if not self.toolchain or not self.args.ui_tests:
            sys.exit("run.py: rustc's tests need --toolchain and --ui-tests")
        self.report(f"ui {self.args.flavour} -O{self.args.level}",
                    lambda: ui.test(self.place, self.toolchain, os.path.abspath(self.args.ui_tests),
                                    self.args.flavour, self.args.level, self.args.every))

    def sample(self):
        try:
            self_test.run(self.place)
        except FileNotFoundError:
            self.skip("no rustc")
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
    try:
        run = Run(args)
    except BuildError as error:
        sys.exit(f"run.py: {error}")
    if args.sample:
        run.sample()
        sys.exit(run.bad)
    for part in args.parts:
        kind, _, name = part.partition(":")
        if kind not in ("crates", "library", "go", "ui"):
            sys.exit(f"run.py: {part}: no such part")
        getattr(run, kind)(name or None)
    sys.exit(run.bad)


main()

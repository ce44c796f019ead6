"""Builds the own tests of Rust's core, alloc and std with a library of some flavour, and runs them by wasmaot."""

import os

import libtest
from call import call, test_programs
from libc import TARGET
from toolchain import FLAVOURS


def modules(toolchain, package, flavour):
    """Pairs of a test's name and its module."""
    # The same target folder, profile and flags as of the sysroot: only then are the crates in it the same ones.
    flags = [word for word in toolchain.flags(flavour) if word not in FLAVOURS[flavour]]
    unwind = ["--features", "panic-unwind"] if flavour != "abort" and package == "std" else []
    listed = call(["cargo", "test", "--no-run", "--release", "-j", str(toolchain.jobs), "-p", package, *unwind,
                   "--target", TARGET, "--target-dir", toolchain.target(flavour),
                   "--message-format=json-render-diagnostics", "--lib", "--tests"],
                  toolchain.library(), toolchain.library_environment(flavour, flags))
    return sorted((target["name"], program) for target, program in test_programs(listed) if "bench" not in target["kind"])


def test(place, toolchain, package, flavour, level):
    folder = os.path.join(toolchain.library(), package)
    total = libtest.Counts()
    for name, module in modules(toolchain, package, flavour):
        object_file = place.compile(module, level)
        counts = libtest.run(place.command(object_file, folder), folder, os.environ, 120)
        total.add(counts, f"{name}::")
        os.remove(object_file)
    return total

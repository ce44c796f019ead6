"""Whether the counting counts: a module with tests that pass, panic, hang and are ignored, and what of it was known."""

import os

import crates
import libtest
from call import call
from libc import TARGET

SOURCE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "self", "tests.rs")


class Wrong(Exception):
    """What was counted is not what happened."""


def run(place):
    if crates.unexpected({"old": "", "gone*": ""}, {"old": "", "new": "", "slow": ""}, {"slow": "", "fast": ""}) != (
            ["new"], ["gone*"]):
        raise Wrong("what was known to fail is taken for new, or the other way round")
    module = place.path("self.wasm")
    call(["rustc", "--test", "--edition=2021", "--target", TARGET, *place.flags, SOURCE, "-o", module], place.folder,
         place.base)
    counts = libtest.run(place.command(place.compile(module, "0"), place.folder), place.folder, os.environ, 5)
    failing = {"panics", "hangs"} | (set() if place.unwinds else {"panics_in_a_thread"})
    passing = {"passes", "panics_in_a_thread", "writes_what_looks_like_an_event", "zz_passes_after_all_others"} - failing
    if set(counts.passed) != passing or set(counts.failed) != failing or counts.ignored != ["is_ignored"]:
        raise Wrong(f"{counts}: {counts.passed} {sorted(counts.failed)}")
    if not counts.failed["hangs"].startswith(libtest.HUNG) or "on purpose" not in counts.failed["panics"]:
        raise Wrong("a failure is not told as it was")

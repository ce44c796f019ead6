#!/usr/bin/env python3
"""Compares random loop nests with Node's V8: what they give, where they trap, what memory then holds.

usage: loops.py --differ PROGRAM [--first SEED] [--count N | --hours H] [--c] [--level N]... [--native] [--keep DIR] [--until-found]

Each loop nest is a function (see loops_wasm.py; with --c loops_c.py, which clang compiles at -O1 to
-O3). Many are put into one module, and each is compared with what V8 makes of it: its trap, and a
hash of memory and globals after it. The first few that differ are taken apart until what is left is
the smallest that differs, and written to DIR with the seed as their name. --write SEED does that with
one function as it is, and compares nothing.

Status 0 when nothing differs, 1 when something does, 77 when a tool is missing. Differences are
counted by kind and by level: a trap lost, one too many, another one, memory after a trap, a result.
"""

import argparse
import collections
import concurrent.futures
import copy
import os
import pathlib
import shutil
import sys
import tempfile
import time

import engines
import loops_c
import loops_wasm
from outcomes import NOT_RUN, by_function, kind_of_difference

BATCH = 50  # functions in a module
GROUP = 4  # modules in a run


class Maker:
    """Writes modules of functions, which are made of their seeds by loops_wasm.py or loops_c.py."""

    def __init__(self, source, directory):
        self.source, self.directory = source, pathlib.Path(directory)

    def memory(self, seed, index=None):
        memory = self.source.Memory(seed // BATCH)
        memory.index = memory.index if index is None else index
        return memory

    def function(self, seed, index=None):
        return self.source.Function(seed, self.memory(seed, index))

    def batch(self, first):
        """The paths of a module of many functions: for us, and for Node, which knows but one memory."""
        numbers = range(first, first + BATCH)
        paths = []
        for index in sorted({self.memory(first).index, 0}, reverse=True):
            paths.append(self.directory / f"loops-{first}-{index}.wasm")
            functions = [(number - first, self.function(number, index)) for number in numbers]
            self.source.write(paths[-1], self.memory(first, index), functions)
        return paths[0], paths[-1]

    def one(self, seed, function, path):
        self.source.write(path, self.memory(seed), [(0, function)])


# ---- The smallest function that differs ----


def lists_of(nodes):
    """All lists of nodes, outer ones first."""
    yield nodes
    for node in nodes:
        for inner in (getattr(node, "body", None), getattr(node, "other", None)):
            if inner:
                yield from lists_of(inner)


def smaller(function):
    """Copies of a function that lack a node each, or have what is in it in its place."""
    places = [(i, j) for i, nodes in enumerate(lists_of(function.nodes)) for j in range(len(nodes))]
    for i, j in places:
        for unwrap in (False, True):
            changed = copy.copy(function)
            changed.nodes = copy.deepcopy(function.nodes)
            nodes = list(lists_of(changed.nodes))[i]
            if unwrap and not hasattr(nodes[j], "body"):
                continue
            nodes[j : j + 1] = nodes[j].body if unwrap else []
            yield changed


def reduce(maker, seed, function, differs):
    """What `differs` of a module with one function says stays true."""
    path = maker.directory / f"reduced-{seed}.wasm"

    def holds(candidate):
        maker.one(seed, candidate, path)
        return differs(path)

    if not holds(function):
        return function
    progress = True
    while progress:
        progress = False
        for candidate in smaller(function):
            if holds(candidate):
                function, progress = candidate, True
                break
    return function


# ---- Comparing ----


class Comparison:
    def __init__(self, arguments, directory):
        self.maker = Maker(loops_c if arguments.c else loops_wasm, directory)
        self.node = engines.Node()
        self.natives = [
            engines.Native(arguments.differ, level, cpu=cpu)
            for level in arguments.level or (1, 2, 3)
            for cpu in (("native",) if arguments.native else (None, "native"))
        ]
        self.plain = engines.Native(arguments.differ, 0)
        self.keep = arguments.keep
        self.counts = collections.Counter()
        self.functions = self.trapped = self.written = 0
        self.first, self.until_found, self.is_done = arguments.first, arguments.until_found, False

    def run(self, first):
        """Differences in some modules, as (seed, engine, kind), and how many functions trap."""
        firsts = range(first, first + GROUP * BATCH, BATCH)
        paths = [self.maker.batch(number) for number in firsts]
        expected = self.node.run([plain for _, plain in paths])
        found, trapped = [], 0
        for number, (_, plain) in zip(firsts, paths):
            words = by_function(expected.get(str(plain), []))
            trapped += sum("trap" in words[i][0] for i in range(BATCH) if words[i])
        for native in self.natives:
            got = native.run([ours for ours, _ in paths])
            for number, (ours, plain) in zip(firsts, paths):
                theirs = by_function(expected.get(str(plain), []))
                words = by_function(got.get(str(ours), []))
                kinds = [(i, kind_of_difference(theirs[i], words[i])) for i in range(BATCH)]
                found += [(number + i, native, kind) for i, kind in kinds if kind not in (None, NOT_RUN)]
                for engine, said in ((native, words), (self.node, theirs)):
                    if any(len(said[i]) != 2 for i in range(BATCH)):
                        found.append((number, engine, NOT_RUN))
        for ours, plain in paths:
            ours.unlink()
            plain.unlink(missing_ok=True)
        return found, trapped

    def differs(self, native, kind):
        """Whether a module with one function shows the same fault; -O0 knows every memory."""

        def check(path):
            oracle = self.node if self.maker.source is loops_c or self.is_plain(path) else self.plain
            words = [by_function(engine.run([path]).get(str(path), []))[0] for engine in (oracle, native)]
            return len(words[0]) == 2 and kind_of_difference(*words) == kind

        return check

    def is_plain(self, path):
        seed = int(path.stem.split("-")[1])
        return self.maker.memory(seed).index == 0

    def report(self, found):
        reported = set()
        for seed, native, kind in sorted(found, key=lambda one: one[0]):
            if self.until_found and not self.is_done:
                self.is_done = True
                print(f"found after {seed - self.first + 1} functions: {kind} ({native.name})", flush=True)
            self.counts[f"{native.name}: {kind}"] += 1
            if seed in reported:
                continue
            reported.add(seed)
            print(f"{seed}: {kind} ({native.name})", flush=True)
            if kind == NOT_RUN and self.keep:
                shutil.copy(self.maker.batch(seed)[0], self.keep)
            elif self.keep and self.written < 40:
                self.written += 1
                function = reduce(self.maker, seed, self.maker.function(seed), self.differs(native, kind))
                self.maker.one(seed, function, self.keep / f"{seed}-{kind.replace(' ', '-')}.wasm")


def seconds_left(end):
    return end is None or time.monotonic() < end


def compare(arguments, directory):
    comparison = Comparison(arguments, directory)
    end = time.monotonic() + arguments.hours * 3600 if arguments.hours else None
    start = arguments.first // BATCH * BATCH
    limit = None if end else start + arguments.count
    jobs = os.cpu_count() or 1
    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        while seconds_left(end) and (limit is None or start < limit) and not comparison.is_done:
            firsts = [start + i * GROUP * BATCH for i in range(jobs)]
            firsts = [first for first in firsts if limit is None or first < limit]
            for found, trapped in pool.map(comparison.run, firsts):
                comparison.functions += GROUP * BATCH
                comparison.trapped += trapped
                comparison.report(found)
            start += len(firsts) * GROUP * BATCH
    for name, count in sorted(comparison.counts.items()):
        print(f"{name}: {count}")
    print(
        f"{sum(comparison.counts.values())} differences in {comparison.functions} functions by "
        f"{len(comparison.natives)} compilers; {comparison.trapped} of them trap"
    )
    return 1 if comparison.counts else 0


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--differ", required=True, type=pathlib.Path)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--count", type=int, default=2000)
    parser.add_argument("--hours", type=float)
    parser.add_argument("--native", action="store_true", help="only for this CPU, not for the baseline")
    parser.add_argument("--until-found", action="store_true", help="ends at the first difference")
    parser.add_argument("--c", action="store_true", help="functions in C, through clang")
    parser.add_argument("--level", type=int, action="append")
    parser.add_argument("--keep", type=pathlib.Path)
    parser.add_argument("--write", type=int, metavar="SEED")
    arguments = parser.parse_args()
    if engines.missing_tools(["node"]) or (arguments.c and loops_c.clang() is None):
        print("SKIPPED: no node, or no clang for wasm32; make deps installs them")
        return 77
    if arguments.keep:
        arguments.keep.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as directory:
        if arguments.write is not None:
            maker = Maker(loops_c if arguments.c else loops_wasm, directory)
            maker.one(arguments.write, maker.function(arguments.write), arguments.keep / f"{arguments.write}.wasm")
            return 0
        return compare(arguments, directory)


if __name__ == "__main__":
    sys.exit(main())

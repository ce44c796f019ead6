#!/usr/bin/env python3
"""Compares wasmaot at -O0 and -O3 with Node's V8 on random modules that binaryen's wasm-opt makes.

usage: differ.py --differ PROGRAM [--first SEED] [--count N | --hours H] [--keep DIR]

Compared are, for every module: what it logs, the results of every export, whether and how each call
traps, and in the end every mutable global and a hash of the memory. A module is made of its seed
alone. wasm-opt turns every NaN that arithmetic makes into a zero, because the bits of a NaN may
differ between engines; corner.py is where NaNs are looked at. From the first call on that exhausts
the stack in one engine, nothing is compared: how deep a stack is, is nobody's promise.

Status 0 when nothing differs, 1 when something does, 77 when a tool is missing.
"""
import argparse
import concurrent.futures
import os
import pathlib
import random
import shutil
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / 'scripts'))
sys.dont_write_bytecode = True
import engines  # noqa: E402
from encoding import name, read_uleb, section, uleb  # noqa: E402
from outcomes import first_difference  # noqa: E402

FEATURES = ['--enable-mutable-globals', '--enable-sign-ext', '--enable-nontrapping-float-to-int',
            '--enable-bulk-memory']
SOMETIMES = [['--enable-simd'], ['--enable-threads'], ['--enable-multivalue'],
             ['--enable-tail-call'], ['--enable-extended-const'], ['--enable-exception-handling']]
BATCH = 40


# ---- Modules ----

def sections(data):
    at = 8
    while at < len(data):
        size, start = read_uleb(data, at + 1)
        yield data[at], data[start:start + size]
        at = start + size


def skip_expression(data, at):
    fixed = {0x43: 4, 0x44: 8}
    while data[at] != 0x0b:
        op = data[at]
        at += 1
        if op in (0x41, 0x42, 0x23, 0xd0, 0xd2):
            _, at = read_uleb(data, at)
        elif op in fixed:
            at += fixed[op]
        elif op == 0xfd:
            at += 17
    return at + 1


def export_globals(data):
    """The module with its own mutable globals exported; the name ends in a letter for the type."""
    letters = {0x7f: 'i', 0x7e: 'I', 0x7d: 'f', 0x7c: 'F', 0x7b: 'v'}
    added = []
    for ident, body in sections(data):
        if ident == 6:
            count, at = read_uleb(body, 0)
            for index in range(count):
                kind, mutable = body[at], body[at + 1]
                at = skip_expression(body, at + 2)
                if mutable and kind in letters:
                    added.append(name(f'global${index}{letters[kind]}') + b'\x03' + uleb(index))
    out = bytearray(data[:8])
    for ident, body in sections(data):
        if ident == 7:
            count, at = read_uleb(body, 0)
            body = uleb(count + len(added)) + body[at:] + b''.join(added)
        out += section(ident, body)
    return bytes(out)


def generate(seed, directory):
    """Writes the module of a seed; its path, or None when wasm-opt fails."""
    chance = random.Random(seed)
    source, target = directory / f'{seed}.bytes', directory / f'{seed}.wasm'
    source.write_bytes(chance.randbytes(chance.choice([200, 1000, 3000, 10000])))
    options = FEATURES + [o for group in SOMETIMES if chance.random() < 0.6 for o in group]
    made = subprocess.run(['wasm-opt', '-ttf', str(source), *options, '--denan', '-o', str(target)],
                          capture_output=True, check=False)
    source.unlink()
    if made.returncode != 0 or not target.exists():
        return None
    target.write_bytes(export_globals(target.read_bytes()))
    return target


# ---- Comparison ----

def compare(files, runners, pool):
    """Differences as (path, text), and how many lines agreed."""
    outcomes = list(pool.map(lambda runner: runner.run(files), runners))
    found, lines = [], 0
    for path in files:
        results = [outcome.get(str(path), ['(not run)']) for outcome in outcomes]
        lines += len(results[0])
        for runner, result in zip(runners[1:], results[1:]):
            difference = first_difference(results[0], result)
            if difference:
                found.append((path, f'{runners[0].name}: {difference[0]}\n    '
                                    f'{runner.name}: {difference[1]}'))
                break
    return found, lines


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('--differ', required=True, type=pathlib.Path)
    parser.add_argument('--first', type=int, default=1)
    parser.add_argument('--count', type=int, default=200)
    parser.add_argument('--hours', type=float)
    parser.add_argument('--keep', type=pathlib.Path, default=pathlib.Path('differences'))
    parser.add_argument('--jobs', type=int, default=os.cpu_count())
    arguments = parser.parse_args()
    missing = engines.missing_tools(['node', 'wasm-opt'])
    if missing:
        print(f'SKIPPED: no {" and no ".join(missing)}; make deps installs them')
        return 77
    runners = [engines.Node(), engines.Native(arguments.differ, 0), engines.Native(arguments.differ, 3)]
    start = time.monotonic()
    made = unmade = different = lines = 0
    seed = arguments.first
    with tempfile.TemporaryDirectory() as temporary, \
            concurrent.futures.ThreadPoolExecutor(arguments.jobs) as pool:
        directory = pathlib.Path(temporary)
        while True:
            if arguments.hours is not None:
                if time.monotonic() - start > arguments.hours * 3600:
                    break
                batch = range(seed, seed + BATCH)
            else:
                batch = range(seed, min(seed + BATCH, arguments.first + arguments.count))
                if not batch:
                    break
            seed += len(batch)
            paths = [p for p in pool.map(lambda s: generate(s, directory), batch) if p]
            unmade += len(batch) - len(paths)
            made += len(paths)
            found, agreed = compare(paths, runners, pool)
            lines += agreed
            for path, text in found:
                different += 1
                arguments.keep.mkdir(parents=True, exist_ok=True)
                shutil.copy(path, arguments.keep)
                print(f'seed {path.stem}, kept as {arguments.keep / path.name}:\n    {text}', flush=True)
            for path in paths:
                path.unlink()
            if arguments.hours is not None:
                print(f'{made} modules, {different} differ, up to seed {seed - 1}', flush=True)
    print(f'{made - different} of {made} modules behave alike at -O0, -O3 and in Node, {lines} lines'
          f' compared; wasm-opt made none of {unmade} seeds; {time.monotonic() - start:.0f} s')
    return 1 if different or not made else 0


if __name__ == '__main__':
    sys.exit(main())

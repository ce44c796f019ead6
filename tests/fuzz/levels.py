#!/usr/bin/env python3
"""Runs kept modules at each level: what they give, and where they trap, is what it is at -O0.

usage: levels.py --differ PROGRAM FILE...

A file is a module in hexadecimal digits, with comments. Status 0 when nothing differs, 1 when
something does.
"""

import argparse
import pathlib
import sys
import tempfile

import engines


def module(path):
    lines = path.read_text().splitlines()
    return bytes.fromhex("".join(line for line in lines if not line.startswith("#")))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--differ", required=True, type=pathlib.Path)
    parser.add_argument("files", nargs="+", type=pathlib.Path)
    arguments = parser.parse_args()
    wrong = 0
    with tempfile.TemporaryDirectory() as directory:
        paths = [pathlib.Path(directory) / f"{file.stem}.wasm" for file in arguments.files]
        for file, path in zip(arguments.files, paths):
            path.write_bytes(module(file))
        expected = engines.Native(arguments.differ, 0).run(paths)
        for level in (1, 2, 3):
            for cpu in (None, "native"):
                native = engines.Native(arguments.differ, level, cpu=cpu)
                got = native.run(paths)
                for path in paths:
                    lines = expected[str(path)]
                    if not any("trap" in line for line in lines) or got[str(path)] != lines:
                        print(f"{path.name}: {native.name} differs from -O0")
                        wrong += 1
    print(f"{len(paths)} modules, {wrong} differences")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())

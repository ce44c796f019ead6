#!/usr/bin/env python3
"""Compiles modules of about 100 KB that are much work, within limits of the system's.

Each compilation may take so much processor time and memory; one that takes more is ended by the
system, and fails. With --table it prints what each took.
"""
import argparse
import os
import resource
import subprocess
import sys
import tempfile

import shapes


def parse():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--wasmaot", required=True)
    parser.add_argument("--levels", default="0123")
    parser.add_argument("--seconds", type=int, default=30, help="of processor time for each")
    parser.add_argument("--megabytes", type=int, default=1024, help="of memory for each")
    parser.add_argument("--scale", type=int, default=1, help="make modules so many times as large")
    parser.add_argument("--table", action="store_true", help="print rows of a table")
    parser.add_argument("shapes", nargs="*", help="names; default: all")
    return parser.parse_args()


def compile_one(options, path, level):
    """What the command ended with, said and took."""

    def limit():
        resource.setrlimit(resource.RLIMIT_CPU, (options.seconds, options.seconds))

    command = [options.wasmaot, "compile", f"-O{level}", "-j1", "--progress=never", path, "-o", path + ".o"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, preexec_fn=limit) as process:
        message = process.stderr.read().decode(errors="replace").strip()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    return process.returncode, message, usage.ru_utime + usage.ru_stime, usage.ru_maxrss // 1024


def judge(options, wanted, status, message, megabytes):
    """What is wrong with how a compilation ended, or None."""
    if wanted == shapes.REFUSED:
        refused = status == 1 and "limit" in message and message.count("\n") == 0
        return None if refused else f"not refused in a line: status {status}: {message}"
    if status != 0:
        return f"status {status}: {message}"
    if megabytes > options.megabytes:
        return f"{megabytes} MB of memory, more than {options.megabytes}"
    return None


def run_shape(options, directory, name):
    """How many of a shape's compilations failed."""
    make, wanted = shapes.SHAPES[name]
    path = os.path.join(directory, name + ".wasm")
    content = make(options.scale)
    with open(path, "wb") as file:
        file.write(content)
    failures, row = 0, f"| {name} | {len(content) // 1000} KB |"
    for level in options.levels:
        status, message, seconds, megabytes = compile_one(options, path, level)
        wrong = judge(options, wanted, status, message, megabytes)
        row += " refused |" if wanted == shapes.REFUSED and not wrong else f" {seconds:.1f} s, {megabytes} MB |"
        if wrong:
            failures += 1
            print(f"FAIL: {name} -O{level}: {wrong}", flush=True)
    if options.table:
        print(row, flush=True)
    return failures


def main():
    options = parse()
    names = options.shapes or list(shapes.SHAPES)
    with tempfile.TemporaryDirectory() as directory:
        failures = sum(run_shape(options, directory, name) for name in names)
    print(f"{len(names) * len(options.levels) - failures} of {len(names) * len(options.levels)} passed")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())

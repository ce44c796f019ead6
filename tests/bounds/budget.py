#!/usr/bin/env python3
"""Budgets of memory and time for compiling, on modules of which one pass takes more than all of it.

The command must end in one line, with hardly more memory and processor time than it may take; give
the same object as without a budget where that suffices; and leave no process behind when it is
killed itself.
"""
import argparse
import os
import signal
import subprocess
import sys
import tempfile
import time

import shapes
from measure import measure

MEGABYTE = 1 << 20
# The command and the compiler's code that has been read, and what is taken between two looks.
OWN_MEGABYTES = 100
SHAPES = ["calls-most", "legacy-tries", "subtype-calls", "wide-types"]

failures = []


def expect(fine, what):
    if not fine:
        failures.append(what)
        print("FAIL:", what, flush=True)


def is_one_line(message):
    return message.startswith("wasmaot: ") and message.count("\n") == 1


def check_memory(wasmaot, module, megabytes):
    """How much was taken of so much that may be."""
    command = [wasmaot, "compile", "-O3", f"--max-compile-memory={megabytes}M", module, "-o", module + ".o"]
    status, _, taken, message = measure(command)
    print(f"{os.path.basename(module)}: {taken} MB of {megabytes}, status {status}")
    expect(taken <= megabytes + OWN_MEGABYTES, f"{module}: {taken} MB, {megabytes} allowed")
    if status == 0:
        return
    expect(status == 1 and is_one_line(message), f"{module}: status {status}: {message}")
    expect("took more memory than the" in message, f"{module}: {message}")
    expect(not os.path.exists(module + ".o"), f"{module}: something is written")


def check_time(wasmaot, module, tenths):
    command = [wasmaot, "run", "-O3", "-j1", "--no-cache", f"--timeout={tenths / 10}", module]
    status, seconds, _, message = measure(command)
    print(f"{os.path.basename(module)}: {seconds:.2f} s of {tenths / 10}, status {status}")
    # One thread compiles: processor time is at most the time that passes.
    expect(seconds <= tenths / 10 + 0.3, f"{module}: {seconds} s, {tenths / 10} allowed")
    expect(status == 124 and is_one_line(message), f"{module}: status {status}: {message}")
    expect("while compiling" in message, f"{module}: {message}")


def check_same(wasmaot, module):
    """A budget that suffices changes nothing of what is written and said."""
    objects = []
    for options in [], ["--max-compile-memory=4G"]:
        command = [wasmaot, "compile", "-O1", "--timings", *options, module, "-o", module + ".o"]
        status, _, _, message = measure(command)
        expect(status == 0 and "generate code" in message, f"{module}: status {status}: {message}")
        with open(module + ".o", "rb") as file:
            objects.append(file.read())
        os.remove(module + ".o")
    expect(objects[0] == objects[1], f"{module}: another object with a budget")


def children(pid):
    with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as file:
        return [int(child) for child in file.read().split()]


def is_running(pid):
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii") as file:
            return file.read().rsplit(")", 1)[1].split()[0] not in "ZX"
    except FileNotFoundError:
        return False


def check_killed(wasmaot, module):
    command = [wasmaot, "compile", "-O3", "--max-compile-memory=4G", module, "-o", module + ".o"]
    with subprocess.Popen(command) as process:
        found, end = [], time.monotonic() + 20
        while not found and time.monotonic() < end and process.poll() is None:
            found = children(process.pid)
        process.send_signal(signal.SIGKILL)
    expect(len(found) == 1, f"{module}: compiled in {len(found)} processes")
    end = time.monotonic() + 20
    while any(is_running(pid) for pid in found) and time.monotonic() < end:
        time.sleep(0.01)
    expect(not any(is_running(pid) for pid in found), f"{module}: a process is left behind")
    expect(not os.path.exists(module + ".o"), f"{module}: something is written")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--wasmaot", required=True)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        for name in SHAPES:
            module = os.path.join(directory, name + ".wasm")
            with open(module, "wb") as file:
                file.write(shapes.SHAPES[name][0](1))
            check_memory(options.wasmaot, module, 60)
            check_time(options.wasmaot, module, 5)
        check_same(options.wasmaot, os.path.join(directory, "calls-most.wasm"))
        check_killed(options.wasmaot, os.path.join(directory, "wide-types.wasm"))
    print(f"{len(failures)} failures")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())

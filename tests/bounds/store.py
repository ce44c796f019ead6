#!/usr/bin/env python3
"""Guests that make the host keep as much as they can, under limits: how each ends, and in what memory.

Each row of the table in docs/limits.md that a guest can drive has one here.
"""
import argparse
import os
import subprocess
import sys
import tempfile

from measure import measure
from shapes import (ADD, DROP, END, FUNCREF, I32, IF, LOOP, NOTHING, body, br_if, const, load, signature, tee)
from encoding import get, name, put, section, uleb, vector

# What the command takes for itself, in megabytes.
OWN_MEGABYTES = 16
TRAPPED = 134
WAIT_FOREVER = const(8) + const(0) + b"\x42\x7f" + b"\xfe\x01\x02\x00" + DROP
SPAWN, EXIT = b"\x10\x00", b"\x10\x01"
LE_S, EQ = b"\x4c", b"\x46"

failures = []


def guest(functions, memory=b"\x00\x01", tables=(), tags=(), globals_=b"", start=None, elems=(), datas=(), shared=False):
    """A program with imports of thread-spawn and proc_exit; functions are (type, body), the last
    two those of wasi_thread_start and _start. Types: 0 i32 -> i32, 1 i32 -> nothing, 2 nothing, 3 two
    i32, 4 nothing -> exnref."""
    types = [signature([I32], [I32]), signature([I32], []), NOTHING, signature([I32, I32], []),
             signature([], [b"\x69"])]
    imports = [name("wasi") + name("thread-spawn") + b"\x00\x00",
               name("wasi_snapshot_preview1") + name("proc_exit") + b"\x00\x01"]
    if shared:
        imports.append(name("env") + name("memory") + b"\x02\x03\x01\x01")
    out = b"\0asm\1\0\0\0" + section(1, vector(types)) + section(2, vector(imports))
    out += section(3, vector([uleb(kind) for kind, _ in functions]))
    out += section(4, vector(tables)) if tables else b""
    out += b"" if shared else section(5, vector([memory]))
    out += section(13, vector([b"\x00" + uleb(kind) for kind in tags])) if tags else b""
    out += section(6, globals_) if globals_ else b""
    last = len(functions) + 1
    out += section(7, vector([name("wasi_thread_start") + b"\x00" + uleb(last - 1), name("_start") + b"\x00" + uleb(last),
                              name("memory") + b"\x02\x00"]))
    out += section(8, uleb(start)) if start is not None else b""
    out += section(9, vector(elems)) if elems else b""
    out += section(12, uleb(len(datas))) if datas else b""
    out += section(10, vector([code for _, code in functions]))
    return out + (section(11, vector(datas)) if datas else b"")


def many_globals(count):
    return uleb(count) + (I32 + b"\x01" + const(7) + END) * count


THREAD = (3, body(WAIT_FOREVER))
NO_THREAD = (3, body(b""))


def threads(count):
    """Spawns until that fails; exits with how many there are. Each has all the globals."""
    main = LOOP + const(1) + SPAWN + const(0) + LE_S + IF + get(0) + EXIT + END
    main += get(0) + const(1) + ADD + put(0) + b"\x0c\x00" + END
    return guest([THREAD, (2, body(main, [(1, I32)]))], globals_=many_globals(count), shared=True)


def nested_starts(count):
    """Each instance's start function begins the next one, before a thread has been made."""
    count_up = const(0) + const(1) + b"\xfe\x1e\x02\x00" + DROP
    begin = (2, body(count_up + const(1) + SPAWN + DROP))
    main = const(0) + load() + EXIT
    return guest([begin, NO_THREAD, (2, body(main))], globals_=many_globals(count), start=2, shared=True)


def thread_tables(entries):
    """Each thread has a table, which it fills to its end."""
    fill = const(0) + b"\xd2\x02" + const(entries) + b"\xfc\x11\x00"
    main = LOOP + const(1) + SPAWN + const(0) + LE_S + IF + get(0) + EXIT + END
    main += get(0) + const(1) + ADD + put(0) + b"\x0c\x00" + END
    table = FUNCREF + b"\x00" + uleb(entries)
    return guest([(3, body(fill + WAIT_FOREVER)), (2, body(main, [(1, I32)]))], tables=[table],
                 elems=[b"\x03\x00" + vector([uleb(2)])], shared=True)


def growing_memory():
    """Grows by a page, writes all of it, until that fails; exits with how many pages there are."""
    grow = const(1) + b"\x40\x00" + tee(0) + const(-1) + EQ + IF + b"\x3f\x00" + EXIT + END
    fill = get(0) + const(16) + b"\x74" + const(1) + const(65536) + b"\xfc\x0b\x00"
    main = LOOP + grow + fill + b"\x0c\x00" + END
    return guest([NO_THREAD, (2, body(main, [(1, I32)]))])


def growing_table():
    """Grows by 1,000 entries until that fails; exits with how many thousands there are."""
    grow = b"\xd2\x02" + const(1000) + b"\xfc\x0f\x00" + const(-1) + EQ
    main = LOOP + grow + IF + b"\xfc\x10\x00" + const(1000) + b"\x6e" + EXIT + END + b"\x0c\x00" + END
    return guest([NO_THREAD, (2, body(main))], tables=[FUNCREF + b"\x00\x00"], elems=[b"\x03\x00" + vector([uleb(2)])])


def kept_exceptions(values):
    """Throws and catches by reference, for ever."""
    throw = const(1) * values + b"\x08\x00"
    main = LOOP + b"\x02\x69" + b"\x1f\x40\x01\x03\x00" + throw + END + b"\x00" + END + DROP + b"\x0c\x00" + END
    return guest([NO_THREAD, (2, body(main))], tags=[1 if values == 1 else 2])


def segments(size):
    """Passive ones of all the module, dropped and used again by many threads."""
    use = const(0) + const(0) + const(16) + b"\xfc\x08\x00\x00" + b"\xfc\x09\x00"
    main = LOOP + const(1) + SPAWN + DROP + get(0) + const(1) + ADD + tee(0) + const(2000) + b"\x48" + br_if(0) + END
    return guest([(3, body(use)), (2, body(main + const(3) + EXIT, [(1, I32)]))],
                 datas=[b"\x01" + uleb(size) + b"x" * size], shared=True)


# Name: module, options of `run`, status wanted, megabytes beyond the command's own.
ROWS = {
    "instances of threads": (threads(100000), ["--max-memory=64K"], 5, 16),
    "instances in starts": (nested_starts(100000), ["--max-memory=64K"], 6, 16),
    "instances, more allowed": (threads(100000), ["--max-memory=64M", "--max-threads=7"], 7, 64),
    "tables of threads": (thread_tables(100000), ["--max-table=1000000", "--max-memory=64K"], 9, 12),
    "a memory": (growing_memory(), ["--max-memory=4M"], 64, 6),
    "a table": (growing_table(), ["--max-table=100000"], 100, 4),
    "exceptions": (kept_exceptions(0), ["--max-memory=64K"], TRAPPED, 4),
    "exceptions with a value": (kept_exceptions(1), ["--max-memory=4M"], TRAPPED, 8),
    "segments": (segments(4 << 20), ["--max-memory=64K"], 3, 8),
}


def expect(fine, what):
    if not fine:
        failures.append(what)
        print("FAIL:", what, flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--wasmaot", required=True)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        for name, (content, limits, wanted, most) in ROWS.items():
            module = os.path.join(directory, name.replace(" ", "-").replace(",", "") + ".wasm")
            with open(module, "wb") as file:
                file.write(content)
            subprocess.run([options.wasmaot, "compile", "-O1", module, "-o", module + ".o"], check=True)
            command = [options.wasmaot, "run", "--timeout=60", *limits, module + ".o"]
            status, _, megabytes, message = measure(command)
            print(f"{name}: {' '.join(limits)}: status {status}, {megabytes} MB", flush=True)
            expect(status == wanted, f"{name}: status {status}, not {wanted}: {message}")
            expect(megabytes <= most + OWN_MEGABYTES, f"{name}: {megabytes} MB, more than {most} + {OWN_MEGABYTES}")
    print(f"{len(failures)} failures")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())

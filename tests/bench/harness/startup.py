"""Start-up: how long a process that prints one line takes, and what it needs of the machine."""

import os
import shutil
import statistics

from . import build, process

HELLO = '#include <stdio.h>\nint main(void) {\n  puts("hello");\n  return 0;\n}\n'


def native_hello(builder):
    source = os.path.join(builder.directory, "hello", "hello.c")
    os.makedirs(os.path.dirname(source), exist_ok=True)
    with open(source, "w") as file:
        file.write(HELLO)
    output = os.path.join(builder.directory, "hello", "hello-static")
    return build.make(output, [builder.clang, "-O2", "-static", source, "-o", output], [source])


def guest_hello(builder):
    sources = [os.path.join(build.GUEST_LIB, name) for name in ("guest.c", "start.c")]
    sources.append(os.path.join(os.path.dirname(build.GUEST_LIB), "hello.c"))
    output = os.path.join(builder.directory, "hello", "hello.wasm")
    return build.make(output, [builder.clang, *build.GUEST_FLAGS, "-nostdlib", "-Wl,--no-entry", *sources,
                               "-o", output], sources + build.headers())


def commands(builder, wasmaot, node):
    wasm = guest_hello(builder)
    artifact = os.path.join(builder.directory, "hello", "hello.o")
    build.run([wasmaot, "compile", "-o", artifact, wasm])
    found = {"native, static": [native_hello(builder)], "wasmaot run hello.o": [wasmaot, "run", artifact],
             "wasmaot run hello.wasm": [wasmaot, "run", "--no-cache", wasm],
             "wasmaot run hello.wasm, cached": [wasmaot, "run", wasm]}
    if (wamrc := shutil.which("wamrc")) and (iwasm := shutil.which("iwasm")):
        precompiled = os.path.join(builder.directory, "hello", "hello.aot")
        build.run([wamrc, "-o", precompiled, wasm])
        found["iwasm hello.aot"] = [iwasm, precompiled]
    if node:
        found["node"] = [node, os.path.join(build.LIB, "node_main.mjs"), wasm]
    return found


def measure(builder, wasmaot, node, rounds):
    """{what: {"wall", "least", "minor", "major", "peak"}}: medians of seconds and faults, peak of bytes."""
    chosen = commands(builder, wasmaot, node)
    spawn = process.spawner(builder)
    samples = {name: [] for name in chosen}
    for _ in range(rounds):
        for name, command in chosen.items():
            samples[name].append(process.run(spawn, command))
    return {name: {"wall": statistics.median(usage.wall for usage in taken),
                   "least": min(usage.wall for usage in taken),
                   "minor": statistics.median(usage.minor for usage in taken),
                   "major": statistics.median(usage.major for usage in taken),
                   "peak": max(usage.peak for usage in taken)} for name, taken in samples.items()}


def rows(results):
    lines = [["start-up of", "median ms", "least ms", "minor faults", "major faults", "peak RSS KiB"]]
    for name, r in results.items():
        lines.append([name, f"{r['wall'] * 1e3:.2f}", f"{r['least'] * 1e3:.2f}", f"{r['minor']:.0f}",
                      f"{r['major']:.0f}", f"{r['peak'] / 1024:.0f}"])
    return lines



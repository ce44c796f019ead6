#!/usr/bin/env python3
"""Compares engines on the same kernels: builds each kernel for every engine, runs the engines in turn,
checks that their results agree, and prints medians as ratios to native code.

Every engine's time is that of the kernel alone, measured inside its process, but wasmaot's: there it is
the whole process, start-up included.
"""

import argparse
import json
import math
import os
import shutil
import statistics
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
KERNELS = ["matmul", "stencil", "sha256", "interpreter", "sort", "nbody"]
# Contraction would give native code other results than WebAssembly defines.
COMMON = ["-O3", "-ffp-contract=off", "-I", os.path.join(HERE, "kernels")]


def run(command, **options):
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, **options).stdout


def build_wasm(args, source, output):
    run([args.clang, "--target=wasm32", "-mbulk-memory", "-nostdlib", "-Wl,--no-entry",
         "-Wl,-z,stack-size=65536", *COMMON, source, "-o", output])


def build_native(args, source, output):
    run([args.clang, f"-march={args.cpu}", *COMMON, source,
         os.path.join(HERE, "native_main.c"), "-o", output])


def build_wasm2c(args, wasm, directory):
    code = os.path.join(directory, "kernel_wasm2c.c")
    run([args.wasm2c, wasm, "-n", "kernel", "-o", code])
    output = os.path.join(directory, "kernel_wasm2c")
    implementation = os.path.join(args.wasm2c_runtime, "wasm-rt-impl.c")
    run([args.clang, "-O3", "-ffp-contract=off", f"-march={args.cpu}", "-w", "-I", directory,
         "-I", args.wasm2c_runtime, code, implementation, os.path.join(HERE, "wasm2c_main.c"),
         "-lm", "-o", output])
    return output


def build(args, kernel):
    """The command line of each engine for one kernel."""
    directory = os.path.join(args.build, kernel)
    os.makedirs(directory, exist_ok=True)
    source = os.path.join(HERE, "kernels", kernel + ".c")
    wasm, native, artifact = (os.path.join(directory, "kernel" + end) for end in (".wasm", "", ".o"))
    build_wasm(args, source, wasm)
    build_native(args, source, native)
    cpu = "native" if args.cpu == "native" else "baseline"
    run([args.wasmaot, "compile", "-O3", "--cpu", cpu, "-o", artifact, wasm])
    commands = {"native": [native], "wasmaot": [args.wasmaot, "run", "--invoke", "run", artifact]}
    if args.wasm2c:
        commands["wasm2c"] = [build_wasm2c(args, wasm, directory)]
    if args.node:
        # A function that runs once would stay in the baseline tier: optimise all of them at once.
        flags = ["--no-liftoff", "--no-wasm-lazy-compilation"]
        commands["node"] = [args.node, *flags, os.path.join(HERE, "node_main.mjs"), wasm]
    return commands


def measure(command):
    """(checksum, seconds)"""
    start = time.perf_counter()
    words = run(command).split()
    elapsed = time.perf_counter() - start
    checksum = int(words[0]) & 0xFFFFFFFF
    return checksum, int(words[1]) / 1e9 if len(words) > 1 else elapsed


def compare(commands, runs):
    """Median seconds per engine, the engines taking turns."""
    times = {engine: [] for engine in commands}
    checksums = set()
    for _ in range(runs):
        for engine, command in commands.items():
            checksum, seconds = measure(command)
            checksums.add(checksum)
            times[engine].append(seconds)
    if len(checksums) != 1:
        sys.exit(f"the engines disagree: {sorted(checksums)}")
    return {engine: statistics.median(values) for engine, values in times.items()}


def table(results):
    engines = list(next(iter(results.values())))
    lines = ["kernel        " + "".join(f"{engine:>12}" for engine in engines) +
             "    (native: seconds; others: ratio to native)"]
    for kernel, medians in results.items():
        base = medians["native"]
        cells = [f"{base:12.3f}" if e == "native" else f"{medians[e] / base:12.2f}" for e in engines]
        lines.append(f"{kernel:14}" + "".join(cells))
    means = []
    for engine in engines:
        logs = [math.log(m[engine] / m["native"]) for m in results.values()]
        means.append(f"{math.exp(sum(logs) / len(logs)):12.2f}")
    return "\n".join(lines + ["geometric mean" + "".join(means)])


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--wasmaot", required=True, help="the command to measure")
    parser.add_argument("--clang", default="clang", help="compiler of all kernels")
    parser.add_argument("--wasm2c", default=shutil.which("wasm2c"))
    parser.add_argument("--wasm2c-runtime", default="/usr/share/wabt/wasm2c")
    parser.add_argument("--node", default=shutil.which("node"))
    parser.add_argument("--cpu", default="native", choices=["native", "x86-64"])
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--build", default="bench-build", help="directory for what is built")
    parser.add_argument("--json", help="write the medians to this file")
    parser.add_argument("kernels", nargs="*", default=KERNELS)
    return parser.parse_args()


def main():
    args = parse_arguments()
    results = {}
    for kernel in args.kernels or KERNELS:
        results[kernel] = compare(build(args, kernel), args.runs)
        print(f"{kernel}: done", file=sys.stderr)
    print(table(results))
    if args.json:
        with open(args.json, "w") as file:
            json.dump(results, file, indent=1)


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
"""Measures WebAssembly engines against native code on the benchmark programs of this folder.

Every program is compiled by the same clang to native code and to WebAssembly. The engines run in turn,
round after round; medians are compared. A program that prints another checksum on one engine than on the
others fails the run. See docs/performance.md.
"""

import json
import os
import sys
import time
from concurrent.futures import ThreadPoolExecutor

sys.dont_write_bytecode = True
from harness import (build, compile_time, count, engines as engine_list, machine, measure, options, process, report,
                     startup, svg)

MODULES = ["single", "threads", "micro", "compile", "startup"]
# What the picture shows: more bars than this nobody reads.
PICTURED = ["native@host", "wasmaot@host", "wasmaot+simd@host", "wasm2c@host", "node+simd@host", "wasmtime*",
            "wamr+simd*", "wasmedge*", "wavm*"]
DEFAULT_METRIC = {"single": "user", "threads": "wall", "micro": "wall"}


def parse_arguments():
    parser = options.parser(__doc__.splitlines()[0], "bench-build",
                            "draw the single-threaded programs' ratios to this file")
    parser.add_argument("--sysroot", default=os.environ.get("WASI_SYSROOT_THREADS"),
                        help="a wasi-libc sysroot with pthreads, for the threaded programs instead of the "
                        "guests' own library (default: $WASI_SYSROOT_THREADS)")
    parser.add_argument("--modules", default=",".join(MODULES), help="what to measure, of: " + ", ".join(MODULES))
    parser.add_argument("--metric", choices=["user", "wall"],
                        help="default: user time, and wall clock where there are threads")
    parser.add_argument("--count", action="store_true", help="count instructions with valgrind's callgrind instead of "
                        "measuring time: native code and wasmaot, for the baseline CPU, single-threaded programs")
    parser.add_argument("--compile-module", action="append", default=[], metavar="FILE.wasm",
                        help="for --modules=compile: this module too")
    parser.add_argument("--quick", action="store_true", help="one round of the smallest size: the numbers mean nothing")
    parser.add_argument("--smoke", action="store_true", help="--quick without engines but native and wasmaot, "
                        "and no table: do all programs agree?")
    return parser.parse_args()


def choose(args, builder):
    """(programs, engines) that the arguments name. What an engine is compared with always comes along."""
    modules = args.modules.split(",")
    if unknown := set(modules) - set(MODULES):
        sys.exit(f"run.py: no module {', '.join(unknown)}; there are {', '.join(MODULES)}")
    kinds = ["single"] if args.count else modules
    programs = [program for program in build.all_programs() if program.kind in kinds and
                engine_list.matches(program.name, args.programs or ["*"])]
    if args.programs and not programs:
        sys.exit("run.py: no program has such a name; --list shows them")
    found = engine_list.find(builder, args.wasmaot, args.node)
    patterns = args.engines.split(",")
    if args.smoke:
        patterns = ["native*", "wasmaot*"]
    elif args.count:
        patterns = ["native", "wasmaot", "wasmaot+simd"]
    chosen = [engine for engine in found if engine_list.matches(engine.name, patterns)]
    bases = {engine.base for engine in chosen}
    return programs, [engine for engine in found if engine in chosen or engine.name in bases]


def prepare(programs, engines, jobs):
    """{program's name: {engine's name: command}}; what is built in common is built before the rest."""
    def commands(program):
        return program.name, {engine.name: engine.prepare(program) for engine in engines
                              if program.kind in engine.kinds}
    first = {program.kind: program for program in programs}
    ready = dict(commands(program) for program in first.values())
    with ThreadPoolExecutor(jobs) as pool:
        ready.update(pool.map(commands, [p for p in programs if p.name not in ready]))
    return ready


def measure_all(args, builder, programs, commands):
    """{kind: {program's name: results}}, and how many programs failed."""
    results, failed = {}, 0
    for program in programs:
        start = time.monotonic()
        try:
            if args.count:
                result = count.count(commands[program.name], os.path.join(args.build, program.name), args.jobs)
            else:
                result = measure.compare(commands[program.name], args.rounds, args.size)
            if program.name == "many_threads" and not args.smoke:
                for engine, grown in measure.memory_per_thread(
                        process.spawner(builder), commands[program.name]).items():
                    result[engine]["figures"]["memory-per-thread(bytes)"] = grown
        except measure.RunError as error:
            failed += 1
            measure.progress(f"{program.name}: FAILED: {error}")
            continue
        results.setdefault(program.kind, {})[program.name] = result
        measure.progress(f"{program.name}: {time.monotonic() - start:.1f} s")
    return results, failed


def measure_processes(args, builder, results):
    """The modules that measure no programs: compilers and start-up."""
    modules = args.modules.split(",")
    if "compile" in modules:
        results["compile"] = compile_time.measure(builder, args.wasmaot, args.compile_module, args.rounds)
        measure.progress("compile: done")
    if "startup" in modules:
        results["startup"] = startup.measure(builder, args.wasmaot, args.node, args.rounds * 20)
        measure.progress("startup: done")


def print_tables(args, results, engines):
    show = report.markdown if args.markdown else report.plain
    for kind, result in results.items():
        if kind == "startup":
            print("\nstart-up: whole processes that print one line\n")
            print(show(startup.rows(result)))
            continue
        if kind == "compile":
            for module, compilers in result.items():
                print("\n" + show(compile_time.rows(module, compilers)))
            continue
        metric = "instructions" if args.count else args.metric or DEFAULT_METRIC[kind]
        if kind == "micro":
            print("\nmicro: nanoseconds per operation, or bytes; in brackets the ratio to native\n")
            print(show(report.figure_rows(result, engines)))
            continue
        print(f"\n{kind}: {metric}, ratio to native code for the same CPU\n")
        print(show(report.rows(result, engines, metric)))
        print("\n" + report.summary(result, engines, metric))


def write_files(args, results, engines):
    if args.json:
        with open(args.json, "w") as file:
            json.dump({"machine": machine.describe(), "engines": {e.name: e.version for e in engines},
                       "rounds": args.rounds, "results": results}, file, indent=1)
            file.write("\n")
    if args.svg and "single" in results:
        with open(args.svg, "w") as file:
            metric = "instructions" if args.count else args.metric or "user"
            pictured = [engine for engine in engines if args.count or engine_list.matches(engine.name, PICTURED)]
            title = {"user": "Processor time", "wall": "Time", "instructions": "Instructions"}[metric]
            file.write(svg.draw(results["single"], pictured, metric,
                                title + ", as a ratio to native code of the same LLVM for the same CPU"))


def main():
    args = parse_arguments()
    if not args.wasmaot:
        sys.exit("run.py: no wasmaot on PATH; say where it is: --wasmaot build/release/cli/wasmaot")
    args.wasmaot = os.path.abspath(args.wasmaot)
    if args.quick or args.smoke:
        args.rounds, args.size = 1, 1
    builder = build.Builder(args.build, args.clang, args.wasm2c, args.wasm2c_runtime, args.sysroot)
    programs, engines = choose(args, builder)
    if args.list:
        print("programs:", *(f"  {program.name} ({program.kind})" for program in programs), sep="\n")
    print("engines:", *(f"  {engine.name}: {engine.version}" for engine in engines), sep="\n")
    if args.list:
        return
    try:
        commands = prepare(programs, engines, args.jobs)
    except build.BuildError as error:
        sys.exit(f"run.py: {error}")
    results, failed = measure_all(args, builder, programs, commands)
    if not args.smoke and not args.count:
        measure_processes(args, builder, results)
    if args.smoke:
        print(f"{sum(map(len, results.values()))} passed, {failed} failed")
    else:
        print_tables(args, results, engines)
        write_files(args, results, engines)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()

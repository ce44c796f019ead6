#!/usr/bin/env python3
"""Measures WebAssembly engines, and variants of wasmaot, against native code on programs that people use.

Their sources come from the registry of crates, through cargo, and are built by the same clang or rustc natively and for
WASI. All engines run in turn, round after round; what a program prints must be the same on all of them.
See README.md.
"""

import json
import os
import sys
import time
from concurrent.futures import ThreadPoolExecutor

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from harness import build, engines as engine_list, machine, measure, options, report, svg  # noqa: E402

import builder as real_builder  # noqa: E402
import programs as table  # noqa: E402
import variants  # noqa: E402

NATIVE = "native@host"
SKIPPED = 77  # the exit status that CTest takes for a test that could not be tried


def parse_arguments():
    parser = options.parser(__doc__.splitlines()[0], "bench-real-build", "draw the ratios to native code to this file")
    parser.add_argument("--variant", action="append", default=[], metavar="NAME=OPTIONS",
                        help="measure wasmaot with these options of `compile` under this name; may be repeated "
                        "(default: -O3)")
    parser.add_argument("--ablation", action="store_true", help="measure wasmaot with each pass left out in turn, and "
                        "with all of them, against all on; no other engine")
    parser.add_argument("--module", action="append", default=[], metavar="FILE.wasm",
                        help="with --ablation: this program too, which runs without arguments; may be repeated")
    parser.add_argument("--plain", action="store_true", help="modules without SIMD instructions")
    parser.add_argument("--metric", choices=["user", "wall"], default="user",
                        help="default: processor time in user mode, of all threads")
    parser.add_argument("--least", action="store_true", help="compare the least of the rounds instead of the median")
    parser.add_argument("--smoke", action="store_true", help="one small round of a few programs, natively and by "
                        f"wasmaot: do they agree? Exit status {SKIPPED} if none could be built")
    args = parser.parse_args()
    if not args.wasmaot:
        parser.error("no wasmaot on PATH; say where it is: --wasmaot build/release/cli/wasmaot")
    if args.module and not args.ablation:
        parser.error("--module needs --ablation: there is no native code to compare it with")
    for path in args.module:
        if not os.path.isfile(path):
            parser.error(f"{path}: no such file")
    args.wasmaot = os.path.abspath(args.wasmaot)
    if args.smoke:
        args.rounds, args.size, args.engines = 1, 1, "none"
    return args


def choose_programs(args):
    patterns = args.programs or ([] if args.module else ["*"])
    chosen = [p for p in table.read() if engine_list.matches(p.name, patterns) and (p.smoke or not args.smoke)]
    if not chosen and not args.module:
        sys.exit("run.py: no program has such a name; --list shows them")
    return chosen + [table.Module(path) for path in args.module]


def find_engines(args, builder):
    simd = not args.plain
    if args.ablation:
        return variants.engines(builder, args.wasmaot, variants.ablation(args.wasmaot), simd, "wasmaot:all")
    native = [engine for engine in engine_list.native_engines(builder) if engine.name == NATIVE]
    ours = variants.engines(builder, args.wasmaot, variants.parse(args.variant), simd, NATIVE)
    others = engine_list.wamr_engines(builder) + engine_list.other_engines(builder)
    if args.wasm2c and builder.wasm2c_has_segue():
        others = [e for e in engine_list.wasm2c_engines(builder) if "+segue" in e.name] + others
    if args.node:
        others = engine_list.node_engines(builder, args.node, os.path.join(table.HERE, "node_main.mjs")) + others
    patterns = args.engines.split(",")
    return native + ours + [engine for engine in others if engine_list.matches(engine.name, patterns) and
                            ("+simd" in engine.name) == simd]


class Run:
    """What became of each program."""

    def __init__(self):
        self.results = {}  # {kind: {program's name: {engine's name: figures}}}
        self.failed = []
        self.skipped = []

    def fail(self, program, why):
        self.failed.append(program.name)
        measure.progress(f"{program.name}: FAILED: " + "\n".join(str(why).strip().splitlines()[:20]))

    def skip(self, program, why):
        self.skipped.append(program.name)
        measure.progress(f"{program.name}: SKIPPED: {why}")

    def programs(self):
        return {name: figures for result in self.results.values() for name, figures in result.items()}


def prepare(program, engines):
    """{engine's name: command}. Another engine than native code and wasmaot may lack what it takes."""
    commands = {}
    for engine in engines:
        if program.kind not in engine.kinds:
            continue
        try:
            commands[engine.name] = engine.prepare(program)
        except build.BuildError as error:
            if engine.name.startswith(("native", "wasmaot")):
                raise
            why = str(error).strip().splitlines()
            measure.progress(f"{program.name}: {engine.name} is left out: {' '.join(why[1:2] or why)}")
    return commands


def build_all(args, chosen, engines, run):
    """{program: commands} of those that could be built."""
    def attempt(program):
        try:
            return prepare(program, engines)
        except real_builder.Missing as error:
            run.skip(program, error)
        except (build.BuildError, ValueError) as error:
            run.fail(program, error)
        return None
    with ThreadPoolExecutor(args.jobs) as pool:
        ready = zip(chosen, pool.map(attempt, chosen))
    return {program: commands for program, commands in ready if commands}


def measure_all(args, ready, run):
    for program, commands in ready.items():
        start = time.monotonic()
        try:
            with table.folder():
                size = args.size if program.language else None
                with_system = program.files or program.threaded
                result = measure.compare(commands, args.rounds, size, with_system=with_system)
        except measure.RunError as error:
            run.fail(program, error)
            continue
        if args.least:
            for figures in result.values():
                figures.update({metric: min(s[metric] for s in figures["samples"]) for metric in ("user", "wall")})
        run.results.setdefault(program.kind, {})[program.name] = result
        measure.progress(f"{program.name}: {time.monotonic() - start:.1f} s")


def print_tables(args, engines, run):
    show = report.markdown if args.markdown else report.plain
    everything = run.programs()
    if not everything:
        return
    which = "the least of" if args.least else "the median of"
    print(f"\n{args.metric} time, {which} {args.rounds}, as a ratio to {engines[0].base}\n")
    print(show(report.rows(everything, engines, args.metric)))
    for kind, result in run.results.items() if len(run.results) > 1 else []:
        means = [f"{engine.name} {report.geometric_mean(values):.2f}" for engine in engines
                 if (values := report.ratios(result, engine, args.metric))]
        print(f"\n{kind}: " + ", ".join(means))
    ours = [engine for engine in engines if engine.name.startswith("wasmaot")]
    if lines := report.shared_means(everything, engines, ours[0], args.metric):
        print("", *lines, sep="\n")
    for metric, title, unit in (("text", "code, KiB", 1024), ("compile", "compiling, seconds of processor time", 1)):
        print(f"\nwasmaot: {title}\n")
        print(show(report.sum_rows(everything, ours, metric, unit)))


def write_files(args, engines, run):
    if args.json:
        with open(args.json, "w") as file:
            json.dump({"machine": machine.describe(), "engines": {e.name: e.version for e in engines},
                       "rounds": args.rounds, "results": run.results}, file, indent=1)
            file.write("\n")
    if args.svg:
        with open(args.svg, "w") as file:
            title = {"user": "Processor time", "wall": "Time"}[args.metric]
            file.write(svg.draw(run.programs(), engines, args.metric,
                                title + ", as a ratio to native code of the same compiler for the same CPU"))


def main():
    args = parse_arguments()
    builder = real_builder.Builder(args.build, args.clang, args.wasm2c, args.wasm2c_runtime)
    chosen = choose_programs(args)
    engines = find_engines(args, builder)
    if args.list:
        print("programs:", *(f"  {program.name} ({program.language}, {program.kind})" for program in chosen), sep="\n")
    print("engines:", *(f"  {engine.name}: {engine.version}" for engine in engines), sep="\n")
    if args.list:
        return
    run = Run()
    ready = build_all(args, chosen, engines, run)
    measure_all(args, ready, run)
    if not args.smoke:
        variants.note_compilation(builder, ready, engines, run.results)
        print_tables(args, engines, run)
        write_files(args, engines, run)
    passed = len(run.programs())
    print(f"\n{passed} passed, {len(run.failed)} failed, {len(run.skipped)} skipped")
    sys.exit(1 if run.failed else 0 if passed else SKIPPED if args.smoke else 1)


if __name__ == "__main__":
    main()

"""Compile time: all the programs in one module, and modules that the user names, through each compiler."""

import os
import re
import shutil
import statistics

from . import build, process


def one_module(builder):
    """All single-threaded programs, each under names of its own, and a main that can call each."""
    folder = os.path.join(builder.directory, "all-programs")
    os.makedirs(folder, exist_ok=True)
    programs = [program for program in build.all_programs() if program.kind == "single"]
    objects = []
    for program in programs:
        output = os.path.join(folder, program.name + ".o")
        names = [f"-Dbench=bench_{program.name}", f"-Dbench_rounds=bench_rounds_{program.name}"]
        command = [builder.clang, "--target=wasm32", *build.C, *build.COMMON, *names, "-c", program.source, "-o", output]
        objects.append(build.make(output, command, [program.source] + build.headers()))
    main = os.path.join(folder, "all.c")
    with open(main, "w") as file:
        file.write('#include "bench.h"\n')
        file.writelines(f"uint64_t bench_{program.name}(uint32_t rounds);\n" for program in programs)
        file.write("const uint32_t bench_rounds = 1;\nuint64_t bench(uint32_t rounds) {\n  uint64_t sum = 0;\n")
        file.writelines(f"  sum = bench_mix(sum, bench_{program.name}(rounds));\n" for program in programs)
        file.write("  return sum;\n}\n")
    output = os.path.join(folder, "all.wasm")
    inputs = [main, *objects, *builder.guest_objects(False)]
    return build.make(output, [builder.clang, "--target=wasm32", *build.C, *build.COMMON, "-nostdlib", "-Wl,--no-entry",
                               "-Wl,-z,stack-size=1048576", *inputs, "-o", output], inputs)


def steps_of(builder, wasmaot, wasm):
    """{compiler: [commands, one after the other]}, and {compiler: output}."""
    folder = os.path.join(builder.directory, "compile")
    os.makedirs(folder, exist_ok=True)
    steps, outputs = {}, {}
    for level in (1, 3):
        for jobs in (1, 2):
            name = f"wasmaot -O{level} -j{jobs}"
            outputs[name] = os.path.join(folder, f"O{level}-j{jobs}.o")
            steps[name] = [[wasmaot, "compile", f"-O{level}", f"-j{jobs}", "--progress=never", "-o",
                            outputs[name], wasm]]
    if wamrc := shutil.which("wamrc"):
        for level in (1, 3):
            name = f"wamrc --opt-level={level}"
            outputs[name] = os.path.join(folder, f"wamrc-O{level}.aot")
            steps[name] = [[wamrc, f"--opt-level={level}", "-o", outputs[name], wasm]]
    if builder.wasm2c and os.path.isdir(builder.wasm2c_runtime):
        for level in (1, 3):
            code, name = os.path.join(folder, "module.c"), f"wasm2c + clang -O{level}"
            outputs[name] = os.path.join(folder, f"wasm2c-O{level}.o")
            compile_c = [word if word != "-O3" else f"-O{level}" for word in builder.wasm2c_compile("baseline")]
            steps[name] = [[builder.wasm2c, wasm, "-n", "module", "-o", code],
                           compile_c + ["-I", folder, "-c", code, "-o", outputs[name]]]
    return steps, outputs


def text_size(path):
    """Bytes of code in an object, as `size` says; 0 for a format that it does not know."""
    try:
        match = re.search(r"^\s*(\d+)", build.run(["size", path]).splitlines()[1])
        return int(match.group(1)) if match else 0
    except (OSError, build.BuildError, IndexError):
        return 0


def measure(builder, wasmaot, modules, rounds):
    """{module: {compiler: {"wall", "cpu" (seconds), "peak", "text" (bytes)}}}"""
    results, spawn = {}, process.spawner(builder)
    for wasm in [one_module(builder), *modules]:
        name = f"{os.path.basename(wasm)} ({os.path.getsize(wasm) / 1024:.0f} KiB)"
        steps, outputs = steps_of(builder, wasmaot, wasm)
        samples = {compiler: [] for compiler in steps}
        for _ in range(rounds):
            for compiler, commands in steps.items():
                taken = [process.run(spawn, command) for command in commands]
                samples[compiler].append((sum(t.wall for t in taken), sum(t.cpu for t in taken),
                                          max(t.peak for t in taken)))
        results[name] = {compiler: {"wall": statistics.median(s[0] for s in taken),
                                    "cpu": statistics.median(s[1] for s in taken),
                                    "peak": max(s[2] for s in taken), "text": text_size(outputs[compiler])}
                         for compiler, taken in samples.items()}
    return results


def rows(module, results):
    lines = [["compiling " + module, "seconds", "CPU seconds", "peak RSS MiB", "code KiB"]]
    for compiler, r in results.items():
        lines.append([compiler, f"{r['wall']:.2f}", f"{r['cpu']:.2f}", f"{r['peak'] / 1048576:.0f}",
                      f"{r['text'] / 1024:.0f}" if r["text"] else "-"])
    return lines

"""The engines: how each is found, what it says its version is, and how it runs a program.

Names: `@host` is compiled for this very CPU and compared with native@host; without it, for the baseline
of the architecture, compared with native. `+simd` runs the module built with -msimd128, `+segue` uses a
segment register for the memory, `-O1` is that level instead of the highest.
"""

import fnmatch
import os
import shutil
import subprocess

from . import build


class Engine:
    """One way to run a program. prepare() builds what it needs and gives the command line."""

    def __init__(self, name, version, base, prepare, kinds=tuple(build.FOLDERS)):
        self.name = name
        self.version = version
        self.base = base
        self.prepare = prepare
        self.kinds = kinds


def matches(name, patterns):
    return any(fnmatch.fnmatchcase(name, pattern) for pattern in patterns)


def grants(program):
    """The options that let a program see its directories; every engine spells them so."""
    return [f"--dir={directory}" for directory in program.directories]


def output_of(*command):
    try:
        return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                              timeout=20).stdout
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"unknown ({error})"


def first_line(*command):
    lines = output_of(*command).strip().splitlines()
    return lines[0] if lines else "unknown"


def wasmaot_engine(builder, wasmaot, name, base, options, simd, tag):
    """wasmaot with these options of `compile`; its objects have `tag` in their names."""
    compiler = os.path.join(os.path.dirname(wasmaot), "..", "compiler", "libwasmaot-compiler.so")

    def prepare(program):
        wasm = builder.wasm(program, simd)
        artifact = builder.path(program, f"wasmaot-{tag}.o")
        inputs = [wasm, wasmaot] + [path for path in [compiler] if os.path.exists(path)]
        build.make(artifact, [wasmaot, "compile", *options, "-o", artifact, wasm], inputs)
        return [wasmaot, "run", *grants(program), artifact]
    return Engine(name, first_line(wasmaot, "--version"), base, prepare)


def wasmaot_engines(builder, wasmaot):
    engines = []
    for level, simd, cpu in (("3", False, "baseline"), ("3", False, "host"), ("3", True, "baseline"),
                             ("3", True, "host"), ("1", False, "host")):
        suffix = ("+simd" if simd else "") + ("@host" if cpu == "host" else "")
        engines.append(wasmaot_engine(
            builder, wasmaot, "wasmaot" + ("-O1" if level == "1" else "") + suffix,
            "native@host" if cpu == "host" else "native",
            ["-O" + level, "--cpu", "native" if cpu == "host" else cpu], simd,
            f"O{level}-{cpu}{'-simd' if simd else ''}"))
    return engines


def node_engines(builder, node, main=os.path.join(build.LIB, "node_main.mjs")):
    version = "node " + first_line(node, "--version")
    # A function that runs once would stay in the baseline tier: optimise all of them at once.
    flags = ["--no-liftoff", "--no-wasm-lazy-compilation", "--no-warnings"]
    engines = []
    for simd in (False, True):
        def prepare(program, simd=simd):
            return [node, *flags, main, *grants(program), builder.wasm(program, simd)]
        # A thread is a worker there, which takes a tenth of a second: no match for micro-benchmarks.
        engines.append(Engine("node" + ("+simd" if simd else "") + "@host", version, "native@host", prepare,
                              ("single", "threads")))
    return engines


def wasm2c_engines(builder):
    """Since 1.0.33 also with memory by segment register, and with SIMD where SIMDe is installed."""
    version = "wasm2c " + first_line(builder.wasm2c, "--version") + " + clang -O3"
    options = [()]
    if builder.wasm2c_has_segue():
        options.append(("segue",))
        if builder.simde():
            options.append(("simd", "segue"))
    return [Engine("wasm2c" + "".join("+" + option for option in chosen) + suffix, version, "native" + suffix,
                   lambda program, cpu=cpu, chosen=chosen: [builder.wasm2c_program(program, cpu, chosen)], ("single",))
            for chosen in options for cpu, suffix in (("baseline", ""), ("host", "@host"))
            if not chosen or cpu == "host"]


def native_engines(builder):
    version = first_line(builder.clang, "--version")
    return [Engine("native" + suffix, version, "native" + suffix,
                   lambda program, cpu=cpu: [builder.native(program, cpu)])
            for cpu, suffix in (("baseline", ""), ("host", "@host"))]


def ahead_of_time(builder, program, end, command, simd=True):
    """Runs an engine's own compiler; `command` has the places {wasm} and {output}."""
    wasm = builder.wasm(program, simd)
    output = builder.path(program, end)
    return build.make(output, [word.format(wasm=wasm, output=output) for word in command], [wasm])


def wamr_engines(builder):
    """WAMR's compiler, if both it and iwasm are on PATH, with memory by segment register where it can.

    With threads it cannot: WAMR 2.4.3 faults in the first access of a second thread, for ever.
    """
    wamrc, iwasm = shutil.which("wamrc"), shutil.which("iwasm")
    if not wamrc or not iwasm:
        return []
    segue = ["--enable-segue"] if os.uname().machine == "x86_64" and "--enable-segue" in output_of(
        wamrc, "--help") else []
    engines = []
    for simd in (False, True):
        def prepare(program, simd=simd):
            options = ["--enable-multi-thread"] if program.threaded else segue
            artifact = ahead_of_time(builder, program, f"wamr{'-simd' if simd else ''}.aot", [
                wamrc, "--opt-level=3", *options, "-o", "{output}", "{wasm}"], simd)
            return [iwasm, *(["--max-threads=2000"] if program.threaded else []), *grants(program), artifact]
        engines.append(Engine(f"wamr{'+simd' if simd else ''}{'+segue' if segue else ''}@host",
                              first_line(iwasm, "--version"), "native@host", prepare))
    return engines


def other_engines(builder):
    """Whatever other engine is on PATH, each at its best level, for this CPU, with SIMD."""
    engines = []
    path = {name: shutil.which(name) for name in ("wasmtime", "wasmedge", "wavm")}
    if path["wasmtime"]:
        def wasmtime(program):
            features = ["-W", "threads=y,shared-memory=y", "-S", "threads=y"] if program.threaded else []
            artifact = ahead_of_time(builder, program, "wasmtime.cwasm", [
                path["wasmtime"], "compile", *features[:2], "-O", "opt-level=2", "-o", "{output}", "{wasm}"])
            return [path["wasmtime"], "run", "--allow-precompiled", *features, *grants(program), artifact]
        engines.append(("wasmtime", first_line(path["wasmtime"], "--version"), wasmtime))
    if path["wasmedge"]:
        def wasmedge(program):
            artifact = ahead_of_time(builder, program, "wasmedge.so", [
                path["wasmedge"], "compile", "--optimize", "3", *(["--enable-threads"] if program.threaded else []),
                "{wasm}", "{output}"])
            return [path["wasmedge"], *grants(program), artifact]
        engines.append(("wasmedge", first_line(path["wasmedge"], "--version"), wasmedge))
    if path["wavm"]:
        def wavm(program):
            artifact = ahead_of_time(builder, program, "wavm.wasm", [
                path["wavm"], "compile", "--format=precompiled-wasm", "{wasm}", "{output}"])
            return [path["wavm"], "run", "--precompiled", "--abi=wasi", artifact]
        engines.append(("wavm", first_line(path["wavm"], "version"), wavm))
    # wasmedge and wavm have no wasi-threads.
    return [Engine(name + "+simd@host", version, "native@host", prepare,
                   tuple(build.FOLDERS) if name == "wasmtime" else ("single",))
            for name, version, prepare in engines]


def find(builder, wasmaot, node):
    """Every engine that this machine has, native ones first."""
    engines = native_engines(builder) + wasmaot_engines(builder, wasmaot)
    if builder.wasm2c and os.path.isdir(builder.wasm2c_runtime):
        engines += wasm2c_engines(builder)
    if node:
        engines += node_engines(builder, node)
    return engines + wamr_engines(builder) + other_engines(builder)

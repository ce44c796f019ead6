"""wasmaot with several sets of options, measured beside each other."""

import os
import re
import shlex
import subprocess
import sys
import tempfile

from harness import build, engines as engine_list


def parse(texts):
    """[(name, options)] of --variant=NAME=OPTIONS."""
    chosen = []
    for text in texts:
        name, equals, options = text.partition("=")
        if not name or not equals:
            sys.exit(f"run.py: --variant={text} is not NAME=OPTIONS")
        chosen.append((name, shlex.split(options)))
    return chosen or [(None, ["-O3"])]


def passes(wasmaot):
    """The names of passes that can be left out, which the command tells whoever asks for another."""
    with tempfile.NamedTemporaryFile(suffix=".wasm") as module:
        module.write(b"\0asm\1\0\0\0")
        module.flush()
        told = subprocess.run([wasmaot, "compile", "--passes=-?", "-o", os.devnull, module.name],
                              capture_output=True, text=True, check=False).stderr
    found = re.search(r"there are (.*)", told)
    if not found:
        sys.exit(f"run.py: {wasmaot} names no passes: {told.strip()}")
    return found[1].split(", ")


def ablation(wasmaot):
    one_by_one = [("-" + name, [f"--passes=-{name}"]) for name in passes(wasmaot)]
    return [("all", []), *one_by_one, ("none", ["--passes=-all"])]


def engines(builder, wasmaot, chosen, simd, base):
    """An engine for each; code is for this CPU unless the options say otherwise."""
    found = []
    for name, words in chosen:
        options = words if any(word.startswith("--cpu") for word in words) else ["--cpu=native", *words]
        found.append(engine_list.wasmaot_engine(
            builder, wasmaot, f"wasmaot:{name}" if name else "wasmaot", base, options, simd,
            f"{name or 'O3'}{'-simd' if simd else ''}"))
    return found


def note_compilation(builder, programs, chosen, results):
    """Adds what compiling took, and how much code came of it, to what was measured."""
    for program in programs:
        for engine in chosen:
            figures = results.get(program.kind, {}).get(program.name, {}).get(engine.name)
            if figures and engine.name.startswith("wasmaot"):
                path = engine.prepare(program)[-1]
                figures["compile"] = build.read_stamp(path)[1]
                figures["text"] = builder.code_size(path)

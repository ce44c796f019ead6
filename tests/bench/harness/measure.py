"""Runs programs and measures them: the engines take turns, so that what else the machine does meets all."""

import os
import statistics
import subprocess
import sys
import time
import zlib

from . import process


class RunError(Exception):
    """A program failed, or printed something else than on other engines."""


def run_once(command):
    """What a program printed, as a dictionary, and the process's resource usage. Of a program that is none of ours
    the checksum is that of its output."""
    start = time.monotonic_ns()
    with subprocess.Popen(command, stdout=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True) as process:
        try:
            text = process.stdout.read()
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
        except BaseException:
            process.kill()
            raise
    if process.returncode != 0:
        raise RunError(f"{' '.join(command)}: exit status {process.returncode}")
    try:
        printed = {line.split()[0]: int(line.split()[1]) for line in text.splitlines()}
    except (IndexError, ValueError):
        printed = {}
    if "checksum" not in printed:
        printed = {"checksum": zlib.crc32(text.encode()), "nanoseconds": time.monotonic_ns() - start}
    return printed, usage


def sample(command, with_system=False):
    """(checksum, {metric: seconds}, {figure of a micro-benchmark: value}); the kernel's part is of user time if asked for."""
    printed, usage = run_once(command)
    # Node's own start is not the program's: there the program's share is printed.
    user = printed.pop("user", usage.ru_utime * 1e9)
    system = printed.pop("system", usage.ru_stime * 1e9)
    user += system if with_system else 0
    checksum, wall = printed.pop("checksum"), printed.pop("nanoseconds")
    return checksum, {"user": user / 1e9, "wall": wall / 1e9}, printed


def compare(commands, rounds, size, with_system=False):
    """Runs each engine's command `rounds` times in turn. Per engine: the medians of user and wall seconds,
    all samples, and the medians of the figures. RunError when checksums differ, or native code or wasmaot
    fails; another engine that fails is left out, and said to be."""
    commands = dict(commands)
    samples = {engine: [] for engine in commands}
    figures = {engine: [] for engine in commands}
    checksums = {}
    arguments = [str(size)] if size else []
    for _ in range(rounds):
        for engine, command in list(commands.items()):
            try:
                checksum, seconds, printed = sample(command + arguments, with_system)
            except RunError as error:
                if engine.startswith(("native", "wasmaot")):
                    raise
                progress(f"{engine} is left out: {error}")
                del commands[engine]
                continue
            checksums.setdefault(checksum, set()).add(engine)
            samples[engine].append(seconds)
            figures[engine].append(printed)
    if len(checksums) != 1:
        raise RunError("the engines disagree: " +
                       "; ".join(f"{', '.join(sorted(names))}: {sum}" for sum, names in checksums.items()))
    result = {}
    for engine in commands:
        medians = {metric: statistics.median(s[metric] for s in samples[engine]) for metric in ("user", "wall")}
        medians["samples"] = samples[engine]
        medians["figures"] = {name: statistics.median(f[name] for f in figures[engine])
                              for name in figures[engine][0]}
        result[engine] = medians
    return result


def memory_per_thread(spawn, commands, few=8, many=1000, workers=136):
    """{engine: bytes}: what the peak of a process's resident memory grows by for a thread, from the
    program that keeps as many threads alive as its argument says. The kernel's count is out by up to
    64 pages, so there are many; but Node's workers are too large for that."""
    grown = {}
    for engine, command in commands.items():
        most = workers if engine.startswith("node") else many
        peaks = [process.run(spawn, command + [str(count)]).peak for count in (few, most)]
        grown[engine] = (peaks[1] - peaks[0]) / (most - few)
    return grown


def progress(text):
    print(text, file=sys.stderr, flush=True)

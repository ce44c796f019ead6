"""Whole processes: what one takes, measured by lib/spawn.c from a parent that is small itself."""

import os
import subprocess
import tempfile

from . import build


class Usage:
    """Of one process: seconds on the wall clock and of processor time, page faults, peak bytes in memory."""

    def __init__(self, line):
        wall, user, system, minor, major, peak = map(int, line.split())
        self.wall = wall / 1e9
        self.cpu = (user + system) / 1e6
        self.minor = minor
        self.major = major
        self.peak = peak * 1024


def spawner(builder):
    source = os.path.join(build.LIB, "spawn.c")
    output = os.path.join(builder.directory, "spawn")
    return build.make(output, [builder.clang, "-std=gnu17", "-O2", "-static", "-Wall", "-Wextra", "-Werror",
                               source, "-o", output], [source])


def run(spawn, command):
    """The Usage of a command; its output goes nowhere. BuildError when it fails."""
    with tempfile.NamedTemporaryFile("r") as result:
        done = subprocess.run([spawn, result.name, *command], stdin=subprocess.DEVNULL,
                              stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        if done.returncode != 0:
            raise build.BuildError(f"{' '.join(command)}: exit status {done.returncode}\n{done.stderr}")
        return Usage(result.read())

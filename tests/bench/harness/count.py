"""Instructions instead of time: callgrind's counts, which another load on the machine cannot disturb.

A program runs at two sizes; the difference is that of the work alone, without start-up and reading of the
artifact. valgrind translates the code that wasmaot's loader maps like any other. It knows no AVX-512, so
only what is compiled for the baseline is counted.
"""

import os
import re
import subprocess
from concurrent.futures import ThreadPoolExecutor

from . import measure

SMALL, LARGE = 1, 3


def instructions(command, out):
    """How many instructions a command executes; measure.RunError when valgrind or the command fails."""
    full = ["valgrind", "--tool=callgrind", "--callgrind-out-file=" + out, *command]
    result = subprocess.run(full, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    match = re.search(r"Collected\s*:\s*(\d+)", result.stderr)
    if result.returncode != 0 or match is None:
        raise measure.RunError(f"{' '.join(full)}: exit status {result.returncode}\n{result.stderr}")
    return int(match.group(1))


def count(commands, out, jobs):
    """{engine: {"instructions": number per round of work}} of one program."""
    tasks = [(engine, size) for engine in commands for size in (SMALL, LARGE)]
    with ThreadPoolExecutor(jobs) as pool:
        numbers = list(pool.map(lambda task: instructions(commands[task[0]] + [str(task[1])],
                                                          f"{out}.{task[0]}.{task[1]}"), tasks))
    found = dict(zip(tasks, numbers))
    for engine, size in tasks:
        os.remove(f"{out}.{engine}.{size}")
    return {engine: {"instructions": (found[engine, LARGE] - found[engine, SMALL]) / (LARGE - SMALL)}
            for engine in commands}

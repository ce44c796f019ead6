"""Runs modules through the engines that are compared."""
import os
import pathlib
import shutil
import subprocess
import time

HERE = pathlib.Path(__file__).parent
# Of processor time: on a busy machine nothing may come of being slow. Whatever waits for ever is ended, too.
SECONDS = 60
SECONDS_PER_MODULE = 20
LIMITED = ['sh', '-c', 'ulimit -t "$0"; exec "$@"']
LONGEST = 3600
NODE_FLAGS = ['--experimental-wasm-extended-const', '--experimental-wasm-memory64', '--stack-size=900']


def missing_tools(names):
    return [name for name in names if shutil.which(name) is None]


def add_seed_options(parser):
    """Of a script that makes modules of seeds, until there are enough or the time is over."""
    parser.add_argument('--differ', required=True, type=pathlib.Path)
    parser.add_argument('--first', type=int, default=1)
    parser.add_argument('--count', type=int, default=1000000000)
    parser.add_argument('--hours', type=float, default=1000)
    parser.add_argument('--keep', type=pathlib.Path, default=pathlib.Path('differences'))


def batches(arguments, size):
    """The seeds that these options ask for, so many at a time."""
    last, end = arguments.first + arguments.count, time.monotonic() + 3600 * arguments.hours
    first = arguments.first
    while first < last and time.monotonic() < end:
        yield range(first, min(first + size, last))
        first += size


def blocks(text):
    """The lines of each module, by its path."""
    result = {}
    lines = None
    for line in text.splitlines():
        if line.startswith('module '):
            lines = result.setdefault(line[len('module '):], [])
        elif line == 'done':
            lines = None
        elif lines is not None:
            lines.append(line)
    return result


def run_batch(command, files):
    """What a command says about each file; it is started anew behind one that ends it."""
    result = {}
    left = [str(path) for path in files]
    while left:
        try:
            limit = str(SECONDS + SECONDS_PER_MODULE * len(left))
            run = subprocess.run([*LIMITED, limit, *command, *left], capture_output=True, timeout=LONGEST, check=False)
            text, how = run.stdout.decode(errors='replace'), f'status {run.returncode}'
            why = run.stderr.decode(errors='replace').strip().splitlines()
        except subprocess.TimeoutExpired as timeout:
            text, how, why = (timeout.stdout or b'').decode(errors='replace'), 'timeout', []
        result.update(blocks(text))
        if text.endswith('done\n'):
            break
        # The last one that it began is what ended it.
        begun = [path for path in left if path in result]
        last = begun[-1] if begun else left[0]
        result.setdefault(last, []).append(f'CRASHED {how} {" ".join(why[-2:])}')
        left = left[left.index(last) + 1:]
    return result


class Native:
    def __init__(self, differ, level, dump=False, cpu=None):
        self.name = f'wasmaot -O{level}' + (f' --cpu={cpu}' if cpu else '')
        self.suffix = '.memory'
        # For all scripts, so that none needs an option of its own: --lazy.
        options = os.environ.get('WASMAOT_DIFFER_OPTIONS', '').split()
        self.command = ([str(differ), f'-O{level}', *options] + ([f'--cpu={cpu}'] if cpu else []) +
                        (['--dump'] if dump else []))

    def run(self, files):
        return run_batch(self.command, files)


class Node:
    name = 'node'
    suffix = '.node'

    def __init__(self, dump=False):
        self.command = ['node', *NODE_FLAGS, str(HERE / 'differ.mjs')] + (['--dump'] if dump else [])

    def run(self, files):
        return run_batch(self.command, files)

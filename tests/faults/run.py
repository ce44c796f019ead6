#!/usr/bin/env python3
"""Lets every call of wasmaot's own that can fail do so, once, in turn, and looks at how each run ends.

A run counts the calls; then the n-th fails, for every n, or for as many, evenly spread, as fit in
--seconds. Required of each run: it ends, not by a signal; it says in one line what went wrong, or the
guest got an errno and says so; and a compiled object is there whole or not at all. Calls that a
signal may interrupt are then failed with EINTR, which nobody may notice.
"""
import argparse
import os
import re
import resource
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import time

STATE_SIZE = 64
# The one end that is no exit: nothing can be freed from below LLVM, which aborts for want of memory too.
NO_MEMORY = b'wasmaot: out of memory while compiling\n'


class Scenario:
    """One command line; {work} and {guests} are replaced."""

    def __init__(self, name, args, output=None, box=False, tolerates=(), cold=False):
        self.name = name
        self.args = args
        self.output = output  # a file that must be whole or missing
        self.box = box  # gets a new empty directory
        self.tolerates = tolerates  # calls whose failure the guest ignores, or does without
        self.cold = cold  # with an empty cache, which must serve the next run


WARM = ['run', '-j1', '{guests}/hello.wasm']
SCENARIOS = [
    Scenario('run hello.o', ['run', '{work}/hello.o'], tolerates=('writev',)),
    Scenario('run files', ['run', '--dir', '{box}::.', '{work}/wasi.o'], box=True,
             tolerates=('writev',)),
    Scenario('run threads', ['run', '{work}/crew.o'], tolerates=('writev', 'syscall')),
    Scenario('compile', ['compile', '-j1', '{guests}/hello.wasm', '-o', '{box}/out.o'],
             output='out.o', box=True),
    Scenario('run hello.wasm', WARM, tolerates=('writev',)),
    Scenario('run, empty cache', WARM, tolerates=('writev',),
             cold=True),
    Scenario('inspect hello.o', ['inspect', '{work}/hello.o']),
    Scenario('inspect hello.wasm', ['inspect', '--json', '{guests}/hello.wasm']),
    Scenario('validate', ['validate', '{guests}/hello.wasm', '{guests}/demo.wasm']),
]
# Stacks that are left behind fill the space soon.
STORM = Scenario('threads in a storm', ['run', '--max-stack=128M', '{work}/storm.o'])
FIRST_OF_STORM = 400  # the run has begun by then
SPACE = 64 << 30


class Run:
    """What came of one run."""

    def __init__(self, code, out, err, calls, failed, output, left):
        self.code = code
        self.out = out
        self.err = err
        self.calls = calls
        self.failed = failed
        self.output = output
        self.left = left


class Harness:
    def __init__(self, options, work):
        self.options = options
        self.work = work
        self.state = os.path.join(work, 'state')

    def run(self, scenario, at, eintr=False, every=None, limit=None):
        box = os.path.join(self.work, 'box')
        shutil.rmtree(box, ignore_errors=True)
        os.mkdir(box)
        with open(self.state, 'wb') as state:
            state.write(bytes(STATE_SIZE))
        env = dict(os.environ, WASMAOT_FAULT_STATE=self.state, WASMAOT_FAULT_AT=str(at),
                   WASMAOT_COMPILER_LIBRARY=self.options.library,
                   XDG_CACHE_HOME=os.path.join(self.work, 'cache'))
        if scenario.cold:
            shutil.rmtree(env['XDG_CACHE_HOME'], ignore_errors=True)
        if eintr:
            env['WASMAOT_FAULT_EINTR'] = '1'
        if every is not None:
            env['WASMAOT_FAULT_EVERY'] = str(every)
        args = [a.format(work=self.work, guests=self.options.guests, box=box)
                for a in scenario.args]
        process = subprocess.Popen([self.options.command] + args, stdin=subprocess.PIPE,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=env,
                                   preexec_fn=limit)
        try:
            out, err = process.communicate(b'', timeout=30)
            code = process.returncode
        except subprocess.TimeoutExpired:
            process.kill()
            out, err = process.communicate()
            code = None
        with open(self.state, 'rb') as state:
            data = state.read()
        output = None
        names = sorted(os.listdir(box))
        if scenario.output in names:
            with open(os.path.join(box, scenario.output), 'rb') as file:
                output = file.read()
            names.remove(scenario.output)
        out = re.sub(rb'\d+ ms', b'N ms', out)
        return Run(code, out, err, struct.unpack('Q', data[:8])[0],
                   data[8:].split(b'\0')[0].decode(), output, names)


def complaint(scenario, run, good, eintr):
    """Why a run is not as it must be, or None."""
    if run.code is None:
        return 'did not end in 30 seconds'
    if run.err == NO_MEMORY and run.code == -signal.SIGABRT and run.output is None:
        return None
    if run.code < 0:
        return 'was killed by signal %d' % -run.code
    if scenario.output is not None and run.left:
        return 'left behind: ' + ' '.join(run.left)
    if b'Sanitizer' in run.err:
        return 'a sanitizer spoke'
    same = run.out == good.out and run.err == good.err and run.output == good.output
    if run.code == good.code:
        if same or (run.failed in scenario.tolerates and not eintr):
            return None
        return 'succeeded with another result'
    if eintr:
        return 'noticed an interrupted call'
    if run.output is not None and run.output != good.output:
        return 'left part of its output'
    lines = run.err.splitlines()
    if len(lines) == 1 and lines[0].startswith(b'wasmaot: '):
        return None
    if lines and lines[0] == b'wasmaot: trap: unreachable' and lines[1].startswith(b'  #0 allocate'):
        return None  # memory.grow gave the guest -1, and it has no other way to say so
    if not lines and b'failed' in run.out.lower():
        return None
    return 'did not say in one line why it failed'


def after(harness, good):
    """Whether the next run minds what a failed one left in the cache."""
    run = harness.run(Scenario('', WARM), 0)
    if (run.code, run.out, run.err) != (good.code, good.out, good.err):
        return 'left a cache with which the next run says: %r' % run.err
    return None


def storm(harness, every):
    """Starts thousands of threads while every n-th call fails, in 64 GiB of address space where the
    build can live in that. A complaint, or None."""
    with open(harness.options.command, 'rb') as file:
        sanitized = b'__asan_init' in file.read()
    limit = None if sanitized else lambda: resource.setrlimit(resource.RLIMIT_AS, (SPACE, SPACE))
    run = harness.run(STORM, FIRST_OF_STORM, every=every, limit=limit)
    if run.code == 0 and not run.err:
        return None
    return 'storm, every %dth call: exit %s: %s' % (every, run.code,
                                                    run.err.decode(errors='replace')[-600:])


def spread(count):
    """1..count in an order in which every prefix is spread evenly."""
    size = 1
    while size < count:
        size *= 2
    bits = size.bit_length() - 1
    for i in range(size):
        n = int(format(i, '0%db' % bits)[::-1], 2) if bits else 0
        if n < count:
            yield n + 1


def go_through(harness, scenario, eintr, seconds):
    """Fails the calls of one scenario in turn. (calls, tried, complaints)."""
    good = harness.run(scenario, 0, eintr)
    if good.code != 0:
        return good.calls, 0, ['fails without any fault: %r %r' % (good.err, good.out[-200:])]
    end = None if seconds is None else time.monotonic() + seconds
    complaints = []
    reached = 0
    for at in spread(good.calls):
        if end is not None and time.monotonic() > end:
            break
        run = harness.run(scenario, at, eintr)
        if not run.failed:
            continue  # threads make fewer calls now and then
        reached += 1
        why = complaint(scenario, run, good, eintr)
        if why is None and scenario.cold:
            why = after(harness, good)
        if why is not None:
            complaints.append('%s: call %d (%s): %s; exit %s\n  stderr: %s\n  stdout: %s' % (
                scenario.name, at, run.failed, why, run.code,
                run.err.decode(errors='replace')[-600:], run.out.decode(errors='replace')[-200:]))
    return good.calls, reached, complaints


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('--command', required=True, help='wasmaot-faulty')
    parser.add_argument('--library', required=True, help='the compiler library that goes with it')
    parser.add_argument('--guests', required=True, help='directory of the built guests')
    parser.add_argument('--storm', help='storm.wasm')
    parser.add_argument('--seconds', type=float, help='in all; without it every call')
    parser.add_argument('--only', help='scenarios whose name holds this')
    options = parser.parse_args()
    chosen = [s for s in SCENARIOS if options.only is None or options.only in s.name]
    passes = [(s, eintr) for s in chosen for eintr in (False, True)]
    work = tempfile.mkdtemp(prefix='wasmaot-faults.')
    harness = Harness(options, work)
    tried = failures = 0
    try:
        for name in ('hello', 'wasi', 'crew'):
            made = harness.run(Scenario('', ['compile', '{guests}/%s.wasm' % name, '-o',
                                             '{work}/%s.o' % name]), 0)
            if made.code != 0:
                sys.exit('cannot compile %s: %s' % (name, made.err.decode()))
        end = None if options.seconds is None else time.monotonic() + options.seconds
        for i, (scenario, eintr) in enumerate(passes):
            share = None if end is None else max(0.0, end - time.monotonic()) / (len(passes) - i)
            calls, reached, complaints = go_through(harness, scenario, eintr, share)
            print('%-20s %-8s %5d calls, %5d failed in turn, %d wrong' % (
                scenario.name, 'EINTR' if eintr else 'errors', calls, reached, len(complaints)),
                flush=True)
            for text in complaints[:20]:
                print(text, flush=True)
            tried += reached
            failures += len(complaints)
        if options.storm:
            made = harness.run(Scenario('', ['compile', options.storm, '-o', '{work}/storm.o']), 0)
            complaints = [made.err.decode()] if made.code != 0 else []
            for every in () if complaints else (23, 41, 67):
                complaints += filter(None, [storm(harness, every)])
            print('threads in a storm: %d wrong' % len(complaints))
            for text in complaints:
                print(text, flush=True)
            failures += len(complaints)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    print('%d runs with a fault, %d wrong' % (tried, failures))
    sys.exit(1 if failures or tried == 0 else 0)


if __name__ == '__main__':
    main()

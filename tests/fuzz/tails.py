#!/usr/bin/env python3
"""Random call graphs of tail calls and exceptions: wasmaot at -O0 to -O3, and Node.

usage: tails.py --differ PROGRAM [--first SEED] [--count N] [--hours H] [--keep DIR]
       tails.py --differ PROGRAM --scripts DIR --count N [--first SEED]

A module is some functions of 0 to 40 parameters of mixed types that call each other in every way, make tail
calls in every way, throw and catch, at random but for a fixed amount of steps. What each call returns depends on
all parameters, locals and payloads on the way. Each module is made twice, with try and with try_table, by the
same choices: both must behave alike at every level, and as the former does in Node, which lacks the latter.

The modules count what they do: exceptions that were thrown behind a tail call, behind one of a function with other
parameters, and caught. At the end it says how many there were. A run in which few are is a failure.

--scripts only writes the modules, as scripts for wasmaot-spec, which other architectures can run
(tests/cross/run.sh): they are to behave as they do here at -O0.

Status 0 when nothing differs, 1 when something does, 77 when there is no node.
"""
import argparse
import concurrent.futures
import os
import pathlib
import random
import re
import shutil
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / 'scripts'))
sys.dont_write_bytecode = True
import engines  # noqa: E402
from encoding import EXN, F32, F64, I32, I64, V128, get, i32, i64, name, put, quoted, uleb  # noqa: E402
from outcomes import first_difference  # noqa: E402
from pairs import ADD, Module, NODE_FLAGS, results  # noqa: E402

BATCH = 20
ENTRIES = 6
STEPS = 60
KINDS = [I64, I32, F64, F32, V128]
# Each value as an i64, and each made of one.
TO_I64 = {I64: b'', I32: b'\xac', F64: b'\xbd', F32: b'\xbc\xac', V128: b'\xfd\x1d\x01'}
FROM_I64 = {I64: b'', I32: b'\xa7', F64: b'\xb9', F32: b'\xb4', V128: b'\xfd\x12'}
# Globals: the zero that nobody knows, steps that are left, how the running function was called (0 by
# a call, 1 by a tail call, 2 by one of a function with other parameters), and what is counted.
ZERO, LEFT, HOW, THROWN, BEHIND, OTHER, CAUGHT = range(7)
COUNTED = {'thrown-i': THROWN, 'behind-i': BEHIND, 'other-i': OTHER, 'caught-i': CAUGHT}
I64_ADD, I64_MUL, I64_XOR, I64_AND = b'\x7c', b'\x7e', b'\x85', b'\x83'
IF, END, BLOCK = b'\x04\x40', b'\x0b', b'\x02\x40'


def read(index):
    return b'\x23' + uleb(index)


def write(index):
    return b'\x24' + uleb(index)


def count(index):
    return read(index) + i32(1) + ADD + write(index)


class Function:
    """Of the call graph: its parameters, and where its locals are."""

    def __init__(self, choose):
        few = choose.random() < 0.4
        self.params = [choose.choice(KINDS) for _ in range(choose.randint(0, 7 if few else 40))]
        first = len(self.params)
        self.sum, self.kept, self.how, self.caught = first, [first + 1, first + 2], first + 3, first + 4


class Maker:
    """A module by a random number generator; the same choices whatever the form of handlers."""

    def __init__(self, seed, legacy):
        self.choose = random.Random(seed)
        self.legacy = legacy
        self.module = Module()
        self.module.globals = [b'\x7f\x01' + i32(value) + END for value in [0, STEPS, 0, 0, 0, 0, 0]]
        self.results = [I64] + [self.choose.choice(KINDS)
                                for _ in range(self.choose.choice([0, 0, 1, 3, 6]))]
        self.functions = [Function(self.choose) for _ in range(self.choose.randint(3, 9))]
        self.tags = [[self.choose.choice(KINDS) for _ in range(self.choose.choice([0, 1, 2, 9]))]
                     for _ in range(3)]

    # ---- Values ----

    def fold(self, f, kinds):
        """Adds what lies on the operand stack to the sum."""
        code = b''
        for kind in reversed(kinds):
            code += TO_I64[kind] + get(f.sum) + i64(31) + I64_MUL + I64_ADD + put(f.sum)
        return code

    def values(self, f, kinds):
        return b''.join(get(self.choose.choice([f.sum, *f.kept])) + i64(self.choose.randint(0, 1000)) +
                        I64_XOR + FROM_I64[kind] for kind in kinds)

    def sometimes(self, f, code):
        bits = self.choose.choice([1, 1, 3, 7])
        return get(f.sum) + i64(bits) + I64_AND + b'\x50' + IF + code + END

    # ---- Calls ----

    def type_of(self, f):
        return uleb(self.module.type(f.params, self.results))

    def target(self, number, tail):
        """A call of the function, whose arguments are there."""
        way = self.choose.choice(['direct', 'constant', 'table', 'reference'])
        kind = self.type_of(self.functions[number])
        if way == 'direct':
            return bytes([0x12 if tail else 0x10]) + uleb(number)
        if way == 'reference':
            return self.module.reference(number) + bytes([0x15 if tail else 0x14]) + kind
        known = self.choose.random() < 0.3
        index = i32(number) if known else read(ZERO) + i32(number) + ADD
        return index + bytes([0x13 if tail else 0x11]) + kind + uleb(way == 'table')

    def call(self, f):
        number = self.choose.randrange(len(self.functions))
        code = self.values(f, self.functions[number].params) + i32(0) + write(HOW)
        return code + self.target(number, False) + self.fold(f, self.results)

    def tail_call(self, f):
        number = self.choose.randrange(len(self.functions))
        callee = self.functions[number]
        how = 1 if callee.params == f.params else 2
        return self.values(f, callee.params) + i32(how) + write(HOW) + self.target(number, True)

    def throw(self, f):
        tag = self.choose.randrange(len(self.tags))
        code = count(THROWN) + get(f.how) + IF + count(BEHIND) + END
        code += get(f.how) + i32(2) + b'\x46' + IF + count(OTHER) + END
        return code + self.values(f, self.tags[tag]) + b'\x08' + uleb(tag)

    # ---- Handlers ----

    def handlers(self):
        """(tag or None for all, whether it may throw again)"""
        tags = self.choose.sample(range(len(self.tags)), self.choose.randint(0, 2))
        chosen = [(tag, self.choose.random() < 0.3) for tag in tags]
        if not tags or self.choose.random() < 0.4:
            chosen.append((None, self.choose.random() < 0.3))
        return chosen

    def handled(self, f, tag, again, rethrow):
        code = self.fold(f, [] if tag is None else self.tags[tag]) + count(CAUGHT)
        code += get(f.sum) + i64(self.choose.randint(1, 99)) + I64_ADD + put(f.sum)
        return code + (self.sometimes(f, rethrow) if again else b'')

    def attempt(self, f, depth):
        if self.choose.random() < 0.15:  # what is delegated to the function's end or the next handler
            body = self.statements(f, depth + 1)
            return b'\x06\x40' + body + b'\x18\x00' if self.legacy else body
        handlers, body = self.handlers(), self.statements(f, depth + 1)
        return self.legacy_try(f, handlers, body) if self.legacy else self.try_table(f, handlers, body)

    def legacy_try(self, f, handlers, body):
        code = b'\x06\x40' + body
        for tag, again in handlers:
            code += b'\x19' if tag is None else b'\x07' + uleb(tag)
            code += self.handled(f, tag, again, b'\x09\x01')
        return code + END

    def try_table(self, f, handlers, body):
        code, clauses = BLOCK, b''
        for tag, again in reversed(handlers):
            payload = [] if tag is None else self.tags[tag]
            block = self.module.type([], payload + ([EXN] if again else []))
            code += b'\x02' + uleb(block)
        for label, (tag, again) in enumerate(handlers):
            clauses += bytes([(2 if tag is None else 0) + again])
            clauses += (b'' if tag is None else uleb(tag)) + uleb(label)
        code += b'\x1f\x40' + uleb(len(handlers)) + clauses + body + END + b'\x0c' + uleb(len(handlers))
        for left, (tag, again) in zip(range(len(handlers) - 1, -1, -1), handlers):
            code += END + (put(f.caught) if again else b'')
            code += self.handled(f, tag, again, get(f.caught) + b'\x0a') + b'\x0c' + uleb(left)
        return code + END

    # ---- Functions ----

    def statement(self, f, depth):
        what = self.choose.random()
        if what < 0.3:
            return self.call(f)
        if what < 0.65 and depth < 3:
            return self.attempt(f, depth)
        if what < 0.8:
            return self.sometimes(f, self.throw(f))
        return self.sometimes(f, self.tail_call(f))

    def statements(self, f, depth):
        return b''.join(self.statement(f, depth) for _ in range(self.choose.randint(1, 3)))

    def end(self, f):
        if self.choose.random() < 0.6:
            return self.tail_call(f)
        if self.choose.random() < 0.5:
            return self.throw(f)
        return self.values(f, self.results)

    def body(self, f):
        code = read(HOW) + put(f.how) + i32(0) + write(HOW)
        code += read(LEFT) + i32(-1) + ADD + write(LEFT)
        for index, kind in enumerate(f.params):
            code += get(index) + TO_I64[kind] + get(f.sum) + i64(31) + I64_MUL + I64_ADD + put(f.sum)
        code += get(f.sum) + i64(0x9E3779B97F4A7C1) + I64_MUL + put(f.kept[0])
        code += get(f.sum) + i64(-77) + I64_XOR + put(f.kept[1])
        code += read(LEFT) + i32(0) + b'\x48' + IF + self.values(f, self.results) + b'\x0f' + END
        code += self.statements(f, 0)
        for local in f.kept:
            code += get(local) + get(f.sum) + I64_XOR + put(f.sum)
        return code + self.end(f)

    def entry(self, number):
        """An export that begins with a parameter of its own; what it does not catch is an exception."""
        f = Function(random.Random(0))
        f.params = [I32]
        f.sum, f.kept, f.how, f.caught = 1, [2, 3], 4, 5
        code = i32(STEPS) + write(LEFT)
        code += get(0) + b'\xac' + i64(number * 1234567 + 1) + I64_ADD + put(f.sum)
        return code + self.call(f) + get(f.sum)

    def locals(self):
        return [(3, I64), (1, I32)] + ([] if self.legacy else [(1, EXN)])

    def build(self):
        for tag in self.tags:
            self.module.tags.append(b'\x00' + uleb(self.module.type(tag, [])))
        for f in self.functions:
            self.module.function(f.params, self.results, self.body(f), self.locals())
        for _ in range(2):
            self.module.table(range(len(self.functions)))
        self.module.exports.append(name('table') + b'\x01\x01')
        for number in range(ENTRIES):
            function = self.module.function([I32], [I64], self.entry(number), self.locals())
            self.module.exports.append(name('e%d' % number) + b'\x00' + uleb(function))
        for counted, index in COUNTED.items():
            self.module.exports.append(name(counted) + b'\x03' + uleb(index))
        return self.module.binary()


# ---- Runs ----


def make(seed, directory):
    """The paths of a module in both forms."""
    paths = []
    for form in 'legacy', 'table':
        paths.append(directory / f'{seed}.{form}.wasm')
        paths[-1].write_bytes(Maker(seed, form == 'legacy').build())
    return paths


def judge(seed, said):
    """A difference in words, or None. Everything is as Node says of the form that it knows."""
    expected = said['node'][f'{seed}.legacy']
    if any(line.startswith(('refused', 'unlinkable', 'CRASHED')) for line in expected):
        return f'{seed}: node: {expected[-1]}'
    for runner, lines_of in said.items():
        for form in ['legacy'] if runner == 'node' else ['legacy', 'table']:
            difference = first_difference(expected, lines_of[f'{seed}.{form}'])
            if difference:
                return f'{seed}.{form}: {runner} says {difference[1]}, node says {difference[0]}'
    return None


def add_counts(counts, lines):
    for line in lines:
        match = re.fullmatch(r'global (\S+): i32:(\d+)', line)
        if match and match[1] in COUNTED:
            counts[match[1]] += int(match[2])


def run_batch(seeds, runners, pool, keep, counts):
    """How many modules differ."""
    different = 0
    with tempfile.TemporaryDirectory() as temporary:
        directory = pathlib.Path(temporary)
        paths = [path for seed in seeds for path in make(seed, directory)]
        jobs = {title: pool.submit(results, runner,
                                   paths[::2] if title == 'node' else paths)
                for title, runner in runners.items()}
        said = {title: job.result() for title, job in jobs.items()}
        for number, seed in enumerate(seeds):
            difference = judge(seed, said)
            add_counts(counts, said['node'][f'{seed}.legacy'])
            if difference:
                different += 1
                keep.mkdir(parents=True, exist_ok=True)
                for path in paths[2 * number:2 * number + 2]:
                    shutil.copy(path, keep)
                print(difference, flush=True)
    return different


# ---- Scripts ----

ARGUMENTS = [0, -1]  # of an export's calls, as differ.c and differ.js make them


def script(binary, lines):
    text, calls = f'(module binary {quoted(binary)})\n', {}
    for line in lines:
        if not line.startswith('call '):
            continue
        export, result = re.fullmatch(r'call (\w+): (i64:\d+|trap exception)', line).groups()
        calls[export] = calls.get(export, -1) + 1
        invoked = f'(invoke "{export}" (i32.const {ARGUMENTS[calls[export]]}))'
        if result.startswith('i64:'):
            text += f'(assert_return {invoked} (i64.const {result[4:]}))\n'
        else:
            text += f'(assert_exception {invoked})\n'
    assert sum(calls.values()) == ENTRIES
    return text


def write_scripts(differ, seeds, folder):
    folder.mkdir(parents=True)
    with tempfile.TemporaryDirectory() as temporary:
        paths = [path for seed in seeds for path in make(seed, pathlib.Path(temporary))]
        said = results(engines.Native(differ, 0), paths)
        for path in paths:
            (folder / f'{path.stem}.wast').write_text(script(path.read_bytes(), said[path.stem]))


def main():
    parser = argparse.ArgumentParser()
    engines.add_seed_options(parser)
    parser.add_argument('--scripts', type=pathlib.Path)
    arguments = parser.parse_args()
    if arguments.scripts:
        seeds = range(arguments.first, arguments.first + arguments.count)
        write_scripts(arguments.differ, seeds, arguments.scripts)
        return 0
    if engines.missing_tools(['node']):
        print('SKIPPED: no node; make deps installs it')
        return 77
    node = engines.Node()
    node.command[1:1] = NODE_FLAGS
    runners = {'node': node, **{f'-O{i}': engines.Native(arguments.differ, i) for i in range(4)}}
    counts = dict.fromkeys(COUNTED, 0)
    different = done = 0
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for seeds in engines.batches(arguments, BATCH):
            different += run_batch(seeds, runners, pool, arguments.keep, counts)
            done += len(seeds)
    print(f'{done - different} of {done} modules behave alike, in both forms, at -O0 to -O3 and in Node: '
          f'{counts["thrown-i"]} exceptions, {counts["behind-i"]} behind a tail call, {counts["other-i"]} of them of a '
          f'function with other parameters, {counts["caught-i"]} caught')
    return 1 if different or counts['other-i'] < done or counts['caught-i'] < done else 0


if __name__ == '__main__':
    sys.exit(main())

#!/usr/bin/env python3
"""Modules that use two proposals together, every pair of them: wasmaot at -O0 to -O3, and Node.

usage: pairs.py --differ PROGRAM [--every N] [--keep DIR]

A proposal is a way to wrap an expression of type i32 over one parameter in another one: what is computed
goes through a tail call, is thrown and caught, is stored in a memory of another kind, and so on. A pair is wrapped
A(B(x)), B(A(x)) and A(B(A(x))), each called with values of which some make a wrapper trap. Results, traps and memories must be
the same at every level, and in Node where it takes the module: it does not know all of them.

Status 0 when nothing differs, 1 when something does, 77 when there is no node.
"""
import argparse
import concurrent.futures
import itertools
import os
import pathlib
import shutil
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / 'scripts'))
sys.dont_write_bytecode = True
import engines  # noqa: E402
from encoding import EXN as EXNREF, F64, I32, I64, get, i32, i64, name, section, uleb, vector  # noqa: E402
from outcomes import first_difference  # noqa: E402

ARGUMENTS = [0, 1, 2, 3, 7, 8, 255, 4096, 65533, 65536, 2**31 - 1, 2**31, 2**32 - 2, 2**32 - 1]
NODE_FLAGS = ['--experimental-wasm-typed-funcref', '--experimental-wasm-relaxed-simd']
PAGE = 65536
BASE = get(0)
ADD, SUB, MUL, AND, XOR, SHL, SHR_U = b'\x6a', b'\x6b', b'\x6c', b'\x71', b'\x73', b'\x74', b'\x76'


class Module:
    def __init__(self):
        self.types, self.kinds, self.bodies, self.exports = [], [], [], []
        self.tables, self.memories, self.tags, self.globals = [], {}, [], []
        self.elements, self.datas, self.declared = [], [], []

    def type(self, params, results):
        return self.add_type(b'\x60' + vector([bytes([p]) for p in params]) +
                             vector([bytes([r]) for r in results]))

    def add_type(self, encoded):
        if encoded not in self.types:
            self.types.append(encoded)
        return self.types.index(encoded)

    def function(self, params, results, body, runs=()):
        self.kinds.append(uleb(self.type(params, results)))
        code = vector([uleb(n) + bytes([t]) for n, t in runs]) + body + b'\x0b'
        self.bodies.append(uleb(len(code)) + code)
        return len(self.kinds) - 1

    def through(self, inner):
        """A function of the expression."""
        return self.function([I32], [I32], inner)

    def reference(self, function):
        self.declared.append(function)
        return b'\xd2' + uleb(function)

    def memory(self, kind):
        """The index of the memory of a kind: the flags of its limits, the log of its page's size."""
        return self.memories.setdefault(kind, len(self.memories))

    def table(self, functions):
        self.tables.append(b'\x70\x01' + uleb(len(functions)) * 2)
        self.elements.append(b'\x02' + uleb(len(self.tables) - 1) + i32(0) + b'\x0b\x00' +
                             vector([uleb(f) for f in functions]))
        return len(self.tables) - 1

    def tag(self, params):
        kind = b'\x00' + uleb(self.type(params, []))
        if kind not in self.tags:
            self.tags.append(kind)
        return self.tags.index(kind)

    def binary(self):
        if self.declared:
            self.elements.append(b'\x03\x00' + vector([uleb(f) for f in sorted(set(self.declared))]))
        limits = []
        for flags, log, *_ in self.memories:
            pages = uleb(1) * 2 if log == 16 else uleb(PAGE) * 2 + uleb(log)
            limits.append(bytes([flags]) + pages)
        exports = self.exports + [name('memory%d' % i) + b'\x02' + uleb(i)
                                  for i in range(len(self.memories))]
        out = b'\0asm\x01\0\0\0'
        for number, items in [(1, self.types), (3, self.kinds), (4, self.tables), (5, limits),
                              (13, self.tags), (6, self.globals), (7, exports),
                              (9, self.elements), (12, self.datas and [None]), (10, self.bodies),
                              (11, self.datas)]:
            if items:
                content = uleb(len(self.datas)) if number == 12 else vector(items)
                out += section(number, content)
        return out


# ---- Proposals: an expression from an expression ----


def call(function):
    return b'\x10' + uleb(function)


def memarg(index, align, offset):
    """Memory 0 is not named, for engines that have no other."""
    return bytes([align]) + uleb(offset) if index == 0 else bytes([align | 0x40]) + uleb(index) + uleb(offset)


def many_arguments(module, inner, how):
    """f(x) makes a tail call of g(x, 1, 2, ...), which adds them up: others on the stack."""
    kinds = [I32] + [I64, F64] * 7
    g = module.function(kinds, [I32], inner + get(13) + b'\xa7' + ADD)
    values = b''.join(i64(i) + b'\x44' + bytes(8) for i in range(1, 8))
    if how == 'direct':
        jump = b'\x12' + uleb(g)
    elif how == 'table':
        jump = i32(0) + b'\x13' + uleb(module.type(kinds, [I32])) + uleb(module.table([g]))
    else:
        jump = module.reference(g) + b'\x15' + uleb(module.type(kinds, [I32]))
    f = module.function([I32], [I32], get(0) + values + jump)
    return get(0) + call(f)


def thrower(module):
    """Throws what is odd, returns the half of what is even."""
    tag = module.tag([I32])
    return tag, module.function([I32], [I32], get(0) + i32(1) + AND + b'\x04\x40' + get(0) +
                                b'\x08' + uleb(tag) + b'\x0b' + get(0) + i32(1) + SHR_U)


def exceptions(module, inner):
    tag, throws = thrower(module)
    caught = (b'\x02\x7f\x1f\x7f' + vector([b'\x00' + uleb(tag) + b'\x00']) + inner + call(throws) +
              b'\x0b\x0c\x01\x0b' + i32(3) + MUL)
    return b'\x02\x7f' + caught + b'\x0b'


def exception_references(module, inner):
    """Caught with its reference inside, thrown again and caught outside."""
    tag, throws = thrower(module)
    both = module.type([], [I32, EXNREF])
    inside = (b'\x02' + uleb(both) + b'\x1f\x7f' + vector([b'\x01' + uleb(tag) + b'\x00']) + inner +
              call(throws) + b'\x0b\x0c\x01\x0b\x0a')
    outside = b'\x02\x7f\x1f\x7f' + vector([b'\x00' + uleb(tag) + b'\x00']) + inside + b'\x0b\x0b'
    return outside + i32(5) + XOR


def legacy_exceptions(module, inner):
    tag, throws = thrower(module)
    return (b'\x06\x7f' + inner + call(throws) + b'\x07' + uleb(tag) + i32(7) + MUL + b'\x19' +
            i32(0) + b'\x0b')


def memory_access(flags, log):
    def wrap(module, inner):
        """Written at x modulo twice the memory's size, and read again: half of the places trap."""
        index = module.memory((flags, log))
        address = get(0) + i32(2 * PAGE - 1) + AND + (b'\xad' if flags & 4 else b'')
        where = memarg(index, 0, 3)
        return (address + inner + b'\x36' + where + address + b'\x28' + where + address + b'\x2f' +
                where + ADD)
    return wrap


def second_memory(module, inner):
    first, second = module.memory((1, 16)), module.memory((1, 16, 'another'))
    store = i32(16) + inner + b'\x36' + memarg(first, 0, 0)
    copy = i32(32) + i32(16) + i32(4) + b'\xfc\x0a' + uleb(second) + uleb(first)
    return store + copy + i32(32) + b'\x28' + memarg(second, 0, 0)


def simd(module, inner):
    del module
    return (inner + b'\xfd\x11' + get(0) + b'\xfd\x11\xfd\xae\x01' + b'\xfd\x0c' + bytes(range(16)) +
            b'\xfd\x0e\xfd\x1b\x00')


def relaxed_simd(module, inner):
    """A dot product of small numbers and a choice by whole lanes, which are no matter of choice."""
    del module
    low = b'\xfd\x0c' + b'\x0f' * 16
    return (inner + b'\xfd\x11' + low + b'\xfd\x4e' + get(0) + b'\xfd\x11' + low + b'\xfd\x4e' +
            b'\xfd\x92\x02\xfd\x1b\x01')


def threads(module, inner):
    index = module.memory((3, 16))
    where = memarg(index, 2, 8)
    address = get(0) + i32(0xfffc) + AND
    return address + inner + b'\xfe\x1e' + where + address + b'\xfe\x10' + where + ADD


def reference_types(module, inner):
    """Through entries that table.grow and table.set have made; one is null."""
    f = module.through(inner)
    module.tables.append(b'\x70\x01\x01\x10')
    table = uleb(len(module.tables) - 1)
    grow = b'\xd0\x70' + i32(1) + b'\xfc\x0f' + table + b'\x1a'
    put = i32(0) + module.reference(f) + b'\x26' + table
    index = get(0) + i32(255) + b'\x46'
    return grow + put + get(0) + index + b'\x11' + uleb(module.type([I32], [I32])) + table


def function_references(module, inner):
    kind = module.type([I32], [I32])
    one, other = module.through(inner), module.through(get(0) + i32(13) + ADD)
    result = module.add_type(b'\x60\x00\x01\x64' + uleb(kind))
    chosen = (get(0) + i32(4096) + b'\x46\x04' + uleb(result) + module.reference(other) + b'\x05' +
              module.reference(one) + b'\x0b')
    return get(0) + chosen + b'\x14' + uleb(kind)


def extended_constants(module, inner):
    module.globals.append(bytes([I32, 1]) + i32(20) + i32(3) + MUL + i32(7) + SUB + b'\x0b')
    index = uleb(len(module.globals) - 1)
    return (inner + b'\x23' + index + ADD + b'\x23' + index + i32(1) + ADD + b'\x24' + index)


def multi_value(module, inner):
    three = module.function([I32, I32], [I32, I64, I32],
                            get(1) + get(0) + i32(9) + XOR + b'\xad' + get(0) + get(1) + XOR)
    block = module.type([I32, I64, I32], [I32])
    return inner + get(0) + call(three) + b'\x02' + uleb(block) + b'\x1a\xa7' + SUB + b'\x0b'


def bulk_memory(module, inner):
    """Filled with the value up to a length that may be too large, from a dropped segment too."""
    index = module.memory((1, 16))
    module.datas.append(b'\x01' + vector([bytes([b]) for b in b'passive data']))
    segment = uleb(len(module.datas) - 1)
    place = get(0) + i32(0x1ffff) + AND
    return (place + inner + i32(70) + b'\xfc\x0b' + uleb(index) + i32(8) + place + i32(64) +
            b'\xfc\x0a' + uleb(index) * 2 + i32(20) + get(0) + i32(3) + AND + i32(8) + b'\xfc\x08' +
            segment + uleb(index) + i32(17) + b'\x28' + memarg(index, 0, 0))


def wide_arithmetic(module, inner):
    del module
    return inner + b'\xac' + get(0) + b'\xad\xfc\x15\x7c\xa7'


def conversions(module, inner):
    del module
    return inner + b'\xb7' + b'\x44' + bytes(7) + b'\x40' + b'\xa2\xfc\x02\xc1' + get(0) + b'\xc0' + ADD


PROPOSALS = {
    'tail-call': lambda m, inner: many_arguments(m, inner, 'direct'),
    'tail-call-indirect': lambda m, inner: many_arguments(m, inner, 'table'),
    'tail-call-reference': lambda m, inner: many_arguments(m, inner, 'reference'),
    'exceptions': exceptions,
    'exception-references': exception_references,
    'legacy-exceptions': legacy_exceptions,
    'memory': memory_access(1, 16),
    'memory64': memory_access(5, 16),
    'shared-memory64': memory_access(7, 16),
    'byte-pages': memory_access(9, 0),
    'multi-memory': second_memory,
    'simd': simd,
    'relaxed-simd': relaxed_simd,
    'threads': threads,
    'reference-types': reference_types,
    'function-references': function_references,
    'extended-const': extended_constants,
    'multi-value': multi_value,
    'bulk-memory': bulk_memory,
    'wide-arithmetic': wide_arithmetic,
    'conversions': conversions,
}


# ---- Modules and what they do ----


def build(names):
    """Of proposals A and B: A(B(x)), B(A(x)) and A(B(A(x))), each called with every argument."""
    nestings = [names, names[::-1], names + names[:1]] if len(names) > 1 else [names]
    module = Module()
    for n, nesting in enumerate(nestings):
        code = get(0)
        for wrapper in reversed(nesting):
            code = PROPOSALS[wrapper](module, code)
        function = module.through(code)
        for i, argument in enumerate(ARGUMENTS):
            caller = module.function([], [I32], i32(argument) + call(function))
            module.exports.append(name('f%d_%d' % (n, i)) + b'\x00' + uleb(caller))
    return module.binary()


def results(runner, paths):
    return {pathlib.Path(path).stem: lines for path, lines in runner.run(paths).items()}


def judge(stem, said):
    """A difference in words, or None; and whether Node took the module."""
    node, levels = said['node'][stem], [said[level][stem] for level in range(4)]
    first = levels[0]
    if any(line.startswith(('refused', 'unlinkable', 'CRASHED')) for line in first):
        return f'{stem}: {first[-1]}', False
    takes = not any(line.startswith('refused') for line in node)
    for title, lines in [(f'-O{i}', levels[i]) for i in range(1, 4)] + [('node', node)]:
        if title == 'node' and not takes:
            continue
        difference = first_difference(first, lines)
        if difference:
            return f'{stem}: -O0 says {difference[0]}, {title} says {difference[1]}', takes
    return None, takes


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('--differ', required=True, type=pathlib.Path)
    parser.add_argument('--every', type=int, default=1)
    parser.add_argument('--keep', type=pathlib.Path, default=pathlib.Path('differences'))
    arguments = parser.parse_args()
    if engines.missing_tools(['node']):
        print('SKIPPED: no node; make deps installs it')
        return 77
    node = engines.Node()
    node.command[1:1] = NODE_FLAGS
    runners = {'node': node, **{i: engines.Native(arguments.differ, i) for i in range(4)}}
    choices = [[one] for one in PROPOSALS] + [list(p) for p in itertools.combinations(PROPOSALS, 2)]
    different = taken = calls = 0
    with tempfile.TemporaryDirectory() as temporary, \
            concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        paths = []
        for names in choices[::arguments.every]:
            paths.append(pathlib.Path(temporary) / ('+'.join(names) + '.wasm'))
            paths[-1].write_bytes(build(names))
        said = dict(zip(runners, pool.map(lambda runner: results(runner, paths), runners.values())))
        for path in paths:
            difference, takes = judge(path.stem, said)
            taken += takes
            calls += sum(line.startswith('call') for line in said[0][path.stem])
            if difference:
                different += 1
                arguments.keep.mkdir(parents=True, exist_ok=True)
                shutil.copy(path, arguments.keep)
                print(difference, flush=True)
    print(f'{len(paths) - different} of {len(paths)} modules behave alike at -O0 to -O3 in {calls} calls,'
          f' {taken} of them in Node as well')
    return 1 if different or not taken else 0


if __name__ == '__main__':
    sys.exit(main())

#!/usr/bin/env python3
"""Compares what is in memory after an out-of-bounds trap with Node's V8.

usage: trap_order.py --differ PROGRAM [--first SEED] [--count N] [--kind KIND] [--keep DIR]

wasm's stores happen in their order, and all those before a trap are seen by the host. The modules
made here store, load and loop near the end of their memory such that most of them trap half-way;
compared are the trap, the exported globals and a hash of the memory. Each kind tempts one of LLVM's
optimisations. Status as differ.py's; differences are counted by kind.
"""
import argparse
import collections
import pathlib
import random
import shutil
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / 'scripts'))
sys.dont_write_bytecode = True
import engines  # noqa: E402
from encoding import I32, get, i32, put, section, uleb  # noqa: E402
from outcomes import first_difference  # noqa: E402

END = 65536
BATCH = 40
# locals: three addresses, an index, its bound, two values
P, Q, R, I, N, X, Y = range(7)
LOADS = {1: b'\x2d\x00', 2: b'\x2f\x00', 4: b'\x28\x00', 8: b'\x29\x00', 16: b'\xfd\x00\x00'}
STORES = {1: b'\x3a\x00', 2: b'\x3b\x00', 4: b'\x36\x00', 8: b'\x37\x00', 16: b'\xfd\x0b\x00'}
FROM_I32 = {1: b'', 2: b'', 4: b'', 8: b'\xad', 16: b'\xfd\x11'}
TO_I32 = {1: b'', 2: b'', 4: b'', 8: b'\xa7', 16: b'\xfd\x1b\x01'}


# ---- Code ----

def store(size, address, value, offset=0):
    return address + value + FROM_I32[size] + STORES[size] + uleb(offset)


def load(size, address, offset=0):
    return address + LOADS[size] + uleb(offset) + TO_I32[size]


def element(base, size):
    return get(base) + get(I) + i32(size) + b'\x6c\x6a'


def loop(body, step=1):
    return (i32(0) + put(I) + b'\x03\x40' + body + get(I) + i32(step) + b'\x6a\x22' + uleb(I) +
            get(N) + b'\x49\x0d\x00\x0b')


def if_odd(value, body):
    return value + i32(1) + b'\x71\x04\x40' + body + b'\x0b'


def mix(value):
    return get(X) + value + b'\x6a' + put(X)


# ---- Kinds: each returns code ----

def overwritten(r):
    """A store that a later one overwrites, with an access between that may trap."""
    size, offset = r.choice([1, 2, 4, 8, 16]), r.randrange(32)
    between = r.choice([lambda: mix(load(r.choice([1, 4, 8]), get(Q), r.randrange(16))),
                        lambda: store(r.choice([1, 4, 8]), get(Q), get(X), r.randrange(16))])
    return (store(size, get(R), i32(r.randrange(1 << 20)), offset) + between() +
            store(size, get(R), get(X), offset))


def straight(r):
    """Stores and loads in a row."""
    code = b''
    for _ in range(r.randrange(3, 12)):
        size, base, offset = r.choice([1, 2, 4, 8, 16]), r.choice([P, Q, R]), r.randrange(48)
        code += r.choice([lambda: store(size, get(base), i32(r.randrange(1 << 20)), offset),
                          lambda: store(size, get(base), get(X), offset),
                          lambda: mix(load(size, get(base), offset))])()
    return code


def neighbours(r):
    """Narrow stores side by side over the end, which could be one wide store."""
    size, first = r.choice([1, 2, 4]), r.randrange(-12, 4)
    places = list(range(r.randrange(2, 17)))
    if r.random() < 0.3:
        r.shuffle(places)
    values = r.choice([lambda i: i32(i * 77 + 5), lambda i: get(X),
                       lambda i: load(size, get(R), i * size)])
    return b''.join(store(size, get(P), values(i), 16 + first + i * size) for i in places)


def fill_loop(r):
    """An array is filled up to and over the end."""
    size = r.choice([1, 2, 4, 8])
    value = r.choice([i32(r.randrange(256)), get(I), get(I) + i32(3) + b'\x6c', get(X)])
    body = store(size, element(P, size), value)
    if r.random() < 0.3:
        body += mix(get(I))
    return loop(body)


def map_loop(r):
    """An array is computed from another; one of them ends outside."""
    size = r.choice([1, 2, 4, 8])
    to, source = r.choice([(P, R), (R, P), (P, Q), (R, Q)])
    return loop(store(size, element(to, size), load(size, element(source, size)) + i32(7) + b'\x6a'))


def sum_loop(r):
    """A place that stays the same is written in a loop that traps elsewhere."""
    size = r.choice([4, 8])
    add = load(4, get(R)) + load(size, element(P, size)) + b'\x6a'
    return loop(r.choice([store(4, get(R), add),
                          mix(load(size, element(P, size))) + store(4, get(R), get(X)),
                          store(4, get(R), get(I)) + store(size, element(P, size), get(I))]))


def global_loop(r):
    """A global is written in a loop that traps."""
    size = r.choice([1, 4])
    return loop(b'\x23\x00' + load(size, element(P, size)) + b'\x6a\x24\x00')


def two_loop(r):
    """Two arrays are written in turn."""
    a, b = r.choice([1, 2, 4, 8]), r.choice([1, 2, 4, 8])
    parts = [store(a, element(P, a), get(I)), store(b, element(R, b), get(X) + get(I) + b'\x6a')]
    r.shuffle(parts)
    return loop(b''.join(parts))


def branches(r):
    """The same store on both ways, or on one, about an access."""
    same_place = store(4, get(R), get(X), 8)
    return r.choice([
        get(X) + b'\x04\x40' + mix(load(4, get(Q))) + same_place + b'\x05' + same_place + b'\x0b',
        same_place + if_odd(get(Y), mix(load(4, get(Q)))) + store(4, get(R), get(Y), 8),
        if_odd(get(Y), same_place) + mix(load(4, get(Q))) + store(4, get(R), get(Y), 8),
        loop(if_odd(get(I), store(4, element(P, 4), get(I))) + store(1, element(R, 1), get(I))),
    ])


def bulk(r):
    """Bulk operations of a constant length, about the end."""
    length = r.choice([1, 2, 3, 4, 7, 8, 12, 16, 31, 32, 64, 65, 80, 128, 129, 200, 256, 257])
    first = store(4, get(R), get(X))
    fill = get(r.choice([P, Q])) + get(X) + i32(length) + b'\xfc\x0b\x00'
    copy = get(r.choice([P, R])) + get(r.choice([P, Q, R])) + i32(length) + b'\xfc\x0a\x00\x00'
    return first + r.choice([fill, copy]) + store(4, get(R), get(Y))


def division(r):
    """Stores about a division by zero, or a truncation out of range."""
    divisor = get(N) + get(I) + b'\x6b'
    return r.choice([
        loop(store(4, element(R, 4), get(I)) +
             mix(i32(1000) + i32(r.randrange(1, 40)) + get(I) + b'\x6b\x6d')),
        store(4, get(R), get(X)) + mix(i32(5) + get(Y) + get(Y) + b'\x6b\x6d') +
        store(4, get(R), get(Y)),
        loop(store(4, get(R), get(I)) + mix(get(X) + divisor + i32(5) + b'\x6b\x6e')),
    ])


def place(r, base, distance, offset):
    """An access in an unrolled loop: the address and its offset."""
    split = r.choice([0, distance]) if distance > 0 else distance
    index = r.choice([get(I) + get(base) + b'\x6a' + i32(split) + b'\x6a',
                      get(base) + get(I) + i32(split) + b'\x6a\x6a'])
    return index, offset + distance - split


def unrolled_loop(r):
    """A loop as clang unrolls it, and not always in a good order."""
    size, groups, falls = r.choice([1, 2, 4, 8]), r.choice([2, 3, 4, 8]), r.random() < 0.2
    step = -size if falls else size
    to, source, offset = r.choice([P, R]), r.choice([P, R]), r.randrange(40)

    def value(k):
        address, at = place(r, source, k * step, offset)
        return load(size, address, at) + i32(factor) + b'\x6c'

    def write(k, what):
        address, at = place(r, to, k * step, 2 * offset)
        return store(size, address, what, at)

    factor = r.choice([1, 3, 255])
    kinds = [lambda k: write(k, value(k)), lambda k: write(k, get(X)), lambda k: mix(value(k)),
             lambda k: write(k, get(I) + i32(k * step) + b'\x6a'),
             lambda k: get(Y) + value(k) + b'\x73' + put(Y)]
    chosen = r.sample(kinds, r.choice([1, 1, 2]))
    body = [kind(k) for k in range(groups) for kind in chosen]
    order = r.random()
    if order < 0.1:
        body.reverse()
    elif order < 0.3:
        r.shuffle(body)
    turn = step * groups
    end = r.choice([get(N), get(N) + i32(turn) + b'\x6c', i32(turn * 40)])
    return (i32(0) + put(I) + b'\x03\x40' + b''.join(body) + get(I) + i32(turn) + b'\x6a\x22' + uleb(I) +
            end + b'\x47\x0d\x00\x0b')


KINDS = [overwritten, straight, neighbours, fill_loop, map_loop, sum_loop, global_loop, two_loop, branches,
         bulk, division, unrolled_loop]


# ---- Modules ----

def module(kind, r):
    near = [END - r.randrange(0, 300) for _ in range(2)]
    values = [0, near[0], r.choice([near[1], END + r.randrange(100), 0x7fff0000, 1024]),
              r.randrange(40000), r.choice([5, 64, 100, 1000, 5000]), r.randrange(1 << 16), r.randrange(1 << 16)]
    code = kind(r)
    # What is unknown comes from globals, which others could have changed.
    start = b''.join(b'\x23' + uleb(i) + put(local)
                     for i, local in zip(range(1, 7), (P, Q, R, N, X, Y)))
    body = uleb(1) + uleb(7) + bytes([I32]) + start + code + get(X) + b'\x24\x05\x0b'
    head = b'\0asm\x01\0\0\0' + section(1, b'\x01\x60\0\0') + section(3, b'\x01\0')
    globals_ = uleb(len(values)) + b''.join(bytes([I32, 1]) + i32(value) + b'\x0b' for value in values)
    exports = b'\x04' + b'\x03run\0\0' + b'\x06memory\x02\0' + b'\x02gi\x03\0' + b'\x02hi\x03\x05'
    data = bytes(r.randrange(256) for _ in range(256))
    return (head + section(5, b'\x01\x01\x01\x01') + section(6, globals_) + section(7, exports) +
            section(10, b'\x01' + uleb(len(body)) + body) +
            section(11, b'\x02\x00' + i32(END - 256) + b'\x0b' + uleb(256) + data +
                    b'\x00' + i32(1024) + b'\x0b' + uleb(256) + data))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('--differ', required=True, type=pathlib.Path)
    parser.add_argument('--first', type=int, default=1)
    parser.add_argument('--count', type=int, default=200, help='modules of each kind')
    parser.add_argument('--kind')
    parser.add_argument('--keep', type=pathlib.Path)
    parser.add_argument('--level', type=int, action='append')
    arguments = parser.parse_args()
    if engines.missing_tools(['node']):
        print('SKIPPED: no node; make deps installs it')
        return 77
    node = engines.Node()
    natives = [engines.Native(arguments.differ, level, cpu=cpu)
               for level in arguments.level or (0, 1, 3) for cpu in ((None, 'native') if level > 1 else (None,))]
    wrong = collections.Counter()
    total = trapped = 0
    with tempfile.TemporaryDirectory() as temporary:
        for kind in KINDS:
            name = kind.__name__
            if arguments.kind not in (None, name):
                continue
            files = []
            for seed in range(arguments.first, arguments.first + arguments.count):
                files.append(pathlib.Path(temporary) / f'{name}-{seed}.wasm')
                files[-1].write_bytes(module(kind, random.Random(f'{name} {seed}')))
            expected = node.run(files)
            total += len(files)
            trapped += sum('trap memory' in ' '.join(lines) for lines in expected.values())
            for native in natives:
                got = native.run(files)
                for path in files:
                    if not first_difference(expected.get(str(path), []), got.get(str(path), ['(not run)'])):
                        continue
                    wrong[f'{name}, {native.name}'] += 1
                    if arguments.keep:
                        arguments.keep.mkdir(parents=True, exist_ok=True)
                        shutil.copy(path, arguments.keep)
    for name, count in sorted(wrong.items()):
        print(f'{name}: {count} of {arguments.count} differ')
    print(f'{sum(wrong.values())} of {total * len(natives)} runs differ from Node; {trapped} of {total}'
          ' modules trap on an address')
    return 1 if wrong or not total else 0


if __name__ == '__main__':
    sys.exit(main())

#!/usr/bin/env python3
"""Compares every numeric, vector, memory and atomic instruction with Node's V8 on corner values.

usage: corner.py --differ PROGRAM [--quick] [--only TEXT] [--every N] [--keep DIR]

The instructions are the rows of compiler/wasm/opcodes.def, so that a new one is tried as soon as it is
there. Each gets a module of its own, in which its operands come three ways: as constants, from
memory in a loop that may be vectorised, and as the parameters of a function. Operands of one- and
two-operand instructions are every pair of a table of values, --quick and three operands: some of
them. What can trap is called value by value. Results are compared bit for bit, except where the
specification leaves open which NaN it is: there both must be quiet, and ours canonical when no
operand is a NaN of another kind.

Left out: relaxed SIMD (several results are right), wide arithmetic (V8 has none), wait.
Status as differ.py's.
"""
import argparse
import os
import pathlib
import random
import re
import shutil
import struct
import sys
import tempfile

import concurrent.futures

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / 'scripts'))
sys.dont_write_bytecode = True
import engines  # noqa: E402
from encoding import name, section, sleb, uleb, vector  # noqa: E402
from outcomes import same  # noqa: E402

ROW = re.compile(r'^WA_OP\((\w+),\s*WA_OPCODE\((\w+),\s*(\w+)\),\s*"([^"]+)",\s*(\w+),\s*"([^"]*)",'
                 r'\s*(\d+),\s*(\w+), \w+\)', re.M)
TYPE = {'i': 0x7f, 'I': 0x7e, 'f': 0x7d, 'F': 0x7c, 'v': 0x7b}
SIZE = {'i': 4, 'I': 8, 'f': 4, 'F': 8, 'v': 16}
LOAD = {'i': b'\x28\x02', 'I': b'\x29\x03', 'f': b'\x2a\x02', 'F': b'\x2b\x03', 'v': b'\xfd\x00\x04'}
STORE = {'i': b'\x36\x02', 'I': b'\x37\x03', 'f': b'\x38\x02', 'F': b'\x39\x03', 'v': b'\xfd\x0b\x04'}
PAGES = 16
SCRATCH = 0x800
OPERANDS, ROOM = 0x80000, 0x10000  # an array for each operand
FORMS = {'const': 0x10000, 'memory': 0x30000, 'locals': 0x50000, 'mixed': 0x70000}  # where results go
SECOND = 0x10000  # the second results, behind the first
BATCH = 20


# ---- Values ----

def f32(bits):
    return struct.pack('<I', bits)


def f64(bits):
    return struct.pack('<Q', bits)


def number32(value):
    return struct.pack('<f', value)


def number64(value):
    return struct.pack('<d', value)


I32 = [struct.pack('<I', v & 0xffffffff) for v in (
    0, 1, -1, 2, -7, 7, 31, 32, 33, 0x7f, 0x80, 0xff, 0x7fff, 0x8000, 0xffff, 0x7fffffff,
    -0x80000000, -0x7fffffff, 0x12345678)]
I64 = [struct.pack('<Q', v & (2 ** 64 - 1)) for v in (
    0, 1, -1, 2, -7, 7, 32, 63, 64, 65, 0x80, 0xffff, 0x7fffffff, 0x80000000, 0xffffffff,
    2 ** 53 + 1, 2 ** 63 - 1, -2 ** 63, -2 ** 63 + 1, 0x123456789abcdef0, 0x7fffff4000000001)]
F32 = [f32(b) for b in (
    0, 0x80000000, 0x3f800000, 0xbf800000, 0x3f000000, 0xbf000000, 0x3effffff, 0x3fc00000, 0x40200000,
    0xbfc00000, 1, 0x80000001, 0x7fffff, 0x800000, 0x7f7fffff, 0xff7fffff, 0x7f800000, 0xff800000,
    0x7fc00000, 0xffc00000, 0x7f800001, 0xff800001, 0x7fa00000, 0x7fc12345, 0x4b000000, 0x4b000001,
    0x4affffff, 0x4f000000, 0xcf000000, 0xcf000001, 0x4effffff, 0x4f800000, 0x4f7fffff, 0x5f000000,
    0xdf000000, 0x5f800000, 0x5f7fffff, 0xbf7fffff, 0xbf800001)]
F64 = [f64(b) for b in (
    0, 1 << 63, 0x3ff0 << 48, 0xbff0 << 48, 0x3fe0 << 48, 0xbfe0 << 48, 0x3fdfffffffffffff, 0x3ff8 << 48,
    0x4004 << 48, 0xbff8 << 48, 1, (1 << 63) + 1, (1 << 52) - 1, 1 << 52, 0x7fefffffffffffff,
    0xffefffffffffffff, 0x7ff0 << 48, 0xfff0 << 48, 0x7ff8 << 48, 0xfff8 << 48, 0x7ff0000000000001,
    0xfff0000000000001, 0x7ff4 << 48, 0x7ff8000012345678, 0x4330 << 48, 0x4330000000000001)] + [
        number64(v) for v in (
            2147483647, 2147483647.5, 2147483648, -2147483648, -2147483648.5, -2147483649, 4294967295,
            4294967295.5, 4294967296, -0.9, -1, 2.0 ** 63, -2.0 ** 63, 2.0 ** 64, 2.0 ** 63 - 1024,
            3.4028235677973366e38, 1e-46, 1.401298464324817e-45, 16777217)]


def vectors():
    chance = random.Random(1)
    made = [bytes(16), b'\xff' * 16, bytes(range(16)), bytes(range(15, -1, -1)), b'\x80' * 16,
            b'\x7f' * 16, bytes(chance.randrange(256) for _ in range(16)),
            bytes(chance.choice((0, 1, 0x7f, 0x80, 0xff, 0x81)) for _ in range(16)), b'\x00\x80' * 8,
            b'\xff\x7f' * 8, struct.pack('<8h', 0, 1, -1, 127, 128, -128, -129, 255),
            struct.pack('<8H', 256, 32767, 32768, 65535, 0x8001, 2, 3, 0x5a82)]
    made += [b''.join(chance.choice(I32) for _ in range(4)) for _ in range(4)]
    made += [b''.join(chance.choice(I64) for _ in range(2)) for _ in range(4)]
    made += [b''.join(F32[(i * 4 + j) % len(F32)] for j in range(4)) for i in range(10)]
    made += [b''.join(F32[(i * 5 + j * 7) % len(F32)] for j in range(4)) for i in range(6)]
    made += [b''.join(F64[(i * 2 + j) % len(F64)] for j in range(2)) for i in range(23)]
    return made


VALUES = {'i': I32, 'I': I64, 'f': F32, 'F': F64, 'v': vectors()}


def combinations(types, quick):
    """Operands, a tuple each: all pairs, or some."""
    chance = random.Random(2)
    tables = [VALUES[t] for t in types]
    if len(tables) == 1:
        return [(v,) for v in tables[0]]
    if len(tables) == 2 and not quick:
        return [(a, b) for a in tables[0] for b in tables[1]]
    longest = max(len(table) for table in tables)
    straight = [tuple(table[i % len(table)] for table in tables) for i in range(longest)]
    return straight + [tuple(chance.choice(table) for table in tables) for _ in range(100 if quick else 700)]


def mixed_rows(params, quick):
    """Rows for instructions of which one operand is constant, of those that may change nothing: 0, 1, -1 and so on."""
    if len(params) != 2:
        return []
    rows = []
    for side in (0, 1):
        for neutral in VALUES[params[side]][:4]:
            for other in VALUES[params[1 - side]][:: 1 if params[1 - side] in 'fF' or not quick else 5]:
                rows.append((side, (neutral, other) if side == 0 else (other, neutral)))
    return rows


# ---- Instructions ----

class Instruction:
    def __init__(self, name, spelling, code, params, results, traps):
        self.name, self.spelling, self.code = name, spelling, code
        self.params, self.results, self.traps = params, results, traps

    def emit(self, operands):
        """Operands: code that pushes each. Leaves the results on the stack."""
        return b''.join(operands) + self.code

    def arithmetic_lanes(self):
        """4 or 8 when the result's NaNs are up to the engine, else 0."""
        exact = ('copysign', 'abs', 'neg', 'pmin', 'pmax', 'reinterpret', 'convert', 'load', 'splat',
                 'lane', 'eq', 'ne', 'lt', 'gt', 'le', 'ge')
        word = self.spelling.split('.')[-1]
        if self.spelling[:3] not in ('f32', 'f64') or word.split('_')[0] in exact or 'lane' in word:
            return 0
        return 4 if self.spelling[:3] == 'f32' else 8


class Atomic(Instruction):
    """Operands: what the memory holds before, then the instruction's own. Results: its own, if any,
    and what the memory holds then."""

    def emit(self, operands):
        scratch = b'\x41' + sleb(SCRATCH)
        return (scratch + operands[0] + STORE['I'] + b'\x00' + scratch + b''.join(operands[1:]) +
                self.code + scratch + LOAD['I'] + b'\x00')


def opcode(prefix, number):
    return bytes([number]) if prefix == 0 else bytes([prefix]) + uleb(number)


def immediates(kind, spelling):
    """Immediates to try, as name and bytes."""
    if kind == 'LANE':
        lanes = int(re.search(r'x(\d+)', spelling).group(1))
        return [(f'@{lane}', bytes([lane])) for lane in sorted({0, 1, lanes - 1})]
    if kind == 'LANES':
        chance = random.Random(3)
        made = [range(16), range(16, 32), range(15, -1, -1), [0] * 16, [i * 2 for i in range(16)],
                [(i // 2) + 16 * (i % 2) for i in range(16)], [i ^ 1 for i in range(16)],
                [31 - i for i in range(16)], [5 + i for i in range(16)]]
        made += [[chance.randrange(32) for _ in range(16)] for _ in range(6)]
        return [(f'@{i}', bytes(lanes)) for i, lanes in enumerate(made)]
    return [('', b'')]


def read_instructions():
    table = pathlib.Path(__file__).parents[2] / 'compiler' / 'wasm' / 'opcodes.def'
    numeric, accesses, found = [], [], {}
    for name, prefix, number, spelling, kind, signature, align, feature in ROW.findall(table.read_text()):
        if '*' in signature or feature in ('RELAXED_SIMD', 'WIDE_ARITHMETIC') or ':' not in signature:
            continue
        code = opcode(int(prefix, 0), int(number, 0))
        params, results = signature.split(':')
        if kind in ('NONE', 'LANE', 'LANES') and params and set(params + results) <= set(TYPE):
            traps = bool(re.search(r'div_[su]|rem_|trunc_f(?!.*x)', spelling)) and 'sat' not in spelling
            for tail, immediate in immediates(kind, spelling):
                numeric.append(Instruction(name + tail, spelling, code + immediate, params, results, traps))
                found[spelling] = code
        elif kind in ('MEMARG', 'MEMARG_LANE') and 'wait' not in spelling:
            if feature == 'THREADS' and params.startswith('x') and 'notify' not in spelling:
                numeric.append(Atomic(name, spelling, code + uleb(int(align)) + b'\x00', 'I' + params[1:],
                                      results + 'I', False))
            accesses.append((name, code, params, results, int(align), kind == 'MEMARG_LANE'))
    # What is folded to its operand when nobody looks at NaNs.
    there_and_back = found['f64.promote_f32'] + found['f32.demote_f64']
    numeric.append(Instruction('F32_PROMOTE_DEMOTE', 'f32.and_back', there_and_back, 'f', 'f', False))
    return numeric, accesses


# ---- Modules ----

def module(functions, data, shared):
    """Functions: (export name or None, params, results, locals, code)."""
    types = sorted({(p, r) for _, p, r, _, _ in functions})
    bodies = []
    for _, _, _, own, code in functions:
        body = vector([uleb(1) + bytes([TYPE[t]]) for t in own]) + code + b'\x0b'
        bodies.append(uleb(len(body)) + body)
    valtypes = lambda text: vector([bytes([TYPE[t]]) for t in text])
    return (b'\0asm\1\0\0\0' +
            section(1, vector([b'\x60' + valtypes(p) + valtypes(r) for p, r in types])) +
            section(3, vector([uleb(types.index((p, r))) for _, p, r, _, _ in functions])) +
            section(5, vector([b'\x03' + uleb(PAGES) + uleb(PAGES) if shared else
                               b'\x01' + uleb(PAGES) + uleb(PAGES)])) +
            section(7, vector([name('m') + b'\x02\x00'] +
                              [name(f[0]) + b'\x00' + uleb(i) for i, f in enumerate(functions) if f[0]])) +
            section(10, vector(bodies)) +
            section(11, vector([b'\x00\x41' + sleb(at) + b'\x0b' + uleb(len(d)) + d for at, d in data])))


def constant(kind, value):
    if kind == 'i':
        return b'\x41' + sleb(struct.unpack('<i', value)[0])
    if kind == 'I':
        return b'\x42' + sleb(struct.unpack('<q', value)[0])
    return {'f': b'\x43', 'F': b'\x44', 'v': b'\xfd\x0c'}[kind] + value


def take_results(instruction, form, index, first):
    """Stores the results on the stack, last first. `index` pushes index times 16, or is None and
    the place is constant; locals from `first` on hold results meanwhile."""
    out = b''
    for i, kind in reversed(list(enumerate(instruction.results))):
        out += b'\x21' + uleb(first + i)
        place = FORMS[form] + i * SECOND
        if callable(index):
            out += index(SIZE[kind]) + b'\x20' + uleb(first + i) + STORE[kind] + uleb(place)
        else:
            out += b'\x41' + sleb(index * SIZE[kind]) + b'\x20' + uleb(first + i) + STORE[kind] + uleb(place)
    return out


def loop(count, body):
    """`body` for local 0 from 0 up to count."""
    return (b'\x03\x40' + body + b'\x20\x00\x41\x01\x6a\x22\x00\x41' + sleb(count) + b'\x49\x0d\x00\x0b')


def scaled(size):
    return b'\x20\x00\x41' + sleb(size) + b'\x6c'


def from_arrays(instruction):
    return [scaled(SIZE[t]) + LOAD[t] + uleb(OPERANDS + i * ROOM) for i, t in enumerate(instruction.params)]


def mixed_code(instruction, rows, first):
    """Each row with one constant operand; the other one lies in memory, of row `first` and so on."""
    code = b''
    for number, (side, row) in enumerate(rows):
        operands = [b'\x41' + sleb((first + number) * SIZE[t]) + LOAD[t] + uleb(OPERANDS + i * ROOM)
                    for i, t in enumerate(instruction.params)]
        operands[side] = constant(instruction.params[side], row[side])
        code += instruction.emit(operands) + take_results(instruction, 'mixed', number, 0)
    return code


def whole_module(instruction, values, quick):
    """All values, in each form."""
    results = instruction.results
    called = (None, instruction.params, results, '',
              instruction.emit([b'\x20' + uleb(i) for i in range(len(instruction.params))]))
    chosen = values if len(values) <= 200 else random.Random(4).sample(values, 200)
    straight = b''.join(instruction.emit([constant(t, v) for t, v in zip(instruction.params, row)]) +
                        take_results(instruction, 'const', i, 0) for i, row in enumerate(chosen))
    memory = loop(len(values), instruction.emit(from_arrays(instruction)) +
                  take_results(instruction, 'memory', scaled, 1))
    calling = loop(len(values), b''.join(from_arrays(instruction)) + b'\x10\x00' +
                   take_results(instruction, 'locals', scaled, 1))
    mixed = [] if isinstance(instruction, Atomic) else mixed_rows(instruction.params, quick)
    functions = [called, ('const', '', '', results, straight), ('memory', '', '', 'i' + results, memory),
                 ('locals', '', '', 'i' + results, calling),
                 ('mixed', '', '', results, mixed_code(instruction, mixed, len(values)))]
    in_memory = [*values, *(row for _, row in mixed)]
    data = [(OPERANDS + i * ROOM, b''.join(row[i] for row in in_memory)) for i in range(len(instruction.params))]
    return module(functions, data, isinstance(instruction, Atomic)), {'const': chosen, 'memory': values,
                                                                       'locals': values,
                                                                       'mixed': [row for _, row in mixed]}


def trapping_module(instruction, values):
    """A function for each value, because it may trap."""
    functions = []
    for number, row in enumerate(values):
        label = '/'.join(v[::-1].hex() for v in row)
        functions.append((f'const {label}', '', instruction.results, '',
                          instruction.emit([constant(t, v) for t, v in zip(instruction.params, row)])))
        operands = [b'\x41' + sleb(number * SIZE[t]) + LOAD[t] + uleb(OPERANDS + i * ROOM)
                    for i, t in enumerate(instruction.params)]
        functions.append((f'memory {label}', '', instruction.results, '', instruction.emit(operands)))
    data = [(OPERANDS + i * ROOM, b''.join(row[i] for row in values)) for i in range(len(instruction.params))]
    return module(functions, data, False)


def access_module(access):
    """Loads and stores at the borders of the memory, addresses constant and not."""
    _, code, params, results, align, lane = access
    end = PAGES * 65536
    places = [(a, o) for a in (0, 1, 5, end - 17, end - 16, end - 9, end - 8, end - 4, end - 2, end - 1, end,
                               2 ** 31 - 1, 2 ** 32 - 1) for o in (0, 1, 8, 0x7fffffff, 0xffffffff)]
    places += [(0, end - 8), (8, end - 8), (0, end - 1), (1, end - 1), (2 ** 32 - 4, 4)]
    operands = [constant(t, VALUES[t][-1]) for t in params[1:]]
    functions = []
    for number, (address, offset) in enumerate(places):
        ways = {'const': b'\x41' + sleb(address - 2 ** 32 if address >= 2 ** 31 else address),
                'memory': b'\x41' + sleb(number * 4) + LOAD['i'] + uleb(OPERANDS)}
        for way, push in ways.items():
            body = push + b''.join(operands) + code + uleb(align) + uleb(offset) + (b'\x00' if lane else b'')
            result = results
            if results == 'v':
                # Both halves, so that neither is without consequence.
                body += b'\x22\x00\xfd\x1d\x00\x42\x07\x89\x20\x00\xfd\x1d\x01\x7c'
                result = 'I'
            functions.append((f'{way} {address:x}+{offset:x}', '', result, 'v', body))
    chance = random.Random(5)
    data = [(0, bytes(chance.randrange(1, 127) for _ in range(64))),
            (end - 64, bytes(chance.randrange(1, 127) for _ in range(64))),
            (OPERANDS, b''.join(struct.pack('<I', a) for a, _ in places))]
    return module(functions, data, 'atomic' in access[0])


# ---- Comparison ----

def is_nan(lane):
    if len(lane) == 4:
        return struct.unpack('<I', lane)[0] & 0x7fffffff > 0x7f800000
    return struct.unpack('<Q', lane)[0] & (2 ** 63 - 1) > 0x7ff0 << 48


def is_quiet(lane):
    return lane[-2] & (0x40 if len(lane) == 4 else 0x08) != 0


def is_canonical(lane):
    return lane[:-1] in (b'\x00\x00\xc0', b'\0\0\0\0\0\0\xf8') and lane[-1] & 0x7f == 0x7f


def acceptable(instruction, row, ours, theirs):
    """Whether two results that are not the same are both right: NaNs that the specification leaves
    open (core spec 4.3.3)."""
    width = instruction.arithmetic_lanes()
    if width == 0:
        return False
    for at in range(0, len(ours), width):
        a, b = ours[at:at + width], theirs[at:at + width]
        if a == b:
            continue
        if not (is_nan(a) and is_nan(b) and is_quiet(a)):
            return False
    return True


def wrong_nan(instruction, row, ours):
    """Whether a NaN of ours is one that the specification does not allow."""
    width = instruction.arithmetic_lanes()
    if width == 0:
        return False
    source = 12 - width if re.search('promote|demote', instruction.spelling) else width
    strange = any(is_nan(v[i:i + source]) and not is_canonical(v[i:i + source])
                  for v in row for i in range(0, len(v), source))
    lanes = [ours[i:i + width] for i in range(0, len(ours), width)]
    return any(is_nan(lane) and (not is_quiet(lane) or not (strange or is_canonical(lane))) for lane in lanes)


def compare_results(instruction, forms, ours, theirs):
    """A text for the first result that differs, and how many were compared."""
    count = 0
    for form, rows in forms.items():
        for i, kind in enumerate(instruction.results):
            for number, row in enumerate(rows):
                at = FORMS[form] + i * SECOND + number * SIZE[kind]
                a, b = ours[at:at + SIZE[kind]], theirs[at:at + SIZE[kind]]
                count += 1
                if (a != b and not acceptable(instruction, row, a, b)) or wrong_nan(instruction, row, a):
                    return (f'{form}: of {" ".join(v[::-1].hex() for v in row)}: {a[::-1].hex()}, '
                            f'node {b[::-1].hex()}'), count
    return None, count


class Case:
    """One module and how its outcome is judged."""

    def __init__(self, name, data, instruction=None, forms=None):
        self.name, self.data, self.instruction, self.forms = name, data, instruction, forms

    def judge(self, path, native, text, node_text):
        if any(line.startswith(('refused', 'unlinkable', 'CRASHED', 'instantiate')) for line in text + node_text):
            return f'{text[:1]} node {node_text[:1]}', 0
        if self.forms is None:
            for a, b in zip(text, node_text):
                if not same(a, b):
                    return f'{a}, node {b}', 0
            return None if len(text) == len(node_text) else 'more lines', len(text)
        ours = pathlib.Path(f'{path}{native.suffix}').read_bytes()
        return compare_results(self.instruction, self.forms, ours, pathlib.Path(f'{path}.node').read_bytes())


def cases(quick, only):
    numeric, accesses = read_instructions()
    for instruction in numeric:
        if only and only not in instruction.name:
            continue
        values = list(dict.fromkeys(combinations(instruction.params, quick)))
        if instruction.traps:
            yield Case(instruction.name, trapping_module(instruction, values))
        else:
            data, forms = whole_module(instruction, values, quick)
            yield Case(instruction.name, data, instruction, forms)
    for access in accesses:
        if not only or only in access[0]:
            yield Case(access[0] + ' at borders', access_module(access))


def run_batch(batch, directory, node, natives, pool):
    paths = []
    for number, case in enumerate(batch):
        path = directory / f'{number}.wasm'
        path.write_bytes(case.data)
        paths.append(path)
    node_outcome = pool.submit(node.run, paths)
    outcomes = []
    for native in natives:
        outcome = native.run(paths)
        theirs = node_outcome.result()
        for case, path in zip(batch, paths):
            fault, count = case.judge(path, native, outcome.get(str(path), []), theirs.get(str(path), []))
            outcomes.append((case, path, native, fault, count))
    return outcomes


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('--differ', required=True, type=pathlib.Path)
    parser.add_argument('--quick', action='store_true')
    parser.add_argument('--only')
    parser.add_argument('--every', type=int, default=1, help='only every nth instruction')
    parser.add_argument('--keep', type=pathlib.Path, default=pathlib.Path('differences'))
    arguments = parser.parse_args()
    if engines.missing_tools(['node']):
        print('SKIPPED: no node; make deps installs it')
        return 77
    node = engines.Node(dump=True)
    natives = [engines.Native(arguments.differ, level, dump=True) for level in (0, 3)]
    every = list(cases(arguments.quick, arguments.only))[::arguments.every]
    compared = wrong = 0
    with tempfile.TemporaryDirectory() as temporary, \
            concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        directory = pathlib.Path(temporary)
        for start in range(0, len(every), BATCH):
            for case, path, native, fault, count in run_batch(every[start:start + BATCH], directory, node,
                                                              natives, pool):
                compared += count
                if fault:
                    wrong += 1
                    arguments.keep.mkdir(parents=True, exist_ok=True)
                    kept = arguments.keep / f'{case.name.replace(" ", "-")}.wasm'
                    shutil.copy(path, kept)
                    print(f'{case.name}, {native.name}: {fault} ({kept})', flush=True)
    print(f'{2 * len(every) - wrong} of {2 * len(every)} modules agree with Node, for {len(every)}'
          f' instructions at -O0 and -O3; {compared} results compared')
    return 1 if wrong or not every else 0


if __name__ == '__main__':
    sys.exit(main())

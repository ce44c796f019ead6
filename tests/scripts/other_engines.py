#!/usr/bin/env python3
"""Writes scripts for causes of faults that other engines had in generated code, for wasmaot-spec.

    other_engines.py FOLDER LARGE-FOLDER

docs/security.md, "What broke other engines", says which script is for which cause. What is right is
computed here, by arithmetic without widths, or is a trap.
"""

import itertools
import os
import sys

sys.dont_write_bytecode = True
from encoding import EXN, EXTERNREF, F32, F64, FUNCREF, I32, I64, NOEXN, NOEXTERN, NOFUNC, V128  # noqa: E402
from encoding import get, i32, i64, name, quoted, section, uleb, vector  # noqa: E402

WORD = {I32: "i32", I64: "i64", F32: "f32", F64: "f64"}
MEMORY_TRAP, TABLE_TRAP = "out of bounds memory access", "out of bounds table access"
PAGE = 65536


class Module:
    """Functions are exported by number: "f0", "f1" and so on, imports not counted."""

    def __init__(self):
        self.types, self.index_of = [], {}
        self.sections = {}
        self.kinds, self.bodies, self.exports = [], [], []
        self.imported = 0

    def type(self, params, results):
        encoded = b"\x60" + vector([bytes([p]) for p in params]) + vector(
            [bytes([r]) for r in results])
        if encoded not in self.index_of:
            self.index_of[encoded] = len(self.types)
            self.types.append(encoded)
        return self.index_of[encoded]

    def function(self, params, results, body, runs=(), exported=True):
        number = len(self.kinds)
        self.kinds.append(uleb(self.type(params, results)))
        code = vector([uleb(n) + bytes([t]) for n, t in runs]) + body + b"\x0b"
        self.bodies.append(uleb(len(code)) + code)
        if exported:
            self.exports.append(name("f%d" % number) + b"\x00" + uleb(number + self.imported))
        return number + self.imported

    def section(self, number, *items):
        self.sections[number] = vector(list(items))

    def binary(self):
        self.section(1, *self.types)
        if self.kinds:
            self.section(3, *self.kinds)
            self.section(10, *self.bodies)
        if self.exports:
            self.section(7, *self.exports)
        out = b"\0asm\x01\0\0\0"
        for number in [1, 2, 3, 4, 5, 13, 6, 7, 8, 9, 12, 10, 11]:
            if number in self.sections:
                out += section(number, self.sections[number])
        return out


class Script:

    def __init__(self, folder, title):
        self.path, self.lines = os.path.join(folder, title + ".wast"), []

    def __enter__(self):
        return self

    def __exit__(self, kind, value, trace):
        if kind is None:
            with open(self.path, "w") as file:
                file.write("\n".join(self.lines) + "\n")

    def module(self, module, ident=""):
        self.lines.append("(module %s binary %s)" % (ident, quoted(module.binary())))

    def invalid(self, module, why):
        self.lines.append('(assert_invalid (module binary %s) "%s")' % (quoted(module.binary()), why))

    def invoke(self, number, kinds, values):
        arguments = "".join(" (%s.const %d)" % (WORD[k], v) for k, v in zip(kinds, values))
        return '(invoke "f%d"%s)' % (number, arguments)

    def returns(self, number, kinds, values, kind, result):
        self.lines.append("(assert_return %s (%s.const %d))" %
                          (self.invoke(number, kinds, values), WORD[kind], result))

    def traps(self, number, kinds, values, message):
        self.lines.append('(assert_trap %s "%s")' % (self.invoke(number, kinds, values), message))


# ---- Addresses: shape of the sum, offset, kind of memory, width ----


def byte_at(address):
    low = address % PAGE
    return (low * 37 + (low >> 8) + 11) & 0xFF


def value_at(address, width):
    return sum(byte_at(address + i) << (8 * i) for i in range(width))


def filler(wide, memory, last_page):
    """Writes byte_at into the first and the last page."""
    convert = b"\xad" if wide else b""
    constant = i64 if wide else i32
    add = b"\x7c" if wide else b"\x6a"
    store = b"\x3a" + b"\x40" + uleb(memory) + b"\x00"
    value = get(0) + i32(37) + b"\x6c" + get(0) + i32(8) + b"\x76\x6a" + i32(11) + b"\x6a"
    first = get(0) + convert + value + store
    last = get(0) + convert + constant(last_page) + add + value + store
    step = get(0) + i32(1) + b"\x6a\x22\x00" + i32(PAGE) + b"\x49\x0d\x00"
    return b"\x03\x40" + first + last + step + b"\x0b"


class Memory:

    def __init__(self, title, pages, wide=False, shared=False, index=0, imported=False):
        self.title, self.pages, self.wide, self.index = title, pages, wide, index
        self.imported = imported
        self.limits = bytes([1 | 2 * shared | 4 * wide]) + uleb(pages) * 2
        self.kind = I64 if wide else I32
        self.bits = 64 if wide else 32

    def define(self, script):
        module = Module()
        if self.imported:
            owner = Module()
            owner.section(5, self.limits)
            owner.exports.append(name("memory") + b"\x02\x00")
            script.module(owner, "$owner")
            script.lines.append('(register "owner" $owner)')
            module.section(2, name("owner") + name("memory") + b"\x02" + self.limits)
        else:
            module.section(5, *([b"\x01\x01\x01"] * self.index + [self.limits]))
        body = filler(self.wide, self.index, (self.pages - 1) * PAGE)
        start = module.function([], [], body, [(1, I32)], exported=False)
        module.sections[8] = uleb(start)
        return module


MEMORIES = [
    Memory("own", 1),
    Memory("whole", PAGE),
    Memory("shared", 2, shared=True),
    Memory("second", 1, index=1),
    Memory("imported", 2, imported=True),
    Memory("wide", 1, wide=True),
    Memory("wide-large", PAGE + 2, wide=True),
    Memory("wide-imported", 2, wide=True, imported=True),
]

OFFSETS = [0, 1, 8, 4096, 32767, 65528, 65535, 2**31 - 1, 2**31, 2**32 - 16, 2**32 - 1]
WIDE_OFFSETS = [2**32, 2**33 + 8, 2**63 - 1, 2**63, 2**64 - 8, 2**64 - 1]


def shapes(bits):
    """(title, kind of p, code of the address, what it is, a p for an address or None); q is 56."""
    wide = bits == 64
    kind, const = (I64, i64) if wide else (I32, i32)
    add, shl, mul, land = ((b"\x7c", b"\x86", b"\x7e", b"\x83") if wide else
                           (b"\x6a", b"\x74", b"\x6c", b"\x71"))
    mask = 2**bits - 1
    p, q = get(0), get(1)
    out = [
        ("p", kind, p, lambda s: s),
        ("p+24", kind, p + const(24) + add, lambda s: (s - 24) & mask),
        ("p-8", kind, p + const(-8) + add, lambda s: (s + 8) & mask),
        ("p<<3", kind, p + const(3) + shl, lambda s: None if s % 8 else s >> 3),
        ("p*8+q", kind, p + const(8) + mul + q + add,
         lambda s: None if (s - 56) % 8 else ((s - 56) & mask) >> 3),
        ("q+(p<<2)+16", kind, q + p + const(2) + shl + add + const(16) + add,
         lambda s: None if s % 4 else ((s - 72) & mask) >> 2),
        ("p&-4", kind, p + const(-4) + land, lambda s: None if s % 4 else s + 3),
    ]
    if wide:
        out += [("extend_s(p)", I32, p + b"\xac",
                 lambda s: None if (s + 2**31) & mask >= 2**32 else s & (2**32 - 1)),
                ("extend_u(p)", I32, p + b"\xad", lambda s: None if s >= 2**32 else s)]
    else:
        out += [("wrap(p)", I64, p + b"\xa7", lambda s: s | 5 << 40)]
    return out


def accesses(memory, offset):
    """(width, code between the address and an i64, whether it is a store)"""

    def memarg(align):
        return bytes([align | 0x40]) + uleb(memory.index) + uleb(offset)

    plain = b"\x29" + b"\x40" + uleb(memory.index) + b"\x00"  # i64.load of the address given
    store = b"\x37" + b"\x40" + uleb(memory.index) + b"\x00"
    old = get(2) + plain + b"\x21\x03"  # kept
    result = get(2) + plain + b"\x21\x04" + get(2) + get(3) + store + get(4)
    return [
        (1, b"", b"\x31" + memarg(0), False),
        (2, b"", b"\x33" + memarg(0), False),
        (8, b"", b"\x29" + memarg(0), False),
        (16, b"", b"\xfd\x00" + memarg(0) + b"\xfd\x1d\x00", False),
        (8, old, i64(0x0123456789ABCDEF) + b"\x37" + memarg(0) + result, True),
    ]


def check_address(script, memory, function, kinds, access, wanted, p):
    width, is_store = access
    size = memory.pages * PAGE
    # The store's result is read at an address that is given; where it traps, at 0.
    plain = wanted if wanted + 8 <= size else 0
    values = [p, 56, plain]
    if wanted + width > size:
        script.traps(function, kinds, values, MEMORY_TRAP)
    elif is_store:
        script.returns(function, kinds, values, I64, 0x0123456789ABCDEF)
    elif PAGE <= wanted < size - PAGE:
        script.returns(function, kinds, values, I64, 0)
    else:
        script.returns(function, kinds, values, I64, value_at(wanted, min(width, 8)))


def address_script(folder, memory):
    checks = []
    with Script(folder, "address-" + memory.title) as script:
        module = memory.define(script)
        size, mask = memory.pages * PAGE, 2**memory.bits - 1
        offsets = OFFSETS + (WIDE_OFFSETS if memory.wide else [])
        for (_, kind, code, inverse), offset in itertools.product(shapes(memory.bits), offsets):
            for width, before, after, is_store in accesses(memory, offset):
                kinds = [kind, memory.kind, memory.kind]
                function = module.function(kinds, [I64], before + code + after, [(2, I64)])
                number = function - module.imported
                for wanted in [0, 40, size - width, size - width + 1, size - 1, size, 2**32]:
                    s = (wanted - offset) & mask
                    p = inverse(s)
                    if p is not None:
                        checks.append((number, kinds, (width, is_store), s + offset, p))
        script.module(module)
        for number, kinds, access, wanted, p in checks:
            check_address(script, memory, number, kinds, access, wanted, p)
    return len(checks)


# ---- Loads whose value is narrower than what an instruction of the machine could load ----

NARROW = [
    ("i32.load8_s", 1, b"\x2c\0\0\xac"),
    ("i64.load8_u", 1, b"\x31\0\0"),
    ("i32.load16_s", 2, b"\x2e\0\0\xac"),
    ("i64.load32_u", 4, b"\x35\0\0"),
    ("i32.load, add", 4, b"\x28\0\0" + i32(1) + b"\x6a\xad"),
    ("i32.load, mul", 4, b"\x28\0\0" + b"\x20\x00\x6c\xad"),
    ("f32.load, copysign", 4, b"\x2a\0\0\x43\0\0\x80\xbf\x98\xbc\xad"),
    ("f32.load as the sign", 4, None),
    ("f32.load, promote", 4, b"\x2a\0\0\xbb\xbd"),
    ("f32.load, neg", 4, b"\x2a\0\0\x8c\xbc\xad"),
    ("f32.load, abs", 4, b"\x2a\0\0\x8b\xbc\xad"),
    ("f32.load, sqrt", 4, b"\x2a\0\0\x8b\x91\xbc\xad"),
    ("f64.load, copysign", 8, b"\x2b\0\0\x44\0\0\0\0\0\0\xf0\xbf\xa6\xbd"),
    ("f64.load, neg", 8, b"\x2b\0\0\x9a\xbd"),
    ("f64.load, demote", 8, b"\x2b\0\0\xb6\xbc\xad"),
    ("v128.load8_splat", 1, b"\xfd\x07\0\0\xfd\x1d\x01"),
    ("v128.load16_splat", 2, b"\xfd\x08\0\0\xfd\x1d\x01"),
    ("v128.load32_splat", 4, b"\xfd\x09\0\0\xfd\x1d\x01"),
    ("v128.load64_splat", 8, b"\xfd\x0a\0\0\xfd\x1d\x01"),
    ("i32.load, i32x4.splat", 4, b"\x28\0\0\xfd\x11\xfd\x1d\x01"),
    ("f32.load, f32x4.splat", 4, b"\x2a\0\0\xfd\x13\xfd\x1d\x01"),
    ("i64.load, i64x2.splat", 8, b"\x29\0\0\xfd\x12\xfd\x1d\x01"),
    ("f64.load, f64x2.splat", 8, b"\x2b\0\0\xfd\x14\xfd\x1d\x01"),
    ("i32.load8_u, i8x16.splat", 1, b"\x2d\0\0\xfd\x0f\xfd\x1d\x01"),
    ("i32.load16_u, i16x8.splat", 2, b"\x2f\0\0\xfd\x10\xfd\x1d\x01"),
    ("v128.load32_zero", 4, b"\xfd\x5c\0\0\xfd\x1d\x00"),
    ("v128.load64_zero", 8, b"\xfd\x5d\0\0\xfd\x1d\x00"),
    ("v128.load8x8_u", 8, b"\xfd\x02\0\0\xfd\x1d\x00"),
    ("v128.load16x4_s", 8, b"\xfd\x03\0\0\xfd\x1d\x00"),
    ("v128.load32x2_s", 8, b"\xfd\x05\0\0\xfd\x1d\x01"),
    ("f64.load, v128 zero, promote_low", 8, b"\xfd\x5d\0\0\xfd\x5f\xfd\x1d\x00"),
    ("v128.load64_zero, f64x2.convert_low", 8, b"\xfd\x5d\0\0\xfd\xfe\x01\xfd\x1d\x00"),
]
ZERO = b"\xfd\x0c" + bytes(16)
for lane_width, load_lane, replace in [(1, 0x54, b"\x2d\0\0"), (2, 0x55, b"\x2f\0\0"),
                                       (4, 0x56, b"\x28\0\0"), (8, 0x57, b"\x29\0\0")]:
    NARROW.append(("v128.load%d_lane" % (8 * lane_width), lane_width,
                   ZERO + b"\xfd" + bytes([load_lane]) + b"\0\0\0\xfd\x1d\x00"))
NARROW.append(("f32.load, f32x4.replace_lane", 4, "replace"))
NARROW.append(("f64.load, f64x2.replace_lane", 8, "replace64"))


def narrow_body(title, code):
    if code is None:
        return b"\x43\0\0\x80\x3f" + get(0) + b"\x2a\0\0\x98\xbc\xad"
    if code == "replace":
        return ZERO + get(0) + b"\x2a\0\0\xfd\x20\x01\xfd\x1d\x00"
    if code == "replace64":
        return ZERO + get(0) + b"\x2b\0\0\xfd\x22\x01\xfd\x1d\x01"
    return get(0) + code


def narrow_script(folder):
    """The last place is all right, and gives what the same bytes give elsewhere; the next traps."""
    count = 0
    with Script(folder, "narrow-loads") as script:
        module = Module()
        module.section(5, b"\x01\x01\x01")
        module.section(11, b"\x00" + i32(PAGE - 16) + b"\x0b" +
                       vector([bytes([b]) for b in range(1, 17)]))
        for title, width, code in NARROW:
            body = narrow_body(title, code)
            target = module.function([I32], [I64], body, exported=False)
            # The same bytes in the middle, where whatever is loaded beyond them is not zero.
            copy = (i32(0x100 - 4) + i64(-1) + b"\x37\0\0" + i32(0x104) + i64(-1) + b"\x37\0\0" +
                    i32(0x100) + i32(PAGE - width) + i32(width) + b"\xfc\x0a\0\0")
            # The product has the address as a factor, so compare what it gives for equal ones.
            if title.endswith("mul"):
                module.function([I32], [I32], get(0) + b"\x10" + uleb(target) + b"\x1a" + i32(1))
            else:
                module.function([I32], [I32], copy + get(0) + b"\x10" + uleb(target) + i32(0x100) +
                                b"\x10" + uleb(target) + b"\x51")
        script.module(module)
        for index, (_, width, _) in enumerate(NARROW):
            number = 2 * index + 1
            script.returns(number, [I32], [PAGE - width], I32, 1)
            for beyond in range(1, width + 1):
                script.traps(number, [I32], [PAGE - width + beyond], MEMORY_TRAP)
            count += width + 1
    return count


# Instructions on vectors whose opcodes follow 0xfd, of one operand and of two.
UNARY = [0x4D, 0x5E, 0x5F, 0x60, 0x61, 0x62, 0x67, 0x68, 0x69, 0x6A, 0x74, 0x75, 0x7A, 0x7C, 0x7D,
         0x7E, 0x7F, 0x80, 0x81, 0x87, 0x88, 0x89, 0x8A, 0x94, 0xA0, 0xA1, 0xA7, 0xA8, 0xA9, 0xAA,
         0xC0, 0xC1, 0xC7, 0xC8, 0xC9, 0xCA, 0xE0, 0xE1, 0xE3, 0xEC, 0xED, 0xEF, 0xF8, 0xF9, 0xFA,
         0xFB, 0xFC, 0xFD, 0xFE, 0xFF]
BINARY = ([0x0E] + list(range(0x23, 0x4D)) + list(range(0x4E, 0x52)) + [0x65, 0x66, 0x6E, 0x6F] +
          [0x70, 0x71, 0x72, 0x73, 0x76, 0x77, 0x78, 0x79, 0x7B, 0x82, 0x85, 0x86, 0x8E, 0x8F] +
          list(range(0x90, 0x94)) + [0x95, 0x96, 0x97, 0x98, 0x99, 0x9B, 0x9C, 0x9D, 0x9E, 0x9F] +
          [0xAE, 0xB1, 0xB5, 0xB6, 0xB7, 0xB8, 0xB9, 0xBA, 0xBC, 0xBD, 0xBE, 0xBF, 0xCE, 0xD1] +
          [0xD5, 0xD6, 0xD7, 0xD8, 0xD9, 0xDA, 0xDB, 0xDC, 0xDD, 0xDE, 0xDF] +
          list(range(0xE4, 0xEC)) + list(range(0xF0, 0xF8)))
SHIFTS = [0x6B, 0x6C, 0x6D, 0x8B, 0x8C, 0x8D, 0xAB, 0xAC, 0xAD, 0xCB, 0xCC, 0xCD]


# With one operand constant, these give the same whatever half a vector is loaded: the load may go.
CONSTANT = {0x5D: [0x9D, 0x9F, 0xBD, 0xBF, 0xDD, 0xDF, 0x88, 0x8A, 0xA8, 0xAA, 0xC8, 0xCA],
            0x05: [0xD6, 0xD7, 0xD8, 0xD9, 0xDA, 0xDB]}


def part_script(folder):
    """Of a vector from memory one lane is used in the end, after an instruction on all of them."""
    operand = b"\xfd\x0c" + bytes(range(1, 17))
    middles = [(op, b"\xfd" + uleb(op)) for op in UNARY]
    middles += [(op, operand + b"\xfd" + uleb(op)) for op in BINARY]
    middles += [(op, i32(3) + b"\xfd" + uleb(op)) for op in SHIFTS]
    middles += [(0x52, operand * 2 + b"\xfd\x52"), (0x0D, operand + b"\xfd\x0d" + bytes(range(16)))]
    count = 0
    with Script(folder, "vector-parts") as script:
        module = Module()
        module.section(5, b"\x01\x01\x01")
        checks = []
        for (op, middle), (load, width) in itertools.product(middles, [(0, 16), (0x5D, 8), (5, 8)]):
            if op in CONSTANT.get(load, []):
                continue
            body = get(0) + b"\xfd" + uleb(load) + b"\0\0" + middle + b"\xfd\x1d\x00"
            function = module.function([I32], [I64], body)
            checks += [(function, PAGE - width + beyond) for beyond in [1, width // 2, width - 1]]
        script.module(module)
        for function, address in checks:
            script.traps(function, [I32], [address], MEMORY_TRAP)
            count += 1
    return count


# ---- Bulk operations at the edges of 31, 32 and 64 bits ----

EDGES = [2**31 - 1, 2**31, 2**31 + 1, 2**32 - 1]
WIDE_EDGES = EDGES + [2**32, 2**32 + 1, 2**63 - 1, 2**63, 2**63 + 1, 2**64 - 1]


def bulk_script(folder, wide):
    """One page and ten entries: everything but lengths of 0 inside traps, and changes nothing."""
    kind = I64 if wide else I32
    edges = WIDE_EDGES if wide else EDGES
    flag = 4 if wide else 0
    const = i64 if wide else i32
    operations = [  # code of (address, length), message
        (get(0) + i32(7) + get(1) + b"\xfc\x0b\x00", MEMORY_TRAP),
        (get(0) + const(0) + get(1) + b"\xfc\x0a\x00\x00", MEMORY_TRAP),
        (const(0) + get(0) + get(1) + b"\xfc\x0a\x00\x00", MEMORY_TRAP),
        (get(0) + b"\xd2\x00" + get(1) + b"\xfc\x11\x00", TABLE_TRAP),
        (get(0) + const(0) + get(1) + b"\xfc\x0e\x00\x00", TABLE_TRAP),
        (const(0) + get(0) + get(1) + b"\xfc\x0e\x00\x00", TABLE_TRAP),
    ]
    inits = [  # these lengths and places in a segment have 32 bits in any case
        (get(0) + i32(0) + i32(4) + b"\xfc\x08\x00\x00", MEMORY_TRAP),
        (get(0) + i32(0) + i32(1) + b"\xfc\x0c\x00\x00", TABLE_TRAP),
    ]
    places = [0, 1, 10, 11, PAGE - 1, PAGE, PAGE + 1] + edges
    count = 0
    with Script(folder, "bulk-edges-%d" % (64 if wide else 32)) as script:
        module = Module()
        module.section(4, b"\x70" + bytes([1 | flag]) + uleb(10) * 2)
        module.section(5, bytes([1 | flag]) + uleb(1) * 2)
        module.section(9, b"\x01\x00" + vector([uleb(0)]))
        module.sections[12] = uleb(1)
        module.section(11, b"\x01" + vector([b"data"[i:i + 1] for i in range(4)]))
        for code, _ in operations + inits:
            module.function([kind, kind], [], code)
        grow_table = module.function([kind], [kind], b"\xd0\x70" + get(0) + b"\xfc\x0f\x00")
        grow_memory = module.function([kind], [kind], get(0) + b"\x40\x00")
        # Whatever is written in the memory, or is in the table.
        scan = module.function([], [I64], b"\x03\x40" + get(1) + get(0) +
                               (b"\xad" if wide else b"") + b"\x29\x00\x00\x84\x21\x01" + get(0) +
                               i32(8) + b"\x6a\x22\x00" + i32(PAGE) + b"\x49\x0d\x00\x0b" +
                               get(1), [(1, I32), (1, I64)])
        entry = module.function([kind], [I32], get(0) + b"\x25\x00\xd1")
        script.module(module)
        for number, (_, message) in enumerate(operations):
            size = PAGE if message == MEMORY_TRAP else 10
            for place, length in itertools.product(places, places[1:]):
                if place + length > size:
                    script.traps(number, [kind, kind], [place, length], message)
                    count += 1
        for number, (_, message) in enumerate(inits, len(operations)):
            for place in edges + [PAGE, 10 if message == TABLE_TRAP else PAGE - 3]:
                script.traps(number, [kind, kind], [place, 0], message)
                count += 1
        for edge in edges + [1]:
            minus_one = 2**(64 if wide else 32) - 1
            script.returns(grow_table, [kind], [edge], kind, minus_one)
            script.returns(grow_memory, [kind], [edge], kind, minus_one)
        script.returns(scan, [], [], I64, 0)
        for i in range(10):
            script.returns(entry, [kind], [i], I32, 1)
        count += 2 * len(edges) + 13
    return count


def fill_script(folder):
    """Lengths that are negative as 32-bit numbers, and are all right."""
    with Script(folder, "bulk-2-gib") as script:
        module = Module()
        module.section(5, b"\x01" + uleb(2**15 + 1) * 2)
        module.function([I32, I32, I32], [], get(0) + get(1) + get(2) + b"\xfc\x0b\x00")
        module.function([I32, I32, I32], [], get(0) + get(1) + get(2) + b"\xfc\x0a\x00\x00")
        module.function([I32], [I32], get(0) + b"\x2d\x00\x00")
        script.module(module)
        kinds, half = [I32] * 3, 2**31
        script.lines.append("(assert_return %s)" % script.invoke(0, kinds, [3, 7, half + 1]))
        for place, value in [(2, 0), (3, 7), (half - 1, 7), (half + 3, 7), (half + 4, 0)]:
            script.returns(2, [I32], [place], I32, value)
        script.lines.append("(assert_return %s)" % script.invoke(1, kinds, [5, 2, half + 1]))
        for place, value in [(4, 7), (5, 0), (6, 7), (half + 5, 7), (half + 6, 0)]:
            script.returns(2, [I32], [place], I32, value)
        for operation in [0, 1]:
            script.traps(operation, kinds, [PAGE, 0, half + 1], MEMORY_TRAP)
        script.traps(1, kinds, [0, PAGE, half + 1], MEMORY_TRAP)
        script.returns(2, [I32], [PAGE - 1], I32, 7)


# ---- Signatures that differ, and calls by each ----


def signature_script(folder):
    """Each function called by each type, through a table and by reference."""
    kinds = [I32, I64, F32, F64, V128, FUNCREF, EXTERNREF]
    signatures = [((), r) for r in [()] + [(k,) for k in kinds]]
    signatures += [((k,), ()) for k in kinds] + [(p, ()) for p in itertools.product(kinds[:4],
                                                                                  repeat=2)]
    signatures += [((I32,), (I32, I32)), ((I32, I32), (I32,)), ((I32, I32, I32), ()),
                   ((), (I32, I32)), ((), (I32, I64)), ((), (I64, I32)), ((I32,) * 9, ()),
                   ((I32,) * 10, ()), ((I64,) * 9, ()), ((F32,) * 9, ()), ((F64,) * 9, ())]
    zero = {I32: i32(0), I64: i64(0), F32: b"\x43" + bytes(4), F64: b"\x44" + bytes(8), V128: ZERO,
            FUNCREF: b"\xd0\x70", EXTERNREF: b"\xd0\x6f"}
    count = 0
    for changing in [False, True]:
        with Script(folder, "signatures-%s" % ("table" if changing else "constant-table")) as script:
            module = Module()
            size = len(signatures)
            for params, results in signatures:
                module.function(params, results, b"".join(zero[r] for r in results),
                                exported=False)
            for params, results in signatures:
                body = b"".join(zero[p] for p in params) + get(0) + b"\x11" + uleb(
                    module.type(params, results)) + b"\x00" + b"\x1a" * len(results) + i32(1)
                module.function([I32], [I32], body)
            if changing:
                module.function([I32], [], get(0) + get(0) + b"\x25\x00\x26\x00")
            module.section(4, b"\x70\x00" + uleb(size))
            module.section(9, b"\x00" + i32(0) + b"\x0b" + vector([uleb(i) for i in range(size)]))
            script.module(module)
            for caller, callee in itertools.product(range(size), repeat=2):
                if caller == callee:
                    script.returns(size + caller, [I32], [callee], I32, 1)
                else:
                    script.traps(size + caller, [I32], [callee], "indirect call type mismatch")
                count += 1
    return count


# ---- Null references in constant expressions ----

SUBTYPES = {FUNCREF: {FUNCREF, NOFUNC}, EXTERNREF: {EXTERNREF, NOEXTERN}, EXN: {EXN, NOEXN},
            NOFUNC: {NOFUNC}, NOEXTERN: {NOEXTERN}, NOEXN: {NOEXN}}


def null_script(folder):
    """ref.null of each heap type where each reference type is expected: global, table, segment."""
    count = 0
    with Script(folder, "null-types") as script:
        for expected, given in itertools.product(SUBTYPES, repeat=2):
            expression = b"\xd0" + bytes([given]) + b"\x0b"
            for place in ["global", "table", "segment"]:
                module = Module()
                if place == "global":
                    module.section(6, bytes([expected, 0]) + expression)
                elif place == "table":
                    module.section(4, b"\x40\x00" + bytes([expected]) + b"\x00\x01" + expression)
                else:
                    module.section(9, b"\x05" + bytes([expected]) + vector([expression]))
                if given in SUBTYPES[expected]:
                    script.module(module)
                else:
                    script.invalid(module, "type mismatch")
                count += 1
    return count


# ---- Many of everything in one function or module ----


def many_functions(script, count):
    """As many types, functions and table entries as do not fit in 16 bits. All types are equal but
    some, each of which has a function, is called by itself and by all of the others: indexes in
    which bit 16 alone differs are among them."""
    module = Module()
    own = [0, 1, count - PAGE - 1, count - PAGE, PAGE, PAGE + 1, count - 1]
    params = {index: [I32] * (i + 1) for i, index in enumerate(own)}
    for i in range(count):
        module.types.append(b"\x60" + vector([b"\x7f"] * len(params.get(i, []))) + b"\x01\x7f")
    for i in range(count):
        module.kinds.append(uleb(i))
        code = vector([]) + i32(i) + b"\x0b"
        module.bodies.append(uleb(len(code)) + code)
    callers = {}
    for i in own:
        body = i32(0) * len(params[i]) + get(0) + b"\x11" + uleb(i) + b"\x00"
        callers[i] = module.function([I32], [I32], body)
    module.section(4, b"\x70\x00" + uleb(count))
    module.section(9, b"\x00" + i32(0) + b"\x0b" + vector([uleb(i) for i in range(count)]))
    script.module(module)
    for caller, callee in itertools.product(own, repeat=2):
        if caller == callee:
            script.returns(callers[caller], [I32], [callee], I32, callee)
        else:
            script.traps(callers[caller], [I32], [callee], "indirect call type mismatch")
    script.traps(callers[0], [I32], [count], "undefined element")


def many_script(folder):
    count = 70000
    locals_ = 49990
    with Script(folder, "many-of-all") as script:
        module = Module()
        # f0: each local gets its number plus the parameter, then the last and some others count.
        body = b"".join(get(0) + i32(i) + b"\x6a\x21" + uleb(i) for i in range(1, locals_, 97))
        body += get(1) + b"".join(get(i) + b"\x73" for i in range(98, locals_, 97))
        module.function([I32], [I32], body, [(locals_ - 1, I32)])
        # f1: as many calls of f2, which counts in a global; f3: blocks that end by a branch.
        module.function([], [I32], b"\x10\x02" * count + b"\x23\x00")
        module.function([], [], b"\x23\x00" + i32(1) + b"\x6a\x24\x00")
        module.function([I32], [I32], (b"\x02\x40" + get(0) + b"\x0d\x00\x23\x01" + i32(1) +
                                       b"\x6a\x24\x01\x0b") * count + b"\x23\x01")
        # f4: more values than 2^20, one out of the other.
        module.function([I32], [I32], get(0) + (b"\x20\x00\x73" + i32(1) + b"\x6a") * (2**20 + 5))
        # f5: as many globals as do not fit in 16 bits.
        module.function([], [I32], b"\x23" + uleb(count - 1) + b"\x23" + uleb(count - PAGE) + b"\x6b")
        module.section(6, *[bytes([I32, 1]) + i32(0 if i < 2 else i) + b"\x0b"
                            for i in range(count)])
        script.module(module)
        expected = 0
        for i in range(1, locals_, 97):
            expected ^= i + 5
        script.returns(0, [I32], [5], I32, expected)
        script.returns(1, [], [], I32, count)
        script.returns(3, [I32], [1], I32, 0)
        script.returns(3, [I32], [0], I32, count)
        value = 3
        for _ in range(2**20 + 5):
            value = ((value ^ 3) + 1) & (2**32 - 1)
        script.returns(4, [I32], [3], I32, value)
        script.returns(5, [], [], I32, PAGE - 1)
        many_functions(script, count)


def tries_script(folder):
    """More tries in one function than have landing pads of their own (compiler/lower/exception.c), one after the other
    and in each other."""
    count = 1500
    module = Module()
    add = get(0) + b"\x6a\x21\x00"
    module.function([I32], [], get(0) + b"\x08\x00", exported=False)
    # try_table with catch, to a block that gives the value; what comes behind the call is not reached.
    after = b"\x02\x7f\x1f\x40\x01\x00\x00\x00%s\x10\x00\x0b" + i32(-1) + b"\x0b"
    body = b"".join(after % i32(i) + i32(i % 7 + 1) + b"\x6c" + add for i in range(count))
    module.function([I32], [I32], body + get(0))
    inner = b""
    for i in range(count):
        inner = b"\x02\x7f\x1f\x40\x01\x00\x00\x00" + inner + i32(i) + b"\x10\x00\x0b" + i32(-1) + b"\x0b" + add
    module.function([I32], [I32], inner + get(0))
    module.section(13, b"\x00" + uleb(module.type([I32], [])))
    with Script(folder, "many-tries") as script:
        script.module(module)
        for start in (0, 2**31):
            sequence = start + sum(i * (i % 7 + 1) for i in range(count))
            script.returns(1, [I32], [start], I32, sequence % 2**32)
            script.returns(2, [I32], [start], I32, (start + sum(range(count))) % 2**32)
    return 4


# ---- Jumps over much code ----


def dispatch(module, blocks, entries, stores):
    """br_table of so many entries to so many blocks, each with so many stores in it; the result is
    the block's number."""
    bodies = b""
    for i in range(blocks):
        bodies += b"\x0b" + b"".join(i32(8 * j) + i64(i * 2**33 + j) + b"\x37\x00\x00"
                                     for j in range(stores)) + i32(i) + b"\x0f"
    table = b"\x0e" + vector([uleb(i % blocks) for i in range(entries)]) + uleb(blocks - 1)
    return module.function([I32], [I32], b"\x02\x40" * blocks + get(0) + table + bodies + b"\x00")


def jump_script(folder):
    cases = [(40, PAGE + 64, 0), (4000, PAGE + 64, 0), (2500, 2500, 10), (6000, 6000, 14)]
    with Script(folder, "far-jumps") as script:
        for blocks, entries, stores in cases:
            module = Module()
            module.section(5, b"\x00\x01")
            dispatch(module, blocks, entries, stores)
            script.module(module)
            for index in sorted({0, 1, blocks // 2, blocks - 1, blocks, entries // 2, entries - 1,
                                 entries, PAGE - 1, PAGE, 2**31, 2**32 - 1}):
                expected = index % blocks if index < entries else blocks - 1
                script.returns(0, [I32], [index], I32, expected)
        # An if and a loop around more code than a conditional branch of AArch64 reaches.
        module = Module()
        module.section(5, b"\x00\x01")
        block = b"".join(i32(8 * (i % 1000)) + get(1) + i64(i * 2**32 + i) + b"\x7c\x37\x00\x00"
                         for i in range(45000))
        module.function([I32, I64], [I64], get(0) + b"\x04\x40" + block + b"\x0b" + i32(7992) +
                        b"\x29\x00\x00")
        module.function([I32, I64], [I64], b"\x03\x40" + block + get(0) + i32(1) +
                        b"\x6b\x22\x00\x0d\x00\x0b" + i32(7992) + b"\x29\x00\x00")
        script.module(module)
        last = 44999 * 2**32 + 44999
        script.returns(0, [I32, I64], [0, 5], I64, 0)
        script.returns(0, [I32, I64], [1, 5], I64, last + 5)
        script.returns(1, [I32, I64], [3, 6], I64, last + 6)


def main():
    folder, large = sys.argv[1:3]
    os.makedirs(folder, exist_ok=True)
    os.makedirs(large, exist_ok=True)
    checks = sum(address_script(folder, memory) for memory in MEMORIES)
    checks += narrow_script(folder) + part_script(folder)
    checks += bulk_script(folder, False) + bulk_script(folder, True)
    checks += signature_script(folder) + null_script(folder) + tries_script(folder)
    many_script(large)
    jump_script(large)
    fill_script(large)
    print("%d checks, and those of what is large" % checks)


if __name__ == "__main__":
    main()

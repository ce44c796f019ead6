"""Random loop nests as WebAssembly, for loops.py.

A module holds many functions, each with what comes before and after it: `s0` fills the memory and
sets the globals that the function takes its addresses and bounds from, `f0` loops, `h0` gives a hash
of the memory and the globals. A function is made of its seed alone, whatever module it is in.

Code is bytes, and nodes with lists of code in them, which loops.py takes apart to find the smallest
function that still shows a fault.
"""

import sys
from pathlib import Path
from random import Random

sys.path.insert(0, str(Path(__file__).parent.parent / "scripts"))
sys.dont_write_bytecode = True
from encoding import F32, F64, I32, I64, V128, get, i32, i64, name, put, section, uleb, vector  # noqa: E402

PAGE = 65536
PATTERN = 4096
TYPES = [I32, I64, F32, F64, V128]
WRAP = 2**32

# Locals: base addresses, bounds, induction variables, counters, accumulators, a temporary, and
# pointers that loops move.
P, N, I, C = (0, 1, 2, 3), (4, 5, 6), (7, 8, 9), (10, 11, 12)
X, Y, T, Q = 13, 14, 15, (16, 17)
ACCUMULATOR = {I32: X, I64: 18, F32: 19, F64: 20, V128: 21}
RUNS = [(18, I32), (1, I64), (1, F32), (1, F64), (1, V128)]
# Globals: the same bases and bounds, two values, and what functions leave.
INPUTS = [*P, *N, X, Y]
RESULTS = {I32: 9, I64: 10, F32: 11, F64: 12}
EXTRA = 13

# Opcode and width of each access, by type.
LOADS = {
    I32: [(0x28, 4), (0x2C, 1), (0x2D, 1), (0x2E, 2), (0x2F, 2), (0x28, 4)],
    I64: [(0x29, 8), (0x30, 1), (0x31, 1), (0x32, 2), (0x33, 2), (0x34, 4), (0x35, 4), (0x29, 8)],
    V128: [(0, 16)] * 8 + [(n, 8) for n in range(1, 7)] + [(7, 1), (8, 2), (9, 4), (10, 8), (0x5C, 4), (0x5D, 8)],
}
STORES = {
    I32: [(0x36, 4), (0x3A, 1), (0x3B, 2)],
    I64: [(0x37, 8), (0x3C, 1), (0x3D, 2), (0x3E, 4)],
    F32: [(0x38, 4)],
    F64: [(0x39, 8)],
    V128: [(0x0B, 16)] * 3 + [(0x58, 1), (0x59, 2), (0x5A, 4), (0x5B, 8)],
}
LANES = {0x54: 16, 0x55: 8, 0x56: 4, 0x57: 2, 0x58: 16, 0x59: 8, 0x5A: 4, 0x5B: 2}
ARITHMETIC = {
    I32: [0x6A, 0x6B, 0x6C, 0x71, 0x72, 0x73, 0x74, 0x75, 0x76, 0x77],
    I64: [0x7C, 0x7D, 0x7E, 0x83, 0x84, 0x85, 0x86, 0x87, 0x88, 0x89],
}
LESS = {I32: [0x48, 0x49, 0x4A, 0x4B], I64: [0x53, 0x54, 0x55, 0x56]}
ADD = {I32: b"\x6a", I64: b"\x7c", F32: b"\x92", F64: b"\xa0", V128: b"\xfd\xae\x01"}
# Lanes of 8, 16, 32 and 64 bits: add, sub, mul, minima and maxima, bits, narrowing, shuffles.
VECTOR_BINARY = [0x6E, 0x71, 0x8E, 0x91, 0x95, 0xAE, 0xB1, 0xB5, 0xB6, 0xB9, 0xCE, 0xD1, 0x4E, 0x50, 0x51, 0x76, 0x96,
                 0x77, 0x65, 0x85, 0xBA]  # fmt: skip
VECTOR_UNARY = [0x4D, 0x60, 0x62, 0x80, 0xA0, 0xA1, 0xA7, 0xA8, 0xC7, 0xC9, 0x7C, 0x7E, 0x89, 0xA9]
# Of two equal operands, what these give does not depend on them.
CANCELS = {
    I32: [b"\x6b", b"\x73", b"\x46", b"\x47", b"\x48", b"\x4f"],
    I64: [b"\x7d", b"\x85"],
    V128: [b"\xfd\x51", b"\xfd\xb1\x01", b"\xfd\x23", b"\xfd\x71"],
}


def op(number):
    """A vector instruction."""
    return b"\xfd" + uleb(number)


class Block:
    """Code with other code in it: a loop, or an if, whose second way may be empty."""

    def __init__(self, head, body, tail, middle=None, other=()):
        self.head, self.body, self.tail, self.middle, self.other = head, body, tail, middle, other

    def encode(self):
        other = self.middle + encode(self.other, self.head[:0]) if self.other else self.head[:0]
        return self.head + encode(self.body, self.head[:0]) + other + self.tail


def encode(nodes, nothing=b""):
    return nothing.join(node.encode() if isinstance(node, Block) else node for node in nodes)


class Function:
    """What is made for a seed: `nodes`, and the values of the globals that it takes."""

    def __init__(self, seed, memory):
        self.r = Random(f"loops {seed}")
        self.memory = memory
        self.loops = []  # around what is made: (variable, bytes that an iteration moves by, unrolled by)
        self.shift = 0  # which of the copies of an unrolled body is made
        self.nodes = []
        self.neighbours = self.r.random() < 0.1  # nothing but stores, each with a load beside it
        self.values = [self.base() for _ in P] + [None for _ in N]
        self.values += [self.r.randrange(WRAP), self.r.choice([0, 1, self.r.randrange(WRAP)])]
        self.alias()
        self.pointers = 0
        r = self.r
        self.fixed = [p for p in P if r.random() < 0.1]
        self.simple = r.random() < 0.5  # what a vectoriser likes
        self.reads = not self.neighbours and r.random() < 0.05  # no stores, and indices of few bits
        # Unrolled as clang does it, where a vectoriser likes it. (From another number, so that other seeds keep theirs.)
        self.unrolls = not self.neighbours and not self.reads and Random(f"unrolls {seed}").random() < 0.25
        self.simple |= self.unrolls
        for _ in range(r.choice([1, 1, 1, 2])):
            self.nodes += self.statements(r.choice([0, 0, 1, 2]))
            self.nodes.append(self.loop(r.choice([1, 1, 1, 2, 2, 3])))
            self.nodes += self.statements(r.choice([0, 0, 0, 1]))

    # ---- Where streams lie ----

    def base(self):
        r, end = self.r, self.memory.pages * PAGE
        where = r.random()
        if where < 0.4 or self.neighbours and where < 0.8:
            return (end - r.randrange(r.choice([40, 300, 1500, 6000]))) % WRAP
        if where < 0.65:
            return r.randrange(r.choice([40, 3000]))
        if where < 0.73:
            return WRAP - r.randrange(1, 300)
        if where < 0.78 and end > 2**31:
            return 2**31 - r.randrange(-40, 300)
        return r.choice(self.memory.windows()) + r.randrange(PAGE - 8000)

    def alias(self):
        """Some streams overlap others, by less than a vector or by more."""
        r = self.r
        for i in range(1, len(P)):
            if r.random() < 0.25:
                distance = r.choice([0, 0, r.randrange(-40, 41), r.choice([-16, -8, -4, -1, 1, 4, 8, 16, 32])])
                self.values[i] = (self.values[r.randrange(i)] + distance) % WRAP

    # ---- Addresses ----

    def linear(self, size):
        """A number of bytes that grows with a loop: code, and what a copy of an unrolled body adds."""
        r = self.r
        variable, step, unrolled = self.loops[-1] if r.random() < 0.9 else r.choice(self.loops)
        one = unrolled if self.unrolls else 1
        scale = size if step in (one, -one) else r.choice([1, 1, size])
        if not self.simple:
            scale = r.choice([scale] * 10 + [1, -scale, 2 * scale, 3 * scale])
        code = get(variable)
        if scale & (scale - 1) == 0 and scale > 1 and r.random() < 0.6:
            code += i32(scale.bit_length() - 1) + b"\x74"
        elif scale != 1:
            code += i32(scale) + b"\x6c"
        change = 1 if self.simple else r.random()
        if change < 0.03 or self.reads and r.random() < 0.3:
            code += i32(r.choice([7, 63, 255, 0xFFF0])) + b"\x71"
        elif change < 0.05:
            code += i32(r.randrange(64)) + b"\x73"
        return code, self.shift * step * scale // max(unrolled, 1)

    def address(self, size):
        """The code of an address, and the offset of the access."""
        r = self.r
        p = r.choice(P)
        base = i32(self.values[p]) if p in self.fixed else get(p)
        offset = r.choice([0, 0, 0, r.randrange(64), r.randrange(0, 64, size)])
        if r.random() < 0.01:
            offset = r.choice([PAGE - 8, 2**31 - 4, WRAP - 16])
        if self.pointers and r.random() < 0.3:
            return get(Q[r.randrange(self.pointers)]), offset + self.shift * size
        if not self.loops or r.random() < (0.03 if self.simple else 0.1):
            return base, offset
        if not self.simple and r.random() < 0.06:
            index = get(r.choice(P)) + self.linear(1)[0] + b"\x6a" + self.access(r.choice([0x2C, 0x2D, 0x2F]), 0)
            return base + index + i32(size) + b"\x6c\x6a", offset
        code, more = self.linear(size)
        if len(self.loops) > 1 and r.random() < 0.4:
            row = r.choice([size, 16, 64, 100, 256])
            code = get(self.loops[-2][0]) + i32(row) + b"\x6c" + code + b"\x6a"
        if 0 <= more and r.random() < 0.6:
            return r.choice([base + code, code + base]) + b"\x6a", offset + more
        if r.random() < 0.5:
            return base + code + i32(more) + b"\x6a\x6a", offset
        return code + base + b"\x6a" + i32(more) + b"\x6a", offset

    def access(self, opcode, offset, is_vector=False):
        memarg = b"\x40" + uleb(self.memory.index) if self.memory.index else b"\x00"
        lane = bytes([self.r.randrange(LANES[opcode])]) if is_vector and opcode in LANES else b""
        return (op(opcode) if is_vector else bytes([opcode])) + memarg + uleb(offset % WRAP) + lane

    # ---- Values ----

    def load(self, kind, opcode=None, size=None):
        if opcode is None:
            opcode, size = self.r.choice(LOADS[kind])
        code, offset = self.address(size)
        return code + self.access(opcode, offset, kind == V128)

    def cancelled(self, kind):
        """A load whose value does not matter in the end."""
        r = self.r
        load = self.load(kind)
        if kind != V128 and r.random() < 0.3:
            zero = i32(0) if kind == I32 else i64(0)
            return load + zero + r.choice([b"\x71", b"\x6c"] if kind == I32 else [b"\x83", b"\x7e"])
        other = load
        if r.random() < 0.7:
            load, other = self.twins(kind)
        return load + other + r.choice(CANCELS[kind])

    def twins(self, kind):
        """Two loads of one place: sums of the same numbers in another order, with a constant in the sum or in the offset."""
        r = self.r
        opcode, size = r.choice(LOADS[kind])
        code, offset = self.address(size)
        if r.random() < 0.5:  # does not wrap, and LLVM can tell
            code += i32((2**17 if self.memory.pages == 1 else 2**31) - r.choice([1, 8, 64])) + b"\x71"
        constant = r.choice([4, 8, 16, r.randrange(400)])
        rest = [get(v) + i32(r.choice([15, 255])) + b"\x71" for v in (X, Y)]
        loads = []
        for inside in (r.random() < 0.5, r.random() < 0.5):
            terms = [code, *rest] + [i32(constant)] * inside
            r.shuffle(terms)
            while len(terms) > 1:
                i = r.randrange(len(terms) - 1)
                terms[i : i + 2] = [terms[i] + terms[i + 1] + b"\x6a"]
            loads.append(terms[0] + self.access(opcode, offset + constant * (not inside), kind == V128))
        return loads

    def atom(self, kind):
        r = self.r
        variable = get(r.choice([X, Y, T] + [v for v, _, _ in self.loops] * 2))
        number = r.choice([0, 1, 3, 255, r.randrange(WRAP)])
        if kind == I32:
            return r.choice([variable, i32(number)])
        if kind == I64:
            return r.choice([get(ACCUMULATOR[I64]), variable + b"\xad", i64(number)])
        if kind == V128:
            return r.choice([get(ACCUMULATOR[V128]), variable + op(r.choice([0x0F, 0x10, 0x11]))])
        return variable + (b"\xb2" if kind == F32 else b"\xb7")

    def value(self, kind, depth=2):
        r = self.r
        if self.simple:
            return self.simple_value(kind)
        if depth == 0 or r.random() < 0.2:
            return self.atom(kind)
        if kind in (F32, F64):
            return self.float(kind, depth)
        choice = r.random()
        if choice < 0.45:
            return self.load(kind)
        if choice < 0.52:
            return self.cancelled(kind)
        if choice < 0.58:
            other = self.value(kind, depth - 1)
            return self.value(kind, depth - 1) + other + self.condition(depth - 1) + b"\x1b"
        if kind == V128:
            return self.vector(depth)
        if choice < 0.64:
            inner = self.value(I64 if kind == I32 else I32, depth - 1)
            return inner + (b"\xa7" if kind == I32 else r.choice([b"\xac", b"\xad"]))
        if choice < 0.68:
            return self.lane(kind, depth)
        return self.value(kind, depth - 1) + self.value(kind, depth - 1) + bytes([r.choice(ARITHMETIC[kind])])

    def simple_value(self, kind):
        r = self.r
        if kind in (F32, F64):
            return self.load(I32, 0x28, 4) + (b"\xb2" if kind == F32 else b"\xb7")
        value = self.load(kind) if r.random() < 0.8 else self.atom(kind)
        if r.random() < 0.5:
            other = self.load(kind) if r.random() < 0.5 else self.atom(kind)
            value += other + (ADD[kind] if kind == V128 else bytes([r.choice(ARITHMETIC[kind][:6])]))
        return value

    def float(self, kind, depth):
        """Of integers only: a NaN's bits may differ between engines."""
        from_integer = self.value(I32, depth - 1) + (b"\xb2" if kind == F32 else b"\xb7")
        if self.r.random() < 0.5:
            return from_integer
        return from_integer + self.atom(kind) + ADD[kind]

    def lane(self, kind, depth):
        """One lane of a vector, of which only that one matters."""
        r = self.r
        if kind == I64:
            return self.value(V128, depth - 1) + op(0x1D) + bytes([r.randrange(2)])
        extract, lanes = r.choice([(0x15, 16), (0x19, 8), (0x1B, 4)])
        return self.value(V128, depth - 1) + op(extract) + bytes([r.randrange(lanes)])

    def vector(self, depth):
        r = self.r
        choice = r.random()
        if choice < 0.15:
            return self.value(V128, depth - 1) + op(r.choice(VECTOR_UNARY))
        if choice < 0.25:
            lanes = bytes(r.randrange(32) for _ in range(16))
            if r.random() < 0.5:
                first = 8 * r.randrange(4)
                lanes = bytes(first + i % 8 for i in range(16))
            return self.value(V128, depth - 1) + self.value(V128, depth - 1) + op(0x0D) + lanes
        if choice < 0.33:
            opcode, size = r.choice([(0x54, 1), (0x55, 2), (0x56, 4), (0x57, 8)])
            code, offset = self.address(size)
            return code + self.value(V128, depth - 1) + self.access(opcode, offset, True)
        if choice < 0.4:
            shift = r.choice([0x6B, 0x6C, 0x6D, 0x8B, 0x8D, 0xAB, 0xAD, 0xCB, 0xCD])
            return self.value(V128, depth - 1) + self.atom(I32) + op(shift)
        return self.value(V128, depth - 1) + self.value(V128, depth - 1) + op(r.choice(VECTOR_BINARY))

    def condition(self, depth=1):
        r = self.r
        choice = r.random()
        if depth == 1 and r.random() < 0.15:  # an engine may make two branches of it
            return self.comparison(1) + self.comparison(1) + r.choice([b"\x71", b"\x72"])
        if choice < 0.4:
            return self.value(I32, depth) + i32(r.choice([1, 1, 3, 128])) + b"\x71"
        return self.comparison(depth)

    def comparison(self, depth):
        kind = self.r.choice([I32, I32, I64])
        return self.value(kind, depth) + self.value(kind, depth) + bytes([self.r.choice(LESS[kind])])

    # ---- Statements ----

    def store(self, kind=None):
        r = self.r
        kind = kind or r.choice([I32, I32, I32, I64, I64, F32, F64] + [V128] * (1 if self.simple else 3))
        opcode, size = r.choice(STORES[kind])
        code, offset = self.address(size)
        value = self.value(kind)
        if kind in (F32, F64) and r.random() < 0.5:
            value = self.load(kind, 0x2A if kind == F32 else 0x2B, size)
        return code + value + self.access(opcode, offset, kind == V128)

    def reduce(self):
        r = self.r
        kind = r.choice([I32, I32, I64, V128, F32, F64])
        into = ACCUMULATOR[kind]
        value = self.value(kind)
        if kind in LESS and r.random() < 0.25:
            less = bytes([r.choice(LESS[kind])])
            return value + put(T) + self.smaller(T, less) if kind == I32 else value + get(into) + b"\x85" + put(into)
        if kind in ARITHMETIC and r.random() < 0.4:
            return get(into) + value + bytes([r.choice(ARITHMETIC[kind][:6])]) + put(into)
        return get(into) + value + ADD[kind] + put(into)

    def smaller(self, other, less):
        return get(X) + get(other) + get(X) + get(other) + less + b"\x1b" + put(X)

    def keep(self):
        return self.load(I32) + put(T)

    def element(self):
        """An element is computed from others of its size, and from what it was."""
        r = self.r
        kind, load, store, size = r.choice([(I32, 0x28, 0x36, 4), (I32, 0x2F, 0x3B, 2), (I32, 0x2D, 0x3A, 1),
                                            (I64, 0x29, 0x37, 8), (F32, 0x2A, 0x38, 4), (F64, 0x2B, 0x39, 8)])  # fmt: skip
        code, offset = self.address(size)
        distance = r.choice([0, 0, 0, 2, 4]) * size
        old = code + self.access(load, offset)
        is_updated = distance != 0 or r.random() < 0.5
        if kind in (F32, F64):
            # Of two NaNs either may give the sum its bits.
            value = (old if is_updated else self.load(kind, load, size)) + self.atom(kind) + ADD[kind]
            return code + value, self.access(store, (offset + distance) % WRAP)
        value = self.load(kind, load, size)
        if r.random() < 0.7:
            value += self.load(kind, load, size) + ADD[kind]
        if is_updated:
            value = old + value + ADD[kind]
        return code + value, self.access(store, (offset + distance) % WRAP)

    def in_place(self):
        """An element is computed from what it was."""
        r = self.r
        kind, load, store, size = r.choice([(I32, 0x28, 0x36, 4), (I32, 0x2F, 0x3B, 2), (I64, 0x29, 0x37, 8)])
        code, offset = self.address(size)
        value = code + self.access(load, offset) + self.value(kind, 1) + bytes([r.choice(ARITHMETIC[kind][:6])])
        return code + value + self.access(store, offset)

    def again(self):
        """A value is stored where it was read, or a place is written twice with an access between."""
        r = self.r
        choice = r.random()
        if choice < 0.6:
            return self.in_place() if choice < 0.4 else self.around()
        opcode, size = r.choice(STORES[I32])
        code, offset = self.address(size)
        store = self.access(opcode, offset)
        if r.random() < 0.4:
            load = self.access({4: 0x28, 2: 0x2F, 1: 0x2D}[size], offset)
            return code + code + load + store
        between = self.load(I32) + put(T) if r.random() < 0.5 else self.store(I32)
        return code + self.value(I32, 1) + store + between + code + self.value(I32, 1) + store

    def beside(self):
        """A store, and a load further on from the same place, which an engine may do first: in the block, or out of
        the loop when the place is the same in every iteration."""
        r = self.r
        choice = r.random()
        if choice < 0.7:
            return self.halves() if choice < 0.5 else r.choice([self.around, self.late])()
        access = [(I32, 0x28, 0x36, 4), (I64, 0x29, 0x37, 8), (I32, 0x2F, 0x3B, 2)]
        kind, load, store, size = r.choice(access)
        code, offset = self.address(size) if r.random() < 0.5 else (get(r.choice(P)), r.randrange(0, 64, 4))
        further = offset + size * r.choice([1, 1, 1, 2, 4, 16])
        if r.random() < 0.2:
            offset, further = further, offset
        read = code + self.access(load, further)
        operation = bytes([r.choice(ARITHMETIC[kind][:6])])
        stored = code + self.value(kind, 1) + self.access(store, offset)
        if r.random() < 0.5:
            return stored + get(ACCUMULATOR[kind]) + read + operation + put(ACCUMULATOR[kind])
        return stored + code + read + self.atom(kind) + operation + self.access(store, further)

    def late(self):
        """A load whose value is needed only behind a store to a place at a constant distance: an engine may do it there."""
        r = self.r
        code, offset = self.address(4) if r.random() < 0.5 else (get(r.choice(P)), r.randrange(0, 64, 4))
        further = offset + r.choice([4, 4, 8, 16, 64, 200])
        read = code + self.access(0x28, further) + put(T)
        stored = code + self.value(I32, 1) + self.access(0x36, offset)
        return read + stored + get(X) + get(T) + bytes([r.choice(ARITHMETIC[I32][:6])]) + put(X)

    def halves(self):
        """An element is updated of which half matters; the next copy of an unrolled body updates the one beside it."""
        r = self.r
        code, offset = self.address(8)
        half = self.access(0x29, offset) + b"\xa7"
        value = self.load(I64, 0x29, 8) + b"\xa7" + code + half + bytes([r.choice(ARITHMETIC[I32][:6])])
        return code + value + b"\xad" + self.access(0x37, offset)

    def around(self):
        """Two accesses at constant distances from one number, of which either may have wrapped at 2^32."""
        r = self.r
        high = [p for p in P if self.values[p] >= WRAP - 300]
        base, near = get(r.choice(high or P)), r.randrange(400)
        far = near + r.randrange(1, 300) * r.choice([-1, 1, 1])
        opcode, size = r.choice(LOADS[I32])
        first, second = (get(X) + base + i32(place) + b"\x6a" + self.access(opcode, 0) + b"\x6a" + put(X)
                         for place in (near, far))  # fmt: skip
        choice = r.random()
        if choice < 0.3:
            return self.condition() + b"\x04\x40" + first + b"\x0b" + second
        return first + second if choice < 0.6 else second + self.store(I32) + first

    def swap(self):
        r = self.r
        size = r.choice([1, 4])
        load, store = {4: (0x28, 0x36), 1: (0x2D, 0x3A)}[size]
        (a, i), (b, k) = self.address(size), self.address(size)
        swapped = a + b + self.access(load, k) + self.access(store, i) + b + get(T) + self.access(store, k)
        return a + self.access(load, i) + put(T) + swapped

    def rare(self):
        r = self.r
        choice = r.randrange(4)
        if choice == 0:
            code = b"\x23" + uleb(EXTRA) + self.value(I32) + bytes([r.choice([0x6A, 0x73])])
            return code + b"\x24" + uleb(EXTRA)
        if choice == 1:
            return get(X) + i32(1000) + self.value(I32) + i32(63) + b"\x71" + r.choice([b"\x6d\x6a", b"\x70\x6a"]) + put(X)
        memory = uleb(self.memory.index)
        size = i32(r.choice([1, 3, 4, 8, 15, 16, 64, 300]))
        if choice == 2:
            return self.address(1)[0] + self.atom(I32) + size + b"\xfc\x0b" + memory
        return self.address(1)[0] + self.address(1)[0] + size + b"\xfc\x0a" + memory + memory

    def branch(self):
        r = self.r
        if r.random() < 0.4:  # a load is needed on one way only, but traps on both
            head = self.load(I32) + put(Y) + self.condition() + b"\x04\x40"
            if r.random() < 0.5:
                return Block(head, [self.store(), self.load(I32) + put(Y)], b"\x0b" + get(X) + get(Y) + b"\x6a" + put(X))
            code, offset = self.address(4)
            return Block(head, [code + get(Y) + self.access(0x36, offset)], b"\x0b")
        body = [r.choice([self.store, self.store, self.reduce])() for _ in range(r.choice([1, 1, 2]))]
        other = [r.choice([self.store, self.reduce])()] if r.random() < 0.3 else []
        return Block(self.condition() + b"\x04\x40", body, b"\x0b", b"\x05", other)

    def statement(self):
        if self.neighbours or self.reads:
            return self.beside() if self.neighbours else self.reduce()
        choice = self.r.random()
        if self.simple and choice < 0.9:
            return self.store() if choice < 0.65 else self.reduce()
        for limit, make in [(0.42, self.store), (0.68, self.reduce), (0.76, self.again), (0.82, self.keep),
                            (0.92, self.branch), (0.96, self.swap)]:  # fmt: skip
            if choice < limit:
                return make()
        return self.rare()

    def statements(self, count):
        return [self.statement() for _ in range(count)]

    # ---- Loops ----

    def copies(self, count, unrolled):
        """What a body does, for each copy of an unrolled one, in an order that clang would choose or not."""
        r = self.r
        seeds = [r.random() for _ in range(count)]
        if self.unrolls:
            return self.copies_in_order(seeds, unrolled)
        made = []
        for k in range(unrolled):
            for number, seed in enumerate(seeds):
                self.r, self.shift = Random(seed), k
                made.append((number, k, self.statement()))
        self.r, self.shift = r, 0
        order = r.random()
        if order < 0.3:
            made.sort(key=lambda one: (one[0], one[1]))
        elif order < 0.4:
            made.reverse()
        elif order < 0.55:
            r.shuffle(made)
        return [one[2] for one in made]

    def copies_in_order(self, seeds, unrolled):
        """One after the other; sometimes one of them is not what it should be, in its place or in what it does."""
        r = self.r
        odd = r.randrange(unrolled) if r.random() < 0.3 else None
        move, other = r.choice([(0, 0.5), (1, 0), (-1, 0)])
        loads_first = r.random() < 0.2
        made, stores = [], []
        for k in range(unrolled):
            for seed in seeds:
                self.r, self.shift = Random(seed + (other if k == odd else 0)), k + (move if k == odd else 0)
                if not loads_first and self.r.random() < 0.3:
                    made.append(self.statement())
                    continue
                value, store = self.element()
                made.append(value if loads_first else value + store)
                stores.append(store)
        self.r, self.shift = r, 0
        # What is to be stored lies on the stack, the first copy's on top.
        return [b"".join(made[::-1] + stores)] if loads_first else made

    def counts(self, variable, step, trip, level):
        """How a loop counts: what comes before it, at its head and at its end."""
        r = self.r
        start = r.choice([0, 0, 0, 0, r.randrange(40), WRAP - r.randrange(100)])
        down = r.random() < 0.15  # another variable counts down to zero
        last = (start + step * trip) % WRAP
        bound = trip if down else last
        is_constant = r.random() < 0.35 or self.values[4 + level] is not None  # of a loop before
        if not is_constant:
            self.values[4 + level] = bound
        end = i32(bound) if is_constant else get(N[level])
        begin = i32(start) + put(variable)
        move = get(variable) + i32(step) + b"\x6a"
        if down:
            less = get(C[level]) + i32(1) + b"\x6b\x22" + uleb(C[level]) + b"\x0d\x00"
            return begin + end + put(C[level]), b"", move + put(variable) + less
        fits = start + step * trip in range(WRAP)
        if fits and r.random() < 0.25:  # tested at its head
            test = get(variable) + end + (b"\x4f" if step > 0 else b"\x4d") + b"\x0d\x01"
            return begin, test, move + put(variable) + b"\x0c\x00"
        ordered = b"\x49" if step > 0 else b"\x4b"
        if max(start, last) < 2**31 and r.random() < 0.5:
            ordered = b"\x48" if step > 0 else b"\x4a"
        compare = ordered if fits and r.random() < 0.5 else b"\x47"
        return begin, b"", move + b"\x22" + uleb(variable) + end + compare + b"\x0d\x00"

    def endless(self, level):
        """Its bound is passed over: by steps that do not meet it, or because the number wraps first. So it ends where the
        memory does."""
        r = self.r
        variable, step, trip = I[level], r.choice([2, 3, 4, 8, 16]), r.choice([5, 20, 100, 1000])
        by_pointer = r.random() < 0.3  # which moves by one, while an odd step meets the bound only after billions
        step = r.choice([3, 5, 7]) if by_pointer else step
        if by_pointer or r.random() < 0.5:
            start, compare = r.randrange(40), b"\x47"
            bound = start + step * trip + r.randrange(1, step)
        else:
            end, compare = r.choice([(WRAP, b"\x49"), (2**31, b"\x48")])
            bound = end - r.randrange(1, step)
            start = bound - step * trip - r.randrange(step)
        address = get(variable) + i32(r.randrange(PAGE // 2) - start) + b"\x6a"
        opcode, size = r.choice(STORES[I32])
        begin, move = i32(start) + put(variable), b""
        if by_pointer:
            opcode, size, address = 0x3A, 1, get(Q[0])
            begin += i32(r.randrange(PAGE // 2)) + put(Q[0])
            move = address + i32(1) + b"\x6a" + put(Q[0])
        body = [address + self.atom(I32) + self.access(opcode, r.randrange(0, 64, size))]
        if r.random() < 0.5:
            body.append(get(X) + address + self.access(0x28, r.randrange(64)) + b"\x6a" + put(X))
        if self.values[4 + level] is None and r.random() < 0.7:
            self.values[4 + level] = bound
        end = get(N[level]) if self.values[4 + level] == bound else i32(bound)
        tail = move + get(variable) + i32(step) + b"\x6a\x22" + uleb(variable) + end + compare + b"\x0d\x00\x0b\x0b"
        return Block(begin + b"\x02\x40\x03\x40", body, tail)

    def vectors(self, level):
        """One vector of a stream after the other is made of those of another, which may be the same or overlap it, and
        is stored in its place or further on. The bound may be passed over."""
        r = self.r
        variable, (p, q), count = I[level], r.sample(P, 2), r.choice([1, 1, 2])
        if r.random() < 0.15:
            q = p
        elif r.random() < 0.8:
            self.values[q] = (self.values[p] + r.choice([-48, -32, -24, -16, -8, -4, 0, 0, 0, 4, 8, 16, 24, 32, 48])) % WRAP
        step, start, compare = 16 * count, r.choice([0, 0, 16, 64]), r.choice([b"\x47", b"\x47", b"\x49"])
        length, ahead = step * r.choice([4, 9, 30, 100]), r.choice([0, 0, 8, 16, 16, 32])
        bound = start + length
        if self.memory.pages <= 3 and r.random() < 0.3:
            bound += r.randrange(1, step)
            if compare == b"\x49":  # it wraps first
                bound = WRAP - r.randrange(1, step // 2)
                start = bound - length - r.randrange(step // 2)
        place = get(variable) + (i32(-start % WRAP) + b"\x6a" if start > PAGE else b"") + b"\x6a"
        to, source = (get(base) + place for base in (p, q))
        body = []
        for i in r.sample(range(count), count):
            value = source + self.access(0, 16 * i, True)
            value += get(ACCUMULATOR[V128]) if r.random() < 0.5 else to + self.access(0, 16 * i, True)
            stored = value + op(r.choice([0xAE, 0x6E, 0x51])) + self.access(0x0B, 16 * i + ahead, True)
            body.append(to + stored)
        if self.values[4 + level] is None and r.random() < 0.7:
            self.values[4 + level] = bound
        end = get(N[level]) if self.values[4 + level] == bound else i32(bound)
        tail = get(variable) + i32(step) + b"\x6a\x22" + uleb(variable) + end + compare + b"\x0d\x00\x0b\x0b"
        return Block(i32(start) + put(variable) + b"\x02\x40\x03\x40", body, tail)

    def loop(self, depth, budget=3000):
        r = self.r
        level = len(self.loops)
        if depth == 1 and r.random() < 0.05:
            return self.vectors(level)
        if depth == 1 and self.memory.pages <= 3 and r.random() < 0.05:
            return self.endless(level)
        few = [1, 2, 3, 4, 5, 8, 12]
        many = few + [7, 16, 17, 31, 32, 33, 64, 100, 128, 255, 256, 600, 1000, 3000]
        trip = min(r.choice(few if depth > 1 else many), budget)
        unrolled = r.choice([1, 1, 1, 2, 3, 4, 8]) if depth == 1 and not self.simple else 1
        if depth == 1 and self.neighbours:
            unrolled = r.choice([2, 3, 4, 8])
        if depth == 1 and self.unrolls:
            unrolled, trip = r.choice([2, 2, 2, 3, 4, 4, 5, 8]), min(r.choice([5, 12, 13, 16, 31, 40, 100]), budget)
        step = unrolled * r.choice([1, 1, 1, 1, 2, 4, 8, 16, -1, -1, -4, -16])
        variable = I[level]
        before, head, tail = self.counts(variable, step, trip, level)
        self.loops.append((variable, step, unrolled))
        moved = 0
        if depth == 1 and r.random() < 0.25:
            moved = self.pointers = r.choice([1, 2])
            for q in Q[:moved]:
                stride = unrolled * r.choice([1, 2, 4, 8, 16, -1, -4, -16])
                before += get(r.choice(P)) + put(q)
                tail = get(q) + i32(stride) + b"\x6a" + put(q) + tail
        body = self.copies(r.choice([1, 1, 2, 2, 3]), unrolled)
        if depth > 1:
            body.insert(r.randrange(len(body) + 1), self.loop(depth - 1, budget // trip))
        elif r.random() < 0.05:  # another way out
            body.insert(r.randrange(len(body) + 1), self.condition() + b"\x0d\x01")
        self.pointers = 0
        self.loops.pop()
        return Block(before + b"\x02\x40\x03\x40" + head, body, tail + b"\x0b\x0b")


# ---- Modules ----


class Memory:
    """The memory that a module's functions use. Another one comes first when its index is 1."""

    def __init__(self, seed):
        r = Random(f"memory {seed}")
        self.pages = r.choice([1] * 10 + [2, 3, 32769, 65535, 65536, 65536])
        self.shared = r.random() < 0.2
        self.most = r.choice([self.pages, self.pages, self.pages + 1, None])
        if self.shared and self.most is None:
            self.most = self.pages
        if self.most:
            self.most = min(self.most, 65536)
        self.index = int(r.random() < 0.15)

    def windows(self):
        """Pages that are filled and hashed: all of them, or first, last and middle ones."""
        if self.pages <= 3:
            return [page * PAGE for page in range(self.pages)]
        end = self.pages * PAGE
        middle = [2**31 - PAGE // 2] if end >= 2**31 + PAGE else []
        return [0, *middle, end - PAGE]

    def section(self):
        flags = (self.most is not None) + 2 * self.shared
        limits = bytes([flags]) + uleb(self.pages) + (uleb(self.most) if self.most else b"")
        return vector([b"\x01\x01\x01"] * self.index + [limits])


def fill(memory):
    index = uleb(memory.index)
    code = b""
    for start in memory.windows():
        code += i32(start) + i32(0) + i32(PATTERN) + b"\xfc\x08\x00" + index
        size = PATTERN
        while size < PAGE:
            code += i32(start + size) + i32(start) + i32(size) + b"\xfc\x0a" + index + index
            size *= 2
    return code


def hash_window(memory):
    """A function of a window's start and end and a hash so far."""
    memarg = (b"\x40" + uleb(memory.index) if memory.index else b"\x00") + b"\x00"
    step = get(2) + get(0) + b"\x29" + memarg + b"\x85" + i64(0x100000001B3) + b"\x7e" + i64(29) + b"\x89" + put(2)
    move = get(0) + i32(8) + b"\x6a\x22\x00" + get(1) + b"\x47\x0d\x00"
    return b"\x03\x40" + step + move + b"\x0b" + get(2)


def set_globals(function, fill_function):
    sets = b"".join(i32(value or 0) + b"\x24" + uleb(i) for i, value in enumerate(function.values))
    for kind, number in RESULTS.items():
        zero = {I32: i32(0), I64: i64(0), F32: b"\x43" + bytes(4), F64: b"\x44" + bytes(8)}[kind]
        sets += zero + b"\x24" + uleb(number)
    return sets + i32(0) + b"\x24" + uleb(EXTRA) + b"\x10" + uleb(fill_function)


def take_hash(memory, hash_function):
    code = i64(0)
    for start in memory.windows():
        code = i32(start) + i32(start + PAGE) + code + b"\x10" + uleb(hash_function)
    for number, to_i64 in [(9, b"\xad"), (10, b""), (11, b"\xbc\xad"), (12, b"\xbd"), (EXTRA, b"\xad")]:
        code += b"\x23" + uleb(number) + to_i64 + b"\x85" + i64(0x100000001B3) + b"\x7e"
    return code


def whole(function):
    """A function's code, with what it takes and what it leaves."""
    start = b"".join(b"\x23" + uleb(i) + put(local) for i, local in enumerate(INPUTS))
    vector_sum = get(ACCUMULATOR[V128])
    halves = vector_sum + op(0x1D) + b"\x00" + vector_sum + op(0x1D) + b"\x01\x7c" + get(ACCUMULATOR[I64]) + b"\x85"
    ends = get(X) + b"\x24" + uleb(RESULTS[I32]) + halves + b"\x24" + uleb(RESULTS[I64])
    for kind in (F32, F64):
        ends += get(ACCUMULATOR[kind]) + b"\x24" + uleb(RESULTS[kind])
    return start + encode(function.nodes) + ends + get(T) + b"\x24" + uleb(EXTRA)


def body(code, runs=()):
    locals_ = vector([uleb(count) + bytes([kind]) for count, kind in runs])
    return uleb(len(locals_ + code) + 1) + locals_ + code + b"\x0b"


def module(memory, functions):
    """The functions are (number, function)."""
    types = [b"\x60\x00\x00", b"\x60\x00\x01\x7e", b"\x60\x03\x7f\x7f\x7e\x01\x7e"]
    kinds, bodies, exports = [b"\x00", b"\x02"], [body(fill(memory)), body(hash_window(memory))], []
    for number, function in functions:
        kinds += [b"\x00", b"\x00", b"\x01"]
        bodies += [body(set_globals(function, 0)), body(whole(function), RUNS), body(take_hash(memory, 1))]
        first = len(kinds) - 3
        exports += [name(f"{letter}{number}") + b"\x00" + uleb(first + i) for i, letter in enumerate("sfh")]
    globals_ = [b"\x7f\x01\x41\x00\x0b"] * 10
    globals_ += [b"\x7e\x01\x42\x00\x0b", b"\x7d\x01\x43" + bytes(4) + b"\x0b", b"\x7c\x01\x44" + bytes(8) + b"\x0b"]
    globals_.append(globals_[0])
    exports += [name(f"g{i}i") + b"\x03" + uleb(i) for i in range(10)]
    if memory.pages <= 3:
        exports.append(name("memory") + b"\x02" + uleb(memory.index))
    pattern = Random("pattern").randbytes(PATTERN)
    parts = [(1, vector(types)), (3, vector(kinds)), (5, memory.section()), (6, vector(globals_)),
             (7, vector(exports)), (12, b"\x01"), (10, vector(bodies)), (11, b"\x01\x01" + vector_of(pattern))]  # fmt: skip
    return b"\0asm\x01\0\0\0" + b"".join(section(*part) for part in parts)


def vector_of(data):
    return uleb(len(data)) + data


def write(path, memory, functions):
    path.write_bytes(module(memory, functions))

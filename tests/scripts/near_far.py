#!/usr/bin/env python3
"""Writes scripts of two accesses, of which one traps, for wasmaot-spec.

    near_far.py FOLDER

One access is near an address, inside of the memory; the other one 200 bytes further, with its last byte
outside. Each of the two is a load, a store or a bulk operation, comes first or second, and has its
address from the same parameter or from one of its own. The near one may also be a global or an entry
of a table. Behind the trap, they hold what came before it and nothing of what comes behind. In loops the
far one is a load whose value goes, changed, to where it came from, and the near one may be done again behind it.
A far load that comes first may also be needed only behind the near access.
"""

import itertools
import os
import sys

sys.dont_write_bytecode = True
from encoding import F64, I32, I64, V128, get, i32, i64, uleb  # noqa: E402
from other_engines import MEMORY_TRAP, PAGE, Module, Script  # noqa: E402

FAR, PATTERN, LONGEST = 200, 7, 64
SOURCE, ELSEWHERE, SUM = 1024, 2048, 3072  # of copies, to which others copy, and of what was loaded
P, Q, N = (get(index) for index in range(3))  # an address, the same again, and a length
SEVEN = i64(int.from_bytes(bytes([PATTERN] * 8), "little"))
SEVENS = b"\xfd\x0c" + bytes([PATTERN] * 16)


def at(base, offset):
    return base + i32(offset) + b"\x6a"


def add_up(load):
    return get(3) + load + b"\x85\x21\x03"


def access(opcode, value=None, width=8, add=lambda load: add_up(load)):
    """A load, whose value goes into a sum, or a store: the offset is the instruction's own."""
    def code(base, offset, _length):
        memarg = b"\0" + uleb(offset)
        return add(base + opcode + memarg) if value is None else base + value + opcode + memarg

    return code, width, value is not None


def atomic(opcode, operands, result):
    """With an address that is aligned, or else that is its trap: so an access of one byte."""
    def code(base, offset, _length):
        return base + operands + b"\xfe" + opcode + b"\0" + uleb(offset) + result

    return code, 1, True


def bulk(make, writes=True):
    return make, None, writes


ACCESSES = {
    "i64.load": access(b"\x29"),
    "i64.load8_u": access(b"\x31", width=1),
    "v128.load": access(b"\xfd\x00", width=16, add=lambda load: add_up(load + b"\xfd\x1d\x01")),
    "i64.store": access(b"\x37", SEVEN),
    "i32.store8": access(b"\x3a", i32(PATTERN), 1),
    "f64.store": access(b"\x39", SEVEN + b"\xbf"),
    "v128.store": access(b"\xfd\x0b", SEVENS, 16),
    "v128.store64_lane": access(b"\xfd\x5b", SEVENS, 8),
    "i32.atomic.store8": atomic(b"\x19", i32(PATTERN), b""),
    "i32.atomic.rmw8.or_u": atomic(b"\x35", i32(PATTERN), b"\x1a"),
    "i32.atomic.rmw8.cmpxchg_u": atomic(b"\x4a", i32(0) + i32(PATTERN), b"\x1a"),
    "memory.fill": bulk(lambda base, offset, n: at(base, offset) + i32(PATTERN) + n + b"\xfc\x0b\0"),
    "memory.copy": bulk(lambda base, offset, n: at(base, offset) + i32(SOURCE) + n + b"\xfc\x0a\0\0"),
    "memory.copy from": bulk(
        lambda base, offset, n: i32(ELSEWHERE) + at(base, offset) + n + b"\xfc\x0a\0\0", writes=False),
    "memory.init": bulk(lambda base, offset, n: at(base, offset) + i32(0) + n + b"\xfc\x08\0\0"),
}  # fmt: skip


# What else an instance has: the code that writes it, and what is found there.
OTHERS = {
    "global.set": (SEVEN + b"\x24\0", b"\x23\0", int.from_bytes(bytes([PATTERN] * 8), "little")),
    "table.set": (i32(1) + b"\xd2\0\x26\0", i32(1) + b"\x25\0\xd1\x45\xad", 1),
    "table.fill": (i32(0) + b"\xd2\0" + i32(2) + b"\xfc\x11\0", i32(1) + b"\x25\0\xd1\x45\xad", 1),
}  # fmt: skip


def and_number(narrow=b""):
    """Of what was loaded and the number of rounds that are left."""
    return N + b"\xad" + narrow + b"\x83"


# What is loaded, changed and stored again: a loop needs the load only once, in front of it.
CHANGES = {
    "i64": (b"\x29", and_number(), b"\x37", 8),
    "i64, 8 bits": (b"\x31", and_number(), b"\x3c", 1),
    "i32": (b"\x28", N + b"\x71", b"\x36", 4),
    "f64": (b"\x2b", N + b"\xb8\xa0", b"\x39", 8),
    "v128": (b"\xfd\x00", N + b"\xfd\x11\xfd\x4e", b"\xfd\x0b", 16),
}  # fmt: skip


def change(title, base, sometimes):
    load, changed, store, _ = CHANGES[title]
    memarg = b"\0" + uleb(FAR)
    code = base + base + load + memarg + changed + store + memarg
    return N + i32(1) + b"\x71\x04\x40" + code + b"\x0b" if sometimes else code


# For such a load: its value in local 4, and what is needed of it later as an i64.
LATER = {
    "i64": (I64, b""),
    "i64, 8 bits": (I64, b""),
    "i32": (I32, b"\xad"),
    "f64": (F64, b"\xbd"),
    "v128": (V128, b"\xfd\x1d\x01"),
}  # fmt: skip


def load_early(title, base):
    return base + CHANGES[title][0] + b"\0" + uleb(FAR) + b"\x21\x04"


def use_late(title):
    return add_up(get(4) + CHANGES[title][1] + LATER[title][1])


def code_of(title, base, offset, length, constant):
    code, width, _ = ACCESSES[title]
    lane = b"\0" if title.endswith("_lane") else b""
    return code(base, offset, i32(length) if constant else N) + lane, width or length


def combinations():
    for near, far in itertools.product(ACCESSES, ACCESSES):
        is_bulk = ACCESSES[near][1] is None or ACCESSES[far][1] is None
        for length in (1, 4, 12, LONGEST) if is_bulk else (1, ):
            for constant, near_first, apart in itertools.product((True, False), repeat=3):
                if is_bulk or constant:
                    yield near, far, length, constant, near_first, apart


def other_combinations():
    for other, far in itertools.product(OTHERS, ACCESSES):
        for constant, near_first in itertools.product((True, False), repeat=2):
            if ACCESSES[far][1] is None or constant:
                yield other, far, constant, near_first


def looped_combinations():
    for near, far in itertools.product([*ACCESSES, *OTHERS], CHANGES):
        for sometimes, apart in itertools.product((True, False), repeat=2):
            for order in ("near far", "near far near", "far near"):
                yield near, far, sometimes, apart, order


def late_combinations():
    return itertools.product([*ACCESSES, *OTHERS], CHANGES, ("same", "apart", "constant"))


ROUNDS = 3  # an odd number: what is done sometimes is done in the first round
SAVE_SUM = i32(SUM) + get(3) + b"\x37\0\0"


def address_of(far_width):
    """Of the near access."""
    return PAGE - FAR - far_width + 1


class Pairs:
    """A module of them, and what is to be checked of each: its number, address and length, where to look for what."""

    def __init__(self, shared):
        self.module, self.checks = Module(), []
        self.module.section(4, b"\x70\x00\x02")
        self.module.section(5, b"\x03\x01\x01" if shared else b"\x01\x01\x01")
        self.module.section(6, b"\x7e\x01" + i64(0) + b"\x0b")
        self.module.section(9, b"\x03\x00" + uleb(1) + uleb(0))  # declares function 0
        self.module.sections[12] = uleb(1)
        self.module.section(11, b"\x01" + uleb(LONGEST) + bytes([PATTERN] * LONGEST))
        self.reset = self.module.function(
            [], [], i32(0) + i32(0) + i32(PAGE) + b"\xfc\x0b\0" + i32(SOURCE) + i32(PATTERN) + i32(LONGEST) +
            b"\xfc\x0b\0" + i64(0) + b"\x24\0" + i32(0) + b"\xd0\x70" + i32(2) + b"\xfc\x11\0")
        self.peek = self.module.function([I32], [I64], get(0) + b"\x29\0\0")
        self.peeks = {other: self.module.function([I32], [I64], code) for other, (_, code, _) in OTHERS.items()}

    def add(self, body, far_width, length, peek, expected, local=I64):
        number = self.module.function([I32, I32, I32], [], body + SAVE_SUM, [(1, I64), (1, local)])
        self.checks.append((number, address_of(far_width), length, peek, expected))

    def near(self, title, length, constant, base=P):
        """Code, where to look, and what is there when it was done."""
        if title in OTHERS:
            write, _, value = OTHERS[title]
            return write, self.peeks[title], value
        code, width = code_of(title, base, 0, length, constant)
        written = min(width, 8) if ACCESSES[title][2] else 0
        return code, self.peek, int.from_bytes(bytes([PATTERN] * written), "little")

    def write(self, folder, name):
        with Script(folder, name) as script:
            script.module(self.module)
            for number, address, length, look, expected in self.checks:
                script.lines.append("(assert_return %s)" % script.invoke(self.reset, [], []))
                script.traps(number, [I32, I32, I32], [address, address, length], MEMORY_TRAP)
                script.returns(look, [I32], [address], I64, expected)
        return len(self.checks)


def straight():
    pairs = Pairs(shared=True)  # as some are atomic
    for near, far, length, constant, near_first, apart in combinations():
        near_code, peek, value = pairs.near(near, length, constant)
        far_code, far_width = code_of(far, Q if apart else P, FAR, length, constant)
        pairs.add(near_code + far_code if near_first else far_code + near_code, far_width, length, peek,
                  value if near_first else 0)
    for other, far, constant, near_first in other_combinations():
        write, peek, value = pairs.near(other, 8, constant)
        far_code, far_width = code_of(far, P, FAR, 8, constant)
        pairs.add(write + far_code if near_first else far_code + write, far_width, 8, peek, value if near_first else 0)
    return pairs


def looped():
    pairs = Pairs(shared=False)
    for near, far, sometimes, apart, order in looped_combinations():
        near_code, peek, value = pairs.near(near, 8, True)
        code = {"near": near_code, "far": change(far, Q if apart else P, sometimes)}
        body = b"".join(code[which] for which in order.split())
        again = N + i32(1) + b"\x6b\x22\x02\x0d\0"
        pairs.add(b"\x03\x40" + body + again + b"\x0b", CHANGES[far][3], ROUNDS, peek,
                  value if order.startswith("near") else 0)
    return pairs


def late():
    pairs = Pairs(shared=True)
    for near, far, where in late_combinations():
        width = CHANGES[far][3]
        base = i32(address_of(width)) if where == "constant" else P
        near_code, peek, _ = pairs.near(near, 8, True, base)
        load = load_early(far, Q if where == "apart" else base)
        pairs.add(load + near_code + use_late(far), width, 8, peek, 0, LATER[far][0])
    return pairs


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    os.makedirs(sys.argv[1], exist_ok=True)
    count = straight().write(sys.argv[1], "near-far")
    loops = looped().write(sys.argv[1], "near-far-loops")
    print("near_far: %d pairs, %d in loops, %d with a late use" % (count, loops, late().write(sys.argv[1], "near-far-late")))


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
"""Writes scripts of two accesses, of which one traps, for wasmaot-spec.

    near_far.py FOLDER

One access is near an address, inside of the memory; the other one 200 bytes further, with its last byte
outside. Each of the two is a load, a store or a bulk operation, comes first or second, and has its
address from the same parameter or from one of its own. The near one may also be a global or an entry
of a table. Behind the trap, they hold what came before it and nothing of what comes behind.
"""

import itertools
import os
import sys

sys.dont_write_bytecode = True
from encoding import I32, I64, V128, get, i32, i64, uleb  # noqa: E402
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


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    os.makedirs(sys.argv[1], exist_ok=True)
    module, checks = Module(), []
    module.section(4, b"\x70\x00\x02")
    module.section(5, b"\x03\x01\x01")  # shared, as some are atomic
    module.section(6, b"\x7e\x01" + i64(0) + b"\x0b")
    module.section(9, b"\x03\x00" + uleb(1) + uleb(0))  # declares function 0
    module.sections[12] = uleb(1)
    module.section(11, b"\x01" + uleb(LONGEST) + bytes([PATTERN] * LONGEST))
    reset = module.function([], [], i32(0) + i32(0) + i32(PAGE) + b"\xfc\x0b\0" + i32(SOURCE) + i32(PATTERN) +
                            i32(LONGEST) + b"\xfc\x0b\0" + i64(0) + b"\x24\0" + i32(0) + b"\xd0\x70" + i32(2) +
                            b"\xfc\x11\0")
    peek = module.function([I32], [I64], get(0) + b"\x29\0\0")
    for near, far, length, constant, near_first, apart in combinations():
        near_code, near_width = code_of(near, P, 0, length, constant)
        far_code, far_width = code_of(far, Q if apart else P, FAR, length, constant)
        body = (near_code + far_code if near_first else far_code + near_code) + i32(SUM) + get(3) + b"\x37\0\0"
        number = module.function([I32, I32, I32], [], body, [(1, I64)])
        written = min(near_width, 8) if near_first and ACCESSES[near][2] else 0
        checks.append((number, PAGE - FAR - far_width + 1, length, peek,
                       int.from_bytes(bytes([PATTERN] * written), "little")))
    peeks = {other: module.function([I32], [I64], code) for other, (_, code, _) in OTHERS.items()}
    for other, far, constant, near_first in other_combinations():
        write, _, value = OTHERS[other]
        far_code, far_width = code_of(far, P, FAR, 8, constant)
        body = (write + far_code if near_first else far_code + write) + i32(SUM) + get(3) + b"\x37\0\0"
        number = module.function([I32, I32, I32], [], body, [(1, I64)])
        checks.append((number, PAGE - FAR - far_width + 1, 8, peeks[other], value if near_first else 0))
    with Script(sys.argv[1], "near-far") as script:
        script.module(module)
        for number, address, length, look, expected in checks:
            script.lines.append("(assert_return %s)" % script.invoke(reset, [], []))
            script.traps(number, [I32, I32, I32], [address, address, length], MEMORY_TRAP)
            script.returns(look, [I32], [address], I64, expected)
    print("near_far: %d pairs" % len(checks))


if __name__ == "__main__":
    main()

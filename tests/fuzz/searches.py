#!/usr/bin/env python3
"""Random loops that look for something in memory: wasmaot at -O0 to -O3, also for this CPU, and Node.

usage: searches.py --differ PROGRAM [--first SEED] [--count N] [--hours H] [--keep DIR]

A function goes over one to three places in memory at once until what it loads is what it looks for, or a counter ends it: bytes
or longer, one exit or several, by comparisons, ranges and bits, forward most often and by the size of what is loaded, from
the middle of memory, shared or not, up to its end and beyond, and across 2^32. Some do what a search does not: they add up, they store. What a
function returns, where it traps and what memory then holds must be the same everywhere.

Status 0 when nothing differs, 1 when something does or too few calls return or trap, 77 when there is no node.
"""
import pathlib
import random
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "scripts"))
sys.dont_write_bytecode = True
from encoding import I32, I64, get, i32, i64, name, put, sized, uleb  # noqa: E402
from interpreters import BLOCK, BR, BR_IF, END, EXTEND, I32_EQZ, I32_SUB, I64_MUL, I64_XOR, LOOP, run  # noqa: E402
from pairs import ADD, AND, MUL, PAGE, SHR_U, XOR, Module  # noqa: E402

FUNCTIONS = 6
CALLS = 24  # of each function
EQ, NE, LT_S, LT_U, GT_S, GT_U, LE_S, LE_U, GE_S, GE_U = (bytes([code]) for code in range(0x46, 0x50))
OR, SUB = b"\x72", I32_SUB
# Parameter and locals: x, the places, the counter, what it goes to, what was loaded, what is added up.
X, PLACE, COUNTER, BOUND, LOADED, TOTAL, REASON = 0, 1, 4, 5, 6, 9, 10
LOADS = {1: [b"\x2d", b"\x2c"], 2: [b"\x2f", b"\x2e"], 4: [b"\x28"]}  # by size: opcodes, without the sign first


class Search:
    def __init__(self, choose):
        self.choose = choose
        self.size = choose.choice([1, 1, 1, 1, 2, 4, 4])
        self.streams = choose.choice([1, 1, 2, 2, 3])
        self.starts = [self.start() for _ in range(self.streams)]
        self.counts = choose.random() < 0.7
        self.counter_step = choose.choice([-1, -1, 1, 1, -self.size, self.size, 2, -3])

    def start(self):
        """The constant of a memory access, and where the index starts: they make the place together."""
        offset = self.choose.choice([0, 0, 0, 1, 5, 1000, PAGE - 64, PAGE])
        where = self.choose.choice(
            [100, 4000, 20000, PAGE - self.choose.randint(0, 200), PAGE - self.choose.randint(0, 200), 2**32 - self.choose.randint(1, 70)]
        )
        return offset, (where - offset) % 2**32

    def some(self, bits, shift):
        """A few bits of the parameter."""
        return get(X) + i32(self.choose.getrandbits(31) | 1) + MUL + i32(shift) + SHR_U + i32(2**bits - 1) + AND

    def first(self):
        code = b""
        for i, (_, start) in enumerate(self.starts):
            code += i32(start) + self.some(5, 7 + i) + ADD + put(PLACE + i)
        return code + self.some(self.choose.choice([2, 5, 8, 12]), 3) + put(COUNTER) + self.some(self.choose.choice([0, 5, 7, 12]), 9) + put(BOUND)

    def leave(self, reason):
        """With a condition on the stack: out of the loop."""
        return b"\x04\x40" + i32(reason) + put(REASON) + BR + uleb(2) + END if self.choose.random() < 0.3 else BR_IF + uleb(1)

    def letter(self):
        return self.choose.choice([0, 0, 0x61, 0x62, 0x80, 0xFF, self.choose.randrange(256)])

    def value(self):
        """To compare with: a letter in each byte, or what is only known when it runs."""
        if self.choose.random() < 0.2:
            return get(BOUND)
        letter = self.letter()
        return i32(int.from_bytes(bytes([letter]) * self.choose.choice([1, self.size]), "little"))

    def loaded(self):
        code = get(LOADED + self.choose.randrange(self.streams))
        what = self.choose.random()
        if what < 0.1:
            code += self.value() + self.choose.choice([XOR, AND, OR, ADD, SUB])
        elif what < 0.15:
            code += i32(self.choose.randint(1, 7)) + SHR_U
        return code

    def found(self):
        what = self.choose.random()
        if what < 0.3 and self.streams > 1:
            return self.loaded() + self.loaded() + self.choose.choice([NE, NE, EQ, LT_U, GT_S])
        if what < 0.7:
            return self.loaded() + self.value() + self.choose.choice([EQ, EQ, NE, LT_U, GT_U, LT_S, GE_S])
        if what < 0.8:  # a range
            return self.loaded() + i32(self.letter()) + SUB + i32(self.choose.randint(1, 30)) + self.choose.choice([LT_U, GT_U])
        if what < 0.9:  # a byte that is 0, as the C library finds it in a word
            word = self.loaded()
            return word + i32(0x01010101) + SUB + word + i32(-1) + XOR + AND + i32(0x80808080 - 2**32) + AND
        return self.found() + self.found() + self.choose.choice([OR, OR, AND])

    def counted(self):
        return get(COUNTER) + (get(BOUND) if self.choose.random() < 0.6 else i32(self.choose.choice([0, 3, -1, 100]))) + self.choose.choice(
            [EQ, EQ, EQ, NE, LT_S, LT_U, GT_S, GT_U, LE_S, LE_U, GE_S, GE_U]
        )

    def load(self, i):
        offset = self.starts[i][0] + self.choose.choice([0] * 9 + [1, self.size])
        opcode = self.choose.choices(LOADS[self.size], [3, 1][: len(LOADS[self.size])])[0]
        return get(PLACE + i) + opcode + b"\x00" + uleb(offset) + put(LOADED + i)

    def step(self, i):
        step = self.size if self.choose.random() < 0.93 else self.choose.choice([0, -self.size, 2 * self.size, 1, 3])
        return get(PLACE + i) + i32(step) + ADD + put(PLACE + i)

    def count(self):
        return get(COUNTER) + i32(self.counter_step) + ADD + put(COUNTER)

    def other(self):
        what = self.choose.random()
        if what < 0.06:
            return get(TOTAL) + get(LOADED) + ADD + put(TOTAL)
        if what < 0.4:
            return get(TOTAL) + i32(self.choose.choice([1, 1, -1, 7])) + ADD + put(TOTAL)
        if what < 0.42:
            return i32(50000) + get(COUNTER) + b"\x3a\x00\x00"
        return b""

    def loop(self):
        parts = []
        for i in range(self.streams):
            parts.append(self.load(i))
        searches = [self.found() + self.leave(2) for _ in range(self.choose.choice([1, 1, 2, 3]))]
        if self.choose.random() < 0.3:  # a load that a condition stands in front of
            parts.insert(self.choose.randint(0, len(parts)), searches.pop())
        parts += searches
        rest = [self.step(i) for i in range(self.streams)] + [self.other()]
        if self.counts:
            rest.append(self.count())
            rest.append(self.counted() + self.leave(1))
        self.choose.shuffle(rest)
        at = self.choose.choice([0, len(parts), len(parts), self.choose.randint(0, len(parts))])
        parts[at:at] = rest
        # Nothing goes on for ever.
        limit = get(TOTAL + 2) + i32(1) + ADD + b"\x22" + uleb(TOTAL + 2) + i32(300000) + GT_U + BR_IF + uleb(1)
        return BLOCK + LOOP + b"".join(parts) + (limit if self.choose.random() < 0.5 or not self.counts else b"") + BR + uleb(0) + END + END

    def body(self):
        code = self.first() + self.loop()
        for i in range(PLACE, TOTAL + 2):
            code += get(i) + EXTEND + (I64_XOR + i64(0x9E3779B97F4A7C1) + I64_MUL if i > PLACE else b"")
        return code


def contents(choose):
    """Runs of one letter, mostly, with others here and there."""
    data = bytearray()
    while len(data) < PAGE:
        letter = choose.choice([0x61, 0x61, 0x61, 0x62, 0, 0x80])
        data += bytes([letter]) * choose.choice([1, 2, 3, 15, 16, 17, 40, 100, 300]) + bytes([choose.choice([0x61, 0x62, 0, 0xFF])])
    return bytes(data[:PAGE])


def build(seed):
    choose = random.Random(seed)
    module = Module()
    module.memory((choose.choice([1, 1, 3]), 16))  # every third one is shared
    module.datas.append(b"\x00" + i32(0) + END + sized(contents(choose)))
    for number in range(FUNCTIONS):
        function = module.function([I32], [I64], Search(choose).body(), [(TOTAL + 2, I32)])
        for case in range(CALLS):
            call = module.function([], [I64], i32(choose.getrandbits(32) - 2**31) + b"\x10" + uleb(function))
            module.exports.append(name(f"f{number}-{case}") + b"\x00" + uleb(call))
    return module.binary()


def main():
    counts = {"returned": 0, "trapped": 0}

    def see(lines):
        for line in lines:
            counts["returned"] += " i64:" in line
            counts["trapped"] += " trap" in line

    ran = run(build, see)
    if ran is None:
        return 77
    different, done = ran
    calls = FUNCTIONS * CALLS * done
    print(
        f"{done - different} of {done} modules behave alike at -O0 to -O3 and in Node: of {calls} calls"
        f" {counts['returned']} return and {counts['trapped']} trap"
    )
    return 1 if different or min(counts.values()) < calls // 10 else 0


if __name__ == "__main__":
    sys.exit(main())

#!/usr/bin/env python3
"""Random loops that add up side by side: wasmaot at -O0 to -O3, also for this CPU, and Node.

usage: sums.py --differ PROGRAM [--first SEED] [--count N] [--hours H] [--keep DIR]

A function keeps a block of sums, of f32 or f64, in locals, as a product of matrices does, while it goes over two places in memory: up
to its end, beyond and across 2^32. In each turn, unrolled or not, something is made of an element of each for every sum, in
any order. One in three may differ in a sum, an operation or a place, or does something besides. What comes out, as far as it is a number,
where it traps and what memory then holds must be the same everywhere.

Status 0 when nothing differs, 1 when something does or too little was computed, 77 when there is no node.
"""
import pathlib
import random
import struct
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "scripts"))
sys.dont_write_bytecode = True
from encoding import F32, F64, I32, I64, get, i32, i64, name, put, sized, uleb  # noqa: E402
from interpreters import BR_IF, END, I32_SUB, I64_ADD, I64_MUL, I64_XOR, LOOP, count, counted, run  # noqa: E402
from pairs import ADD, AND, MUL, PAGE, SHR_U, Module  # noqa: E402

FUNCTIONS = 6
# Parameter and locals: two places, the turns; the sum of sums; the sums themselves.
X, A, B, TURN, TOTAL, SUMS = 0, 1, 2, 3, 4, 5
IF = b"\x04\x40"
NUMBERS = (b"\x2a", 4, {"+": b"\x92", "-": b"\x93", "*": b"\x94", "/": b"\x95", "neg": b"\x8c"}, b"\x5b", b"\x5d", b"\xbc\xad", b"\x38", b"\xb2", "<f")
DOUBLES = (b"\x2b", 8, {"+": b"\xa0", "-": b"\xa1", "*": b"\xa2", "/": b"\xa3", "neg": b"\x9a"}, b"\x61", b"\x63", b"\xbd", b"\x39", b"\xb7", "<d")


class Sums:
    def __init__(self, choose):
        self.choose = choose
        self.kind = choose.choice([F32, F64])
        self.load, self.size, self.operators, self.equals, self.less, self.bits, self.store, self.convert, _ = NUMBERS if self.kind == F32 else DOUBLES
        self.rows, self.columns = choose.choice([(1, 4), (1, 8), (2, 4), (4, 4), (4, 4), (3, 4), (2, 8), (4, 8), (5, 3), (8, 1), (2, 2), (4, 1)])
        self.unrolled = choose.choice([1, 1, 2, 3])
        self.wrong = choose.random() < 0.33
        self.right_ones = choose.randrange(choose.choice([10, 100])) if self.wrong else 1000  # in front of a wrong one
        self.expression = choose.choice(["product", "product", "product", "difference", "left", "right", "quotient", "squares"])
        self.adds = choose.choice(["+", "+", "+", "-"])
        self.count = self.rows * self.columns
        self.stores = self.chance(0.15)
        self.watches = self.wrong and self.chance(0.15)
        self.ends = self.wrong and self.chance(0.15)

    def chance(self, share):
        return self.choose.random() < share

    def off(self, right, others):
        """What it should be, or at one place of some functions something else."""
        self.right_ones -= 1
        return self.choose.choice(others) if self.right_ones == -1 else right

    def some(self, bits, shift):
        return get(X) + i32(self.choose.getrandbits(31) | 1) + MUL + i32(shift) + SHR_U + i32(2**bits - 1) + AND

    def start(self):
        """Where a place is first: most often where all turns stay inside."""
        far = [PAGE - self.choose.randint(0, 200 if self.stores else 900), 2**32 - self.choose.randint(1, 300)]
        where = self.choose.choice([64, 1000, 20000, 30000]) if self.chance(0.5 if self.stores else 0.75) else self.choose.choice(far)
        return i32(where) + self.some(3, 9) + i32(self.size) + MUL + ADD

    def element(self, place, number):
        return get(place) + self.load + b"\x00" + uleb(self.off(number, [number + 1, max(number - 1, 0)]) * self.size)

    def term(self, step, row, column):
        a = self.element(A, step * self.rows + row)
        b = self.element(B, step * self.columns + column)
        if self.chance(0.3) and self.expression in ("product", "squares"):
            a, b = b, a
        if self.expression == "left":
            return a
        if self.expression == "right":
            return b + self.operators["neg"]
        if self.expression == "squares":
            return (a + b + self.operators["-"]) * 2 + self.operators["*"]
        operator = {"product": "*", "difference": "-", "quotient": "/"}[self.expression]
        return a + b + self.operators[self.off(operator, ["-", "*", "+"])]

    def add(self, step, row, column):
        number = SUMS + row * self.columns + column
        of = self.off(number, [SUMS, SUMS + self.count - 1])
        term, adds = self.term(step, row, column), self.operators[self.off(self.adds, ["+", "-", "*"])]
        if self.off(False, [True]) or (adds == self.operators["+"] and self.chance(0.3)):
            return term + get(of) + adds + put(number)
        return get(of) + term + adds + put(number)

    def turn(self):
        code = b""
        for step in range(self.unrolled):
            order = [(row, column) for row in range(self.rows) for column in range(self.columns)]
            if self.chance(0.5):
                self.choose.shuffle(order)
            code += b"".join(self.add(step, row, column) for row, column in order)
        if self.stores:
            code += get(TURN) + i32(2040) + AND + get(SUMS + self.choose.randrange(self.count)) + self.store + b"\x00" + uleb(40000)
        if self.watches:
            one = SUMS + self.choose.randrange(self.count)
            code += get(one) + self.element(A, 0) + self.less + IF + get(TOTAL) + i64(1) + I64_ADD + put(TOTAL) + END
        code += get(A) + i32(self.rows * self.unrolled * self.size) + ADD + put(A)
        return code + get(B) + i32(self.columns * self.unrolled * self.size) + ADD + put(B)

    def body(self):
        code = self.start() + put(A) + self.start() + put(B) + self.some(5, 3) + i32(1) + ADD + put(TURN)
        for i in range(self.count):
            if self.chance(0.3):
                code += get(X) + i32(i) + ADD + self.convert + put(SUMS + i)
        code += b"\x02\x40" + LOOP
        if self.ends:
            code += get(SUMS) + get(SUMS) + self.operators["*"] + get(SUMS) + self.equals + BR_IF + uleb(1)
        code += self.turn() + get(TURN) + i32(1) + I32_SUB + b"\x22" + uleb(TURN) + BR_IF + uleb(0) + END + END + count(0)
        for i in range(self.count):  # all but what is no number
            one = get(SUMS + i)
            code += one + one + self.equals + IF + get(TOTAL) + i64(0x9E3779B97F4A7C1) + I64_MUL + one + self.bits + I64_XOR + put(TOTAL) + END
        return code + get(TOTAL)


def table(choose, form):
    """Small numbers, so that sums differ by the order in which they are made."""
    numbers = (choose.choice([0.1, 0.3, 1, 1e7, -3.7]) * choose.randint(-9, 9) for _ in range(PAGE // 2 // struct.calcsize(form)))
    return b"".join(struct.pack(form, number) for number in numbers)


def build(seed):
    choose = random.Random(seed)
    module = Module()
    module.globals = [b"\x7f\x01" + i32(0) + END]
    module.memory((choose.choice([1, 1, 3]), 16))  # a third of them shared
    all_sums = [Sums(choose) for _ in range(FUNCTIONS)]
    form = NUMBERS[-1] if all_sums[0].kind == F32 else DOUBLES[-1]
    for where in (0, PAGE // 2):
        module.datas.append(b"\x00" + i32(where) + END + sized(table(choose, form)))
    for number, sums in enumerate(all_sums):
        function = module.function([I32], [I64], sums.body(), [(3, I32), (1, I64), (sums.count, sums.kind)])
        module.exports.append(name(f"f{number}") + b"\x00" + uleb(function))
    module.exports.append(name("ended-i") + b"\x03" + uleb(0))
    return module.binary()


def main():
    ended = 0

    def see(lines):
        nonlocal ended
        ended += counted(lines, "ended")

    ran = run(build, see)
    if ran is None:
        return 77
    different, done = ran
    print(f"{done - different} of {done} modules behave alike at -O0 to -O3 and in Node: {ended} loops came to their end")
    return 1 if different or ended < 2 * done else 0


if __name__ == "__main__":
    sys.exit(main())

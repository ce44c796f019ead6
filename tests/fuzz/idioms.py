#!/usr/bin/env python3
"""Random functions that work on numbers by words of 32 bits: wasmaot at -O0 to -O3, also for this CPU, and Node.

usage: idioms.py --differ PROGRAM [--first SEED] [--count N] [--hours H] [--keep DIR]

A function goes over memory and works on what it loads: it counts the zeros of numbers of 64 bits in their halves, or makes masks
of which bytes of an array are those that it looks for, a word at a time and a nibble for each, in the order and at the places that
programs have them, or in others. One in four differs in a constant, an operand, a place or an order from what it
should be. What all turns make together must be the same everywhere.

Status 0 when nothing differs, 1 when something does or too little was computed, 77 when there is no node.
"""
import pathlib
import random
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "scripts"))
sys.dont_write_bytecode = True
from encoding import I32, I64, get, i32, i64, name, put, sized, uleb  # noqa: E402
from interpreters import BR_IF, END, EXTEND, I64_MUL, I64_XOR, LOOP, WRAP, count, counted, run  # noqa: E402
from pairs import ADD, AND, MUL, SHL, SHR_U, XOR, Module  # noqa: E402

FUNCTIONS, TURNS, TABLE = 12, 60, 2048
# Parameter and locals: what is looked for; the turn, the place, a few numbers; two of 64 bits, and the sum.
X, TURN, PLACE, WORD, PART, V, W, TOTAL = 0, 1, 2, 3, 4, 5, 6, 7
OR, EQZ, EQ, NE, SELECT = b"\x72", b"\x45", b"\x46", b"\x47", b"\x1b"
CLZ, CTZ, IF_I32, ELSE = b"\x67", b"\x68", b"\x04\x7f", b"\x05"
I64_SHR_U, I64_SHL, I64_OR, I64_AND, I64_EQZ, I64_LT_U, I64_GT_U = b"\x88", b"\x86", b"\x84", b"\x83", b"\x50", b"\x54", b"\x56"
HIGH, LESS_ONE, FACTOR = 0x80808080, 0xFEFEFEFF, 0x204081


class Idiom:
    def __init__(self, choose):
        self.choose = choose
        self.right_ones = choose.randrange(choose.choice([10, 100])) if choose.random() < 0.3 else 1000  # in front of a wrong one
        self.doubles = choose.random() < 0.05

    def chance(self, share):
        return self.choose.random() < share

    def off(self, right, others):
        """What it should be, or at one place of some functions something else."""
        self.right_ones -= 1
        return self.choose.choice(others) if self.right_ones == -1 else right

    # ---- Counts ----

    def half(self, of, high):
        return get(of) + (i64(self.off(32, [31, 33, 0])) + I64_SHR_U if high else b"") + WRAP

    def whole(self):
        """A number of 64 bits with few bits, or none, in one half or both."""
        code = get(PLACE) + b"\x29\x00" + uleb(0) + put(V) + get(PLACE) + b"\x29\x00" + uleb(8) + put(W)
        masks = [-1, 2**32 - 1, -(2**32), 1, 2**31, 2**32, 2**63 - 1, 0x0000010000000100, 0]
        code += get(V) + i64(self.choose.choice(masks)) + I64_AND + put(V)
        if self.chance(0.2):
            code += get(V) + get(V) + i64(1) + b"\x7d" + I64_AND + put(V)  # without its last bit
        return code

    def count(self):
        leading = self.chance(0.5)
        zeros, other_zeros = (CLZ, CTZ) if leading else (CTZ, CLZ)
        of = self.off(V, [W])
        first = self.half(V, leading)
        from_first = self.half(of, self.off(leading, [not leading])) + self.off(zeros, [other_zeros])
        operator = self.choose.choice([ADD, OR, XOR])
        on = self.half(self.off(V, [W]), self.off(not leading, [leading])) + zeros + i32(self.off(32, [31, 64, 33, 0])) + operator
        condition, is_zero = self.choose.choice([(first + EQZ, True), (first + i32(0) + NE, False), (first, False), (first + i32(0) + EQ, True)])
        if leading and self.chance(0.4):
            limit = 2**32 + self.off(0, [-1, 1])
            is_zero = self.chance(0.5)
            condition = get(V) + (i64(limit) + I64_LT_U if is_zero else i64(limit - 1) + I64_GT_U)
        if self.off(False, [True]):
            is_zero = not is_zero
        yes, no = (on, from_first) if is_zero else (from_first, on)
        if self.chance(0.8):
            return self.whole() + yes + no + condition + SELECT + EXTEND
        return self.whole() + condition + IF_I32 + yes + ELSE + no + END + EXTEND

    # ---- Masks ----

    def nibble(self, word, place):
        """Which bytes of a word are not 0, at a place of a number of 32 bits."""
        get_word = get(word)
        filled = get_word + i32(self.off(HIGH, [HIGH ^ 0x80, HIGH | 1])) + OR + i32(self.off(LESS_ONE, [LESS_ONE + 1, LESS_ONE ^ 0x100])) + ADD
        either = filled + get_word + OR if self.chance(0.5) else get_word + filled + OR
        product = either + i32(self.off(HIGH, [HIGH ^ 0x8000, HIGH | 0x40])) + AND + i32(self.off(FACTOR, [FACTOR ^ 0x80, FACTOR + 2])) + MUL
        if place == 28:
            return product + i32(self.off(0xF0000000, [0xE0000000, 0xF8000000])) + AND
        shift = 28 - place
        if place and self.chance(0.5):
            return product + i32(self.off(28, [27, 29])) + SHR_U + i32(place) + SHL
        return product + i32(shift) + SHR_U + (i32(self.off(15 << place, [7 << place, 31 << place])) + AND if place else b"")

    def load(self, number):
        code = get(PLACE) + b"\x28\x00" + uleb(4 * number)
        if self.compares == "none" or (self.compares == "most" and number == 2):
            return code + put(WORD)
        with_what = get(self.off(X, [TURN]))
        return (code + with_what if self.chance(0.7) else with_what + code) + XOR + put(WORD)

    def mask(self):
        words = self.choose.choice([4, 4, 8, 8, 16, 16, 12, self.off(16, [3, 5, 7, 15])])
        wide = words > 8 or self.chance(0.5)
        self.compares = self.choose.choice(["all", "all", "all", "none", "most"])
        numbers = list(range(words))
        if self.chance(0.3):
            self.choose.shuffle(numbers)
        operators = (I64_SHL, I64_OR, i64) if wide else (SHL, OR, i32)
        return self.chain(numbers, wide, *operators) if self.chance(0.6) else self.sum(numbers, wide, *operators)

    def chain(self, numbers, wide, shl, either, constant):
        """Shifted on, a word or two after each other."""
        part = V if wide else PART
        code = constant(0) + put(part)
        while numbers:
            step = 2 if len(numbers) > 1 and self.chance(0.4) else 1
            for i in range(step):
                number = numbers.pop()
                code += self.load(number) + get(part)
                code += constant(4 * step + self.off(0, [1, 4, -4]) if i == 0 else 0) + shl
                code += self.nibble(WORD, 4 * (step - 1 - i)) + (EXTEND if wide else b"") + either + put(part)
        return code + get(part) + (b"" if wide else EXTEND)

    def sum(self, numbers, wide, shl, either, constant):
        """Each at its place, in any order."""
        part = V if wide else PART
        order = list(enumerate(numbers))
        if self.doubles:
            order.append((self.choose.randrange(len(numbers)), len(numbers)))  # two at one place
        self.choose.shuffle(order)
        code = constant(self.off(0, [1, 256])) + put(part)
        for place, number in order:
            place = 4 * (place + self.off(0, [1]))
            inside = self.choose.choice([0, min(place, 28), min(place, 28) & ~4])
            code += self.load(number) + get(part) + self.nibble(WORD, inside)
            if wide and self.off(False, [True]):
                code += i32((place - inside) % 32) + SHL + EXTEND + either + put(part)  # may be shifted out
                continue
            code += (EXTEND if wide else b"") + constant(place - inside) + shl + either + put(part)
        return code + get(part) + (b"" if wide else EXTEND)

    def body(self):
        one = self.count() if self.chance(0.5) else self.mask()
        if self.chance(0.2):
            one += get(V) + I64_XOR  # what it was made of is needed besides
        code = i32(TURNS) + put(TURN) + get(X) + i32(255) + AND + i32(0x01010101) + MUL + put(X) + LOOP
        code += get(TURN) + i32(24) + MUL + put(PLACE) + count(0)
        code += get(TOTAL) + i64(0x9E3779B97F4A7C1) + I64_MUL + one + I64_XOR + put(TOTAL)
        code += get(TURN) + i32(1) + b"\x6b" + b"\x22" + uleb(TURN) + BR_IF + uleb(0) + END
        return code + get(TOTAL)


def table(choose):
    """Numbers of few bits, and bytes of few kinds."""
    kinds = [0, 0, 1, 0xFF, 0x80, 0x7F, choose.randrange(256)]
    return bytes(choose.choice(kinds) if choose.random() < 0.8 else choose.randrange(256) for _ in range(TABLE))


def build(seed):
    choose = random.Random(seed)
    module = Module()
    module.globals = [b"\x7f\x01" + i32(0) + END]
    module.memory((choose.choice([1, 1, 3]), 16))  # a third of them shared
    module.datas.append(b"\x00" + i32(0) + END + sized(table(choose)))
    for number in range(FUNCTIONS):
        function = module.function([I32], [I64], Idiom(choose).body(), [(4, I32), (3, I64)])
        module.exports.append(name(f"f{number}") + b"\x00" + uleb(function))
    module.exports.append(name("turns-i") + b"\x03" + uleb(0))
    return module.binary()


def main():
    turns = 0

    def see(lines):
        nonlocal turns
        turns += counted(lines, "turns")

    ran = run(build, see)
    if ran is None:
        return 77
    different, done = ran
    print(f"{done - different} of {done} modules behave alike at -O0 to -O3 and in Node: {turns} numbers")
    return 1 if different or turns < FUNCTIONS * TURNS * done else 0


if __name__ == "__main__":
    sys.exit(main())

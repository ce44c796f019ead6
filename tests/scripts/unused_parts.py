#!/usr/bin/env python3
"""Writes scripts of loads of which the code after them needs only a part, for wasmaot-spec.

    unused_parts.py FOLDER [--all]

Each function loads at an address where all but the last byte is inside, computes with the value and
another operand, and stores what a third instruction makes of that: it has to trap, whatever part of
the value is needed. With --all every operation meets every other operand, every load and every use; without, an operation
meets every other operand, this every load and use, and what is not named takes its turn.
"""

import itertools
import os
import sys

sys.dont_write_bytecode = True
from encoding import I32, I64, V128, get, i32, i64, uleb  # noqa: E402
from other_engines import BINARY, MEMORY_TRAP, PAGE, SHIFTS, UNARY, Module, Script  # noqa: E402

FUNCTIONS = 1000  # in a module
P, Q, C, V, X = (get(index) for index in range(5))  # the address, another, a condition, a value, a local
ELSEWHERE = i32(0)
ANYTHING = i32(0) + b"\x40\x00\x1a"  # for all that the compiler knows


def set_local(index):
    return b"\x21" + uleb(index)


def load(opcode, address, offset=0):
    return address + opcode + b"\0" + uleb(offset)


def store(opcode, value, address=ELSEWHERE):
    return address + value + opcode + b"\0\0"


class Integers:
    """The instructions of i32 or i64 on a value, each as a function of code."""

    def __init__(self, wide):
        self.kind, self.bits = (I64, 64) if wide else (I32, 32)
        self.const = i64 if wide else i32
        self.whole = b"\x29" if wide else b"\x28"
        self.parameter = V if wide else C
        first = 0x79 if wide else 0x67  # clz
        names = ["clz", "ctz", "popcnt", "add", "sub", "mul", "div_s", "div_u", "rem_s", "rem_u", "and", "or"]
        names += ["xor", "shl", "shr_s", "shr_u", "rotl", "rotr"]
        self.code = {name: bytes([first + i]) for i, name in enumerate(names)}
        first = 0x50 if wide else 0x45  # eqz
        names = ["eqz", "eq", "ne", "lt_s", "lt_u", "gt_s", "gt_u", "le_s", "le_u", "ge_s", "ge_u"]
        self.compare = {name: bytes([first + i]) for i, name in enumerate(names)}
        self.store_whole, self.stores = (b"\x37", b"\x3c\x3d\x3e") if wide else (b"\x36", b"\x3a\x3b")
        self.extend8 = b"\xc2" if wide else b"\xc0"
        self.wrap = b"\xa7" if wide else b""
        self.widen = b"\xad" if wide else b""  # from i32
        self.to_float = b"\xba" if wide else b"\xb8"

    def do(self, name, value, constant):
        return value + self.const(constant) + self.code[name]

    def operations(self):
        """Code behind two operands."""
        two = [name for name in self.code if name not in ("clz", "ctz", "popcnt")]
        compare = {name: code + self.widen for name, code in self.compare.items() if name != "eqz"}
        return {**{name: self.code[name] for name in two}, **compare}

    def others(self):
        half, q = self.bits // 2, load(self.whole, Q)
        upper = -(1 << half)
        narrow = {64: {"8_u": b"\x31", "32_s": b"\x34", "32_u": b"\x35"},
                  32: {"8_u": b"\x2d", "16_s": b"\x2e", "16_u": b"\x2f"}}[self.bits]
        constants = [1, 8, half, self.bits * 5 // 8, 255, (1 << half) - 1, 1 << half, upper, 1 << (self.bits - 4)]
        return {
            **{"constant %d" % value: self.const(value) for value in constants},
            **{"load" + name: load(code, Q) for name, code in narrow.items()},
            "load": q,
            "load, shr_u": self.do("shr_u", q, half + 8),
            "load, shl": self.do("shl", q, half + 8),
            "load, or": self.do("or", q, upper),
            "parameter": self.parameter,
            "of 32 bits": C + self.widen if self.bits == 64 else V + b"\xa7",
            "bool": C + b"\x45" + self.widen,
        }

    def uses(self):
        """What is done with the result of an operation."""
        bits, whole = self.bits, lambda value: store(self.store_whole, value)
        low = lambda value: self.do("and", value, 255)  # noqa: E731
        # Another value on one of two ways, which no selection takes the place of, as memory may grow there.
        way = C + b"\x04\x40" + load(self.whole, Q, 8) + set_local(4) + ANYTHING + b"\x0b"
        uses = {"store": whole}
        for index, code in enumerate(self.stores):
            uses["store%d" % (8 << index)] = lambda value, code=bytes([code]): store(code, value)
        return {
            **uses,
            "and": lambda value: whole(low(value)),
            "shr_u": lambda value: whole(self.do("shr_u", value, bits // 2)),
            "shl": lambda value: whole(self.do("shl", value, bits * 3 // 4)),
            "shl, shl": lambda value: whole(self.do("shl", self.do("shl", value, 7) + X + self.code["xor"], bits // 2)),
            "top": lambda value: whole(self.do("shr_u", value, bits - 8)),
            "extend8_s": lambda value: whole(value + self.extend8),
            "ctz": lambda value: whole(value + self.code["ctz"]),
            "popcnt": lambda value: whole(low(value) + self.code["popcnt"]),
            "eqz": lambda value: store(b"\x36", value + self.compare["eqz"]),
            "convert": lambda value: store(b"\x39", value + self.to_float),
            "select": lambda value: whole(low(value + self.parameter + C + b"\x1b")),
            "address": lambda value: store(b"\x3a", i32(3), value + self.wrap + i32(15) + b"\x71"),
            "one of two": lambda value: value + set_local(4) + way + whole(low(X)),
            "narrow of two": lambda value: value + set_local(4) + way + store(self.stores[-1:], X),
            "on one way": lambda value: value + set_local(4) + C + b"\x04\x40" + ANYTHING + whole(low(X)) + b"\x0b",
            "rotl": lambda value: store(b"\x3b", self.do("rotl", value, bits - 8) + self.wrap),
            "in place": lambda value: P + value + self.store_whole + b"\0\0",
        }

    def loads(self):
        narrow = {64: [(b"\x35", 4), (b"\x32", 2)], 32: [(b"\x2f", 2)]}  # load32_u, load16_s; load16_u
        return [(self.whole, self.bits // 8)] + narrow[self.bits]

    def choices(self):
        def either(code):
            return [lambda value, other: value + other + code, lambda value, other: other + value + code]

        operations = [lambda value, other: value]
        operations += [op for code in self.operations().values() for op in either(code)]
        return operations, list(self.others().values()), self.loads(), list(self.uses().values())


class Vectors:
    """Instructions on vectors, with a vector that is known in part."""

    def loads(self):
        """v128.load, load8x8_s, load32x2_u, load64_splat, load64_zero, load32_zero."""
        codes = [(0x00, 16), (0x01, 8), (0x06, 8), (0x0A, 8), (0x5D, 8), (0x5C, 4)]
        return [(b"\xfd" + bytes([code]), width) for code, width in codes]

    @staticmethod
    def constant(data):
        return b"\xfd\x0c" + bytes(data)

    def others(self):
        constant, q = self.constant, load(b"\xfd\x00", Q)
        return [
            constant([0] * 16), constant([255] * 16), constant([255] * 8 + [0] * 8), constant([0] * 8 + [255] * 8),
            constant([255] * 4 + [0] * 12), constant([0, 1] * 8), constant(range(16)), constant([0] * 15 + [7]),
            constant([i % 8 for i in range(16)]), constant([128 + i for i in range(16)]),
            load(b"\xfd\x5d", Q), load(b"\xfd\x5c", Q), q, C + b"\xfd\x11", load(b"\xfd\x06", Q), V + b"\xfd\x12",
            q + i32(40) + b"\xfd\xcd\x01", q + constant([255] * 8 + [0] * 8) + b"\xfd\x4e",
        ]  # fmt: skip

    def operations(self):
        def with_other(code):
            return [lambda value, other: value + other + code, lambda value, other: other + value + code]

        operations = [op for code in BINARY for op in with_other(b"\xfd" + uleb(code))]
        for mask in [range(16), list(range(8)) * 2, [0] * 16, range(8, 24), range(16, 32), [0, 1, 16, 17] * 4]:
            operations += with_other(b"\xfd\x0d" + bytes(mask))
        for select in ([255] * 8 + [0] * 8, [0] * 8 + [255] * 8, [15] * 16):
            operations += with_other(self.constant(select) + b"\xfd\x52")
        operations.append(lambda value, other: other + self.constant([1] * 16) + value + b"\xfd\x52")
        for code, count in itertools.product(SHIFTS, [1, 4, 8, 24, 40]):
            operations.append(lambda value, other, code=code, count=count: value + i32(count) + b"\xfd" + uleb(code))
        operations += [lambda value, other, code=code: value + b"\xfd" + uleb(code) for code in UNARY]
        return operations

    def uses(self):
        def lane(code, kind):
            return lambda value: store(kind, value + b"\xfd" + code)

        i64_lane = [lane(b"\x1d" + bytes([n]), b"\x37") for n in (0, 1)]
        i32_lane = [lane(b"\x1b" + bytes([n]), b"\x36") for n in (0, 2)]
        return [
            lambda value: store(b"\xfd\x0b", value), *i64_lane, *i32_lane,
            lane(b"\x15\x00", b"\x36"), lane(b"\x53", b"\x36"), lane(b"\x63", b"\x36"), lane(b"\xa3\x01", b"\x36"),
            lambda value: i32(0) + value + b"\xfd\x5b\0\0\0",
            lambda value: store(b"\xfd\x0b", value + self.constant([255] * 8 + [0] * 8) + b"\xfd\x4e"),
            lambda value: store(b"\xfd\x0b", value + i32(32) + b"\xfd\xcb\x01"),
        ]  # fmt: skip

    def choices(self):
        return self.operations(), self.others(), self.loads(), self.uses()


def meetings(operations, others, ends, everything):
    """Of an operation, another operand, and a load with the use in the end."""
    if everything:
        return list(itertools.product(operations, others, ends))
    met = {(i, j, (i * len(others) + j) % len(ends)) for i in range(len(operations)) for j in range(len(others))}
    met |= {((j * len(ends) + k) % len(operations), j, k) for j in range(len(others)) for k in range(len(ends))}
    return [(operations[i], others[j], ends[k]) for i, j, k in sorted(met)]


def functions_of(what, everything):
    """The width of a load, and a function's code."""
    operations, others, loads, uses = what.choices()
    for operation, other, ((code, width), use) in meetings(
            operations, others, list(itertools.product(loads, uses)), everything):
        yield width, use(operation(load(code, P), other))


def write(folder, title, what, everything, runs):
    count = 0
    functions = list(functions_of(what, everything))
    with Script(folder, title) as script:
        for start in range(0, len(functions), FUNCTIONS):
            module = Module()
            module.section(5, b"\x01\x01\x01")
            numbers = [(width, module.function([I32, I32, I32, I64], [], body, runs))
                       for width, body in functions[start:start + FUNCTIONS]]
            script.module(module)
            for width, number in numbers:
                script.traps(number, [I32, I32, I32, I64], [PAGE - width + 1, 1024, 0, 0], MEMORY_TRAP)
                count += 1
    return count


def main():
    arguments = [argument for argument in sys.argv[1:] if argument != "--all"]
    if len(arguments) != 1:
        sys.exit(__doc__)
    everything = len(sys.argv) == 3
    os.makedirs(arguments[0], exist_ok=True)
    count = write(arguments[0], "i32", Integers(False), everything, [(1, I32)])
    count += write(arguments[0], "i64", Integers(True), everything, [(1, I64)])
    count += write(arguments[0], "v128", Vectors(), everything, [(1, V128)])
    print("unused_parts: %d checks" % count)


if __name__ == "__main__":
    main()

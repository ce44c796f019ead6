#!/usr/bin/env python3
"""Random modules of many small functions that call each other: wasmaot at -O0 to -O3, also for this CPU, and Node.

usage: calls.py --differ PROGRAM [--first SEED] [--count N] [--hours H] [--keep DIR]

Small functions are what becomes a part of its callers. They have parameters and results of several kinds, locals that
must be zero each time, blocks that are left early, by branches, tables and returns, they load, store, trap, throw, call
the next ones, directly, by tables and themselves, and have code behind what is never left. They are called from loops, from the
middle of expressions, from handlers and where exceptions are caught. What each call returns, where it traps, and what
memory and globals then hold must be the same everywhere.

Status 0 when nothing differs, 1 when something does or too little was called, 77 when there is no node.
"""
import pathlib
import random
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "scripts"))
sys.dont_write_bytecode = True
from encoding import F64, I32, I64, V128, get, i32, i64, name, put, uleb, vector  # noqa: E402
from interpreters import BLOCK, END, LOOP, RETURN, TRAP, count, counted, run  # noqa: E402
from pairs import ADD, AND, SUB, Module  # noqa: E402

SMALL, SMALL_SIZE, LARGE = 16, 70, 8
KINDS = [I32, I32, I64, I64, F64, V128]
# Between a kind and i64, which all is computed in.
TO_I64 = {I64: b"", I32: b"\xad", F64: b"\xbd", V128: b"\xfd\x1d\x00"}
FROM_I64 = {I64: b"", I32: b"\xa7", F64: b"\xb9", V128: b"\xfd\x12"}
OPERATORS = {I32: [ADD, SUB, AND, b"\x6c", b"\x73", b"\x74"], I64: [b"\x7c", b"\x7d", b"\x7e", b"\x83", b"\x85", b"\x88"]}
DIVISIONS = {I32: [b"\x6d", b"\x70"], I64: [b"\x80", b"\x81"]}
IF, ELSE, DROP, SELECT, BR, BR_IF, BR_TABLE = b"\x04", b"\x05", b"\x1a", b"\x1b", b"\x0c", b"\x0d", b"\x0e"
TRY, CATCH, THROW = b"\x06\x40", b"\x07\x00", b"\x08\x00"
EMPTY = b"\x40"
# Globals: functions that were entered, calls that are left, what functions keep there, throws.
ENTERED, LEFT, KEPT, THROWN = range(4)
CALLS = 300


def read(index):
    return b"\x23" + uleb(index)


def write(index):
    return b"\x24" + uleb(index)


class Function:
    """One that is to be, with what others must know of it: its type."""

    def __init__(self, choose, exported):
        self.params = [choose.choice([I32, I64] if exported else KINDS) for _ in range(choose.randint(0, 4))]
        self.results = [I64] if exported else [choose.choice(KINDS) for _ in range(choose.choice([0, 1, 1, 1, 2, 3, 6]))]
        self.locals = [choose.choice(KINDS) for _ in range(choose.randint(1, 4))]


class Body:
    def __init__(self, choose, maker, function, number):
        self.choose, self.maker, self.function, self.number = choose, maker, function, number
        self.kinds = function.params + function.locals
        self.open = 0  # labels, but for the function's own
        self.large = number >= SMALL
        self.loops = 0

    def chance(self, share):
        return self.choose.random() < share

    def local(self, kind):
        found = [i for i, k in enumerate(self.kinds) if k == kind]
        return self.choose.choice(found) if found else None

    # ---- Values ----

    def value(self, kind, depth):
        if kind not in (I32, I64):
            local = self.local(kind)
            if local is not None and self.chance(0.6):
                return get(local)
            return self.chosen(kind, depth - 1) if depth > 0 and self.chance(0.4) else self.value(I64, depth - 1) + FROM_I64[kind]
        if depth <= 0 or self.chance(0.2):
            local = self.local(kind)
            if local is not None and self.chance(0.75):
                return get(local)
            number = self.choose.choice([0, 1, 2, 7, -1, self.choose.randint(-300, 300), self.choose.getrandbits(31)])
            return i32(number) if kind == I32 else i64(number)
        if self.chance(0.45):
            return self.chosen(kind, depth - 1)
        what = self.choose.random()
        if what < 0.12:
            return self.address(depth - 1) + (b"\x28" if kind == I32 else b"\x29") + b"\x00" + uleb(self.choose.choice([0, 4, 65000]))
        if what < 0.2:
            other = self.choose.choice(KINDS)
            return self.value(other, depth - 1) + TO_I64[other] + FROM_I64[kind]
        if what < 0.28:
            return read(KEPT) + FROM_I64[kind]
        operator = self.choose.choice(DIVISIONS[kind] if self.chance(0.03) else OPERATORS[kind])
        return self.value(kind, depth - 1) + self.value(kind, depth - 1) + operator

    def address(self, depth):
        return self.value(I32, depth) + (i32(0xFFF8) + AND if self.chance(0.97) else b"")

    def chosen(self, kind, depth):
        """By control flow, or what a function returns."""
        what = self.choose.random()
        if what < 0.55:
            found = self.callee(lambda callee: callee.results == [kind])
            if found is not None:
                return self.call(found, depth)
        if what < 0.7 and kind != V128:
            return self.value(kind, depth) + self.value(kind, depth) + self.value(I32, depth) + SELECT
        self.open += 1
        if what < 0.85:
            code = IF + bytes([kind]) + self.value(kind, depth)
            code = self.value(I32, depth) + code + ELSE + self.value(kind, depth) + END
        else:
            code = b"\x02" + bytes([kind]) + self.value(kind, depth) + self.value(I32, depth) + BR_IF + uleb(0)
            code += DROP + self.value(kind, depth) + END
        self.open -= 1
        return code

    def results(self, depth):
        return b"".join(self.value(kind, depth) for kind in self.function.results)

    # ---- Calls ----

    def callee(self, fits):
        """A function that comes before this one."""
        found = [i for i, f in enumerate(self.maker.functions[:min(self.number, SMALL)]) if fits(f)]
        return self.choose.choice(found[-6:]) if found else None

    def call(self, number, depth):
        callee = self.maker.functions[number]
        code = b"".join(self.value(kind, depth - 1) for kind in callee.params)
        if self.chance(0.15):
            return code + i32(number) + b"\x11" + uleb(self.maker.module.type(callee.params, callee.results)) + b"\x00"
        return code + b"\x10" + uleb(number)

    def call_itself(self):
        """While there are calls left."""
        f = self.function
        code = read(LEFT) + IF + EMPTY + read(LEFT) + i32(1) + SUB + write(LEFT)
        self.open += 1
        code += b"".join(self.value(kind, 1) for kind in f.params) + b"\x10" + uleb(self.number) + DROP * len(f.results)
        self.open -= 1
        return code + END

    def kept_call(self, depth):
        number = self.callee(lambda callee: True)
        if number is None:
            return b""
        code = self.call(number, depth)
        for kind in reversed(self.maker.functions[number].results):
            local = self.local(kind)
            code += DROP if local is None else put(local)
        return code

    # ---- Statements ----

    def statements(self, most, depth):
        return b"".join(self.statement(depth) for _ in range(self.choose.randint(1, most)))

    def inside(self, opening, depth):
        self.open += 1
        code = opening + self.statements(2, depth)
        self.open -= 1
        return code

    def statement(self, depth):
        what = self.choose.random()
        if what < 0.3 or depth <= 0:
            kind = self.choose.choice(self.kinds)
            return self.value(kind, depth) + put(self.local(kind))
        if what < 0.38:
            return self.value(I64, depth) + write(KEPT)
        if what < 0.46:
            return self.address(depth) + self.value(I64, depth) + b"\x37\x00" + uleb(self.choose.choice([0, 8, 65528]))
        if what < 0.66:
            return self.kept_call(depth)
        if what < 0.74:
            return self.value(I32, 1) + self.inside(IF + EMPTY, depth - 1) + END
        if what < 0.82:
            return self.leave(depth)
        if what < 0.87:
            return self.inside(BLOCK, depth - 1) + self.branch() + END
        if what < 0.9:
            return self.table(depth)
        if self.large:
            return self.loop(depth) if what < 0.94 else self.handler(depth)
        return self.throw() if what < 0.98 else self.call_itself()

    def leave(self, depth):
        """Returns on a condition, with code behind it that is never reached."""
        code = self.value(I32, 1) + IF + EMPTY
        self.open += 1
        code += self.results(1) + (RETURN if self.chance(0.5) else BR + uleb(self.open))
        if self.chance(0.2):
            code += self.statements(1, depth - 1)
        self.open -= 1
        return code + END

    def throw(self):
        return self.value(I32, 1) + IF + EMPTY + count(THROWN) + self.value(I64, 1) + THROW + END

    def branch(self):
        """To the block that has just been opened, on a condition."""
        return self.value(I32, 1) + BR_IF + uleb(0)

    def table(self, depth):
        self.open += 2
        code = BLOCK + BLOCK + self.value(I32, 1) + BR_TABLE + vector([uleb(0), uleb(1)]) + uleb(self.choose.randint(0, 1)) + END
        self.open -= 1
        code += self.statements(1, depth - 1)
        self.open -= 1
        return code + END

    def loop(self, depth):
        """A few rounds."""
        if self.loops == 2:
            return b""
        counter = len(self.kinds) + self.loops
        self.loops += 1
        code = i32(self.choose.randint(2, 6)) + put(counter) + self.inside(LOOP, depth)
        return code + get(counter) + i32(1) + SUB + b"\x22" + uleb(counter) + BR_IF + uleb(0) + END

    def handler(self, depth):
        code = self.inside(TRY, depth) + CATCH
        self.open += 1
        code += write(KEPT) + self.statements(1, depth - 1)
        self.open -= 1
        return code + END

    def whole(self):
        code = count(ENTERED) if self.chance(0.3) or self.large else b""
        if self.large:
            code += i32(CALLS) + write(LEFT) + self.statements(6, 3)
            return code + self.results(2)
        for _ in range(self.choose.choice([0, 1, 1, 2])):
            code += self.statement(2)
        what = self.choose.random()
        if what < 0.03:
            return code + TRAP
        last = self.callee(lambda callee: callee.results == self.function.results)
        if what < 0.4 and last is not None:
            params = self.maker.functions[last].params
            call = b"\x12" if what < 0.15 else b"\x10"
            return code + b"".join(self.value(kind, 1) for kind in params) + call + uleb(last)
        return code + self.results(2)


class Maker:
    def __init__(self, seed):
        self.choose = random.Random(seed)
        self.module = Module()
        self.module.globals = [b"\x7f\x01" + i32(0) + END, b"\x7f\x01" + i32(0) + END, b"\x7e\x01" + i64(5) + END, b"\x7f\x01" + i32(0) + END]
        self.module.memory((1, 16))
        self.module.tag([I64])
        self.functions = []

    def body(self, function, number):
        """The shortest of some: most are to be small enough."""
        wanted = SMALL_SIZE if number < SMALL and self.choose.random() < 0.9 else 1000
        for _ in range(60):
            code = Body(self.choose, self, function, number).whole()
            if len(code) <= wanted:
                break
        return code

    def make(self):
        for number in range(SMALL + LARGE):
            exported = number >= SMALL
            function = Function(self.choose, exported)
            self.functions.append(function)
            code = self.body(function, number)
            runs = [(1, kind) for kind in function.locals] + ([(2, I32)] if exported else [])
            self.module.function(function.params, function.results, code, runs)
            if exported:
                self.module.exports.append(name(f"f{number}") + b"\x00" + uleb(number))
        self.module.table(range(SMALL))
        self.module.exports += [name("entered-i") + b"\x03" + uleb(ENTERED), name("kept-I") + b"\x03" + uleb(KEPT),
                                name("thrown-i") + b"\x03" + uleb(THROWN)]
        return self.module.binary()


def main():
    counts = {"entered": 0, "thrown": 0}

    def see(lines):
        for what in counts:
            counts[what] += counted(lines, what)

    ran = run(lambda seed: Maker(seed).make(), see)
    if ran is None:
        return 77
    different, done = ran
    print(f"{done - different} of {done} modules behave alike at -O0 to -O3 and in Node: {counts['entered']} functions counted,"
          f" {counts['thrown']} exceptions")
    return 1 if different or counts["entered"] < 30 * done or counts["thrown"] < done else 0


if __name__ == "__main__":
    sys.exit(main())

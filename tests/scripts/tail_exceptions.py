#!/usr/bin/env python3
"""Writes scripts in which exceptions are thrown behind tail calls, for wasmaot-spec.

    tail_exceptions.py scripts FOLDER            some counts of parameters
    tail_exceptions.py cover FOLDER ARCH LEVEL   all counts, covered as said below
    tail_exceptions.py coverage                  whether that covers what is said below
    tail_exceptions.py all FOLDER TAIL FORM [PART OF]
                                                 all counts, of one kind of tail call and handler;
                                                 of the first functions, those of one part
    tail_exceptions.py traps FOLDER              modules that trap there instead: traps.sh

A function with so many parameters makes a tail call of one with so many others, which throws; a
handler further up compares what it gets, and its own locals, with what is right. Each script is one
kind of tail call and one form of handler with pairs of counts: of 0 to 40 with `all` and `cover`, else
of those around which conventions run out of registers. The handler calls the first function itself,
through another function that goes on computing, and through a table that never changes. Those that
throw, and the other function, may have returned before.

A throw has eight features: the counts of both functions (41 and 41), the kind of tail call (5), the form
of handler (8), the way it is called (3), the mix of types (2), the level (4), the architecture (3): 4.8
million throws. `cover` makes 201,720 of them, chosen by `combination`, so that there is a throw for

- both counts, tail call and form on each architecture, each with one of the 24 combinations of way, mix
  and level, and over the three architectures with each way;
- both counts and each combination of way, mix and level on each architecture;
- both counts, one of tail call and form, and one of way, mix and level on each architecture;
- one of the counts and every combination of the six other features.

So a fault shows whatever the exact counts it needs, when beside them it depends on two more features and the
architecture; and when it depends on all of them, but on one of the counts only. What can be missed is a fault of exactly one pair
of counts, and not of their neighbours, that needs three or more of the five features. The pairs that can be told
apart by the stack their arguments take (16 bytes and so on, more or less than the other's) are far fewer than those of counts: each
class is many pairs, or has a count of which every combination is there.

`run` of a module gives -1, or the index of the first throw that went wrong.
"""

import itertools
import os
import struct
import sys

sys.dont_write_bytecode = True
from encoding import F32, F64, I32, I64, V128, i32, i64, name, quoted, section, signed, uleb, vector  # noqa: E402

MIXES = {"integers": [I64, I32], "mixed": [I64, F64, V128, I32, F32, I64, V128]}
TAILS = ["direct", "constant-table", "table", "reference", "instance"]
FORMS = ["catch", "catch_ref", "catch_all", "catch_all_ref", "legacy-catch", "legacy-catch_all",
         "delegate", "rethrow"]
WAYS = 3
LOCALS = 8
SOME_COUNTS = [0, 1, 6, 7, 8, 20]
ALL_COUNTS = list(range(41))
ARCHS = ["x86_64", "aarch64", "riscv64"]
LEVELS = 4


class Module:
    """Sections of a module; functions are numbered in the order of `function`, imports first."""

    def __init__(self):
        self.types, self.functions, self.codes = [], [], []
        self.imports, self.exports, self.tables, self.elements = [], [], [], []
        self.tags, self.declared = [], []

    def type(self, params, results):
        encoded = b"\x60" + vector([bytes([p]) for p in params]) + vector(
            [bytes([r]) for r in results])
        if encoded not in self.types:
            self.types.append(encoded)
        return self.types.index(encoded)

    def function(self, kind, local_runs, body):
        self.functions.append(uleb(kind))
        code = vector([uleb(n) + bytes([t]) for n, t in local_runs]) + body + b"\x0b"
        self.codes.append(uleb(len(code)) + code)
        return self.imported() + len(self.functions) - 1

    def imported(self):
        return sum(1 for kind, _ in self.imports if kind == 0)

    def table(self, functions):
        self.tables.append(b"\x70\x00" + uleb(len(functions)))
        index = len(self.tables) - 1
        self.elements.append(b"\x02" + uleb(index) + i32(0) + b"\x0b\x00" +
                             vector([uleb(f) for f in functions]))
        return index

    def binary(self):
        if self.declared:
            self.elements.append(b"\x03\x00" + vector([uleb(f) for f in self.declared]))
        out = b"\0asm\x01\0\0\0"
        for number, items in [(1, self.types), (2, [i for _, i in self.imports]),
                              (3, self.functions), (4, self.tables), (13, self.tags),
                              (7, self.exports), (9, self.elements), (10, self.codes)]:
            if items:
                out += section(number, vector(items))
        return out


def params_of(mix, count):
    kinds = MIXES[mix]
    return [kinds[i % len(kinds)] for i in range(count)]


def constant(kind, value):
    if kind == I32:
        return i32(value)
    if kind == I64:
        return i64(value)
    if kind == F32:
        return b"\x43" + struct.pack("<f", value)
    if kind == F64:
        return b"\x44" + struct.pack("<d", value)
    return b"\xfd\x0c" + struct.pack("<qq", -value, value)


TO_I64 = {I32: b"\xac", I64: b"", F32: b"\xfc\x04", F64: b"\xfc\x06", V128: b"\xfd\x1d\x01"}


def arguments(kinds, first):
    return b"".join(constant(kind, first + i) for i, kind in enumerate(kinds))


def payload(kinds, first):
    value = len(kinds)
    for i in range(len(kinds)):
        value = value * 31 + first + i
    return signed(value, 64)


# Returns a 7 unless the global is the 0 that it is. What comes behind in the code has unwind rows
# that come behind those of a function that has taken its stack arguments off already.
EARLY = b"\x23\x00\x04\x40" + i32(7) + b"\x0f\x0b"


def thrower(module, mix, count):
    """Throws its parameters, put together; what `payload` says. Of those of odd counts the compiler
    sees that they never return."""
    kinds = params_of(mix, count)
    body = (b"" if count % 2 else EARLY) + i64(count)
    for i, kind in enumerate(kinds):
        body += i64(31) + b"\x7e\x20" + uleb(i) + TO_I64[kind] + b"\x7c"
    return module.function(module.type(kinds, [I32]), [], body + b"\x08\x00")


def tail_call(tail, module, kinds, target, place):
    """place: (constant table, table) of throwers and the index of this one."""
    kind = uleb(module.type(kinds, [I32]))
    constant_table, table, index = place
    if tail == "constant-table":
        # From a parameter's place in memory would be as good: the compiler must not know it.
        return b"\x23\x00" + i32(index) + b"\x6a\x13" + kind + uleb(constant_table)
    if tail == "table":
        return i32(index) + b"\x13" + kind + uleb(table)
    if tail == "reference":
        return b"\xd2" + uleb(target) + b"\x15" + kind
    return b"\x12" + uleb(target)


def call(way, module, mix, count, target, between, index, callers):
    kinds = params_of(mix, count)
    if way != 2:
        return arguments(kinds, 100) + b"\x10" + uleb(between if way else target)
    return (arguments(kinds, 100) + b"\x23\x00" + i32(index) + b"\x6a\x11" +
            uleb(module.type(kinds, [I32])) + uleb(callers))


def handler(form, called):
    """Leaves an i64: the payload, or 0 where the form gives none."""
    if form == "return":
        return called
    block, lost = b"\x02\x7e", called + b"\x1a" + i64(-1)
    if form == "catch":
        return block + b"\x1f\x7e\x01\x00\x00\x00" + lost + b"\x0b\x0b"
    if form == "catch_ref":
        kept = b"\x02\x01\x1f\x40\x01\x01\x00\x00" + called + b"\x1a\x0b" + i64(-1) + b"\xd0\x69"
        return kept + b"\x0b\x1a"
    if form == "catch_all":
        return block + b"\x02\x40\x1f\x40\x01\x02\x00" + called + b"\x1a\x0b" + i64(
            -1) + b"\x0c\x01\x0b" + i64(0) + b"\x0b"
    if form == "catch_all_ref":
        return block + b"\x02\x69\x1f\x40\x01\x03\x00" + called + b"\x1a\x0b" + i64(
            -1) + b"\x0c\x01\x0b\x1a" + i64(0) + b"\x0b"
    attempt = b"\x06\x7e"
    if form == "legacy-catch":
        return attempt + lost + b"\x07\x00\x0b"
    if form == "legacy-catch_all":
        return attempt + lost + b"\x19" + i64(0) + b"\x0b"
    if form == "delegate":
        return attempt + attempt + lost + b"\x18\x00\x07\x00\x0b"
    return attempt + attempt + lost + b"\x07\x00\x1a\x09\x00\x0b\x07\x00\x0b"


def catcher(module, form, called, expected):
    """Whether the payload and LOCALS products of the parameter are right."""
    body = b""
    for i in range(LOCALS):
        body += b"\x20\x00" + i64(i + 2) + b"\x7e\x21" + uleb(1 + i)
    body += handler(form, called) + i64(expected) + b"\x51"
    total = sum(range(2, LOCALS + 2))
    body += b"\x20\x01" + b"".join(b"\x20" + uleb(1 + i) + b"\x7c" for i in range(1, LOCALS))
    body += b"\x20\x00" + i64(total) + b"\x7e\x51\x71"
    return module.function(module.type([I64], [I32]), [(LOCALS, I64)], body)


def all_right(module, table, count):
    """-1, or the first index for which the catcher in the table says 0."""
    kind = uleb(module.type([I64], [I32]))
    body = (b"\x03\x40" + b"\x20\x00\x20\x01\x11" + kind + uleb(table) +
            b"\x45\x04\x40\x20\x01\x0f\x0b" +
            b"\x20\x01" + i32(1) + b"\x6a\x22\x01" + i32(count) +
            b"\x48\x0d\x00\x0b" + i32(-1))
    return module.function(int.from_bytes(kind, "little"), [(1, I32)], body)


def throwers(module, mix, counts):
    return [thrower(module, mix, count) for count in counts]


def build(tail, form, mix, counts, throws):
    """The modules of a script: the instance that throws, where it is another one, and the rest."""
    modules, module = [], Module()
    if tail == "instance":
        other = Module()
        other.type([I64], [])
        other.tags.append(b"\x00" + uleb(other.type([I64], [])))
        # A tail call of its own gives its functions an entry point for tail calls from elsewhere.
        other.function(other.type([], []), [], b"\x12\x00")
        for count, function in zip(counts, throwers(other, mix, counts)):
            other.exports.append(name("g%d" % count) + b"\x00" + uleb(function))
        other.exports.append(name("tag") + b"\x04\x00")
        modules.append(other)
    tag_type = module.type([I64], [])
    block_type = module.type([], [I64, 0x69])  # of catch_ref's block
    assert (tag_type, block_type) == (0, 1)
    if tail == "instance":
        for count in counts:
            kind = module.type(params_of(mix, count), [I32])
            module.imports.append((0, name("other") + name("g%d" % count) + b"\x00" + uleb(kind)))
        module.imports.append((4, name("other") + name("tag") + b"\x04\x00" + uleb(tag_type)))
        targets = list(range(len(counts)))
    else:
        module.tags.append(b"\x00" + uleb(tag_type))
        targets = throwers(module, mix, counts)
    fill(module, tail, form, mix, counts, throws, targets)
    modules.append(module)
    return modules


def fill(module, tail, form, mix, counts, throws, targets):
    """throws: (a, b, way), where a count of parameters is that of the first function, b of the other."""
    constant_table, table = module.table(targets), module.table(targets)
    module.exports.append(name("table") + b"\x01" + uleb(table))
    if tail == "reference":
        module.declared += targets
    pairs = list(dict.fromkeys((a, b) for a, b, _ in throws))
    through = {(a, b) for a, b, way in throws if way == 1}
    first, callers = {}, {}
    for a, b in pairs:
        kinds, index = params_of(mix, b), counts.index(b)
        body = arguments(kinds, 1000) + tail_call(tail, module, kinds, targets[index],
                                                  (constant_table, table, index))
        kind = module.type(params_of(mix, a), [I32])
        first[a, b] = module.function(kind, [], body)
        if (a, b) in through:
            between = b"".join(b"\x20" + uleb(i) for i in range(a)) + b"\x10" + uleb(first[a, b])
            callers[a, b] = module.function(kind, [], EARLY + between + i32(1) + b"\x6a")
    firsts = module.table(list(first.values()))
    catchers = []
    for a, b, way in throws:
        called = call(way, module, mix, a, first[a, b], callers.get((a, b)), pairs.index((a, b)), firsts)
        right = payload(params_of(mix, b), 1000) if "all" not in form else 0
        catchers.append(catcher(module, form, called, right))
    run = all_right(module, module.table(catchers), len(catchers))
    module.exports.append(name("run") + b"\x00" + uleb(run))


def returner(module, mix, count):
    """Returns its parameters, put together; what `payload` says."""
    kinds = params_of(mix, count)
    body = i64(count)
    for i, kind in enumerate(kinds):
        body += i64(31) + b"\x7e\x20" + uleb(i) + TO_I64[kind] + b"\x7c"
    return module.function(module.type(kinds, [I64]), [], body)


def build_returns(mix, counts):
    """Calls, and tail calls behind calls, of functions that return what they got."""
    module = Module()
    module.type([I64], [])
    targets = [returner(module, mix, count) for count in counts]
    catchers = []
    for b, target in zip(counts, targets):
        right = payload(params_of(mix, b), 1000)
        values = arguments(params_of(mix, b), 1000)
        catchers.append(catcher(module, "return", values + b"\x10" + uleb(target), right))
        for a in counts:
            kind = module.type(params_of(mix, a), [I64])
            first = module.function(kind, [], values + b"\x12" + uleb(target))
            called = arguments(params_of(mix, a), 100) + b"\x10" + uleb(first)
            catchers.append(catcher(module, "return", called, right))
    run = all_right(module, module.table(catchers), len(catchers))
    module.exports.append(name("run") + b"\x00" + uleb(run))
    return module


GLOBAL = b"\x06\x06\x01\x7f\x01\x41\x00\x0b"  # a mutable i32: the zero nobody knows


def with_global(binary):
    """Puts the global section where it belongs, before the exports."""
    position = 8
    while binary[position] in (1, 2, 3, 4, 13):
        size, shift, at = 0, 0, position + 1
        while True:
            byte = binary[at]
            size, shift, at = size | (byte & 0x7F) << shift, shift + 7, at + 1
            if not byte & 0x80:
                break
        position = at + size
    return binary[:position] + GLOBAL + binary[position:]


# Vectors on the stack, behind and before other arguments there; of each number, as sums differ.
RETURN_MIXES = {"mixed": MIXES["mixed"], "vectors": [V128, V128, I64, V128], "floats": [F64, F64, V128, I32, F32]}
RETURN_COUNTS = [0, 7, 11, 12, 13, 14, 18, 19, 20, 21, 22, 25, 40]


def write_returns(folder):
    for mix, kinds in RETURN_MIXES.items():
        MIXES[mix] = kinds
        with open(os.path.join(folder, "returns.%s.wast" % mix), "w") as file:
            binary = with_global(build_returns(mix, RETURN_COUNTS).binary())
            file.write("(module binary %s)\n" % quoted(binary))
            file.write('(assert_return (invoke "run" (i64.const 77)) (i32.const -1))\n')


def every_throw(firsts, counts):
    return list(itertools.product(firsts, counts, range(WAYS)))


def write(folder, tail, form, mix, counts, throws):
    built = build(tail, form, mix, counts, throws)
    modules = [with_global(module.binary()) for module in built]
    with open(os.path.join(folder, "%s.%s.%s.wast" % (tail, form, mix)), "w") as file:
        for module in modules[:-1]:
            file.write('(module $other binary %s)\n(register "other" $other)\n' % quoted(module))
        file.write("(module binary %s)\n" % quoted(modules[-1]))
        file.write('(assert_return (invoke "run" (i64.const 77)) (i32.const -1))\n')


# ---- The covering ----


def combination(a, b, tail, form, arch):
    """Way, mix and level, by index, of the one throw for these, by index too. 5 and 1 have no factor in common with
    24, so that either count alone runs through all combinations; 5 and 4 were found by trying."""
    number = (5 * a + b + 5 * tail + 4 * form + 8 * arch) % (WAYS * len(MIXES) * LEVELS)
    return number % WAYS, number // WAYS % len(MIXES), number // (WAYS * len(MIXES))


def covering(arch, level, tail, form, mix):
    """The throws (a, b, way) of a script; all by index."""
    found = []
    for a, b in itertools.product(ALL_COUNTS, ALL_COUNTS):
        way, its_mix, its_level = combination(a, b, tail, form, arch)
        if (its_mix, its_level) == (mix, level):
            found.append((a, b, way))
    return found


def write_covering(folder, arch, level):
    throws = 0
    for (i, tail), (j, form), (k, mix) in itertools.product(*map(enumerate, (TAILS, FORMS, MIXES))):
        chosen = covering(ARCHS.index(arch), level, i, j, k)
        write(folder, tail, form, mix, ALL_COUNTS, chosen)
        throws += len(chosen)
    print(throws)


def check_coverage():
    """Whether `covering` has what the head of this file says; prints how much of each set of features."""
    sizes = {"a": 41, "b": 41, "tail": len(TAILS), "form": len(FORMS), "way": WAYS, "mix": len(MIXES),
             "level": LEVELS, "arch": len(ARCHS)}
    names = list(sizes)
    rows = []
    for i, j, arch in itertools.product(range(len(TAILS)), range(len(FORMS)), range(len(ARCHS))):
        for k, level in itertools.product(range(len(MIXES)), range(LEVELS)):
            rows += [(a, b, i, j, way, k, level, arch) for a, b, way in covering(arch, level, i, j, k)]
    promised = ["a b tail form arch", "a b way mix level arch", "a b tail form way"]
    promised += ["a b %s %s arch" % pair for pair in itertools.product(("tail", "form"), ("way", "mix", "level"))]
    promised += ["%s tail form way mix level arch" % count for count in "ab"]
    lacking = 0
    for features in promised:
        places = [names.index(feature) for feature in features.split()]
        there = len({tuple(row[place] for place in places) for row in rows})
        wanted = 1
        for feature in features.split():
            wanted *= sizes[feature]
        lacking += there != wanted
        print("%-34s %7d of %d" % (features, there, wanted))
    print("%d throws" % len(rows))
    return 1 if lacking else 0


def trapping(a, b):
    """run calls between calls f, which makes a tail call of g, which traps."""
    module = Module()
    kinds = params_of("mixed", b)
    nothing = module.type([], [I32])
    g = module.function(module.type(kinds, [I32]), [], (b"" if b % 2 else EARLY) + b"\x00")
    f = module.function(module.type(params_of("mixed", a), [I32]), [],
                        arguments(kinds, 1) + b"\x12" + uleb(g))
    more = i32(1) + b"\x6a"
    between = module.function(nothing, [], arguments(params_of("mixed", a), 1) + b"\x10" +
                              uleb(f) + more)
    run = module.function(nothing, [], b"\x10" + uleb(between) + more)
    module.exports.append(name("run") + b"\x00" + uleb(run))
    names = vector([uleb(i) + name(n) for i, n in enumerate(["g", "f", "between", "run"])])
    custom = name("name") + b"\x01" + uleb(len(names)) + names
    return with_global(module.binary()) + b"\x00" + uleb(len(custom)) + custom


def write_scripts(folder):
    scripts = 0
    for i, tail in enumerate(TAILS):
        for j, form in enumerate(FORMS):
            mix = list(MIXES)[(i + j) % len(MIXES)]
            write(folder, tail, form, mix, SOME_COUNTS, every_throw(SOME_COUNTS, SOME_COUNTS))
            scripts += 1
    write_returns(folder)
    print("%d scripts of %d throws behind tail calls each" % (scripts, WAYS * len(SOME_COUNTS)**2))


def main():
    what = sys.argv[1]
    if what == "coverage":
        return check_coverage()
    folder = sys.argv[2]
    os.makedirs(folder, exist_ok=True)
    if what == "scripts":
        write_scripts(folder)
    elif what == "cover":
        write_covering(folder, sys.argv[3], int(sys.argv[4]))
    elif what == "all":
        part, of = (int(n) for n in sys.argv[5:7]) if len(sys.argv) > 5 else (0, 1)
        firsts = ALL_COUNTS[part::of]
        for mix in MIXES:
            write(folder, sys.argv[3], sys.argv[4], mix, ALL_COUNTS, every_throw(firsts, ALL_COUNTS))
    else:
        for a in SOME_COUNTS:
            for b in SOME_COUNTS:
                with open(os.path.join(folder, "%d-%d.wasm" % (a, b)), "wb") as file:
                    file.write(trapping(a, b))
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""Small modules that are much work for a compiler, made at about 100 KB each.

Each function writes one shape: code whose cost, in LLVM or in the compiler's own data, can grow with
more than its size. SHAPES says how they are called and what must come of it.
"""
import itertools
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "scripts"))
sys.dont_write_bytecode = True
from encoding import get, put, section, sleb, uleb, vector  # noqa: E402


I32, I64, F64, V128, FUNCREF = b"\x7f", b"\x7e", b"\x7c", b"\x7b", b"\x70"
NOP, LOOP, BLOCK, IF, ELSE, END, DROP, SELECT, ADD = (
    b"\x01", b"\x03\x40", b"\x02\x40", b"\x04\x40", b"\x05", b"\x0b", b"\x1a", b"\x1b", b"\x6a")


def signature(params, results):
    return b"\x60" + vector(params) + vector(results)


UNARY = signature([I32], [I32])
NOTHING = signature([], [])


def const(number):
    return b"\x41" + sleb(number)


def tee(local):
    return b"\x22" + uleb(local)


def br_if(depth):
    return b"\x0d" + uleb(depth)


def load(offset=0):
    return b"\x28\x00" + uleb(offset)


def store(offset=0):
    return b"\x36\x00" + uleb(offset)


def body(code, locals_=()):
    content = vector([uleb(count) + kind for count, kind in locals_]) + code + END
    return uleb(len(content)) + content


def module(types, functions, bodies, tables=(), memory=False, tags=(), globals_=(), elems=(), exports=()):
    out = b"\0asm\1\0\0\0" + section(1, vector(types))
    out += section(3, vector([uleb(index) for index in functions]))
    if tables:
        out += section(4, vector(tables))
    if memory:
        out += section(5, vector([b"\x00\x01" if memory is True else memory]))
    if tags:
        out += section(13, vector([b"\x00" + uleb(index) for index in tags]))
    if globals_:
        out += section(6, vector(globals_))
    out += section(7, vector([uleb(1) + b"f" + b"\x00" + uleb(len(functions) - 1), *exports]))
    if elems:
        out += section(9, vector(elems))
    return out + section(10, vector(bodies))


def one(code, locals_=(), kind=UNARY, **more):
    """A module of one function."""
    return module([kind], [0], [body(code, locals_)], **more)


# ---- Values that calls and branches pass on ----


def calls(count, values=1000, padding=0):
    """Each call passes on what the one before returned."""
    wide = signature([I32] * values, [I32] * values)
    code = NOP * padding + const(1) * values + b"\x10\x00" * count + DROP * values
    return module([wide, NOTHING], [0, 1], [body(b"".join(get(i) for i in range(values))), body(code)])


def spread_calls(count, times, values=1000, padding=0):
    """The same in many functions."""
    wide = signature([I32] * values, [I32] * values)
    code = body(NOP * padding + const(1) * values + b"\x10\x00" * times + DROP * values)
    return module([wide, NOTHING], [0] + [1] * count, [body(b"".join(get(i) for i in range(values)))] + [code] * count)


def wide_branches(count, values=1000, padding=0):
    """Branches that carry many values to the end of a block."""
    code = NOP * padding + b"\x02\x01" + const(1) * values + (get(0) + br_if(0)) * count + END
    return module([signature([I32], []), signature([], [I32] * values)], [0], [body(code + DROP * values)])


def wide_blocks(count, values=1000, padding=0):
    """Blocks that take and leave many values."""
    code = NOP * padding + const(1) * values + (b"\x02\x01" + get(0) + br_if(0) + END) * count
    kinds = [signature([I32], []), signature([I32] * values, [I32] * values)]
    return module(kinds, [0], [body(code + DROP * values)])


def wide_table(count, values=1000, padding=0):
    """A br_table whose every entry carries many values."""
    code = NOP * padding + b"\x02\x01" + const(1) * values + get(0) + b"\x0e" + uleb(count)
    code += b"\x00" * (count + 1) + END
    return module([signature([I32], []), signature([], [I32] * values)], [0], [body(code + DROP * values)])


# ---- Locals and labels ----


def phis(locals_, loops):
    """Loops in loops, and all locals change in the innermost."""
    code = LOOP * loops + b"".join(get(i) + const(3) + ADD + put(i + 1) for i in range(locals_))
    code += b"".join(get(i % locals_) + br_if(0) + END for i in range(loops))
    return one(code + get(locals_), [(locals_, I32)])


def joins(locals_, blocks):
    """Locals that change between branches to the ends of many blocks."""
    code = LOOP
    for i in range(blocks):
        code += BLOCK + get(i % locals_) + br_if(0) + get((i + 1) % locals_) + const(i) + ADD
        code += put(i * 7 % locals_) + END
    return one(code + get(0) + br_if(0) + END + get(locals_ - 1), [(locals_, I32)])


def interpreter(cases, locals_=60):
    """A loop around a br_table."""
    code = LOOP + BLOCK * cases + get(0) + const(cases - 1) + b"\x71\x0e" + uleb(cases)
    code += b"".join(uleb(i) for i in range(cases)) + uleb(cases - 1)
    for i in range(cases):
        code += END + b"".join(
            get(1 + (i * 3 + k) % locals_) + get(1 + (i + k) % locals_) + ADD + put(1 + (i * 5 + k) % locals_)
            for k in range(6))
        code += get(0) + const(-1) + ADD + tee(0) + br_if(cases - 1 - i)
    return one(code + END + get(1), [(locals_, I32)])


def dispatch(cases, locals_=60):
    """A loop around a br_table, whose cases do what nobody can fold and go back to it at once."""
    code = LOOP + BLOCK * cases + get(0) + b"\x28\x02\x00" + b"\x0e" + uleb(cases)
    code += b"".join(uleb(i) for i in range(cases)) + uleb(cases - 1)
    for i in range(cases):
        code += END + b"".join(
            get(1 + (i * 3 + k) % locals_) + b"\x28\x02\x04" + get(1 + (i + k) % locals_) + ADD +
            put(1 + (i * 5 + k) % locals_) for k in range(4))
        code += get(0) + const(4) + ADD + put(0) + b"\x0c" + uleb(cases - 1 - i)
    return one(code + END + get(1), [(locals_, I32)], memory=True)


def conditions(cases, count):
    """The same with conditions on two locals, each of which leads back to the loop."""
    code = LOOP + BLOCK * cases + get(0) + b"\x28\x02\x00" + b"\x0e" + uleb(cases)
    code += b"".join(uleb(i) for i in range(cases)) + uleb(cases - 1)
    for i in range(cases):
        code += END
        for k in range(count):
            code += get(1 + (i + k) % 2) + get(0) + ADD + tee(1 + (i + k) % 2) + br_if(cases - 1 - i)
        code += b"\x0c" + uleb(cases - 1 - i)
    return body(code + END + get(1), [(2, I32)])


def many(count, function):
    return module([UNARY], [0] * count, [function] * count, memory=True)


def cases(blocks, ways):
    """A br_table of many ways to few blocks."""
    code = BLOCK * blocks + get(0) + b"\x0e" + uleb(ways)
    code += b"".join(uleb(i % blocks) for i in range(ways + 1))
    return one(code + b"".join(END + get(1) + const(i) + ADD + put(1) for i in range(blocks)) + get(1), [(1, I32)])


def many_locals(count):
    return one(b"".join(get(i) + const(3) + ADD + put(i + 1) for i in range(count)) + get(count), [(count, I32)])


# ---- Straight code: blocks of LLVM's that are long ----


def chain(count):
    """Each value needs the one before: x = x * x + y, in a loop."""
    return one(LOOP + (get(0) + get(0) + b"\x6c" + get(1) + ADD + put(0)) * count + get(0) + br_if(0) + END + get(0),
               kind=signature([I32, I32], [I32]))


def selects(count):
    code = get(0) + b"".join(
        get(0) + const(i) + ADD + get(0) + const(i * 7) + b"\x48" + SELECT for i in range(count))
    return one(code)


def ifs(count):
    """One after the other, which become selects."""
    code = b"".join(get(0) + const(i) + b"\x71" + IF + get(1) + const(3) + ADD + put(1) + ELSE +
                    get(0) + const(1) + ADD + put(0) + END for i in range(count))
    return one(code + get(1), [(1, I32)])


def copies(count):
    """Loads and stores whose addresses LLVM compares with each other."""
    code = b"".join(get(0) + const(4 * i) + ADD + get(0) + const(8 * i) + ADD + load() + store()
                    for i in range(count))
    return one(code + get(0), memory=True)


def stores(count):
    return one(b"".join(get(0) + get(0) + const(i) + ADD + store(i * 4 % 60000) for i in range(count)) + get(0),
               memory=True)


def vectors(count):
    """A loop with as many streams as the vectoriser would compare."""
    code = LOOP
    for i in range(count):
        code += get(i % 5) + get(17) + ADD + get(5 + i % 12) + get(17) + ADD + load(4 * i) + store(4 * i)
    code += get(17) + const(4) + ADD + tee(17) + const(4000) + b"\x49" + br_if(0) + END
    return one(code, [(1, I32)], kind=signature([I32] * 17, []), memory=True)


def sums(count):
    """A chain of floating-point operations."""
    return one(get(0) + (get(0) + b"\xa0" + get(0) + b"\xa2") * count, kind=signature([F64], [F64]))


def sums_in_loops(loops, count=64):
    """Many in each loop, of which each might go with any other, but for what it loads."""
    each = b"".join(get(i) + get(0) + b"\x2b\x00" + uleb(16 * i) + b"\xa0" + get(0) + b"\xb7\xa2" + put(i) for i in range(1, count + 1))
    code = (LOOP + each + get(0) + const(-8) + ADD + tee(0) + br_if(0) + END) * loops + get(1)
    code += b"".join(get(i) + b"\xa0" for i in range(2, count + 1))
    return one(code, [(count, F64)], kind=signature([I32], [F64]), memory=True)


def vector_shifts(count):
    """Shifts of bytes, which few processors have."""
    return one(get(0) + (get(1) + b"\xfd\x6b") * count, kind=signature([V128, I32], [V128]))


def bit_counts(count):
    """Of bytes, which the baseline of x86-64 has no instruction for."""
    return one(get(0) + b"\xfd\x62" * count, kind=signature([V128], [V128]))


def swizzles(count):
    """Nor for these."""
    return one(get(0) + (get(1) + b"\xfd\x0e") * count, kind=signature([V128, V128], [V128]))


def minima(count):
    """Each a few instructions, and two comparisons."""
    return one(get(0) + (get(1) + b"\xa4") * count, kind=signature([F64, F64], [F64]))


# ---- Checks: each may lead to the same trap ----


def truncations(count):
    """From f64 to i32, which may trap, and back."""
    return one(get(0) + b"\xaa\xb7" * count, kind=signature([F64], [F64]))


def grows(count):
    """Each grows the memory by what the one before returned."""
    return one(get(0) + b"\x40\x00" * count, memory=True)


def wide_loads(count):
    """Each is the address of the next, in a memory of 64-bit addresses: a check for each."""
    return one(get(0) + b"\x29\x00\x00" * count, kind=signature([I64], [I64]), memory=b"\x04\x01")


# ---- Nesting ----


def nested_loops(count):
    return one(LOOP * count + (get(0) + const(-1) + ADD + tee(0) + br_if(0) + END) * count + get(0))


def nested_ifs(count):
    return one((get(0) + IF + get(0) + const(1) + ADD + put(0)) * count + END * count + get(0))


def nested_results(count):
    inner = (get(0) + const(1) + ADD + tee(0) + b"\x04\x7f") * count + const(7)
    return one(inner + (ELSE + const(1) + END) * count)


def nested_blocks(count):
    return one(BLOCK * count + b"".join(get(0) + br_if(0) + END for _ in range(count)) + get(0))


def nested_tries(count):
    """try_table in try_table, each of which catches what calls inside throw."""
    code = b"\x1f\x40\x01\x02\x00" * count + (b"\x10\x00" + END) * count
    return module([NOTHING], [0, 0], [body(b""), body(BLOCK + code + END)], tags=[0])


def legacy_tries(count):
    """Nested, of the legacy proposal, each with a clause that rethrows."""
    code = b"\x06\x40" * count + (b"\x10\x00\x19\x09\x00" + END) * count
    return module([NOTHING], [0, 0], [body(b""), body(code)])


# ---- Types, functions, globals ----


def subtype_chain(count):
    kinds = [b"\x50\x00" + NOTHING] + [b"\x50\x01" + uleb(i) + NOTHING for i in range(count)]
    return module(kinds, [0], [body(b"")])


def subtype_calls(kinds, count):
    """Indirect calls of a type that many types are declared subtypes of."""
    group = [b"\x50\x00" + NOTHING] + [b"\x50\x01\x00" + NOTHING for _ in range(kinds)]
    types = [b"\x4e" + vector(group), UNARY]
    code = (get(0) + b"\x11\x00\x00") * count + get(0)
    return module(types, [0, kinds + 1], [body(b""), body(code)], tables=[FUNCREF + b"\x00\x01"],
                  elems=[b"\x00" + const(0) + END + vector([uleb(0)])])


def divisions(count):
    return one(get(0) + (get(0) + b"\x6d") * count)


def globals_(count):
    code = b"".join(b"\x23" + uleb(i) + get(0) + ADD + b"\x24" + uleb(i) for i in range(count))
    return one(code + get(0), globals_=[I32 + b"\x01" + const(i) + END for i in range(count)])


def functions(count):
    """Small ones, all of which a table refers to."""
    return module([UNARY], [0] * count, [body(get(0) + const(i) + ADD) for i in range(count)],
                  tables=[FUNCREF + b"\x00" + uleb(count)],
                  elems=[b"\x00" + const(0) + END + vector([uleb(i) for i in range(count)])])


def small_functions(count, code, calls_=3):
    """Small ones, each of which calls the ones before it: what is inlined, in each other."""
    bodies = [body(get(0) + code)]
    for i in range(1, count):
        before = b"".join(b"\x10" + uleb(max(0, i - 1 - j)) for j in range(calls_))
        bodies.append(body(get(0) + before))
    return module([UNARY], [0] * count, bodies, memory=True)


def small_bodies(count, callees):
    """Functions of calls alone, of which each is as much code as may be inlined."""
    bodies = [body(get(0) + load() * 20) for _ in range(callees)]
    bodies += [body(get(0) + b"".join(b"\x10" + uleb(i % callees) for i in range(30))) for _ in range(count)]
    return module([UNARY], [0] * len(bodies), bodies, memory=True)


def used_types(kinds):
    """A function of each type, which a table refers to that others can change, and a call of each through it: so
    each has both trampolines."""
    count = len(kinds)
    calls_ = b"".join(b"\x00\x11" + uleb(i) + b"\x00" for i in range(count)) + b"\x00"
    return module([*kinds, UNARY], [*range(count), count], [body(b"\x00")] * count + [body(calls_)],
                  tables=[FUNCREF + b"\x00" + uleb(count)], exports=[uleb(1) + b"t" + b"\x01\x00"],
                  elems=[b"\x00" + const(0) + END + vector([uleb(i) for i in range(count)])])


def wide_types(count, values=900):
    """Types of many parameters."""
    return used_types([signature([I32] * values + [I64] * (i % 90) + [F64] * (i // 90), []) for i in range(count)])


def small_types(count):
    choices = itertools.product([I32, I64, F64, V128], repeat=9)
    return [signature(list(params), [I32]) for params in itertools.islice(choices, count)]


def unused_types(count):
    return module([*small_types(count), UNARY], [count], [body(get(0))])


OK, REFUSED = "ok", "refused"

# Name: the module, of about 100 KB times a scale, and whether it is compiled or refused in a line.
SHAPES = {
    "calls": (lambda s: calls(20000 * s), REFUSED),
    "calls-most": (lambda s: calls(45 + 180 * s, padding=95000 * s), OK),
    "calls-spread": (lambda s: spread_calls(33 * s, 2), OK),
    "wide-branches": (lambda s: wide_branches(20000 * s), REFUSED),
    "wide-branches-most": (lambda s: wide_branches(90 + 360 * s, padding=95000 * s), OK),
    "wide-blocks": (lambda s: wide_blocks(15000 * s), REFUSED),
    "wide-blocks-most": (lambda s: wide_blocks(30 + 120 * s, padding=95000 * s), OK),
    "wide-table": (lambda s: wide_table(95000 * s), REFUSED),
    "wide-table-most": (lambda s: wide_table(90 + 360 * s, padding=95000 * s), OK),
    "phis": (lambda s: phis(2500, 10000 * s), OK),
    "phis-most": (lambda s: phis(480, 510), OK),
    "joins": (lambda s: joins(1900, 6000 * s), OK),
    "interpreter": (lambda s: interpreter(1500 * s), OK),
    "dispatch": (lambda s: dispatch(1500 * s), OK),
    "conditions": (lambda s: many(2 * s, conditions(250, 20)), OK),
    "conditions-most": (lambda s: many(48 * s, conditions(40, 5)), OK),
    "interpreters": (lambda s: many(30 * s, conditions(200, 1)), OK),
    "cases": (lambda s: cases(900, 45000 * s), OK),
    "many-locals": (lambda s: many_locals(min(9500 * s, 49000)), OK),
    "chain": (lambda s: chain(10000 * s), OK),
    "selects": (lambda s: selects(7000 * s), OK),
    "ifs": (lambda s: ifs(4000 * s), OK),
    "copies": (lambda s: copies(5000 * s), OK),
    "stores": (lambda s: stores(8000 * s), OK),
    "vectors": (lambda s: vectors(5500 * s), OK),
    "sums": (lambda s: sums(16000 * s), OK),
    "sums-in-loops": (lambda s: sums_in_loops(110 * s), OK),
    "vector-shifts": (lambda s: vector_shifts(25000 * s), OK),
    "bit-counts": (lambda s: bit_counts(50000 * s), OK),
    "swizzles": (lambda s: swizzles(25000 * s), OK),
    "minima": (lambda s: minima(33000 * s), OK),
    "truncations": (lambda s: truncations(50000 * s), OK),
    "grows": (lambda s: grows(50000 * s), OK),
    "wide-loads": (lambda s: wide_loads(33000 * s), OK),
    "nested-loops": (lambda s: nested_loops(7000 * s), OK),
    "nested-ifs": (lambda s: nested_ifs(8000 * s), OK),
    "nested-results": (lambda s: nested_results(7000 * s), OK),
    "nested-blocks": (lambda s: nested_blocks(14000 * s), OK),
    "nested-tries": (lambda s: nested_tries(12000 * s), OK),
    "legacy-tries": (lambda s: legacy_tries(12000 * s), OK),
    "subtype-chain": (lambda s: subtype_chain(15000 * s), REFUSED),
    "subtype-calls": (lambda s: subtype_calls(5000, 18000 * s), OK),
    "divisions": (lambda s: divisions(33000 * s), OK),
    "globals": (lambda s: globals_(7000 * s), OK),
    "functions": (lambda s: functions(10000 * s), OK),
    "small-functions": (lambda s: small_functions(7000 * s, (get(0) + b"\x6d") * 17), OK),
    "small-bodies": (lambda s: small_bodies(1500 * s, 2), OK),
    "wide-types": (lambda s: wide_types(100 * s), OK),
    "types": (lambda s: used_types(small_types(5000 * s)), OK),
    "types-unused": (lambda s: unused_types(8000 * s), OK),
}

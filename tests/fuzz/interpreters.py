#!/usr/bin/env python3
"""Random interpreters: wasmaot at -O0 to -O3, also for this CPU, and Node.

usage: interpreters.py --differ PROGRAM [--first SEED] [--count N] [--hours H] [--keep DIR]

A module has functions that read opcodes from memory and jump by br_table until they return, trap or have made their
steps: with 4 to 600 values, some of which share a case or have that of all others, and programs in which other
values come as well: above, below, negative. Opcodes are bytes or words, behind an addition or not. Cases compute, load,
store, call, trap, go on at once or by way of others, and have jumps of their own. What a function returns, where it traps
and what memory then holds must be the same everywhere.

Status 0 when nothing differs, 1 when something does or too few opcodes were executed, 77 when there is no node.
"""
import argparse
import concurrent.futures
import os
import pathlib
import random
import re
import shutil
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "scripts"))
sys.dont_write_bytecode = True
import engines  # noqa: E402
from encoding import I32, I64, get, i32, i64, name, put, sized, uleb, vector  # noqa: E402
from outcomes import first_difference  # noqa: E402
from pairs import ADD, AND, SUB, Module, results  # noqa: E402

BATCH = 20
FUNCTIONS = 3
STEPS = 2000
PROGRAM = 4096  # bytes of opcodes, in front of what cases store to
LOOP, BLOCK, END, BR, BR_IF, RETURN, TRAP = b"\x03\x40", b"\x02\x40", b"\x0b", b"\x0c", b"\x0d", b"\x0f", b"\x00"
I32_EQZ, I32_SUB, I64_ADD, I64_SUB, I64_MUL, I64_XOR = b"\x45", b"\x6b", b"\x7c", b"\x7d", b"\x7e", b"\x85"
WRAP, EXTEND = b"\xa7", b"\xad"
# Locals behind the parameter, which is where the program starts; globals: opcodes executed, and those without a case.
PC, LEFT, OP, FIRST_VALUE, VALUES = 1, 2, 3, 4, 4
EXECUTED, OTHERS = 0, 1


def count(index):
    return b"\x23" + uleb(index) + i32(1) + ADD + b"\x24" + uleb(index)


class Interpreter:
    def __init__(self, choose):
        self.choose = choose
        self.values = choose.choice([4, 12, 13, 30, 64, 100, 200, 255, 256, 257, choose.randint(258, 600)])
        self.targets = min(self.values, choose.choice([5, 20, 60, 150]))
        self.word = choose.random() < 0.4 or self.values > 256
        self.least = choose.choice([0, 0, 0, 1, 3, 9, 50, 1000 if self.word else 20])
        self.signed = choose.random() < 0.15
        self.checks_first = choose.random() < 0.2
        self.moves = choose.random() < 0.5  # to the next opcode before the jump
        self.by_other = choose.choice([0, 0, 0.01, 0.1])  # how often a value without a case comes

    def opcode(self):
        """A value as it lies in memory."""
        if self.choose.random() < self.by_other:
            if not self.word:
                return bytes([self.choose.randrange(256)])
            far = [self.least - 1, self.least + self.values, self.choose.getrandbits(32), 2**31, 2**32 - 1]
            return (self.choose.choice(far) % 2**32).to_bytes(4, "little")
        value = self.least + self.choose.randrange(self.values)
        return value.to_bytes(4, "little") if self.word else bytes([value % 256])

    def program(self):
        size = 4 if self.word else 1
        return b"".join(self.opcode() for _ in range(PROGRAM // size))

    def local(self):
        return FIRST_VALUE + self.choose.randrange(VALUES)

    def step(self):
        """To the next opcode; at the end, most often, to the beginning."""
        step = get(PC) + i32(4 if self.word else 1) + ADD
        return step + (i32(PROGRAM - 1) + AND if self.choose.random() < 0.9 else b"") + put(PC)

    def fetch(self):
        load = b"\x28\x02\x00" if self.word else (b"\x2c" if self.signed else b"\x2d") + b"\x00\x00"
        code = get(PC) + load
        if self.least:
            code += i32(self.least) + SUB
        return code + b"\x22" + uleb(OP)

    def ended(self, depth):
        return get(LEFT) + i32(1) + I32_SUB + b"\x22" + uleb(LEFT) + I32_EQZ + BR_IF + uleb(depth)

    def compute(self):
        to, one, other = self.local(), self.local(), self.local()
        what = self.choose.random()
        address = get(one) + WRAP + i32(0xFFF8) + AND
        if what < 0.15:
            return address + get(other) + b"\x37\x00" + uleb(PROGRAM)
        if what < 0.3:
            return address + b"\x29\x00" + uleb(PROGRAM) + get(other) + I64_ADD + put(to)
        if what < 0.35:
            return get(one) + b"\x10" + uleb(0) + put(to)
        if what < 0.4:
            return get(PC) + EXTEND + put(to)
        operator = self.choose.choice([I64_ADD, I64_SUB, I64_MUL, I64_XOR])
        constant = get(other) if self.choose.random() < 0.5 else i64(self.choose.randint(-100, 10**6))
        return get(one) + constant + operator + put(to)

    def case(self, depth):
        """One that ends with a jump back to the loop, which is `depth` labels outside, or goes on to the next case."""
        code = count(EXECUTED) + b"".join(self.compute() for _ in range(self.choose.randint(0, 3)))
        what = self.choose.random()
        if what < 0.01:
            return code + TRAP
        if what < 0.02:
            return code + get(self.local()) + RETURN
        if not self.checks_first:
            code += self.ended(depth + 1)
        if not self.moves:
            code += self.step()
        if what < 0.1:
            code += get(self.local()) + WRAP + i32(7) + AND + I32_EQZ + BR_IF + uleb(self.choose.randint(0, depth))
        if what < 0.15:
            return code  # on to the next one
        if what < 0.2:  # a jump of its own
            labels = [uleb(self.choose.randint(0, depth)) for _ in range(self.choose.choice([3, 20]))]
            return code + get(self.local()) + WRAP + i32(31) + AND + b"\x0e" + vector(labels) + uleb(depth)
        return code + BR + uleb(depth)

    def body(self):
        """The labels of the cases, from the inside; the loop; what is left when the steps are made."""
        labels = [uleb(self.choose.randint(0, self.targets)) for _ in range(self.values)]
        code = i32(STEPS) + put(LEFT) + get(0) + i32(PROGRAM - 4) + AND + put(PC) + get(0) + EXTEND + put(FIRST_VALUE)
        code += BLOCK + LOOP
        if self.checks_first:
            code += self.ended(1)
        code += BLOCK * (self.targets + 1) + self.fetch()
        if self.moves:
            code += self.step()
        code += b"\x0e" + vector(labels) + uleb(self.targets) + END
        for i in range(self.targets):
            code += self.case(self.targets - i) + END
        code += count(OTHERS) + self.case(0) + END + END
        return code + b"".join(get(FIRST_VALUE + i) + (I64_XOR if i else b"") for i in range(VALUES))


def build(seed):
    choose = random.Random(seed)
    module = Module()
    module.globals = [b"\x7f\x01" + i32(0) + END] * 2
    module.function([I64], [I64], get(0) + i64(0x9E3779B97F4A7C1) + I64_MUL)
    module.memory((1, 16))
    interpreters = [Interpreter(choose) for _ in range(FUNCTIONS)]
    for number, interpreter in enumerate(interpreters):
        # The program is copied to where all have theirs.
        program = interpreter.program()
        module.datas.append(b"\x01" + sized(program))
        copy = i32(0) + i32(0) + i32(len(program)) + b"\xfc\x08" + uleb(number) + b"\x00"
        function = module.function([I32], [I64], copy + interpreter.body(), [(3, I32), (VALUES, I64)])
        module.exports.append(name(f"f{number}") + b"\x00" + uleb(function))
    module.exports += [name("executed-i") + b"\x03" + uleb(EXECUTED), name("others-i") + b"\x03" + uleb(OTHERS)]
    return module.binary()


# ---- Runs ----


def judge(seed, said):
    expected = said["node"][str(seed)]
    if any(line.startswith(("refused", "unlinkable", "CRASHED")) for line in expected):
        return f"{seed}: node: {expected[-1]}"
    for runner, lines_of in said.items():
        difference = first_difference(expected, lines_of[str(seed)])
        if difference:
            return f"{seed}: {runner} says {difference[1]}, node says {difference[0]}"
    return None


def counted(lines, what):
    return sum(int(match[1]) for match in (re.fullmatch(rf"global {what}-i: i32:(\d+)", line) for line in lines) if match)


def run_batch(seeds, make, runners, pool, keep, see):
    """How many of the modules that are made of seeds differ; what Node says of each is seen."""
    different = 0
    with tempfile.TemporaryDirectory() as temporary:
        paths = [pathlib.Path(temporary) / f"{seed}.wasm" for seed in seeds]
        for seed, path in zip(seeds, paths):
            path.write_bytes(make(seed))
        jobs = {title: pool.submit(results, runner, paths) for title, runner in runners.items()}
        said = {title: job.result() for title, job in jobs.items()}
        for seed, path in zip(seeds, paths):
            see(said["node"][str(seed)])
            difference = judge(seed, said)
            if difference:
                different += 1
                keep.mkdir(parents=True, exist_ok=True)
                shutil.copy(path, keep)
                print(difference, flush=True)
    return different


def run(make, see):
    """Reads the options and compares modules of all seeds: how many differ, of how many; None without a tool."""
    parser = argparse.ArgumentParser()
    engines.add_seed_options(parser)
    arguments = parser.parse_args()
    if engines.missing_tools(["node"]):
        print("SKIPPED: no node; make deps installs it")
        return None
    runners = {"node": engines.Node(), **{f"-O{i}": engines.Native(arguments.differ, i) for i in range(4)}}
    runners["-O3 for this CPU"] = engines.Native(arguments.differ, 3, cpu="native")
    different = done = 0
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for seeds in engines.batches(arguments, BATCH):
            different += run_batch(seeds, make, runners, pool, arguments.keep, see)
            done += len(seeds)
    return different, done


def main():
    counts = {"executed": 0, "others": 0}

    def see(lines):
        for what in counts:
            counts[what] += counted(lines, what)

    ran = run(build, see)
    if ran is None:
        return 77
    different, done = ran
    print(
        f"{done - different} of {done} modules behave alike at -O0 to -O3 and in Node: {counts['executed']} opcodes,"
        f" {counts['others']} of them without a case of their own"
    )
    return 1 if different or counts["executed"] < 1000 * done or counts["others"] < 10 * done else 0


if __name__ == "__main__":
    sys.exit(main())

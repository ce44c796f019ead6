#!/usr/bin/env python3
"""Acquire-release atomics: every atomic access, sequentially consistent by default and by name and acquire-release,
has the same results and traps, and the ordering it asks for is the one that LLVM generates code for.
"""
import argparse
import os
import pathlib
import re
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / 'scripts'))
sys.dont_write_bytecode = True
from encoding import section, sized, sleb, uleb, vector  # noqa: E402

# Opcode, whether of 64 bits, log2 of the bytes, and how many operands follow the address.
WIDTHS = [(False, 2), (True, 3), (False, 0), (False, 1), (True, 0), (True, 1), (True, 2)]
OPERATIONS = [(0x10 + i, wide, log2, 0) for i, (wide, log2) in enumerate(WIDTHS)]
OPERATIONS += [(0x17 + i, wide, log2, 1) for i, (wide, log2) in enumerate(WIDTHS)]
for first in range(0x1e, 0x48, 7):
    OPERATIONS += [(first + i, wide, log2, 1) for i, (wide, log2) in enumerate(WIDTHS)]
OPERATIONS += [(0x48 + i, wide, log2, 2) for i, (wide, log2) in enumerate(WIDTHS)]
FENCE = 0x03
DEFAULT, SEQUENTIAL, RELAXED = range(3)


def is_store(opcode):
    return 0x17 <= opcode <= 0x1d


def access(opcode, log2, order, memory):
    """The instruction with its immediates; `memory` says whether the memory's index is given, too."""
    flags = log2 | (0x40 if memory else 0) | (0x20 if order != DEFAULT else 0)
    out = bytes([0xfe, opcode, flags]) + (b'\0' if memory else b'')
    if order != DEFAULT:
        out += bytes([0 if order == SEQUENTIAL else 0x11 if opcode >= 0x1e else 1])
    return out + b'\x08'  # an offset


def function(opcode, wide, log2, operands, order, memory):
    """Of an address: does it, and gives what it returns (or 1) mixed with what is there then."""
    constant = b'\x42' if wide else b'\x41'
    values = [sleb(0x1234567890abcdef >> 3 if wide else 0x2345678), sleb(-77)]
    code = b'\x20\0'
    if operands == 2:
        code += constant + sleb(0) + constant + values[0]
    elif operands == 1:
        code += constant + values[1]
    code += access(opcode, log2, order, memory)
    if is_store(opcode):
        code += constant + b'\1'
    code += b'' if wide else b'\xac'  # i64.extend_i32_s
    code += b'\xfe\x03' + (b'\1' if order == RELAXED else b'\0')
    code += b'\x42' + sleb(31) + b'\x7e' + b'\x41\x08\x29\0\x08' + b'\x85\x0b'
    return sized(b'\0' + code)


def module(shared, order, memory):
    names = [b'f%d' % i for i in range(len(OPERATIONS))]
    bodies = [function(*operation, order, memory) for operation in OPERATIONS]
    limits = b'\3\1\1' if shared else b'\0\1'
    return (b'\0asm\1\0\0\0' + section(1, vector([b'\x60\1\x7f\1\x7e'])) + section(3, vector([b'\0'] * len(names)))
            + section(5, vector([limits]))
            + section(7, vector([sized(name) + b'\0' + uleb(i) for i, name in enumerate(names)]))
            + section(10, vector(bodies)))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('--wasmaot', required=True)
    args = parser.parse_args()
    checks = failures = 0

    def check(name, holds, shown=''):
        nonlocal checks, failures
        checks += 1
        if not holds:
            failures += 1
            print(f'FAILED: {name}: {shown}'[:600])

    with tempfile.TemporaryDirectory() as directory:
        work = pathlib.Path(directory)
        environment = {**os.environ, 'WASMAOT_CACHE_DIR': str(work / 'cache')}

        def run(*words):
            return subprocess.run([args.wasmaot, *words], capture_output=True, text=True, timeout=120, check=False,
                                  env=environment)

        for shared in (False, True):
            results = {}
            for order in (DEFAULT, SEQUENTIAL, RELAXED):
                for memory in (False, True):
                    path = work / 'm.wasm'
                    path.write_bytes(module(shared, order, memory))
                    for level in ('-O0', '-O3'):
                        key = (order, memory, level)
                        made = run('compile', level, str(path), '-o', str(work / 'm.o'))
                        check(f'{shared} {key} compiles', made.returncode == 0, made.stderr)
                        said = []
                        # Aligned, misaligned but for bytes, and outside the memory.
                        for i in range(len(OPERATIONS)) if level == '-O3' or memory else range(0, len(OPERATIONS), 9):
                            for address in (0, 1, 65536):
                                done = run('run', f'--invoke=f{i}', str(work / 'm.o'), str(address))
                                said.append((i, address, done.returncode, done.stdout,
                                             done.stderr.split('\n')[0]))
                        results[key] = {(i, address): rest for i, address, *rest in said}
                uses = run('inspect', str(work / 'm.o')).stdout
                check('the proposal is noted', ('relaxed-atomics' in uses) == (order != DEFAULT), uses)
                off = run('compile', '--features=-relaxed-atomics', str(path), '-o', str(work / 'off.o'))
                check('and can be off', (off.returncode == 0) == (order == DEFAULT), off.stderr)
                ir = run('compile', '-O3', '--emit=ir', str(path), '-o', '-').stdout
                check_orderings(check, ir, order)
            first = results[(DEFAULT, True, '-O3')]
            check('results', all(rest[0] == 0 for (i, address), rest in first.items() if address == 0), first)
            check('misaligned', all(rest[2] == 'wasmaot: trap: unaligned atomic' for (i, address), rest in first.items()
                                    if address == 1 and OPERATIONS[i][2] > 0), first)
            check('outside', all(rest[2] == 'wasmaot: trap: out of bounds memory access'
                                 for (i, address), rest in first.items() if address == 65536), first)
            for key, found in results.items():
                wrong = {at: (rest, first[at]) for at, rest in found.items() if rest != first[at]}
                check(f'{shared} {key} as the default', not wrong, wrong)
    print(f'{checks} checks, {failures} failed')
    return failures != 0


def check_orderings(check, ir, order):
    """What the accesses of the module's functions have; a load that only traps is of another kind."""
    loads = set(re.findall(r'= load atomic (?:volatile )?i\d+, .*? (acquire|seq_cst),', ir))
    stores = set(re.findall(r'store atomic (?:volatile )?i\d+ .*? (release|seq_cst),', ir))
    others = set(re.findall(r'= atomicrmw .*? (acq_rel|seq_cst),', ir))
    pairs = set(re.findall(r'= cmpxchg .*? (acq_rel acquire|seq_cst seq_cst),', ir))
    fences = set(re.findall(r'^ *fence (acq_rel|seq_cst)', ir, re.M))
    if order == RELAXED:
        wanted = ({'acquire'}, {'release'}, {'acq_rel'}, {'acq_rel acquire'}, {'acq_rel'})
    else:
        wanted = ({'seq_cst'}, {'seq_cst'}, {'seq_cst'}, {'seq_cst seq_cst'}, {'seq_cst'})
    check('orderings', (loads, stores, others, pairs, fences) == wanted, (order, loads, stores, others, pairs, fences))


if __name__ == '__main__':
    sys.exit(main())

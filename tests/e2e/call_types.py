#!/usr/bin/env python3
"""The types that a trapped indirect call expects and finds: of read-only tables and of others, in every way that
such calls are compiled, from few and many types, with values in many registers.
"""
import argparse
import os
import pathlib
import subprocess
import sys
import tempfile

# Each entry of the table, and what a report calls it.
FUNCTIONS = [
    ('(param i32) (result i32)', 'local.get 0', '(func (param i32) (result i32))'),
    ('', '', '(func)'),
    ('(param i64 f32) (result f64 v128)', 'unreachable', '(func (param i64 f32) (result f64 v128))'),
    ('(param funcref externref)', '', '(func (param funcref externref))'),
    ('(param ' + 'i64 ' * 60 + ')', '', '(func (param ' + 'i64 ' * 3),
]
WANTED = '(func (param i32 i32) (result i32))'
NULL, OUTSIDE = len(FUNCTIONS) + 1, 100


def text(exported, tail, opened, padding):
    """A module whose function `many` calls by the table in four places, which of them is its second argument."""
    call = 'return_call_indirect' if tail else 'call_indirect'
    types = ''.join(f'(type (func (param {"i32 " * (i % 7)} {"f32 " * (i // 7)})))' for i in range(padding))
    wanted = '(type $w (sub (func (param i32 i32) (result i32))))' if opened else \
        '(type $w (func (param i32 i32) (result i32)))'
    functions = ''.join(f'(func $f{i} {signature} {body})' for i, (signature, body, _) in enumerate(FUNCTIONS))
    names = ' '.join(f'$f{i}' for i in range(len(FUNCTIONS)))
    places = ''.join(
        f'(if (i32.eq (local.get 1) (i32.const {i})) (then (return ({call} (type $w) '
        f'(i32.add (local.get 0) (i32.const {i})) (i32.mul (local.get 1) (local.get 0)) (local.get 0)))))'
        for i in range(3))
    return f'''(module {types} {wanted} (table {'(export "t")' if exported else ''} 20 funcref)
      (elem (i32.const 0) {names}) {functions}
      (func $right (type $w) (i32.sub (local.get 0) (local.get 1))) (elem (i32.const 10) $right)
      (func (export "many") (param i32 i32) (result i32) {places}
        ({call} (type $w) (i32.const 9) (i32.const 4) (local.get 0))))'''


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('--wasmaot', required=True)
    parser.add_argument('--wat2wasm', required=True)
    args = parser.parse_args()
    checks = failures = 0
    with tempfile.TemporaryDirectory() as directory:
        work = pathlib.Path(directory)
        environment = {**os.environ, 'WASMAOT_CACHE_DIR': str(work / 'cache')}

        def run(*words):
            return subprocess.run([args.wasmaot, *words], capture_output=True, text=True, timeout=120, check=False,
                                  env=environment)

        # What a module is like, and how it is compiled.
        for exported, tail, opened, padding in ((0, 0, 0, 0), (1, 0, 0, 0), (0, 1, 0, 0), (1, 1, 0, 0), (0, 0, 0, 200),
                                                (1, 0, 0, 200), (0, 0, 1, 0), (1, 0, 1, 150)):
            source = text(exported, tail, opened, padding)
            (work / 'm.wat').write_text(source, encoding='utf-8')
            if opened:
                # wat2wasm knows no (sub ...): the type is rewritten in the binary.
                (work / 'm.wat').write_text(source.replace('(sub (func (param i32 i32) (result i32)))',
                                                           '(func (param i32 i32) (result i32))'), encoding='utf-8')
            done = subprocess.run([args.wat2wasm, '--enable-all', str(work / 'm.wat'), '-o', str(work / 'm.wasm')],
                                  check=False)
            if opened:
                plain = b'\x60\x02\x7f\x7f\x01\x7f'
                data = (work / 'm.wasm').read_bytes()
                at = data.index(plain)
                (work / 'm.wasm').write_bytes(resize(data[:at] + b'\x50\x00' + data[at:], 2))
            for options in (['-O0'], ['-O3'], ['-O2', '--mask-indexes'], ['-O1', '-g'], ['-O3', '--memory-checks=explicit']):
                made = run('compile', *options, str(work / 'm.wasm'), '-o', str(work / 'm.o'))
                checks += 1
                if done.returncode or made.returncode:
                    failures += 1
                    print('FAILED: compiling', exported, tail, opened, padding, options, made.stderr)
                    continue
                for place in range(4):
                    for entry in [*range(len(FUNCTIONS)), NULL, OUTSIDE, 10]:
                        said = run('run', '--invoke=many', str(work / 'm.o'), str(entry), str(place))
                        line = said.stderr.split('\n')[0]
                        if entry == 10:
                            right = said.stdout.strip() == str(entry + place - place * entry if place < 3 else 5)
                        elif entry < len(FUNCTIONS):
                            right = line.startswith('wasmaot: trap: indirect call type mismatch: '
                                                    f'expected {WANTED}, found {FUNCTIONS[entry][2]}')
                            right = right and (entry < 4 and line.endswith(FUNCTIONS[entry][2]) or line.endswith(' ...)'))
                        else:
                            right = line == 'wasmaot: trap: ' + ('uninitialized' if entry == NULL else 'undefined') + ' element'
                        checks += 1
                        if not right:
                            failures += 1
                            print('FAILED:', exported, tail, opened, padding, options, place, entry, line, said.stdout)
    print(f'{checks} checks, {failures} failed')
    return failures != 0


def resize(data, by):
    """The size of the type section, which comes first, made larger."""
    at, size, shift = 9, 0, 0
    while True:
        byte = data[at]
        size |= (byte & 0x7f) << shift
        at, shift = at + 1, shift + 7
        if byte < 0x80:
            break
    size += by
    return data[:9] + bytes([size & 0x7f | 0x80, size >> 7 & 0x7f | 0x80, size >> 14 & 0x7f | 0x80,
                             size >> 21 & 0x7f]) + data[at:]


if __name__ == '__main__':
    sys.exit(main())

#!/usr/bin/env python3
"""Modules that lack what most have, or have it in an unusual kind, at every level of optimisation.

The same functions are compiled with other memories or tables beside them, in front of them and in place
of their own: none, imported, of 64-bit addresses, shared, with pages of one byte. What they return must
not depend on that, nor on the level; where they trap, they must still trap. Then modules that have no
functions, or no types at all: the compiler has to come through.
"""
import argparse
import pathlib
import shutil
import subprocess
import sys
import tempfile

LEVELS = range(4)
TRAPPED = 134

# Kinds of memory: the limits' flags, pages at least and at most.
MEMORIES = {'plain': (0x00, 4, None), 'bounded': (0x01, 4, 9), 'empty': (0x00, 0, None),
            'shared': (0x03, 4, 9), 'wide': (0x04, 4, None), 'bytes': (0x08, 0x40000, None),
            'wide bytes': (0x0c, 0x40000, None), 'shared wide': (0x07, 4, 9)}
# What (@at stands for in the templates, with addresses of 32 and of 64 bits.
NARROW = '(i32.or (i32.const 0) '
WIDE = '(i64.extend_i32_u '


def leb(number):
    out = bytearray()
    while number > 0x7f:
        out.append(number & 0x7f | 0x80)
        number >>= 7
    return bytes(out + bytes([number]))


def limits(kind):
    flags, least, most = MEMORIES[kind]
    page = leb(0) if flags & 8 else b''
    return bytes([flags]) + leb(least) + (leb(most) if flags & 1 else b'') + page


def sections(module):
    at = 8
    while at < len(module):
        kind, at, size, shift = module[at], at + 1, 0, 0
        while True:
            byte = module[at]
            size |= (byte & 0x7f) << shift
            at, shift = at + 1, shift + 7
            if byte < 0x80:
                break
        yield kind, module[at:at + size]
        at += size


def with_memories(module, kinds, imported):
    """The module with memories of these kinds instead of its own; `imported` of them are imported."""
    parts = dict(sections(module))
    parts.pop(5, None)
    if imported:
        entries = [b'\x03env' + b'\x02m' + bytes([0x30 + i]) + b'\x02' + limits(kind)
                   for i, kind in enumerate(kinds[:imported])]
        parts[2] = leb(len(entries)) + b''.join(entries)
    if kinds[imported:]:
        parts[5] = leb(len(kinds) - imported) + b''.join(map(limits, kinds[imported:]))
    return module[:8] + b''.join(bytes([kind]) + leb(len(parts[kind])) + parts[kind]
                                 for kind in sorted(parts))


# What has no function, or no type, no memory, no table.
BARE = [
    '', '(func)', '(func) (start 0)', '(type (func))', '(memory 1)', '(memory 0)', '(memory i64 1)',
    '(memory 1) (data (i32.const 0) "x")', '(data "x")', '(elem externref)', '(table 1 funcref)',
    '(table 0 externref)', '(import "env" "m" (memory 1))', '(import "env" "m" (memory i64 1))',
    '(import "env" "t" (table 0 externref))', '(import "env" "g" (global i32))',
    '(import "env" "f" (func))', '(global i32 (i32.const 1)) (export "g" (global 0))',
    '(memory (export "m") 1) (table (export "t") 1 funcref)',
    '(func (export "f") (loop (br 0)))', '(func (export "f") unreachable)',
    '(global $v (mut v128) (v128.const i64x2 0 0)) '
    '(func (export "f") (loop (global.set $v (i32x4.add (global.get $v) (global.get $v))) (br 0)))',
]

# A function of WASI that reads and writes the memory, where there is none.
NO_MEMORY = '''(import "wasi_snapshot_preview1" "fd_write" (func (param i32 i32 i32 i32) (result i32)))
  (func (export "run") (result i32) (call 0 (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))'''
EFAULT = '21\n'


class Test:
    def __init__(self, options, work):
        self.wasmaot = options.wasmaot
        self.wat2wasm = options.wat2wasm
        self.sources = pathlib.Path(__file__).parent / 'odd'
        self.work = pathlib.Path(work)
        self.runs = self.failures = 0

    def assemble(self, text):
        source = self.work / 'module.wat'
        source.write_text(text)
        binary = self.work / 'assembled.wasm'
        subprocess.run([self.wat2wasm, '--enable-memory64', '--enable-multi-memory', '--enable-threads',
                        source, '-o', binary], check=True)
        return binary.read_bytes()

    def template(self, name, declared='', wide=False):
        text = (self.sources / f'{name}.wat').read_text()
        text = text.replace('@declared', declared)
        return self.assemble(text.replace('(@at ', WIDE if wide else NARROW))

    def fail(self, what, done):
        self.failures += 1
        print(f'FAILED: {what}: status {done.returncode}\n  {done.stdout.strip()}\n  {done.stderr.strip()}')

    def command(self, what, status, *args):
        done = subprocess.run([self.wasmaot, *map(str, args)], stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, timeout=120)
        self.runs += 1
        if done.returncode != status:
            self.fail(what, done)
        return done

    def compiled(self, what, module, *extra):
        """Yields (description, object), a level after the other."""
        wasm = self.work / 'module.wasm'
        wasm.write_bytes(module)
        for level in LEVELS:
            out = self.work / 'module.o'
            out.unlink(missing_ok=True)
            self.command(f'{what}, -O{level}', 0, 'compile', f'-O{level}', *extra, wasm, '-o', out)
            if out.exists():
                yield f'{what}, -O{level}', out

    def behaves(self, what, module, expected=None, traps=True):
        """Runs a module at all levels; what it prints, which must be the same each time."""
        for where, out in self.compiled(what, module):
            done = self.command(where, 0, 'run', '--invoke=run', out)
            if expected is not None and done.stdout != expected:
                self.fail(f'{where}: expected {expected!r}', done)
            expected = done.stdout
            if traps:
                self.command(f'{where}, trap', TRAPPED, 'run', '--invoke=trap', out)
        return expected

    def without_memory(self):
        self.behaves('count', self.template('count'), '', traps=False)
        module = self.template('locals')
        expected = self.behaves('no memory', module)
        for kind in MEMORIES:
            for imported in (0, 1):
                self.behaves(f'unused memory, {kind}, imported {imported}',
                             with_memories(module, [kind], imported), expected)
        for kinds in (('wide', 'plain'), ('shared', 'bytes'), ('bytes', 'wide'), ('empty', 'shared wide')):
            self.behaves(f'unused memories, {kinds}', with_memories(module, kinds, 0), expected)

    def with_memory(self):
        def assembled(kind, other):
            wide = MEMORIES[kind][0] & 4
            used = f'(memory $used {"i64" if wide else ""} 4)'
            memories = {None: used, 'first': f'(memory $other 1) {used}',
                        'second': f'{used} (memory $other 1)'}[other]
            return self.template('memory', memories, wide)

        kinds = [kind for kind in MEMORIES if kind != 'empty']
        expected = self.behaves('memory', assembled('plain', None))
        for kind in kinds[1:]:
            self.behaves(f'memory, {kind}', with_memories(assembled(kind, None), [kind], 0), expected)
        for kind in kinds:
            self.behaves(f'memory, {kind}, imported',
                         with_memories(assembled(kind, None), [kind], 1), expected)
        for other in MEMORIES:
            self.behaves(f'memory 1 used, memory 0 {other}',
                         with_memories(assembled('plain', 'first'), [other, 'plain'], 0), expected)
        for other in ('empty', 'shared', 'wide bytes'):
            self.behaves(f'memory 1 used, memory 0 {other} and imported',
                         with_memories(assembled('plain', 'first'), [other, 'plain'], 1), expected)
        for kind in kinds[1:]:
            self.behaves(f'memory 0 used, {kind}, memory 1 plain',
                         with_memories(assembled(kind, 'second'), [kind, 'plain'], 0), expected)
            self.behaves(f'memory 1 used, {kind}, memory 0 plain',
                         with_memories(assembled(kind, 'first'), ['plain', kind], 0), expected)

    def with_tables(self):
        used = '(table $used 3 funcref)'
        expected = None
        for tables in (used, f'(table 0 funcref) {used}', f'(table 2 externref) {used}',
                       f'(table 0 externref) {used} (memory i64 1)'):
            expected = self.behaves(tables, self.template('tables', tables), expected)
        imported = f'(import "env" "t" {used})'
        for tables in (imported, f'(import "env" "u" (table 0 externref)) {imported}'):
            for where, out in self.compiled(tables, self.template('tables', tables)):
                self.command(where, 0, 'inspect', out)

    def bare(self):
        for text in BARE:
            for extra in ([], ['-g']):
                for where, out in self.compiled(f'({text}) {extra}', self.assemble(f'(module {text})'), *extra):
                    self.command(where, 0, 'inspect', out)
        self.behaves('WASI without a memory', self.assemble(f'(module {NO_MEMORY})'), EFAULT, traps=False)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('--wasmaot', required=True)
    parser.add_argument('--wat2wasm', required=True)
    options = parser.parse_args()
    work = tempfile.mkdtemp(prefix='wasmaot-odd.')
    try:
        test = Test(options, work)
        test.without_memory()
        test.with_memory()
        test.with_tables()
        test.bare()
    finally:
        shutil.rmtree(work)
    print(f'{test.runs} runs, {test.failures} failures')
    return 1 if test.failures or not test.runs else 0


sys.exit(main())

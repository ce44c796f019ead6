#!/usr/bin/env python3
"""Makes the corpora that fuzzing starts from.

usage: seeds.py OUT [--spec DIR] [--guests DIR] [--wasmaot COMMAND]

OUT/front gets the modules of the official test scripts, valid and invalid ones, and small guests;
OUT/compile some of them, as compiling each at all levels takes longer than looking at it;
OUT/wasi gets bytes, each of which is some calls;
OUT/loader gets artifacts of some of them at different levels, when there is a command to compile
with; OUT/regressions the inputs that are committed as hexadecimal digits, as bytes. Nothing is
random: the same sources give the same corpora.
"""
import argparse
import hashlib
import pathlib
import re
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / 'scripts'))
sys.dont_write_bytecode = True
from encoding import read_uleb  # noqa: E402

LARGEST_MODULE = 4096
LARGEST_GUEST = 1 << 16
ARTIFACTS_PER_FOLDER = 12
# Of the official modules, by the digest that names them: every so many are compiled.
COMPILED_ONE_IN = 24
CALL_INPUTS = 600

MODULE = re.compile(rb'\(module(?:\s+definition)?(?:\s+\$[^\s()]+)?\s+binary((?:\s*"(?:[^"\\]|\\.)*")*)\s*\)')
STRING = re.compile(rb'"((?:[^"\\]|\\.)*)"')
ESCAPE = re.compile(rb'\\([0-9a-fA-F]{2}|.)')
PLAIN = {b't': b'\t', b'n': b'\n', b'r': b'\r', b'"': b'"', b"'": b"'", b'\\': b'\\'}


def unescape(text):
    def one(match):
        escape = match.group(1)
        return bytes([int(escape, 16)]) if len(escape) == 2 else PLAIN[escape]
    return ESCAPE.sub(one, text)


def script_modules(path):
    for match in MODULE.finditer(path.read_bytes()):
        yield b''.join(unescape(text) for text in STRING.findall(match.group(1)))


def write_new(directory, data, suffix):
    directory.mkdir(parents=True, exist_ok=True)
    path = directory / (hashlib.sha256(data).hexdigest()[:16] + suffix)
    if not path.exists():
        path.write_bytes(data)
    return path


def compile_to(command, module, directory, level):
    target = directory / f'{module.stem}-O{level}.o'
    directory.mkdir(parents=True, exist_ok=True)
    if not target.exists():
        subprocess.run([command, 'compile', f'-O{level}', str(module), '-o', str(target)],
                       stderr=subprocess.DEVNULL, check=False)
    return target.exists()


def debug_sections(module):
    """The custom sections with DWARF, one after the other."""
    at, found = 8, b''
    while at < len(module):
        size, body = read_uleb(module, at + 1)
        length, name = read_uleb(module, body)
        if module[at] == 0 and module[name:name + length].startswith(b'.debug'):
            found += module[at:body + size]
        at = body + size
    return found


def write_calls(directory):
    """Digests, which are as good as random bytes and the same everywhere."""
    directory.mkdir(parents=True, exist_ok=True)
    for number in range(CALL_INPUTS):
        data = b''.join(hashlib.sha256(b'%d %d' % (number, i)).digest() for i in range(16))
        (directory / str(number)).write_bytes(data)


def write_regressions(out):
    here = pathlib.Path(__file__).parent / 'regressions'
    for path in here.glob('*/*.hex'):
        lines = (line.split('#')[0] for line in path.read_text().splitlines())
        target = out / 'regressions' / path.parent.name
        target.mkdir(parents=True, exist_ok=True)
        (target / path.stem).write_bytes(bytes.fromhex(''.join(lines)))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('out', type=pathlib.Path)
    parser.add_argument('--spec', type=pathlib.Path)
    parser.add_argument('--guests', type=pathlib.Path)
    parser.add_argument('--wasmaot')
    arguments = parser.parse_args()
    front, loader = arguments.out / 'front', arguments.out / 'loader'
    compiled = arguments.out / 'compile'
    write_regressions(arguments.out)
    write_calls(arguments.out / 'wasi')
    to_compile = []
    for folder in sorted(p for p in arguments.spec.iterdir() if p.is_dir()) if arguments.spec else []:
        modules = {}
        for script in sorted(folder.glob('*.wast')):
            for data in script_modules(script):
                if len(data) <= LARGEST_MODULE:
                    modules[write_new(front, data, '.wasm')] = len(data)
        for path in modules:
            if int(path.stem, 16) % COMPILED_ONE_IN == 0:
                write_new(compiled, path.read_bytes(), '.wasm')
        # The largest have the most in them.
        to_compile += sorted(modules, key=lambda path: (-modules[path], path))[:ARTIFACTS_PER_FOLDER]
    for guest in sorted(arguments.guests.glob('*.wasm')) if arguments.guests else []:
        data = guest.read_bytes()
        if debug_sections(data):
            write_new(arguments.out / 'dwarf', debug_sections(data), '')
        if len(data) <= LARGEST_GUEST:
            to_compile.append(write_new(front, data, '.wasm'))
    artifacts = 0
    if arguments.wasmaot:
        for index, module in enumerate(to_compile):
            if module.stat().st_size <= LARGEST_MODULE:
                write_new(compiled, module.read_bytes(), '.wasm')
            artifacts += compile_to(arguments.wasmaot, module, loader, (0, 1, 3)[index % 3])
    print(f'{len(list(front.iterdir())) if front.exists() else 0} modules, {artifacts} artifacts')


if __name__ == '__main__':
    main()

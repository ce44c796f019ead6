#!/usr/bin/env python3
"""Runs the commands that the documentation shows, and compares what they say with what it says.

    commands.py SOURCE WASMAOT BUILD CLANG WAT2WASM

Every block of code names its language. Blocks of `sh` are run, a page's in one folder, which has the files that
are at hand below; `sh needs=WHAT` is for a reader who has that, and is not run. Where lines begin with `$ `
these are the commands and the others what they print; else every line is a command. A command fails when its
last line of output is one of wasmaot's messages, and then only. `cat FILE` also makes a file that is not there.
"""
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

# From the guests of the tests, or in the text format.
GUESTS = {
    'app.wasm': 'echo',
    'hello.wasm': 'hello',
    'demo.wasm': 'demo',
    'add.wasm': 'reactor',
    'lib.wasm': 'reactor',
    'math.wasm': 'reactor',
    'shapes.wasm': 'reactor',
}
TEXTS = {
    'a.wasm':
        '(module (import "math" "add" (func $add (param i32 i32) (result i32)))'
        ' (func (export "_start") (drop (call $add (i32.const 40) (i32.const 2)))))',
    'game.wasm':
        '(module (import "env" "emscripten_resize_heap" (func)) (import "env" "_abort_js" (func))'
        ' (func (export "_start")))',
}
LANGUAGES = {'c', 'cmake', 'go', 'python', 'rust', 'sh', 'text', 'toml'}
# What differs from machine to machine and from run to run.
VARYING = [
    (re.compile(r'\b\d+(\.\d+)? (ms|bytes|entries)\b'), r'# \2'),
    (re.compile(r'^(entries|bytes)( +)\d+', re.M), r'\1 #'),
    (re.compile(r'\b\d+(\.\d+)? s of processor time in \d+ runs'), 'some processor time in some runs'),
    (re.compile(r'LLVM \d+(\.\d+)*'), 'LLVM #'),
]


def blocks(text):
    """(line, language, words, lines) of every block of code."""
    found, begin = [], None
    for number, line in enumerate(text.splitlines(), 1):
        if not line.startswith('```'):
            if begin:
                begin[3].append(line)
        elif begin:
            found.append(begin)
            begin = None
        else:
            language, *words = line[3:].split() or ['']
            begin = (number, language, words, [])
    return found


def commands(lines):
    """(command, lines that it prints) of a block."""
    if not any(line.startswith('$ ') for line in lines):
        return [(line, []) for line in lines if line.strip() and not line.startswith('#')]
    found = []
    for line in lines:
        if line.startswith('$ '):
            found.append((line[2:], []))
        elif line.strip():
            found[-1][1].append(line)
    return found


class Runner:

    def __init__(self, wasmaot, build, clang, wat2wasm):
        self.build = build
        self.wat2wasm = wat2wasm
        self.place = pathlib.Path(tempfile.mkdtemp(prefix='wasmaot-commands-'))
        tools = self.place / 'bin'
        tools.mkdir()
        (tools / 'wasmaot').symlink_to(wasmaot)
        (tools / 'clang').symlink_to(clang)
        self.home = self.place / 'home'
        self.home.mkdir()
        self.environment = {
            'PATH': f'{tools}:{os.environ["PATH"]}',
            'HOME': str(self.home),
            'LANG': 'C.UTF-8',
        }
        self.failures = 0
        self.ran = 0

    def folder(self, page):
        """A folder for a page, with what is at hand there."""
        folder = self.place / page.replace('/', '-')
        folder.mkdir()
        for name, guest in GUESTS.items():
            shutil.copy(self.build / f'tests/guests/{guest}.wasm', folder / name)
        for name, text in TEXTS.items():
            subprocess.run([self.wat2wasm, '-', '-o', folder / name], input=text, text=True, check=True)
        (folder / 'data').mkdir()
        (folder / 'build').mkdir()
        (folder / 'build/release').symlink_to(self.build)
        return folder

    def same(self, text):
        text = text.replace(str(self.home), '/home/me')
        for pattern, by in VARYING:
            text = pattern.sub(by, text)
        return [line.rstrip() for line in text.splitlines() if line.strip()]

    def run(self, where, folder, command, expected):
        shown = re.fullmatch(r'cat (\S+)', command)
        if shown and expected and not (folder / shown[1]).exists():
            (folder / shown[1]).write_text('\n'.join(expected) + '\n')
        done = subprocess.run(['sh', '-c', command], cwd=folder, env=self.environment, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=120, check=False)
        fails = bool(expected) and expected[-1].startswith('wasmaot: ')
        printed = self.same(done.stdout)
        self.ran += 1
        if (done.returncode != 0) != fails or (expected and printed != self.same('\n'.join(expected))):
            self.failures += 1
            print(f'FAILED: {where}: {command}\n  status {done.returncode}, printed:')
            print('\n'.join(f'    {line}' for line in printed[:20]))

    def page(self, source, path):
        name = str(path.relative_to(source))
        folder = None
        for number, language, words, lines in blocks(path.read_text()):
            where = f'{name}:{number}'
            if language not in LANGUAGES:
                self.failures += 1
                print(f'FAILED: {where}: a block of code in the language "{language}", which is none of '
                      f'{", ".join(sorted(LANGUAGES))}')
            if language != 'sh' or any(word.startswith('needs=') for word in words):
                continue
            folder = folder or self.folder(name)
            for command, expected in commands(lines):
                self.run(where, folder, command, expected)


def main():
    source, wasmaot, build, clang, wat2wasm = (pathlib.Path(os.path.abspath(argument)) for argument in sys.argv[1:6])
    runner = Runner(wasmaot, build, clang, wat2wasm)
    try:
        pages = [source / 'README.md', source / 'CONTRIBUTING.md', *sorted((source / 'docs').rglob('*.md')),
                 *sorted((source / 'bindings').rglob('*.md'))]
        for path in pages:
            runner.page(source, path)
    finally:
        shutil.rmtree(runner.place)
    print(f'{len(pages)} pages, {runner.ran} commands run, {runner.failures} failed')
    if runner.ran < 30:
        print('FAILED: so few commands: is the test reading them?')
    sys.exit(1 if runner.failures or runner.ran < 30 else 0)


main()

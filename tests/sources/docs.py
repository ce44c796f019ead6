#!/usr/bin/env python3
"""What the documentation names is there: files, links and their headings, options of the command, targets
of make, tests of ctest, and the ABI's version. Lines of some are no longer than a terminal's.

    docs.py SOURCE WASMAOT BUILD
"""
import pathlib
import re
import shlex
import subprocess
import sys

# What stands for something else in a page.
PLACEHOLDER = re.compile(r'NAME|PROGRAM|\*|\{|\.\.\.|<|>')
# Pages that say what was: the ABI's versions in them are of their time.
HISTORY = {'CHANGELOG.md'}
# Pages that are to be read in a terminal, too.
NARROW, COLUMNS = {'semantics.md'}, 120


class Checker:

    def __init__(self, source, wasmaot, tests):
        self.source = source
        self.wasmaot = wasmaot
        self.tests = tests
        self.failures = 0
        self.counts = {}
        self.folders = {path.name for path in source.iterdir() if path.is_dir() and path.name != 'build'}
        makefile = (source / 'Makefile').read_text()
        self.targets = set(re.findall(r'^([a-z][a-z0-9-]*):', makefile, re.M))
        self.options = {}
        self.abi = re.search(r'define WA_ABI_VERSION (\d+)u', (source / 'runtime/abi.h').read_text())[1]

    def check(self, kind, fine, page, what):
        self.counts[kind] = self.counts.get(kind, 0) + 1
        if not fine:
            self.failures += 1
            print(f'FAILED: {page.relative_to(self.source)}: {what}')

    # ---- Links and files ----

    def headings(self, path):
        """The anchors that a page's headings have where it is shown."""
        found = set()
        for line in re.sub(r'```.*?```', '', path.read_text(), flags=re.S).splitlines():
            if line.startswith('#'):
                text = re.sub(r'[^\w\- ]', '', line.lstrip('#').strip().lower())
                found.add(text.replace(' ', '-'))
        return found

    def links(self, path, text):
        for target in re.findall(r'\]\(([^)\s]+)\)', text):
            if re.match(r'[a-z]+:', target):
                continue
            name, _, anchor = target.partition('#')
            other = (path.parent / name).resolve() if name else path
            self.check('links', other.exists(), path, f'links to {target}, which is not there')
            if anchor and other.suffix == '.md' and other.exists():
                self.check('headings', anchor in self.headings(other), path, f'links to {target}: no such heading')

    def files(self, path, text):
        for name in re.findall(r'`([A-Za-z0-9_.-]+/[A-Za-z0-9_./-]*)`', text):
            if name.split('/')[0] not in self.folders or PLACEHOLDER.search(name):
                continue
            there = (self.source / name).exists() or (path.parent / name).exists()
            self.check('files', there, path, f'names {name}, which is not there')

    # ---- Commands ----

    def help_of(self, command):
        if command not in self.options:
            done = subprocess.run([self.wasmaot, command, '--help'], capture_output=True, text=True, check=False)
            known = set(re.findall(r'(?<![\w-])--?[A-Za-z][\w-]*', done.stdout)) if done.returncode == 0 else None
            self.options[command] = known
        return self.options[command]

    def wasmaot_command(self, path, words):
        command = 'run'
        if words and not words[0].startswith('-') and '.' not in words[0] and '/' not in words[0]:
            command, words = words[0], words[1:]
        elif words and words[0] in ('--help', '--version'):
            return
        if PLACEHOLDER.search(command) or command.isupper():
            return
        known = self.help_of(command)
        self.check('commands', known is not None, path, f'wasmaot has no command {command}')
        for word in words if known else ():
            if word.endswith(('.wasm', '.o')) and not word.startswith('-'):
                return  # what follows is the guest's
            name = re.match(r'--[\w-]+|-[A-Za-z]', word)
            if name and not PLACEHOLDER.search(word):
                self.check('options', name[0] in known, path, f'wasmaot {command} has no option {name[0]}')

    def make_command(self, path, words):
        for word in words:
            if re.fullmatch(r'[a-z][a-z0-9-]*', word):
                self.check('targets', word in self.targets, path, f'the Makefile has no target {word}')

    def ctest_command(self, path, words):
        for option, value in zip(words, words[1:]):
            if option in ('-R', '-L') and not PLACEHOLDER.search(value):
                self.check('tests', re.search(value, self.tests) is not None, path, f'no test matches {option} {value}')

    def command(self, path, line):
        line = re.sub(r'^\$ ', '', line.strip())
        try:
            words = shlex.split(line, comments=True)
        except ValueError:
            return  # not a command of a shell
        while words and re.match(r'[A-Z_]+=', words[0]):
            words = words[1:]
        for end in ('|', '&&', ';', '&'):
            if end in words:
                words = words[:words.index(end)]
        if not words:
            return
        reader = {'wasmaot': self.wasmaot_command, 'make': self.make_command, 'ctest': self.ctest_command}
        if words[0] in reader:
            reader[words[0]](path, words[1:])

    def commands(self, path, text):
        for block in re.findall(r'^```[^\n`]*\n(.*?)^```', text, re.S | re.M):
            lines = block.splitlines()
            for line, following in zip(lines, lines[1:] + ['']):
                if not following.startswith('wasmaot: '):  # else it is there for its error
                    self.command(path, line)
        for line in re.findall(r'`((?:wasmaot|make|ctest) [^`]+)`', re.sub(r'```.*?```', '', text, flags=re.S)):
            self.command(path, line.replace('\n', ' '))

    def page(self, path):
        text = path.read_text()
        self.links(path, text)
        self.files(path, text)
        self.commands(path, text)
        for number, line in enumerate(text.splitlines() if path.name in NARROW else (), 1):
            self.check('narrow lines', len(line) <= COLUMNS, path, f'line {number} has more than {COLUMNS} columns')
        for version in re.findall(r'\bABI (\d+)\b', text) if path.name not in HISTORY else ():
            self.check('versions', version == self.abi, path, f'says ABI {version}; it is {self.abi}')


def tests_of(build):
    lists = (['-N'], ['--print-labels'])
    return ''.join(subprocess.run(['ctest', '--test-dir', build, *list_], capture_output=True, text=True,
                                  check=True).stdout for list_ in lists)


def main():
    source, wasmaot, build = (pathlib.Path(argument) for argument in sys.argv[1:4])
    checker = Checker(source.resolve(), str(wasmaot), tests_of(build))
    pages = [path for path in sorted(source.resolve().rglob('*.md'))
             if not {'build', 'licenses', '.git'} & set(path.relative_to(source.resolve()).parts)]
    for path in pages:
        checker.page(path)
    print(f'{len(pages)} pages:', ', '.join(f'{count} {kind}' for kind, count in checker.counts.items()))
    least = {'links': 100, 'files': 100, 'commands': 40, 'options': 30, 'targets': 15, 'tests': 5,
             'narrow lines': 100}
    for kind, number in least.items():
        if checker.counts.get(kind, 0) < number:
            print(f'FAILED: only {checker.counts.get(kind, 0)} {kind} were found: is the test reading them?')
            checker.failures += 1
    sys.exit(1 if checker.failures else 0)


main()

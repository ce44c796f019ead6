"""The programs of programs.toml."""

import contextlib
import glob
import itertools
import os
import re
import tempfile
import tomllib

HERE = os.path.dirname(os.path.abspath(__file__))
TABLE = os.path.join(HERE, "programs.toml")
LANGUAGES = {".c": "C", ".cc": "C++", ".rs": "Rust"}


class Program:
    """A row of the table; what it says goes by the names that programs.toml explains."""

    def __init__(self, row):
        known = {"name": None, "driver": None, "crate": None, "sources": [], "include": [], "own_include": [],
                 "flags": [], "wasm_flags": [], "link_flags": [], "embed": [], "longjmp": False,
                 "threads": False, "files": False, "smoke": False}
        if unknown := set(row) - set(known):
            raise ValueError(f"programs.toml: {row.get('name')}: unknown {', '.join(sorted(unknown))}")
        for key, default in known.items():
            setattr(self, key, row.get(key, default))
        self.threaded = self.threads
        self.kind = "threads" if self.threads else "single"
        self.directories = (".",) if self.files else ()
        self.language = LANGUAGES[os.path.splitext(self.driver)[1]]


class Module:
    """A finished module of somebody else's, which prints what it likes."""

    def __init__(self, path):
        self.module = os.path.abspath(path)
        self.name = os.path.join(os.path.basename(os.path.dirname(self.module)), os.path.basename(path))
        self.kind = "single"
        self.language = None
        self.threaded = self.files = False
        self.directories = ()


@contextlib.contextmanager
def folder():
    """Programs run in a folder of their own, which is empty at first; in memory, where there is such a place: what a disk's file
    system takes grows with all that was removed before, up to six times as much."""
    before = os.getcwd()
    memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    with tempfile.TemporaryDirectory(prefix="bench-real.", dir=memory) as path:
        os.chdir(path)
        try:
            yield
        finally:
            os.chdir(before)


def read():
    with open(TABLE, "rb") as file:
        return [Program(row) for row in tomllib.load(file)["program"]]


def alternatives(pattern):
    """Patterns without {a,b}, as a shell makes them of one with that."""
    parts = re.split(r"\{([^{}]*)\}", pattern)
    choices = [part.split(",") if i % 2 else [part] for i, part in enumerate(parts)]
    return ["".join(words) for words in itertools.product(*choices)]


def expand(patterns, folder_of):
    """The files of these patterns, in order; each must have some, or it has been misspelt."""
    found = []
    for pattern in patterns:
        taken_away = pattern.startswith("!")
        for one in alternatives(pattern.lstrip("!")):
            files = sorted(glob.glob(os.path.join(glob.escape(folder_of(one)), one.split(":")[-1])))
            if taken_away:
                found = [file for file in found if not re.search(one.replace("*", ".*") + "$", file)]
            elif not files:
                raise ValueError(f"programs.toml: nothing is called {one} in {folder_of(one)}")
            else:
                found += files
    return found

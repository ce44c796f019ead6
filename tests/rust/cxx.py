"""Runs the tests of threads and atomics of LLVM's libc++, which is built for WASI with threads, by wasmaot.

The sources are those of Debian's package of LLVM: the newest that can be had. lit, LLVM's own driver, runs the tests.
"""

import glob
import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass, field

import debian
from call import BuildError, call
from libc import TARGET, builtins, clang, llvm_tool

HERE = os.path.dirname(os.path.abspath(__file__))

# Newest first. Sources of a version that the machine's apt does not know are not asked for.
PACKAGES = [f"llvm-toolchain-{version}" for version in range(22, 16, -1)]
# The first is that of LLVM itself, too.
FOLDERS = ["cmake", "libcxx", "libcxxabi", "libunwind", "llvm/utils/lit", "llvm/utils/llvm-lit",
           "runtimes"]

# A newer clang than the sources warns of more; nothing of what is run is experimental.
PARAMETERS = {"std": "c++20", "enable_warnings": "False", "enable_experimental": "False"}

PATIENCE = 600  # seconds of a test

# What of libc++'s tests is run.
SUITES = ["std/thread", "std/atomics", "libcxx/thread", "libcxx/atomics"]

# Exceptions are WebAssembly's. What throws them is one file of libunwind, and the tag, which that does not define in all
# versions.
TAG = """.globl __cpp_exception
.tagtype __cpp_exception i32
__cpp_exception:
"""
FLAGS = ["-pthread", "-fwasm-exceptions"]
LINK_FLAGS = ["-lc++", "-lc++abi", "-lunwind", "-Wl,--import-memory,--export-memory,--shared-memory",
              "-Wl,--max-memory=268435456"]

OPTIONS = {
    "CMAKE_BUILD_TYPE": "Release",
    "CMAKE_SYSTEM_NAME": "WASI",
    "CMAKE_SYSTEM_PROCESSOR": "wasm32",
    "CMAKE_TRY_COMPILE_TARGET_TYPE": "STATIC_LIBRARY",
    "UNIX": "ON",
    "LLVM_ENABLE_RUNTIMES": "libcxx;libcxxabi",
    "LIBCXXABI_ENABLE_SHARED": "OFF",
    "LIBCXXABI_ENABLE_EXCEPTIONS": "ON",
    "LIBCXXABI_ENABLE_THREADS": "ON",
    "LIBCXXABI_HAS_PTHREAD_API": "ON",
    "LIBCXXABI_USE_LLVM_UNWINDER": "OFF",
    "LIBCXXABI_INCLUDE_TESTS": "OFF",
    "LIBCXX_ENABLE_SHARED": "OFF",
    "LIBCXX_ENABLE_EXCEPTIONS": "ON",
    "LIBCXX_ENABLE_THREADS": "ON",
    "LIBCXX_HAS_PTHREAD_API": "ON",
    "LIBCXX_HAS_MUSL_LIBC": "ON",
    "LIBCXX_CXX_ABI": "libcxxabi",
    "LIBCXX_INCLUDE_BENCHMARKS": "OFF",
    "LIBCXX_INCLUDE_TESTS": "ON",
    "LIBCXX_TEST_CONFIG": os.path.join(HERE, "libcxx.cfg.in"),
}


@dataclass
class Result:
    version: str
    passed: int = 0
    unsupported: int = 0
    not_run: int = 0
    failed: dict = field(default_factory=dict)

    def __str__(self):
        late = f", {self.not_run} NOT RUN" if self.not_run else ""
        return (f"libc++ of {self.version}: {self.passed} passed, {len(self.failed)} failed, {self.unsupported} not for "
                f"this target{late}")


class Libcxx:
    def __init__(self, folder, libc, jobs):
        self.folder = os.path.join(folder, "libcxx")
        self.libc = libc
        self.jobs = jobs

    def source(self):
        """The sources, and the version that they are of."""
        os.makedirs(self.folder, exist_ok=True)
        sources, why = None, "apt knows none"
        for package in PACKAGES:
            folder = os.path.join(self.folder, package)
            if os.path.exists(folder):
                return folder, package
        sources = debian.Sources(self.folder)
        for package in PACKAGES:
            folder = os.path.join(self.folder, package)
            try:
                for version in sources.versions(package)[:1]:
                    archive = sources.upstream(package, version)
                    shutil.rmtree(folder + ".new", ignore_errors=True)
                    os.makedirs(folder + ".new")
                    call(["tar", "-xf", archive, "-C", folder + ".new", "--strip-components=1", "--wildcards",
                          *(f"*/{name}" for name in FOLDERS)], self.folder)
                    os.rename(folder + ".new", folder)
                    os.remove(archive)
                    return folder, package
            except BuildError as error:
                why = str(error).splitlines()[-1]
        raise BuildError(f"no sources of LLVM with libc++: {why}")

    def build(self):
        """The folder with the libraries, and the sources' package."""
        source, package = self.source()
        build = os.path.join(self.folder, "build-" + package)
        if os.path.exists(os.path.join(build, "lib", "libunwind.a")):
            return build, package
        flags = " ".join(FLAGS)
        options = {**OPTIONS, "CMAKE_SYSROOT": self.libc.sysroot(), "CMAKE_AR": llvm_tool("llvm-ar"),
                   "CMAKE_RANLIB": llvm_tool("llvm-ranlib"), "CMAKE_NM": llvm_tool("llvm-nm")}
        for language, compiler in (("C", clang()), ("CXX", cxx()), ("ASM", clang())):
            options |= {f"CMAKE_{language}_COMPILER": compiler, f"CMAKE_{language}_COMPILER_TARGET": TARGET,
                        f"CMAKE_{language}_FLAGS": flags, f"CMAKE_{language}_COMPILER_WORKS": "ON"}
        shutil.rmtree(build, ignore_errors=True)
        call(["cmake", "-G", "Ninja", "-S", os.path.join(source, "runtimes"), "-B", build,
              *(f"-D{name}={value}" for name, value in options.items())], self.folder, self.environment(""))
        call(["cmake", "--build", build, "-j", str(self.jobs), "--target", "cxx", "cxxabi",
              "cxx-test-depends"], self.folder, self.environment(""))
        self.unwind(source, build)
        return build, package

    def unwind(self, source, build):
        """A libunwind.a of what it has for WebAssembly."""
        tag = os.path.join(build, "tag.s")
        with open(tag, "w") as file:
            file.write(TAG)
        objects = []
        for path in (os.path.join(source, "libunwind", "src", "Unwind-wasm.c"), tag):
            objects.append(os.path.join(build, os.path.basename(path) + ".o"))
            call([clang(), *self.flags(), "-O2", "-DNDEBUG", "-D_LIBUNWIND_HIDE_SYMBOLS", "-I",
                  os.path.join(source, "libunwind", "include"), "-c", path, "-o", objects[-1]], build)
        library = os.path.join(build, "lib", "libunwind.a")
        call([llvm_tool("llvm-ar"), "rcs", library + ".new", *objects], build)
        os.rename(library + ".new", library)

    def flags(self):
        return [*FLAGS, f"--target={TARGET}", f"--sysroot={self.libc.sysroot()}"]

    def environment(self, runner):
        return {**os.environ, "WASMAOT_RUN": runner,
                "WASMAOT_CXX_FLAGS": " ".join(self.flags()),
                "WASMAOT_CXX_LINK_FLAGS": " ".join([*LINK_FLAGS, builtins()])}


def cxx():
    name = os.path.basename(clang()).replace("clang", "clang++", 1)
    found = shutil.which(name)
    if not found:
        raise BuildError(f"no {name}: apt-get install {os.path.basename(clang())}")
    return found


# What of them fails, and why.
KNOWN = {
    "libcxx/thread/thread.threads/thread.thread.this/sleep_for.signals.pass.cpp": "WASI has no signals",
}


def chosen(source, suites, every):
    """One of so many of the tests that run a program."""
    found = []
    for suite in suites:
        found += glob.glob(os.path.join(source, suite, "**", "*.pass.cpp"), recursive=True)
    if not found:
        raise BuildError(f"libc++ has no tests in {' '.join(suites)}")
    return sorted(found)[::every]


def test(libcxx, wasmaot, level, suites, every, seconds):
    build, package = libcxx.build()
    results = os.path.join(build, "results.json")
    if os.path.exists(results):
        os.remove(results)
    source = os.path.join(libcxx.folder, package, "libcxx", "test")
    process = subprocess.run([sys.executable, os.path.join(build, "bin", "llvm-lit"), "-q", f"-j{libcxx.jobs}",
                              *(f"-D{name}={value}" for name, value in PARAMETERS.items()),
                              f"--max-time={seconds}", f"--output={results}", *chosen(source, suites, every)], cwd=build,
                             env=libcxx.environment(f"{wasmaot} run -O{level} --no-cache --timeout={PATIENCE}"),
                             stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                             check=False)
    if not os.path.exists(results):
        raise BuildError(process.stdout)
    with open(results) as file:
        return count(json.load(file)["tests"], package)


def count(tests, package):
    result = Result(package)
    for entry in tests:
        name = entry["name"].partition(" :: ")[2]
        if entry["code"] in ("PASS", "FLAKYPASS"):
            result.passed += 1
        elif entry["code"] in ("UNSUPPORTED", "XFAIL"):
            result.unsupported += 1
        elif entry["code"] in ("SKIPPED", "EXCLUDED"):
            result.not_run += 1
        else:
            result.failed[name] = f"{entry['code']}\n{entry['output']}"
    return result

"""Runs rustc's own tests/ui by its own compiletest, with programs of another target that wasmaot runs.

The tests may be of an earlier rustc than the compiler. So tests that do not compile are told apart from those that fail when
they are run, and what the compiler writes is not compared; what programs write is. Only tests that run a program are kept.
"""

import filecmp
import glob
import json
import os
import re
import shutil
import subprocess
from dataclasses import dataclass, field

import debian
from call import BuildError, call
from libc import TARGET
from toolchain import FLAVOURS, linker

HOST = "x86_64-unknown-linux-gnu"
TOOLS = ["compiletest", "miropt-test-tools"]


@dataclass
class Result:
    passed: int = 0
    ignored: int = 0
    unbuilt: int = 0
    failed: dict = field(default_factory=dict)

    def __str__(self):
        return f"{self.passed} passed, {len(self.failed)} failed, {self.ignored} ignored, {self.unbuilt} did not compile"


def runs_a_program(path):
    with open(path, encoding="utf-8", errors="replace") as file:
        text = file.read()
    if re.search(r"//@.*\brun-(pass|fail)\b", text):
        return "add-core-stubs" not in text  # a directive that compiletest has no more
    # Without directives it may be a module of a test.
    return "//@" not in text and "//~" not in text


def copy_tests(source, copy):
    shutil.copytree(os.path.join(source, "ui"), os.path.join(copy, "tests", "ui"))
    shutil.copytree(os.path.join(source, "auxiliary"), os.path.join(copy, "tests", "auxiliary"))
    for folder, _, files in os.walk(os.path.join(copy, "tests", "ui")):
        for name in files:
            if name.endswith(".rs") and "auxiliary" not in folder and not runs_a_program(os.path.join(folder, name)):
                os.remove(os.path.join(folder, name))


def fetch_tests(toolchain):
    """rustc's own tests, of the compiler's version or, where Debian has not the sources of that, the next older."""
    sources, why = debian.Sources(toolchain.folder), "none is known to apt"
    for release in sources.versions("rustc-web"):
        folder = os.path.join(toolchain.folder, "tests-" + release)
        try:
            if not os.path.exists(folder):
                archive = sources.upstream("rustc-web", release)
                shutil.rmtree(folder + ".new", ignore_errors=True)
                os.makedirs(folder + ".new")
                call(["tar", "-xf", archive, "-C", folder + ".new", "--strip-components=1", "--wildcards",
                      "*/tests/ui", "*/tests/auxiliary"], toolchain.folder)
                os.rename(folder + ".new", folder)
            print(f"ui: the tests of rustc {release.partition('+')[0]} for {version(toolchain)}", flush=True)
            return os.path.join(folder, "tests")
        except BuildError as error:
            why = str(error).splitlines()[-1]
    raise BuildError(f"no sources of rustc with its tests: {why}")


def compiletest(toolchain):
    """Built from the sources of the toolchain."""
    folder = os.path.join(toolchain.folder, "compiletest")
    program = os.path.join(folder, "target", "debug", "compiletest")
    if not os.path.exists(program):
        shutil.rmtree(folder, ignore_errors=True)
        source = os.path.join(os.path.realpath(os.path.join(toolchain.root, "lib", "rustlib", "src", "rust")), "src")
        for name in TOOLS:
            shutil.copytree(os.path.join(source, "tools", name), os.path.join(folder, "src", "tools", name))
        shutil.copytree(os.path.join(source, "build_helper"), os.path.join(folder, "src", "build_helper"))
        shutil.copy(os.path.join(source, "version"), os.path.join(folder, "src"))
        # What rustc is bootstrapped with is not asked for.
        with open(os.path.join(folder, "src", "stage0"), "w"):
            pass
        manifest = os.path.join(folder, "src", "tools", "compiletest")
        with open(os.path.join(manifest, "Cargo.toml"), "a") as file:
            file.write("\n[workspace]\n")
        call(["cargo", "build", "-j", str(toolchain.jobs), "--target-dir", os.path.join(folder, "target")], manifest,
             {**toolchain.environment(), "CFG_RELEASE": version(toolchain)})
    return program


def version(toolchain):
    return call(["rustc", "--version"], toolchain.folder, toolchain.environment()).split()[1]


def sources(toolchain, tests):
    """A folder as that of rustc's sources, with the tests of another."""
    folder = os.path.join(toolchain.folder, "ui")
    if not os.path.exists(folder):
        source = os.path.realpath(os.path.join(toolchain.root, "lib", "rustlib", "src", "rust"))
        shutil.rmtree(folder + ".new", ignore_errors=True)
        os.makedirs(os.path.join(folder + ".new", "src", "etc", "natvis"))
        for name in ("src/version", "src/stage0"):
            if os.path.exists(os.path.join(source, name)):
                shutil.copy(os.path.join(source, name), os.path.join(folder + ".new", name))
        shutil.copytree(os.path.join(source, "src", "etc"), os.path.join(folder + ".new", "src", "etc"),
                        dirs_exist_ok=True)
        # compiletest looks whether they have changed.
        for name in ("compiletest", "run-make-support"):
            shutil.copytree(os.path.join(source, "src", "tools", name),
                            os.path.join(folder + ".new", "src", "tools", name))
        copy_tests(tests, folder + ".new")
        os.rename(folder + ".new", folder)
    return folder


def chosen(folder, every):
    """All tests of threads, and of the others every so many."""
    names = []
    for where, _, files in os.walk(os.path.join(folder, "tests", "ui")):
        if "auxiliary" in where or "threads-sendsync" in where:
            continue
        for name in files:
            path = os.path.join(where, name)
            with open(path, encoding="utf-8", errors="replace") as file:
                if name.endswith(".rs") and "//@" in file.read():
                    names.append(os.path.relpath(path, folder))
    return ["tests/ui/threads-sendsync", *sorted(names)[::every]]


def test(place, toolchain, tests, flavour, level, every):
    tests = os.path.abspath(tests) if tests else fetch_tests(toolchain)
    if not os.path.isdir(os.path.join(tests, "ui")):
        raise BuildError(f"{tests}: no folder ui in it")
    folder, build = sources(toolchain, tests), place.path("ui")
    os.makedirs(os.path.join(build, "ui"), exist_ok=True)
    root = toolchain.sysroot(flavour)
    libraries = os.path.join(toolchain.root, "lib", "x86_64-linux-gnu")
    flags = [*FLAVOURS[flavour], f"-Clink-arg={toolchain.tag()}", f"-Clinker={linker()}", "-Ainternal_features"]
    runner = f"{place.wasmaot} run -O{level} --no-background --inherit-env --dir=. --dir={place.folder}"
    command = [compiletest(toolchain), "--mode", "ui", "--suite", "ui", "--run", "always", "--target", TARGET,
               "--host", HOST, "--stage", "2", "--stage-id", "stage2-" + TARGET, "--compile-lib-path", libraries,
               "--run-lib-path", os.path.join(root, "lib", "rustlib", TARGET, "lib"), "--sysroot-base", root,
               "--rustc-path", os.path.join(toolchain.root, "bin", "rustc"), "--python", "python3", "--src-root", folder,
               "--src-test-suite-root", os.path.join(folder, "tests", "ui"), "--build-root", build,
               "--build-test-suite-root", os.path.join(build, "ui"),
               *(word for flag in flags for word in ("--target-rustcflags", flag)), "--runner", runner, "--cc", "cc",
               "--cxx", "c++", "--cflags", "", "--cxxflags", "", "--llvm-components", "webassembly x86",
               "--llvm-version", "22.0.0", "--channel", "nightly", "--nightly-branch", "main",
               "--git-merge-commit-email", "nobody@localhost", "--minicore-path",
               os.path.join(folder, "tests", "auxiliary", "minicore.rs"), "--jobs", str(toolchain.jobs),
               "--bless", *chosen(folder, every)]
    process = subprocess.Popen(command, cwd=place.folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                               stderr=subprocess.STDOUT, text=True,
                               env={**toolchain.environment(), "RUST_TEST_THREADS": str(toolchain.jobs)})
    result, complete, last = Result(), False, ""
    for line in process.stdout:
        last = line if "panicked" in line or "ERROR" in line or not last else last
        event = json.loads(line) if line.startswith('{"event"') else {}
        if event.get("type") == "suite" and event["event"] in ("ok", "failed"):
            complete = True
        elif event.get("type") == "test" and event["event"] == "ok":
            result.passed += 1
        elif event.get("type") == "test" and event["event"] == "ignored":
            result.ignored += 1
        elif event.get("type") == "test" and event["event"] == "failed":
            count_failure(event, result)
    process.wait()
    if not complete:
        raise BuildError(f"compiletest did not come to its end: {last}")
    for name in other_output(folder, tests):
        result.passed -= 1
        result.failed[name] = "writes something else"
    return result


def count_failure(event, result):
    text = event.get("stdout", "")
    if "test did not exit with" in text or "test run failed" in text or "error pattern" in text:
        result.failed[event["name"].removeprefix("[ui] tests/ui/")] = text
    else:
        result.unbuilt += 1


def other_output(folder, tests):
    """What compiletest has taken for right, as it does with all it compares, though programs wrote something else."""
    copies = os.path.join(folder, "tests", "ui")
    for path in glob.glob("**/*.run.std*", root_dir=copies, recursive=True):
        original = os.path.join(tests, "ui", path)
        if not os.path.exists(original) or not filecmp.cmp(os.path.join(copies, path), original, shallow=False):
            yield path

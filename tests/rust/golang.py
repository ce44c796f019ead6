"""Runs the tests of Go's standard library by wasmaot, as `go test` does with an engine of its own."""

import json
import os
import shutil
import subprocess
from dataclasses import dataclass, field

from call import BuildError, call

# What runs a test: in the folder it is in, with all of the file system, as Go's own lib/wasm/go_wasip1_wasm_exec.
RUNNER = """#!/bin/sh
exec '{wasmaot}' run -O{level} --no-cache --dir=/ --env=PWD="$PWD" --env=PATH="$PATH" "$@"
"""

# A part that takes a minute or two: files, threads of control, numbers, a compiler's worth of code.
SOME = ["errors", "io/...", "math/...", "os", "path/...", "sort", "strconv", "strings", "sync/...", "time", "unicode/..."]


@dataclass
class Result:
    packages: int = 0
    passed: int = 0
    skipped: int = 0
    failed: list = field(default_factory=list)  # PACKAGE TEST, or the package alone if it ended otherwise

    def __str__(self):
        return f"{self.packages} packages: {self.passed} passed, {len(self.failed)} failed, {self.skipped} skipped"


def environment(folder):
    return {**os.environ, "GOOS": "wasip1", "GOARCH": "wasm", "GOCACHE": os.path.join(folder, "go-cache"),
            "GOFLAGS": "", "GOTOOLCHAIN": "local"}


def test(folder, wasmaot, level, packages, jobs):
    if not shutil.which("go"):
        raise BuildError("no go")
    runner = os.path.join(folder, "go_wasip1_wasm_exec")
    with open(runner, "w") as file:
        file.write(RUNNER.format(wasmaot=wasmaot, level=level))
    os.chmod(runner, 0o755)
    source = os.path.join(call(["go", "env", "GOROOT"], folder).strip(), "src")
    process = subprocess.Popen(["go", "test", "-json", "-short", "-p", str(jobs), "-exec", runner, "-timeout", "20m",
                                *packages], cwd=source, env=environment(folder), stdin=subprocess.DEVNULL,
                               stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    result = Result()
    with open(os.path.join(folder, "go.json"), "w") as log:
        for line in process.stdout:
            log.write(line)
            count(json.loads(line), result)
    if process.wait() != 0 and not result.failed:
        raise BuildError("go test failed, though no test did: see go.json")
    return result


def count(event, result):
    what, package, name = event["Action"], event.get("Package", ""), event.get("Test")
    if name is None:
        result.packages += what in ("pass", "fail")
        if what == "fail" and not any(failed.startswith(package + " ") for failed in result.failed):
            result.failed.append(package)
    elif what == "pass":
        result.passed += 1
    elif what == "skip":
        result.skipped += 1
    elif what == "fail":
        result.failed.append(f"{package} {name}")

"""Runs modules that rustc made of tests, and counts what each test did.

Where a panic ends the program, the first test that fails takes the rest of its module with it. So a module is started
again with the tests that have not been run yet until none is left: each test that ends the program, or that says nothing
for too long, is a failure of that test alone.
"""

import json
import os
import select
import signal
import subprocess
import time
from dataclasses import dataclass, field

from call import last_lines

# What is said of a test beside libtest's own words.
DIED, HUNG = "died", "hung"
# The name under which a program's end is kept when no test was running.
START, END = "(start)", "(end)"


@dataclass
class Counts:
    passed: list = field(default_factory=list)
    failed: dict = field(default_factory=dict)  # the test's name: what it wrote, at most its last lines
    ignored: list = field(default_factory=list)

    def add(self, other, prefix):
        self.passed += [prefix + name for name in other.passed]
        self.failed.update({prefix + name: text for name, text in other.failed.items()})
        self.ignored += [prefix + name for name in other.ignored]

    def __str__(self):
        return f"{len(self.passed)} passed, {len(self.failed)} failed, {len(self.ignored)} ignored"


@dataclass
class Round:
    """One start of a module, up to its end."""
    seen: dict = field(default_factory=dict)  # name: ok, failed, ignored
    text: dict = field(default_factory=dict)
    running: str = ""
    complete: bool = False  # libtest's closing line was there
    status: int = 0
    tail: str = ""


def end(process):
    """Ends a program and what it has started: each has a group of its own."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
    process.wait()


def events(line):
    """The events of a line, which may begin with what a test wrote."""
    start = line.find('{ "type": ')
    if start < 0:
        return
    try:
        yield json.loads(line[start:])
    except ValueError:
        return


def read_event(event, this):
    kind, what, name = event.get("type"), event.get("event"), event.get("name")
    if kind == "suite" and what in ("ok", "failed"):
        this.complete = True
    if kind != "test":
        return
    if what == "started":
        this.running = name
        return
    if what in ("ok", "failed", "ignored"):
        this.seen[name] = what
        this.running = ""
        if what == "failed":
            this.text[name] = last_lines(event.get("stdout", event.get("message", "")))


def start(command, folder, environment, patience):
    """Runs a module to its end, or until it has been silent for PATIENCE seconds."""
    this = Round()
    process = subprocess.Popen(command, cwd=folder, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                               stderr=subprocess.STDOUT, start_new_session=True)
    rest, lines = b"", []
    deadline = time.monotonic() + patience
    while True:
        left = deadline - time.monotonic()
        if left <= 0:
            this.status = HUNG
            break
        if not select.select([process.stdout], [], [], left)[0]:
            continue
        block = os.read(process.stdout.fileno(), 1 << 16)
        if not block:
            break
        *whole, rest = (rest + block).split(b"\n")
        for line in (piece.decode("utf-8", "replace") for piece in whole):
            found = False
            for event in events(line):
                found = True
                deadline = time.monotonic() + patience
                read_event(event, this)
            if not found:
                lines = lines[-200:] + [line]
    if this.status == HUNG:
        end(process)
    else:
        this.status = process.wait()
    process.stdout.close()
    this.tail = last_lines("\n".join([*lines, rest.decode("utf-8", "replace")]))
    return this


def known(table, name):
    """The names without the test binary's of those that TABLE has in full."""
    prefix = f"{name}::"
    return {key[len(prefix):] for key in table if key.startswith(prefix)}


def names(command, folder, environment):
    """The tests of a module. None if it has another harness, or does not start."""
    done = subprocess.run([*command, "--list", "--format=terse"], cwd=folder, env=environment, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=600)
    lines = done.stdout.decode("utf-8", "replace").splitlines()
    if done.returncode != 0:
        return None, last_lines("\n".join(lines))
    return [line[:-len(": test")] for line in lines if line.endswith(": test")], ""


def run(command, folder, environment, patience=60, skip=(), ignored=False):
    """Counts for the module that COMMAND runs, the tests' names behind it. SKIP are names that are not started, and
    counted nowhere. IGNORED: those that are marked so are run, too."""
    counts = Counts()
    all_tests, why = names(command, folder, environment)
    if all_tests is None:
        counts.failed[START] = why
        return counts
    left = [name for name in all_tests if name not in skip]
    flags = ["-Zunstable-options", "--format=json", "--exact", "--test-threads=1",
             *(["--include-ignored"] if ignored else [])]
    while left:
        this = start([*command, *flags, *left], folder, environment, patience)
        for name, what in this.seen.items():
            if what == "ok":
                counts.passed.append(name)
            elif what == "ignored":
                counts.ignored.append(name)
            else:
                counts.failed[name] = this.text.get(name, "")
        gone = set(this.seen)
        if this.running:
            if this.status == HUNG:
                counts.failed[this.running] = f"{HUNG}\n{this.tail}"
            else:
                again = start([*command, "--exact", "--nocapture", "--include-ignored", this.running], folder, environment, patience)
                counts.failed[this.running] = f"{DIED}: status {this.status}\n{again.tail}"
            gone.add(this.running)
        elif not this.complete or this.status not in (0, 101):
            counts.failed[END] = f"status {this.status}\n{this.tail}"
        if not gone:
            # Nothing was run: to start again would do the same.
            return counts
        left = [name for name in left if name not in gone]
    return counts

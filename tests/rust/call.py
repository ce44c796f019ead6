"""Starts programs."""

import json
import os
import subprocess

LONGEST = 1800  # seconds that a program may take that builds or fetches


class BuildError(Exception):
    """What was to be tested could not be built."""


def last_lines(text, count=40):
    return "\n".join(text.strip().splitlines()[-count:])


def call(command, folder, environment=None):
    """What the program wrote. It is a BuildError if it fails or does not end."""
    try:
        done = subprocess.run(command, cwd=folder, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, timeout=LONGEST)
    except FileNotFoundError as error:
        raise BuildError(f"no {error.filename}") from error
    except subprocess.TimeoutExpired as error:
        raise BuildError(f"{os.path.basename(command[0])} did not end in {LONGEST} seconds") from error
    if done.returncode != 0:
        raise BuildError(last_lines(done.stderr.decode("utf-8", "replace")))
    return done.stdout.decode("utf-8", "replace")


def test_programs(messages):
    """The targets, as cargo describes them, that its messages say it has made a program of tests of, and the programs."""
    for line in messages.splitlines():
        message = json.loads(line) if line.startswith("{") else {}
        if message.get("reason") == "compiler-artifact" and message.get("executable") and message["profile"]["test"]:
            yield message["target"], message["executable"]

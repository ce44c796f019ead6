"""Sends SIGQUIT to a program, which is to say where its threads are and to go on.

quit.py INPUT TIMES COMMAND...: TIMES from when the command has written a line, each when the one before is answered;
then SIGTERM. With "storm" for TIMES: from the start to its end, until which it may write no line. The exit status is
the command's, as a shell has it.
"""

import pathlib
import signal
import subprocess
import sys
import threading
import time

PATIENCE = 60


class Report:
    """What the command says on stderr, and how many reports of it have begun."""

    def __init__(self, stream):
        self.begun = 0
        self.last = time.monotonic()
        self.thread = threading.Thread(target=self.read, args=[stream])
        self.thread.start()

    def read(self, stream):
        for line in stream:
            self.begun += "SIGQUIT: the program" in line
            self.last = time.monotonic()
            sys.stderr.write(line)

    def wait(self, count):
        """For the report of that number, and until nothing more is said."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end and (self.begun < count or time.monotonic() - self.last < 0.7):
            time.sleep(0.02)


def settle(program):
    """Until no more than one thread has been running for a second: the others are where they stay."""
    end, quiet = time.monotonic() + PATIENCE, 0
    while time.monotonic() < end and quiet < 20:
        states = [path.read_text(encoding="ascii").rpartition(")")[2].split()[0]
                  for path in pathlib.Path(f"/proc/{program.pid}/task").glob("*/stat")]
        quiet = quiet + 1 if states.count("S") >= len(states) - 1 else 0
        time.sleep(0.05)


def storm(program):
    """Before it has a handler, the signal would end it: it has one when it has begun to answer."""
    while program.poll() is None:
        with open(f"/proc/{program.pid}/status", encoding="ascii") as file:
            caught = next(int(line.split()[1], 16) for line in file if line.startswith("SigCgt"))
        if caught >> (signal.SIGQUIT - 1) & 1:
            break
        time.sleep(0.001)
    while program.poll() is None:
        program.send_signal(signal.SIGQUIT)
        time.sleep(0.002)


def main(path, times, command):
    with open(path, encoding="ascii") as silent, subprocess.Popen(
            command, stdin=silent, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as program:
        report = Report(program.stderr)
        if times == "storm":
            storm(program)
        else:
            program.stdout.readline()
            settle(program)
            for count in range(int(times)):
                program.send_signal(signal.SIGQUIT)
                report.wait(count + 1)
            program.send_signal(signal.SIGTERM)
        status = program.wait(PATIENCE)
        report.thread.join()
    return 128 - status if status < 0 else status


sys.exit(main(sys.argv[1], sys.argv[2], sys.argv[3:]))

"""Runs one module of CPython's tests, in the CPython that is tested: outcomes.py MODULE.

Writes a line per test to standard output: a mark, the outcome and the test's name, between tabs; and why it failed.
"""

import importlib
import sys
import unittest

MARK = "outcome"


def say(outcome, name, why=""):
    print(MARK, outcome, name, why.replace("\n", "\\n"), sep="\t", flush=True)


class Result(unittest.TestResult):
    def startTest(self, test):
        super().startTest(test)
        self.bad = []
        self.skips = False

    def addSuccess(self, test):
        super().addSuccess(test)

    def addFailure(self, test, err):
        super().addFailure(test, err)
        self.note(test, self.failures[-1][1])

    def addError(self, test, err):
        super().addError(test, err)
        self.note(test, self.errors[-1][1])

    def addSubTest(self, test, subtest, err):
        if err is not None:
            self.note(test, self._exc_info_to_string(err, test))

    def addUnexpectedSuccess(self, test):
        self.note(test, "it passes, which its author does not expect")

    def addSkip(self, test, reason):
        super().addSkip(test, reason)
        self.skips = True
        if not hasattr(test, "_testMethodName"):
            say("skipped", str(test))

    def note(self, test, why):
        if hasattr(test, "_testMethodName"):
            self.bad.append(why)
        else:
            say("failed", str(test), why)  # the setting up of a class or module

    def stopTest(self, test):
        super().stopTest(test)
        if self.bad:
            say("failed", test.id(), self.bad[0])
        else:
            say("skipped" if self.skips else "passed", test.id())


def main(name):
    try:
        module = importlib.import_module("test." + name)
    except unittest.SkipTest:
        say("skipped", name)
        return
    unittest.defaultTestLoader.loadTestsFromModule(module).run(Result())
    say("finished", name)


main(sys.argv[1])

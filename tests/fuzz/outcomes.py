"""What is alike in what two engines say of a module: lines of differ.c and differ.mjs."""

import collections

NOT_RUN = "not run"  # of a function, or a module of which not all functions were


def same(a, b):
    """Which of two reasons to trap is found first is not for a program to see."""
    ends = {a.split(": trap ")[-1], b.split(": trap ")[-1]}
    return a == b or (ends == {"memory", "unaligned"} and a.split(":")[0] == b.split(":")[0])


def first_difference(left, right):
    """The first lines that differ, or None. From the first call on that exhausts the stack nothing is compared."""
    for i in range(max(len(left), len(right))):
        a = left[i] if i < len(left) else "(nothing)"
        b = right[i] if i < len(right) else "(nothing)"
        if "trap exhausted" in a or "trap exhausted" in b:
            return None
        if not same(a, b) or a.startswith(("CRASHED", "refused", "unlinkable")):
            return a, b
    return None


def by_function(lines):
    """Of a module of loops.py, what an engine says of each function, by number: its own line, and that of the hash
    after it."""
    found = collections.defaultdict(list)
    for line in lines:
        what, _, rest = line.partition(":")
        if what[:6] in ("call f", "call h") and what[6:].isdigit():
            found[int(what[6:])].append(line)
    return found


def kind_of_difference(expected, got):
    """How the lines of two engines about a function differ; None when they do not."""
    if len(expected) != 2 or len(got) != 2:
        return NOT_RUN
    difference = first_difference(expected, got)
    if difference is None:
        return None
    trap, other = "trap" in expected[0], "trap" in got[0]
    if trap != other:
        return "trap lost" if trap else "trap too many"
    if difference == (expected[0], got[0]) and trap:
        return "another trap"
    return "memory after a trap" if trap else "result"

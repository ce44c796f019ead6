#!/usr/bin/env python3
"""Edits one function of a module, so that the code differs and what it does does not: it loads a word and drops it.

    edit_function.py MODULE RESULT WHERE [WORD]

WHERE is a fraction: 0.5 edits the function in the middle of the code section. WORD tells edits apart.
"""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "scripts"))
sys.dont_write_bytecode = True
from encoding import read_uleb, uleb  # noqa: E402

CODE = 10


def edit_body(body, word):
    runs, at = read_uleb(body, 0)
    for _ in range(runs):
        _, at = read_uleb(body, at)
        at += 1  # the type: of the modules here one byte
    # i32.const 0, i32.load offset=8 + word, drop
    return body[:at] + b"\x41\x00\x28\x02" + uleb(8 + 4 * word) + b"\x1a" + body[at:]


def edit_code(section, where, word):
    count, at = read_uleb(section, 0)
    result = uleb(count)
    for index in range(count):
        size, at = read_uleb(section, at)
        body = section[at : at + size]
        at += size
        if index == int(count * where):
            body = edit_body(body, word)
        result += uleb(len(body)) + body
    return result


def main():
    with open(sys.argv[1], "rb") as file:
        module = file.read()
    where = float(sys.argv[3])
    word = int(sys.argv[4]) if len(sys.argv) > 4 else 0
    result, at = module[:8], 8
    while at < len(module):
        kind = module[at]
        size, at = read_uleb(module, at + 1)
        section = module[at : at + size]
        at += size
        if kind == CODE:
            section = edit_code(section, where, word)
        result += bytes([kind]) + uleb(len(section)) + section
    with open(sys.argv[2], "wb") as file:
        file.write(result)


if __name__ == "__main__":
    main()

"""Reads a jitdump file of perf's and prints its functions and lines; fails when it is not well-formed.

usage: jitdump.py FILE
"""

import struct
import sys

HEADER = struct.Struct("<IIIIIIQQ")
RECORD = struct.Struct("<IIQ")
LOAD = struct.Struct("<IIQQQQ")
LINES = struct.Struct("<QQ")
LINE = struct.Struct("<QII")


def terminated(data, at):
    end = data.index(b"\0", at)
    return data[at:end].decode(), end + 1


def main(path):
    data = open(path, "rb").read()
    magic, version, size, machine, _, pid, _, _ = HEADER.unpack_from(data)
    assert (magic, version, size) == (0x4A695444, 1, HEADER.size), "header"
    print("machine", machine, "pid", pid)
    at, last_time, indexes, lines = size, 0, set(), {}
    while at < len(data):
        kind, size, time = RECORD.unpack_from(data, at)
        assert size >= RECORD.size and at + size <= len(data), "a record's size"
        assert time >= last_time, "time runs backwards"
        body, end, last_time = at + RECORD.size, at + size, time
        if kind == 0:
            owner, _, vma, address, code_size, index = LOAD.unpack_from(data, body)
            name, body = terminated(data, body + LOAD.size)
            assert owner == pid and vma == address and index not in indexes, "a function"
            assert body + code_size == end, "the size of code"
            indexes.add(index)
            print("function", name, code_size)
            for place, line, file in lines.pop(address, []):
                assert address <= place < address + code_size, "a line outside its function"
                print("line", name, "%s:%d" % (file, line))
        elif kind == 2:
            address, count = LINES.unpack_from(data, body)
            body += LINES.size
            rows = lines[address] = []
            for _ in range(count):
                place, line, _ = LINE.unpack_from(data, body)
                file, body = terminated(data, body + LINE.size)
                rows.append((place, line, file))
            assert body == end, "the size of lines"
        else:
            raise AssertionError("a record of kind %d" % kind)
        at = end
    assert indexes and not lines, "lines without a function"


main(sys.argv[1])

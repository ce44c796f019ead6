"""Reads a core dump of WebAssembly (tool-conventions, Coredump.md) and checks it as a whole.

dump.py FILE: prints "thread NAME: FUNCTION..." for each stack, the memories' sizes, how many bytes of them are there,
and the globals. Whatever does not fit the convention is an error.
"""

import struct
import sys


class Reader:
    def __init__(self, data):
        self.data, self.at = data, 0

    def left(self):
        return len(self.data) - self.at

    def bytes(self, size):
        assert size <= self.left(), "cut off"
        self.at += size
        return self.data[self.at - size : self.at]

    def byte(self):
        return self.bytes(1)[0]

    def leb128(self, signed):
        value = shift = 0
        while True:
            byte = self.byte()
            value |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return value - (1 << shift) if signed and byte & 0x40 else value

    def u(self):
        return self.leb128(signed=False)

    def s(self):
        return self.leb128(signed=True)

    def name(self):
        return self.bytes(self.u()).decode()

    def zero(self):
        assert self.byte() == 0, "version"

    def vector(self, read):
        return [read() for _ in range(self.u())]


def value(reader):
    """A constant expression."""
    code = reader.byte()
    if code in (0x41, 0x42):
        result = reader.s()
    elif code == 0x43:
        result = struct.unpack("<f", reader.bytes(4))[0]
    elif code == 0x44:
        result = struct.unpack("<d", reader.bytes(8))[0]
    elif code == 0xD0:
        reader.byte()
        result = None
    else:
        assert code == 0xFD and reader.byte() == 0x0C, "constant"
        result = reader.bytes(16).hex()
    assert reader.byte() == 0x0B, "end"
    return result


def read_local(reader):
    kind = reader.byte()
    if kind == 1:
        return "missing"
    if kind in (0x7E, 0x7F):
        return reader.s()
    return struct.unpack("<f" if kind == 0x7D else "<d", reader.bytes({0x7D: 4, 0x7C: 8}[kind]))[0]


def read_frame(reader):
    reader.zero()
    frame = [reader.u(), reader.u(), reader.u()]
    frame.append(reader.vector(lambda: read_local(reader)))
    assert reader.u() == 0, "operands"
    return frame


def read_stack(reader):
    reader.zero()
    name = reader.name()
    return name, reader.vector(lambda: read_frame(reader))


def read_instance(reader):
    reader.zero()
    return reader.u(), reader.vector(reader.u), reader.vector(reader.u)


def read_module(reader):
    reader.zero()
    return reader.name()


def read_memory(reader):
    flags = reader.byte()
    return [flags, reader.u(), reader.u() if flags & 1 else None, reader.u() if flags & 8 else 16]


def read_data(reader):
    flag = reader.byte()
    memory = reader.u() if flag == 2 else 0
    offset = value(reader)
    return memory, offset & 0xFFFFFFFF if offset < 0 else offset, reader.bytes(reader.u())


def read_global(reader):
    kind, mutable = reader.byte(), reader.byte()
    assert mutable == 1, "mutable"
    return kind, value(reader)


def main(path):
    with open(path, "rb") as file:
        reader = Reader(file.read())
    assert reader.bytes(8) == b"\0asm\1\0\0\0", "preamble"
    stacks, found = [], {}
    while reader.left():
        identity = reader.byte()
        section = Reader(reader.bytes(reader.u()))
        key = section.name() if identity == 0 else identity
        if key == "core":
            section.zero()
            found[key] = section.name()
        elif key == "corestack":
            stacks.append(read_stack(section))
        else:
            read = {
                "coremodules": read_module,
                "coreinstances": read_instance,
                5: read_memory,
                6: read_global,
                11: read_data,
            }[key]
            found[key] = section.vector(lambda: read(section))
        assert section.left() == 0, f"more in section {key}"
    modules, instances, memories = found["coremodules"], found["coreinstances"], found[5]
    assert all(module < len(modules) for module, _, _ in instances)
    assert instances[0][1] == list(range(len(memories))) and instances[0][2] == list(range(len(found[6])))
    print("core:", found["core"], "modules:", *modules)
    for name, frames in stacks:
        assert all(frame[0] < len(instances) for frame in frames)
        print(f"thread {name}:", *(f"{instance}.{function}+{code}" for instance, function, code, _ in frames))
        for depth, frame in enumerate(frames):
            if frame[3]:
                print(f"locals {name} {depth}:", *frame[3])
    for memory, offset, data in found[11]:
        _, pages, _, log2 = memories[memory]
        assert offset + len(data) <= pages << log2, "data outside"
    for i, (flags, pages, most, _) in enumerate(memories):
        held = sum(len(data) for memory, _, data in found[11] if memory == i)
        print(f"memory {i}: flags {flags}, {pages} pages, at most {most}, {held} bytes held")
    if len(sys.argv) > 2:
        text = sys.argv[2].encode()
        print("found" if any(text in data for _, _, data in found[11]) else "not found", sys.argv[2])
    print("globals:", *(result for _, result in found[6]))


main(sys.argv[1])

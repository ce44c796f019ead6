"""The binary format, as bytes: numbers, vectors, sections, and the instructions that all who write modules use."""

I32, I64, F32, F64, V128 = 0x7F, 0x7E, 0x7D, 0x7C, 0x7B
FUNCREF, EXTERNREF, NOFUNC, NOEXTERN, EXN, NOEXN = 0x70, 0x6F, 0x73, 0x72, 0x69, 0x74


def uleb(value):
    """Unsigned LEB128."""
    out = b""
    while True:
        byte, value = value & 0x7F, value >> 7
        if not value:
            return out + bytes([byte])
        out += bytes([byte | 0x80])


def sleb(value):
    """Signed LEB128."""
    out = b""
    while True:
        byte, value = value & 0x7F, value >> 7
        if value == (-1 if byte & 0x40 else 0):
            return out + bytes([byte])
        out += bytes([byte | 0x80])


def read_uleb(data, at):
    """An unsigned number, and where it ends."""
    value = shift = 0
    while True:
        value |= (data[at] & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if data[at - 1] < 0x80:
            return value, at


def signed(value, bits):
    """What a word of so many bits means as a signed number."""
    value &= 2**bits - 1
    return value - 2**bits if value >> (bits - 1) else value


def vector(items):
    return uleb(len(items)) + b"".join(items)


def sized(data):
    return uleb(len(data)) + data


def name(text):
    return sized(text.encode())


def section(number, content):
    return bytes([number]) + sized(content)


def i32(value):
    return b"\x41" + sleb(signed(value, 32))


def i64(value):
    return b"\x42" + sleb(signed(value, 64))


def get(local):
    return b"\x20" + uleb(local)


def put(local):
    return b"\x21" + uleb(local)


def quoted(binary):
    """Of a module in a script."""
    return '"' + "".join("\\%02x" % byte for byte in binary) + '"'

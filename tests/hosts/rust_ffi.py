#!/usr/bin/env python3
"""Writes in C what bindings/rust says of the C API, for a compiler to compare with the headers.

    rust_ffi.py CRATE HEADER

Functions are declared again, constants and the codes of traps asserted, structures laid out beside the headers' own.
"""

import pathlib
import re
import sys

WORDS = {
    "c_void": "void",
    "c_char": "char",
    "c_int": "int",
    "c_uint": "unsigned",
    "usize": "size_t",
    "bool": "bool",
    'Option<extern "C" fn(*mut c_void)>': "void (*)(void *)",
    "group_body": "wasm_trap_t *(*)(void *)",
}


def c_type(rust):
    """`*const *mut wasm_extern_t` is `wasm_extern_t * const *`."""
    pointer = re.match(r"\*(mut|const) (.*)", rust)
    if pointer:
        const = " const" if pointer[1] == "const" else ""
        return f"{c_type(pointer[2])}{const} *"
    number = re.fullmatch(r"([iu])(\d+)", rust)
    if number:
        return f'{"u" if number[1] == "u" else ""}int{number[2]}_t'
    return WORDS.get(rust, rust)


def fields(text):
    """(name, type in C) of each."""
    found = [field.split(":", 1) for field in text.split(",") if ":" in field]
    return [(name.replace("pub ", "").strip(), c_type(of.strip())) for name, of in found]


def declarations(ffi):
    """Every function, and how many there are."""
    found = re.findall(r"pub fn (\w+)\(([^;]*?)\)(?: -> ([^;]+))?;", ffi)
    for name, params, result in found:
        types = ", ".join(of for _, of in fields(params)) or "void"
        yield f"{c_type(result) if result else 'void'} {name}({types});"


def structures(ffi):
    """Those that Rust looks into."""
    for name, text in re.findall(r"pub struct (\w+) \{\n(.*?)\n\}", ffi, re.S):
        members = "".join(f" {of} {field};" for field, of in fields(text))
        yield f"struct rust_{name} {{{members} }};"
        yield f'_Static_assert(sizeof({name}) == sizeof(struct rust_{name}), "{name}");'
        for field, _ in fields(text):
            place, size = (
                f"{what} == {what.replace(name, f'struct rust_{name}')}"
                for what in (f"offsetof({name}, {field})", f"sizeof((({name} *)0)->{field})")
            )
            yield f'_Static_assert({place} && {size}, "{name}.{field}");'


def codes(error, header):
    """The codes of traps, which are numbered from 1 in the table; all of them have to be there."""
    table = re.search(r"const CODES: \[TrapCode; \d+\] = \[(.*?)\];", error, re.S)[1]
    names = [re.sub(r"(?<=.)([A-Z])", r"_\1", name).upper() for name in re.findall(r"TrapCode::(\w+)", table)]
    for number, name in enumerate(names, 1):
        yield f'_Static_assert(WASMAOT_TRAP_{name} == {number}, "{name}");'
    count = len(re.findall(r"^  WASMAOT_TRAP_\w+ = \d+,", header, re.M))
    yield f'_Static_assert({count} == {len(names)}, "codes of traps");'


def main():
    """As the file says."""
    crate, header = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]).read_text(encoding="utf-8")
    ffi = re.sub(r"//.*", "", (crate / "src/ffi.rs").read_text(encoding="utf-8"))
    error = (crate / "src/error.rs").read_text(encoding="utf-8")
    print("#include <wasmaot.h>")
    functions = list(declarations(ffi))
    constants = re.findall(r"pub const (\w+): u8 = (\d+);", ffi)
    if len(functions) != ffi.count("pub fn wasm") or not constants:
        sys.exit("rust_ffi.py: src/ffi.rs has functions that this does not understand")
    print("\n".join(functions))
    print("\n".join(f'_Static_assert({name} == {value}, "{name}");' for name, value in constants))
    print("\n".join([*structures(ffi), *codes(error, header)]))


if __name__ == "__main__":
    main()

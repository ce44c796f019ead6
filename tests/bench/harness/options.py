"""The options that both benchmarks have."""
import argparse
import os
import shutil


def parser(description, build, svg):
    """A parser with the options that both have: `build` is the default folder, `svg` says what is drawn."""
    made = argparse.ArgumentParser(description=description)
    made.add_argument("--wasmaot", default=shutil.which("wasmaot"), help="the command to measure")
    made.add_argument("--clang", default=os.environ.get("WASMAOT_CLANG", "clang"), help="compiler of all programs")
    made.add_argument("--wasm2c", default=shutil.which("wasm2c"), help="of wabt 1.0.33 or later")
    made.add_argument("--wasm2c-runtime", default="/usr/share/wabt/wasm2c", help="folder with wasm-rt.h")
    made.add_argument("--node", default=shutil.which("node"))
    made.add_argument("--build", default=build, help="folder for what is built")
    made.add_argument("--engines", default="*", help="names or patterns, separated by commas")
    made.add_argument("--rounds", type=int, default=5)
    made.add_argument("--size", type=int, help="rounds of work in a program instead of its own number")
    made.add_argument("--jobs", type=int, default=os.cpu_count(), help="how many builds run at a time")
    made.add_argument("--list", action="store_true", help="print programs and engines, measure nothing")
    made.add_argument("--json", help="write everything measured to this file")
    made.add_argument("--svg", help=svg)
    made.add_argument("--markdown", action="store_true", help="print the tables as Markdown")
    made.add_argument("programs", nargs="*", help="names or patterns (default: all)")
    return made

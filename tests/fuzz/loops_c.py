"""Random loop nests in C, which clang compiles for wasm32 at -O1 to -O3: for loops.py.

As in loops_wasm.py, a module holds many functions, each between one that sets what it takes and one
that gives a hash. What undefined behaviour clang makes something else of makes no difference: its
output is what is compared.
"""

import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from random import Random

from loops_wasm import PAGE, WRAP, Block, encode

# Streams lie above the data and the stack.
LOWEST = 16384
PAGES = 2
INTEGERS = ["u8", "i8", "u16", "i16", "u32", "u32", "i32", "u64", "i64"]
NAMES = "abcd"
HEADER = f"""
typedef unsigned char u8;
typedef signed char i8;
typedef unsigned short u16;
typedef short i16;
typedef unsigned u32;
typedef int i32;
typedef unsigned long long u64;
typedef long long i64;
typedef u32 v4 __attribute__((vector_size(16), aligned(1)));
typedef u8 v16 __attribute__((vector_size(16), aligned(1)));
volatile u32 in[8];
u64 out[8];
static void fill(void) {{
  u32 x = 12345;
  for (u32 *p = (u32 *){LOWEST}; p != (u32 *){PAGES * PAGE}; p++) {{
    x = x * 1664525 + 1013904223;
    *p = x ^ x >> 15;
  }}
  for (int i = 0; i < 8; i++) {{
    out[i] = 0;
  }}
}}
static u64 add(u64 sum, u64 word) {{
  sum = (sum ^ word) * 0x100000001b3;
  return sum << 29 | sum >> 35;
}}
static u64 hash(void) {{
  u64 sum = 0;
  for (u64 *p = (u64 *){LOWEST}; p != (u64 *){PAGES * PAGE}; p++) {{
    sum = add(sum, *p);
  }}
  for (int i = 0; i < 8; i++) {{
    sum = add(sum, out[i]);
  }}
  return sum;
}}

// What clang calls for the sum of a loop of 64 bits; there is no library.
unsigned __int128 __multi3(unsigned __int128 a, unsigned __int128 b) {{
  u64 x = a, y = b, low = (x & 0xffffffff) * (y & 0xffffffff), high = (x >> 32) * (y >> 32);
  u64 one = (x >> 32) * (y & 0xffffffff), two = (x & 0xffffffff) * (y >> 32);
  u64 middle = (low >> 32) + (one & 0xffffffff) + (two & 0xffffffff);
  high += (one >> 32) + (two >> 32) + (middle >> 32) + (u64)(a >> 64) * y + x * (u64)(b >> 64);
  return (unsigned __int128)high << 64 | (middle << 32 | (low & 0xffffffff));
}}
"""


def clang():
    """A clang that makes modules, and has a linker for them; None when there is none."""
    for name in [os.environ.get("WASMAOT_CLANG"), *(f"clang-{n}" for n in range(22, 15, -1)), "clang"]:
        path = shutil.which(name) if name else None
        if path:
            linker = subprocess.run([path, "-print-prog-name=wasm-ld"], capture_output=True, check=False)
            if shutil.which(linker.stdout.decode().strip()):
                return path
    return None


class Memory:
    """How the functions of a module are compiled."""

    index = 0

    def __init__(self, seed):
        r = Random(f"clang {seed}")
        self.flags = [r.choice(["-O1", "-O2", "-O2", "-O3"])]
        self.flags += r.choice([[], ["-msimd128"], ["-msimd128"], ["-fno-vectorize", "-msimd128"]])
        self.flags += r.choice([[], ["-fno-unroll-loops"], ["-fno-strict-aliasing"]])


class Function:
    def __init__(self, seed, _memory):
        self.r = r = Random(f"C loops {seed}")
        self.types = {name: r.choice(INTEGERS) for name in NAMES}
        if r.random() < 0.5:  # often all streams are of one type
            self.types = dict.fromkeys(NAMES, r.choice(INTEGERS))
        for name in NAMES:
            if r.random() < 0.06:
                self.types[name] = r.choice(["float", "double", "v4", "v16"])
        self.values = [self.base() for _ in NAMES] + [0, 0, r.randrange(WRAP), r.randrange(256)]
        for i in range(1, 4):
            if r.random() < 0.25:
                distance = r.choice([0, 0, r.randrange(-40, 41), r.choice([-16, -4, -1, 1, 4, 8, 16])])
                self.values[i] = (self.values[r.randrange(i)] + distance) % WRAP
        self.fixed = [name for name in NAMES if r.random() < 0.1]
        self.loops = []
        self.moving = []
        self.restrict = " restrict" if r.random() < 0.2 else ""
        self.nodes = self.statements(r.choice([0, 0, 1]))
        self.nodes.append(self.loop(r.choice([1, 1, 1, 2, 2, 3])))
        self.nodes += self.statements(r.choice([0, 0, 1]))

    def base(self):
        r, end = self.r, PAGES * PAGE
        where = r.random()
        if where < 0.45:
            return end - r.randrange(r.choice([40, 300, 1500, 6000]))
        if where < 0.5:
            return WRAP - r.randrange(1, 300)
        return LOWEST + r.randrange(end - LOWEST - 9000)

    # ---- Expressions ----

    def index(self):
        r = self.r
        if not self.loops:
            return str(r.randrange(20))
        i, n = self.loops[-1] if r.random() < 0.85 else r.choice(self.loops)
        forms = [i] * 8 + [f"{i} + {r.randrange(1, 20)}", f"{i} - {r.randrange(1, 20)}", f"{n} - 1 - {i}", f"2 * {i}",
                           f"2 * {i} + 1", f"4 * {i} + {r.randrange(4)}", f"{i} / 2", f"({i} & 15)", f"{i} * {n}",
                           str(r.randrange(20)), f"(u32)d[{i}] % 64"]  # fmt: skip
        if self.types["d"][0] not in "ui":
            forms.pop()
        if len(self.loops) > 1:
            outer = self.loops[-2][0]
            forms += [f"{outer} * {n} + {i}", f"{outer} * 32 + {i}", f"{i} * 16 + {outer}"] * 3
        return r.choice(forms)

    def place(self, kinds="ui"):
        r = self.r
        names = [name for name in NAMES if self.types[name][0] in kinds]
        if not names:
            return None
        name = r.choice(names)
        if name in self.moving and r.random() < 0.5:
            return r.choice([f"*{name}", f"{name}[{r.randrange(4)}]"])
        return f"{name}[{self.index()}]"

    def atom(self):
        r = self.r
        return r.choice(["x", "y", "t", str(r.choice([0, 1, 3, 255, 77777]))] + [i for i, _ in self.loops] * 2)

    def value(self, depth=2):
        r = self.r
        choice = r.random()
        place = self.place()
        if choice < 0.5 and place:
            return place
        if depth == 0 or choice < 0.6:
            return self.atom()
        a, b = self.value(depth - 1), self.value(depth - 1)
        if choice < 0.85:
            return f"({a} {r.choice(['+', '+', '-', '*', '&', '|', '^'])} {b})"
        if choice < 0.9:
            return f"({a} {r.choice(['<<', '>>'])} ({b} & 7))"
        if choice < 0.95:
            return f"({self.condition(depth - 1)} ? {a} : {b})"
        return r.choice([f"({a} - {a})", f"(u16)({a})", f"({a} == {a})", f"(i8)({a})", f"(u64)({a})"])

    def condition(self, depth=1):
        r = self.r
        a = self.value(depth)
        return r.choice([f"({a} & 1)", f"({a} < {self.value(depth)})", f"({a} > {r.randrange(256)})"])

    # ---- Statements ----

    def float_statement(self):
        place = self.place("fd")
        return f"{place} = (float)(i32)({self.value()});" if place else f"f += (double)(i32)({self.value()});"

    def vector_statement(self):
        place, other = self.place("v"), self.place("v")
        if not place:
            return self.store()
        return f"{place} = {other} + 3;" if place[0] == other[0] else f"{place} += {place};"

    def store(self):
        r = self.r
        place = self.place()
        if not place:
            return self.reduce()
        return f"{place} {r.choice(['=', '=', '=', '+=', '^=', '-='])} {self.value()};"

    def reduce(self):
        r = self.r
        value = self.value()
        smaller = f"t = {value}; x = x {r.choice('<>')} t ? x : t;"
        return r.choice([f"x += {value};", f"s += {value};", f"x ^= {value};", smaller, f"s += (u64)({value}) * 3;"])

    def copy(self):
        r = self.r
        a, b = self.place(), self.place()
        if not a:
            return self.reduce()
        size = r.choice([2, 4, 8, 12, 16, 31, 64])
        call = r.choice([f"__builtin_memcpy(&{a}, &{b}, {size})", f"__builtin_memset(&{a}, y, {size})",
                         f"__builtin_memmove(&{a}, &{b}, {size})"])  # fmt: skip
        return call + ";"

    def statement(self):
        r = self.r
        choice = r.random()
        if choice < 0.12:
            body = [r.choice([self.store, self.reduce])() for _ in range(r.choice([1, 1, 2]))]
            other = [self.store()] if r.random() < 0.3 else []
            return Block(f"if ({self.condition()}) {{\n", body, "}\n", "} else {\n", other)
        for limit, make in [(0.55, self.store), (0.8, self.reduce), (0.83, self.copy), (0.9, self.float_statement),
                            (0.95, self.vector_statement)]:  # fmt: skip
            if choice < limit:
                return make() + "\n"
        a = self.place()
        b = self.place()
        return f"t = {a}; {a} = {b}; {b} = t;\n" if a else self.reduce() + "\n"

    def statements(self, count):
        return [self.statement() for _ in range(count)]

    # ---- Loops ----

    def loop(self, depth, budget=3000):
        r = self.r
        level = len(self.loops)
        few = [1, 2, 3, 4, 5, 8, 12]
        trip = min(r.choice(few if depth > 1 else few + [7, 16, 31, 32, 64, 100, 255, 256, 600, 3000]), budget)
        variable, bound = "ijk"[level], str(trip)
        if level < 2 and r.random() < 0.6:
            bound = "nm"[level]
            self.values[4 + level] = trip
        kind = r.choice(["u32", "u32", "i32", "u64"])
        step = r.choice([1, 1, 1, 1, 2, 3, 4])
        head = r.choice([
            f"for ({kind} {variable} = 0; {variable} < ({kind}){bound}; {variable} += {step}) {{\n",
            f"for ({kind} {variable} = 0; {variable} != ({kind}){bound}; {variable}++) {{\n",
            f"for ({kind} {variable} = {bound}; {variable}-- > 0;) {{\n",
        ])  # fmt: skip
        pragma = r.choice([""] * 6 + ["#pragma clang loop unroll_count(4)\n", "#pragma clang loop unroll(full)\n",
                                      "#pragma clang loop vectorize(disable)\n"])  # fmt: skip
        self.loops.append((variable, bound))
        tail = "}\n"
        if depth == 1 and r.random() < 0.3:
            self.moving = r.sample(NAMES, r.choice([1, 2]))
            moves = "".join(f"{name} {r.choice(['+= 1', '+= 1', '-= 1', '+= 4'])};\n" for name in self.moving)
            tail = moves + "}\n"
        body = self.statements(r.choice([1, 1, 2, 2, 3]))
        if depth > 1:
            body.insert(r.randrange(len(body) + 1), self.loop(depth - 1, budget // trip))
        elif r.random() < 0.06:
            body.append(Block(f"if ({self.condition()}) {{\n", ["break;\n"], "}\n", "", []))
        self.moving = []
        self.loops.pop()
        return Block(pragma + head, body, tail)

    def text(self, number):
        streams = ""
        for i, (name, kind) in enumerate(self.types.items()):
            start = f"{self.values[i]}u" if name in self.fixed else f"in[{i}]"
            streams += f"{kind} *{self.restrict} {name} = ({kind} *){start};\n"
        inputs = "".join(f"in[{i}] = {value}u;\n" for i, value in enumerate(self.values))
        return f"""
__attribute__((export_name("s{number}"))) void s{number}(void) {{
{inputs}fill();
}}
__attribute__((export_name("f{number}"))) void f{number}(void) {{
{streams}u32 n = in[4], m = in[5], x = in[6], y = in[7], t = 0;
u64 s = 0;
double f = 0;
{encode(self.nodes, "")}out[0] = x;
out[1] = s;
out[2] = t + n + m;
__builtin_memcpy(&out[3], &f, 8);
}}
__attribute__((export_name("h{number}"))) u64 h{number}(void) {{
return hash();
}}
"""


def write(path, memory, functions):
    text = HEADER + "".join(function.text(number) for number, function in functions)
    with tempfile.NamedTemporaryFile("w", suffix=".c") as source:
        source.write(text)
        source.flush()
        command = [clang(), "--target=wasm32", *memory.flags, "-w", "-mbulk-memory", "-msign-ext", "-ffreestanding",
                   "-nostdlib", "-Wl,--no-entry", "-Wl,-z,stack-size=4096", f"-Wl,--initial-memory={PAGES * PAGE}",
                   f"-Wl,--max-memory={PAGES * PAGE}", "-o", str(path), source.name]  # fmt: skip
        made = subprocess.run(command, stderr=subprocess.PIPE, check=False)
    if made.returncode != 0:  # what loops.py takes apart need not be C any more
        path.write_bytes(made.stderr)

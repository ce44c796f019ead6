# Run in gdb: stops at every marked line of tests/guests/debug_places.c, in every thread, and compares
# what variables are with what the mark says. Prints every one that is wrong, and at the end
#   places: RIGHT right, WRONG wrong, GONE optimised out, STOPS stops of LINES lines
import re

import gdb


def marks(path):
    found = {}
    for line, text in enumerate(open(path), 1):
        _, marked, wanted = text.partition("//:")
        if marked:
            found[line] = [part.split(":") for part in re.split(r",\s*(?=[][^\w.]+:)", wanted.strip())]
    return found


def show(name):
    """A variable's value as Python has it; None: optimised out."""
    value = gdb.parse_and_eval(name)
    if value.is_optimized_out:
        return None
    is_float = value.type.strip_typedefs().code == gdb.TYPE_CODE_FLT
    return float(value) if is_float else int(value)


def look(name):
    if not name.startswith("^"):
        return show(name.replace("to.", "to->").replace("pointer.", "pointer->"))
    frame = gdb.selected_frame()
    frame.older().select()
    try:
        return show(name[1:])
    finally:
        frame.select()


class Places:
    def __init__(self, path):
        self.marks = marks(path)
        self.seen = set()
        self.right = self.wrong = self.gone = 0

    def check(self, line, seed, name, wanted):
        try:
            got = look(name)
        except gdb.error as error:
            if "optimized out" not in str(error):
                print("line %d: %s: %s" % (line, name, error))
                self.wrong += 1
                return
            got = None
        if got is None:
            print("line %d: %s is optimised out" % (line, name))
            self.gone += 1
        elif got == eval(wanted, {"s": seed}):
            self.right += 1
        else:
            print("line %d: %s is %s, not %s with s = %d" % (line, name, got, wanted, seed))
            self.wrong += 1

    def stop(self):
        frame = gdb.selected_frame()
        line = frame.find_sal().line
        seed = int(gdb.parse_and_eval("seed"))
        if (line, seed) in self.seen or line not in self.marks:
            return
        self.seen.add((line, seed))
        for name, wanted in self.marks[line]:
            self.check(line, seed, name.strip(), wanted.strip())

    def run(self):
        file = "guests/debug_places.c"
        for line in self.marks:
            gdb.execute("break %s:%d" % (file, line))
        gdb.execute("run")
        while gdb.selected_inferior().pid:
            self.stop()
            gdb.execute("continue")
        lines = len({line for line, _ in self.seen})
        print("places: %d right, %d wrong, %d optimised out, %d stops of %d lines"
              % (self.right, self.wrong, self.gone, len(self.seen), lines))


gdb.execute("set pagination off")
gdb.execute("set breakpoint pending on")
gdb.execute("set debuginfod enabled off")
Places(gdb.convenience_variable("source").string()).run()

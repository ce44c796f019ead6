# For gdb: makes pointers of WebAssembly guests behave as pointers.
#
# A guest's pointer is an offset in its linear memory. In the debug information of `wasmaot compile -g`
# it is a structure with the member guest_address, pointer<T>. With this script
# *p, p->x and p[i] work on it, strings are shown, and $native(p) is it as a pointer of the host's.
# gdb loads it by itself with an installed wasmaot; otherwise: source wasmaot-gdb.py

import gdb
import gdb.printing
import gdb.xmethod


def is_guest_pointer(type):
    type = type.strip_typedefs()
    if type.code != gdb.TYPE_CODE_STRUCT:
        return False
    fields = type.fields()
    return len(fields) == 1 and fields[0].name == "guest_address"


def target_type(type):
    try:
        return type.strip_typedefs().template_argument(0)
    except (gdb.error, RuntimeError):
        return gdb.lookup_type("void")


def native_pointer(value):
    """The host's pointer to what a guest's pointer points to; null for null."""
    offset = int(value["guest_address"])
    base = gdb.lookup_global_symbol("wasmaot_memory")
    if base is None:
        raise gdb.GdbError("no memory of a guest is known yet")
    address = offset + int(base.value()) if offset else 0
    return gdb.Value(address).cast(target_type(value.type).pointer())


class Printer:
    def __init__(self, value):
        self.value = value

    def to_string(self):
        offset = int(self.value["guest_address"])
        target = target_type(self.value.type).strip_typedefs()
        text = hex(offset)
        if target.code == gdb.TYPE_CODE_FUNC:
            return "function %d of the table" % offset
        is_text = target.code in (gdb.TYPE_CODE_INT, gdb.TYPE_CODE_CHAR) and target.sizeof == 1
        if is_text and offset:
            try:
                text += " " + native_pointer(self.value).format_string(address=False)
            except gdb.MemoryError:
                pass
        return text


class Lookup(gdb.printing.PrettyPrinter):
    def __init__(self):
        super().__init__("wasmaot")

    def __call__(self, value):
        return Printer(value) if is_guest_pointer(value.type) else None


class Operator(gdb.xmethod.XMethodWorker):
    def __init__(self, name):
        self.name = name

    def get_arg_types(self):
        return gdb.lookup_type("long") if self.name == "operator[]" else None

    def __call__(self, pointer, index=0):
        if pointer.type.strip_typedefs().code == gdb.TYPE_CODE_PTR:  # to the object
            pointer = pointer.dereference()
        native = native_pointer(pointer)
        if self.name == "operator->":
            return native
        return (native + int(index)).dereference()


class Matcher(gdb.xmethod.XMethodMatcher):
    def __init__(self):
        super().__init__("wasmaot")

    def match(self, type, name):
        if name in ("operator*", "operator->", "operator[]") and is_guest_pointer(type):
            return Operator(name)
        return None


class Native(gdb.Function):
    """$native(POINTER): a guest's pointer as a pointer of the host's."""

    def __init__(self):
        super().__init__("native")

    def invoke(self, value):
        return native_pointer(value)


gdb.printing.register_pretty_printer(None, Lookup(), replace=True)
gdb.xmethod.register_xmethod_matcher(None, Matcher(), replace=True)
Native()

"""WebAssembly by wasmaot: ahead-of-time compiled, with WASI, threads, limits and stopping.

An Engine holds the configuration, a Store the objects of one guest, a Module compiled code. A Linker
gives a module its imports and makes an Instance, whose exports are called like functions. `run` does
all of that for a command. A store is for one thread at a time; engines and modules are for all.
"""

import ctypes
import enum
import os
import threading
import weakref
from collections import namedtuple

from . import _library
from ._library import lib

__all__ = ["Engine", "Error", "Frame", "Function", "Group", "Instance", "Linker", "Memory", "Module"]
__all__ += ["Store", "Trap", "TrapCode", "Wasi", "run"]


class Error(Exception):
    """What cannot be done: a module that is invalid, an import that is missing, a system's refusal."""


class TrapCode(enum.IntEnum):
    """Why a call ended."""

    UNREACHABLE = 1
    MEMORY_OUT_OF_BOUNDS = 2
    TABLE_OUT_OF_BOUNDS = 3
    UNDEFINED_ELEMENT = 4
    UNINITIALIZED_ELEMENT = 5
    INDIRECT_CALL_TYPE = 6
    INTEGER_DIVIDE_BY_ZERO = 7
    INTEGER_OVERFLOW = 8
    INVALID_CONVERSION = 9
    UNALIGNED_ATOMIC = 10
    EXPECTED_SHARED_MEMORY = 11
    NULL_REFERENCE = 12
    STACK_EXHAUSTED = 13
    HOST = 14
    INTERRUPTED = 15
    NULL_FUNCTION = 16
    UNCAUGHT_EXCEPTION = 17
    NULL_EXCEPTION = 18
    TIMEOUT = 19
    SYSTEM = 20


# `function` and `module` are names, "" when unknown; `file` and `line` are known after compiling with -g.
Frame = namedtuple("Frame", "function index module file line")


class Trap(Error):
    """A call that did not return: `code`, `frames` (innermost first), and `exit_status` of one that
    ended because the program exited, else None."""

    def __init__(self, message, code, frames, exit_status):
        super().__init__(message)
        self.code = code
        self.frames = frames
        self.exit_status = exit_status


class _Handle:
    """A pointer of the library's, deleted with its object. `keeps` lives at least as long."""

    def __init__(self, pointer, delete, *keeps):
        if not pointer:
            raise Error(lib.wasmaot_last_error_message().decode())
        self._pointer = pointer
        self._keeps = keeps
        self._end = weakref.finalize(self, _delete, delete, pointer, keeps)

    def close(self):
        """Ends it now instead of when nobody has it any more."""
        self._end()


def _delete(delete, pointer, _keeps):
    delete(pointer)


def _check(error):
    if error:
        message = lib.wasmaot_error_message(error).decode("utf-8", "replace")
        lib.wasmaot_error_delete(error)
        raise Error(message)


def _need(done):
    if not done:
        raise Error(lib.wasmaot_last_error_message().decode("utf-8", "replace"))


# What a host function raised on this thread, on its way through guests to whoever called them.
_raised = threading.local()


def _frames(trap):
    vec = _library.Vec()
    lib.wasm_trap_trace(trap, ctypes.byref(vec))
    frames = [
        Frame(
            lib.wasmaot_frame_func_name(frame).decode("utf-8", "replace"),
            lib.wasm_frame_func_index(frame),
            lib.wasmaot_frame_module_name(frame).decode("utf-8", "replace"),
            lib.wasmaot_frame_file(frame).decode("utf-8", "replace"),
            lib.wasmaot_frame_line(frame),
        )
        for frame in _library.array(vec)
    ]
    lib.wasm_frame_vec_delete(ctypes.byref(vec))
    return frames


def _take_trap(trap):
    """The exception for a trap, which is deleted."""
    raised, _raised.exception = getattr(_raised, "exception", None), None
    if raised is not None:
        lib.wasm_trap_delete(trap)
        return raised
    status = ctypes.c_int()
    exited = lib.wasmaot_trap_exit_status(trap, ctypes.byref(status))
    result = Trap(
        _library.take_text(lambda vec: lib.wasm_trap_message(trap, vec)),
        TrapCode(lib.wasmaot_trap_code(trap)),
        _frames(trap),
        status.value if exited else None,
    )
    lib.wasm_trap_delete(trap)
    return result


def _nanoseconds(seconds):
    return 0 if seconds is None else max(1, int(seconds * 1e9))


class Engine(_Handle):
    """Configuration, for any number of stores on any thread. Sizes in bytes, times in seconds; None is
    the library's default."""

    def __init__(
        self,
        *,
        optimization=None,
        cpu=None,
        features=None,
        max_memory=None,
        max_table=None,
        max_compile_memory=None,
        max_compile_time=None,
        stack=None,
    ):
        config = lib.wasm_config_new()
        # Python knows its threads by their stacks.
        done = lib.wasmaot_config_set_caller_stack(config, True)
        for value, function in (
            (optimization, lib.wasmaot_config_set_optimization),
            (cpu and cpu.encode(), lib.wasmaot_config_set_cpu),
            (features and features.encode(), lib.wasmaot_config_set_features),
            (max_memory, lib.wasmaot_config_set_max_memory),
            (max_table, lib.wasmaot_config_set_max_table),
            (max_compile_memory, lib.wasmaot_config_set_max_compile_memory),
            (max_compile_time and _nanoseconds(max_compile_time), lib.wasmaot_config_set_max_compile_time),
            (stack, lib.wasmaot_config_set_stack),
        ):
            done = done and (value is None or function(config, value))
        if not done:
            lib.wasm_config_delete(config)
        _need(done)
        super().__init__(lib.wasm_engine_new_with_config(config), lib.wasm_engine_delete)


class Store(_Handle):
    """The objects of one guest; for one thread at a time, but for `interrupt`."""

    def __init__(self, engine):
        # The C side of host functions, which must be there as long as guests can call them.
        self._callbacks = []
        super().__init__(lib.wasm_store_new(engine._pointer), lib.wasm_store_delete, engine, self._callbacks)

    def interrupt(self, wait=None):
        """Ends the calls in progress, from another thread, and lets none begin until `resume`. True as
        soon as there is none, False after `wait` seconds."""
        return lib.wasmaot_store_interrupt(self._pointer, -1 if wait is None else int(wait * 1e9))

    def resume(self):
        """Lets calls begin again, after an interrupt that returned True."""
        lib.wasmaot_store_resume(self._pointer)


class Module(_Handle):
    """Compiled code. Module(engine, binary) compiles; `load` takes what `wasmaot compile` or `serialize`
    made, which is native code: load it only from where you would load a program."""

    def __init__(self, engine, binary):
        pointer = ctypes.c_void_p()
        _check(lib.wasmaot_module_new(engine._pointer, binary, len(binary), ctypes.byref(pointer)))
        super().__init__(pointer.value, lib.wasm_module_delete)

    @classmethod
    def load(cls, artifact):
        """From a file's path, or from bytes."""
        pointer = ctypes.c_void_p()
        if isinstance(artifact, bytes):
            _check(lib.wasmaot_module_load(artifact, len(artifact), None, ctypes.byref(pointer)))
        else:
            _check(lib.wasmaot_module_load_file(os.fsencode(artifact), ctypes.byref(pointer)))
        module = cls.__new__(cls)
        _Handle.__init__(module, pointer.value, lib.wasm_module_delete)
        return module

    def serialize(self):
        """The artifact, for `load` on machines with the same kind of processor."""
        vec = _library.Vec()
        lib.wasm_module_serialize(self._pointer, ctypes.byref(vec))
        if not vec.size:
            raise Error(lib.wasmaot_last_error_message().decode("utf-8", "replace"))
        artifact = ctypes.string_at(vec.data, vec.size)
        lib.wasm_byte_vec_delete(ctypes.byref(vec))
        return artifact


# ---- Functions ----

_NAMES = {"i32": _library.I32, "i64": _library.I64, "f32": _library.F32, "f64": _library.F64}
_FIELDS = {kind: name for name, kind in _NAMES.items()}


def _fields(vec):
    """How a cell holds each type of a vector."""
    kinds = [lib.wasm_valtype_kind(pointer) for pointer in _library.array(vec)]
    for kind in kinds:
        if kind not in _FIELDS:
            raise TypeError("only functions of i32, i64, f32 and f64 can be called from here")
    return [_FIELDS[kind] for kind in kinds]


def _set(cell, field, value):
    if field in ("i32", "i64"):
        bits = 32 if field == "i32" else 64
        if not -(1 << (bits - 1)) <= value < 1 << bits:
            raise OverflowError(f"{value} is no {field}")
    setattr(cell, field, value)


def _valtypes(names):
    kinds = [_NAMES[name] for name in names.split()]
    array = (ctypes.c_void_p * len(kinds))(*[lib.wasm_valtype_new(kind) for kind in kinds])
    vec = _library.Vec()
    lib.wasm_valtype_vec_new(ctypes.byref(vec), len(kinds), array)
    return vec


def _values(result, count):
    if count == 0:
        return ()
    return (result,) if count == 1 else tuple(result)


class _Exported:
    """A function of a guest: called with numbers, gives None, a number, or a tuple of them."""

    def __init__(self, extern):
        self._extern = extern
        self._func = lib.wasm_extern_as_func(extern._pointer)
        of = lib.wasm_func_type(self._func)
        try:
            self._params = _fields(lib.wasm_functype_params(of).contents)
            self._results = _fields(lib.wasm_functype_results(of).contents)
        finally:
            lib.wasm_functype_delete(of)

    def __call__(self, *arguments):
        if len(arguments) != len(self._params):
            raise TypeError(f"{len(arguments)} arguments for a function of {len(self._params)}")
        cells = (_library.Cell * max(1, len(self._params), len(self._results)))()
        for cell, field, value in zip(cells, self._params, arguments):
            _set(cell, field, value)
        trap = lib.wasmaot_func_call_cells(self._func, cells)
        if trap:
            raise _take_trap(trap)
        results = tuple(getattr(cell, field) for cell, field in zip(cells, self._results))
        return results[0] if len(results) == 1 else results or None


class Function(_Handle):
    """A function of the host: Function(store, "i32 f64", "i32", callable). It gives None, a number or a
    sequence, by its results. What it raises ends the guest's calls and reaches whoever made them. In a
    program with threads it may be called on all of them."""

    def __init__(self, store, params, results, function):
        takes, gives = params.split(), results.split()
        store_pointer = store._pointer

        def call(_env, _caller, cells):
            try:
                arguments = [getattr(cells[i], field) for i, field in enumerate(takes)]
                values = _values(function(*arguments), len(gives))
                if len(values) != len(gives):
                    raise TypeError(f"{len(values)} results of a function of {len(gives)}")
                for i, (field, value) in enumerate(zip(gives, values)):
                    _set(cells[i], field, value)
                return None
            except BaseException as exception:  # nothing may pass the frames of C
                _raised.exception = exception
                text = f"{type(exception).__name__}: {exception}".encode()[:200] + b"\0"
                vec = _library.Vec()
                lib.wasm_byte_vec_new(ctypes.byref(vec), len(text), text)
                trap = lib.wasm_trap_new(store_pointer, ctypes.byref(vec))
                lib.wasm_byte_vec_delete(ctypes.byref(vec))
                return trap

        callback = _library.CALLBACK(call)
        store._callbacks.append(callback)
        param_types, result_types = _valtypes(params), _valtypes(results)
        of = lib.wasm_functype_new(ctypes.byref(param_types), ctypes.byref(result_types))
        pointer = lib.wasmaot_func_new_cells(store_pointer, of, callback, None, None)
        lib.wasm_functype_delete(of)
        super().__init__(pointer, lib.wasm_func_delete, store)


class Memory:
    """A memory of a guest. Every access is checked against its size at that moment."""

    def __init__(self, extern):
        self._extern = extern
        self._memory = lib.wasm_extern_as_memory(extern._pointer)

    def __len__(self):
        return lib.wasm_memory_data_size(self._memory)

    def _at(self, offset, size):
        if offset < 0 or size < 0 or offset + size > len(self):
            raise IndexError(f"{size} bytes at {offset} of a memory of {len(self)}")
        return (lib.wasm_memory_data(self._memory) or 0) + offset

    def read(self, offset, size):
        """A copy."""
        return ctypes.string_at(self._at(offset, size), size)

    def write(self, offset, data):
        """Copies bytes in."""
        ctypes.memmove(self._at(offset, len(data)), bytes(data), len(data))

    def grow(self, pages):
        """By pages of 64 KiB; the old number of them, or None when that is too much."""
        old = lib.wasmaot_memory_grow(self._memory, pages)
        return None if old == (1 << 64) - 1 else old


class Instance(_Handle):
    """A module with its imports: instance["name"] is a function or a Memory."""

    def __getitem__(self, name):
        pointer = lib.wasmaot_instance_export(self._pointer, name.encode())
        if not pointer:
            raise KeyError(name)
        extern = _Handle(pointer, lib.wasm_extern_delete, self)
        kind = lib.wasm_extern_kind(pointer)
        if kind not in (0, 3):
            raise TypeError(f"{name} is neither a function nor a memory")
        return _Exported(extern) if kind == 0 else Memory(extern)


class Linker(_Handle):
    """Imports by their names."""

    def __init__(self, store):
        super().__init__(lib.wasmaot_linker_new(store._pointer), lib.wasmaot_linker_delete, store)

    def define(self, module, name, function):
        """A Function under two names."""
        extern = lib.wasm_func_as_extern(function._pointer)
        _check(lib.wasmaot_linker_define(self._pointer, module.encode(), name.encode(), extern))

    def define_instance(self, module, instance):
        """Every export of an instance."""
        _check(lib.wasmaot_linker_define_instance(self._pointer, module.encode(), instance._pointer))

    def define_wasi(self, wasi):
        """WASI for one program, as a Wasi says."""
        config = wasi._config()
        try:
            _check(lib.wasmaot_linker_define_wasi(self._pointer, config))
        finally:
            lib.wasmaot_wasi_config_delete(config)

    def instantiate(self, module):
        """An Instance; its start function has run."""
        pointer, trap = ctypes.c_void_p(), ctypes.c_void_p()
        _check(
            lib.wasmaot_linker_instantiate(
                self._pointer, module._pointer, ctypes.byref(pointer), ctypes.byref(trap)
            )
        )
        if trap.value:
            raise _take_trap(trap.value)
        return Instance(pointer.value, lib.wasm_instance_delete, self, module)


class Wasi:
    """What a program may see: arguments (its name is the first), environment, directories as
    {guest: host}, and standard streams: None is the host's own, -1 none, else a descriptor or a file."""

    def __init__(
        self, args=("program",), env=None, dirs=None, read_only_dirs=None, stdin=None, stdout=None, stderr=None
    ):
        self._args = [os.fsencode(arg) for arg in args]
        self._env = {os.fsencode(name): os.fsencode(value) for name, value in (env or {}).items()}
        self._dirs = [(lib.wasmaot_wasi_config_preopen, dirs or {})]
        self._dirs.append((lib.wasmaot_wasi_config_preopen_read_only, read_only_dirs or {}))
        self._streams = (stdin, stdout, stderr)

    def _fill(self, config):
        lib.wasmaot_wasi_config_inherit_stdio(config)
        done = all(lib.wasmaot_wasi_config_arg(config, arg) for arg in self._args)
        for name, value in self._env.items():
            done = done and lib.wasmaot_wasi_config_env(config, name, value)
        for grant, dirs in self._dirs:
            for guest, host in dirs.items():
                done = done and grant(config, os.fsencode(host), os.fsencode(guest))
        for number, stream in enumerate(self._streams):
            if stream is not None:
                descriptor = stream if isinstance(stream, int) else stream.fileno()
                done = done and lib.wasmaot_wasi_config_stdio(config, number, descriptor)
        _need(done)

    def _config(self):
        config = lib.wasmaot_wasi_config_new()
        try:
            self._fill(config)
        except BaseException:
            lib.wasmaot_wasi_config_delete(config)
            raise
        return config


class Group(_Handle):
    """The threads of a running program: `stop` ends them, from any thread, and `timeout` (seconds)
    by itself."""

    def __init__(self, *, max_threads=0, stack=0, timeout=None):
        options = _library.GroupOptions(max_threads, stack, _nanoseconds(timeout))
        pointer = ctypes.c_void_p()
        _check(lib.wasmaot_group_new(ctypes.byref(options), ctypes.byref(pointer)))
        super().__init__(pointer.value, lib.wasmaot_group_delete)

    def run_command(self, linker, module):
        """Runs a program to its end; its exit status. A trap in any of its threads is a Trap."""
        status, trap = ctypes.c_int(), ctypes.c_void_p()
        _check(
            lib.wasmaot_group_run_command(
                self._pointer, linker._pointer, module._pointer, ctypes.byref(status), ctypes.byref(trap)
            )
        )
        if trap.value:
            raise _take_trap(trap.value)
        return status.value

    def stop(self):
        """Ends all threads, wherever they are. The group runs nothing any more."""
        lib.wasmaot_group_stop(self._pointer)


def run(module, wasi=None, *, engine=None, group=None, timeout=None):
    """Runs a program of WASI, given as a binary or a Module; its exit status."""
    engine = engine or Engine()
    if not isinstance(module, Module):
        module = Module(engine, module)
    linker = Linker(Store(engine))
    linker.define_wasi(wasi or Wasi())
    return (group or Group(timeout=timeout)).run_command(linker, module)

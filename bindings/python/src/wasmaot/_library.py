"""The shared library and its functions, declared for ctypes. Nothing is compiled at installation."""

import ctypes
import ctypes.util
import os
from ctypes import POINTER, byref, c_bool, c_char_p, c_double, c_float, c_int, c_int32, c_int64
from ctypes import c_size_t, c_uint8, c_uint32, c_uint64, c_void_p

I32, I64, F32, F64 = range(4)


class Cell(ctypes.Union):
    """A value as compiled code passes it."""

    _fields_ = [("i32", c_int32), ("i64", c_int64), ("f32", c_float), ("f64", c_double)]


class Vec(ctypes.Structure):
    """Every vector of wasm.h: `data` is bytes or an array of pointers."""

    _fields_ = [("size", c_size_t), ("data", c_void_p)]


class GroupOptions(ctypes.Structure):
    """struct wasmaot_group_options_t."""

    _fields_ = [("max_threads", c_uint32), ("stack_size", c_size_t), ("timeout", c_uint64)]


CALLBACK = ctypes.CFUNCTYPE(c_void_p, c_void_p, c_void_p, POINTER(Cell))

# name: (result, arguments)
_FUNCTIONS = {
    "wasm_byte_vec_new": (None, [POINTER(Vec), c_size_t, c_char_p]),
    "wasm_byte_vec_delete": (None, [POINTER(Vec)]),
    "wasm_config_new": (c_void_p, []),
    "wasm_config_delete": (None, [c_void_p]),
    "wasmaot_config_set_optimization": (c_bool, [c_void_p, c_int]),
    "wasmaot_config_set_cpu": (c_bool, [c_void_p, c_char_p]),
    "wasmaot_config_set_features": (c_bool, [c_void_p, c_char_p]),
    "wasmaot_config_set_max_memory": (c_bool, [c_void_p, c_uint64]),
    "wasmaot_config_set_max_table": (c_bool, [c_void_p, c_uint64]),
    "wasmaot_config_set_max_compile_memory": (c_bool, [c_void_p, c_uint64]),
    "wasmaot_config_set_max_compile_time": (c_bool, [c_void_p, c_uint64]),
    "wasmaot_config_set_stack": (c_bool, [c_void_p, c_size_t]),
    "wasmaot_config_set_caller_stack": (c_bool, [c_void_p, c_bool]),
    "wasm_engine_new_with_config": (c_void_p, [c_void_p]),
    "wasm_engine_delete": (None, [c_void_p]),
    "wasm_store_new": (c_void_p, [c_void_p]),
    "wasm_store_delete": (None, [c_void_p]),
    "wasmaot_store_interrupt": (c_bool, [c_void_p, c_int64]),
    "wasmaot_store_resume": (None, [c_void_p]),
    "wasmaot_module_new": (c_void_p, [c_void_p, c_char_p, c_size_t, POINTER(c_void_p)]),
    "wasmaot_module_load_file": (c_void_p, [c_char_p, POINTER(c_void_p)]),
    "wasmaot_module_load": (c_void_p, [c_char_p, c_size_t, c_char_p, POINTER(c_void_p)]),
    "wasm_module_serialize": (None, [c_void_p, POINTER(Vec)]),
    "wasm_module_delete": (None, [c_void_p]),
    "wasm_valtype_new": (c_void_p, [c_uint8]),
    "wasm_valtype_kind": (c_uint8, [c_void_p]),
    "wasm_valtype_vec_new": (None, [POINTER(Vec), c_size_t, c_void_p]),
    "wasm_functype_new": (c_void_p, [POINTER(Vec), POINTER(Vec)]),
    "wasm_functype_delete": (None, [c_void_p]),
    "wasm_functype_params": (POINTER(Vec), [c_void_p]),
    "wasm_functype_results": (POINTER(Vec), [c_void_p]),
    "wasm_func_type": (c_void_p, [c_void_p]),
    "wasmaot_func_new_cells": (c_void_p, [c_void_p, c_void_p, CALLBACK, c_void_p, c_void_p]),
    "wasm_func_delete": (None, [c_void_p]),
    "wasmaot_func_cells": (c_size_t, [c_void_p]),
    "wasmaot_func_call_cells": (c_void_p, [c_void_p, POINTER(Cell)]),
    "wasm_func_as_extern": (c_void_p, [c_void_p]),
    "wasm_extern_as_func": (c_void_p, [c_void_p]),
    "wasm_extern_as_memory": (c_void_p, [c_void_p]),
    "wasm_extern_kind": (c_uint8, [c_void_p]),
    "wasm_extern_delete": (None, [c_void_p]),
    "wasm_memory_data": (c_void_p, [c_void_p]),
    "wasm_memory_data_size": (c_size_t, [c_void_p]),
    "wasmaot_memory_size": (c_uint64, [c_void_p]),
    "wasmaot_memory_grow": (c_uint64, [c_void_p, c_uint64]),
    "wasmaot_instance_export": (c_void_p, [c_void_p, c_char_p]),
    "wasm_instance_delete": (None, [c_void_p]),
    "wasmaot_linker_new": (c_void_p, [c_void_p]),
    "wasmaot_linker_delete": (None, [c_void_p]),
    "wasmaot_linker_define": (c_void_p, [c_void_p, c_char_p, c_char_p, c_void_p]),
    "wasmaot_linker_define_instance": (c_void_p, [c_void_p, c_char_p, c_void_p]),
    "wasmaot_linker_define_wasi": (c_void_p, [c_void_p, c_void_p]),
    "wasmaot_linker_instantiate": (
        c_void_p,
        [c_void_p, c_void_p, POINTER(c_void_p), POINTER(c_void_p)],
    ),
    "wasmaot_wasi_config_new": (c_void_p, []),
    "wasmaot_wasi_config_delete": (None, [c_void_p]),
    "wasmaot_wasi_config_arg": (c_bool, [c_void_p, c_char_p]),
    "wasmaot_wasi_config_env": (c_bool, [c_void_p, c_char_p, c_char_p]),
    "wasmaot_wasi_config_preopen": (c_bool, [c_void_p, c_char_p, c_char_p]),
    "wasmaot_wasi_config_preopen_read_only": (c_bool, [c_void_p, c_char_p, c_char_p]),
    "wasmaot_wasi_config_stdio": (c_bool, [c_void_p, c_int, c_int]),
    "wasmaot_wasi_config_inherit_stdio": (None, [c_void_p]),
    "wasmaot_group_new": (c_void_p, [POINTER(GroupOptions), POINTER(c_void_p)]),
    "wasmaot_group_delete": (None, [c_void_p]),
    "wasmaot_group_stop": (None, [c_void_p]),
    "wasmaot_group_run_command": (
        c_void_p,
        [c_void_p, c_void_p, c_void_p, POINTER(c_int), POINTER(c_void_p)],
    ),
    "wasm_trap_new": (c_void_p, [c_void_p, POINTER(Vec)]),
    "wasm_trap_delete": (None, [c_void_p]),
    "wasm_trap_message": (None, [c_void_p, POINTER(Vec)]),
    "wasmaot_trap_code": (c_int, [c_void_p]),
    "wasmaot_trap_exit_status": (c_bool, [c_void_p, POINTER(c_int)]),
    "wasm_trap_trace": (None, [c_void_p, POINTER(Vec)]),
    "wasm_frame_vec_delete": (None, [POINTER(Vec)]),
    "wasm_frame_func_index": (c_uint32, [c_void_p]),
    "wasmaot_frame_func_name": (c_char_p, [c_void_p]),
    "wasmaot_frame_module_name": (c_char_p, [c_void_p]),
    "wasmaot_frame_file": (c_char_p, [c_void_p]),
    "wasmaot_frame_line": (c_uint32, [c_void_p]),
    "wasmaot_error_message": (c_char_p, [c_void_p]),
    "wasmaot_error_delete": (None, [c_void_p]),
    "wasmaot_last_error_message": (c_char_p, []),
}


def _open():
    # The system's, unless the environment names another file.
    name = os.environ.get("WASMAOT_LIBRARY") or ctypes.util.find_library("wasmaot")
    library = ctypes.CDLL(name or "libwasmaot.so.0")
    for function, (result, arguments) in _FUNCTIONS.items():
        declared = getattr(library, function)
        declared.restype = result
        declared.argtypes = arguments
    return library


lib = _open()


def array(vec):
    """The pointers of a vector."""
    return list((c_void_p * vec.size).from_address(vec.data)) if vec.size else []


def take_text(fill):
    """The text of a message that fill(vec) makes, without its NUL."""
    vec = Vec()
    fill(byref(vec))
    text = ctypes.string_at(vec.data, vec.size).rstrip(b"\0").decode("utf-8", "replace")
    lib.wasm_byte_vec_delete(byref(vec))
    return text

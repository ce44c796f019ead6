//! What this crate uses of wasm.h and wasmaot.h, whose comments are the contracts.
#![allow(non_camel_case_types)]

use std::ffi::c_void;
use std::os::raw::{c_char, c_int, c_uint};

macro_rules! opaque {
    ($($name:ident)*) => {
        $(
            #[repr(C)]
            pub struct $name {
                _private: [u8; 0],
            }
        )*
    };
}

opaque! {
    wasm_config_t wasm_engine_t wasm_store_t wasm_module_t wasm_instance_t wasm_extern_t wasm_func_t
    wasm_global_t wasm_memory_t wasm_trap_t wasm_frame_t wasm_valtype_t wasm_functype_t
    wasm_globaltype_t wasm_memorytype_t wasm_externtype_t wasm_importtype_t wasm_exporttype_t
    wasmaot_error_t wasmaot_wasi_config_t wasmaot_linker_t wasmaot_group_t wasmaot_caller_t
    wasmaot_sharedmemory_t
}

/// Any of the vectors: they differ in what their elements are.
#[repr(C)]
pub struct Vector<T> {
    pub size: usize,
    pub data: *mut T,
}

pub type wasm_byte_vec_t = Vector<c_char>;
pub type wasm_valtype_vec_t = Vector<*mut wasm_valtype_t>;
pub type wasm_frame_vec_t = Vector<*mut wasm_frame_t>;
pub type wasm_importtype_vec_t = Vector<*mut wasm_importtype_t>;
pub type wasm_exporttype_vec_t = Vector<*mut wasm_exporttype_t>;

impl<T> Vector<T> {
    pub const fn empty() -> Self {
        Vector { size: 0, data: std::ptr::null_mut() }
    }

    /// The elements of a vector that C filled, as long as that is not deleted.
    pub unsafe fn elements(&self) -> &[T] {
        if self.size == 0 {
            &[]
        } else {
            std::slice::from_raw_parts(self.data, self.size)
        }
    }
}

pub const WASM_I32: u8 = 0;
pub const WASM_I64: u8 = 1;
pub const WASM_F32: u8 = 2;
pub const WASM_F64: u8 = 3;
pub const WASMAOT_V128: u8 = 4;
pub const WASM_EXTERNREF: u8 = 128;
pub const WASM_FUNCREF: u8 = 129;

pub const WASM_EXTERN_FUNC: u8 = 0;
pub const WASM_EXTERN_GLOBAL: u8 = 1;
pub const WASM_EXTERN_TABLE: u8 = 2;
pub const WASM_EXTERN_MEMORY: u8 = 3;

pub const WASM_VAR: u8 = 1;

/// Of numbers only: references are not made here.
#[repr(C)]
pub struct wasm_val_t {
    pub kind: u8,
    pub of: u64,
}

#[repr(C)]
pub struct wasmaot_limits_t {
    pub min: u64,
    pub max: u64,
    pub index64: bool,
    pub shared: bool,
    pub bytes: bool,
}

#[repr(C)]
pub struct wasmaot_group_options_t {
    pub max_threads: u32,
    pub stack_size: usize,
    pub timeout: u64,
}

pub type wasmaot_error_kind_t = c_uint;
pub type wasmaot_trap_code_t = c_uint;

/// Its bits.
pub type wasmaot_cell_t = u64;

pub type wasmaot_cells_callback_t =
    extern "C" fn(*mut c_void, *const wasmaot_caller_t, *mut wasmaot_cell_t) -> *mut wasm_trap_t;

pub type group_body = extern "C" fn(*mut c_void) -> *mut wasm_trap_t;

// Nothing here unwinds: host functions catch what they throw.
extern "C" {
    pub fn wasmaot_version() -> *const c_char;
    pub fn wasmaot_error_delete(error: *mut wasmaot_error_t);
    pub fn wasmaot_error_kind(error: *const wasmaot_error_t) -> wasmaot_error_kind_t;
    pub fn wasmaot_error_message(error: *const wasmaot_error_t) -> *const c_char;
    pub fn wasmaot_error_offset(error: *const wasmaot_error_t) -> u64;
    pub fn wasmaot_last_error_message() -> *const c_char;
    pub fn wasmaot_last_error_kind() -> wasmaot_error_kind_t;

    pub fn wasm_config_new() -> *mut wasm_config_t;
    pub fn wasm_config_delete(config: *mut wasm_config_t);
    pub fn wasmaot_config_set_optimization(config: *mut wasm_config_t, level: c_int) -> bool;
    pub fn wasmaot_config_set_cpu(config: *mut wasm_config_t, cpu: *const c_char) -> bool;
    pub fn wasmaot_config_set_features(config: *mut wasm_config_t, list: *const c_char) -> bool;
    pub fn wasmaot_config_set_jobs(config: *mut wasm_config_t, jobs: c_uint) -> bool;
    pub fn wasmaot_config_set_explicit_memory_checks(config: *mut wasm_config_t, on: bool) -> bool;
    pub fn wasmaot_config_set_max_compile_memory(config: *mut wasm_config_t, bytes: u64) -> bool;
    pub fn wasmaot_config_set_max_compile_time(config: *mut wasm_config_t, ns: u64) -> bool;
    pub fn wasmaot_config_set_debug_info(config: *mut wasm_config_t, on: bool) -> bool;
    pub fn wasmaot_config_set_max_memory(config: *mut wasm_config_t, bytes: u64) -> bool;
    pub fn wasmaot_config_set_max_table(config: *mut wasm_config_t, entries: u64) -> bool;
    pub fn wasmaot_config_set_huge_pages(config: *mut wasm_config_t, on: bool) -> bool;
    pub fn wasmaot_config_set_stack(config: *mut wasm_config_t, bytes: usize) -> bool;
    pub fn wasmaot_config_set_host_stack(config: *mut wasm_config_t, bytes: usize) -> bool;
    pub fn wasmaot_config_set_caller_stack(config: *mut wasm_config_t, on: bool) -> bool;

    pub fn wasm_engine_new_with_config(config: *mut wasm_config_t) -> *mut wasm_engine_t;
    pub fn wasm_engine_delete(engine: *mut wasm_engine_t);
    pub fn wasm_store_new(engine: *mut wasm_engine_t) -> *mut wasm_store_t;
    pub fn wasm_store_delete(store: *mut wasm_store_t);
    pub fn wasmaot_store_interrupt(store: *mut wasm_store_t, wait: i64) -> bool;
    pub fn wasmaot_store_resume(store: *mut wasm_store_t);

    pub fn wasm_byte_vec_new(out: *mut wasm_byte_vec_t, size: usize, data: *const c_char);
    pub fn wasm_byte_vec_delete(vec: *mut wasm_byte_vec_t);

    pub fn wasm_valtype_new(kind: u8) -> *mut wasm_valtype_t;
    pub fn wasm_valtype_kind(of: *const wasm_valtype_t) -> u8;
    pub fn wasm_valtype_vec_new(out: *mut wasm_valtype_vec_t, size: usize, data: *const *mut wasm_valtype_t);
    pub fn wasm_functype_new(
        params: *mut wasm_valtype_vec_t,
        results: *mut wasm_valtype_vec_t,
    ) -> *mut wasm_functype_t;
    pub fn wasm_functype_delete(of: *mut wasm_functype_t);
    pub fn wasm_functype_params(of: *const wasm_functype_t) -> *const wasm_valtype_vec_t;
    pub fn wasm_functype_results(of: *const wasm_functype_t) -> *const wasm_valtype_vec_t;
    pub fn wasm_globaltype_new(of: *mut wasm_valtype_t, mutable: u8) -> *mut wasm_globaltype_t;
    pub fn wasm_globaltype_delete(of: *mut wasm_globaltype_t);
    pub fn wasm_globaltype_content(of: *const wasm_globaltype_t) -> *const wasm_valtype_t;
    pub fn wasm_globaltype_mutability(of: *const wasm_globaltype_t) -> u8;
    pub fn wasm_memorytype_delete(of: *mut wasm_memorytype_t);
    pub fn wasmaot_memorytype_new(limits: *const wasmaot_limits_t) -> *mut wasm_memorytype_t;
    pub fn wasmaot_memorytype_limits(of: *const wasm_memorytype_t) -> wasmaot_limits_t;
    pub fn wasm_externtype_kind(of: *const wasm_externtype_t) -> u8;
    pub fn wasm_externtype_as_functype_const(of: *const wasm_externtype_t) -> *const wasm_functype_t;
    pub fn wasm_importtype_module(of: *const wasm_importtype_t) -> *const wasm_byte_vec_t;
    pub fn wasm_importtype_name(of: *const wasm_importtype_t) -> *const wasm_byte_vec_t;
    pub fn wasm_importtype_type(of: *const wasm_importtype_t) -> *const wasm_externtype_t;
    pub fn wasm_importtype_vec_delete(vec: *mut wasm_importtype_vec_t);
    pub fn wasm_exporttype_name(of: *const wasm_exporttype_t) -> *const wasm_byte_vec_t;
    pub fn wasm_exporttype_type(of: *const wasm_exporttype_t) -> *const wasm_externtype_t;
    pub fn wasm_exporttype_vec_delete(vec: *mut wasm_exporttype_vec_t);

    pub fn wasmaot_module_new(
        engine: *mut wasm_engine_t,
        binary: *const c_void,
        size: usize,
        out: *mut *mut wasm_module_t,
    ) -> *mut wasmaot_error_t;
    pub fn wasmaot_module_validate(binary: *const c_void, size: usize) -> *mut wasmaot_error_t;
    pub fn wasmaot_module_load_file(
        path: *const c_char,
        out: *mut *mut wasm_module_t,
    ) -> *mut wasmaot_error_t;
    pub fn wasmaot_module_load(
        bytes: *const c_void,
        size: usize,
        name: *const c_char,
        out: *mut *mut wasm_module_t,
    ) -> *mut wasmaot_error_t;
    pub fn wasmaot_compiler_available() -> *mut wasmaot_error_t;
    pub fn wasm_module_serialize(module: *const wasm_module_t, out: *mut wasm_byte_vec_t);
    pub fn wasm_module_imports(module: *const wasm_module_t, out: *mut wasm_importtype_vec_t);
    pub fn wasm_module_exports(module: *const wasm_module_t, out: *mut wasm_exporttype_vec_t);
    pub fn wasm_module_copy(module: *const wasm_module_t) -> *mut wasm_module_t;
    pub fn wasm_module_delete(module: *mut wasm_module_t);

    pub fn wasm_extern_delete(of: *mut wasm_extern_t);
    pub fn wasm_extern_kind(of: *const wasm_extern_t) -> u8;
    pub fn wasm_extern_as_func(of: *mut wasm_extern_t) -> *mut wasm_func_t;
    pub fn wasm_extern_as_global(of: *mut wasm_extern_t) -> *mut wasm_global_t;
    pub fn wasm_extern_as_memory(of: *mut wasm_extern_t) -> *mut wasm_memory_t;
    pub fn wasm_func_as_extern(func: *mut wasm_func_t) -> *mut wasm_extern_t;
    pub fn wasm_global_as_extern(global: *mut wasm_global_t) -> *mut wasm_extern_t;
    pub fn wasm_memory_as_extern(memory: *mut wasm_memory_t) -> *mut wasm_extern_t;

    pub fn wasm_func_type(func: *const wasm_func_t) -> *mut wasm_functype_t;
    pub fn wasmaot_func_call_cells(func: *const wasm_func_t, cells: *mut wasmaot_cell_t) -> *mut wasm_trap_t;
    pub fn wasmaot_func_new_cells(
        store: *mut wasm_store_t,
        of: *const wasm_functype_t,
        callback: wasmaot_cells_callback_t,
        env: *mut c_void,
        finalizer: Option<extern "C" fn(*mut c_void)>,
    ) -> *mut wasm_func_t;
    pub fn wasmaot_caller_memory(
        caller: *const wasmaot_caller_t,
        data: *mut *mut u8,
        size: *mut usize,
    ) -> bool;
    pub fn wasmaot_caller_export(
        caller: *const wasmaot_caller_t,
        store: *mut wasm_store_t,
        name: *const c_char,
    ) -> *mut wasm_extern_t;

    pub fn wasm_global_new(
        store: *mut wasm_store_t,
        of: *const wasm_globaltype_t,
        value: *const wasm_val_t,
    ) -> *mut wasm_global_t;
    pub fn wasm_global_type(global: *const wasm_global_t) -> *mut wasm_globaltype_t;
    pub fn wasm_global_get(global: *const wasm_global_t, out: *mut wasm_val_t);
    pub fn wasm_global_set(global: *mut wasm_global_t, value: *const wasm_val_t);

    pub fn wasm_memory_new(store: *mut wasm_store_t, of: *const wasm_memorytype_t) -> *mut wasm_memory_t;
    pub fn wasm_memory_type(memory: *const wasm_memory_t) -> *mut wasm_memorytype_t;
    pub fn wasm_memory_data(memory: *mut wasm_memory_t) -> *mut c_char;
    pub fn wasm_memory_data_size(memory: *const wasm_memory_t) -> usize;
    pub fn wasmaot_memory_grow(memory: *mut wasm_memory_t, delta: u64) -> u64;
    pub fn wasmaot_sharedmemory_new(
        engine: *mut wasm_engine_t,
        of: *const wasm_memorytype_t,
        out: *mut *mut wasmaot_sharedmemory_t,
    ) -> *mut wasmaot_error_t;
    pub fn wasmaot_sharedmemory_delete(memory: *mut wasmaot_sharedmemory_t);
    pub fn wasmaot_sharedmemory_data(memory: *const wasmaot_sharedmemory_t) -> *mut u8;
    pub fn wasmaot_sharedmemory_data_size(memory: *const wasmaot_sharedmemory_t) -> usize;
    pub fn wasmaot_sharedmemory_obtain(
        store: *mut wasm_store_t,
        memory: *mut wasmaot_sharedmemory_t,
    ) -> *mut wasm_memory_t;

    pub fn wasm_trap_new(store: *mut wasm_store_t, message: *const wasm_byte_vec_t) -> *mut wasm_trap_t;
    pub fn wasmaot_trap_new_exit(status: c_int) -> *mut wasm_trap_t;
    pub fn wasm_trap_copy(trap: *const wasm_trap_t) -> *mut wasm_trap_t;
    pub fn wasm_trap_delete(trap: *mut wasm_trap_t);
    pub fn wasm_trap_message(trap: *const wasm_trap_t, out: *mut wasm_byte_vec_t);
    pub fn wasmaot_trap_code(trap: *const wasm_trap_t) -> wasmaot_trap_code_t;
    pub fn wasmaot_trap_exit_status(trap: *const wasm_trap_t, status: *mut c_int) -> bool;
    pub fn wasmaot_trap_frames_dropped(trap: *const wasm_trap_t) -> usize;
    pub fn wasm_trap_trace(trap: *const wasm_trap_t, out: *mut wasm_frame_vec_t);
    pub fn wasm_frame_vec_delete(vec: *mut wasm_frame_vec_t);
    pub fn wasm_frame_func_index(frame: *const wasm_frame_t) -> u32;
    pub fn wasm_frame_func_offset(frame: *const wasm_frame_t) -> usize;
    pub fn wasmaot_frame_func_name(frame: *const wasm_frame_t) -> *const c_char;
    pub fn wasmaot_frame_module_name(frame: *const wasm_frame_t) -> *const c_char;
    pub fn wasmaot_frame_file(frame: *const wasm_frame_t) -> *const c_char;
    pub fn wasmaot_frame_line(frame: *const wasm_frame_t) -> u32;

    pub fn wasmaot_wasi_config_new() -> *mut wasmaot_wasi_config_t;
    pub fn wasmaot_wasi_config_delete(config: *mut wasmaot_wasi_config_t);
    pub fn wasmaot_wasi_config_arg(config: *mut wasmaot_wasi_config_t, arg: *const c_char) -> bool;
    pub fn wasmaot_wasi_config_env(
        config: *mut wasmaot_wasi_config_t,
        name: *const c_char,
        value: *const c_char,
    ) -> bool;
    pub fn wasmaot_wasi_config_inherit_env(config: *mut wasmaot_wasi_config_t) -> bool;
    pub fn wasmaot_wasi_config_preopen(
        config: *mut wasmaot_wasi_config_t,
        host: *const c_char,
        guest: *const c_char,
    ) -> bool;
    pub fn wasmaot_wasi_config_preopen_read_only(
        config: *mut wasmaot_wasi_config_t,
        host: *const c_char,
        guest: *const c_char,
    ) -> bool;
    pub fn wasmaot_wasi_config_stdio(
        config: *mut wasmaot_wasi_config_t,
        stream: c_int,
        descriptor: c_int,
    ) -> bool;
    pub fn wasmaot_wasi_config_inherit_stdio(config: *mut wasmaot_wasi_config_t);
    pub fn wasmaot_wasi_config_descriptor(config: *mut wasmaot_wasi_config_t, descriptor: c_int) -> bool;
    pub fn wasmaot_wasi_config_listen(
        config: *mut wasmaot_wasi_config_t,
        address: *const c_char,
        port: *mut u16,
    ) -> bool;

    pub fn wasmaot_linker_new(store: *mut wasm_store_t) -> *mut wasmaot_linker_t;
    pub fn wasmaot_linker_delete(linker: *mut wasmaot_linker_t);
    pub fn wasmaot_linker_define(
        linker: *mut wasmaot_linker_t,
        module: *const c_char,
        name: *const c_char,
        value: *const wasm_extern_t,
    ) -> *mut wasmaot_error_t;
    pub fn wasmaot_linker_define_instance(
        linker: *mut wasmaot_linker_t,
        module: *const c_char,
        instance: *const wasm_instance_t,
    ) -> *mut wasmaot_error_t;
    pub fn wasmaot_linker_define_wasi(
        linker: *mut wasmaot_linker_t,
        config: *const wasmaot_wasi_config_t,
    ) -> *mut wasmaot_error_t;
    pub fn wasmaot_linker_trap_unknown(linker: *mut wasmaot_linker_t, on: bool);
    pub fn wasmaot_linker_instantiate(
        linker: *mut wasmaot_linker_t,
        module: *const wasm_module_t,
        out: *mut *mut wasm_instance_t,
        trap: *mut *mut wasm_trap_t,
    ) -> *mut wasmaot_error_t;
    pub fn wasm_instance_delete(instance: *mut wasm_instance_t);
    pub fn wasmaot_instance_export(
        instance: *const wasm_instance_t,
        name: *const c_char,
    ) -> *mut wasm_extern_t;

    pub fn wasmaot_group_new(
        options: *const wasmaot_group_options_t,
        out: *mut *mut wasmaot_group_t,
    ) -> *mut wasmaot_error_t;
    pub fn wasmaot_group_delete(group: *mut wasmaot_group_t);
    pub fn wasmaot_group_run(
        group: *mut wasmaot_group_t,
        body: group_body,
        arg: *mut c_void,
    ) -> *mut wasm_trap_t;
    pub fn wasmaot_group_run_command(
        group: *mut wasmaot_group_t,
        linker: *mut wasmaot_linker_t,
        module: *const wasm_module_t,
        status: *mut c_int,
        trap: *mut *mut wasm_trap_t,
    ) -> *mut wasmaot_error_t;
    pub fn wasmaot_group_stop(group: *mut wasmaot_group_t);
    pub fn wasmaot_group_stopping() -> bool;
}

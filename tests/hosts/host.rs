// A host in Rust: panics out of functions that guests call, threads with alternate stacks and guard
// pages of the standard library's, whose handler has to find overflows of Rust's own stacks.
use std::ffi::{c_char, c_void, CStr, CString};
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::{env, fs, process, ptr, thread};

#[repr(C)]
struct Bytes {
    size: usize,
    data: *mut c_char,
}
#[repr(C)]
struct Externs {
    size: usize,
    data: *const *mut c_void,
}
#[repr(C, align(16))]
#[derive(Clone, Copy)]
struct Cell([i64; 2]);

type Callback = extern "C-unwind" fn(*mut c_void, *const c_void, *mut i32) -> *mut c_void;

extern "C-unwind" {
    fn wasm_engine_new() -> *mut c_void;
    fn wasm_store_new(engine: *mut c_void) -> *mut c_void;
    fn wasm_store_delete(store: *mut c_void);
    fn wasm_byte_vec_new(out: *mut Bytes, size: usize, data: *const c_char);
    fn wasm_byte_vec_delete(bytes: *mut Bytes);
    fn wasm_module_new(store: *mut c_void, bytes: *const Bytes) -> *mut c_void;
    fn wasm_valtype_new(kind: u8) -> *mut c_void;
    fn wasm_valtype_vec_new(out: *mut Externs, size: usize, data: *const *mut c_void);
    fn wasm_functype_new(params: *mut Externs, results: *mut Externs) -> *mut c_void;
    fn wasm_functype_delete(of: *mut c_void);
    fn wasmaot_func_new_cells(
        store: *mut c_void,
        of: *const c_void,
        callback: Callback,
        env: *mut c_void,
        finalizer: Option<extern "C" fn(*mut c_void)>,
    ) -> *mut c_void;
    fn wasm_func_as_extern(func: *mut c_void) -> *mut c_void;
    fn wasm_func_delete(func: *mut c_void);
    fn wasm_extern_as_func(export: *mut c_void) -> *mut c_void;
    fn wasm_extern_delete(export: *mut c_void);
    fn wasm_instance_new(
        store: *mut c_void,
        module: *const c_void,
        imports: *const Externs,
        trap: *mut *mut c_void,
    ) -> *mut c_void;
    fn wasm_instance_delete(instance: *mut c_void);
    fn wasmaot_instance_export(instance: *const c_void, name: *const c_char) -> *mut c_void;
    fn wasmaot_func_call_cells(func: *const c_void, cells: *mut Cell) -> *mut c_void;
    fn wasmaot_trap_code(trap: *const c_void) -> i32;
    fn wasm_trap_delete(trap: *mut c_void);
    fn wasmaot_store_interrupt(store: *mut c_void, wait: i64) -> bool;
    fn wasmaot_last_error_message() -> *const c_char;
}

const MEMORY_OUT_OF_BOUNDS: i32 = 2;
const INTEGER_DIVIDE_BY_ZERO: i32 = 7;
const STACK_EXHAUSTED: i32 = 13;
const INTERRUPTED: i32 = 15;

static LEFT: AtomicUsize = AtomicUsize::new(0);
static SPINNING: AtomicBool = AtomicBool::new(false);

struct Frame;
impl Drop for Frame {
    fn drop(&mut self) {
        LEFT.fetch_add(1, Ordering::SeqCst);
    }
}

extern "C-unwind" fn back(
    host: *mut c_void,
    _caller: *const c_void,
    cell: *mut i32,
) -> *mut c_void {
    let argument = unsafe { *cell };
    if argument == -1 {
        SPINNING.store(true, Ordering::SeqCst);
    } else if argument == 13 {
        let _frame = Frame;
        panic!("from {argument}");
    } else if argument > 100 {
        // A guest in a guest, whose panic passes both, or is caught between them.
        let host = unsafe { &*(host as *const Host) };
        let inner = catch_unwind(AssertUnwindSafe(|| host.call("call", argument % 100)));
        match inner {
            Ok(result) => unsafe { *cell = result.unwrap() },
            Err(panic) if argument > 200 => std::panic::resume_unwind(panic),
            Err(_) => unsafe { *cell = -13 },
        }
    }
    ptr::null_mut()
}

struct Host {
    store: *mut c_void,
    instance: *mut c_void,
}

#[derive(Clone, Copy)]
struct Shared(*mut c_void);
unsafe impl Send for Shared {}
impl Shared {
    fn get(self) -> *mut c_void {
        self.0
    }
}

impl Host {
    fn new(engine: *mut c_void, module: *mut c_void) -> Box<Host> {
        let mut host = Box::new(Host {
            store: ptr::null_mut(),
            instance: ptr::null_mut(),
        });
        unsafe {
            host.store = wasm_store_new(engine);
            let mut types = [
                Externs {
                    size: 0,
                    data: ptr::null(),
                },
                Externs {
                    size: 0,
                    data: ptr::null(),
                },
            ];
            for of in &mut types {
                wasm_valtype_vec_new(of, 1, &wasm_valtype_new(0));
            }
            let [mut params, mut results] = types;
            let of = wasm_functype_new(&mut params, &mut results);
            let env = &mut *host as *mut Host as *mut c_void;
            let func = wasmaot_func_new_cells(host.store, of, back, env, None);
            let import = wasm_func_as_extern(func);
            let imports = Externs {
                size: 1,
                data: &import,
            };
            host.instance = wasm_instance_new(host.store, module, &imports, ptr::null_mut());
            assert!(
                !host.instance.is_null(),
                "{:?}",
                CStr::from_ptr(wasmaot_last_error_message())
            );
            wasm_func_delete(func);
            wasm_functype_delete(of);
        }
        host
    }

    // The result, or the trap's code.
    fn call(&self, name: &str, argument: i32) -> Result<i32, i32> {
        struct Export(*mut c_void);
        impl Drop for Export {
            fn drop(&mut self) {
                unsafe { wasm_extern_delete(self.0) }
            }
        }
        let name = CString::new(name).unwrap();
        let mut cells = [Cell([argument as u32 as i64, 0]); 2];
        unsafe {
            let export = Export(wasmaot_instance_export(self.instance, name.as_ptr()));
            let trap = wasmaot_func_call_cells(wasm_extern_as_func(export.0), cells.as_mut_ptr());
            if trap.is_null() {
                return Ok(cells[0].0[0] as i32);
            }
            let code = wasmaot_trap_code(trap);
            wasm_trap_delete(trap);
            Err(code)
        }
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        unsafe {
            wasm_instance_delete(self.instance);
            wasm_store_delete(self.store);
        }
    }
}

fn work(engine: *mut c_void, module: *mut c_void, rounds: i32) {
    let host = Host::new(engine, module);
    for i in 0..rounds {
        assert_eq!(host.call("div", i), Err(INTEGER_DIVIDE_BY_ZERO));
        assert_eq!(host.call("load", 70_000_000), Err(MEMORY_OUT_OF_BOUNDS));
        assert_eq!(host.call("call", i % 10), Ok(1000 + i % 10));
        assert_eq!(host.call("call", 107), Ok(2007));
        assert_eq!(host.call("call", 113), Ok(1000 - 13));
        for argument in [13, 213] {
            let panic = catch_unwind(AssertUnwindSafe(|| host.call("call", argument))).unwrap_err();
            assert_eq!(panic.downcast_ref::<String>().unwrap(), "from 13");
        }
    }
    assert_eq!(host.call("sink", 0), Err(STACK_EXHAUSTED));
}

fn overflow(depth: u64) -> u64 {
    if env::args().count() == 77 {
        return depth;
    }
    overflow(std::hint::black_box(depth + 1)) + std::hint::black_box(1)
}

fn main() {
    let arguments: Vec<String> = env::args().collect();
    let text = fs::read(&arguments[1]).unwrap();
    let engine = unsafe { wasm_engine_new() };
    let module = unsafe {
        let store = wasm_store_new(engine);
        let mut bytes = Bytes {
            size: 0,
            data: ptr::null_mut(),
        };
        wasm_byte_vec_new(&mut bytes, text.len(), text.as_ptr() as *const c_char);
        let module = wasm_module_new(store, &bytes);
        wasm_byte_vec_delete(&mut bytes);
        wasm_store_delete(store);
        module
    };
    let shared = [Shared(engine), Shared(module)];
    std::panic::set_hook(Box::new(|_| {}));
    if arguments.len() > 2 {
        work(engine, module, 1);
        if arguments[2] == "thread" {
            let _ = thread::spawn(move || {
                work(shared[0].get(), shared[1].get(), 1);
                overflow(0)
            })
            .join();
        }
        process::exit(overflow(0) as i32);
    }
    let threads: Vec<_> = (0..4)
        .map(|_| thread::spawn(move || work(shared[0].get(), shared[1].get(), 100)))
        .collect();
    for thread in threads {
        thread.join().expect("a thread failed");
    }
    assert_eq!(LEFT.load(Ordering::SeqCst), 4 * 100 * 3);
    let host = Host::new(engine, module);
    let store = Shared(host.store);
    let interrupter = thread::spawn(move || {
        while !SPINNING.load(Ordering::SeqCst) {
            thread::yield_now();
        }
        unsafe { wasmaot_store_interrupt(store.get(), 20_000_000_000) }
    });
    assert_eq!(host.call("spin", 0), Err(INTERRUPTED));
    assert!(interrupter.join().unwrap());
    println!("all went well");
}

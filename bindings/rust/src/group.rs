//! Programs and their threads.

use crate::engine::{nanoseconds, Engine};
use crate::error::{Error, Result};
use crate::ffi;
use crate::func::Func;
use crate::host::finish;
use crate::instance::Linker;
use crate::module::Module;
use crate::store::{lock, Store};
use crate::value::Val;
use crate::wasi::Wasi;
use std::ffi::c_void;
use std::fmt;
use std::ptr;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

/// What the threads of one run may take. What is not set is the library's default.
#[derive(Clone, Copy, Debug, Default)]
pub struct GroupOptions {
    /// Threads besides the main one; default: 4096.
    pub max_threads: Option<u32>,
    /// Bytes of stack for each thread, at least 256 KiB; default: 8 MiB.
    pub stack_size: Option<usize>,
    /// Time until a trap of [`TrapCode::Timeout`] ends the run; default: none.
    ///
    /// [`TrapCode::Timeout`]: crate::TrapCode::Timeout
    pub timeout: Option<Duration>,
}

/// One run of a program, whose threads share a fate: the first trap or exit in any of them ends all.
pub struct Group(Arc<Shared>);

/// NULL when the group is gone.
struct Shared(RwLock<*mut ffi::wasmaot_group_t>);

// A group is run by who owns the Group; stopping it is for any thread.
unsafe impl Send for Shared {}
unsafe impl Sync for Shared {}

impl Group {
    /// Fails when the system refuses signal handlers or memory.
    pub fn new(options: GroupOptions) -> Result<Group> {
        let options = ffi::wasmaot_group_options_t {
            max_threads: options.max_threads.unwrap_or(0),
            stack_size: options.stack_size.unwrap_or(0),
            // 0 would be none.
            timeout: options.timeout.map_or(0, |time| nanoseconds(time).max(1)),
        };
        let mut group = ptr::null_mut();
        unsafe { Error::check(ffi::wasmaot_group_new(&options, &mut group))? };
        Ok(Group(Arc::new(Shared(RwLock::new(group)))))
    }

    /// Ends the run from any thread.
    pub fn stopper(&self) -> Stopper {
        Stopper(self.0.clone())
    }

    /// Instantiates the module, calls its `_start` and waits for the end of all its threads: a WASI command's
    /// exit status. A trap or an error of a host function in any of them is an error; a panic goes on here.
    pub fn run_command(self, store: &mut Store, linker: &Linker, module: &Module) -> Result<i32> {
        let linker = linker.raw(store)?;
        let group = *self.0 .0.read().unwrap_or_else(PoisonError::into_inner);
        let pending = &store.home.pending;
        let (mut status, mut trap) = (0, ptr::null_mut());
        unsafe {
            *lock(pending) = None;
            let error = ffi::wasmaot_group_run_command(group, linker, module.raw(), &mut status, &mut trap);
            let pending = lock(pending).take();
            let error = Error::check(error);
            finish(trap, pending)?;
            error?;
        }
        Ok(status)
    }

    /// Calls a function that may start threads, as of a WASI reactor, with values of its parameters' types. When
    /// it returns, its threads end, too. Otherwise as [`Group::run_command`].
    pub fn call(self, store: &mut Store, func: &Func, args: &[Val]) -> Result<Vec<Val>> {
        let group = *self.0 .0.read().unwrap_or_else(PoisonError::into_inner);
        let home = store.home.clone();
        func.call_by(store, args, |func, cells| {
            let mut call = Call { func, cells };
            *lock(&home.pending) = None;
            let trap = unsafe {
                let call = &mut call as *mut Call as *mut c_void;
                ffi::wasmaot_group_run(group, run_call, call)
            };
            // Waits for the threads.
            drop(self);
            let pending = lock(&home.pending).take();
            unsafe { finish(trap, pending) }
        })
    }
}

/// What a group's main thread is to do.
struct Call {
    func: *const ffi::wasm_func_t,
    cells: *mut u64,
}

extern "C" fn run_call(call: *mut c_void) -> *mut ffi::wasm_trap_t {
    unsafe {
        let call = &*(call as *const Call);
        ffi::wasmaot_func_call_cells(call.func, call.cells)
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        let mut shared = self.0 .0.write().unwrap_or_else(PoisonError::into_inner);
        let group = std::mem::replace(&mut *shared, ptr::null_mut());
        drop(shared);
        unsafe { ffi::wasmaot_group_delete(group) }
    }
}

impl fmt::Debug for Group {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Group")
    }
}

/// Ends the run of a group from any thread, also when it is over.
#[derive(Clone)]
pub struct Stopper(Arc<Shared>);

impl Stopper {
    /// Ends every thread, wherever it is: computing, waiting, or in a blocking call of WASI. Returns at once;
    /// the run gives a trap of [`TrapCode::Interrupted`] when all are gone. A group that was stopped before
    /// runs nothing.
    ///
    /// [`TrapCode::Interrupted`]: crate::TrapCode::Interrupted
    pub fn stop(&self) {
        let group = self.0 .0.read().unwrap_or_else(PoisonError::into_inner);
        if !group.is_null() {
            unsafe { ffi::wasmaot_group_stop(*group) }
        }
    }
}

impl fmt::Debug for Stopper {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Stopper")
    }
}

/// Whether the calling thread is to end, because its group was stopped or its store interrupted: host
/// functions that loop or block ask, and return an error when it is true.
pub fn stopping() -> bool {
    unsafe { ffi::wasmaot_group_stopping() }
}

/// Runs a program of WASI in a store of its own; its exit status.
pub fn run(engine: &Engine, module: &Module, wasi: &Wasi, group: Group) -> Result<i32> {
    let mut store = Store::new(engine)?;
    let mut linker = Linker::new(&mut store)?;
    linker.define_wasi(&mut store, wasi)?;
    group.run_command(&mut store, &linker, module)
}

//! Calls of guests, and of the host's functions by guests.
//!
//! A call pushes a `Call` that host functions find by the thread: it says that they have the store, and takes
//! what they throw. The threads of a program have none.

use crate::error::{c_string, Error, Result, Trap, TrapCode};
use crate::ffi;
use crate::instance::Extern;
use crate::memory::{copy_in, copy_out, place};
use crate::store::{lock, Home, StoreMut};
use std::any::Any;
use std::cell::{Cell, RefCell};
use std::ffi::c_void;
use std::fmt;
use std::marker::PhantomData;
use std::panic::{self, AssertUnwindSafe};
use std::ptr;
use std::sync::Arc;

/// What a host function threw, on its way past frames of C to the call that will throw it again.
pub enum Pending {
    Panic(Box<dyn Any + Send>),
    Error(Error),
}

/// A call of Rust's to a guest in progress on this thread.
struct Call {
    home: *const Home,
    pending: RefCell<Option<Pending>>,
    outer: *const Call,
}

thread_local! {
    static INNERMOST: Cell<*const Call> = const { Cell::new(ptr::null()) };
}

/// Makes a call of the library's that runs guests, by who has the store. It must not unwind.
pub(crate) fn call_guest(home: &Home, by: impl FnOnce() -> *mut ffi::wasm_trap_t) -> Result<()> {
    INNERMOST.with(|innermost| {
        let call = Call { home, pending: RefCell::new(None), outer: innermost.get() };
        innermost.set(&call);
        let trap = by();
        innermost.set(call.outer);
        unsafe { finish(trap, call.pending.take()) }
    })
}

/// Takes the trap over; NULL is none. A panic goes on, whatever ended the call.
pub(crate) unsafe fn finish(trap: *mut ffi::wasm_trap_t, pending: Option<Pending>) -> Result<()> {
    let trap = (!trap.is_null()).then(|| Trap::from_raw(trap));
    let error = match pending {
        Some(Pending::Panic(panic)) => panic::resume_unwind(panic),
        Some(Pending::Error(error)) => Some(error),
        None => None,
    };
    match (trap, error) {
        (None, _) => Ok(()),
        // Anything else ended the call before the error could.
        (Some(trap), Some(error)) if trap.code() == TrapCode::Host => Err(error),
        (Some(trap), _) => Err(trap.into()),
    }
}

/// The call that made a guest call this host function, or None on a thread of a program.
fn innermost_of(home: &Home) -> Option<&Call> {
    let call = unsafe { INNERMOST.with(|innermost| innermost.get()).as_ref() }?;
    ptr::eq(call.home, home).then_some(call)
}

// ---- Functions of the host ----

/// Takes its arguments from the cells and puts its results there.
type Function = dyn Fn(Caller<'_>, *mut u64) -> Result<()> + Send + Sync;

/// What a function of the library keeps for one of Rust's, until it ends.
struct Host {
    function: Box<Function>,
    home: Arc<Home>,
}

/// A new function of the library's, by who has the store.
pub(crate) unsafe fn new_function(
    home: &Arc<Home>,
    of: *const ffi::wasm_functype_t,
    function: Box<Function>,
) -> *mut ffi::wasm_func_t {
    let host = Box::new(Host { function, home: home.clone() });
    let env = Box::into_raw(host) as *mut c_void;
    // It takes `env` over also when it fails.
    ffi::wasmaot_func_new_cells(home.raw, of, call_host, env, Some(end_host))
}

extern "C" fn call_host(
    env: *mut c_void,
    caller: *const ffi::wasmaot_caller_t,
    cells: *mut u64,
) -> *mut ffi::wasm_trap_t {
    let host = unsafe { &*(env as *const Host) };
    let caller = Caller { raw: caller, home: &host.home, _of_thread: PhantomData };
    // With what it takes to tell an error, which may be the host's code, too.
    let called = panic::catch_unwind(AssertUnwindSafe(|| match (host.function)(caller, cells) {
        Ok(()) => (ptr::null_mut(), None),
        Err(error) => {
            let (trap, error) = error.into_trap();
            (trap.into_raw(), error.map(Pending::Error))
        }
    }));
    let (trap, pending) = called.unwrap_or_else(|panic| {
        (Trap::new("a host function panicked").into_raw(), Some(Pending::Panic(panic)))
    });
    if let Some(pending) = pending {
        leave_pending(&host.home, pending);
    }
    trap
}

/// For the call in progress on this thread, or the run of the program that it is a thread of: the first
/// there counts, as it is what ends the program.
fn leave_pending(home: &Home, pending: Pending) {
    match innermost_of(home) {
        Some(call) => *call.pending.borrow_mut() = Some(pending),
        None => {
            let mut first = lock(&home.pending);
            if first.is_none() {
                *first = Some(pending);
            } else {
                drop(first);
                forget(pending);
            }
        }
    }
}

/// Drops what is the host's, which may panic meanwhile; that must not pass frames of C.
fn forget<T>(what: T) {
    let _ = panic::catch_unwind(AssertUnwindSafe(|| drop(what)));
}

extern "C" fn end_host(env: *mut c_void) {
    let host = unsafe { Box::from_raw(env as *mut Host) };
    forget(host);
}

/// The guest that called a host function, during that call.
///
/// ```compile_fail,E0277
/// # fn f(store: &mut wasmaot::Store) {
/// wasmaot::Func::wrap(store, |caller, ()| {
///     std::thread::scope(|scope| {
///         scope.spawn(move || caller.memory_size());
///     });
///     Ok(())
/// });
/// # }
/// ```
pub struct Caller<'a> {
    raw: *const ffi::wasmaot_caller_t,
    home: &'a Arc<Home>,
    _of_thread: PhantomData<*mut ()>,
}

impl Caller<'_> {
    /// The store of the call in progress, to call guests or make objects. Fails in programs that a [`Group`]
    /// runs, whose threads share the store.
    ///
    /// [`Group`]: crate::Group
    pub fn store(&mut self) -> Result<StoreMut<'_>> {
        match innermost_of(self.home) {
            Some(_) => Ok(StoreMut { home: self.home, _of_thread: PhantomData }),
            None => Err(Error::usage("the store of a running program, which its threads share")),
        }
    }

    /// An export of the guest; None when there is none of the name. Fails where [`Caller::store`] does.
    pub fn export(&mut self, name: &str) -> Result<Option<Extern>> {
        let caller = self.raw;
        let store = self.store()?;
        let name = c_string(name)?;
        unsafe {
            let found = ffi::wasmaot_caller_export(caller, store.home.raw, name.as_ptr());
            if found.is_null() {
                return Ok(None);
            }
            Extern::of(store.home, found).map(Some)
        }
    }

    /// Bytes of the guest's first memory at this moment: 0 when it has none.
    pub fn memory_size(&self) -> usize {
        self.memory().map_or(0, |(_, size)| size)
    }

    /// Copies out of the guest's first memory. On any thread.
    pub fn read(&self, offset: u64, to: &mut [u8]) -> Result<()> {
        let (data, size) = self.memory()?;
        let from = place(data, size, offset, to.len())?;
        unsafe { copy_out(from, to) };
        Ok(())
    }

    /// Copies into the guest's first memory. On any thread.
    pub fn write(&self, offset: u64, from: &[u8]) -> Result<()> {
        let (data, size) = self.memory()?;
        let to = place(data, size, offset, from.len())?;
        unsafe { copy_in(from, to) };
        Ok(())
    }

    /// Where the memory is, and how long: a shared one may change at any time.
    fn memory(&self) -> Result<(*mut u8, usize)> {
        let (mut data, mut size) = (ptr::null_mut(), 0);
        if unsafe { ffi::wasmaot_caller_memory(self.raw, &mut data, &mut size) } {
            Ok((data, size))
        } else {
            Err(Error::last())
        }
    }
}

impl fmt::Debug for Caller<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Caller")
    }
}

//! Stores, and who may use one when.
//!
//! wasm.h lets one thread at a time use a store and all that is in it. Here that is a matter of borrowing:
//! everything that uses an object takes its store as `&mut impl AsStore`, which is the `Store` itself or,
//! inside a host function, a `StoreMut` of the call in progress. Objects are handles without that right;
//! so they can be cloned, sent and dropped anywhere. What is dropped is put aside, and deleted by who has the
//! store next.

use crate::engine::Engine;
use crate::error::{Error, Result};
use crate::ffi;
use crate::host::Pending;
use std::fmt;
use std::marker::PhantomData;
use std::os::unix::io::OwnedFd;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use std::time::Duration;

/// What a store shares with its handles. Its pointer is only used by who has the store, but for interrupts.
pub struct Home {
    pub(crate) raw: *mut ffi::wasm_store_t,
    /// Whether it can be interrupted; false before it is deleted.
    alive: RwLock<bool>,
    dropped: Mutex<Dropped>,
    /// Whether anything was put aside, to look at without a lock.
    any_dropped: AtomicBool,
    /// What a host function threw on a thread of a program, where no call of Rust's waits for it.
    pub(crate) pending: Mutex<Option<Pending>>,
}

unsafe impl Send for Home {}
unsafe impl Sync for Home {}

struct Dropped {
    handles: Vec<Pointer>,
    /// The store was deleted: handles that outlived it are deleted at once, by whoever drops them.
    store_gone: bool,
}

struct Pointer {
    pointer: *mut (),
    delete: unsafe fn(*mut ()),
}

/// An object of a store.
pub(crate) struct Handle<T> {
    pub(crate) raw: *mut T,
    pub(crate) home: Arc<Home>,
    delete: unsafe fn(*mut ()),
}

// What a handle can do without its store is to be dropped.
unsafe impl<T> Send for Handle<T> {}
unsafe impl<T> Sync for Handle<T> {}

/// Taken also after a panic of another thread, which leaves nothing half done here.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Home {
    fn put_aside(&self, handle: Pointer) {
        let mut dropped = lock(&self.dropped);
        if dropped.store_gone {
            drop(dropped);
            unsafe { (handle.delete)(handle.pointer) };
        } else {
            dropped.handles.push(handle);
            self.any_dropped.store(true, Ordering::Relaxed);
        }
    }

    /// By who has the store.
    unsafe fn delete_dropped(&self) {
        if self.any_dropped.swap(false, Ordering::Relaxed) {
            // Not with the lock: deleting a host function drops what it captured, other handles for example.
            let handles = std::mem::take(&mut lock(&self.dropped).handles);
            for handle in handles {
                (handle.delete)(handle.pointer);
            }
        }
    }

    /// A handle of what the library made, or why it did not. By who has the store.
    pub(crate) unsafe fn handle<T>(
        self: &Arc<Home>,
        raw: *mut T,
        delete: unsafe fn(*mut ()),
    ) -> Result<Handle<T>> {
        if raw.is_null() {
            return Err(Error::last());
        }
        self.delete_dropped();
        Ok(Handle { raw, home: self.clone(), delete })
    }
}

impl<T> Drop for Handle<T> {
    fn drop(&mut self) {
        self.home.put_aside(Pointer { pointer: self.raw as *mut (), delete: self.delete });
    }
}

impl<T> Handle<T> {
    /// The pointer, for who has the store that it belongs to.
    pub(crate) fn of(&self, store: &impl AsStore) -> Result<*mut T> {
        if Arc::ptr_eq(&self.home, store.home()) {
            Ok(self.raw)
        } else {
            Err(Error::usage("an object of another store"))
        }
    }
}

mod sealed {
    pub trait Sealed {
        #[doc(hidden)]
        fn home(&self) -> &std::sync::Arc<super::Home>;
    }
}
use sealed::Sealed;

/// The right to use a store: a [`Store`], or the [`StoreMut`] of a host function.
pub trait AsStore: Sealed {}

/// The objects of one guest, or of several that use each other's. It can be sent to another thread; two cannot
/// use it at once:
///
/// ```compile_fail,E0277
/// # fn f(store: wasmaot::Store, memory: wasmaot::Memory) {
/// std::thread::scope(|scope| {
///     scope.spawn(|| memory.size(&store));
/// });
/// # }
/// ```
pub struct Store {
    pub(crate) home: Arc<Home>,
    /// Standard streams of programs, which have to stay open.
    pub(crate) streams: Vec<Arc<OwnedFd>>,
    /// Not shared between threads, as Home is.
    _not_sync: PhantomData<std::cell::Cell<()>>,
}

impl Store {
    /// Fails when the system refuses signal handlers or memory.
    pub fn new(engine: &Engine) -> Result<Store> {
        let raw = unsafe { ffi::wasm_store_new(engine.raw()) };
        if raw.is_null() {
            return Err(Error::last());
        }
        let home = Home {
            raw,
            alive: RwLock::new(true),
            dropped: Mutex::new(Dropped { handles: Vec::new(), store_gone: false }),
            any_dropped: AtomicBool::new(false),
            pending: Mutex::new(None),
        };
        Ok(Store { home: Arc::new(home), streams: Vec::new(), _not_sync: PhantomData })
    }

    /// Ends the store's calls from another thread.
    pub fn interrupter(&self) -> Interrupter {
        Interrupter(self.home.clone())
    }

    /// Lets calls begin again, after an interrupt that returned true.
    pub fn resume(&mut self) {
        unsafe { ffi::wasmaot_store_resume(self.home.raw) }
    }

    /// Deletes now what was dropped, rather than when something is made next.
    pub fn collect(&mut self) {
        unsafe { self.home.delete_dropped() }
    }
}

impl Drop for Store {
    fn drop(&mut self) {
        let home = &self.home;
        *home.alive.write().unwrap_or_else(PoisonError::into_inner) = false;
        unsafe {
            home.delete_dropped();
            ffi::wasm_store_delete(home.raw);
        }
        // Those of the store's own host functions, which have just ended, are among them.
        let mut dropped = lock(&home.dropped);
        dropped.store_gone = true;
        let handles = std::mem::take(&mut dropped.handles);
        drop(dropped);
        for handle in handles {
            unsafe { (handle.delete)(handle.pointer) };
        }
    }
}

impl Sealed for Store {
    fn home(&self) -> &Arc<Home> {
        &self.home
    }
}
impl AsStore for Store {}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Store")
    }
}

/// The store of a call in progress, inside a host function: [`Caller::store`].
///
/// Only on the thread of the call, and only during it:
///
/// ```compile_fail,E0515
/// fn kept<'a>(mut caller: wasmaot::Caller<'a>) -> wasmaot::Result<wasmaot::StoreMut<'a>> {
///     caller.store()
/// }
/// ```
///
/// [`Caller::store`]: crate::Caller::store
pub struct StoreMut<'a> {
    pub(crate) home: &'a Arc<Home>,
    pub(crate) _of_thread: PhantomData<*mut ()>,
}

impl Sealed for StoreMut<'_> {
    fn home(&self) -> &Arc<Home> {
        self.home
    }
}
impl AsStore for StoreMut<'_> {}

impl fmt::Debug for StoreMut<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("StoreMut")
    }
}

/// Ends the calls of a store from any thread, also when the store is gone.
#[derive(Clone)]
pub struct Interrupter(Arc<Home>);

impl Interrupter {
    /// Ends the calls in progress, with traps of [`TrapCode::Interrupted`], and lets none begin until
    /// [`Store::resume`]. True as soon as no other thread has a call in progress, false after `wait`; None
    /// waits for as long as it takes. Host functions finish first. With no time to wait a thread may be
    /// missed: call again until it is true.
    ///
    /// [`TrapCode::Interrupted`]: crate::TrapCode::Interrupted
    pub fn interrupt(&self, wait: Option<Duration>) -> bool {
        let alive = self.0.alive.read().unwrap_or_else(PoisonError::into_inner);
        let wait = wait.map_or(-1, |time| time.as_nanos().try_into().unwrap_or(i64::MAX));
        !*alive || unsafe { ffi::wasmaot_store_interrupt(self.0.raw, wait) }
    }
}

impl fmt::Debug for Interrupter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Interrupter")
    }
}

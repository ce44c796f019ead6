//! Memories.
//!
//! Guests write to a shared memory while Rust reads it, so nobody here has references into one: it is copied,
//! by atomic accesses. Nor has anyone references into any memory while a guest can run; that is what the
//! lifetimes of [`Memory::data`] say, which are those of the whole [`Store`].

use crate::engine::Engine;
use crate::error::{Error, Result};
use crate::ffi;
use crate::store::{AsStore, Handle, Home, Store};
use std::fmt;
use std::ptr;
use std::slice;
use std::sync::atomic::{AtomicU64, AtomicU8, Ordering};
use std::sync::Arc;

/// A memory of a guest or of the host.
#[derive(Clone)]
pub struct Memory {
    pub(crate) handle: Arc<Handle<ffi::wasm_memory_t>>,
    shared: bool,
}

/// In pages of 64 KiB.
fn new_type(min: u64, max: Option<u64>, shared: bool) -> Result<*mut ffi::wasm_memorytype_t> {
    let limits =
        ffi::wasmaot_limits_t { min, max: max.unwrap_or(u64::MAX), index64: false, shared, bytes: false };
    let of = unsafe { ffi::wasmaot_memorytype_new(&limits) };
    if of.is_null() {
        return Err(Error::last());
    }
    Ok(of)
}

impl Memory {
    /// Of the host's own, in pages of 64 KiB.
    pub fn new(store: &mut impl AsStore, min: u64, max: Option<u64>) -> Result<Memory> {
        let of = new_type(min, max, false)?;
        unsafe {
            let memory = ffi::wasm_memory_new(store.home().raw, of);
            ffi::wasm_memorytype_delete(of);
            Memory::of(store.home(), memory)
        }
    }

    pub(crate) unsafe fn of(home: &Arc<Home>, memory: *mut ffi::wasm_memory_t) -> Result<Memory> {
        let delete = |memory: *mut ()| {
            ffi::wasm_extern_delete(ffi::wasm_memory_as_extern(memory as *mut ffi::wasm_memory_t))
        };
        let handle = home.handle(memory, delete)?;
        let of = ffi::wasm_memory_type(memory);
        if of.is_null() {
            return Err(Error::last());
        }
        let shared = ffi::wasmaot_memorytype_limits(of).shared;
        ffi::wasm_memorytype_delete(of);
        Ok(Memory { handle: Arc::new(handle), shared })
    }

    fn bytes(&self, store: &impl AsStore) -> Result<(*mut u8, usize)> {
        let memory = self.handle.of(store)?;
        unsafe { Ok((ffi::wasm_memory_data(memory) as *mut u8, ffi::wasm_memory_data_size(memory))) }
    }

    /// Whether threads may write to it at the same time.
    pub fn is_shared(&self) -> bool {
        self.shared
    }

    /// Bytes at this moment.
    pub fn size(&self, store: &impl AsStore) -> Result<usize> {
        self.bytes(store).map(|(_, size)| size)
    }

    /// By pages of the memory's own size, mostly 64 KiB; how many there were.
    pub fn grow(&self, store: &mut impl AsStore, pages: u64) -> Result<u64> {
        match unsafe { ffi::wasmaot_memory_grow(self.handle.of(store)?, pages) } {
            u64::MAX => Err(Error::last()),
            old => Ok(old),
        }
    }

    /// Copies out of it. Fails, with nothing copied, where it ends before.
    pub fn read(&self, store: &impl AsStore, offset: u64, to: &mut [u8]) -> Result<()> {
        let (data, size) = self.bytes(store)?;
        let from = place(data, size, offset, to.len())?;
        unsafe {
            if self.shared {
                copy_out(from, to);
            } else {
                ptr::copy_nonoverlapping(from, to.as_mut_ptr(), to.len());
            }
        }
        Ok(())
    }

    /// Copies into it. Fails, with nothing copied, where it ends before.
    pub fn write(&self, store: &mut impl AsStore, offset: u64, from: &[u8]) -> Result<()> {
        let (data, size) = self.bytes(store)?;
        let to = place(data, size, offset, from.len())?;
        unsafe {
            if self.shared {
                copy_in(from, to);
            } else {
                ptr::copy_nonoverlapping(from.as_ptr(), to, from.len());
            }
        }
        Ok(())
    }

    /// All of it, as long as no guest can run. Fails for a shared memory.
    ///
    /// ```compile_fail,E0502
    /// # fn f(store: &mut wasmaot::Store, memory: wasmaot::Memory, func: wasmaot::Func) {
    /// let data = memory.data(store).unwrap();
    /// func.call(store, &[]);
    /// data[0];
    /// # }
    /// ```
    pub fn data<'a>(&self, store: &'a Store) -> Result<&'a [u8]> {
        let (data, size) = self.unshared(store)?;
        Ok(unsafe { slice::from_raw_parts(data, size) })
    }

    /// The same to write to.
    pub fn data_mut<'a>(&self, store: &'a mut Store) -> Result<&'a mut [u8]> {
        let (data, size) = self.unshared(store)?;
        Ok(unsafe { slice::from_raw_parts_mut(data, size) })
    }

    /// For slices, which are somewhere also when there is nothing in them.
    fn unshared(&self, store: &Store) -> Result<(*mut u8, usize)> {
        match self.bytes(store)? {
            _ if self.shared => Err(Error::usage("a shared memory, which guests may write to")),
            (_, 0) => Ok((ptr::NonNull::dangling().as_ptr(), 0)),
            bytes => Ok(bytes),
        }
    }
}

impl fmt::Debug for Memory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Memory").field("shared", &self.shared).finish()
    }
}

/// A memory that belongs to no store: threads with a store each import the same one.
#[derive(Clone)]
pub struct SharedMemory(Arc<Owned>);

struct Owned(*mut ffi::wasmaot_sharedmemory_t);

// wasmaot.h: thread-safe.
unsafe impl Send for Owned {}
unsafe impl Sync for Owned {}

impl Drop for Owned {
    fn drop(&mut self) {
        unsafe { ffi::wasmaot_sharedmemory_delete(self.0) }
    }
}

impl SharedMemory {
    /// In pages of 64 KiB.
    pub fn new(engine: &Engine, min: u64, max: u64) -> Result<SharedMemory> {
        let of = new_type(min, Some(max), true)?;
        let mut memory = ptr::null_mut();
        unsafe {
            let error = ffi::wasmaot_sharedmemory_new(engine.raw(), of, &mut memory);
            ffi::wasm_memorytype_delete(of);
            Error::check(error)?;
        }
        Ok(SharedMemory(Arc::new(Owned(memory))))
    }

    /// The memory as an object of a store, to import it.
    pub fn obtain(&self, store: &mut impl AsStore) -> Result<Memory> {
        let home = store.home();
        unsafe { Memory::of(home, ffi::wasmaot_sharedmemory_obtain(home.raw, self.0 .0)) }
    }

    /// Bytes at this moment.
    pub fn size(&self) -> usize {
        unsafe { ffi::wasmaot_sharedmemory_data_size(self.0 .0) }
    }

    /// The first byte; growing never moves it. Guests access it by atomic and by plain instructions: do so
    /// by atomic ones alone.
    pub fn as_ptr(&self) -> *mut u8 {
        unsafe { ffi::wasmaot_sharedmemory_data(self.0 .0) }
    }

    /// Copies out of it, in no order that other threads could rely on.
    pub fn read(&self, offset: u64, to: &mut [u8]) -> Result<()> {
        let from = place(self.as_ptr(), self.size(), offset, to.len())?;
        unsafe { copy_out(from, to) };
        Ok(())
    }

    /// Copies into it, in no order that other threads could rely on.
    pub fn write(&self, offset: u64, from: &[u8]) -> Result<()> {
        let to = place(self.as_ptr(), self.size(), offset, from.len())?;
        unsafe { copy_in(from, to) };
        Ok(())
    }
}

impl fmt::Debug for SharedMemory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SharedMemory")
    }
}

// ---- Copies ----

/// Where `length` bytes at an offset are, if they are all there.
pub(crate) fn place(data: *mut u8, size: usize, offset: u64, length: usize) -> Result<*mut u8> {
    let end = offset.checked_add(length as u64);
    if length == 0 && offset <= size as u64 {
        // A memory without bytes may be nowhere.
        return Ok(ptr::NonNull::dangling().as_ptr());
    }
    match end {
        Some(end) if end <= size as u64 => Ok(unsafe { data.add(offset as usize) }),
        _ => Err(Error::usage(format!("{length} bytes at {offset} of a memory of {size}"))),
    }
}

/// Bytes up to the first whole word at `at`, or all.
fn head(at: *const u8, length: usize) -> usize {
    at.align_offset(8).min(length)
}

/// Out of a memory that other threads may write to: words, and bytes where these are not aligned.
pub(crate) unsafe fn copy_out(from: *const u8, to: &mut [u8]) {
    let byte = |i: usize| (*(from.add(i) as *const AtomicU8)).load(Ordering::Relaxed);
    let head = head(from, to.len());
    let words = (to.len() - head) / 8;
    for (i, to) in to[..head].iter_mut().enumerate() {
        *to = byte(i);
    }
    for (i, to) in to[head..].chunks_exact_mut(8).enumerate() {
        let word = &*(from.add(head + 8 * i) as *const AtomicU64);
        to.copy_from_slice(&word.load(Ordering::Relaxed).to_ne_bytes());
    }
    for (i, to) in to.iter_mut().enumerate().skip(head + 8 * words) {
        *to = byte(i);
    }
}

/// Into such a memory.
pub(crate) unsafe fn copy_in(from: &[u8], to: *mut u8) {
    let byte = |i: usize| &*(to.add(i) as *const AtomicU8);
    let head = head(to, from.len());
    let words = (from.len() - head) / 8;
    for (i, &from) in from[..head].iter().enumerate() {
        byte(i).store(from, Ordering::Relaxed);
    }
    for (i, from) in from[head..].chunks_exact(8).enumerate() {
        let word = &*(to.add(head + 8 * i) as *const AtomicU64);
        word.store(u64::from_ne_bytes(from.try_into().unwrap()), Ordering::Relaxed);
    }
    for (i, &from) in from.iter().enumerate().skip(head + 8 * words) {
        byte(i).store(from, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every length at every alignment, with what is around it.
    #[test]
    fn copies() {
        let mut memory = [0u64; 8];
        let base = memory.as_mut_ptr() as *mut u8;
        for offset in 0..24 {
            for length in 0..32 {
                let bytes: Vec<u8> = (1..=length as u8).collect();
                unsafe {
                    ptr::write_bytes(base, 0xaa, 64);
                    copy_in(&bytes, base.add(offset));
                    let mut whole = [0; 64];
                    copy_out(base, &mut whole);
                    assert_eq!(whole[offset..offset + length], bytes);
                    assert!(whole[..offset].iter().all(|&byte| byte == 0xaa));
                    assert!(whole[offset + length..].iter().all(|&byte| byte == 0xaa));
                    let mut part = vec![0; length];
                    copy_out(base.add(offset), &mut part);
                    assert_eq!(part, bytes);
                }
            }
        }
    }

    #[test]
    fn places() {
        let data = ptr::NonNull::<u8>::dangling().as_ptr();
        assert!(place(data, 0, 0, 0).is_ok());
        assert!(place(data, 8, 8, 0).is_ok());
        assert!(place(data, 8, 4, 4).is_ok());
        for (offset, length) in [(9, 0), (5, 4), (u64::MAX, 1), (u64::MAX, 0), (0, 9)] {
            assert!(place(data, 8, offset, length).is_err());
        }
    }
}

//! Instances, and the linkers that make them.

use crate::error::{c_string, Error, ErrorKind, Result};
use crate::ffi;
use crate::func::{Func, TypedFunc};
use crate::global::Global;
use crate::host::{call_guest, Caller};
use crate::memory::Memory;
use crate::module::Module;
use crate::store::{AsStore, Handle, Home, Store};
use crate::value::Values;
use crate::wasi::Wasi;
use std::fmt;
use std::ptr;
use std::sync::Arc;

/// What can be imported and exported.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Extern {
    /// A function.
    Func(Func),
    /// A global.
    Global(Global),
    /// A memory.
    Memory(Memory),
    /// A table or a tag: to be passed on.
    Other(Other),
}

/// A table or a tag.
#[derive(Clone)]
pub struct Other(Arc<Handle<ffi::wasm_extern_t>>);

impl fmt::Debug for Other {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Other")
    }
}

impl Extern {
    /// Takes the handle over, by who has the store.
    pub(crate) unsafe fn of(home: &Arc<Home>, found: *mut ffi::wasm_extern_t) -> Result<Extern> {
        match ffi::wasm_extern_kind(found) {
            ffi::WASM_EXTERN_FUNC => Func::of(home, ffi::wasm_extern_as_func(found)).map(Extern::Func),
            ffi::WASM_EXTERN_GLOBAL => {
                Global::of(home, ffi::wasm_extern_as_global(found)).map(Extern::Global)
            }
            ffi::WASM_EXTERN_MEMORY => {
                Memory::of(home, ffi::wasm_extern_as_memory(found)).map(Extern::Memory)
            }
            _ => {
                let delete = |of: *mut ()| ffi::wasm_extern_delete(of as *mut ffi::wasm_extern_t);
                let handle = home.handle(found, delete)?;
                Ok(Extern::Other(Other(Arc::new(handle))))
            }
        }
    }

    /// The function, if it is one.
    pub fn into_func(self) -> Option<Func> {
        match self {
            Extern::Func(func) => Some(func),
            _ => None,
        }
    }

    /// The global, if it is one.
    pub fn into_global(self) -> Option<Global> {
        match self {
            Extern::Global(global) => Some(global),
            _ => None,
        }
    }

    /// The memory, if it is one.
    pub fn into_memory(self) -> Option<Memory> {
        match self {
            Extern::Memory(memory) => Some(memory),
            _ => None,
        }
    }

    fn raw(&self, store: &impl AsStore) -> Result<*const ffi::wasm_extern_t> {
        unsafe {
            Ok(match self {
                Extern::Func(func) => ffi::wasm_func_as_extern(func.0.handle.of(store)?),
                Extern::Global(global) => ffi::wasm_global_as_extern(global.handle.of(store)?),
                Extern::Memory(memory) => ffi::wasm_memory_as_extern(memory.handle.of(store)?),
                Extern::Other(other) => other.0.of(store)?,
            })
        }
    }
}

impl From<Func> for Extern {
    fn from(func: Func) -> Extern {
        Extern::Func(func)
    }
}

impl From<Global> for Extern {
    fn from(global: Global) -> Extern {
        Extern::Global(global)
    }
}

impl From<Memory> for Extern {
    fn from(memory: Memory) -> Extern {
        Extern::Memory(memory)
    }
}

/// A module with its imports. What was got of it keeps it.
#[derive(Clone)]
pub struct Instance(Arc<Handle<ffi::wasm_instance_t>>);

impl Instance {
    /// An export; None when there is none of the name.
    pub fn export(&self, store: &mut impl AsStore, name: &str) -> Result<Option<Extern>> {
        let instance = self.0.of(store)?;
        let name = c_string(name)?;
        unsafe {
            let found = ffi::wasmaot_instance_export(instance, name.as_ptr());
            if found.is_null() {
                let error = Error::last();
                return if error.kind() == ErrorKind::Unlinkable { Ok(None) } else { Err(error) };
            }
            Extern::of(store.home(), found).map(Some)
        }
    }

    /// An exported function.
    pub fn func(&self, store: &mut impl AsStore, name: &str) -> Result<Func> {
        let found = self.export(store, name)?;
        found.and_then(Extern::into_func).ok_or_else(|| lacks("function", name))
    }

    /// An exported function with types of Rust.
    pub fn typed_func<P: Values, R: Values>(
        &self,
        store: &mut impl AsStore,
        name: &str,
    ) -> Result<TypedFunc<P, R>> {
        self.func(store, name)?.typed()
    }

    /// An exported global.
    pub fn global(&self, store: &mut impl AsStore, name: &str) -> Result<Global> {
        let found = self.export(store, name)?;
        found.and_then(Extern::into_global).ok_or_else(|| lacks("global", name))
    }

    /// An exported memory.
    pub fn memory(&self, store: &mut impl AsStore, name: &str) -> Result<Memory> {
        let found = self.export(store, name)?;
        found.and_then(Extern::into_memory).ok_or_else(|| lacks("memory", name))
    }
}

fn lacks(what: &str, name: &str) -> Error {
    Error::usage(format!("the instance exports no {what} `{name}`"))
}

impl fmt::Debug for Instance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Instance")
    }
}

/// Imports by their names, of one store. Its instances work without it.
pub struct Linker(Handle<ffi::wasmaot_linker_t>);

impl Linker {
    /// With nothing in it.
    pub fn new(store: &mut impl AsStore) -> Result<Linker> {
        let delete =
            |linker: *mut ()| unsafe { ffi::wasmaot_linker_delete(linker as *mut ffi::wasmaot_linker_t) };
        let home = store.home();
        unsafe { home.handle(ffi::wasmaot_linker_new(home.raw), delete).map(Linker) }
    }

    /// A value under two names; a later one replaces it.
    pub fn define(
        &mut self,
        store: &mut impl AsStore,
        module: &str,
        name: &str,
        value: impl Into<Extern>,
    ) -> Result<()> {
        let linker = self.0.of(store)?;
        let (module, name) = (c_string(module)?, c_string(name)?);
        let value = value.into();
        let raw = value.raw(store)?;
        unsafe { Error::check(ffi::wasmaot_linker_define(linker, module.as_ptr(), name.as_ptr(), raw)) }
    }

    /// A host function under two names: see [`Func::wrap`].
    pub fn func<P, R, F>(
        &mut self,
        store: &mut impl AsStore,
        module: &str,
        name: &str,
        function: F,
    ) -> Result<()>
    where
        P: Values + 'static,
        R: Values + 'static,
        F: Fn(Caller<'_>, P) -> Result<R> + Send + Sync + 'static,
    {
        let func = Func::wrap(store, function)?;
        self.define(store, module, name, func)
    }

    /// Every export of an instance under one module's name.
    pub fn define_instance(
        &mut self,
        store: &mut impl AsStore,
        module: &str,
        instance: &Instance,
    ) -> Result<()> {
        let linker = self.0.of(store)?;
        let instance = instance.0.of(store)?;
        let module = c_string(module)?;
        unsafe { Error::check(ffi::wasmaot_linker_define_instance(linker, module.as_ptr(), instance)) }
    }

    /// WASI for one program. Once per linker.
    pub fn define_wasi(&mut self, store: &mut Store, wasi: &Wasi) -> Result<()> {
        let linker = self.0.of(store)?;
        let config = wasi.config()?;
        store.streams.extend(wasi.streams());
        unsafe { Error::check(ffi::wasmaot_linker_define_wasi(linker, config)) }
    }

    /// Whether functions that nobody defines trap when they are called, instead of failing to link.
    pub fn trap_unknown(&mut self, store: &mut impl AsStore, on: bool) -> Result<()> {
        unsafe { ffi::wasmaot_linker_trap_unknown(self.0.of(store)?, on) };
        Ok(())
    }

    /// Runs the module's start function. Memories that it imports and nobody defined are made.
    pub fn instantiate(&self, store: &mut impl AsStore, module: &Module) -> Result<Instance> {
        let linker = self.0.of(store)?;
        let (mut instance, mut error) = (ptr::null_mut(), ptr::null_mut());
        let home = store.home();
        let called = call_guest(home, || {
            let mut trap = ptr::null_mut();
            error =
                unsafe { ffi::wasmaot_linker_instantiate(linker, module.raw(), &mut instance, &mut trap) };
            trap
        });
        unsafe {
            called?;
            Error::check(error)?;
            let delete = |instance: *mut ()| ffi::wasm_instance_delete(instance as *mut ffi::wasm_instance_t);
            Ok(Instance(Arc::new(home.handle(instance, delete)?)))
        }
    }

    pub(crate) fn raw(&self, store: &impl AsStore) -> Result<*mut ffi::wasmaot_linker_t> {
        self.0.of(store)
    }
}

impl fmt::Debug for Linker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Linker")
    }
}

//! Globals.

use crate::error::{Error, Result};
use crate::ffi;
use crate::store::{AsStore, Handle, Home};
use crate::value::{Val, ValType};
use std::fmt;
use std::sync::Arc;

/// A global of a guest or of the host. One that is no number or is v128 can be passed on, not read.
#[derive(Clone)]
pub struct Global {
    pub(crate) handle: Arc<Handle<ffi::wasm_global_t>>,
    of: ValType,
    mutable: bool,
}

fn to_c(value: Val) -> Result<ffi::wasm_val_t> {
    let kind = value.r#type();
    if kind == ValType::V128 {
        return Err(Error::usage("a global of type v128, which only guests can use"));
    }
    let mut of = 0;
    unsafe { value.put(&mut of) };
    Ok(ffi::wasm_val_t { kind: kind.kind(), of })
}

impl Global {
    /// Of the host's own.
    pub fn new(store: &mut impl AsStore, value: Val, mutable: bool) -> Result<Global> {
        let value_of_c = to_c(value)?;
        let kind = value.r#type().kind();
        unsafe {
            let of = ffi::wasm_globaltype_new(ffi::wasm_valtype_new(kind), mutable as u8);
            if of.is_null() {
                return Err(Error::last());
            }
            let global = ffi::wasm_global_new(store.home().raw, of, &value_of_c);
            ffi::wasm_globaltype_delete(of);
            Global::of(store.home(), global)
        }
    }

    pub(crate) unsafe fn of(home: &Arc<Home>, global: *mut ffi::wasm_global_t) -> Result<Global> {
        let delete = |global: *mut ()| {
            ffi::wasm_extern_delete(ffi::wasm_global_as_extern(global as *mut ffi::wasm_global_t))
        };
        let handle = home.handle(global, delete)?;
        let of = ffi::wasm_global_type(global);
        if of.is_null() {
            return Err(Error::last());
        }
        let global = Global {
            handle: Arc::new(handle),
            of: ValType::of(ffi::wasm_globaltype_content(of)),
            mutable: ffi::wasm_globaltype_mutability(of) == ffi::WASM_VAR,
        };
        ffi::wasm_globaltype_delete(of);
        Ok(global)
    }

    /// The type of its value.
    pub fn r#type(&self) -> ValType {
        self.of
    }

    /// Whether it can be set.
    pub fn is_mutable(&self) -> bool {
        self.mutable
    }

    /// Its value.
    pub fn get(&self, store: &impl AsStore) -> Result<Val> {
        let global = self.handle.of(store)?;
        if !self.of.is_number() || self.of == ValType::V128 {
            let message = format!("a global of type {}, which only guests can use", self.of);
            return Err(Error::usage(message));
        }
        let mut value = ffi::wasm_val_t { kind: 0, of: 0 };
        unsafe {
            ffi::wasm_global_get(global, &mut value);
            Ok(Val::get(self.of, &value.of))
        }
    }

    /// Of its type, when it is mutable.
    pub fn set(&self, store: &mut impl AsStore, value: Val) -> Result<()> {
        let global = self.handle.of(store)?;
        if !self.mutable || value.r#type() != self.of {
            let which = if self.mutable { "mutable" } else { "immutable" };
            let message = format!("{value:?} for an {which} global of type {}", self.of);
            return Err(Error::usage(message.replace("an m", "a m")));
        }
        let value = to_c(value)?;
        unsafe { ffi::wasm_global_set(global, &value) };
        Ok(())
    }
}

impl fmt::Debug for Global {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Global").field("type", &self.of).field("mutable", &self.mutable).finish()
    }
}

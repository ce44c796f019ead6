//! WebAssembly by wasmaot: ahead-of-time compiled, with WASI, threads, limits and stopping.
//!
//! An [`Engine`] holds the configuration, a [`Store`] the objects of one guest, a [`Module`] compiled code. A
//! [`Linker`] gives a module its imports and makes an [`Instance`], whose exports are called. A [`Group`] runs
//! a program with its threads; [`run`] does all of that for a command.
//!
//! ```
//! use wasmaot::{Config, Engine, Linker, Module, Store};
//!
//! # fn main() -> wasmaot::Result<()> {
//! // (import "host" "log" (func (param i32))), and add, which logs the sum
//! let binary = b"\0asm\x01\0\0\0\x01\x0b\x02`\x01\x7f\0`\x02\x7f\x7f\x01\x7f\
//!     \x02\x0c\x01\x04host\x03log\0\0\x03\x02\x01\x01\x07\x07\x01\x03add\0\x01\
//!     \x0a\x10\x01\x0e\0 \0 \x01j\x10\0 \0 \x01j\x0b";
//! let engine = Engine::new(Config::new().max_memory(64 << 20))?;
//! let module = Module::new(&engine, binary)?;
//!
//! let mut store = Store::new(&engine)?;
//! let mut linker = Linker::new(&mut store)?;
//! linker.func(&mut store, "host", "log", |_, value: i32| {
//!     println!("{value}");
//!     Ok(())
//! })?;
//! let instance = linker.instantiate(&mut store, &module)?;
//! let add = instance.typed_func::<(i32, i32), i32>(&mut store, "add")?;
//! assert_eq!(add.call(&mut store, (40, 2))?, 42);
//! # Ok(())
//! # }
//! ```
//!
//! Threads: engines, modules and traps are for all threads, a store for the one that has it. Objects of a store
//! are handles, which can be cloned, sent and dropped anywhere; to use one takes its store, and that of another
//! store is an error. What is dropped ends when nothing uses it any more, at the latest with its store.
//!
//! A host function gives an [`Error`], its own by [`Error::host`], or panics: that ends the guest's calls, which
//! cannot catch it, and comes out of the call that the host made.

#![warn(missing_docs)]

mod engine;
mod error;
mod ffi;
mod func;
mod global;
mod group;
mod host;
mod instance;
mod memory;
mod module;
mod store;
mod value;
mod wasi;

pub use engine::{Config, Engine};
pub use error::{Error, ErrorKind, Frame, Result, Trap, TrapCode};
pub use func::{Func, TypedFunc};
pub use global::Global;
pub use group::{run, stopping, Group, GroupOptions, Stopper};
pub use host::Caller;
pub use instance::{Extern, Instance, Linker, Other};
pub use memory::{Memory, SharedMemory};
pub use module::{compiler_available, Export, ExternType, Import, Module};
pub use store::{AsStore, Interrupter, Store, StoreMut};
pub use value::{FuncType, Val, ValType, Value, Values};
pub use wasi::Wasi;

/// The library's version: `0.1.0`.
pub fn version() -> String {
    unsafe { error::text(ffi::wasmaot_version()) }
}

#[cfg(test)]
mod threads {
    use super::*;

    fn send<T: Send>() {}
    fn send_and_sync<T: Send + Sync>() {}

    /// Compiles when the type has not the trait: with it there are two of `found` to choose from.
    macro_rules! is_not {
        ($of:ty, $what:ident) => {{
            trait Found<Which> {
                fn found() {}
            }
            struct Has;
            impl<T: ?Sized> Found<()> for T {}
            impl<T: ?Sized + $what> Found<Has> for T {}
            <$of as Found<_>>::found();
        }};
    }

    #[test]
    fn who_may_have_what() {
        send_and_sync::<(Config, Engine, Module, SharedMemory, Error, Trap)>();
        send_and_sync::<(Func, TypedFunc<i32, ()>, Memory, Global, Extern, Instance, Linker)>();
        send_and_sync::<(Interrupter, Stopper)>();
        send::<(Store, Wasi, Group)>();
        is_not!(Store, Sync);
        is_not!(Wasi, Sync);
        is_not!(StoreMut<'static>, Send);
        is_not!(StoreMut<'static>, Sync);
        is_not!(Caller<'static>, Send);
        is_not!(Caller<'static>, Sync);
    }
}

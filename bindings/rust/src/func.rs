//! Functions.

use crate::error::{Error, Result};
use crate::ffi;
use crate::host::{call_guest, new_function, Caller};
use crate::store::{AsStore, Handle, Home};
use crate::value::{Cells, FuncType, Pair, Val, Values, MOST_CELLS};
use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

/// A function of a guest or of the host. One whose type has references can be passed on, not called.
#[derive(Clone)]
pub struct Func(pub(crate) Arc<Inner>);

pub(crate) struct Inner {
    pub(crate) handle: Handle<ffi::wasm_func_t>,
    of: FuncType,
}

impl Func {
    /// A function of the host whose type is known when the program runs. It sets all results, which are
    /// zeros before. The threads of a program call it at once.
    pub fn new<F>(store: &mut impl AsStore, of: FuncType, function: F) -> Result<Func>
    where
        F: Fn(Caller<'_>, &[Val], &mut [Val]) -> Result<()> + Send + Sync + 'static,
    {
        let types = of.clone();
        Func::make(store, of, move |caller, cells| {
            // Safe: the function has its type, and cells for it.
            let args: Vec<Val> = unsafe { take(types.params(), cells) };
            let zeros = [0u64; 2];
            let zero = |&of| unsafe { Val::get(of, zeros.as_ptr()) };
            let mut results: Vec<Val> = types.results().iter().map(zero).collect();
            function(caller, &args, &mut results)?;
            for (result, of) in results.iter().zip(types.results()) {
                if result.r#type() != *of {
                    return Err(Error::usage(format!("a host function gave {result:?} for {of}")));
                }
            }
            unsafe { put(&results, cells) };
            Ok(())
        })
    }

    /// A function of the host whose type is that of a closure, which takes its arguments as a tuple, or as
    /// themselves when there is one. What it panics with reaches the call that the host made. The threads of
    /// a program call it at once.
    pub fn wrap<P, R, F>(store: &mut impl AsStore, function: F) -> Result<Func>
    where
        P: Values + 'static,
        R: Values + 'static,
        F: Fn(Caller<'_>, P) -> Result<R> + Send + Sync + 'static,
    {
        Func::make(store, FuncType::new(P::types(), R::types()), move |caller, cells| {
            let results = function(caller, unsafe { P::get_all(cells) })?;
            unsafe { results.put_all(cells) };
            Ok(())
        })
    }

    fn make(
        store: &mut impl AsStore,
        of: FuncType,
        function: impl Fn(Caller<'_>, *mut u64) -> Result<()> + Send + Sync + 'static,
    ) -> Result<Func> {
        let made = of.make()?;
        let home = store.home();
        unsafe {
            let func = new_function(home, made, Box::new(function));
            ffi::wasm_functype_delete(made);
            Func::with_type(home, func, of)
        }
    }

    pub(crate) unsafe fn of(home: &Arc<Home>, func: *mut ffi::wasm_func_t) -> Result<Func> {
        let found = ffi::wasm_func_type(func);
        let of = if found.is_null() { Err(Error::last()) } else { Ok(FuncType::of(found)) };
        ffi::wasm_functype_delete(found);
        // The handle has to have an owner, whatever comes of it.
        let func = Func::with_type(home, func, FuncType::new([], []))?;
        let Inner { handle, .. } = Arc::try_unwrap(func.0).ok().expect("nobody else has it");
        Ok(Func(Arc::new(Inner { handle, of: of? })))
    }

    unsafe fn with_type(home: &Arc<Home>, func: *mut ffi::wasm_func_t, of: FuncType) -> Result<Func> {
        let delete =
            |func: *mut ()| ffi::wasm_extern_delete(ffi::wasm_func_as_extern(func as *mut ffi::wasm_func_t));
        let handle = home.handle(func, delete)?;
        Ok(Func(Arc::new(Inner { handle, of })))
    }

    /// What it takes and gives.
    pub fn r#type(&self) -> &FuncType {
        &self.0.of
    }

    /// Calls it with values of its parameters' types.
    pub fn call(&self, store: &mut impl AsStore, args: &[Val]) -> Result<Vec<Val>> {
        let home = store.home().clone();
        self.call_by(store, args, |func, cells| {
            call_guest(&home, || unsafe { ffi::wasmaot_func_call_cells(func, cells) })
        })
    }

    /// The same by what calls with the cells.
    pub(crate) fn call_by(
        &self,
        store: &impl AsStore,
        args: &[Val],
        by: impl FnOnce(*const ffi::wasm_func_t, *mut u64) -> Result<()>,
    ) -> Result<Vec<Val>> {
        let func = self.0.handle.of(store)?;
        let of = &self.0.of;
        of.check_numbers()?;
        if !args.iter().map(Val::r#type).eq(of.params().iter().copied()) {
            return Err(Error::usage(format!("arguments {args:?} for a function {of}")));
        }
        let mut cells: Vec<Pair> = Vec::new();
        cells.resize_with(of.cells() / 2 + 1, || Cells([0; 2]));
        let cells = cells.as_mut_ptr() as *mut u64;
        unsafe {
            put(args, cells);
            by(func, cells)?;
            Ok(take(of.results(), cells))
        }
    }

    /// The function with types of Rust, which are looked at once. Fails when they are not its own.
    pub fn typed<P: Values, R: Values>(&self) -> Result<TypedFunc<P, R>> {
        self.0.of.check_numbers()?;
        let wanted = FuncType::new(P::types(), R::types());
        if wanted != self.0.of {
            return Err(Error::usage(format!("a function {} taken for {wanted}", self.0.of)));
        }
        Ok(TypedFunc { func: self.clone(), _types: PhantomData })
    }
}

unsafe fn put(values: &[Val], mut cells: *mut u64) {
    for value in values {
        value.put(cells);
        cells = cells.add(value.r#type().cells());
    }
}

unsafe fn take(types: &[crate::ValType], mut cells: *const u64) -> Vec<Val> {
    let take_one = |&of: &crate::ValType| {
        let value = Val::get(of, cells);
        cells = cells.add(of.cells());
        value
    };
    types.iter().map(take_one).collect()
}

impl fmt::Debug for Func {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Func{}", self.0.of)
    }
}

/// A function that takes `P` and gives `R`: values, or tuples of them.
pub struct TypedFunc<P, R> {
    func: Func,
    _types: PhantomData<fn(P) -> R>,
}

impl<P: Values, R: Values> TypedFunc<P, R> {
    /// Calls it.
    pub fn call(&self, store: &mut impl AsStore, args: P) -> Result<R> {
        let func = self.func.0.handle.of(store)?;
        let mut cells = Cells([0; MOST_CELLS]);
        let cells = cells.0.as_mut_ptr();
        unsafe {
            args.put_all(cells);
            call_guest(store.home(), || ffi::wasmaot_func_call_cells(func, cells))?;
            Ok(R::get_all(cells))
        }
    }

    /// The function without types of Rust.
    pub fn func(&self) -> &Func {
        &self.func
    }
}

impl<P, R> Clone for TypedFunc<P, R> {
    fn clone(&self) -> Self {
        TypedFunc { func: self.func.clone(), _types: PhantomData }
    }
}

impl<P, R> fmt::Debug for TypedFunc<P, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.func.fmt(f)
    }
}

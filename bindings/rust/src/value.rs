//! Values, their types, and how calls pass them.

use crate::error::{Error, Result};
use crate::ffi;
use std::fmt;

/// A value of WebAssembly that is a number.
#[derive(Clone, Copy, Debug, PartialEq)]
#[allow(missing_docs)]
pub enum Val {
    I32(i32),
    I64(i64),
    F32(f32),
    F64(f64),
    V128(u128),
}

/// The type of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
#[allow(missing_docs)]
pub enum ValType {
    I32,
    I64,
    F32,
    F64,
    V128,
    FuncRef,
    ExternRef,
    ExnRef,
}

/// What a function takes and gives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FuncType {
    params: Vec<ValType>,
    results: Vec<ValType>,
}

impl ValType {
    /// Whether it is a type of numbers, which alone can be passed from and to Rust.
    pub fn is_number(self) -> bool {
        !matches!(self, ValType::FuncRef | ValType::ExternRef | ValType::ExnRef)
    }

    pub(crate) unsafe fn of(found: *const ffi::wasm_valtype_t) -> ValType {
        match ffi::wasm_valtype_kind(found) {
            ffi::WASM_I32 => ValType::I32,
            ffi::WASM_I64 => ValType::I64,
            ffi::WASM_F32 => ValType::F32,
            ffi::WASM_F64 => ValType::F64,
            ffi::WASMAOT_V128 => ValType::V128,
            ffi::WASM_FUNCREF => ValType::FuncRef,
            ffi::WASM_EXTERNREF => ValType::ExternRef,
            _ => ValType::ExnRef,
        }
    }

    pub(crate) fn kind(self) -> u8 {
        match self {
            ValType::I32 => ffi::WASM_I32,
            ValType::I64 => ffi::WASM_I64,
            ValType::F32 => ffi::WASM_F32,
            ValType::F64 => ffi::WASM_F64,
            ValType::V128 => ffi::WASMAOT_V128,
            ValType::FuncRef => ffi::WASM_FUNCREF,
            ValType::ExternRef => ffi::WASM_EXTERNREF,
            ValType::ExnRef => ffi::WASM_EXTERNREF + 2,
        }
    }

    /// Cells that a value of it takes.
    pub(crate) fn cells(self) -> usize {
        if self == ValType::V128 {
            2
        } else {
            1
        }
    }
}

impl FuncType {
    /// Of parameters and results.
    pub fn new(
        params: impl IntoIterator<Item = ValType>,
        results: impl IntoIterator<Item = ValType>,
    ) -> FuncType {
        FuncType { params: params.into_iter().collect(), results: results.into_iter().collect() }
    }

    /// What it takes.
    pub fn params(&self) -> &[ValType] {
        &self.params
    }

    /// What it gives.
    pub fn results(&self) -> &[ValType] {
        &self.results
    }

    pub(crate) unsafe fn of(found: *const ffi::wasm_functype_t) -> FuncType {
        let types = |of: *const ffi::wasm_valtype_vec_t| -> Vec<ValType> {
            (*of).elements().iter().map(|&one| ValType::of(one)).collect()
        };
        FuncType {
            params: types(ffi::wasm_functype_params(found)),
            results: types(ffi::wasm_functype_results(found)),
        }
    }

    /// The same for the library; the caller's to delete.
    pub(crate) fn make(&self) -> Result<*mut ffi::wasm_functype_t> {
        self.check_numbers()?;
        let vector = |types: &[ValType]| unsafe {
            let new = |&of: &ValType| ffi::wasm_valtype_new(of.kind());
            let made: Vec<_> = types.iter().map(new).collect();
            let mut vector = ffi::wasm_valtype_vec_t::empty();
            ffi::wasm_valtype_vec_new(&mut vector, made.len(), made.as_ptr());
            vector
        };
        let (mut params, mut results) = (vector(&self.params), vector(&self.results));
        let made = unsafe { ffi::wasm_functype_new(&mut params, &mut results) };
        if made.is_null() {
            return Err(Error::last());
        }
        Ok(made)
    }

    pub(crate) fn check_numbers(&self) -> Result<()> {
        if self.params.iter().chain(&self.results).all(|of| of.is_number()) {
            Ok(())
        } else {
            Err(Error::usage(format!("a function with references, {self}, cannot be called from Rust")))
        }
    }

    /// Cells that a call takes.
    pub(crate) fn cells(&self) -> usize {
        let count = |types: &[ValType]| types.iter().map(|of| of.cells()).sum::<usize>();
        count(&self.params).max(count(&self.results))
    }
}

impl fmt::Display for ValType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            ValType::I32 => "i32",
            ValType::I64 => "i64",
            ValType::F32 => "f32",
            ValType::F64 => "f64",
            ValType::V128 => "v128",
            ValType::FuncRef => "funcref",
            ValType::ExternRef => "externref",
            ValType::ExnRef => "exnref",
        })
    }
}

/// `(i32, f64) -> (i64)`
impl fmt::Display for FuncType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (before, types) in [("(", &self.params), (") -> (", &self.results)] {
            f.write_str(before)?;
            for (i, of) in types.iter().enumerate() {
                write!(f, "{}{of}", if i == 0 { "" } else { ", " })?;
            }
        }
        f.write_str(")")
    }
}

impl Val {
    /// Its type.
    pub fn r#type(&self) -> ValType {
        match self {
            Val::I32(_) => ValType::I32,
            Val::I64(_) => ValType::I64,
            Val::F32(_) => ValType::F32,
            Val::F64(_) => ValType::F64,
            Val::V128(_) => ValType::V128,
        }
    }

    /// There has to be room for its cells; so in `get`.
    pub(crate) unsafe fn put(self, cells: *mut u64) {
        match self {
            Val::I32(value) => value.put(cells),
            Val::I64(value) => value.put(cells),
            Val::F32(value) => value.put(cells),
            Val::F64(value) => value.put(cells),
            Val::V128(value) => value.put(cells),
        }
    }

    /// Of a type of numbers.
    pub(crate) unsafe fn get(of: ValType, cells: *const u64) -> Val {
        match of {
            ValType::I32 => Val::I32(i32::get(cells)),
            ValType::I64 => Val::I64(i64::get(cells)),
            ValType::F32 => Val::F32(f32::get(cells)),
            ValType::F64 => Val::F64(f64::get(cells)),
            ValType::V128 => Val::V128(u128::get(cells)),
            _ => unreachable!("a reference was taken for a number"),
        }
    }
}

mod sealed {
    pub trait Sealed {}
}

/// A type of Rust that is one of WebAssembly: `i32`, `u32`, `i64`, `u64`, `f32`, `f64`, and `u128` for v128.
pub trait Value: sealed::Sealed + Copy + 'static {
    #[doc(hidden)]
    const TYPE: ValType;
    #[doc(hidden)]
    unsafe fn put(self, cells: *mut u64);
    #[doc(hidden)]
    unsafe fn get(cells: *const u64) -> Self;
}

macro_rules! value {
    ($($of:ty, $name:ident, $value:ident => $put:expr, $half:ty, $cell:ident => $get:expr;)*) => {
        $(
            impl sealed::Sealed for $of {}
            impl Value for $of {
                const TYPE: ValType = ValType::$name;
                unsafe fn put(self, cells: *mut u64) {
                    let $value = self;
                    *cells = $put;
                }
                unsafe fn get(cells: *const u64) -> $of {
                    let $cell = *(cells as *const $half);
                    $get
                }
            }
        )*
    };
}

// i32 and f32 are in the low half of a cell, whose other half nobody may have written.
value! {
    i32, I32, value => value as u32 as u64, u32, cell => cell as i32;
    u32, I32, value => value as u64, u32, cell => cell;
    i64, I64, value => value as u64, u64, cell => cell as i64;
    u64, I64, value => value, u64, cell => cell;
    f32, F32, value => value.to_bits() as u64, u32, cell => f32::from_bits(cell);
    f64, F64, value => value.to_bits(), u64, cell => f64::from_bits(cell);
}

impl sealed::Sealed for u128 {}
impl Value for u128 {
    const TYPE: ValType = ValType::V128;
    unsafe fn put(self, cells: *mut u64) {
        *cells = self as u64;
        *cells.add(1) = (self >> 64) as u64;
    }
    unsafe fn get(cells: *const u64) -> u128 {
        u128::from(*cells) | u128::from(*cells.add(1)) << 64
    }
}

/// Parameters or results: a [`Value`], or a tuple of up to twelve.
pub trait Values: Sized {
    #[doc(hidden)]
    fn types() -> Vec<ValType>;
    #[doc(hidden)]
    unsafe fn put_all(self, cells: *mut u64);
    #[doc(hidden)]
    unsafe fn get_all(cells: *const u64) -> Self;
}

/// Cells for the longest tuple, of v128.
pub(crate) const MOST_CELLS: usize = 24;

impl<T: Value> Values for T {
    fn types() -> Vec<ValType> {
        vec![T::TYPE]
    }
    unsafe fn put_all(self, cells: *mut u64) {
        self.put(cells)
    }
    unsafe fn get_all(cells: *const u64) -> T {
        T::get(cells)
    }
}

macro_rules! tuples {
    ($(($($name:ident)*))*) => {
        $(
            #[allow(non_snake_case, unused_mut, unused_variables, unused_assignments)]
            impl<$($name: Value),*> Values for ($($name,)*) {
                fn types() -> Vec<ValType> {
                    vec![$($name::TYPE),*]
                }
                unsafe fn put_all(self, mut cells: *mut u64) {
                    let ($($name,)*) = self;
                    $(
                        $name.put(cells);
                        cells = cells.add($name::TYPE.cells());
                    )*
                }
                #[allow(clippy::unused_unit)]
                unsafe fn get_all(mut cells: *const u64) -> Self {
                    $(
                        let $name = $name::get(cells);
                        cells = cells.add($name::TYPE.cells());
                    )*
                    ($($name,)*)
                }
            }
        )*
    };
}

tuples! {
    () (A) (A B) (A B C) (A B C D) (A B C D E) (A B C D E F) (A B C D E F G) (A B C D E F G H)
    (A B C D E F G H I) (A B C D E F G H I J) (A B C D E F G H I J K) (A B C D E F G H I J K L)
}

/// Cells as compiled code wants them.
#[repr(C, align(16))]
pub(crate) struct Cells<const N: usize>(pub(crate) [u64; N]);

/// One pair; any number of them is aligned as compiled code wants it.
pub(crate) type Pair = Cells<2>;

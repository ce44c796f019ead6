//! Errors, traps, backtraces.

use crate::ffi;
use std::error;
use std::ffi::{CStr, CString};
use std::fmt;
use std::os::raw::c_char;
use std::ptr;

/// What functions of this crate give.
pub type Result<T> = std::result::Result<T, Error>;

/// Why something could not be done, or a call did not return. One line, by `Display`.
pub struct Error(Box<Inner>);

enum Inner {
    Library { kind: ErrorKind, message: String, offset: Option<u64> },
    Trap(Trap),
    Host(Box<dyn error::Error + Send + Sync>),
}

/// What an [`Error`] is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The bytes are not a module or an artifact.
    Malformed,
    /// The module decodes but fails validation.
    Invalid,
    /// Valid, but beyond a limit or what the library offers.
    Unsupported,
    /// An import or export is missing or has another type.
    Unlinkable,
    /// An artifact for another host, processor or version.
    Refused,
    /// The operating system said no, or memory is short.
    System,
    /// The arguments make no sense.
    Usage,
    /// A call that did not return: [`Error::trap`].
    Trap,
    /// A host function's own error: [`Error::host`].
    Host,
}

impl ErrorKind {
    fn from_c(kind: ffi::wasmaot_error_kind_t) -> ErrorKind {
        match kind {
            1 => ErrorKind::Malformed,
            2 => ErrorKind::Invalid,
            3 => ErrorKind::Unsupported,
            4 => ErrorKind::Unlinkable,
            5 => ErrorKind::Refused,
            6 => ErrorKind::System,
            _ => ErrorKind::Usage,
        }
    }
}

impl Error {
    /// An error of a host function's own. It ends the guest's calls, which cannot catch it, and comes out
    /// of the call that the host made.
    pub fn host(error: impl Into<Box<dyn error::Error + Send + Sync>>) -> Error {
        Error(Box::new(Inner::Host(error.into())))
    }

    /// What it is about.
    pub fn kind(&self) -> ErrorKind {
        match &*self.0 {
            Inner::Library { kind, .. } => *kind,
            Inner::Trap(_) => ErrorKind::Trap,
            Inner::Host(_) => ErrorKind::Host,
        }
    }

    /// Bytes from the start of the module or artifact, where it belongs to a place there.
    pub fn offset(&self) -> Option<u64> {
        match &*self.0 {
            Inner::Library { offset, .. } => *offset,
            _ => None,
        }
    }

    /// The trap, when a call ended with one.
    pub fn trap(&self) -> Option<&Trap> {
        match &*self.0 {
            Inner::Trap(trap) => Some(trap),
            _ => None,
        }
    }

    /// What a host function gave to [`Error::host`], as what it was; or this error again.
    pub fn downcast<E: error::Error + 'static>(self) -> std::result::Result<Box<E>, Error> {
        match *self.0 {
            Inner::Host(error) => error.downcast().map_err(|error| Error(Box::new(Inner::Host(error)))),
            other => Err(Error(Box::new(other))),
        }
    }

    pub(crate) fn usage(message: impl Into<String>) -> Error {
        Error(Box::new(Inner::Library { kind: ErrorKind::Usage, message: message.into(), offset: None }))
    }

    /// What the last function of the library that failed on this thread said.
    pub(crate) fn last() -> Error {
        let (kind, message) =
            unsafe { (ffi::wasmaot_last_error_kind(), text(ffi::wasmaot_last_error_message())) };
        Error(Box::new(Inner::Library { kind: ErrorKind::from_c(kind), message, offset: None }))
    }

    /// Takes over what the library returned; NULL is success.
    pub(crate) unsafe fn check(error: *mut ffi::wasmaot_error_t) -> Result<()> {
        if error.is_null() {
            return Ok(());
        }
        let offset = ffi::wasmaot_error_offset(error);
        let inner = Inner::Library {
            kind: ErrorKind::from_c(ffi::wasmaot_error_kind(error)),
            message: text(ffi::wasmaot_error_message(error)),
            offset: (offset != u64::MAX).then_some(offset),
        };
        ffi::wasmaot_error_delete(error);
        Err(Error(Box::new(inner)))
    }

    /// For the guest whose host function returned it: the trap, or else itself beside a trap of its text.
    pub(crate) fn into_trap(self) -> (Trap, Option<Error>) {
        match *self.0 {
            Inner::Trap(trap) => (trap, None),
            other => {
                let error = Error(Box::new(other));
                (Trap::new(error.to_string()), Some(error))
            }
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &*self.0 {
            Inner::Library { message, .. } => f.write_str(message),
            Inner::Trap(trap) => trap.fmt(f),
            Inner::Host(error) => error.fmt(f),
        }
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}: {}", self.kind(), self)
    }
}

impl error::Error for Error {
    fn source(&self) -> Option<&(dyn error::Error + 'static)> {
        match &*self.0 {
            Inner::Library { .. } => None,
            Inner::Trap(trap) => Some(trap),
            Inner::Host(error) => Some(&**error),
        }
    }
}

impl From<Trap> for Error {
    fn from(trap: Trap) -> Error {
        Error(Box::new(Inner::Trap(trap)))
    }
}

/// How a call ended that did not return.
pub struct Trap(*mut ffi::wasm_trap_t);

// wasm.h: traps may be used by any number of threads at once.
unsafe impl Send for Trap {}
unsafe impl Sync for Trap {}

/// Why a call ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TrapCode {
    /// The instruction `unreachable`.
    Unreachable,
    /// An access outside of a memory.
    MemoryOutOfBounds,
    /// An access outside of a table.
    TableOutOfBounds,
    /// `call_indirect` beyond the end of the table.
    UndefinedElement,
    /// `call_indirect` of a null entry.
    UninitializedElement,
    /// `call_indirect` of a function of another type.
    IndirectCallType,
    /// A division by zero.
    IntegerDivideByZero,
    /// A division or conversion whose result does not fit.
    IntegerOverflow,
    /// A conversion of NaN to an integer.
    InvalidConversion,
    /// An atomic access at an address that is not a multiple of its size.
    UnalignedAtomic,
    /// A wait on a memory that is not shared.
    ExpectedSharedMemory,
    /// A null reference where there must be none.
    NullReference,
    /// No stack is left.
    StackExhausted,
    /// A host function's, an exit, or the library's own.
    Host,
    /// The group was stopped, or the store interrupted.
    Interrupted,
    /// A call of a null function reference.
    NullFunction,
    /// An exception that nothing catches.
    UncaughtException,
    /// A null exception that was thrown.
    NullException,
    /// The group's time was up.
    Timeout,
    /// The system refused a thread for the program: none of it ran.
    System,
    /// One that this version of the crate does not know.
    Unknown,
}

const CODES: [TrapCode; 20] = [
    TrapCode::Unreachable,
    TrapCode::MemoryOutOfBounds,
    TrapCode::TableOutOfBounds,
    TrapCode::UndefinedElement,
    TrapCode::UninitializedElement,
    TrapCode::IndirectCallType,
    TrapCode::IntegerDivideByZero,
    TrapCode::IntegerOverflow,
    TrapCode::InvalidConversion,
    TrapCode::UnalignedAtomic,
    TrapCode::ExpectedSharedMemory,
    TrapCode::NullReference,
    TrapCode::StackExhausted,
    TrapCode::Host,
    TrapCode::Interrupted,
    TrapCode::NullFunction,
    TrapCode::UncaughtException,
    TrapCode::NullException,
    TrapCode::Timeout,
    TrapCode::System,
];

/// A function that was being executed when a call trapped.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Frame {
    /// The function's name, where the module has names.
    pub function: Option<String>,
    /// The function's index in its module.
    pub index: u32,
    /// The module's name, where it is known.
    pub module: Option<String>,
    /// The source's file and line, where debug information was kept ([`Config::debug_info`]).
    ///
    /// [`Config::debug_info`]: crate::Config::debug_info
    pub source: Option<(String, u32)>,
    /// Bytes of native code from the start of the function.
    pub offset: usize,
}

impl Trap {
    /// A trap of code [`TrapCode::Host`], for host functions to return. Cut to 255 bytes.
    pub fn new(message: impl AsRef<str>) -> Trap {
        let message = message.as_ref();
        let mut bytes = ffi::wasm_byte_vec_t::empty();
        unsafe {
            ffi::wasm_byte_vec_new(&mut bytes, message.len(), message.as_ptr() as *const c_char);
            // Traps belong to no store.
            let trap = ffi::wasm_trap_new(ptr::null_mut(), &bytes);
            ffi::wasm_byte_vec_delete(&mut bytes);
            Trap(trap)
        }
    }

    /// Ends the program with a status, as WASI's `proc_exit` does.
    pub fn exit(status: i32) -> Trap {
        Trap(unsafe { ffi::wasmaot_trap_new_exit(status) })
    }

    pub(crate) unsafe fn from_raw(trap: *mut ffi::wasm_trap_t) -> Trap {
        Trap(trap)
    }

    pub(crate) fn into_raw(self) -> *mut ffi::wasm_trap_t {
        std::mem::ManuallyDrop::new(self).0
    }

    /// Why the call ended.
    pub fn code(&self) -> TrapCode {
        let code = unsafe { ffi::wasmaot_trap_code(self.0) };
        let known = CODES.get((code as usize).wrapping_sub(1));
        known.copied().unwrap_or(TrapCode::Unknown)
    }

    /// One line that says it.
    pub fn message(&self) -> String {
        let mut bytes = ffi::wasm_byte_vec_t::empty();
        unsafe {
            ffi::wasm_trap_message(self.0, &mut bytes);
            let message = name_of(&bytes);
            ffi::wasm_byte_vec_delete(&mut bytes);
            message
        }
    }

    /// The status of a program that ended itself (`proc_exit`), which travels as a trap.
    pub fn exit_status(&self) -> Option<i32> {
        let mut status = 0;
        unsafe { ffi::wasmaot_trap_exit_status(self.0, &mut status) }.then_some(status)
    }

    /// What was being executed, innermost first; at most 64.
    pub fn frames(&self) -> Vec<Frame> {
        let mut frames = ffi::wasm_frame_vec_t::empty();
        unsafe {
            ffi::wasm_trap_trace(self.0, &mut frames);
            let found = frames.elements().iter().map(|&frame| Frame::of(frame)).collect();
            ffi::wasm_frame_vec_delete(&mut frames);
            found
        }
    }

    /// Frames beyond those, at least.
    pub fn frames_dropped(&self) -> usize {
        unsafe { ffi::wasmaot_trap_frames_dropped(self.0) }
    }
}

impl Frame {
    unsafe fn of(frame: *const ffi::wasm_frame_t) -> Frame {
        let some = |text: String| (!text.is_empty()).then_some(text);
        Frame {
            function: some(text(ffi::wasmaot_frame_func_name(frame))),
            index: ffi::wasm_frame_func_index(frame),
            module: some(text(ffi::wasmaot_frame_module_name(frame))),
            source: some(text(ffi::wasmaot_frame_file(frame)))
                .map(|file| (file, ffi::wasmaot_frame_line(frame))),
            offset: ffi::wasm_frame_func_offset(frame),
        }
    }
}

/// `level_three in app (src/app.c:12)`
impl fmt::Display for Frame {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.function {
            Some(name) => f.write_str(name)?,
            None => write!(f, "function {}", self.index)?,
        }
        if let Some(module) = &self.module {
            write!(f, " in {module}")?;
        }
        match &self.source {
            Some((file, line)) => write!(f, " ({file}:{line})"),
            None => Ok(()),
        }
    }
}

impl Clone for Trap {
    fn clone(&self) -> Trap {
        Trap(unsafe { ffi::wasm_trap_copy(self.0) })
    }
}

impl Drop for Trap {
    fn drop(&mut self) {
        unsafe { ffi::wasm_trap_delete(self.0) }
    }
}

impl fmt::Display for Trap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message())
    }
}

impl fmt::Debug for Trap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Trap").field("code", &self.code()).field("message", &self.message()).finish()
    }
}

impl error::Error for Trap {}

// ---- Texts of C's ----

pub(crate) unsafe fn text(of: *const c_char) -> String {
    CStr::from_ptr(of).to_string_lossy().into_owned()
}

/// With or without a NUL at its end.
pub(crate) unsafe fn name_of(name: *const ffi::wasm_byte_vec_t) -> String {
    let bytes: Vec<u8> = (*name).elements().iter().map(|&byte| byte as u8).collect();
    String::from_utf8_lossy(bytes.strip_suffix(b"\0").unwrap_or(&bytes)).into_owned()
}

/// Of a name or path, which C ends with a NUL.
pub(crate) fn c_string(bytes: impl Into<Vec<u8>>) -> Result<CString> {
    CString::new(bytes).map_err(|_| Error::usage("a name or path with a NUL in it"))
}

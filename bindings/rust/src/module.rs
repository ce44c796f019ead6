//! Compiled code.

use crate::engine::Engine;
use crate::error::{c_string, name_of, Error, Result};
use crate::ffi;
use crate::value::FuncType;
use std::ffi::c_void;
use std::fmt;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::ptr;

/// Compiled code, for every store and every thread. Clones are the same code.
pub struct Module(*mut ffi::wasm_module_t);

// wasm.h: modules may be used by any number of threads at once.
unsafe impl Send for Module {}
unsafe impl Sync for Module {}

/// What an import or export is.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ExternType {
    /// A function.
    Func(FuncType),
    /// A global.
    Global,
    /// A table.
    Table,
    /// A memory.
    Memory,
    /// A tag of exceptions.
    Tag,
}

/// What a module asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Import {
    /// The first name.
    pub module: String,
    /// The second name.
    pub name: String,
    /// What has to be there.
    pub r#type: ExternType,
}

/// What a module offers.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Export {
    /// Its name.
    pub name: String,
    /// What it is.
    pub r#type: ExternType,
}

impl Module {
    /// Compiles a WebAssembly binary, which may come from anywhere. Never takes an artifact.
    pub fn new(engine: &Engine, binary: impl AsRef<[u8]>) -> Result<Module> {
        let binary = binary.as_ref();
        let bytes = binary.as_ptr() as *const c_void;
        Module::make(|out| unsafe { ffi::wasmaot_module_new(engine.raw(), bytes, binary.len(), out) })
    }

    /// The same from a file.
    pub fn from_file(engine: &Engine, path: impl AsRef<Path>) -> Result<Module> {
        let path = path.as_ref();
        let binary = fs::read(path).map_err(|error| Error::usage(format!("{}: {error}", path.display())))?;
        Module::new(engine, binary)
    }

    /// Whether a binary is a module; compiles nothing.
    pub fn validate(binary: impl AsRef<[u8]>) -> Result<()> {
        let binary = binary.as_ref();
        let bytes = binary.as_ptr() as *const c_void;
        unsafe { Error::check(ffi::wasmaot_module_validate(bytes, binary.len())) }
    }

    /// An artifact of [`Module::serialize`] or of `wasmaot compile`. Damaged ones and those of another
    /// version, host or processor are refused.
    ///
    /// # Safety
    ///
    /// An artifact is native code, which does whatever its maker wants: it has to come from where a program
    /// might come from.
    pub unsafe fn deserialize(artifact: impl AsRef<[u8]>) -> Result<Module> {
        let artifact = artifact.as_ref();
        let bytes = artifact.as_ptr() as *const c_void;
        Module::make(|out| ffi::wasmaot_module_load(bytes, artifact.len(), ptr::null(), out))
    }

    /// The same from a file, which is mapped, so that processes share the code.
    ///
    /// # Safety
    ///
    /// As of [`Module::deserialize`]; and the file must not be written to as long as the module is in use:
    /// replace it by renaming.
    pub unsafe fn deserialize_file(path: impl AsRef<Path>) -> Result<Module> {
        let path = c_string(path.as_ref().as_os_str().as_bytes())?;
        Module::make(|out| ffi::wasmaot_module_load_file(path.as_ptr(), out))
    }

    fn make(by: impl FnOnce(*mut *mut ffi::wasm_module_t) -> *mut ffi::wasmaot_error_t) -> Result<Module> {
        let mut module = ptr::null_mut();
        unsafe { Error::check(by(&mut module))? };
        Ok(Module(module))
    }

    /// The artifact, for [`Module::deserialize`] on machines with the same kind of processor.
    pub fn serialize(&self) -> Result<Vec<u8>> {
        let mut bytes = ffi::wasm_byte_vec_t::empty();
        unsafe {
            ffi::wasm_module_serialize(self.0, &mut bytes);
            if bytes.size == 0 {
                return Err(Error::last());
            }
            let artifact = std::slice::from_raw_parts(bytes.data as *const u8, bytes.size).to_vec();
            ffi::wasm_byte_vec_delete(&mut bytes);
            Ok(artifact)
        }
    }

    /// In the order of the module.
    pub fn imports(&self) -> Vec<Import> {
        let mut found = ffi::wasm_importtype_vec_t::empty();
        unsafe {
            ffi::wasm_module_imports(self.0, &mut found);
            let imports = found.elements().iter().map(|&import| Import {
                module: name_of(ffi::wasm_importtype_module(import)),
                name: name_of(ffi::wasm_importtype_name(import)),
                r#type: ExternType::of(ffi::wasm_importtype_type(import)),
            });
            let imports = imports.collect();
            ffi::wasm_importtype_vec_delete(&mut found);
            imports
        }
    }

    /// In the order of the module.
    pub fn exports(&self) -> Vec<Export> {
        let mut found = ffi::wasm_exporttype_vec_t::empty();
        unsafe {
            ffi::wasm_module_exports(self.0, &mut found);
            let exports = found.elements().iter().map(|&export| Export {
                name: name_of(ffi::wasm_exporttype_name(export)),
                r#type: ExternType::of(ffi::wasm_exporttype_type(export)),
            });
            let exports = exports.collect();
            ffi::wasm_exporttype_vec_delete(&mut found);
            exports
        }
    }

    pub(crate) fn raw(&self) -> *const ffi::wasm_module_t {
        self.0
    }
}

impl ExternType {
    unsafe fn of(found: *const ffi::wasm_externtype_t) -> ExternType {
        match ffi::wasm_externtype_kind(found) {
            ffi::WASM_EXTERN_FUNC => {
                ExternType::Func(FuncType::of(ffi::wasm_externtype_as_functype_const(found)))
            }
            ffi::WASM_EXTERN_GLOBAL => ExternType::Global,
            ffi::WASM_EXTERN_TABLE => ExternType::Table,
            ffi::WASM_EXTERN_MEMORY => ExternType::Memory,
            _ => ExternType::Tag,
        }
    }
}

impl Clone for Module {
    fn clone(&self) -> Module {
        Module(unsafe { ffi::wasm_module_copy(self.0) })
    }
}

impl Drop for Module {
    fn drop(&mut self) {
        unsafe { ffi::wasm_module_delete(self.0) }
    }
}

impl fmt::Debug for Module {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Module")
    }
}

/// Whether [`Module::new`] can compile: opens the compiler library (`libwasmaot-compiler.so`).
pub fn compiler_available() -> Result<()> {
    unsafe { Error::check(ffi::wasmaot_compiler_available()) }
}

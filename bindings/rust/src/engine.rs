//! Configuration and engines.

use crate::error::{c_string, Error, Result};
use crate::ffi;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// How modules are compiled and what stores may use. What is not set is the library's default.
#[derive(Clone, Debug, Default)]
pub struct Config {
    optimization: Option<u8>,
    cpu: Option<String>,
    features: Option<String>,
    jobs: Option<u32>,
    explicit_memory_checks: Option<bool>,
    max_compile_memory: Option<u64>,
    max_compile_time: Option<Duration>,
    debug_info: Option<bool>,
    max_memory: Option<u64>,
    max_table: Option<u64>,
    huge_pages: Option<bool>,
    stack: Option<usize>,
    host_stack: Option<usize>,
    caller_stack: Option<bool>,
}

macro_rules! options {
    ($($(#[$doc:meta])* $name:ident: $type:ty;)*) => {
        $(
            $(#[$doc])*
            pub fn $name(&mut self, value: $type) -> &mut Config {
                self.$name = Some(value.into());
                self
            }
        )*
    };
}

impl Config {
    /// Everything by default.
    pub fn new() -> Config {
        Config::default()
    }

    options! {
        /// 0 to 3; default 3.
        optimization: u8;
        /// A name of LLVM's, `native` (default) or `baseline`, then features to add or take away:
        /// `znver4,+avx2,-fma`.
        cpu: &str;
        /// Proposals that modules may use, such as `wasm2,threads,-simd`; default all. A module that uses
        /// another one is refused.
        features: &str;
        /// Threads that compile one module; 0 (default): one per processor.
        jobs: u32;
        /// Whether accesses are compared with the memory's size, which is slower, instead of reserving 8
        /// GiB of address space for each memory. For many instances.
        explicit_memory_checks: bool;
        /// Bytes that compiling a module may take, about; 0 (default): any amount.
        max_compile_memory: u64;
        /// Time that compiling a module may take, about; zero (default): any amount.
        max_compile_time: Duration;
        /// Whether traps name source lines, of modules that have debug information; default: false.
        debug_info: bool;
        /// Most bytes that all memories of a store may have together, and each [`SharedMemory`]; default:
        /// what an index reaches.
        ///
        /// [`SharedMemory`]: crate::SharedMemory
        max_memory: u64;
        /// Most entries that all tables of a store may have together; default: 10,000,000.
        max_table: u64;
        /// Whether memories that grow by much ask for huge pages; default: true.
        huge_pages: bool;
        /// Bytes of stack for calls outside of groups, at least 256 KiB; default: 8 MiB.
        stack: usize;
        /// Bytes of stack that a host function has left at least, 128 KiB (default) to 1 GiB.
        host_stack: usize;
        /// Whether host functions run on the stack of the host's call; default: false. For a Rust program
        /// whose host functions go on into a runtime that knows threads by their stacks, or which is built
        /// with AddressSanitizer.
        caller_stack: bool;
    }

    unsafe fn apply(&self, to: *mut ffi::wasm_config_t) -> Result<()> {
        macro_rules! set {
            ($field:ident, $function:ident) => {
                set!($field, $function, |&value| value)
            };
            ($field:ident, $function:ident, $convert:expr) => {
                if let Some(value) = self.$field.as_ref().map($convert) {
                    if !ffi::$function(to, value) {
                        return Err(Error::last());
                    }
                }
            };
        }
        let cpu = self.cpu.as_deref().map(c_string).transpose()?;
        let features = self.features.as_deref().map(c_string).transpose()?;
        for (name, function) in [
            (&cpu, ffi::wasmaot_config_set_cpu as unsafe extern "C" fn(_, _) -> _),
            (&features, ffi::wasmaot_config_set_features),
        ] {
            if name.as_ref().map_or(false, |name| !function(to, name.as_ptr())) {
                return Err(Error::last());
            }
        }
        set!(optimization, wasmaot_config_set_optimization, |&level| level.into());
        set!(jobs, wasmaot_config_set_jobs);
        set!(explicit_memory_checks, wasmaot_config_set_explicit_memory_checks);
        set!(max_compile_memory, wasmaot_config_set_max_compile_memory);
        set!(max_compile_time, wasmaot_config_set_max_compile_time, |&time| nanoseconds(time));
        set!(debug_info, wasmaot_config_set_debug_info);
        set!(max_memory, wasmaot_config_set_max_memory);
        set!(max_table, wasmaot_config_set_max_table);
        set!(huge_pages, wasmaot_config_set_huge_pages);
        set!(stack, wasmaot_config_set_stack);
        set!(host_stack, wasmaot_config_set_host_stack);
        set!(caller_stack, wasmaot_config_set_caller_stack);
        Ok(())
    }
}

/// For the library, to which as much as it can count is for ever.
pub(crate) fn nanoseconds(time: Duration) -> u64 {
    time.as_nanos().try_into().unwrap_or(u64::MAX)
}

/// A configuration in use; one per process is enough. For any number of threads; clones are the same one.
#[derive(Clone)]
pub struct Engine(Arc<Owned>);

struct Owned(*mut ffi::wasm_engine_t);

// wasm.h: engines may be used by any number of threads at once.
unsafe impl Send for Owned {}
unsafe impl Sync for Owned {}

impl Drop for Owned {
    fn drop(&mut self) {
        unsafe { ffi::wasm_engine_delete(self.0) }
    }
}

impl Engine {
    /// Fails when an option makes no sense.
    pub fn new(config: &Config) -> Result<Engine> {
        unsafe {
            let own = ffi::wasm_config_new();
            if own.is_null() {
                return Err(Error::last());
            }
            if let Err(error) = config.apply(own) {
                ffi::wasm_config_delete(own);
                return Err(error);
            }
            let engine = ffi::wasm_engine_new_with_config(own);
            if engine.is_null() {
                return Err(Error::last());
            }
            Ok(Engine(Arc::new(Owned(engine))))
        }
    }

    pub(crate) fn raw(&self) -> *mut ffi::wasm_engine_t {
        self.0 .0
    }
}

impl fmt::Debug for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Engine")
    }
}

//! What programs of WASI may see.

use crate::error::{c_string, Error, Result};
use crate::ffi;
use std::ffi::{CString, OsStr};
use std::fmt;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::io::{AsFd, AsRawFd, OwnedFd};
use std::path::Path;
use std::sync::Arc;

/// What a program may see: nothing but what is named here. Options that make no sense are told by
/// [`Linker::define_wasi`].
///
/// [`Linker::define_wasi`]: crate::Linker::define_wasi
pub struct Wasi {
    config: *mut ffi::wasmaot_wasi_config_t,
    streams: [Option<Arc<OwnedFd>>; 3],
    /// The first thing that went wrong.
    error: Option<Error>,
}

// wasmaot.h: one thread at a time may use it.
unsafe impl Send for Wasi {}

impl Wasi {
    /// Nothing.
    pub fn new() -> Wasi {
        let config = unsafe { ffi::wasmaot_wasi_config_new() };
        Wasi { config, streams: [None, None, None], error: config.is_null().then(Error::last) }
    }

    fn add(
        &mut self,
        texts: &[&OsStr],
        by: impl FnOnce(*mut ffi::wasmaot_wasi_config_t, &[CString]) -> bool,
    ) -> &mut Wasi {
        let added = texts.iter().map(|text| c_string(text.as_bytes())).collect::<Result<Vec<_>>>().and_then(
            |texts| {
                if self.config.is_null() || by(self.config, &texts) {
                    Ok(())
                } else {
                    Err(Error::last())
                }
            },
        );
        if let (Err(error), None) = (added, &self.error) {
            self.error = Some(error);
        }
        self
    }

    /// One argument more; the first is the program's name.
    pub fn arg(&mut self, arg: impl AsRef<OsStr>) -> &mut Wasi {
        self.add(&[arg.as_ref()], |config, texts| unsafe {
            ffi::wasmaot_wasi_config_arg(config, texts[0].as_ptr())
        })
    }

    /// Several.
    pub fn args(&mut self, args: impl IntoIterator<Item = impl AsRef<OsStr>>) -> &mut Wasi {
        for arg in args {
            self.arg(arg);
        }
        self
    }

    /// One variable more.
    pub fn env(&mut self, name: impl AsRef<OsStr>, value: impl AsRef<OsStr>) -> &mut Wasi {
        self.add(&[name.as_ref(), value.as_ref()], |config, texts| unsafe {
            ffi::wasmaot_wasi_config_env(config, texts[0].as_ptr(), texts[1].as_ptr())
        })
    }

    /// The host's variables.
    pub fn inherit_env(&mut self) -> &mut Wasi {
        self.add(&[], |config, _| unsafe { ffi::wasmaot_wasi_config_inherit_env(config) })
    }

    /// Grants the directory `host`, which the program calls `guest`, and all below it.
    pub fn dir(&mut self, host: impl AsRef<Path>, guest: impl AsRef<Path>) -> &mut Wasi {
        let (host, guest) = (host.as_ref().as_os_str(), guest.as_ref().as_os_str());
        self.add(&[host, guest], |config, texts| unsafe {
            ffi::wasmaot_wasi_config_preopen(config, texts[0].as_ptr(), texts[1].as_ptr())
        })
    }

    /// The same, only to read.
    pub fn read_only_dir(&mut self, host: impl AsRef<Path>, guest: impl AsRef<Path>) -> &mut Wasi {
        let (host, guest) = (host.as_ref().as_os_str(), guest.as_ref().as_os_str());
        self.add(&[host, guest], |config, texts| unsafe {
            ffi::wasmaot_wasi_config_preopen_read_only(config, texts[0].as_ptr(), texts[1].as_ptr())
        })
    }

    /// The host's standard streams.
    pub fn inherit_stdio(&mut self) -> &mut Wasi {
        self.add(&[], |config, _| unsafe {
            ffi::wasmaot_wasi_config_inherit_stdio(config);
            true
        })
    }

    fn stream(&mut self, number: usize, file: OwnedFd) -> &mut Wasi {
        let descriptor = file.as_raw_fd();
        self.streams[number] = Some(Arc::new(file));
        self.add(&[], |config, _| unsafe {
            ffi::wasmaot_wasi_config_stdio(config, number as i32, descriptor)
        })
    }

    /// A file, pipe or socket as standard input.
    pub fn stdin(&mut self, file: impl Into<OwnedFd>) -> &mut Wasi {
        self.stream(0, file.into())
    }

    /// A file, pipe or socket as standard output.
    pub fn stdout(&mut self, file: impl Into<OwnedFd>) -> &mut Wasi {
        self.stream(1, file.into())
    }

    /// A file, pipe or socket as standard error.
    pub fn stderr(&mut self, file: impl Into<OwnedFd>) -> &mut Wasi {
        self.stream(2, file.into())
    }

    /// One descriptor more, behind the directories: a duplicate of a socket, pipe or file of the host's.
    pub fn descriptor(&mut self, of: impl AsFd) -> Result<()> {
        let descriptor = of.as_fd().as_raw_fd();
        if unsafe { ffi::wasmaot_wasi_config_descriptor(self.config()?, descriptor) } {
            Ok(())
        } else {
            Err(Error::last())
        }
    }

    /// One descriptor more: a TCP socket that listens from now on, at `127.0.0.1:8080` or `[::1]:8080`. Port 0
    /// is one that the system chooses. The port.
    pub fn listen(&mut self, address: &str) -> Result<u16> {
        let address = c_string(address)?;
        let mut port = 0;
        if unsafe { ffi::wasmaot_wasi_config_listen(self.config()?, address.as_ptr(), &mut port) } {
            Ok(port)
        } else {
            Err(Error::last())
        }
    }

    pub(crate) fn config(&self) -> Result<*mut ffi::wasmaot_wasi_config_t> {
        match &self.error {
            Some(error) => Err(Error::usage(error.to_string())),
            None => Ok(self.config),
        }
    }

    /// What has to stay open as long as programs use it.
    pub(crate) fn streams(&self) -> impl Iterator<Item = Arc<OwnedFd>> + '_ {
        self.streams.iter().flatten().cloned()
    }
}

impl Default for Wasi {
    fn default() -> Wasi {
        Wasi::new()
    }
}

impl Drop for Wasi {
    fn drop(&mut self) {
        unsafe { ffi::wasmaot_wasi_config_delete(self.config) }
    }
}

impl fmt::Debug for Wasi {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Wasi")
    }
}

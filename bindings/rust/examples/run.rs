//! run PROGRAM.wasm [ARGUMENT...]: a program of WASI, with threads and limits, for ten seconds at most.
//!
//! It sees the working directory as `.`, to read. Its exit status is this one's; a trap is 134, with a
//! backtrace. Enter stops it.

use std::fs::File;
use std::time::Duration;
use std::{env, io, process, thread};
use wasmaot::{Config, Engine, ErrorKind, Group, GroupOptions, Module, Wasi};

fn main() {
    let status = match run() {
        Ok(status) => status,
        Err(error) => {
            report(&error);
            if error.kind() == ErrorKind::Trap {
                134
            } else {
                1
            }
        }
    };
    process::exit(status);
}

fn run() -> wasmaot::Result<i32> {
    let arguments: Vec<_> = env::args_os().skip(1).collect();
    let program = arguments.first().ok_or_else(|| wasmaot::Error::host("which program?"))?;
    let engine = Engine::new(Config::new().max_memory(256 << 20))?;
    let module = Module::from_file(&engine, program)?;

    let nothing = File::open("/dev/null").map_err(wasmaot::Error::host)?;
    let mut wasi = Wasi::new();
    wasi.args(&arguments).read_only_dir(".", ".").inherit_stdio().stdin(nothing);

    let group = Group::new(GroupOptions {
        max_threads: Some(16),
        timeout: Some(Duration::from_secs(10)),
        ..GroupOptions::default()
    })?;
    let stopper = group.stopper();
    thread::spawn(move || {
        if io::stdin().read_line(&mut String::new()).map_or(false, |length| length > 0) {
            stopper.stop();
        }
    });
    wasmaot::run(&engine, &module, &wasi, group)
}

fn report(error: &wasmaot::Error) {
    match error.trap() {
        None => eprintln!("error: {error}"),
        Some(trap) => {
            eprintln!("trap: {trap}");
            for frame in trap.frames() {
                eprintln!("  {frame}");
            }
        }
    }
}

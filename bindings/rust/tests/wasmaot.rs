//! Everything with guests. `WASMAOT_TEST_MODULES` (what tests/hosts has in the text format) and
//! `WASMAOT_TEST_GUESTS` (programs of WASI) name the folders that they are in, as ctest does.

use std::fs::{self, File};
use std::io::{Read, Seek, SeekFrom, Write};
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use std::{env, fmt, process, thread};
use wasmaot::{
    AsStore, Caller, Config, Engine, Error, ErrorKind, Extern, ExternType, Func, FuncType, Global, Group,
    GroupOptions, Instance, Linker, Memory, Module, Result, SharedMemory, Store, Trap, TrapCode, Val,
    ValType, Wasi,
};

fn file(variable: &str, name: &str) -> Vec<u8> {
    let folder = env::var(variable).unwrap_or_else(|_| panic!("{variable} has to name a folder"));
    fs::read(format!("{folder}/{name}.wasm")).unwrap()
}

fn engine() -> Engine {
    Engine::new(Config::new().optimization(1)).unwrap()
}

fn module(engine: &Engine, name: &str) -> Module {
    Module::new(engine, file("WASMAOT_TEST_MODULES", name)).unwrap()
}

/// host.wasm or begin.wasm, with its import.
fn instantiate(
    store: &mut Store,
    module: &Module,
    back: impl Fn(Caller<'_>, i32) -> Result<i32> + Send + Sync + 'static,
) -> Result<Instance> {
    let mut linker = Linker::new(store)?;
    linker.func(store, "host", "back", back)?;
    linker.instantiate(store, module)
}

struct Host {
    store: Store,
    instance: Instance,
}

impl Host {
    fn new(back: impl Fn(Caller<'_>, i32) -> Result<i32> + Send + Sync + 'static) -> Host {
        let engine = engine();
        let mut store = Store::new(&engine).unwrap();
        let instance = instantiate(&mut store, &module(&engine, "host"), back).unwrap();
        Host { store, instance }
    }

    fn call(&mut self, name: &str, argument: i32) -> Result<i32> {
        call(&self.instance, &mut self.store, name, argument)
    }

    fn stop(&mut self) -> Result<()> {
        let stop = self.instance.typed_func::<(), ()>(&mut self.store, "stop")?;
        stop.call(&mut self.store, ())
    }
}

fn call(instance: &Instance, store: &mut impl AsStore, name: &str, argument: i32) -> Result<i32> {
    instance.typed_func::<i32, i32>(store, name)?.call(store, argument)
}

fn code<T: fmt::Debug>(result: Result<T>) -> TrapCode {
    result.unwrap_err().trap().expect("no trap").code()
}

fn kind<T: fmt::Debug>(result: Result<T>) -> ErrorKind {
    result.unwrap_err().kind()
}

// ---- Calls ----

#[test]
fn calls() {
    let mut host = Host::new(|_, argument| Ok(argument));
    let add = host.instance.func(&mut host.store, "add").unwrap();
    let args = [Val::I32(40), Val::I32(2)];
    assert_eq!(add.call(&mut host.store, &args).unwrap(), [Val::I32(42)]);
    assert_eq!(add.r#type().to_string(), "(i32, i32) -> (i32)");
    for bad in [&args[..1], &[Val::I32(1), Val::I64(1)], &[]] {
        assert_eq!(kind(add.call(&mut host.store, bad)), ErrorKind::Usage);
    }
    assert_eq!(
        add.typed::<(u32, u32), u32>().unwrap().call(&mut host.store, (u32::MAX, 0)).unwrap(),
        u32::MAX
    );
    assert_eq!(kind(add.typed::<(i32, i64), i32>()), ErrorKind::Usage);
    assert_eq!(kind(add.typed::<(i32, i32), ()>()), ErrorKind::Usage);
    assert_eq!(host.call("call", 5).unwrap(), 1005);
    assert!(host.instance.export(&mut host.store, "nothing").unwrap().is_none());
    assert_eq!(kind(host.instance.func(&mut host.store, "memory")), ErrorKind::Usage);
    assert_eq!(kind(host.instance.func(&mut host.store, "a\0d")), ErrorKind::Usage);
}

#[test]
fn values() {
    let engine = engine();
    let mut store = Store::new(&engine).unwrap();
    let mut linker = Linker::new(&mut store).unwrap();
    linker.func(&mut store, "host", "swap", |_, (a, b): (i64, f64)| Ok((b, a))).unwrap();
    let of = FuncType::new([ValType::V128, ValType::I32], [ValType::V128]);
    let give = Arc::new(Mutex::new(None));
    let wide = Func::new(&mut store, of, {
        let give = give.clone();
        move |_, args, results| {
            assert_eq!(results, [Val::V128(0)]);
            let result = *give.lock().unwrap();
            results[0] = result.unwrap_or(match args {
                [Val::V128(value), Val::I32(turn)] => Val::V128(value.rotate_left(*turn as u32)),
                _ => panic!("{args:?}"),
            });
            Ok(())
        }
    });
    linker.define(&mut store, "host", "wide", wide.unwrap()).unwrap();
    let instance = linker.instantiate(&mut store, &module(&engine, "values")).unwrap();

    let swap = instance.typed_func::<(i64, f64), (f64, i64)>(&mut store, "swap").unwrap();
    assert_eq!(swap.call(&mut store, (i64::MIN, -0.5)).unwrap(), (-0.5, i64::MIN));
    let wide = instance.typed_func::<(u128, i32), u128>(&mut store, "wide").unwrap();
    let value = 0x0011_2233_4455_6677_8899_aabb_ccdd_eeff;
    assert_eq!(wide.call(&mut store, (value, 68)).unwrap(), value.rotate_left(68));
    type From = (i32, u128, i64, f32, f64);
    type To = (f64, f32, i64, u128, i32);
    let turn = instance.typed_func::<From, To>(&mut store, "turn").unwrap();
    let turned = turn.call(&mut store, (-1, value, -2, 1.5, 2.5)).unwrap();
    assert_eq!(turned, (2.5, 1.5, -2, value, -1));
    let args = [Val::I32(-1), Val::V128(value), Val::I64(-2), Val::F32(1.5), Val::F64(2.5)];
    let mut results = turn.func().call(&mut store, &args).unwrap();
    results.reverse();
    assert_eq!(results, args);
    // A host function whose result is of another type.
    *give.lock().unwrap() = Some(Val::I32(1));
    assert_eq!(kind(wide.call(&mut store, (value, 0))), ErrorKind::Usage);
    // Functions with references are for guests.
    let reference = instance.func(&mut store, "reference").unwrap();
    assert_eq!(kind(reference.call(&mut store, &[])), ErrorKind::Usage);
    assert_eq!(kind(Func::new(&mut store, reference.r#type().clone(), |_, _, _| Ok(()))), ErrorKind::Usage);
}

#[test]
fn globals() {
    let engine = engine();
    let mut store = Store::new(&engine).unwrap();
    let mut linker = Linker::new(&mut store).unwrap();
    linker.trap_unknown(&mut store, true).unwrap();
    let instance = linker.instantiate(&mut store, &module(&engine, "values")).unwrap();
    let count = instance.global(&mut store, "count").unwrap();
    assert!(count.is_mutable());
    count.set(&mut store, Val::I64(i64::MAX - 1)).unwrap();
    instance.typed_func::<(), ()>(&mut store, "bump").unwrap().call(&mut store, ()).unwrap();
    assert_eq!(count.get(&store).unwrap(), Val::I64(i64::MAX));
    assert_eq!(kind(count.set(&mut store, Val::I32(1))), ErrorKind::Usage);
    let fixed = instance.global(&mut store, "fixed").unwrap();
    assert_eq!(fixed.get(&store).unwrap(), Val::F32(1.5));
    assert_eq!(kind(fixed.set(&mut store, Val::F32(1.0))), ErrorKind::Usage);
    let vector = instance.global(&mut store, "vector").unwrap();
    assert_eq!(vector.r#type(), ValType::V128);
    assert_eq!(kind(vector.get(&store)), ErrorKind::Usage);
    let own = Global::new(&mut store, Val::F64(0.25), true).unwrap();
    assert_eq!(own.get(&store).unwrap(), Val::F64(0.25));
    assert_eq!(kind(Global::new(&mut store, Val::V128(1), true)), ErrorKind::Usage);
    assert!(matches!(instance.export(&mut store, "table").unwrap(), Some(Extern::Other(_))));
    // A trap where nobody defined an import.
    let swap = instance.typed_func::<(i64, f64), (f64, i64)>(&mut store, "swap").unwrap();
    assert_eq!(code(swap.call(&mut store, (1, 1.0))), TrapCode::Host);
}

#[test]
fn traps() {
    let mut host = Host::new(|_, argument| Ok(argument));
    for _ in 0..100 {
        assert_eq!(code(host.call("load", 70_000_000)), TrapCode::MemoryOutOfBounds);
        assert_eq!(code(host.stop()), TrapCode::Unreachable);
    }
    let error = host.call("sink", 0).unwrap_err();
    let trap = error.trap().unwrap().clone();
    assert_eq!(trap.code(), TrapCode::StackExhausted);
    assert_eq!(trap.exit_status(), None);
    assert!(trap.message().contains("stack") && error.to_string() == trap.message());
    assert_eq!(trap.frames()[0].function.as_deref(), Some("sink"));
    assert!(trap.frames().len() > 10 && trap.frames_dropped() > 10);
    assert!(trap.frames()[0].to_string().starts_with("sink in "));
    // Traps outlive their stores, and go to other threads.
    drop(host);
    thread::spawn(move || assert_eq!(trap.frames()[5].index, trap.frames()[4].index)).join().unwrap();
}

#[derive(Debug, PartialEq)]
struct Mine(i32);

impl fmt::Display for Mine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "mine: {}", self.0)
    }
}

impl std::error::Error for Mine {}

#[test]
fn errors_of_host_functions() {
    let mut host = Host::new(|_, argument| match argument {
        1 => Err(Error::host(Mine(1))),
        2 => Err(Error::host("a text")),
        3 => Err(Trap::new("a trap").into()),
        4 => Err(Trap::exit(7).into()),
        5 => panic!("a panic"),
        argument => Ok(argument),
    });
    // A guest cannot catch any of them.
    for (name, index) in [("call", 7), ("guarded", 8)] {
        let error = host.call(name, 1).unwrap_err();
        assert_eq!((error.kind(), error.to_string().as_str()), (ErrorKind::Host, "mine: 1"));
        assert_eq!(*error.downcast::<Mine>().unwrap(), Mine(1));
        let error = host.call(name, 2).unwrap_err();
        assert_eq!(error.to_string(), "a text");
        assert_eq!(error.downcast::<Mine>().unwrap_err().to_string(), "a text");
        let error = host.call(name, 3).unwrap_err();
        assert_eq!(error.to_string(), "a trap");
        assert_eq!(error.trap().unwrap().code(), TrapCode::Host);
        assert_eq!(error.trap().unwrap().frames()[0].index, index);
        assert_eq!(host.call(name, 4).unwrap_err().trap().unwrap().exit_status(), Some(7));
        let panic = catch_unwind(AssertUnwindSafe(|| host.call(name, 5))).unwrap_err();
        assert_eq!(*panic.downcast_ref::<&str>().unwrap(), "a panic");
        // Nothing of it is left.
        assert_eq!(host.call(name, 6).unwrap() % 1000, 6);
        assert_eq!(code(host.stop()), TrapCode::Unreachable);
    }
}

/// What host functions give may be code of the host's, too.
#[test]
fn errors_that_panic() {
    #[derive(Debug)]
    struct Untellable;
    impl fmt::Display for Untellable {
        fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
            panic!("untellable");
        }
    }
    impl std::error::Error for Untellable {}
    struct Undroppable;
    impl Drop for Undroppable {
        fn drop(&mut self) {
            panic!("undroppable");
        }
    }
    let captured = Undroppable;
    let mut host = Host::new(move |_, _| {
        let _ = &captured;
        Err(Error::host(Untellable))
    });
    let panic = catch_unwind(AssertUnwindSafe(|| host.call("call", 1))).unwrap_err();
    assert_eq!(*panic.downcast_ref::<&str>().unwrap(), "untellable");
    assert_eq!(code(host.stop()), TrapCode::Unreachable);
    drop(host);
}

#[test]
fn start_function_fails() {
    let engine = engine();
    let begin = module(&engine, "begin");
    let mut store = Store::new(&engine).unwrap();
    let error = instantiate(&mut store, &begin, |_, argument| Err(Error::host(Mine(argument))));
    assert_eq!(*error.unwrap_err().downcast::<Mine>().unwrap(), Mine(9));
    let panic =
        catch_unwind(AssertUnwindSafe(|| instantiate(&mut store, &begin, |_, _| panic!("at the start"))));
    assert_eq!(*panic.unwrap_err().downcast_ref::<&str>().unwrap(), "at the start");
    instantiate(&mut store, &begin, |_, argument| Ok(argument)).unwrap();
}

/// Guests in guests: values, traps, errors and panics pass all of them, or end where they are caught.
#[test]
fn nested() {
    let mut host = Host::new(|mut caller, depth| {
        let stop = caller.export("stop")?.and_then(Extern::into_func).unwrap().typed::<(), ()>()?;
        assert_eq!(code(stop.call(&mut caller.store()?, ())), TrapCode::Unreachable);
        match depth {
            0 => return Ok(0),
            -1 => return Err(Error::host(Mine(-1))),
            -2 => panic!("deep"),
            -3 => stop.call(&mut caller.store()?, ())?,
            _ => (),
        }
        let call = caller.export("call")?.and_then(Extern::into_func).unwrap();
        let next = if depth % 10 == 0 { -depth / 10 } else { depth - 1 };
        Ok(match call.call(&mut caller.store()?, &[Val::I32(next)])?[0] {
            Val::I32(value) => value,
            _ => unreachable!(),
        })
    });
    assert_eq!(host.call("call", 5).unwrap(), 6000);
    assert_eq!(*host.call("call", 12).unwrap_err().downcast::<Mine>().unwrap(), Mine(-1));
    let panic = catch_unwind(AssertUnwindSafe(|| host.call("call", 22))).unwrap_err();
    assert_eq!(*panic.downcast_ref::<&str>().unwrap(), "deep");
    let error = host.call("call", 32).unwrap_err();
    assert_eq!(error.trap().unwrap().code(), TrapCode::Unreachable);
    // The function `call` has no name.
    let frames = error.trap().unwrap().frames();
    assert_eq!(frames.iter().filter(|frame| frame.index == 7 && frame.function.is_none()).count(), 4);
    assert_eq!(host.call("call", 5).unwrap(), 6000);
}

/// Host functions that use another store in the middle of a call.
#[test]
fn nested_in_another_store() {
    let inner = Mutex::new(Host::new(|mut caller, argument| {
        assert!(caller.store().is_ok());
        if argument == 1 {
            panic!("inner");
        }
        Err(Error::host(Mine(argument)))
    }));
    let mut outer = Host::new(move |_, argument| {
        let mut inner = inner.lock().unwrap();
        let panic = catch_unwind(AssertUnwindSafe(|| inner.call("call", 1))).unwrap_err();
        assert_eq!(*panic.downcast_ref::<&str>().unwrap(), "inner");
        let error = inner.call("call", argument).unwrap_err();
        Ok(error.downcast::<Mine>().unwrap().0)
    });
    assert_eq!(outer.call("call", 7).unwrap(), 1007);
    assert_eq!(code(outer.stop()), TrapCode::Unreachable);
}

// ---- Stores and their objects ----

#[test]
fn objects_of_another_store() {
    let engine = engine();
    let mut one = Host::new(|_, argument| Ok(argument));
    let mut other = Store::new(&engine).unwrap();
    let add = one.instance.func(&mut one.store, "add").unwrap();
    let memory = one.instance.memory(&mut one.store, "memory").unwrap();
    let mut linker = Linker::new(&mut other).unwrap();
    assert_eq!(kind(add.call(&mut other, &[Val::I32(1), Val::I32(1)])), ErrorKind::Usage);
    assert_eq!(kind(one.instance.func(&mut other, "add")), ErrorKind::Usage);
    assert_eq!(kind(memory.data(&other)), ErrorKind::Usage);
    assert_eq!(kind(linker.define(&mut other, "host", "back", add.clone())), ErrorKind::Usage);
    assert_eq!(kind(linker.define(&mut one.store, "host", "back", add)), ErrorKind::Usage);
}

/// Handles outlive stores; what host functions captured ends with them, handles of the same store too.
#[test]
fn lives() {
    struct Counted(Arc<AtomicUsize>);
    impl Drop for Counted {
        fn drop(&mut self) {
            self.0.fetch_add(1, Ordering::SeqCst);
        }
    }
    let ended = Arc::new(AtomicUsize::new(0));
    let engine = engine();
    let module = module(&engine, "host");
    let mut store = Store::new(&engine).unwrap();
    for i in 0..200 {
        let counted = Counted(ended.clone());
        let instance = instantiate(&mut store, &module, move |_, argument| {
            let _ = &counted;
            Ok(argument)
        });
        let call_it = instance.unwrap().typed_func::<i32, i32>(&mut store, "call").unwrap();
        assert_eq!(call_it.call(&mut store, i).unwrap(), 1000 + i);
        // Dropped where the store is not.
        thread::spawn(move || drop(call_it)).join().unwrap();
    }
    store.collect();
    assert_eq!(ended.load(Ordering::SeqCst), 200);

    let add = instantiate(&mut store, &module, |_, argument| Ok(argument))
        .unwrap()
        .func(&mut store, "add")
        .unwrap();
    let counted = Counted(ended.clone());
    let captured = add.clone();
    let instance = instantiate(&mut store, &module, move |mut caller, argument| {
        let _ = &counted;
        let args = [Val::I32(argument), Val::I32(1)];
        Ok(i32::from(captured.call(&mut caller.store()?, &args)? == [Val::I32(argument + 1)]))
    })
    .unwrap();
    assert_eq!(call(&instance, &mut store, "call", 1).unwrap(), 1001);
    drop(store);
    assert_eq!(ended.load(Ordering::SeqCst), 201);
    let mut other = Store::new(&engine).unwrap();
    assert_eq!(kind(add.call(&mut other, &[Val::I32(1), Val::I32(1)])), ErrorKind::Usage);
    drop((instance, add));
}

#[test]
fn threads() {
    let engine = engine();
    let module = module(&engine, "host");
    let work = move || {
        let mut store = Store::new(&engine).unwrap();
        let back = |_: Caller<'_>, argument| {
            if argument == 13 {
                panic!("13");
            }
            Ok(argument + 1)
        };
        let instance = instantiate(&mut store, &module, back).unwrap();
        for i in 20..120 {
            assert_eq!(call(&instance, &mut store, "call", i).unwrap(), 1001 + i);
            assert_eq!(code(call(&instance, &mut store, "load", -1)), TrapCode::MemoryOutOfBounds);
            let panic = catch_unwind(AssertUnwindSafe(|| call(&instance, &mut store, "call", 13)));
            assert_eq!(*panic.unwrap_err().downcast_ref::<&str>().unwrap(), "13");
        }
        // A store goes on on another thread.
        (store, instance)
    };
    let threads: Vec<_> = (0..4).map(|_| thread::spawn(work.clone())).collect();
    for thread in threads {
        let (mut store, instance) = thread.join().unwrap();
        assert_eq!(call(&instance, &mut store, "call", 1).unwrap(), 1002);
    }
}

#[test]
fn interrupting() {
    let spinning = Arc::new(AtomicBool::new(false));
    let mut host = Host::new({
        let spinning = spinning.clone();
        move |_, argument| {
            spinning.store(true, Ordering::SeqCst);
            Ok(argument)
        }
    });
    let interrupter = host.store.interrupter();
    let thread = thread::spawn({
        let interrupter = interrupter.clone();
        move || {
            while !spinning.load(Ordering::SeqCst) {
                thread::yield_now();
            }
            interrupter.interrupt(Some(Duration::from_secs(20)))
        }
    });
    let spin = host.instance.typed_func::<(), ()>(&mut host.store, "spin").unwrap();
    assert_eq!(code(spin.call(&mut host.store, ())), TrapCode::Interrupted);
    assert!(thread.join().unwrap());
    assert_eq!(code(host.call("call", 1)), TrapCode::Interrupted);
    host.store.resume();
    assert_eq!(host.call("call", 1).unwrap(), 1001);
    drop(host);
    assert!(interrupter.interrupt(None));
}

// ---- Memories ----

#[test]
fn memories() {
    let mut host = Host::new(|caller, argument| {
        let mut bytes = [0; 4];
        caller.read(argument as u64, &mut bytes)?;
        bytes.reverse();
        caller.write(argument as u64, &bytes)?;
        assert_eq!(kind(caller.read(caller.memory_size() as u64 - 3, &mut bytes)), ErrorKind::Usage);
        assert_eq!(kind(caller.write(u64::MAX, &bytes)), ErrorKind::Usage);
        Ok(i32::from_le_bytes(bytes))
    });
    let memory = host.instance.memory(&mut host.store, "memory").unwrap();
    assert_eq!(memory.size(&host.store).unwrap(), 65536);
    assert!(!memory.is_shared());
    memory.write(&mut host.store, 65532, &[42, 0, 0, 1]).unwrap();
    assert_eq!(host.call("call", 65532).unwrap(), 1000 + 1 + (42 << 24));
    assert_eq!(memory.data(&host.store).unwrap()[65532..], [1, 0, 0, 42]);
    memory.data_mut(&mut host.store).unwrap()[65535] = 7;
    assert_eq!(host.call("load", 65532).unwrap(), 1 + (7 << 24));
    let mut bytes = [0; 4];
    for offset in [65533, 65537, u64::MAX, u64::MAX - 3] {
        assert_eq!(kind(memory.read(&host.store, offset, &mut bytes)), ErrorKind::Usage);
        assert_eq!(kind(memory.write(&mut host.store, offset, &bytes)), ErrorKind::Usage);
    }
    memory.read(&host.store, 65536, &mut []).unwrap();
    assert_eq!(memory.grow(&mut host.store, 3).unwrap(), 1);
    assert_eq!(kind(memory.grow(&mut host.store, 1)), ErrorKind::Unsupported);
    memory.read(&host.store, 4 * 65536 - 4, &mut bytes).unwrap();
    let empty = Memory::new(&mut host.store, 0, Some(1)).unwrap();
    assert!(empty.data(&host.store).unwrap().is_empty());
    assert_eq!(empty.grow(&mut host.store, 1).unwrap(), 0);
    assert_eq!(empty.data_mut(&mut host.store).unwrap().len(), 65536);
}

#[test]
fn shared_memories() {
    let engine = engine();
    let module = module(&engine, "shared");
    let memory = SharedMemory::new(&engine, 1, 4).unwrap();
    let instantiate = move |memory: &SharedMemory| {
        let mut store = Store::new(&engine).unwrap();
        let own = memory.obtain(&mut store).unwrap();
        assert!(own.is_shared());
        assert_eq!(kind(own.data(&store)), ErrorKind::Usage);
        assert_eq!(kind(own.data_mut(&mut store)), ErrorKind::Usage);
        let mut linker = Linker::new(&mut store).unwrap();
        linker.define(&mut store, "env", "memory", own).unwrap();
        let instance = linker.instantiate(&mut store, &module).unwrap();
        (store, instance)
    };
    let threads: Vec<_> = (0..3)
        .map(|_| {
            let (memory, instantiate) = (memory.clone(), instantiate.clone());
            thread::spawn(move || {
                let (mut store, instance) = instantiate(&memory);
                let add = instance.typed_func::<(i32, i64), i64>(&mut store, "add").unwrap();
                for _ in 0..1000 {
                    add.call(&mut store, (8, 1)).unwrap();
                    memory.write(16, &[1; 11]).unwrap();
                }
            })
        })
        .collect();
    let mut bytes = [0; 19];
    while bytes[0] == 0 {
        memory.read(8, &mut bytes).unwrap();
    }
    for thread in threads {
        thread.join().unwrap();
    }
    memory.read(8, &mut bytes).unwrap();
    assert_eq!(bytes[..8], 3000u64.to_le_bytes());
    assert_eq!(bytes[8..], [1; 11]);
    assert_eq!(kind(memory.read(65530, &mut bytes)), ErrorKind::Usage);
    assert_eq!(kind(memory.write(u64::MAX, &bytes)), ErrorKind::Usage);
    // A wait that nobody ends but an interrupt; as an object of a store the memory grows for all.
    let (mut store, instance) = instantiate(&memory);
    assert_eq!(memory.obtain(&mut store).unwrap().grow(&mut store, 3).unwrap(), 1);
    assert_eq!(memory.size(), 4 * 65536);
    let interrupter = store.interrupter();
    let thread = thread::spawn(move || {
        thread::sleep(Duration::from_millis(50));
        interrupter.interrupt(None)
    });
    assert_eq!(code(call(&instance, &mut store, "wait", 65536)), TrapCode::Interrupted);
    assert!(thread.join().unwrap());
}

// ---- Modules and limits ----

#[test]
fn artifacts() {
    let engine = engine();
    let artifact = module(&engine, "host").serialize().unwrap();
    let path = env::temp_dir().join(format!("wasmaot-rust-{}.o", process::id()));
    fs::write(&path, &artifact).unwrap();
    // What this process compiled.
    let loaded = unsafe { [Module::deserialize(&artifact), Module::deserialize_file(&path)] };
    fs::remove_file(&path).unwrap();
    for module in loaded {
        let mut store = Store::new(&engine).unwrap();
        let instance = instantiate(&mut store, &module.unwrap(), |_, argument| Ok(argument));
        assert_eq!(call(&instance.unwrap(), &mut store, "call", 1).unwrap(), 1001);
    }
    for bad in [&b""[..], b"nonsense", &artifact[..100]] {
        assert!(unsafe { Module::deserialize(bad) }.is_err());
        assert!(Module::new(&engine, bad).is_err());
        assert!(Module::validate(bad).is_err());
    }
    assert!(Module::new(&engine, &artifact).is_err());
    assert_eq!(kind(Module::from_file(&engine, "/nowhere/at/all")), ErrorKind::Usage);
}

#[test]
fn descriptions() {
    let engine = engine();
    let host = module(&engine, "host");
    let imports = host.imports();
    assert_eq!((imports[0].module.as_str(), imports[0].name.as_str()), ("host", "back"));
    let back = FuncType::new([ValType::I32], [ValType::I32]);
    assert_eq!(imports[0].r#type, ExternType::Func(back));
    assert_eq!(host.exports()[0].name, "memory");
    assert_eq!(host.exports()[0].r#type, ExternType::Memory);
    let error = Module::new(&engine, b"\0asm\x01\0\0\0\x01").unwrap_err();
    assert_eq!((error.kind(), error.offset().is_some()), (ErrorKind::Malformed, true));
    assert!(!wasmaot::version().is_empty());
    wasmaot::compiler_available().unwrap();
}

#[test]
fn limits() {
    let engine = Engine::new(Config::new().max_memory(2 * 65536).features("mvp,legacy-exceptions")).unwrap();
    let mut store = Store::new(&engine).unwrap();
    let instance = instantiate(&mut store, &module(&engine, "host"), |_, argument| Ok(argument));
    let memory = instance.unwrap().memory(&mut store, "memory").unwrap();
    assert_eq!(kind(memory.grow(&mut store, 2)), ErrorKind::Unsupported);
    assert_eq!(memory.grow(&mut store, 1).unwrap(), 1);
    let values = file("WASMAOT_TEST_MODULES", "values");
    assert_eq!(kind(Module::new(&engine, &values)), ErrorKind::Invalid);
    let engine = Engine::new(Config::new().max_compile_time(Duration::from_nanos(1))).unwrap();
    assert_eq!(kind(Module::new(&engine, &values)), ErrorKind::System);
    for bad in [
        Config::new().optimization(9),
        Config::new().stack(1),
        Config::new().host_stack(1),
        Config::new().max_memory(1),
        Config::new().features("-nonsense"),
        Config::new().cpu("a\0b"),
    ] {
        assert_eq!(kind(Engine::new(bad)), ErrorKind::Usage);
    }
    let all = Engine::new(
        Config::new()
            .cpu("baseline")
            .jobs(1)
            .explicit_memory_checks(true)
            .max_compile_memory(1 << 40)
            .debug_info(true)
            .max_table(100)
            .huge_pages(false)
            .stack(1 << 20)
            .host_stack(256 << 10)
            .caller_stack(true),
    );
    let (all, mut store) = all.map(|all| (all.clone(), Store::new(&all).unwrap())).unwrap();
    let instance = instantiate(&mut store, &module(&all, "host"), |_, argument| match argument {
        13 => panic!("on the caller's stack"),
        argument => Ok(argument),
    });
    let instance = instance.unwrap();
    assert_eq!(call(&instance, &mut store, "call", 1).unwrap(), 1001);
    let panic = catch_unwind(AssertUnwindSafe(|| call(&instance, &mut store, "call", 13)));
    assert_eq!(*panic.unwrap_err().downcast_ref::<&str>().unwrap(), "on the caller's stack");
    assert_eq!(code(call(&instance, &mut store, "sink", 0)), TrapCode::StackExhausted);
}

#[test]
fn missing_imports() {
    let engine = engine();
    let mut store = Store::new(&engine).unwrap();
    let linker = Linker::new(&mut store).unwrap();
    let error = linker.instantiate(&mut store, &module(&engine, "host")).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unlinkable);
    assert!(error.to_string().contains("back"), "{error}");
    // Of another instance.
    let mut linker = linker;
    let instance = instantiate(&mut store, &module(&engine, "host"), |_, argument| Ok(argument));
    linker.define_instance(&mut store, "host", &instance.unwrap()).unwrap();
    assert_eq!(kind(linker.instantiate(&mut store, &module(&engine, "host"))), ErrorKind::Unlinkable);
}

// ---- Programs ----

fn temporary() -> File {
    static COUNT: AtomicUsize = AtomicUsize::new(0);
    let number = COUNT.fetch_add(1, Ordering::SeqCst);
    let path = env::temp_dir().join(format!("wasmaot-rust-{}-{number}", process::id()));
    let file = File::options().read(true).write(true).create_new(true).open(&path).unwrap();
    fs::remove_file(&path).unwrap();
    file
}

fn contents(mut file: File) -> String {
    let mut text = String::new();
    file.seek(SeekFrom::Start(0)).unwrap();
    file.read_to_string(&mut text).unwrap();
    text
}

/// Exit status and output of a program.
fn output(guest: &str, with: impl FnOnce(&mut Wasi)) -> (Result<i32>, String) {
    let engine = engine();
    let file_of_output = temporary();
    let mut wasi = Wasi::new();
    wasi.arg(guest).stdout(file_of_output.try_clone().unwrap());
    with(&mut wasi);
    let program = Module::new(&engine, file("WASMAOT_TEST_GUESTS", guest)).unwrap();
    let group = Group::new(GroupOptions::default()).unwrap();
    let status = wasmaot::run(&engine, &program, &wasi, group);
    (status, contents(file_of_output))
}

#[test]
fn programs() {
    let (status, out) = output("hello", |_| ());
    assert!(status.unwrap() == 0 && out.contains("ello"));
    let (status, out) = output("echo", |wasi| {
        wasi.args(["some words", "more"]);
    });
    assert!(status.unwrap() == 0 && out.contains("some words"));
    assert_eq!(output("crew", |_| ()).0.unwrap(), 0);
    let (status, _) = output("trap", |wasi| {
        wasi.arg("divide");
    });
    let error = status.unwrap_err();
    let trap = error.trap().unwrap();
    assert_eq!(trap.code(), TrapCode::IntegerDivideByZero);
    assert!(trap.frames().iter().any(|frame| frame.function.as_deref() == Some("level_three")));
}

#[test]
fn files() {
    let folder = env::temp_dir().join(format!("wasmaot-rust-{}-folder", process::id()));
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("file"), "what is in it").unwrap();
    let (status, out) = output("cat", |wasi| {
        wasi.arg("file").read_only_dir(&folder, "/data").env("NAME", "value").inherit_env();
    });
    assert_eq!((status.unwrap(), out.as_str()), (0, "what is in it"));
    fs::remove_dir_all(&folder).unwrap();
    let (status, _) = output("cat", |wasi| {
        wasi.arg("file").dir(&folder, "/data");
    });
    assert_eq!(kind(status), ErrorKind::System);
    let (status, _) = output("hello", |wasi| {
        wasi.arg("a\0b").arg("c");
    });
    assert_eq!(kind(status), ErrorKind::Usage);
    let mut wasi = Wasi::new();
    assert_ne!(wasi.listen("127.0.0.1:0").unwrap(), 0);
    assert_eq!(kind(wasi.listen("localhost:0")), ErrorKind::Usage);
    wasi.descriptor(temporary()).unwrap();
    assert!(wasi.descriptor(File::open("/").unwrap()).is_err());
}

/// A stream of the host's stays open as long as a store's programs use it.
#[test]
fn streams() {
    let engine = engine();
    let out = temporary();
    let mut store = Store::new(&engine).unwrap();
    let mut linker = Linker::new(&mut store).unwrap();
    let mut wasi = Wasi::new();
    let mut input = temporary();
    input.write_all(b"from the host").unwrap();
    input.seek(SeekFrom::Start(0)).unwrap();
    wasi.args(["hello"]).stdout(out.try_clone().unwrap()).stderr(temporary()).stdin(input);
    linker.define_wasi(&mut store, &wasi).unwrap();
    assert_eq!(kind(linker.define_wasi(&mut store, &wasi)), ErrorKind::Usage);
    drop(wasi);
    let program = Module::new(&engine, file("WASMAOT_TEST_GUESTS", "hello")).unwrap();
    let group = Group::new(GroupOptions::default()).unwrap();
    assert_eq!(group.run_command(&mut store, &linker, &program).unwrap(), 0);
    assert!(contents(out).contains("ello"));
}

/// Four threads of a program in a state, with host functions that any of them calls.
fn run_states(
    engine: &Engine,
    program: &Module,
    state: &str,
    group: Group,
    busy: impl Fn(Caller<'_>, ()) -> Result<i32> + Send + Sync + 'static,
) -> Result<i32> {
    let mut store = Store::new(engine)?;
    let mut linker = Linker::new(&mut store)?;
    linker.define_wasi(&mut store, Wasi::new().args(["states", state]))?;
    linker.func(&mut store, "host", "busy", busy)?;
    linker.func(&mut store, "host", "ready", |_, ()| Ok(0))?;
    linker.func(&mut store, "host", "verdict", |_, ()| {
        while !wasmaot::stopping() {
            thread::sleep(Duration::from_millis(1));
        }
        Ok(0)
    })?;
    group.run_command(&mut store, &linker, program)
}

#[test]
fn stopping() {
    let engine = Engine::new(Config::new().optimization(0)).unwrap();
    let program = Module::new(&engine, file("WASMAOT_TEST_GUESTS", "states")).unwrap();
    let busy = |_: Caller<'_>, ()| {
        thread::sleep(Duration::from_millis(1));
        Ok(0)
    };
    let begin = Instant::now();
    for state in ["spin", "wait", "host"] {
        let group = Group::new(GroupOptions::default()).unwrap();
        let stopper = group.stopper();
        let thread = thread::spawn(move || {
            thread::sleep(Duration::from_millis(100));
            stopper.stop();
            stopper
        });
        let ended = run_states(&engine, &program, state, group, busy);
        assert_eq!(code(ended), TrapCode::Interrupted);
        // The group is gone.
        thread.join().unwrap().stop();
        let timeout = Some(Duration::from_millis(100));
        let options = GroupOptions { timeout, max_threads: Some(4), stack_size: Some(1 << 20) };
        let group = Group::new(options).unwrap();
        assert_eq!(code(run_states(&engine, &program, state, group, busy)), TrapCode::Timeout);
    }
    let group = Group::new(GroupOptions::default()).unwrap();
    group.stopper().stop();
    assert_eq!(code(run_states(&engine, &program, "spin", group, busy)), TrapCode::Interrupted);
    assert!(begin.elapsed() < Duration::from_secs(60));
}

/// A function that starts threads, called in a group.
#[test]
fn reactors() {
    let engine = engine();
    let mut store = Store::new(&engine).unwrap();
    let mut linker = Linker::new(&mut store).unwrap();
    linker.define_wasi(&mut store, &Wasi::new()).unwrap();
    let panics = Arc::new(AtomicBool::new(false));
    let blocks = Arc::new(AtomicBool::new(false));
    let on_thread = {
        let (panics, blocks) = (panics.clone(), blocks.clone());
        move |mut caller: Caller<'_>, value: i32| match value {
            _ if value == -1 || blocks.load(Ordering::SeqCst) => {
                while !wasmaot::stopping() {
                    thread::sleep(Duration::from_millis(1));
                }
                Err(Error::host("stopped"))
            }
            3 if panics.load(Ordering::SeqCst) => panic!("three"),
            3 => caller.store().map(drop),
            _ => Ok(()),
        }
    };
    linker.func(&mut store, "host", "on_thread", on_thread).unwrap();
    let instance = linker.instantiate(&mut store, &module(&engine, "reactor")).unwrap();
    let sum = instance.func(&mut store, "sum").unwrap();
    let leave = instance.func(&mut store, "leave").unwrap();
    let group = || Group::new(GroupOptions::default()).unwrap();
    for _ in 0..3 {
        assert_eq!(group().call(&mut store, &sum, &[Val::I32(2)]).unwrap(), [Val::I32(3)]);
        assert_eq!(group().call(&mut store, &leave, &[]).unwrap(), []);
        // The store's objects are not for the program's threads.
        assert_eq!(kind(group().call(&mut store, &sum, &[Val::I32(3)])), ErrorKind::Usage);
        panics.store(true, Ordering::SeqCst);
        let panic = catch_unwind(AssertUnwindSafe(|| group().call(&mut store, &sum, &[Val::I32(5)])));
        assert_eq!(*panic.unwrap_err().downcast_ref::<&str>().unwrap(), "three");
        panics.store(false, Ordering::SeqCst);
    }
    let options = GroupOptions { max_threads: Some(1), ..GroupOptions::default() };
    let refused = Group::new(options).unwrap().call(&mut store, &sum, &[Val::I32(2)]).unwrap();
    assert!(matches!(refused[..], [Val::I32(3 | -1)]), "{refused:?}");
    assert_eq!(kind(group().call(&mut store, &sum, &[])), ErrorKind::Usage);
    // Outside of a group there are no threads.
    assert_eq!(sum.call(&mut store, &[Val::I32(2)]).unwrap(), [Val::I32(-2)]);
    let stopped = group();
    stopped.stopper().stop();
    assert_eq!(code(stopped.call(&mut store, &sum, &[Val::I32(2)])), TrapCode::Interrupted);
    // Threads that wait for each other for ever.
    blocks.store(true, Ordering::SeqCst);
    let timeout = Some(Duration::from_millis(50));
    let timed = Group::new(GroupOptions { timeout, ..GroupOptions::default() }).unwrap();
    assert_eq!(code(timed.call(&mut store, &sum, &[Val::I32(2)])), TrapCode::Timeout);
}

/// What host functions throw on the threads of a program reaches who runs it, and they have no store there.
#[test]
fn host_functions_of_programs() {
    let engine = Engine::new(Config::new().optimization(0)).unwrap();
    let program = Module::new(&engine, file("WASMAOT_TEST_GUESTS", "states")).unwrap();
    let group = || Group::new(GroupOptions::default()).unwrap();
    let ended = run_states(&engine, &program, "host", group(), |_, ()| Err(Error::host(Mine(5))));
    assert_eq!(*ended.unwrap_err().downcast::<Mine>().unwrap(), Mine(5));
    let panic = catch_unwind(AssertUnwindSafe(|| {
        run_states(&engine, &program, "host", group(), |_, ()| panic!("on a thread"))
    }));
    assert_eq!(*panic.unwrap_err().downcast_ref::<&str>().unwrap(), "on a thread");
    let ended = run_states(&engine, &program, "host", group(), |mut caller, ()| {
        assert_eq!(kind(caller.export("memory")), ErrorKind::Usage);
        caller.store()?;
        Ok(0)
    });
    assert_eq!(kind(ended), ErrorKind::Usage);
    let ended = run_states(&engine, &program, "host", group(), |caller, ()| {
        let mut byte = [0];
        caller.read(caller.memory_size() as u64 - 1, &mut byte)?;
        Err(Trap::exit(3).into())
    });
    assert_eq!(ended.unwrap(), 3);
}

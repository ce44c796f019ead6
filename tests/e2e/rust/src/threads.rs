//! Everything of `std::thread` and `std::sync` that programs use.

use std::cell::RefCell;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, AtomicUsize, Ordering};
use std::sync::{mpsc, Arc, Barrier, Condvar, Mutex, Once, RwLock};
use std::thread;
use std::time::{Duration, Instant};

pub fn run(part: &str) {
    match part {
        "threads" => {
            joined();
            scoped();
            channels();
            mutex_and_condition();
            timeouts();
            readers_and_writers();
            locals();
            once_and_barrier();
            parked();
            atomics();
            many();
            println!("threads are right");
        }
        "panic-in-thread" => {
            let thread = thread::Builder::new().name("unlucky".into());
            let _ = thread.spawn(|| panic!("in a thread")).unwrap().join();
            println!("not reached");
        }
        "exit-in-thread" => {
            let busy: Vec<_> = (0..3)
                .map(|i| thread::spawn(move || spin_or_wait(i)))
                .collect();
            thread::spawn(|| {
                thread::sleep(Duration::from_millis(50));
                std::process::exit(17)
            });
            busy.into_iter().for_each(|t| t.join().unwrap());
        }
        "main-returns" => {
            (0..3).for_each(|i| drop(thread::spawn(move || spin_or_wait(i))));
            thread::sleep(Duration::from_millis(50));
            println!("main returns");
        }
        "overflow-in-thread" => {
            let sum = thread::spawn(|| super::deeper(1)).join().unwrap();
            println!("not reached {sum}");
        }
        _ => panic!("no such part"),
    }
}

/// Never returns: in a loop without calls, in a lock, or asleep.
fn spin_or_wait(how: i32) {
    static FOREVER: AtomicBool = AtomicBool::new(true);
    match how {
        0 => while FOREVER.load(Ordering::Relaxed) {},
        1 => {
            let lock = Mutex::new(());
            let _held = lock.lock().unwrap();
            let _never = lock.lock();
        }
        _ => thread::sleep(Duration::from_secs(3600)),
    }
}

fn joined() {
    let threads: Vec<_> = (0..8u64)
        .map(|i| thread::spawn(move || (0..=i * 1000).sum::<u64>()))
        .collect();
    for (i, t) in threads.into_iter().enumerate() {
        let n = i as u64 * 1000;
        assert_eq!(t.join().unwrap(), n * (n + 1) / 2);
    }
    let named = thread::Builder::new()
        .name("worker".into())
        .stack_size(256 << 10);
    let name = named
        .spawn(|| thread::current().name().map(str::to_owned))
        .unwrap();
    assert_eq!(name.join().unwrap().as_deref(), Some("worker"));
}

fn scoped() {
    let mut numbers = vec![0u64; 100_000];
    thread::scope(|scope| {
        for (i, part) in numbers.chunks_mut(30_000).enumerate() {
            scope.spawn(move || {
                for (j, number) in part.iter_mut().enumerate() {
                    *number = (i * 30_000 + j) as u64 * 2;
                }
            });
        }
    });
    assert!(numbers.iter().enumerate().all(|(i, &n)| n == i as u64 * 2));
}

fn channels() {
    let (send, receive) = mpsc::channel::<(usize, String)>();
    for producer in 0..4 {
        let send = send.clone();
        thread::spawn(move || {
            (0..500).for_each(|i| send.send((producer, format!("{i}"))).unwrap());
        });
    }
    drop(send);
    let mut next = [0; 4];
    for (producer, text) in receive {
        assert_eq!(text, next[producer].to_string());
        next[producer] += 1;
    }
    assert_eq!(next, [500; 4]);

    // Nothing fits into a rendezvous channel.
    let (send, receive) = mpsc::sync_channel(0);
    let sender = thread::spawn(move || (0..200u32).all(|i| send.send(i).is_ok()));
    assert_eq!(receive.iter().take(200).sum::<u32>(), 199 * 100);
    assert!(sender.join().unwrap());
}

fn mutex_and_condition() {
    let shared = Arc::new((Mutex::new(0u32), Condvar::new()));
    let threads: Vec<_> = (0..4u32)
        .map(|me| {
            let shared = Arc::clone(&shared);
            thread::spawn(move || {
                let (turn, changed) = &*shared;
                for _ in 0..100 {
                    let mut turn = changed
                        .wait_while(turn.lock().unwrap(), |t| *t % 4 != me)
                        .unwrap();
                    *turn += 1;
                    changed.notify_all();
                }
            })
        })
        .collect();
    threads.into_iter().for_each(|t| t.join().unwrap());
    assert_eq!(*shared.0.lock().unwrap(), 400);
    let held = shared.0.lock().unwrap();
    assert!(shared.0.try_lock().is_err());
    drop(held);
}

fn timeouts() {
    let (lock, condition) = (Mutex::new(()), Condvar::new());
    let start = Instant::now();
    let (_held, result) = condition
        .wait_timeout_while(lock.lock().unwrap(), Duration::from_millis(30), |_| true)
        .unwrap();
    assert!(result.timed_out() && start.elapsed() >= Duration::from_millis(30));
    let (_send, receive) = mpsc::channel::<()>();
    assert_eq!(
        receive.recv_timeout(Duration::from_millis(10)),
        Err(mpsc::RecvTimeoutError::Timeout)
    );
}

fn readers_and_writers() {
    let pair = RwLock::new((0u64, 0u64));
    thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| {
                for _ in 0..2000 {
                    let (a, b) = *pair.read().unwrap();
                    assert_eq!(a * 3, b);
                }
            });
        }
        for _ in 0..2 {
            scope.spawn(|| {
                for _ in 0..2000 {
                    let mut both = pair.write().unwrap();
                    both.0 += 1;
                    both.1 += 3;
                }
            });
        }
    });
    assert_eq!(pair.into_inner().unwrap(), (4000, 12_000));
}

struct CountsDrops(u32);
static DROPPED: AtomicU32 = AtomicU32::new(0);

impl Drop for CountsDrops {
    fn drop(&mut self) {
        DROPPED.fetch_add(self.0, Ordering::SeqCst);
    }
}

thread_local! {
    static OWN: RefCell<Vec<u32>> = RefCell::new(vec![1]);
    static GUARD: RefCell<CountsDrops> = RefCell::new(CountsDrops(0));
}

fn locals() {
    let threads: Vec<_> = (0..5u32)
        .map(|i| {
            thread::spawn(move || {
                GUARD.with(|g| g.borrow_mut().0 = 1);
                OWN.with(|own| own.borrow_mut().extend(0..i));
                thread::yield_now();
                OWN.with(|own| own.borrow().len() as u32)
            })
        })
        .collect();
    for (i, t) in threads.into_iter().enumerate() {
        assert_eq!(t.join().unwrap() as usize, i + 1);
    }
    OWN.with(|own| assert_eq!(own.borrow().len(), 1));
    assert_eq!(
        DROPPED.load(Ordering::SeqCst),
        5,
        "destructors of thread locals ran"
    );
}

fn once_and_barrier() {
    static ONCE: Once = Once::new();
    static CALLS: AtomicUsize = AtomicUsize::new(0);
    let barrier = Barrier::new(6);
    let leaders = AtomicUsize::new(0);
    thread::scope(|scope| {
        for _ in 0..6 {
            scope.spawn(|| {
                for _ in 0..50 {
                    if barrier.wait().is_leader() {
                        leaders.fetch_add(1, Ordering::SeqCst);
                    }
                }
                ONCE.call_once(|| {
                    CALLS.fetch_add(1, Ordering::SeqCst);
                });
                assert_eq!(CALLS.load(Ordering::SeqCst), 1);
            });
        }
    });
    assert_eq!(leaders.into_inner(), 50);
}

fn parked() {
    let flag = Arc::new(AtomicBool::new(false));
    let theirs = Arc::clone(&flag);
    let sleeper = thread::spawn(move || {
        while !theirs.load(Ordering::Acquire) {
            thread::park();
        }
    });
    thread::sleep(Duration::from_millis(10));
    flag.store(true, Ordering::Release);
    sleeper.thread().unpark();
    sleeper.join().unwrap();
    thread::park_timeout(Duration::from_millis(5));
}

fn atomics() {
    let (add, swap, max) = (AtomicU64::new(0), AtomicU64::new(0), AtomicU64::new(0));
    thread::scope(|scope| {
        for me in 1..=4u64 {
            let (add, swap, max) = (&add, &swap, &max);
            scope.spawn(move || {
                for i in 0..10_000 {
                    add.fetch_add(me, Ordering::Relaxed);
                    swap.fetch_update(Ordering::AcqRel, Ordering::Acquire, |v| Some(v + 1))
                        .unwrap();
                    max.fetch_max(me * i, Ordering::SeqCst);
                }
            });
        }
    });
    assert_eq!(add.into_inner(), 100_000);
    assert_eq!(swap.into_inner(), 40_000);
    assert_eq!(max.into_inner(), 39_996);
}

/// Threads come and go, so that their numbers and stacks are used again.
fn many() {
    let ended = Arc::new(AtomicU32::new(0));
    for round in 0..20 {
        let threads: Vec<_> = (0..25)
            .map(|_| {
                let ended = Arc::clone(&ended);
                thread::spawn(move || ended.fetch_add(1, Ordering::SeqCst))
            })
            .collect();
        assert_eq!(
            threads.into_iter().map(|t| t.join().unwrap()).max(),
            Some(round * 25 + 24)
        );
    }
    assert_eq!(ended.load(Ordering::SeqCst), 500);
}

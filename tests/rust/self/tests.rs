// Tests that end in every way there is, for the test of the program that counts them.
use std::thread;

#[test]
fn passes() {
    assert_eq!(thread::spawn(|| 6 * 7).join().unwrap(), 42);
}

#[test]
fn panics() {
    panic!("on purpose");
}

#[test]
fn panics_in_a_thread() {
    // Without unwinding that is the end of the program; with it `join` has the panic.
    assert!(thread::spawn(|| panic!("in a thread")).join().is_err());
}

#[test]
fn hangs() {
    loop {
        thread::park();
    }
}

#[test]
#[ignore]
fn is_ignored() {}

#[test]
fn writes_what_looks_like_an_event() {
    println!("{{ \"type\": \"test\", \"event\": \"ok\", \"name\": \"hangs\" }}");
}

#[test]
fn zz_passes_after_all_others() {}

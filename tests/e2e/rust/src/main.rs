//! What Rust's standard library does on wasmaot; the first argument says which part. A part that
//! finds a result to be wrong panics.

use std::io::{BufRead, Write};

#[cfg(feature = "threads")]
mod threads;

fn main() {
    let args: Vec<String> = std::env::args().collect();
    match args.get(1).map(String::as_str) {
        Some("args") => println!("{:?}", &args[2..]),
        Some("env") => env(),
        Some("files") => files().unwrap(),
        Some("lines") => lines().unwrap(),
        Some("clocks") => clocks(),
        Some("collections") => collections(),
        Some("exit") => std::process::exit(args[2].parse().unwrap()),
        Some("fail") => failure().unwrap(),
        Some("panic") => panic!("as it was asked to"),
        Some("index") => println!("{}", args[args.len() + 7]),
        Some("overflow") => println!("{}", deeper(1)),
        Some("wait") => wait(),
        Some("no-threads") => {
            let thread = std::thread::Builder::new().spawn(|| ());
            assert_eq!(thread.unwrap_err().kind(), std::io::ErrorKind::Unsupported);
        }
        #[cfg(feature = "threads")]
        Some(part) => threads::run(part),
        _ => panic!("no such part"),
    }
}

fn env() {
    let mut all: Vec<_> = std::env::vars().collect();
    all.sort();
    println!("{:?}", all);
    assert_eq!(
        std::env::var("NOBODY_SET_THIS"),
        Err(std::env::VarError::NotPresent)
    );
}

fn files() -> std::io::Result<()> {
    use std::fs;
    use std::io::{ErrorKind, Read, Seek, SeekFrom};

    fs::create_dir_all("made/inner")?;
    assert_eq!(
        fs::create_dir("made").unwrap_err().kind(),
        ErrorKind::AlreadyExists
    );
    let mut file = fs::OpenOptions::new()
        .read(true)
        .write(true)
        .create_new(true)
        .open("made/a")?;
    file.write_all(b"0123456789")?;
    file.seek(SeekFrom::Start(4))?;
    let mut four = [0; 4];
    file.read_exact(&mut four)?;
    assert_eq!(&four, b"4567");
    assert_eq!(file.seek(SeekFrom::Current(-6))?, 2);
    file.set_len(3)?;
    file.sync_all()?;
    assert_eq!(file.metadata()?.len(), 3);
    drop(file);
    fs::OpenOptions::new()
        .append(true)
        .open("made/a")?
        .write_all(b"!")?;
    assert_eq!(fs::read("made/a")?, b"012!");
    fs::rename("made/a", "made/inner/b")?;
    assert_eq!(
        fs::metadata("made/a").unwrap_err().kind(),
        ErrorKind::NotFound
    );
    assert_eq!(fs::copy("made/inner/b", "made/c")?, 4);
    fs::hard_link("made/c", "made/d")?;
    let modified = fs::metadata("made/d")?.modified()?;
    assert!(modified.elapsed().unwrap().as_secs() < 600);
    let mut names: Vec<_> = fs::read_dir("made")?
        .map(|entry| entry.map(|e| (e.file_name().into_string().unwrap(), e.path().is_dir())))
        .collect::<Result<_, _>>()?;
    names.sort();
    let expected = [("c", false), ("d", false), ("inner", true)];
    assert!(names.iter().map(|(n, d)| (n.as_str(), *d)).eq(expected));
    assert!(fs::remove_dir("made").is_err());
    fs::remove_dir_all("made")?;
    assert!(!std::path::Path::new("made").exists());
    println!("files are right");
    Ok(())
}

fn lines() -> std::io::Result<()> {
    let mut total = 0;
    for (number, line) in std::io::stdin().lock().lines().enumerate() {
        let line = line?;
        total += line.len();
        println!("{}: {}", number + 1, line);
    }
    eprintln!("{} bytes", total);
    Ok(())
}

fn clocks() {
    use std::time::{Duration, Instant, SystemTime};
    let start = Instant::now();
    std::thread::sleep(Duration::from_millis(20));
    assert!(start.elapsed() >= Duration::from_millis(20));
    assert!(start.elapsed() < Duration::from_secs(30));
    let now = SystemTime::now()
        .duration_since(SystemTime::UNIX_EPOCH)
        .unwrap();
    println!("{}", now.as_secs());
}

fn collections() {
    use std::collections::{BTreeMap, HashMap, HashSet};
    let mut numbers: Vec<u64> = (0..100_000).map(|i| i * 7919 % 100_003).collect();
    numbers.sort_unstable();
    assert!(numbers.windows(2).all(|w| w[0] < w[1]));
    let map: HashMap<u64, String> = numbers.iter().map(|&n| (n, format!("{n:x}"))).collect();
    assert_eq!(map[&255], "ff");
    let tree: BTreeMap<&str, u64> = map.iter().map(|(n, s)| (s.as_str(), *n)).collect();
    assert_eq!(tree.range("ff".."ff0").count(), 1);
    // Keys come from the host's random numbers: two maps differ.
    let order = |seed: &HashSet<u64>| seed.iter().copied().collect::<Vec<_>>();
    let one: HashSet<u64> = (0..1000).collect();
    let two: HashSet<u64> = one.iter().copied().collect();
    assert!(one == two);
    let three: HashSet<u64, std::collections::hash_map::RandomState> = HashSet::from_iter(0..1000);
    assert_ne!(order(&one), order(&three));
    let sum: f64 = (1..=1000).map(|i| 1.0 / f64::from(i)).sum();
    assert_eq!(format!("{sum:.12}"), "7.485470860550");
    assert_eq!("1e-7".parse::<f64>().unwrap().to_string(), "0.0000001");
    assert_eq!(u128::MAX / 3, 0x5555_5555_5555_5555_5555_5555_5555_5555);
    println!("collections are right");
}

fn failure() -> Result<(), Box<dyn std::error::Error>> {
    let text = std::fs::read_to_string("there-is-no-such-file")?;
    println!("{text}");
    Ok(())
}

#[inline(never)]
fn deeper(depth: u64) -> u64 {
    let noise = [depth; 64];
    // Whatever the optimiser thinks of it, each call has an array of its own.
    let noise = unsafe { std::ptr::read_volatile(&noise) };
    if depth == u64::MAX {
        return 0;
    }
    deeper(depth + 1) + noise[depth as usize % 64]
}

fn wait() {
    println!("waiting");
    std::io::stdout().flush().unwrap();
    loop {
        std::thread::sleep(std::time::Duration::from_secs(3600));
    }
}

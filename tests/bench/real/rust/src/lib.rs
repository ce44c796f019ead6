//! What the programs share: numbers and text that are the same everywhere, and the frame that measures.

use std::time::Instant;

/// xorshift32, as the programs in C have it.
pub struct Random(u32);

impl Random {
    pub fn new(seed: u32) -> Self {
        Random(seed.wrapping_mul(2).wrapping_add(1))
    }

    pub fn next(&mut self) -> u32 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 17;
        self.0 ^= self.0 << 5;
        self.0
    }

    pub fn below(&mut self, limit: u32) -> u32 {
        self.next() % limit
    }

    /// From 0 to 1.
    pub fn unit(&mut self) -> f64 {
        f64::from(self.next() >> 8) / f64::from(1 << 24)
    }
}

/// Adds a value to a checksum.
pub fn mix(sum: u64, value: u64) -> u64 {
    (sum ^ value)
        .wrapping_mul(0x9E37_79B9_7F4A_7C15)
        .wrapping_add(sum >> 29)
}

pub fn mix_bytes(sum: u64, bytes: &[u8]) -> u64 {
    bytes.iter().fold(sum, |sum, &byte| {
        (sum ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3)
    })
}

const SYLLABLES: [&str; 16] = [
    "ba", "con", "de", "er", "fi", "gra", "in", "ka", "lo", "men", "no", "per", "re", "sto", "ter",
    "un",
];

pub fn words(count: usize) -> Vec<String> {
    let mut random = Random::new(0);
    (0..count)
        .map(|_| {
            (0..1 + random.below(4))
                .map(|_| SYLLABLES[random.below(16) as usize])
                .collect()
        })
        .collect()
}

/// Sentences of words, frequent ones much more often than rare ones.
pub fn text(size: usize, seed: u32) -> String {
    let words = words(4096);
    let mut random = Random::new(seed);
    let mut text = String::with_capacity(size + 80);
    while text.len() < size {
        for i in 0..6 + random.below(12) {
            // The smaller of three numbers: small ones are the likeliest.
            let index = (0..3).map(|_| random.below(4096)).min().unwrap_or(0);
            if i > 0 {
                text.push_str(if random.below(12) == 0 { ", " } else { " " });
            }
            text.push_str(&words[index as usize]);
        }
        text.push_str(if random.below(4) == 0 { ".\n" } else { ". " });
    }
    text.truncate(size);
    text
}

/// Does the work, as many rounds as the argument says, and prints its checksum and the time it took.
pub fn run(rounds: u32, work: impl FnOnce(u32) -> u64) {
    let rounds = std::env::args()
        .nth(1)
        .and_then(|word| word.parse().ok())
        .unwrap_or(rounds);
    let start = Instant::now();
    let sum = std::hint::black_box(work(std::hint::black_box(rounds)));
    let taken = start.elapsed();
    println!("checksum {}", sum as i64);
    println!("nanoseconds {}", taken.as_nanos());
}

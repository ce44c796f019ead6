//! rayon and regex: searches many documents at a time.

use rayon::prelude::*;
use real::mix;
use regex::Regex;

fn main() {
    real::run(15, |rounds| {
        rayon::ThreadPoolBuilder::new()
            .num_threads(4)
            .build_global()
            .unwrap();
        let pattern =
            Regex::new(r"\b((?:con|gra|sto)[a-z]*ter|([a-z]{3,6})\s+un[a-z]*(?:lo|re))\b").unwrap();
        let mut sum = 0;
        for round in 0..rounds {
            let documents: Vec<String> = (0..64)
                .into_par_iter()
                .map(|i| real::text(30_000, round * 64 + i))
                .collect();
            let found: Vec<(usize, usize)> = documents
                .par_iter()
                .enumerate()
                .flat_map_iter(|(i, text)| {
                    pattern.find_iter(text).map(move |found| (found.len(), i))
                })
                .collect();
            let mut lengths = found.clone();
            lengths.par_sort_unstable();
            sum = lengths
                .iter()
                .fold(mix(sum, found.len() as u64), |sum, pair| {
                    mix(sum, (pair.0 * 64 + pair.1) as u64)
                });
        }
        sum
    });
}

//! An index of words, which threads fill through locks and a pool then sorts.

use rayon::prelude::*;
use real::{mix, mix_bytes};
use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, RwLock};
use std::thread;

const SHARDS: usize = 16;

fn shard(word: &str) -> usize {
    mix_bytes(7, word.as_bytes()) as usize % SHARDS
}

fn main() {
    real::run(15, |rounds| {
        rayon::ThreadPoolBuilder::new()
            .num_threads(4)
            .build_global()
            .unwrap();
        let mut sum = 0;
        for round in 0..rounds {
            let index: Vec<Mutex<HashMap<String, Vec<u32>>>> =
                (0..SHARDS).map(|_| Mutex::default()).collect();
            let stop: RwLock<Vec<String>> =
                RwLock::new(vec!["ba".into(), "un".into(), "re".into()]);
            let skipped = AtomicU64::new(0);
            thread::scope(|scope| {
                for worker in 0..4 {
                    let (index, stop, skipped) = (&index, &stop, &skipped);
                    scope.spawn(move || {
                        for document in 0..12 {
                            let number = round * 48 + worker * 12 + document;
                            for word in
                                real::text(20_000, number).split(|c: char| !c.is_alphanumeric())
                            {
                                if word.is_empty()
                                    || stop.read().unwrap().iter().any(|other| other == word)
                                {
                                    skipped.fetch_add(1, Ordering::Relaxed);
                                    continue;
                                }
                                let mut shard = index[shard(word)].lock().unwrap();
                                shard.entry(word.to_string()).or_default().push(number);
                            }
                        }
                    });
                }
            });
            let mut rows: Vec<(String, Vec<u32>)> = index
                .into_par_iter()
                .flat_map_iter(|shard| shard.into_inner().unwrap())
                .collect();
            rows.par_iter_mut().for_each(|row| row.1.sort_unstable());
            rows.par_sort_unstable_by(|a, b| b.1.len().cmp(&a.1.len()).then_with(|| a.0.cmp(&b.0)));
            sum = rows.iter().fold(
                mix(sum, skipped.load(Ordering::Relaxed)),
                |sum, (word, places)| {
                    places
                        .iter()
                        .fold(mix_bytes(sum, word.as_bytes()), |sum, &place| {
                            mix(sum, u64::from(place))
                        })
                },
            );
        }
        sum
    });
}

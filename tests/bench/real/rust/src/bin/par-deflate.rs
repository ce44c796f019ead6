//! miniz_oxide in four threads, which take blocks from one channel and send them back in another.

use miniz_oxide::{deflate::compress_to_vec, inflate::decompress_to_vec};
use real::mix_bytes;
use std::sync::{mpsc, Arc, Mutex};
use std::thread;

const BLOCK: usize = 64 << 10;

fn main() {
    real::run(2, |rounds| {
        let mut sum = 0;
        for round in 0..rounds {
            let text = Arc::new(real::text(48 * BLOCK, round));
            let (give, take) = mpsc::sync_channel::<usize>(8);
            let take = Arc::new(Mutex::new(take));
            let (send, receive) = mpsc::channel();
            let threads: Vec<_> = (0..4)
                .map(|_| {
                    let (text, take, send) = (text.clone(), take.clone(), send.clone());
                    thread::spawn(move || loop {
                        let Ok(block) = take.lock().unwrap().recv() else {
                            return;
                        };
                        let data = &text.as_bytes()[block * BLOCK..(block + 1) * BLOCK];
                        let packed = compress_to_vec(data, 6);
                        assert!(decompress_to_vec(&packed).unwrap() == data);
                        send.send((block, packed)).unwrap();
                    })
                })
                .collect();
            drop(send);
            (0..48).for_each(|block| give.send(block).unwrap());
            drop(give);
            let mut packed: Vec<_> = receive.iter().collect();
            threads
                .into_iter()
                .for_each(|thread| thread.join().unwrap());
            packed.sort();
            sum = packed
                .iter()
                .fold(sum, |sum, (_, data)| mix_bytes(sum, data));
        }
        sum
    });
}

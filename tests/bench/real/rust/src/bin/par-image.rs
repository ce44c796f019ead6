//! rayon and image: encodes, decodes and resizes many pictures at a time.

use image::{imageops, ImageFormat, Rgb, RgbImage};
use rayon::prelude::*;
use real::{mix, mix_bytes, Random};
use std::io::Cursor;

fn picture(seed: u32) -> RgbImage {
    let mut random = Random::new(seed);
    RgbImage::from_fn(200, 150, |x, y| {
        let noise = random.below(16);
        Rgb([
            (x + noise) as u8,
            (y * x / 200 + noise) as u8,
            (((x ^ y) & 0x78) + noise) as u8,
        ])
    })
}

fn work(seed: u32) -> u64 {
    let picture = picture(seed);
    let turned = imageops::rotate90(&picture);
    let small = imageops::resize(&turned, 60, 80, imageops::FilterType::Nearest);
    let mut png = Cursor::new(Vec::new());
    turned.write_to(&mut png, ImageFormat::Png).unwrap();
    let back = image::load_from_memory_with_format(png.get_ref(), ImageFormat::Png).unwrap();
    assert!(back.as_bytes() == turned.as_raw().as_slice());
    mix_bytes(mix_bytes(0, png.get_ref()), small.as_raw())
}

fn main() {
    real::run(15, |rounds| {
        rayon::ThreadPoolBuilder::new()
            .num_threads(4)
            .build_global()
            .unwrap();
        (0..rounds).fold(0, |sum, round| {
            let sums: Vec<u64> = (0..32)
                .into_par_iter()
                .map(|i| work(round * 32 + i))
                .collect();
            sums.into_iter().fold(sum, mix)
        })
    });
}

//! The image crate: encodes and decodes PNG and JPEG, resizes and blurs.

use image::codecs::jpeg::JpegEncoder;
use image::{imageops, ImageFormat, Rgb, RgbImage};
use real::{mix, mix_bytes, Random};
use std::io::Cursor;

fn picture(seed: u32) -> RgbImage {
    let mut random = Random::new(seed);
    RgbImage::from_fn(500, 400, |x, y| {
        let noise = random.below(12);
        Rgb([
            (x / 2 + noise) as u8,
            (y * x / 300 + noise) as u8,
            (((x ^ y) & 0x78) + noise) as u8,
        ])
    })
}

fn main() {
    real::run(40, |rounds| {
        let mut sum = 0;
        for round in 0..rounds {
            let picture = picture(round);
            let mut png = Cursor::new(Vec::new());
            picture.write_to(&mut png, ImageFormat::Png).unwrap();
            let back =
                image::load_from_memory_with_format(png.get_ref(), ImageFormat::Png).unwrap();
            assert!(back.as_bytes() == picture.as_raw().as_slice());
            let mut jpeg = Vec::new();
            JpegEncoder::new_with_quality(&mut jpeg, 85)
                .encode_image(&picture)
                .unwrap();
            let lossy = image::load_from_memory_with_format(&jpeg, ImageFormat::Jpeg)
                .unwrap()
                .to_rgb8();
            let small = imageops::resize(&picture, 210, 160, imageops::FilterType::Lanczos3);
            let soft = imageops::blur(&small, 2.0);
            sum = mix(mix_bytes(sum, png.get_ref()), jpeg.len() as u64);
            // What decoders and filters make of fractions may differ in the last bit between CPUs.
            sum = mix(
                sum,
                lossy.as_raw().len() as u64 + soft.as_raw().len() as u64,
            );
        }
        sum
    });
}

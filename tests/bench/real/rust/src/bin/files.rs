//! Many small files: writes a tree of them, walks it, reads, renames and removes.

use real::{mix, mix_bytes, Random};
use std::fs;
use walkdir::WalkDir;

const FOLDERS: u32 = 20;
const FILES: u32 = 50;

fn main() {
    real::run(12, |rounds| {
        let text = real::text(40_000, 3);
        let mut sum = 0;
        for round in 0..rounds {
            let mut random = Random::new(round);
            let root = format!("tree-{round}");
            for folder in 0..FOLDERS {
                let path = format!("{root}/{}/{folder}", folder % 4);
                fs::create_dir_all(&path).unwrap();
                for file in 0..FILES {
                    let start = random.below(30_000) as usize;
                    let size = random.below(6000) as usize;
                    fs::write(format!("{path}/{file}.txt"), &text[start..start + size]).unwrap();
                }
            }
            for entry in WalkDir::new(&root).sort_by_file_name() {
                let entry = entry.unwrap();
                sum = mix_bytes(sum, entry.file_name().as_encoded_bytes());
                if entry.file_type().is_file() {
                    let data = fs::read(entry.path()).unwrap();
                    assert!(entry.metadata().unwrap().len() == data.len() as u64);
                    sum = mix_bytes(sum, &data);
                    if data.len() % 3 == 0 {
                        fs::rename(entry.path(), entry.path().with_extension("old")).unwrap();
                    }
                }
            }
            let old = WalkDir::new(&root).into_iter().flatten();
            sum = mix(
                sum,
                old.filter(|entry| entry.path().extension().is_some_and(|end| end == "old"))
                    .count() as u64,
            );
            fs::remove_dir_all(&root).unwrap();
        }
        sum
    });
}

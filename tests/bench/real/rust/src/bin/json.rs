//! serde_json: writes records and reads them, into structures and into trees of values.

use real::{mix, mix_bytes, words, Random};
use serde::{Deserialize, Serialize};
use serde_json::Value;

#[derive(Serialize, Deserialize)]
struct Record {
    id: u32,
    name: String,
    tags: Vec<String>,
    score: f64,
    position: Option<(f64, f64)>,
    children: Vec<Record>,
}

fn record(random: &mut Random, words: &[String], depth: u32) -> Record {
    let mut word = |random: &mut Random| words[random.below(words.len() as u32) as usize].clone();
    Record {
        id: random.next(),
        name: format!("{} \"{}\"\n", word(random), word(random)),
        tags: (0..random.below(6)).map(|_| word(random)).collect(),
        score: random.unit() * 1000.0,
        position: (random.below(2) == 0).then(|| (random.unit(), random.unit())),
        children: if depth == 0 {
            Vec::new()
        } else {
            (0..3).map(|_| record(random, words, depth - 1)).collect()
        },
    }
}

fn walk(value: &Value, sum: u64) -> u64 {
    match value {
        Value::Null => mix(sum, 1),
        Value::Bool(flag) => mix(sum, u64::from(*flag) + 2),
        Value::Number(number) => mix(sum, number.as_f64().unwrap_or(0.0).to_bits()),
        Value::String(text) => mix_bytes(sum, text.as_bytes()),
        Value::Array(values) => values.iter().fold(sum, |sum, value| walk(value, sum)),
        Value::Object(fields) => fields.values().fold(sum, |sum, value| walk(value, sum)),
    }
}

fn main() {
    real::run(70, |rounds| {
        let words = words(500);
        let mut sum = 0;
        for round in 0..rounds {
            let mut random = Random::new(round);
            let records: Vec<Record> = (0..40).map(|_| record(&mut random, &words, 3)).collect();
            let text = serde_json::to_string(&records).unwrap();
            let back: Vec<Record> = serde_json::from_str(&text).unwrap();
            let value: Value = serde_json::from_str(&text).unwrap();
            sum = walk(
                &value,
                mix(sum, back.iter().map(|record| u64::from(record.id)).sum()),
            );
            sum = mix_bytes(
                sum,
                serde_json::to_string_pretty(&value).unwrap().as_bytes(),
            );
        }
        sum
    });
}

//! What the guest's unit tests, which `cargo test` runs through wasmaot, are about.

use std::collections::HashMap;

/// How often each word of a text occurs, the most frequent first.
pub fn count_words(text: &str) -> Vec<(String, usize)> {
    let mut counts: HashMap<String, usize> = HashMap::new();
    for word in text.split_whitespace() {
        *counts.entry(word.to_lowercase()).or_default() += 1;
    }
    let mut sorted: Vec<_> = counts.into_iter().collect();
    sorted.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    sorted
}

#[cfg(test)]
mod tests {
    use super::count_words;

    #[test]
    fn words_are_counted() {
        let counts = count_words("to be or not To be be");
        assert_eq!(counts[0], ("be".to_string(), 3));
        assert_eq!(counts[1], ("to".to_string(), 2));
        assert_eq!(counts.len(), 4);
    }

    #[test]
    fn results_are_errors_too() -> Result<(), std::num::ParseIntError> {
        assert_eq!("41".parse::<i32>()? + 1, 42);
        Ok(())
    }

    #[test]
    #[ignore = "fails on purpose, when it is asked for"]
    fn on_purpose() {
        assert_eq!(count_words("one").len(), 2, "on purpose");
    }

    #[test]
    #[cfg(feature = "threads")]
    fn threads_in_a_test() {
        let texts = ["a b", "a a", "c"];
        let total: usize = std::thread::scope(|scope| {
            let threads: Vec<_> = texts
                .iter()
                .map(|text| scope.spawn(move || count_words(text).len()))
                .collect();
            threads.into_iter().map(|t| t.join().unwrap()).sum()
        });
        assert_eq!(total, 4);
    }
}

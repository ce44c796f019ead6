//! The regex crate: finds and replaces patterns of several kinds in text.

use real::mix;
use regex::Regex;

const PATTERNS: [&str; 7] = [
    r"(con|gra|sto)[a-z]*ter\b",
    r"\b([a-z]{3,6})\s+([a-z]{3,6})\s+un[a-z]*",
    r"([^.;,]*)\bperlo\b([^.;,]*)[.;,]",
    r"(?i)\b(BA|DE)(?:con|men)+\b",
    r"(?m)^[a-z]+ (?:[a-z]+ ){5,9}[a-z]+\.$",
    r"\w+(?:bare|unin|graka)\w*",
    r"(?:a|e|o)[^n\s][a-z]+?(?:ter|sto)(?P<rest>\w*)",
];

fn main() {
    real::run(28, |rounds| {
        let patterns: Vec<Regex> = PATTERNS
            .iter()
            .map(|pattern| Regex::new(pattern).unwrap())
            .collect();
        let mut sum = 0;
        for round in 0..rounds {
            let text = real::text(600_000, round);
            for pattern in &patterns {
                for found in pattern.captures_iter(&text) {
                    for group in found.iter().flatten() {
                        sum = mix(sum, (group.start() * 31 + group.end()) as u64);
                    }
                }
            }
            sum = mix(sum, patterns[3].replace_all(&text, "<$1>").len() as u64);
        }
        sum
    });
}

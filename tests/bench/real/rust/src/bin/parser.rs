//! syn: parses Rust, and prettyplease prints it.

use real::{mix_bytes, words, Random};
use std::fmt::Write;

fn expression(out: &mut String, random: &mut Random, words: &[String], depth: u32) {
    let name = &words[random.below(words.len() as u32) as usize];
    match if depth == 0 {
        random.below(2)
    } else {
        random.below(9)
    } {
        0 => write!(out, "v_{name}").unwrap(),
        1 => write!(out, "{}", random.below(1000)).unwrap(),
        2 => write!(out, "f_{name}(&\"{name}\", ").unwrap(),
        3 => write!(
            out,
            "self.m_{name}::<Vec<Option<u{}>>>(",
            8 << random.below(4)
        )
        .unwrap(),
        4 => write!(out, "(|x_{name}: &'a T| x_{name} + ").unwrap(),
        5 => write!(
            out,
            "match v_{name} {{ Some(S {{ a, .. }}) if a > 3 => a, _ => "
        )
        .unwrap(),
        6 => write!(out, "if v_{name} < 7 && !w {{ ").unwrap(),
        7 => write!(
            out,
            "[v_{name} as usize; 4].iter().map(|&i| i * 2).sum::<usize>() + ("
        )
        .unwrap(),
        _ => write!(out, "(*v_{name} << 3 | ").unwrap(),
    }
    if depth == 0 || out.ends_with(|c: char| c.is_alphanumeric()) {
        return;
    }
    let end = if out.ends_with("=> ") {
        " }"
    } else if out.ends_with("{ ") {
        " } else { 0 }"
    } else {
        ")"
    };
    expression(out, random, words, depth - 1);
    out.push_str(end);
}

fn source(seed: u32) -> String {
    let words: Vec<String> = words(300);
    let mut random = Random::new(seed);
    let mut out = String::from(
        "#![allow(dead_code)]\nuse std::{collections::HashMap, fmt::{self, Debug}};\n",
    );
    for i in 0..120 {
        let name = &words[random.below(300) as usize];
        writeln!(
            out,
            "/// What {name} is.\n#[derive(Clone, Debug)]\npub struct S{i}<'a, T: Debug + 'a> {{"
        )
        .unwrap();
        writeln!(
            out,
            "  pub {name}_: HashMap<String, Vec<&'a T>>, other: [u8; {i}], f: fn(T) -> u32 }}"
        )
        .unwrap();
        writeln!(
            out,
            "impl<'a, T> fmt::Display for S{i}<'a, T> where T: Debug {{"
        )
        .unwrap();
        for j in 0..4 {
            write!(
                out,
                "  fn m{j}(&mut self, v_{name}: usize) -> Result<usize, fmt::Error> {{ let a = "
            )
            .unwrap();
            expression(&mut out, &mut random, &words, 7);
            out.push_str(";\n for i in 0..a { while i > 3 { v[i] += 1; break; } }\n Ok(");
            expression(&mut out, &mut random, &words, 7);
            out.push_str(") }\n");
        }
        out.push_str("}\n");
    }
    out
}

fn main() {
    real::run(3, |rounds| {
        let mut sum = 0;
        for round in 0..rounds {
            let file = syn::parse_file(&source(round)).unwrap();
            let printed = prettyplease::unparse(&file);
            let again = syn::parse_file(&printed).unwrap();
            assert!(again.items.len() == file.items.len());
            sum = mix_bytes(sum, printed.as_bytes());
        }
        sum
    });
}

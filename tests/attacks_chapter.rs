//! The chapter on known attacks names a test for every attack, and every one of them is there.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

const CHAPTER: &str = include_str!("../src/attacks.md");

/// The sources of one test binary: a file, or the files of a folder.
fn sources(binary: &str) -> String {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
    let file = tests.join(format!("{binary}.rs"));
    let mut files: Vec<PathBuf> = vec![file];
    if let Ok(folder) = fs::read_dir(tests.join(binary)) {
        files.extend(folder.flatten().map(|entry| entry.path()));
    }
    files
        .into_iter()
        .filter_map(|file| fs::read_to_string(file).ok())
        .collect()
}

/// The names of the functions that are tests, or cases that run on every store: such a function
/// takes what makes the store, and the compiler says if nobody runs it.
fn tests_of(binary: &str) -> BTreeSet<String> {
    let source = sources(binary);
    let lines: Vec<&str> = source.lines().map(str::trim).collect();
    let function = |line: &str| {
        let line = line.strip_prefix("pub(crate) ").unwrap_or(line);
        let name = line
            .strip_prefix("fn ")
            .or(line.strip_prefix("async fn "))?;
        Some(name.split('(').next()?.to_owned())
    };
    let mut tests = BTreeSet::new();
    for (at, line) in lines.iter().enumerate() {
        if line.contains("(make: Make)") {
            tests.extend(function(line));
        }
        if *line == "#[test]" || line.starts_with("#[tokio::test") {
            tests.extend(
                lines[at + 1..]
                    .iter()
                    .take(4)
                    .find_map(|line| function(line)),
            );
        }
    }
    tests
}

/// Everything of the form `binary::test`.
fn named() -> Vec<(&'static str, &'static str)> {
    CHAPTER
        .split('`')
        .filter_map(|text| text.split_once("::"))
        .filter(|(binary, test)| {
            let is_name = |text: &str| {
                text.bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
            };
            is_name(binary) && is_name(test)
        })
        .collect()
}

#[test]
fn every_named_test_exists() {
    let named = named();
    assert!(named.len() > 50);
    for (binary, test) in named {
        assert!(
            tests_of(binary).contains(test),
            "{binary}::{test} is no test"
        );
    }
}

#[test]
fn every_attack_has_its_row_and_every_row_its_test() {
    let rows: Vec<Vec<&str>> = CHAPTER
        .lines()
        .filter(|line| line.starts_with("| ") && !line.starts_with("| #"))
        .map(|line| line.split('|').map(str::trim).collect())
        .collect();
    for row in &rows {
        assert_eq!(row.len(), 6, "{row:?}");
        assert!(
            row.iter().skip(1).take(4).all(|cell| !cell.is_empty()),
            "{row:?}"
        );
        assert!(row[4].contains("::"), "{row:?} names no test");
    }
    let numbers: BTreeSet<&str> = rows.iter().map(|row| row[1]).collect();
    assert_eq!(numbers.len(), rows.len(), "no number twice");
    for (letter, count) in [("T", 19), ("K", 6), ("C", 11), ("R", 4)] {
        for number in 1..=count {
            let name = format!("{letter}{number}");
            assert!(numbers.contains(name.as_str()), "{name} has no row");
        }
    }
}

#[test]
fn no_attack_of_the_tests_is_left_out() {
    let named: BTreeSet<&str> = named().into_iter().map(|(_, test)| test).collect();
    for binary in [
        "attacks_token",
        "attacks_keys",
        "attacks_cache",
        "contract_cache",
    ] {
        let numbered = tests_of(binary).into_iter().filter(|test| {
            test.starts_with("line_") || test[1..].starts_with(|first: char| first.is_ascii_digit())
        });
        for test in numbered {
            assert!(
                named.contains(&*test),
                "{binary}::{test} is not in the chapter"
            );
        }
    }
}

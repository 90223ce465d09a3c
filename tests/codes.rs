//! The table of codes is a promise: it only grows.
//!
//! `BLESS=1 cargo test --test codes` writes the golden file anew; a diff that does more than add
//! lines breaks every language and every client.

use std::fs;
use std::path::Path;

use bearerd::error::{Code, Reject};

const GOLDEN: &str = "tests/golden/codes.txt";

fn table() -> String {
    let mut table = String::from("# number name status: append-only\n");
    for code in Code::ALL {
        table.push_str(&format!(
            "{} {} {}\n",
            code.number(),
            code.name(),
            code.status()
        ));
    }
    table
}

#[test]
fn the_table_is_the_golden_one() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(GOLDEN);
    let blesses = std::env::vars().any(|(name, value)| name == "BLESS" && value == "1");
    if blesses {
        fs::write(&path, table()).unwrap();
    }
    let golden = fs::read_to_string(&path).unwrap();
    assert_eq!(
        table(),
        golden,
        "{GOLDEN} differs; if lines were only added, run with BLESS=1"
    );
}

#[test]
fn rows_are_unique_and_found_by_number() {
    for (at, code) in Code::ALL.iter().enumerate() {
        assert_eq!(Code::from_number(code.number()), Some(*code));
        for other in &Code::ALL[at + 1..] {
            assert!(code.number() < other.number(), "in ascending order");
            assert_ne!(code.name(), other.name());
        }
        assert!(!code.message().is_empty());
    }
    for number in [1, 99, 199, 299, 1_000, u16::MAX] {
        assert_eq!(Code::from_number(number), None);
    }
}

/// Rejects are made at line rate by whoever likes to.
#[test]
fn verdicts_are_small() {
    assert!(size_of::<Reject>() <= 8);
    assert!(size_of::<Result<(), Reject>>() <= 8);
    assert_eq!(size_of::<Code>(), 2);
}

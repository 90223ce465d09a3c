//! Memory, and what a million entries cost.

use crate::engines::{Engine, Moka, Ours, QuickTail};
use crate::record::record;
use crate::speed::compare;
use crate::tokens::{CLAIMS, Pick, TOKEN, token};

const LIVE: usize = 1_000_000;
/// Enough that pages weigh little: small caches are made as often as this needs.
const TOGETHER: usize = 100_000;

type Build = fn(usize) -> Box<dyn Engine>;

const SIDES: [Build; 3] = [
    |capacity| Box::new(Ours::new(capacity)),
    |capacity| Box::new(Moka::new(capacity)),
    |capacity| Box::new(QuickTail::new(capacity)),
];

/// Memory an entry of caches that hold a thousand, ten thousand and a hundred thousand.
pub(crate) fn memory() {
    for (title, live) in [("1,000", 1_000), ("10,000", 10_000), ("100,000", TOGETHER)] {
        println!("\n== memory, {title} live entries of {TOKEN} + {CLAIMS} bytes ==");
        for build in SIDES {
            let before = resident();
            let engines: Vec<_> = (0..TOGETHER / live).map(|_| build(places(live))).collect();
            for engine in &engines {
                (0..live as u64).for_each(|n| engine.put(&token(n)));
            }
            let used = resident() - before;
            let all: Vec<_> = (0..live as u64).map(token).collect();
            let held: usize = engines.iter().map(|engine| engine.batch(&all)).sum();
            assert!(
                held > TOGETHER * 9 / 10,
                "{} lost tokens",
                engines[0].name()
            );
            tell(title, engines[0].name(), used, held);
            // What is freed would be used by the next side, and missing from its count.
            std::mem::forget(engines);
        }
    }
}

/// One million live entries: time and memory.
pub(crate) fn million() {
    let before = resident();
    let cache = Ours::new(places(LIVE));
    let mut next = 0;
    while cache.0.stats().entries < LIVE {
        cache.put(&token(next));
        next += 1;
    }
    println!("\n== memory, 1,000,000 live entries of {TOKEN} + {CLAIMS} bytes ==");
    tell("1,000,000", cache.name(), resident() - before, LIVE);
    let live: Vec<u64> = (0..next)
        .filter(|n| cache.0.get(&token(*n)).is_some())
        .collect();
    let mut engines: Vec<Box<dyn Engine>> = vec![Box::new(cache)];
    for build in &SIDES[1..] {
        let before = resident();
        let engine = build(places(LIVE));
        live.iter().for_each(|n| engine.put(&token(*n)));
        tell("1,000,000", engine.name(), resident() - before, LIVE);
        engines.push(engine);
    }
    compare("1,000,000 Zipf", &engines, &live, Pick::Zipf, 1500);
    compare("1,000,000 uniform", &engines, &live, Pick::Uniform, 1500);
}

/// A cache that is never full.
fn places(live: usize) -> usize {
    live * 13 / 10
}

fn tell(title: &str, name: &str, bytes: usize, entries: usize) {
    let beyond = bytes as f64 / entries as f64 - (TOKEN + CLAIMS) as f64;
    record(
        &format!("memory of {title} live entries"),
        name,
        "bytes",
        &[beyond],
    );
    println!("{name:<26} {beyond:>6.0} bytes an entry beyond token and claims");
}

/// Bytes of memory that the process has.
fn resident() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:"));
    let kilobytes = line.and_then(|line| line.split_whitespace().nth(1));
    kilobytes.unwrap().parse::<usize>().unwrap() * 1024
}

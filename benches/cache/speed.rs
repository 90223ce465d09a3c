//! How long a hit takes, on one thread.

use rustix::time::{ClockId, clock_gettime};

use crate::engines::{Engine, all};
use crate::record::{quick, record};
use crate::tokens::{Draw, Pick, TOKEN, Token, token, write_token};

/// Lookups between two readings of the clock: what fits in the processor's first two caches.
const BATCH: usize = 64;

pub(crate) fn thread_time() -> u64 {
    nanoseconds(ClockId::ThreadCPUTime)
}

pub(crate) fn wall_time() -> u64 {
    nanoseconds(ClockId::Monotonic)
}

fn nanoseconds(clock: ClockId) -> u64 {
    let time = clock_gettime(clock);
    u64::try_from(time.tv_sec * 1_000_000_000 + time.tv_nsec).unwrap()
}

pub(crate) fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// Times every side on `population` live tokens.
pub(crate) fn run(title: &str, population: usize, capacity: usize, pick: Pick) {
    let engines = all(capacity);
    let (ours, others) = engines.split_at(2);
    let live = fill(ours, population as u64);
    for engine in others {
        live.iter().for_each(|n| engine.put(&token(*n)));
    }
    compare(title, &engines, &live, pick, 300);
}

/// Puts tokens in until so many are there in each, and says which: a set of ours may be full before
/// the table is.
fn fill(engines: &[Box<dyn Engine>], population: u64) -> Vec<u64> {
    let (mut next, mut live) = (0, Vec::new());
    while (live.len() as u64) < population {
        let more = (population - live.len() as u64).max(BATCH as u64);
        for n in next..next + more {
            engines.iter().for_each(|engine| engine.put(&token(n)));
        }
        next += more;
        assert!(next < population * 4, "there is no room for {population}");
        let is_held = |n: &u64| engines.iter().all(|engine| engine.batch(&[token(*n)]) == 1);
        live = (0..next).filter(is_held).collect();
    }
    live.truncate(usize::try_from(population).unwrap());
    live
}

/// Rounds of all sides, each warmed first; medians, and what they are of moka's and ours of each.
pub(crate) fn compare(
    title: &str,
    engines: &[Box<dyn Engine>],
    live: &[u64],
    pick: Pick,
    batches: usize,
) {
    let mut tokens = vec![[0; TOKEN]; BATCH];
    let mut draw = Draw::new(pick, live.len(), 1);
    // moka may drop what a full write buffer cannot take; every side must hold every token.
    for engine in engines {
        for chunk in live.chunks(BATCH) {
            for (n, token) in chunk.iter().zip(&mut tokens) {
                write_token(*n, token);
            }
            let hits = engine.batch(&tokens[..chunk.len()]);
            assert_eq!(hits, chunk.len(), "{} lost tokens", engine.name());
        }
    }
    let rounds = if quick() { 3 } else { 9 };
    let mut times = vec![Vec::new(); engines.len()];
    for round in 0..rounds {
        for turn in 0..engines.len() {
            let side = (turn + round) % engines.len();
            let engine = engines[side].as_ref();
            time(engine, &mut tokens, live, &mut draw, batches / 3);
            times[side].push(time(engine, &mut tokens, live, &mut draw, batches));
        }
    }
    let group = format!("cache: {title}");
    let mut medians = Vec::new();
    for (engine, times) in engines.iter().zip(times) {
        record(&group, engine.name(), "ns", &times);
        medians.push(median(times));
    }
    let moka = engines
        .iter()
        .position(|engine| engine.name() == "moka")
        .map(|at| medians[at]);
    println!("\n== {title}, one thread, {rounds} rounds ==");
    println!("{:<26} {:>8} {:>8} {:>10}", "", "ns", "x moka", "ours / it");
    for (engine, ns) in engines.iter().zip(&medians) {
        let of_moka = moka.map_or(f64::NAN, |moka| ns / moka);
        let ours = medians[0] / ns;
        println!(
            "{:<26} {ns:>8.1} {of_moka:>8.3} {ours:>10.3}",
            engine.name()
        );
    }
}

/// Nanoseconds a lookup: the median batch.
fn time(
    engine: &dyn Engine,
    tokens: &mut [Token],
    live: &[u64],
    draw: &mut Draw,
    batches: usize,
) -> f64 {
    let mut times = Vec::with_capacity(batches);
    for _ in 0..batches {
        for token in tokens.iter_mut() {
            write_token(live[draw.next()], token);
        }
        let start = wall_time();
        let hits = engine.batch(tokens);
        let end = wall_time();
        assert_eq!(hits, tokens.len(), "{}", engine.name());
        times.push(f64::from(u32::try_from(end - start).unwrap()) / BATCH as f64);
    }
    median(times)
}

//! What a second thread adds.

use std::sync::Barrier;

use crate::engines::{Engine, all};
use crate::record::{quick, record};
use crate::speed::{median, thread_time, wall_time};
use crate::tokens::{Draw, Pick, Token, token};

const LAPS: usize = 60;
/// Tokens that a thread looks up in turn, each in a buffer of its own.
const SEQUENCE: usize = 2_048;

pub(crate) fn run() {
    let engines = all(65_536);
    for engine in &engines {
        (0..10_000).for_each(|n| engine.put(&token(n)));
    }
    compare("1,000 hot", &engines, &[hot(1), hot(2)]);
    compare("10,000 Zipf", &engines, &[zipf(1), zipf(2)]);
    let same: Vec<Token> = (0..64).map(|_| token(1)).collect();
    compare("the same token", &engines, &[same.clone(), same]);
}

fn hot(seed: u64) -> Vec<Token> {
    sequence(Draw::new(Pick::Uniform, 1_000, seed))
}

fn zipf(seed: u64) -> Vec<Token> {
    sequence(Draw::new(Pick::Zipf, 10_000, seed))
}

fn sequence(mut draw: Draw) -> Vec<Token> {
    (0..SEQUENCE).map(|_| token(draw.next() as u64)).collect()
}

/// Throughput of both threads over that of one. Processor time counts, so a thread that waited for
/// a processor is not blamed on the cache; `together` says how much of the time both really ran.
fn compare(title: &str, engines: &[Box<dyn Engine>], sequences: &[Vec<Token>; 2]) {
    let mut results = vec![(Vec::new(), Vec::new(), Vec::new(), Vec::new()); engines.len()];
    let rounds = if quick() { 3 } else { 9 };
    for round in 0..rounds {
        for turn in 0..engines.len() {
            let side = (turn + round) % engines.len();
            let engine = engines[side].as_ref();
            laps(engine, &sequences[0]);
            let (one, _) = laps(engine, &sequences[0]);
            let start = Barrier::new(2);
            let both: Vec<(f64, f64)> = std::thread::scope(|scope| {
                let threads = sequences.each_ref().map(|sequence| {
                    let start = &start;
                    scope.spawn(move || {
                        laps(engine, sequence);
                        start.wait();
                        laps(engine, sequence)
                    })
                });
                threads.map(|thread| thread.join().unwrap()).into()
            });
            let two = (both[0].0 + both[1].0) / 2.0;
            let result = &mut results[side];
            result.0.push(one);
            result.1.push(two);
            result.2.push(2.0 * one / two);
            result.3.push(both[0].1.min(both[1].1));
        }
    }
    println!("\n== {title}, two threads, {rounds} rounds ==");
    println!(
        "{:<26} {:>8} {:>8} {:>8} {:>9}",
        "", "one ns", "two ns", "speed-up", "together"
    );
    for (engine, (one, two, speed_up, together)) in engines.iter().zip(results) {
        let group = format!("cache on two threads: {title}");
        record(&group, engine.name(), "ratio", &speed_up);
        println!(
            "{:<26} {:>8.1} {:>8.1} {:>8.2} {:>9.2}",
            engine.name(),
            median(one),
            median(two),
            median(speed_up),
            median(together)
        );
    }
}

/// Nanoseconds a lookup, and how much of the wall's time this thread had a processor.
fn laps(engine: &dyn Engine, sequence: &[Token]) -> (f64, f64) {
    let laps = LAPS * SEQUENCE / sequence.len();
    let (wall, start) = (wall_time(), thread_time());
    for _ in 0..laps {
        assert_eq!(engine.batch(sequence), sequence.len(), "{}", engine.name());
    }
    let (end, wall_end) = (thread_time(), wall_time());
    let spent = f64::from(u32::try_from(end - start).unwrap());
    let passed = f64::from(u32::try_from(wall_end - wall).unwrap());
    (spent / (laps * sequence.len()) as f64, spent / passed)
}

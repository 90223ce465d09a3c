//! Interleaved timing: every contender runs in every round, so a clock that drifts drifts for all.

use std::hint::black_box;
use std::time::{Duration, Instant};

use crate::record::{quick, record};

/// One thing to time. Each call of `run` does the work once.
pub struct Contender<'a> {
    pub name: &'a str,
    pub run: Box<dyn FnMut() + 'a>,
}

/// What a contender took, in nanoseconds a call.
pub struct Row {
    pub name: String,
    pub median: f64,
    pub least: f64,
    pub most: f64,
}

/// How many rounds there are, and how long a contender runs in each.
pub fn rounds() -> (usize, Duration) {
    if quick() {
        (3, Duration::from_millis(4))
    } else {
        (9, Duration::from_millis(30))
    }
}

pub fn contender<'a, T>(name: &'a str, mut run: impl FnMut() -> T + 'a) -> Contender<'a> {
    Contender {
        name,
        run: Box::new(move || {
            black_box(run());
        }),
    }
}

/// Times the contenders in turn and prints each beside the first, which is the yardstick.
pub fn compare(title: &str, mut contenders: Vec<Contender<'_>>) -> Vec<Row> {
    let (count, slice_of) = rounds();
    let counts: Vec<u32> = contenders
        .iter_mut()
        .map(|contender| calibrate(contender, slice_of))
        .collect();
    let mut times = vec![Vec::with_capacity(count); contenders.len()];
    for _ in 0..count {
        for (at, contender) in contenders.iter_mut().enumerate() {
            times[at].push(slice(contender, counts[at]));
        }
    }
    for (contender, times) in contenders.iter().zip(&times) {
        record(title, contender.name, "ns", times);
    }
    let rows: Vec<Row> = contenders
        .iter()
        .zip(times)
        .map(|(contender, times)| row(contender.name, times))
        .collect();
    println!("\n{title}");
    println!(
        "  {:<44} {:>10} {:>19} {:>8}",
        "", "ns/call", "least .. most", "ratio"
    );
    for row in &rows {
        let spread = format!("{:.0} .. {:.0}", row.least, row.most);
        println!(
            "  {:<44} {:>10.1} {:>19} {:>8.3}",
            row.name,
            row.median,
            spread,
            row.median / rows[0].median
        );
    }
    rows
}

pub fn row(name: &str, mut times: Vec<f64>) -> Row {
    times.sort_by(f64::total_cmp);
    Row {
        name: name.to_owned(),
        median: times[times.len() / 2],
        least: times[0],
        most: times[times.len() - 1],
    }
}

fn calibrate(contender: &mut Contender<'_>, slice: Duration) -> u32 {
    let mut count = 1;
    loop {
        let start = Instant::now();
        (0..count).for_each(|_| (contender.run)());
        if start.elapsed() >= slice / 4 || count > 1 << 26 {
            return (count * 4).max(1);
        }
        count *= 2;
    }
}

fn slice(contender: &mut Contender<'_>, count: u32) -> f64 {
    let start = Instant::now();
    (0..count).for_each(|_| (contender.run)());
    start.elapsed().as_nanos() as f64 / f64::from(count)
}

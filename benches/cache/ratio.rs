//! How many of the tokens that return are found, half of all tokens and more coming once only.

use bearerd::bench_support::{CacheConfig, TokenCache};
use bearerd::clock::UnixMillis;
use moka::policy::EvictionPolicy;

use crate::record::{self, record};
use crate::tokens::{Draw, NOW, Pick, Verified, write_token};

const SMALL: usize = 64;
const VERIFIED: Verified = Verified {
    expires_at: UnixMillis::MAX,
};

/// A cache as the simulation sees it: true if the token was there, else it is now, or not.
type Visit = Box<dyn FnMut(&[u8]) -> bool>;

/// Prints the table.
pub(crate) fn run() {
    println!("\n== hit ratio of tokens that return; others come once only ==");
    println!(
        "{:<44} {:>6} {:>12} {:>12} {:>12} {:>12} {:>12}",
        "", "moka", "quick_cache", "ours", "bytes bound", "sizes vary", "plain LRU"
    );
    for trace in &TRACES {
        let capacity = trace.capacity;
        let sides = [
            moka(capacity),
            quick(capacity),
            ours(capacity),
            by_bytes(capacity, false),
            by_bytes(capacity, true),
            lru(capacity),
        ];
        let ratios = sides.map(|visit| simulate(visit, trace));
        let names = [
            "moka",
            "quick_cache",
            "ours",
            "ours, bound by bytes",
            "ours, sizes vary",
            "plain LRU",
        ];
        for (name, found) in names.into_iter().zip(ratios) {
            record(
                &format!("hit ratio: {}", trace.title),
                name,
                "share",
                &[found],
            );
        }
        print!("{:<44} {:>6.3}", trace.title, ratios[0]);
        for ratio in &ratios[1..] {
            print!(" {ratio:>5.3}/{:>5.3}x", ratio / ratios[0]);
        }
        println!();
    }
}

struct Trace {
    title: &'static str,
    capacity: usize,
    /// How many tokens return, the more popular the more often.
    population: usize,
    /// What is popular changes ten times during the run.
    drift: bool,
    /// How many tokens that never return come in a row, and after how many that do: a job that goes
    /// through all accounts. Else they come in turn.
    scan: Option<(usize, usize)>,
}

const TRACES: [Trace; 5] = [
    zipf("1,000 places, Zipf over 10,000", 1_000, 10_000),
    zipf("10,000 places, Zipf over 100,000", 10_000, 100_000),
    zipf("10,000 places, Zipf over 1,000,000", 10_000, 1_000_000),
    Trace {
        drift: true,
        ..zipf("10,000 places, over 100,000, drifting", 10_000, 100_000)
    },
    Trace {
        scan: Some((20_000, 10_000)),
        ..zipf("10,000 places, scans of 20,000", 10_000, 30_000)
    },
];

const fn zipf(title: &'static str, capacity: usize, population: usize) -> Trace {
    Trace {
        title,
        capacity,
        population,
        drift: false,
        scan: None,
    }
}

fn simulate(mut visit: Visit, trace: &Trace) -> f64 {
    let requests = trace.capacity * if record::quick() { 10 } else { 60 };
    let mut draw = Draw::new(Pick::Zipf, trace.population, 7);
    let mut token = [0; SMALL];
    let (mut found, mut counted, mut once) = (0_u32, 0_u32, 0_u64);
    for n in 0..requests {
        let strangers = match trace.scan {
            None => 1,
            Some((length, every)) if n % every == every - 1 => length,
            Some(_) => 0,
        };
        for _ in 0..strangers {
            once += 1;
            write_token(1 << 40 | once, &mut token);
            assert!(!visit(&token), "a token that never came before was found");
        }
        let shift = if trace.drift {
            n * 10 / requests * trace.population / 10
        } else {
            0
        };
        let returns = ((draw.next() + shift) % trace.population) as u64;
        write_token(returns, &mut token);
        let hit = visit(&token);
        if n >= requests / 4 {
            counted += 1;
            found += u32::from(hit);
        }
    }
    f64::from(found) / f64::from(counted)
}

fn moka(capacity: usize) -> Visit {
    with_moka(moka::sync::Cache::new(capacity as u64))
}

fn lru(capacity: usize) -> Visit {
    let builder = moka::sync::Cache::builder().max_capacity(capacity as u64);
    with_moka(builder.eviction_policy(EvictionPolicy::lru()).build())
}

fn with_moka(cache: moka::sync::Cache<Box<[u8]>, ()>) -> Visit {
    let mut visits = 0_u32;
    Box::new(move |token| {
        visits += 1;
        if visits.is_multiple_of(64) {
            cache.run_pending_tasks();
        }
        let hit = cache.get(token).is_some();
        if !hit {
            cache.insert(token.into(), ());
        }
        hit
    })
}

fn quick(capacity: usize) -> Visit {
    let cache: quick_cache::sync::Cache<Box<[u8]>, ()> = quick_cache::sync::Cache::new(capacity);
    Box::new(move |token| {
        let hit = cache.get(token).is_some();
        if !hit {
            cache.insert(token.into(), ());
        }
        hit
    })
}

fn ours(capacity: usize) -> Visit {
    token_cache(capacity, usize::MAX, |_| 0)
}

/// As many entries as the others have, bounded by what they weigh.
fn by_bytes(capacity: usize, vary: bool) -> Visit {
    const CLAIMS: usize = 600;
    let weight = SMALL + CLAIMS + TokenCache::<Verified>::OVERHEAD;
    let claims: fn(&[u8]) -> usize = if vary {
        |token| usize::from(token[SMALL - 1] & 0x3f) * (2 * CLAIMS) / 63
    } else {
        |_| CLAIMS
    };
    token_cache(usize::MAX, weight * capacity, claims)
}

fn token_cache(max_entries: usize, max_bytes: usize, claims: fn(&[u8]) -> usize) -> Visit {
    let config = CacheConfig {
        max_entries,
        max_bytes,
        max_entry_bytes: 1 << 16,
    };
    let cache = TokenCache::new(config, [1, 2]);
    Box::new(move |token| {
        let hit = cache.get(token).is_some();
        if !hit {
            let _handle = cache.insert(token, &vec![0; claims(token)], VERIFIED, NOW);
        }
        hit
    })
}

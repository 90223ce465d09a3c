//! How many of the tokens that return are found, half of all tokens coming once only.

use bearerd::bench_support::{CacheConfig, TokenCache};
use bearerd::clock::UnixMillis;
use moka::policy::EvictionPolicy;

use crate::record::record;
use crate::tokens::{Draw, NOW, Pick, Verified, write_token};

const SMALL: usize = 64;
const VERIFIED: Verified = Verified {
    expires_at: UnixMillis::MAX,
};

/// A cache as the simulation sees it: true if the token was there, else it is now, or not.
type Visit = Box<dyn FnMut(&[u8]) -> bool>;

/// Prints the table.
pub(crate) fn run() {
    println!("\n== hit ratio of tokens that return; every other token comes once ==");
    println!(
        "{:<44} {:>6} {:>12} {:>12} {:>12} {:>12} {:>12}",
        "", "moka", "quick_cache", "ours", "bytes bound", "sizes vary", "plain LRU"
    );
    for (title, capacity, population, drift) in [
        ("1,000 places, Zipf over 10,000", 1_000, 10_000, false),
        ("10,000 places, Zipf over 100,000", 10_000, 100_000, false),
        (
            "10,000 places, Zipf over 1,000,000",
            10_000,
            1_000_000,
            false,
        ),
        (
            "10,000 places, over 100,000, drifting",
            10_000,
            100_000,
            true,
        ),
    ] {
        let sides = [
            moka(capacity),
            quick(capacity),
            ours(capacity),
            by_bytes(capacity, false),
            by_bytes(capacity, true),
            lru(capacity),
        ];
        let ratios = sides.map(|visit| simulate(visit, capacity, population, drift));
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
                &format!("hit ratio: {title}"),
                name,
                "share",
                found,
                found,
                found,
            );
        }
        print!("{title:<44} {:>6.3}", ratios[0]);
        for ratio in &ratios[1..] {
            print!(" {ratio:>5.3}/{:>5.3}x", ratio / ratios[0]);
        }
        println!();
    }
}

fn simulate(mut visit: Visit, capacity: usize, population: usize, drift: bool) -> f64 {
    let requests = capacity * 100;
    let mut draw = Draw::new(Pick::Zipf, population, 7);
    let mut token = [0; SMALL];
    let (mut found, mut counted) = (0_u32, 0_u32);
    for n in 0..requests {
        write_token(1 << 40 | n as u64, &mut token);
        assert!(!visit(&token), "a token that never came before was found");
        // What is popular changes ten times during the run.
        let shift = if drift {
            n * 10 / requests * population / 10
        } else {
            0
        };
        write_token(((draw.next() + shift) % population) as u64, &mut token);
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

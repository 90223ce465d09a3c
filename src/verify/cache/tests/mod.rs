//! The contract of the cache, through what its callers see.

mod bounds;
mod eviction;
mod lookup;
mod threads;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Barrier, Mutex};
use std::time::Duration;

use proptest::prelude::*;

use super::*;

const KEY: [u64; 2] = [0x0123_4567_89ab_cdef, 42];
const NOW: UnixMillis = UnixMillis::from_secs(1_700_000_000);
const LATER: UnixMillis = UnixMillis::from_secs(1_700_000_900);

const PAYLOAD: &[u8] = b"{\"sub\":\"user\"}";

/// Longer than any test waits; reached only if a promise is broken.
const NEVER: Duration = Duration::from_secs(20);

struct Value {
    token: Vec<u8>,
    claims: usize,
    expires_at: UnixMillis,
    #[expect(dead_code, reason = "it counts when it is dropped")]
    dropped: Option<Tally>,
    gate: Option<Gate>,
}

/// Stops the thread that stores a value while it holds the set's lock.
struct Gate {
    reached: Sender<()>,
    open: Mutex<Receiver<()>>,
}

impl Cacheable for Value {
    fn heap(&self) -> usize {
        self.claims
    }

    fn expires_at(&self) -> UnixMillis {
        if let Some(gate) = &self.gate {
            gate.reached.send(()).unwrap();
            gate.open.lock().unwrap().recv_timeout(NEVER).unwrap();
        }
        self.expires_at
    }
}

/// Counts the values that are gone.
struct Tally(Arc<AtomicUsize>);

impl Drop for Tally {
    fn drop(&mut self) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

fn token(n: usize) -> Vec<u8> {
    format!("eyJhbGciOiJIUzI1NiJ9.{n:080}.{:043}", n * 7).into_bytes()
}

fn value(n: usize) -> Value {
    Value {
        token: token(n),
        claims: 100,
        expires_at: LATER,
        dropped: None,
        gate: None,
    }
}

trait Keep {
    fn keep(&self, value: Value, now: UnixMillis) -> Hit<Value>;
}

impl Keep for TokenCache<Value> {
    fn keep(&self, value: Value, now: UnixMillis) -> Hit<Value> {
        let token = value.token.clone();
        self.insert(&token, PAYLOAD, value, now)
    }
}

fn lone(value: Value) -> Hit<Value> {
    Hit::lone(&value.token.clone(), PAYLOAD, value)
}

fn cache(max_entries: usize, max_bytes: usize) -> TokenCache<Value> {
    TokenCache::new(
        CacheConfig {
            max_entries,
            max_bytes,
            max_entry_bytes: 10_000,
        },
        KEY,
    )
}

/// Eight places, all of one set.
fn one_set() -> TokenCache<Value> {
    cache(8, usize::MAX)
}

fn assert_sums(stats: &CacheStats) {
    assert_eq!(
        stats.inserts,
        stats.evictions() + stats.entries as u64,
        "{stats:?}"
    );
}
